"""Small secrets of the schema ``web``, encrypted at rest, and digests of short codes: of no use to who reads it alone.

AES-256-GCM (NIST SP 800-38D) under a key that HKDF-SHA256 (RFC 5869) derives from what signs cookies. A ciphertext is
one byte of version, twelve of nonce, then ciphertext and tag; it opens only for the ``domaine`` that it was made for
(« totp:<compte> »), so that none can be put in another's place. Earlier secrets of the file still open what they closed
(:data:`django.conf.settings.SECRET_KEY_FALLBACKS`); only the first one encrypts.
"""

import hmac
import os
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from ledger.errors import ConstatError

VERSION: Final = b"\x01"
SECRETS: Final = b"constat/1 secrets du site"
EMPREINTES: Final = b"constat/1 empreintes du site"
"""What the two keys are derived for: nothing else of this deployment has the same ones."""
OCTETS_CLE: Final = 32
OCTETS_NONCE: Final = 12
OCTETS_SCEAU: Final = 16


class CoffreFermeError(ConstatError):
    """Un secret du site ne s'ouvre pas : sa clé a changé, ou il a été modifié."""

    def __init__(self) -> None:
        super().__init__(
            "un secret du site ne s'ouvre pas : la clé du site a changé (CONSTAT_WEB_SECRET), ou ce secret a été"
            " modifié ; remettez l'ancienne clé sous la nouvelle dans son fichier, ou donnez un nouveau secret"
        )


def chiffrer(clair: bytes, domaine: str) -> bytes:
    """The ciphertext of ``clair``, another one each time; it opens for the same ``domaine`` only."""
    nonce = os.urandom(OCTETS_NONCE)
    return VERSION + nonce + _cle(_secrets()[0]).encrypt(nonce, clair, _lie_a(domaine))


def dechiffrer(chiffre: bytes, domaine: str) -> bytes:
    """What :func:`chiffrer` was given.

    :raises CoffreFermeError: a byte, the domain, the version or the key is not the right one; nothing tells which.
    """
    version, nonce, sealed = chiffre[:1], chiffre[1 : 1 + OCTETS_NONCE], chiffre[1 + OCTETS_NONCE :]
    if version != VERSION or len(sealed) < OCTETS_SCEAU:
        raise CoffreFermeError
    for secret in _secrets():
        try:
            return _cle(secret).decrypt(nonce, sealed, _lie_a(domaine))
        except InvalidTag:
            continue
    raise CoffreFermeError


def empreintes(texte: str, domaine: str) -> tuple[str, ...]:
    """Keyed digests (HMAC-SHA256, hex) of a short code: under the key of now, which is kept, and the earlier ones."""
    told = f"{domaine}\0{texte}".encode()
    return tuple(hmac.digest(_derivee(each, EMPREINTES), told, "sha256").hex() for each in _secrets())


def _secrets() -> tuple[str, ...]:
    return tuple(map(str, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)))


@lru_cache(maxsize=16)
def _derivee(secret: str, pour: bytes) -> bytes:
    return HKDF(SHA256(), OCTETS_CLE, salt=None, info=pour).derive(secret.encode())


def _cle(secret: str) -> AESGCM:
    return AESGCM(_derivee(secret, SECRETS))


def _lie_a(domaine: str) -> bytes:
    return VERSION + domaine.encode()

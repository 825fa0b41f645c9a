"""Small secrets of the schema ``web``, encrypted at rest: who reads that schema alone reads none of them.

AES-256-GCM (NIST SP 800-38D) under a key that HKDF-SHA256 (RFC 5869) derives from what signs cookies. A ciphertext is
one byte of version, twelve of nonce, then ciphertext and tag; it opens only for the ``domaine`` that it was made for
(« totp:<compte> »), so that none can be put in another's place. Earlier secrets of the file still open what they closed
(:data:`django.conf.settings.SECRET_KEY_FALLBACKS`); only the first one encrypts.
"""

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
ETIQUETTE: Final = b"constat/1 secrets du site"
"""What the key is derived for: nothing else of this deployment has the same one."""
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
    return VERSION + nonce + _cle(settings.SECRET_KEY).encrypt(nonce, clair, _lie_a(domaine))


def dechiffrer(chiffre: bytes, domaine: str) -> bytes:
    """What :func:`chiffrer` was given.

    :raises CoffreFermeError: a byte, the domain, the version or the key is not the right one; nothing tells which.
    """
    version, nonce, sealed = chiffre[:1], chiffre[1 : 1 + OCTETS_NONCE], chiffre[1 + OCTETS_NONCE :]
    if version != VERSION or len(sealed) < OCTETS_SCEAU:
        raise CoffreFermeError
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return _cle(secret).decrypt(nonce, sealed, _lie_a(domaine))
        except InvalidTag:
            continue
    raise CoffreFermeError


@lru_cache(maxsize=8)
def _cle(secret: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), OCTETS_CLE, salt=None, info=ETIQUETTE).derive(secret.encode()))


def _lie_a(domaine: str) -> bytes:
    return VERSION + domaine.encode()

"""The deployment's keys: the one that wraps every person's key (KEK), those before it, and the key of the blind index.

A KEK is in the key file, or in a PKCS#11 token that it never leaves (:mod:`ledger.kek_token`). Either way a person's
key is wrapped by AES-256-GCM under a random 96-bit nonce, bound to the person's subject and blind index:
``nonce || ciphertext || tag``, 60 bytes. The key file (JSON, this user's alone) says which KEK is current and holds the
key of the blind index: in clear beside KEKs in clear, wrapped by the current KEK when that one is in a token.
"""

import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from glob import escape
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.errors import KeyFileError
from ledger.pkcs11_uri import TokenAddress

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
INDEX_BOUND: Final = b"constat/1 index"
"""What the wrapped key of the blind index is bound to."""
MARK_LABEL: Final = b"constat/1 module"
MARK_BYTES: Final = 4
MAX_FILE: Final = 1 << 20
Stamp = tuple[int, int, int]


class UnknownKekError(KeyFileError):
    """Cette clé de déploiement n'est ni dans le fichier de clés ni dans le module."""

    def __init__(self, kek_id: str) -> None:
        super().__init__(f"ce registre a été scellé avec la clé {kek_id[:64]}, absente du fichier de clés")


class Kek(Protocol):
    """What wraps and unwraps persons' keys."""

    @property
    def current(self) -> str:
        """The id of the KEK that wraps from now on."""

    def ids(self) -> tuple[str, ...]:
        """The ids of every KEK that can unwrap."""

    def wrap(self, key: bytes, bound: bytes) -> bytes:
        """``key`` wrapped with the current KEK, to be unwrapped with the same ``bound`` only.

        :raises UnknownKekError: the current KEK is gone from where it was kept.
        """

    def unwrap(self, kek_id: str, wrapped: bytes, bound: bytes) -> bytes:
        """The key that ``wrap`` was given.

        :raises UnknownKekError: that KEK is not here.
        :raises cryptography.exceptions.InvalidTag: a byte, or ``bound``, is not the one it was wrapped with.
        """


class FileKek:
    """KEKs that are known by their bytes."""

    def __init__(self, keks: Mapping[str, bytes], current: str) -> None:
        self.current = current
        self._aeads = {name: AESGCM(kek) for name, kek in keks.items()}

    def ids(self) -> tuple[str, ...]:
        """The ids, in the order of the file."""
        return tuple(self._aeads)

    def wrap(self, key: bytes, bound: bytes) -> bytes:
        """``key`` wrapped with the current KEK (see :class:`Kek`)."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead(self.current).encrypt(nonce, key, bound)

    def unwrap(self, kek_id: str, wrapped: bytes, bound: bytes) -> bytes:
        """The key that was wrapped (see :class:`Kek`)."""
        aead = self._aead(kek_id)
        if len(wrapped) < NONCE_BYTES:
            raise InvalidTag
        return aead.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound)

    def _aead(self, kek_id: str) -> AESGCM:
        aead = self._aeads.get(kek_id)
        if aead is None:
            raise UnknownKekError(kek_id)
        return aead


@dataclass(frozen=True, slots=True)
class DeploymentKeys:
    """The secrets of a deployment. Travels to worker processes; :meth:`kek` is made anew in each."""

    keks: Mapping[str, bytes] = field(repr=False)
    """The KEKs whose bytes are in the file, by id."""
    current: str
    index: bytes = field(repr=False)
    """The key of the blind index."""
    file: Path | None = field(default=None, compare=False)
    """Where they were read; ``None``: nowhere."""
    token: TokenAddress | None = field(default=None, compare=False)
    """The PKCS#11 token in which the other KEKs are."""
    rotating: bool = field(default=False, compare=False)
    """A rotation to the current KEK has begun and not ended."""
    stamp: Stamp = field(default=(0, 0, 0), compare=False, repr=False)
    """By which a file that was replaced since is known."""

    @classmethod
    def generate(cls, token: TokenAddress | None = None) -> "DeploymentKeys":
        """Fresh random keys; the KEK in ``token`` when there is one."""
        return cls({}, "", secrets.token_bytes(KEY_BYTES), token=token).with_new_kek(rotating=False)

    @classmethod
    def load(cls, path: Path, token: TokenAddress | None = None) -> "DeploymentKeys":
        """Read the key file; what of it is wrapped is unwrapped by ``token``.

        :raises KeyFileError: the file is missing, is not a key file, or the token does not open it.
        """
        keys = _read(path, token)
        known = keys.kek().ids() if token is not None else tuple(keys.keks)
        if keys.current not in known or any(len(key) != KEY_BYTES for key in (*keys.keks.values(), keys.index)):
            msg = f"{path.name} est incomplet : clé courante absente ou longueur inattendue"
            raise KeyFileError(msg)
        return keys

    def kek(self) -> Kek:
        """What wraps and unwraps with these keys."""
        file = FileKek(self.keks, self.current)
        return file if self.token is None else token_kek(self.token, file)

    @property
    def mark(self) -> bytes:
        """How the ids of the KEKs that are made for this ledger in a token begin: it may hold other ledgers' too."""
        return hmac.digest(self.index, MARK_LABEL, "sha256")[:MARK_BYTES]

    def with_new_kek(self, *, rotating: bool = True) -> "DeploymentKeys":
        """The same with a fresh KEK as the current one: in the token when there is one, else in the file to be."""
        if self.token is not None:
            from ledger.kek_token import generate  # noqa: PLC0415 - the extra "hsm" is needed by those who use it

            return replace(self, current=generate(self.token, self.mark), rotating=rotating)
        fresh = secrets.token_bytes(KEY_BYTES)
        kek_id = sha256(b"constat/1 kek\0" + fresh).hexdigest()[:16]
        return replace(self, keks={**self.keks, kek_id: fresh}, current=kek_id, rotating=rotating)

    def reloaded(self) -> "DeploymentKeys | None":
        """What the file holds now, when it was replaced since it was read; ``None`` when it was not."""
        if self.file is None or not self.file.exists() or _stamp(self.file) == self.stamp:
            return None
        return DeploymentKeys.load(self.file, self.token)

    def save(self, path: Path) -> None:
        """Write a new key file, readable by this user only, whole or not at all.

        :raises FileExistsError: there is one already; it stays as it is.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _write(handle, self._text())
            path.hardlink_to(beside)
        finally:
            beside.unlink(missing_ok=True)
        _sync_folder(path.parent)

    def without(self, kek_id: str) -> "DeploymentKeys":
        """The same without one of the KEKs whose bytes are in the file."""
        return replace(self, keks={name: kek for name, kek in self.keks.items() if name != kek_id})

    def save_over(self) -> "DeploymentKeys":
        """Replace the file these were read from, at once and for good: its readers see the old one or the new one.

        Its owner and mode stay. One process at a time, which the caller sees to.
        """
        if self.file is None:
            msg = "ces clés n'ont pas de fichier"
            raise KeyFileError(msg)
        path = self.file.resolve()  # the file itself: behind a link, the one that holds the old key would stay
        before = path.stat()
        beside = path.with_name(f".{path.name}.neuf")
        for left in path.parent.glob(f".{escape(path.name)}.*"):
            left.unlink(missing_ok=True)  # of a run that was killed: no copy of a key may stay behind
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(handle, before.st_uid, before.st_gid)  # who could read it must still be able to
            os.fchmod(handle, before.st_mode & 0o777)
            _write(handle, self._text())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        _sync_folder(path.parent)
        return replace(self, stamp=_stamp(path))

    def _text(self) -> str:
        said: dict[str, Any] = {"current": self.current, "keks": {name: key.hex() for name, key in self.keks.items()}}
        if self.current in self.keks:
            said["index"] = self.index.hex()
        else:
            said["index_wrapped"] = {"kek": self.current, "wrapped": self.kek().wrap(self.index, INDEX_BOUND).hex()}
        if self.rotating:
            said["rotating"] = True
        return json.dumps(said, sort_keys=True)


def token_kek(token: TokenAddress, file: FileKek) -> Kek:
    """The KEKs of ``token``, with those that are still in the file.

    :raises KeyFileError: the extra ``hsm`` is not installed.
    """
    try:
        from ledger.kek_token import TokenKek  # noqa: PLC0415 - the extra "hsm" is needed by those who use it
    except ImportError as error:
        msg = "CONSTAT_KEYS nomme un module PKCS#11 : installez d'abord l'option hsm (pip install 'constat[hsm]')"
        raise KeyFileError(msg) from error
    return TokenKek(token, file)


def _read(path: Path, token: TokenAddress | None) -> DeploymentKeys:
    try:
        stamp = _stamp(path)
        with path.open("rb") as file:
            stored = json.loads(file.read(MAX_FILE).decode("ascii"))
        keks = {str(name): bytes.fromhex(value) for name, value in stored["keks"].items()}
        keys = DeploymentKeys(keks, str(stored["current"]), b"", path, token, stored.get("rotating") is True, stamp)
        if "index_wrapped" not in stored:
            return replace(keys, index=bytes.fromhex(stored["index"]))
        sealed = stored["index_wrapped"]
        kek_id, wrapped = str(sealed["kek"]), bytes.fromhex(sealed["wrapped"])
    except FileNotFoundError as error:
        msg = f"le fichier de clés {path.name} manque : restaurez-le, sans lui le registre ne se lit pas"
        raise KeyFileError(msg) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        msg = f"{path.name} n'est pas un fichier de clés de Constat"
        raise KeyFileError(msg) from error
    try:
        return replace(keys, index=keys.kek().unwrap(kek_id, wrapped, INDEX_BOUND))
    except (InvalidTag, UnknownKekError) as error:
        msg = f"{path.name} est scellé par une clé d'un module PKCS#11, qui ne l'ouvre pas : vérifiez CONSTAT_KEYS"
        raise KeyFileError(msg) from error


def _write(handle: int, text: str) -> None:
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stamp(path: Path) -> Stamp:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size, stat.st_ino

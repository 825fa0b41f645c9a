"""KEKs in a PKCS#11 token: AES-256 keys made there, sensitive, not extractable, which wrap by CKM_AES_GCM there.

One session a process and token, since a login holds for the whole process and closing one session would end the
others'. A session that was lost (token pulled out, daemon restarted, process forked) is opened again, once.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import RLock
from typing import Any, Final, TypeVar

import pkcs11
from cryptography.exceptions import InvalidTag
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, ObjectClass, SecretKey, Session, Token

from ledger.errors import KeyFileError
from ledger.kek import KEY_BYTES, NONCE_BYTES, FileKek, UnknownKekError
from ledger.pkcs11_uri import TokenAddress

Answer = TypeVar("Answer")

TAG_BITS: Final = 128
ID_BYTES: Final = 8
LOST: Final = (
    pkcs11.exceptions.SessionClosed,
    pkcs11.exceptions.SessionHandleInvalid,
    pkcs11.exceptions.KeyHandleInvalid,
    pkcs11.exceptions.ObjectHandleInvalid,
    pkcs11.exceptions.DeviceError,
    pkcs11.exceptions.DeviceRemoved,
    pkcs11.exceptions.TokenNotPresent,
    pkcs11.exceptions.UserNotLoggedIn,
)
"""What a session that is no longer good answers: a new one is opened and the call made again, once."""
KEPT: Final[dict[Attribute, Any]] = {
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.MODIFIABLE: False,
    Attribute.ENCRYPT: True,
    Attribute.DECRYPT: True,
    Attribute.WRAP: False,
    Attribute.UNWRAP: False,
    Attribute.SIGN: False,
    Attribute.VERIFY: False,
    Attribute.DERIVE: False,
}


class TokenError(KeyFileError):
    """Le module PKCS#11 ne répond pas, ou refuse."""


class _Opened:
    """The session of this process with one token, and the KEKs found in it."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.session: Session | None = None
        self.keys: dict[str, SecretKey] = {}

    def forget(self) -> None:
        self.session = None
        self.keys.clear()


_opened: Final[dict[TokenAddress, _Opened]] = {}
_opening: Final = RLock()
_forked: Final[set[str]] = set()


def _after_fork() -> None:
    """A child may not use what it was born with (PKCS#11 v2.40, section 2.5.1): it begins anew."""
    _forked.update(str(address.module) for address in _opened)
    _opened.clear()


os.register_at_fork(after_in_child=_after_fork)


class TokenKek:
    """The KEKs of a token, and those of the time before it that are still in the file."""

    def __init__(self, address: TokenAddress, file: FileKek) -> None:
        self._address = address
        self._file = file

    @property
    def current(self) -> str:
        """The id of the KEK that wraps from now on: in the file still, until the first rotation to the token."""
        return self._file.current

    def ids(self) -> tuple[str, ...]:
        """Those of the file, then those of the token, of which some may be another ledger's."""
        return (*self._file.ids(), *sorted(_call(self._address, lambda opened: _ids(opened, self._address))))

    def wrap(self, key: bytes, bound: bytes) -> bytes:
        """``key`` wrapped with the current KEK (see :class:`ledger.kek.Kek`)."""
        if self.current in self._file.ids():
            return self._file.wrap(key, bound)
        nonce = os.urandom(NONCE_BYTES)
        return nonce + _call(self._address, lambda opened: self._encrypt(opened, nonce, key, bound))

    def unwrap(self, kek_id: str, wrapped: bytes, bound: bytes) -> bytes:
        """The key that was wrapped (see :class:`ledger.kek.Kek`)."""
        if kek_id in self._file.ids():
            return self._file.unwrap(kek_id, wrapped, bound)
        if len(wrapped) != NONCE_BYTES + KEY_BYTES + TAG_BITS // 8:
            raise InvalidTag
        return _call(self._address, lambda opened: self._decrypt(opened, kek_id, wrapped, bound))

    def _encrypt(self, opened: _Opened, nonce: bytes, key: bytes, bound: bytes) -> bytes:
        found: Any = _key(opened, self._address, self.current)
        sealed: bytes = found.encrypt(key, mechanism=Mechanism.AES_GCM, mechanism_param=_params(nonce, bound))
        return sealed

    def _decrypt(self, opened: _Opened, kek_id: str, wrapped: bytes, bound: bytes) -> bytes:
        found: Any = _key(opened, self._address, kek_id)
        params = _params(wrapped[:NONCE_BYTES], bound)
        try:
            key: bytes = found.decrypt(wrapped[NONCE_BYTES:], mechanism=Mechanism.AES_GCM, mechanism_param=params)
        except LOST:
            raise
        except pkcs11.exceptions.PKCS11Error as error:
            _prove(found)  # many a module says of a wrong tag no more than "general error": is it the token?
            raise InvalidTag from error
        return key


def generate(address: TokenAddress, mark: bytes) -> str:
    """Make a KEK in the token; its id, which begins with ``mark``.

    :raises TokenError: the token refuses.
    """
    kek_id = mark + secrets.token_bytes(ID_BYTES)

    def make(opened: _Opened) -> None:
        with _writing(address, opened) as session:
            session.generate_key(KeyType.AES, 8 * KEY_BYTES, id=kek_id, label=address.object, store=True, template=KEPT)

    _call(address, make)
    return kek_id.hex()


def destroy(address: TokenAddress, kek_id: str) -> None:
    """Destroy a KEK of the token, for ever; nothing when it is not there.

    :raises TokenError: the token refuses.
    """

    def act(opened: _Opened) -> None:
        opened.keys.clear()
        with _writing(address, opened) as session:
            for found in list(session.get_objects(_search(address, bytes.fromhex(kek_id)))):
                found.destroy()

    _call(address, act)


def _call(address: TokenAddress, act: Callable[[_Opened], Answer]) -> Answer:
    """The answer of ``act`` on this process's session, opened again once when it was lost."""
    with _opening:
        opened = _opened.setdefault(address, _Opened())
    with opened.lock:
        try:
            try:
                return act(_ready(address, opened))
            except LOST:
                opened.forget()
                return act(_ready(address, opened))
        except pkcs11.exceptions.PKCS11Error as error:
            opened.forget()
            raise _told(error) from error


def _told(error: pkcs11.exceptions.PKCS11Error) -> TokenError:
    """A message without anything of what the token was given."""
    match error:
        case pkcs11.exceptions.PinIncorrect() | pkcs11.exceptions.PinInvalid() | pkcs11.exceptions.PinLenRange():
            return TokenError("le module PKCS#11 refuse le code PIN ; n'insistez pas, il se bloquerait")
        case pkcs11.exceptions.PinLocked() | pkcs11.exceptions.PinExpired():
            return TokenError("le code PIN du module PKCS#11 est bloqué ou périmé : voyez son administrateur")
        case pkcs11.exceptions.NoSuchToken():
            return TokenError("le module PKCS#11 ne contient pas le jeton que nomme CONSTAT_KEYS")
    return TokenError(f"le module PKCS#11 ne répond pas comme il faut ({type(error).__name__})")


def _ready(address: TokenAddress, opened: _Opened) -> _Opened:
    if opened.session is None:
        opened.session = _open(address, rw=False)
    return opened


def _open(address: TokenAddress, *, rw: bool) -> Session:
    token = _token(address)
    try:
        return token.open(rw=rw, user_pin=address.pin())
    except pkcs11.exceptions.UserAlreadyLoggedIn:
        return token.open(rw=rw)


def _token(address: TokenAddress) -> Token:
    module = str(address.module)
    try:
        library = pkcs11.lib(module)
        if module in _forked:
            _forked.discard(module)
            library.reinitialize()
        named = {"token_label": address.token} | ({"token_serial": address.serial} if address.serial else {})
        return library.get_token(**named)
    except pkcs11.exceptions.NoSuchToken:
        raise
    except RuntimeError as error:  # the library cannot be loaded, or refuses to begin
        msg = f"le module PKCS#11 {address.module.name} ne se charge pas : vérifiez module-path"
        raise TokenError(msg) from error


@contextmanager
def _writing(address: TokenAddress, opened: _Opened) -> Iterator[Session]:
    """A second session, which may write: the login of the first one holds for it."""
    _ready(address, opened)
    session = _open(address, rw=True)
    try:
        yield session
    finally:
        with suppress(pkcs11.exceptions.PKCS11Error):
            session.close()


def _ids(opened: _Opened, address: TokenAddress) -> set[str]:
    return {found.id.hex() for found in _objects(opened, _search(address))}


def _objects(opened: _Opened, wanted: dict[Attribute, Any]) -> list[SecretKey]:
    if opened.session is None:
        raise pkcs11.exceptions.SessionClosed
    return [found for found in opened.session.get_objects(wanted) if isinstance(found, SecretKey)]


def _search(address: TokenAddress, kek_id: bytes | None = None) -> dict[Attribute, Any]:
    wanted: dict[Attribute, Any] = {
        Attribute.CLASS: ObjectClass.SECRET_KEY,
        Attribute.KEY_TYPE: KeyType.AES,
        Attribute.LABEL: address.object,
    }
    return wanted if kek_id is None else {**wanted, Attribute.ID: kek_id}


def _key(opened: _Opened, address: TokenAddress, kek_id: str) -> SecretKey:
    found = opened.keys.get(kek_id)
    if found is None:
        found = _find(opened, address, kek_id)
        opened.keys[kek_id] = found
    return found


def _find(opened: _Opened, address: TokenAddress, kek_id: str) -> SecretKey:
    try:
        found = _objects(opened, _search(address, bytes.fromhex(kek_id)))
    except ValueError:
        found = []
    if not found:
        raise UnknownKekError(kek_id)
    if len(found) > 1:
        msg = f"le module PKCS#11 contient plusieurs clés {kek_id} : gardez la bonne"
        raise TokenError(msg)
    return found[0]


def _prove(key: Any) -> None:
    """Make sure that the token still encrypts and decrypts with ``key``: one that does not raises what it answers."""
    params = _params(os.urandom(NONCE_BYTES), b"")
    sealed = key.encrypt(b"constat", mechanism=Mechanism.AES_GCM, mechanism_param=params)
    key.decrypt(sealed, mechanism=Mechanism.AES_GCM, mechanism_param=params)


def _params(nonce: bytes, bound: bytes) -> GCMParams:
    return GCMParams(nonce, bound, TAG_BITS)

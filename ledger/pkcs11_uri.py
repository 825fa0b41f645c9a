"""Where a PKCS#11 token is, as RFC 7512 writes it: ``pkcs11:token=...;object=...?module-path=...&pin-source=...``.

Read strictly: an attribute that is not known here, or given twice, is refused rather than ignored, since it would have
told two tokens apart. No message repeats the URI: it may hold a PIN.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import unquote_to_bytes

from ledger.errors import KeyFileError

SCHEME: Final = "pkcs11:"
PATH: Final = frozenset({"token", "serial", "object", "type"})
QUERY: Final = frozenset({"module-path", "pin-source", "pin-value", "key-file"})
DEFAULT_OBJECT: Final = "constat"
MAX_PIN: Final = 256
MAX_URI: Final = 4096


@dataclass(frozen=True, slots=True)
class TokenAddress:
    """A token, what its KEKs are called there, and how it is opened."""

    module: Path
    """The vendor's PKCS#11 library."""
    token: str
    """The token's label (CKA_LABEL of the token)."""
    object: str = DEFAULT_OBJECT
    """The label that all KEKs have; their CKA_ID is the KEK's id."""
    serial: bytes | None = None
    pin_source: Path | None = None
    """The file that holds the PIN, read each time a session is opened."""
    pin_value: str | None = field(default=None, repr=False)
    key_file: Path | None = field(default=None, compare=False)
    """Where the key file is, when it is not the default one."""

    def pin(self) -> str | None:
        """The PIN; ``None`` for a token that asks for none.

        :raises KeyFileError: its file cannot be read, or is empty or too long. The message does not hold it.
        """
        if self.pin_source is None:
            return self.pin_value
        try:
            with self.pin_source.open(encoding="utf-8") as file:
                pin = file.read(MAX_PIN + 1).rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            msg = f"le fichier du code PIN ({self.pin_source.name}) ne se lit pas"
            raise KeyFileError(msg) from None
        if not 0 < len(pin) <= MAX_PIN:
            msg = f"le fichier du code PIN ({self.pin_source.name}) est vide ou trop long"
            raise KeyFileError(msg)
        return pin


def address_in(setting: str) -> TokenAddress | None:
    """The token that a setting names: by its URI, or by a file that holds the URI alone; ``None`` when it names none.

    :raises KeyFileError: it is a PKCS#11 URI that cannot be used.
    """
    if setting.startswith(SCHEME):
        return parse(setting)
    try:
        with Path(setting).open("rb") as file:
            begins = file.read(MAX_URI)
    except OSError:
        return None  # whoever opens it as a key file says why
    if not begins.startswith(SCHEME.encode()):
        return None
    return parse(_text(begins).strip(), from_file=True)


def parse(uri: str, *, from_file: bool = False) -> TokenAddress:
    """Read a PKCS#11 URI. ``from_file``: it was read in a file, where ``pin-value`` is out of sight of other processes.

    :raises KeyFileError: it is not one that names a token and a module; the message does not repeat it.
    """
    if not uri.startswith(SCHEME):
        _refuse(f"elle commence par {SCHEME}")
    path, _, query = uri.removeprefix(SCHEME).strip().partition("?")
    given = _attributes(path, ";", PATH) | _attributes(query, "&", QUERY)
    if "pin-value" in given and not from_file:
        _refuse("un code PIN ne se met pas dans l'environnement : nommez son fichier par pin-source")
    if "pin-value" in given and "pin-source" in given:
        _refuse("pin-source et pin-value ne vont pas ensemble")
    if given.get("type", b"secret-key") != b"secret-key":
        _refuse("type vaut secret-key")
    for name in ("token", "module-path"):
        if not given.get(name):
            _refuse(f"il manque {name}")
    return TokenAddress(
        module=Path(_text(given["module-path"])),
        token=_text(given["token"]),
        object=_text(given.get("object", b"")) or DEFAULT_OBJECT,
        serial=given.get("serial"),
        pin_source=_file(given["pin-source"]) if "pin-source" in given else None,
        pin_value=_text(given["pin-value"]) if "pin-value" in given else None,
        key_file=_file(given["key-file"]) if "key-file" in given else None,
    )


def _attributes(part: str, separator: str, known: frozenset[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for each in filter(None, part.split(separator)):
        name, equals, value = each.partition("=")
        if not equals:
            _refuse("chaque attribut s'écrit nom=valeur")
        if name not in known:
            _refuse(f"attribut non géré : {name[:40]!r}")
        if name in found:
            _refuse(f"attribut donné deux fois : {name}")
        found[name] = unquote_to_bytes(value)
    return found


def _file(value: bytes) -> Path:
    path = _text(value).removeprefix("file:")
    path = "/" + path.lstrip("/") if path.startswith("//") else path
    if not path.startswith("/"):
        _refuse("un fichier s'écrit par son chemin entier, ou file:/chemin")
    return Path(path)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        _refuse("un attribut n'est pas un texte en UTF-8")


def _refuse(why: str) -> NoReturn:
    msg = f"CONSTAT_KEYS n'est pas une adresse PKCS#11 utilisable (RFC 7512) : {why}"
    raise KeyFileError(msg) from None

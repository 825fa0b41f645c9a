"""A failed attempt to file, deposited at the guichet: its line in the spool, its receipt, and how that is verified.

A line of the spool is canonical JSON (RFC 8785 profile of :mod:`ledger.canonical`)::

    {"at","c","n","prev","salt","spool","v":1,"value":{"message","page","quand","reference"}}

``value``: what was deposited, empty fields left out; ``c = SHA-256(salt || canonical value)``, hex; ``n``: its place in
the spool, from 1; ``prev``: the leaf hash (RFC 6962) of the line before, absent at the first one; ``at``: the guichet's
clock. The receipt is a ``.recu`` file: the line (part ``ligne``) and a signed note (part ``promesse``) of seven lines::

    constat/1 tentative
    <name of the guichet, which is its key's>
    <spool, 32 hexadecimal digits>
    <place in the spool>
    <SHA-256 of salt and value, base64>
    <leaf hash of the line, base64: it names the line before, and so all those before it>
    <instant of the guichet, YYYY-MM-DDThh:mm:ss.ffffffZ>
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

from ledger import canonical
from ledger.seal import checks, sheet
from ledger.seal.checkpoint import hash_of
from ledger.seal.checks import Check
from ledger.seal.note import Note, NoteError
from ledger.seal.policy import Policy
from ledger.seal.promise import INSTANT, PLACE, STREAM
from ledger.seal.receipt import SKEW, check_promise
from ledger.seal.sheet import Part
from ledger.seal.signing import SigningKeys

HEADER: Final = "constat/1 tentative"
TITLE: Final = "REÇU D'UNE TENTATIVE DE DÉPÔT ÉCHOUÉE"
NAMES: Final = ("forme", "ligne", "promesse", "engagement", "dates")
FIELDS: Final[Mapping[str, int]] = MappingProxyType({"message": 12_000, "page": 500, "quand": 100, "reference": 180})
"""What may be deposited, and of how many signs at most. Only ``message`` must be there. No identity is asked."""
SALT_BYTES: Final = 32
MAX_LINE_BYTES: Final = 1 << 17
_TEXT: Final = re.compile(
    rf"{HEADER}\n(?P<name>\S+)\n(?P<spool>{STREAM})\n(?P<n>{PLACE})\n(?P<content>[^\n]+)\n(?P<leaf>[^\n]+)\n(?P<at>{INSTANT})\n"
)
_HEX: Final = re.compile("[0-9a-f]{64}")
_YEARS: Final = range(1970, 2199)
"""In which a guichet can stand: within the calendar of the ledger, in which its lines become facts."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the spool. ``prev``: hex, ``None`` at the first one."""

    spool: str
    n: int
    at: str
    salt: bytes
    value: Mapping[str, str]
    prev: str | None

    @classmethod
    def parse(cls, raw: bytes) -> "Line":
        """Read a line, without its line feed; that its commitment is its content's is verified.

        :raises NoteError: it is not one, in its only form.
        """
        try:
            read = canonical.decode(raw)
            line = cls(
                read["spool"], read["n"], read["at"], bytes.fromhex(read["salt"]), read["value"], read.get("prev")
            )
            sound = _sound(line) and bytes(line) == raw
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            sound = False
        if not sound:
            msg = "ce n'est pas une ligne du guichet, ou elle a été modifiée"
            raise NoteError(msg)
        return line

    @property
    def content(self) -> bytes:
        """SHA-256 of the salt and the value: what the line and the promise commit to."""
        return sha256(self.salt + canonical.encode(dict(self.value))).digest()

    @property
    def leaf(self) -> bytes:
        """Its leaf hash (RFC 6962)."""
        return checks.line_hash(bytes(self))

    @property
    def id(self) -> str:
        """By what it is known, here and in the ledger."""
        return f"tentative-{self.spool}-{self.n}"

    def __bytes__(self) -> bytes:
        said: dict[str, Any] = {"at": self.at, "c": self.content.hex(), "n": self.n, "salt": self.salt.hex()}
        said |= {"spool": self.spool, "v": 1, "value": dict(self.value)}
        return canonical.encode(said if self.prev is None else {**said, "prev": self.prev})


def _sound(line: Line) -> bool:
    """Whether every field has the form that a line gives it."""
    shaped = re.fullmatch(STREAM, line.spool) and re.fullmatch(INSTANT, line.at) and len(line.salt) == SALT_BYTES
    dated = bool(shaped) and datetime.fromisoformat(line.at).year in _YEARS
    placed = type(line.n) is int and line.n >= 1 and (line.n == 1) == (line.prev is None)
    chained = line.prev is None or _HEX.fullmatch(line.prev) is not None
    return dated and placed and chained and not list(problems(line.value))


def problems(value: Mapping[str, str]) -> Iterator[str]:
    """What keeps ``value`` from being deposited, in French; nothing when it may be."""
    for name in value.keys() - FIELDS.keys():
        yield f"champ inconnu : « {name[:40]} » (attendu : {', '.join(FIELDS)})"
    for name in FIELDS.keys() & value.keys():
        if not isinstance(value[name], str) or not value[name]:
            yield f"champ « {name} » : un texte est attendu"
        elif len(value[name]) > FIELDS[name]:
            yield f"champ « {name} » : {len(value[name])} signes, {FIELDS[name]} au plus"
        elif sheet.UNSAFE.search(value[name]):
            yield f"champ « {name} » : un caractère de commande n'y a pas sa place"
    if "message" not in value:
        yield "champ « message » : il manque ; écrivez le message affiché, ou ce qui n'a pas marché"


@dataclass(frozen=True, slots=True)
class AttemptPromise:
    """What a guichet signs of a deposit. ``content`` and ``leaf``: 32 bytes each."""

    name: str
    spool: str
    n: int
    content: bytes
    leaf: bytes
    at: str

    @classmethod
    def of(cls, name: str, line: Line) -> "AttemptPromise":
        """The promise that the guichet ``name`` makes of a line."""
        return cls(name, line.spool, line.n, line.content, line.leaf, line.at)

    @classmethod
    def parse(cls, text: str) -> "AttemptPromise":
        """Read the text of a promise, without its signatures.

        :raises NoteError: it is not one.
        """
        read = _TEXT.fullmatch(text)
        if read is None:
            msg = f"la promesse d'un guichet s'écrit en sept lignes, la première étant « {HEADER} »"
            raise NoteError(msg)
        content, leaf = hash_of(read["content"]), hash_of(read["leaf"])
        return cls(read["name"], read["spool"], int(read["n"]), content, leaf, read["at"])

    @property
    def text(self) -> str:
        """What is signed."""
        digests = (b64encode(each).decode() for each in (self.content, self.leaf))
        return "".join(f"{line}\n" for line in (HEADER, self.name, self.spool, self.n, *digests, self.at))


@dataclass(frozen=True, slots=True)
class AttemptReceipt:
    """What the guichet hands over: the line, salt and content included, and the signed promise of it."""

    line: Line
    promise: Note

    @classmethod
    def parse(cls, raw: bytes) -> "AttemptReceipt":
        """Read a receipt; its signature is not verified.

        :raises NoteError: it is not one.
        """
        parts = sheet.read(raw)
        if [part.name for part in parts] != ["ligne", "promesse"]:
            msg = "le reçu d'une tentative a deux parties, « ligne » et « promesse »"
            raise NoteError(msg)
        line = Line.parse(sheet.one_line(parts[0]).encode())
        promise = Note.parse(parts[1].text.encode())
        AttemptPromise.parse(promise.text)
        return cls(line, promise)

    def __bytes__(self) -> bytes:
        parts = [Part("ligne", bytes(self.line).decode() + "\n"), Part("promesse", bytes(self.promise).decode())]
        return sheet.write(_header(self), parts)


def _header(receipt: AttemptReceipt) -> Iterator[str]:
    line = receipt.line
    yield TITLE
    yield ""
    yield f"Guichet          : {AttemptPromise.parse(receipt.promise.text).name}"
    yield f"Déposée le       : {sheet.in_paris(line.at)}"
    yield f"Instant exact    : {line.at}"
    yield f"Numéro           : {line.id}"
    for label, name in (
        ("Message", "message"),
        ("Page", "page"),
        ("Moment indiqué", "quand"),
        ("Référence", "reference"),
    ):
        yield from _quoted(label, line.value.get(name, ""))
    yield ""
    yield "Gardez ce fichier tel qu'il est, et ne le remettez qu'à qui peut lire ce que vous avez écrit : il montre que"
    yield "vous l'avez déposé à cet instant, même si le guichet le perd, et permet de le rattacher à votre dossier."
    yield "Il ne prouve ni la panne, ni que la demande a été déposée : une tentative ne fait courir aucun délai."
    yield "Vérifier : constat verify CE_FICHIER --policy POLITIQUE ; à la main : docs/receipts.md."
    yield ""


def _quoted(label: str, text: str) -> Iterator[str]:
    """What was written, each of its lines marked, so that none of them is taken for the receipt's own."""
    for at, written in enumerate(text.split("\n") if text else []):
        yield f"{label if at == 0 else '':<17}: {written}"


def sign(keys: SigningKeys, line: Line) -> AttemptReceipt:
    """The receipt of a line, signed with every key of the guichet."""
    return AttemptReceipt(line, keys.sign(AttemptPromise.of(keys.origin, line).text))


def verify_attempt(raw: bytes, policy: Policy, now: datetime | None = None) -> list[Check]:
    """What the receipt of an attempt shows under ``policy``: every check of ``NAMES``, in order; nothing is raised.

    1. ``forme``: read strictly, and its header, made again from its parts, is the same to the byte.
    2. ``ligne``: the promise is of this line.
    3. ``promesse``: a key of the policy signed it, under the name that the promise says.
    4. ``engagement``: what was deposited is what the promise commits to.
    5. ``dates``: the promise says the line's own instant, which is not after ``now``.
    """
    try:
        receipt = AttemptReceipt.parse(raw)
        same = bytes(receipt) == raw
    except NoteError as error:
        return checks.unreadable(NAMES, error)
    line, promise = receipt.line, AttemptPromise.parse(receipt.promise.text)
    return [
        checks.check_form(same=same),
        checks.verdict(
            "ligne",
            holds=(promise.leaf, promise.spool, promise.n) == (line.leaf, line.spool, line.n),
            yes=f"la promesse est celle de cette ligne, {checks.rank(line.n)} de son registre d'attente",
            no="la promesse n'est pas celle de cette ligne",
        ),
        check_promise(receipt.promise, promise.name, policy),
        checks.verdict(
            "engagement",
            holds=promise.content == line.content,
            yes="ce qui est montré est ce que la promesse engage",
            no="ce qui est montré n'est pas ce que la promesse engage",
        ),
        _dates(line, promise, now),
    ]


def _dates(line: Line, promise: AttemptPromise, now: datetime | None) -> Check:
    late = now is not None and datetime.fromisoformat(line.at) > now + SKEW
    if promise.at != line.at or late:
        return checks.failed("dates", f"la promesse dit {promise.at}, la ligne {line.at}, ou c'est dans l'avenir")
    return checks.passed("dates", f"déposée le {line.at} par l'horloge du guichet")


def at_text(moment: datetime) -> str:
    """An instant as lines write it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"

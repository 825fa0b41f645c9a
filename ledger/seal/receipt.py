"""The receipt of an act: the line, the promise made of it at once, and its proof once it is sealed and cosigned.

A ``.recu`` file (:mod:`ledger.seal.sheet`) with these parts, in this order:

``ligne``
    the line of the log, canonical JSON (``docs/adr/0001-stored-format.md``)
``contenu``
    once for each part of the fact that is shown: ``{"part","pos","salt","value"}``, canonical JSON; absent: nothing is
``mention``
    what the one who handed the receipt over wrote of the act, which nothing proves; absent: nothing
``promesse``
    the signed promise (:mod:`ledger.seal.promise`)
``preuve``
    a C2SP tlog-proof of the line, without ``extra``; absent while the line is not sealed and cosigned

Made and verified without any database: this is what must still be verifiable when the server is gone.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from ledger.seal import checks, sheet
from ledger.seal.checkpoint import TlogProof
from ledger.seal.checks import Check
from ledger.seal.note import TIME_BYTES, Note, NoteError
from ledger.seal.policy import Judgement, Policy
from ledger.seal.promise import INSTANT, ORIGIN, PLACE, STREAM, Promise, key_name, signers
from ledger.seal.sheet import Part

TITLE: Final = "REÇU D'UN ACTE ENREGISTRÉ"
NAMES: Final = ("forme", "ligne", "promesse", "engagement", "inclusion", "point", "temoins", "dates")
MAX_MENTION: Final = 200
DATED: Final = TIME_BYTES + 64
"""The length of a cosignature: its time, then an Ed25519 signature."""
SKEW: Final = timedelta(minutes=5)
"""By how much the clocks of the register, of a witness and of whoever verifies may differ."""
NO_PROOF: Final = "le reçu n'a que la promesse : sa preuve d'inscription n'avait pas encore été faite"
_DIGEST: Final = "[0-9a-f]{64}"
_LINE: Final = re.compile(
    rf'\{{"at":"(?P<at>{INSTANT})","c":\{{(?:"acteur":"(?P<acteur>{_DIGEST})",)?"fait":"(?P<fait>{_DIGEST})"'
    rf'(?:,"pieces":"(?P<pieces>{_DIGEST})")?\}},"log":"(?P<log>{ORIGIN})","pos":(?P<pos>{PLACE})'
    rf'(?:,"prev":"(?P<prev>{_DIGEST})")?,"stream":"(?P<stream>{STREAM})","v":1\}}'
)
_OPENED: Final = re.compile(
    rf'\{{"part":"(?P<part>acteur|fait|pieces)","pos":(?P<pos>{PLACE}),"salt":"(?P<salt>{_DIGEST})","value":(?P<value>.+)\}}'
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log as it is written in the receipt, and what it says. ``c``: the commitments, by part."""

    text: str
    at: str
    log: str
    stream: str
    pos: int
    c: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> "Line":
        """Read a line of the log that is of a person's act.

        :raises NoteError: it is not one, in its only form.
        """
        read = _LINE.fullmatch(text)
        if read is None or (int(read["pos"]) == 1) != (read["prev"] is None):
            msg = "la ligne n'est pas celle d'un acte, sous sa seule forme"
            raise NoteError(msg)
        c = {part: read[part] for part in ("acteur", "fait", "pieces") if read[part]}
        return cls(text, read["at"], read["log"], read["stream"], int(read["pos"]), c)

    @property
    def leaf(self) -> bytes:
        """Its leaf hash."""
        return checks.line_hash(self.text.encode())


@dataclass(frozen=True, slots=True)
class Opened:
    """A part of the fact that is shown. ``value``: canonical JSON, the very text that the commitment is of."""

    part: str
    pos: int
    salt: bytes
    value: str

    @classmethod
    def parse(cls, text: str) -> "Opened":
        """Read an opened part.

        :raises NoteError: it is not one.
        """
        read = _OPENED.fullmatch(text)
        if read is None:
            msg = "une partie montrée s'écrit {part, pos, salt, value}"
            raise NoteError(msg)
        return cls(read["part"], int(read["pos"]), bytes.fromhex(read["salt"]), read["value"])

    @property
    def text(self) -> str:
        """The part as the file writes it."""
        return f'{{"part":"{self.part}","pos":{self.pos},"salt":"{self.salt.hex()}","value":{self.value}}}'

    @property
    def commitment(self) -> str:
        """SHA-256 of the salt and the value, in hex."""
        return sha256(self.salt + self.value.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt. Nothing is verified by reading one."""

    line: Line
    promise: Note
    proof: TlogProof | None = None
    opened: tuple[Opened, ...] = ()
    mention: str = ""

    @classmethod
    def parse(cls, raw: bytes) -> "Receipt":
        """Read a receipt.

        :raises NoteError: it is not one.
        """
        parts = sheet.read(raw)
        line = Line.parse(sheet.one_line(_take(parts, "ligne")))
        opened = []
        while parts and parts[0].name == "contenu":
            opened.append(Opened.parse(sheet.one_line(parts.pop(0))))
        mention = sheet.one_line(parts.pop(0)) if parts and parts[0].name == "mention" else ""
        promise = Note.parse(_take(parts, "promesse").text.encode())
        Promise.parse(promise.text)
        proof = TlogProof.parse(parts.pop(0).text.encode()) if parts and parts[0].name == "preuve" else None
        if parts or (proof and proof.extra) or not _mentionable(mention):
            msg = "le reçu a une partie de trop, ou pas à sa place"
            raise NoteError(msg)
        return cls(line, promise, proof, tuple(opened), mention)

    def __bytes__(self) -> bytes:
        parts = [Part("ligne", self.line.text + "\n")]
        parts += [Part("contenu", each.text + "\n") for each in self.opened]
        parts += [Part("mention", self.mention + "\n")] if self.mention else []
        parts.append(Part("promesse", bytes(self.promise).decode()))
        parts += [Part("preuve", bytes(self.proof).decode())] if self.proof else []
        return sheet.write(_header(self), parts)


def _take(parts: list[Part], name: str) -> Part:
    if not parts or parts[0].name != name:
        msg = f"la partie « {name} » manque, ou n'est pas à sa place"
        raise NoteError(msg)
    return parts.pop(0)


def _mentionable(mention: str) -> bool:
    plain = "\n" not in mention and "\t" not in mention and not sheet.UNSAFE.search(mention)
    return plain and len(mention) <= MAX_MENTION and mention == mention.strip() and not mention.startswith("---")


def mentionable(mention: str) -> str:
    """``mention`` as it is.

    :raises NoteError: a receipt cannot hold it: one line of at most 200 signs that can be printed.
    """
    if not _mentionable(mention):
        msg = (
            f"la mention tient sur une ligne de {MAX_MENTION} signes au plus, sans espace au bord ni caractère spécial"
        )
        raise NoteError(msg)
    return mention


def _header(receipt: Receipt) -> Iterator[str]:
    line = receipt.line
    yield TITLE
    yield ""
    yield f"Registre              : {line.log}"
    yield f"Enregistré le         : {sheet.in_paris(line.at)}"
    yield f"Instant exact         : {line.at}"
    yield f"Nature de l'acte      : {_nature(receipt)}"
    if receipt.mention:
        yield f"Mention, non prouvée  : {receipt.mention}"
    yield f"Flux et place         : {line.stream}, place {line.pos}"
    yield f"Empreinte de la ligne : {line.leaf.hex()}"
    yield f"Contenu               : {_shown(receipt)}"
    yield from _state(receipt)
    yield ""
    yield "Gardez ce fichier tel qu'il est : il se vérifie sans le registre, et même contre lui."
    yield "Vérifier : constat verify CE_FICHIER --policy POLITIQUE ; à la main : docs/receipts.md."
    yield "Il prouve qu'un contenu a été enregistré, lequel et quand ; pas que ce contenu est exact. Il ne remplace pas"
    yield "l'accusé d'enregistrement ni l'accusé de réception que l'administration doit (CRPA L.112-11)."
    yield ""


def _nature(receipt: Receipt) -> str:
    fact = next((each for each in receipt.opened if each.part == "fait"), None)
    name = _stored_name(fact.value) if fact else None
    return f"{name} (d'après le contenu montré ci-dessous)" if name else "elle n'est pas écrite dans la ligne"


def _stored_name(value: str) -> str | None:
    try:
        read = json.loads(value)
    except (ValueError, RecursionError):
        return None
    name = read.get("nom") if isinstance(read, dict) else None
    return name if isinstance(name, str) and re.fullmatch("[a-z0-9_]{1,80}", name) else None


def _shown(receipt: Receipt) -> str:
    if not receipt.opened:
        return "non montré ; la ligne ne porte que des engagements, qui ne disent rien d'une personne"
    return (
        f"montré ci-dessous ({', '.join(each.part for each in receipt.opened)}) : à ne remettre qu'à qui peut le lire"
    )


def _state(receipt: Receipt) -> Iterator[str]:
    if receipt.proof is None:
        yield "État                  : promesse signée ; sa preuve d'inscription sera faite une fois la ligne scellée"
        yield "                        et cosignée. Si elle ne vient jamais, la promesse seule le montre."
        return
    point = receipt.proof.checkpoint
    yield f"État                  : inscrit au journal, ligne {receipt.proof.index + 1} sur {point.size}"
    for each in receipt.proof.note.signatures[1:]:
        when = (
            f", le {checks.instant(int.from_bytes(each.value[:TIME_BYTES], 'big'))}" if len(each.value) == DATED else ""
        )
        yield f"Signé aussi par       : {each.name}{when} (clé {each.key_id.hex()})"


def verify_receipt(raw: bytes, policy: Policy, now: datetime | None = None) -> list[Check]:
    """What a receipt shows under ``policy``; ``now``, when given, is an instant that none of its dates may be after.

    Every check of ``NAMES``, in order. Nothing is raised, whatever the bytes.

    1. ``forme``: the file is read strictly, and its header, made again from its parts, is the same to the byte.
    2. ``ligne``: the promise is of this line: its leaf hash, its register, its stream and its place.
    3. ``promesse``: a key of the policy named ``<origin>/promesses`` signed the promise.
    4. ``engagement``: each part shown is the one that the line commits to.
    5. ``inclusion``, ``point``, ``temoins``: the line is in the tree of a checkpoint that the log signed and enough
       witnesses cosigned.
    6. ``dates``: the promise says the line's own instant, and nobody cosigned before it.
    """
    try:
        receipt = Receipt.parse(raw)
        same = bytes(receipt) == raw
    except NoteError as error:
        return checks.unreadable(NAMES, error)
    line, promise = receipt.line, Promise.parse(receipt.promise.text)
    said = checks.judged(receipt.proof.note, policy) if receipt.proof else None
    return [
        checks.check_form(same=same),
        _promised(line, promise),
        check_promise(receipt.promise, key_name(promise.origin), policy),
        _commitments(line, receipt.opened),
        *_sealed(receipt, said, policy),
        _dates(line, promise, said, now),
    ]


def _promised(line: Line, promise: Promise) -> Check:
    said = (promise.leaf, promise.origin, promise.stream, promise.pos)
    return checks.verdict(
        "ligne",
        holds=said == (line.leaf, line.log, line.stream, line.pos),
        yes=f"la promesse est celle de cette ligne, {checks.rank(line.pos)} de son flux",
        no="la promesse n'est pas celle de cette ligne",
    )


def check_promise(note: Note, name: str, policy: Policy) -> Check:
    """``promesse``: a key that the policy calls ``name`` signed this note."""
    if not any(each.name == name for each in policy.logs):
        return checks.impossible("promesse", f"la politique ne donne aucune clé « {name} »")
    try:
        found = signers(note, name, policy.logs)
    except NoteError as error:
        return checks.failed("promesse", str(error))
    return checks.verdict(
        "promesse",
        holds=bool(found),
        yes=f"promesse signée par {name} (clé {', '.join(each.id.hex() for each in found)})",
        no=f"aucune clé que la politique appelle « {name} » n'a signé la promesse",
    )


def _commitments(line: Line, opened: Sequence[Opened]) -> Check:
    if not opened:
        return checks.impossible("engagement", "le contenu n'est pas montré : ses engagements ne se vérifient pas")
    for each in opened:
        if each.pos != line.pos or line.c.get(each.part) != each.commitment:
            return checks.failed("engagement", f"la partie « {each.part} » n'est pas celle que la ligne engage")
    kept = [part for part in line.c if part not in {each.part for each in opened}]
    rest = f" ; non montré : {', '.join(kept)}" if kept else ""
    return checks.passed("engagement", f"ce qui est montré est ce que la ligne engage{rest}")


def _sealed(receipt: Receipt, said: Judgement | NoteError | None, policy: Policy) -> Iterator[Check]:
    proof = receipt.proof
    if proof is None or said is None:
        yield from (checks.impossible(name, NO_PROOF) for name in ("inclusion", "point", "temoins"))
        return
    yield checks.check_inclusion(receipt.line.text.encode(), proof)
    yield checks.check_point(proof.note, receipt.line.log, policy)
    yield checks.check_witnesses(said, policy)


def _dates(line: Line, promise: Promise, said: Judgement | NoteError | None, now: datetime | None) -> Check:
    at = line.at
    if promise.at != at:
        return checks.failed("dates", f"la promesse dit {promise.at} et la ligne {at}")
    if isinstance(said, NoteError):
        return checks.failed("dates", f"les cosignatures ne se lisent pas : {said}")
    recorded = datetime.fromisoformat(at).timestamp()
    times = [] if said is None else sorted(said.cosigned.values())
    skew = SKEW.total_seconds()
    latest = None if now is None else now.timestamp() + skew
    if latest is not None and recorded > latest:
        return checks.failed("dates", f"la ligne est datée de {at}, après le moment de la vérification")
    if not times:
        return checks.passed(
            "dates", f"enregistré le {at} par l'horloge du registre ; aucun témoin ne borne cette date"
        )
    first, last = times[0], times[-1]
    if first < recorded - skew or (latest is not None and last > latest):
        wrong = first if first < recorded - skew else last
        return checks.failed("dates", f"un témoin a cosigné le {checks.instant(wrong)}, ce qui ne se peut pas")
    return checks.passed(
        "dates",
        f"enregistré le {at} par l'horloge du registre, et au plus tard le {checks.instant(first)} d'après le"
        f" premier témoin ({checks.instant(last)} d'après le dernier)",
    )

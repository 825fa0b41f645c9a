"""An attempt of nobody becomes a person's: claimed, given back where that was wrong, claimed again; nothing is removed.

Claimed, it is one declaration among the person's facts, of grade D, whoever claims it. Given back, another fact of hers
withdraws that declaration, and says why and who did; the attempt is nobody's again, and may be claimed as at first.
What was said of an attempt stands in turn (``009_released_attempts.sql``): claims at odd turns, at even ones what gave
it back.
"""

import unicodedata
from datetime import datetime
from typing import Final, NamedTuple

import structlog

from commands.attempts import keep
from ledger.coffre import Id, nobody
from ledger.days import Quand
from ledger.documents import DocumentStore
from ledger.entry import Acteur, Entry, Fait
from ledger.errors import ConstatError, IdentityReusedError, KeyDestroyedError
from ledger.events.correction import FaitRetire
from ledger.events.types import Canal, Flux, Grade, NatureActeur, Source
from ledger.identity import reference_of
from ledger.rows import read_entries
from ledger.seal.attempt import Line
from ledger.seal.note import NoteError
from ledger.store import Ledger

MAX_REFERENCE: Final = 200
MAX_REASON: Final = 2_000

log = structlog.get_logger("constat.attempts")


class ClaimError(ConstatError):
    """Cette tentative ne peut pas être rattachée, ou détachée."""


class _Turn(NamedTuple):
    """The last that was said of an attempt: 0 and no fact when nothing was."""

    number: int
    fact: bytes

    @property
    def claimed(self) -> bool:
        """Whether the attempt is somebody's."""
        return self.number % 2 == 1


def acting(personne: str | None, agent: str | None) -> Acteur:
    """Who claims or gives back: the person herself, or an agent, on behalf of the person where one is named.

    :raises ClaimError: a reference is empty or too long.
    """
    _check_references(*(each for each in (personne, agent) if each is not None))
    if agent is None:
        return Acteur(nature=NatureActeur.USAGER, id=personne)
    return Acteur(nature=NatureActeur.AGENT, id=agent, au_nom_de=personne)


def claim(
    ledger: Ledger,
    documents: DocumentStore,
    attempt: str,
    personne: str,
    dossier: str,
    acteur: Acteur,
    *,
    shown: Line | None,
) -> Entry:
    """Attach an attempt to a person's dossier. ``shown``: its line, from the receipt; ``None``: an agent vouches.

    The same claim again gives the same entry.

    :raises ClaimError: there is no such attempt, it is attached otherwise by now, or the receipt is not its.
    """
    _check_references(personne, dossier)
    deposited = _deposited(ledger, attempt)
    line = _line(ledger, documents, deposited)
    if shown is None and acteur.nature is not NatureActeur.AGENT:
        msg = "sans le reçu de la tentative, seul un agent peut la rattacher"
        raise ClaimError(msg)
    if shown is not None and shown != line:
        msg = "ce reçu n'est pas celui de cette tentative"
        raise ClaimError(msg)
    last = _last(ledger, deposited)
    turn = last.number if last.claimed else last.number + 1
    fait = _claimed(deposited.fait, turn, personne, dossier, acteur)
    _hold(ledger, deposited, turn, fait)
    try:
        [entry] = ledger.append([fait])
    except IdentityReusedError as error:
        msg = (
            "cette tentative est déjà rattachée à cette personne, à un autre dossier ou par quelqu'un d'autre :"
            " détachez-la d'abord (constat attempts release)"
        )
        raise ClaimError(msg) from error
    keep(ledger, documents, [(fait, line)])
    log.info("attempt_claimed", event_id=str(entry.event_id))
    return entry


def release(ledger: Ledger, attempt: str, motif: str, acteur: Acteur, now: datetime) -> Entry:
    """Give an attempt back: its claim is withdrawn, for ``motif``, by the person whose it is or by an agent.

    The fact comes first: whoever claims the attempt next does so after the withdrawal is written. Cut off in between,
    the same again goes on. Where the claim itself was never written, or its person's key is gone, the fact stands
    beside the attempt, in nobody's life.

    :raises ClaimError: there is no such attempt, it is nobody's, or somebody else's than the one who asks.
    """
    if not 0 < len(motif.strip()) <= MAX_REASON:
        msg = f"le motif tient en {MAX_REASON} signes au plus, et il en faut un"
        raise ClaimError(msg)
    deposited = _deposited(ledger, attempt)
    last = _last(ledger, deposited)
    if not last.claimed:
        msg = "cette tentative n'est rattachée à personne"
        raise ClaimError(msg)
    held = _claim(ledger, last)
    hers = held is not None and held.fait.personne == unicodedata.normalize("NFC", acteur.id or "")
    if acteur.nature is not NatureActeur.AGENT and not hers:
        msg = "cette tentative n'est pas rattachée à cette personne : un agent peut la détacher (--agent)"
        raise ClaimError(msg)
    entry = _withdraw(ledger, _released(deposited.fait, last.number, (held or deposited).fait, motif, acteur, now))
    _say(ledger, deposited, last.number + 1, Id(entry.event_id.bytes))
    log.info("attempt_released", event_id=str(entry.event_id))
    return entry


def _check_references(*references: str) -> None:
    if not all(0 < len(each) <= MAX_REFERENCE for each in references):
        msg = f"une référence a de 1 à {MAX_REFERENCE} signes"
        raise ClaimError(msg)


def _deposited(ledger: Ledger, attempt: str) -> Entry:
    found = [entry for entry in ledger.life(nobody(Flux.DOSSIER, attempt)) if entry.fait.id == attempt]
    if not found:
        msg = f"aucune tentative « {attempt} » au registre : « constat attempts drain » relève celles du guichet"
        raise ClaimError(msg)
    return found[0]


def _line(ledger: Ledger, documents: DocumentStore, deposited: Entry) -> Line:
    """The line that was deposited, as it is kept.

    :raises ClaimError: it is not there any more.
    """
    reference = reference_of(deposited.fait)
    with ledger.connection() as conn:
        key = ledger.coffre.find(conn, [reference])[reference]
    try:
        return Line.parse(b"".join(documents.read(key, deposited.fait.pieces[0])))
    except (FileNotFoundError, NoteError) as error:
        msg = "le dépôt lui-même n'a pas été gardé : relevez le guichet de nouveau"
        raise ClaimError(msg) from error


def _last(ledger: Ledger, deposited: Entry) -> _Turn:
    with ledger.connection() as conn:
        row = conn.execute(
            "SELECT turn, uuid_send(claim) FROM ledger.claimed_attempt WHERE attempt = %b ORDER BY turn DESC LIMIT 1",
            (Id(deposited.event_id.bytes),),
            binary=True,
        ).fetchone()
    return _Turn(row[0], bytes(row[1])) if row else _Turn(0, b"")


def _claim(ledger: Ledger, last: _Turn) -> Entry | None:
    """The fact that claims the attempt; ``None`` where it was never written, or its person's key was destroyed."""
    with ledger.connection() as conn:
        rows = read_entries(conn, "event_id = %b", Id(last.fact))
    try:
        return next(iter(ledger.open(rows)), None)
    except KeyDestroyedError:
        return None


def _nth(kind: str, attempt: str, turn: int) -> str:
    """The id of what is said of an attempt at a turn; the first of each kind bears no number."""
    round_ = (turn + 1) // 2
    return f"{kind}-{attempt}" if round_ == 1 else f"{kind}-{attempt}-{round_}"


def _claimed(deposited: Fait, turn: int, personne: str, dossier: str, acteur: Acteur) -> Fait:
    return Fait(
        id=_nth("rattachement", deposited.id, turn),
        personne=personne,
        objet=dossier,
        survenu=deposited.survenu,
        connu_de_la_source=deposited.connu_de_la_source,
        acteur=acteur,
        canal=deposited.canal,
        source=deposited.source,
        grade=Grade.D,
        correlation=deposited.id,
        pieces=deposited.pieces,
        evenement=deposited.evenement,
    )


def _released(deposited: Fait, turn: int, held: Fait, motif: str, acteur: Acteur, now: datetime) -> Fait:
    return Fait(
        id=_nth("detachement", deposited.id, turn),
        personne=held.personne,
        objet=held.objet,
        survenu=Quand.le(now),
        acteur=acteur,
        canal=Canal.INCONNU,
        source=Source.DECLARATION,
        grade=Grade.D,
        corrige=_nth("rattachement", deposited.id, turn),
        correlation=deposited.id,
        flux_choisi=Flux.DOSSIER,
        evenement=FaitRetire(motif=motif),
    )


def _withdraw(ledger: Ledger, fait: Fait) -> Entry:
    """The fact that withdraws a claim: the one that is there already when the last release was cut off."""
    there = [entry for entry in ledger.life(reference_of(fait)) if entry.fait.id == fait.id]
    return there[0] if there else ledger.append([fait])[0]


def _hold(ledger: Ledger, deposited: Entry, turn: int, fait: Fait) -> None:
    """Reserve the attempt for this claim, before it is written: of two persons who claim it at once, one does."""
    reference = reference_of(fait)
    with ledger.connection() as conn:
        keys, _ = ledger.coffre.ensure(conn, [reference])
    ours = keys[reference].event_id(fait.id)
    if _say(ledger, deposited, turn, ours) != ours:
        msg = (
            "cette tentative est déjà rattachée à une autre personne ; si c'est à tort, un agent peut la détacher"
            " (constat attempts release), et vous la rattacherez ensuite"
        )
        raise ClaimError(msg)


def _say(ledger: Ledger, deposited: Entry, turn: int, fact: Id) -> bytes:
    """Keep a fact at a turn; the fact that stands there."""
    with ledger.connection() as conn:
        row = conn.execute(
            "SELECT uuid_send(ledger.keep_turn(%b, %b, %b))", (Id(deposited.event_id.bytes), turn, fact), binary=True
        ).fetchone()
    assert row is not None  # noqa: S101 - a function gives one row
    return bytes(row[0])

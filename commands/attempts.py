"""What was deposited at the guichet enters the ledger, as nobody's.

An attempt of nobody is a fact of its own subject, a dossier that nobody holds: no reading of any person, incident or
statistic goes through it. Claimed (:mod:`commands.claims`), it becomes one declaration among a person's facts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import structlog

from ledger.days import Quand
from ledger.documents import DocumentStore
from ledger.entry import Acteur, Entry, Fait, Piece
from ledger.errors import IdentityReusedError
from ledger.events.depot import TentativeDepotEchouee
from ledger.events.types import Canal, Grade, NatureActeur, Source
from ledger.identity import reference_of
from ledger.seal.attempt import Line
from ledger.store import Ledger

BATCH: Final = 500
DECLARED: Final = "declaree:"
"""Before a reference that somebody gave: nothing in the ledger is called so, hence nothing is linked by it."""
MEDIA_TYPE: Final = "application/json"
UNCLAIMED: Final = """
SELECT uuid_send(e.subject) FROM ledger.shared_subject AS s JOIN ledger.entry AS e USING (subject)
WHERE s.flux = 'dossier' AND e.originator_version = 1
    AND (SELECT count(*) %% 2 FROM ledger.claimed_attempt AS c WHERE c.attempt = e.event_id) = 0
ORDER BY e.notification_id DESC LIMIT %b
"""
"""An attempt is the first fact of its subject; at even turns it is nobody's (``009_released_attempts.sql``)."""

log = structlog.get_logger("constat.attempts")


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain did. ``differing``: the ids under which the ledger holds something else."""

    recorded: int = 0
    repeated: int = 0
    differing: tuple[str, ...] = ()

    def __add__(self, other: "Drained") -> "Drained":
        return Drained(
            self.recorded + other.recorded, self.repeated + other.repeated, (*self.differing, *other.differing)
        )


def fait_of(line: Line) -> Fait:
    """The fact that a line of the spool becomes: a declaration of somebody unknown; the same line, the same fact."""
    at, value = Quand.lire(line.at), line.value
    return Fait(
        id=line.id,
        objet=line.id,
        survenu=_told(value.get("quand", ""), at),
        connu_de_la_source=at,
        acteur=Acteur(nature=NatureActeur.INCONNU),
        canal=Canal.TELESERVICE,
        source=Source.DECLARATION,
        grade=Grade.D,
        correlation=DECLARED + value["reference"] if "reference" in value else None,
        pieces=(_piece(line),),
        evenement=TentativeDepotEchouee(etape=value.get("page"), texte_erreur=value["message"]),
    )


def _told(text: str, at: Quand) -> Quand:
    """When it happened as it was told, never after it was deposited; when that cannot be read, then."""
    try:
        told = Quand.lire(text)
    except ValueError:
        return at
    return at if told.debut > at.fin else Quand(told.debut, min(told.fin, at.fin))


def _piece(line: Line) -> Piece:
    raw = bytes(line)
    return Piece(nom=f"{line.id}.json", octets=len(raw), sha256=sha256(raw).hexdigest(), mime=MEDIA_TYPE)


def drain(ledger: Ledger, documents: DocumentStore, lines: Iterable[Line]) -> Drained:
    """Record the lines of a spool, each once however often it is drained, and keep each as a document of its fact."""
    remaining, done = iter(lines), Drained()
    while batch := list(islice(remaining, BATCH)):
        done += _drain(ledger, documents, batch)
        log.info("attempts_drained", recorded=done.recorded, repeated=done.repeated, differing=len(done.differing))
    return done


def _drain(ledger: Ledger, documents: DocumentStore, batch: list[Line]) -> Drained:
    faits = [fait_of(line) for line in batch]
    try:
        known = ledger.already(faits)
    except IdentityReusedError:
        if len(batch) == 1:
            return Drained(differing=(batch[0].id,))
        halves = batch[: len(batch) // 2], batch[len(batch) // 2 :]
        return _drain(ledger, documents, halves[0]) + _drain(ledger, documents, halves[1])
    ledger.append(faits)
    keep(ledger, documents, zip(faits, batch, strict=True))
    return Drained(len(faits) - len(known), len(known))


def keep(ledger: Ledger, documents: DocumentStore, kept: Iterable[tuple[Fait, Line]]) -> None:
    """Keep lines as the documents of their facts, sealed with the key of each fact's subject."""
    with TemporaryDirectory() as name, ledger.connection() as conn:
        for fait, line in kept:
            reference, piece = reference_of(fait), fait.pieces[0]
            path = Path(name) / piece.sha256
            path.write_bytes(bytes(line))
            documents.take(ledger.coffre.find(conn, [reference])[reference], piece, path.parent)
            path.unlink()


def unclaimed(ledger: Ledger, limit: int) -> list[Entry]:
    """The last ``limit`` attempts that nobody has claimed, the newest first; not those whose key was destroyed."""
    with ledger.connection() as conn:
        rows = conn.execute(UNCLAIMED.encode(), (limit,), binary=True).fetchall()
    lives = ledger.lives([bytes(subject) for (subject,) in rows])
    entries = [entry for (subject,) in rows for entry in lives.get(bytes(subject), ())]
    return [entry for entry in entries if entry.fait.id == entry.fait.objet]

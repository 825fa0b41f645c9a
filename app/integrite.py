"""What is said of the ledger's integrity without verifying it whole: the last audit, the seal, one line, one file.

A whole verification reads every line, which takes hours of a large ledger: ``constat verify --record`` does it once a
day, and what it found is a fact. Nothing here names anybody.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import psycopg

from app import audit, health
from app.open import Opened, policy_of
from app.settings import Settings
from app.suivi import ATTACHES, Suivi
from evidence.mots import dire
from ledger.entry import Entry
from ledger.events.acces import ExportProduit, IntegriteVerifiee
from ledger.follower import live_schema
from ledger.rows import read_entries
from ledger.seal import attempt, checks, receipt
from ledger.seal.checkpoint import PROOF_HEADER, Checkpoint, TlogProof
from ledger.seal.checks import Check
from ledger.seal.log import SealedLog
from ledger.seal.note import Note
from ledger.seal.proof import included
from ledger.seal.verify_file import verify_file
from projections.attaches import Connu, exports_depuis, fichiers

MONTRES: Final = 10
"""How many of the last audits, and of the last time-stamps, are told."""
DEBUTS: Final = (receipt.TITLE.encode(), attempt.TITLE.encode(), PROOF_HEADER.encode())
"""How a file begins that shows something by itself; a checkpoint begins with the log's own name."""
JETONS: Final = "SELECT size, encode(sha256, 'hex'), received_at FROM ledger.token ORDER BY received_at DESC LIMIT %s"
DERNIERES: Final = 2_000
"""How many lines are verified while one waits."""
LIGNES: Final = (
    "SELECT l.position, l.leaf_hash, e.line FROM ledger.leaf AS l JOIN ledger.entry AS e USING (notification_id)"
    " ORDER BY l.position DESC LIMIT %s"
)
SUJET: Final = "SELECT subject FROM ledger.leaf JOIN ledger.entry USING (notification_id) WHERE leaf.position = %s"
LIGNE: Final = (
    "SELECT l.leaf_hash, e.line, e.recorded_at FROM ledger.leaf AS l JOIN ledger.entry AS e USING (notification_id)"
    " WHERE l.position = %s"
)


@dataclass(frozen=True, slots=True)
class Audit:
    """A whole verification, as it was recorded."""

    le: datetime
    resultat: IntegriteVerifiee


@dataclass(frozen=True, slots=True)
class Point:
    """The last checkpoint."""

    note: str
    """With its signatures and the cosignatures that came: C2SP tlog-checkpoint."""
    taille: int
    racine: str
    signe_le: datetime


@dataclass(frozen=True, slots=True)
class Jeton:
    """A time-stamp of a checkpoint (RFC 3161)."""

    taille: int
    empreinte: str
    recu_le: datetime


@dataclass(frozen=True, slots=True)
class Etat:
    """How the ledger stands."""

    audits: tuple[Audit, ...]
    """The last ones, the last first."""
    en_retard: bool
    """Whether the daily audit is missing."""
    point: Point | None
    jetons: tuple[Jeton, ...]
    tenait_jusqu_a: int | None
    """Where the last audit found something: how many lines the last one that found nothing had read, 0 without any."""
    mesures: health.Measures | None


def etat(settings: Settings, opened: Opened, now: datetime) -> Etat:
    """Read it; by nothing that grows with the ledger but the audits themselves."""
    told = [_audit(entry) for entry in audit.audits(opened.ledger)]
    with opened.ledger.connection() as conn:
        note = SealedLog(conn).latest()
        point = _point(conn, note) if note is not None else None
        stamps = tuple(Jeton(*row) for row in conn.execute(JETONS, (MONTRES,)).fetchall())
    return Etat(
        audits=tuple(reversed(told[-MONTRES:])),
        en_retard=not told or now - told[-1].le > audit.DUE,
        point=point,
        jetons=stamps,
        tenait_jusqu_a=_tenait([each.resultat for each in told]),
        mesures=health.read(opened.ledger.database, policy_of(settings)),
    )


def _tenait(told: Sequence[IntegriteVerifiee]) -> int | None:
    if not told or told[-1].conforme:
        return None
    return next((each.position_journal for each in reversed(told) if each.conforme and each.position_journal), 0)


def _audit(entry: Entry) -> Audit:
    event = entry.fait.evenement
    assert isinstance(event, IntegriteVerifiee)  # noqa: S101 - audit.audits gives no other
    return Audit(entry.recorded_at, event)


def _point(conn: psycopg.Connection[Any], note: Note) -> Point:
    said = Checkpoint.parse(note.text)
    row = conn.execute("SELECT signed_at FROM ledger.checkpoint WHERE size = %s", (said.size,)).fetchone()
    assert row is not None  # noqa: S101 - the note comes from this very row
    return Point(bytes(note).decode(), said.size, said.root.hex(), row[0])


@dataclass(frozen=True, slots=True)
class Ligne:
    """One line of the log, hashed again and proved in the tree of a checkpoint."""

    position: int
    ligne: str
    empreinte: str
    """Its leaf hash, made again from the line (RFC 6962)."""
    enregistree_le: datetime
    intacte: bool
    """The hash made again is the one that was sealed."""
    preuve: TlogProof | None
    """``None``: no checkpoint reaches it yet."""
    incluse: bool
    """The proof, checked by code that makes none, leads to the root of its checkpoint."""


def ligne(opened: Opened, position: int) -> Ligne | None:
    """The line at ``position`` (from 1) of the log, checked; ``None``: there is none."""
    with opened.ledger.connection() as conn:
        row = conn.execute(LIGNE, (position,)).fetchone()
        if row is None:
            return None
        log = SealedLog(conn)
        note = log.covering(position)
        proof = log.prove(position, note) if note is not None else None
    leaf, line, recorded = bytes(row[0]), str(row[1]), row[2]
    made = checks.line_hash(line.encode())
    return Ligne(position, line, made.hex(), recorded, made == leaf, proof, proof is not None and _incluse(made, proof))


def _incluse(leaf: bytes, proof: TlogProof) -> bool:
    point = proof.checkpoint
    return included(leaf=leaf, index=proof.index, size=point.size, path=proof.path, root=point.root)


@dataclass(frozen=True, slots=True)
class Remis:
    """An export that was handed over, as it is told where nobody is named."""

    position: int
    """Its line of the log."""
    le: datetime
    quoi: str
    """What it is for, or its kind."""
    export: str | None
    sujet: bytes
    """Whose it is: not told, but for a link of who may follow it."""
    touche: bool
    """It is about the person of the line in question, or the line about everybody: what it concludes may rest on it."""


@dataclass(frozen=True, slots=True)
class ARevoir:
    """The exports that were handed over since a line of the log; the last ones, the last first."""

    depuis: int
    exports: tuple[Remis, ...]
    nombre: int
    """How many there are."""


def a_revoir(opened: Opened, suivi: Suivi, position: int, *, fautive: bool) -> ARevoir:
    """What was handed over after ``position``. ``fautive``: the line there is the wrong one: whose it is matters."""
    with suivi.lire(ATTACHES) as conn:
        places, count = exports_depuis(conn, live_schema(ATTACHES), position)
    with opened.ledger.connection() as conn:
        line = conn.execute(SUJET, (position,)).fetchone() if fautive else None
        rows = read_entries(conn, "leaf.position = ANY(%s::bigint[]) ORDER BY leaf.position DESC", places)
        whose = {row.subject for row in rows} | ({line[0].bytes} if line is not None else set())
        keys = opened.ledger.coffre.of_subjects(conn, whose)
    hers = keys.get(line[0].bytes) if line is not None else None
    # The log's own lines, and the incidents that are nobody's, bear on everybody.
    only = hers.subject if hers is not None and hers.shared is None else None
    told = opened.ledger.open([row for row in rows if row.subject in keys])
    return ARevoir(position, tuple(_remis(entry, only) for entry in told), count)


def _remis(entry: Entry, only: bytes | None) -> Remis:
    event = entry.fait.evenement
    assert isinstance(event, ExportProduit)  # noqa: S101 - the table has no other
    assert entry.position is not None  # noqa: S101 - it was found by it
    whose = entry.subject.bytes
    what = event.profil or dire(event.nature)
    return Remis(entry.position, entry.recorded_at, what, event.export, whose, only is None or whose == only)


@dataclass(frozen=True, slots=True)
class Ecart:
    """The first line that is not the one that was sealed."""

    position: int
    attendue: str
    """The leaf hash that was sealed."""
    trouvee: str
    """The one made again here."""
    a_revoir: ARevoir


@dataclass(frozen=True, slots=True)
class Controle:
    """The last lines, verified while one waits; the whole ledger takes hours."""

    du: int
    au: int
    lignes: int
    hors_arbre: tuple[int, ...]
    """Of the first and the last line that a checkpoint reaches, those whose proof does not lead to its root."""
    ecart: Ecart | None
    secondes: float

    @property
    def tient(self) -> bool:
        """Whether nothing was found."""
        return self.ecart is None and not self.hors_arbre


def dernieres(opened: Opened, suivi: Suivi, chrono: Callable[[], float]) -> Controle:
    """Hash again the last :data:`DERNIERES` lines, and prove both ends in the tree. ``chrono``: seconds that pass."""
    begun = chrono()
    with opened.ledger.connection() as conn:
        rows = conn.execute(LIGNES, (DERNIERES,)).fetchall()
    made = [(position, bytes(leaf), checks.line_hash(line.encode())) for position, leaf, line in reversed(rows)]
    wrong = next((each for each in made if each[1] != each[2]), None)
    ends = dict.fromkeys((made[0][0], made[-1][0])) if made else {}
    read = [found for position in ends if (found := ligne(opened, position)) is not None]
    return Controle(
        du=made[0][0] if made else 0,
        au=made[-1][0] if made else 0,
        lignes=len(made),
        hors_arbre=tuple(each.position for each in read if each.preuve is not None and not each.incluse),
        ecart=_ecart(opened, suivi, *wrong) if wrong is not None else None,
        secondes=chrono() - begun,
    )


def _ecart(opened: Opened, suivi: Suivi, position: int, sealed: bytes, made: bytes) -> Ecart:
    return Ecart(position, sealed.hex(), made.hex(), a_revoir(opened, suivi, position, fautive=True))


@dataclass(frozen=True, slots=True)
class Fichier:
    """What there is to say of a file."""

    empreinte: str
    connu: tuple[Connu, ...]
    """The facts that name it."""
    controles: tuple[Check, ...]
    """What it shows by itself: a receipt, a proof or a checkpoint, where this deployment says whom to believe."""
    tient: bool


def fichier(
    settings: Settings, opened: Opened, suivi: Suivi, empreinte: str, raw: bytes | None, now: datetime
) -> Fichier:
    """What the ledger knows of a file of this digest. ``raw``: its content, when it is short enough to be a receipt."""
    with suivi.lire(ATTACHES) as conn:
        known = fichiers(conn, live_schema(ATTACHES), empreinte)
    found = _controles(settings, opened.ledger.origin, raw, now) if raw is not None else ()
    return Fichier(empreinte, tuple(known), tuple(found), checks.holding(found))


def _controles(settings: Settings, origin: str, raw: bytes, now: datetime) -> Sequence[Check]:
    policy = policy_of(settings)
    if policy is None or not raw.startswith((*DEBUTS, origin.encode())):
        return ()
    return verify_file(raw, policy, now)

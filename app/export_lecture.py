"""All that is read of one person for an export, once: her facts, their evidence, the log's proofs, the documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from app.cli_common import life_and_incidents
from app.exports import lecture, politique_du_paquet
from app.open import Opened
from app.settings import Settings
from evidence.contenus import Citation, Citee, Contenu, Retenue, citations, nommees, ouvrir, retenues
from evidence.journal import Journal, lire_journal
from evidence.noms import terminaison
from evidence.paquet import Vue
from evidence.produit import Lecture, gardes
from ledger.days import paris_day
from ledger.entry import Entry, Piece
from ledger.errors import ConstatError, TamperedError
from ledger.seal.policy import Policy
from replay.as_of import Moment
from replay.passe import avec_le_passe
from replay.preuve import Preuve, preuve
from replay.vie import touchants

EXPERT: Final = "expert"
DEFENSEUR: Final = "defenseur"
ABSENTE: Final = "annoncée, jamais reçue"
ALTEREE: Final = "ne s'ouvre pas : modifiée ou coupée au dépôt de documents"
ANTERIEUR: Final = "export antérieur, gardé pour être refait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demande:
    """What is asked for. ``gardees``: ids of facts whose content and documents the person keeps back."""

    id: UUID
    personne: str
    profil: str
    au: date
    connu_le: datetime | None = None
    gardees: frozenset[str] = frozenset()
    tiers: bool = False
    affaire: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lu:
    """What was read. ``entries``: hers and those of the incidents that reached her.

    ``fermees``: why, by fact and part.
    """

    demande: Demande
    entries: tuple[Entry, ...]
    preuve: Preuve
    vue: Vue
    politique: Policy
    journal: Journal
    fermees: Mapping[tuple[UUID, str], str]
    contenus: tuple[Contenu, ...]
    retenues: tuple[Retenue, ...]
    pieces: tuple[Citee, ...]
    partages: tuple[bytes, ...]
    """The incidents that are nobody's among the subjects."""


def lire(settings: Settings, opened: Opened, demande: Demande) -> Lu:
    """Read what an export needs; nothing is written.

    :raises ConstatError: nobody is known by this reference, a fact is not sealed yet, or one that the person keeps back
        speaks against her.
    """
    read = life_and_incidents(opened, demande.personne)
    entries = touchants(read)
    latest = max(entry.recorded_at for entry in read)
    known = min(demande.connu_le or latest, latest)  # what is recorded later was not known, whatever day is asked for
    found = avec_le_passe(read, preuve(read, Moment(known, demande.au)))
    require_counter_evidence(demande, entries, found)
    if demande.gardees and (demande.connu_le is not None or demande.au < paris_day(latest)):
        # An earlier look would not find what a fact told later speaks against.
        require_counter_evidence(demande, entries, preuve(read, Moment(latest, max(demande.au, paris_day(latest)))))
    closed = retenues(demande.personne, entries, demande.gardees, tiers=demande.tiers)
    policy = politique_du_paquet(settings, opened)
    subjects = sorted({entry.subject.bytes for entry in entries})
    with opened.ledger.connection() as conn:
        journal = lire_journal(conn, opened.ledger.origin, subjects, policy)
        keys = opened.ledger.coffre.of_subjects(conn, subjects)
        shown = {ligne.event_id for ligne in journal.actes}
        parts, withheld = ouvrir(conn, opened.ledger.entries, keys, shown, closed)
    hers = {entry.subject.bytes for entry in entries if entry.fait.personne is not None}
    others = tuple(each for each in subjects if each not in hers)
    kept = frozenset(piece.sha256 for entry in entries for piece in gardes(entry.fait))
    cited = citations((entry for entry in entries if entry.event_id.bytes in shown), closed)
    return Lu(
        demande=demande,
        entries=entries,
        preuve=found,
        vue=Vue(known, demande.au, found.regles),
        politique=policy,
        journal=journal,
        fermees=closed,
        contenus=tuple(parts),
        retenues=tuple(withheld),
        pieces=tuple(_pieces(lecture(opened, demande.personne, others), cited, kept)),
        partages=others,
    )


def require_counter_evidence(demande: Demande, entries: tuple[Entry, ...], found: Preuve) -> None:
    """What speaks against the person cannot be kept back: an export that could hide it would prove nothing.

    :raises ConstatError: she keeps such a fact back, or one that there is not.
    """
    ids = {entry.event_id: entry.fait.id for entry in entries}
    against = {ids.get(each) for lost in found.attributions for link in lost.contre for each in link.entries}
    against |= {ids.get(each) for apart in found.divergences for each in apart.entries}
    if refused := sorted(demande.gardees & against):
        msg = f"ces faits parlent en sens contraire, ils ne peuvent pas être retirés : {', '.join(refused)}"
        raise ConstatError(msg)
    if unknown := sorted(demande.gardees - set(ids.values())):
        msg = f"aucun fait de {demande.personne} ne porte ces identifiants : {', '.join(unknown)}"
        raise ConstatError(msg)


def _pieces(lire: Lecture, cited: Mapping[str, tuple[Piece, list[Citation]]], kept: frozenset[str]) -> list[Citee]:
    """Each document that is cited, with its ending by its first bytes, or why it is not there."""
    there: list[tuple[Piece, list[Citation], str]] = []
    missing: list[Citee] = []
    for piece, where in cited.values():
        why = ANTERIEUR if piece.sha256 in kept else ""
        try:
            ending = "" if why else terminaison(next(iter(lire(piece)), b"")[:16])
        except FileNotFoundError:
            why, ending = ABSENTE, ""
        except TamperedError:
            why, ending = ALTEREE, ""
        if why:
            missing.append(Citee(piece, tuple(sorted(where)), None, why))
        else:
            there.append((piece, where, ending))
    return [*nommees(there), *missing]

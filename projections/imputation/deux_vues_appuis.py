"""What else shows that two views came apart: unreadable messages, incidents, receipts, and the code to give it."""

from collections.abc import Iterator
from typing import Any, Final

from ledger.entry import Entry
from ledger.events.depot import DemandeDeposee, PieceVersee, ReceptionPieceAccusee
from ledger.events.incident import IncidentOuvert, PorteeIncidentFixee
from ledger.events.instruction import ComplementDemande, ComplementMisADisposition
from ledger.events.listes import ModeNotification
from ledger.events.types import CodeIncident
from ledger.events.types import Source as Origine
from projections.imputation.deux_vues_arrivees import (
    Vie,
    de_type,
    dossiers,
    incidents,
    jour_du_fait,
    lien,
    obstacles,
)
from projections.imputation.deux_vues_ecarts import DE_CATALOGUE, Ecart
from projections.imputation.deux_vues_table import Cote

POSTE: Final = frozenset({ModeNotification.LETTRE_RECOMMANDEE, ModeNotification.LETTRE_SIMPLE, ModeNotification.AUTRE})
B09: Final = CodeIncident.SINGLE_PROCEDURE_ONLY


def code_de(v: Vie, entry: Entry, rule: Ecart) -> str:
    """The code of the source or of the incident that the fact names, when it is one of ours; the rule's otherwise."""
    event: Any = entry.fait.evenement
    if isinstance(event, ComplementDemande) and event.mode in POSTE:
        return "demande_par_lettre_sans_reception"
    codes = {event.lire_champ("code_incident")}
    if incidents(entry) and rule.vu_par is Cote.USAGER:
        opened = [e for e in de_type(v, IncidentOuvert) if incidents(e) & incidents(entry)]
        codes |= {e.fait.evenement.code for e in opened if isinstance(e.fait.evenement, IncidentOuvert)}
    return min((c.value for c in codes if c in DE_CATALOGUE), default=rule.code)


def origines_de(entry: Entry, rule: Ecart) -> tuple[Origine, ...]:
    """The sources that would contain the act; what comes by letter is not in a téléservice."""
    event: Any = entry.fait.evenement
    letter = isinstance(event, ComplementDemande) and event.mode in POSTE
    return (Origine.PAPIER,) if letter else rule.origines


def appuis(v: Vie, entry: Entry, rule: Ecart, facts: tuple[Entry, ...]) -> Iterator[Entry]:
    """What else shows the divergence: an unreadable message, the incident, the receipt of a piece, the other file."""
    yield from facts
    for code in DE_CATALOGUE & {rule.code}:
        for _, end, about in obstacles(v, code, entry):
            if end is None or end[1] >= jour_du_fait(entry)[0]:
                yield from about
    event = entry.fait.evenement
    if isinstance(event, ComplementDemande):
        for e in de_type(v, ComplementMisADisposition):
            if lien(entry, e) and e.fait.evenement.lire_champ("lisible") is False:
                yield e
    if isinstance(event, PieceVersee):
        yield from _accuses(v, entry, event)
    if code_de(v, entry, rule) == B09.value:
        yield from en_cours(v, entry)


def _accuses(v: Vie, entry: Entry, sent: PieceVersee) -> Iterator[Entry]:
    """The receipts of a piece: they show that the administration is seized, not that its agent has the piece."""
    for e in de_type(v, ReceptionPieceAccusee):
        got: Any = e.fait.evenement
        same = sent.sha256 == got.sha256 if sent.sha256 and got.sha256 else sent.piece == got.piece
        if same and dossiers(e) & dossiers(entry):
            yield e


def en_cours(v: Vie, entry: Entry) -> list[Entry]:
    """The applications for something else, filed by the day of a failed attempt."""
    day = jour_du_fait(entry)[0]
    filed = [e for e in de_type(v, DemandeDeposee) if not dossiers(e) & dossiers(entry)]
    return sorted((e for e in filed if jour_du_fait(e)[1] <= day), key=lambda e: (jour_du_fait(e), e.event_id.int))


def dossier_de(v: Vie, entry: Entry) -> str | None:
    """The dossier that the fact is about, or that its incident touches; the first by name when there are several."""
    about = [e for e in de_type(v, IncidentOuvert, PorteeIncidentFixee) if incidents(e) & incidents(entry)]
    return min(dossiers(entry) or frozenset[str]().union(*(dossiers(e) for e in about)), default=None)


def quoi(entry: Entry) -> str:
    """What the history calls the fact, with the piece it names."""
    event = entry.fait.evenement
    piece = event.lire_champ("piece")
    return f"{type(event).titre_fr()} : {piece}" if piece else type(event).titre_fr()

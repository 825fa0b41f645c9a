"""Histories that did not happen: the facts to add and to leave out so that a duty is done on its day.

Nothing of this is ever recorded. Each edit says what it supposes.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from ledger.days import Jours, Quand
from ledger.entry import Acteur, Entry, build_fait
from ledger.events.base import Event
from ledger.events.depot import DemandeDeposee, DemandePapierEnregistree
from ledger.events.instruction import ComplementRepondu
from ledger.events.provisoire import (
    AttestationDecisionFavorableDelivree,
    AttestationProlongationDelivree,
    RecepisseDelivre,
)
from ledger.events.titre import TitreRemis
from ledger.events.types import Canal, Grade, NatureActeur, NatureDemande, Source, TypeTitre
from projections.couverture.faits import Demande
from projections.couverture.lacunes import Intervalles
from projections.couverture.modeles import BaseCouverture
from projections.couverture.motifs import jour_fr
from projections.imputation.matiere import SUPPOSE, Matiere, cartes

_ESPACE: Final = UUID("5d1c0d3e-0000-4000-8000-000000000000")
_JAMAIS: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SUPPOSE: Final = Acteur(nature=NatureActeur.SYSTEME)


class Edition(NamedTuple):
    """What to leave out of a history and what to put in, with the assumption in French."""

    suppose: str
    retire: frozenset[UUID]
    ajoute: tuple[Entry, ...]


def appliquer(entries: Sequence[Entry], editions: Sequence[Edition]) -> list[Entry]:
    """The history with these edits made; two edits that move one application keep the earlier day."""
    gone = {each for edition in editions for each in edition.retire}
    supposed = [entry for edition in editions for entry in edition.ajoute]
    named = {entry.event_id for entry in supposed}
    added: dict[UUID, Entry] = {}
    for entry in [*(entry for entry in entries if entry.event_id in named), *supposed]:
        before = added.setdefault(entry.event_id, entry)
        if entry.fait.survenu.debut < before.fait.survenu.debut:
            added[entry.event_id] = entry
    return [entry for entry in entries if entry.event_id not in gone and entry.event_id not in added] + list(
        added.values()
    )


def document(m: Matiere, base: BaseCouverture, dossier: str | None, jours: Intervalles) -> Edition:
    """The document in the person's hands on each of these days."""
    given = [
        _entry(m, f"{base}/{dossier}/{du}/{au}", f"suppose-{du}", du, _document(base, dossier, du, au))
        for du, au in jours
    ]
    days = ", ".join(f"du {jour_fr(du)} au {jour_fr(au)}" for du, au in jours)
    return Edition(f"mise à disposition : {base.libelle}, {days}", frozenset(), tuple(given))


def _document(base: BaseCouverture, dossier: str | None, du: int, au: int) -> Event:
    first, last = Jours.le(date.fromordinal(du)), Jours.le(date.fromordinal(au))
    match base:
        case BaseCouverture.RECEPISSE:
            return RecepisseDelivre(valide_du=first, valide_au=last, remis_le=first, dossier=dossier)
        case BaseCouverture.ADF:
            return AttestationDecisionFavorableDelivree(
                valide_du=first, valide_au=last, mise_a_disposition_le=first, dossier=dossier
            )
        case BaseCouverture.TITRE:
            return TitreRemis(
                type_titre=TypeTitre.AUTRE, valide_du=first, valide_au=last, remis_le=first, dossier=dossier
            )
        case _:
            return AttestationProlongationDelivree(
                valide_du=first, valide_au=last, mise_a_disposition_le=first, dossier=dossier
            )


def depot(m: Matiere, day: int, filed: Demande | None, near: Entry, tried: Iterable[Entry] = ()) -> Edition:
    """The application filed online on ``day``: the one that came later, moved, or a new one.

    ``tried``: the attempts that it takes the place of.
    """
    le = Jours.le(date.fromordinal(day))
    known = _connu(m, filed, near)
    event = DemandeDeposee(**known, deposee_le=le)
    made = _deposee(m, day, filed, near, event, f"demande déposée en ligne le {jour_fr(day)}")
    return made._replace(retire=made.retire | {entry.event_id for entry in tried})


def depot_papier(m: Matiere, day: int, filed: Demande | None, near: Entry) -> Edition:
    """The application received by another way on ``day``."""
    le = Jours.le(date.fromordinal(day))
    event = DemandePapierEnregistree(**_connu(m, filed, near), recue_le=le)
    return _deposee(m, day, filed, near, event, f"demande reçue par une autre voie le {jour_fr(day)}")


def _deposee(m: Matiere, day: int, filed: Demande | None, near: Entry, event: Event, suppose: str) -> Edition:
    objet = filed.dossier if filed else getattr(near.fait.evenement, "dossier", None) or f"suppose-{near.fait.objet}"
    gone = frozenset() if filed is None else frozenset({filed.entry.event_id})
    return Edition(suppose, gone, (_entry(m, f"depot/{objet}", objet, day, event),))


def _connu(m: Matiere, filed: Demande | None, near: Entry) -> dict[str, Any]:
    """What is known of an application that was made later, or was to be made."""
    if filed is not None:
        taken = (
            "titre_demande", "motif_sejour", "duree_annees", "nature", "fondement", "prefecture", "departement",
            "departement_liste_l433_3", "titre_precedent", "en_teleservice_obligatoire",
        )  # fmt: skip
        return {name: getattr(filed.evenement, name) for name in taken}
    held = max(cartes(m), key=lambda d: d.droit, default=None)
    wanted = getattr(near.fait.evenement, "titre_demande", None)
    return {
        "titre_demande": wanted or (held.evenement.type_titre if held else TypeTitre.AUTRE),
        "nature": NatureDemande.RENOUVELLEMENT if held else NatureDemande.PREMIERE_DEMANDE,
    }


def reponse(asked: Entry, day: int) -> Edition:
    """The pieces produced on ``day``."""
    request: Any = asked.fait.evenement
    event = ComplementRepondu(
        complement=request.complement, repondu_le=Jours.le(date.fromordinal(day)), toutes_les_pieces=True
    )
    made = _fait(asked, f"reponse/{asked.event_id}", asked.fait.objet, day, event)
    return Edition(f"pièces produites le {jour_fr(day)}", frozenset(), (made,))


def _entry(m: Matiere, name: str, objet: str | None, day: int, event: Event) -> Entry:
    return _fait(m.entries[0], name, objet, day, event)


def _fait(near: Entry, name: str, objet: str | None, day: int, event: Event) -> Entry:
    moment = Quand.lire(date.fromordinal(day).isoformat())
    made = build_fait(
        id=f"{SUPPOSE}{name}",
        personne=near.fait.personne,
        objet=objet,
        survenu=moment,
        connu_de_la_source=None,
        acteur=_SUPPOSE,
        canal=Canal.SYSTEME,
        source=Source.CONSTAT,
        grade=Grade.E,
        corrige=None,
        cause=None,
        correlation=None,
        flux_choisi=None,
        pieces=(),
        avertissements=(),
        evenement=event,
    )
    return Entry(
        position=None,
        stream=near.stream,
        pos=0,
        subject=near.subject,
        event_id=uuid5(_ESPACE, name),
        recorded_at=_JAMAIS,
        fait=made,
    )

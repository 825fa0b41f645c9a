"""Lives told in a few words, for the coverage tests: every person is fictional."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, Final
from uuid import UUID

from ledger.days import Jours, Quand
from ledger.entry import Acteur, Entry, Fait
from ledger.events.base import Event
from ledger.events.decision import DecisionAnnulee, DecisionFavorablePrise, RefusNotifie
from ledger.events.depot import DemandeDeposee
from ledger.events.provisoire import (
    AttestationDecisionFavorableDelivree,
    AttestationProlongationDelivree,
    RecepisseDelivre,
)
from ledger.events.titre import TitreRemis
from ledger.events.types import (
    Canal,
    Flux,
    Grade,
    NatureActeur,
    NatureDecision,
    NatureDemande,
    Source,
    TypeTitre,
)
from projections.couverture import Couverture, couverture

_PERSON: Final = UUID(int=1)
_numbers: Final = count(1)
Days = tuple[str, str]


def jours(text: str | None) -> Jours | None:
    """The day or the interval that ``text`` writes."""
    return None if text is None else Jours.lire(text)


def e(objet: str, survenu: str, evenement: Event) -> Entry:
    """One entry of the person, about ``objet``."""
    number = next(_numbers)
    fait = Fait(
        id=f"F-{number}", personne="fictif-1", objet=objet, survenu=Quand.lire(survenu),
        acteur=Acteur(nature=NatureActeur.PREFECTURE), canal=Canal.SYSTEME, source=Source.ANEF, grade=Grade.A,
        flux_choisi=None if not evenement.tout_flux else Flux.DOSSIER, evenement=evenement,
    )  # fmt: skip
    return Entry(
        position=number, stream=_PERSON, pos=number, subject=_PERSON, event_id=UUID(int=number),
        recorded_at=datetime(2026, 11, 23, tzinfo=UTC), fait=fait,
    )  # fmt: skip


def titre(du: str, au: str, *, remis: str | None = "", ref: str = "T-1", **given: Any) -> Entry:
    """A card, handed over on its first day unless said otherwise (``None``: not known)."""
    values = {"type_titre": TypeTitre.CST, "duree_annees": 1, **given}
    handed = du if remis == "" else remis
    return e(ref, du, TitreRemis(valide_du=Jours.lire(du), valide_au=Jours.lire(au), remis_le=jours(handed), **values))


def demande(le: str, *, dossier: str = "D-1", **given: Any) -> Entry:
    """An application filed online, for a renewal unless said otherwise."""
    values = {"titre_demande": TypeTitre.CST, "nature": NatureDemande.RENOUVELLEMENT, **given}
    return e(dossier, le, DemandeDeposee(deposee_le=Jours.lire(le), **values))


def api(du: str, au: str, *, dispo: str | None = "", ref: str = "A-1", dossier: str | None = "D-1") -> Entry:
    """An extension certificate, available on its first day unless said otherwise (``None``: not known)."""
    available = du if dispo == "" else dispo
    event = AttestationProlongationDelivree(
        valide_du=Jours.lire(du), valide_au=Jours.lire(au), mise_a_disposition_le=jours(available), dossier=dossier
    )
    return e(ref, du, event)


def recepisse(du: str, au: str, *, remis: str | None = "", ref: str = "R-1", dossier: str | None = "D-1") -> Entry:
    """A récépissé, handed over on its first day unless said otherwise."""
    handed = du if remis == "" else remis
    event = RecepisseDelivre(
        valide_du=Jours.lire(du), valide_au=Jours.lire(au), remis_le=jours(handed), dossier=dossier
    )
    return e(ref, du, event)


def adf(du: str, *, au: str | None = None, dispo: str | None = "", dossier: str | None = "D-1") -> Entry:
    """A certificate of a favourable decision, without an end unless one is given."""
    available = du if dispo == "" else dispo
    event = AttestationDecisionFavorableDelivree(
        valide_du=Jours.lire(du), valide_au=jours(au), mise_a_disposition_le=jours(available), dossier=dossier
    )
    return e("ADF-1", du, event)


def favorable(le: str, *, du: str | None = None, au: str | None = None, dossier: str = "D-1") -> Entry:
    """A favourable decision."""
    event = DecisionFavorablePrise(
        prise_le=Jours.lire(le), titre_accorde=TypeTitre.CST, valide_du=jours(du), valide_au=jours(au)
    )
    return e(dossier, le, event)


def refus(le: str, *, dossier: str = "D-1") -> Entry:
    """An express refusal, notified."""
    return e(dossier, le, RefusNotifie(notifie_le=Jours.lire(le)))


def vue(entries: Sequence[Entry], au: str) -> Couverture:
    """The coverage seen on the day ``au``."""
    return couverture(entries, date.fromisoformat(au))


def periodes(found: Iterable[Any]) -> list[tuple[str, str]]:
    """The first and the last day of each, as text."""
    return [(each.du.isoformat(), each.au.isoformat()) for each in found]


def couverts(found: Iterable[Any]) -> list[tuple[str, str, str]]:
    """The segments as the worked cases write them."""
    return [(each.base.name, each.du.isoformat(), each.au.isoformat()) for each in found]


def ruptures(cover: Couverture) -> list[tuple[str, str, int]]:
    """The interruptions, with their number of days."""
    return [(each.du.isoformat(), each.au.isoformat(), each.jours) for each in cover.interruptions]


def lacunes(entries: Sequence[Entry], au: str) -> list[tuple[str, str, str, str]]:
    """The gaps as (first day, last day, nature, certainty)."""
    return [(g.du.isoformat(), g.au.isoformat(), g.nature.value, g.certitude.value) for g in vue(entries, au).lacunes]


def annule(le: str, vise: NatureDecision = NatureDecision.REFUS_EXPRES, **given: Any) -> Entry:
    """A judgment that annuls a decision of dossier D-1."""
    return e("D-1", le, DecisionAnnulee(annulee_le=Jours.lire(le), vise=vise, **given))


CARTE: Final = titre("2024-10-01", "2025-09-30")
"""A one-year card, handed over on its first day."""

QUATRE_ANS: Final[dict[str, Any]] = {"type_titre": TypeTitre.CSP, "duree_annees": 4}
"""What makes a card of the kind that L.433-3 al. 1 names."""

"""Losses suffered from third parties: what began them, what ended them; a layer of its own."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple

from ledger.entry import Entry
from ledger.events import effet
from ledger.events.base import Event
from projections.couverture.faits import Bornes, ParType, bornes, tous
from projections.couverture.modeles import Effet

DEBUTS: Final[tuple[type[Event], ...]] = (
    effet.OffreEmploiRetiree,
    effet.EmploiSuspendu,
    effet.EmploiRompu,
    effet.PrestationSuspendue,
    effet.RadiationFranceTravail,
    effet.CouvertureSantePerdue,
    effet.LogementOuBanqueRefuse,
)
FINS: Final[tuple[type[Event], ...]] = (
    effet.EmploiRepris,
    effet.PrestationRetablie,
    effet.InscriptionFranceTravailRetablie,
    effet.CouvertureSanteRetablie,
    effet.LogementOuBanqueAccorde,
)


class _Pas(NamedTuple):
    le: Bornes
    ouvre: bool
    entry: Entry
    evenement: Any


def effets(faits: ParType) -> list[Effet]:
    """Each loss, in the order of days; within one reference, the next fact of either kind ends the one before."""
    by_object: dict[str, list[_Pas]] = defaultdict(list)
    for entry, event in tous(faits, *DEBUTS):
        by_object[entry.fait.objet or str(entry.event_id)].append(_Pas(bornes(event.depuis_le), True, entry, event))  # noqa: FBT003  # named by the field
    if not by_object:
        return []
    for entry, event in tous(faits, *FINS):
        day = event.repris_le if isinstance(event, effet.EmploiRepris) else event.retablie_le
        steps = by_object.get(entry.fait.objet or "")
        if steps is not None:
            steps.append(_Pas(bornes(day), False, entry, event))  # noqa: FBT003  # named by the field
    found = [each for steps in by_object.values() for each in _pertes(steps)]
    return sorted(found, key=lambda e: (e.du, e.reference or "", e.nature, [i.int for i in e.entries]))


def _pertes(steps: list[_Pas]) -> Iterator[Effet]:
    steps.sort(key=lambda s: (s.le, s.ouvre, s.entry.event_id.int))
    for index, step in enumerate(steps):
        if step.ouvre:
            later = (s for s in steps[index + 1 :] if s.le > step.le or not s.ouvre)
            yield _effet(step, next(later, None))


def _effet(step: _Pas, after: _Pas | None) -> Effet:
    event = step.evenement
    return Effet(
        du=date.fromordinal(step.le[0]),
        du_certain=date.fromordinal(step.le[1]),
        au=None if after is None else date.fromordinal(max(after.le[1] - 1, step.le[0])),
        au_certain=None if after is None else date.fromordinal(max(after.le[0] - 1, step.le[0])),
        nature=event.nom,
        libelle=event.titre_fr(),
        organisme=_organisme(event),
        reference=step.entry.fait.objet,
        entries=(step.entry.event_id,) if after is None else (step.entry.event_id, after.entry.event_id),
    )


def _organisme(event: Any) -> str | None:
    if isinstance(event, effet.RadiationFranceTravail):
        return "France Travail"
    named: str | None = getattr(event, "organisme", None) or getattr(event, "employeur", None)
    return named

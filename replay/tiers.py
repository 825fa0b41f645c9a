"""Other people in a person's facts, masked: whoever acts is told by a number, whose dossier it is not told at all.

Ids of actors are pseudonyms already; here they become « tiers-1 », the same all through, so that she sees that one
agent acted twice and no more. Her own id and those of the representatives that she named stay. Free texts are left as
they are: no rule finds every name in them.
"""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from ledger.entry import Acteur, Entry
from ledger.events.base import Event
from ledger.events.personne import MandatDonne
from ledger.events.types import Flux

ELSEWHERE: Final = "dossier d'un tiers"
LISTS: Final = ("dossiers",)
SINGLES: Final = ("dossier",)


class Masque:
    """Masks the third parties of one person's ``entries``, among which those of incidents of nobody may be."""

    def __init__(self, personne: str, entries: Iterable[Entry]) -> None:
        known = list(entries)
        hers = [entry.fait for entry in known if entry.fait.personne is not None]
        self._known = {personne} | {
            fait.evenement.mandataire for fait in hers if isinstance(fait.evenement, MandatDonne)
        }
        self._dossiers = {fait.objet for fait in hers if fait.flux is Flux.DOSSIER}
        self._numbers: dict[str, str] = {}
        self.masked = 0
        """How many values were masked so far."""

    def entry(self, entry: Entry) -> Entry:
        """``entry`` without what names other people."""
        fait = entry.fait
        change: dict[str, object] = {"acteur": self._acteur(fait.acteur)}
        if fait.personne is None:
            change["evenement"] = self._evenement(fait.evenement)
        return replace(entry, fait=fait.model_copy(update=change))

    def _acteur(self, acteur: Acteur) -> Acteur:
        return acteur.model_copy(update={"id": self._nom(acteur.id), "au_nom_de": self._nom(acteur.au_nom_de)})

    def _nom(self, reference: str | None) -> str | None:
        if reference is None or reference in self._known:
            return reference
        self.masked += 1
        return self._numbers.setdefault(reference, f"tiers-{len(self._numbers) + 1}")

    def _evenement(self, event: Event) -> Event:
        """An event of an incident that is nobody's: of the dossiers that it names, hers only."""
        change: dict[str, object] = {}
        for name in LISTS:
            listed = event.lire_champ(name) or ()
            hers = tuple(each for each in listed if each in self._dossiers)
            if len(hers) < len(listed):
                change[name] = hers
                self.masked += len(listed) - len(hers)
        for name in SINGLES:
            named = event.lire_champ(name)
            if named is not None and named not in self._dossiers:
                change[name] = ELSEWHERE
                self.masked += 1
        return event.model_copy(update=change) if change else event

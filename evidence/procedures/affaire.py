"""One person's matter on one day: her facts and their evidence, read once for all that is asked of them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from ledger.entry import Entry
from ledger.events.base import Event
from ledger.events.decision import RefusDecide
from ledger.events.types import NatureDecision
from ledger.retained import holding
from projections.couverture.faits import Demande
from projections.couverture.modeles import RefusImplicite, StatutRefus
from projections.imputation.calcul import Lue, lire
from projections.imputation.devoirs_recours import Delai, delais
from projections.imputation.devoirs_silence import silences
from projections.imputation.matiere import Matiere, depots, instruction_de, lus
from replay.as_of import Moment
from replay.preuve import Preuve, prouver

EN_SUSPENS: Final = frozenset({StatutRefus.NE, StatutRefus.A_NAITRE, StatutRefus.INCERTAIN})
"""The implicit refusals that stand, may stand, or are to come."""


class Affaire(NamedTuple):
    """What is read of a person on a day."""

    lue: Lue
    preuve: Preuve
    silences: tuple[RefusImplicite, ...]
    delais: tuple[Delai, ...]
    """The decisions that exist that day, each with its appeal period."""

    @property
    def m(self) -> Matiere:
        """What duties are read from."""
        return self.lue.m

    @property
    def au(self) -> date:
        """The civil day (Europe/Paris) on which one looks."""
        return self.preuve.au

    @property
    def siennes(self) -> tuple[Entry, ...]:
        """Her own facts, those of incidents of nobody left aside."""
        return tuple(entry for entry in self.lue.entries if entry.fait.personne is not None)

    def decisions(self) -> Iterator[Delai]:
        """The decisions that still stand that day."""
        for each in self.delais:
            if each.fin is None or each.fin >= self.m.au:
                yield each

    def en_cours(self) -> list[Demande]:
        """The applications for a right of stay that are still examined that day."""
        found = []
        for each in depots(self.m):
            end = instruction_de(self.m, each.dossier, each.le[0]).fin
            if each.le[0] <= self.m.au and (end is None or end >= self.m.au):
                found.append(each)
        return found

    def demande(self, dossier: str | None) -> Demande | None:
        """The first application of a dossier."""
        return next((each for each in self.m.trame.demandes if each.dossier == dossier), None)

    def couverte_jusqu_au(self) -> date | None:
        """The last day of the stretch, surely proven, in which the day of observation lies; ``None``: it is in none.

        ``date.max`` when no end is stated.
        """
        layers = self.m.trame.couches
        for first, last in layers.preuve_sure if layers is not None else ():
            if first <= self.m.au <= last:
                return date.fromordinal(min(last, date.max.toordinal()))
        return None

    def actes(self, each: Delai) -> list[Entry]:
        """The facts whose documents are the decision: those that show it, and the refusal that was then notified."""
        shown = [entry for entry in self.lue.entries if entry.event_id in each.decision.constat.entries]
        if each.decision.nature is not NatureDecision.REFUS_EXPRES:
            return shown
        taken = [
            entry
            for entry, _ in self.faits(RefusDecide, dossier=each.decision.dossier)
            if entry.fait.survenu.jours.premier.toordinal() <= each.decision.le
        ]
        return [*shown, *(entry for entry in taken[-1:] if entry not in shown)]

    def faits(self, *types: type[Event], dossier: str | None = None) -> list[tuple[Entry, Any]]:
        """The facts of these types up to the day, those of ``dossier`` only when it is given."""
        return [(e, v) for e, v in lus(self.m, *types) if dossier is None or _dossier(e) == dossier]


def _dossier(entry: Entry) -> str | None:
    named: str | None = entry.fait.evenement.lire_champ("dossier")
    return named or entry.fait.objet


def affaire(entries: Sequence[Entry], moment: Moment) -> Affaire:
    """The matter of the person whose ``entries`` these are (those of incidents of nobody may be among them)."""
    lue = lire(holding(entries, at=moment.connu_le, on=moment.au), moment.au)
    silent = tuple(_decide_avant(lue.m, each) for each in silences(lue.m))
    return Affaire(lue, prouver(lue, moment), silent, tuple(_debout(lue.m, silent)))


def _decide_avant(m: Matiere, refusal: RefusImplicite) -> RefusImplicite:
    """The refusal as it is once a card, or a certificate of a favourable decision, shows the application decided.

    Coverage reads the decision itself; where only what followed it is known, it was taken all the same.
    """
    filed = next((d for d in m.trame.demandes if d.dossier == refusal.dossier), None)
    ended = None if filed is None else instruction_de(m, refusal.dossier, filed.le[0]).fin
    if ended is None or ended >= m.au or refusal.statut not in EN_SUSPENS:
        return refusal
    before = ended < refusal.ne_le.toordinal()
    return msgspec.structs.replace(refusal, statut=StatutRefus.PREVENU if before else StatutRefus.REMPLACE)


def _debout(m: Matiere, silent: Iterable[RefusImplicite]) -> Iterator[Delai]:
    """The decisions, without the implicit refusals that are none."""
    prevented = {r.dossier for r in silent if r.statut is StatutRefus.PREVENU}
    alive = {r.dossier for r in silent if r.statut is not StatutRefus.PREVENU}
    for each in delais(m):
        silence = each.decision.nature is NatureDecision.REFUS_IMPLICITE
        if not silence or each.decision.dossier in alive or each.decision.dossier not in prevented:
            yield each


def ids(entries: Iterable[Entry]) -> tuple[UUID, ...]:
    """The ids of these facts."""
    return tuple(dict.fromkeys(entry.event_id for entry in entries))


def documents(entries: Iterable[Entry]) -> tuple[str, ...]:
    """The digests of the documents that these facts cite, each once."""
    return tuple(dict.fromkeys(piece.sha256 for entry in entries for piece in entry.fait.pieces))

"""A duty of one party, and the findings that every duty is told with."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from ledger.entry import Entry
from ledger.events import personne
from ledger.events.types import StatutProtection, TypeTitre
from projections.couverture.documents import Doc
from projections.couverture.faits import Demande
from projections.couverture.lacunes import Intervalles
from projections.imputation import editions
from projections.imputation.editions import Edition
from projections.imputation.matiere import Empechement, Matiere, fin_neutralisee, grade, lus, recherche
from projections.imputation.modeles import Constat, Partie, Statut, moins_etabli, statut_de
from rules import ceseda_r431_5_fenetre, ceseda_r431_15_3_refugie
from rules.base import Source

PROTEGES: Final = {
    StatutProtection.REFUGIE: ceseda_r431_15_3_refugie.SOURCE,
    StatutProtection.PROTECTION_SUBSIDIAIRE: ceseda_r431_15_3_refugie.PROTECTION_SUBSIDIAIRE,
}

ACCES: Final = frozenset({"depot_possible", "substitution", "rendez_vous", "information_protege"})
"""The duties of access: what they open, the person still has to do."""
_DOCUMENTS: Final = frozenset(
    {
        "attestation_prolongation",
        "attestation_protege",
        "recepisse",
        "renouvellement_provisoire",
        "attestation_decision_favorable",
    }
)


class Exigence(NamedTuple):
    """A duty of one party in one dossier."""

    code: str
    debiteur: Partie
    dossier: str | None
    texte: str
    """What is owed, in French."""
    sources: tuple[Source, ...]
    du: int
    au: int | None
    """The last day on which it is owed; ``None`` while nothing ends it."""
    prerequis: tuple[Constat, ...]
    satisfaite_par: tuple[Entry, ...]
    jours: Intervalles
    """The days of breach, up to the observation."""
    manquement: Constat | None
    accomplir: Callable[[Intervalles], Edition]
    """The history in which it was done on the days given."""

    @property
    def statut(self) -> Statut:
        """How far the breach is established: no further than each of its links."""
        links = [each.statut for each in self.prerequis]
        return moins_etabli(*links, *([self.manquement.statut] if self.manquement else []))

    @property
    def conduite(self) -> tuple[Partie, str]:
        """Of what conduct it is: which provisional document was owed makes no difference to not giving any."""
        return self.debiteur, "document" if self.code in _DOCUMENTS else self.code

    @property
    def cle(self) -> tuple[str, str, str | None, int]:
        """What tells this duty from any other of the same history."""
        return self.debiteur, self.code, self.dossier, self.du

    def conteste(self, faits: Container[UUID]) -> "Exigence":
        """The same duty, its findings contested where they rest on one of these disputed facts."""
        return self._replace(
            prerequis=tuple(each.conteste(faits) for each in self.prerequis),
            manquement=self.manquement and self.manquement.conteste(faits),
        )


def constat(
    code: str, texte: str, *entries: Entry, sources: Sequence[Source] = (), plafond: Statut | None = None
) -> Constat:
    """A finding that rests on ``entries`` and ``sources``."""
    weakest = grade(*entries)
    return Constat(
        code=code,
        texte=texte,
        articles=tuple(each.citation for each in sources),
        entries=tuple(entry.event_id for entry in entries),
        grade=weakest,
        statut=moins_etabli(statut_de(weakest), plafond or Statut.ETABLI),
    )


def absence(
    m: Matiere, code: str, texte: str, acte: str, jours: Intervalles, sources: Sequence[Source]
) -> Constat | None:
    """The finding that an act was looked for on these days and is not there; ``None`` when no day is left."""
    if not jours:
        return None
    looked, statut = recherche(m, acte, jours[0][0], jours[-1][1])
    return Constat(
        code=code, texte=texte, articles=tuple(each.citation for each in sources), recherche=looked, statut=statut
    )


def fenetre(
    m: Matiere, card: Doc, demande: Demande | None, blocked: Sequence[Empechement]
) -> tuple[int, int, int] | None:
    """First day, last day and neutralised last day of the filing window of a card; ``None`` when it has none."""
    event = card.evenement
    if event.type_titre is TypeTitre.RESIDENT_LONGUE_DUREE_UE:
        return None
    online = demande is None or demande.evenement.en_teleservice_obligatoire is not False
    first, last = ceseda_r431_5_fenetre.fenetre(event.valide_au.dernier, teleservice=online)
    return first.toordinal(), last.toordinal(), fin_neutralisee(m, first.toordinal(), last.toordinal(), blocked)


def protections(m: Matiere) -> Iterator[tuple[Entry, Any]]:
    """The recognised protections that give right to a certificate of six months."""
    for entry, event in lus(m, personne.ProtectionReconnue):
        if event.statut in PROTEGES:
            yield entry, event


def deposer(
    m: Matiere, day: int, filed: Demande | None, near: Entry, tried: Iterable[Entry] = ()
) -> Callable[[Intervalles], Edition]:
    """What doing it comes to: the application filed online on ``day``, in place of the attempts ``tried``."""
    return lambda _: editions.depot(m, day, filed, near, tried)


def recevoir(m: Matiere, day: int, filed: Demande | None, near: Entry) -> Callable[[Intervalles], Edition]:
    """What doing it comes to: the application received by another way on ``day``."""
    return lambda _: editions.depot_papier(m, day, filed, near)

"""A duty of one party, and the findings that every duty is told with."""

from collections.abc import Callable, Container, Iterator, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from ledger.entry import Entry
from ledger.events import personne
from ledger.events.types import StatutProtection
from projections.couverture.documents import Doc
from projections.couverture.faits import Demande, bornes
from projections.couverture.lacunes import Intervalles
from projections.imputation import editions
from projections.imputation.editions import Edition
from projections.imputation.empechements import Empechement, fin_neutralisee
from projections.imputation.matiere import Matiere, cartes, en_ligne, existe, grade, lus, recherche
from projections.imputation.modeles import Constat, Partie, Statut, moins_etabli, statut_de
from rules import ceseda_l411_1_titres, ceseda_r431_5_fenetre, ceseda_r431_15_3_refugie
from rules.base import Source

PROTEGES: Final = {
    StatutProtection.REFUGIE: ceseda_r431_15_3_refugie.SOURCE,
    StatutProtection.PROTECTION_SUBSIDIAIRE: ceseda_r431_15_3_refugie.PROTECTION_SUBSIDIAIRE,
}

ACCES: Final = frozenset({"depot_possible", "substitution", "rendez_vous", "rendez_vous_utile", "information_protege"})
"""The duties of access: what they open, the person still has to do."""
_DOCUMENTS: Final = frozenset(
    {
        "attestation_prolongation",
        "attestation_protege",
        "recepisse",
        "renouvellement_provisoire",
        "attestation_decision_favorable",
        "carte_protege",
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
        """Of what conduct it is: which document was owed makes no difference to not giving any."""
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
    code: str,
    texte: str,
    *entries: Entry,
    sources: Sequence[Source] = (),
    appuis: Sequence[Entry] = (),
    plafond: Statut | None = None,
) -> Constat:
    """A finding that rests on ``entries`` and ``sources``; ``appuis`` are shown with it, ``plafond`` judges them."""
    weakest = grade(*entries)
    shown = [entry.event_id for entry in (*entries, *appuis)]
    return Constat(
        code=code,
        texte=texte,
        articles=tuple(each.citation for each in sources),
        entries=tuple(dict.fromkeys(shown) if appuis else shown),
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
    if ceseda_r431_5_fenetre.vise(event.type_titre) is False:
        return None
    online = en_ligne(card, demande)
    first, last = ceseda_r431_5_fenetre.fenetre(event.valide_au.dernier, teleservice=online)
    return first.toordinal(), last.toordinal(), fin_neutralisee(m, first.toordinal(), last.toordinal(), blocked)


def suivie(m: Matiere, card: Doc) -> bool:
    """Whether another card was there to take over from this one the day after it expired."""
    after = bornes(card.evenement.valide_au)[1] + 1
    return any(d is not card and d.droit[1] <= after <= d.droit[2] and existe(d) <= after for d in cartes(m))


def document_vise(card: Doc) -> Iterator[Constat]:
    """That R.431-5 is only read as applying to the card, where L.411-1 does not list it or its kind is not known."""
    if ceseda_r431_5_fenetre.vise(card.evenement.type_titre) is None:
        yield constat(
            "document_vise_par_lecture",
            "Le document détenu n'est pas identifié parmi ceux qu'énumère L.411-1 : R.431-5 ne s'y applique que par"
            " lecture.",
            *card.entries,
            sources=(ceseda_l411_1_titres.SOURCE,),
            plafond=Statut.PROBABLE,
        )


def protections(m: Matiere) -> Iterator[tuple[Entry, Any]]:
    """The recognised protections that give right to a certificate of six months."""
    for entry, event in lus(m, personne.ProtectionReconnue):
        if event.statut in PROTEGES:
            yield entry, event


def deposer(
    m: Matiere, day: int, filed: Demande | None, near: Entry, tried: Sequence[Entry] = ()
) -> Callable[[Intervalles], Edition]:
    """What doing it comes to: the application filed on ``day``, in place of the attempts ``tried``.

    At the desk, when it is not of those filed online.
    """

    def edit(_: Intervalles) -> Edition:
        renewed = [card for d, card, _ in m.renouvellements if d is filed] or [
            d for d in cartes(m) if near in d.entries
        ]
        if any(not en_ligne(card, filed) for card in renewed):
            return editions.depot_papier(m, day, filed, near)
        return editions.depot(m, day, filed, near, tried)

    return edit


def recevoir(m: Matiere, day: int, filed: Demande | None, near: Entry) -> Callable[[Intervalles], Edition]:
    """What doing it comes to: the application received by another way on ``day``."""
    return lambda _: editions.depot_papier(m, day, filed, near)

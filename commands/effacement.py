"""Effacer : ce qui s'oppose à la destruction de la clé d'une personne, et ce qu'il faut peser avant.

A legal hold always stands against it. Before the term of conservation, it takes the person's own request or a rule that
the decision names. The exceptions of article 17(3) are warnings, kept with the fact: a person weighs them.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from commands.acces import gels
from commands.base import Motif, Reponse, avertir
from commands.situation import Situation
from ledger.days import Jours
from ledger.entry import Fait
from ledger.events.acces import ClePersonnelleDetruite, DemandeDroitsRecue, DemandeDroitsRepondue
from ledger.events.listes import DroitPersonne
from ledger.events.types import Flux
from rules import constat_sources_citees as citees
from rules import rgpd_art17_effacement

FINS: Final = ("valide_au", "expire_le")
"""The fields that say until when a document is valid."""


def effacer(s: Situation, e: ClePersonnelleDetruite, *, dernier_jour_perdu: date | None) -> Iterator[Reponse]:
    """Everything there is to say against destroying the person's key; ``dernier_jour_perdu``: of the days she lost."""
    le = s.le.dernier
    yield from _gels_en_cours(s)
    demandee = e.demande is not None and _demandee(s.faits, e.demande)
    if e.demande is not None and not demandee:
        yield Motif(*rgpd_art17_effacement.sans_demande(e.demande))
    for raison in rgpd_art17_effacement.refus(dernier_jour(s.faits), le, demandee=demandee, regle=e.regle):
        yield Motif(*raison)
    for raison in rgpd_art17_effacement.a_peser(
        le,
        en_cours=sum(1 for each in s.dossiers.values() if each.etape.en_cours),
        recours=any(each.recours and not each.decisions_justice for each in s.dossiers.values()),
        dernier_jour_perdu=dernier_jour_perdu,
    ):
        yield avertir(*raison)


def _gels_en_cours(s: Situation) -> Iterator[Motif]:
    """Each hold that stands: whatever is asked for, the key stays."""
    for gel in gels(s):
        until = f", jusqu'au {gel.jusqu_au}" if gel.jusqu_au is not None else ""
        yield Motif(
            "gel_en_cours", citees.EFFACEMENT, f"Un gel de conservation court ({gel.fondement}{until}) : la clé reste."
        )


def dernier_jour(faits: Iterable[Fait]) -> date:
    """The last day on which a person's file was brought up to date, or a document that it knows of is valid.

    What is only access to the file brings nothing up to date, where there is anything else.
    """
    known = list(faits)
    files = [fait for fait in known if fait.flux is not Flux.ACCES]
    return max((day for fait in files or known for day in _jours(fait)), default=date.min)


def _jours(fait: Fait) -> Iterator[date]:
    yield fait.survenu.jours.dernier
    if fait.connu_de_la_source is not None:
        yield fait.connu_de_la_source.jours.dernier
    for name in FINS:
        fin = fait.evenement.lire_champ(name)
        if isinstance(fin, Jours):
            yield fin.dernier


def _demandee(faits: Iterable[Fait], reference: str) -> bool:
    """Whether the person asked for erasure under this reference, or in this fact, and was not refused since."""
    asked = False
    for fait in faits:
        event = fait.evenement
        if isinstance(event, DemandeDroitsRecue):
            asked |= event.droit is DroitPersonne.EFFACEMENT and reference in {event.demande, fait.id}
        elif isinstance(event, DemandeDroitsRepondue) and event.demande in {None, reference}:
            asked &= event.accordee is not False
    return asked

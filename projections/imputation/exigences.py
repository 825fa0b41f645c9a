"""What each party owed, from when, until when, and the days on which it was not done.

One function per duty, for both parties alike. A duty that a fact satisfies has no day of breach. Each knows which
history would have come of its being done: that is what attribution replays.
"""

from typing import Final

from ledger.events import cloture, depot, incident, instruction, personne, support
from ledger.events.base import Event
from projections.couverture.faits import LUS
from projections.couverture.lacunes import Intervalles
from projections.imputation.acces_du import depots_empeches, informations, substitutions
from projections.imputation.cartes_dues import cartes_a_remettre, cartes_protegees, decisions_favorables
from projections.imputation.diligences import demandes_maintenues, depots_dans_la_fenetre, depots_proteges, reponses
from projections.imputation.documents_dus import attestations, attestations_protegees, recepisses, renouvellements
from projections.imputation.empechements import APPUIS, empechements
from projections.imputation.exigence import Exigence
from projections.imputation.incidents import DECLARES, TOUCHABLES
from projections.imputation.matiere import Matiere
from projections.imputation.rendez_vous import remises, rendez_vous, rendez_vous_utiles

REJOUES: Final[frozenset[type[Event]]] = frozenset(
    {
        *LUS,
        *APPUIS,
        *DECLARES,
        *TOUCHABLES,
        depot.PieceVersee,
        cloture.DossierClosAutomatiquement,
        cloture.DossierClosParAgent,
        cloture.DossierRouvert,
        incident.UsagerInformeResolution,
        cloture.EnregistrementRefuse,
        instruction.ComplementOuvert,
        instruction.RendezVousManque,
        instruction.RendezVousPropose,
        instruction.RendezVousTenu,
        support.RendezVousSubstitutionTenu,
        personne.InstructionsAccesEnvoyees,
    }
)
"""The types of facts that a duty or the coverage reads: a history replayed needs no other."""


def exigences(m: Matiere) -> list[Exigence]:
    """Every duty of either party that the facts give rise to, in the order of days."""
    blocked = empechements(m)
    documents = [*attestations(m, blocked), *attestations_protegees(m), *recepisses(m)]
    found = [
        *documents,
        *renouvellements(m, {x.dossier for x in documents}),
        *decisions_favorables(m),
        *cartes_protegees(m),
        *cartes_a_remettre(m),
        *depots_empeches(m, blocked),
        *substitutions(m, blocked),
        *rendez_vous(m),
        *rendez_vous_utiles(m, blocked),
        *remises(m),
        *depots_dans_la_fenetre(m, blocked),
        *depots_proteges(m, blocked),
        *informations(m),
        *reponses(m),
        *demandes_maintenues(m),
    ]
    seen = [x._replace(jours=_vus(x.jours, m.au)) if x.jours else x for x in found]
    return sorted(seen, key=lambda x: (x.du, x.code, x.dossier or ""))


def _vus(days: Intervalles, au: int) -> Intervalles:
    """The days up to the observation: what is known to come later is not a breach yet."""
    return [(first, min(last, au)) for first, last in days if first <= min(last, au)]

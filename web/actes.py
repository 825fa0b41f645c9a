"""Which acts each role may carry out, in the order in which they are offered; everything else is refused."""

from collections.abc import Mapping
from typing import Final

from commands.actes import ACTES
from ledger.events import cloture, decision, instruction, provisoire, reclamation, titre
from ledger.events.base import Event
from web.acces import Role

Groupe = tuple[str, tuple[type[Event], ...]]

_INSTRUCTION: Final[tuple[Groupe, ...]] = (
    (
        "Pièces et complétude",
        (
            instruction.ComplementDemande,
            instruction.ComplementMisADisposition,
            instruction.DelaiComplementProroge,
            instruction.CompletudeAppreciee,
        ),
    ),
    (
        "Attestations et récépissés",
        (
            provisoire.AttestationProlongationDelivree,
            provisoire.AttestationProlongationMiseADisposition,
            provisoire.AttestationProlongationRenouvelee,
            provisoire.AttestationProlongationCorrigee,
            provisoire.RecepisseDelivre,
            provisoire.RecepisseRenouvele,
            provisoire.AttestationDecisionFavorableDelivree,
        ),
    ),
    (
        "Décision et titre",
        (
            decision.DecisionFavorablePrise,
            decision.RefusDecide,
            decision.RefusNotifie,
            titre.CartePrete,
            titre.TitreRemis,
        ),
    ),
    (
        "Vie du dossier",
        (
            instruction.RendezVousPropose,
            instruction.DemandeTransmise,
            cloture.EnregistrementRefuse,
            cloture.DossierClosParAgent,
            cloture.DossierRouvert,
        ),
    ),
    (
        "Réponses au Défenseur des droits",
        (reclamation.ExplicationsDddFournies, reclamation.SuiteRecommandationRapportee),
    ),
)
PERMIS: Final[Mapping[Role, tuple[Groupe, ...]]] = {
    Role.AGENT: _INSTRUCTION,
    Role.SUPERVISEUR: _INSTRUCTION,
    Role.DDD: (("Échange contradictoire", (reclamation.ExplicationsDddDemandees, reclamation.RecommandationDddEmise)),),
}
LOURDS: Final = frozenset(
    {
        cloture.DossierClosParAgent,
        cloture.EnregistrementRefuse,
        decision.RefusDecide,
        decision.RefusNotifie,
        instruction.DemandeTransmise,
    }
)
"""Acts that can end or delay a right: what they cost is shown before they are carried out."""


def nom(event: type[Event]) -> str:
    """The name of the act, in the infinitive, as an address and the API write it."""
    return ACTES[event].__name__


def intitule(event: type[Event]) -> str:
    """The act in words: « Demander un complément »."""
    return str(ACTES[event].__doc__).strip().splitlines()[0].rstrip(".")


def permis(role: Role, name: str) -> type[Event] | None:
    """The event of the act called ``name``, when the role may carry it out."""
    offered = (event for _, events in PERMIS.get(role, ()) for event in events)
    return next((event for event in offered if nom(event) == name), None)

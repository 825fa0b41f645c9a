"""Which one-sided facts are a finding when they last: the act that should be there, its texts, where it would be."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from ledger.events import cloture, decision, depot, incident, instruction, personne, provisoire, support, titre
from ledger.events.base import Event
from ledger.events.types import CodeIncident
from ledger.events.types import Source as Origine
from projections.imputation.deux_vues_table import Cote
from rules import (
    ceseda_r431_2_substitution,
    ceseda_r431_12_recepisse,
    ceseda_r431_15_1_attestation,
    ceseda_r431_15_3_refugie,
    cja_r421_5_voies_et_delais,
    crpa_l112_8_saisine,
    crpa_l112_15_notification,
    crpa_l114_3_transmission,
    crpa_l114_5_complement,
    crpa_r112_11_2_accuses,
)
from rules.base import Source

JOURS_OUVRES_TOLERES: Final = crpa_r112_11_2_accuses.JOURS_ENREGISTREMENT
"""How many working days the other side may take before the divergence lasts.

One: the time that CRPA R.112-11-2 [F] leaves the administration to acknowledge that a sending was registered. The text
speaks of the receipt of electronic sendings only; to take the same measure for what goes the other way, and for what
is not electronic, is a convention of ours [I], which charges no one.
"""

DE_CATALOGUE: Final = frozenset(
    {
        CodeIncident.MESSAGES_NOT_READABLE,
        CodeIncident.DOCUMENTS_SENT_NOT_RECEIVED,
        CodeIncident.PROCEDURE_INVISIBLE_TO_PREFECTURE,
        CodeIncident.SINGLE_PROCEDURE_ONLY,
    }
)
"""The catalogued malfunctions that are one view without the other: the source's own code is kept."""

_SAISINE: Final = (crpa_l112_8_saisine.SOURCE, crpa_r112_11_2_accuses.SOURCE)
_CONVENTION: Final = (crpa_r112_11_2_accuses.SOURCE,)
_TELESERVICE: Final = (Origine.ANEF, Origine.CONSTAT)
"""Where the acts of the téléservice are: an old file, or a judgment, that holds none proves nothing of them."""
_ECRITES: Final = (Origine.ANEF, Origine.CONSTAT, Origine.PAPIER)


class Ecart(NamedTuple):
    """A fact that one side has by itself and the other should come to have."""

    code: str
    vu_par: Cote
    acte: str
    """The act that should be there, in French."""
    articles: tuple[Source, ...]
    origines: tuple[Origine, ...] = _TELESERVICE
    """The sources that would contain it."""
    fin: tuple[type[Event], ...] = ()
    """The later facts after which the other side has no more use for it."""
    droit: str = ""
    """What the law says of it all the same, in French."""


_EN_DROIT: Final = f"En droit, l'envoi saisit l'administration ({crpa_l112_8_saisine.SOURCE.citation})."
_DEPOTS: Final = (depot.DemandeDeposee, depot.DemandePapierEnregistree)


def _echec(*fin: type[Event]) -> Ecart:
    return Ecart(
        "echec_inconnu_de_la_prefecture",
        Cote.USAGER,
        "un signalement de l'échec, ou son constat par un service",
        (ceseda_r431_2_substitution.SOURCE, *_CONVENTION),
        _ECRITES,
        fin,
        "L'échec seul ne dit rien de ce que chacun devait faire.",
    )


def _remise(acte: str, *articles: Source, fin: tuple[type[Event], ...] = ()) -> Ecart:
    return Ecart("document_emis_non_remis", Cote.AGENT, acte, (*articles, *_CONVENTION), fin=fin)


_API: Final = _remise(
    "la mise à disposition de l'attestation de prolongation",
    ceseda_r431_15_1_attestation.SOURCE,
    fin=(titre.TitreRemis,),
)
_RECEPISSE: Final = _remise(
    "la remise du récépissé", ceseda_r431_12_recepisse.SOURCE, fin=(titre.TitreRemis,)
)._replace(origines=_ECRITES)
_NOTIFICATION: Final = "la notification de la décision"

ECARTS: Final[Mapping[type[Event], Ecart]] = {
    instruction.ComplementDemande: Ecart(
        CodeIncident.MESSAGES_NOT_READABLE.value,
        Cote.AGENT,
        "la mise à disposition lisible de la demande de complément",
        (
            crpa_l114_5_complement.SOURCE,
            crpa_l114_5_complement.ELECTRONIQUE,
            crpa_l112_15_notification.DATE,
            *_CONVENTION,
        ),
    ),
    depot.PieceVersee: Ecart(
        CodeIncident.DOCUMENTS_SENT_NOT_RECEIVED.value,
        Cote.USAGER,
        "la réception de la pièce dans l'outil de la préfecture",
        _SAISINE,
        droit=_EN_DROIT,
    ),
    instruction.ComplementRepondu: Ecart(
        CodeIncident.DOCUMENTS_SENT_NOT_RECEIVED.value,
        Cote.USAGER,
        "la réception de la réponse dans l'outil de la préfecture",
        _SAISINE,
        droit=_EN_DROIT,
    ),
    personne.ChangementAdresseDeclare: Ecart(
        CodeIncident.PROCEDURE_INVISIBLE_TO_PREFECTURE.value,
        Cote.USAGER,
        "la prise de connaissance du changement d'adresse par la préfecture",
        (*_SAISINE, crpa_l114_3_transmission.AVIS),
        droit=_EN_DROIT,
    ),
    depot.DemandeDeposee: Ecart(
        CodeIncident.PROCEDURE_INVISIBLE_TO_PREFECTURE.value,
        Cote.USAGER,
        "la demande dans l'outil de la préfecture",
        _SAISINE,
        droit=_EN_DROIT,
    ),
    depot.TentativeDepotEchouee: _echec(*_DEPOTS),
    depot.VersementEchoue: _echec(depot.PieceRecueParPrefecture),
    personne.CreationCompteEchouee: _echec(personne.CompteCree, personne.ConnexionReussie),
    personne.LienReinitialisationNonRecu: _echec(personne.ConnexionReussie),
    personne.ConnexionEchouee: _echec(personne.ConnexionReussie),
    personne.NumeroEtrangerManquant: _echec(personne.NumeroEtrangerAttribue),
    provisoire.RenouvellementAttestationEchoue: _echec(
        provisoire.AttestationProlongationRenouvelee, provisoire.AttestationDecisionFavorableDelivree
    ),
    support.RendezVousPanIndisponible: _echec(support.PanVisite),
    decision.DecisionFavorablePrise: Ecart(
        "decision_non_notifiee",
        Cote.AGENT,
        "la mise à disposition de l'attestation de décision favorable, ou la remise de la carte",
        (ceseda_r431_15_1_attestation.DECISION_FAVORABLE, *_CONVENTION),
    ),
    decision.RefusDecide: Ecart(
        "decision_non_notifiee", Cote.AGENT, _NOTIFICATION, (cja_r421_5_voies_et_delais.SOURCE, *_CONVENTION), _ECRITES
    ),
    cloture.DossierClosParAgent: Ecart(
        "decision_non_notifiee", Cote.AGENT, _NOTIFICATION, (cja_r421_5_voies_et_delais.SOURCE, *_CONVENTION), _ECRITES
    ),
    provisoire.AttestationProlongationDelivree: _API,
    provisoire.AttestationProlongationRenouvelee: _API,
    provisoire.AttestationProlongationCorrigee: _API,
    provisoire.RecepisseDelivre: _RECEPISSE,
    provisoire.RecepisseRenouvele: _RECEPISSE,
    provisoire.AttestationDecisionFavorableDelivree: _remise(
        "la mise à disposition de l'attestation de décision favorable",
        ceseda_r431_15_1_attestation.DECISION_FAVORABLE,
        fin=(titre.TitreRemis,),
    ),
    instruction.DemandeTransmise: Ecart(
        "transmission_sans_avis",
        Cote.AGENT,
        "l'avis de transmission donné à la personne",
        (crpa_l114_3_transmission.AVIS, *_CONVENTION),
    ),
    incident.IncidentResolu: Ecart(
        "resolution_non_annoncee",
        Cote.AGENT,
        "l'information de la personne que l'incident est résolu",
        (ceseda_r431_2_substitution.SOURCE, *_CONVENTION),
        fin=_DEPOTS,
        droit="Le temps de la personne ne court de nouveau que du jour où elle le sait.",
    ),
    personne.InstructionsAccesEnvoyees: Ecart(
        "instructions_non_recues",
        Cote.AGENT,
        "la réception des instructions d'accès au téléservice",
        (ceseda_r431_15_3_refugie.SOURCE, *_CONVENTION),
        _ECRITES,
        fin=_DEPOTS,
    ),
}
"""The facts whose absence on the other side is a finding; every other one may stay on one side."""

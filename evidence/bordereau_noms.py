"""How a document is called in an inventory, from the kind of fact that cites it, and where it stands among the others.

The order is that of a request: identity, the permit that ran out, the filing, the report, the attempts, the steps
taken, the instruction, the provisional documents, the decisions and what was asked of a judge, the effects, the rest.
"""

from enum import IntEnum
from typing import Final, NamedTuple

from ledger.events import (
    cloture,
    decision,
    depot,
    effet,
    incident,
    instruction,
    personne,
    provisoire,
    reclamation,
    recours,
    support,
    titre,
)
from ledger.events.base import Event
from ledger.events.types import Flux


class Rang(IntEnum):
    """La place d'une pièce dans le dossier."""

    IDENTITE = 1
    TITRE = 2
    DEPOT = 3
    RAPPORT = 4
    TENTATIVES = 6
    DILIGENCES = 7
    INSTRUCTION = 8
    PROVISOIRES = 9
    DECISIONS = 10
    EFFETS = 11
    AUTRES = 12
    AJOUTS = 13


class Nom(NamedTuple):
    """What a document is called, its place, and the homogeneous series that it may join."""

    rang: Rang
    nom: str
    serie: str | None = None


_TENTATIVES: Final = "Tentatives de dépôt échouées"
_COMPTE: Final = "Accès au compte empêchés"
_CCC: Final = "Échanges avec le centre de contact citoyen"
_VERSEMENTS: Final = "Versements de pièces échoués"
_PRESTATIONS: Final = "Notifications de prestations"

NOMS: Final[dict[type[Event], Nom]] = {
    personne.NumeroEtrangerAttribue: Nom(Rang.IDENTITE, "Attribution du numéro étranger"),
    personne.ProtectionReconnue: Nom(Rang.IDENTITE, "Décision reconnaissant la protection"),
    personne.MajoriteAtteinte: Nom(Rang.IDENTITE, "Justificatif de majorité"),
    titre.TitreRemis: Nom(Rang.TITRE, "Titre de séjour"),
    titre.TitreExpire: Nom(Rang.TITRE, "Titre de séjour expiré"),
    titre.TitrePrecedentRestitue: Nom(Rang.TITRE, "Restitution du titre précédent"),
    titre.AttestationDemandeAsileDelivree: Nom(Rang.TITRE, "Attestation de demande d'asile"),
    depot.DemandeDeposee: Nom(Rang.DEPOT, "Demande déposée en ligne"),
    depot.DemandePapierEnregistree: Nom(Rang.DEPOT, "Demande enregistrée hors du téléservice"),
    depot.AttestationDepotDelivree: Nom(Rang.DEPOT, "Attestation de dépôt en ligne"),
    depot.AccuseReceptionDelivre: Nom(Rang.DEPOT, "Accusé de réception de la demande"),
    depot.AccuseEnregistrementDelivre: Nom(Rang.DEPOT, "Accusé d'enregistrement"),
    depot.TentativeDepotEchouee: Nom(Rang.TENTATIVES, "Tentative de dépôt échouée", _TENTATIVES),
    personne.CreationCompteEchouee: Nom(Rang.TENTATIVES, "Création de compte échouée", _COMPTE),
    personne.LienReinitialisationNonRecu: Nom(Rang.TENTATIVES, "Lien de réinitialisation non reçu", _COMPTE),
    personne.ConnexionEchouee: Nom(Rang.TENTATIVES, "Connexion échouée", _COMPTE),
    personne.NumeroEtrangerManquant: Nom(Rang.TENTATIVES, "Numéro étranger exigé", _COMPTE),
    titre.RestitutionNonEnregistree: Nom(Rang.TENTATIVES, "Restitution du titre non enregistrée"),
    provisoire.RenouvellementAttestationEchoue: Nom(
        Rang.TENTATIVES, "Renouvellement d'attestation échoué", "Renouvellements d'attestation échoués"
    ),
    support.RendezVousPanIndisponible: Nom(
        Rang.TENTATIVES, "Absence de rendez-vous au point d'accueil", "Absences de rendez-vous au point d'accueil"
    ),
    incident.IncidentOuvert: Nom(Rang.TENTATIVES, "Incident technique"),
    incident.PannePlateformeConstatee: Nom(Rang.TENTATIVES, "Panne du téléservice"),
    incident.IncidentResolu: Nom(Rang.TENTATIVES, "Fin de l'incident technique"),
    incident.UsagerInformeResolution: Nom(Rang.TENTATIVES, "Avis de fin de l'incident"),
    support.CccContacte: Nom(Rang.DILIGENCES, "Demande au centre de contact citoyen", _CCC),
    support.CccRepondu: Nom(Rang.DILIGENCES, "Réponse du centre de contact citoyen", _CCC),
    support.SignalementTransmisDgef: Nom(Rang.DILIGENCES, "Transmission de l'anomalie à la DGEF"),
    support.BlocageAtteste: Nom(Rang.DILIGENCES, "Attestation de blocage"),
    support.PanVisite: Nom(Rang.DILIGENCES, "Passage au point d'accueil numérique"),
    support.SubstitutionDemandee: Nom(Rang.DILIGENCES, "Demande de dépôt par la solution de substitution"),
    support.SubstitutionProposee: Nom(Rang.DILIGENCES, "Invitation à déposer autrement"),
    support.RendezVousSubstitutionTenu: Nom(Rang.DILIGENCES, "Rendez-vous de substitution"),
    support.ModalitesSubstitutionPubliees: Nom(Rang.DILIGENCES, "Modalités de substitution publiées"),
    instruction.RelanceEnvoyee: Nom(Rang.DILIGENCES, "Relance", "Relances adressées à l'administration"),
    provisoire.RenouvellementAttestationDemande: Nom(Rang.DILIGENCES, "Demande de renouveler l'attestation"),
    provisoire.ErreurAttestationSignalee: Nom(Rang.DILIGENCES, "Signalement d'une erreur sur l'attestation"),
    instruction.ComplementDemande: Nom(Rang.INSTRUCTION, "Demande de pièces"),
    instruction.ComplementMisADisposition: Nom(Rang.INSTRUCTION, "Mise à disposition de la demande de pièces"),
    instruction.ComplementOuvert: Nom(Rang.INSTRUCTION, "Ouverture de la demande de pièces"),
    instruction.ComplementRepondu: Nom(Rang.INSTRUCTION, "Réponse à la demande de pièces"),
    instruction.DelaiComplementProroge: Nom(Rang.INSTRUCTION, "Prorogation du délai pour compléter"),
    instruction.CompletudeAppreciee: Nom(Rang.INSTRUCTION, "Appréciation de la complétude"),
    instruction.DemandeRetiree: Nom(Rang.INSTRUCTION, "Retrait de la demande"),
    instruction.DemandeTransmise: Nom(Rang.INSTRUCTION, "Transmission de la demande"),
    instruction.RendezVousPropose: Nom(Rang.INSTRUCTION, "Convocation à un rendez-vous"),
    instruction.RendezVousTenu: Nom(Rang.INSTRUCTION, "Rendez-vous tenu"),
    instruction.RendezVousManque: Nom(Rang.INSTRUCTION, "Rendez-vous manqué"),
    depot.PieceVersee: Nom(Rang.INSTRUCTION, "Pièce versée au dossier"),
    depot.ReceptionPieceAccusee: Nom(Rang.INSTRUCTION, "Accusé de réception d'une pièce"),
    depot.PieceRecueParPrefecture: Nom(Rang.INSTRUCTION, "Réception d'une pièce par la préfecture"),
    depot.VersementEchoue: Nom(Rang.INSTRUCTION, "Versement de pièce échoué", _VERSEMENTS),
    cloture.DossierClosAutomatiquement: Nom(Rang.INSTRUCTION, "Message de clôture automatique"),
    cloture.DossierClosParAgent: Nom(Rang.INSTRUCTION, "Clôture du dossier"),
    cloture.DossierRouvert: Nom(Rang.INSTRUCTION, "Réouverture du dossier"),
    provisoire.AttestationProlongationDelivree: Nom(Rang.PROVISOIRES, "Attestation de prolongation d'instruction"),
    provisoire.AttestationProlongationMiseADisposition: Nom(
        Rang.PROVISOIRES, "Mise à disposition de l'attestation de prolongation"
    ),
    provisoire.AttestationProlongationRenouvelee: Nom(Rang.PROVISOIRES, "Attestation de prolongation renouvelée"),
    provisoire.AttestationProlongationCorrigee: Nom(Rang.PROVISOIRES, "Attestation de prolongation corrigée"),
    provisoire.RecepisseDelivre: Nom(Rang.PROVISOIRES, "Récépissé de demande de titre"),
    provisoire.RecepisseRenouvele: Nom(Rang.PROVISOIRES, "Récépissé renouvelé"),
    provisoire.AttestationDecisionFavorableDelivree: Nom(Rang.PROVISOIRES, "Attestation de décision favorable"),
    titre.CartePrete: Nom(Rang.PROVISOIRES, "Avis de carte prête"),
    cloture.EnregistrementRefuse: Nom(Rang.DECISIONS, "Refus d'enregistrer la demande"),
    support.SubstitutionRefusee: Nom(Rang.DECISIONS, "Refus de la solution de substitution"),
    titre.TitreRetire: Nom(Rang.DECISIONS, "Décision de retrait du titre"),
    decision.RefusDecide: Nom(Rang.DECISIONS, "Décision de refus"),
    decision.RefusNotifie: Nom(Rang.DECISIONS, "Notification du refus"),
    decision.RefusImpliciteNe: Nom(Rang.DECISIONS, "Refus implicite"),
    decision.MotifsDemandes: Nom(Rang.DECISIONS, "Demande des motifs du refus implicite"),
    decision.MotifsCommuniques: Nom(Rang.DECISIONS, "Motifs communiqués"),
    decision.DecisionFavorablePrise: Nom(Rang.DECISIONS, "Décision favorable"),
    decision.DecisionRetiree: Nom(Rang.DECISIONS, "Retrait de la décision"),
    decision.DecisionAnnulee: Nom(Rang.DECISIONS, "Annulation de la décision"),
    recours.RecoursForme: Nom(Rang.DECISIONS, "Recours"),
    recours.RefereForme: Nom(Rang.DECISIONS, "Référé"),
    recours.OrdonnanceRendue: Nom(Rang.DECISIONS, "Ordonnance de référé"),
    recours.JugementRendu: Nom(Rang.DECISIONS, "Jugement"),
    recours.RecoursAdministratifRejete: Nom(Rang.DECISIONS, "Rejet du recours administratif"),
    effet.OffreEmploiRecue: Nom(Rang.EFFETS, "Offre d'emploi"),
    effet.OffreEmploiRetiree: Nom(Rang.EFFETS, "Retrait de l'offre d'emploi"),
    effet.EmploiSuspendu: Nom(Rang.EFFETS, "Suspension du contrat de travail"),
    effet.EmploiRompu: Nom(Rang.EFFETS, "Rupture du contrat de travail"),
    effet.EmploiRepris: Nom(Rang.EFFETS, "Reprise d'emploi"),
    effet.PrestationOuverte: Nom(Rang.EFFETS, "Ouverture de la prestation", _PRESTATIONS),
    effet.PrestationSuspendue: Nom(Rang.EFFETS, "Suspension de la prestation", _PRESTATIONS),
    effet.PrestationRetablie: Nom(Rang.EFFETS, "Rétablissement de la prestation", _PRESTATIONS),
    effet.RadiationFranceTravail: Nom(Rang.EFFETS, "Radiation par France Travail"),
    effet.InscriptionFranceTravailRetablie: Nom(Rang.EFFETS, "Réinscription à France Travail"),
    effet.CouvertureSantePerdue: Nom(Rang.EFFETS, "Perte de la couverture de santé"),
    effet.CouvertureSanteRetablie: Nom(Rang.EFFETS, "Rétablissement de la couverture de santé"),
    effet.LogementOuBanqueRefuse: Nom(Rang.EFFETS, "Refus d'un logement ou d'une banque"),
    effet.LogementOuBanqueAccorde: Nom(Rang.EFFETS, "Accord d'un logement ou d'une banque"),
    reclamation.ReclamationDddOuverte: Nom(Rang.AUTRES, "Réclamation au Défenseur des droits"),
    reclamation.ExplicationsDddDemandees: Nom(Rang.AUTRES, "Demande d'explications du Défenseur des droits"),
    reclamation.ExplicationsDddFournies: Nom(Rang.AUTRES, "Explications au Défenseur des droits"),
    reclamation.RecommandationDddEmise: Nom(Rang.AUTRES, "Recommandation du Défenseur des droits"),
    reclamation.DocumentsAdministratifsDemandes: Nom(Rang.AUTRES, "Demande de documents administratifs"),
    reclamation.DemandeCadaDeposee: Nom(Rang.AUTRES, "Saisine de la CADA"),
    reclamation.AvisCadaRendu: Nom(Rang.AUTRES, "Avis de la CADA"),
}
_PAR_FLUX: Final = {
    Flux.TITRE: Rang.TITRE,
    Flux.DOSSIER: Rang.INSTRUCTION,
    Flux.INCIDENT: Rang.DILIGENCES,
    Flux.EFFET: Rang.EFFETS,
}


def nom_de(event: Event) -> Nom:
    """What a document that tells of this event is called; by the event's own sentence where no word was chosen."""
    found = NOMS.get(type(event))
    return found or Nom(_PAR_FLUX.get(event.flux, Rang.AUTRES), event.titre_fr())

"""Every reason to refuse, each with a life in which it is given."""

from collections.abc import Sequence

import pytest

from ledger.days import Quand
from ledger.events import (
    acces,
    cloture,
    correction,
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
from ledger.events.listes import (
    CategorieVulnerabilite,
    ResultatPan,
)
from ledger.events.parts import PieceDemandee
from ledger.events.types import (
    BaseRecours,
    EtatCompletude,
    Flux,
    NatureDecision,
    Prestation,
)
from tests.commands.actes import (
    ATTESTATION,
    CLOTURE,
    COMPLEMENT,
    DEPOSEE,
    DROIT,
    FAVORABLE,
    GEL,
    ILLISIBLE,
    MANDAT,
    NOTIFIE,
    OFFRE,
    PAPIER,
    RECEPISSE,
    RECLAMATION,
    REFUGIE,
    REFUS,
    RENOUVELEE,
    RESOLU,
    SILENCE,
    SUSPENDUE,
    TITRE,
    codes_of,
    le,
    refused,
)

CONSENTEMENT = personne.ConsentementNotificationElectroniqueDonne()
MAJEUR = personne.MajoriteAtteinte(atteinte_le=le("2025-03-01"))
OUVERTE = effet.PrestationOuverte(prestation=Prestation.RSA, depuis_le=le("2025-01-01"))
REJETE = recours.RecoursAdministratifRejete(rejete_le=le("2026-01-01"))
RENDEZ_VOUS = instruction.RendezVousPropose(rendez_vous="RV-1", prevu=Quand.lire("2026-02-01T09:00:00Z"))

REFUSALS: Sequence[tuple[str, Sequence[Event], Event]] = (
    ("dossier_inconnu", (), CLOTURE),
    ("dossier_inconnu", (), cloture.DossierClosAutomatiquement()),
    ("dossier_inconnu", (), REFUS),
    ("dossier_inconnu", (), FAVORABLE),
    ("dossier_inconnu", (), depot.PieceVersee(piece="Bail")),
    ("dossier_inconnu", (), SILENCE),
    ("dossier_inconnu", (), ATTESTATION),
    ("dossier_inconnu", (), cloture.EnregistrementRefuse()),
    ("deja_depose", (DEPOSEE,), DEPOSEE),
    ("depot_apres_decision", (DEPOSEE, REFUS), DEPOSEE),
    ("decision_debout", (DEPOSEE, REFUS), FAVORABLE),
    ("decision_debout", (DEPOSEE, FAVORABLE), REFUS),
    ("decision_debout", (DEPOSEE, FAVORABLE), CLOTURE),
    ("decision_debout", (DEPOSEE, REFUS), instruction.DemandeRetiree()),
    ("decision_debout", (DEPOSEE, FAVORABLE), COMPLEMENT),
    ("dossier_clos", (DEPOSEE, CLOTURE), REFUS),
    ("deja_clos", (DEPOSEE, CLOTURE), CLOTURE),
    ("demande_retiree", (DEPOSEE, instruction.DemandeRetiree()), depot.PieceVersee(piece="Bail")),
    ("demande_retiree", (DEPOSEE, instruction.DemandeRetiree()), CLOTURE),
    ("enregistrement_refuse", (DEPOSEE, cloture.EnregistrementRefuse()), FAVORABLE),
    ("complement_jamais_demande", (DEPOSEE,), instruction.ComplementRepondu(complement="C-1")),
    ("complement_jamais_demande", (DEPOSEE, COMPLEMENT), instruction.ComplementRepondu(complement="C-2")),
    ("complement_jamais_demande", (DEPOSEE,), instruction.ComplementOuvert()),
    ("complement_deja_demande", (DEPOSEE, COMPLEMENT), COMPLEMENT),
    ("complement_inconnu", (DEPOSEE,), depot.PieceVersee(piece="Bail", complement="C-9")),
    (
        "complement_deja_repondu",
        (DEPOSEE, COMPLEMENT, instruction.ComplementRepondu(complement="C-1")),
        instruction.DelaiComplementExpire(complement="C-1"),
    ),
    (
        "prorogation_a_rebours",
        (DEPOSEE, COMPLEMENT),
        instruction.DelaiComplementProroge(complement="C-1", nouvelle_echeance=le("2025-08-01")),
    ),
    (
        "complet_avec_manques",
        (DEPOSEE,),
        instruction.CompletudeAppreciee(etat=EtatCompletude.COMPLET, manquantes=(PieceDemandee(nom="Bail"),)),
    ),
    ("piece_jamais_versee", (DEPOSEE,), depot.ReceptionPieceAccusee(piece="Bail")),
    ("rendez_vous_inconnu", (DEPOSEE,), instruction.RendezVousTenu()),
    ("transmission_a_soi", (DEPOSEE,), instruction.DemandeTransmise(de_prefecture="Ain", vers_prefecture="Ain")),
    ("rien_a_rouvrir", (DEPOSEE,), cloture.DossierRouvert()),
    ("refus_jamais_decide", (DEPOSEE,), NOTIFIE),
    ("refus_jamais_decide", (DEPOSEE, FAVORABLE), NOTIFIE),
    ("refus_jamais_decide", (DEPOSEE, SILENCE), NOTIFIE),
    ("refus_deja_notifie", (DEPOSEE, REFUS, NOTIFIE), NOTIFIE),
    ("notifie_avant_decision", (DEPOSEE, REFUS), decision.RefusNotifie(notifie_le=le("2025-11-01"))),
    ("refus_implicite_deja_ne", (DEPOSEE, SILENCE), SILENCE),
    ("decision_avant_depot", (DEPOSEE,), REFUS.model_copy(update={"decide_le": le("2025-06-01")})),
    ("motifs_jamais_demandes", (DEPOSEE, SILENCE), decision.MotifsCommuniques()),
    (
        "rien_a_retirer",
        (DEPOSEE,),
        decision.DecisionRetiree(retiree_le=le("2026-01-01"), vise=NatureDecision.REFUS_EXPRES),
    ),
    ("refere_inconnu", (DEPOSEE,), recours.OrdonnanceRendue()),
    ("refere_est_un_recours", (DEPOSEE,), recours.RefereForme(base=BaseRecours.GRACIEUX)),
    ("recours_inconnu", (DEPOSEE,), recours.JugementRendu()),
    ("recours_administratif_inconnu", (DEPOSEE,), recours.RecoursAdministratifRejete(rejete_le=le("2026-01-01"))),
    ("attestation_jamais_delivree", (DEPOSEE,), RENOUVELEE),
    ("attestation_pas_expiree", (ATTESTATION,), provisoire.AttestationProlongationExpiree(expire_le=le("2026-12-31"))),
    ("recepisse_jamais_delivre", (DEPOSEE,), provisoire.RecepisseExpire(expire_le=le("2025-12-31"))),
    (
        "decision_favorable_absente",
        (DEPOSEE,),
        provisoire.AttestationDecisionFavorableDelivree(
            valide_du=le("2026-01-01"), mise_a_disposition_le=None, dossier="D-1"
        ),
    ),
    (
        "due_apres_decision",
        (DEPOSEE, REFUS),
        provisoire.AttestationProlongationDue(due_le=le("2026-01-01"), dossier="D-1"),
    ),
    ("titre_jamais_remis", (), titre.TitreExpire(expire_le=le("2025-09-30"))),
    ("titre_pas_expire", (TITRE,), titre.TitreExpire(expire_le=le("2026-01-15"))),
    ("titre_deja_remis", (TITRE,), TITRE),
    (
        "titre_deja_retire",
        (TITRE, titre.TitreRetire(notifie_le=le("2025-05-01"))),
        titre.TitreRetire(notifie_le=le("2025-06-01")),
    ),
    ("rappel_jamais_envoye", (TITRE,), titre.RappelExpirationOuvert()),
    ("mandat_jamais_donne", (), personne.MandatRevoque(mandat="M-1")),
    ("mandat_jamais_donne", (MANDAT, personne.MandatRevoque(mandat="M-1")), personne.MandatRevoque(mandat="M-1")),
    ("mandat_a_soi", (), personne.MandatDonne(mandataire="fictif-1")),
    ("consentement_jamais_donne", (), personne.ConsentementNotificationElectroniqueRetire()),
    ("adresse_jamais_declaree", (), personne.ChangementAdresseVuPrefecture()),
    ("rien_de_modifie", (), personne.CoordonneesModifiees()),
    ("incident_jamais_ouvert", (), RESOLU),
    ("incident_deja_resolu", (ILLISIBLE, RESOLU), RESOLU),
    ("incident_deja_ouvert", (ILLISIBLE,), ILLISIBLE),
    ("incident_non_resolu", (ILLISIBLE,), incident.UsagerInformeResolution()),
    ("portee_vide", (ILLISIBLE,), incident.PorteeIncidentFixee()),
    ("ticket_inconnu", (), support.CccRepondu(ticket="T-1")),
    ("substitution_jamais_demandee", (), support.SubstitutionRefusee()),
    ("rien_a_retablir", (), effet.PrestationRetablie(prestation=Prestation.RSA, retablie_le=le("2025-12-01"))),
    ("perte_deja_en_cours", (SUSPENDUE,), SUSPENDUE),
    (
        "autre_prestation",
        (SUSPENDUE,),
        effet.PrestationRetablie(prestation=Prestation.AAH, retablie_le=le("2025-12-01")),
    ),
    (
        "retabli_avant_perte",
        (SUSPENDUE,),
        effet.PrestationRetablie(prestation=Prestation.RSA, retablie_le=le("2025-09-01")),
    ),
    ("rien_a_retablir", (), effet.EmploiRepris(repris_le=le("2025-12-01"))),
    ("gel_jamais_pose", (), acces.GelConservationLeve(gel="G-1")),
    ("demande_jamais_recue", (), acces.DemandeDroitsRepondue(repondue_le=le("2026-01-01"))),
    ("reclamation_inconnue", (), reclamation.ExplicationsDddDemandees(numero="25-1")),
    ("cada_jamais_saisie", (), reclamation.AvisCadaRendu()),
    ("retrait_sans_fait", (), correction.FaitRetire(motif="doublon")),
    ("contestation_sans_fait", (), correction.FaitConteste(faits_contestes=(), motif="faux")),
    ("conteste_inconnu", (), correction.FaitConteste(faits_contestes=("nulle-part",), motif="faux")),
    ("contestation_sans_motif", (DEPOSEE,), correction.FaitConteste(faits_contestes=("F-1",), motif=" ")),
    ("attestation_de_depot_papier", (PAPIER,), depot.AttestationDepotDelivree()),
    ("aucune_demande", (), provisoire.AttestationProlongationDue(due_le=le("2026-01-01"))),
    (
        "complement_sans_echeance",
        (DEPOSEE, COMPLEMENT.model_copy(update={"echeance": None})),
        instruction.DelaiComplementExpire(),
    ),
    (
        "delai_non_expire",
        (DEPOSEE, COMPLEMENT.model_copy(update={"echeance": le("2026-01-15")})),
        instruction.DelaiComplementExpire(),
    ),
    ("echeance_passee", (DEPOSEE,), COMPLEMENT.model_copy(update={"echeance": le("2025-07-19")})),
    ("compte_deja_cree", (personne.CompteCree(compte="K-1"),), personne.CompteCree(compte="K-1")),
    ("compte_inconnu", (personne.CompteCree(compte="K-1"),), personne.ConnexionReussie(compte="K-2")),
    ("consentement_deja_donne", (CONSENTEMENT,), CONSENTEMENT),
    ("creneau_passe", (), support.RendezVousPanIndisponible(premier_creneau_le=le("2025-01-01"))),
    ("decision_avant_silence", (DEPOSEE, REFUS), decision.RefusImpliciteNe(ne_le=le("2025-12-15"))),
    (
        "delai_sans_injonction",
        (DEPOSEE, recours.RefereForme(base=BaseRecours.REFERE_LIBERTE)),
        recours.OrdonnanceRendue(delai_injonction_jours=8),
    ),
    ("demande_deja_recue", (DROIT,), DROIT),
    ("explications_jamais_demandees", (), reclamation.ExplicationsDddFournies()),
    ("fenetre_encore_ouverte", (TITRE,), titre.FenetreDepotFermee(fermee_le=le("2026-02-01"))),
    ("gel_deja_fini", (), GEL.model_copy(update={"jusqu_au": le("2025-01-01")})),
    ("gel_deja_pose", (GEL,), GEL),
    ("incident_a_venir", (), ILLISIBLE.model_copy(update={"depuis": Quand.lire("2026-02-01")})),
    ("incident_inconnu", (), incident.PorteeIncidentFixee(generale=True)),
    ("majorite_deja_atteinte", (MAJEUR,), MAJEUR),
    ("mandat_deja_donne", (MANDAT,), MANDAT),
    ("offre_deja_recue", (OFFRE,), OFFRE),
    (
        "ouvert_avant_envoi",
        (ILLISIBLE, RESOLU),
        incident.UsagerInformeResolution(informe_le=le("2025-12-05"), ouvert_le=le("2025-12-04")),
    ),
    ("pan_contradictoire", (), support.PanVisite(agent_present=True, resultat=ResultatPan.POSTE_SANS_AGENT)),
    ("panne_a_venir", (), incident.PannePlateformeConstatee(debut=Quand.lire("2026-02-01"))),
    ("prestation_deja_ouverte", (OUVERTE,), OUVERTE),
    ("protection_deja_reconnue", (REFUGIE,), REFUGIE),
    ("recepisse_pas_expire", (RECEPISSE,), provisoire.RecepisseExpire(expire_le=le("2026-12-31"))),
    ("reclamation_deja_ouverte", (RECLAMATION,), RECLAMATION),
    ("recommandation_inconnue", (RECLAMATION,), reclamation.SuiteRecommandationRapportee()),
    ("recours_deja_rejete", (DEPOSEE, recours.RecoursForme(base=BaseRecours.GRACIEUX), REJETE), REJETE),
    ("recours_est_un_refere", (DEPOSEE,), recours.RecoursForme(base=BaseRecours.REFERE_LIBERTE)),
    ("rectification_sans_effet", (DEPOSEE,), instruction.RectificationAppliquee(champ="nom", avant="A", apres="A")),
    (
        "recue_avant_envoi",
        (DEPOSEE,),
        instruction.RelanceEnvoyee(envoyee_le=le("2025-12-02"), recue_le=le("2025-12-01")),
    ),
    ("rendez_vous_deja_passe", (DEPOSEE, RENDEZ_VOUS, instruction.RendezVousTenu()), instruction.RendezVousTenu()),
    ("rendez_vous_deja_propose", (DEPOSEE, RENDEZ_VOUS), RENDEZ_VOUS),
    ("rendez_vous_passe", (DEPOSEE,), RENDEZ_VOUS.model_copy(update={"prevu": Quand.lire("2025-12-31")})),
    ("reponse_avant_demande", (DROIT,), acces.DemandeDroitsRepondue(demande="R-1", repondue_le=le("2025-11-01"))),
    ("resolu_avant_ouverture", (ILLISIBLE,), incident.IncidentResolu(resolu_le=le("2025-07-01"))),
    (
        "retrait_avant_decision",
        (DEPOSEE, FAVORABLE),
        decision.DecisionRetiree(retiree_le=le("2025-11-01"), vise=NatureDecision.FAVORABLE),
    ),
    ("retrait_avant_offre", (OFFRE,), effet.OffreEmploiRetiree(depuis_le=le("2025-08-01"))),
    ("retrait_sans_motif", (), correction.FaitRetire(motif=" ")),
    ("substitution_inconnue", (), support.RendezVousSubstitutionTenu()),
    (
        "titre_deja_expire",
        (TITRE, titre.TitreExpire(expire_le=le("2025-09-30"))),
        titre.TitreExpire(expire_le=le("2025-09-30")),
    ),
    ("titre_deja_restitue", (titre.TitrePrecedentRestitue(),), titre.TitrePrecedentRestitue()),
    (
        "vulnerabilite_sans_consentement",
        (),
        personne.VulnerabiliteSignalee(categorie=CategorieVulnerabilite.AUTRE, consentement=False),
    ),
)


@pytest.mark.parametrize(
    ("code", "before", "event"), REFUSALS, ids=lambda value: getattr(value, "nom", str(value))[:40]
)
def test_act_that_cannot_be_true_is_refused(code: str, before: Sequence[Event], event: Event) -> None:
    """An act that the ledger contradicts is refused, for this reason among others."""
    place = {"flux_choisi": Flux.DOSSIER, "objet": "D-1"} if isinstance(event, correction.FaitRetire) else {}
    assert code in refused(before, event, **place)


GENERAL = {
    "acte_dans_l_avenir",
    "corrige_inconnu",
    "date_dans_l_avenir",
    "objet_absent",
    "personne_absente",
    "validite_inversee",
}
"""The reasons of every act: their tests are with those of the decision."""

OF_ERASURE = {"gel_en_cours"}
"""The reason of no act but of an erasure: its tests are with those."""


def test_every_reason_has_its_case() -> None:
    """No reason of the guards is without a life that gives it."""
    assert codes_of("Motif") == {code for code, _, _ in REFUSALS} | GENERAL | OF_ERASURE

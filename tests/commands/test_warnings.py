"""Every warning, each with a life in which it is given: the act is accepted, and the warning kept with it."""

from collections.abc import Sequence

import pytest

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
    DocumentPresente,
    FondementAcces,
    ModeNotification,
    NatureExport,
)
from ledger.events.parts import PieceDemandee
from ledger.events.types import (
    BaseRecours,
    CodeIncident,
    EtatCompletude,
    NatureDecision,
    StatutProtection,
    TypeTitre,
)
from tests.commands.actes import (
    ATTESTATION,
    CLOTURE,
    COMPLEMENT,
    DEPOSEE,
    DROIT,
    FAVORABLE,
    ILLISIBLE,
    MANDAT,
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
    warned,
)

ADF = provisoire.AttestationDecisionFavorableDelivree(
    valide_du=le("2026-01-01"), mise_a_disposition_le=le("2026-01-01"), dossier="D-1"
)

WARNINGS: Sequence[tuple[str, Sequence[Event], Event]] = (
    ("incident_cache_les_messages", (DEPOSEE, ILLISIBLE), CLOTURE),
    ("incident_cache_les_messages", (DEPOSEE, ILLISIBLE), cloture.DossierClosAutomatiquement()),
    ("incident_cache_les_messages", (DEPOSEE, ILLISIBLE), REFUS),
    ("piece_deja_detenue", (DEPOSEE, depot.PieceVersee(piece="bail ")), COMPLEMENT),
    ("piece_sans_texte", (DEPOSEE,), instruction.ComplementDemande(pieces=(PieceDemandee(nom="Bail"),))),
    ("complement_sans_delai", (DEPOSEE,), instruction.ComplementDemande()),
    ("complement_sans_piece", (DEPOSEE,), instruction.ComplementDemande()),
    ("sans_consentement", (DEPOSEE,), COMPLEMENT.model_copy(update={"mode": ModeNotification.TELESERVICE})),
    ("reponse_apres_echeance", (DEPOSEE, COMPLEMENT), instruction.ComplementRepondu(repondu_le=le("2025-09-15"))),
    ("sans_motif_de_fait", (DEPOSEE,), decision.RefusDecide(decide_le=le("2025-12-01"))),
    ("sans_motif_de_droit", (DEPOSEE,), decision.RefusDecide(decide_le=le("2025-12-01"))),
    ("sans_auteur", (DEPOSEE,), decision.RefusDecide(decide_le=le("2025-12-01"))),
    ("sans_auteur", (DEPOSEE,), cloture.DossierClosParAgent()),
    ("sans_mention_algorithme", (DEPOSEE,), cloture.DossierClosAutomatiquement()),
    ("cloture_pour_silence", (DEPOSEE, COMPLEMENT), cloture.DossierClosAutomatiquement(complement="C-1")),
    ("complement_jamais_ouvert", (DEPOSEE, COMPLEMENT), cloture.DossierClosAutomatiquement(complement="C-1")),
    ("pieces_non_recues", (DEPOSEE, depot.PieceVersee(piece="Bail")), CLOTURE),
    ("versements_echoues", (DEPOSEE, depot.VersementEchoue()), CLOTURE),
    ("enregistrement_refuse_sans_piece", (DEPOSEE,), cloture.EnregistrementRefuse()),
    (
        "piece_manquante_versee",
        (DEPOSEE, depot.PieceVersee(piece="Bail")),
        cloture.EnregistrementRefuse(pieces_manquantes=(PieceDemandee(nom="Bail"),)),
    ),
    ("sans_voies_recours", (DEPOSEE, REFUS), decision.RefusNotifie(notifie_le=le("2025-12-05"))),
    ("refus_implicite_trop_tot", (DEPOSEE,), decision.RefusImpliciteNe(ne_le=le("2025-10-31"))),
    ("hors_fenetre", (TITRE,), DEPOSEE.model_copy(update={"deposee_le": le("2025-08-02")})),
    ("titre_precedent_inconnu", (), DEPOSEE),
    ("six_mois_depasses", (TITRE.model_copy(update={"valide_au": le("2024-12-31")}),), DEPOSEE),
    ("attestation_trop_longue", (DEPOSEE,), ATTESTATION.model_copy(update={"valide_au": le("2026-01-02")})),
    (
        "attestation_trop_courte",
        (DEPOSEE, personne.ProtectionReconnue(statut=StatutProtection.REFUGIE, reconnue_le=le("2025-06-01"))),
        ATTESTATION,
    ),
    (
        "sans_mention_refugie",
        (DEPOSEE, personne.ProtectionReconnue(statut=StatutProtection.REFUGIE, reconnue_le=le("2025-06-01"))),
        ATTESTATION,
    ),
    ("attestation_retroactive", (DEPOSEE,), ATTESTATION.model_copy(update={"mise_a_disposition_le": le("2025-10-20")})),
    ("attestation_non_mise_a_disposition", (DEPOSEE,), ATTESTATION.model_copy(update={"mise_a_disposition_le": None})),
    (
        "renouvellement_avec_interruption",
        (DEPOSEE, ATTESTATION),
        RENOUVELEE.model_copy(update={"valide_du": le("2026-01-10")}),
    ),
    ("transmission_sans_avis", (DEPOSEE,), instruction.DemandeTransmise()),
    ("mesures_utiles_fermees", (DEPOSEE, SILENCE), recours.RefereForme(base=BaseRecours.REFERE_MESURES_UTILES)),
    ("suspension_sans_fond", (DEPOSEE, SILENCE), recours.RefereForme(base=BaseRecours.REFERE_SUSPENSION)),
    ("retrait_sans_contradictoire", (TITRE,), titre.TitreRetire(notifie_le=le("2025-05-01"))),
    ("accuse_sans_mention", (DEPOSEE,), depot.AccuseReceptionDelivre(delivre_le=le("2025-07-02"))),
    ("accuse_tardif", (DEPOSEE,), depot.AccuseReceptionDelivre(delivre_le=le("2025-09-02"))),
    ("substitution_sans_echec", (), support.SubstitutionDemandee()),
    ("lien_jamais_demande", (), personne.LienReinitialisationNonRecu()),
    ("acces_par_un_autre", (), acces.DossierConsulte(fondement=FondementAcces.PERSONNE_CONCERNEE)),
    ("acces_sans_mandat", (), acces.DossierConsulte(fondement=FondementAcces.MANDAT)),
    ("acces_sans_reference", (), acces.RechercheEffectuee(fondement=FondementAcces.RECLAMATION_DDD)),
    ("annulation_deja_demandee", (DEPOSEE, instruction.AnnulationDemandee()), instruction.AnnulationDemandee()),
    (
        "annulation_sans_recours",
        (DEPOSEE, REFUS),
        decision.DecisionAnnulee(annulee_le=le("2026-01-01"), vise=NatureDecision.REFUS_EXPRES),
    ),
    (
        "asile_avec_titre",
        (TITRE.model_copy(update={"valide_au": le("2026-09-30")}),),
        titre.AttestationDemandeAsileDelivree(valide_du=le("2026-01-01"), valide_au=le("2026-06-30")),
    ),
    ("attestation_hors_instruction", (DEPOSEE, CLOTURE), ATTESTATION),
    ("attestation_inconnue", (), provisoire.RenouvellementAttestationEchoue()),
    ("blocage_sans_echec", (), support.BlocageAtteste()),
    ("blocage_sans_signataire", (), support.BlocageAtteste()),
    ("cada_sans_demande", (), reclamation.DemandeCadaDeposee()),
    ("carte_deja_due", (), REFUGIE),
    ("carte_deja_remise", (DEPOSEE, FAVORABLE, TITRE.model_copy(update={"dossier": "D-1"})), ADF),
    ("carte_jamais_commandee", (), titre.CartePrete()),
    ("carte_sans_decision", (DEPOSEE,), titre.FabricationCarteCommandee(dossier="D-1")),
    (
        "complement_illisible",
        (DEPOSEE, COMPLEMENT),
        instruction.ComplementMisADisposition(complement="C-1", lisible=False),
    ),
    ("complement_inconnu", (DEPOSEE,), depot.VersementEchoue(complement="C-9")),
    (
        "complement_repondu",
        (DEPOSEE, COMPLEMENT, instruction.ComplementRepondu(complement="C-1")),
        CLOTURE.model_copy(update={"complement": "C-1"}),
    ),
    ("complement_sans_effet", (DEPOSEE,), instruction.ComplementDemande()),
    ("compte_deja_cree", (personne.CompteCree(),), personne.CreationCompteEchouee()),
    ("compte_sans_courriel", (), personne.CompteCree(avec_courriel=False)),
    ("date_depot_non_conservee", (DEPOSEE, CLOTURE), cloture.DossierRouvert()),
    (
        "decision_attaquee_inconnue",
        (DEPOSEE,),
        recours.RecoursForme(base=BaseRecours.EXCES_DE_POUVOIR, vise=NatureDecision.REFUS_EXPRES),
    ),
    ("delai_en_cours", (DEPOSEE, COMPLEMENT.model_copy(update={"echeance": le("2026-01-31")})), CLOTURE),
    ("document_non_nomme", (DEPOSEE, ATTESTATION), SUSPENDUE),
    (
        "document_valable_refuse",
        (),
        SUSPENDUE.model_copy(update={"document_refuse": DocumentPresente.ATTESTATION_PROLONGATION}),
    ),
    ("titre_expire_refuse", (), SUSPENDUE.model_copy(update={"document_refuse": DocumentPresente.TITRE_EXPIRE})),
    ("suspension_sans_motif", (), SUSPENDUE),
    ("documents_non_nommes", (), reclamation.DocumentsAdministratifsDemandes()),
    ("enregistrement_refuse_sans_texte", (DEPOSEE,), cloture.EnregistrementRefuse()),
    ("expiration_differente", (TITRE,), titre.TitreExpire(expire_le=le("2025-09-29"))),
    ("explications_sans_echeance", (RECLAMATION,), reclamation.ExplicationsDddDemandees()),
    (
        "fait_conteste_inconnu",
        (RECLAMATION, reclamation.ExplicationsDddDemandees()),
        reclamation.ExplicationsDddFournies(faits_contestes=("F-99",)),
    ),
    (
        "contestation_par_un_autre",
        (RECLAMATION,),
        correction.FaitConteste(faits_contestes=("F-1",), motif="Dit au guichet : ce n'est pas moi."),
    ),
    ("recommandation_sans_contradictoire", (RECLAMATION,), reclamation.RecommandationDddEmise()),
    ("reclamation_dossier_inconnu", (), RECLAMATION.model_copy(update={"dossiers": ("D-9",)})),
    ("fenetre_differente", (TITRE,), titre.FenetreDepotOuverte(ouverte_le=le("2025-06-01"))),
    ("incomplet_sans_piece", (DEPOSEE,), instruction.CompletudeAppreciee(etat=EtatCompletude.INCOMPLET)),
    ("instructions_sans_protection", (), personne.InstructionsAccesEnvoyees()),
    ("mandat_dossier_inconnu", (), MANDAT.model_copy(update={"dossiers": ("D-9",)})),
    ("mandat_sans_portee", (), MANDAT),
    ("meme_departement", (), personne.ChangementAdresseDeclare(ancien_departement="69", nouveau_departement="69")),
    ("message_non_ouvert", (ILLISIBLE, RESOLU), incident.UsagerInformeResolution()),
    ("personne_a_informer", (ILLISIBLE,), RESOLU),
    ("motifs_hors_delai", (DEPOSEE, SILENCE), decision.MotifsDemandes(demandes_le=le("2026-01-10"))),
    ("motifs_sans_refus", (DEPOSEE,), decision.MotifsDemandes()),
    (
        "motifs_tardifs",
        (DEPOSEE, SILENCE, decision.MotifsDemandes(demandes_le=le("2025-11-10"))),
        decision.MotifsCommuniques(communiques_le=le("2025-12-11")),
    ),
    ("numero_etranger_connu", (personne.NumeroEtrangerAttribue(),), personne.NumeroEtrangerManquant()),
    (
        "second_numero_etranger",
        (personne.NumeroEtrangerAttribue(empreinte="a" * 64),),
        personne.NumeroEtrangerAttribue(empreinte="b" * 64),
    ),
    ("offre_inconnue", (), effet.OffreEmploiRetiree(depuis_le=le("2025-10-01"))),
    ("papier_sans_substitution", (), PAPIER.model_copy(update={"en_teleservice_obligatoire": True})),
    (
        "piece_alteree",
        (DEPOSEE, depot.PieceVersee(piece="Bail", sha256="a" * 64)),
        depot.PieceRecueParPrefecture(sha256="b" * 64, sha256_envoye="a" * 64),
    ),
    (
        "piece_non_indispensable",
        (DEPOSEE,),
        instruction.ComplementDemande(pieces=(PieceDemandee(nom="Bail", indispensable=False),)),
    ),
    (
        "plus_de_deux_recepisses",
        (PAPIER, RECEPISSE, RECEPISSE),
        provisoire.RecepisseRenouvele(
            valide_du=le("2026-01-01"), valide_au=le("2026-03-31"), remis_le=le("2026-01-01")
        ),
    ),
    ("recepisse_en_ligne", (DEPOSEE,), RECEPISSE),
    ("recepisse_non_remis", (PAPIER,), RECEPISSE.model_copy(update={"remis_le": None})),
    ("recepisse_retroactif", (PAPIER,), RECEPISSE.model_copy(update={"remis_le": le("2025-07-09")})),
    ("publication_sans_preuve", (), support.ModalitesSubstitutionPubliees()),
    ("rappel_date_differente", (TITRE,), titre.RappelExpirationEnvoye(expire_le=le("2025-10-01"))),
    ("rappel_hors_fenetre", (TITRE,), titre.RappelExpirationEnvoye(deposer_avant_le=le("2025-09-01"))),
    ("rectification_non_demandee", (DEPOSEE,), instruction.RectificationAppliquee(champ="nom")),
    ("refus_malgre_blocage", (support.BlocageAtteste(), support.SubstitutionDemandee()), support.SubstitutionRefusee()),
    ("refus_pendant_complement", (DEPOSEE, COMPLEMENT.model_copy(update={"echeance": le("2026-01-31")})), REFUS),
    ("refus_sans_motif", (DROIT,), acces.DemandeDroitsRepondue(repondue_le=le("2026-01-01"), accordee=False)),
    ("relance_sans_demande", (), instruction.RelanceEnvoyee()),
    ("remis_apres_expiration", (), TITRE.model_copy(update={"remis_le": le("2025-10-01")})),
    ("remise_inconnue", (), TITRE.model_copy(update={"remis_le": None})),
    ("titre_sans_decision", (DEPOSEE,), TITRE.model_copy(update={"dossier": "D-1"})),
    (
        "renouvellement_du",
        (DEPOSEE, ATTESTATION),
        provisoire.AttestationProlongationExpiree(expire_le=le("2025-12-31"), dossier="D-1"),
    ),
    ("restitution_prouvee", (titre.TitrePrecedentRestitue(),), titre.RestitutionNonEnregistree()),
    (
        "retrait_tardif",
        (DEPOSEE, FAVORABLE.model_copy(update={"prise_le": le("2025-08-01")})),
        decision.DecisionRetiree(retiree_le=le("2025-12-02"), vise=NatureDecision.FAVORABLE),
    ),
    ("scelle_sans_export", (), acces.DossierPreuveScelle(sha256="a" * 64)),
    ("substitution_sans_diligence", (), support.SubstitutionDemandee()),
    (
        "substitution_sans_enregistrement",
        (support.SubstitutionDemandee(),),
        support.RendezVousSubstitutionTenu(demande_enregistree=False),
    ),
    ("tentative_apres_depot", (DEPOSEE,), depot.TentativeDepotEchouee()),
    (
        "tentatives_rapprochees",
        (depot.TentativeDepotEchouee(), DEPOSEE),
        recours.RefereForme(base=BaseRecours.REFERE_MESURES_UTILES),
    ),
    ("ticket_deja_connu", (support.CccContacte(ticket="T-1"),), support.CccContacte(ticket="T-1")),
    (
        "tiers_non_masques",
        (),
        acces.ExportProduit(nature=NatureExport.HISTORIQUE, fondement=FondementAcces.INSTRUCTION, tiers_masques=False),
    ),
    (
        "transmission_par_une_autre",
        (DEPOSEE.model_copy(update={"prefecture": "Ain"}),),
        instruction.DemandeTransmise(de_prefecture="Rhône"),
    ),
    (
        "incident_empeche_de_repondre",
        (DEPOSEE, ILLISIBLE.model_copy(update={"code": CodeIncident.NO_COMPLETION})),
        CLOTURE,
    ),
    ("incident_en_cours", (DEPOSEE, ILLISIBLE.model_copy(update={"code": CodeIncident.SLOW_BUG_FIX})), CLOTURE),
    ("titre_accorde_autre", (DEPOSEE,), FAVORABLE.model_copy(update={"titre_accorde": TypeTitre.CSP})),
)


@pytest.mark.parametrize(
    ("code", "before", "event"), WARNINGS, ids=lambda value: getattr(value, "nom", str(value))[:40]
)
def test_act_is_accepted_with_its_warning(code: str, before: Sequence[Event], event: Event) -> None:
    """What happens in life is never refused: the warning is kept with the act, and names its source."""
    assert warned(before, event)[code].source


@pytest.mark.parametrize(
    ("statut", "source"),
    [
        (StatutProtection.REFUGIE, "CESEDA, art. R.424-1"),
        (StatutProtection.PROTECTION_SUBSIDIAIRE, "Service-Public, fiche F2689 (copie ancienne)"),
        (StatutProtection.APATRIDE, None),
    ],
)
def test_a_late_card_cites_what_gives_its_delay(statut: StatutProtection, source: str | None) -> None:
    """R.424-1 for a refugee, an old page for subsidiary protection; nothing gives a delay to the stateless person."""
    found = warned((), personne.ProtectionReconnue(statut=statut, reconnue_le=le("2025-01-01")))
    cited = found["carte_deja_due"].source if "carte_deja_due" in found else None
    assert cited == source


GENERAL = {"cause_inconnue", "represente_different", "represente_non_nomme", "sans_mandat"}
"""The warnings of every act: their tests are with those of the decision."""


def test_every_warning_has_its_case() -> None:
    """No warning of the guards and of the rules they ask is without a life that gives it."""
    assert codes_of("avertir") == {code for code, _, _ in WARNINGS} | GENERAL

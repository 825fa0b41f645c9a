"""Decisions: every reason at once, each with its source; what happens in life is accepted, with its warnings."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import gardes
from commands.actes import ACTES, NOMS
from commands.base import Motif, Refused
from commands.decide import decide
from commands.situation import situation
from ledger.entry import Acteur, Entry
from ledger.events import (
    EVENTS,
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
from ledger.events.listes import ModeNotification
from ledger.events.parts import PieceDemandee
from ledger.events.types import (
    BaseRecours,
    EtatCompletude,
    Flux,
    NatureActeur,
    NatureDecision,
    Prestation,
    StatutProtection,
    TypeTitre,
)
from tests.commands.actes import (
    ATTESTATION,
    CLOTURE,
    COMPLEMENT,
    DEPOSEE,
    FAVORABLE,
    ILLISIBLE,
    NOW,
    REFUS,
    SILENCE,
    TITRE,
    acte,
    ask,
    ask_in,
    entry,
    le,
    life,
    refused,
    warned,
)
from tests.strategies import event_of

NOTIFIE = decision.RefusNotifie(notifie_le=le("2025-12-05"), mention_voies_recours=True)
RENOUVELEE = provisoire.AttestationProlongationRenouvelee(
    valide_du=le("2026-01-01"), valide_au=le("2026-03-31"), mise_a_disposition_le=le("2026-01-01"), dossier="D-1"
)
SUSPENDUE = effet.PrestationSuspendue(prestation=Prestation.RSA, depuis_le=le("2025-10-01"))
MANDAT = personne.MandatDonne(mandat="M-1", mandataire="avocat-1", valide_au=le("2026-12-31"))
RESOLU = incident.IncidentResolu(resolu_le=le("2025-12-01"))
GEL = acces.GelConservationPose(gel="G-1", fondement="réclamation")

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
    ("lien_jamais_demande", (), personne.LienReinitialisationNonRecu()),
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
    ("gel_en_cours", (GEL,), acces.ClePersonnelleDetruite(motif="fin de conservation")),
    ("demande_jamais_recue", (), acces.DemandeDroitsRepondue(repondue_le=le("2026-01-01"))),
    ("conforme_avec_anomalies", (), acces.IntegriteVerifiee(conforme=True, anomalies=("ligne 3",))),
    ("reclamation_inconnue", (), reclamation.ExplicationsDddDemandees(numero="25-1")),
    ("cada_jamais_saisie", (), reclamation.AvisCadaRendu()),
    ("retrait_sans_fait", (), correction.FaitRetire(motif="doublon")),
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
)


@pytest.mark.parametrize(
    ("code", "before", "event"), REFUSALS, ids=lambda value: getattr(value, "nom", str(value))[:40]
)
def test_act_that_cannot_be_true_is_refused(code: str, before: Sequence[Event], event: Event) -> None:
    """An act that the ledger contradicts is refused, and the reason names its rule."""
    corrige = {"flux_choisi": Flux.DOSSIER, "objet": "D-1"} if isinstance(event, correction.FaitRetire) else {}
    assert code in refused(before, event, **corrige)


@pytest.mark.parametrize(
    ("code", "before", "event"), WARNINGS, ids=lambda value: getattr(value, "nom", str(value))[:40]
)
def test_harmful_act_is_accepted_with_its_warning(code: str, before: Sequence[Event], event: Event) -> None:
    """What happens in life is never refused: the warning is kept with the act."""
    assert code in warned(before, event)


def test_a_regular_life_is_accepted_without_a_word() -> None:
    """A filing in the window, a lawful request, an answer and a reasoned decision raise no warning."""
    complete = DEPOSEE.model_copy(update={"deposee_le": le("2025-07-01")})
    answer = instruction.ComplementRepondu(complement="C-1", repondu_le=le("2025-08-20"))
    steps: list[Event] = [TITRE, complete, COMPLEMENT, answer, FAVORABLE]
    for place, event in enumerate(steps[1:], start=1):
        assert warned(steps[:place], event) == {}


def test_refusal_gives_every_reason_at_once() -> None:
    """A decision on a closed dossier, dated before its filing and in the future, is refused for each reason."""
    codes = refused((DEPOSEE, CLOTURE), REFUS.model_copy(update={"decide_le": le("2025-06-01")}), corrige="F-99")
    assert codes == ["corrige_inconnu", "dossier_clos", "decision_avant_depot"]


def test_message_of_a_refusal_is_one_french_line_a_reason() -> None:
    """The person reads every reason, one a line, each with its rule."""
    with pytest.raises(Refused) as refusal:
        ask((), REFUS, corrige="F-99")
    first, *lines = str(refusal.value).splitlines()
    assert first == "Acte refusé :"
    assert len(lines) == len(refusal.value.motifs) == 2
    assert all(motif.reference in line for motif, line in zip(refusal.value.motifs, lines, strict=True))


def test_act_dated_in_the_future_is_refused() -> None:
    """Neither the act nor what it says was done can be later than the clock that was given."""
    later = entry(1, DEPOSEE, "2026-01-15T09:00:01Z").fait.survenu
    assert "acte_dans_l_avenir" in refused((), personne.CompteCree(), survenu=later)
    tomorrow = REFUS.model_copy(update={"decide_le": le("2026-01-16")})
    assert refused((DEPOSEE,), tomorrow) == ["date_dans_l_avenir"]
    assert refused((DEPOSEE,), REFUS.model_copy(update={"decide_le": le("2026-01-15")})) == []


def test_validity_that_ends_before_it_begins_is_refused() -> None:
    """Even when the dates are inexact, a title does not end before it begins."""
    backwards = TITRE.model_copy(update={"valide_du": le("2025-06-10"), "valide_au": le("2025-06")})
    assert "validite_inversee" in refused((), backwards)


def test_act_names_its_person_and_its_object() -> None:
    """An act on a dossier without the person or the dossier is refused for both."""
    assert refused((), REFUS, personne=None, objet=None)[:2] == ["personne_absente", "objet_absent"]


@pytest.mark.parametrize(
    ("before", "given", "expected"),
    [
        ((), {"au_nom_de": "fictif-1"}, {"sans_mandat"}),
        ((MANDAT,), {"au_nom_de": "fictif-1"}, set()),
        ((MANDAT, personne.MandatRevoque(mandat="M-1")), {"au_nom_de": "fictif-1"}, {"sans_mandat"}),
        ((MANDAT,), {"au_nom_de": "fictif-2"}, {"represente_different"}),
        ((MANDAT,), {}, {"represente_non_nomme"}),
    ],
)
def test_acting_without_a_standing_mandate_is_a_warning(
    before: Sequence[Event], given: dict[str, Any], expected: set[str]
) -> None:
    """Acting for another without a mandate that stands is accepted, and said."""
    lawyer = Acteur(nature=NatureActeur.REPRESENTANT, id="avocat-1", **given)
    said = warned((DEPOSEE, *before), instruction.RelanceEnvoyee(), acteur=lawyer)
    assert set(said) == expected


def test_ended_mandate_no_longer_stands() -> None:
    """A mandate whose last day has passed does not cover an act."""
    ended = MANDAT.model_copy(update={"valide_au": le("2025-12-31")})
    lawyer = Acteur(nature=NatureActeur.REPRESENTANT, id="avocat-1", au_nom_de="fictif-1")
    assert "sans_mandat" in warned((DEPOSEE, ended), instruction.RelanceEnvoyee(), acteur=lawyer)


def test_corrected_fact_does_not_stand_in_the_way_of_its_correction() -> None:
    """Correcting a refusal is not a second decision; the same act without naming it is."""
    right = REFUS.model_copy(update={"decide_le": le("2025-12-02")})
    assert refused((DEPOSEE, REFUS), right, corrige="F-2") == []
    assert refused((DEPOSEE, REFUS), right) == ["decision_debout"]


def test_withdrawn_fact_names_the_one_it_takes_back() -> None:
    """A fact may be said not to have taken place, in its own stream."""
    done = ask((DEPOSEE,), correction.FaitRetire(motif="doublon"), corrige="F-1", flux_choisi=Flux.DOSSIER, objet="D-1")
    assert (done.flux, done.objet, done.corrige) == (Flux.DOSSIER, "D-1", "F-1")


def test_implicit_refusal_does_not_prevent_a_decision() -> None:
    """Silence has refused, the préfecture can still grant, refuse or ask for pieces (CE avis 499904)."""
    for event in (FAVORABLE, REFUS, COMPLEMENT, instruction.DemandeRetiree()):
        assert refused((DEPOSEE, SILENCE), event) == []


def test_incident_of_another_dossier_is_not_held_against_the_closure() -> None:
    """Only an incident that is open and touches the dossier is pointed out."""
    elsewhere = ILLISIBLE.model_copy(update={"dossiers": ("D-2",)})
    assert "incident_cache_les_messages" not in warned((DEPOSEE, elsewhere), CLOTURE)
    assert "incident_cache_les_messages" not in warned((DEPOSEE, ILLISIBLE, RESOLU), CLOTURE)
    partly = RESOLU.model_copy(update={"dossiers": ("D-2",)})
    assert "incident_cache_les_messages" in warned((DEPOSEE, ILLISIBLE, partly), CLOTURE)


def test_recorded_fact_is_the_act() -> None:
    """The fact carries what was asked, its id comes from the command, and Constat is its source."""
    asked = acte(DEPOSEE)
    done = ask((TITRE,), DEPOSEE)
    assert (done.id, done.source.value, done.evenement) == (asked.id, "constat", DEPOSEE)
    assert str(done.survenu) == "2026-01-15T09:00:00Z"


def test_each_event_has_exactly_one_act() -> None:
    """Every type of fact can be asked for, by one act with its own infinitive and its French sentence."""
    assert set(ACTES) == set(EVENTS)
    assert len(NOMS) == len(EVENTS)
    for name, event in NOMS.items():
        assert re.fullmatch(r"(se_)?[a-z]+(er|ir|re|re_[a-z_]+|er_[a-z_]+|ir_[a-z_]+)(_[a-z]+)*", name), name
        assert (ACTES[event].__doc__ or "").endswith("."), name


def test_unverified_rule_says_so() -> None:
    """A warning whose source is a summary, a memory or an interpretation says « règle non vérifiée »."""
    said = warned((DEPOSEE, ILLISIBLE, SILENCE), cloture.DossierClosAutomatiquement())
    assert "règle non vérifiée" in said["incident_cache_les_messages"].texte
    assert "règle non vérifiée" not in said["sans_auteur"].texte
    closed = recours.RefereForme(base=BaseRecours.REFERE_MESURES_UTILES)
    assert "règle non vérifiée" in warned((DEPOSEE, SILENCE), closed)["mesures_utiles_fermees"].texte


def test_no_guard_speaks_of_fault() -> None:
    """Constat states facts: the word « faute » is in no guard and no sentence."""
    for path in Path("commands").glob("*.py"):
        assert "faute" not in path.read_text(encoding="utf-8").casefold(), path


EVENTS_OF_ANY_KIND = st.sampled_from(EVENTS).flatmap(event_of)
LIVES = st.lists(EVENTS_OF_ANY_KIND, max_size=8).map(lambda events: life(*events))


@settings(max_examples=200)
@given(LIVES, EVENTS_OF_ANY_KIND)
def test_decision_is_a_fact_or_reasons_with_sources(entries: list[Entry], event: Event) -> None:
    """Whatever is asked in whatever situation, the answer is one fact or a refusal whose every reason has a source."""
    motifs: tuple[Motif, ...] = ()
    try:
        done = ask_in(entries, event)
    except Refused as refusal:
        done, motifs = None, refusal.motifs
    assert (done is None) == bool(motifs)
    assert all(motif.reference and motif.texte and motif.code for motif in motifs)
    if done is not None:
        assert done.evenement == event
        assert all(each.source and each.texte for each in done.avertissements)


@given(LIVES, EVENTS_OF_ANY_KIND, st.none() | st.just("F-99"))
def test_refusal_lists_what_each_lone_check_says(entries: list[Entry], event: Event, corrige: str | None) -> None:
    """The reasons of a refusal are those of every check run alone: none stops another, none is lost."""
    asked = acte(event, corrige=corrige)
    known = situation(entries, asked, NOW)
    alone = [
        *gardes.pas_dans_l_avenir(asked, NOW),
        *gardes.validite_en_ordre(asked, NOW),
        *gardes.objet_nomme(asked, NOW),
        *gardes.corrige_un_fait_connu(known, asked),
        *gardes.mandat_en_cours(known, asked),
        *ACTES[type(event)](known, event),
    ]
    expected = {each for each in alone if isinstance(each, Motif)}
    try:
        decide(known, asked, NOW)
        found: set[Motif] = set()
    except Refused as refusal:
        found = set(refusal.motifs)
    assert found == expected


@given(EVENTS_OF_ANY_KIND, LIVES)
def test_deciding_twice_is_the_same(event: Event, entries: list[Entry]) -> None:
    """The same act in the same situation at the same moment gets the same answer."""

    def once() -> object:
        try:
            return ask_in(entries, event)
        except Refused as refusal:
            return refusal.motifs

    assert once() == once()


def test_title_types_are_compared() -> None:
    """Granting another title than the one asked for is accepted, and said."""
    other = FAVORABLE.model_copy(update={"titre_accorde": TypeTitre.CSP})
    assert "titre_accorde_autre" in warned((DEPOSEE,), other)

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
    FROM_OUTSIDE,
    cloture,
    correction,
    depot,
    effet,
    instruction,
    personne,
    provisoire,
    recours,
    support,
)
from ledger.events.base import Event
from ledger.events.types import (
    BaseRecours,
    Flux,
    NatureActeur,
    Prestation,
)
from tests.commands.actes import (
    CLOTURE,
    COMPLEMENT,
    DEPOSEE,
    FAVORABLE,
    ILLISIBLE,
    MANDAT,
    NOW,
    REFUS,
    RESOLU,
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


@pytest.mark.parametrize(
    "limits", [{"valide_au": le("2025-12-31")}, {"valide_du": le("2026-02-01")}, {"dossiers": ("D-2",)}]
)
def test_mandate_covers_its_days_and_its_dossiers(limits: dict[str, Any]) -> None:
    """A mandate outside its days or for another dossier does not cover an act, and can still be revoked."""
    limited = MANDAT.model_copy(update=limits)
    lawyer = Acteur(nature=NatureActeur.REPRESENTANT, id="avocat-1", au_nom_de="fictif-1")
    assert "sans_mandat" in warned((DEPOSEE, limited), instruction.RelanceEnvoyee(), acteur=lawyer)
    assert refused((limited,), personne.MandatRevoque(mandat="M-1")) == []


@pytest.mark.parametrize(
    "event",
    [
        depot.TentativeDepotEchouee(),
        depot.VersementEchoue(complement="C-9"),
        provisoire.RenouvellementAttestationEchoue(dossier="D-1"),
        personne.CreationCompteEchouee(),
        personne.LienReinitialisationNonRecu(),
        personne.ConnexionEchouee(),
        personne.NumeroEtrangerManquant(),
        instruction.RelanceEnvoyee(),
        support.CccContacte(),
        support.PanVisite(),
        support.RendezVousPanIndisponible(),
        support.SubstitutionDemandee(),
    ],
    ids=lambda event: event.nom,
)
def test_failure_or_diligence_is_never_refused(event: Event) -> None:
    """What a person met or tried can always be told, even when nothing else is known of them."""
    assert refused((), event) == []


def test_corrected_fact_does_not_stand_in_the_way_of_its_correction() -> None:
    """Correcting a refusal is not a second decision; the same act without naming it is."""
    right = REFUS.model_copy(update={"decide_le": le("2025-12-02")})
    assert refused((DEPOSEE, REFUS), right, corrige="F-2") == []
    assert refused((DEPOSEE, REFUS), right) == ["decision_debout"]


def test_unknown_cause_is_only_pointed_out() -> None:
    """A cause that the ledger does not know does not stop the act; one that it knows is not mentioned."""
    assert set(warned((DEPOSEE,), instruction.RelanceEnvoyee(), cause="F-99")) == {"cause_inconnue"}
    assert set(warned((DEPOSEE,), instruction.RelanceEnvoyee(), cause="F-1")) == set()


def test_withdrawn_fact_names_the_one_it_takes_back() -> None:
    """A fact may be said not to have taken place, in its own stream."""
    done = ask((DEPOSEE,), correction.FaitRetire(motif="doublon"), corrige="F-1", flux_choisi=Flux.DOSSIER, objet="D-1")
    assert (done.flux, done.objet, done.corrige) == (Flux.DOSSIER, "D-1", "F-1")


def test_contested_fact_stays_and_the_contestation_stands_in_her_own_stream() -> None:
    """A person contests a fact by its id; nothing is corrected, and nobody is warned of anything."""
    event = correction.FaitConteste(faits_contestes=("F-1",), motif="Déposée le 1er, non le 3.")
    done = ask((DEPOSEE,), event, acteur=Acteur(nature=NatureActeur.USAGER, id="fictif-1"))
    assert (done.flux, done.corrige, done.avertissements) == (Flux.PERSONNE, None, ())


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
    """Every type of fact that may come from outside can be asked for, by one act with its own infinitive and sentence."""
    assert set(ACTES) == set(FROM_OUTSIDE)
    assert len(NOMS) == len(FROM_OUTSIDE)
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


EVENTS_OF_ANY_KIND = st.sampled_from(FROM_OUTSIDE).flatmap(event_of)
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


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        (Prestation.RSA, Prestation.INCONNU, []),
        (Prestation.INCONNU, Prestation.RSA, []),
        (Prestation.RSA, Prestation.AUTRE, ["autre_prestation"]),
    ],
)
def test_an_unknown_benefit_may_be_the_one_that_is_followed(
    before: Prestation, after: Prestation, codes: list[str]
) -> None:
    """A benefit that is not named, before or after, is not taken for another one."""
    suspended = effet.PrestationSuspendue(prestation=before, depuis_le=le("2025-10-01"))
    restored = effet.PrestationRetablie(prestation=after, retablie_le=le("2025-12-01"))
    assert refused((suspended,), restored) == codes

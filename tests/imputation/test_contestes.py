"""Sources that contradict each other, and facts that a party disputes: what it changes, what it never changes."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.days import Jours
from ledger.entry import Entry, Fait
from ledger.events import decision, instruction, provisoire, reclamation
from ledger.events.correction import FaitConteste, FaitRetire
from ledger.events.listes import ErreurAttestation, ObjetRendezVous, PartieAbsente
from ledger.events.types import Grade, Source
from ledger.retained import holding
from projections.couverture import couverture
from projections.imputation import calcul
from projections.imputation.calcul import attributions, obligations
from projections.imputation.contradictions import HISTOIRES, litiges
from projections.imputation.modeles import Attribution, Imputation, Statut
from tests.imputation.test_conduites import (
    A_TEMPS,
    ANNULE,
    CARTE,
    CLOS,
    ILLISIBLE,
    REFUS,
    attestation,
    complement,
    demande,
    le,
)
from tests.imputation.test_lois import par_jour, preuve
from tests.imputation.vies_dues import EXPIRY, OBSERVED, numbered, vies
from tests.samples.test_samples import as_entries

AU = date(2025, 11, 30)
J = Jours.lire


def dit(told: Fait, source: Source = Source.AGDREF, grade: Grade = Grade.A, **evenement: Any) -> Fait:
    """The same act as another source tells it."""
    event = told.evenement.model_copy(update=evenement)
    return told.model_copy(
        update={"id": f"{told.id}-{source}-{evenement}", "source": source, "grade": grade, "evenement": event}
    )


def vus(*facts: Fait, au: date = AU) -> list[Attribution]:
    """The attributions of the days without proof."""
    return preuve(attributions(holding(as_entries(facts)), au))


def reponses(found: Sequence[Attribution]) -> list[tuple[str, str, str, str]]:
    """Bounds, attribution and status."""
    return [(f"{each.du}", f"{each.au}", each.imputation.value, each.statut.value) for each in found]


TARD = dit(A_TEMPS, deposee_le=J("2025-09-10"))


def test_two_sources_that_lead_to_two_answers_leave_the_days_undetermined() -> None:
    """In the window for one source, after it for another as strong: contested, both answers, and what would decide."""
    [found] = vus(CARTE, A_TEMPS, TARD)
    assert reponses([found]) == [("2025-10-01", "2025-11-30", "UNDETERMINED", "conteste")]
    assert (found.cf_administration, found.cf_usager, found.causes) == (None, None, ())
    assert [(v.imputation, v.statut, [c.code for c in v.causes]) for v in found.versions] == [
        (Imputation.ADMINISTRATION, Statut.ETABLI, ["attestation_prolongation"]),
        (Imputation.APPLICANT, Statut.ETABLI, ["depot_dans_la_fenetre"]),
    ]
    assert all(v.chaine and v.dits for v in found.versions)
    [missing] = found.preuves_manquantes
    assert "1er juillet 2025" in missing
    assert "10 septembre 2025" in missing
    assert "accusé" in missing
    assert {each.code for each in found.contre} == {"selon_une_source"}


def test_days_are_cut_where_only_one_source_leaves_them_uncovered() -> None:
    """One certificate handed over on two days: between them, lost or covered; afterwards covered for both."""
    given = attestation("2025-10-01", "2025-11-15")
    found = vus(CARTE, A_TEMPS, given, dit(given, mise_a_disposition_le=J("2025-10-20")))
    assert reponses(found) == [
        ("2025-10-01", "2025-10-19", "UNDETERMINED", "conteste"),
        ("2025-11-16", "2025-11-30", "ADMINISTRATION", "conteste"),
    ]
    assert [v.imputation for v in found[0].versions] == [None, Imputation.ADMINISTRATION]


def test_an_answer_that_both_sources_give_stands_and_is_contested() -> None:
    """Two filing days, both in the window: due to the administration either way, and the finding shows the dispute."""
    [found] = vus(CARTE, A_TEMPS, dit(A_TEMPS, deposee_le=J("2025-07-10")))
    assert reponses([found]) == [("2025-10-01", "2025-11-30", "ADMINISTRATION", "conteste")]
    assert [each.code for each in found.contre] == ["source_contraire"]
    assert found.versions == ()
    statuts = {each.code: each.statut for each in found.chaine}
    assert statuts["depot_dans_la_fenetre"] is Statut.CONTESTE
    assert statuts["complet_presume"] is Statut.ETABLI


def test_an_answer_that_does_not_rest_on_the_disputed_fact_is_not_contested() -> None:
    """Two sources disagree on the day of a refusal that comes after the days lost: their attribution is established."""
    refused = le("2025-11-20", decision.RefusNotifie(notifie_le=J("2025-11-20")))
    first = vus(CARTE, demande("2025-09-10"), refused, dit(refused, notifie_le=J("2025-11-25")))[0]
    assert reponses([first]) == [("2025-10-01", "2025-11-20", "APPLICANT", "etabli")]


@pytest.mark.parametrize("weaker", [Grade.C, Grade.D, Grade.E])
@pytest.mark.parametrize(
    ("strong", "weak", "imputation"),
    [("2025-07-01", "2025-09-10", "ADMINISTRATION"), ("2025-09-10", "2025-07-01", "APPLICANT")],
)
def test_a_weaker_word_disputes_nothing_and_is_shown(strong: str, weak: str, imputation: str, weaker: Grade) -> None:
    """Whichever party it serves, a statement of a weaker force leaves the answer, and speaks against it."""
    word = dit(demande(strong), Source.DECLARATION, weaker, deposee_le=J(weak))
    alone, both = vus(CARTE, demande(strong)), vus(CARTE, demande(strong), word)
    assert reponses(both) == reponses(alone) == [("2025-10-01", "2025-11-30", imputation, "etabli")]
    [against] = [each for each in both[0].contre if each.code == "source_plus_faible"]
    assert against.grade is weaker


@pytest.mark.parametrize(("one", "other"), [(Grade.A, Grade.B), (Grade.C, Grade.C), (Grade.D, Grade.E)])
def test_statements_of_the_same_force_dispute_each_other(one: Grade, other: Grade) -> None:
    """Official with official, attested with attested, declared with declared."""
    first = A_TEMPS.model_copy(update={"grade": one})
    [found] = vus(CARTE, first, dit(A_TEMPS, grade=other, deposee_le=J("2025-09-10")))
    assert (found.imputation, found.statut) == (Imputation.UNDETERMINED, Statut.CONTESTE)


def test_what_one_source_corrects_or_withdraws_contradicts_nothing() -> None:
    """A corrected or a withdrawn filing day no longer holds: only the one that does is read."""
    corrected = TARD.model_copy(update={"corrige": A_TEMPS.id})
    withdrawn = le("2025-12-01", FaitRetire(motif="erreur"), corrige=TARD.id, flux_choisi=A_TEMPS.flux)
    assert reponses(vus(CARTE, A_TEMPS, corrected)) == [("2025-10-01", "2025-11-30", "APPLICANT", "etabli")]
    assert reponses(vus(CARTE, A_TEMPS, TARD, withdrawn)) == [("2025-10-01", "2025-11-30", "ADMINISTRATION", "etabli")]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(TARD.model_copy(update={"source": Source.ANEF}), id="one source tells it twice"),
        pytest.param(TARD.model_copy(update={"objet": "D-2"}), id="another dossier"),
        pytest.param(dit(A_TEMPS, deposee_le=J("2025-07")), id="days that meet"),
    ],
)
def test_what_may_be_true_together_is_not_a_contradiction(other: Fait) -> None:
    """One source, two dossiers, or days that meet: nothing is contested."""
    told = litiges(holding(as_entries([CARTE, A_TEMPS, other])))
    assert (len(told.histoires), told.contestes) == (1, {})


def test_two_numbers_are_two_documents() -> None:
    """Certificates of one stream with two numbers are two; under one number, two ends contradict each other."""
    given = attestation("2025-10-01", "2025-10-31")
    first = given.model_copy(update={"evenement": given.evenement.model_copy(update={"numero": "N-1"})})
    assert len(litiges(as_entries([first, dit(given, numero="N-2", valide_au=J("2025-12-31"))])).histoires) == 1
    assert len(litiges(as_entries([first, dit(given, numero="N-1", valide_au=J("2025-12-31"))])).histoires) == 2
    elsewhere = dit(given, mise_a_disposition_le=J("2025-10-09")).model_copy(update={"objet": "A-9"})
    assert len(litiges(as_entries([given, elsewhere])).histoires) == 2


def test_what_a_source_tells_again_and_again_is_not_one_act() -> None:
    """Up to four days of one source for one filing contradict another source; from the fifth on it is not one act."""
    said = [dit(A_TEMPS, deposee_le=J(f"2025-09-1{n}")) for n in range(5)]
    assert len(litiges(as_entries([A_TEMPS, *said[:4]])).histoires) == 2
    assert len(litiges(as_entries([A_TEMPS, *said])).histoires) == 1


def test_a_decision_after_an_annulment_is_another_decision() -> None:
    """Two refusals of two sources are one act told in two ways, unless one was annulled in between."""
    second = dit(REFUS, notifie_le=J("2026-03-01"))
    assert len(litiges(as_entries([REFUS, second])).histoires) == 2
    assert len(litiges(as_entries([REFUS, ANNULE, second])).histoires) == 1


def test_a_request_that_one_source_says_readable() -> None:
    """Readable for one source, not for another, never opened: the same answer, whose finding is contested."""
    readable = dit(ILLISIBLE, lisible=True)
    [found] = vus(CARTE, A_TEMPS, complement(), ILLISIBLE, readable, CLOS)
    assert reponses([found]) == [("2025-10-01", "2025-11-30", "ADMINISTRATION", "conteste")]
    assert "source_contraire" in {each.code for each in found.contre}


def test_who_was_absent_decides() -> None:
    """Two sources name two absent parties at one appointment: each answer is told, neither is chosen."""
    missed = instruction.RendezVousManque(
        prevu_le=J("2025-09-01"), objet=ObjetRendezVous.DEPOT, partie_absente=PartieAbsente.USAGER
    )
    fact = le("2025-09-01", missed)
    other = dit(fact, Source.PAPIER, Grade.B, partie_absente=PartieAbsente.PREFECTURE)
    [found] = vus(CARTE, fact, other)
    assert found.imputation is Imputation.UNDETERMINED
    assert "feuille de présence" in " ".join(found.preuves_manquantes)


def explications(*contested: str) -> Fait:
    """A service that answers the Défenseur des droits and disputes facts."""
    event = reclamation.ExplicationsDddFournies(numero="R-1", service="Préfecture", faits_contestes=contested)
    return le("2025-11-15", event, "R-1", source=Source.PAPIER, grade=Grade.B)


def test_the_word_of_a_service_moves_no_day_and_is_shown() -> None:
    """A fact disputed before the Défenseur des droits: the same answer, contested, with the explanations against it."""
    [found] = vus(CARTE, A_TEMPS, explications(A_TEMPS.id))
    assert reponses([found]) == [("2025-10-01", "2025-11-30", "ADMINISTRATION", "conteste")]
    assert [(each.code, each.grade) for each in found.contre] == [("fait_conteste", Grade.B)]
    owed = {x.code: x.statut for x in obligations(as_entries([CARTE, A_TEMPS, explications(A_TEMPS.id)]), AU)}
    assert owed["attestation_prolongation"] is Statut.CONTESTE


@pytest.mark.parametrize(
    ("error", "more", "statut"),
    [
        (ErreurAttestation.DATES, (), "conteste"),
        (ErreurAttestation.MENTION_TRAVAIL, (), "etabli"),
        (ErreurAttestation.DATES, (provisoire.AttestationProlongationCorrigee(mise_a_disposition_le=None),), "etabli"),
    ],
)
def test_the_word_of_the_person_weighs_as_much(error: ErreurAttestation, more: Sequence[Any], statut: str) -> None:
    """Dates reported wrong on a certificate and not corrected: the days stay, what rests on it is contested."""
    told = [
        (event, f"2025-10-{day}")
        for day, event in enumerate((provisoire.ErreurAttestationSignalee(erreur=error), *more), 20)
    ]
    facts = [CARTE, demande("2025-09-10"), attestation("2025-10-10", "2025-10-31")]
    found = vus(*facts, *(le(day, event, "A-1") for event, day in told))
    assert reponses(found) == [
        ("2025-10-01", "2025-10-09", "APPLICANT", "etabli"),
        ("2025-11-01", "2025-11-30", "ADMINISTRATION", statut),
    ]
    assert ("fait_conteste" in {each.code for each in found[-1].contre}) is (statut == "conteste")


def test_the_person_contests_a_fact_as_a_service_does() -> None:
    """The parties exchanged, the answer is the same: the days stay, and what rests on the fact is contested."""
    said = FaitConteste(faits_contestes=(A_TEMPS.id,), motif="Cette demande n'est pas la mienne.")
    told = le("2025-11-15", said, source=Source.CONSTAT, grade=Grade.D)
    [found] = vus(CARTE, A_TEMPS, told)
    assert reponses([found]) == [("2025-10-01", "2025-11-30", "ADMINISTRATION", "conteste")]
    assert [(each.code, each.grade) for each in found.contre] == [("fait_conteste", Grade.D)]
    gone = le("2025-11-20", FaitRetire(motif="doublon"), corrige=A_TEMPS.id)
    assert "fait_conteste" not in {each.code for each in vus(CARTE, A_TEMPS, told, gone)[0].contre}


def test_explanations_are_not_a_place_where_acts_would_be() -> None:
    """What a service answers does not make its silence about an act prove that the act was not done."""
    told = [each.model_copy(update={"source": Source.DECLARATION, "grade": Grade.D}) for each in (CARTE, A_TEMPS)]
    [alone], [answered] = vus(*told), vus(*told, explications(A_TEMPS.id))
    assert (answered.imputation, answered.cf_administration) == (alone.imputation, alone.cf_administration)
    assert answered.statut is Statut.CONTESTE


@pytest.mark.parametrize("contested", ["inconnu", "C-0"])
def test_disputing_what_nothing_rests_on_changes_nothing(contested: str) -> None:
    """An unknown fact, or one that no finding cites, may be disputed without any effect."""
    other = le("2025-03-01", instruction.RelanceEnvoyee(), id="C-0")
    [found] = vus(CARTE, A_TEMPS, other, explications(contested))
    assert reponses([found]) == [("2025-10-01", "2025-11-30", "ADMINISTRATION", "etabli")]
    assert {each.code for each in found.contre} == {"rien_en_sens_contraire"}


def test_only_the_dispute_that_decides_is_to_be_settled() -> None:
    """Of two contradictions, the missing proof is that of the one which changes the answer."""
    given = attestation("2025-11-20", "2026-02-19")
    found = vus(CARTE, A_TEMPS, TARD, given, dit(given, valide_au=J("2026-03-31")))
    [missing] = found[0].preuves_manquantes
    assert "dépôt de la demande" in missing
    assert len(found[0].versions) == 2


def test_many_contradictions_are_replayed_source_by_source_and_it_is_said() -> None:
    """Beyond the bound, each source is taken at its word as a whole, and the combinations left out are told."""
    given = [attestation(f"2025-10-{day:02}", f"2025-10-{day + 1:02}") for day in (1, 5, 9, 13)]
    others = [dit(each, mise_a_disposition_le=J("2025-11-25")) for each in given]
    told = litiges(as_entries([CARTE, A_TEMPS, *given, *others]))
    assert (len(told.litiges), len(told.histoires), told.entier) == (4, 2, False)
    [first, *_] = vus(CARTE, A_TEMPS, *given, *others)
    assert str(HISTOIRES) in first.preuves_manquantes[-1]


def _deux_sources(life: Sequence[Entry], day: date) -> list[Entry]:
    """The life, whose filing another source, which tells of the dossier anyway, dates ``day``."""
    filed = [each.fait for each in life if each.fait.evenement.nom == "demande_deposee"]
    told = [dit(each, grade=each.grade, deposee_le=Jours.le(day)) for each in filed[:1]]
    told.append(le("2025-03-01", instruction.RelanceEnvoyee(), source=Source.AGDREF))
    return [*life, *numbered(as_entries(told), 6_000)]


@given(life=vies(), au=OBSERVED, day=st.integers(-140, 90).map(lambda n: EXPIRY + timedelta(days=n)))
def test_each_day_is_answered_as_every_history_answers_it(life: list[Entry], au: date, day: date) -> None:
    """The days are those that a history leaves uncovered; one answer stands, two make the day contested."""
    both = _deux_sources(life, day)
    told = litiges(both)
    found = par_jour(attributions(both, au))
    each_says = [par_jour(attributions(each.entries, au)) for each in told.histoires]
    lost = {
        gap.du + timedelta(days=n)
        for each in told.histoires
        for gap in couverture(each.entries, au).lacunes
        for n in range(gap.jours)
    }
    assert set(found) == lost
    for when, answer in found.items():
        said = {says[when].imputation if when in says else None for says in each_says}
        if len(said) == 1:
            assert answer.imputation in said
        else:
            assert (answer.imputation, answer.statut) == (Imputation.UNDETERMINED, Statut.CONTESTE)
            assert {version.imputation for version in answer.versions} == said
            assert answer.preuves_manquantes


@given(life=vies(), au=OBSERVED, data=st.data())
def test_disputing_a_fact_never_moves_a_day(life: list[Entry], au: date, data: st.DataObject) -> None:
    """Whatever fact a service disputes, each day keeps its attribution and its causes; its status is no firmer."""
    target = data.draw(st.sampled_from(life))
    more = [*life, *numbered(as_entries([explications(target.fait.id)]), 5_000)]
    before = par_jour(attributions(life, au))
    after = par_jour(attributions(more, au))
    assert {day: (x.imputation, x.causes) for day, x in before.items()} == {
        day: (x.imputation, x.causes) for day, x in after.items()
    }
    for day, answer in after.items():
        assert answer.statut in {before[day].statut, Statut.CONTESTE}


@given(life=vies(), au=OBSERVED, day=st.integers(-140, 90).map(lambda n: EXPIRY + timedelta(days=n)), data=st.data())
def test_the_order_of_contradictory_facts_changes_nothing(
    life: list[Entry], au: date, day: date, data: st.DataObject
) -> None:
    """Whichever source came first into the ledger, the answer is the same to the letter."""
    both = _deux_sources(life, day)
    assert attributions(data.draw(st.permutations(both)), au) == attributions(both, au)


def test_no_contradiction_no_other_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """A life that nobody contradicts is read once more than its replays, however many sources tell it."""
    read: list[int] = []
    first = calcul.matiere
    monkeypatch.setattr(calcul, "matiere", lambda *given: read.append(1) or first(*given))
    entries = as_entries([CARTE, A_TEMPS, dit(A_TEMPS)])
    attributions(as_entries([CARTE, A_TEMPS]), AU)
    alone = len(read)
    attributions(entries, AU)
    assert len(read) == 2 * alone

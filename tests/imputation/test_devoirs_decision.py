"""What adverse decisions say and do not say: reasons, author, algorithm, ways to contest; closings; taking back."""

from typing import Any

import pytest

from ledger.entry import Acteur, Avertissement, Entry
from ledger.events.cloture import DossierClosAutomatiquement, DossierClosParAgent, DossierRouvert, EnregistrementRefuse
from ledger.events.decision import DecisionRetiree, RefusDecide, RefusNotifie
from ledger.events.instruction import ComplementDemande, ComplementOuvert, ComplementRepondu
from ledger.events.parts import PieceDemandee
from ledger.events.support import SubstitutionRefusee
from ledger.events.titre import TitreRetire
from ledger.events.types import Canal, NatureActeur, NatureDecision
from projections.imputation.modeles import Statut
from tests.imputation.devoirs_dits import J, codes, de, dit, dus, jours, par_anef
from tests.projections.vies import annule, demande, e

AU = "2025-12-31"


def refus(**given: Any) -> Entry:
    """A refusal decided on 10 September 2025."""
    return e("D-1", "2025-09-10", RefusDecide(decide_le=J("2025-09-10"), **given))


def clos(day: str = "2025-09-01", **given: Any) -> Entry:
    """A file closed by the system."""
    return e("D-1", day, DossierClosAutomatiquement(clos_le=J(day), **given))


def averti(entry: Entry, *warned: str) -> Entry:
    """The same act, asked for here, with the warnings that its author was given."""
    given = tuple(Avertissement(code=code, source="CRPA", texte="…") for code in warned)
    return de(entry, avertissements=given)


# --------------------------------------------------------------------------- reasons and author


@pytest.mark.parametrize(
    ("entry", "breach", "told"),
    [
        (refus(motifs=("Ressources.",), articles=("CESEDA L.421-1",)), [], set()),
        (refus(motifs=("Ressources.",)), [], {"sans_motif_de_droit"}),
        (
            averti(refus(motifs=("Ressources.",)), "sans_motif_de_droit"),
            [("2025-09-10", AU)],
            {"sans_motif_de_droit"},
        ),
        (averti(refus(), "sans_motif_de_fait"), [("2025-09-10", AU)], {"sans_motif_de_fait", "sans_motif_de_droit"}),
    ],
    ids=["complete", "one fact that may not tell all", "warned of it", "warned of one, the other not told"],
)
def test_a_refusal_gives_its_reasons_in_law_and_in_fact(
    entry: Entry, breach: list[tuple[str, str]], told: set[str]
) -> None:
    """An empty field is a breach only when it shows that the act says nothing."""
    owed = dit("motivation", [entry], AU)
    assert (jours(owed), codes(owed)) == (breach, told)


def test_what_a_decision_lacks_ends_with_it() -> None:
    """Annulled on 1 December: nothing of it is owed any longer."""
    entry = averti(refus(), "sans_motif_de_fait")
    gone = annule("2025-12-01", decision_du=J("2025-09-10"))
    assert jours(dit("motivation", [entry, gone], AU)) == [("2025-09-10", "2025-11-30")]


@pytest.mark.parametrize(
    ("entry", "article", "breach"),
    [
        (clos(), "CRPA, art. L.212-1", [("2025-09-01", AU)]),
        (de(clos(), canal=Canal.TELESERVICE), "CRPA, art. L.212-2", [("2025-09-01", AU)]),
        (clos(auteur_qualite="chef de bureau"), "CRPA, art. L.212-1", []),
        (
            de(clos(), acteur=Acteur(nature=NatureActeur.AGENT, qualite="chef de bureau")),
            "CRPA, art. L.212-1",
            [],
        ),
        (refus(), "CRPA, art. L.212-1", []),
    ],
    ids=["nobody", "nobody, online", "named in the act", "named as its actor", "not told"],
)
def test_a_decision_says_who_took_it(entry: Entry, article: str, breach: list[tuple[str, str]]) -> None:
    """First name, name and capacity; online without a signature, with the service."""
    owed = dit("auteur", [entry], AU)
    assert (owed.articles, jours(owed)) == ((article,), breach)


def test_the_author_s_text_holds_since_its_version_that_was_read() -> None:
    """The version of L.212-1 before 15 June 2025 was not read: nothing is said under it; L.212-2 is older."""
    assert not dus("auteur", [clos("2025-06-14")], AU)
    assert dus("auteur", [par_anef("D-1", "2025-06-14", DossierClosAutomatiquement(clos_le=J("2025-06-14")))], AU)


def test_a_refusal_to_file_otherwise_is_reasoned_too() -> None:
    """It belongs to the dossier that it names."""
    entry = e("I-1", "2025-09-10", SubstitutionRefusee(refusee_le=J("2025-09-10"), dossier="D-1"))
    owed = dit("motivation", [entry], AU)
    assert (owed.dossier, owed.manquements, codes(owed)) == ("D-1", (), {"sans_motif_de_fait", "sans_motif_de_droit"})


# --------------------------------------------------------------------------- closings


def pieces() -> Entry:
    """A conforming request for pieces, due on 31 August."""
    event = ComplementDemande(
        complement="C-1",
        demande_le=J("2025-08-01"),
        pieces=(PieceDemandee(nom="bail", texte="CESEDA, annexe 10"),),
        echeance=J("2025-08-31"),
        mention_l114_5=True,
    )
    return e("D-1", "2025-08-01", event)


OUVERT = e("D-1", "2025-08-02", ComplementOuvert(complement="C-1", ouvert_le=J("2025-08-02")))
REPONDU = e("D-1", "2025-08-10", ComplementRepondu(complement="C-1", repondu_le=J("2025-08-10")))


@pytest.mark.parametrize(
    ("life", "day", "told"),
    [
        ([], "2025-09-01", {"cloture_sans_demande"}),
        ([pieces()], "2025-09-01", {"cloture_sans_lecture"}),
        ([pieces(), OUVERT], "2025-09-01", set()),
        ([pieces(), OUVERT], "2025-08-31", {"cloture_avant_echeance"}),
        ([pieces(), OUVERT, REPONDU], "2025-09-01", {"cloture_apres_reponse"}),
    ],
    ids=["nothing asked", "asked, not read", "asked and read", "before the time is over", "after the answer"],
)
def test_what_is_odd_in_a_closing_is_a_finding_and_no_breach_of_its_own(
    life: list[Entry], day: str, told: set[str]
) -> None:
    """No text gives the power to close, none forbids it: a reading, and the facts beside it."""
    reasoned = clos(day, motifs=("Dossier incomplet.",), articles=("CRPA L.114-5",))
    owed = dit("motivation", [demande("2025-07-01"), *life, reasoned], AU)
    assert (owed.manquements, codes(owed)) == ((), {"cloture_sans_texte", *told})
    reading = next(each for each in owed.constats if each.code == "cloture_sans_texte")
    assert all("(non vérifié)" in article for article in reading.articles)


def test_what_a_closing_lacks_ends_when_the_file_is_opened_again() -> None:
    """Closed on 1 September without a word, opened again on the 20th."""
    opened = e("D-1", "2025-09-20", DossierRouvert(rouvert_le=J("2025-09-20")))
    assert jours(dit("motivation", [clos(), opened], AU)) == [("2025-09-01", "2025-09-19")]
    assert f"{dit('recours_cloture', [clos(), opened], AU).au}" == "2025-09-19"


@pytest.mark.parametrize(("mention", "breach", "told"), [(True, 0, 0), (False, 1, 1), (None, 0, 1)])
def test_an_automatic_closing_says_that_it_is_one(mention: bool | None, breach: int, told: int) -> None:
    """L.311-3-1, as a reading: whatever is shown, it stays to be established."""
    owed = dit("mention_algorithme", [clos(mention_algorithme=mention)], AU)
    assert (len(owed.manquements), len(owed.constats), owed.statut) == (breach, told, Statut.A_ETABLIR)


# --------------------------------------------------------------------------- notified, and how


@pytest.mark.parametrize(("mention", "breach", "told"), [(True, 0, 0), (False, 1, 1), (None, 0, 1)])
def test_what_is_notified_tells_the_ways_to_contest_it(mention: bool | None, breach: int, told: int) -> None:
    """CJA R.421-5, for a refusal, a closing and a refusal to register alike."""
    for event in (
        RefusNotifie(notifie_le=J("2025-09-10"), mention_voies_recours=mention),
        DossierClosParAgent(clos_le=J("2025-09-10"), mention_voies_recours=mention),
        EnregistrementRefuse(refuse_le=J("2025-09-10"), mention_voies_recours=mention),
    ):
        owed = dit("voies_et_delais", [e("D-1", "2025-09-10", event)], AU)
        assert (len(owed.manquements), len(owed.constats)) == (breach, told)


def test_a_refusal_that_is_not_notified_has_no_effect() -> None:
    """No text sets a day: it is told, and is no breach."""
    waiting = dit("notification", [refus()], AU)
    assert (waiting.manquements, codes(waiting)) == ((), {"refus_non_notifie"})
    told = e("D-1", "2025-09-20", RefusNotifie(notifie_le=J("2025-09-20")))
    assert dit("notification", [refus(), told], AU).satisfaite_par == (told.event_id,)


def test_a_refusal_to_register_names_the_missing_piece() -> None:
    """CE, avis, n° 494718: its author was warned that no piece was named; whether a text is cited is not told."""
    bare = EnregistrementRefuse(refuse_le=J("2025-09-10"))
    silent = averti(e("D-1", "2025-09-10", bare), "enregistrement_refuse_sans_piece")
    owed = dit("refus_d_enregistrer", [silent], AU)
    assert jours(owed) == [("2025-09-10", AU)]
    assert codes(owed) == {"enregistrement_refuse_sans_piece", "enregistrement_refuse_sans_texte"}


# --------------------------------------------------------------------------- taking back


@pytest.mark.parametrize(("day", "breach"), [("2025-07-20", 0), ("2025-07-21", 1)])
def test_a_favourable_decision_is_taken_back_within_four_months(day: str, breach: int) -> None:
    """Taken on 20 March 2025: until 20 July (L.242-1)."""
    event = DecisionRetiree(retiree_le=J(day), vise=NatureDecision.FAVORABLE, decision_du=J("2025-03-20"))
    assert len(dit("retrait_dans_les_quatre_mois", [e("D-1", day, event)], AU).manquements) == breach


@pytest.mark.parametrize(("heard", "breach", "told"), [(True, 0, 0), (False, 1, 1), (None, 0, 1)])
def test_a_permit_is_withdrawn_after_hearing_the_person(heard: bool | None, breach: int, told: int) -> None:
    """L.121-1."""
    event = TitreRetire(notifie_le=J("2025-09-10"), procedure_contradictoire=heard)
    owed = dit("contradictoire", [e("T-1", "2025-09-10", event)], AU)
    assert (len(owed.manquements), len(owed.constats)) == (breach, told)


def test_a_withdrawal_annulled_in_the_dossier_is_owed_nothing_more() -> None:
    """The judgment is told in the dossier, the withdrawal in the permit."""
    withdrawn = e("T-1", "2025-09-10", TitreRetire(notifie_le=J("2025-09-10"), procedure_contradictoire=False))
    gone = annule("2025-12-01", NatureDecision.RETRAIT_TITRE)
    assert jours(dit("contradictoire", [withdrawn, gone], AU)) == [("2025-09-10", "2025-11-30")]

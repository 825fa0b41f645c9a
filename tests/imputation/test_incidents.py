"""An incident of nobody reaches a person through what is hers, and never by its scope alone."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.days import Jours, Quand
from ledger.entry import Entry
from ledger.events.base import Event
from ledger.events.depot import DemandeDeposee, TentativeDepotEchouee
from ledger.events.incident import (
    IncidentOuvert,
    IncidentResolu,
    PannePlateformeConstatee,
    PorteeIncidentFixee,
    UsagerInformeResolution,
)
from ledger.events.personne import ConnexionEchouee, CreationCompteEchouee
from ledger.events.support import CccContacte, PanVisite, SubstitutionDemandee
from ledger.events.types import CodeIncident, Grade, NatureDemande, Source, TypeTitre
from ledger.retained import holding
from projections.imputation.blocage import releve
from projections.imputation.calcul import attributions, lire, obligations
from projections.imputation.deux_vues import divergences
from projections.imputation.incidents import Lien, atteint, incidents
from projections.imputation.journal import journal
from projections.imputation.matiere import atteintes, matiere
from projections.imputation.modeles import Imputation, Statut
from tests.imputation.test_lois import par_jour
from tests.imputation.vies_dues import OBSERVED, carte, jour, numbered, vies
from tests.projections.vies import e

PENDING = CodeIncident.APPLICATION_ALREADY_PENDING
FIN = date(2026, 2, 1)


def of_nobody(reference: str, day: str, *events: Event) -> list[Entry]:
    """The facts of one incident that is nobody's, all of the same day."""
    stream = UUID(int=hash(reference) % 2**64)
    told = []
    for number, event in enumerate(events):
        entry = e(reference, day, event)
        fait = entry.fait.model_copy(update={"personne": None, "source": Source.ANEF, "grade": Grade.A})
        told.append(
            msgspec.structs.replace(
                entry, fait=fait, stream=stream, subject=stream, event_id=UUID(int=stream.int + number + 1)
            )
        )
    return told


def attempt(day: str, **given: Any) -> Entry:
    """A failed attempt to renew, in the téléservice's log."""
    event = TentativeDepotEchouee(titre_demande=TypeTitre.CST, **given)
    return logged(e("D-1", day, event))


def logged(entry: Entry) -> Entry:
    """The same fact, from the téléservice's own log."""
    fait = entry.fait.model_copy(update={"source": Source.ANEF, "grade": Grade.A})
    return msgspec.structs.replace(entry, fait=fait)


def filed(day: str, prefecture: str | None = "Préfecture d'Exemple") -> Entry:
    """The application that came at last."""
    event = DemandeDeposee(
        titre_demande=TypeTitre.CST, nature=NatureDemande.RENOUVELLEMENT, deposee_le=Jours.lire(day),
        prefecture=prefecture, departement_liste_l433_3=False, en_teleservice_obligatoire=True,
    )  # fmt: skip
    return logged(e("D-1", day, event))


def opened(day: str, code: CodeIncident = PENDING, **given: Any) -> IncidentOuvert:
    """An incident declared from this day."""
    return IncidentOuvert(code=code, depuis=Quand.lire(day), **given)


def links(life: Sequence[Entry], shared: Sequence[Entry]) -> list[Lien]:
    """How the incidents reach what is the person's."""
    m = matiere(life, FIN)
    return [found for each in incidents(shared) for t in atteintes(m) if (found := atteint(each, t)) is not None]


@pytest.mark.parametrize(
    ("tried", "events", "expected"),
    [
        (attempt("2025-07-10", incident="I-1"), [opened("2025-07-01")], [Lien.NOMME]),
        (attempt("2025-07-10", incident="I-2"), [opened("2025-07-01", dossiers=("D-1",))], []),
        (attempt("2025-07-10"), [opened("2025-07-01", dossiers=("D-1",))], [Lien.LISTE]),
        (attempt("2025-07-10"), [opened("2025-07-11", dossiers=("D-1",))], []),
        (attempt("2025-07-10"), [opened("2025-07-01"), PorteeIncidentFixee(dossiers=("D-1", "D-2"))], [Lien.LISTE]),
        (attempt("2025-07-10"), [opened("2025-07-01"), PorteeIncidentFixee(generale=True)], []),
        (
            attempt("2025-07-10", code_incident=PENDING),
            [opened("2025-07-01"), PorteeIncidentFixee(generale=True)], [Lien.PORTEE],
        ),
        (attempt("2025-07-10", code_incident=PENDING), [opened("2025-07-01")], []),
        (
            attempt("2025-07-10", code_incident=PENDING),
            [opened("2025-07-01"), PorteeIncidentFixee(prefectures=("PREFECTURE D'EXEMPLE ",))], [Lien.PORTEE],
        ),
        (
            attempt("2025-07-10", code_incident=PENDING),
            [opened("2025-07-01"), PorteeIncidentFixee(prefectures=("Préfecture d'Exemple",), demarches=("csp",))], [],
        ),
        (
            attempt("2025-07-10", code_incident=PENDING),
            [opened("2025-07-01"), PorteeIncidentFixee(demarches=("CST",))], [Lien.PORTEE],
        ),
        (
            attempt("2025-07-10", code_incident=PENDING),
            [opened("2025-07-01"), PorteeIncidentFixee(generale=True), IncidentResolu(resolu_le=Jours.lire("2025-07-09"))], [],
        ),
        (attempt("2025-07-10"), [PannePlateformeConstatee(debut=Quand.lire("2025-07-10"))], [Lien.PORTEE]),
        (
            attempt("2025-07-10", code_incident=PENDING),
            [PannePlateformeConstatee(debut=Quand.lire("2025-07-10"))], [],
        ),
        (
            attempt("2025-07-10"),
            [PannePlateformeConstatee(debut=Quand.lire("2025-07-10"), portee="Préfecture d'Ailleurs")], [],
        ),
    ],
)  # fmt: skip
def test_how_an_incident_reaches_an_attempt(tried: Entry, events: list[Event], expected: list[Lien]) -> None:
    """By the name the attempt gives, by the list of the scope, or by malfunction and scope together: nothing else."""
    life = numbered([tried, filed("2025-09-20")])
    shared = of_nobody("I-1", "2025-07-01", *events)
    assert [each for each in links(life, shared) if each is not None] == expected


@pytest.mark.parametrize(("fin", "reached"), [("2025-08-01", True), ("2025-07-31", False), (None, True)])
def test_an_outage_reaches_a_window_only_by_its_last_day(fin: str | None, reached: bool) -> None:
    """The window from 2 June to 1 August is reached by an outage that covers 1 August, and by no other."""
    outage = PannePlateformeConstatee(debut=Quand.lire("2025-07-25"), fin=Quand.lire(fin) if fin else None)
    assert bool(links(numbered([carte()]), of_nobody("P-1", "2025-07-25", outage))) is reached


OUTAGE = PannePlateformeConstatee(debut=Quand.lire("2025-07-25"), fin=Quand.lire("2025-08-05"))


def answers(entries: Sequence[Entry]) -> list[tuple[str, str, Imputation]]:
    """The attributions of uncovered days."""
    return [(str(a.du), str(a.au), a.imputation) for a in attributions(holding(entries, on=FIN), FIN)]


def test_an_outage_of_nobody_puts_the_end_of_the_window_off() -> None:
    """Filed on 10 August, five days after an outage that covered the window's end, the application is not late."""
    life = numbered([carte(), filed("2025-08-10")])
    shared = of_nobody("P-1", "2025-07-25", OUTAGE)
    assert answers(life) == [("2025-10-01", "2026-02-01", Imputation.APPLICANT)]
    assert answers([*life, *shared]) == [("2025-10-01", "2026-02-01", Imputation.ADMINISTRATION)]


@pytest.mark.parametrize(
    "events",
    [
        [PannePlateformeConstatee(debut=Quand.lire("2025-06-10"), fin=Quand.lire("2025-06-12"))],
        [opened("2025-06-10"), PorteeIncidentFixee(generale=True)],
        [opened("2025-06-10", CodeIncident.API_RENEWAL_OPTION_MISSING), PorteeIncidentFixee(dossiers=("D-9",))],
    ],
    ids=["outage over before the end", "general, no attempt", "another dossier"],
)
def test_an_incident_that_hit_nothing_changes_nothing(events: list[Event]) -> None:
    """Whatever its scope, an incident without anything of hers leaves every answer as it was."""
    life = numbered([carte(), filed("2025-08-10")])
    held = holding([*life, *of_nobody("I-1", "2025-06-10", *events)], on=FIN)
    assert attributions(held, FIN) == attributions(holding(life, on=FIN), FIN)


def test_one_attempt_and_an_incident_declared_for_all_establish_the_blockage() -> None:
    """What the administration declared for the malfunction she met acknowledges that she could not file."""
    life = numbered([carte(), attempt("2025-07-30", code_incident=PENDING), filed("2025-08-10")])
    declared = of_nobody("I-1", "2025-07-28", opened("2025-07-28"), PorteeIncidentFixee(generale=True))
    alone = releve(holding(life, on=FIN), FIN).blocages[0]
    seconded = releve(holding([*life, *declared], on=FIN), FIN).blocages[0]
    assert (alone.statut, seconded.statut) == (Statut.A_ETABLIR, Statut.ETABLI)
    assert [(each.reference, each.lien) for each in seconded.incidents] == [("I-1", Lien.PORTEE)]
    assert alone.incidents == ()


def informed(day: str, opened: str | None) -> Entry:
    """The message that tells her that she can file again, opened or not."""
    event = UsagerInformeResolution(
        informe_le=Jours.lire(day), ouvert_le=Jours.lire(opened) if opened else None, dossier="D-1"
    )
    return logged(e("INC-9", day, event))


@pytest.mark.parametrize(
    ("message", "answer", "finding"),
    [
        ([], (Imputation.UNDETERMINED, Statut.A_ETABLIR), "deblocage_non_annonce"),
        ([informed("2025-08-14", None)], (Imputation.SHARED, Statut.PROBABLE), "deblocage_annonce"),
        ([informed("2025-08-14", "2025-08-14")], (Imputation.SHARED, Statut.ETABLI), "deblocage_connu"),
    ],
    ids=["never told", "told", "told and read"],
)
def test_what_she_did_not_know_to_be_solved_is_not_charged_to_her(
    message: list[Entry], answer: tuple[Imputation, Statut], finding: str
) -> None:
    """Filed a day after a window put off to 17 August: hers too only as far as she is shown to have known."""
    tried = [attempt(day, code_incident=PENDING) for day in ("2025-07-30", "2025-08-01")]
    life = numbered([carte(), *tried, *message, filed("2025-08-18")])
    scope = PorteeIncidentFixee(prefectures=("Préfecture d'Exemple",))
    solved = IncidentResolu(resolu_le=Jours.lire("2025-08-14"))
    shared = of_nobody("INC-9", "2025-07-29", opened("2025-07-29"), scope, solved)
    (lost,) = attributions(holding([*life, *shared], on=FIN), FIN)
    assert (lost.imputation, lost.statut) == answer
    assert finding in {link.code for link in lost.chaine}
    assert (finding != "deblocage_non_annonce") is not any("rien ne montre" in each for each in lost.preuves_manquantes)


def test_what_one_side_saw_of_an_incident_of_nobody_is_about_her_dossier() -> None:
    """That it was over was not told to her until she filed: the dates are known, and her filing ends it."""
    life = numbered([carte(), attempt("2025-07-30", code_incident=PENDING), filed("2025-08-18")])
    solved = IncidentResolu(resolu_le=Jours.lire("2025-08-05"))
    shared = of_nobody("INC-9", "2025-07-29", opened("2025-07-29"), PorteeIncidentFixee(generale=True), solved)
    lue = lire(holding([*life, *shared], on=FIN), FIN)
    (apart,) = [each for each in divergences(lue.entries, FIN) if each.code == "resolution_non_annoncee"]
    assert (apart.dossier, str(apart.du), str(apart.au), apart.certaine) == ("D-1", "2025-08-05", "2025-08-17", True)


def test_the_statement_says_what_is_there_and_what_is_not() -> None:
    """Attempts with their weeks, steps with their answers, and each thing the channel asks that is not on record."""
    life = numbered([
        carte(),
        attempt("2025-07-05", code_incident=PENDING),
        attempt("2025-07-07", code_incident=PENDING),
        logged(e("I-9", "2025-07-08", CccContacte(ticket="T-1", dossier="D-1"))),
    ])  # fmt: skip
    found = releve(holding(life, on=FIN), FIN)
    (blocked,) = found.blocages
    assert [(each.survenu, each.semaine, each.code) for each in blocked.empeches] == [
        ("2025-07-05", "2025-W27", "B02"), ("2025-07-07", "2025-W28", "B02"),
    ]  # fmt: skip
    assert [each.reference for each in blocked.diligences] == ["T-1"]
    missing = " ".join(blocked.manque)
    assert [word in missing for word in ("assez espacées", "point d'accueil", "constat", "déposer autrement")] == [
        True, True, True, True,
    ]  # fmt: skip
    assert "centre de contact" not in missing
    more = [
        attempt("2025-07-16"),
        logged(e("I-9", "2025-07-17", PanVisite(dossier="D-1"))),
        logged(e("I-9", "2025-07-18", SubstitutionDemandee(dossier="D-1"))),
    ]
    (later,) = releve(holding(numbered([*life, *more]), on=FIN), FIN).blocages
    assert len(later.manque) == 1
    assert "constat" in later.manque[0]


def test_nothing_is_asked_before_a_text_gave_another_way() -> None:
    """Before 3 June 2022 no text gave another way to file: only attempts far enough apart are asked."""
    life = numbered([attempt("2021-07-05"), attempt("2021-07-16")])
    (blocked,) = releve(holding(life, on=FIN), FIN).blocages
    assert (blocked.manque, blocked.regime) == ((), "aucun texte ne donnait d'autre voie de dépôt")


def test_an_account_out_of_reach_is_an_attempt_until_she_has_filed() -> None:
    """Without an account nobody files; with an application under examination, a failed login blocks no filing."""
    no_account = [
        logged(e("P-1", day, CreationCompteEchouee(code_incident=CodeIncident.ACCOUNT_CREATION_ERROR)))
        for day in ("2025-07-01", "2025-07-15")
    ]
    (blocked,) = releve(holding(numbered([carte(), *no_account]), on=FIN), FIN).blocages
    assert (str(blocked.du), blocked.dossier) == ("2025-07-01", None)
    login = logged(e("P-1", "2025-09-15", ConnexionEchouee(code_incident=CodeIncident.ACCOUNT_CREATION_ERROR)))
    after = releve(holding(numbered([carte(), filed("2025-07-01"), login]), on=FIN), FIN)
    assert (after.blocages, [each.genre.value for each in after.autres]) == ((), ["session"])


def test_a_person_without_facts_has_an_empty_statement() -> None:
    """No fact, no statement, and no error."""
    assert releve([], FIN).blocages == ()


@st.composite
def shared_incident(draw: st.DrawFn) -> list[Entry]:
    """An outage, or a malfunction declared for all, of nobody, on days around the card's last one."""
    start = draw(st.integers(-130, 60))
    if draw(st.booleans()):
        code = CodeIncident.PREVIOUS_TITRE_NOT_RETURNED
        declared = IncidentOuvert(code=code, depuis=Quand.lire(jour(start)), dossiers=("D-1",))
        return of_nobody("I-77", jour(start), declared, PorteeIncidentFixee(generale=True))
    length = draw(st.none() | st.integers(0, 60))
    over = None if length is None else Quand.lire(jour(start + length))
    return of_nobody("I-77", jour(start), PannePlateformeConstatee(debut=Quand.lire(jour(start)), fin=over))


@given(vies(), shared_incident(), OBSERVED)
def test_an_incident_of_nobody_never_charges_her_more(life: list[Entry], shared: list[Entry], au: date) -> None:
    """No day becomes the person's because an incident was declared, whatever it is and whomever it reached."""
    alone = par_jour(attributions(holding(life, on=au), au))
    found = par_jour(attributions(holding([*life, *shared], on=au), au))
    hers = {day for day, each in found.items() if each.imputation is Imputation.APPLICANT}
    assert hers <= {day for day, each in alone.items() if each.imputation is Imputation.APPLICANT}


def test_les_dossiers_d_autrui_ne_sont_pas_les_siens() -> None:
    """Who holds what is told of her dossiers: not of those of others that an incident declared for all names."""
    opened = of_nobody(
        "I-1",
        "2025-06-10",
        IncidentOuvert(code=PENDING, depuis=Quand.lire("2025-06-10"), dossiers=("D-1", "D-AUTRE")),
        IncidentResolu(resolu_le=Jours.lire("2025-07-10"), dossiers=("D-1", "D-TIERS")),
    )
    hers = numbered([carte(), attempt("2025-06-15", incident="I-1"), filed("2025-07-12")])
    held = journal([*hers, *opened], FIN)
    assert {each.dossier for each in held} == {each.dossier for each in journal(hers, FIN)} == {"D-1"}


def test_qui_a_depose_n_a_plus_a_deposer() -> None:
    """A failed attempt in a dossier that was filed on an earlier day is no breach: that of the same day, before, is."""
    early = [carte(), attempt("2025-07-12", code_incident=PENDING), filed("2025-07-12")]
    late = [carte(), filed("2025-07-12"), attempt("2025-07-20", code_incident=PENDING)]
    owed = {"early": early, "late": late}
    found = {name: obligations(holding(numbered(life), on=FIN), FIN) for name, life in owed.items()}
    assert [each.code for each in found["early"] if each.manquements and each.code == "depot_possible"] == [
        "depot_possible"
    ]
    assert [each.code for each in found["late"] if each.code == "depot_possible"] == []

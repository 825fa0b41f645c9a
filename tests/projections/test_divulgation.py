"""What may be told of who looked, and to whom: nothing of an inquiry before its time, never who it was, all of it counted."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.days import Quand
from ledger.entry import Acteur, Entry
from ledger.events import acces, reclamation, recours
from ledger.events.base import Event
from ledger.events.listes import FondementAcces, NatureExport
from ledger.events.types import BaseRecours, NatureActeur
from projections.acces import SERIE, FiltreAcces, Genre, Inhabituel, Journal, code_de, heure_de_travail, journal
from projections.divulgation import DELAI, RESERVES, Affaires, Public, affaires, dit, divulguer, regards
from tests.faits import fait
from tests.samples.test_samples import as_entries

NOW = datetime(2026, 11, 27, 15, tzinfo=UTC)
MARDI = datetime(2026, 11, 24, 10, tzinfo=UTC)


def regard(
    fondement: FondementAcces = FondementAcces.INSTRUCTION,
    at: datetime = MARDI,
    *,
    reference: str | None = None,
    service: str | None = "Préfecture A",
    nature: NatureActeur = NatureActeur.AGENT,
    compte: str = "agent-7",
    event: Event | None = None,
) -> Entry:
    """One look."""
    looked = event or acces.DossierConsulte(fondement=fondement, reference=reference, perimetre="chronologie")
    told = fait(
        id=f"c-{at.isoformat()}-{compte}-{fondement.value}", objet="consultations", survenu=Quand.le(at), evenement=looked,
        acteur=Acteur(nature=nature, id=compte, service=service),
    )  # fmt: skip
    [entry] = as_entries([told])
    return Entry(1, entry.stream, 1, entry.subject, entry.event_id, at, entry.fait)


@given(st.sampled_from(FondementAcces), st.sampled_from(Public), st.integers(0, 500))
def test_only_what_may_be_an_inquiry_waits_and_only_for_its_delay(
    fondement: FondementAcces, public: Public, days: int
) -> None:
    """For every ground, public and age: told at once, or from the day of the delay on."""
    look = regard(fondement, NOW - timedelta(days=days), reference="X-1")
    waits = fondement in RESERVES and public is not Public.CONTROLE and timedelta(days=days) < DELAI
    assert dit(look, public, Affaires(), NOW) is not waits


@pytest.mark.parametrize(
    ("fondement", "connues", "told"),
    [
        (FondementAcces.RECLAMATION_DDD, Affaires(siennes=frozenset({"R-1"})), True),
        (FondementAcces.RECLAMATION_DDD, Affaires(siennes=frozenset({"R-2"})), False),
        (FondementAcces.RECLAMATION_DDD, Affaires(closes=frozenset({"R-1"})), True),
        (FondementAcces.JURIDICTION, Affaires(siennes=frozenset({"R-1"})), True),
        (FondementAcces.CONTROLE, Affaires(siennes=frozenset({"R-1"})), False),
        (FondementAcces.CONTROLE, Affaires(closes=frozenset({"R-1"})), True),
    ],
)
def test_her_own_file_and_a_closed_one_are_no_secret(fondement: FondementAcces, connues: Affaires, told: bool) -> None:
    """Her complaint, her case; an inspection only once it is closed, even if somebody gave it the number of a complaint."""
    assert dit(regard(fondement, reference="R-1"), Public.PERSONNE, connues, NOW) is told


def test_an_inquiry_without_a_number_waits_as_well() -> None:
    """No reference is nobody's file: it is not taken for one that is known."""
    known = Affaires(frozenset({"R-1"}), frozenset({"R-2"}))
    assert not dit(regard(FondementAcces.CONTROLE), Public.PERSONNE, known, NOW)


def test_a_head_of_service_sees_what_their_own_service_did_and_an_agent_does_not() -> None:
    """Names of services are compared without case or accents."""
    look = regard(FondementAcces.CONTROLE, service="PREFECTURE a", reference="C-1")
    assert dit(look, Public.RESPONSABLE, Affaires(), NOW, "Préfecture A")
    assert not dit(look, Public.RESPONSABLE, Affaires(), NOW, "Préfecture B")
    assert not dit(look, Public.SERVICE, Affaires(), NOW, "Préfecture A")


def test_a_look_that_was_recorded_late_waits_from_then_on() -> None:
    """A date that somebody wrote in the past shortens no delay."""
    old = regard(FondementAcces.CONTROLE, NOW - 2 * DELAI)
    late = Entry(1, old.stream, 1, old.subject, old.event_id, NOW - timedelta(days=1), old.fait)
    assert dit(old, Public.PERSONNE, Affaires(), NOW)
    assert not dit(late, Public.PERSONNE, Affaires(), NOW)


def test_her_files_are_read_from_her_own_facts() -> None:
    """Complaints and cases, and those that came to an end."""
    told = affaires(
        as_entries(
            fait(id=str(place), evenement=each)
            for place, each in enumerate(
                (
                    reclamation.ReclamationDddOuverte(numero="R-1"),
                    recours.RecoursForme(base=BaseRecours.EXCES_DE_POUVOIR, numero="TA-1"),
                    recours.RecoursForme(base=BaseRecours.EXCES_DE_POUVOIR),
                    reclamation.SuiteRecommandationRapportee(numero="R-1"),
                )
            )
        )
    )
    assert told == Affaires(frozenset({"R-1", "TA-1"}), frozenset({"R-1"}))


def un_journal(
    looks: list[Entry], public: Public, filtre: FiltreAcces | None = None, en_charge: frozenset[str] = frozenset()
) -> Journal:
    """The journal of these looks, for a reader of the Préfecture A."""
    kept, tus = divulguer(looks, public, Affaires(), NOW, "Préfecture A")
    return journal(kept, tus, public, filtre or FiltreAcces(), en_charge=en_charge, service="Préfecture A")


LIEUX = st.sampled_from(["Préfecture A", "Préfecture B", "CCC", None])
LOOKS = st.lists(
    st.builds(
        regard,
        st.sampled_from(FondementAcces),
        st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 26)).map(lambda at: at.replace(tzinfo=UTC)),
        service=LIEUX,
        nature=st.sampled_from([NatureActeur.AGENT, NatureActeur.CCC, NatureActeur.USAGER, NatureActeur.DDD]),
        compte=st.sampled_from(["compte-secret-1", "compte-secret-2"]),
        reference=st.sampled_from([None, "REF-SECRETE"]),
    ),
    max_size=12,
)


@given(LOOKS, st.booleans())
def test_the_person_is_never_told_who_looked_nor_for_which_file(looks: list[Entry], strange: bool) -> None:
    """Neither an account, nor a reference, nor an hour stands anywhere in what she reads; nothing is lost in counting."""
    told = un_journal(looks, Public.PERSONNE, FiltreAcces(inhabituel=strange))
    said = repr(told)
    assert "secret" not in said.lower()
    assert all(each.instant is None for each in told.lignes)
    assert told.total + told.tus == len(looks)
    assert sum(each.fois for each in told.lignes) == told.montres


@given(LOOKS, st.sampled_from(Public), st.sampled_from(Genre), LIEUX)
def test_no_filter_changes_what_is_withheld_nor_tells_of_it(
    looks: list[Entry], public: Public, genre: Genre, service: str | None
) -> None:
    """The count of what is withheld, the services and what is out of the ordinary are those of no filter."""
    whole = un_journal(looks, public)
    part = un_journal(looks, public, FiltreAcces(genre=(genre,), organisation=code_de(service or "")))
    for name in ("tus", "total", "services", "inhabituels"):
        assert getattr(part, name) == getattr(whole, name)
    assert part.montres <= whole.montres
    assert set(map(repr, part.lignes)) <= set(map(repr, whole.lignes)) or public is Public.PERSONNE


def test_each_public_knows_more_than_the_one_before() -> None:
    """The agent the hour and the file; the head the account, of their own service; the Défenseur every account."""
    looks = [regard(), regard(service="Préfecture B", compte="agent-8", at=MARDI + timedelta(hours=1))]
    seen = {
        public: [(each.instant is not None, each.compte) for each in un_journal(looks, public).lignes]
        for public in Public
    }
    assert seen == {
        Public.PERSONNE: [(False, None), (False, None)],
        Public.SERVICE: [(True, None), (True, None)],
        Public.RESPONSABLE: [(True, None), (True, "agent-7")],
        Public.CONTROLE: [(True, "agent-8"), (True, "agent-7")],
    }


def test_what_is_out_of_the_ordinary_is_counted() -> None:
    """A service that has not the dossier, an hour of the night, many looks in an hour; hers are never strange."""
    looks = [
        regard(service="Préfecture B"),
        regard(at=datetime(2026, 11, 22, 10, tzinfo=UTC), compte="dimanche"),
        regard(at=datetime(2026, 11, 24, 2, tzinfo=UTC), compte="nuit"),
        regard(FondementAcces.PERSONNE_CONCERNEE, datetime(2026, 11, 24, 2, tzinfo=UTC), nature=NatureActeur.USAGER),
        *(regard(at=MARDI + timedelta(minutes=each), compte="vite") for each in range(SERIE)),
        *(regard(at=MARDI + timedelta(minutes=3 * each), compte="lent") for each in range(SERIE)),
    ]
    told = un_journal(looks, Public.SERVICE, en_charge=frozenset({"prefecture a"}))
    assert told.inhabituels == {Inhabituel.SERVICE: 1, Inhabituel.HEURE: 2, Inhabituel.SERIE: SERIE}


@pytest.mark.parametrize(
    ("at", "working"),
    [
        (datetime(2026, 11, 24, 6, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 5, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 24, 18, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 19, tzinfo=UTC), False),
        (datetime(2026, 7, 14, 10, tzinfo=UTC), False),
        (datetime(2026, 7, 15, 5, tzinfo=UTC), True),
    ],
)
def test_hours_are_those_of_paris_on_a_working_day(at: datetime, working: bool) -> None:
    """From 7 to 20, in winter and in summer; not on 14 July."""
    assert heure_de_travail(at) is working


def test_an_export_and_a_search_are_looks_too_and_other_facts_are_not() -> None:
    """What left the ledger was seen; a deposit was not."""
    looks = [
        regard(
            event=acces.ExportProduit(nature=NatureExport.AUTRE, fondement=FondementAcces.MANDAT, profil="historique")
        ),
        regard(event=acces.RechercheEffectuee(fondement=FondementAcces.INSTRUCTION), compte="autre"),
    ]
    assert len(regards([*looks, *as_entries([fait()])])) == 2
    told = un_journal(looks, Public.CONTROLE)
    assert {(each.genre, each.objet) for each in told.lignes} == {(Genre.EXPORT, "historique"), (Genre.RECHERCHE, None)}

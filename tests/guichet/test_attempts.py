"""Attempts in the ledger: each once, nobody's until claimed, and never worth more for being many."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.embedded import EmbeddedServer
from commands.attempts import BATCH, Drained, drain, fait_of, unclaimed
from commands.claims import claim
from ledger.coffre import DeploymentKeys
from ledger.database import Database, prepare
from ledger.days import paris_day
from ledger.documents import DocumentStore
from ledger.entry import Acteur, Entry, Fait
from ledger.events.titre import TitreRemis
from ledger.events.types import Flux, Grade, NatureActeur, Source, TypeTitre
from ledger.follower import Follower, live_schema
from ledger.retained import holding
from ledger.seal.attempt import AttemptReceipt, Line
from ledger.seal.spool import walk
from ledger.store import Ledger
from projections import statistiques
from projections.imputation.blocage import releve
from projections.imputation.modeles import Statut
from projections.incidents import resumes
from projections.interruptions import Interruptions
from replay.as_of import Moment, plain
from replay.preuve import preuve
from replay.vie import vie
from tests.conftest import ORIGIN
from tests.faits import fait
from tests.guichet.conftest import Guichet
from tests.guichet.lines import NADIA, SPOOL, line

TODAY: Final = date(2026, 11, 27)


# ---------------------------------------------------------------------- drained


def test_a_line_is_one_fact_however_often_it_is_drained(ledger: Ledger, documents: DocumentStore) -> None:
    """Drained again, alone or among new ones, a line adds nothing; nobody's, of grade D, and a declaration."""
    first = [line(n) for n in range(1, 4)]
    assert drain(ledger, documents, first) == Drained(3, 0)
    assert drain(ledger, documents, [*first, line(4)]) == Drained(1, 3)
    entries = unclaimed(ledger, 10)
    assert [entry.fait.id for entry in entries] == [f"tentative-{SPOOL}-{n}" for n in (4, 3, 2, 1)]
    for entry in entries:
        assert (entry.fait.personne, entry.fait.grade, entry.fait.source) == (None, Grade.D, Source.DECLARATION)
        assert entry.fait.acteur == Acteur(nature=NatureActeur.INCONNU)
    assert ledger.persons(b"", 10) == []
    assert len(unclaimed(ledger, 2)) == 2


def test_two_drains_at_once_record_each_line_once(ledger: Ledger, documents: DocumentStore) -> None:
    """Two drains of one spool at the same time add each line once."""
    lines = [line(n) for n in range(1, 60)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: drain(ledger, documents, lines), range(2)))
    assert len(unclaimed(ledger, 1_000)) == 59


def test_more_than_a_batch(ledger: Ledger, documents: DocumentStore) -> None:
    """More lines than are written at once are all written."""
    assert drain(ledger, documents, (line(n) for n in range(1, BATCH + 8))) == Drained(BATCH + 7, 0)


def test_another_content_under_the_same_number_is_named(ledger: Ledger, documents: DocumentStore) -> None:
    """A line that came back changed is named and changes nothing; the others of its batch are recorded."""
    drain(ledger, documents, [line(2)])
    done = drain(ledger, documents, [line(1), line(2, message="autre chose"), line(3)])
    assert done == Drained(2, 0, (line(2).id,))
    assert {entry.fait.evenement.lire_champ("texte_erreur") for entry in unclaimed(ledger, 9)} == {
        "Erreur 1",
        "Erreur 2",
        "Erreur 3",
    }


@pytest.mark.parametrize(
    ("told", "survenu"),
    [
        ("", "2026-11-27T08:30:00.000120Z"),
        ("2026-11-26", "2026-11-26"),
        ("2026-11-27T09:12", "2026-11-27T08:12:00Z"),
        ("2026-11-27", "2026-11-26T23:00:00Z/2026-11-27T08:30:00.000120Z"),
        ("2026-12-01", "2026-11-27T08:30:00.000120Z"),
        ("hier soir", "2026-11-27T08:30:00.000120Z"),
        ("\u0660\u0661", "2026-11-27T08:30:00.000120Z"),
        ("9999-99-99", "2026-11-27T08:30:00.000120Z"),
    ],
)  # fmt: skip
def test_le_moment_indique_vaut_declaration(told: str, survenu: str) -> None:
    """The moment that was told is taken, never later than the deposit; what cannot be read is the deposit's own."""
    found = fait_of(line(1, **({"quand": told} if told else {})))
    assert str(found.survenu) == survenu
    assert str(found.connu_de_la_source) == "2026-11-27T08:30:00.000120Z"


def test_une_reference_indiquee_ne_rattache_a_rien(ledger: Ledger, documents: DocumentStore) -> None:
    """A reference given at the guichet is kept, and leads into nobody's life."""
    ledger.append([fait()])
    before = ledger.life("P-1")
    drain(ledger, documents, [line(1, reference="D-1"), line(2, reference="P-1")])
    assert {entry.fait.correlation for entry in unclaimed(ledger, 9)} == {"declaree:D-1", "declaree:P-1"}
    assert ledger.life("P-1") == before
    assert vie(ledger, "P-1") == before


# ---------------------------------------------------------------------- the law of the flood

CARD: Final = TitreRemis(
    type_titre=TypeTitre.CST, duree_annees=1, valide_du="2025-10-01", valide_au="2026-09-30", remis_le="2025-10-01"
)


def lives() -> list[Fait]:
    """Two persons whose card ran out: one with attempts that the téléservice logged, one with a declaration of hers."""
    facts = []
    for n, (grade, source) in enumerate([(Grade.A, Source.ANEF), (Grade.D, Source.DECLARATION)], start=1):
        whose = {"personne": f"P-{n}", "acteur": Acteur(nature=NatureActeur.USAGER, id=f"P-{n}")}
        facts.append(
            fait(id=f"titre-{n}", objet=f"T-{n}", survenu="2025-10-01", grade=Grade.B, evenement=CARD, **whose)
        )
        facts.append(fait(id=f"essai-{n}", objet=f"D-{n}", survenu="2026-08-01", grade=grade, source=source, **whose))
    return facts


def told(ledger: Ledger) -> dict[str, Any]:
    """All that is answered of persons, incidents and everybody: evidence, blockage, incidents, statistics."""
    answers: dict[str, Any] = {}
    with Follower(ledger, Interruptions()) as follower:
        follower.catch_up()
    for person in ("P-1", "P-2"):
        entries = vie(ledger, person)
        answers[person] = plain(preuve(entries, Moment(None, TODAY)))
        answers[f"blocage {person}"] = msgspec.to_builtins(releve(holding(entries, on=TODAY), TODAY))
    with ledger.connection() as conn:
        schema = live_schema(Interruptions())
        answers["incidents"] = msgspec.to_builtins(resumes(conn, schema, TODAY))
        for par in statistiques.Par:
            found = statistiques.statistiques(conn, schema, du=date(2025, 1, 1), au=TODAY, par=par, minimum=5)
            answers[f"statistiques {par}"] = msgspec.to_builtins(found)
        answers["tables"] = {
            table: conn.execute(f"SELECT * FROM {schema}.{table} AS t ORDER BY t::text".encode()).fetchall()
            for table, _ in Interruptions.tables
        }
    return answers


def test_un_flot_de_tentatives_sans_personne_ne_change_rien(ledger: Ledger, documents: DocumentStore) -> None:
    """However many anonymous attempts, naming her dossier or not: no answer about anybody, nor any count, changes."""
    ledger.append(lives())
    before = told(ledger)
    assert before["P-1"]["attributions"]
    drained = 0

    @settings(max_examples=12, phases=[Phase.generate])  # what it wrote stays: a smaller example is no other run
    @given(st.integers(1, 200), st.booleans(), st.sampled_from(["2026-08-01", "2026-08-20", ""]))
    def flood(count: int, named: bool, quand: str) -> None:
        nonlocal drained
        value = {"quand": quand} if quand else {}
        value |= {"reference": "D-1"} if named else {}
        done = drain(ledger, documents, [line(drained + n, **value) for n in range(1, count + 1)])
        drained += count
        assert done == Drained(count, 0)
        assert told(ledger) == before

    flood()
    entries = unclaimed(ledger, 100_000)
    assert len(entries) == drained > 500
    assert {entry.fait.grade for entry in entries} == {Grade.D}


def claims(count: int, days: Sequence[date]) -> list[Fait]:
    """So many claimed attempts of P-2, spread over ``days``."""
    facts = []
    for n in range(count):
        deposited = fait_of(line(n + 1, quand=days[n % len(days)].isoformat()))
        facts.append(
            fait(
                id=f"rattachement-{deposited.id}", personne="P-2", objet="D-2", survenu=deposited.survenu, grade=deposited.grade,
                source=deposited.source, acteur=NADIA, correlation=deposited.id, pieces=deposited.pieces, evenement=deposited.evenement,
            )
        )  # fmt: skip
    return facts


def entries_of(facts: Sequence[Fait], ledger: Ledger) -> list[Entry]:
    """Facts as entries, as the ledger would give them, without writing them."""
    known = ledger.life("P-2")
    stream = known[-1]
    return [
        *known,
        *(
            msgspec.structs.replace(stream, fait=each, pos=n + 10, event_id=UUID(int=n + 1))
            for n, each in enumerate(facts)
        ),
    ]


@pytest.mark.parametrize("spread", [1, 20])
def test_reclamees_elles_ne_se_confirment_pas_par_leur_nombre(
    ledger: Ledger, documents: DocumentStore, spread: int
) -> None:
    """Claimed, each is one declaration: one or two hundred, on one day or on many, nothing is more established."""
    ledger.append(lives())
    days = [date(2026, 8, 2) + timedelta(days=n) for n in range(spread)]

    def statuts(count: int) -> tuple[set[str], set[str]]:
        held = holding(entries_of(claims(count, days), ledger), on=TODAY)
        blocked = {each.statut for each in releve(held, TODAY).blocages}
        lost = plain(preuve(held, Moment(None, TODAY)))["attributions"]
        return {each.value for each in blocked}, {each["statut"] for each in lost}

    alone = statuts(1)
    assert alone[0] == {Statut.A_ETABLIR.value}

    @settings(max_examples=25)
    @given(st.integers(1, 200))
    def many(count: int) -> None:
        blocked, lost = statuts(count)
        assert blocked == {Statut.A_ETABLIR.value}
        assert lost <= alone[1]

    many()


def test_reclamees_une_a_une_au_registre(ledger: Ledger, documents: DocumentStore) -> None:
    """Through the ledger itself: seven claims in a week, and the blockage is still to be established, of grade D."""
    ledger.append(lives())
    for n in range(1, 8):
        each = line(n, quand=f"2026-08-{2 * n:02}")
        drain(ledger, documents, [each])
        claim(ledger, documents, each.id, "P-2", "D-2", Acteur(nature=NatureActeur.USAGER, id="P-2"), shown=each)
    [blocked] = releve(holding(vie(ledger, "P-2"), on=TODAY), TODAY).blocages
    assert blocked.statut is Statut.A_ETABLIR
    assert len(blocked.empeches) == 8
    assert {each.grade for each in blocked.empeches} == {Grade.D}
    assert "grade" in json.dumps(plain(preuve(vie(ledger, "P-2"), Moment(None, TODAY))))


# ---------------------------------------------------------------------- with the server stopped


def test_the_guichet_works_while_the_database_is_down(
    own_server: EmbeddedServer, keys: DeploymentKeys, documents: DocumentStore, start: Callable[..., Guichet]
) -> None:
    """Deposited while PostgreSQL is stopped, attempts are in the ledger once it is back and the spool is drained."""
    own_server.ensure_database("constat")
    database = prepare(Database(own_server.conninfo("constat")), origin=ORIGIN)
    own_server.stop()
    guichet = start()
    given_ = [AttemptReceipt.parse(guichet.post({"message": f"en panne {n}"})[2]).line for n in range(3)]
    own_server.start()
    ledger = Ledger(database, keys)
    try:
        lines = [each for each in walk(guichet.spool) if isinstance(each, Line)]
        assert lines == given_
        assert drain(ledger, documents, lines) == Drained(3, 0)
        assert len(ledger.shared(Flux.DOSSIER)) == 3
        entry = claim(ledger, documents, given_[0].id, "P-1", "D-1", NADIA, shown=given_[0])
        assert paris_day(entry.recorded_at) == paris_day(datetime.now(UTC))
    finally:
        ledger.close()

"""A view kept per person: the rows are those of the pure function, however the facts came and wherever it was stopped."""

import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from bench.dossiers import lines
from ledger.days import Jours, Quand
from ledger.events import incident, provisoire
from ledger.follower import Follower, live_schema
from ledger.interchange import read_line
from ledger.retained import holding
from ledger.store import Ledger
from projections import vue
from projections.droits import Droits
from projections.etat import Etat
from projections.interruptions import Interruptions
from projections.vue import PersonView
from tests.cles import detruire
from tests.faits import fait

PERSONS = 8
VIEWS: list[PersonView] = [Droits(), Etat(), Interruptions()]


class StoppedError(Exception):
    """Stands for the end of the process, at a moment of the test's choice."""


def scattered(ledger: Ledger, seed: int = 1) -> None:
    """The facts of eight invented lives, in an order that no life would have, sealed."""
    facts = [read_line(line) for line in lines(30 * PERSONS)]
    random.Random(seed).shuffle(facts)  # noqa: S311 - seeded on purpose
    for first in range(0, len(facts), 40):
        ledger.append(facts[first : first + 40])
    ledger.sequence()


def rows(ledger: Ledger, view: PersonView, schema: str | None = None) -> dict[str, list[str]]:
    """The rows of each table, as text, in one order."""
    with ledger.connection() as conn:
        return {
            table: sorted(
                row
                for (row,) in conn.execute(
                    SQL("SELECT t::text FROM {} AS t").format(Identifier(schema or live_schema(view), table))
                )
            )
            for table, _ in view.tables
        }


def expected(ledger: Ledger, view: PersonView) -> dict[str, int]:
    """How many rows of each table the pure function gives over whole lives."""
    counted: dict[str, int] = defaultdict(int)
    for number in range(PERSONS):
        for table, _ in view.rows(holding(ledger.life(f"fictif-{number}"))):
            counted[table] += 1
    return {table: counted[table] for table, _ in view.tables}


def count(ledger: Ledger, view: PersonView, table: str) -> int:
    """How many rows a table of the view has."""
    with ledger.connection() as conn:
        found = conn.execute(SQL("SELECT count(*) FROM {}").format(Identifier(live_schema(view), table))).fetchone()
        return int(found[0]) if found else 0


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_arrival_changes_nothing(ledger: Ledger, view: PersonView, seed: int) -> None:
    """Facts of many lives mixed up, taken in by small batches, give the rows that whole lives give."""
    scattered(ledger, seed)
    with Follower(ledger, view, batch=7) as small, Follower(ledger, view, schema="vue_d_un_coup") as whole:
        assert small.catch_up() == whole.catch_up() == 30 * PERSONS
    found = rows(ledger, view)
    assert found == rows(ledger, view, "vue_d_un_coup")
    assert {table: len(found[table]) for table in found} == expected(ledger, view)
    assert sum(expected(ledger, view).values()) > 0


def test_a_life_scattered_over_a_backlog_is_drawn_once(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """While full batches follow one another nobody is settled; at the end each person is, once."""
    scattered(ledger)
    drawn: list[int] = []
    draw = Droits.rows
    monkeypatch.setattr(Droits, "rows", lambda self, entries, _: drawn.append(len(entries)) or draw(self, entries))
    with Follower(ledger, Droits(), batch=8) as follower:
        follower.catch_up()
    assert len(drawn) == PERSONS


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_stopped_between_taking_in_and_settling(
    ledger: Ledger, view: PersonView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A follower that ends before it settles loses nothing: the next one settles what the first had taken in."""
    scattered(ledger)

    def stop(*_: Any) -> int:
        raise StoppedError

    with Follower(ledger, view, batch=50) as follower, monkeypatch.context() as patched:
        patched.setattr(type(view), "settle", stop)
        with pytest.raises(StoppedError):
            follower.catch_up()
        assert follower.position() == 30 * PERSONS
    assert count(ledger, view, "unsettled") == PERSONS
    with Follower(ledger, view) as next_one:
        assert next_one.catch_up() == 0
    assert count(ledger, view, "unsettled") == 0
    found = rows(ledger, view)
    assert {table: len(found[table]) for table in found} == expected(ledger, view)


def test_tables_of_another_shape_are_filled_again(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a view comes to read other facts, its tables are dropped and filled from the first fact on."""
    scattered(ledger)
    with monkeypatch.context() as narrower:
        narrower.setattr(Droits, "pertinents", frozenset({"titre_remis"}))
        with Follower(ledger, Droits()) as follower:
            follower.catch_up()
        before = rows(ledger, Droits())
    with Follower(ledger, Droits()) as follower:
        assert follower.catch_up() == 30 * PERSONS
    assert rows(ledger, Droits()) != before
    assert {table: len(found) for table, found in rows(ledger, Droits()).items()} == expected(ledger, Droits())
    with Follower(ledger, Droits()) as again:
        assert again.catch_up() == 0


def test_what_was_gathered_leaves_with_the_key(ledger: Ledger) -> None:
    """When a person whose key is gone is settled, neither their rows nor what was gathered of them remain."""
    scattered(ledger)
    [subject] = {entry.subject for entry in ledger.life("fictif-3")}
    with Follower(ledger, Droits()) as follower:
        follower.catch_up()
        detruire(ledger, subject)
        with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
            conn.execute(f"INSERT INTO {live_schema(Droits())}.unsettled VALUES (%s)".encode(), (subject,))
        follower.settle()
    with ledger.connection() as conn:
        for table in ("gathered", "segment", "lacune", "effet"):
            where = Identifier(live_schema(Droits()), table)
            left = conn.execute(SQL("SELECT count(*) FROM {} WHERE subject = %s").format(where), (subject,)).fetchone()
            assert left == (0,), table


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_what_is_gathered_stays_sealed(ledger: Ledger, view: PersonView) -> None:
    """No text of a fact stands in what a view gathers: references, types and dates are opened with the person's key only."""
    scattered(ledger)
    with Follower(ledger, view) as follower:
        follower.catch_up()
    with ledger.connection() as conn:
        gathered = conn.execute(SQL("SELECT fait FROM {}").format(Identifier(live_schema(view), "gathered"))).fetchall()
    said = [
        text for n in range(PERSONS) for e in ledger.life(f"fictif-{n}") for text in (e.fait.id, e.fait.evenement.nom)
    ]
    assert gathered
    assert not any(text.encode() in bytes(fait) for (fait,) in gathered for text in said)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_what_is_nobodys_draws_no_row_of_a_person(ledger: Ledger, view: PersonView) -> None:
    """A failed attempt of nobody, or a title that names no person, is in no table; an incident declared for all still is."""
    day, end = Jours.lire("2025-07-01"), Jours.lire("2025-12-31")
    recepisse = provisoire.RecepisseDelivre(valide_du=day, valide_au=end, remis_le=day)
    panne = incident.PannePlateformeConstatee(debut=Quand.lire("2025-07-01"))
    ledger.append(
        [
            fait(id="A-1", personne=None, objet="A-1"),
            fait(id="T-1", personne=None, objet="T-1", evenement=recepisse),
            fait(id="I-1", personne=None, objet="I-1", evenement=panne),
        ]
    )
    ledger.sequence()
    with Follower(ledger, view) as follower:
        follower.catch_up()
    drawn = {table: len(found) for table, found in rows(ledger, view).items() if found}
    assert drawn == ({"incident": 1} if view.partage else {})
    assert count(ledger, view, "gathered") == sum(drawn.values())


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_rows_of_another_program_are_drawn_again(
    ledger: Ledger, view: PersonView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a program concluded is not kept by one whose rules or readings are not the same."""
    scattered(ledger)
    with Follower(ledger, view) as follower:
        follower.catch_up()
    drawn = rows(ledger, view)
    table = next(name for name in drawn if drawn[name])
    with ledger.connection() as conn:
        conn.execute(SQL("DELETE FROM {}").format(Identifier(live_schema(view), table)))
    with Follower(ledger, view) as same:
        assert same.catch_up() == 0
    assert rows(ledger, view) != drawn
    monkeypatch.setattr(vue, "_programme", lambda: "un autre programme")
    with Follower(ledger, view) as other:
        assert other.catch_up() == 30 * PERSONS
    assert rows(ledger, view) == drawn


def test_a_program_is_known_by_all_that_says_what_facts_mean(tmp_path: Path) -> None:
    """A byte of a rule, or a rule more, is another program; a file that is not one of its folders' is nothing to it."""
    for folder in ("ledger", "rules", "projections", "app"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_text("x = 1")
    first = vue.programme(tmp_path)
    (tmp_path / "app" / "a.py").write_text("x = 2")
    assert vue.programme(tmp_path) == first
    (tmp_path / "rules" / "a.py").write_text("x = 2")
    second = vue.programme(tmp_path)
    (tmp_path / "rules" / "b.py").write_text("")
    assert len({first, second, vue.programme(tmp_path)}) == 3

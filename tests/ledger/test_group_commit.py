"""Threads that append at the same moment share commits, and nothing else."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from ledger.coffre import Id
from ledger.group_commit import GroupCommit
from ledger.recorder import Appended, Columns, columns
from ledger.store import Ledger
from tests.faits import fait


def test_every_thread_gets_its_own_answer_and_fewer_commits_are_made(ledger: Ledger) -> None:
    """Sixteen threads write four hundred facts: each is told the line of its own, and statements are shared."""
    statements: list[int] = []

    def counted(sealed: Columns, places: list[int]) -> list[Appended]:
        statements.append(len(places))
        with ledger.connection() as conn:
            return ledger.writer.append(sealed, places, conn)

    group = GroupCommit(counted)
    with ledger.connection() as conn:
        keys, _ = ledger.coffre.ensure(conn, [f"personne-{n}" for n in range(400)])

    def write(n: int) -> tuple[Id, Appended]:
        told = fait(id=f"f-{n}", personne=f"personne-{n}")
        sealed = ledger.entries.seal(ledger.draft(keys[f"personne-{n}"], told))
        [appended] = group.append(columns([sealed]), [1])
        return sealed.stream, appended

    with ThreadPoolExecutor(16) as pool:
        written = list(pool.map(write, range(400)))
    assert all(stream.hex() in appended.line for stream, appended in written)
    assert len({appended.notification_id for _, appended in written}) == 400
    assert sum(statements) == 400
    assert len(statements) < 400


def test_one_writer_s_lost_race_is_nobody_else_s_error(ledger: Ledger) -> None:
    """Of threads that want the same place of one stream exactly one gets it; all the others' facts are written."""
    group = ledger.commits
    with ledger.connection() as conn:
        keys, _ = ledger.coffre.ensure(conn, [f"personne-{n}" for n in range(40)])

    def write(n: int) -> str:
        person = "personne-0" if n % 2 else f"personne-{n}"
        sealed = ledger.entries.seal(ledger.draft(keys[person], fait(id=f"f-{n}", personne=person)))
        try:
            group.append(columns([sealed]), [1])
        except psycopg.errors.UniqueViolation:
            return "refused"
        return person

    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(write, range(2, 40)))
    assert told.count("personne-0") == 1
    assert told.count("refused") == 18
    assert len(told) - told.count("refused") == 20


def test_a_writer_that_dies_leaves_the_next_one_free(ledger: Ledger) -> None:
    """After a failure that is not the database's, the next append goes through."""
    broken = [True]

    def fails_once(sealed: Columns, places: list[int]) -> list[Appended]:
        if broken.pop() if broken else False:
            raise ZeroDivisionError
        with ledger.connection() as conn:
            return ledger.writer.append(sealed, places, conn)

    group = GroupCommit(fails_once)
    with ledger.connection() as conn:
        keys, _ = ledger.coffre.ensure(conn, ["personne-1"])
    sealed = columns([ledger.entries.seal(ledger.draft(keys["personne-1"], fait(id="f-1", personne="personne-1")))])
    with pytest.raises(ZeroDivisionError):
        group.append(sealed, [1])
    assert len(group.append(sealed, [1])) == 1

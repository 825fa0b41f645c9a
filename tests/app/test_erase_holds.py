"""A legal hold keeps a person's key from every way of destroying it, until it is lifted or its last day is over."""

import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from app.erase import erase, preview
from app.open import Opened
from commands.base import Refused
from commands.importer import import_file
from ledger.coffre import Id
from ledger.database import KEEPER
from ledger.events import acces
from ledger.interchange import read_line, write_line
from ledger.kek import DeploymentKeys
from ledger.store import Ledger
from tests.app import effacements
from tests.app.effacements import BY_RULE, GEL, NOW, WHO, destroy_as, fill, finished, subject_of
from tests.faits import fait

lives, opened = effacements.lives, effacements.opened


def by_append(opened: Opened, line: bytes, _: Path) -> None:
    """Record a line as another system's, alone."""
    opened.ledger.append([read_line(line)])


def by_import(opened: Opened, line: bytes, folder: Path) -> None:
    """Record a line from a file."""
    path = folder / "gel.jsonl"
    path.write_bytes(line + b"\n")
    assert import_file(opened.ledger, opened.keys, path).progress.recorded == 1


@pytest.mark.parametrize("way", [by_append, by_import])
@pytest.mark.parametrize("role", [KEEPER, None])
def test_a_held_key_is_destroyed_by_no_way(
    opened: Opened, tmp_path: Path, way: Callable[[Opened, bytes, Path], None], role: str | None
) -> None:
    """However the hold was recorded, neither the command, nor the function, nor a superuser's DELETE takes the key away."""
    way(opened, write_line(fait(id="G-1", personne=WHO, objet=None, evenement=GEL)), tmp_path)
    ledger = opened.ledger
    subject = subject_of(ledger)
    with pytest.raises(Refused) as refused:
        erase(opened, BY_RULE._replace(rule=None), NOW)
    assert {motif.code for motif in refused.value.motifs} == {"gel_en_cours", "conservation_non_echue"}
    with pytest.raises(psycopg.errors.RestrictViolation, match="hold"):
        destroy_as(ledger, role, subject)
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.errors.RestrictViolation, match="hold"):
            conn.execute("DELETE FROM ledger.person_key WHERE subject = %s", (subject,))
    assert ledger.life(WHO)


def test_a_key_leaves_by_an_erasure_only(unchecked_ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """Not held, a key is not deleted either without its row in the register, nor by one of another transaction."""
    opened = fill(unchecked_ledger, keys, tmp_path)
    with psycopg.connect(opened.ledger.database.conninfo, autocommit=True) as conn:
        subject = subject_of(opened.ledger)
        insert = "INSERT INTO ledger.erasure (subject, kek_id, key_digest, entries, receipt) VALUES (%s, 'x', sha256(''), 0, sha256(''))"
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="without an erasure"):
            conn.execute("DELETE FROM ledger.person_key WHERE subject = %s", (subject,))
        conn.execute(insert.encode(), (subject,))
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="without an erasure"):
            conn.execute("DELETE FROM ledger.person_key WHERE subject = %s", (subject,))
    assert opened.ledger.life(WHO)


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_an_old_sight_of_the_holds_is_not_trusted(opened: Opened, isolation: str) -> None:
    """In a transaction that could not see a hold placed meanwhile, no key is destroyed."""
    subject = subject_of(opened.ledger)
    count = len(opened.ledger.life(WHO))
    with psycopg.connect(opened.ledger.database.conninfo) as conn:
        conn.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}".encode())
        with pytest.raises(psycopg.errors.RestrictViolation):
            conn.execute("SELECT ledger.destroy_key(%s, %s, sha256('a'), sha256('b'))", (subject, count))


def lift(opened: Opened, gel: str | None, number: int = 1) -> None:
    """Record that holds are over."""
    evenement = acces.GelConservationLeve(gel=gel)
    opened.ledger.append([fait(id=f"L-{number}", personne=WHO, objet=None, evenement=evenement, survenu="2026-11-02")])


@pytest.mark.parametrize("gel", ["G-1", None])
def test_a_lifted_hold_holds_no_more(opened: Opened, gel: str | None) -> None:
    """Lifted by its reference, or with all others, the hold is over; lifted by another reference, it is not."""
    opened.ledger.append([fait(id="G-1", personne=WHO, objet=None, evenement=GEL)])
    lift(opened, "G-autre", 0)
    with pytest.raises(Refused, match="gel de conservation court"):
        erase(opened, BY_RULE, NOW)
    lift(opened, gel)
    assert finished(opened).receipt.faits > 3


def test_a_hold_that_was_a_mistake(opened: Opened) -> None:
    """A hold whose fact was withdrawn is over; one whose fact was corrected to another day follows that day."""
    until = GEL.model_copy(update={"jusqu_au": acces.Jours.lire("2026-11-26")})
    opened.ledger.append([fait(id="G-1", personne=WHO, objet=None, evenement=GEL)])
    with pytest.raises(Refused):
        erase(opened, BY_RULE, NOW)
    opened.ledger.append([fait(id="G-2", personne=WHO, objet=None, evenement=until, corrige="G-1")])
    assert preview(opened, BY_RULE, NOW)
    with opened.ledger.connection() as conn:
        acts = conn.execute(
            "SELECT act, until IS NULL, count(*) FROM ledger.hold GROUP BY 1, 2 ORDER BY 1, 2"
        ).fetchall()
    assert acts == [("lifted", True, 1), ("placed", False, 1), ("placed", True, 1)]


def test_a_hold_ends_with_its_last_day(opened: Opened) -> None:
    """A hold holds through its last civil day in Paris by the database's clock, and no longer."""
    subject = Id(subject_of(opened.ledger).bytes)
    with opened.ledger.connection() as conn:
        for n, (day, held) in enumerate(((-1, False), (0, True), (1, True)), start=1):
            conn.execute(
                "SELECT ledger.place_hold(%b, %b, (clock_timestamp() AT TIME ZONE 'Europe/Paris')::date + %s)",
                (subject, Id(bytes([n] * 16)), day),
            )
            assert conn.execute("SELECT ledger.held(%b)", (subject,)).fetchone() == (held,)
            conn.execute("SELECT ledger.lift_hold(%b, %b)", (subject, Id(bytes([n] * 16))))


def test_a_hold_without_its_fact_yet(opened: Opened) -> None:
    """A hold that the database knows before its fact is written blocks; reading her facts does not take it away."""
    subject = subject_of(opened.ledger)
    with opened.ledger.connection() as conn:
        conn.execute("SELECT ledger.place_hold(%s, gen_random_uuid(), NULL)", (subject,))
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            erase(opened, BY_RULE, NOW)
        assert [motif.code for motif in refused.value.motifs] == ["gel_en_base"]
    lift(opened, None)
    assert preview(opened, BY_RULE, NOW)


def test_a_hold_placed_at_the_last_moment(opened: Opened) -> None:
    """A hold that is being placed while the key is about to go is waited for, and wins."""
    ledger = opened.ledger
    subject = subject_of(ledger)
    done: list[object] = []

    def destroy() -> None:
        try:
            destroy_as(ledger, KEEPER, subject)
        except psycopg.errors.RestrictViolation as error:
            done.append(error)

    with psycopg.connect(ledger.database.conninfo) as conn:
        conn.execute("SELECT ledger.place_hold(%s, gen_random_uuid(), NULL)", (subject,))
        waiting = threading.Thread(target=destroy)
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
        conn.commit()
        waiting.join(10)
    assert len(done) == 1
    assert ledger.life(WHO)


def test_a_hold_that_comes_too_late_begins_another_life(opened: Opened) -> None:
    """A hold recorded by a process that had the destroyed key open is not lost: it is the first fact of a new life."""
    finished(opened)
    [entry] = opened.ledger.append([fait(id="G-1", personne=WHO, objet=None, evenement=GEL)])
    assert [each.event_id for each in opened.ledger.life(WHO)] == [entry.event_id]
    with pytest.raises(Refused, match="gel de conservation court"):
        erase(opened, BY_RULE, NOW)


def test_only_a_person_is_erased(opened: Opened) -> None:
    """The key of an incident that is nobody's is not destroyed as a person's."""
    with opened.ledger.connection() as conn:
        opened.ledger.coffre.ensure(conn, ["\0incident\0I-1"])
        row = conn.execute("SELECT subject FROM ledger.shared_subject").fetchone()
        assert row is not None
    with (
        psycopg.connect(opened.ledger.database.conninfo, autocommit=True) as conn,
        pytest.raises(psycopg.errors.CheckViolation),
    ):
        conn.execute("SELECT ledger.destroy_key(%s, 0, sha256('a'), sha256('b'))", (row[0],))

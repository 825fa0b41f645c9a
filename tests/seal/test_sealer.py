"""The sealer: what it signs is the tree of what is there, only ever extended, and never twice at one size."""

import threading
import time
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from psycopg.rows import tuple_row

from ledger.database import APPLICATION, SEALER, Database
from ledger.entry import Fait
from ledger.seal import sealer as sealing
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.log import SealedLog
from ledger.seal.merkle import Growth, leaf_hash
from ledger.seal.note import Note
from ledger.seal.proof import consistent, included
from ledger.seal.sealer import Memory, Sealer, SetBackError
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from tests import forked
from tests.faits import faits


def facts(count: int, after: int = 0) -> list[Fait]:
    """So many facts, numbered from ``after`` + 1."""
    return list(faits(count, first=after + 1))


def lines(database: Database) -> list[bytes]:
    """Every line of the log, in the sealed order."""
    with database.connect() as conn:
        rows = conn.execute("SELECT line FROM ledger.leaf JOIN ledger.entry USING (notification_id) ORDER BY position")
        return [line.encode() for (line,) in rows]


def checkpoints(database: Database) -> list[Checkpoint]:
    """Every checkpoint, in order."""
    with database.connect() as conn:
        rows = conn.execute("SELECT note FROM ledger.checkpoint ORDER BY size")
        return [Checkpoint.parse(Note.parse(note.encode()).text) for (note,) in rows]


def assert_sound(database: Database, keys: SigningKeys) -> None:
    """Every checkpoint is signed, has the root of the lines up to its size, and is the beginning of the next one."""
    growth, written = Growth(), lines(database)
    with database.connect() as conn:
        sealed = SealedLog(conn)
        before = Checkpoint(keys.origin, 0, growth.root())
        for checkpoint in checkpoints(database):
            growth.add(b"".join(leaf_hash(line) for line in written[growth.size : checkpoint.size]))
            assert growth.root() == checkpoint.root
            assert consistent(
                old=before.size,
                old_root=before.root,
                size=checkpoint.size,
                root=checkpoint.root,
                path=sealed.consistency(before.size, checkpoint.size),
            )
            before = checkpoint
        for (note,) in conn.execute("SELECT note FROM ledger.checkpoint").fetchall():
            assert set(Note.parse(note.encode()).verified(keys.verifiers)) >= {keys.verifiers[0]}


def test_every_line_is_proved(ledger: Ledger, sealer: Sealer, signing_keys: SigningKeys) -> None:
    """Whatever was written, each line has a proof in each checkpoint that reaches it, and only its own line has it."""
    for round_ in range(4):
        ledger.append(facts(170, 1000 * round_))
        note = sealer.seal()
        assert note is not None
        assert sealer.memory.last() == Checkpoint.parse(note.text)
    assert sealer.seal() is None
    assert_sound(ledger.database, signing_keys)
    written = lines(ledger.database)
    with ledger.database.connect() as conn:
        sealed = SealedLog(conn)
        for position in range(1, len(written) + 1, 7):
            note = sealed.covering(position)
            assert note is not None
            proof = sealed.prove(position, note)
            point = proof.checkpoint
            claim: dict[str, Any] = {
                "index": position - 1,
                "size": point.size,
                "path": proof.path,
                "root": point.root,
            }
            assert included(leaf=leaf_hash(written[position - 1]), **claim)
            assert not included(leaf=leaf_hash(written[position - 2]), **claim)


def test_batches_and_restarts_do_not_show(
    ledger: Ledger, sealer: Sealer, signing_keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealed in small batches, by sealers that come and go, the tree is the same."""
    monkeypatch.setattr(sealing, "BATCH", 100)
    ledger.append(facts(700))
    sealer.seal()
    assert [each.size for each in checkpoints(ledger.database)] == [100, 200, 300, 400, 500, 600, 700]
    ledger.append(facts(30, 9000))
    again = Sealer(ledger.database, signing_keys, sealer.memory)
    assert again.seal() is not None
    again.close()
    assert_sound(ledger.database, signing_keys)


def test_an_hour_without_news_is_said(
    ledger: Ledger, database: Database, signing_keys: SigningKeys, tmp_path: Path
) -> None:
    """When nothing happens for an hour, a leaf of the log says so and a checkpoint holds it; not a minute earlier."""
    now = [datetime.now(UTC)]
    sealer = Sealer(database, signing_keys, Memory(tmp_path / "point"), lambda: now[0])
    first = sealer.seal()
    assert first is not None
    assert '"kind":"veille"' in lines(database)[0].decode()
    now[0] += timedelta(minutes=59)
    assert sealer.seal() is None
    now[0] += timedelta(minutes=2)
    second = sealer.seal()
    assert second is not None
    assert Checkpoint.parse(second.text).size == 2
    assert_sound(database, signing_keys)
    sealer.close()


@pytest.mark.parametrize(
    "said",
    ['{"at":"x"}', '{"pos":1}', '{"a":[1]}', '{"a":null}', '{"a":1.5}', '{"a":01}', "[1]", '{"a":"é"}', '{"a":"\\n"}', '{"a":"\\""}', '{"A":1}', '{"a":9999999999999999}', '{"a":true}'],
)  # fmt: skip
def test_what_the_log_may_not_say_of_itself(ledger: Ledger, said: str) -> None:
    """A leaf of the log's own says plain text and whole numbers under names that are free, and nothing else."""
    with ledger.database.connect() as conn, pytest.raises(psycopg.Error):
        conn.execute("SELECT ledger.append_own('essai', %s::json)", (said,))


def test_a_leaf_of_the_log_is_canonical_and_chained(ledger: Ledger, sealer: Sealer) -> None:
    """Such a leaf is canonical JSON, follows the one before of its kind, and hides nothing that cannot be redone."""
    for number in range(3):
        sealer.say("essai", {"z": number, "b": "un texte, en clair"})
    sealer.seal()
    written = lines(ledger.database)
    for place, line in enumerate(written, start=1):
        said = sealing.msgspec.json.decode(line)
        assert line == sealing.msgspec.json.encode(said, order="sorted")
        assert (said["kind"], said["pos"], said["v"], said["z"]) == ("essai", place, 1, place - 1)
        assert said.get("prev") == (leaf_hash(written[place - 2]).hex() if place > 1 else None)


def test_one_size_one_root(ledger: Ledger, database: Database, sealer: Sealer, signing_keys: SigningKeys) -> None:
    """Several sealers at once, while facts come in, sign one line of trees."""
    others = [Sealer(database, signing_keys, Memory(sealer.memory.path.with_name(f"p{n}"))) for n in range(3)]
    stop = threading.Event()
    errors: list[BaseException] = []

    def run(one: Sealer) -> None:
        try:
            while not stop.is_set():
                one.seal()
        except BaseException as error:  # noqa: BLE001 - told to the test
            errors.append(error)
        finally:
            one.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for number in range(40):
        ledger.append(facts(5, 10 * number))
    stop.set()
    for thread in threads:
        thread.join()
    assert not errors
    sealer.seal()
    assert 200 <= checkpoints(database)[-1].size <= 203  # each may have found the log silent before the first fact
    assert_sound(database, signing_keys)


# ---------------------------------------------------------------------- what it refuses to sign


def as_superuser(database: Database, *statements: str) -> None:
    """Run statements with every trigger off."""
    with psycopg.connect(database.conninfo, autocommit=True, row_factory=tuple_row) as conn:
        for table in ("leaf", "tile", "checkpoint", "entry", "sealing"):
            conn.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER append_only")
        for statement in statements:
            conn.execute(statement.encode())
        for table in ("leaf", "tile", "checkpoint", "entry", "sealing"):
            conn.execute(f"ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER append_only")


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE ledger.leaf SET leaf_hash = sha256(leaf_hash) WHERE position = 700",
        "UPDATE ledger.tile SET root = sha256(root) WHERE n = 1",
        "UPDATE ledger.checkpoint SET root = sha256(root)",
        "UPDATE ledger.checkpoint SET note = replace(note, E'\\n700\\n', E'\\n701\\n')",
        "DELETE FROM ledger.tile WHERE n = 0",
        "DELETE FROM ledger.leaf WHERE position = 699",
        "DELETE FROM ledger.checkpoint",
        "UPDATE ledger.checkpoint SET size = 650",
    ],
)
def test_a_tree_that_is_not_the_signed_one_is_not_extended(
    unchecked_ledger: Ledger, sealer: Sealer, signing_keys: SigningKeys, tampering: str
) -> None:
    """Once the right edge, a checkpoint or a tile was changed, nothing more is signed, by this sealer or a fresh one."""
    unchecked_ledger.append(facts(700))
    sealer.seal()
    sealer.close()
    as_superuser(unchecked_ledger.database, tampering)
    unchecked_ledger.append(facts(5, 9000))
    before = checkpoints(unchecked_ledger.database)
    for one in (sealer, Sealer(unchecked_ledger.database, signing_keys, sealer.memory)):
        with pytest.raises(SetBackError):
            one.seal()
        one.close()
    assert checkpoints(unchecked_ledger.database) == before


def test_a_database_set_back_is_not_sealed(unchecked_ledger: Ledger, sealer: Sealer, signing_keys: SigningKeys) -> None:
    """After an older copy was put back, the missing positions are named and nothing is signed, even as large again."""
    unchecked_ledger.append(facts(10))
    sealer.seal()
    unchecked_ledger.append(facts(7, 9000))
    sealer.seal()
    sealer.close()
    as_superuser(
        unchecked_ledger.database,
        "DELETE FROM ledger.checkpoint WHERE size > 10",
        "DELETE FROM ledger.leaf WHERE position > 10",
        "DELETE FROM ledger.sealing WHERE last_position > 10",
        "DELETE FROM ledger.entry WHERE notification_id NOT IN (SELECT notification_id FROM ledger.leaf)",
    )
    with pytest.raises(SetBackError, match="positions 11 à 17 manquent"):
        sealer.seal()
    unchecked_ledger.append(facts(20, 9500))
    forgetful = Sealer(unchecked_ledger.database, signing_keys, Memory(sealer.memory.path.with_name("autre")))
    assert forgetful.seal() is not None
    forgetful.close()
    with pytest.raises(SetBackError, match="racine"):
        sealer.seal()


def test_a_memory_that_cannot_be_read(ledger: Ledger, sealer: Sealer) -> None:
    """A file of the last checkpoint that is damaged stops the sealing instead of being taken for none."""
    ledger.append(facts(1))
    sealer.memory.path.write_bytes(b"pas une note\n")
    with pytest.raises(SetBackError, match="restaurez"):
        sealer.seal()


def test_least_privilege(ledger: Ledger, sealer: Sealer) -> None:
    """The application cannot add a tile or a checkpoint; the sealer cannot append a fact nor read a person's key."""
    ledger.append(facts(1))
    sealer.seal()
    refused = psycopg.errors.InsufficientPrivilege
    with ledger.database.acting_as(APPLICATION).connect() as conn:
        for table in ("tile", "checkpoint", "cosignature", "token"):
            with pytest.raises(refused):
                conn.execute(f"INSERT INTO ledger.{table} DEFAULT VALUES")
    with ledger.database.acting_as(SEALER).connect() as conn:
        with pytest.raises(refused):
            conn.execute("SELECT * FROM ledger.person_key")
        with pytest.raises(refused):
            conn.execute("SELECT ledger.append('{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}')")
        for act in ("UPDATE ledger.checkpoint SET size = 9", "DELETE FROM ledger.tile", "TRUNCATE ledger.token"):
            with pytest.raises(refused):
                conn.execute(act)


# ---------------------------------------------------------------------- killed at any moment

SEAL_FOR_EVER: Final = """
import sys
from pathlib import Path
from ledger.database import Database
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.signing import SigningKeys

conninfo, role, folder, origin = sys.argv[1:]
sealer = Sealer(Database(conninfo, role), SigningKeys.load(Path(folder) / "cles", origin), Memory(Path(folder) / "point"))
while True:
    note = sealer.seal()
    if note is not None:
        print(note.text.replace("\\n", " "), flush=True)
"""


def test_killed_at_any_moment(ledger: Ledger, database: Database, signing_keys: SigningKeys, tmp_path: Path) -> None:
    """Killed at any moment, twenty times, the sealer has published nothing that the ledger does not hold."""
    signing_keys.save(tmp_path / "cles")
    arguments = [database.conninfo, database.role or "", str(tmp_path), signing_keys.origin]
    published: list[bytes] = []
    for number in range(20):
        process = forked.python(SEAL_FOR_EVER, *arguments)
        with process.stdout as told:
            ledger.append(facts(1, 100 * number + 90))
            published.append(told.readline())
            for batch in range(6):
                ledger.append(facts(3, 100 * number + 10 * batch))
                time.sleep(0.01 * (number % 5))
            process.kill()
            published += told.read().splitlines()
    sealer = Sealer(database, signing_keys, Memory(tmp_path / "point"))
    sealer.seal()
    sealer.close()
    assert_sound(database, signing_keys)
    held = {(each.size, each.root) for each in checkpoints(database)}
    for line in published:
        _, size, root = line.split()
        assert (int(size), b64decode(root)) in held
    assert published


def test_keys_are_replaced_without_a_break(ledger: Ledger, sealer: Sealer, signing_keys: SigningKeys) -> None:
    """While a key is replaced both sign, so that whoever knows either can follow; then the new one alone."""
    ledger.append(facts(3))
    sealer.seal()
    both = signing_keys.with_new()
    new = both.without(signing_keys.verifiers[0].id.hex())
    signed_by = []
    for number, keys in enumerate((both, new)):
        ledger.append(facts(3, 10 + 10 * number))
        one = Sealer(ledger.database, keys, sealer.memory)
        note = one.seal()
        one.close()
        assert note is not None
        signed_by.append(set(note.verified(both.verifiers)))
    assert signed_by == [set(both.verifiers), {both.verifiers[1]}]

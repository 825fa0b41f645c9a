"""Commitments tell nothing of what they are to: guessing a value, however few it may take, finds nothing without its salt."""

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path
from secrets import token_bytes

from hypothesis import given
from hypothesis import strategies as st

from commands.importer import import_file
from ledger import canonical
from ledger.coffre import DeploymentKeys, Id, PersonKey
from ledger.entry import Acteur
from ledger.events.types import NatureActeur
from ledger.mapper import ACTEUR, FAIT, PIECES, Draft, EntryMapper, Sealed, acteur_plain
from ledger.store import Ledger
from tests.faits import fait, line

PARTS = (FAIT, ACTEUR, PIECES)
GUESSES = 1_000_000


def person() -> PersonKey:
    """A person's key."""
    return PersonKey(Id(token_bytes(16)), token_bytes(32), "P-1")


def sealed(key: PersonKey, number: int) -> Sealed:
    """A fact whose actor is one of a score: what a guesser would try first."""
    made = fait(id=f"F-{number}", acteur=Acteur(nature=NatureActeur.AGENT))
    stream, event_id = key.stream("dossier", "D-1"), key.event_id(made.id)
    return EntryMapper("constat.test/essai").seal(Draft(key, stream, event_id, event_id, made))


def salts_of_an_outsider(key: PersonKey, given_: Sealed, opened: list[bytes]) -> Iterator[bytes]:
    """What somebody could try who has the line, every public id, and the salts of all other parts that were opened."""
    public = [given_.stream, given_.subject, given_.event_id, key.subject]
    yield from (b"", bytes(32), *public, *(each.hex().encode() for each in public))
    for salt in opened:
        yield salt
        for mark in (b"", b"\0", FAIT, ACTEUR, PIECES, given_.event_id):
            yield sha256(salt + mark).digest()
            yield sha256(mark + salt).digest()
    counter = 0
    while True:
        yield counter.to_bytes(32, "big")
        yield sha256(counter.to_bytes(8, "big") + given_.event_id).digest()
        counter += 1


def test_a_million_guesses_find_nothing() -> None:
    """A million guesses of an actor that is one of twenty, with every salt an outsider could think of, find no commitment."""
    key = person()
    one = sealed(key, 0)
    opened = [
        key.salt(one.event_id, FAIT),
        *(key.salt(sealed(key, n).event_id, part) for n in range(1, 50) for part in PARTS),
    ]
    values = [acteur_plain(Acteur(nature=nature)) for nature in NatureActeur]
    assert canonical.encode({"nature": "agent"}) in values
    assert len(values) < 25
    tried = 0
    for salt in islice(salts_of_an_outsider(key, one, opened), GUESSES // len(values) + 1):
        for value in values:
            assert sha256(salt + value).digest() != one.c_acteur
            tried += 1
    assert tried >= GUESSES
    assert sha256(key.salt(one.event_id, ACTEUR) + values[values.index(b'{"nature":"agent"}')]).digest() == one.c_acteur


def test_equal_values_have_unequal_commitments() -> None:
    """The same actor, five hundred times in one life, gives five hundred commitments: none tells that it is the same."""
    key = person()
    assert len({sealed(key, number).c_acteur for number in range(500)}) == 500


@given(
    key=st.binary(min_size=32, max_size=32),
    other=st.binary(min_size=32, max_size=32),
    ids=st.lists(st.binary(min_size=16, max_size=16), unique=True, min_size=1, max_size=20),
)
def test_each_part_of_each_entry_has_a_salt_of_its_own(key: bytes, other: bytes, ids: list[bytes]) -> None:
    """Salts are 32 bytes, the same each time, and no two parts, entries or persons share one, nor a part of one."""
    keys = [PersonKey(Id(bytes(16)), each, "") for each in dict.fromkeys((key, other))]
    salts = [each.salt(event_id, part) for each in keys for event_id in ids for part in PARTS]
    assert {len(salt) for salt in salts} == {32}
    assert len(set(salts)) == len({salt[:8] for salt in salts}) == len(keys) * len(ids) * len(PARTS)
    assert salts == [each.salt(event_id, part) for each in keys for event_id in ids for part in PARTS]


def test_what_an_import_notes_of_a_file_confirms_no_guess(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> None:
    """Who guesses the whole of a small file, and has the database, does not find its digest there; the import goes on by it."""
    path = tmp_path / "faits.jsonl"
    path.write_bytes(line(id="F-1"))
    assert import_file(ledger, keys, path).progress.recorded == 1
    with ledger.connection() as conn:
        [noted] = conn.execute("SELECT file_digest FROM work.import_progress").fetchall()
    assert bytes(noted[0]) != sha256(line(id="F-1")).digest()
    assert len(noted[0]) == 32
    assert import_file(ledger, keys, path).progress.repeated == 1
    with ledger.connection() as conn:
        assert conn.execute("SELECT file_digest FROM work.import_progress").fetchall() == [noted]

"""Rotation with KEKs in a PKCS#11 token: moved there, replaced there, and kept from another ledger's."""

from pathlib import Path
from secrets import token_bytes

import pytest

from ledger.coffre import Coffre
from ledger.database import Database
from ledger.kek import DeploymentKeys
from ledger.pkcs11_uri import TokenAddress
from ledger.rotation import RotationError, retire, rotate, states
from ledger.store import Ledger
from replay.verify import verify


def test_from_a_file_to_a_token_and_on(database: Database, token: TokenAddress, tmp_path: Path) -> None:
    """A deployment moves its KEK from the file into a token by a rotation, and rotates there, without a row lost."""
    path = tmp_path / "keys.json"
    DeploymentKeys.generate().save(path)
    first = DeploymentKeys.load(path, token)
    with database.connect() as conn:
        Coffre(first).ensure(conn, [f"P-{n}" for n in range(40)])
    assert first.current in first.keks
    second = rotate(database, first).keys
    assert second.current not in second.keks
    assert first.index.hex() not in path.read_text()
    third = rotate(database, DeploymentKeys.load(path, token)).keys
    for gone in (first.current, second.current):
        third = retire(database, third, gone)
    assert third.keks == {}
    assert third.kek().ids() == (third.current,)
    assert [(each.place, each.keys) for each in states(database, third) if each.current] == [("module", 40)]
    with Ledger(database, DeploymentKeys.load(path, token)) as moved:
        assert verify(moved).intact
        with moved.connection() as conn:
            assert len(moved.coffre.find(conn, [f"P-{n}" for n in range(40)])) == 40


def test_a_token_shared_by_two_ledgers(database: Database, token: TokenAddress, tmp_path: Path) -> None:
    """In a token that also holds another ledger's KEKs, these are not listed, and not destroyed by this ledger."""
    DeploymentKeys.generate(token).save(tmp_path / "autre.json")
    other = DeploymentKeys.load(tmp_path / "autre.json", token)
    key = bytes(range(32))
    wrapped = other.kek().wrap(key, b"")
    DeploymentKeys.generate(token).save(tmp_path / "keys.json")
    hers = rotate(database, DeploymentKeys.load(tmp_path / "keys.json", token)).keys
    assert len(states(database, hers)) == 2
    assert other.current in set(hers.kek().ids()) - {each.kek_id for each in states(database, hers)}
    with pytest.raises(RotationError, match="aucune clé"):
        retire(database, hers, other.current)
    assert other.kek().unwrap(other.current, wrapped, b"") == key


def test_a_key_of_before_the_mark_is_still_ours(database: Database, token: TokenAddress, tmp_path: Path) -> None:
    """A KEK whose id says nothing of whose it is, made before ids did, is ours while a row needs it or is current."""
    from ledger.kek_token import generate  # noqa: PLC0415 - only where the extra "hsm" is

    made = generate(token, b"")
    unmarked = DeploymentKeys({}, made, token_bytes(32), token=token)
    unmarked.save(tmp_path / "keys.json")
    before = DeploymentKeys.load(tmp_path / "keys.json", token)
    with database.connect() as conn:
        Coffre(before).ensure(conn, ["P-1", "P-2"])
    done = rotate(database, before)
    assert (done.rewrapped, done.left) == (2, 0)
    assert done.keys.current.startswith(before.mark.hex())

"""The recensement proves that nothing is missing: dropped, reordered, duplicated or cut off, a named check fails."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.seal.census import Census, CensusProof, head_line, take_census
from ledger.seal.checkpoint import TlogProof
from ledger.seal.completeness import Findings, Written, check_census, check_streams
from ledger.seal.merkle import leaf_hash
from ledger.seal.proof import included
from ledger.seal.sealer import Sealer
from ledger.store import Ledger
from tests.conftest import ORIGIN
from tests.faits import fait, faits


def export(ledger: Ledger, person: str) -> tuple[bytes, list[Written]]:
    """A person's subject and every line of hers with its index in the log, in the order of the log."""
    entries = ledger.life(person)
    subject = entries[0].subject.bytes
    with ledger.database.connect() as conn:
        rows = conn.execute(
            "SELECT position - 1, line FROM ledger.leaf JOIN ledger.entry USING (notification_id) WHERE subject = %s"
            " ORDER BY position",
            (entries[0].subject,),
        ).fetchall()
    return subject, [(int(index), str(line)) for index, line in rows]


def counted(ledger: Ledger, sealer: Sealer, person: str) -> tuple[str, CensusProof, list[Written]]:
    """A recensement just taken, sealed, and its proof for a person, with her lines."""
    take_census(sealer)
    sealer.seal()
    subject, lines = export(ledger, person)
    with ledger.database.connect() as conn:
        proof = Census(conn, ORIGIN).prove(subject)
    assert proof is not None
    return subject.hex(), proof, lines


def checks(findings: Findings) -> set[str]:
    """The names of the checks that failed."""
    return {name for name, _ in findings}


@pytest.mark.parametrize("persons", [1, 2, 7, 300])
def test_every_person_is_counted(ledger: Ledger, sealer: Sealer, persons: int) -> None:
    """With one person or with hundreds, a complete export passes, and the leaf that counted her is in the log."""
    ledger.append(list(faits(persons * 3, personnes=persons, objets=2)))
    sealer.seal()
    for person in {"P-0", f"P-{persons // 2}", f"P-{persons - 1}"}:
        subject, proof, lines = counted(ledger, sealer, person)
        assert check_census(subject, proof.leaf, proof.counted, lines) == []
        logged = TlogProof.parse(proof.proof.encode())
        point = logged.checkpoint
        assert list(logged.note.verified(sealer.keys.verifiers)) == list(sealer.keys.verifiers)
        assert included(
            leaf=leaf_hash(proof.leaf.encode()), index=logged.index, size=point.size, path=logged.path, root=point.root
        )


def test_what_comes_later_is_not_counted_yet(ledger: Ledger, sealer: Sealer) -> None:
    """Facts and streams later than the recensement do not make it fail; the next one counts them."""
    ledger.append(list(faits(40)))
    sealer.seal()
    subject, proof, _ = counted(ledger, sealer, "P-3")
    ledger.append([fait(id="N-1", personne="P-3", objet="D-neuf"), fait(id="N-2", personne="P-3", objet="D-P-3-0")])
    sealer.seal()
    _, lines = export(ledger, "P-3")
    assert check_census(subject, proof.leaf, proof.counted, lines) == []
    _, again, lines = counted(ledger, sealer, "P-3")
    assert check_census(subject, again.leaf, again.counted, lines) == []
    assert len(again.counted) == len(proof.counted) + 1
    assert checks(check_census(subject, again.leaf, again.counted, lines[:-1])) == {"recensement"}


def test_somebody_who_has_nothing(ledger: Ledger, sealer: Sealer) -> None:
    """That a subject has no stream at all is proved by the two that stand side by side where it would be."""
    ledger.append(list(faits(40)))
    sealer.seal()
    take_census(sealer)
    sealer.seal()
    for subject in (bytes(16), b"\x80" * 16, b"\xff" * 16):
        with ledger.database.connect() as conn:
            proof = Census(conn, ORIGIN).prove(subject)
        assert proof is not None
        assert check_census(subject.hex(), proof.leaf, proof.counted, []) == []
        assert checks(check_census(subject.hex(), proof.leaf, proof.counted[:1], [])) <= {"recensement"}


Attack = Callable[[list[Written]], list[Written]]
ATTACKS: Final[dict[str, Attack]] = {
    "the last entry of a stream": lambda lines: lines[:-1],
    "the first entry": lambda lines: lines[1:],
    "one in the middle": lambda lines: lines[:2] + lines[3:],
    "all": lambda _: [],
    "one twice": lambda lines: [*lines[:2], lines[1], *lines[2:]],
    "two exchanged": lambda lines: [lines[2], lines[1], lines[0], *lines[3:]],
    "one changed": lambda lines: [*lines[:-1], (lines[-1][0], lines[-1][1].replace('"v":1', '"v":2'))],
    "a whole stream": lambda lines: [each for each in lines if stream(each) != stream(lines[-1])],
    "the tails of all streams": lambda lines: [each for each in lines if msgspec.json.decode(each[1])["pos"] < 3],
    "no line at all any more": lambda lines: [(index, "{}") for index, _ in lines],
}


def stream(written: Written) -> str:
    """The stream of a line."""
    return str(msgspec.json.decode(written[1])["stream"])


@pytest.fixture
def sound(ledger: Ledger, sealer: Sealer) -> tuple[str, CensusProof, list[Written]]:
    """A person of two streams of five entries among ten persons, counted."""
    ledger.append(list(faits(100)))
    sealer.seal()
    return counted(ledger, sealer, "P-4")


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_export_that_lacks_something(sound: tuple[str, CensusProof, list[Written]], attack: str) -> None:
    """Whatever is dropped, doubled, exchanged, changed or cut off, a named check fails."""
    subject, proof, lines = sound
    assert check_census(subject, proof.leaf, proof.counted, lines) == []
    findings = check_census(subject, proof.leaf, proof.counted, ATTACKS[attack](lines))
    assert findings
    assert checks(findings) <= {"place", "chaine", "recensement"}


def test_a_proof_that_hides_a_stream(sound: tuple[str, CensusProof, list[Written]]) -> None:
    """Hiding a stream in the lines and in the proof as well shows by the gap between the neighbours."""
    subject, proof, lines = sound
    own = [each for each in proof.counted if msgspec.json.decode(each.line)["subject"] == subject]
    assert len(own) == 2
    for hidden in proof.counted:
        kept = [each for each in lines if stream(each) != msgspec.json.decode(hidden.line)["stream"]]
        shown = [each for each in proof.counted if each is not hidden]
        assert "recensement" in checks(check_census(subject, proof.leaf, shown, kept))


def test_a_proof_of_another_tree(sound: tuple[str, CensusProof, list[Written]]) -> None:
    """A line of the recensement that was changed, moved, or is not of this tree, is refused."""
    subject, proof, lines = sound
    first = proof.counted[0]
    for changed in (
        msgspec.structs.replace(first, line=first.line.replace('"pos":', '"pos":1')),
        msgspec.structs.replace(first, index=first.index + 1),
        msgspec.structs.replace(first, path=first.path[:-1]),
        msgspec.structs.replace(first, path=["pas du base64", *first.path[1:]]),
    ):
        assert "recensement" in checks(check_census(subject, proof.leaf, [changed, *proof.counted[1:]], lines))
    for leaf in (
        "{}",
        "",
        proof.leaf.replace('"streams":', '"streams":1'),
        proof.leaf.replace("recensement", "veille"),
    ):
        assert "recensement" in checks(check_census(subject, leaf, proof.counted, lines))


@given(st.data())
def test_any_part_of_a_stream(data: st.DataObject) -> None:
    """Of the lines of a chain, only the whole beginning up to any entry passes; every other choice or order fails."""
    lines: list[str] = []
    for pos in range(1, 7):
        prev = f'"prev":"{leaf_hash(lines[-1].encode()).hex()}",' if lines else ""
        lines.append(f'{{"at":"t{pos}","pos":{pos},{prev}"stream":"{"ab" * 16}"}}')
    chosen = data.draw(st.lists(st.integers(0, 5), max_size=8))
    heads, findings = check_streams(lines[n] for n in chosen)
    assert (findings == []) is (chosen == list(range(len(chosen))))
    assert len(heads) == min(1, len(chosen))


def test_the_root_is_that_of_the_lines(ledger: Ledger, sealer: Sealer) -> None:
    """The leaf commits to the lines of all streams, the log's own included, in their order, as anyone can redo it."""
    ledger.append(list(faits(30)))
    sealer.say("essai", {"n": 1})
    sealer.seal()
    streams = take_census(sealer)
    sealer.seal()
    with ledger.database.connect() as conn:
        rows = conn.execute(
            "SELECT DISTINCT ON (subject, originator_id) uuid_send(subject), uuid_send(originator_id), originator_version,"
            " leaf_hash FROM ledger.entry WHERE line NOT LIKE '%\"recensement\"%'"
            " ORDER BY subject, originator_id, originator_version DESC"
        ).fetchall()
        [(line,)] = conn.execute("SELECT line FROM ledger.entry WHERE line LIKE '%\"recensement\"%'").fetchall()
    hashes = [leaf_hash(head_line(*map(_raw, row))) for row in rows]
    said = msgspec.json.decode(line)
    assert (said["streams"], said["size"]) == (streams, 31)
    assert said["root"] == _naive(hashes).hex()


def _raw(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview | bytes) else value


def _naive(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    middle = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01" + _naive(hashes[:middle]) + _naive(hashes[middle:])).digest()

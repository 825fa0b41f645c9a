"""The spool: nothing acknowledged is lost, whatever kills the guichet, and nothing can be changed without being seen."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet import spool as writing
from guichet.spool import Spool, SpoolFullError
from ledger import canonical
from ledger.seal.attempt import FIELDS, Line
from ledger.seal.note import NoteError
from ledger.seal.spool import Damage, SpoolError, segments, walk
from tests.guichet.conftest import PROJECT

NOW: Final = datetime(2026, 11, 27, 8, 30, 0, 120, tzinfo=UTC)


def filled(folder: Path, count: int, **given_: Any) -> list[Line]:
    """A spool of so many lines."""
    spool = Spool(folder, **given_)
    lines = [spool.append({"message": f"Erreur {n}", "page": "Étape 3"}, NOW) for n in range(count)]
    spool.close()
    return lines


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Lines come back as they were written, in one chain, over restarts and segments, in files that only we may read."""
    lines = filled(tmp_path, 10, segment_bytes=1500) + filled(tmp_path, 10, segment_bytes=1500)
    assert list(walk(tmp_path)) == lines
    assert [line.n for line in lines] == list(range(1, 21))
    assert {line.spool for line in lines} == {lines[0].spool}
    assert all(after.prev == before.leaf.hex() for before, after in pairwise(lines))
    files = segments(tmp_path)
    assert len(files) > 3
    assert all(path.stat().st_size <= 1500 and path.stat().st_mode & 0o777 == 0o600 for path in files)
    assert len({line.salt for line in lines}) == 20


def test_threads_write_one_chain(tmp_path: Path) -> None:
    """Deposits that come together stand one after the other, each once."""
    spool = Spool(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        given_ = list(pool.map(lambda n: spool.append({"message": str(n)}, NOW), range(200)))
    spool.close()
    assert sorted(line.n for line in given_) == list(range(1, 201))
    assert {bytes(line) for line in walk(tmp_path) if isinstance(line, Line)} == {bytes(line) for line in given_}


def test_one_process_writes(tmp_path: Path) -> None:
    """A second guichet on the same spool does not start."""
    spool = Spool(tmp_path)
    with pytest.raises(SpoolError, match="un autre guichet"):
        Spool(tmp_path)
    spool.close()
    Spool(tmp_path).close()


def test_a_half_written_line_is_put_aside(tmp_path: Path) -> None:
    """Cut anywhere in its last line, the spool goes on from the line before, and what was cut is kept beside."""
    lines = filled(tmp_path, 3)
    [path] = segments(tmp_path)
    whole = path.read_bytes()
    start = whole[:-1].rindex(b"\n") + 1
    for cut in range(start + 1, len(whole)):
        path.write_bytes(whole[:cut])
        assert [line for line in walk(tmp_path) if isinstance(line, Line)] == lines[:2]
        spool = Spool(tmp_path)
        again = spool.append({"message": "de nouveau"}, NOW)
        spool.close()
        assert (again.n, again.prev) == (3, lines[1].leaf.hex())
        assert list(walk(tmp_path)) == [*lines[:2], again]
        [kept] = tmp_path.glob("*.reste")
        assert kept.read_bytes() == whole[start:cut]
        kept.unlink()
        path.write_bytes(whole)


def test_an_empty_last_segment_is_no_beginning(tmp_path: Path) -> None:
    """Killed between the opening of a segment and its first line, the chain goes on from the segment before."""
    lines = filled(tmp_path, 2)
    (tmp_path / "000002.jsonl").touch()
    spool = Spool(tmp_path)
    assert spool.append({"message": "suite"}, NOW).prev == lines[-1].leaf.hex()
    spool.close()
    assert [path.stat().st_size > 0 for path in segments(tmp_path)] == [True, True]


def test_a_changed_last_line_is_not_written_after(tmp_path: Path) -> None:
    """When the last line was changed, nothing is added: a number would be given twice."""
    filled(tmp_path, 2)
    [path] = segments(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"Erreur 1", b"Erreur 7"))
    with pytest.raises(SpoolError, match="modifiée"):
        Spool(tmp_path)


def test_a_full_spool_refuses_and_keeps_what_it_has(tmp_path: Path) -> None:
    """Past its bound the spool takes nothing more and loses nothing."""
    spool = Spool(tmp_path, total_bytes=1000)
    kept = []
    with pytest.raises(SpoolFullError):
        for _ in range(10):
            kept.append(spool.append({"message": "x"}, NOW))  # noqa: PERF401 - until it refuses
    with pytest.raises(SpoolFullError):
        spool.append({"message": "x"}, NOW)
    spool.close()
    assert kept
    assert list(walk(tmp_path)) == kept


def test_a_full_spool_takes_again_once_segments_are_put_away(tmp_path: Path) -> None:
    """Full, and then relieved of its older segments while it runs, it goes on in the same chain."""
    spool = Spool(tmp_path, segment_bytes=1500, total_bytes=6000)
    with pytest.raises(SpoolFullError):
        for _ in range(100):
            spool.append({"message": "x" * 300}, NOW)
    *older, last = segments(tmp_path)
    for path in older:
        path.unlink()
    again = spool.append({"message": "x" * 300}, NOW)
    spool.close()
    assert not any(isinstance(each, Damage) for each in walk(tmp_path))
    assert list(walk(tmp_path))[-1] == again
    assert last in segments(tmp_path)


def test_the_segment_that_is_written_may_be_taken_away(tmp_path: Path) -> None:
    """Taken away under the guichet's hands, the last segment is followed by another: nothing is written into the void."""
    spool = Spool(tmp_path)
    before = spool.append({"message": "avant"}, NOW)
    segments(tmp_path)[0].unlink()
    after = [spool.append({"message": f"après {n}"}, NOW) for n in range(2)]
    spool.close()
    assert list(walk(tmp_path)) == after
    assert (after[0].spool, after[0].n, after[0].prev) == (before.spool, 2, before.leaf.hex())
    assert [path.name for path in segments(tmp_path)] == ["000002.jsonl"]


@pytest.mark.parametrize("failure", ["short", "error", "fsync"])
def test_a_disk_that_fails_acknowledges_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: str) -> None:
    """When the disk takes a part of a line, or none, or does not say, no receipt is given, and the next one is sound."""
    spool = Spool(tmp_path)
    first = spool.append({"message": "avant"}, NOW)
    with monkeypatch.context() as broken:
        real = os.write

        def write(handle: int, raw: bytes) -> int:
            return real(handle, raw[:20]) if failure == "short" else real(handle, raw)

        def fail(*_: object) -> int:
            raise OSError(28, "plein")

        broken.setattr(writing.os, "fsync" if failure == "fsync" else "write", write if failure == "short" else fail)
        with pytest.raises(OSError, match=r"plein|part"):
            spool.append({"message": "perdu"}, NOW)
    after = spool.append({"message": "après"}, NOW)
    spool.close()
    found = list(walk(tmp_path))
    assert found[0] == first
    assert found[-1] == after
    assert not any(isinstance(each, Damage) for each in found)
    # A line whose fsync failed may be there all the same: it was given no receipt, and it is in the chain.
    assert len(found) == (3 if failure == "fsync" else 2)


KILLED: Final = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from guichet.spool import Spool
spool = Spool(Path(sys.argv[1]), segment_bytes=20000)
while True:
    line = spool.append({"message": "x" * 3000}, datetime.now(UTC))
    sys.stdout.write(f"{line.n} {line.leaf.hex()}\\n")
    sys.stdout.flush()
"""


def test_killed_at_any_moment_it_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    """Killed twelve times while it writes: every line that was acknowledged is there, in its place, in one chain."""
    acknowledged: dict[int, str] = {}
    for times in (1, 25, 3, 8, 2, 14, 5, 21, 1, 11, 17, 6):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, tmp_path], cwd=PROJECT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for _ in range(times):
            n, leaf = process.stdout.readline().split()
            acknowledged[int(n)] = leaf
        process.kill()
        for told in process.communicate()[0].splitlines():
            if len(told.split()) == 2 and len(told.split()[1]) == 64:
                acknowledged[int(told.split()[0])] = told.split()[1]
        assert process.returncode == -signal.SIGKILL
    Spool(tmp_path).close()
    found = list(walk(tmp_path))
    assert not any(isinstance(each, Damage) for each in found)
    there = {line.n: line.leaf.hex() for line in found if isinstance(line, Line)}
    assert acknowledged.items() <= there.items()
    assert len(acknowledged) > 100


def test_any_byte_changed_in_a_spool_is_seen(tmp_path: Path) -> None:
    """Whatever byte is changed or taken out, a damage is named, or it is the last line that is no longer that of its receipt."""
    lines = filled(tmp_path, 3)
    [path] = segments(tmp_path)
    whole = path.read_bytes()
    for at in range(len(whole)):
        for changed in (whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], whole[:at] + whole[at + 1 :]):
            path.write_bytes(changed)
            found = list(walk(tmp_path))
            named = any(isinstance(each, Damage) for each in found)
            assert named or (found[:2] == lines[:2] and lines[2] not in found), at


@pytest.mark.parametrize(("gone", "damages"), [(0, 0), (1, 1), (2, 1), (3, 0)])
def test_a_line_that_was_taken_out_is_missed(tmp_path: Path, gone: int, damages: int) -> None:
    """A line missing between two others is named; what stands by itself is read all the same.

    The beginning may be gone (what was drained may be put away); the end is only known by those who have its receipts.
    """
    filled(tmp_path, 4)
    [path] = segments(tmp_path)
    written = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(written[:gone] + written[gone + 1 :]))
    found = list(walk(tmp_path))
    assert sum(isinstance(each, Damage) for each in found) == damages
    assert sum(isinstance(each, Line) for each in found) == 3


def test_a_very_long_line_is_named_and_passed_over(tmp_path: Path) -> None:
    """A line longer than any of ours is one damage, and what follows is read."""
    lines = filled(tmp_path, 2)
    [path] = segments(tmp_path)
    path.write_bytes(b"x" * 400_000 + b"\n" + path.read_bytes())
    found = list(walk(tmp_path))
    assert [type(each) for each in found] == [Damage, Line, Line]
    assert found[1:] == lines
    (tmp_path / "empty").mkdir()
    for folder in ("absent", "empty"):
        with pytest.raises(SpoolError, match="n'est pas le dossier d'un guichet"):
            list(walk(tmp_path / folder))


TEXT: Final = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"]), min_size=1, max_size=50
)


@given(st.fixed_dictionaries({"message": TEXT}, optional={name: TEXT for name in FIELDS if name != "message"}))
def test_a_line_has_one_form(value: dict[str, str]) -> None:
    """Whatever is deposited, its line reads back to the same bytes, and no other spelling of it is read."""
    value = canonical.normalized(value)
    line = Line("0" * 32, 1, "2026-11-27T08:30:00.000120Z", bytes(32), value, None)
    assert Line.parse(bytes(line)) == line
    for changed in (bytes(line) + b" ", b" " + bytes(line), bytes(line).replace(b'"n":1', b'"n":1.0')):
        with pytest.raises(NoteError):
            Line.parse(changed)
    for wrong in (
        replace(line, n=0), replace(line, n=2), replace(line, salt=b""), replace(line, at="hier"),
        replace(line, at="2026-19-37T08:30:00.000120Z"), replace(line, at="0001-01-01T00:00:00.000000Z"), replace(line, at="9999-12-31T23:59:59.999999Z"),
        replace(line, spool="x"),
        replace(line, value={}), replace(line, value={**value, "nom": "x"}), replace(line, prev="0"), replace(line, value={"message": "\x1b[2J"}),
    ):  # fmt: skip
        with pytest.raises(NoteError):
            Line.parse(bytes(wrong))


@given(st.binary(max_size=200))
def test_any_bytes_are_no_line(raw: bytes) -> None:
    """Bytes that are no line are refused by our error and no other."""
    with pytest.raises(NoteError):
        Line.parse(raw)

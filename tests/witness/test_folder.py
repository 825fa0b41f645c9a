"""The folder of a witness: nothing is answered before it is on disk, and no crash or damage makes it forget."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from ledger.errors import KeyFileError
from ledger.seal.note import Verifier
from tests.witness.conftest import ORIGIN_HASH, ROOT, folder_of
from tests.witness.journal import ORIGIN, WITNESS, Journal, Key
from witness import evidence
from witness import state as state_module
from witness.core import Misconduct
from witness.evidence import pieces
from witness.service import Witness
from witness.state import State, WitnessError

HONEST: Final = Journal()
OTHER: Final = Journal(branch="autre ", fork=5)
EARLIER: Final = Journal(branch="ailleurs ", fork=3)

DYING: Final = """
import json, os, shutil, sys
from pathlib import Path
from witness.service import Witness
from witness.state import State

folder, body, scratch = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes(), Path(sys.argv[3])
CALLS = ("open", "fdopen", "fsync", "replace", "close")

def die_before(number):
    done = 0
    def stepping(call):
        def step(*arguments, **named):
            nonlocal done
            done += 1
            if done == number:
                os.kill(os.getpid(), 9)
            return call(*arguments, **named)
        return step
    for name in CALLS:
        setattr(os, name, stepping(getattr(os, name)))

died = []
for number in range(1, 100):
    copy = scratch / str(number)
    shutil.copytree(folder, copy)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        witness = Witness.open(State(copy))
        die_before(number)
        answer = witness.add_checkpoint(body)
        os.write(writing, str(int(answer.status)).encode())
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    answered = os.read(reading, 16).decode()
    os.close(reading)
    if not os.WIFSIGNALED(status):
        shutil.rmtree(copy)
        break
    died.append({"copy": str(copy), "answered": answered})
print(json.dumps({"died": died, "whole": answered}))
"""


def killed_at_every_step(state: State, body: bytes, scratch: Path) -> list[State]:
    """The folders that remain of a process killed before each call to the system, one after the other."""
    (scratch / "corps").write_bytes(body)
    run = subprocess.run(
        [sys.executable, "-c", DYING, str(state.folder), str(scratch / "corps"), str(scratch)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(run.stdout.splitlines()[-1])
    assert told["whole"]
    assert not [each for each in told["died"] if each["answered"]]
    return [State(Path(each["copy"])) for each in told["died"]]


def test_killed_at_every_step_between_check_and_store(state: State, tmp_path: Path) -> None:
    """Killed before any call, it had answered nothing, holds the old checkpoint or the new one, and goes on."""
    witness = Witness.open(state)
    assert witness.add_checkpoint(HONEST.request(0, 5)).status == 200
    (tmp_path / "morts").mkdir()
    remains = killed_at_every_step(state, HONEST.request(5, 8), tmp_path / "morts")
    assert len(remains) >= 8
    sizes = []
    for each in remains:
        again = Witness.open(each)
        held = again.latest(ORIGIN_HASH)
        assert held is not None
        sizes.append(held.checkpoint.size)
        assert not list(each.folder.rglob("*.new"))
        assert again.add_checkpoint(EARLIER.request(held.checkpoint.size, 8)).status == 422
        assert again.add_checkpoint(HONEST.request(held.checkpoint.size, 8)).status == 200
    assert sizes == sorted(sizes)
    assert set(sizes) == {5, 8}


def test_the_disk_has_it_before_the_answer(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is flushed to the disk, takes its name, then its folder is flushed: a power cut loses no answer."""
    seen: list[str] = []
    flush, rename = os.fsync, os.replace

    def flushed(handle: int) -> None:
        seen.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        flush(handle)

    def renamed(source: Path, target: Path) -> None:
        seen.append(f"renamed to {Path(target).suffix}")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "replace", renamed)
    assert witness.add_checkpoint(HONEST.request(0, 8)).status == 200
    assert seen == ["file", "renamed to .latest", "folder"]


def test_killed_while_evidence_is_written(state: State, tmp_path: Path) -> None:
    """Killed before any call, the evidence is whole or not there; sent again it is there, once."""
    assert Witness.open(state).add_checkpoint(HONEST.request(0, 8)).status == 200
    (tmp_path / "morts").mkdir()
    remains = killed_at_every_step(state, OTHER.request(8, 8), tmp_path / "morts")
    counts = []
    for each in remains:
        kept, damaged = pieces(each.evidence)
        counts.append(len(kept))
        assert not damaged
        assert Witness.open(each).add_checkpoint(OTHER.request(8, 8)).status == 422
        assert len(pieces(each.evidence)[0]) == 1
        assert not list(each.folder.rglob("*.new"))
    assert set(counts) == {0, 1}


def test_the_key_is_ours_alone_and_never_replaced(state: State) -> None:
    """Mode 0600 in a folder of mode 0700; a second ``create`` is refused and leaves the key as it was."""
    path = state.folder / "key"
    before = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.folder.stat().st_mode) == 0o700
    with pytest.raises(KeyFileError, match="pas remplacée"):
        state.create(WITNESS)
    assert path.read_bytes() == before
    assert state.signer().name == WITNESS


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_open_to_others_is_not_used(state: State, mode: int) -> None:
    """A key that others may read is refused: it may no longer be ours alone."""
    (state.folder / "key").chmod(mode)
    with pytest.raises(KeyFileError, match="ouvert à d'autres"):
        state.signer()


@pytest.mark.parametrize("damage", [b"", b"x", b"PRIVATE+KEY+a+b", b"\xff\xfe", None])
def test_a_damaged_key_is_refused(state: State, damage: bytes | None) -> None:
    """A key file cut short, changed in one sign or replaced by something else is refused, and so is none at all."""
    path = state.folder / "key"
    whole = path.read_text()
    for text in [damage] if damage is not None else [whole[:-9].encode(), whole.replace("w1+", "w2+").encode()]:
        path.write_bytes(text)
        with pytest.raises(KeyFileError, match="n'est pas la clé"):
            state.signer()
    path.unlink()
    with pytest.raises(KeyFileError, match="manque"):
        state.signer()


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u202eb", "a\udcffb"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    """A name that the format does not take, or that would not be seen as it is, makes no folder."""
    with pytest.raises(WitnessError, match="n'est pas un nom"):
        State(tmp_path / "t").create(name)
    assert not (tmp_path / "t").exists()


def test_keys_of_a_log(state: State) -> None:
    """A key is added once; a witness's key, more than sixteen and a twin of the same id are refused."""
    keys = [Key(ORIGIN, 1, bytes([n]) * 32) for n in range(30, 46)]
    assert not state.add_log(Verifier.parse(HONEST.keys[0].vkey))
    for key in keys[:15]:
        assert state.add_log(Verifier.parse(key.vkey))
    with pytest.raises(WitnessError, match="16 clés"):
        state.add_log(Verifier.parse(keys[15].vkey))
    with pytest.raises(WitnessError, match="témoin"):
        state.add_log(Verifier.parse(Key(ORIGIN, 4, b"\5" * 32).vkey))
    assert len(state.keys(ORIGIN_HASH)) == 16


def test_keys_that_signatures_cannot_tell_apart(state: State) -> None:
    """Of two keys of one name and one id (found by trying a hundred thousand) the second is refused."""
    first, second = (Key(ORIGIN, 1, seed.to_bytes(32, "big")) for seed in (1245, 115_405))
    assert first.id == second.id
    assert state.add_log(Verifier.parse(first.vkey))
    with pytest.raises(WitnessError, match="même identifiant"):
        state.add_log(Verifier.parse(second.vkey))


def test_a_second_key_does_not_forget_the_checkpoint(state: State, witness: Witness) -> None:
    """A key added to a log that was cosigned leaves what was cosigned as it is, and is trusted at once."""
    second = Key(ORIGIN, 1, b"\x22" * 32)
    assert witness.add_checkpoint(HONEST.request(0, 8)).status == 200
    assert witness.add_checkpoint(replace(HONEST, keys=(second,)).request(8, 9)).status == 403
    state.add_log(Verifier.parse(second.vkey))
    assert witness.add_checkpoint(HONEST.request(0, 9)).body == "8\n"
    assert witness.add_checkpoint(replace(HONEST, keys=(second,)).request(8, 9)).status == 200


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "another", "other log", "not ours"])
def test_a_witness_that_forgot_cosigns_nothing(state: State, witness: Witness, tmp_path: Path, damage: str) -> None:
    """A lost or damaged latest checkpoint is an error, never a log that was not seen: there is no cosignature."""
    assert witness.add_checkpoint(HONEST.request(0, 8)).status == 200
    path = state.origins / f"{ORIGIN_HASH}.latest"
    whole = path.read_bytes()
    elsewhere = Witness.open(folder_of(tmp_path / "ailleurs", HONEST))
    elsewhere.add_checkpoint(HONEST.request(0, 3))
    stranger = Journal((Key("autre.example/b", 1, b"\7" * 32),), origin="autre.example/b")
    state.add_log(Verifier.parse(stranger.keys[0].vkey))
    witness.add_checkpoint(stranger.request(0, 3))
    [theirs] = [each for each in state.origins.glob("*.latest") if each != path]
    path.unlink()
    if damage != "missing":
        path.write_bytes(
            {
                "empty": b"",
                "cut": whole[:-30],
                "another": whole.replace(b"\n8\n", b"\n5\n"),
                "other log": theirs.read_bytes(),
                "not ours": elsewhere.checkpoint(ORIGIN_HASH) or b"",
            }[damage]
        )
    for body in (HONEST.request(0, 8), HONEST.request(8, 8), OTHER.request(0, 8)):
        assert witness.add_checkpoint(body).status == 503
    with pytest.raises(WitnessError):
        Witness.open(state)
    path.write_bytes(whole)
    assert witness.add_checkpoint(HONEST.request(8, 9)).status == 200


def test_damaged_keys_of_a_log_stop_it(state: State, witness: Witness) -> None:
    """A line that is no key, or another log's, is an error: the log is neither cosigned nor said to be unknown."""
    path = state.origins / f"{ORIGIN_HASH}.keys"
    for text in ("x\n", Key("autre.example/b", 1, b"\7" * 32).vkey + "\n"):
        path.write_text(text)
        assert witness.add_checkpoint(HONEST.request(0, 8)).status == 503


def test_what_shows_misconduct_is_kept_whole_and_once(state: State, witness: Witness) -> None:
    """The request as it came and what had been cosigned are kept for each kind; sent again, nothing more is."""
    witness.add_checkpoint(HONEST.request(0, 8))
    cosigned = (witness.checkpoint(ORIGIN_HASH) or b"").decode()
    sent = {
        Misconduct.FORK: OTHER.request(8, 8),
        Misconduct.INCONSISTENT: OTHER.request(8, 9),
        Misconduct.ROLLBACK: HONEST.request(0, 3),
    }
    for body in (*sent.values(), *sent.values(), sent[Misconduct.FORK] + Key("x", 1, b"x" * 32).line("x").encode()):
        assert witness.add_checkpoint(body).status != 200
    kept, damaged = pieces(state.evidence)
    assert not damaged
    assert {piece.kind: piece.request.body for piece in kept} == sent
    assert len(kept) == 3
    for piece in kept:
        stored = json.loads(piece.path.read_bytes())
        assert (stored["cosigned"], stored["kind"]) == (cosigned, piece.kind)
    assert witness.checkpoint(ORIGIN_HASH) == cosigned.encode()


def test_old_checkpoints_sent_again_do_not_crowd_out_a_fork(
    state: State, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The room of each kind is bounded, in files and in octets; when it is full, the others' is still there."""
    monkeypatch.setattr(evidence, "MAX_FILES", 4)
    witness.add_checkpoint(HONEST.request(0, 20))
    for size in range(1, 12):
        assert witness.add_checkpoint(HONEST.request(0, size)).status == 409
    assert witness.add_checkpoint(OTHER.request(20, 20)).status == 422
    kinds = [piece.kind for piece in pieces(state.evidence)[0]]
    assert sorted(kinds) == [Misconduct.FORK, *[Misconduct.ROLLBACK] * 4]
    monkeypatch.setattr(evidence, "MAX_BYTES", 10)
    assert witness.add_checkpoint(OTHER.request(20, 21)).status == 422
    assert len(pieces(state.evidence)[0]) == 5


def test_a_damaged_piece_is_told_and_hides_no_other(state: State, witness: Witness) -> None:
    """What cannot be read in the folder of evidence is named; the rest is listed."""
    witness.add_checkpoint(HONEST.request(0, 8))
    witness.add_checkpoint(OTHER.request(8, 8))
    for name, content in (("a", "{"), ("b", "[]"), ("c", '{"kind": "fork"}'), ("d", "[" * 100_000), ("e", "\xff")):
        (state.evidence / f"{name}.json").write_bytes(content.encode("latin-1"))
    kept, damaged = pieces(state.evidence)
    assert len(kept) == 1
    assert [path.stem for path in damaged] == ["a", "b", "c", "d", "e"]


@contextmanager
def as_nobody(*closed: Path) -> Iterator[None]:
    """Without the rights of root, which passes through closed doors; ``closed`` are folders where nothing is written."""
    for each in closed:
        each.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        for each in closed:
            each.chmod(0o755)


def test_a_folder_that_takes_nothing_gives_no_cosignature(workplace: Path) -> None:
    """In a folder closed to writing, a checkpoint gets no cosignature and a fork its refusal; both when it opens."""
    state = folder_of(workplace / "temoin-ferme", HONEST)
    for each in (state.folder, state.origins, state.evidence):
        each.chmod(0o755)
    witness = Witness.open(state)
    assert witness.add_checkpoint(HONEST.request(0, 8)).status == 200
    (state.origins / f"{ORIGIN_HASH}.lock").chmod(0o666)
    with as_nobody(state.origins, state.evidence):
        assert not witness.healthy()
        refused = witness.add_checkpoint(HONEST.request(8, 9))
        assert refused.status == 503
        assert "— " not in refused.body
        assert witness.add_checkpoint(OTHER.request(8, 8)).status == 422
    assert witness.healthy()
    assert witness.latest(ORIGIN_HASH) == Witness.open(state).latest(ORIGIN_HASH)
    assert not pieces(state.evidence)[0]
    assert witness.add_checkpoint(HONEST.request(8, 9)).status == 200


def test_a_log_held_for_too_long_is_said_to_be_busy(
    state: State, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process keeps the log to itself, there is no cosignature; another log is not held up."""
    monkeypatch.setattr(state_module, "LOCK_SECONDS", 0.05)
    stranger = Journal((Key("autre.example/b", 1, b"\7" * 32),), origin="autre.example/b")
    state.add_log(Verifier.parse(stranger.keys[0].vkey))
    with state.locked(ORIGIN_HASH):
        assert witness.add_checkpoint(HONEST.request(0, 8)).status == 503
        assert witness.add_checkpoint(stranger.request(0, 8)).status == 200
    assert witness.add_checkpoint(HONEST.request(0, 8)).status == 200


def test_an_unknown_origin_leaves_no_file(state: State, witness: Witness) -> None:
    """Whoever invents origins makes nothing grow."""
    before = sorted(state.folder.rglob("*"))
    for n in range(20):
        name = f"invente.example/{n}"
        stranger = Journal((Key(name, 1, b"\7" * 32),), origin=name)
        assert witness.add_checkpoint(stranger.request(0, 3)).status == 404
    assert sorted(state.folder.rglob("*")) == before

"""The service that seals: what it does again, what it takes up while it runs, and whom it hands what."""

import threading
import time
from pathlib import Path

import pytest
import structlog

from ledger.seal import service as service_module
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.note import Note
from ledger.seal.post import PostError
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.service import Courier, SealService
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from tests.faits import faits
from tests.seal.test_couriers import latest, running, sealed, wait_until


def test_what_could_not_be_done_is_tried_again(monkeypatch: pytest.MonkeyPatch, signing_keys: SigningKeys) -> None:
    """A task that was not all done, or that failed, is tried again with the same checkpoint; one that is done is not."""
    monkeypatch.setattr(service_module, "AGAIN_SECONDS", 0.1)
    [first, second] = [signing_keys.sign(Checkpoint(signing_keys.origin, n, b"\7" * 32).text) for n in (1, 2)]
    did: list[Note] = []

    def task(note: Note) -> bool:
        did.append(note)
        if len(did) == 2:
            raise PostError
        return len(did) != 1

    handed: list[Note] = []
    courier = Courier("tenace", task, after=(after := Courier("suite", handed.append),))
    stop = threading.Event()
    threads = [threading.Thread(target=each.run, args=(stop,)) for each in (courier, after)]
    for thread in threads:
        thread.start()
    courier.hand(first)
    wait_until(lambda: len(did) == 3, 10)
    courier.hand(second)
    wait_until(lambda: second in handed, 10)
    time.sleep(1.5)
    stop.set()
    for thread in threads:
        thread.join()
    assert did == [first, first, first, second]


def test_a_running_service_takes_up_a_key_that_was_added(
    ledger: Ledger, sealer: Sealer, signing_keys: SigningKeys, tmp_path: Path
) -> None:
    """A key added to the file signs without a restart; while the file cannot be read nothing is sealed, loudly."""
    path = tmp_path / "seal.json"
    signing_keys.save(path)
    both = signing_keys.with_new()
    service = SealService(sealer, keys=lambda: SigningKeys.load(path, ledger.origin))
    with structlog.testing.capture_logs() as logged, running(service):
        ledger.append(list(faits(3)))
        wait_until(lambda: sealed(ledger.database) >= 3, 10)
        both.save(path)
        ledger.append(list(faits(3, first=100)))
        wait_until(lambda: len(latest(ledger.database).verified(both.verifiers)) == 2, 10)
        path.unlink()
        wait_until(lambda: any(each["event"] == "sealing_refused" for each in logged), 10)


def test_what_could_not_be_remembered_is_handed_to_nobody_until_it_is(
    ledger: Ledger, signing_keys: SigningKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the memory cannot be written the service goes on, loudly; then it remembers and hands on what it had sealed."""
    monkeypatch.setattr(service_module, "REFUSED_SECONDS", 0.1)
    obstacle = tmp_path / "disque"
    obstacle.touch()
    sealer = Sealer(ledger.database, signing_keys, Memory(obstacle / "point"))
    handed: list[Note] = []
    with (
        structlog.testing.capture_logs() as logged,
        running(SealService(sealer, (Courier("garde", handed.append),))),
    ):
        ledger.append(list(faits(3)))
        wait_until(lambda: sealed(ledger.database) >= 3, 10)
        wait_until(lambda: any(each["event"] == "sealing_refused" for each in logged), 10)
        assert not handed
        obstacle.unlink()
        wait_until(lambda: [Checkpoint.parse(each.text).size for each in handed][-1:] == [sealed(ledger.database)], 10)
        assert sealer.memory.last() == Checkpoint.parse(handed[-1].text)

"""A witness with its folder, and the real program in a process of its own."""

import http.client
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import pytest

from ledger.seal.note import Verifier
from tests.witness.journal import ORIGIN, WITNESS, Journal
from witness.service import Witness
from witness.state import State

ROOT = Path(__file__).parents[2]
ORIGIN_HASH = sha256(ORIGIN.encode()).hexdigest()


def folder_of(folder: Path, journal: Journal) -> State:
    """A fresh folder that follows the keys of ``journal``."""
    state = State(folder)
    state.create(WITNESS)
    for key in journal.keys:
        state.add_log(Verifier.parse(key.vkey))
    return state


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A fresh folder that follows one log."""
    return folder_of(tmp_path / "temoin", Journal())


@pytest.fixture
def witness(state: State) -> Witness:
    """Its witness."""
    return Witness.open(state)


@dataclass
class Served:
    """A witness that runs. ``log``: what it writes on standard error."""

    process: "subprocess.Popen[str]"
    host: str
    port: int
    log: Path

    def send(self, method: str, path: str, body: bytes | None = None, *, timeout: float = 20) -> tuple[int, str, str]:
        """Status, media type and body of the answer."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
        finally:
            connection.close()

    def add(self, body: bytes) -> tuple[int, str]:
        """Status and body of the answer to a request."""
        status, _, text = self.send("POST", "/add-checkpoint", body)
        return status, text

    @property
    def url(self) -> str:
        """Its submission prefix."""
        return f"http://{self.host}:{self.port}"

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it; its exit code."""
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        code = self.process.wait(timeout=30)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


class Serve(Protocol):
    """Starts a witness."""

    def __call__(self, folder: Path) -> Served: ...


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts ``python -m witness serve``; what still runs is killed when the test is over."""
    running: list[Served] = []

    def start(folder: Path) -> Served:
        log = tmp_path / f"{len(running)}.log"
        with log.open("w") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "witness", "serve", str(folder), "--listen", "127.0.0.1:0"],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert process.stdout is not None
        told = re.search(r"http://(127\.0\.0\.1):([0-9]+)", process.stdout.readline())
        assert told, log.read_text()
        running.append(Served(process, told[1], int(told[2]), log))
        return running[-1]

    yield start
    for each in running:
        each.stop(signal.SIGKILL)

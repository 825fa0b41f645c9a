"""A guichet as a process of its own, as it is run: its folder, its address, and how to send to it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from obstore.store import LocalStore

from ledger.documents import DocumentStore
from ledger.seal.policy import Policy

PROJECT = Path(__file__).parents[2]
NAME = "constat.test/essai/guichet"


class Guichet:
    """A running guichet."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.spool = folder / "spool"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "guichet", "--spool", self.spool, "--name", NAME, "--listen", "127.0.0.1:0", *options],
            cwd=PROJECT, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stderr is not None
        told = json.loads(self.process.stderr.readline())
        self.host, _, port = told["address"].rpartition(":")
        self.port = int(port)
        self.policy = Policy.parse(f"log {told['key']}\nquorum none\n")

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request; status, headers, body of the answer."""
        connection = HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def post(self, value: dict[str, Any], **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Send the form of the page."""
        body = urlencode(value).encode()
        return self.ask("POST", "/tentative", body, **{"Content_Type": "application/x-www-form-urlencoded", **headers})

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.process.kill()
        self.wait()

    def wait(self) -> str:
        """Wait for its end; what it logged."""
        assert self.process.stderr is not None
        logged = self.process.stderr.read()
        self.process.stderr.close()
        self.process.wait(30)
        return logged

    def stop(self) -> str:
        """Tell it to stop; what it logged."""
        self.process.terminate()
        return self.wait()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Guichet]]:
    """Starts guichets on one folder; whatever still runs at the end is ended."""
    started: list[Guichet] = []

    def begin(*options: str) -> Guichet:
        started.append(Guichet(tmp_path, *options))
        return started[-1]

    yield begin
    for each in started:
        if each.process.stderr is not None and not each.process.stderr.closed:
            each.kill()  # also one that has ended: what it wrote is still to be read, and closed


@pytest.fixture
def documents(tmp_path: Path) -> DocumentStore:
    """Where deposits are kept."""
    (tmp_path / "documents").mkdir()
    return DocumentStore(LocalStore(tmp_path / "documents"))

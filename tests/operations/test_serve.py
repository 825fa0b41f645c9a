"""The log over HTTP: as C2SP tlog-tiles says, from the mirror too, and nothing that a stranger can make grow."""

import gzip
import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path

import pytest

from app import http_service
from app.embedded import EmbeddedServer
from app.http_service import Answer, Asked, Service
from app.log_service import LogService
from ledger.database import Database, prepare
from ledger.seal import checks
from ledger.seal.log import SealedLog
from ledger.seal.policy import Policy
from ledger.seal.publish import publish
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.signing import SigningKeys
from ledger.seal.verify_file import verify_proof_file
from ledger.store import Ledger
from tests.conftest import ORIGIN
from tests.faits import faits
from tests.operations.conftest import Pair
from tests.seal.test_publish import Reader
from tests.seal.test_sealer import as_superuser


@contextmanager
def listening(answering: http_service.Answering) -> Iterator[Service]:
    """A service on a port of its own."""
    service = Service(("127.0.0.1", 0), answering)
    stop = threading.Event()
    thread = threading.Thread(target=service.run, args=(stop,))
    thread.start()
    try:
        yield service
    finally:
        stop.set()
        thread.join()


@contextmanager
def serving(database: Database) -> Iterator[str]:
    """The log of a database, served; its address."""
    answering = LogService(database)
    try:
        with listening(answering) as service:
            yield service.url
    finally:
        answering.close()


def get(url: str, **headers: str) -> tuple[int, Message, bytes]:
    """Status, headers and body of an answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:  # noqa: S310
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


class Online(Reader):
    """Reads the same from a server."""

    def __init__(self, url: str, origin: str, key: bytes, folder: Path) -> None:
        super().__init__(folder, origin, key)
        self.url = url

    def fetched(self) -> list[bytes]:
        """All lines, through files fetched as a client would."""
        (self.folder / "checkpoint").write_bytes(get(f"{self.url}checkpoint")[2])
        return self.verify_current()

    def at(self, kind: str, n: int, width: int) -> bytes:
        """A resource, as the server has it."""
        suffix = f".p/{width}" if width < 256 else ""
        status, _, body = get(f"{self.url}tile/{kind}/{n:03}{suffix}")
        assert status == 200
        return body


def test_the_mirror_serves_when_the_operator_is_gone(
    pair: Pair, operator_server: EmbeddedServer, tmp_path: Path
) -> None:
    """With the operator's server stopped, whoever knows the log's key has every line and its proof from the mirror."""
    known = Policy.parse(f"log {pair.keys.verifiers[0].vkey}\nquorum none\n")
    pair.ledger.append(list(faits(700)))
    pair.sealer.seal()
    pair.set_up()
    assert pair.caught_up()
    pair.sealer.close()
    operator_server.stop()
    try:
        with serving(pair.mirror) as url:
            reader = Online(url, pair.keys.origin, pair.keys.verifiers[0].key, tmp_path)
            lines = reader.fetched()
            for line in (lines[0], lines[400], lines[-1]):
                said = json.loads(line)
                status, headers, proof = get(f"{url}proof/{said['stream']}/{said['pos']}")
                assert (status, headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
                assert checks.holding(verify_proof_file(proof, known, line=line))
                assert not checks.holding(verify_proof_file(proof, known, line=lines[1]))
    finally:
        operator_server.start()
    assert lines == [line.encode() for (line,) in pair.rows(
        pair.ledger.database,
        "SELECT line FROM ledger.leaf JOIN ledger.entry USING (notification_id) ORDER BY position",
    )]  # fmt: skip


def test_it_serves_what_is_published(ledger: Ledger, tmp_path: Path) -> None:
    """Every file of the published folder is at its path on the server, the same to the byte, with the headers of its kind."""
    sealer = Sealer(ledger.database, SigningKeys.generate(ledger.origin), Memory(tmp_path / "point"))
    with serving(ledger.database) as url:
        assert get(f"{url}checkpoint")[0] == 404
        ledger.append(list(faits(300)))
        sealer.seal()
        ledger.append(list(faits(300, first=1000)))
        ledger.sequence()
        with ledger.database.connect() as conn:
            publish(SealedLog(conn), tmp_path / "publie")
        files = [path for path in (tmp_path / "publie").rglob("*") if path.is_file() and path.name[0] != "."]
        assert len(files) == 6
        for path in files:
            status, headers, body = get(f"{url}{path.relative_to(tmp_path / 'publie')}")
            assert (status, body) == (200, path.read_bytes())
            kind, caching = ("text/plain; charset=utf-8", "max-age=2") if path.name == "checkpoint" else (
                "application/octet-stream",
                "public, max-age=31536000, immutable",
            )  # fmt: skip
            assert (headers["Content-Type"], headers["Cache-Control"]) == (kind, caching)
        whole = get(f"{url}tile/entries/000")[2]
        _, headers, packed = get(f"{url}tile/entries/000", **{"Accept-Encoding": "gzip, br"})
        assert (headers["Content-Encoding"], gzip.decompress(packed)) == ("gzip", whole)
        assert len(packed) < len(whole)
        assert get(f"{url}tile/0/000.p/17")[2] == get(f"{url}tile/0/000")[2][: 17 * 32]
        for beyond in ("tile/0/001", "tile/0/001.p/45", "tile/entries/001.p/45", "tile/1/000", "tile/2/000.p/1", "", "x",
                       "tile/0/000?x=1", "tile/0/%2e%2e/x", "tile/0/" + "x001/" * 90 + "000"):  # fmt: skip
            assert get(f"{url}{beyond}")[0] == 404, beyond
        assert get(f"{url}tile/0/001.p/44")[0] == 200
        with ledger.connection() as conn:
            rows = conn.execute(
                "SELECT originator_id, originator_version FROM ledger.entry JOIN ledger.leaf USING (notification_id)"
                " WHERE position IN (300, 301) ORDER BY position"
            ).fetchall()
        (sealed, place), (waiting, its_place) = rows
        assert get(f"{url}proof/{sealed.hex}/{place}")[0] == 200
        for path in (f"{waiting.hex}/{its_place}", f"{sealed.hex}/99", f"{sealed}/{place}", f"{sealed.hex}/0", "x/1"):
            assert get(f"{url}proof/{path}")[0] == 404, path
    sealer.close()


def test_lines_that_were_changed_are_not_served(unchecked_ledger: Ledger, tmp_path: Path) -> None:
    """A bundle whose lines are no longer those that were sealed is an error, not an answer."""
    sealer = Sealer(
        unchecked_ledger.database, SigningKeys.generate(unchecked_ledger.origin), Memory(tmp_path / "point")
    )
    unchecked_ledger.append(list(faits(3)))
    sealer.seal()
    sealer.close()
    as_superuser(unchecked_ledger.database, "UPDATE ledger.entry SET line = line || ' '")
    with serving(unchecked_ledger.database) as url:
        assert get(f"{url}tile/0/000.p/3")[0] == 200
        assert get(f"{url}tile/entries/000.p/3")[0] == 500


def test_a_database_that_is_away(own_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its database the server answers that it is not available, and answers again when it is back."""
    monkeypatch.setattr("app.log_service.PATIENCE_SECONDS", 1.0)
    own_server.ensure_database("constat")
    with serving(prepare(Database(own_server.conninfo("constat")), origin=ORIGIN)) as url:
        assert get(f"{url}checkpoint")[0] == 404
        own_server.stop()
        assert get(f"{url}checkpoint")[0] == 503
        own_server.start()
        deadline = time.monotonic() + 30
        while get(f"{url}checkpoint")[0] == 503:
            assert time.monotonic() < deadline


# --------------------------------------------------------------------------------------------------- what is refused


def hello(asked: Asked) -> Answer:
    """An answer to anything."""
    return Answer(asked.path.encode())


def test_only_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """GET and HEAD are answered; any other method, and a path too long to be one, are not."""
    with listening(hello) as service:
        port = service.server_address[1]
        conn = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for method, status, body in (
            ("GET", 200, b"a/b"),
            ("HEAD", 200, b""),
            ("POST", 501, b"501\n"),
            ("DELETE", 501, b"501\n"),
        ):
            conn.request(method, "/a/b")
            answer = conn.getresponse()
            assert (answer.status, answer.read()) == (status, body)
            assert "Python" not in str(answer.headers)
            if status != 200:
                conn.close()
        assert get(f"{service.url}{'x' * 300}")[0] == 404

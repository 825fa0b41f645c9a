"""The server is killed again and again while facts come in and are sealed: nothing acknowledged or published is lost."""

import os
import signal
import threading
import time
from pathlib import Path

from app.embedded import EmbeddedServer
from ledger.coffre import DeploymentKeys
from ledger.database import Database, prepare
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.note import Note
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.service import Courier, SealService
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from replay.verify import Trust, verify
from tests.conftest import ORIGIN
from tests.faits import faits

KILLS = 5


def test_the_server_is_killed_under_the_sealer(
    own_server: EmbeddedServer, keys: DeploymentKeys, tmp_path: Path
) -> None:
    """Five kills of the server under load: every acknowledged fact is sealed, every published checkpoint still holds."""
    own_server.ensure_database("constat")
    database = prepare(Database(own_server.conninfo("constat"), revive=own_server.start), origin=ORIGIN)
    signing = SigningKeys.generate(ORIGIN)
    published: list[Note] = []
    sealer = Sealer(database, signing, Memory(tmp_path / "point"))
    service = SealService(sealer, (Courier("kept", published.append),))
    stop = threading.Event()
    thread = threading.Thread(target=service.run, args=(stop,))
    acknowledged: list[str] = []
    with Ledger(database, keys) as ledger:
        writer = threading.Thread(target=_write, args=(ledger, stop, acknowledged))
        thread.start()
        writer.start()
        for _ in range(KILLS):
            time.sleep(1.0)
            os.kill(int((own_server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
            time.sleep(0.2)
            own_server.start()
        time.sleep(2)
        stop.set()
        writer.join()
        thread.join()
        last = Sealer(database, signing, Memory(tmp_path / "point"))
        last.seal()
        last.close()
        report = verify(ledger, trust=Trust(signing.verifiers))
        assert report.intact, report.findings[:3]
        assert report.sealed == report.hashed == report.entries
        with ledger.connection() as conn:
            held = {note for (note,) in conn.execute("SELECT note FROM ledger.checkpoint")}
        lives = {entry.fait.id for number in range(10) for entry in ledger.life(f"P-{number}")}
    assert len(acknowledged) > KILLS
    assert set(acknowledged) <= lives
    assert len(published) > KILLS
    assert {bytes(note).decode() for note in published} <= held
    assert [Checkpoint.parse(note.text).size for note in published] == sorted(
        Checkpoint.parse(note.text).size for note in published
    )


def _write(ledger: Ledger, stop: threading.Event, acknowledged: list[str]) -> None:
    for fait in faits(100_000):
        if stop.is_set():
            return
        ledger.append([fait])
        acknowledged.append(fait.id)
        time.sleep(0.005)

"""What a deployment says of itself: right figures, nothing of a person, and an answer also when the database is away."""

import re
import socket
import threading
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client.parser import text_string_to_metric_families

from app import health
from app.embedded import EmbeddedServer
from app.health import HealthService, connect, exposition, measure, read
from app.http_service import Asked
from ledger.database import SEALER, Database, prepare
from ledger.follower import Follower
from ledger.seal.note import COSIGNATURE, Signer
from ledger.seal.policy import Policy
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from projections.toutes import PROJECTIONS
from tests.conftest import ORIGIN
from tests.faits import fait, faits
from tests.operations.conftest import Constat
from tests.operations.mirrors import WITNESS
from tests.operations.test_serve import get, listening


@pytest.fixture
def sealer(ledger: Ledger, tmp_path: Path) -> Sealer:
    """A sealer of the test's ledger."""
    return Sealer(ledger.database, SigningKeys.generate(ORIGIN), Memory(tmp_path / "point"))


def figures(database: Database, policy: Policy | None = None) -> dict[str, float]:
    """Every figure, as Prometheus reads it: name and label, value."""
    text = exposition(read(Database(database.conninfo), policy)).decode()
    return {
        sample.name + "".join(f"/{value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def cosign(ledger: Ledger, witness: Signer, size: int) -> None:
    """Keep a cosignature of the checkpoint of ``size`` lines."""
    with ledger.database.acting_as(SEALER).connect() as conn:
        row = conn.execute("SELECT note FROM ledger.checkpoint WHERE size = %s", (size,)).fetchone()
        assert row is not None
        line = str(witness.cosign(row[0].partition("\n\n")[0] + "\n", 1_800_000_000))
        conn.execute("INSERT INTO ledger.cosignature VALUES (%s, %s, %s)", (size, witness.verifier.vkey, line))


def test_figures_follow_what_happens(ledger: Ledger, sealer: Sealer) -> None:
    """Entries, positions, checkpoints, cosignatures, tokens and projections are each counted where they stand."""
    empty = figures(ledger.database)
    assert (empty["constat_up"], empty["constat_entries_total"], empty["constat_seal_lag_seconds"]) == (1, 0, 0)
    assert "constat_checkpoint_age_seconds" not in empty
    ledger.append(list(faits(7)))
    waiting = figures(ledger.database)
    assert (waiting["constat_entries_total"], waiting["constat_entries_unplaced"]) == (7, 7)
    assert 0 < waiting["constat_seal_lag_seconds"] < 60
    ledger.sequence()
    placed = figures(ledger.database)
    assert (placed["constat_entries_unplaced"], placed["constat_positions_unsealed"]) == (0, 7)
    assert 0 < placed["constat_seal_lag_seconds"] < 60
    sealer.seal()
    sealed = figures(ledger.database)
    assert (sealed["constat_positions_unsealed"], sealed["constat_checkpoint_size"]) == (0, 7)
    assert sealed["constat_seal_lag_seconds"] == 0
    assert 0 < sealed["constat_checkpoint_age_seconds"] < 60
    assert 0 < sealed["constat_uncosigned_age_seconds"] < 60
    sealer.close()


def test_witnesses_are_counted_by_name(ledger: Ledger, sealer: Sealer) -> None:
    """For each witness, how many checkpoints it has not cosigned since its last; under a policy, also for one that never did."""
    silent = Signer("autre.test/deux", COSIGNATURE, Ed25519PrivateKey.generate())
    policy = Policy.parse(
        f"log {sealer.keys.verifiers[0].vkey}\nwitness un {WITNESS.verifier.vkey}\n"
        f"witness deux {silent.verifier.vkey}\ngroup tous all un deux\nquorum tous\n"
    )
    for round_ in range(3):
        ledger.append(list(faits(1, first=10 * round_ + 1)))
        sealer.seal()
    cosign(ledger, WITNESS, 2)
    named = figures(ledger.database, policy)
    assert (named["constat_cosignatures_missing/un"], named["constat_cosignatures_missing/deux"]) == (1, 3)
    assert 0 < named["constat_cosignature_age_seconds/un"] < 60
    assert "constat_cosignature_age_seconds/deux" not in named
    assert 0 < named["constat_uncosigned_age_seconds"] < 60
    assert figures(ledger.database)[f"constat_cosignatures_missing/{WITNESS.name}"] == 1
    cosign(ledger, WITNESS, 3)
    assert "constat_uncosigned_age_seconds" not in figures(ledger.database)
    sealer.close()


def test_tokens_and_verifications(unchecked_ledger: Ledger, tmp_path: Path) -> None:
    """The age of the last token and of the last verification, and what that found; nothing of them before they are there."""
    ledger = unchecked_ledger
    ledger.append(list(faits(1)))
    sealer = Sealer(ledger.database, SigningKeys.generate(ORIGIN), Memory(tmp_path / "point"))
    sealer.seal()
    sealer.close()
    before = figures(ledger.database)
    assert not {"constat_token_age_seconds", "constat_verification_age_seconds"} & set(before)
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        conn.execute("INSERT INTO ledger.token (sha256, size, frozen, token) VALUES (sha256('x'), 1, 'x', 'x')")
        assert "constat_verification_intact" not in figures(ledger.database)
        conn.execute("INSERT INTO work.verification VALUES (now() - interval '2 hours', true), (now(), false)")
    after = figures(ledger.database)
    assert 0 <= after["constat_token_age_seconds"] < 60
    assert 0 <= after["constat_verification_age_seconds"] < 60
    assert after["constat_verification_intact"] == 0


def test_a_projection_that_is_behind_shows(ledger: Ledger) -> None:
    """How many positions each projection has still to apply, and how many entries it could not read."""
    name, view = next(iter(PROJECTIONS.items()))
    ledger.append(list(faits(5)))
    with Follower(ledger, view) as follower:
        follower.catch_up()
        assert figures(ledger.database)[f"constat_follower_lag/{name}"] == 0
        ledger.append(list(faits(4, first=100)))
        ledger.sequence()
        late = figures(ledger.database)
        assert (late[f"constat_follower_lag/{name}"], late[f"constat_set_aside/{name}"]) == (4, 0)
        assert {each for each in late if each.startswith("constat_follower_lag")} == {f"constat_follower_lag/{name}"}
        follower.catch_up()


def test_nothing_of_a_person_is_in_it(ledger: Ledger, sealer: Sealer) -> None:
    """Whatever is recorded, the figures hold numbers, and the names of projections, witnesses and slots: no id, no text."""
    ledger.append([fait(personne="Zénobie-Unique", objet="dossier-tout-unique")])
    sealer.seal()
    sealer.close()
    with psycopg.connect(ledger.database.conninfo) as conn:
        ids = [
            str(each)
            for row in conn.execute("SELECT originator_id, subject, event_id FROM ledger.entry")
            for each in row
        ]
    text = exposition(read(Database(ledger.database.conninfo))).decode()
    for word in ("nobie", "unique", *ids, *(each.replace("-", "") for each in ids)):
        assert word not in text
    assert "process_" not in text
    assert "python_" not in text
    for line in text.splitlines():
        assert line.startswith("# ") or re.fullmatch(
            r'constat_[a-z_]+(\{(witness|projection|slot)="[^"]+"\})? [0-9.e+-]+', line
        )


def test_it_may_only_read(ledger: Ledger) -> None:
    """The connection that measures has the application's role, cannot write, and does not last."""
    with connect(Database(ledger.database.conninfo)) as conn:
        assert conn.execute("SELECT current_user, current_setting('statement_timeout')").fetchone() == (
            "constat_app",
            "5s",
        )
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            conn.execute("SELECT ledger.sequence()")
        assert measure(conn).position == 0


def test_over_http(own_server: EmbeddedServer) -> None:
    """It lives, it is ready, it measures; without its database it still lives, is not ready, and says so in its figures."""
    own_server.ensure_database("constat")
    database = Database(own_server.conninfo("constat"))
    service = HealthService(database)
    with listening(service) as server:
        assert get(f"{server.url}health")[0] == 200
        assert get(f"{server.url}ready")[0] == 503
        prepare(database, origin=ORIGIN)
        assert get(f"{server.url}ready")[0] == 200
        status, headers, body = get(f"{server.url}metrics")
        assert (status, b"\nconstat_up 1.0\n" in body) == (200, True)
        assert headers["Content-Type"].startswith("text/plain; version=")
        own_server.stop()
        assert get(f"{server.url}health")[0] == 200
        assert get(f"{server.url}ready")[0] == 503
        status, _, body = get(f"{server.url}metrics")
        assert (status, [line for line in body.decode().splitlines() if line[0] != "#"]) == (200, ["constat_up 0.0"])
        assert get(f"{server.url}autre")[0] == 404
        own_server.start()
        assert get(f"{server.url}ready")[0] == 200


def test_one_reading_at_a_time(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many who ask at once cost one reading at a time; who would wait too long is told to come back."""
    monkeypatch.setattr("app.health.WAIT_SECONDS", 0.2)
    service = HealthService(Database(ledger.database.conninfo))
    with psycopg.connect(ledger.database.conninfo) as conn:
        conn.execute("LOCK TABLE ledger.leaf IN ACCESS EXCLUSIVE MODE")
        answers: list[int] = []
        threads = [
            threading.Thread(target=lambda: answers.append(service(Asked("ready", gzip=False)).status))
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [503] * 6
    assert service(Asked("ready", gzip=False)).status == 200


def test_as_a_command(ledger: Ledger, tmp_path: Path, constat: Constat) -> None:
    """``constat metrics --once`` prints the figures; it exits with 5 when the database is away, and says that too."""
    ledger.append(list(faits(3)))
    told = constat(Database(ledger.database.conninfo), tmp_path, "metrics", "--once")
    assert (told.code, "constat_entries_total 3.0" in told.out) == (0, True), told
    gone = constat(Database("host=/nulle/part dbname=x"), tmp_path, "metrics", "--once")
    assert (gone.code, "constat_up 0.0" in gone.out) == (5, True), gone
    wrong = constat(Database(ledger.database.conninfo), tmp_path, "metrics", "--listen", "partout")
    assert (wrong.code, "n'est pas une adresse" in wrong.err) == (2, True)


@pytest.mark.parametrize("command", [("metrics",), ("mirror", "serve")])
def test_an_address_that_cannot_be_had_is_named(
    ledger: Ledger, tmp_path: Path, constat: Constat, command: tuple[str, ...]
) -> None:
    """An address that is taken, is another machine's or is none gives one French line that names it, and exit code 5."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for listen, said in (
            (f"127.0.0.1:{port}", "déjà prise"),
            ("192.0.2.1:8080", "pas de cette machine"),
            ("300.1.1.1:8080", "pas de cette machine"),
        ):
            told = constat(Database(ledger.database.conninfo), tmp_path, *command, "--listen", listen)
            assert (told.code, told.out) == (5, "")
            assert told.err.startswith(f"constat : {listen} : ")
            assert said in told.err


def test_every_alarm_of_the_document_is_about_a_figure_that_exists(ledger: Ledger, sealer: Sealer) -> None:
    """The rules that docs/operations.md proposes name only figures that are measured."""
    text = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    [rules] = re.findall(r"```yaml\n(groups:.*?)```", text, flags=re.DOTALL)
    known = set(re.findall(r"constat_[a-z_]+", exposition(read(Database(ledger.database.conninfo))).decode()))
    known |= set(re.findall(r"constat_[a-z_]+", Path(health.__file__).read_text(encoding="utf-8")))
    named = set(re.findall(r"constat_[a-z_]+", rules))
    assert len(named) > 8
    assert named <= known | {"constat_entries_total"}

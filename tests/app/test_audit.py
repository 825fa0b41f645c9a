"""The ledger's audit of itself is a fact of it, and one that does not take place is an alarm."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import structlog

from app.audit import DUE, AuditWatch, last_audit, missing, record_audit
from ledger.events.acces import IntegriteVerifiee
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.sealer import Sealer
from ledger.store import Ledger
from replay.verify import verify
from tests.faits import faits
from tests.seal import conftest

signing_keys, sealer = conftest.signing_keys, conftest.sealer


def test_an_audit_is_recorded_with_what_it_found(unchecked_ledger: Ledger, sealer: Sealer) -> None:
    """A favourable audit and one that found something are both kept, with the checkpoint that they speak of."""
    ledger = unchecked_ledger
    ledger.append(list(faits(5)))
    note = sealer.seal()
    assert note is not None
    point = Checkpoint.parse(note.text)
    record_audit(ledger, verify(ledger), point, datetime.now(UTC))
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        conn.execute("ALTER TABLE ledger.entry DISABLE TRIGGER append_only")
        conn.execute("UPDATE ledger.entry SET line = line || ' ' WHERE notification_id = 3")
    record_audit(ledger, verify(ledger), point, datetime.now(UTC))
    last = last_audit(ledger)
    assert last is not None
    event = last.fait.evenement
    assert isinstance(event, IntegriteVerifiee)
    assert (event.conforme, event.position_journal, event.racine_journal) == (False, 5, point.root.hex())
    assert any(each.startswith("ligne : ") for each in event.anomalies)
    assert last.fait.personne is None
    with ledger.connection() as conn:
        assert [ok for (ok,) in conn.execute("SELECT intact FROM work.verification ORDER BY finished_at")] == [
            True,
            False,
        ]


def test_a_late_audit_is_an_alarm(ledger: Ledger, sealer: Sealer) -> None:
    """Before the first audit, and once the last is too old, the alarm is raised; in between it is not."""
    ledger.append(list(faits(2)))
    note = sealer.seal()
    assert note is not None
    now = [datetime.now(UTC)]
    watch = AuditWatch(ledger, lambda: now[0])
    heard: list[int] = []
    for audited, later, alarm in (
        (False, timedelta(), 1),
        (True, timedelta(), 0),
        (False, DUE + timedelta(minutes=1), 1),
    ):
        if audited:
            record_audit(ledger, verify(ledger), None, now[0])
        now[0] += later
        with structlog.testing.capture_logs() as logs:
            watch(note)
        heard.append(len([each for each in logs if each["event"] == "audit_missing"]))
        assert heard[-1] == alarm
    assert missing(ledger, now[0])


@pytest.mark.parametrize("hours", [0, 35])
def test_an_audit_in_time(ledger: Ledger, hours: int) -> None:
    """A day and a half is not late."""
    record_audit(ledger, verify(ledger), None, datetime.now(UTC))
    assert not missing(ledger, datetime.now(UTC) + timedelta(hours=hours))

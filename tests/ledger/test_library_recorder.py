"""The library's own recorder test classes, run on our recorder and on the tracking tables of our projections."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import eventsourcing.tests.persistence as library
import pytest
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresTrackingRecorder

from ledger.database import Database
from ledger.follower import Batch, Follower
from ledger.recorder import Datastore, LedgerRecorder
from ledger.store import Ledger


@pytest.fixture
def recorder(database: Database) -> Iterator[LedgerRecorder]:
    """Our recorder on an empty ledger; what these tests store are not facts, so nothing is verified at the end."""
    datastore = Datastore(database)
    yield LedgerRecorder(datastore)
    datastore.close()


class Application(library.ApplicationRecorderTestCase[Any]):
    """The library's tests of an application recorder, on a recorder that is handed over."""

    __test__ = False
    recorder: LedgerRecorder

    def create_recorder(self) -> LedgerRecorder:
        """The recorder of the running test."""
        return self.recorder


class NonInterleaving(library.NonInterleavingNotificationIDsBaseCase):
    """The library's race of two batches, on a recorder that is handed over."""

    __test__ = False
    recorder: LedgerRecorder

    def create_recorder(self) -> LedgerRecorder:
        """The recorder of the running test."""
        return self.recorder


class Tracking(library.TrackingRecorderTestCase):
    """The library's tests of a tracking recorder, on a recorder that is handed over."""

    __test__ = False
    recorder: PostgresTrackingRecorder

    def create_recorder(self) -> PostgresTrackingRecorder:
        """The recorder of the running test."""
        return self.recorder


APPLICATION_TESTS = [name for name in dir(Application) if name.startswith(("test_", "optional_test_"))]
TRACKING_TESTS = [name for name in dir(Tracking) if name.startswith("test_")]


def _run(case: Any, recorder: Any, name: str) -> None:
    instance = case(name)
    instance.recorder = recorder
    instance.setUp()
    getattr(instance, name)()
    instance.doCleanups()


def test_the_library_still_has_the_tests_that_we_run() -> None:
    """The library's classes hold at least the tests that were there when our recorder was written."""
    assert {"test_insert_select", "test_concurrent_no_conflicts", "optional_test_insert_subscribe"} <= set(
        APPLICATION_TESTS
    )
    assert {"test_insert_tracking", "test_wait"} <= set(TRACKING_TESTS)


@pytest.mark.parametrize("name", APPLICATION_TESTS)
def test_application_recorder(recorder: LedgerRecorder, name: str) -> None:
    """Our recorder passes each of the library's tests of application recorders, subscriptions included."""
    _run(Application, recorder, name)


def test_batches_do_not_interleave(recorder: LedgerRecorder) -> None:
    """Two batches of a thousand events written at the same time stand one after the other in the sealed order."""
    _run(NonInterleaving, recorder, "test")


class Nothing:
    """A projection without tables: only its place is kept."""

    name = "rien"
    shape = "1"

    def create(self, conn: Any, schema: str) -> None:
        """Make nothing."""

    def apply(self, conn: Any, schema: str, batch: Batch) -> None:
        """Apply nothing."""

    def settle(self, conn: Any, schema: str, ledger: Any) -> int:
        """Nothing follows."""
        return 0


@pytest.fixture
def tracking(unchecked_ledger: Ledger) -> Iterator[PostgresTrackingRecorder]:
    """A tracking recorder on the table in which a follower of ours keeps its place."""
    with Follower(unchecked_ledger, Nothing()) as follower:
        follower.catch_up()
        datastore = Datastore(unchecked_ledger.database, schema=follower.schema)
        yield PostgresTrackingRecorder(datastore, tracking_table_name="tracking")
        datastore.close()


@pytest.mark.parametrize("name", TRACKING_TESTS)
def test_tracking_recorder(tracking: PostgresTrackingRecorder, name: str) -> None:
    """The table in which our followers keep their place passes each of the library's tests of tracking recorders."""
    _run(Tracking, tracking, name)


@pytest.mark.parametrize("versions", [[1, 2, 5], [2], [1, 3], [-1]])
def test_the_library_way_in_leaves_no_gap(recorder: LedgerRecorder, versions: list[int]) -> None:
    """A stream that would skip a place is refused also through the library's own method, which accepts it elsewhere."""
    stream = uuid4()
    with pytest.raises(library.IntegrityError, match="gap"):
        recorder.insert_events([StoredEvent(stream, version, "topic", b"state") for version in versions])
    assert recorder.max_notification_id() is None

"""The sealed log over HTTP (C2SP tlog-tiles), from any database that holds it: the operator's, or a mirror's.

Beside what C2SP names, ``/proof/STREAM/PLACE``: the proof (tlog-proof) of the line that a receipt names so. Whoever
has the log's key checks everything that is served: this server is not to be believed.
"""

import gzip
import re
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool, PoolTimeout

from app.http_service import NOT_FOUND, TEXT, UNAVAILABLE, Answer, Asked
from ledger.database import Database
from ledger.seal.checkpoint import Checkpoint, TlogProof
from ledger.seal.log import SealedLog
from ledger.seal.note import Note
from ledger.seal.resources import CHECKPOINT, PublicationRefusedError, Resource, content

CONNECTIONS: Final = 4
PATIENCE_SECONDS: Final = 5.0
STATEMENT_SECONDS: Final = 10
BYTES: Final = "application/octet-stream"
FRESH: Final = ("Cache-Control", "max-age=2")
FOR_EVER: Final = ("Cache-Control", "public, max-age=31536000, immutable")
PROOF: Final = re.compile(r"proof/([0-9a-f]{32})/([1-9][0-9]{0,8})")
POSITION: Final = (
    "SELECT position FROM ledger.entry JOIN ledger.leaf USING (notification_id)"
    " WHERE originator_id = %s AND originator_version = %s"
)
UNSOUND: Final = Answer(
    "ces lignes ne sont plus celles qui ont été scellées\n".encode(), HTTPStatus.INTERNAL_SERVER_ERROR, TEXT
)


class LogService:
    """Answers with the checkpoint, the tiles and the entry bundles of the log in a database; reads only."""

    def __init__(self, database: Database) -> None:
        options = f"-c statement_timeout={STATEMENT_SECONDS}s -c timezone=UTC"
        self._pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            make_conninfo(database.conninfo, options=options, application_name="constat-journal"),
            kwargs={"autocommit": True, "row_factory": tuple_row},
            min_size=1,
            max_size=CONNECTIONS,
            timeout=PATIENCE_SECONDS,
            configure=_read_only,
            check=ConnectionPool.check_connection,
            open=True,
        )

    def close(self) -> None:
        """Give the connections back."""
        self._pool.close()

    def __call__(self, asked: Asked) -> Answer:
        """The answer to one request."""
        try:
            with self._pool.connection() as conn:
                return self._answer(SealedLog(conn), asked)
        except LookupError:
            return NOT_FOUND
        except PublicationRefusedError:
            return UNSOUND
        except (psycopg.Error, PoolTimeout):
            return UNAVAILABLE

    @staticmethod
    def _answer(log: SealedLog, asked: Asked) -> Answer:
        note = log.latest()
        if asked.path == CHECKPOINT and note is not None:
            return Answer(bytes(note), content_type=TEXT, headers=(FRESH,))
        if (found := PROOF.fullmatch(asked.path)) is not None:
            return Answer(bytes(_proof(log, UUID(found[1]), int(found[2]))), content_type=TEXT, headers=(FRESH,))
        resource = Resource.parse(asked.path)
        if not resource.within(_size(note)):
            raise LookupError(asked.path)
        body = content(log.conn, resource)
        if resource.level is None and asked.gzip:
            headers = (FOR_EVER, ("Vary", "Accept-Encoding"), ("Content-Encoding", "gzip"))
            return Answer(gzip.compress(body, mtime=0), content_type=BYTES, headers=headers)
        return Answer(body, content_type=BYTES, headers=(FOR_EVER,))


def _proof(log: SealedLog, stream: UUID, place: int) -> TlogProof:
    """The proof of the line at a place of a stream.

    :raises LookupError: there is none, or no checkpoint holds it yet.
    """
    row = log.conn.execute(POSITION, (stream, place)).fetchone()
    note = log.covering(row[0]) if row is not None else None
    if row is None or note is None:
        raise LookupError(stream.hex)
    return log.prove(row[0], note)


def _read_only(conn: psycopg.Connection[Any]) -> None:
    conn.execute("SET default_transaction_read_only = on")


def _size(note: Note | None) -> int:
    return Checkpoint.parse(note.text).size if note is not None else 0

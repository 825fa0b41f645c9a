"""Columns that travel packed come back as they were, in Python and in PostgreSQL."""

import pickle

import psycopg
from hypothesis import given
from hypothesis import strategies as st

from ledger.recorder import Packed

COLUMNS = st.lists(st.none() | st.binary(max_size=200), min_size=1, max_size=20)


@given(COLUMNS)
def test_a_packed_column_has_the_same_values(values: list[bytes | None]) -> None:
    """Packed, sent to another process and unpacked, a column has its values, in order, absent ones included."""
    sent = pickle.loads(pickle.dumps(Packed.of(values)))  # noqa: S301 - made on this line
    assert isinstance(sent, Packed)
    assert sent.values() == values


def test_postgresql_reads_a_packed_column(server_conninfo: str) -> None:
    """The server sees the array that Python packed."""
    values = [b"", b"\x00\xff", None, b"x" * 100_000]
    with psycopg.connect(server_conninfo, autocommit=True) as conn:
        row = conn.execute("SELECT %b::bytea[]", (Packed.of(values),), binary=True).fetchone()
    assert row == (values,)

"""What a publication sends is read as PostgreSQL documents it, and nothing else is taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.mirror.pgoutput import Insert, StreamError, inserts

VALUES = st.dictionaries(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20),
    st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=50),
    max_size=8,
)


def text(value: str) -> bytes:
    """A text that ends with a zero byte."""
    return value.encode() + b"\0"


def relation(number: int, schema: str, table: str, columns: list[str]) -> bytes:
    """The message that says which columns a table has."""
    body = b"".join(b"\1" + text(column) + bytes(8) for column in columns)
    return b"R" + number.to_bytes(4, "big") + text(schema) + text(table) + b"d" + len(columns).to_bytes(2, "big") + body


def insert(number: int, values: list[str | None]) -> bytes:
    """The message of a row that was added."""
    body = b"".join(
        b"n" if value is None else b"t" + len(value.encode()).to_bytes(4, "big") + value.encode() for value in values
    )
    return b"I" + number.to_bytes(4, "big") + b"N" + len(values).to_bytes(2, "big") + body


@given(VALUES, VALUES)
def test_rows_read_back(one: dict[str, str | None], other: dict[str, str | None]) -> None:
    """Rows of two tables, mixed with other messages, are read as they were sent, in their order."""
    sent = [
        b"B" + bytes(20),
        relation(7, "ledger", "entry", list(one)),
        insert(7, list(one.values())),
        relation(9, "ledger", "leaf", list(other)),
        insert(9, list(other.values())),
        insert(7, list(one.values())),
        b"C" + bytes(25),
    ]
    entry = Insert("ledger", "entry", one)
    assert list(inserts(sent)) == [entry, Insert("ledger", "leaf", other), entry]


@given(VALUES, st.data())
def test_a_message_that_is_cut_or_changed_is_refused_or_read(
    values: dict[str, str | None], data: st.DataObject
) -> None:
    """Cut anywhere a message is refused; changed anywhere it is refused or read as another row, never a crash."""
    messages = [relation(7, "ledger", "entry", list(values)), insert(7, list(values.values()))]
    which = data.draw(st.sampled_from([0, 1]))
    message = messages[which]
    cut = data.draw(st.integers(1, len(message) - 1))
    with pytest.raises(StreamError):
        list(inserts([*messages[:which], message[:cut], *messages[which + 1 :]]))
    at = data.draw(st.integers(0, len(message) - 1))
    changed = message[:at] + bytes([data.draw(st.integers(0, 255))]) + message[at + 1 :]
    try:
        found = list(inserts([*messages[:which], changed, *messages[which + 1 :]]))
    except StreamError:
        return
    assert len(found) <= 1


def test_other_forms_than_were_asked_for() -> None:
    """A row of an unknown table, a binary value, another number of columns: none is guessed at."""
    known = relation(7, "ledger", "entry", ["a"])
    for messages in (
        [insert(7, ["x"])],
        [known, insert(8, ["x"])],
        [known, insert(7, ["x", "y"])],
        [known, insert(7, ["x"]).replace(b"t", b"b")],
        [known, insert(7, ["x"]).replace(b"N", b"K")],
        [known, insert(7, ["x"])[:-1] + b"\xff"],
    ):
        with pytest.raises(StreamError):
            list(inserts(messages))

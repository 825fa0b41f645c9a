"""What a publication sends, as PostgreSQL's plugin ``pgoutput`` writes it (protocol version 1, text values).

PostgreSQL documentation, "Logical Replication Message Formats". Only what inserts need is read here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ledger.errors import ConstatError

RELATION: Final = b"R"
INSERT: Final = b"I"
NEW_TUPLE: Final = b"N"
NULL: Final = b"n"
TEXT: Final = b"t"


class StreamError(ConstatError):
    """Ce que le serveur de l'exploitant envoie ne se lit pas."""


@dataclass(frozen=True, slots=True)
class Insert:
    """A row that was added: the schema and table, and each column's value in PostgreSQL's text form."""

    schema: str
    table: str
    values: dict[str, str | None]


class _Reader:
    """Takes fields off a message, one after the other."""

    def __init__(self, message: bytes) -> None:
        self._message = message
        self._at = 1

    def take(self, length: int) -> bytes:
        """The next ``length`` bytes."""
        end = self._at + length
        if length < 0 or end > len(self._message):
            msg = "un message de réplication est tronqué"
            raise StreamError(msg)
        taken, self._at = self._message[self._at : end], end
        return taken

    def number(self, length: int) -> int:
        """The next whole number, in network order."""
        return int.from_bytes(self.take(length), "big")

    def name(self) -> str:
        """The next text, which ends with a zero byte."""
        end = self._message.find(b"\0", self._at)
        taken = self.text(end - self._at)
        self._at += 1
        return taken

    def text(self, length: int) -> str:
        """The next ``length`` bytes, as a text."""
        try:
            return self.take(length).decode()
        except UnicodeDecodeError as error:
            msg = "un texte d'un message de réplication n'est pas en UTF-8"
            raise StreamError(msg) from error


def inserts(messages: Iterable[bytes]) -> Iterator[Insert]:
    """The rows that ``messages`` add, in their order.

    :raises StreamError: a message is cut short, or is of another form than was asked for.
    """
    relations: dict[int, tuple[str, str, list[str]]] = {}
    for message in messages:
        reader = _Reader(message)
        if message[:1] == RELATION:
            relation = reader.number(4)
            schema, table = reader.name(), reader.name()
            reader.take(1)
            relations[relation] = schema, table, [_column(reader) for _ in range(reader.number(2))]
        elif message[:1] == INSERT:
            relation = reader.number(4)
            if relation not in relations or reader.take(1) != NEW_TUPLE:
                msg = "une ligne ajoutée ne dit pas à quelle table"
                raise StreamError(msg)
            schema, table, columns = relations[relation]
            values = [_value(reader) for _ in range(reader.number(2))]
            if len(values) != len(columns):
                msg = "une ligne ajoutée n'a pas les colonnes de sa table"
                raise StreamError(msg)
            yield Insert(schema, table, dict(zip(columns, values, strict=True)))


def _column(reader: _Reader) -> str:
    reader.take(1)
    name = reader.name()
    reader.take(8)
    return name


def _value(reader: _Reader) -> str | None:
    kind = reader.take(1)
    if kind == NULL:
        return None
    if kind != TEXT:
        msg = "une valeur n'est pas sous sa forme de texte"
        raise StreamError(msg)
    return reader.text(reader.number(4))

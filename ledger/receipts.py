"""Receipts of acts, as the ledger hands them over: made once, kept, and the same bytes whenever they are asked for.

Three things are kept of a line, each the first time that it can be made: its promise, at once; its proof against the
first checkpoint, where no policy asks for witnesses; its proof against the first checkpoint that the policy accepts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString, NamedTuple

import psycopg

from ledger.coffre import Id
from ledger.entry import Entry, Fait
from ledger.errors import ConstatError, KeyDestroyedError
from ledger.events.types import NatureActeur
from ledger.mapper import ROW_COLUMNS, Row
from ledger.seal.checkpoint import Checkpoint, TlogProof
from ledger.seal.log import SealedLog
from ledger.seal.note import Note, NoteError
from ledger.seal.policy import NOBODY, Policy
from ledger.seal.promise import Promise
from ledger.seal.receipt import Line, Opened, Receipt, mentionable
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger

WHAT_SHE_SENT: Final = ("fait", "pieces")
"""What a receipt with its content shows. Who acted stays sealed: it may be somebody else, on her behalf."""
HERS: Final = frozenset({NatureActeur.USAGER, NatureActeur.REPRESENTANT, NatureActeur.ACCOMPAGNANT})
ONE_BY_ONE: Final = 100
"""How many cosigned checkpoints are looked at in order for one that the policy accepts, before some are passed over."""


class NoReceiptError(ConstatError):
    """Aucun reçu : un reçu se donne d'un acte de la personne, ou fait pour elle."""


class _Stored(NamedTuple):
    notification_id: int
    line: str
    kept: dict[str, str]


def is_hers(fait: Fait) -> bool:
    """Whether the person acted, or somebody for her: what a receipt is given of."""
    return fait.acteur.nature in HERS or fait.acteur.au_nom_de is not None


@dataclass(frozen=True, slots=True)
class Receipts:
    """Hands receipts over. ``keys``: those of promises; ``policy``: by which a proof is cosigned enough, if any."""

    ledger: Ledger
    keys: SigningKeys
    policy: Policy | None = None

    def of(self, entry: Entry, *, opened: bool = False, mention: str = "") -> Receipt:
        """The receipt of an act as it can be made now. ``mention``: what to write of the act, which nothing proves.

        :raises NoReceiptError: the entry is not an act of the person, nor for her.
        :raises KeyDestroyedError: ``opened``, and the person's key is gone.
        :raises NoteError: a receipt cannot hold the mention.
        """
        if not is_hers(entry.fait):
            raise NoReceiptError(NoReceiptError.__doc__)
        mentionable(mention)
        with self.ledger.writing() as conn:
            row, stored = _read(conn, entry)
            return Receipt(
                Line.parse(stored.line),
                self._promise(conn, stored),
                self._proof(conn, row.position, stored),
                self._opened(conn, row, WHAT_SHE_SENT) if opened else (),
                mention,
            )

    def _promise(self, conn: psycopg.Connection[Any], stored: _Stored) -> Note:
        kept = stored.kept.get("promesse")
        if kept is None:
            line = Line.parse(stored.line)
            note = self.keys.sign(Promise(line.log, line.stream, line.pos, line.leaf, line.at).text)
            kept = _text(conn, "SELECT ledger.keep_promise(%s, %s)", (stored.notification_id, bytes(note).decode()))
        return Note.parse(kept.encode())

    def _proof(self, conn: psycopg.Connection[Any], position: int | None, stored: _Stored) -> TlogProof | None:
        """The best proof there is, kept or made now."""
        kept = stored.kept.get("cosignature")
        if kept is None and position is not None:
            stage = "scellement" if self.policy is None or self.policy.quorum == NOBODY else "cosignature"
            kept = stored.kept.get(stage) or self._prove(conn, position, stage, stored) or stored.kept.get("scellement")
        return None if kept is None else TlogProof.parse(kept.encode())

    def _prove(self, conn: psycopg.Connection[Any], position: int, stage: str, stored: _Stored) -> str | None:
        sealed = SealedLog(conn)
        note = _first(sealed, position) if stage == "scellement" else self._first_accepted(sealed, position)
        if note is None:
            return None
        proof = bytes(sealed.prove(position, note)).decode()
        size = Checkpoint.parse(note.text).size
        return _text(conn, "SELECT ledger.keep_proof(%s, %s, %s, %s)", (stored.notification_id, stage, size, proof))

    def _first_accepted(self, sealed: SealedLog, position: int) -> Note | None:
        """The first checkpoint that holds ``position`` and that the policy accepts."""
        notes = _cosigned(sealed, position)
        return next((note for note in notes if self.policy is not None and _accepts(self.policy, note)), None)

    def _opened(self, conn: psycopg.Connection[Any], row: Row, parts: Sequence[str]) -> tuple[Opened, ...]:
        key = self.ledger.coffre.of_subjects(conn, [row.subject]).get(row.subject)
        if key is None:
            raise KeyDestroyedError(KeyDestroyedError.__doc__)
        plain = self.ledger.entries.open_parts(row, key)
        return tuple(
            Opened(part, row.pos, key.salt(row.event_id, part.encode()), plain[part].decode())
            for part in parts
            if part in plain
        )


def _read(conn: psycopg.Connection[Any], entry: Entry) -> tuple[Row, _Stored]:
    found = conn.execute(
        f"SELECT entry.notification_id, entry.line, {ROW_COLUMNS} FROM ledger.entry"
        " LEFT JOIN ledger.leaf USING (notification_id) WHERE event_id = %b",
        (Id(entry.event_id.bytes),),
        binary=True,
    ).fetchone()
    if found is None:
        msg = "cette entrée n'est plus au registre : sa promesse, si vous l'avez, le montre"
        raise NoReceiptError(msg)
    notification_id, line, *values = found
    kept = conn.execute("SELECT stage, text FROM ledger.receipt WHERE notification_id = %s", (notification_id,))
    return Row(*values), _Stored(notification_id, line, dict(kept.fetchall()))


def _text(conn: psycopg.Connection[Any], query: str, values: tuple[object, ...]) -> str:
    row = conn.execute(query.encode(), values).fetchone()
    assert row is not None  # noqa: S101 - a function gives one row
    return str(row[0])


def _accepts(policy: Policy, note: Note) -> bool:
    try:
        return policy.judge(note).accepted
    except NoteError:
        return False


def _first(sealed: SealedLog, position: int) -> Note | None:
    row = sealed.conn.execute(
        "SELECT size, note FROM ledger.checkpoint WHERE size >= %s ORDER BY size LIMIT 1", (position,)
    ).fetchone()
    return sealed.cosigned(row[0], row[1]) if row else None


def _cosigned(sealed: SealedLog, position: int) -> Iterator[Note]:
    """Checkpoints that hold ``position`` and have a cosignature, in order: the first ones, then by strides that double.

    Two checkpoints are made a second: where a witness was away for an hour, the first one that it cosigned afterwards
    is found in some twenty strides, or one not far from it; the last of all is always among them.
    """
    after, stride, tried = position, 1, 0
    while (found := _cosigned_from(sealed, after, "min")) is not None:
        size, note = found
        yield note
        tried += 1
        stride *= 2 if tried > ONE_BY_ONE else 1
        after = size + stride
    last = _cosigned_from(sealed, position, "max") if stride > 1 else None
    if last is not None:
        yield last[1]


def _cosigned_from(sealed: SealedLog, least: int, which: LiteralString) -> tuple[int, Note] | None:
    """The smallest (``min``) or largest (``max``) cosigned checkpoint of at least so many lines."""
    row = sealed.conn.execute(
        f"SELECT c.size, c.note FROM ledger.checkpoint AS c"
        f" WHERE c.size = (SELECT {which}(s.size) FROM ledger.cosignature AS s WHERE s.size >= %s)",
        (least,),
    ).fetchone()
    return None if row is None else (int(row[0]), sealed.cosigned(row[0], row[1]))

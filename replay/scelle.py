"""The line of one fact in the sealed log: what is hashed, its leaf, and the signed checkpoint that covers it."""

from dataclasses import dataclass
from hashlib import sha256

from ledger.coffre import Id
from ledger.entry import Entry
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.log import SealedLog
from ledger.seal.merkle import leaf_hash
from ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class Feuille:
    """The line that commits to a fact; it holds no personal data."""

    ligne: str
    """As it is hashed, in UTF-8."""
    empreinte: str
    """The leaf hash (RFC 6962), 64 hexadecimal digits."""
    index: int | None
    """Its place in the log, from 0; ``None`` while it is not sealed."""
    taille: int | None
    """The size of the first signed checkpoint that covers it; ``None`` while there is none."""
    signatures: tuple[str, ...] = ()
    """Who signed it."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the line alone."""
        return sha256(self.ligne.encode()).hexdigest()


def feuille(ledger: Ledger, entry: Entry) -> Feuille | None:
    """The line of ``entry``; ``None`` when the ledger does not hold it."""
    with ledger.connection() as conn:
        row = conn.execute(
            "SELECT e.line, l.position FROM ledger.entry AS e LEFT JOIN ledger.leaf AS l USING (notification_id)"
            " WHERE e.event_id = %b",
            (Id(entry.event_id.bytes),),
            binary=True,
        ).fetchone()
        if row is None:
            return None
        line, position = row
        note = SealedLog(conn).covering(position) if position is not None else None
    return Feuille(
        ligne=line,
        empreinte=leaf_hash(line.encode()).hex(),
        index=None if position is None else position - 1,
        taille=Checkpoint.parse(note.text).size if note is not None else None,
        signatures=tuple(each.name for each in note.signatures) if note is not None else (),
    )

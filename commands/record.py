"""The second door: what another system reports is recorded, lawful or not. Only what cannot be read is refused."""

from ledger.entry import Entry
from ledger.interchange import read_line
from ledger.store import Ledger


def record(ledger: Ledger, raw_line: bytes) -> tuple[Entry, ...]:
    """Record the fact that ``raw_line`` tells; the same line again gives the same entry.

    :raises UnreadableError: with every problem.
    :raises IdentityReusedError: its id already names another fact of the same person.
    """
    return ledger.append([read_line(raw_line)])

"""What the tests of mirrors do again and again."""

import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.database import SEALER
from ledger.mirror import subscription
from ledger.mirror.tables import MIRRORED
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.note import COSIGNATURE, Signer
from ledger.seal.policy import Policy
from replay.divergences import Comparison, compare
from tests.faits import faits
from tests.operations.conftest import Pair

WITNESS = Signer("temoin.test/un", COSIGNATURE, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def fill(pair: Pair, count: int, *, first: int = 1) -> None:
    """Record and seal so many facts, and have the checkpoint cosigned."""
    pair.ledger.append(list(faits(count, first=first)))
    note = pair.sealer.seal()
    assert note is not None
    with pair.ledger.database.acting_as(SEALER).connect() as conn:
        conn.execute(
            "INSERT INTO ledger.cosignature (size, witness, line) VALUES (%s, %s, %s)",
            (Checkpoint.parse(note.text).size, WITNESS.verifier.vkey, str(WITNESS.cosign(note.text, int(time.time())))),
        )


def both(pair: Pair, query: str) -> tuple[list[Any], list[Any]]:
    """What a query gives at the operator's and at the mirror."""
    return pair.rows(pair.ledger.database, query), pair.rows(pair.mirror, query)


def compared(pair: Pair) -> Comparison:
    """The mirror against the operator's database."""
    with pair.mirror.as_owner() as here, subscription.reading(pair.source) as there:
        return compare(here, there, pair.slot, patience=subscription.timedelta(seconds=10))


def policy(pair: Pair) -> Policy:
    """The log's own key, and one witness, which must have cosigned."""
    return Policy.parse(f"log {pair.keys.verifiers[0].vkey}\nwitness un {WITNESS.verifier.vkey}\nquorum un\n")


def same_everywhere(pair: Pair) -> bool:
    """Whether both sides hold the same rows of every table."""
    ordered = [f"SELECT * FROM ledger.{table.name} ORDER BY {', '.join(table.key)}" for table in MIRRORED]
    return all(here == there for here, there in (both(pair, query) for query in ordered))


REWRITE = (
    "DELETE FROM ledger.entry WHERE notification_id = 42;"
    " INSERT INTO ledger.entry (originator_id, originator_version, topic, state, subject, event_id, command_id,"
    " recorded_at, line, leaf_hash) SELECT '{0}', {1}, topic, state, subject, gen_random_uuid(), command_id,"
    " recorded_at, line, sha256(leaf_hash) FROM ledger.entry WHERE notification_id = 43"
)


def rewrite(pair: Pair) -> tuple[str, int]:
    """Put another entry in the place of one that the mirror has; where that is."""
    [(stream, place)] = pair.rows(
        pair.mirror, "SELECT originator_id::text, originator_version FROM ledger.entry WHERE notification_id = 42"
    )
    pair.tamper(REWRITE.format(stream, place))
    return stream, place

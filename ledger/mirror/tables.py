"""Which tables a mirror receives, and which never leave. A table of the ledger is in one list or in the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

SCHEMA: Final = "ledger"


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A table whose rows are only ever added. ``key``: what is unique in it, in whose order both sides are read."""

    name: str
    key: tuple[str, ...]


MIRRORED: Final = (
    Mirrored("log", ("one",)),
    Mirrored("entry", ("notification_id",)),
    Mirrored("leaf", ("position",)),
    Mirrored("sealing", ("last_position",)),
    Mirrored("tile", ("level", "n")),
    Mirrored("checkpoint", ("size",)),
    Mirrored("cosignature", ("size", "witness")),
    Mirrored("token", ("sha256",)),
    Mirrored("hold", ("subject", "hold", "act")),
    Mirrored("erasure", ("id",)),
    Mirrored("rewrapping", ("id",)),
    Mirrored("kek_end", ("kek_id", "act")),
    Mirrored("receipt", ("notification_id", "stage")),
    Mirrored("claimed_attempt", ("attempt", "turn")),
)
"""Nothing in these can be read without a person's key: ids, times, ciphertexts, commitments, hashes, signatures."""

WITHHELD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "person_key": "a copy of a key outlives its destruction",
        "shared_subject": "it tells which subjects are persons",
    }
)
"""What stays with the operator, and why."""

BY_NAME: Final[Mapping[str, Mirrored]] = MappingProxyType({table.name: table for table in MIRRORED})

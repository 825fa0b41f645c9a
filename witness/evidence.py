"""What shows that a log misbehaved: the checkpoint that it signed, whole, with what this witness had cosigned before.

One JSON file a checkpoint, named by the log, the kind and the digest of the checkpoint's text: sent again, it is kept
once; nothing is ever written over. Each kind of each log has room of its own, so that old checkpoints, which anybody
can send again, never take the place of a fork.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from ledger.seal import files
from ledger.seal.note import NoteError
from witness.core import Cosigned, Misconduct, Request

MAX_FILES: Final = 100
MAX_BYTES: Final = 1 << 24
"""Room for one kind of one log, in files and in octets (16 MiB)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence as it is listed. ``received_at``: RFC 3339, UTC, by this witness's clock."""

    path: Path
    kind: Misconduct
    received_at: str
    request: Request


def keep(folder: Path, origin: str, kind: Misconduct, request: Request, last: Cosigned | None, now: int) -> bool:
    """Write what was received (``now``: seconds since 1970); whether it is there now, which it is not for want of room.

    The log's lock is held by the caller.

    :raises OSError: the disk does not take it.
    """
    path = folder / f"{origin}-{kind}-{sha256(request.note.text.encode()).hexdigest()[:32]}.json"
    if path.exists():
        return True
    content = json.dumps(
        {
            "kind": kind,
            "received_at": datetime.fromtimestamp(now, UTC).isoformat(),
            "cosigned": bytes(last.note).decode() if last else None,
            "request": request.body.decode(),
        },
        ensure_ascii=False,
        indent=1,
    ).encode()
    sizes = [each.stat().st_size for each in folder.glob(f"{origin}-{kind}-*.json")]
    if len(sizes) >= MAX_FILES or sum(sizes) + len(content) > MAX_BYTES:
        return False
    files.replace(path, content)
    return True


def pieces(folder: Path) -> tuple[list[Piece], list[Path]]:
    """What is kept, the oldest first; and the files that cannot be read."""
    found: list[Piece] = []
    damaged: list[Path] = []
    for path in sorted(folder.glob("*.json")):
        try:
            stored = json.loads(path.read_bytes())
            request = Request.parse(stored["request"].encode())
            found.append(Piece(path, Misconduct(stored["kind"]), str(stored["received_at"]), request))
        except (NoteError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            damaged.append(path)
    return sorted(found, key=lambda piece: piece.received_at), damaged

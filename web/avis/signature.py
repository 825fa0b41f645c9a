"""How a message is signed: Standard Webhooks 1.0.0, symmetric (``v1``), by each secret that is valid."""

import secrets
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from hmac import digest
from typing import Final
from uuid import UUID

PREFIXE: Final = "whsec_"
"""How a secret begins, so that one that leaked is found by who looks for them."""
OCTETS: Final = 32


def tirer() -> bytes:
    """A new secret."""
    return secrets.token_bytes(OCTETS)


def montrer(secret: bytes) -> str:
    """A secret as its holder keeps it."""
    return PREFIXE + b64encode(secret).decode()


def entetes(message: UUID, corps: bytes, cles: Iterable[bytes], now: datetime) -> Mapping[str, str]:
    """The headers of a message: its name, the second of this try, its signatures.

    The name is hexadecimal digits, so that nothing that is signed holds a full stop but between its parts.
    """
    name, second = f"msg_{message.hex}", str(int(now.timestamp()))
    signed = f"{name}.{second}.".encode() + corps
    signatures = " ".join(f"v1,{b64encode(digest(each, signed, sha256)).decode()}" for each in cles)
    return {"webhook-id": name, "webhook-timestamp": second, "webhook-signature": signatures}

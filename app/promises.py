"""What hands receipts over for the open ledger, and the keys that sign their promises: for commands and pages alike."""

from pathlib import Path
from typing import Final

from app.open import Opened, policy_of
from app.settings import Settings
from ledger.errors import KeyFileError
from ledger.receipts import Receipts
from ledger.seal.promise import key_name, keys_at
from ledger.seal.signing import SigningKeys

KEYS: Final = "promises.json"


def receipts(settings: Settings, opened: Opened) -> Receipts:
    """What hands receipts over, for the open ledger."""
    return Receipts(opened.ledger, promise_keys(settings, opened), policy_of(settings))


def promise_keys(settings: Settings, opened: Opened) -> SigningKeys:
    """The keys that sign promises, made where there are none and nothing was ever promised.

    :raises KeyFileError: promises were made and the file is missing, or it is another log's.
    """
    path = keys_file(settings)
    if not path.exists():
        with opened.ledger.connection() as conn:
            promised = conn.execute("SELECT 1 FROM ledger.receipt LIMIT 1").fetchone()
        if promised is not None:
            msg = f"des promesses ont été signées et le fichier {path} manque : restaurez-le, rien n'a été modifié"
            raise KeyFileError(msg)
    return keys_at(path, key_name(opened.ledger.origin))


def keys_file(settings: Settings) -> Path:
    """Where they are kept."""
    return settings.seal_keys.with_name(KEYS)

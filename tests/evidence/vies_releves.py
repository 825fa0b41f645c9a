"""Lives for the tests of statements: entries without a database, of invented facts or of the worked cases."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

import app
from ledger.entry import Entry, Fait
from ledger.interchange import read_line

APPRIS: Final = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CAS: Final = Path(app.__file__).parent / "demo" / "cas.jsonl"


def entrees(faits: Iterable[Fait], appris: datetime = APPRIS) -> list[Entry]:
    """The entries of these facts, in this order, sealed one after another."""
    return [
        Entry(
            position=n,
            stream=uuid5(NAMESPACE_URL, f"{fait.personne}/{fait.flux}/{fait.objet}"),
            pos=n,
            subject=uuid5(NAMESPACE_URL, fait.personne or f"incident/{fait.objet}"),
            event_id=uuid5(NAMESPACE_URL, f"{fait.personne}/{fait.objet}/{fait.id}"),
            recorded_at=appris,
            fait=fait,
        )
        for n, fait in enumerate(faits, start=1)
    ]


def cas(personne: str) -> list[Entry]:
    """The entries of a worked case, those of incidents of nobody included."""
    faits = [read_line(line) for line in CAS.read_bytes().splitlines()]
    return entrees(each for each in faits if each.personne in {personne, None})

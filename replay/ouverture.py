"""Open one part of one entry, and nothing else: its salt and its value, from which anyone redoes the commitment.

The commitment in the leaf line is SHA-256(salt || canonical JSON of the value): with ``printf`` and ``sha256sum`` an
expert finds it again. Each part of each entry has a salt of its own, from which no other follows.
"""

import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

import msgspec

from ledger.coffre import Id, PersonKey
from ledger.errors import ConstatError, TamperedError
from ledger.mapper import Row
from ledger.rows import read_entries
from ledger.store import Ledger


class Partie(StrEnum):
    """Une partie d'une entrée, qui s'ouvre ou se tait seule."""

    FAIT = "fait"
    ACTEUR = "acteur"
    PIECES = "pieces"


@dataclass(frozen=True, slots=True)
class PartieOuverte:
    """One opened part. ``value`` is canonical JSON (RFC 8785): the bytes that the commitment is over."""

    partie: Partie
    pos: int
    salt: bytes
    value: bytes

    @property
    def committed(self) -> bytes:
        """The bytes whose SHA-256 is the commitment."""
        return self.salt + self.value

    def line(self) -> bytes:
        """``{"part","pos","salt","value"}`` as canonical JSON, without an end of line."""
        head = f'{{"part":"{self.partie.value}","pos":{self.pos},"salt":"{self.salt.hex()}","value":'
        return head.encode() + self.value + b"}"


def ouvrir(ledger: Ledger, personne: str, entree: str, partie: Partie) -> PartieOuverte:
    """Open a part of the entry ``entree`` of a person: the fact's id at its source, or its ``event_id``.

    :raises ConstatError: the person, the entry or the part is not known.
    :raises TamperedError: it does not open, or its commitment is not that of the line.
    """
    with ledger.connection() as conn:
        reference = unicodedata.normalize("NFC", personne)
        key = ledger.coffre.find(conn, [reference]).get(reference)
        rows = read_entries(conn, "event_id = ANY(%b)", _event_ids(key, entree)) if key is not None else []
        hers = [row for row in rows if key is not None and row.subject == key.subject]
        if key is None or not hers:
            msg = f"aucune entrée « {entree} » pour « {personne} » : vérifiez l'une et l'autre"
            raise ConstatError(msg)
        found = conn.execute("SELECT line FROM ledger.entry WHERE event_id = %b", (Id(hers[0].event_id),)).fetchone()
    return _ouverte(ledger, key, hers[0], found[0] if found else "{}", partie)


def _event_ids(key: PersonKey, entree: str) -> list[Id]:
    """What an entry may be named by: the id of its fact, and, when it reads as one, the id of the event."""
    named = [key.event_id(unicodedata.normalize("NFC", entree))]
    with suppress(ValueError):
        named.append(Id(UUID(entree).bytes))
    return named


def _ouverte(ledger: Ledger, key: PersonKey, row: Row, line: str, partie: Partie) -> PartieOuverte:
    value = ledger.entries.open_parts(row, key).get(partie.value)
    if value is None:
        msg = f"cette entrée n'a pas de partie « {partie.value} »"
        raise ConstatError(msg)
    opened = PartieOuverte(partie, row.pos, key.salt(row.event_id, partie.value.encode()), value)
    if msgspec.json.decode(line)["c"].get(partie.value) != sha256(opened.committed).hexdigest():
        msg = "l'engagement de la ligne n'est pas celui de cette partie : lancez « constat verify »"
        raise TamperedError(msg)
    return opened

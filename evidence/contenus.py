"""Which parts of a person's facts an export opens, which it withholds and why; the documents that the open ones cite.

A line commits to each part apart, so that one can stay closed and the rest verify. What names somebody else stays
closed unless the addressee may read it; what the person keeps back stays closed, and is named.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg

from evidence.noms import en_ascii, nom_de_fichier
from ledger.coffre import Id, PersonKey
from ledger.entry import Entry, Piece
from ledger.events.acces import CompteChange, DossierConsulte, RechercheEffectuee
from ledger.mapper import EntryMapper
from ledger.rows import read_entries
from replay.tiers import Masque

PARTS: Final = ("acteur", "fait", "pieces")
TIERS: Final = "désigne une autre personne"
REGARD: Final = "qui a regardé le dossier, que la personne seule peut demander"
GARDEE: Final = "non montrée à la demande de la personne"


class Contenu(NamedTuple):
    """A part that is opened. ``valeur``: the canonical JSON that its commitment is of; ``sel``: 32 bytes."""

    flux: bytes
    pos: int
    part: str
    sel: bytes
    valeur: bytes

    @property
    def texte(self) -> bytes:
        """The part as a bundle writes it, on one line."""
        head = (
            f'{{"part":"{self.part}","pos":{self.pos},"salt":"{self.sel.hex()}","stream":"{self.flux.hex()}","value":'
        )
        return head.encode() + self.valeur + b"}"


class Retenue(NamedTuple):
    """A part that stays closed, and why, in French."""

    flux: bytes
    pos: int
    part: str
    motif: str


class Citation(NamedTuple):
    """Where a document is cited: the fact by stream and place, the number in the fact, from 1."""

    flux: bytes
    pos: int
    n: int


class Citee(NamedTuple):
    """A document that opened parts cite. ``fichier``: its name in the export; ``None``: not in it, for ``motif``."""

    piece: Piece
    cite_par: tuple[Citation, ...]
    fichier: str | None
    motif: str = ""


def retenues(
    personne: str, entries: Sequence[Entry], gardees: Collection[str] = (), *, tiers: bool = False
) -> dict[tuple[UUID, str], str]:
    """By fact and part, what is withheld of ``entries`` and why.

    ``gardees``: the ids of facts that the person keeps back; ``tiers``: the addressee may read who else is named.
    """
    masque = Masque(personne, entries)
    closed: dict[tuple[UUID, str], str] = {}
    for entry in entries:
        shown = entry if tiers else masque.entry(entry)
        if shown.fait.acteur != entry.fait.acteur:
            closed[entry.event_id, "acteur"] = TIERS
        if shown.fait.evenement != entry.fait.evenement:
            closed[entry.event_id, "fait"] = TIERS
        if not tiers and isinstance(entry.fait.evenement, (DossierConsulte, RechercheEffectuee, CompteChange)):
            closed |= {(entry.event_id, part): REGARD for part in ("fait", "acteur")}
        if not tiers and entry.fait.personne is None and entry.fait.pieces:
            closed[entry.event_id, "pieces"] = TIERS
        if entry.fait.id in gardees:
            closed |= {(entry.event_id, part): GARDEE for part in ("fait", "pieces")}
    return closed


def ouvrir(
    conn: psycopg.Connection[Any],
    mapper: EntryMapper,
    keys: Mapping[bytes, PersonKey],
    montres: Collection[bytes],
    fermees: Mapping[tuple[UUID, str], str],
) -> tuple[list[Contenu], list[Retenue]]:
    """Open the parts of the facts ``montres`` (event ids) of the subjects of ``keys``, save those that are ``fermees``.

    Both come by stream, place and part.
    """
    opened: list[Contenu] = []
    withheld: list[Retenue] = []
    for row in read_entries(conn, "subject = ANY(%b)", [Id(each) for each in keys]):
        if row.event_id not in montres:
            continue
        key = keys[row.subject]
        for part, value in mapper.open_parts(row, key).items():
            why = fermees.get((UUID(bytes=row.event_id), part))
            if why is None:
                opened.append(Contenu(row.stream, row.pos, part, key.salt(row.event_id, part.encode()), value))
            else:
                withheld.append(Retenue(row.stream, row.pos, part, why))
    return sorted(opened), sorted(withheld)


def citations(
    entries: Iterable[Entry], fermees: Mapping[tuple[UUID, str], str]
) -> dict[str, tuple[Piece, list[Citation]]]:
    """By digest, the documents that the open ``entries`` cite, and where, in the order of their first citation."""
    cited: dict[str, tuple[Piece, list[Citation]]] = {}
    for entry in entries:
        if (entry.event_id, "pieces") not in fermees:
            for n, piece in enumerate(entry.fait.pieces, start=1):
                cited.setdefault(piece.sha256, (piece, []))[1].append(Citation(entry.stream.bytes, entry.pos, n))
    return cited


def nommees(pieces: Iterable[tuple[Piece, Sequence[Citation], str]]) -> Iterator[Citee]:
    """Name the documents for ``data/pieces/``: numbered from 1, under the name that their source gave, in ASCII.

    Of each: the document, where it is cited, and its ending by its first bytes (``pdf`` …).
    """
    for numero, (piece, where, ending) in enumerate(pieces, start=1):
        label = en_ascii(piece.nom.rpartition(".")[0] or piece.nom)
        written = label if any(each.isalpha() for each in label) else f"piece {label}".strip()
        yield Citee(piece, tuple(sorted(where)), nom_de_fichier(numero, written, extension=ending))

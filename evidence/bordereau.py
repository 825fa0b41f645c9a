"""Les pièces du dossier d'une personne : les documents que citent ses faits, nommés par eux, rangés comme une requête.

Un libellé dit la nature du fait et son jour, jamais un nom. Les documents homogènes sont groupés par séries, que
l'inventaire énumère pièce par pièce. Ce qui compte contre la personne ne s'écarte pas.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from evidence.bordereau_noms import Rang, nom_de
from evidence.inventaire import Inventaire, Piece
from evidence.procedures import Affaire
from evidence.procedures.contre import faits_contraires
from evidence.produit import gardes
from ledger.days import Jours
from ledger.entry import Entry
from ledger.entry import Piece as Cite
from ledger.errors import ConstatError
from ledger.francais import jour
from projections.francais import jours

ABREGE: Final = 8
"""Digits of a digest that may name a document, when no other begins so."""
SANS_EMPREINTE: Final = "0" * 64
"""What stands for the digest of the report while the report itself is being written."""


class EcarteError(ConstatError):
    """Une pièce ne peut pas être écartée."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """Un document à inscrire : ce qu'il est, sa place, les faits qui le citent."""

    sha256: str
    """Of the document as the ledger knows it, or as it was given."""
    octets: int
    libelle: str
    rang: Rang
    jour: date
    """The first day of the first fact that cites it; of a file that was given, the day of the export."""
    serie: str | None = None
    """The homogeneous series that it may join."""
    faits: tuple[UUID, ...] = ()
    contraire: str | None = None
    """Why it cannot be left out; ``None`` when it can."""


class Retenue(msgspec.Struct, frozen=True, kw_only=True):
    """Ce que le dossier ne montre pas, et pourquoi."""

    libelle: str
    sha256: str | None
    motif: str
    faits: tuple[UUID, ...] = ()


def documents(a: Affaire) -> tuple[Document, ...]:
    """Every document that the facts of the person cite, each once, in the order of a request.

    What is kept of an earlier export is none: it holds the facts that the documents are about.
    """
    cited: dict[str, list[tuple[Entry, int]]] = {}
    pieces: dict[str, Cite] = {}
    for entry in a.siennes:
        for place, piece in _citees(entry):
            cited.setdefault(piece.sha256, []).append((entry, place))
            pieces.setdefault(piece.sha256, piece)
    against = faits_contraires(a)
    found = [_document(pieces[digest], told, against) for digest, told in cited.items()]
    return tuple(sorted(_distincts(found), key=lambda d: (d.rang, d.jour)))


def _citees(entry: Entry) -> list[tuple[int, Cite]]:
    """The documents that a fact cites, with their places; what is kept of an earlier export is none."""
    kept = gardes(entry.fait)
    return [(place, piece) for place, piece in enumerate(entry.fait.pieces) if piece not in kept]


def _document(piece: Cite, told: Sequence[tuple[Entry, int]], against: Mapping[UUID, str]) -> Document:
    first, place = min(told, key=_ordre)
    name = nom_de(first.fait.evenement)
    whole = len({each.sha256 for each in first.fait.pieces})
    part = f", document {place + 1} sur {whole}" if whole > 1 else ""
    facts = tuple(dict.fromkeys(entry.event_id for entry, _ in told))
    days = first.fait.survenu.jours
    return Document(
        sha256=piece.sha256,
        octets=piece.octets,
        libelle=f"{name.nom}{_date(days)}{part}",
        rang=name.rang,
        jour=days.premier,
        serie=name.serie,
        faits=facts,
        contraire=next((against[each] for each in facts if each in against), None),
    )


def _ordre(told: tuple[Entry, int]) -> tuple[Rang, date, int, int]:
    entry, place = told
    return nom_de(entry.fait.evenement).rang, entry.fait.survenu.jours.premier, entry.event_id.int, place


def _date(days: Jours) -> str:
    return f" du {jours(days)}" if days.exact else f", {jours(days)}"


def _distincts(found: Iterable[Document]) -> Iterator[Document]:
    """The same, those of one label told apart by a number."""
    seen: dict[str, int] = {}
    for each in sorted(found, key=lambda d: (d.rang, d.jour, d.faits)):
        seen[each.libelle] = number = seen.get(each.libelle, 0) + 1
        yield each if number == 1 else msgspec.structs.replace(each, libelle=f"{each.libelle} ({number})")


def absences(a: Affaire, connues: Iterable[Entry], dits: Iterable[str | None]) -> Iterator[Retenue]:
    """The documents that the ledger knows and this file does not hold: of incidents of all, of replaced facts.

    ``connues``: every entry of hers that was known at the moment of the file; ``dits``: the digests told already.
    """
    there = set(dits)
    shared = [entry for entry in a.lue.entries if entry.fait.personne is None]
    hers = [entry for entry in connues if entry.fait.personne is not None]
    for found, why in ((shared, _POUR_TOUS), (hers, _REMPLACE)):
        for entry in found:
            for _, piece in _citees(entry):
                if piece.sha256 not in there and entry.fait.survenu.jours.premier <= a.au:
                    there.add(piece.sha256)
                    name = f"{nom_de(entry.fait.evenement).nom}{_date(entry.fait.survenu.jours)}"
                    yield Retenue(libelle=name, sha256=piece.sha256, motif=why, faits=(entry.event_id,))


_POUR_TOUS: Final = (
    "document d'un incident déclaré pour tous, qui peut nommer d'autres personnes : demandez-le, joignez-le par --add"
)
_REMPLACE: Final = "le fait qui le cite a été remplacé par une correction"


# --------------------------------------------------------------------------- series


def en_series(found: Sequence[Document]) -> list[Piece]:
    """The pieces to inscribe, series of two documents at least grouped under one label that gives their days."""
    members: dict[str, list[Document]] = {}
    for each in found:
        if each.serie is not None:
            members.setdefault(each.serie, []).append(each)
    labels = {name: _libelle(name, group) for name, group in members.items() if len(group) > 1}
    return [Piece(libelle=each.libelle, sha256=each.sha256, serie=labels.get(each.serie or "")) for each in found]


def _libelle(name: str, group: Sequence[Document]) -> str:
    return f"{name}, {_periode(min(d.jour for d in group), max(d.jour for d in group))}"


def _periode(first: date, last: date) -> str:
    """« du 2 au 20 octobre 2025 »: a year and a month are said once where they are the same."""
    if first == last:
        return f"le {jour(first)}"
    day, month, year = jour(first).split()
    kept = [day, *([month] if first.month != last.month or first.year != last.year else [])]
    kept += [year] if first.year != last.year else []
    return f"du {' '.join(kept)} au {jour(last)}"


def a_inscrire(found: Iterable[Document], inventaire: Inventaire) -> list[Document]:
    """Those that the inventory does not hold yet: a document keeps its number, whatever is learned of it later."""
    there = {ligne.piece.sha256 for ligne in inventaire.lignes}
    return [each for each in found if each.sha256 not in there]


# --------------------------------------------------------------------------- what is left out


def ecarter(
    found: Sequence[Document], choix: Iterable[str], propose: Inventaire, deja: Inventaire
) -> tuple[list[Document], list[Retenue]]:
    """``found`` without those that ``choix`` names, by number of ``propose`` or by digest, and what was left out.

    :raises EcarteError: one is not known, is inscribed already, or counts against the person.
    """
    out: dict[str, Document] = {}
    for each in choix:
        chosen = _designe(each, found, propose, deja)
        if chosen.contraire is not None:
            msg = (
                f"« {chosen.libelle} » ne peut pas être écartée : {chosen.contraire.rstrip('.')}. Un dossier qui la"
                " tairait ne prouverait rien."
            )
            raise EcarteError(msg)
        out[chosen.sha256] = chosen
    motif = "écartée à la demande de qui a produit le dossier"
    left = [Retenue(libelle=d.libelle, sha256=d.sha256, motif=motif, faits=d.faits) for d in out.values()]
    return [each for each in found if each.sha256 not in out], left


def _designe(text: str, found: Sequence[Document], propose: Inventaire, deja: Inventaire) -> Document:
    if text.isascii() and text.isdigit() and len(text) < ABREGE:
        digests = [ligne.piece.sha256 for ligne in propose.lignes if ligne.numero == int(text)]
    else:
        digests = sorted({d.sha256 for d in found if len(text) >= ABREGE and d.sha256.startswith(text.lower())})
        digests += [
            ligne.piece.sha256
            for ligne in deja.lignes
            if len(text) >= ABREGE and ligne.piece.sha256.startswith(text.lower())
        ]
    if len(set(digests)) > 1:
        msg = f"« {text[:64]} » désigne plusieurs pièces : donnez l'empreinte entière"
        raise EcarteError(msg)
    if any(ligne.piece.sha256 in digests for ligne in deja.lignes):
        msg = f"la pièce « {text[:64]} » est inscrite à l'inventaire donné : une pièce inscrite ne se retire pas"
        raise EcarteError(msg)
    chosen = next((d for d in found if d.sha256 in digests), None)
    if chosen is None:
        msg = (
            f"« {text[:64]} » ne désigne aucune pièce qui puisse être écartée : donnez un numéro que montre --check, ou"
            f" au moins {ABREGE} chiffres de l'empreinte"
        )
        raise EcarteError(msg)
    return chosen

"""Le dossier d'une procédure avant qu'il ne soit fait : ce qu'il montrera, ce qui manque, ce qui le ferait échouer."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from evidence.bordereau import (
    SANS_EMPREINTE,
    Document,
    Retenue,
    a_inscrire,
    absences,
    documents,
    ecarter,
    en_series,
)
from evidence.bordereau_noms import Rang
from evidence.controle import LIMITE, MO
from evidence.inventaire import Inventaire
from evidence.noms import IntituleError, nom_de_fichier
from evidence.procedures import ADocumenter, Affaire, Piege, Procedure, a_documenter, affaire, pieges
from ledger.entry import Entry
from ledger.entry import Piece as Cite
from ledger.errors import ConstatError
from ledger.francais import jour
from ledger.retained import known
from replay.as_of import Moment

JAMAIS_RECU: Final = "annoncé au registre, jamais reçu"


class PieceError(ConstatError):
    """Une pièce ne peut pas être déposée telle quelle."""


class Ajout(NamedTuple):
    """Un fichier donné par l'avocat, et ce qu'il contient."""

    libelle: str
    chemin: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is asked for."""

    procedure: Procedure
    moment: Moment
    deja: Inventaire = field(default_factory=Inventaire)
    """The inventory of what was filed before: its numbers stay."""
    precedent: Path | None = None
    """The folder that was filed with it, where its files are taken from."""
    ajouts: tuple[Ajout, ...] = ()
    ecartees: tuple[str, ...] = ()
    """Numbers of the proposed inventory, or digests."""
    conversions: tuple[tuple[str, Path], ...] = ()
    """Digest of a document that is no PDF, and the PDF made of it."""
    limite: int = LIMITE
    """Bytes a file may have."""
    series: bool = True
    """Whether homogeneous documents are grouped."""
    scinder: bool = False
    """Whether a series that is too heavy is put in several files."""
    affaire: str | None = None
    """What stands under the title of the inventory."""


class Projet(NamedTuple):
    """What the file will be, before anything of it is made."""

    options: Options
    affaire: Affaire
    a_documenter: ADocumenter
    pieges: tuple[Piege, ...]
    documents: tuple[Document, ...]
    """Those of the whole file, filed before or not, in the order of a request."""
    inventaire: Inventaire
    """As proposed: each piece by the digest of its document; that of the report by zeros."""
    retenues: tuple[Retenue, ...]

    @property
    def rapport(self) -> bool:
        """Whether the report is to be a piece of it."""
        return any(each.sha256 == SANS_EMPREINTE for each in self.documents)

    @property
    def nouvelles(self) -> list[Document]:
        """The documents to inscribe."""
        return a_inscrire(self.documents, self.options.deja)


def projeter(entries: Sequence[Entry], options: Options, *, recu: Callable[[Cite], bool], rapport: bool) -> Projet:
    """The file that ``options`` ask for of the person whose ``entries`` these are.

    ``recu``: whether the content of a document is there. ``rapport``: whether the report is a piece of it, where
    anything was known to report.

    :raises ConstatError: a document that may not be left out was, or a file that was given cannot be taken.
    """
    a, seen = affaire(entries, options.moment), known(entries, options.moment.connu_le)
    found, lost = _recus(a, documents(a), recu)
    given = [*found, *([_rapport(a)] if rapport and seen else []), *_ajouts(a, options, found)]
    ordered = sorted(given, key=lambda d: d.rang)
    proposed = _proposer(ordered, options)
    kept, left = ecarter(ordered, options.ecartees, proposed, options.deja)
    return Projet(
        options=options,
        affaire=a,
        a_documenter=a_documenter(options.procedure, a),
        pieges=pieges(options.procedure, a),
        documents=tuple(kept),
        inventaire=_proposer(kept, options),
        retenues=(*left, *lost, *absences(a, seen, {*(d.sha256 for d in ordered), *(r.sha256 for r in lost)})),
    )


def _recus(a: Affaire, found: Iterable[Document], recu: Callable[[Cite], bool]) -> tuple[list[Document], list[Retenue]]:
    pieces = {piece.sha256: piece for entry in a.siennes for piece in entry.fait.pieces}
    there, lost = [], []
    for each in found:
        if recu(pieces[each.sha256]):
            there.append(each)
        else:
            lost.append(Retenue(libelle=each.libelle, sha256=each.sha256, motif=JAMAIS_RECU, faits=each.faits))
    return there, lost


def _rapport(a: Affaire) -> Document:
    return Document(
        sha256=SANS_EMPREINTE,
        octets=0,
        libelle=f"Rapport de preuve tiré du registre, vu le {jour(a.au)}",
        rang=Rang.RAPPORT,
        jour=a.au,
        contraire="il dit aussi ce qui va en sens contraire",
    )


def _ajouts(a: Affaire, options: Options, found: Iterable[Document]) -> list[Document]:
    there = {each.sha256 for each in found}
    told: dict[str, Document] = {}
    for each in options.ajouts:
        digest, octets = mesurer(each.chemin, options.limite)
        intitule(each.libelle)
        if digest not in there:
            told[digest] = Document(
                sha256=digest, octets=octets, libelle=each.libelle.strip(), rang=Rang.AJOUTS, jour=a.au
            )
    return list(told.values())


def intitule(libelle: str) -> None:
    """:raises IntituleError: this label could not name a file that says what it holds, whatever its number."""
    name = nom_de_fichier(9_999, libelle)
    if re.search("[A-Za-z]{3}", name.removesuffix(".pdf")) is None:
        msg = f"« {libelle[:60]} » ne dit pas ce que la pièce contient : donnez un libellé en toutes lettres"
        raise IntituleError(msg)


def mesurer(path: Path, limite: int) -> tuple[str, int]:
    """Digest and bytes of a file that was given.

    :raises PieceError: it is heavier than a file may be.
    """
    octets = path.stat().st_size
    if octets > limite:
        size = f"{octets / MO:.1f} Mo, la limite est {limite / MO:g} Mo"
        msg = f"« {path.name} » a {size} : réduisez-le avant de le joindre"
        raise PieceError(msg)
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest(), octets


def _proposer(found: Sequence[Document], options: Options) -> Inventaire:
    return options.deja.avec(en_series(grouper(a_inscrire(found, options.deja), series=options.series)))


def grouper(found: Sequence[Document], *, series: bool) -> list[Document]:
    """The documents, out of any series when none is wanted."""
    return list(found) if series else [msgspec.structs.replace(each, serie=None) for each in found]

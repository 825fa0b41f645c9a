"""The documents of a file, each as the PDF that will be filed: taken from the store, looked at, put on a page.

Every document that cannot be filed is named with its way out before anything is refused: one answer, not one a run.
"""

import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from app.open import Opened
from evidence.bordereau import SANS_EMPREINTE, Document
from evidence.controle import MO
from evidence.examen import ALERTES, REFUS, Examen, examiner
from evidence.images import ImageError, en_pdf, image_de
from evidence.tribunal import Options, PieceError, mesurer
from ledger.coffre import PersonKey
from ledger.entry import Piece
from ledger.errors import TamperedError

COURT: Final = 12
"""Digits of a digest that are shown to name a document."""


class Pret(NamedTuple):
    """A document as it will be filed."""

    chemin: Path
    depose: str | None
    """The digest of the file, when it is not the document itself."""
    octets: int
    examen: Examen | None
    """``None`` for a page of our own making."""

    @property
    def joignable(self) -> bool:
        """Whether it may be put in one file with others."""
        return self.examen is None or self.examen.joignable

    @property
    def alertes(self) -> tuple[str, ...]:
        """What should be known of it, in French."""
        return () if self.examen is None else tuple(ALERTES[each] for each in self.examen.alertes)


class _Source(NamedTuple):
    document: Document
    chemin: Path
    converti: bool


def preparer(
    opened: Opened, person: str, found: Iterable[Document], pieces: Mapping[str, Piece], options: Options, folder: Path
) -> dict[str, Pret]:
    """Each of ``found`` as a PDF in ``folder``, by the digest of its document; the report is left aside.

    ``pieces``: how the ledger knows the documents that it holds.

    :raises PieceError: some of them cannot be filed as they are; all of them are named.
    """
    with opened.ledger.connection() as conn:
        key = opened.ledger.coffre.find(conn, [person]).get(person)
    given = {mesurer(each.chemin, options.limite)[0]: each.chemin for each in options.ajouts}
    made = _conversions(options, found := [each for each in found if each.sha256 != SANS_EMPREINTE])
    refused: list[str] = []
    sources: list[_Source] = []
    for number, each in enumerate(found, start=1):
        if each.sha256 in made:
            sources.append(_Source(each, made[each.sha256], converti=True))
        elif each.octets > options.limite:
            refused.append(_trop_lourd(each, options.limite))
        elif each.sha256 in given:
            sources.append(_Source(each, given[each.sha256], converti=False))
        else:
            path = folder / f"{number:05}"
            why = _copie(opened, key, pieces[each.sha256], path, options.limite)
            if why is None:
                sources.append(_Source(each, path, converti=False))
            else:
                refused.append(_dire(each, why))
    ready = _mettre_en_pdf(sources, folder, refused, options.limite)
    if refused:
        raise PieceError("\n".join(["des pièces ne peuvent pas être déposées telles quelles :", *refused]))
    return ready


def _conversions(options: Options, found: Iterable[Document]) -> dict[str, Path]:
    """The PDF made of each document that was converted, by the digest of the document."""
    made: dict[str, Path] = {}
    for digest, path in options.conversions:
        named = [each.sha256 for each in found if each.sha256.startswith(digest.lower())]
        if len(named) != 1:
            msg = f"--converted {digest[:64]} : ce début d'empreinte ne désigne pas une pièce et une seule"
            raise PieceError(msg)
        mesurer(path, options.limite)
        made[named[0]] = path
    return made


def _copie(opened: Opened, key: PersonKey | None, piece: Piece, path: Path, limite: int) -> str | None:
    """Write the document, chunk by chunk; why it could not be, in French."""
    try:
        if key is None:
            return "ses clés ne sont plus là"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in opened.documents.read(key, piece):
                file.write(chunk)
                if file.tell() > limite:
                    return f"elle a plus de {limite / MO:g} Mo, quoi qu'en dise le fait : réduisez sa définition"
    except FileNotFoundError:
        return "il n'est plus au dépôt de documents"
    except TamperedError:
        return "il ne s'ouvre pas : modifié ou coupé"
    return None


def _mettre_en_pdf(sources: list[_Source], folder: Path, refused: list[str], limite: int) -> dict[str, Pret]:
    ready: dict[str, Pret] = {}
    documents: list[_Source] = []
    for each in sources:
        try:
            image = image_de(each.chemin)
            if image is None:
                documents.append(each)
                continue
            said = each.document
            page = en_pdf(each.chemin, image, said.libelle, said.sha256, said.jour, limite=limite)
        except ImageError as error:
            refused.append(_dire(each.document, str(error)))
            continue
        path = folder / f"{each.document.sha256}.pdf"
        path.write_bytes(page)
        ready[each.document.sha256] = Pret(path, sha256(page).hexdigest(), len(page), None)
    for each, known in zip(documents, examiner([each.chemin for each in documents]), strict=True):
        if known.refus is not None:
            refused.append(_dire(each.document, REFUS[known.refus]))
        else:
            filed = mesurer(each.chemin, each.chemin.stat().st_size)
            depose = filed[0] if each.converti else None
            ready[each.document.sha256] = Pret(each.chemin, depose, filed[1], known)
    return ready


def _dire(each: Document, why: str) -> str:
    """Why a document cannot be filed, and the way out."""
    short = each.sha256[:COURT]
    leave = "" if each.contraire is not None else f", ou écartez-la par --without {short}"
    convert = f"Convertissez-la en PDF et donnez-la par --converted {short}=FICHIER"
    return f"- {each.libelle} ({short}) : {why}. {convert}{leave}."


def _trop_lourd(each: Document, limite: int) -> str:
    return _dire(each, f"elle a {each.octets / MO:.1f} Mo, la limite est {limite / MO:g} Mo : réduisez sa définition")

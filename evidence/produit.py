"""What an export is made of: files made for it, stored documents given as they are; written whole, kept to be redone.

The documents are not kept twice: an export is kept as its own files, with the names and digests of the documents that
go with them. So it comes again byte for byte, whatever happened since to the program, the law or the ledger.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final
from uuid import uuid4

from evidence import archive, sac
from evidence.archive import Membre
from ledger import canonical
from ledger.entry import Fait, Piece
from ledger.errors import ConstatError, TamperedError
from ledger.events.acces import ExportProduit

INDEX: Final = "export.json"
_GARDE: Final = "export-{}.zip"
Lecture = Callable[[Piece], Iterator[bytes]]
"""Gives a stored document, chunk by chunk; raises ``TamperedError`` or ``FileNotFoundError``."""


class Forme(StrEnum):
    """How an export is written: as an archive, a folder or a single file."""

    ARCHIVE = "archive"
    DOSSIER = "dossier"
    FICHIER = "fichier"


def nom_garde(export: str) -> str:
    """The name of the document in which an export is kept."""
    return _GARDE.format(export)


def gardes(fait: Fait) -> tuple[Piece, ...]:
    """Of the documents that a fact cites, those in which an export is kept to be made again: they are nobody's piece.

    Known by the act and its id: a document of a person may have any name.
    """
    event = fait.evenement
    if not isinstance(event, ExportProduit) or event.export is None:
        return ()
    return tuple(piece for piece in fait.pieces if piece.nom == nom_garde(event.export))


@dataclass(frozen=True, slots=True)
class Produit:
    """An export. ``nom``: of its archive's root, its folder or its file; paths in it are relative, in ASCII."""

    nom: str
    forme: Forme
    fichiers: Mapping[str, bytes]
    documents: Mapping[str, Piece] = field(default_factory=dict)
    sujets: tuple[bytes, ...] = ()
    """The incidents that are nobody's (16 bytes each) whose documents are among them."""

    @property
    def empreinte(self) -> str:
        """SHA-256, in hex, that names it: of a bag its list of lists, of a file its bytes, of a folder its list."""
        if sac.TAGS in self.fichiers:
            return sha256(self.fichiers[sac.TAGS]).hexdigest()
        if self.forme is Forme.FICHIER:
            return sha256(next(iter(self.fichiers.values()))).hexdigest()
        return sha256(sac.liste(sac.empreintes(self.fichiers, self.documents))).hexdigest()

    @property
    def octets(self) -> int:
        """How many bytes its files have."""
        return sum(map(len, self.fichiers.values())) + sum(each.octets for each in self.documents.values())

    def garder(self) -> bytes:
        """What is kept of it: one archive, its documents by their digests only; names, of any script, in the index."""
        index = {
            "documents": {name: [each.nom, each.octets, each.sha256] for name, each in self.documents.items()},
            "fichiers": list(self.fichiers),
            "forme": self.forme.value,
            "format": "constat/export/1",
            "nom": self.nom,
            "sujets": [each.hex() for each in self.sujets],
        }
        kept = {INDEX: canonical.encode(index)}
        kept |= {f"f/{place:05}": content for place, content in enumerate(self.fichiers.values())}
        buffer = BytesIO()
        archive.ecrire(buffer, "export", [Membre(name, len(kept[name]), [kept[name]]) for name in sorted(kept)])
        return buffer.getvalue()

    @classmethod
    def garde(cls, kept: bytes) -> "Produit":
        """The export that was kept.

        :raises TamperedError: these bytes are not of one.
        """
        try:
            files = dict(archive.lire(BytesIO(kept)))
            index = canonical.decode(files.pop(INDEX))
            documents = {
                name: Piece(nom=nom, octets=octets, sha256=digest)
                for name, (nom, octets, digest) in index["documents"].items()
            }
            return cls(
                index["nom"],
                Forme(index["forme"]),
                {name: files[f"f/{place:05}"] for place, name in enumerate(index["fichiers"])},
                documents,
                tuple(map(bytes.fromhex, index["sujets"])),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            msg = "l'export gardé est illisible : il a été modifié"
            raise TamperedError(msg) from error

    def ecrire(self, place: Path, lire: Lecture) -> None:
        """Write it to ``place``, which must not exist: whole, on the disk, readable by this user only, or not at all.

        :raises ConstatError: something is there already, or a document is missing or altered.
        """
        if place.exists() or place.is_symlink():
            msg = f"« {place.name} » existe déjà : donnez un autre nom, ou retirez-le"
            raise ConstatError(msg)
        beside = place.with_name(f".{place.name}.partiel-{uuid4().hex[:12]}")
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            if self.forme is Forme.DOSSIER:
                self._folder(beside, lire)
            else:
                self._file(beside, lire)
            beside.rename(place)
            _sync(place.parent)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
            with suppress(OSError):
                beside.unlink()

    def _membres(self, lire: Lecture) -> Iterator[Membre]:
        for name in sorted((*self.fichiers, *self.documents), key=str.encode):
            content = self.fichiers.get(name)
            if content is not None:
                yield Membre(name, len(content), [content])
            else:
                piece = self.documents[name]
                yield Membre(name, piece.octets, _lue(lire, piece))

    def _file(self, path: Path, lire: Lecture) -> None:
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "r+b") as file:
            if self.forme is Forme.ARCHIVE:
                archive.ecrire(file, self.nom, self._membres(lire))
            else:
                file.write(next(iter(self.fichiers.values())))
            file.flush()
            os.fsync(file.fileno())

    def _folder(self, folder: Path, lire: Lecture) -> None:
        folder.mkdir(mode=0o700)
        for member in self._membres(lire):
            path = folder / member.nom
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                for chunk in member.contenu:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        for place in (*(path for path in folder.rglob("*") if path.is_dir()), folder):
            _sync(place)


def _lue(lire: Lecture, piece: Piece) -> Iterator[bytes]:
    """A document, chunk by chunk.

    :raises ConstatError: it is missing or altered; where nothing can be written is another error, told as such.
    """
    try:
        yield from lire(piece)
    except (FileNotFoundError, TamperedError) as error:
        msg = f"la pièce « {piece.nom} » manque au dépôt de documents, ou y a été modifiée : rien n'est écrit"
        raise ConstatError(msg) from error


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The folder that a lawyer files: one PDF a piece, the inventory, nothing half written.

``requete/`` holds what is uploaded; ``inventaire.json`` keeps the numbers for the next filing; ``export.json`` says
what was shown, what was left out and why. The folder is whole or not there: written beside its place, checked as the
court would, given its name when all is on the disk.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4

import msgspec

from app.open import Opened
from app.tribunal_files import Pret, preparer
from evidence.bordereau import SANS_EMPREINTE, en_series
from evidence.controle import MO, controler
from evidence.documents import inventaire_pdf
from evidence.examen import reunir
from evidence.inventaire import Fichier, Inventaire, Ligne, Piece
from evidence.noms import en_ascii
from evidence.tribunal import PieceError, Projet, grouper
from ledger.errors import ConstatError
from replay.as_of import plain

FORMAT: Final = "constat/tribunal/1"
REQUETE: Final = "requete"
INVENTAIRE: Final = "inventaire.json"
EXPORT: Final = "export.json"
DETAILLE: Final = "Inventaire detaille.pdf"
LONGUEUR: Final = 64 << 20
"""Bytes of a summary that are read."""
Rapport = Callable[[Inventaire], bytes]
"""Makes the report (PDF) of the inventory that it is a piece of: each piece by the digest of its document."""


class DepotError(ConstatError):
    """Le dossier fait serait refusé par le tribunal : il n'est pas donné."""


class Depose(NamedTuple):
    """A file to upload."""

    nom: str
    octets: int
    sha256: str
    numeros: tuple[int, ...]


class Ecrit(NamedTuple):
    """What was written, and where."""

    folder: Path
    projet: Projet
    inventaire: Inventaire
    fichiers: tuple[Depose, ...]
    avertissements: tuple[tuple[int, str], ...]
    """What should be known of a piece that is filed all the same, by its number."""


def exporter(
    opened: Opened,
    person: str,
    projet: Projet,
    folder: Path,
    *,
    rapport: Rapport | None = None,
    avant_publication: Callable[[Ecrit], None] | None = None,
) -> Ecrit:
    """Write the file that ``projet`` announces into ``folder``, which must not exist.

    ``rapport`` must be given when the project holds a report, and only then. ``avant_publication`` is called once all
    is on the disk and checked, before the folder has its name: what it raises leaves nothing.

    :raises ConstatError: the folder is there, a piece cannot be filed, or the court would refuse the whole.
    """
    if (rapport is not None) is not projet.rapport:
        msg = "the report is given when the project announces one, and only then"
        raise ValueError(msg)
    absent(folder)
    beside = folder.with_name(f".{folder.name}.partiel-{uuid4().hex[:12]}")
    beside.mkdir(mode=0o700, parents=True)
    try:
        done = _ecrire(opened, person, projet, beside, rapport)
        if avant_publication is not None:
            avant_publication(done)
        absent(folder)
        beside.rename(folder)
        _sync(folder.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return done._replace(folder=folder)


def absent(folder: Path) -> None:
    """:raises ConstatError: something is there already."""
    if folder.exists() or folder.is_symlink():
        msg = f"« {folder} » existe déjà : donnez le nom d'un dossier à créer"
        raise ConstatError(msg)


def _ecrire(opened: Opened, person: str, projet: Projet, folder: Path, rapport: Rapport | None) -> Ecrit:
    if not projet.inventaire.lignes:
        msg = "aucune pièce à déposer : aucun fait de cette personne n'a de document ; joignez-en par --add"
        raise PieceError(msg)
    work, filed = folder / "travail", folder / REQUETE
    for each in (work, filed):
        each.mkdir(mode=0o700)
    ready = _preparer(opened, person, projet, work)
    inventaire = _inscrire(projet, ready)
    if rapport is not None:
        inventaire = _avec_rapport(inventaire, rapport(inventaire), work, ready)
    for fichier in inventaire.fichiers:
        _fichier(fichier, projet, ready, filed)
    day = projet.affaire.au
    _put(filed / DETAILLE, inventaire_pdf(inventaire, day, affaire=projet.options.affaire))
    shutil.rmtree(work)
    _verifier(filed, inventaire, projet.options.limite)
    told = tuple(_deposes(filed, inventaire))
    warned = tuple(
        (ligne.numero, text)
        for ligne in inventaire.lignes
        if ligne.piece.sha256 in ready
        for text in ready[ligne.piece.sha256].alertes
    )
    done = Ecrit(folder, projet, inventaire, told, warned)
    _put(folder / INVENTAIRE, inventaire.model_dump_json(indent=1, exclude_none=True).encode() + b"\n")
    _put(folder / EXPORT, json.dumps(resume(done), ensure_ascii=False, indent=1).encode() + b"\n")
    for each in (filed, folder):
        _sync(each)
    return done


# --------------------------------------------------------------------------- pieces


def _preparer(opened: Opened, person: str, projet: Projet, work: Path) -> dict[str, Pret]:
    """The new pieces as PDFs, and those filed before that are not in the folder of then."""
    before = {ligne.piece.sha256 for ligne in _a_refaire(projet)}
    new = {each.sha256 for each in projet.nouvelles}
    wanted = [each for each in projet.documents if each.sha256 in before | new]
    pieces = {piece.sha256: piece for entry in projet.affaire.siennes for piece in entry.fait.pieces}
    return preparer(opened, person, wanted, pieces, projet.options, work)


def _a_refaire(projet: Projet) -> list[Ligne]:
    """The pieces filed before whose file is not to be found as it was."""
    return [
        ligne
        for fichier in projet.options.deja.fichiers
        if _precedent(projet, fichier) is None
        for ligne in fichier.lignes
    ]


def _precedent(projet: Projet, fichier: Fichier) -> Path | None:
    """The file as it was filed, when the folder of then is given and holds it unchanged."""
    if projet.options.precedent is None:
        return None
    path = projet.options.precedent / REQUETE / fichier.nom
    if path.is_symlink() or not path.is_file():
        return None
    known = _empreintes(projet.options.precedent / EXPORT).get(fichier.nom)
    if len(fichier.lignes) == 1:
        known = fichier.lignes[0].piece.depose or fichier.lignes[0].piece.sha256
    return path if known == _digest(path) else None


def _empreintes(path: Path) -> dict[str, str]:
    """The digests of the files of an earlier filing, by name; none when its summary cannot be read."""
    try:
        with path.open("rb") as file:
            told = json.loads(file.read(LONGUEUR))
        return {str(each["nom"]): str(each["sha256"]) for each in told["fichiers"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _inscrire(projet: Projet, ready: dict[str, Pret]) -> Inventaire:
    """The inventory as it is filed: what cannot be joined goes alone, what is too heavy is split."""
    options = projet.options
    new = [
        each if each.sha256 not in ready or ready[each.sha256].joignable else msgspec.structs.replace(each, serie=None)
        for each in grouper(projet.nouvelles, series=options.series)
    ]
    pieces = [
        each.model_copy(update={"depose": ready[each.sha256].depose if each.sha256 in ready else None})
        if each.serie is None
        else each
        for each in en_series(new)
    ]
    if options.scinder:
        pieces = _scinder(pieces, ready, options.limite)
    return options.deja.avec(pieces)


def _scinder(pieces: Sequence[Piece], ready: dict[str, Pret], limite: int) -> list[Piece]:
    """The same pieces, each series that is heavier than a file may be cut in parts that follow each other."""
    series: dict[str, list[Piece]] = {}
    for each in pieces:
        if each.serie is not None:
            series.setdefault(each.serie, []).append(each)
    names: dict[str, str] = {}
    for name, members in series.items():
        parts = repartir([ready[each.sha256].octets for each in members], limite)
        for each, part in zip(members, parts, strict=True):
            head, _, rest = name.partition(", ")
            names[each.sha256] = name if parts[-1] == 1 else f"{head}, partie {part} sur {parts[-1]}, {rest}"
    return [each.model_copy(update={"serie": names.get(each.sha256)}) for each in pieces]


def repartir(sizes: Iterable[int], limite: int) -> list[int]:
    """Which part each goes to, from 1: the next one as soon as it would be too heavy."""
    found, part, held = [], 1, 0
    for size in sizes:
        if held and held + size > limite * 98 // 100:
            part, held = part + 1, 0
        held += size
        found.append(part)
    return found


def _avec_rapport(inventaire: Inventaire, content: bytes, work: Path, ready: dict[str, Pret]) -> Inventaire:
    """The inventory with the report's own digest, and the report among what is ready."""
    path, digest = work / "rapport.pdf", sha256(content).hexdigest()
    path.write_bytes(content)
    lignes = []
    for ligne in inventaire.lignes:
        piece = ligne.piece
        if piece.sha256 == SANS_EMPREINTE:
            ready[digest] = Pret(path, None, len(content), None)
            piece = piece.model_copy(update={"sha256": digest})
        lignes.append(ligne.model_copy(update={"piece": piece}))
    return Inventaire(lignes=tuple(lignes))


# --------------------------------------------------------------------------- files


def _fichier(fichier: Fichier, projet: Projet, ready: dict[str, Pret], folder: Path) -> None:
    path, kept = folder / fichier.nom, _precedent(projet, fichier)
    if kept is not None:
        shutil.copyfile(kept, path)
        path.chmod(0o600)
        return
    missing = [ligne for ligne in fichier.lignes if ligne.piece.sha256 not in ready]
    if missing:
        ligne = missing[0]
        msg = (
            f"pièce {ligne.numero}, « {ligne.piece.libelle} » : son document n'est pas au registre ; laissez"
            f" l'inventaire dans le dossier déposé avec lui, ou redonnez le fichier par --add"
        )
        raise PieceError(msg)
    if len(fichier.lignes) == 1:
        _copier(ready[fichier.lignes[0].piece.sha256].chemin, path)
        return
    serie = fichier.lignes[0].piece.serie or fichier.nom
    told = [
        (ready[ligne.piece.sha256].chemin, f"{ligne.numero:03} {en_ascii(ligne.piece.libelle)}")
        for ligne in fichier.lignes
    ]
    reunir(told, serie, path)
    path.chmod(0o600)
    octets, limite = path.stat().st_size, projet.options.limite
    if octets > limite:
        msg = (
            f"la série « {serie} » fait {octets / MO:.1f} Mo, la limite est {limite / MO:g} Mo : ajoutez --split pour"
            " la mettre en plusieurs fichiers, ou --no-series"
        )
        raise PieceError(msg)


def _copier(source: Path, path: Path) -> None:
    with source.open("rb") as read, os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(read, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())


def _verifier(filed: Path, inventaire: Inventaire, limite: int) -> None:
    breaches = list(controler(filed, inventaire, limite=limite))
    if breaches:
        told = [
            f"- {each.fichier or 'le dossier'} : {each.constat} → {each.remede} ({each.texte})" for each in breaches
        ]
        raise DepotError("\n".join(["le dossier serait refusé, il n'est pas donné :", *told]))


def _deposes(filed: Path, inventaire: Inventaire) -> Iterable[Depose]:
    for fichier in inventaire.fichiers:
        path = filed / fichier.nom
        yield Depose(fichier.nom, path.stat().st_size, _digest(path), tuple(ligne.numero for ligne in fichier.lignes))
    path = filed / DETAILLE
    yield Depose(DETAILLE, path.stat().st_size, _digest(path), ())


def resume(done: Ecrit) -> dict[str, Any]:
    """What was done, as JSON has it."""
    projet = done.projet
    facts = {each.sha256: each for each in projet.documents}
    named = {entry.event_id: entry.fait.id for entry in projet.affaire.lue.entries}
    return {
        "format": FORMAT,
        "procedure": projet.options.procedure.value,
        "au": projet.affaire.au.isoformat(),
        "connu_le": plain(projet.options.moment.connu_le),
        "regles": projet.affaire.preuve.regles,
        "fichiers": [each._asdict() for each in done.fichiers],
        "pieces": [
            {
                **ligne.piece.model_dump(mode="json", exclude_none=True),
                "numero": ligne.numero,
                "faits": [named[each] for each in facts[ligne.piece.sha256].faits if each in named]
                if ligne.piece.sha256 in facts
                else [],
            }
            for ligne in done.inventaire.lignes
        ],
        "avertissements": [{"numero": number, "texte": text} for number, text in done.avertissements],
        "retenues": plain(projet.retenues),
        "pieges": plain(projet.pieges),
        "a_documenter": plain(projet.a_documenter),
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _put(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle_ = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle_)
    finally:
        os.close(handle_)

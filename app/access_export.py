"""The copy that a person may ask for (RGPD, art. 15): all that the ledger holds of her, who looked, and her rights.

A folder that is whole or not there: written beside its place, given its name when all is on the disk. Other people than
her are masked, each by a number that stays the same through the export; free texts are not searched for names. Looks
of an inquiry are counted until they may be told (:mod:`projections.divulgation`).
"""

import json
import os
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4

from app.access_text import informations, sections
from app.cli_common import life_and_incidents
from app.open import Opened
from commands.base import Acte
from commands.handle import handle
from evidence.historique import historique_pdf
from evidence.noms import terminaison
from ledger.coffre import PersonKey
from ledger.days import paris_day
from ledger.entry import Acteur, Entry, Piece
from ledger.errors import ConstatError, TamperedError
from ledger.events import acces
from ledger.events.listes import FondementAcces, NatureExport
from ledger.events.types import Canal, NatureActeur
from ledger.interchange import write_line
from projections.divulgation import Public, affaires, dit
from projections.historique import historique
from replay.as_of import plain
from replay.tiers import Masque
from replay.vie import touchants

FORMAT: Final = "constat/acces/1"
ANTERIEUR: Final = "export antérieur, gardé pour être refait : il tient des faits de cette copie"


class Exported(NamedTuple):
    """What was given: where, how much of it, and the digest (hex) of the list of digests."""

    folder: Path
    facts: int
    documents: int
    missing: int
    masked: int
    manifest_sha256: str


def export(opened: Opened, person: str, folder: Path, now: datetime) -> Exported:
    """Write the copy into ``folder``, which must not exist, and record that it was given.

    :raises ConstatError: nobody is known by this reference, or the folder is there already.
    """
    if folder.exists() or folder.is_symlink():
        msg = f"« {folder} » existe déjà : donnez le nom d'un dossier à créer"
        raise ConstatError(msg)
    person = unicodedata.normalize("NFC", person)
    entries = touchants(life_and_incidents(opened, person))
    beside = folder.with_name(f".{folder.name}.partiel-{uuid4().hex[:12]}")
    beside.mkdir(mode=0o700, parents=True)
    try:
        done = _write(opened, person, entries, beside, now)
        _record(opened, person, done, beside)
        beside.rename(folder)
        _sync(folder.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return done._replace(folder=folder)


def _write(opened: Opened, person: str, entries: Sequence[Entry], folder: Path, now: datetime) -> Exported:
    entries, tus = _dits(entries, now)
    masque = Masque(person, entries)
    shown = [masque.entry(entry) for entry in entries]
    lines = historique(shown)
    content = _text(lines)
    _put(folder / "historique.json", content)
    printed = printed_history(opened, person, shown, content, paris_day(now), (masque.masked, tus))
    for name, volume in zip(volume_names(len(printed)), printed, strict=True):
        _put(folder / name, volume)
    _put(folder / "faits.jsonl", b"".join(write_line(entry) + b"\n" for entry in shown))
    looked = {entry.fait.id for entry in shown if isinstance(entry.fait.evenement, acces.REGARDS)}
    _json(folder / "acces.json", [line for line in lines if line.id in looked])
    told = list(_documents(opened, person, entries, folder))
    _json(folder / "documents.json", told)
    _put(folder / "informations.txt", informations(person, shown, paris_day(now), (masque.masked, tus)).encode())
    found = sum(1 for each in told if each["fichier"])
    summary = {
        "format": FORMAT,
        "registre": opened.ledger.origin,
        "personne": person,
        "etablie_le": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "faits": len(shown),
        "documents": found,
        "documents_absents": len(told) - found,
        "mentions_masquees": masque.masked,
        "consultations_tues": tus,
    }
    _json(folder / "manifeste.json", summary)
    return Exported(folder, len(shown), found, len(told) - found, masque.masked, _seal(folder))


def history(opened: Opened, person: str, day: date, now: datetime) -> tuple[bytes, ...]:
    """The history of a person as the copy has it at ``now``, alone: its volumes, dated ``day``.

    :raises ConstatError: nobody is known by this reference.
    """
    person = unicodedata.normalize("NFC", person)
    entries, tus = _dits(touchants(life_and_incidents(opened, person)), now)
    masque = Masque(person, entries)
    shown = [masque.entry(entry) for entry in entries]
    return printed_history(opened, person, shown, _text(historique(shown)), day, (masque.masked, tus))


def printed_history(
    opened: Opened, person: str, shown: Sequence[Entry], content: bytes, day: date, left_out: tuple[int, int]
) -> tuple[bytes, ...]:
    """The volumes of the history. ``shown``: the entries, masked; ``content``: the same as data.

    ``left_out``: how many mentions were masked, and how many looks may not be told to her yet.
    """
    told = sections(person, shown, day, left_out, "est à la fin de ce document")
    return historique_pdf(person, opened.ledger.origin, shown, told, content, day)


def _dits(entries: Sequence[Entry], now: datetime) -> tuple[tuple[Entry, ...], int]:
    """The ``entries`` without the looks that may not be told to her yet, and how many these are."""
    known = affaires(entries)
    kept = tuple(entry for entry in entries if dit(entry, Public.PERSONNE, known, now))
    return kept, len(entries) - len(kept)


def volume_names(count: int, stem: str = "historique") -> list[str]:
    """The name of each volume: « historique.pdf », then « historique-2.pdf »."""
    return [f"{stem}{f'-{n}' if n > 1 else ''}.pdf" for n in range(1, count + 1)]


def _documents(opened: Opened, person: str, entries: Sequence[Entry], folder: Path) -> Iterator[dict[str, Any]]:
    """Write each document that her facts cite, once, and tell of each what became of it."""
    (folder / "documents").mkdir(mode=0o700)
    hers = [entry for entry in entries if entry.fait.personne]
    kept = {each.sha256 for e in hers if isinstance(e.fait.evenement, acces.ExportProduit) for each in e.fait.pieces}
    pieces = {piece.sha256: piece for entry in hers for piece in entry.fait.pieces}
    with opened.ledger.connection() as conn:
        key = opened.ledger.coffre.find(conn, [person]).get(person)
    for number, piece in enumerate(pieces.values(), start=1):
        told = {"nom": piece.nom, "octets": piece.octets, "sha256": piece.sha256, "type_declare": piece.mime}
        path, why = folder / "documents" / f"{number:04}", ""
        try:
            if piece.sha256 in kept:  # made for somebody, who may see what she may not
                name, why = "", ANTERIEUR
            else:
                name = _document(opened, key, piece, path) if key is not None else ""
        except FileNotFoundError:
            name, why = "", "annoncé, jamais reçu"
        except TamperedError:
            path.unlink(missing_ok=True)
            name, why = "", "ne s'ouvre pas : modifié ou coupé"
        yield {**told, "fichier": name, "absent_parce_que": why}


def _document(opened: Opened, key: PersonKey, piece: Piece, path: Path) -> str:
    """Write one document, chunk by chunk; its name in the folder."""
    begins = b""
    chunks = opened.documents.read(key, piece)
    first = next(chunks, b"")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        begins = first[:16]
        file.write(first)
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    ending = f".{terminaison(begins)}"
    path.rename(path.with_suffix(ending))
    return f"documents/{path.name}{ending}"


def _record(opened: Opened, person: str, done: Exported, folder: Path) -> None:
    """Have the ledger say that a copy was given, before it is: a crash leaves one trace too many, never one too few."""
    event = acces.ExportProduit(
        nature=NatureExport.DONNEES_PERSONNELLES,
        fondement=FondementAcces.PERSONNE_CONCERNEE,
        destinataire="la personne concernée",
        sha256=done.manifest_sha256,
        octets=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
        tiers_masques=True,
        nombre_faits=done.facts,
    )
    acteur = Acteur(nature=NatureActeur.ADMINISTRATEUR)
    acte = Acte(evenement=event, command_id=uuid4(), acteur=acteur, canal=Canal.SYSTEME, personne=person)
    handle(opened.ledger, acte, datetime.now(UTC))


def _seal(folder: Path) -> str:
    """Write the list of digests, as ``sha256sum -c`` reads it, and give its own digest."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{_digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    content = "".join(lines).encode()
    _put(folder / "manifest-sha256.txt", content)
    for each in (folder / "documents", folder):
        _sync(each)
    return sha256(content).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _json(path: Path, value: object) -> None:
    _put(path, _text(value))


def _text(value: object) -> bytes:
    return json.dumps(plain(value), ensure_ascii=False, indent=2).encode() + b"\n"


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

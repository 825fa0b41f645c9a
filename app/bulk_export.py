"""The folder of bulk tables: whole or not there, written beside its place, named once the ledger knows of it."""

import os
import secrets
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import msgspec

from app.open import Opened
from evidence import chiffres, masse
from evidence.masse import Bilan, Demande
from evidence.masse_lignes import KEY_BYTES
from ledger.days import paris_day
from ledger.errors import ConstatError
from ledger.seal.log import SealedLog
from replay.as_of import plain
from rules.catalogue import empreinte
from rules.jeux import ACTUEL


class Options(NamedTuple):
    """How it is asked for."""

    checkpoint: int | None
    """The size of the checkpoint; ``None``: the last one."""
    au: date | None
    """The day of observation; ``None``: the civil day on which the checkpoint was signed."""
    du: date | None
    """The first day that figures count; ``None``: twelve whole months before."""
    minimum: int
    mois: bool
    cle: Path | None
    """Where the key of the pseudonyms is, or is to be kept; ``None``: it is drawn, and thrown away."""


class Exporte(NamedTuple):
    """What was written."""

    dossier: Path
    manifeste: str
    """The digest (hex) of the list of digests."""
    bilan: Bilan
    chiffres: int


def export(
    opened: Opened, folder: Path, options: Options, avance: masse.Avance, inscrire: Callable[[Exporte], None]
) -> Exporte:
    """Write the bulk tables and their figures into ``folder``, which must not exist.

    ``inscrire`` is called when all is on the disk and before the folder gets its name: where the ledger is told.

    :raises ConstatError: the folder is there already, there is no such checkpoint, or the key cannot be read.
    """
    if folder.exists() or folder.is_symlink():
        msg = f"« {folder} » existe déjà : donnez le nom d'un dossier à créer"
        raise ConstatError(msg)
    asked = _demande(opened, options)
    chiffres.periode(asked.au, options.du, None)
    beside = folder.with_name(f".{folder.name}.partiel-{uuid4().hex[:12]}")
    beside.mkdir(mode=0o700, parents=True)
    try:
        bilan = masse.ecrire(opened.ledger, opened.keys, beside, asked, avance)
        count = _chiffres(beside, options)
        done = Exporte(folder, masse.sceller(beside), bilan, count)
        inscrire(done)
        _sync(beside)
        beside.rename(folder)
        _sync(folder.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return done


def _chiffres(folder: Path, options: Options) -> int:
    with chiffres.Fichiers(folder) as fichiers:
        du, au = chiffres.periode(fichiers.bilan.observe_le, options.du, None)
        found = chiffres.chiffres(fichiers, du, au, options.minimum)
    masse.poser(folder / chiffres.NOM, en_json(found))
    return len(found.chiffres)


def en_json(found: chiffres.Chiffres) -> bytes:
    """Figures as they are published."""
    return msgspec.json.format(msgspec.json.encode(plain(found)), indent=1) + b"\n"


def _demande(opened: Opened, options: Options) -> Demande:
    with opened.ledger.connection() as conn:
        row = conn.execute(
            "SELECT size, note, signed_at FROM ledger.checkpoint WHERE %(size)s::bigint IS NULL OR size = %(size)s"
            " ORDER BY size DESC LIMIT 1",
            {"size": options.checkpoint},
        ).fetchone()
        if row is None:
            asked = "" if options.checkpoint is None else f" de taille {options.checkpoint}"
            msg = f"ce registre n'a aucun point de contrôle{asked} : « constat seal once » en fait un"
            raise ConstatError(msg)
        size, note, signed_at = row
        point = bytes(SealedLog(conn).cosigned(size, note))
    return Demande(
        point=point,
        au=options.au or paris_day(signed_at),
        cle=_cle(options.cle),
        cle_gardee=options.cle is not None,
        minimum=options.minimum,
        mois=options.mois,
        regles=empreinte(ACTUEL),
    )


def _cle(path: Path | None) -> bytes:
    """The key of the pseudonyms: drawn when no file keeps it, made in the file when there is none yet."""
    if path is None:
        return secrets.token_bytes(KEY_BYTES)
    if not path.exists():
        masse.poser(path, secrets.token_hex(KEY_BYTES).encode() + b"\n")
    try:
        with path.open("rb") as file:
            key = bytes.fromhex(file.read(4 * KEY_BYTES).decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        msg = f"{path.name} n'est pas une clé de pseudonymes : attendu {2 * KEY_BYTES} chiffres hexadécimaux"
        raise ConstatError(msg)
    return key


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

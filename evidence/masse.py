"""The bulk tables of everybody at one checkpoint: facts, lost days and units, as CSV and as Parquet.

The facts of all leaves up to the checkpoint's size, read in the sealed order in batches, and no other; the engine's
rows from the same entries. They are written as pseudonyms into a private database on disk, made coarser there
(:mod:`evidence.masse_masque`), and leave sorted by pseudonym: in the sealed order, the n-th row would be the n-th line
of the published log. The same facts, key and versions give the same bytes. Memory does not grow with the ledger.
"""

import csv
import json
import os
from collections.abc import Callable, Iterator
from datetime import date
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Final

import duckdb
import msgspec

from evidence import masse_dictionnaire
from evidence.masse_colonnes import TABLES
from evidence.masse_intervalles import Tables, lire_tables
from evidence.masse_lignes import Faits, Pseudonymes
from evidence.masse_masque import Masques, Masqueur, Verifiee, connexion
from ledger.coffre import DeploymentKeys
from ledger.errors import ConstatError
from ledger.rows import read_sealed
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.note import Note
from ledger.store import Ledger
from replay.as_of import plain
from replay.ensemble import parcourir

FORMAT: Final = "constat/masse/1"
LOT: Final = 5_000
SEUL: Final = 5_000
"""Up to so many leaves, workers would take longer to come than to work."""
MEMOIRE: Final = "512MB"
POINT: Final = "point.note"
RAPPORT: Final = "rapport.json"
MANIFESTE: Final = "manifest-sha256.txt"
Avance = Callable[[int], None]


class Demande(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qui est demandé."""

    point: bytes
    """The checkpoint, as a signed note."""
    au: date
    """The day from which lost days and units are seen."""
    cle: bytes
    """The key of the pseudonyms, 32 bytes."""
    cle_gardee: bool
    """Whether the key outlives the export."""
    minimum: int
    mois: bool
    """Whether days are brought to the first of their month."""
    regles: str
    """The digest of the set of rules that is followed."""

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note says."""
        return Checkpoint.parse(Note.parse(self.point).text)


class Comptes(msgspec.Struct, frozen=True, kw_only=True):
    """Combien de lignes, et que les feuilles du point y sont toutes comptées."""

    feuilles: int
    faits: int
    du_registre: int
    """Leaves of the log itself: no facts."""
    illisibles: int
    """Facts of persons whose key was destroyed: nothing opens them."""
    intervalles: int
    unites: int


class Bilan(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qui a été exporté, et ce que l'on peut encore en tirer d'une personne."""

    format: str
    registre: str
    taille: int
    racine: str
    """Of the checkpoint, in hex."""
    observe_le: date
    dates: str
    pseudonymes: str
    regles: str
    duckdb: str
    comptes: Comptes
    masques: Masques
    verifiee: Verifiee


def ecrire(ledger: Ledger, keys: DeploymentKeys, dossier: Path, asked: Demande, avance: Avance) -> Bilan:
    """Write the tables, their dictionary, the checkpoint and the report into ``dossier``, which is empty.

    :raises ConstatError: the ledger does not hold all leaves of the checkpoint, or an entry does not read.
    """
    travail = dossier / "travail"
    travail.mkdir(mode=0o700)
    db = connexion(str(travail / "masse.duckdb"), memoire=MEMOIRE)
    try:
        comptes = _reunir(ledger, keys, travail, asked, avance)
        for table in TABLES:
            _charger(db, table, travail / f"{table}.csv", f"brut_{table}")
            (travail / f"{table}.csv").unlink()
        masqueur = Masqueur(db, asked.minimum, mois=asked.mois)
        masques = masqueur.generaliser()
        for table in TABLES:
            _publier(db, masqueur.select(table), dossier, table)
        found = masqueur.verifier()
    finally:
        db.close()
        for each in travail.rglob("*"):
            each.unlink()
        travail.rmdir()
    bilan = _bilan(ledger, asked, comptes, masques, found)
    poser(dossier / "dictionnaire.json", masse_dictionnaire.en_json())
    poser(dossier / "dictionnaire.md", masse_dictionnaire.en_markdown().encode())
    poser(dossier / "csv-metadata.json", masse_dictionnaire.en_csvw())
    poser(dossier / POINT, asked.point)
    poser(dossier / RAPPORT, json.dumps(plain(bilan), ensure_ascii=False, indent=1).encode() + b"\n")
    return bilan


def _bilan(ledger: Ledger, asked: Demande, comptes: Comptes, masques: Masques, found: Verifiee) -> Bilan:
    point = asked.checkpoint
    return Bilan(
        format=FORMAT,
        registre=ledger.origin,
        taille=point.size,
        racine=point.root.hex(),
        observe_le=asked.au,
        dates="mois" if asked.mois else "jour",
        pseudonymes="clé gardée par l'exportateur" if asked.cle_gardee else "clé tirée pour cet export, puis jetée",
        regles=asked.regles,
        duckdb=duckdb.__version__,
        comptes=comptes,
        masques=masques,
        verifiee=found,
    )


def _reunir(ledger: Ledger, keys: DeploymentKeys, travail: Path, asked: Demande, avance: Avance) -> Comptes:
    """Write the raw rows, whose values are not made coarser yet, as CSV into ``travail``."""
    size = asked.checkpoint.size
    faits = Faits(ledger.entries, Pseudonymes(asked.cle))
    with (travail / "faits.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([each.nom for each in TABLES["faits"]])
        leaves = written = 0
        for rows in _lots(ledger, size):
            with ledger.connection() as conn:
                opened = ledger.coffre.of_subjects(conn, {row.subject for row in rows})
            lines = list(faits.lignes(rows, opened))
            writer.writerows(lines)
            leaves, written = leaves + len(rows), written + len(lines)
            avance(len(rows))
    if leaves != size:
        msg = f"le point de contrôle compte {size} feuilles et le registre en a {leaves} : lancez « constat verify »"
        raise ConstatError(msg)
    lost, units = _moteur(ledger, keys, travail, asked)
    return Comptes(
        feuilles=leaves,
        faits=written,
        du_registre=faits.du_registre,
        illisibles=faits.illisibles,
        intervalles=lost,
        unites=units,
    )


def _lots(ledger: Ledger, size: int) -> Iterator[list[Any]]:
    """The leaves up to position ``size``, in batches."""
    for after in range(0, size, LOT):
        with ledger.connection() as conn:
            yield read_sealed(conn, after, min(LOT, size - after))


def _moteur(ledger: Ledger, keys: DeploymentKeys, travail: Path, asked: Demande) -> tuple[int, int]:
    """Write what the engine says; how many rows of lost days and of units."""
    counts = [0, 0]
    names = ("intervalles", "unites")
    tache = Tables(asked.checkpoint.size, asked.au, asked.cle)
    with (travail / f"{names[0]}.csv").open("wb") as lost, (travail / f"{names[1]}.csv").open("wb") as units:
        for file, name in zip((lost, units), names, strict=True):
            file.write(",".join(each.nom for each in TABLES[name]).encode() + b"\n")
        for _, found in parcourir(ledger, keys, tache, workers=0 if tache.point <= SEUL else None):
            for index, (file, lines) in enumerate(zip((lost, units), lire_tables(found), strict=True)):
                file.write(lines)
                counts[index] += lines.count(b"\n")
    return counts[0], counts[1]


def _lire_csv(path: Path, table: str) -> str:
    """The reading of a CSV file of this ``table``, each column of its type."""
    types = ", ".join(f"'{each.nom}': '{each.sorte.sql}'" for each in TABLES[table])
    options = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = ''"
    return f"read_csv({_chemin(path)}, {options}, columns = {{{types}}})"


def _charger(db: duckdb.DuckDBPyConnection, table: str, path: Path, nom: str) -> None:
    db.execute(f"CREATE TABLE {nom} AS SELECT * FROM {_lire_csv(path, table)}")


def _publier(db: duckdb.DuckDBPyConnection, query: str, dossier: Path, table: str) -> None:
    """Write a table as CSV, and the Parquet file from that very CSV; a view of the latter bears the table's name."""
    text, binary = dossier / f"{table}.csv", dossier / f"{table}.parquet"
    db.execute(f"COPY ({query}) TO {_chemin(text)} (FORMAT csv, HEADER, DELIMITER ',', NULLSTR '')")
    db.execute(f"COPY (SELECT * FROM {_lire_csv(text, table)}) TO {_chemin(binary)} (FORMAT parquet, COMPRESSION zstd)")
    db.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet({_chemin(binary)})")
    for each in (text, binary):
        each.chmod(0o600)


def _chemin(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def poser(path: Path, content: bytes) -> None:
    """Write a new file, on the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sceller(dossier: Path) -> str:
    """Write the list of digests, as ``sha256sum -c`` reads it, and give its own digest (hex)."""
    files = sorted(each.name for each in dossier.iterdir() if each.is_file())
    content = "".join(f"{empreinte(dossier / nom)}  {nom}\n" for nom in files).encode()
    poser(dossier / MANIFESTE, content)
    return sha256(content).hexdigest()


def empreinte(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()

"""Open a ledger from settings: the server, the schema, the keys, the documents, in that order."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlparse

import psycopg
from cryptography import x509
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.embedded import EmbeddedServer, create_database
from app.settings import Settings, SettingsError
from evidence.sceau import Confiance, Sceau
from ledger.coffre import DeploymentKeys
from ledger.database import Database, prepare
from ledger.documents import DocumentStore
from ledger.errors import DatabaseUnfitError, KeyFileError
from ledger.seal import timestamp
from ledger.seal.couriers import Authority
from ledger.seal.policy import Policy
from ledger.seal.sealer import Memory, Sealer
from ledger.seal.signing import SigningKeys
from ledger.store import Ledger
from replay.verify import Trust

SIGNS: Final = 20
"""Of the shortest password that is taken."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open ledger with what the edges need beside it."""

    ledger: Ledger
    keys: DeploymentKeys
    documents: DocumentStore


@contextmanager
def open_ledger(settings: Settings) -> Iterator[Opened]:
    """Open the ledger that ``settings`` describe, making what is missing, and close it at the end.

    :raises DatabaseUnfitError: the server cannot be reached or does not fit.
    :raises KeyFileError: the ledger holds keys that the key file does not open.
    :raises SettingsError: a setting cannot be read. What it holds is not shown: it may be a password.
    """
    with bare_database(settings) as bare:
        try:
            database = prepare(bare, origin=settings.origin)
        except psycopg.OperationalError as error:
            msg = f"le serveur PostgreSQL ne répond pas : {str(error).strip().splitlines()[0]}"
            raise DatabaseUnfitError(msg) from error
        keys = _keys(settings, database)
        ledger = Ledger(database, keys)
        try:
            yield Opened(ledger, keys, DocumentStore(_store(settings.documents)))
        finally:
            ledger.close()


@contextmanager
def bare_database(settings: Settings) -> Iterator[Database]:
    """The database that ``settings`` name, as it is: not migrated, perhaps not reachable, without any key.

    :raises SettingsError: a setting cannot be read. What it holds is not shown: it may be a password.
    """
    if settings.conninfo is None:
        server = EmbeddedServer(settings.home / "postgresql")
        with server.running():
            server.ensure_database(settings.dbname)
            yield Database(server.conninfo(settings.dbname), revive=server.start, readers="")
        return
    conninfo = settings.conninfo
    try:
        conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError as error:
        msg = "DATABASE_URL n'est pas une chaîne de connexion (attendu : postgresql://hôte/base, ou host=… dbname=…)"
        raise SettingsError(msg) from error
    if settings.dbname != "constat":
        # The sample dossiers never enter the database that a deployment has configured: theirs is beside it.
        create_database(conninfo, settings.dbname)
        conninfo = make_conninfo(conninfo, dbname=settings.dbname)
    yield Database(conninfo, readers=_password(settings.readers))


def _password(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        password = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"CONSTAT_READERS ne se lit pas : {path}"
        raise SettingsError(msg) from error
    if len(password) < SIGNS:
        msg = f"CONSTAT_READERS ne convient pas (attendu : un mot de passe de {SIGNS} signes au moins)"
        raise SettingsError(msg)
    return password


def _keys(settings: Settings, database: Database) -> DeploymentKeys:
    if settings.keys.exists():
        return DeploymentKeys.load(settings.keys, settings.token)
    with database.connect() as conn:
        used = conn.execute("SELECT 1 FROM ledger.person_key LIMIT 1").fetchone()
    if used is not None:
        msg = f"ce registre contient des clés et le fichier {settings.keys} manque : restaurez-le, rien n'a été modifié"
        raise KeyFileError(msg)
    with suppress(FileExistsError):  # another process has just made it
        DeploymentKeys.generate(settings.token).save(settings.keys)
    return DeploymentKeys.load(settings.keys, settings.token)


def signing_keys(settings: Settings, ledger: Ledger) -> SigningKeys:
    """The log's signing keys, made where there are none and nothing was ever signed.

    :raises KeyFileError: the log has checkpoints and the file is missing, or it is another log's.
    """
    if settings.seal_keys.exists():
        return SigningKeys.load(settings.seal_keys, ledger.origin)
    with ledger.connection() as conn:
        signed = conn.execute("SELECT 1 FROM ledger.checkpoint LIMIT 1").fetchone()
    if signed is not None:
        msg = f"ce registre est signé et le fichier {settings.seal_keys} manque : restaurez-le, rien n'a été modifié"
        raise KeyFileError(msg)
    keys = SigningKeys.generate(ledger.origin)
    keys.save(settings.seal_keys)
    return keys


def sealer_of(settings: Settings, opened: Opened) -> Sealer:
    """The sealer of the open ledger."""
    keys = signing_keys(settings, opened.ledger)
    return Sealer(opened.ledger.database, keys, Memory(settings.memory))


def policy_of(settings: Settings, given: Path | None = None) -> Policy | None:
    """The trust policy that is ``given``, else that of this deployment; ``None`` when it names none.

    :raises NoteError: the file cannot be read as one.
    """
    path = given or settings.policy
    return Policy.parse(path.read_text(encoding="utf-8", errors="surrogateescape")) if path is not None else None


def authority_of(settings: Settings) -> Authority | None:
    """The authority of time-stamps of this deployment; ``None`` when it names none.

    :raises SettingsError: a file of certificates cannot be read.
    """
    given, trust = settings.authority, time_of(settings)
    if given is None or given.url is None or trust is None:
        return None
    return Authority(given.url, trust, given.policy, given.login)


def time_of(settings: Settings) -> timestamp.Trust | None:
    """Whom a verification believes about time; ``None`` when nobody is named.

    :raises SettingsError: a file of certificates cannot be read.
    """
    given = settings.authority
    if given is None:
        return None
    return timestamp.Trust(roots=_certificates(given.roots), qualified=_certificates(given.qualified))


def sceau_of(settings: Settings) -> Sceau | None:
    """The seal of reports of this deployment; ``None`` when it names no key.

    :raises SettingsError: its certificates cannot be read, or no authority of time-stamps goes with it.
    """
    given, authority = settings.pdf_seal, authority_of(settings)
    if given.key is None:
        return None
    if authority is None:
        msg = "un sceau demande une autorité d'horodatage : donnez CONSTAT_TSA_URL et CONSTAT_TSA_ROOTS"
        raise SettingsError(msg)
    believed = confiance_of(settings)
    return Sceau(given.key, given.password, authority, believed.racines, believed.qualifiees)


def confiance_of(settings: Settings) -> Confiance:
    """Whom this deployment believes about seals and their time-stamps.

    :raises SettingsError: a file of certificates cannot be read.
    """
    given = settings.pdf_seal
    return Confiance(_certificates(given.roots), _certificates(given.qualified), time_of(settings) or timestamp.Trust())


def _certificates(path: Path | None) -> list[x509.Certificate]:
    if path is None:
        return []
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except ValueError as error:
        msg = f"{path.name} n'est pas un fichier de certificats PEM"
        raise SettingsError(msg) from error


def trust_of(settings: Settings, ledger: Ledger) -> Trust:
    """Whom a verification here believes."""
    return Trust(signing_keys(settings, ledger).verifiers, policy_of(settings), time_of(settings))


def _store(url: str) -> ObjectStore:
    parsed = urlparse(url)
    if parsed.scheme == "file":
        folder = Path(unquote(parsed.path))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return LocalStore(folder)
    try:
        return from_url(url)
    except (BaseError, ValueError) as error:
        msg = "CONSTAT_DOCUMENTS n'est pas l'adresse d'un dépôt de documents (attendu : file:///dossier, s3://seau …)"
        raise SettingsError(msg) from error

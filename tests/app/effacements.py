"""Lives to erase, for the tests of erasure: with documents, in every projection; and how they are looked for after."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from obstore.store import LocalStore
from psycopg.sql import SQL, Identifier

from app.erase import Done, Request, erase, handed_over
from app.open import Opened
from bench.dossiers import lines
from ledger import erasure
from ledger.documents import DocumentStore
from ledger.entry import Piece
from ledger.events import acces
from ledger.follower import Follower
from ledger.interchange import read_line
from ledger.kek import DeploymentKeys
from ledger.store import Ledger
from projections.toutes import PROJECTIONS
from replay.verify import verify
from tests.conftest import Template, verified
from tests.faits import fait

NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
WHO = "fictif-3"
BY_RULE = Request(WHO, "fin de conservation, Mme Secrète", rule="rgpd_art17_effacement")
GEL = acces.GelConservationPose(gel="G-1", fondement="réclamation DDD")
PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def lives(
    template: Template, keys: DeploymentKeys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Template, Path]]:
    """A database that is filled once, and the folder of its documents: each test copies both."""
    folder = tmp_path_factory.mktemp("vies")
    with template.copy() as database:
        with Ledger(database, keys) as ledger:
            fill(ledger, keys, folder)
        yield replace(template, database=database), folder


@pytest.fixture
def opened(lives: tuple[Template, Path], keys: DeploymentKeys, tmp_path: Path) -> Iterator[Opened]:
    """A ledger of eight invented lives with documents, every projection current; verified when the test is over."""
    filled, folder = lives
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with filled.copy() as database, Ledger(database, keys) as ledger:
        yield Opened(ledger, keys, DocumentStore(LocalStore(tmp_path / "documents")))
        verified(ledger)


def fill(ledger: Ledger, keys: DeploymentKeys, tmp_path: Path) -> Opened:
    """Eight invented lives, the documents of two of them, every projection current."""
    kept, given = tmp_path / "documents", tmp_path / "pieces"
    kept.mkdir()
    given.mkdir()
    ledger.append([read_line(line) for line in lines(240)])
    documents = DocumentStore(LocalStore(kept))
    for person in (WHO, "fictif-4"):
        for n in range(3):
            content = f"{person} {n}".encode() * 100
            digest = sha256(content).hexdigest()
            (given / digest).write_bytes(content)
            piece = Piece(nom=f"piece-{n}.pdf", octets=len(content), sha256=digest)
            ledger.append([fait(id=f"PJ-{n}", personne=person, objet=None, pieces=(piece,))])
            with ledger.connection() as conn:
                assert documents.take(ledger.coffre.find(conn, [person])[person], piece, given)
    follow(ledger)
    return Opened(ledger, keys, documents)


def follow(ledger: Ledger) -> None:
    """Bring every projection up to date."""
    for view in PROJECTIONS.values():
        with Follower(ledger, view) as follower:
            follower.catch_up()


def subject_of(ledger: Ledger, person: str = WHO) -> UUID:
    """The random id of a person."""
    return ledger.life(person)[0].subject


def in_views(ledger: Ledger, subject: UUID) -> int:
    """How many rows the projections' tables hold of a person."""
    total = 0
    with ledger.connection() as conn:
        tables = conn.execute(erasure.VIEWS, {"name": "", "column": "subject"}).fetchall()
        for schema, table in tables:
            query = SQL("SELECT count(*) FROM {} WHERE subject = %s").format(Identifier(schema, table))
            row = conn.execute(query, (subject,)).fetchone()
            total += row[0] if row else 0
    return total


def stored(tmp_path: Path) -> int:
    """How many documents the store holds."""
    return len([path for path in (tmp_path / "documents").iterdir() if path.is_file()])


def finished(opened: Opened, request: Request = BY_RULE) -> Done:
    """An erasure, its receipt handed over."""
    done = erase(opened, request, NOW)
    handed_over(opened, request.person)
    return done


def intact(opened: Opened) -> bool:
    """Whether the ledger is."""
    opened.ledger.sequence()
    return verify(opened.ledger).intact


def destroy_as(ledger: Ledger, role: str | None, subject: UUID) -> None:
    """Call the function that destroys, past every line of this program."""
    with psycopg.connect(ledger.database.conninfo, autocommit=True) as conn:
        if role is not None:
            conn.execute(SQL("SET ROLE {}").format(Identifier(role)))
        conn.execute("SET session_replication_role = replica") if role is None else None
        count = len(ledger.life(WHO))
        conn.execute("SELECT ledger.destroy_key(%s, %s, sha256('a'), sha256('b'))", (subject, count))

"""A ledger of so many persons for one bench: the command line that says how many, the server, the facts imported."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.embedded import EmbeddedServer
from app.settings import default_home
from bench.__main__ import fresh
from commands.importer import import_file
from console import logs
from ledger.coffre import DeploymentKeys
from ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class Peuple:
    """A filled ledger, and a folder that goes with it."""

    ledger: Ledger
    keys: DeploymentKeys
    persons: int
    folder: Path


@contextmanager
def peuple(
    prog: str, description: str | None, lines: Callable[[int], Iterable[bytes]], *, persons: int
) -> Iterator[Peuple]:
    """What the command line ``prog`` asks for: a ledger with the ``lines`` of ``--persons``, ``persons`` by default."""
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument("--persons", type=int, default=persons, help="how many (100000 for the whole floor)")
    asked = parser.parse_args().persons
    logs.configure()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    server = EmbeddedServer(default_home() / "postgresql")
    with server.running(), fresh(server.conninfo) as (_, ledger, keys), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "facts.jsonl"
        with path.open("wb") as file:
            file.writelines(line + b"\n" for line in lines(asked))
        import_file(ledger, keys, path)
        yield Peuple(ledger, keys, asked, Path(folder))

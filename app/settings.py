"""What a deployment sets. Read once, here, from the environment; everything else receives it as an argument.

========================  =====================================================================================
``DATABASE_URL``          libpq connection string; without it and without ``PG*``, the embedded server is used
``PGHOST``, ``PGPORT`` …  libpq's own variables, used when ``PGHOST``, ``PGDATABASE`` or ``PGSERVICE`` is set
``CONSTAT_HOME``          where the embedded server, the keys and the documents live
``CONSTAT_KEYS``          the key file (default: ``keys.json`` in the home)
``CONSTAT_DOCUMENTS``     URL of the document store (default: the folder ``documents`` in the home)
``CONSTAT_ORIGIN``        the log's origin, given once when a ledger is created (default ``constat.local/registre``)
========================  =====================================================================================
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from ledger.errors import ConstatError

DEFAULT_ORIGIN: Final = "constat.local/registre"
DEMO_DATABASE: Final = "constat_demo"
LIBPQ: Final = ("PGHOST", "PGDATABASE", "PGSERVICE", "PGHOSTADDR")


class SettingsError(ConstatError):
    """Un réglage est illisible."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run. ``conninfo`` is ``None`` when the embedded server is to be used."""

    home: Path
    conninfo: str | None
    dbname: str
    keys: Path
    documents: str
    origin: str

    @classmethod
    def read(cls, environment: Mapping[str, str], *, demo: bool = False) -> "Settings":
        """The settings that ``environment`` gives. ``demo`` uses databases, keys and documents of its own."""
        home = Path(environment.get("CONSTAT_HOME") or default_home()).expanduser().resolve()
        own = home / "demo" if demo else home
        conninfo = environment.get("DATABASE_URL") or ("" if any(environment.get(name) for name in LIBPQ) else None)
        return cls(
            home=home,
            conninfo=conninfo,
            dbname=DEMO_DATABASE if demo else "constat",
            keys=own / "keys.json" if demo else Path(environment.get("CONSTAT_KEYS") or own / "keys.json"),
            documents=(own / "documents").as_uri()
            if demo
            else environment.get("CONSTAT_DOCUMENTS") or (own / "documents").as_uri(),
            origin="constat.local/demonstration" if demo else environment.get("CONSTAT_ORIGIN") or DEFAULT_ORIGIN,
        )


def default_home() -> Path:
    """The user's own data folder; for root a system one, which the server's unprivileged user can reach."""
    return Path("/var/lib/constat") if os.geteuid() == 0 else platformdirs.user_data_path("constat")

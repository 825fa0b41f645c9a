"""The pages served: the ledger opened, the schema of accounts brought up to date, then the server and its workers.

Each worker is a process that opens the ledger itself, from the same settings. The parent keeps an embedded server up
for them, and serves nothing.
"""

import errno
import gc
import multiprocessing
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from ipaddress import ip_address
from multiprocessing import util
from typing import Any, Final

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connections
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import MPServer

from app.open import Opened, bare_database, open_ledger
from app.settings import Settings
from console import logs
from ledger.errors import ConstatError
from web import base, corps, journal
from web.registre import Registre, servir
from web.reglages import configurer
from web.theme import manque

FILS: Final = base.CONNEXIONS
"""Requests that a worker answers at once: as many as it has connections for accounts."""
ARRET: Final = 30
"""Seconds that a worker is given to finish what it answers."""
ENTETES: Final = HTTP1Settings(header_read_timeout=10_000, max_buffer_size=32 << 10)
"""Ten seconds to send the headers, which fit in 32 kB."""


class ServiceError(ConstatError):
    """Le site ne peut pas être servi ainsi."""


@contextmanager
def pret(settings: Settings) -> Iterator[Registre]:
    """The ledger open and Django set up, for the time of the block."""
    with open_ledger(settings) as opened:
        preparer(settings, opened)
        with servir(settings, opened) as served:
            yield served


def preparer(settings: Settings, opened: Opened) -> None:
    """Set Django up on the ledger's server, and its own tables."""
    database = opened.ledger.database
    configurer(settings.web, database, role=base.preparer(database))
    call_command("migrate", verbosity=0, interactive=False)


def ouvrir_site(
    settings: Settings,
    ecoute: tuple[str, int],
    ouvriers: int,
    *,
    avant: Callable[[Registre], None],
    annonce: Callable[[str], None],
    bavard: bool,
) -> None:
    """Serve until SIGTERM or Ctrl-C; what is being answered then is finished.

    ``avant`` is given the open ledger before any worker starts, ``annonce`` the address. ``bavard``: a line an answer.

    :raises ServiceError: without TLS for others than this machine, or with it and no proxy that adds it.
    :raises OSError: it cannot be listened there; names the address.
    """
    convenir(settings, ecoute[0])
    _libre(ecoute)
    with bare_database(settings):
        with pret(settings) as served:
            avant(served)
        connections["default"].close_pool()  # type: ignore[attr-defined] # PostgreSQL's
        annonce(f"http://[{ecoute[0]}]:{ecoute[1]}/" if ":" in ecoute[0] else f"http://{ecoute[0]}:{ecoute[1]}/")
        multiprocessing.set_start_method("spawn", force=True)  # nothing of this process's threads in another
        _granian(ecoute, ouvriers).serve(target_loader=partial(_ouvrier, settings, bavard), wrap_loader=False)


def convenir(settings: Settings, hote: str) -> None:
    """Refuse to serve passwords in clear to a network, behind a proxy whose word would not count, or without its theme.

    :raises ServiceError: with what to set.
    """
    if settings.web.https and not settings.web.proxies:
        msg = (
            "dites dans CONSTAT_WEB_PROXY l'adresse du mandataire qui ajoute TLS ;"
            " pour servir sans TLS, sur cette machine seulement : CONSTAT_WEB_HTTP=1"
        )
        raise ServiceError(msg)
    if (told := manque(settings.web.theme)) is not None:
        raise ServiceError(told)
    if not settings.web.https and not ip_address(hote).is_loopback:
        msg = f"sans TLS, le site ne s'ouvre que sur cette machine (127.0.0.1 ou ::1), pas sur {hote}"
        raise ServiceError(msg)


def _libre(ecoute: tuple[str, int]) -> None:
    """Workers share their port, so the system would let a second service have it too."""
    family = socket.AF_INET6 if ":" in ecoute[0] else socket.AF_INET
    try:
        with socket.socket(family) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(ecoute)
    except OSError as error:
        raise OSError(error.errno or errno.EADDRNOTAVAIL, "", f"{ecoute[0]}:{ecoute[1]}") from error


def _granian(ecoute: tuple[str, int], ouvriers: int) -> MPServer:
    return MPServer(
        "constat",
        address=ecoute[0],
        port=ecoute[1],
        interface=Interfaces.WSGI,
        workers=ouvriers,
        blocking_threads=FILS,
        http=HTTPModes.http1,
        http1_settings=ENTETES,
        websockets=False,
        backpressure=16 * FILS,
        log_level=LogLevels.warning,
        log_dictconfig=dict(journal.CONFIGURATION),
        respawn_failed_workers=True,
        workers_kill_timeout=ARRET,
    )


def _ouvrier(settings: Settings, bavard: bool) -> Callable[..., Any]:  # noqa: FBT001 - called through partial, by granian
    """What a worker process does before it answers: open the ledger, for as long as it lives."""
    logs.configure(verbose=bavard)
    journal.configurer()
    stack = ExitStack()
    stack.enter_context(pret(settings))
    util.Finalize(None, stack.close, exitpriority=10)  # a process of multiprocessing runs no other farewell
    answer = corps.borner(get_wsgi_application(), FILS - 1)
    gc.collect()
    gc.freeze()  # what was imported is never garbage: walking through it takes a third of what a page does
    return answer

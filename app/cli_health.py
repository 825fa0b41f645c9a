"""The command that watches a deployment."""

import signal
import sys
import threading
from typing import Final

import click

from app import affichage
from app.health import HealthService, exposition, read
from app.http_service import Service, serve
from app.open import bare_database, policy_of
from app.settings import Settings
from console import usage
from console.address import Address

UNAVAILABLE: Final = 5


@click.command(cls=usage.Command, name="metrics")
@click.option("--listen", type=Address(), default="127.0.0.1:9470", show_default=True, help="Where to listen.")
@click.option("--once", is_flag=True, help="Print the figures once and stop; exit code 5 when the database is away.")
@click.pass_obj
def metrics_command(settings: Settings, listen: tuple[str, int], *, once: bool) -> None:
    """Serve /metrics (Prometheus text format), /health and /ready. Counts and ages only: nothing of a person."""
    policy = policy_of(settings)
    with bare_database(settings) as database:
        if once:
            found = read(database, policy)
            click.echo(exposition(found), nl=False)
            if found is None:
                sys.exit(UNAVAILABLE)
            return
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        service = Service(listen, HealthService(database, policy))
        affichage.ecrire(f"mesures : {service.url}metrics ; Ctrl-C pour arrêter")
        serve(service, stop)


COMMANDES: Final = (metrics_command,)

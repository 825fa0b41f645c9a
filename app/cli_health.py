"""The command that watches a deployment."""

import sys
from typing import Final

import click

from app import affichage
from app.health import HealthService, exposition, read
from app.http_service import serve
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
        answering = HealthService(database, policy)
        serve(listen, answering, lambda url: affichage.ecrire(f"mesures : {url}metrics ; Ctrl-C pour arrêter"))


COMMANDES: Final = (metrics_command,)

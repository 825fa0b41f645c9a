"""The commands of the site, which ``constat`` reads by name: nothing below ``web`` imports it."""

import os
import signal
import threading
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, Final

import click

from app import demo as recit
from app.affichage import ecrire, titre
from app.open import sealer_of
from app.options import Whole
from app.settings import Settings
from console import usage
from web.registre import Registre
from web.serveur import ouvrir_site, pret

PORTS: Final = (1, 65_535)
OUVRIERS: Final = 64
HOTE: Final = "127.0.0.1"
PORT: Final = 8000


class Hote(click.ParamType[str]):
    """An address of this machine, on which to listen."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """``value`` as it is; a usage error when it is no address."""
        text = "127.0.0.1" if value == "localhost" else str(value)
        try:
            return str(ip_address(text))
        except ValueError:
            self.fail(f"« {text} » n'est pas une adresse (attendu : 127.0.0.1, ::1 ou 0.0.0.0)", param, ctx)


@click.command(cls=usage.Command, name="serve")
@click.option("--host", type=Hote(), default=HOTE, show_default=True, help="Where to listen.")
@click.option("--port", type=Whole(*PORTS), default=PORT, show_default=True, help="On which port.")
@click.option(
    "--workers", type=Whole(1, OUVRIERS), help="Processes that answer (default: two a core; one with --demo)."
)
@click.option("--quiet", is_flag=True, help="Log warnings and failures only, not each answer.")
@click.pass_context
def serve(ctx: click.Context, *, host: str, port: int, workers: int | None, quiet: bool) -> None:
    """Serve the pages and the API, behind a proxy that adds TLS; with --demo, those of the sample dossiers."""
    settings: Settings = ctx.obj
    if settings.web.demo:
        verbose = bool(ctx.find_root().params.get("verbose"))
        servir_demonstration(settings, (host, port), workers or 1, bavard=verbose)
        return
    ouvrir_site(
        settings,
        (host, port),
        workers or 2 * (os.cpu_count() or 1),
        avant=lambda _: None,
        annonce=lambda url: ecrire(f"site : {url} ; Ctrl-C pour arrêter"),
        bavard=not quiet,
    )


def servir_demonstration(
    settings: Settings, ecoute: tuple[str, int] = (HOTE, PORT), ouvriers: int = 1, *, bavard: bool = False
) -> None:
    """Serve the sample dossiers, with one account a role, whose passwords are made and told here."""
    ouvrir_site(settings, ecoute, ouvriers, avant=_demonstration, annonce=_annoncer, bavard=bavard)


def _demonstration(served: Registre) -> None:
    from web import demo  # noqa: PLC0415 - models are read once Django is set up

    if served.lecteur.sujet(demo.PERSONNE) is None:
        recit.run(served.exploitant, sealer_of(served.settings, served.exploitant))
    told = demo.comptes(served.exploitant.ledger, served.lecteur)
    served.exploitant.ledger.sequence()
    titre("Comptes de la démonstration (mots de passe neufs à chaque démarrage)")
    for each in told:
        ecrire(f"  {each.identifiant:<16}{each.mot_de_passe:<20}{each.role.libelle}")
    ecrire("Le second facteur est montré à l'écran de connexion. Pour ouvrir un dossier, quand un motif est demandé :")
    ecrire(f"  defenseur : réclamation {demo.RECLAMATION} ; ccc et pan : demande d'assistance {demo.TICKET}")


def _annoncer(url: str) -> None:
    ecrire()
    ecrire(f"Site ouvert dans un instant : {url} (Ctrl-C pour arrêter)", "bold")


@click.command(cls=usage.Command, name="notify")
@click.option("--once", is_flag=True, help="Send what is due now, and stop.")
@click.pass_obj
def notify(settings: Settings, *, once: bool) -> None:
    """Send signed webhooks to the programs that follow dossiers, until SIGTERM or Ctrl-C."""
    with pret(settings) as served:
        from web.avis import service  # noqa: PLC0415 - models are read once Django is set up

        ledger = served.exploitant.ledger
        if once:
            ecrire(f"avis traités : {service.une_fois(ledger, datetime.now(UTC))}")
            return
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        ecrire("avis envoyés à mesure ; Ctrl-C pour arrêter")
        service.tourner(ledger, stop)

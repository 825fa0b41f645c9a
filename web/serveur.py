"""The pages served: the ledger opened, the schema of accounts brought up to date, then the server."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from app.open import Opened, open_ledger
from app.settings import Settings
from web import base
from web.registre import Registre, servir
from web.reglages import configurer


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


application = get_wsgi_application

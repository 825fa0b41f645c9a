"""A site on a real ledger: the sample dossiers, one account a role, visitors as Django's own client plays them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connections
from django.test import Client
from obstore.store import LocalStore

from app.open import Opened
from app.settings import LOCAL, THEMES, Settings, Web
from commands.importer import import_file
from ledger.coffre import DeploymentKeys
from ledger.database import Database
from ledger.documents import DocumentStore
from ledger.entry import Entry
from ledger.store import Ledger
from replay.verify import verify
from tests.conftest import Template
from web import base
from web.acces import FONDEMENTS, Role
from web.lecture import Vie
from web.ouverts import seulement
from web.registre import Registre, registre, servir
from web.reglages import reglages
from web.theme import ETAT

HERE = Web(hosts=("testserver", *LOCAL), secret=Path(), https=False, theme=THEMES[0], oidc=None, demo=True)
if not django_settings.configured:  # Django's models are made when they are imported; their server is known later
    made = reglages(replace(HERE, theme=ETAT), {"ENGINE": "web.moteur"}, "secret d'essai")
    made["PASSWORD_HASHERS"] = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # a real one takes its time, on purpose
    made["WHITENOISE_AUTOREFRESH"] = True  # else each visitor has every file of both themes listed again
    django_settings.configure(**made)
    django.setup()

from django_otp import DEVICE_ID_SESSION_KEY  # noqa: E402

from web import demo  # noqa: E402
from web.comptes.models import Application, Compte  # noqa: E402
from web.gardes import MOTIFS  # noqa: E402

SAMPLES = Path(__file__).parents[2] / "app" / "demo"
REFERENCES = {Role.DDD: demo.RECLAMATION, Role.CCC: demo.TICKET, Role.PAN: demo.TICKET}


class Visiteur(Client):
    """A client whose every request is answered as by another worker: no key is kept of what was read before.

    What a page may read is told by the server then, and not by what this process happens to remember.
    """

    def request(self, **request: Any) -> Any:
        """Ask."""
        coffre = registre().opened.ledger.coffre
        coffre._by_index.clear()  # noqa: SLF001 - nothing else forgets them before their time
        coffre._by_subject.clear()  # noqa: SLF001 - as above
        return super().request(**request)


@dataclass(frozen=True)
class Site:
    """What is served, and who may come."""

    registre: Registre

    @property
    def ledger(self) -> Ledger:
        return self.registre.exploitant.ledger

    def sujet(self, personne: str = demo.PERSONNE) -> str:
        """How addresses name a person."""
        found = self.registre.lecteur.sujet(personne)
        assert found is not None
        return found.hex()

    def consultations(self, vie: Vie) -> tuple[Entry, ...]:
        """Who looked at this person, read as a page does that was opened on her."""
        with seulement(vie.sujet):
            return self.registre.lecteur.consultations(vie)

    def compte(self, role: Role) -> Compte:
        """The account of the demonstration that has this role."""
        return Compte.objects.get(role=role.value)

    def visiteur(self, role: Role | None, *, facteur: bool = True, motif: bool = True, **options: object) -> Client:
        """A client, logged in unless ``role`` is ``None``; with its second factor and its reason unless told not to."""
        client = Visiteur(**options)  # type: ignore[arg-type] # as Client takes them
        if role is None:
            return client
        compte = self.compte(role)
        client.force_login(compte, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        if facteur and role.second_facteur:
            session[DEVICE_ID_SESSION_KEY] = Application.objects.get(user=compte).persistent_id
        if motif and role not in {Role.USAGER, Role.REPRESENTANT, Role.ADMINISTRATEUR}:
            session[MOTIFS] = {self.sujet(): [FONDEMENTS[role][0].value, REFERENCES.get(role)]}
        session.save()
        return client


@pytest.fixture(scope="session")
def rempli(template: Template, keys: DeploymentKeys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """A database with the sample dossiers and the accounts, which each file of tests copies."""
    with template.copy() as database:
        with _servi(database, keys, tmp_path_factory) as site:
            call_command("migrate", verbosity=0, interactive=False)
            for sample in ("cas.jsonl", "decisions.jsonl"):
                import_file(site.ledger, keys, SAMPLES / sample)
            demo.comptes(site.ledger, site.registre.lecteur)
            site.ledger.sequence()
        yield replace(template, database=database)


@pytest.fixture(scope="module")
def served(rempli: Template, keys: DeploymentKeys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site of one file of tests: what another file did to its dossiers is not there."""
    with rempli.copy() as database, _servi(database, keys, tmp_path_factory) as site:
        yield site


@contextmanager
def _servi(database: Database, keys: DeploymentKeys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The ledger of a database, served, and Django on the same database."""
    home = tmp_path_factory.mktemp("site")
    # As a deployment names it: the demonstration's own database is one for the whole server, and has other keys.
    settings = Settings.read({"CONSTAT_HOME": str(home), "DATABASE_URL": database.conninfo})
    keys.save(settings.keys)
    reached = base.connexion(database, role=base.preparer(database))
    connections.settings["default"].update(reached)
    connections["default"].settings_dict.update(reached)
    ledger = Ledger(database, keys)
    opened = Opened(ledger, keys, DocumentStore(LocalStore(tmp_path_factory.mktemp("depot"))))
    try:
        with servir(replace(settings, web=HERE), opened) as served:
            yield Site(served)
    finally:
        connections.close_all()
        connections["default"].close_pool()
        ledger.close()


@pytest.fixture
def site(served: Site) -> Iterator[Site]:
    """The site; the ledger is walked from end to end after each test."""
    yield served
    served.ledger.sequence()
    report = verify(served.ledger)
    assert report.intact, report.findings[:5]
    assert report.sealed == report.entries


@pytest.fixture(scope="module")
def walked(served: Site) -> Iterator[Site]:
    """The site of a file that asks a great deal: the ledger is walked from end to end once all of it was asked."""
    yield served
    served.ledger.sequence()
    assert verify(served.ledger).intact

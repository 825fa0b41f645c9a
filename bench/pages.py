"""``python -m bench.pages``: what the timeline of a dossier costs the site, on a page and by the API.

CPU of the serving process alone, for a whole request: session, account, decision, trace written, answer. Cold: nothing
of the life is kept. Again: it was read, and nothing was added to it. The peer is Django's template engine, which writes
the same rows from facts that were read and put in order already: no login, no trace, no ledger, no frame.
"""

import argparse
import gc
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final
from wsgiref.util import setup_testing_defaults

import msgspec

from app.embedded import EmbeddedServer
from app.settings import Settings, default_home
from bench.__main__ import fresh, say
from bench.dossiers import life
from commands.importer import import_file
from console import logs
from ledger.follower import Follower
from projections.chronologie import Filtre, chronologie
from projections.interruptions import Interruptions
from web.registre import Registre
from web.serveur import pret

FACTS: Final = 200
ROUNDS: Final = 300
PERSON: Final = "longue-exemple"
PREFECTURE: Final = "Préfecture fictive"
COLD, AGAIN, JSON = 15, 3, 10
"""Milliseconds of CPU that the page takes at most when nothing is kept, when it is; and the API."""
PEER: Final = """<ol>{% for e in faits %}<li class="fait {{ e.origine.value }}" id="n-{{ e.ligne.numero }}">
<p><time datetime="{{ e.ligne.survenu }}">{{ e.ligne.survenu_fr }}</time></p><p>{{ e.origine.libelle }}</p>
<p><a href="{% url 'fait' sujet e.ligne.numero %}">n° {{ e.ligne.numero }}</a>
{{ e.ligne.phrase }} {{ e.ligne.objet }}</p>{% if e.ligne.details %}<dl>
{% for nom, valeur in e.ligne.details %}<div><dt>{{ nom }}</dt><dd>{{ valeur }}</dd></div>{% endfor %}
</dl>{% endif %}<p>{{ e.ligne.source }}, force {{ e.ligne.grade }}{% if e.tardif %}, enregistré le
{{ e.ligne.enregistre_le|date:"j F Y à H:i" }}{% endif %}{% for piece in e.ligne.pieces %}, pièce « {{ piece.nom }} »
<code>{{ piece.sha256|slice:":12" }}</code>{% endfor %}</p></li>{% endfor %}</ol>"""
"""The rows as Django's templates say them."""


def lines(facts: int) -> Iterator[bytes]:
    """One life of ``facts`` facts: renewals that follow one another."""
    told = (line for number in range(facts) for line in life(f"r-{number}", number * 40))
    for _, line in zip(range(facts), told, strict=False):
        yield msgspec.json.encode(msgspec.json.decode(line) | {"personne": PERSON})


def visitor(sujet: str) -> dict[str, str]:
    """The cookies of an agent who may see that life: logged in with two factors, the reason said."""
    from django.test import Client  # noqa: PLC0415 - Django is set up by then
    from django_otp import DEVICE_ID_SESSION_KEY  # noqa: PLC0415

    from web.acces import Role  # noqa: PLC0415
    from web.comptes.models import Application, Compte  # noqa: PLC0415
    from web.gardes import MOTIFS  # noqa: PLC0415

    compte = Compte.objects.creer(
        "agent-mesure", None, Role.AGENT, acteur="agent-mesure", service=PREFECTURE, prefecture=PREFECTURE
    )
    client = Client()
    client.force_login(compte, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = Application.de(compte, confirmee=True).persistent_id
    session[MOTIFS] = {sujet: ["instruction", None]}
    session.save()
    return {name: cookie.value for name, cookie in client.cookies.items()}


class Site:
    """The site as its server calls it (WSGI), for one visitor."""

    def __init__(self, served: Registre, sujet: str) -> None:
        from django.core.wsgi import get_wsgi_application  # noqa: PLC0415 - as above

        self._served = served
        self._answer = get_wsgi_application()
        self._cookies = "; ".join(f"{name}={value}" for name, value in visitor(sujet).items())

    def get(self, path: str, **headers: str) -> bytes:
        """The body of a page that must be found."""
        path, _, query = path.partition("?")
        environ: dict[str, Any] = {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_COOKIE": self._cookies, **headers}
        environ |= {"wsgi.input": io.BytesIO(), "HTTP_HOST": "127.0.0.1"}
        setup_testing_defaults(environ)
        told: list[str] = []

        def start(status: str, headers: object, failure: object = None, /) -> Callable[[bytes], object]:
            del headers, failure
            told.append(status)
            return io.BytesIO().write

        answer = self._answer(environ, start)
        body = b"".join(answer)
        answer.close()
        assert told == ["200 OK"], (path, told)  # noqa: S101 - a refusal would be measured for a page
        return body

    def timed(self, ask: Callable[[], bytes], *, cold: bool) -> list[float]:
        """Milliseconds of CPU of each of :data:`ROUNDS` requests."""
        taken = []
        for _ in range(ROUNDS):
            if cold:
                self._served.lecteur.oublier()
            taken.append(_cpu(ask))
        return taken


def _cpu(ask: Callable[[], bytes]) -> float:
    start = time.process_time()
    ask()
    return 1_000 * (time.process_time() - start)


def peer(served: Registre, sujet: str) -> Callable[[], bytes]:
    """Writes the rows of this life by Django's own templates."""
    from django.template import Context, Engine  # noqa: PLC0415 - as above

    vie = served.lecteur.vie(bytes.fromhex(sujet))
    assert vie is not None  # noqa: S101 - imported before
    told = chronologie(vie.entries, Filtre(), date(2026, 1, 1)).faits
    template = Engine().from_string(PEER)
    return lambda: template.render(Context({"faits": told, "sujet": sujet})).encode()


def measures(site: Site, sujet: str, rows: Callable[[], bytes]) -> None:
    """Each answer, then what it is a multiple of."""
    page, api = f"/dossiers/{sujet}/", f"/api/v1/dossiers/{sujet}/chronologie"
    reason = {"HTTP_CONSTAT_FONDEMENT": "instruction"}
    weight = len(site.get(page))
    for _ in range(3):
        site.get(api, **reason), rows()
    gc.collect()
    gc.freeze()
    base = min(site.timed(rows, cold=False))
    say("the peer: the rows alone, by Django's templates", f"{base:.1f} ms")
    for what, ask, cold, floor in (
        ("the page of the timeline, nothing kept", lambda: site.get(page), True, COLD),
        ("the same again", lambda: site.get(page), False, AGAIN),
        ("the timeline by the API, nothing kept", lambda: site.get(api, **reason), True, JSON),
        ("the same again", lambda: site.get(api, **reason), False, JSON),
    ):
        taken = site.timed(ask, cold=cold)
        least, middle = min(taken), statistics.median(taken)
        say(what, f"{least:.1f} ms", f"median {middle:.1f} ms (floor {floor} ms), {least / base:.2f} times the peer")
    say("weight of the page", f"{weight / 1_000:.0f} kB", "before compression (floor 200 kB)")


def main() -> None:
    """Fill a ledger with one life, then measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--facts", type=int, default=FACTS, help="how many the life has")
    facts = parser.parse_args().facts
    logs.configure(verbose=False)
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    server = EmbeddedServer(default_home() / "postgresql")
    with server.running(), fresh(server.conninfo) as (database, ledger, keys), tempfile.TemporaryDirectory() as home:
        path = Path(home) / "facts.jsonl"
        path.write_bytes(b"\n".join(lines(facts)) + b"\n")
        import_file(ledger, keys, path)
        with Follower(ledger, Interruptions()) as follower:
            follower.catch_up()  # as ``constat follow`` does: lost days are read, not worked out again
        keys.save(Path(home) / "keys.json")
        given = {"CONSTAT_HOME": home, "DATABASE_URL": database.conninfo, "CONSTAT_WEB_HTTP": "1"}
        with pret(Settings.read(given, demo=False)) as served:
            sujet = served.lecteur.sujet(PERSON)
            assert sujet is not None  # noqa: S101 - imported above
            measures(Site(served, sujet.hex()), sujet.hex(), peer(served, sujet.hex()))


if __name__ == "__main__":
    main()

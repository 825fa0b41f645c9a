"""Webhooks: signed, in order, at least once, to who may still see; nothing leaves for where only this network reaches."""

import json
import re
import ssl
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app.settings import Settings
from ledger.events.acces import DossierConsulte
from ledger.events.personne import MandatRevoque
from tests.faits import fait
from tests.seal.tsa import certify
from tests.web.conftest import Site
from tests.web.programme import jeton, lu
from tests.web.recepteur import Recepteur, recepteur
from web import commandes, demo
from web.acces import DROITS, Objet, Role
from web.avis import abonnements, distribution, signature, sortie
from web.avis.distribution import BAIL, DERNIER, PATIENCE, attente, distribuer
from web.avis.models import Abonnement, Avis, Place, Suivi
from web.avis.service import tourner, une_fois
from web.avis.sortie import AdresseRefuseeError, lire, permise, poster
from web.avis.tri import trier
from web.comptes.models import Jeton
from web.lecture import Lecteur, sujet_de
from web.registre import servir


@pytest.fixture(scope="module")
def site(walked: Site) -> Site:
    """The site, walked at the end of this file."""
    return walked


@pytest.fixture
def ici(site: Site) -> Iterator[Site]:
    """The site, whose webhooks may go to this machine; subscriptions of another test are gone."""
    Avis.objects.all().delete()
    Abonnement.objects.all().delete()
    held = site.registre.settings
    web = replace(held.web, avis_locaux=True)
    with servir(replace(held, web=web), site.registre.exploitant) as served:
        yield Site(served)


@pytest.fixture
def chez() -> Iterator[Recepteur]:
    """Who receives."""
    with recepteur() as kept:
        yield kept


def demander(headers: dict[str, str], method: str, path: str, body: object = None) -> tuple[int, object]:
    """One request of a program: the status, and what it says."""
    answer = Client().generic(
        method, f"/api/v1{path}", json.dumps(body or {}), content_type="application/json", headers=headers
    )
    return answer.status_code, lu(answer) if answer.content else None


def abonner(site: Site, headers: dict[str, str], adresse: str, *, suivre: bool = True) -> tuple[str, str]:
    """A subscription that follows the person of the demonstration: its id, its secret."""
    status, made = demander(headers, "POST", "/abonnements", {"nom": "essai", "adresse": adresse})
    assert status == 201, made
    assert isinstance(made, dict)
    name = made["abonnement"]["id"]
    if suivre:
        assert demander(headers, "PUT", f"/dossiers/{site.sujet()}/abonnements/{name}")[0] == 201
    return name, made["secret"]


def arriver(site: Site, nombre: int = 1, **champs: object) -> None:
    """So many facts of the person of the demonstration, committed."""
    site.ledger.append([fait(id=f"avis-{uuid4()}", personne=demo.PERSONNE, **champs) for _ in range(nombre)])


def regards(site: Site) -> list[DossierConsulte]:
    """Who looked at her by a message."""
    vie = site.registre.lecteur.vie(sujet_de(site.sujet()) or b"")
    assert vie is not None
    events = [each.fait.evenement for each in site.consultations(vie)]
    return [e for e in events if isinstance(e, DossierConsulte) and e.perimetre == "abonnement ; par un avis"]


def maintenant() -> datetime:
    """Now: what receives checks the hour."""
    return datetime.now(UTC)


def test_facts_arrive_signed_in_order_once_and_say_nothing_more(ici: Site, chez: Recepteur) -> None:
    """Each is a look that the ledger has; what is told is read by the API, by the same token; looks are not told."""
    headers = jeton(ici, Role.DDD)
    _, secret = abonner(ici, headers, chez.adresse)
    une_fois(ici.ledger, maintenant())
    chez.recus.clear()  # what was committed just before is told, or not
    before = len(regards(ici))
    arriver(ici, 3)
    assert une_fois(ici.ledger, maintenant()) == 3
    assert une_fois(ici.ledger, maintenant()) == 0
    told = chez.verifies(secret)
    assert len(regards(ici)) == before + 3
    assert regards(ici)[-1].reference == demo.RECLAMATION
    numbers = [each["data"]["numero"] for each in told]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 3
    assert {each["type"] for each in told} == {"dossier.fait.ajoute"}
    assert all(each["data"].keys() == {"dossier", "numero", "corrige", "fait"} for each in told)
    assert demo.PERSONNE.encode() not in b"".join(body for _, body in chez.recus)
    read = Client().get(told[0]["data"]["fait"], headers=headers)
    assert lu(read)["ligne"]["numero"] == numbers[0]
    assert len(set(chez.noms())) == 3
    with pytest.raises(WebhookVerificationError):
        Webhook(signature.montrer(signature.tirer())).verify(chez.recus[0][1], chez.recus[0][0])


def test_a_mandate_that_ends_ends_what_is_sent(ici: Site, chez: Recepteur) -> None:
    """The very fact that revokes it is not told to who lost the right; the dossier is followed no more, no look is noted."""
    headers = jeton(ici, Role.REPRESENTANT)
    abonner(ici, headers, chez.adresse)
    arriver(ici)
    une_fois(ici.ledger, maintenant())
    received, looks = len(chez.recus), len(regards(ici))
    assert received >= 1
    arriver(ici, 2)
    arriver(ici, evenement=MandatRevoque(mandat="M-EXEMPLE-1"), survenu="2026-02-01T08:00:00Z")
    une_fois(ici.ledger, maintenant())
    arriver(ici)
    une_fois(ici.ledger, maintenant())
    assert (len(chez.recus), len(regards(ici))) == (received, looks)
    assert not Suivi.objects.exists()


@pytest.mark.parametrize("fin", ["revoque", "expire", "ferme"])
def test_a_token_or_an_account_that_ends_ends_its_subscriptions(ici: Site, chez: Recepteur, fin: str) -> None:
    """Nothing is sent, and the account is told why."""
    headers = jeton(ici, Role.USAGER)
    abonner(ici, headers, chez.adresse)
    arriver(ici)
    token, compte = Jeton.objects.filter(compte=ici.compte(Role.USAGER)).latest("cree_le"), ici.compte(Role.USAGER)
    if fin == "revoque":
        Jeton.objects.filter(pk=token.pk).update(revoque_le=maintenant())
    later = maintenant() + (timedelta(days=31) if fin == "expire" else timedelta())
    if fin == "ferme":
        compte.is_active = False
        compte.save()
    try:
        une_fois(ici.ledger, later)
    finally:
        compte.is_active = True
        compte.save()
    [only] = Abonnement.objects.all()
    assert only.arrete_le is not None
    assert only.arret
    assert chez.recus == []
    assert not Avis.objects.exists()


def test_what_does_not_arrive_is_sent_again_by_the_same_name_and_nothing_passes_it(ici: Site, chez: Recepteur) -> None:
    """Later and later; a look is noted once; when it arrives the rest follows in order; another subscription goes on."""
    headers = jeton(ici, Role.USAGER)
    name, _ = abonner(ici, headers, chez.adresse)
    now = maintenant()
    une_fois(ici.ledger, now)
    chez.recus.clear()
    looks = len(regards(ici))
    arriver(ici, 2)
    chez.reponses = [500, 302]
    assert une_fois(ici.ledger, now) == 1
    assert une_fois(ici.ledger, now) == 0
    [held] = demander(headers, "GET", "/abonnements")[1]["abonnements"]  # type: ignore[index] # as it answers
    assert (held["id"], held["echec"], held["en_attente"]) == (name, "le serveur a répondu 500", 2)
    now += timedelta(seconds=5)
    une_fois(ici.ledger, now)
    assert len(chez.recus) == 2
    une_fois(ici.ledger, now + timedelta(minutes=1))
    assert len(chez.recus) == 4
    assert len(set(chez.noms()[:3])) == 1
    assert len(set(chez.noms())) == 2
    assert len(regards(ici)) == looks + 2
    stamps = [int(headers["webhook-timestamp"]) for headers, _ in chez.recus]
    assert stamps == [*sorted(set(stamps[:3])), stamps[-1]]
    assert [json.loads(body)["data"]["numero"] for _, body in chez.recus[2:]] == sorted(
        {json.loads(body)["data"]["numero"] for _, body in chez.recus}
    )
    assert Abonnement.objects.get().essais == 0


@pytest.mark.parametrize("statut", [410, 503])
def test_a_receiver_that_is_gone_is_left_alone_and_its_account_told(ici: Site, chez: Recepteur, statut: int) -> None:
    """At once when it says so, after three days otherwise; it may be taken up again, and what it missed is not sent."""
    headers = jeton(ici, Role.USAGER)
    name, _ = abonner(ici, headers, chez.adresse)
    arriver(ici)
    now = maintenant()
    chez.reponses = [statut] * 50
    une_fois(ici.ledger, now)
    if statut == 503:
        assert Abonnement.objects.get().arrete_le is None
        une_fois(ici.ledger, now + PATIENCE)
    only = Abonnement.objects.get()
    assert only.arrete_le is not None
    assert ("410" if statut == 410 else "3 jours") in only.arret
    assert not Avis.objects.exists()
    page = ici.visiteur(Role.USAGER).get("/compte/").content.decode()
    assert "Arrêté" in page
    arriver(ici)
    une_fois(ici.ledger, now + PATIENCE)
    count = len(chez.recus)
    chez.reponses = []
    assert demander(headers, "POST", f"/abonnements/{name}/reprise")[0] == 200
    une_fois(ici.ledger, now + PATIENCE)
    assert len(chez.recus) == count
    arriver(ici)
    une_fois(ici.ledger, now + PATIENCE)
    assert len(chez.recus) == count + 1


def test_a_new_secret_signs_beside_the_old_one_for_a_day(ici: Site, chez: Recepteur) -> None:
    """A receiver may change at any time of it; the day after, the old one is worth nothing. A test says nothing."""
    headers = jeton(ici, Role.USAGER)
    name, old = abonner(ici, headers, chez.adresse, suivre=False)
    status, made = demander(headers, "POST", f"/abonnements/{name}/secret")
    assert isinstance(made, dict)
    new = made["secret"]
    assert (status, old != new) == (200, True)
    for _ in range(3):
        assert demander(headers, "POST", f"/abonnements/{name}/essai")[0] == 202
    assert une_fois(ici.ledger, maintenant()) == 1
    assert [each["type"] for each in chez.verifies(old)] == ["constat.essai"] == [e["type"] for e in chez.verifies(new)]
    Abonnement.objects.update(ancien_expire_le=maintenant())
    demander(headers, "POST", f"/abonnements/{name}/essai")
    une_fois(ici.ledger, maintenant())
    assert len(chez.verifies(new)) == 2
    with pytest.raises(WebhookVerificationError):
        chez.verifies(old)
    only = Abonnement.objects.get()
    for each in (only.secret, only.ancien):
        assert b64decode(old.removeprefix("whsec_")) not in bytes(each or b"")
        assert b64decode(new.removeprefix("whsec_")) not in bytes(each or b"")


def test_a_crash_anywhere_loses_nothing_and_sorts_nothing_twice(
    ici: Site, chez: Recepteur, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the messages and the place; between what was sent and that it was noted: sent again, by the same name."""
    abonner(ici, jeton(ici, Role.USAGER), chez.adresse)
    une_fois(ici.ledger, maintenant())
    chez.recus.clear()
    arriver(ici, 2)
    ici.ledger.sequence()

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Place, "save", crash)
        with pytest.raises(KeyboardInterrupt):
            trier(ici.ledger)
    assert not Avis.objects.exists()
    while trier(ici.ledger):
        pass
    assert Avis.objects.count() == 2
    now = maintenant()
    with monkeypatch.context() as patched:
        patched.setattr("web.avis.distribution._conclure", crash)
        with pytest.raises(KeyboardInterrupt):
            distribuer(now)
    assert not distribuer(now)  # taken, until it is plain that nobody sends it
    now += BAIL
    while distribuer(now):
        pass
    names = chez.noms()
    assert names[0] == names[1] != names[2]
    assert len(names) == 3
    assert not Avis.objects.exists()
    assert len(regards(ici)) >= 2


@pytest.mark.parametrize(("ou", "quoi"), [(distribution, "_prendre"), (Lecteur, "tracer")], ids=["taken", "traced"])
def test_what_ends_while_it_is_being_sent_does_not_leave_and_stops_nobody(
    ici: Site, chez: Recepteur, monkeypatch: pytest.MonkeyPatch, ou: object, quoi: str
) -> None:
    """Somebody stops following between two steps of a sender: it sends nothing of it, and goes on with the rest."""
    abonner(ici, jeton(ici, Role.DDD), chez.adresse)
    une_fois(ici.ledger, maintenant())
    chez.recus.clear()
    arriver(ici)
    ici.ledger.sequence()
    while trier(ici.ledger):
        pass
    step = getattr(ou, quoi)

    def ended(*args: object, **more: object) -> object:
        found = step(*args, **more)
        Avis.objects.all().delete()
        return found

    with monkeypatch.context() as patched:
        patched.setattr(ou, quoi, ended)
        assert distribuer(maintenant())
    assert not chez.recus
    arriver(ici)
    assert une_fois(ici.ledger, maintenant()) == 1
    assert len(chez.recus) == 1


def test_a_token_manages_its_own_subscriptions_and_an_account_all_of_its_own(
    ici: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of another token or account, nothing is known; an address that cannot be is refused with what is expected."""
    one, two, other = jeton(ici, Role.USAGER), jeton(ici, Role.USAGER), jeton(ici, Role.DDD)
    name, _ = abonner(ici, one, "https://exemple.fr/avis")
    for headers in (two, other):
        assert demander(headers, "GET", "/abonnements")[1] == {"abonnements": []}
        for method, path in (("POST", "/secret"), ("POST", "/essai"), ("POST", "/reprise"), ("DELETE", "")):
            assert demander(headers, method, f"/abonnements/{name}{path}")[0] == 404
        assert demander(headers, "PUT", f"/dossiers/{ici.sujet()}/abonnements/{name}")[0] == 404
    assert lu(ici.visiteur(Role.USAGER).get("/api/v1/abonnements"))["abonnements"][0]["id"] == name
    limited = jeton(ici, Role.USAGER, Objet.CHRONOLOGIE)
    assert demander(limited, "GET", "/abonnements")[0] == 403
    others = ici.sujet("jana-exemple-n05")
    assert demander(one, "PUT", f"/dossiers/{others}/abonnements/{name}")[0] == 404
    assert demander(one, "PUT", f"/dossiers/{ici.sujet()}/abonnements/{name}")[0] == 200
    assert demander(one, "DELETE", f"/dossiers/{ici.sujet()}/abonnements/{name}")[0] == 204
    assert not Suivi.objects.exists()
    status, told = demander(one, "POST", "/abonnements", {"nom": "x", "adresse": "https://10.0.0.1/"})
    assert isinstance(told, dict)
    assert (status, told["erreurs"][0]["champ"]) == (422, "adresse")
    monkeypatch.setattr(abonnements, "ABONNEMENTS", 1)
    status, told = demander(one, "POST", "/abonnements", {"nom": "x", "adresse": "https://exemple.fr/"})
    assert isinstance(told, dict)
    assert (status, told["code"]) == (409, "trop_d_abonnements")
    assert demander(one, "DELETE", f"/abonnements/{name}")[0] == 204


def test_who_is_told_of_a_fact_is_who_may_read_it() -> None:
    """In the table of rights, of the same persons."""
    for role in Role:
        assert DROITS[role].get(Objet.ABONNEMENT) == DROITS[role].get(Objet.CHRONOLOGIE)


REFUSEES = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200",
    "0.0.0.0",  # noqa: S104 - one that is refused
    "192.0.0.192", "168.63.129.16", "224.0.0.1", "255.255.255.255", "198.18.0.1", "203.0.113.1", "240.0.0.1",
    "::1", "::", "fe80::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "3fff::1",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSEES)
def test_no_message_goes_where_only_this_network_reaches(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Private, this machine's, links, metadata, an IPv4 address in disguise: written out, or behind a name."""
    assert not permise(ip_address(text))
    host = f"[{text}]" if ":" in text else text
    with pytest.raises(AdresseRefuseeError):
        lire(f"https://{host}/", locales=False)
    monkeypatch.setattr(
        sortie.socket,
        "getaddrinfo",
        lambda *_, **__: [(0, 0, 0, "", ("93.184.215.14", 443)), (0, 0, 0, "", (text, 443))],
    )
    refused = poster(lire("https://exemple.fr/", locales=False), {}, b"", locales=False)
    assert refused.echec == "l'adresse n'est pas celle d'un serveur public"


@settings(max_examples=40)
@given(st.ip_addresses(network="2000::/3") | st.ip_addresses(v=4))
def test_what_is_taken_is_global(ip: object) -> None:
    """For all addresses."""
    known = ip_address(str(ip))
    assert not permise(known) or (known.is_global and not known.is_private and not known.is_loopback)


@pytest.mark.parametrize(
    "text",
    [
        "", "exemple.fr", "http://exemple.fr/", "ftp://exemple.fr/", "https://", "https://moi:mot@exemple.fr/",
        "https://exemple.fr/#fin", "https://exemple.fr/a b", "https://exemple.fr:99999/", "https://[::1", "file:///etc/passwd",
        "https://exemple.fr/" + "x" * 500, "https://exemple.fr/\r\nHost: autre", "https://" + "é" * 80 + ".fr/", "https://2130706433/\x00",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_when_it_is_given(text: str) -> None:
    """With what is expected."""
    with pytest.raises(AdresseRefuseeError):
        lire(text, locales=False)


@pytest.mark.parametrize("name", ["2130706433", "0x7f.1", "localhost"])
def test_this_machine_by_another_name_is_refused_when_it_is_resolved(name: str) -> None:
    """Whatever the system takes for its address."""
    assert poster(lire(f"https://{name}/", locales=False), {}, b"", locales=False).echec


def test_this_machine_is_reached_in_the_demonstration_and_where_it_says_so_only(chez: Recepteur) -> None:
    """By a setting; in clear to this machine alone."""
    told = {"CONSTAT_WEB_HOOKS": "local"}
    assert Settings.read(told, demo=True).web.avis_locaux
    assert not Settings.read(told).web.avis_locaux
    assert not Settings.read({}, demo=True).web.avis_locaux
    assert poster(lire(chez.adresse, locales=True), {}, b"{}", locales=True).echec == ""
    with pytest.raises(AdresseRefuseeError):
        lire(chez.adresse, locales=False)
    with pytest.raises(AdresseRefuseeError):
        lire("http://93.184.215.14/", locales=True)


def test_a_slow_or_endless_answer_is_cut_and_none_is_followed(chez: Recepteur, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a bound on the whole; a redirect is a failure; what the answer asks to wait is read, and bounded."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for n in range(200):
                handler.wfile.write(f"X-{n}: a\r\n".encode())
                handler.wfile.flush()
                monotone.wait(0.02)
        except OSError:
            return

    def ailleurs(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(307)
        handler.send_header("Location", chez.adresse)
        handler.send_header("Retry-After", "999999999")
        handler.end_headers()

    monotone = Event()
    where = lire(chez.adresse, locales=True)
    chez.reponses = [drip, ailleurs]
    with monkeypatch.context() as hurried:
        hurried.setattr(sortie, "DELAI", 0.3)
        assert poster(where, {}, b"{}", locales=True).echec == "le serveur répond trop lentement"
    moved = poster(where, {}, b"{}", locales=True)
    assert (moved.echec, moved.statut, moved.attendre) == ("le serveur a répondu 307", 307, sortie.PLAFOND)
    assert len(chez.recus) == 2


def test_a_pause_grows_and_has_an_end() -> None:
    """Never below half of what it grows to, never above the longest."""
    assert timedelta(seconds=2.5) <= attente(0) <= timedelta(seconds=5)
    assert timedelta(seconds=22.5) <= attente(2) <= timedelta(seconds=45)
    assert all(DERNIER / 2 <= attente(n) <= DERNIER for n in (9, 50, 10_000))


def test_the_example_of_the_documentation_reads_what_is_sent(ici: Site, chez: Recepteur) -> None:
    """As it stands; another secret, another body and another hour are refused. Sent by the process that goes on."""
    told = (Path(__file__).parents[2] / "docs" / "web.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.+?)```", told, flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - what readers are told to run
    name, secret = abonner(ici, jeton(ici, Role.USAGER), chez.adresse, suivre=False)
    abonnements.essayer(Abonnement.objects.get(pk=name), maintenant())
    stop = Event()
    sender = Thread(target=tourner, args=(ici.ledger, stop))
    sender.start()
    for _ in range(500):
        if chez.recus and not Avis.objects.exists():
            break
        stop.wait(0.02)
    stop.set()
    sender.join()
    [(headers, body)] = chez.recus
    read = names["lire_avis"]
    assert read(headers, body, secret)["type"] == "constat.essai"
    old = {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 301)}
    for wrong in ((headers, body + b" ", secret), (headers, body, signature.montrer(bytes(32))), (old, body, secret)):
        with pytest.raises(ValueError, match=r"too old|not signed"):
            read(*wrong)


@pytest.mark.parametrize("name", ["exemple.test", "autre.test"])
def test_a_receiver_proves_its_name_at_the_address_that_was_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """By a certificate of an authority that is trusted, for the name that was given; to any other nothing is sent."""
    root = certify("Racine fictive", ca=True)
    party = certify(name, root, more=((x509.SubjectAlternativeName([x509.DNSName(name)]), False),))
    pem = party.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + party.pem
    (tmp_path / "serveur.pem").write_bytes(pem)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(tmp_path / "serveur.pem")
    trusting = ssl.create_default_context(cadata=root.pem.decode())
    monkeypatch.setattr(sortie, "contexte", lambda: trusting)
    monkeypatch.setattr(sortie, "resoudre", lambda *_, **__: [ip_address("127.0.0.9"), ip_address("127.0.0.1")])
    with recepteur(served) as chez:
        issue = poster(lire(f"https://exemple.test:{chez.port}/avis?a=1", locales=False), {}, b"{}", locales=False)
    if name == "exemple.test":
        assert issue.echec == ""
        assert chez.recus[0][0]["host"] == f"exemple.test:{chez.port}"
    else:
        assert issue.echec == "le certificat du serveur n'est pas valable"
        assert chez.recus == []


def test_what_is_due_is_sent_by_one_command(ici: Site) -> None:
    """Once, and it ends."""
    done = CliRunner().invoke(commandes.notify, ["--once"], obj=ici.registre.settings)
    assert "avis traités : 0" in done.output


def test_our_signatures_are_those_of_the_standard() -> None:
    """The example of the library, byte for byte, whatever the secret and the body."""
    at = datetime(2026, 11, 27, 12, 0, 0, 999_000, tzinfo=UTC)
    for body in ("{}", '{"é":"…"}', ""):
        key, message = signature.tirer(), UUID(int=7)
        made = signature.entetes(message, body.encode(), [key], at)
        expected = Webhook(signature.montrer(key)).sign(made["webhook-id"], at, body)
        assert made["webhook-signature"] == expected
        assert "." not in made["webhook-id"]


def test_the_pages_do_what_the_api_does(ici: Site, chez: Recepteur) -> None:
    """Subscribed, followed with the reason of the session, tried, renewed, left, ended; the secret is shown once."""
    client = ici.visiteur(Role.AGENT)
    assert client.post("/compte/abonnements/", {"nom": "essai", "adresse": "http://exemple.fr/"}).status_code == 422
    made = client.post("/compte/abonnements/", {"nom": "essai", "adresse": chez.adresse}).content.decode()
    [secret] = re.findall(r"whsec_[A-Za-z0-9+/=]+", made.replace("&#43;", "+"))
    assert "whsec_" not in client.get("/compte/abonnements/").content.decode()
    [only] = Abonnement.objects.all()
    wanted = client.post("/compte/abonnements/suivre/", {"dossier": ici.sujet()})
    assert wanted["Location"] == f"/dossiers/{ici.sujet()}/suivre/"
    where, named = wanted["Location"], {"abonnement": str(only.id)}
    assert client.post(where, {**named, "acte": "suivre"}).status_code == 302
    assert "Ne plus suivre" in client.get(where).content.decode()
    assert Suivi.objects.get().fondement == "instruction"
    arriver(ici)
    client.post("/compte/abonnements/agir/", {**named, "acte": "essai"})
    une_fois(ici.ledger, maintenant())
    assert {each["type"] for each in chez.verifies(secret)} == {"constat.essai", "dossier.fait.ajoute"}
    assert secret not in client.post("/compte/abonnements/agir/", {**named, "acte": "secret"}).content.decode()
    ici.visiteur(Role.SUPERVISEUR).post(where, {**named, "acte": "cesser"})
    assert Suivi.objects.exists()
    client.post(where, {**named, "acte": "cesser"})
    assert not Suivi.objects.exists()
    client.post("/compte/abonnements/agir/", {**named, "acte": "fin"})
    assert not Abonnement.objects.exists()

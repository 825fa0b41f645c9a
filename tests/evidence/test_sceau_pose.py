"""Sealing fails closed: nothing leaves half sealed, the message says why and what to do, and no secret is in it."""

import dataclasses
import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.ocsp import OCSPCertStatus

from evidence import sceau_reseau
from evidence.sceau import LE_PLUS, Sceau, SceauError, sceller, verifier_sceau
from ledger.errors import ConstatError
from ledger.seal.couriers import Authority
from ledger.seal.post import PostError
from ledger.seal.timestamp import Trust
from ledger.seal.tsp import TimestampError
from tests.evidence import pki
from tests.evidence.pki import PHRASE, Maison, publish_all, usage
from tests.evidence.scelles import document
from tests.seal.tsa import Behaviour, certify

maison = pki.maison


@pytest.fixture(autouse=True)
def told(maison: Maison, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Lists are those of now before each test; after it, no passphrase was logged or printed, and the logs say nothing."""
    publish_all(maison)
    caplog.set_level(logging.DEBUG)
    yield
    maison.tsa.behaviour = Behaviour.GRANT
    printed = "".join(capfd.readouterr())
    assert PHRASE not in caplog.text + printed
    assert "Traceback" not in caplog.text + printed


def refusal(sceau: Sceau, pdf: bytes | None = None, kind: type[ConstatError] = SceauError) -> str:
    """Why it was not sealed; the passphrase is in no part of it, nor in what led to it."""
    with pytest.raises(kind) as refused:
        sceller(document() if pdf is None else pdf, sceau)
    whole = "".join(traceback.format_exception(refused.value))
    assert PHRASE not in whole
    assert "Error" not in str(refused.value)
    return str(refused.value)


def test_a_wrong_passphrase(maison: Maison) -> None:
    """The two settings are named, and nothing of what was tried is shown."""
    sceau = maison.sceau()
    (maison.folder / "autre").write_text("pas la bonne phrase\n", encoding="utf-8")
    for phrase in (maison.folder / "autre", None):
        told = refusal(dataclasses.replace(sceau, phrase=phrase))
        assert "sceau.p12 ne s'ouvre pas" in told
        assert "CONSTAT_SEAL_P12_PASSWORD" in told
        assert "pas la bonne" not in told


def test_a_passphrase_of_one_line(maison: Maison) -> None:
    """The first line is the passphrase, whatever ends it; a file without one is refused, and so is one that is away."""
    sceau = maison.sceau()
    assert sceau.phrase is not None
    for ending in ("", "\n", "\r\n", "\nla suite\n"):
        sceau.phrase.write_text(PHRASE + ending, encoding="utf-8", newline="")
        assert verifier_sceau(sceller(document(), sceau), maison.confiance).tient
    sceau.phrase.write_text("\n" + PHRASE, encoding="utf-8")
    assert "la première ligne est vide" in refusal(sceau)
    sceau.phrase.write_text("", encoding="utf-8")
    assert "vide ou trop long" in refusal(sceau)
    assert "introuvable" in refusal(dataclasses.replace(sceau, phrase=maison.folder / "nulle-part"))


def test_a_file_of_keys_that_is_none(maison: Maison) -> None:
    """No file, an empty one, something else, a certificate without its key: each is told apart from the passphrase."""
    sceau = maison.sceau()
    assert "sceau.p12 (CONSTAT_SEAL_P12) est vide" in refusal(overwritten(sceau, b""))
    assert "ce n'est pas un fichier PKCS#12" in refusal(overwritten(sceau, b"-----BEGIN CERTIFICATE-----\n"))
    assert "vide ou trop long" in refusal(overwritten(sceau, b"\0" * (2 << 20)))
    alone = pkcs12.serialize_key_and_certificates(b"x", None, maison.seal.certificate, None, NoEncryption())
    assert "n'a pas une clé et son certificat" in refusal(dataclasses.replace(overwritten(sceau, alone), phrase=None))
    assert "introuvable" in refusal(dataclasses.replace(sceau, cle=maison.folder / "nulle-part"))


def overwritten(sceau: Sceau, content: bytes) -> Sceau:
    """The same, with something else in its file."""
    sceau.cle.write_bytes(content)
    return sceau


@pytest.mark.parametrize(
    "key", [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())], ids=["rsa", "p384"]
)
def test_other_keys_seal(maison: Maison, key: Any) -> None:
    """RSA of 2048 bits, and P-384, by a certificate for digital signatures."""
    party = maison.certified(key=key, more=(usage("digital_signature"), maison.lists.at("ac.crl")))
    assert verifier_sceau(sceller(document(), maison.sceau(party)), maison.confiance).tient


def short() -> rsa.RSAPrivateKey:
    """A key that anybody may find."""
    return rsa.generate_private_key(65537, 1024)  # noqa: S505 - that is what is refused


@pytest.mark.parametrize(
    "key", [short(), ec.generate_private_key(ec.SECP256K1()), ed25519.Ed25519PrivateKey.generate()],
    ids=["rsa1024", "k1", "ed25519"],
)  # fmt: skip
def test_other_keys_do_not(maison: Maison, key: Any) -> None:
    """Too short, or of a form that PDF/A-3 and many readers do not know: what is expected is said."""
    told = refusal(maison.sceau(maison.certified(key=key)))
    assert "ne convient pas ; attendu : ECDSA (P-256 à P-521), ou RSA d'au moins 2048 bits" in told


def test_a_certificate_that_may_not_seal(maison: Maison) -> None:
    """Revoked, expired, not yet valid, made for something else, or of nobody who is believed: each in its own words."""
    revoked = maison.certified("Révoqué")
    publish_all(maison, revoked)
    told = refusal(maison.sceau(revoked))
    assert "« Révoqué »" in told
    assert "est révoqué depuis le" in told
    now = datetime.now(UTC)
    expired = maison.certified(since=now - timedelta(days=9), until=now - timedelta(days=2))
    assert "a expiré le" in refusal(maison.sceau(expired))
    future = maison.certified(since=now + timedelta(days=2))
    assert "n'est valable qu'à partir du" in refusal(maison.sceau(future))
    other = maison.certified(more=(usage("key_encipherment"), maison.lists.at("ac.crl")))
    assert "n'annonce pas que sa clé sert à signer" in refusal(maison.sceau(other))
    stranger = certify("Ailleurs", certify("Racine d'ailleurs", ca=True), more=(usage("content_commitment"),))
    assert "CONSTAT_SEAL_ROOTS" in refusal(maison.sceau(stranger, others=()))
    assert "PKCS#12" in refusal(maison.sceau(others=()))


def test_a_seal_is_not_believed_by_the_root_of_time(maison: Maison) -> None:
    """What the deployment believes about time is not what it believes about seals: such a seal is not given back."""
    clock = maison.tsa.root
    party = certify("Faux cachet", clock, more=(usage("content_commitment"), maison.lists.at("heure.crl")))
    assert "ne se vérifie pas" in refusal(maison.sceau(party, others=()))


def drop(maison: Maison, name: str) -> None:
    """The list is not there."""
    del maison.lists.body[f"/{name}"]


def garble(maison: Maison, name: str) -> None:
    """Something else is there."""
    maison.lists.body[f"/{name}"] = b"<html>maintenance</html>"


def age(maison: Maison, name: str) -> None:
    """The list is out of date."""
    issuer = {"racine.crl": maison.root, "ac.crl": maison.issuer, "heure.crl": maison.tsa.root}[name]
    maison.lists.publish(name, issuer, since=timedelta(days=9), until=timedelta(days=-2))


def forge(maison: Maison, name: str) -> None:
    """The list is somebody else's, in the same name."""
    named = {"racine.crl": maison.root, "ac.crl": maison.issuer, "heure.crl": maison.tsa.root}[name]
    maison.lists.publish(name, certify("x", ca=True, subject=named.certificate.subject))


@pytest.mark.parametrize("name", ["racine.crl", "ac.crl", "heure.crl"])
@pytest.mark.parametrize(
    ("spoil", "because"),
    [
        (drop, "réponse 404"),
        (garble, "ce n'est pas une liste de révocation"),
        (age, "aucune liste à jour"),
        (forge, ""),
    ],
)
def test_a_list_that_cannot_be_had(maison: Maison, name: str, spoil: Callable[..., None], because: str) -> None:
    """The seal's own, the authority's above it, or the clock's: without each of them nothing is sealed."""
    spoil(maison, name)
    told = refusal(maison.sceau())
    assert "la révocation d'un certificat n'a pas pu être vérifiée" in told
    assert because in told
    if because.startswith(("réponse", "ce n'est")):
        assert f"{maison.lists.url}/{name} : " in told


def test_a_responder_that_does_not_say_that_it_is_good(maison: Maison) -> None:
    """Revoked, unknown, or the word of somebody else in its name (RFC 6960): nothing is sealed."""
    party = maison.certified("Interrogé", more=(usage("content_commitment"), maison.lists.responder("ocsp")))
    maison.lists.answer("ocsp", maison.issuer, party, OCSPCertStatus.REVOKED)
    told = refusal(maison.sceau(party))
    assert "« Interrogé »" in told
    assert "est révoqué depuis le" in told
    maison.lists.answer("ocsp", maison.issuer, party, OCSPCertStatus.UNKNOWN)
    assert "la révocation d'un certificat n'a pas pu être vérifiée" in refusal(maison.sceau(party))
    forger = certify("x", ca=True, subject=maison.issuer.certificate.subject)
    maison.lists.answer("ocsp", maison.issuer, party, by=forger)
    assert "la révocation d'un certificat n'a pas pu être vérifiée" in refusal(maison.sceau(party))
    maison.lists.answer("ocsp", maison.issuer, party)
    assert verifier_sceau(sceller(document(), maison.sceau(party)), maison.confiance).tient


def test_a_list_too_long_or_too_slow(maison: Maison, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list beyond the bound is not read; one that drips, or never comes, ends with its time; so does the whole."""
    monkeypatch.setattr(sceau_reseau, "LISTE", 1000)
    maison.lists.body["/ac.crl"] = b"\0" * 5000
    assert "plus de 1000 octets" in refusal(maison.sceau())
    monkeypatch.undo()
    monkeypatch.setattr(sceau_reseau, "CHAQUE", 0.5)
    with silent() as port:
        party = maison.certified(more=(usage("content_commitment"), at(port)))
        before = time.monotonic()
        assert "pas de réponse entière à temps" in refusal(maison.sceau(party))
        assert time.monotonic() - before < 10
    monkeypatch.setattr(sceau_reseau, "SECONDES", 0.0)
    publish_all(maison)
    assert "réessayez plus tard" in refusal(maison.sceau())
    monkeypatch.undo()
    monkeypatch.setattr(sceau_reseau.Budget, "__init__", few)
    assert "réessayez plus tard" in refusal(maison.sceau(), kind=PostError)


def few(budget: sceau_reseau.Budget) -> None:
    """All the time, and two calls."""
    budget.fin, budget.appels, budget.echecs = time.monotonic() + 60, 2, []


class silent:  # noqa: N801 - used as a function is
    """A port where somebody listens and never answers."""

    def __enter__(self) -> int:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.held: list[socket.socket] = []
        self.thread = threading.Thread(target=self._take, daemon=True)
        self.thread.start()
        port: int = self.server.getsockname()[1]
        return port

    def _take(self) -> None:
        try:
            while True:
                self.held.append(self.server.accept()[0])
        except OSError:
            return

    def __exit__(self, *_: object) -> None:
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.thread.join()
        for each in self.held:
            each.close()


def at(port: int) -> pki.Extension:
    """The extension of a certificate whose list is at that port."""
    lists = object.__new__(pki.Lists)
    lists.url = f"http://127.0.0.1:{port}"
    return lists.at("ac.crl")


@pytest.mark.parametrize(
    ("behaviour", "kind", "because"),
    [
        (Behaviour.GARBAGE, TimestampError, "DER"),
        (Behaviour.WRONG_NONCE, TimestampError, "nombre de la demande"),
        (Behaviour.REJECT, TimestampError, "refusé d'horodater"),
        (Behaviour.REDIRECT, TimestampError, "aucune redirection"),
        (Behaviour.FAIL, TimestampError, "503"),
        (Behaviour.HUGE, PostError, "octets"),
    ],
)
def test_an_authority_that_gives_no_time(
    maison: Maison, behaviour: Behaviour, kind: type[ConstatError], because: str
) -> None:
    """Whatever it does instead, nothing is sealed."""
    maison.tsa.behaviour = behaviour
    assert because in refusal(maison.sceau(), kind=kind)


def test_an_authority_that_is_not_believed_or_away(maison: Maison) -> None:
    """Its token is judged before it is used; an address where nobody listens is told as such."""
    url = maison.tsa.url
    stranger = certify("Racine d'ailleurs", ca=True).certificate
    for trust in (Trust(), Trust(roots=[stranger])):
        told = refusal(maison.sceau(autorite=Authority(url, trust)), kind=TimestampError)
        assert "autorité d'horodatage que l'on croit" in told
    away = Authority("http://127.0.0.1:9/tsa", maison.sceau().autorite.trust)
    assert "la connexion a été refusée" in refusal(maison.sceau(autorite=away), kind=PostError)


def test_what_may_not_be_sealed(maison: Maison) -> None:
    """No PDF, one that bears a signature already, one too long."""
    sceau = maison.sceau()
    for raw in (b"", b"PK\x03\x04", b"%PDF-1.7\n%%EOF"):
        assert "n'est pas un PDF" in refusal(sceau, raw)
    assert "porte déjà une signature" in refusal(sceau, sceller(document(), sceau))
    assert "Mo" in refusal(sceau, bytes(LE_PLUS + 1))


def test_three_stamps_and_one_call_for_each_list(maison: Maison) -> None:
    """What a seal costs: three requests to the authority, under its policy and login, and each list once."""
    trust = maison.sceau().autorite.trust
    maison.tsa.asked.clear()
    maison.tsa.logins.clear()
    maison.lists.asked.clear()
    sceau = maison.sceau(autorite=Authority(maison.tsa.url, trust, "1.2.250.1.999.1", "constat:secret"))
    sealed = sceller(document(), sceau, raison="Exemple fictif, « à l'essai »")
    assert len(maison.tsa.asked) == 3
    assert set(maison.tsa.logins) == {"Basic Y29uc3RhdDpzZWNyZXQ="}
    assert sorted(maison.lists.asked) == ["/ac.crl", "/heure.crl", "/racine.crl"]
    verdict = verifier_sceau(sealed, maison.confiance)
    assert verdict.raison == "Exemple fictif, « à l'essai »"
    assert "secret" not in repr(sceau)


def test_the_file_of_the_key_is_read_each_time(maison: Maison, tmp_path: Path) -> None:
    """A renewed certificate in the same place is used by the next seal."""
    first = verifier_sceau(sceller(document(), maison.sceau()), maison.confiance)
    second = verifier_sceau(sceller(document(), maison.sceau(maison.certified("Renouvelé"))), maison.confiance)
    assert (first.signataire, second.signataire) == ("CN=Cachet fictif du registre", "CN=Renouvelé")

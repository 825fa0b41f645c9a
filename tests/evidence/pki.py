"""Who seals, in tests: a root (P-384), an issuing authority, a seal (P-256), an authority of time; lists served over HTTP.

Another test module takes the fixture by naming it: ``maison = pki.maison``.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from evidence.sceau import Confiance, Sceau
from ledger.seal.couriers import Authority
from ledger.seal.timestamp import Trust
from tests.seal.tsa import TIME_STAMPING, LocalTsa, Party, certify

PHRASE: Final = "phrase d'essai, à ne montrer nulle part"
USAGES: Final = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign",
    "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip

Extension = tuple[x509.ExtensionType, bool]

NAMED_BY = hashes.SHA1


def usage(*named: str) -> Extension:
    """The extension that says what a key is for."""
    return x509.KeyUsage(**{each: each in named for each in USAGES}), True


@dataclass
class Lists:
    """A small web server of lists of revocation. ``body``: what each path answers; ``asked``: the paths, in order."""

    body: dict[str, bytes | Callable[[bytes], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.lists = self
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def at(self, name: str) -> Extension:
        """The extension of a certificate whose list is ``name``."""
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{self.url}/{name}")], None, None, None)
        return x509.CRLDistributionPoints([point]), False

    def responder(self, name: str) -> Extension:
        """The extension of a certificate whose OCSP responder is ``name``."""
        where = x509.UniformResourceIdentifier(f"{self.url}/{name}")
        return x509.AuthorityInformationAccess(
            [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, where)]
        ), False

    def publish(
        self,
        name: str,
        issuer: Party,
        *revoked: Party,
        since: timedelta = timedelta(minutes=5),
        until: timedelta = timedelta(days=1),
    ) -> None:
        """``issuer``'s list, of which ``revoked`` are; made ``since`` ago, the next one in ``until``."""
        now = datetime.now(UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.certificate.subject)
            .last_update(now - since)
            .next_update(now + until)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.certificate.public_key()), critical=False
            )
            .add_extension(x509.CRLNumber(1), critical=False)
        )
        for each in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(each.certificate.serial_number)
            builder = builder.add_revoked_certificate(entry.revocation_date(now - timedelta(minutes=1)).build())
        self.body[f"/{name}"] = builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def answer(
        self,
        name: str,
        issuer: Party,
        subject: Party,
        status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
        by: Party | None = None,
    ) -> None:
        """``issuer``'s responder, which says of ``subject`` that it is good, or what else it is, whatever is asked.

        ``by``: who signs, if it is somebody else.
        """
        signer = by or issuer

        def body(_asked: bytes) -> bytes:
            now = datetime.now(UTC).replace(microsecond=0)
            since = now - timedelta(minutes=2) if status is ocsp.OCSPCertStatus.REVOKED else None
            builder = ocsp.OCSPResponseBuilder().add_response(
                subject.certificate, issuer.certificate, NAMED_BY(), status,
                now - timedelta(minutes=1), now + timedelta(days=1), since, None,
            )  # fmt: skip
            named = builder.responder_id(ocsp.OCSPResponderEncoding.NAME, signer.certificate)
            return named.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)

        self.body[f"/{name}"] = body

    def stop(self) -> None:
        """Close the port."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class _Server(ThreadingHTTPServer):
    lists: Lists
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, asked: bytes) -> None:
        self.server.lists.asked.append(self.path)
        found = self.server.lists.body.get(self.path)
        body = found(asked) if callable(found) else found
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        try:
            self.wfile.write(body or b"")
        except OSError:
            # Who asked has read enough.
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing: the test says what matters."""


@dataclass
class Maison:
    """Somebody who seals. ``sceau``: how; ``folder``: where its files are."""

    folder: Path
    lists: Lists
    tsa: LocalTsa
    root: Party
    issuer: Party
    seal: Party

    @property
    def confiance(self) -> Confiance:
        """Whoever believes it."""
        return self.sceau().confiance

    def sceau(self, party: Party | None = None, *, others: tuple[Party, ...] | None = None, **changed: Any) -> Sceau:
        """How it seals, by ``party`` if given; ``changed``: fields of the result."""
        used = party or self.seal
        chain = [each.certificate for each in ((self.issuer,) if others is None else others)]
        (self.folder / "sceau.p12").write_bytes(
            pkcs12.serialize_key_and_certificates(
                b"sceau", used.key, used.certificate, chain, BestAvailableEncryption(PHRASE.encode())
            )
        )
        (self.folder / "phrase").write_text(PHRASE + "\n", encoding="utf-8")
        given: dict[str, Any] = {
            "cle": self.folder / "sceau.p12",
            "phrase": self.folder / "phrase",
            "autorite": Authority(self.tsa.url, Trust(roots=[self.tsa.root.certificate])),
            "racines": [self.root.certificate],
        }
        return Sceau(**{**given, **changed})

    def certified(self, name: str = "Autre sceau fictif", **changed: Any) -> Party:
        """Another seal of the same authority, in the same list."""
        given = {"more": (usage("content_commitment"), self.lists.at("ac.crl"))}
        return certify(name, self.issuer, **{**given, **changed})


@pytest.fixture(scope="module")
def maison(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maison]:
    """Somebody who seals, with all its lists published; skipped where openssl, which stamps, is missing."""
    lists = Lists()
    authority = (usage("key_cert_sign", "crl_sign"),)
    root = certify("Racine fictive", ca=True, key=ec.generate_private_key(ec.SECP384R1()), more=authority)
    issuer = certify("AC fictive", root, ca=True, path_length=0, more=(*authority, lists.at("racine.crl")))
    seal = certify("Cachet fictif du registre", issuer, more=(usage("content_commitment"), lists.at("ac.crl")))
    clock_root = certify("Racine de l'heure", ca=True, more=authority)
    signs = (usage("digital_signature"), lists.at("heure.crl"))
    clock = certify("Horloge fictive", clock_root, usage=TIME_STAMPING, more=signs)
    try:
        tsa = LocalTsa(tmp_path_factory.mktemp("tsa"), clock_root, clock)
        made = Maison(tmp_path_factory.mktemp("sceau"), lists, tsa, root, issuer, seal)
        publish_all(made)
        yield made
        tsa.stop()
    finally:
        lists.stop()


def publish_all(maison: Maison, *revoked: Party) -> None:
    """Its lists of now, of which ``revoked`` are."""
    maison.lists.publish("racine.crl", maison.root)
    maison.lists.publish("ac.crl", maison.issuer, *revoked)
    maison.lists.publish("heure.crl", maison.tsa.root)

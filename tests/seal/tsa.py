"""An authority of time for tests: certificates of its own, ``openssl ts`` behind a small HTTP server, and ways to fail.

Another test module takes the fixture by naming it: ``local_tsa = tsa.local_tsa``.
"""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ledger.seal import tsp
from ledger.seal.timestamp import request

POLICY: Final = "1.2.250.1.999.1"
TIME_STAMPING: Final = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
NO_OPENSSL: Final = "openssl n'est pas sur cette machine : ni autorité d'essai, ni second avis sur un jeton"
CONFIGURATION: Final = """
[tsa]
default_tsa = authority
[authority]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = {policy}
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500
clock_precision_digits = 3
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = {ess}
{more}
"""


@dataclass(frozen=True)
class Party:
    """Somebody with a certificate and its key."""

    certificate: x509.Certificate
    key: CertificateIssuerPrivateKeyTypes

    @property
    def pem(self) -> bytes:
        """Its certificate, as a file."""
        return self.certificate.public_bytes(Encoding.PEM)


def certify(
    name: str,
    issuer: Party | None = None,
    *,
    key: CertificateIssuerPrivateKeyTypes | None = None,
    ca: bool | None = False,
    path_length: int | None = None,
    usage: x509.ExtendedKeyUsage | None = None,
    critical: bool = True,
    since: datetime | None = None,
    until: datetime | None = None,
    more: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    subject: x509.Name | None = None,
) -> Party:
    """A new party, certified by ``issuer`` or by itself; on an elliptic curve unless a key is given."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = subject or x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since or now - timedelta(days=1))
        .not_valid_after(until or now + timedelta(days=30))
    )
    extensions = [*more]
    if ca is not None:
        extensions.append((x509.BasicConstraints(ca=ca, path_length=path_length), True))
    if usage is not None:
        extensions.append((usage, critical))
    for extension, is_critical in extensions:
        builder = builder.add_extension(extension, is_critical)
    return Party(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


class Behaviour(Enum):
    """What the authority does with a request."""

    GRANT = auto()
    GARBAGE = auto()
    WRONG_NONCE = auto()
    WRONG_IMPRINT = auto()
    REJECT = auto()
    OTHER_POLICY = auto()
    REDIRECT = auto()
    FAIL = auto()
    HUGE = auto()
    SHORT = auto()
    DRIP = auto()
    SILENT = auto()


@dataclass
class LocalTsa:
    """A running authority. ``asked``: the requests' bodies; ``logins``: their ``Authorization`` headers."""

    folder: Path
    root: Party
    authority: Party
    behaviour: Behaviour = Behaviour.GRANT
    asked: list[bytes] = field(default_factory=list)
    logins: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.openssl = Openssl(self.folder, self.authority)
        self.stopping = threading.Event()
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.tsa = self
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/tsa"

    def over_tls(self, server: Party, folder: Path) -> str:
        """Speak TLS from now on, as ``server``; returns the address."""
        private = server.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "server.pem").write_bytes(private + server.pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        return f"https://localhost:{self.port}/tsa"

    def stop(self) -> None:
        """Close the port; nothing answers there any more."""
        if self.thread.is_alive():
            self.stopping.set()
            self.server.shutdown()
            self.server.server_close()
            self.thread.join()

    def answer(self, query: bytes) -> bytes:
        """The body of the answer to ``query``, as it behaves."""
        asked = asn1.decode_der(tsp.Request, query)
        digest, nonce = asked.imprint.digest, asked.nonce or 0
        match self.behaviour:
            case Behaviour.GARBAGE:
                return b"<html>maintenance</html>"
            case Behaviour.HUGE:
                return b"\0" * (1 << 20)
            case Behaviour.WRONG_NONCE:
                query = request(digest, nonce ^ 1)
            case Behaviour.WRONG_IMPRINT:
                query = request(sha256(digest).digest(), nonce)
            case Behaviour.REJECT:
                query = request(digest, nonce, policy="1.2.3")
            case Behaviour.OTHER_POLICY:
                query = request(digest, nonce)
        return self.openssl.reply(query)


class Openssl:
    """``openssl ts`` with an authority's certificate and key. ``more``: lines of its configuration."""

    def __init__(self, folder: Path, authority: Party, *, ess: str = "sha256", more: str = "") -> None:
        if shutil.which("openssl") is None:
            pytest.skip(NO_OPENSSL)
        self.folder, self.count, self.lock = folder, 0, threading.Lock()
        (folder / "serial").write_text("0F\n")
        (folder / "tsa.pem").write_bytes(authority.pem)
        private = authority.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "tsa.key").write_bytes(private)
        filled = CONFIGURATION.format(folder=folder, policy=POLICY, ess=ess, more=more)
        (folder / "tsa.cnf").write_text(filled)

    def reply(self, query: bytes) -> bytes:
        """A TimeStampResp, granted or not."""
        with self.lock:
            (self.folder / "query").write_bytes(query)
            names = ["-config", self.folder / "tsa.cnf", "-queryfile", self.folder / "query"]
            subprocess.run(
                ["openssl", "ts", "-reply", *names, "-out", self.folder / "reply"], check=True, capture_output=True
            )
            return (self.folder / "reply").read_bytes()


def second_opinion(
    token: bytes,
    data: bytes,
    root: x509.Certificate,
    folder: Path,
    *,
    others: tuple[x509.Certificate, ...] = (),
    at: datetime | None = None,
) -> bool:
    """Whether ``openssl ts -verify`` accepts a token over the file ``data``, now or ``at`` another time."""
    if shutil.which("openssl") is None:
        pytest.skip(NO_OPENSSL)
    (folder / "token").write_bytes(token)
    (folder / "data").write_bytes(data)
    (folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    command = ["openssl", "ts", "-verify", "-token_in", "-in", folder / "token", "-data", folder / "data"]
    command += ["-CAfile", folder / "root.pem"]
    if others:
        (folder / "others.pem").write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in others))
        command += ["-untrusted", folder / "others.pem"]
    if at is not None:
        command += ["-attime", str(int(at.timestamp()))]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (b"Verification: OK" in done.stdout) == (done.returncode == 0), done
    return done.returncode == 0


class _Server(ThreadingHTTPServer):
    tsa: LocalTsa
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        tsa = self.server.tsa
        query = self.rfile.read(int(self.headers["Content-Length"]))
        tsa.asked.append(query)
        tsa.logins.append(self.headers["Authorization"])
        assert self.headers["Content-Type"] == "application/timestamp-query"
        match tsa.behaviour:
            case Behaviour.SILENT:
                tsa.stopping.wait()
            case Behaviour.DRIP:
                self._drip()
            case Behaviour.REDIRECT:
                self.send_response(307)
                self.send_header("Location", tsa.url)
                self.end_headers()
            case Behaviour.FAIL:
                self.send_error(503)
            case _:
                self._send(tsa.answer(query))

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(body) + (self.server.tsa.behaviour is Behaviour.SHORT)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            # Who asked has read enough.
            self.close_connection = True

    def _drip(self) -> None:
        """An octet each twentieth of a second, for ever: no read ever waits long."""
        self.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
        while not self.server.tsa.stopping.wait(0.05):
            try:
                self.wfile.write(b"x")
            except OSError:
                return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing: the test says what matters."""


@pytest.fixture
def local_tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalTsa]:
    """An authority that grants, until it is told otherwise: ``url``, ``root.certificate``, ``behaviour``, ``stop()``."""
    root = certify("Racine d'essai", ca=True)
    tsa = LocalTsa(tmp_path_factory.mktemp("tsa"), root, certify("Horodatage d'essai", root, usage=TIME_STAMPING))
    yield tsa
    tsa.stop()

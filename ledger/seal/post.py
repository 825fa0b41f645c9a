"""One HTTP exchange with a service that nobody here runs: bounded in octets and seconds, at that address alone."""

import http.client
import socket
import ssl
import threading
from base64 import b64encode
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from ledger.errors import ConstatError

MAX_OCTETS: Final = 1 << 16
LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}
WHY: Final[dict[type[Exception], str]] = {
    TimeoutError: "pas de réponse entière à temps ; réessayez plus tard",
    ssl.SSLCertVerificationError: "son certificat n'est pas d'une autorité que ce système connaît",
    socket.gaierror: "ce nom d'hôte est inconnu",
    OSError: "la connexion a été refusée ou rompue ; vérifiez l'adresse et le réseau",
    http.client.InvalidURL: "l'adresse n'en est pas une",
    http.client.HTTPException: "ce qui répond n'est pas du HTTP, ou s'arrête trop tôt",
    ValueError: "l'adresse n'en est pas une",
}
"""What each refusal of the library means; the first that fits is said."""


class PostError(ConstatError):
    """Le service n'a pas pu être appelé, ou n'a pas répondu à temps."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever the status. ``body``: at most ``MAX_OCTETS``, or what ``get`` allowed."""

    status: int
    body: bytes


def post(url: str, body: bytes, content_type: str, *, login: str | None = None, timeout: float = 10.0) -> Answer:
    """Send ``body`` to ``url`` (http or https, its certificate verified by the system's authorities).

    No redirection is followed and no proxy is used. ``login``: ``name:password`` (Basic, RFC 7617), which is sent over
    https or to this machine only. ``timeout``, in seconds, bounds connecting to each address of the host, then TLS,
    then all that follows.

    :raises PostError: the address is none, or there was no whole answer in time, or it is too large.
    """
    return _asked(url, _Request("POST", _headers(content_type, login), body), login, timeout)


def get(url: str, *, most: int = MAX_OCTETS, timeout: float = 10.0) -> Answer:
    """Fetch ``url``, of at most ``most`` octets, within the same bounds as :func:`post`; nothing of ours is sent.

    :raises PostError: the address is none, or there was no whole answer in time, or it is too large.
    """
    return _asked(url, _Request("GET", {"Connection": "close"}, None, most), None, timeout)


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    headers: dict[str, str]
    body: bytes | None
    most: int = MAX_OCTETS


def _asked(url: str, request: _Request, login: str | None, timeout: float) -> Answer:
    try:
        address = urlsplit(url)
        connection = _connection(address, login, timeout)
        with closing(connection):
            return _exchange(connection, address, request)
    except tuple(WHY) as error:
        why = next(said for kind, said in WHY.items() if isinstance(error, kind))
        msg = f"le service ne peut pas être appelé : {why}"
        raise PostError(msg) from error


def _connection(address: SplitResult, login: str | None, timeout: float) -> http.client.HTTPConnection:
    host = address.hostname
    if address.scheme not in {"http", "https"} or not host or address.username is not None:
        msg = "l'adresse d'un service s'écrit http(s)://hôte[:port]/chemin, sans nom ni mot de passe"
        raise PostError(msg)
    if login is not None and address.scheme == "http" and host not in LOOPBACK:
        msg = f"un mot de passe ne part pas en clair vers {host} : l'adresse doit commencer par https"
        raise PostError(msg)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    return kind(host, address.port, timeout=timeout)


def _headers(content_type: str, login: str | None) -> dict[str, str]:
    headers = {"Content-Type": content_type, "Connection": "close"}
    if login is not None:
        headers["Authorization"] = "Basic " + b64encode(login.encode()).decode()
    return headers


def _exchange(connection: http.client.HTTPConnection, address: SplitResult, request: _Request) -> Answer:
    connection.connect()
    # A socket's timeout starts again with each octet; only a clock of its own ends an answer that drips.
    late = threading.Event()
    deadline = threading.Timer(connection.timeout or 0, _cut, (connection.sock, late))
    deadline.daemon = True
    deadline.start()
    try:
        query = f"?{address.query}" if address.query else ""
        connection.request(request.method, (address.path or "/") + query, request.body, request.headers)
        with connection.getresponse() as response:
            answer, missing = Answer(response.status, response.read(request.most + 1)), response.length
    except (OSError, http.client.HTTPException) as error:
        if late.is_set():
            raise TimeoutError from error
        raise
    finally:
        deadline.cancel()
    if len(answer.body) > request.most:
        msg = f"le service a répondu plus de {request.most} octets : rien n'en est lu"
        raise PostError(msg)
    if missing or late.is_set():
        raise TimeoutError
    return answer


def _cut(connected: socket.socket, late: threading.Event) -> None:
    """End what is under way: a read that waits returns at once. A TLS socket is cut below TLS."""
    late.set()
    with suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)

"""How a message leaves: to a public address, by TLS, in a bounded time; never where only this network can reach.

The name is resolved here and the connection is made to the very address that was judged, so that a name that answers
otherwise a moment later leads nowhere else. No redirect is followed, no proxy of the environment asked, no body read.
"""

import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Timer
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from ledger.errors import ConstatError

LONGUEUR: Final = 500
PAS: Final = 10
"""Seconds that each step may take: to connect, to send, to answer."""
DELAI: Final = 20
"""Seconds that all of it may take, however slowly the answer drips."""
ESSAIS: Final = 3
"""Addresses of one name that are tried, at most."""
PLAFOND: Final = 86_400
"""Seconds that an answer may ask to wait, at most."""
ICI: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PUBLIQUES: Final = ip_network("2000::/3")
_REFUSEES: Final = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",  # protocol assignments, among them the metadata of one provider
            "192.88.99.0/24",  # relays to IPv6
            "168.63.129.16/32",  # the metadata of another provider, at a public address
            "2001::/23",  # Teredo and other carriers of another address
            "2002::/16",  # 6to4: an IPv4 address in disguise
            "3fff::/20",  # documentation (RFC 9637)
        ),
    )
)
"""Beside what the standard library says is not global."""

Ip = IPv4Address | IPv6Address


class AdresseRefuseeError(ConstatError):
    """Cette adresse ne peut pas recevoir d'avis."""


class Adresse(NamedTuple):
    """Where messages go."""

    tls: bool
    hote: str
    port: int
    chemin: str

    @property
    def autorite(self) -> str:
        """The header ``Host``."""
        host = f"[{self.hote}]" if ":" in self.hote else self.hote
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


class Issue(NamedTuple):
    """What became of one try. ``echec``: what went wrong, in French; empty when it arrived."""

    echec: str
    statut: int | None = None
    attendre: int | None = None
    """Seconds that the receiver asks to wait."""


def lire(texte: str, *, locales: bool) -> Adresse:
    """The address that was given. ``locales``: this machine may be one, without TLS.

    :raises AdresseRefuseeError: it is none that a message may go to; says which it expects.
    """
    try:
        parts = urlsplit(texte)
        port = parts.port
        hote = (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError) as error:
        msg = "l'adresse ne se lit pas (attendu : https://exemple.fr/chemin)"
        raise AdresseRefuseeError(msg) from error
    plain = parts.scheme == "http" and locales and hote in ICI
    sound = texte.isascii() and texte.isprintable() and " " not in texte and len(texte) <= LONGUEUR
    if not sound or not hote or parts.fragment or (parts.scheme != "https" and not plain):
        msg = f"l'adresse commence par https://, sans espace ni « # », en {LONGUEUR} signes au plus"
        raise AdresseRefuseeError(msg)
    if parts.username is not None or parts.password is not None:
        msg = "l'adresse ne porte pas de mot de passe : la signature dit qui envoie"
        raise AdresseRefuseeError(msg)
    chemin = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    read = Adresse(not plain, hote, port or (80 if plain else 443), chemin)
    try:
        literal = ip_address(hote)
    except ValueError:
        return read
    _juger(literal, read, locales=locales)
    return read


def permise(ip: Ip) -> bool:
    """Whether everybody reaches this address, and not only this network or this machine."""
    if isinstance(ip, IPv6Address) and ip not in _PUBLIQUES:
        return False  # an IPv4 address written in IPv6, and everything that is not unicast, is outside
    return ip.is_global and not ip.is_multicast and not any(ip in each for each in _REFUSEES)


def poster(adresse: Adresse, entetes: Mapping[str, str], corps: bytes, *, locales: bool) -> Issue:
    """Send one message, once; whatever happens is told, nothing is raised."""
    try:
        return _envoyer(adresse, resoudre(adresse, locales=locales), entetes, corps)
    except AdresseRefuseeError as error:
        return Issue(str(error))
    except ssl.SSLError:
        return Issue("le certificat du serveur n'est pas valable")
    except (OSError, HTTPException, UnicodeError):
        return Issue("le serveur ne répond pas")


def resoudre(adresse: Adresse, *, locales: bool) -> list[Ip]:
    """The addresses to connect to, in the order in which to try them.

    :raises AdresseRefuseeError: one of those that the name stands for is not public: none is taken.
    :raises OSError: the name stands for none.
    """
    found = socket.getaddrinfo(adresse.hote, adresse.port, type=socket.SOCK_STREAM)
    ips = [ip_address(str(each[4][0])) for each in found]
    for each in ips:
        _juger(each, adresse, locales=locales)
    return ips[:ESSAIS]


def _juger(ip: Ip, adresse: Adresse, *, locales: bool) -> None:
    fine = ip.is_loopback if not adresse.tls else permise(ip) or (locales and ip.is_loopback)
    if not fine:
        msg = "l'adresse n'est pas celle d'un serveur public"
        raise AdresseRefuseeError(msg)


class _Epinglee(HTTPConnection):
    """A connection to one of the addresses that were judged, in the name that was given."""

    def __init__(self, adresse: Adresse, ips: Sequence[Ip]) -> None:
        super().__init__(adresse.hote, adresse.port, timeout=PAS)
        self._adresse, self._ips = adresse, ips
        self.coupee = False
        """Whether its time was over."""

    def connect(self) -> None:
        """Connect, and prove who answers."""
        self.sock = self._joindre()
        if self.coupee:  # while there was nothing to cut
            raise TimeoutError
        if self._adresse.tls:
            tls = contexte().wrap_socket(self.sock, server_hostname=self._adresse.hote, do_handshake_on_connect=False)
            self.sock = tls
            tls.do_handshake()

    def _joindre(self) -> socket.socket:
        *others, last = self._ips
        for each in others:
            with suppress(OSError):
                return socket.create_connection((str(each), self.port), timeout=PAS)
        return socket.create_connection((str(last), self.port), timeout=PAS)

    def couper(self) -> None:
        """End it from another thread: whoever waits for it waits no longer."""
        self.coupee = True
        held: socket.socket | None = self.sock
        if held is not None:
            with suppress(OSError):  # it ended meanwhile
                held.shutdown(socket.SHUT_RDWR)


@cache
def contexte() -> ssl.SSLContext:
    """Whom to believe about names: the authorities of this system."""
    return ssl.create_default_context()


def _envoyer(adresse: Adresse, ips: Sequence[Ip], entetes: Mapping[str, str], corps: bytes) -> Issue:
    conn = _Epinglee(adresse, ips)
    limit = Timer(DELAI, conn.couper)
    limit.daemon = True
    limit.start()
    try:
        conn.request("POST", adresse.chemin, corps, {"Host": adresse.autorite, "User-Agent": "Constat", **entetes})
        answer = conn.getresponse()
        wait = answer.headers.get("Retry-After", "")
    finally:
        limit.cancel()
        conn.close()
    if conn.coupee:
        return Issue("le serveur répond trop lentement")
    fine = 200 <= answer.status < 300  # noqa: PLR2004 - what HTTP calls success
    asked = min(int(wait), PLAFOND) if wait.isascii() and wait.isdigit() and len(wait) < 10 else None  # noqa: PLR2004 - a number of seconds
    return Issue("" if fine else f"le serveur a répondu {answer.status}", answer.status, asked)

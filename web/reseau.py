"""Who asks, behind a proxy: what a declared proxy says of it is taken, what anybody else says is thrown away."""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from django.http import HttpRequest, HttpResponseBase

from app.settings import Network
from web.registre import registre

ANNONCES: Final = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT")


class Mandataire:
    """The first thing done with a request: its address becomes that of who asks, and nobody else's word remains."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        proxies = registre().settings.web.proxies
        remote = request.META.get("REMOTE_ADDR", "")
        told = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if _parmi(remote, proxies):
            request.META["REMOTE_ADDR"] = client(remote, told, proxies)
        else:
            for name in ANNONCES:
                request.META.pop(name, None)
        return self._next(request)


def client(remote: str, told: str, proxies: Sequence[Network]) -> str:
    """The address of who asks, by ``X-Forwarded-For`` as the proxy ``remote`` gave it.

    Read from its end, where proxies add: the first address that is no proxy's. What stands before it was written by
    whoever asked, and so is anything that is no address.
    """
    for each in reversed([part.strip() for part in told.split(",")]):
        if _adresse(each) is None:
            return remote
        if not _parmi(each, proxies):
            return each
        remote = each
    return remote


def _adresse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _parmi(text: str, proxies: Sequence[Network]) -> bool:
    address = _adresse(text)
    return address is not None and any(address in network for network in proxies)

"""What a seal fetches: time-stamps and the state of certificates, each in bounded octets, all in bounded time.

pyHanko's own client follows redirections, reads answers of any length and logs addresses; none of that is used.
"""

import time
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from asn1crypto import cms, crl  # type: ignore[import-untyped]  # the package has no types
from cryptography import x509
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.authority import Authority as Issuer
from pyhanko_certvalidator.errors import CRLFetchError, OCSPFetchError, OCSPValidationError
from pyhanko_certvalidator.fetchers import CertificateFetcher, CRLFetcher, Fetchers, OCSPFetcher
from pyhanko_certvalidator.fetchers.common_utils import (
    enumerate_delivery_point_urls,
    format_ocsp_request,
    process_ocsp_response_data,
)
from pyhanko_certvalidator.util import get_ocsp_urls, get_relevant_crl_dps, issuer_serial

from ledger.seal import timestamp
from ledger.seal.couriers import Authority
from ledger.seal.post import PostError, get, post

SECONDES: Final = 60.0
"""For all that one seal fetches."""
CHAQUE: Final = 10.0
APPELS: Final = 40
LISTE: Final = 16 << 20
"""Octets of one list of revocation."""
OK: Final = 200


@dataclass(slots=True)
class Budget:
    """The time and the calls left. ``echecs``: what was not had, and why, for whoever is to mend it."""

    fin: float = field(default_factory=lambda: time.monotonic() + SECONDES)
    appels: int = APPELS
    echecs: list[str] = field(default_factory=list)

    def secondes(self) -> float:
        """How long the next call may take.

        :raises PostError: nothing is left.
        """
        self.appels -= 1
        left = self.fin - time.monotonic()
        if left <= 0 or self.appels < 0:
            msg = f"le sceau a pris {SECONDES:g} secondes ou {APPELS} appels ; réessayez plus tard"
            raise PostError(msg)
        return min(left, CHAQUE)


def fetchers(budget: Budget) -> Fetchers:
    """For a validation: lists and answers about revocation; certificates are never fetched."""
    return Fetchers(ocsp_fetcher=_Answers(budget), crl_fetcher=_Lists(budget), cert_fetcher=_NoCertificates())


class Stamper(TimeStamper):
    """The deployment's authority of time-stamps. A token that is not believed stops the seal before it is used."""

    def __init__(self, authority: Authority, budget: Budget) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library's own
        self._authority = authority
        self._budget = budget

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
        """A token over a SHA-256.

        :raises PostError, TimestampError: there is none, or it is not believed.
        """
        if md_algorithm != "sha256":
            msg = f"SHA-256 is asked for, not {md_algorithm}"
            raise ValueError(msg)
        given = self._authority
        token = timestamp.ask(
            given.url, message_digest, policy=given.policy, login=given.login, timeout=self._budget.secondes()
        )
        timestamp.verify(token, message_digest, given.trust)
        return cms.ContentInfo.load(token)


class _Lists(CRLFetcher):
    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._by_url: dict[str, Any] = {}
        self._by_certificate: dict[bytes, list[Any]] = {}

    async def fetch(self, cert: Any, *, use_deltas: bool | None = True) -> Iterable[Any]:
        """The lists that ``cert`` names.

        :raises CRLFetchError: it names some, and none could be had.
        """
        urls = [
            url for each in get_relevant_crl_dps(cert, use_deltas=use_deltas)
            for url in enumerate_delivery_point_urls(each)
        ]  # fmt: skip
        found = [each for url in urls if (each := self._list(url)) is not None]
        if urls and not found:
            msg = "no list of revocation"
            raise CRLFetchError(msg)
        return self._by_certificate.setdefault(issuer_serial(cert), found)

    def _list(self, url: str) -> Any:
        if url not in self._by_url:
            body = _fetched(self._budget, url)
            try:
                if body is not None:
                    x509.load_der_x509_crl(body)
            except ValueError:
                self._budget.echecs.append(f"{url} : ce n'est pas une liste de révocation")
                body = None
            self._by_url[url] = crl.CertificateList.load(body) if body is not None else None
        return self._by_url[url]

    def fetched_crls(self) -> Iterable[Any]:
        """All that was fetched."""
        return [each for each in self._by_url.values() if each is not None]

    def fetched_crls_for_cert(self, cert: Any) -> Iterable[Any]:
        """Those of ``cert``; a KeyError when none was asked for, as the library wants it."""
        return self._by_certificate[issuer_serial(cert)]


class _Answers(OCSPFetcher):
    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._answers: dict[bytes, Any] = {}

    async def fetch(self, cert: Any, authority: Issuer) -> Any:
        """What a responder that ``cert`` names says of it (RFC 6960).

        :raises OCSPFetchError: none says anything.
        """
        asked = format_ocsp_request(cert, authority, certid_hash_algo="sha1", request_nonces=True)
        for url in get_ocsp_urls(cert):
            body = _fetched(self._budget, url, asked.dump())
            try:
                if body is not None:
                    answer = process_ocsp_response_data(body, ocsp_request=asked, ocsp_url=url)
                    return self._answers.setdefault(issuer_serial(cert), answer)
            except OCSPValidationError:
                self._budget.echecs.append(f"{url} : la réponse (OCSP) est un refus, ou répond à une autre demande")
        msg = "no answer about revocation"
        raise OCSPFetchError(msg)

    def fetched_responses(self) -> Iterable[Any]:
        """All that was fetched."""
        return list(self._answers.values())

    def fetched_responses_for_cert(self, cert: Any) -> Iterable[Any]:
        """That of ``cert``."""
        found = self._answers.get(issuer_serial(cert))
        return [] if found is None else [found]


class _NoCertificates(CertificateFetcher):
    """An address in a certificate leads nowhere: the PKCS#12 file, the tokens and the settings bring all it takes."""

    async def fetch_cert_issuers(self, cert: Any) -> AsyncGenerator[Any, None]:  # noqa: ARG002 - the library's own
        """Nothing."""
        for each in self.fetched_certs():
            yield each

    async def fetch_crl_issuers(self, certificate_list: Any) -> AsyncGenerator[Any, None]:  # noqa: ARG002 - likewise
        """Nothing."""
        for each in self.fetched_certs():
            yield each

    def fetched_certs(self) -> Iterable[Any]:
        """Nothing."""
        return ()


def _fetched(budget: Budget, url: str, asked: bytes | None = None) -> bytes | None:
    try:
        if asked is None:
            answer = get(url, most=LISTE, timeout=budget.secondes())
        else:
            answer = post(url, asked, "application/ocsp-request", timeout=budget.secondes())
    except PostError as error:
        budget.echecs.append(f"{url} : {error}")
        return None
    if answer.status != OK:
        budget.echecs.append(f"{url} : réponse {answer.status} au lieu de {OK} (aucune redirection n'est suivie)")
        return None
    return answer.body

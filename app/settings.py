"""What a deployment sets. Read once, here, from the environment; everything else receives it as an argument.

========================  =====================================================================================
``DATABASE_URL``          libpq connection string; without it and without ``PG*``, the embedded server is used
``PGHOST``, ``PGPORT`` …  libpq's own variables, used when ``PGHOST``, ``PGDATABASE`` or ``PGSERVICE`` is set
``CONSTAT_READERS``       the file of the password by which the pages' own roles log in (default: they do not)
``CONSTAT_HOME``          where the embedded server, the keys and the documents live
``CONSTAT_KEYS``          the key file (default: ``keys.json`` in the home), or the PKCS#11 URI of a token (RFC 7512)
``CONSTAT_DOCUMENTS``     URL of the document store (default: the folder ``documents`` in the home)
``CONSTAT_SEAL_KEYS``     the log's signing keys (default: ``seal.json`` in the home)
``CONSTAT_POLICY``        the trust policy: the log's keys, its witnesses, how many must cosign (C2SP tlog-policy)
``CONSTAT_TSA_URL``       an authority of time-stamps (RFC 3161); ``CONSTAT_TSA_LOGIN``: ``user:password`` where needed
``CONSTAT_TSA_ROOTS``     certificates of whom to believe about time (PEM); ``CONSTAT_TSA_QUALIFIED``: of qualified ones
``CONSTAT_TSA_POLICY``    the policy (OID) to ask for
``CONSTAT_SEAL_P12``      the key that seals reports (PKCS#12); ``CONSTAT_SEAL_P12_PASSWORD``: the file that opens it
``CONSTAT_SEAL_ROOTS``    certificates of whom to believe about seals (PEM); ``CONSTAT_SEAL_QUALIFIED``: qualified
``CONSTAT_WEB_HOSTS``     names under which the pages are served, by commas (default: this machine only)
``CONSTAT_WEB_SECRET``    the file of what signs cookies (default: ``web.key`` in the home, made where there is none)
``CONSTAT_WEB_HTTP``      ``1`` where the pages are served without TLS, on this machine only
``CONSTAT_WEB_PROXY``     addresses or networks, by commas, of the proxies that add TLS: whose ``X-Forwarded`` is read
``CONSTAT_WEB_RATE``      requests of the API a minute, of one token (default 600)
``CONSTAT_WEB_FORMS``     forms that a stranger may send a minute, from one network address (default 60)
``CONSTAT_WEB_HOOKS``     ``local``: webhooks of the demonstration may go to this machine, without TLS
``CONSTAT_THEME``         ``neutre`` (default) or ``etat``: the State's design system, where its terms allow it
``CONSTAT_OIDC_ISSUER``   ProConnect's address; with ``CONSTAT_OIDC_CLIENT`` and ``CONSTAT_OIDC_SECRET`` (a file)
``CONSTAT_OIDC_ALG``      how it signs: ``RS256`` (default), ``ES256``; ``CONSTAT_OIDC_PKCE``: ``1`` where it allows it
``CONSTAT_ORIGIN``        the log's origin, given once when a ledger is created (default ``constat.local/registre``)
========================  =====================================================================================
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final

import platformdirs

from ledger.errors import ConstatError
from ledger.pkcs11_uri import TokenAddress, address_in

DEFAULT_ORIGIN: Final = "constat.local/registre"
DEMO_DATABASE: Final = "constat_demo"
LOCAL: Final = ("localhost", "127.0.0.1", "[::1]")
THEMES: Final = ("neutre", "etat")
ALGORITHMS: Final = ("RS256", "ES256")
"""Signatures that nobody can make who only has what a client has."""
Network = IPv4Network | IPv6Network
RATE: Final = (600, 10, 60_000)
"""Requests of the API a minute: the default, the least, the most."""
FORMS: Final = (60, 5, 6_000)
"""Forms of strangers a minute: whole services may share one address."""
LIBPQ: Final = ("PGHOST", "PGDATABASE", "PGSERVICE", "PGHOSTADDR")


class SettingsError(ConstatError):
    """Un réglage est illisible."""


@dataclass(frozen=True, slots=True)
class Authority:
    """Where time-stamps are asked for, if anywhere, and the certificates (PEM files) of whom to believe about them."""

    url: str | None
    roots: Path | None
    qualified: Path | None
    policy: str | None
    login: str | None = field(repr=False)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Authority | None":
        """The authority that ``environment`` names; ``None`` when it names none."""
        url, roots, qualified = (environment.get(f"CONSTAT_TSA_{name}") for name in ("URL", "ROOTS", "QUALIFIED"))
        if not (url or roots or qualified):
            return None
        return cls(
            url or None,
            Path(roots) if roots else None,
            Path(qualified) if qualified else None,
            environment.get("CONSTAT_TSA_POLICY") or None,
            environment.get("CONSTAT_TSA_LOGIN") or None,
        )


@dataclass(frozen=True, slots=True)
class PdfSeal:
    """The key that seals reports, if any, and the certificates (PEM files) of whom to believe about seals."""

    key: Path | None
    password: Path | None
    roots: Path | None
    qualified: Path | None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "PdfSeal":
        """The seal that ``environment`` names."""
        names = ("P12", "P12_PASSWORD", "ROOTS", "QUALIFIED")
        given = (environment.get(f"CONSTAT_SEAL_{name}") for name in names)
        return cls(*(Path(each) if each else None for each in given))


@dataclass(frozen=True, slots=True)
class Oidc:
    """An OpenID Connect provider and what this deployment is known by there. ``secret``: the file that holds it."""

    issuer: str
    client: str
    secret: Path
    algorithm: str = ALGORITHMS[0]
    pkce: bool = False


@dataclass(frozen=True, slots=True)
class Web:
    """How the pages are served."""

    hosts: tuple[str, ...]
    secret: Path
    https: bool
    theme: str
    oidc: Oidc | None
    demo: bool
    proxies: tuple[Network, ...] = ()
    """Whose word is taken for who asks, and by which scheme."""
    debit_jeton: int | None = None
    """Requests of the API a minute, of one token; ``None``: as many as one likes."""
    debit_adresse: int | None = None
    """Forms a minute that are sent without an account from one network address."""
    avis_locaux: bool = False
    """Whether webhooks may go to this machine, without TLS: in a demonstration only."""

    @classmethod
    def read(cls, environment: Mapping[str, str], own: Path, *, demo: bool) -> "Web":
        """What ``environment`` says of the pages; ``own``: the folder of this ledger's files.

        :raises SettingsError: one of them cannot be read.
        """
        theme = environment.get("CONSTAT_THEME") or THEMES[0]
        if theme not in THEMES:
            msg = f"CONSTAT_THEME ne convient pas (attendu : {' ou '.join(THEMES)})"
            raise SettingsError(msg)
        hosts = tuple(each.strip() for each in (environment.get("CONSTAT_WEB_HOSTS") or "").split(",") if each.strip())
        return cls(
            hosts=LOCAL if demo or not hosts else hosts,
            secret=own / "web.key" if demo else Path(environment.get("CONSTAT_WEB_SECRET") or own / "web.key"),
            https=not demo and environment.get("CONSTAT_WEB_HTTP") != "1",
            theme=theme,
            oidc=None if demo else _oidc(environment),
            demo=demo,
            proxies=() if demo else _proxies(environment.get("CONSTAT_WEB_PROXY") or ""),
            avis_locaux=demo and environment.get("CONSTAT_WEB_HOOKS") == "local",
            debit_jeton=None if demo else _whole(environment, "CONSTAT_WEB_RATE", *RATE),
            debit_adresse=None if demo else _whole(environment, "CONSTAT_WEB_FORMS", *FORMS),
        )


def _whole(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    given = environment.get(name) or str(default)
    if re.fullmatch(r"[0-9]{1,6}", given) is None or not least <= int(given) <= most:
        msg = f"{name} ne convient pas (attendu : un nombre entier de {least} à {most})"
        raise SettingsError(msg)
    return int(given)


def _proxies(given: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(each.strip()) for each in given.split(",") if each.strip())
    except ValueError as error:
        msg = (
            "CONSTAT_WEB_PROXY ne convient pas (attendu : des adresses ou des réseaux, comme 127.0.0.1 ou 10.0.0.0/24)"
        )
        raise SettingsError(msg) from error


def _oidc(environment: Mapping[str, str]) -> Oidc | None:
    given = [environment.get(f"CONSTAT_OIDC_{name}") or "" for name in ("ISSUER", "CLIENT", "SECRET")]
    if not any(given):
        return None
    if not all(given):
        msg = "ProConnect demande CONSTAT_OIDC_ISSUER, CONSTAT_OIDC_CLIENT et CONSTAT_OIDC_SECRET ensemble"
        raise SettingsError(msg)
    if re.match(r"https://|http://(localhost|127\.0\.0\.1)(:|/|$)", given[0]) is None:
        msg = "CONSTAT_OIDC_ISSUER ne convient pas (attendu : une adresse en https)"
        raise SettingsError(msg)
    algorithm = environment.get("CONSTAT_OIDC_ALG") or ALGORITHMS[0]
    if algorithm not in ALGORITHMS:
        msg = f"CONSTAT_OIDC_ALG ne convient pas (attendu : {' ou '.join(ALGORITHMS)})"
        raise SettingsError(msg)
    return Oidc(
        given[0].rstrip("/"), given[1], Path(given[2]), algorithm, pkce=environment.get("CONSTAT_OIDC_PKCE") == "1"
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run. ``conninfo`` is ``None`` when the embedded server is to be used."""

    home: Path
    conninfo: str | None
    readers: Path | None
    dbname: str
    keys: Path
    token: TokenAddress | None
    seal_keys: Path
    memory: Path
    policy: Path | None
    authority: Authority | None
    pdf_seal: PdfSeal
    web: Web
    documents: str
    origin: str

    @classmethod
    def read(cls, environment: Mapping[str, str], *, demo: bool = False) -> "Settings":
        """The settings that ``environment`` gives. ``demo`` uses databases, keys and documents of its own.

        :raises SettingsError: one of them cannot be read.
        """
        home = Path(environment.get("CONSTAT_HOME") or default_home()).expanduser().resolve()
        own = home / "demo" if demo else home
        token = None if demo else address_in(environment.get("CONSTAT_KEYS") or "")
        keys = own / "keys.json"
        if not demo and (token is None or token.key_file is not None):
            keys = token.key_file if token and token.key_file else Path(environment.get("CONSTAT_KEYS") or keys)
        conninfo = environment.get("DATABASE_URL") or ("" if any(environment.get(name) for name in LIBPQ) else None)
        return cls(
            home=home,
            conninfo=conninfo,
            readers=Path(environment["CONSTAT_READERS"]) if environment.get("CONSTAT_READERS") and conninfo else None,
            dbname=DEMO_DATABASE if demo else "constat",
            keys=keys,
            token=token,
            seal_keys=own / "seal.json" if demo else Path(environment.get("CONSTAT_SEAL_KEYS") or own / "seal.json"),
            memory=own / "checkpoint",
            policy=Path(environment["CONSTAT_POLICY"]) if environment.get("CONSTAT_POLICY") and not demo else None,
            authority=None if demo else Authority.read(environment),
            pdf_seal=PdfSeal.read({} if demo else environment),
            web=Web.read(environment, own, demo=demo),
            documents=(own / "documents").as_uri()
            if demo
            else environment.get("CONSTAT_DOCUMENTS") or (own / "documents").as_uri(),
            origin="constat.local/demonstration" if demo else _origin(environment.get("CONSTAT_ORIGIN")),
        )


def _origin(given: str | None) -> str:
    """The log's origin: as the ledger takes it, since it stands in every line."""
    if given and re.fullmatch(r"[a-z0-9./-]{3,80}", given) is None:
        msg = "CONSTAT_ORIGIN ne convient pas (attendu : de 3 à 80 lettres minuscules sans accent, chiffres, . / ou -)"
        raise SettingsError(msg)
    return given or DEFAULT_ORIGIN


def default_home() -> Path:
    """The user's own data folder; for root a system one, which the server's unprivileged user can reach."""
    return Path("/var/lib/constat") if os.geteuid() == 0 else platformdirs.user_data_path("constat")

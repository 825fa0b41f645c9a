"""Errors as programs read them (RFC 9457): a stable code, one sentence in French, the fields concerned.

None says whether a dossier exists that is not for who asks.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from web.debit import Pris

PREFIXE: Final = "/api/"
TYPE: Final = "application/problem+json"
RETOUR: Final = 10
"""Seconds after which it is worth asking again."""
URN: Final = "urn:constat:probleme:"


class Code(StrEnum):
    """What went wrong, for ever: programs compare these."""

    DEMANDE_ILLISIBLE = "demande_illisible"
    CLE_REQUISE = "cle_requise"
    NON_IDENTIFIE = "non_identifie"
    JETON_REFUSE = "jeton_refuse"
    SECOND_FACTEUR = "second_facteur"
    FORMULAIRE_PERIME = "formulaire_perime"
    FONCTION_SANS_ACCES = "fonction_sans_acces"
    PORTEE_INSUFFISANTE = "portee_insuffisante"
    MANDAT_LIMITE = "mandat_limite"
    MOTIF_REQUIS = "motif_requis"
    MOTIF_REFUSE = "motif_refuse"
    ACTE_NON_PERMIS = "acte_non_permis"
    INTROUVABLE = "introuvable"
    METHODE = "methode"
    ACTE_REFUSE = "acte_refuse"
    DOSSIER_CHANGE = "dossier_change"
    TROP_D_ABONNEMENTS = "trop_d_abonnements"
    DEBIT_DEPASSE = "debit_depasse"
    TROP_GRAND = "trop_grand"
    TYPE_DE_CORPS = "type_de_corps"
    CHAMPS_INVALIDES = "champs_invalides"
    CURSEUR_INCONNU = "curseur_inconnu"
    CLE_REUTILISEE = "cle_reutilisee"
    PANNE = "panne"
    INDISPONIBLE = "indisponible"


CODES: Final[Mapping[Code, tuple[HTTPStatus, str]]] = {
    Code.DEMANDE_ILLISIBLE: (HTTPStatus.BAD_REQUEST, "La demande ne peut pas être lue"),
    Code.CLE_REQUISE: (HTTPStatus.BAD_REQUEST, "Un acte demande une clé d'idempotence"),
    Code.NON_IDENTIFIE: (HTTPStatus.UNAUTHORIZED, "Identifiez-vous"),
    Code.JETON_REFUSE: (HTTPStatus.UNAUTHORIZED, "Ce jeton n'est pas valable"),
    Code.SECOND_FACTEUR: (HTTPStatus.FORBIDDEN, "Le second facteur manque à cette session"),
    Code.FORMULAIRE_PERIME: (HTTPStatus.FORBIDDEN, "La preuve que la demande vient du site manque"),
    Code.FONCTION_SANS_ACCES: (HTTPStatus.FORBIDDEN, "Votre fonction ne donne pas accès à ceci"),
    Code.PORTEE_INSUFFISANTE: (HTTPStatus.FORBIDDEN, "Ce jeton ne permet pas ceci"),
    Code.MANDAT_LIMITE: (HTTPStatus.FORBIDDEN, "Votre mandat, limité à des dossiers, n'ouvre pas ceci"),
    Code.MOTIF_REQUIS: (HTTPStatus.FORBIDDEN, "Dites pourquoi vous ouvrez ce dossier"),
    Code.MOTIF_REFUSE: (HTTPStatus.FORBIDDEN, "Le motif donné ne convient pas"),
    Code.ACTE_NON_PERMIS: (HTTPStatus.FORBIDDEN, "Votre fonction ne permet pas cet acte"),
    Code.INTROUVABLE: (HTTPStatus.NOT_FOUND, "Ceci n'existe pas, ou votre compte n'y a pas accès"),
    Code.METHODE: (HTTPStatus.METHOD_NOT_ALLOWED, "Cette adresse ne se demande pas ainsi"),
    Code.ACTE_REFUSE: (HTTPStatus.CONFLICT, "L'acte est refusé"),
    Code.DOSSIER_CHANGE: (HTTPStatus.CONFLICT, "Le dossier a changé : relisez-le, puis recommencez"),
    Code.TROP_D_ABONNEMENTS: (HTTPStatus.CONFLICT, "Il y a déjà autant d'abonnements qu'il peut y en avoir"),
    Code.DEBIT_DEPASSE: (HTTPStatus.TOO_MANY_REQUESTS, "Trop de demandes en peu de temps"),
    Code.TROP_GRAND: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "La demande est trop grande"),
    Code.TYPE_DE_CORPS: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Ce type de corps n'est pas lu ici"),
    Code.CHAMPS_INVALIDES: (HTTPStatus.UNPROCESSABLE_ENTITY, "Des champs ne conviennent pas"),
    Code.CURSEUR_INCONNU: (HTTPStatus.UNPROCESSABLE_ENTITY, "La suite demandée n'existe pas"),
    Code.CLE_REUTILISEE: (HTTPStatus.UNPROCESSABLE_ENTITY, "Cette clé d'idempotence a servi pour un autre acte"),
    Code.PANNE: (HTTPStatus.INTERNAL_SERVER_ERROR, "Le service ne répond pas comme il devrait"),
    Code.INDISPONIBLE: (HTTPStatus.SERVICE_UNAVAILABLE, "Le registre ne répond pas : rien n'a été montré ni écrit"),
}
_DES_STATUTS: Final = {
    HTTPStatus.UNAUTHORIZED: Code.NON_IDENTIFIE,
    HTTPStatus.FORBIDDEN: Code.FONCTION_SANS_ACCES,
    HTTPStatus.NOT_FOUND: Code.INTROUVABLE,
    HTTPStatus.METHOD_NOT_ALLOWED: Code.METHODE,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Code.TROP_GRAND,
    HTTPStatus.SERVICE_UNAVAILABLE: Code.INDISPONIBLE,
}
_DITS: Final = {
    "missing": "manque",
    "extra_forbidden": "n'est pas un champ connu",
    "enum": "n'est pas l'une des valeurs attendues : {expected}",
    "literal_error": "n'est pas l'une des valeurs attendues : {expected}",
    "string_too_long": "est trop long : {max_length} signes au plus",
    "string_too_short": "est trop court : {min_length} signes au moins",
    "too_long": "a trop de valeurs : {max_length} au plus",
    "greater_than_equal": "est trop petit : {ge} au moins",
    "less_than_equal": "est trop grand : {le} au plus",
    "bool_parsing": "n'est ni vrai (1) ni faux (0)",
    "int_parsing": "n'est pas un nombre entier",
    "timezone_aware": "ne dit pas son fuseau (Z ou +01:00)",
    "json_invalid": "n'est pas du JSON",
}


class Probleme(Exception):  # noqa: N818 - an answer, not an accident
    """What is answered instead. ``erreurs``: field and what is wrong with it."""

    def __init__(self, code: Code, detail: str = "", *, erreurs: Iterable[Mapping[str, Any]] = (), **plus: Any) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.erreurs = list(erreurs)
        self.plus = plus


def repondre(request: HttpRequest, probleme: Probleme) -> HttpResponse:
    """The answer to read by a program."""
    status, title = CODES[probleme.code]
    told: dict[str, Any] = {
        "type": URN + probleme.code.value,
        "title": title,
        "status": status.value,
        "code": probleme.code.value,
        "requete": getattr(request, "id", ""),
    }
    if probleme.detail:
        told["detail"] = probleme.detail
    if probleme.erreurs:
        told["erreurs"] = probleme.erreurs
    answer = HttpResponse(msgspec.json.encode({**told, **probleme.plus}), status=status.value, content_type=TYPE)
    if status is HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="constat"'
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = str(RETOUR)
    return answer


def _champ(loc: Sequence[int | str]) -> str:
    """The field as the request writes it: without what our functions call the whole of it."""
    if loc[:1] == ("body",):
        return ".".join(map(str, loc[2:]))
    return ".".join(str(step) for step in loc if step not in {"query", "path", "filtre", "suite"})


def champs(errors: Iterable[Mapping[str, Any]]) -> Probleme:
    """What pydantic says of fields, in French."""
    told = []
    for each in errors:
        where = _champ(each["loc"])
        said = _DITS.get(each["type"], "ne convient pas")
        if re.match("date", each["type"]):
            said = "n'est pas une date (attendu : AAAA-MM-JJ, ou un instant en RFC 3339)"
        context = {name: str(value).replace(" or ", " ou ") for name, value in each.get("ctx", {}).items()}
        told.append({"champ": where or "corps", "probleme": said.format_map(_Vide(context))})
    return Probleme(Code.CHAMPS_INVALIDES, erreurs=told)


class _Vide(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


class Problemes:
    """Whatever answers under ``/api/``, a page that says an error becomes a problem that programs read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        answer = self._repondre(request)
        pris: Pris | None = getattr(request, "debit", None)
        for name, value in pris.entetes.items() if pris is not None else ():
            answer.headers[name] = value
        return answer

    def _repondre(self, request: HttpRequest) -> HttpResponseBase:
        answer = self._next(request)
        if not request.path.startswith(PREFIXE) or answer.status_code < HTTPStatus.BAD_REQUEST:
            return answer
        if answer.headers.get("Content-Type", "") == TYPE:
            return answer
        other = Code.PANNE if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR else Code.DEMANDE_ILLISIBLE
        told = repondre(request, Probleme(_DES_STATUTS.get(HTTPStatus(answer.status_code), other)))
        for name in ("Allow", "Retry-After"):
            if name in answer.headers:
                told.headers[name] = answer.headers[name]
        return told

"""What stands before every page: who asks, whether they may, why, and the trace; only then the page is made.

A page that declares nothing, and a trace that cannot be written, give no answer: everything fails closed.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from time import perf_counter
from typing import Any, Final
from uuid import uuid4

import structlog
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY
from structlog.contextvars import bound_contextvars

from ledger.days import paris_day
from ledger.events.listes import FondementAcces
from web.acces import Motif, Objet, motif_d_office, permis
from web.comptes.entree import FACTEUR_CHOISI
from web.corps import ENTREE, Corps
from web.lecture import Vie, sujet_de
from web.limites import HorsMandatError, ouverte
from web.ouverts import ouvrir, seulement
from web.pages import erreurs
from web.registre import registre
from web.reglages import ENTETES
from web.requete import Requete, methodes_de, objet_de

Reponse = Callable[[Requete], HttpResponseBase]
REPOS: Final = timedelta(minutes=30)
"""How long a session of who sees other people's dossiers may rest."""
VUE: Final = timedelta(minutes=1)
"""How exactly the last use of a session is known."""
MOTIFS: Final = "motifs"
STATIQUE: Final = "/statique/"
VERIFIE: Final = "second_facteur"
"""In a session: that the provider who told who it is asked for two factors."""
SANS_FACTEUR: Final = frozenset({"second-facteur", "second-facteur-inscrire", "deconnexion"})
LONGUEUR: Final = 180
REMPLACE: Final = "\ufffd"
"""What stands where bytes were no text."""
PAGINATION: Final = frozenset({"page", "limite", "apres", "annee"})
"""What an address says of how much is shown, not of what."""

log = structlog.get_logger("constat.web")


class Entetes:
    """One instant and one id a request; the headers that every answer has."""

    def __init__(self, get_response: Reponse) -> None:
        self._next = get_response

    def __call__(self, request: Requete) -> HttpResponseBase:
        """Answer."""
        request.now, request.id = datetime.now(UTC), uuid4().hex
        with bound_contextvars(request=request.id):
            return self._repondre(request)

    def _repondre(self, request: Requete) -> HttpResponseBase:
        begun = perf_counter()
        answer = self._next(request)
        for name, value in ENTETES.items():
            answer.headers.setdefault(name, value)
        answer.headers["X-Request-Id"] = request.id
        if request.path.startswith(STATIQUE) and answer.status_code < HTTPStatus.BAD_REQUEST:
            return answer
        answer.headers.setdefault("Cache-Control", "no-store")
        match = request.resolver_match
        log.info(
            "answered",
            method=request.method,
            page=match.view_name if match is not None else None,  # the name of the page: its address may name a dossier
            status=answer.status_code,
            ms=round((perf_counter() - begun) * 1_000),
        )
        return answer


class Reception:
    """Says of a body that was refused that the service is busy, whatever the page made of it."""

    def __init__(self, get_response: Reponse) -> None:
        self._next = get_response

    def __call__(self, request: Requete) -> HttpResponseBase:
        """Answer."""
        answer = self._next(request)
        corps = request.META.get(ENTREE)
        refused = isinstance(corps, Corps) and corps.refuse and answer.status_code >= HTTPStatus.BAD_REQUEST
        return erreurs.occupe(request) if refused else answer


class Garde:
    """Nothing is shown that was not decided on, and nothing of a person before its trace is written."""

    def __init__(self, get_response: Reponse) -> None:
        self._next = get_response

    def __call__(self, request: Requete) -> HttpResponseBase:
        """Answer."""
        if request.user.is_authenticated:
            request.profil = request.user.profil
        with seulement():
            return self._next(request)

    def process_exception(self, request: Requete, exception: Exception) -> HttpResponseBase | None:
        """Say that the ledger is away, or that a mandate does not open this; any other failure is one of ours."""
        if isinstance(exception, HorsMandatError):
            return erreurs.hors_mandat(request, exception)
        return erreurs.indisponible(request) if isinstance(exception, erreurs.AU_LOIN) else None

    def process_view(
        self, request: Requete, view: Any, _args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Let the page be made (``None``), or say why not.

        :raises PermissionDenied: this role never sees this page.
        :raises Http404: there is no such dossier, or it is not for this account: the same answer.
        """
        if request.resolver_match is not None and request.resolver_match.app_name == "ninja":
            return None  # each operation of the API declares its own object, and decides by the same function
        objet = objet_de(view)
        if objet is None:
            msg = f"{view!r} does not declare what it shows"
            raise ImproperlyConfigured(msg)
        if request.method not in methodes_de(view):
            return erreurs.methode(request, methodes_de(view))
        if request.method == "POST" and _illisible(request.POST):
            return erreurs.illisible(request)
        if objet is Objet.PUBLIC:
            return None
        if request.user.is_authenticated and reposee(request):
            logout(request)
        if (answer := self._connecte(request)) is not None:
            return answer
        if permis(request.profil.role, objet) is None:
            raise PermissionDenied
        return self._ouvrir(request, objet, kwargs["sujet"]) if "sujet" in kwargs else None

    def _connecte(self, request: Requete) -> HttpResponseBase | None:
        if not request.user.is_authenticated:
            return _ailleurs(request, redirect_to_login(request.get_full_path()).url)
        match = request.resolver_match
        if not verifie(request) and (match is None or match.url_name not in SANS_FACTEUR):
            return _ailleurs(request, redirect_to_login(request.get_full_path(), reverse("second-facteur")).url)
        return None

    def _ouvrir(self, request: Requete, objet: Objet, reference: str) -> HttpResponseBase | None:
        vie = ouvrable(request, objet, reference)
        if objet is Objet.MOTIF:
            request.vie = vie
            return None
        motif = motif_de(request, objet, vie)
        if motif is None:
            return _ailleurs(
                request, redirect_to_login(request.get_full_path(), reverse("motif", args=[reference])).url
            )
        consulter(request, vie, motif, perimetre(objet, filtres(request)))
        return None


def consulter(request: Requete, vie: Vie, motif: Motif, perimetre: str) -> None:
    """Record that this account looks at this person, and at what of her; only then may it be read and shown."""
    registre().lecteur.tracer(request.profil, vie, motif, perimetre, request.now)
    ouvrir(vie.sujet)
    request.vie, request.motif = vie, motif


def ouvrable(request: Requete, objet: Objet, reference: str) -> Vie:
    """What this account may read of the life that an address names, when it may look at ``objet`` of it.

    :raises Http404: there is none, or it may not; nothing tells which.
    """
    sujet = sujet_de(reference)
    vie = registre().lecteur.vie(sujet) if sujet is not None else None
    opened = ouverte(request.profil, objet, vie, paris_day(request.now)) if vie is not None else None
    if opened is None:
        raise Http404
    return opened


def motif_de(request: Requete, objet: Objet, vie: Vie) -> Motif | None:
    """Why this account opens this dossier, as it said in this session; ``None``: it did not say yet."""
    given = request.session.get(MOTIFS, {}).get(vie.reference)
    if given is not None:
        return Motif(FondementAcces(given[0]), given[1])
    return motif_d_office(request.profil, objet, vie.attaches, paris_day(request.now))


def verifie(request: Requete) -> bool:
    """Whether who asks has shown two factors, where their role sees others, or they chose to have two."""
    if not request.profil.role.second_facteur and not request.session.get(FACTEUR_CHOISI):
        return True
    shown = request.session.get(DEVICE_ID_SESSION_KEY) in request.user.facteurs
    return shown or request.session.get(VERIFIE) is True


def perimetre(objet: Objet, filtres: Iterable[str], par: str = "") -> str:
    """What was looked at, for the trace: the object and which filters were set, never a text that was looked for."""
    named = ", ".join(sorted(filtres))
    told = [objet.value, *([f"filtres : {named}"] if named else []), *([par] if par else [])]
    return " ; ".join(told)[:LONGUEUR]


def filtres(request: Requete) -> Iterator[str]:
    """The names of the filters that an address sets."""
    return (name for name, value in request.GET.items() if value and name not in PAGINATION)


def reposee(request: Requete) -> bool:
    """Whether the session of who sees others has rested too long; notes that it is used otherwise."""
    seen = request.session.get("vue")
    last = datetime.fromisoformat(seen) if seen else request.now
    if request.profil.role.second_facteur and request.now - last > REPOS:
        return True
    if seen is None or request.now - last > VUE:
        request.session["vue"] = request.now.isoformat()
    return False


def _illisible(sent: QueryDict) -> bool:
    """Whether bytes that no text has were sent: what was read in their place is not what was written."""
    return any(REMPLACE in each for _, several in sent.lists() for each in several)


def _ailleurs(request: Requete, where: str) -> HttpResponseBase:
    """Go there first; a fragment asks the whole page to go."""
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": where})
    return HttpResponseRedirect(where)

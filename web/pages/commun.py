"""What the pages share: a filled template, the frame of a dossier, a moment read from the address."""

from collections.abc import Mapping
from datetime import date
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, NamedTuple, TypeVar

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from pydantic import BaseModel, ValidationError

from app.suivi import ArriereError
from ledger.days import LAST_LOOK, Jours, paris_day
from web.acces import Objet, Role, permis
from web.limites import phrase
from web.registre import registre
from web.requete import Requete, Vue

Modele = TypeVar("Modele", bound=BaseModel)

ONGLETS = (
    ("mon-historique", "En bref", Objet.CHRONOLOGIE),
    ("chronologie", "Chronologie", Objet.CHRONOLOGIE),
    ("preuves", "Preuves", Objet.PREUVES),
    ("obligations", "Obligations", Objet.PREUVES),
    ("connu", "Connu à cette date", Objet.CONNU),
    ("contradictoire", "Réclamation", Objet.CONTRADICTOIRE),
    ("actes", "Agir", Objet.ACTES),
    ("export", "Exporter", Objet.EXPORT),
    ("consultations", "Qui a regardé", Objet.CONSULTATIONS),
    ("recus", "Reçus", Objet.RECU),
    ("signaler", "Signaler une erreur", Objet.SIGNALEMENT),
)
"""The pages of a dossier: name of the address, words, what it shows."""
MENU: tuple[tuple[str, str, Objet], ...] = (
    ("file", "File des priorités", Objet.FILE),
    ("recherche", "Recherche", Objet.RECHERCHE),
    ("statistiques", "Statistiques", Objet.STATISTIQUES),
    ("integrite", "Intégrité", Objet.INTEGRITE),
    ("comptes", "Comptes", Objet.COMPTES),
)
"""The pages outside of any dossier."""
AUTREMENT: Final = {(Role.REPRESENTANT, "recherche"): "Mes mandats"}
"""What a page is called for a role that comes to it for something else."""


def remplir(request: Requete, gabarit: str, statut: int = 200, **contexte: Any) -> HttpResponse:
    """The page, with what every page shows: who is logged in, and where they may go."""
    return render(request, gabarit, {**cadre(request), **contexte}, status=statut)


def cadre(request: Requete) -> dict[str, Any]:
    """The frame: the menu of this role, the tabs of the open dossier."""
    profil = getattr(request, "profil", None)
    role = profil.role if profil else None
    vie = getattr(request, "vie", None)
    return {
        "requete": request,
        "role": role,
        "menu": [
            (name, AUTREMENT.get((role, name), words)) for name, words, objet in MENU if role and permis(role, objet)
        ],
        "onglets": [(name, words) for name, words, objet in ONGLETS if role and vie and permis(role, objet)],
        "vie": vie,
        "part": phrase(vie) if vie else "",
        "suivre": bool(role and vie and permis(role, Objet.ABONNEMENT)),
        "aujourd_hui": paris_day(request.now),
        "demo": registre().settings.web.demo,
    }


def lire_requete(modele: type[Modele], champs: Mapping[str, Any]) -> Modele:
    """The model that an address writes; what cannot be read is as if it had not been written.

    An address is typed, shared and cut by mail programs: a wrong filter shows everything, never an error page.
    """
    given = dict(champs)
    for _ in range(len(given) + 1):
        try:
            return modele.model_validate(given)
        except ValidationError as error:
            for each in error.errors():
                given.pop(str(each["loc"][0]), None)
    raise Http404


def champs_de(request: Requete, listes: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The fields of the address that are not empty; those of ``listes`` may be several."""
    found: dict[str, Any] = {}
    for name in request.GET:
        values = [each for each in request.GET.getlist(name) if each]
        if values:
            found[name] = tuple(values) if name in listes else values[-1]
    return found


def au_de(request: Requete) -> date:
    """The civil day from which one looks: that of the address, else today in Paris."""
    return jour_de(request.GET.get("au", "")) or paris_day(request.now)


def jour_de(text: str) -> date | None:
    """The civil day that an address writes, when one can look from it."""
    try:
        day = Jours.lire(text).premier if len(text) == len("AAAA-MM-JJ") else None
    except ValueError:
        return None
    return day if day is not None and day <= LAST_LOOK else None


class Pages(NamedTuple):
    """Where one is among the pages of a list."""

    page: int
    pages: int
    precedente: int | None
    suivante: int | None


def pages_de(asked: int, total: int, par: int) -> Pages:
    """The pages of a list of ``total`` lines, ``par`` a page."""
    last = max(1, -(-total // par))
    return Pages(asked, last, min(asked - 1, last) or None, asked + 1 if asked < last else None)


def a_jour(view: Vue) -> Vue:
    """Answer that tables are being filled, where a page reads across persons and too much is missing to wait."""

    @wraps(view)
    def answer(request: Requete, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except ArriereError as late:
            return remplir(
                request,
                "erreur.html",
                HTTPStatus.SERVICE_UNAVAILABLE,
                titre="Cette page se prépare",
                texte=str(late),
                numero=request.id,
            )

    return answer  # type: ignore[return-value] # the same callable, answered in one more case

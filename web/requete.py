"""A request as the pages know it, and what a page declares of itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

from django.http import HttpRequest, HttpResponseBase

from web.acces import Motif, Objet, Profil
from web.comptes.models import Compte
from web.lecture import Vie

Vue = TypeVar("Vue", bound=Callable[..., HttpResponseBase])
OBJET: Final = "objet"
METHODES: Final = "methodes"
LECTURE: Final = ("GET", "HEAD")
ENVOI: Final = (*LECTURE, "POST")


class Requete(HttpRequest):
    """What :mod:`web.gardes` adds: when it came, who asks, whose dossier was opened."""

    now: datetime
    id: str
    user: Compte
    htmx: Any
    profil: Profil
    """Who looks; there is one on every page that is not public."""
    vie: Vie
    """Whose dossier was opened, her trace written; there is one on every page whose address names her."""
    motif: Motif
    """Why it was opened."""


def page(objet: Objet, *, formulaire: bool = False) -> Callable[[Vue], Vue]:
    """Declare what a view shows or does: without it, it is never answered. ``formulaire``: whether it takes one."""

    def declare(view: Vue) -> Vue:
        setattr(view, OBJET, objet)
        setattr(view, METHODES, ENVOI if formulaire else LECTURE)
        return view

    return declare


def objet_de(view: Any) -> Objet | None:
    """What a view declared."""
    found = getattr(view, OBJET, None)
    return found if isinstance(found, Objet) else None


def methodes_de(view: Any) -> tuple[str, ...]:
    """How a view may be asked."""
    return tuple(getattr(view, METHODES, ()))

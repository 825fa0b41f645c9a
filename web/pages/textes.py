"""The pages that only say something: help, accessibility, personal data."""

from django.http import HttpResponse

from projections.divulgation import DELAI
from rules import rgpd_art15_copie
from web.acces import Objet
from web.pages.commun import remplir
from web.requete import Requete, page


@page(Objet.PUBLIC)
def aide(request: Requete) -> HttpResponse:
    """What the words mean, what each page answers."""
    return remplir(request, "aide.html")


@page(Objet.PUBLIC)
def accessibilite(request: Requete) -> HttpResponse:
    """The declaration of accessibility."""
    return remplir(request, "accessibilite.html")


@page(Objet.PUBLIC)
def donnees_personnelles(request: Requete) -> HttpResponse:
    """What is kept of people, why, how long, and their rights."""
    return remplir(
        request,
        "donnees_personnelles.html",
        finalites=list(rgpd_art15_copie.finalites()),
        durees=list(rgpd_art15_copie.durees()),
        droits=list(rgpd_art15_copie.droits()),
        mois=DELAI.days // 30,
    )

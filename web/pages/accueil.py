"""Where each role begins, and the pages for everybody."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from web.acces import Objet, Role
from web.gardes import verifie
from web.pages.commun import remplir
from web.requete import Requete, page

DEBUTS = {
    Role.AGENT: "file",
    Role.SUPERVISEUR: "file",
    Role.DDD: "recherche",
    Role.CCC: "recherche",
    Role.PAN: "recherche",
    Role.REPRESENTANT: "recherche",
    Role.ADMINISTRATEUR: "comptes",
}


@page(Objet.PUBLIC)
def accueil(request: Requete) -> HttpResponse:
    """The first page of a role; for a stranger, what this site is."""
    if not request.user.is_authenticated:
        return remplir(request, "accueil.html")
    if not verifie(request):
        return HttpResponseRedirect(reverse("second-facteur"))
    profil = request.profil
    if profil.role is Role.USAGER and profil.sujet is not None:
        return HttpResponseRedirect(reverse("mon-historique", args=[profil.sujet.hex()]))
    return HttpResponseRedirect(reverse(DEBUTS[profil.role]))

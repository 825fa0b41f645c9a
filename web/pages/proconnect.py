"""To ProConnect and back: who comes back is known by an account that an administrator made, or tied to it by a code."""

from typing import Any, Final
from urllib.parse import urlencode

import requests
import structlog
from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import get_random_string
from mozilla_django_oidc.views import OIDCAuthenticationRequestView

from web.acces import Objet
from web.comptes import gestion
from web.comptes.models import Compte
from web.gardes import VERIFIE
from web.pages.commun import remplir
from web.proconnect import CLAIMS, TAILLE, Inconnu, ProConnect, Refus, adresses, fournisseur, reglage
from web.requete import Requete, page

INVITATION: Final = "invitation"
PREUVE: Final = "proconnect"
"""In a session: the token that ends the session at the provider."""
CODE: Final = 4_096
MUET: Final = "ProConnect ne répond pas : attendez une minute, puis recommencez."

log = structlog.get_logger("constat.web")


class _Depart(OIDCAuthenticationRequestView):  # type: ignore[misc] # the library has no types
    """The library's: ``state`` and ``nonce`` drawn and kept in the session, then the way to the provider."""

    get_settings = staticmethod(reglage)

    def get_extra_params(self, request: Requete) -> dict[str, str]:
        """How the person was recognised, and nothing else: the provider refuses parameters it does not know."""
        del request
        return {"claims": CLAIMS}


@page(Objet.PUBLIC)
def depart(request: Requete) -> HttpResponse:
    """Go and say who one is."""
    if fournisseur() is None:
        raise Http404
    try:
        answer: HttpResponse = _Depart.as_view()(request)
    except (Refus, requests.RequestException) as error:
        return _refuser(request, error)
    return answer


@page(Objet.PUBLIC)
def retour(request: Requete) -> HttpResponse:
    """Come back: the answer is good once, in the session that asked for it."""
    if fournisseur() is None:
        raise Http404
    asked = request.session.get("oidc_states", {}).pop(request.GET.get("state", ""), None)
    if asked is not None:
        request.session.save()  # before anything slow: nobody presents this answer twice
    code = request.GET.get("code", "")
    if asked is None or not code or len(code) > CODE:
        return _refuser(request, Refus())
    try:
        where = request.build_absolute_uri(reverse("proconnect-retour"))
        identite = ProConnect().reconnaitre(code, asked["nonce"], asked["code_verifier"], where)
        compte = _compte(request, identite.sub)
    except (Refus, requests.RequestException) as error:
        return _refuser(request, error)
    after = request.session.pop("oidc_login_next", None)
    login(request, compte, backend="web.proconnect.ProConnect")
    request.session[VERIFIE] = True
    request.session[PREUVE] = identite.preuve
    return HttpResponseRedirect(after or reverse("accueil"))


def _compte(request: Requete, sub: str) -> Compte:
    """The account tied to this identity, or the one that this session was invited to tie to it.

    :raises Inconnu: neither.
    """
    found = Compte.objects.filter(oidc_sub=sub, is_active=True).first()
    if found is not None:
        return found
    invited = Compte.objects.filter(pk=request.session.pop(INVITATION, None)).first()
    if invited is None or not gestion.lier(invited, sub, request.now):
        raise Inconnu
    return invited


def _refuser(request: Requete, error: Exception) -> HttpResponse:
    log.warning("proconnect_refused", failure=type(error).__name__)
    told = str(error) if isinstance(error, Refus) else MUET
    messages.error(request, told)
    return HttpResponseRedirect(reverse("connexion"))


class InvitationForm(forms.Form):
    """The code that an administrator handed over."""

    code = forms.CharField(
        label="Code d'invitation",
        max_length=40,
        help_text="Quatre groupes de quatre signes. Il sert une fois, dans la semaine.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )


@page(Objet.PUBLIC, formulaire=True)
def invitation(request: Requete) -> HttpResponse:
    """The first time: which account is yours."""
    if fournisseur() is None:
        raise Http404
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        compte = gestion.invite(form.cleaned_data["code"], request.now)
        if compte is not None:
            request.session[INVITATION] = str(compte.pk)
            return HttpResponseRedirect(reverse("proconnect"))
        form.add_error("code", "Ce code n'est pas connu, ou il ne sert plus : demandez-en un autre.")
    return remplir(request, "invitation.html", form=form)


def adresse_de_sortie(request: Requete) -> str | None:
    """Where the session at the provider is ended, for a session that came from there."""
    preuve, oidc = request.session.get(PREUVE), fournisseur()
    if preuve is None or oidc is None:
        return None
    try:
        where = adresses(oidc).end_session_endpoint
    except (Refus, requests.RequestException):
        return None
    if where is None:
        return None
    fields: dict[str, Any] = {
        "id_token_hint": preuve,
        "state": get_random_string(TAILLE),
        "post_logout_redirect_uri": request.build_absolute_uri(reverse("connexion")),
    }
    return f"{where}?{urlencode(fields)}"

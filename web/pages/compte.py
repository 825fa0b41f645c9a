"""One's own account: open sessions, second factor, tokens for programs. Nothing of any dossier."""

from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate, logout, update_session_auth_hash
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import devices_for_user

from web.acces import Objet, permis
from web.api.objets import PORTEES
from web.comptes import gestion
from web.comptes.models import Application, CodeDeSecours, Compte, Jeton, Session
from web.pages.commun import remplir
from web.pages.comptes import changements_dits
from web.pages.connexion import LONGUEUR, CodeOuSecoursForm, NouveauForm
from web.qui import acteur
from web.requete import Requete, page

JETONS: Final = 20
"""Tokens that an account may have at once."""
DUREES: Final = (("30", "30 jours"), ("90", "90 jours"), ("365", "un an"))


@page(Objet.COMPTE)
def montrer(request: Requete) -> HttpResponse:
    """Everything on one page."""
    return _page(request)


@page(Objet.COMPTE, formulaire=True)
def fermer_session(request: Requete) -> HttpResponse:
    """Close one session, or all but this one; closing this one is logging out."""
    if request.method != "POST":
        return _ici()
    named = request.POST.get("session", "")
    closed = 0
    for each in _sessions(request):
        here = each.session_key == request.session.session_key
        if (named == "autres" and not here) or named == nom(each):
            if here:
                logout(request)
                return HttpResponseRedirect(reverse("connexion"))
            each.delete()
            closed += 1
    messages.success(request, "Session fermée." if closed == 1 else f"Sessions fermées : {closed}.")
    return _ici()


@page(Objet.COMPTE, formulaire=True)
def codes(request: Requete) -> HttpResponse:
    """Fresh recovery codes, shown once."""
    if request.method != "POST":
        return _ici()
    if not any(devices_for_user(request.user)):
        return HttpResponseRedirect(reverse("second-facteur-inscrire"))
    return _page(request, codes=gestion.codes_de_secours(request.user))


@page(Objet.COMPTE, formulaire=True)
def remplacer_facteur(request: Requete) -> HttpResponse:
    """Another telephone: a code of the old one, or a recovery code, then the new one is enrolled."""
    if request.method != "POST":
        return _ici()
    form = CodeOuSecoursForm(request.POST, auto_id="facteur_%s")
    if form.is_valid() and form.appareil(request.user) is not None:
        gestion.oublier_facteur(request.user, acteur(request.profil), request.now, sauf=request.session.session_key)
        return HttpResponseRedirect(reverse("second-facteur-inscrire"))
    return _page(request, facteur=form, statut=422)


class MotDePasseForm(NouveauForm, CodeOuSecoursForm):
    """Another password: the one of now, the new one twice, and a code of the second factor where there is one."""

    actuel = forms.CharField(
        label="Mot de passe actuel",
        max_length=LONGUEUR,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("actuel", "nouveau", "encore", "code")

    def __init__(self, *args: Any, compte: Compte, **kwargs: Any) -> None:
        super().__init__(*args, compte=compte, **kwargs)
        self.fields["code"].widget.attrs.pop("autofocus")
        if not any(devices_for_user(compte)):
            del self.fields["code"]

    def clean(self) -> dict[str, Any]:
        """The new one is another one."""
        given = super().clean()
        if "nouveau" in given and given["nouveau"] == given.get("actuel"):
            self.add_error("nouveau", "C'est le mot de passe actuel : choisissez-en un autre.")
        return given


@sensitive_post_parameters("actuel", "nouveau", "encore", "code")
@page(Objet.COMPTE, formulaire=True)
def mot_de_passe(request: Requete) -> HttpResponse:
    """Change one's password: with the one of now and a fresh code; every other session ends.

    Wrong passwords are counted with those of logging in. An account that logs in by ProConnect has none here.
    """
    if not request.user.has_usable_password():
        raise Http404
    form = MotDePasseForm(request.POST or None, compte=request.user)
    if request.method == "POST" and form.is_valid() and _est_bien(request, form):
        here = request.session.session_key
        gestion.changer_mot_de_passe(
            request.user, form.cleaned_data["nouveau"], acteur(request.profil), request.now, sauf=here
        )
        update_session_auth_hash(request, request.user)
        messages.success(request, "Mot de passe changé ; vos autres sessions sont fermées. Vérifiez aussi vos jetons.")
        return _ici()
    statut = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return remplir(request, "mot_de_passe.html", statut, form=form)


def _est_bien(request: Requete, form: MotDePasseForm) -> bool:
    """Whether who asks knows the password of now, then holds the second factor."""
    known = authenticate(request, username=request.user.identifiant, password=form.cleaned_data["actuel"])
    if known is None or known.pk != request.user.pk:
        form.add_error("actuel", "Ce n'est pas votre mot de passe actuel.")
        return False
    return "code" not in form.fields or form.appareil(request.user) is not None


class JetonForm(forms.Form):
    """What a program may do, and until when."""

    nom = forms.CharField(label="Nom du programme", max_length=80)
    portees = forms.MultipleChoiceField(label="Ce qu'il peut faire", widget=forms.CheckboxSelectMultiple)
    duree = forms.ChoiceField(label="Pour combien de temps", choices=DUREES, initial="90", widget=forms.RadioSelect)

    def __init__(self, *args: Any, offertes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        portees = self.fields["portees"]
        assert isinstance(portees, forms.MultipleChoiceField)  # noqa: S101 - declared above
        portees.choices = offertes


@page(Objet.COMPTE, formulaire=True)
def creer_jeton(request: Requete) -> HttpResponse:
    """A token, shown once, never more than its account may."""
    if request.method != "POST":
        return _ici()
    form = JetonForm(request.POST, offertes=_offertes(request), auto_id="jeton_%s")
    if form.is_valid() and len(_jetons(request)) >= JETONS:
        form.add_error(None, f"Un compte a {JETONS} jetons au plus : révoquez-en un.")
    if not form.is_valid():
        return _page(request, jeton=form, statut=422)
    expire = request.now + timedelta(days=int(form.cleaned_data["duree"]))
    _, texte = Jeton.creer(request.user, form.cleaned_data["nom"], form.cleaned_data["portees"], expire)
    return _page(request, texte=texte)


@page(Objet.COMPTE, formulaire=True)
def revoquer_jeton(request: Requete) -> HttpResponse:
    """A token ends now."""
    if request.method == "POST":
        named = request.POST.get("jeton", "")
        for each in _jetons(request):
            if str(each.id) == named:
                each.revoque_le = request.now
                each.save(update_fields=["revoque_le"])
                messages.success(request, f"Jeton révoqué : {each.nom}.")
    return _ici()


def _page(request: Requete, *, statut: int = 200, **contexte: Any) -> HttpResponse:
    devices = list(devices_for_user(request.user))
    application = any(isinstance(each, Application) for each in devices)
    fresh = {
        "sessions": [
            {"nom": nom(each), "session": each, "ici": each.session_key == request.session.session_key}
            for each in _sessions(request)
        ],
        "application": application,
        "local": request.user.has_usable_password(),
        "changements": changements_dits(request.user),
        "secours": CodeDeSecours.objects.filter(appareil__user=request.user).count(),
        "jetons": [(each, [PORTEES[Objet(name)] for name in each.portees]) for each in _jetons(request)],
        "jeton": JetonForm(offertes=_offertes(request), auto_id="jeton_%s"),
        "facteur": CodeOuSecoursForm(auto_id="facteur_%s"),
        "codes": None,
        "texte": None,
    }
    return remplir(request, "compte.html", statut, **{**fresh, **contexte})


def _ici() -> HttpResponse:
    return HttpResponseRedirect(reverse("compte"))


def _sessions(request: Requete) -> list[Session]:
    return list(request.user.sessions.filter(expire_date__gt=request.now).order_by("-vue_le"))


def nom(session: Session) -> str:
    """How a form names a session: its key would open it."""
    return sha256(session.session_key.encode()).hexdigest()[:24]


def _jetons(request: Requete) -> list[Jeton]:
    live = request.user.jetons.filter(revoque_le__isnull=True, expire_le__gt=request.now)
    return list(live.order_by("-cree_le"))


def _offertes(request: Requete) -> list[tuple[str, str]]:
    return [(each.value, words) for each, words in PORTEES.items() if permis(request.profil.role, each) is not None]

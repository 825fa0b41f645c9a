"""Getting in and out: password, second factor, reason of access."""

from base64 import b32encode
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.core.validators import MaxLengthValidator
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import devices_for_user, match_token
from django_otp import login as otp_login

from ledger.events.listes import FondementAcces
from projections.acces import FONDEMENTS as LIBELLES
from web.acces import A_REFERENCER, FONDEMENTS, Motif, Objet, Role, motif_admis
from web.comptes import gestion
from web.comptes.coffre import CoffreFermeError
from web.comptes.gestion import propre
from web.comptes.models import Application, Compte
from web.gardes import MOTIFS, verifie
from web.pages.commun import remplir
from web.pages.limite import limitee
from web.pages.proconnect import adresse_de_sortie
from web.registre import registre
from web.requete import Requete, page

APRES = "next"
LONGUEUR = 200
"""Signs of a password that is typed, at most."""
ILLISIBLE = (
    "Votre application ne peut plus être vérifiée par ce site : donnez un code de secours, ou demandez à"
    " l'administrateur des comptes d'effacer votre second facteur."
)
IDENTIFIANT = 150
"""Signs of a login, at most."""


def suite(request: Requete) -> str:
    """Where to go next, on this site only."""
    asked = request.POST.get(APRES) or request.GET.get(APRES) or ""
    fine = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if fine else reverse("accueil")


class ConnexionForm(AuthenticationForm):
    """A login and a password. A longer login is nobody's, and the journal of attempts has no room for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].validators.append(MaxLengthValidator(IDENTIFIANT))


@sensitive_post_parameters("password")
@limitee
@page(Objet.PUBLIC, formulaire=True)
def connexion(request: Requete) -> HttpResponse:
    """Who are you."""
    form = ConnexionForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        return HttpResponseRedirect(suite(request))
    return remplir(request, "connexion.html", form=form, suite=suite(request), web=registre().settings.web)


@page(Objet.COMPTE, formulaire=True)
def deconnexion(request: Requete) -> HttpResponse:
    """Leave: by a form only, so that no image on another site can do it."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("accueil"))
    elsewhere = adresse_de_sortie(request)
    logout(request)
    del request.profil  # the page below is for nobody
    if elsewhere is not None:
        return remplir(request, "deconnecte.html", adresse=elsewhere)
    return HttpResponseRedirect(reverse("connexion"))


class NouveauForm(forms.Form):
    """A new password, typed twice. ``compte``: whose it will be, where that is known."""

    nouveau = forms.CharField(
        label="Nouveau mot de passe",
        max_length=LONGUEUR,
        strip=False,
        help_text="Douze signes au moins ; une phrase se retient mieux qu'un mot.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    encore = forms.CharField(
        label="Nouveau mot de passe, encore une fois",
        max_length=LONGUEUR,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, compte: Compte | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._compte = compte

    def clean_nouveau(self) -> str:
        """One that is worth the name."""
        nouveau = str(self.cleaned_data["nouveau"])
        validate_password(nouveau, self._compte)
        return nouveau

    def clean(self) -> dict[str, Any]:
        """It is typed twice alike."""
        given = super().clean() or {}
        if "nouveau" in given and given["nouveau"] != given.get("encore"):
            self.add_error("encore", "Les deux saisies diffèrent : tapez deux fois le même mot de passe.")
        return given


class InvitationForm(NouveauForm):
    """The code that an administrator handed over, and the password that only its holder will know."""

    code = forms.CharField(
        label="Code d'invitation",
        max_length=40,
        help_text="Quatre groupes de quatre signes. Il sert une fois, dans la semaine.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    field_order = ("code", "nouveau", "encore")


@sensitive_post_parameters("code", "nouveau", "encore")
@limitee
@page(Objet.PUBLIC, formulaire=True)
def invitation(request: Requete) -> HttpResponse:
    """Choose one's password, by the code that an administrator handed over: nobody else ever knows it."""
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = gestion.prendre(form.cleaned_data["code"], form.cleaned_data["nouveau"], request.now)
        except gestion.CompteError as error:
            form.add_error("nouveau", str(error))
        else:
            if done:
                messages.success(request, "Mot de passe choisi : connectez-vous.")
                return HttpResponseRedirect(reverse("connexion"))
            form.add_error("code", "Ce code n'est pas connu, ou il ne sert plus : demandez-en un autre.")
    return remplir(request, "invitation_locale.html", form=form)


class CodeForm(forms.Form):
    """Six digits."""

    code = forms.RegexField(
        r"^\s*\d{3}\s?\d{3}\s*$",
        label="Code à six chiffres de votre application",
        error_messages={"invalid": "Le code a six chiffres : lisez-le dans votre application d'authentification."},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


class CodeOuSecoursForm(CodeForm):
    """Six digits, or a recovery code."""

    code = forms.RegexField(
        r"^\s*(\d{3}\s?\d{3}|[A-Za-z0-9]{5}[ -]?[A-Za-z0-9]{5})\s*$",
        label="Code à six chiffres de votre application, ou code de secours",
        error_messages={"invalid": "Un code a six chiffres, ou dix signes pour un code de secours."},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )

    def appareil(self, compte: Any) -> Any:
        """The second factor that gave this code; ``None``: the form says what is wrong."""
        try:
            device = match_token(compte, propre(self.cleaned_data["code"]))
        except CoffreFermeError:
            self.add_error("code", ILLISIBLE)
            return None
        if device is None:
            self.add_error("code", "Ce code n'est pas le bon, ou il est passé : attendez le suivant.")
        return device


@page(Objet.COMPTE, formulaire=True)
def second_facteur(request: Requete) -> HttpResponse:
    """The code of the moment."""
    if verifie(request):
        return HttpResponseRedirect(suite(request))
    if not any(devices_for_user(request.user)):
        return HttpResponseRedirect(reverse("second-facteur-inscrire"))
    form = CodeOuSecoursForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        device = form.appareil(request.user)
        if device is not None:
            _reconnaitre(request, device)
            return HttpResponseRedirect(suite(request))
    return remplir(
        request, "second_facteur.html", form=form, suite=suite(request), code=_code_de_demonstration(request)
    )


def _reconnaitre(request: Requete, device: Any) -> None:
    """Two factors were shown: what is open from here on is another session than the one of the password alone."""
    request.session.cycle_key()
    otp_login(request, device)


def _code_de_demonstration(request: Requete) -> str:
    """The code of the moment, where the accounts are those of the demonstration and nowhere else."""
    if not registre().settings.web.demo:
        return ""
    device = Application.objects.filter(user=request.user, confirmed=True).first()
    return str(device.code(request.now)) if device is not None and device.lisible else ""


@page(Objet.COMPTE, formulaire=True)
def second_facteur_inscrire(request: Requete) -> HttpResponse:
    """Enrol an application: show its key once, and ask for a code of it before it counts."""
    if any(devices_for_user(request.user)):
        return HttpResponseRedirect(reverse("second-facteur"))
    device = Application.de(request.user)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if device.verify_token(form.cleaned_data["code"].replace(" ", "").strip()):
            device.confirmed = True
            device.save()
            _reconnaitre(request, device)
            return HttpResponseRedirect(suite(request))
        form.add_error("code", "Ce code n'est pas le bon : vérifiez que l'heure de votre téléphone est juste.")
    return remplir(request, "second_facteur_inscrire.html", form=form, suite=suite(request), application=_cle(device))


def _cle(device: Application) -> dict[str, str]:
    text = b32encode(device.cle).decode().rstrip("=")
    code = segno.make(device.adresse, error="m", micro=False)
    return {
        "cle": " ".join(text[at : at + 4] for at in range(0, len(text), 4)),
        "qr": code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None),
    }


class MotifForm(forms.Form):
    """Why, and for which file."""

    def __init__(self, *args: Any, profil: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = FONDEMENTS[profil.role]
        self.fields["fondement"] = forms.ChoiceField(
            label="À quel titre ouvrez-vous ce dossier ?",
            widget=forms.RadioSelect,
            choices=[(each.value, LIBELLES[each]) for each in offered],
        )
        self.fields["reference"] = forms.CharField(
            label=REFERENCES.get(profil.role, "Référence de l'affaire (demandée pour un contrôle interne)"),
            max_length=200,
            required=all(each in A_REFERENCER for each in offered),
        )


REFERENCES = {
    Role.DDD: "Numéro de la réclamation",
    Role.CCC: "Numéro de la demande d'assistance",
    Role.PAN: "Référence du passage au point d'accueil",
}


@page(Objet.MOTIF, formulaire=True)
def motif(request: Requete, sujet: str) -> HttpResponse:
    """Asked once per dossier and session, written with every consultation of it."""
    form = MotifForm(
        request.POST or None, profil=request.profil, initial={"fondement": FONDEMENTS[request.profil.role][0]}
    )
    if request.method == "POST" and form.is_valid():
        given = Motif(FondementAcces(form.cleaned_data["fondement"]), form.cleaned_data["reference"].strip() or None)
        wrong = motif_admis(request.profil, given, request.vie.attaches)
        if wrong is None:
            request.session[MOTIFS] = {
                **request.session.get(MOTIFS, {}),
                sujet: [given.fondement.value, given.reference],
            }
            return HttpResponseRedirect(suite(request))
        form.add_error("reference", f"{wrong[0].upper()}{wrong[1:]}.")
    return remplir(request, "motif.html", form=form, suite=suite(request))

"""Where a program of this account is told of what happens: subscriptions, and the dossiers that each follows."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from web.acces import Objet
from web.avis import abonnements
from web.avis.abonnements import Abonne, TropError
from web.avis.models import Abonnement
from web.avis.sortie import LONGUEUR, AdresseRefuseeError
from web.pages.commun import remplir
from web.registre import registre
from web.requete import Requete, page


class AbonnementForm(forms.Form):
    """A name, and where to send."""

    nom = forms.CharField(label="Nom du programme", max_length=80)
    adresse = forms.CharField(
        label="Adresse qui reçoit les avis",
        max_length=LONGUEUR,
        help_text="En https, joignable par tous : https://exemple.fr/avis.",
    )


class DossierForm(forms.Form):
    """Whose dossiers, as addresses name her."""

    dossier = forms.RegexField(
        r"^\s*[0-9a-f]{32}\s*$",
        label="Identifiant du dossier",
        help_text="Les 32 signes que donne l'adresse de ses pages.",
        error_messages={"invalid": "L'identifiant a 32 signes, chiffres et lettres de a à f."},
    )


@page(Objet.ABONNEMENT, formulaire=True)
def montrer(request: Requete) -> HttpResponse:
    """All of them; a new one, whose secret is shown once."""
    form = AbonnementForm(request.POST if request.method == "POST" else None, auto_id="abonnement_%s")
    if request.method != "POST":
        return _page(request, form=form)
    if form.is_valid():
        try:
            made, secret = abonnements.creer(
                _abonne(request), form.cleaned_data["nom"], form.cleaned_data["adresse"], request.now,
                locales=registre().settings.web.avis_locaux,
            )  # fmt: skip
        except AdresseRefuseeError as error:
            form.add_error("adresse", _phrase(error))
        except TropError as error:
            form.add_error(None, _phrase(error))
        else:
            return _page(request, secret=secret, de=made)
    return _page(request, statut=422, form=form)


@page(Objet.ABONNEMENT, formulaire=True)
def agir(request: Requete) -> HttpResponse:
    """A new secret, a test, sending again, or the end."""
    found = _abonne(request).un(request.POST.get("abonnement", ""))
    if request.method != "POST" or found is None:
        return _ici()
    match request.POST.get("acte", ""):
        case "secret":
            return _page(request, secret=abonnements.renouveler(found, request.now), de=found)
        case "essai":
            abonnements.essayer(found, request.now)
            messages.success(request, f"Un essai va partir vers : {found.nom}.")
        case "reprise":
            abonnements.reprendre(found, request.now)
            messages.success(request, f"Les envois reprennent : {found.nom}.")
        case "fin":
            abonnements.supprimer(found)
            messages.success(request, f"Abonnement supprimé : {found.nom}.")
    return _ici()


@page(Objet.ABONNEMENT, formulaire=True)
def choisir(request: Requete) -> HttpResponse:
    """Open the page on which a dossier is followed."""
    form = DossierForm(request.POST if request.method == "POST" else None, auto_id="suivre_%s")
    if request.method != "POST":
        return _ici()
    if not form.is_valid():
        return _page(request, statut=422, dossier=form)
    return HttpResponseRedirect(reverse("suivre", args=[form.cleaned_data["dossier"].strip()]))


@page(Objet.ABONNEMENT, formulaire=True)
def suivre(request: Requete, sujet: str) -> HttpResponse:
    """Follow this person's dossiers by one of the subscriptions, or no more."""
    if request.method == "POST" and (found := _abonne(request).un(request.POST.get("abonnement", ""))) is not None:
        if request.POST.get("acte") == "cesser":
            abonnements.cesser(found, request.vie)
            messages.success(request, f"Ce dossier n'est plus suivi : {found.nom}.")
        else:
            _suivre(request, found)
        return HttpResponseRedirect(reverse("suivre", args=[sujet]))
    known = {each.abonnement_id for each in abonnements.suivis(_abonne(request), request.vie)}
    return remplir(request, "suivre.html", abonnements=[(each, each.id in known) for each in _abonne(request).tous()])


def _suivre(request: Requete, abonnement: Abonnement) -> None:
    try:
        abonnements.suivre(abonnement, request.profil, request.vie, request.motif, request.now)
    except TropError as error:
        messages.error(request, _phrase(error))
    else:
        messages.success(request, f"Ce dossier est suivi : {abonnement.nom}.")


def _page(request: Requete, *, statut: int = 200, **contexte: Any) -> HttpResponse:
    fresh = {
        "abonnements": _abonne(request).tous(),
        "form": AbonnementForm(auto_id="abonnement_%s"),
        "dossier": DossierForm(auto_id="suivre_%s"),
        "sien": request.profil.sujet.hex() if request.profil.sujet is not None else None,
        "en_attente": lambda each: abonnements.en_attente(each, request.now),
        "secret": None,
        "de": None,
    }
    return remplir(request, "abonnements.html", statut, **{**fresh, **contexte})


def _abonne(request: Requete) -> Abonne:
    return Abonne(request.user, None)


def _ici() -> HttpResponse:
    return HttpResponseRedirect(reverse("abonnements"))


def _phrase(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."

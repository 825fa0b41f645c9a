"""« Vérifier un reçu ou un export »: for everybody, without an account; what is brought is read, and kept nowhere."""

from typing import Any

from django import forms
from django.http import HttpResponse

from ledger.errors import ConstatError
from web import verification
from web.acces import Objet
from web.pages.commun import remplir
from web.pages.limite import limitee
from web.registre import registre
from web.requete import Requete, page
from web.verification import Resultat, Sens, lire_empreinte, par_empreinte, par_fichier


class VerifierForm(forms.Form):
    """A file, or a digest."""

    fichier = forms.FileField(
        label="Le fichier",
        required=False,
        max_length=255,
        help_text="Un reçu (.recu), un paquet (.zip) ou un PDF, 64 Mo au plus.",
    )
    empreinte = forms.CharField(
        label="Ou son empreinte SHA-256", required=False, max_length=200, help_text="64 chiffres et lettres de a à f."
    )

    def clean_empreinte(self) -> str:
        """Its 64 digits, or nothing."""
        given: str = self.cleaned_data["empreinte"]
        try:
            return lire_empreinte(given) if given.strip() else ""
        except ConstatError as error:
            msg = f"{str(error).capitalize()}."
            raise forms.ValidationError(msg) from error

    def clean_fichier(self) -> Any:
        """Bounded."""
        given = self.cleaned_data.get("fichier")
        if given is not None and given.size > verification.PAQUET:
            msg = "Ce fichier est trop gros pour cette page : prenez le vérificateur publié, sur votre ordinateur."
            raise forms.ValidationError(msg)
        return given

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("fichier") and not cleaned.get("empreinte"):
            self.add_error("fichier", "Choisissez un fichier, ou donnez son empreinte.")
        return cleaned


@limitee
@page(Objet.PUBLIC, formulaire=True)
def verifier(request: Requete) -> HttpResponse:
    """What a file or a digest shows."""
    form = VerifierForm(request.POST, request.FILES) if request.method == "POST" else VerifierForm()
    found: Resultat | None = None
    status = 200
    if request.method == "POST":
        if form.is_valid():
            found = _lire(request, form.cleaned_data)
            status = 503 if found.sens is Sens.OCCUPE else 200
        else:
            status = 422
    return remplir(request, "verifier.html", status, form=form, resultat=found, origine=registre().opened.ledger.origin)


def _lire(request: Requete, asked: dict[str, Any]) -> Resultat:
    served = registre()
    if asked["fichier"] is not None:
        return par_fichier(served.settings, served.exploitant, asked["fichier"].read(), request.now)
    return par_empreinte(served.exploitant, asked["empreinte"])

"""The integrity of the ledger (W6): what the last audit found, what is sealed, and one line or one file checked now."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from time import perf_counter
from typing import Annotated, Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.urls import reverse
from pydantic import BaseModel, ConfigDict, Field

from app import integrite
from ledger.days import paris_day
from ledger.events.base import REGISTRY
from ledger.seal.note import MAX_BYTES
from projections.francais import compte
from rules.catalogue import empreinte
from rules.jeux import ACTUEL
from web.acces import FONDEMENTS, Objet, permis
from web.limites import ouverte
from web.pages.commun import a_jour, champs_de, lire_requete, remplir
from web.registre import registre
from web.requete import Requete, page

MAX_FICHIER: Final = 100 << 20
POINT: Final = "point"
MAINTENANT: Final = "maintenant"
"""What is posted to have the last lines verified at once."""


class Demande(BaseModel):
    """La ligne du journal que l'on vérifie."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    ligne: Annotated[int, Field(ge=1, le=2**53)] | None = None


class FichierForm(forms.Form):
    """A file, or its digest."""

    fichier = forms.FileField(label="Fichier", required=False, help_text="Il est lu ici, et n'est pas gardé.")
    empreinte = forms.RegexField(
        r"^\s*[0-9a-fA-F]{64}\s*$",
        label="ou son empreinte SHA-256",
        required=False,
        max_length=80,
        error_messages={"invalid": "Une empreinte SHA-256 s'écrit en 64 chiffres de 0 à 9 et de a à f."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_fichier(self) -> "UploadedFile[Any] | None":
        """A file of a size that is read while one waits."""
        given: UploadedFile[Any] | None = self.cleaned_data["fichier"]
        if given is not None and (given.size or 0) > MAX_FICHIER:
            msg = "Ce fichier est trop gros pour être lu ici : donnez son empreinte."
            raise forms.ValidationError(msg)
        return given

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        given = super().clean() or {}
        if not self.errors and bool(given.get("fichier")) == bool(given.get("empreinte")):
            self.add_error("fichier", "Donnez un fichier, ou une empreinte.")
        return given


@page(Objet.INTEGRITE, formulaire=True)
@a_jour
def montrer(request: Requete) -> HttpResponse:
    """How the ledger stands; with a line or a file, what there is to say of it."""
    served, asked = registre(), lire_requete(Demande, champs_de(request)).ligne
    now = request.method == "POST" and MAINTENANT in request.POST
    posted = request.method == "POST" and not now
    form = FichierForm(request.POST, request.FILES) if posted else FichierForm()
    sent = posted and form.is_valid()
    etat = integrite.etat(served.settings, served.exploitant, request.now)
    controle = integrite.dernieres(served.exploitant, served.suivi, perf_counter) if now else None
    found = controle.ecart.a_revoir if controle is not None and controle.ecart is not None else None
    since = etat.tenait_jusqu_a
    listed = integrite.a_revoir(served.exploitant, served.suivi, since, fautive=False) if since is not None else None
    return remplir(
        request,
        "integrite.html",
        etat=etat,
        a_revoir=listed,
        liens=_liens(request, [each for each in (listed, found) if each is not None]),
        regles=empreinte(ACTUEL),
        demandee=asked,
        ligne=integrite.ligne(served.exploitant, asked) if asked is not None else None,
        form=form,
        fichier=_fichier(request, form) if sent else None,
        controle=controle,
        limite=integrite.DERNIERES,
        age=age,
        titre_de=titre_de,
    )


def _liens(request: Requete, listed: Sequence[integrite.ARevoir]) -> dict[int, str]:
    """Where each export that is listed is read, by its line, for who may export of that person; traced as a list is."""
    profil, today, lecteur = request.profil, paris_day(request.now), registre().lecteur
    if permis(profil.role, Objet.EXPORT) is None:
        return {}
    exports = {each.position: each for several in listed for each in several.exports}
    lives = {sujet: lecteur.vie(sujet) for sujet in {each.sujet for each in exports.values()}}
    opened = {sujet for sujet, vie in lives.items() if vie and ouverte(profil, Objet.EXPORT, vie, today)}
    if opened:
        lecteur.tracer_recherche(
            profil, FONDEMENTS[profil.role][0], f"exports à revoir {sorted(exports)}", len(opened), request.now,
            sujets=sorted(opened),
        )  # fmt: skip
    return {
        place: f"{reverse('export', args=[each.sujet.hex()])}#e-{each.export}"
        for place, each in exports.items()
        if each.sujet in opened
    }


@page(Objet.INTEGRITE)
def telecharger(request: Requete) -> HttpResponse:
    """The last checkpoint; or the proof of a line, or the line itself, byte by byte."""
    asked, what = lire_requete(Demande, champs_de(request)).ligne, request.GET.get("quoi", "")
    served = registre()
    found = integrite.ligne(served.exploitant, asked) if asked is not None else None
    if what == POINT:
        point = integrite.etat(served.settings, served.exploitant, request.now).point
        return _piece(point.note.encode() if point else None, "point.note")
    if what == "preuve" and found is not None and found.preuve is not None:
        return _piece(bytes(found.preuve), f"ligne-{asked}.tlog-proof")
    return _piece(found.ligne.encode() if found and what == "ligne" else None, f"ligne-{asked}.json")


def _piece(content: bytes | None, name: str) -> HttpResponse:
    if content is None:
        raise Http404
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="constat-{name}"'
    answer["Content-Security-Policy"] = "sandbox"
    return answer


def _fichier(request: Requete, form: FichierForm) -> integrite.Fichier:
    served, raw = registre(), None
    given: UploadedFile[Any] | None = form.cleaned_data["fichier"]
    digest = form.cleaned_data["empreinte"].strip().lower()
    if given is not None:
        made = sha256()
        for part in given.chunks():
            made.update(part)
        digest = made.hexdigest()
        if (given.size or 0) <= MAX_BYTES:
            given.seek(0)
            raw = given.read()
    return integrite.fichier(served.settings, served.exploitant, served.suivi, digest, raw, request.now)


def age(seconds: float | None) -> str:
    """« il y a 3 heures »."""
    if seconds is None:
        return "jamais"
    told = timedelta(seconds=seconds)
    if told.days:
        return f"il y a {compte(told.days, 'jour')}"
    hours, minutes = told.seconds // 3_600, told.seconds // 60
    if hours:
        return f"il y a {compte(hours, 'heure')}"
    return f"il y a {compte(minutes, 'minute')}" if minutes else "il y a moins d'une minute"


def titre_de(nature: str) -> str:
    """What a type of fact says, in French."""
    return REGISTRY[nature].titre_fr()

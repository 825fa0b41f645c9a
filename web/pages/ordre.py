"""The order of a service's queue (W4): who may decide it does so in the open; the decision is a fact, and stays."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from app.ordre_file import DEFAUT, decider, decisions
from ledger.entry import Acteur
from ledger.events.listes import CritereFile
from projections.priorites import TRI
from web.acces import Objet
from web.pages.commun import remplir
from web.registre import registre
from web.requete import Requete, page

MOTIF: Final = 2_000


class OrdreForm(forms.Form):
    """Each criterion in its place, and why."""

    def __init__(self, *args: Any, ordre: Sequence[CritereFile], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each.value, TRI[each]) for each in CritereFile]
        for place, each in enumerate(ordre, start=1):
            self.fields[f"place_{place}"] = forms.ChoiceField(
                label=f"En {place}{'er' if place == 1 else 'e'}", choices=choices, initial=each.value
            )
        self.fields["motif"] = forms.CharField(
            label="Pourquoi cet ordre",
            max_length=MOTIF,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="Inscrit au registre avec votre compte et l'heure, et lu par tous les agents du service.",
        )

    def clean(self) -> dict[str, Any]:
        """Each criterion once."""
        given = super().clean() or {}
        if not self.errors and len(set(self.ordre)) < len(CritereFile):
            self.add_error("place_1", "Donnez une place à chaque critère : l'un est choisi deux fois.")
        return given

    @property
    def ordre(self) -> tuple[CritereFile, ...]:
        """The criteria in their order, once each field is valid."""
        return tuple(CritereFile(self.cleaned_data[f"place_{place}"]) for place, _ in enumerate(CritereFile, start=1))


@page(Objet.ORDRE_FILE, formulaire=True)
def montrer(request: Requete) -> HttpResponse:
    """The order that holds, what was decided before, and the form that decides another."""
    profil, ledger = request.profil, registre().exploitant.ledger
    service = profil.prefecture or ""
    told = decisions(ledger, service)
    form = OrdreForm(request.POST if request.method == "POST" else None, ordre=told[0].ordre if told else DEFAUT)
    if request.method == "POST" and form.is_valid():
        acteur = Acteur(nature=profil.role.nature, id=profil.acteur, service=profil.service)
        decider(ledger, service, form.ordre, form.cleaned_data["motif"], acteur, request.now)
        messages.success(request, "L'ordre de la file est changé ; la décision est au registre.")
        return HttpResponseRedirect(reverse("file"))
    return remplir(request, "ordre.html", form=form, service=service, decisions=told, tri=TRI)

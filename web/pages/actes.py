"""What an agent or an investigator does to a dossier: the form of the act, what it would cost, then the act.

Every act goes by :func:`commands.handle.handle`, which decides and writes; the page only asks and shows.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from commands.base import Acte, Refused
from commands.decide import decide
from commands.handle import entourage, handle
from commands.situation import situation
from ledger.entry import Avertissement
from ledger.errors import ConflictError, IdentityReusedError
from ledger.events.base import Event
from ledger.events.types import Canal, Flux
from ledger.retained import holding
from projections.etat import etats
from web.acces import Objet
from web.actes import LOURDS, PERMIS, intitule, nom, permis
from web.formulaires import FormulaireActe, formulaire
from web.lecture import Vie
from web.lu import numerotes
from web.pages.commun import remplir
from web.qui import acteur
from web.registre import registre
from web.requete import Requete, page

NEUF = "Nouveau document"


@dataclass(frozen=True, slots=True)
class Apercu:
    """What an act would be answered, before it is carried out."""

    phrase: str
    motifs: tuple[str, ...]
    avertissements: tuple[Avertissement, ...]


@page(Objet.ACTES)
def liste(request: Requete, sujet: str) -> HttpResponse:
    """The acts that this role may carry out, by kind."""
    del sujet
    offered = [
        (title, [(nom(event), intitule(event), event in LOURDS) for event in events])
        for title, events in PERMIS.get(request.profil.role, ())
    ]
    return remplir(request, "actes.html", groupes=offered)


@page(Objet.ACTES, formulaire=True)
def acte(request: Requete, sujet: str, acte: str) -> HttpResponse:
    """One act: its form; then what it would be answered; then the act itself, once, however often it is sent."""
    event = permis(request.profil.role, acte)
    if event is None:
        raise Http404
    form = _formulaire(request, event)
    given = CommandeForm(request.POST or None, objets=_objets(request.vie, event.flux))
    apercu: Apercu | None = None
    status = 200
    if request.method == "POST" and form.is_valid() and given.is_valid():
        asked = _acte(request, form.evenement, given.cleaned_data)
        apercu = _apercu(request, asked)
        if not apercu.motifs and request.POST.get("etape") == "faire":
            try:
                return _faire(request, sujet, asked)
            except (ConflictError, IdentityReusedError) as error:
                form.add_error(None, f"{error}"[:300])
                apercu, status = None, 409
    return remplir(
        request, "acte.html", status, form=form, commande=given, apercu=apercu, acte=acte, titre=intitule(event),
        lourd=event in LOURDS, explication=" ".join(str(event.__doc__).split()),
    )  # fmt: skip


def _faire(request: Requete, sujet: str, asked: Acte) -> HttpResponse:
    [entry] = handle(registre().opened.ledger, asked, request.now)
    messages.success(request, f"Inscrit au registre : {entry.fait.evenement.titre_fr()}.")
    numero = _numero(request.vie.sujet, entry.event_id)
    where = reverse("chronologie", args=[sujet])
    return HttpResponseRedirect(f"{where}#n-{numero}" if numero else where, status=303)


def _numero(sujet: bytes, event_id: UUID) -> int | None:
    """The number of what was just written."""
    vie = registre().lecteur.vie(sujet)
    line = numerotes(vie).get(event_id) if vie is not None else None
    return line.numero if line is not None else None


def _apercu(request: Requete, asked: Acte) -> Apercu:
    ledger = registre().opened.ledger
    seen = situation(entourage(ledger, ledger.life(request.vie.personne)), asked, request.now)
    phrase = asked.evenement.titre_fr()
    try:
        fait = decide(seen, asked, request.now)
    except Refused as refused:
        return Apercu(phrase, tuple(map(str, refused.motifs)), ())
    return Apercu(phrase, (), fait.avertissements)


def _acte(request: Requete, event: Event, given: dict[str, Any]) -> Acte:
    profil = request.profil
    objet = given["objet"]
    return Acte(
        evenement=event,
        command_id=given["command_id"],
        acteur=acteur(profil, request.vie.personne).model_copy(update={"qualite": given.get("qualite") or None}),
        canal=Canal.SYSTEME,
        personne=request.vie.personne,
        objet=f"{event.flux.value}-{given['command_id'].hex[:12]}" if objet == NEUF else objet,
    )


class CommandeForm(forms.Form):
    """Which object the act is about, and the id by which it is carried out once."""

    command_id = forms.UUIDField(widget=forms.HiddenInput)
    objet = forms.ChoiceField(label="Concerne")
    qualite = forms.CharField(label="Votre qualité (CRPA L.111-2)", max_length=200, required=False)

    def __init__(self, data: Any, *, objets: list[str]) -> None:
        super().__init__(data, initial={"command_id": uuid4()})
        self.fields["objet"] = forms.ChoiceField(label="Concerne", choices=[(each, each) for each in objets])
        self.order_fields(["objet", "qualite", "command_id"])


def _objets(vie: Vie, flux: Flux) -> list[str]:
    """The objects of this kind that she has; a document that is given may be a new one."""
    known = dict.fromkeys(
        entry.fait.objet
        for entry in vie.entries
        if entry.fait.personne is not None and entry.fait.flux is flux and entry.fait.objet
    )
    return [*known, NEUF] if flux is Flux.TITRE or not known else [*known]


def _formulaire(request: Requete, event: type[Event]) -> FormulaireActe:
    dossiers = [(each.dossier, each.dossier) for each in etats(holding(request.vie.entries)) if each.dossier]
    offered = {"dossier": dossiers} if "dossier" in event.model_fields else {}
    return formulaire(event, choix=offered)(request.POST or None)

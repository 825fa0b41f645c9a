"""The timeline of a dossier (W1): the rights strip, the gaps and their causes, every fact."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from markupsafe import Markup

from ledger.entry import Entry
from ledger.retained import holding
from projections.chronologie import Filtre, Origine, chronologie
from projections.couverture import couverture
from projections.etat import etats
from projections.imputation.modeles import Imputation
from rules.catalogue import empreinte
from rules.jeux import ACTUEL
from web.acces import Objet, permis
from web.graphiques import frise
from web.lecture import Vie
from web.lu import montrees
from web.pages.commun import au_de, champs_de, lire_requete, remplir
from web.rangees import rangee
from web.registre import registre
from web.requete import Requete, page

LISTES: Final = frozenset({"origine"})
VUES: Final = ("journal", "resume")


@page(Objet.CHRONOLOGIE)
def montrer(request: Requete, sujet: str) -> HttpResponse:
    """Everything that happened, in order; a filter shows less and says how much less."""
    vie, au = request.vie, au_de(request)
    filtre = lire_requete(Filtre, champs_de(request, LISTES))
    vue = request.GET.get("vue") if request.GET.get("vue") in VUES else VUES[0]
    lecteur, regles = registre().lecteur, empreinte(ACTUEL)
    entries = montrees(vie, request.profil.role)
    key = ("evenements", entries is vie.entries, filtre, vue, au)
    evenements = lecteur.rendu(vie, key, lambda: _evenements(vie, entries, filtre, str(vue), au))
    if request.htmx and not request.htmx.history_restore_request:
        return HttpResponse(evenements)
    proofs = f"{reverse('preuves', args=[sujet])}?au={au}" if permis(request.profil.role, Objet.PREUVES) else ""
    droits = lecteur.rendu(vie, ("droits", au, regles, proofs), lambda: _droits(vie, au, proofs))
    return remplir(
        request,
        "chronologie.html",
        droits=droits,
        evenements=evenements,
        filtre=filtre,
        vue=vue,
        au=au,
        origines=tuple(Origine),
    )


def _evenements(vie: Vie, entries: Sequence[Entry], filtre: Filtre, vue: str, au: date) -> Markup:
    told = chronologie(entries, filtre, au)
    context = {"chronologie": told, "filtre": filtre, "journal": vue == "journal", "vie": vie, "rangee": rangee}
    return Markup(render_to_string("evenements.html", context))  # noqa: S704 - made by an escaping template


def _droits(vie: Vie, au: date, preuves: str) -> Markup:
    held = holding(vie.entries, on=au)
    cover = couverture(held, au)
    lost = registre().lecteur.pertes(vie, au)
    days = dict.fromkeys(Imputation, 0)
    for each in lost:
        days[each.imputation] += each.jours
    context = {
        "vie": vie,
        "au": au,
        "preuves": preuves,
        "graphique": frise(cover, lost),
        "couverture": cover,
        "pertes": lost,
        "jours": {each.libelle: count for each, count in days.items() if count},
        "etats": etats(held),
    }
    return Markup(render_to_string("droits.html", context))  # noqa: S704 - made by an escaping template

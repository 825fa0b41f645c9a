"""The timeline of a dossier (W1): the rights strip, the gaps and their causes, every fact."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from markupsafe import Markup

from ledger.entry import Entry
from ledger.retained import holding
from projections.chronologie import Annee, Chronologie, Filtre, Origine, chronologie
from projections.couverture import couverture
from projections.etat import dossiers
from projections.imputation.modeles import Imputation
from rules.catalogue import empreinte
from rules.jeux import ACTUEL
from web.acces import Objet, permis
from web.chronologie_remise import EXTENSIONS, remettre
from web.graphiques import frise
from web.lecture import Vie
from web.limites import AILLEURS
from web.lu import montrees
from web.pages.commun import au_de, champs_de, lire_requete, remplir
from web.rangees import liste
from web.registre import registre
from web.requete import Requete, page

LISTES: Final = frozenset({"origine"})
VUES: Final = ("ecran", "journal", "resume")
"""How much of each fact is told; the first, as the screen is wide or narrow."""
ENTIERE: Final = 1_000
"""Facts that one page shows; beyond, a year at a time, unless all are asked for."""
TOUTES: Final = "toutes"


class Faits(NamedTuple):
    """The list of facts and the form that filters it, made."""

    liste: Markup
    filtres: Markup


@page(Objet.CHRONOLOGIE)
def montrer(request: Requete, sujet: str) -> HttpResponse:
    """Everything that happened, in order; a filter shows less and says how much less; as a page, or as a file."""
    vie, au = request.vie, au_de(request)
    filtre = lire_requete(Filtre, champs_de(request, LISTES))
    vue, annee = request.GET.get("vue", ""), request.GET.get("annee", "")
    vue, annee = vue if vue in VUES else VUES[0], annee if annee == TOUTES or annee.isdecimal() else ""
    lecteur, regles = registre().lecteur, empreinte(ACTUEL)
    entries = montrees(vie, request.profil.role)
    if (extension := request.GET.get("format")) in EXTENSIONS:
        told = chronologie(entries, filtre, au, entiere=vie.limite is None)
        return remettre(vie, told, filtre, au, str(extension))
    key = ("evenements", entries is vie.entries, filtre, vue, annee, au)
    faits = lecteur.rendu(vie, key, lambda: _evenements(vie, entries, filtre, vue, annee, au))
    if request.htmx and not request.htmx.history_restore_request:
        return HttpResponse(faits.liste)
    proofs = f"{reverse('preuves', args=[sujet])}?au={au}" if permis(request.profil.role, Objet.PREUVES) else ""
    droits = lecteur.rendu(vie, ("droits", au, regles, proofs), lambda: _droits(vie, au, proofs))
    return remplir(
        request,
        "chronologie.html",
        droits=droits,
        evenements=faits.liste,
        filtres=faits.filtres,
    )


def _evenements(vie: Vie, entries: Sequence[Entry], filtre: Filtre, vue: str, annee: str, au: date) -> Faits:
    told = chronologie(entries, filtre, au, entiere=vie.limite is None)
    shown, entiere = _annees(told, annee), told.montres <= ENTIERE
    context = {
        "chronologie": msgspec.structs.replace(told, annees=shown),
        "annees": [] if entiere else [(each.annee, each.montres, each in shown) for each in told.annees],
        "entiere": entiere,
        "filtre": filtre,
        "champs": {**filtre.model_dump(mode="json", exclude_defaults=True), "vue": "" if vue == VUES[0] else vue},
        "toutes": TOUTES,
        "journal": vue != "resume",
        "liste": liste,
        "selon_ecran": vue == VUES[0],
        "vie": vie,
    }
    form = {"vie": vie, "filtre": filtre, "vue": vue, "par_origine": told.par_origine, "origines": tuple(Origine)}
    return Faits(_fait("evenements.html", context), _fait("filtres.html", form))


def _fait(gabarit: str, contexte: dict[str, Any]) -> Markup:
    return Markup(render_to_string(gabarit, contexte))  # noqa: S704 - made by an escaping template


def _annees(told: Chronologie, asked: str) -> tuple[Annee, ...]:
    """What one page shows: everything, or of a long timeline the year asked for, else the last."""
    if told.montres <= ENTIERE or asked == TOUTES:
        return told.annees
    return tuple(each for each in told.annees if str(each.annee) == asked) or told.annees[-1:]


def _droits(vie: Vie, au: date, preuves: str) -> Markup:
    held = holding(vie.entries, on=au)
    if not vie.concluante:
        return _fait("droits_tus.html", {"au": au, "dossiers": dossiers(held), "ailleurs": AILLEURS})
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
        "dossiers": dossiers(held),
    }
    return _fait("droits.html", context)

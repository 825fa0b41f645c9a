"""« Où en est ma demande » (W9): what she can show today, what is expected from whom, what she can prove."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from django.http import HttpResponse
from django.template.loader import render_to_string
from markupsafe import Markup

from evidence.mots import dire
from ledger.entry import Entry
from ledger.events.depot import DemandeDeposee, DemandePapierEnregistree
from ledger.francais import jour
from ledger.receipts import is_hers
from ledger.retained import holding
from projections.couverture import couverture
from projections.francais import compte, jours
from projections.historique import lignes
from projections.imputation.blocage import releve
from projections.imputation.modeles import Imputation
from projections.ou_en_est import ou_en_est
from projections.pertes import Perte
from rules.catalogue import empreinte
from rules.jeux import ACTUEL
from web.acces import Objet, Role, permis
from web.graphiques import frise
from web.lecture import Vie
from web.limites import concluante
from web.pages.commun import au_de, remplir
from web.registre import registre
from web.requete import Requete, page

SUITES = (
    ("recus", "Mes reçus et mes documents", "Télécharger la preuve de ce que vous avez fait.", Objet.RECU),
    ("consultations", "Qui a regardé mon dossier", "Le service, le jour, la raison.", Objet.CONSULTATIONS),
    ("signaler", "Signaler une erreur", "Un fait est faux ? Dites-le. Rien n'est effacé.", Objet.SIGNALEMENT),
    ("chronologie", "Toute mon histoire", "Chaque fait, du premier au dernier.", Objet.CHRONOLOGIE),
)
"""Where to go next: name of the address, words, what is there, what it shows."""


class Prouvable(NamedTuple):
    """Something that can be proved today, and the fact that proves it when there is one."""

    phrase: str
    numero: int | None = None


@page(Objet.CHRONOLOGIE)
def montrer(request: Requete, sujet: str) -> HttpResponse:
    """The first page of an applicant; who else may look at her timeline reads what she reads."""
    del sujet
    vie, au, role = request.vie, au_de(request), request.profil.role
    key = ("ou-en-est", au, empreinte(ACTUEL))
    return remplir(
        request,
        "mon_historique.html",
        corps=registre().lecteur.rendu(vie, key, lambda: _corps(vie, au)),
        suites=[each for each in SUITES if permis(role, each[3])],
        elle=role is Role.USAGER,
    )


@concluante
def _corps(vie: Vie, au: date) -> Markup:
    held = holding(vie.entries, on=au)
    cover, lost = couverture(held, au), registre().lecteur.pertes(vie, au)
    context = {
        "vie": vie,
        "ou": ou_en_est(held, au),
        "graphique": frise(cover, lost),
        "prouvables": list(_prouvables(vie, held, lost, au)),
        "dire": dire,
        "jours": jours,
    }
    return Markup(render_to_string("ou_en_est.html", context))  # noqa: S704 - made by an escaping template


def _prouvables(vie: Vie, held: Sequence[Entry], lost: Sequence[Perte], au: date) -> Iterator[Prouvable]:
    standing = {entry.event_id for entry in held}
    for entry, line in lignes(vie.entries):
        filed = isinstance(entry.fait.evenement, DemandeDeposee | DemandePapierEnregistree)
        if filed and is_hers(entry.fait) and entry.event_id in standing:
            yield Prouvable(f"Vous avez déposé une demande : {line.survenu_fr}.", line.numero)
    told = releve(held, au)
    tries = sum(len(each.empeches) for each in told.blocages) + len(told.autres)
    if tries:
        yield Prouvable(f"Vous avez essayé {compte(tries, 'fois', 'fois')} de faire une démarche qui n'a pas marché.")
    days = sum(each.jours for each in lost if each.imputation is not Imputation.END_OF_RIGHT_BY_DECISION)
    if days:
        theirs = sum(each.jours for each in lost if each.imputation is Imputation.ADMINISTRATION)
        said = f"Vous avez passé {compte(days, 'jour')} sans document"
        part = "tous" if theirs == days else f"dont {compte(theirs, 'jour')}"
        whose = f", {part} imputables à l'administration" if theirs else ""
        yield Prouvable(f"{said}{whose} (au {jour(au)}).")

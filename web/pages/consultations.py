"""« Qui a regardé » (W7): who looked at a dossier, when and why; how much of it may be said depends on who asks."""

import csv
from io import StringIO
from typing import Final

from django.core.paginator import Paginator
from django.http import HttpResponse

from app.transversal import recherches_montrant
from projections.acces import FiltreAcces, Genre, Inhabituel, Journal, journal
from projections.divulgation import DELAI, Public, affaires, divulguer, regards
from web.acces import Objet, Role
from web.graphiques import cellule
from web.pages.commun import a_jour, champs_de, lire_requete, remplir
from web.registre import registre
from web.requete import Requete, page

LISTES: Final = frozenset({"genre"})
PAR_PAGE: Final = 100
PUBLICS: Final = {
    Role.AGENT: Public.SERVICE,
    Role.SUPERVISEUR: Public.RESPONSABLE,
    Role.DDD: Public.CONTROLE,
}
"""What each role may be told; any other one, as much as the person herself."""
ENTETE: Final = ("jour", "instant", "service", "fait", "fois", "raison", "reference", "objet", "compte", "inhabituel")


@page(Objet.CONSULTATIONS)
@a_jour
def montrer(request: Requete, sujet: str) -> HttpResponse:
    """Who looked, filtered; as a page, or as the file of the same filter."""
    del sujet
    filtre = lire_requete(FiltreAcces, champs_de(request, LISTES))
    told, public = journal_de(request, filtre)
    if request.GET.get("format") == "csv":
        return _fichier(told)
    pages = Paginator(told.lignes, PAR_PAGE)
    return remplir(
        request,
        "consultations.html",
        journal=told,
        filtre=filtre,
        public=public,
        lignes=pages.get_page(request.GET.get("page")),
        champs=filtre.model_dump(mode="json", exclude_defaults=True),
        genres=tuple(Genre),
        sortes=tuple(Inhabituel),
        mois=DELAI.days // 30,
        elle=request.profil.role in {Role.USAGER, Role.REPRESENTANT},
    )


def journal_de(request: Requete, filtre: FiltreAcces) -> tuple[Journal, Public]:
    """What this account may be told of who looked at the dossier that was opened, and as what public."""
    vie, profil = request.vie, request.profil
    public = PUBLICS.get(profil.role, Public.PERSONNE)
    served = registre()
    searches = recherches_montrant(served.suivi, served.exploitant, vie.sujet)
    told = (*vie.entries, *served.lecteur.consultations(vie), *searches)
    if vie.limite is not None:  # a look is at a whole person, and says of which dossier it was for: one's own only
        told = tuple(entry for entry in told if entry.fait.acteur.id == profil.acteur)
    looks = regards(told)
    told, withheld = divulguer(looks, public, affaires(vie.entries), request.now, profil.service)
    charged = vie.attaches.prefectures
    return journal(told, withheld, public, filtre, en_charge=charged, service=profil.service), public


def _fichier(told: Journal) -> HttpResponse:
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(ENTETE)
    for each in told.lignes:
        row = (
            each.le,
            each.instant.isoformat() if each.instant else "",
            each.service,
            each.genre.value,
            each.fois,
            each.motif,
            each.reference or "",
            each.objet or "",
            each.compte or "",
            " ; ".join(strange.libelle for strange in each.inhabituel),
        )
        writer.writerow(map(cellule, row))
    if told.tus:
        writer.writerow([f"{told.tus} consultation(s) ne peuvent pas encore être dites"])
    answer = HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="qui-a-regarde.csv"'
    answer.headers["Content-Security-Policy"] = "sandbox"
    return answer

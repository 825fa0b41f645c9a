"""A complaint to the Défenseur des droits: both sides, side by side, each with its own grade, and the deadlines."""

from collections.abc import Sequence
from itertools import groupby

from django.http import HttpResponse

from evidence.contradictoire import Contradictoire, LigneCote, contradictoire
from evidence.contradictoire_tableau import CONTESTES, DEMANDES, JOURS, REGARDS, tableau
from replay.as_of import Moment
from web.acces import Objet
from web.actes import PERMIS, intitule, nom
from web.lu import montrees, preuve_de
from web.pages.commun import au_de, remplir
from web.registre import registre
from web.requete import Requete, page


@page(Objet.CONTRADICTOIRE)
def montrer(request: Requete, sujet: str) -> HttpResponse:
    """What was asked or found, and what was answered or disputed; nothing is judged."""
    del sujet
    vie, au, role = request.vie, au_de(request), request.profil.role
    entries = montrees(vie, role)
    key = ("contradictoire", au, entries is vie.entries)
    found: Contradictoire = registre().lecteur.rendu(
        vie, key, lambda: contradictoire(entries, preuve_de(vie, Moment(None, au)))
    )
    parts = [(title, list(rows)) for title, rows in groupby(tableau(found), key=lambda row: row.partie)]
    acts = [
        (nom(event), intitule(event))
        for _, events in PERMIS.get(role, ())
        for event in events
        if event.__module__.endswith(".reclamation")
    ]
    return remplir(request, "contradictoire.html", parties=_nommees(parts), trouve=found, actes=acts, au=au)


def _nommees(parts: Sequence[tuple[str, list[LigneCote]]]) -> list[tuple[str, str, str, list[LigneCote]]]:
    """Each part with the heads of its two columns."""
    heads = {
        DEMANDES: ("Le Défenseur des droits", "Le service"),
        CONTESTES: ("Le fait", "La contestation"),
        REGARDS: ("La personne", "L'administration"),
        JOURS: ("À l'appui", "En sens contraire"),
    }
    return [(title, *heads[title], rows) for title, rows in parts]

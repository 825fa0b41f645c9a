"""The figures of the page « Statistiques », by the same filter."""

from typing import Final

from django.http import HttpResponse
from ninja import Query, Router

from projections.chiffres_filtres import Chiffres, Filtre
from projections.imputation.incidents import lire
from web.acces import Objet
from web.api.identite import Demande
from web.api.operations import operation
from web.api.problemes import Code, Probleme
from web.api.reponses import encoder, repondre
from web.chiffres import chiffrer, demander, service_de

router = Router(tags=["Lire les chiffres"])


@router.get("/statistiques", summary="Les chiffres d'une année ou d'un mois, filtrés comme sur la page")
@operation(Objet.STATISTIQUES, Filtre)
def lire_statistiques(request: Demande, filtre: Query[Filtre]) -> HttpResponse:
    """Personne n'y est nommé. Ce qui n'est pas donné est sous la clé « * » ; pourquoi, le champ « masquage » le dit."""
    asked = demander(request, filtre)
    own = service_de(request.profil)
    if filtre.prefecture and lire(filtre.prefecture) not in (asked.choix if own is None else {lire(own)}):
        wrong = {"champ": "prefecture", "probleme": "n'est pas une préfecture dont vous pouvez voir les chiffres"}
        raise Probleme(Code.CHAMPS_INVALIDES, erreurs=[wrong])
    return repondre(encoder(chiffrer(asked)))


REPONSES: Final[dict[str, type]] = {"lire_statistiques": Chiffres}
"""What each operation answers, for the published schema."""

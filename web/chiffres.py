"""Figures across dossiers for who asks: one filter for page, file and API, within the limits of the account."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from app.transversal import chiffres_par, prefectures
from ledger.days import paris_day
from projections.chiffres_filtres import Chiffres, Filtre
from projections.effectifs import Par
from projections.imputation.incidents import lire
from projections.statistiques import MINIMUM
from web.acces import Profil, Role
from web.registre import registre
from web.requete import Requete


class Demande(NamedTuple):
    """What is asked for, once the account's own limits are applied."""

    filtre: Filtre
    """With its year."""
    aujourd_hui: date
    service: str | None
    """The only préfecture whose figures this account sees; ``None``: it sees all."""
    choix: Mapping[str, str]
    """The préfectures that may be chosen: as names are compared, and as they are written."""


def demander(request: Requete, filtre: Filtre) -> Demande:
    """The filter as this account may use it; a supervisor is given their own préfecture whatever it says."""
    today, service = paris_day(request.now), service_de(request.profil)
    asked = filtre.au_jour(today)
    choix = {} if service is not None else prefectures(registre().suivi)
    if lire(asked.prefecture) not in choix:
        asked = asked.model_copy(update={"prefecture": ""})
    if service is not None and asked.par is Par.PREFECTURE:
        asked = asked.model_copy(update={"par": Par.ENSEMBLE})
    return Demande(asked, today, service, choix)


def service_de(profil: Profil) -> str | None:
    """The préfecture outside of which this account sees no figure."""
    return (profil.prefecture or "") if profil.role is Role.SUPERVISEUR else None


def chiffrer(asked: Demande, filtre: Filtre | None = None) -> Chiffres:
    """What it is answered."""
    return chiffres_par(registre().suivi, filtre or asked.filtre, asked.service, asked.aujourd_hui, MINIMUM)

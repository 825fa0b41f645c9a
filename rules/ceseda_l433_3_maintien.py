"""Pendant trois mois après l'expiration, la carte expirée prouve encore le séjour de qui l'a fait renouveler à temps.

Source      CESEDA, art. L.433-3, en vigueur depuis le 1er mai 2021 (ancien L.311-4). [F] La fin de l'alinéa 3 n'a pas
            été lue. [F-part] La liste des départements de l'alinéa 2 et sa date n'ont pas été trouvées : la table est
            vide, et chaque demande dit ce qu'elle sait de son département.
Résumé      Al. 1 : le titulaire d'une carte pluriannuelle de quatre ans, d'une carte de résident, ou d'un titre de plus
            d'un an prévu par une stipulation internationale, qui en demande le renouvellement, justifie de la
            régularité de son séjour « entre la date d'expiration » et la décision, sur présentation de la carte
            expirée, dans la limite de trois mois. Al. 2 : dans les départements d'une liste, de même pour qui a
            demandé « avant son expiration » le renouvellement d'une carte temporaire, ou d'une carte pluriannuelle
            d'une autre durée. Al. 3 : les droits sociaux et le droit au travail sont conservés.
Convention  [I] Du lendemain de l'expiration au même quantième, trois mois plus tard, inclus. [I] La demande compte si
            elle est faite au plus tard le jour de l'expiration : un titre valable jusqu'au jour J couvre J.
Non codé    Le dépôt après l'expiration pour l'alinéa 1, dont le texte ne fixe aucune date, et le refus implicite né
            avant la fin du maintien : ce sont des lectures à montrer, jamais des calculs à imposer.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Final

from ledger.events.types import TypeTitre
from rules.base import Source, Verification, quantieme

_SINCE: Final = date(2021, 5, 1)

SOURCE: Final = Source(
    code="CESEDA",
    article="L.433-3 al. 1",
    libelle="Maintien de trois mois : carte de quatre ans, carte de résident, stipulation internationale",
    verification=Verification.F,
    en_vigueur_depuis=_SINCE,
    url_ou_copie="french-business-law.com ; nosdeputes.fr, 464623",
)
ALINEA_2: Final = Source(
    code="CESEDA",
    article="L.433-3 al. 2",
    libelle="Maintien de trois mois dans les départements d'une liste",
    verification=Verification.F,
    en_vigueur_depuis=_SINCE,
    url_ou_copie="french-business-law.com",
)
DROITS: Final = Source(
    code="CESEDA",
    article="L.433-3 al. 3",
    libelle="Droits sociaux et droit au travail conservés pendant le maintien",
    verification=Verification.F_PART,
    en_vigueur_depuis=_SINCE,
    url_ou_copie="french-business-law.com ; nosdeputes.fr, 464623",
)
DEPOT_A_TEMPS: Final = Source(
    code="Convention de calcul",
    article="dépôt au plus tard le jour de l'expiration (L.433-3)",
    libelle="La demande faite le jour de l'expiration est faite à temps",
    verification=Verification.I,
)
SOURCES: Final = (SOURCE, ALINEA_2, DROITS, DEPOT_A_TEMPS)

MOIS: Final = 3
ANNEES_CSP: Final = 4

Liste = tuple[Source, frozenset[str]]
"""An arrêté, whose dates say when it holds, and the départements that it lists."""

LISTES: Final[tuple[Liste, ...]] = ()
"""Empty, because no arrêté was found: until one is, only the facts say whether a département is listed."""


class Alinea(StrEnum):
    """L'alinéa qui ouvre le maintien, ou ce qui empêche de le dire."""

    AL1 = "al1"
    AL2 = "al2"
    AUCUN = "aucun"
    INDETERMINE = "indetermine"
    """La nature ou la durée de la carte, ou l'inscription du département, n'est pas connue."""


def alinea(
    type_titre: TypeTitre, duree_annees: int | None, *, stipulation_internationale: bool, departement_liste: bool | None
) -> Alinea:
    """Which paragraph covers a card of this kind once its renewal was asked in time."""
    if type_titre is TypeTitre.INCONNU:
        return Alinea.INDETERMINE
    csp = type_titre is TypeTitre.CSP
    if type_titre is TypeTitre.CARTE_RESIDENT or (csp and duree_annees == ANNEES_CSP):
        return Alinea.AL1
    if stipulation_internationale and (duree_annees or 0) > 1:
        return Alinea.AL1
    # A CSP of unknown length in a listed département is covered by one paragraph or by the other.
    if departement_liste and (csp or type_titre is TypeTitre.CST):
        return Alinea.AL2
    unknown_length = duree_annees is None and (csp or stipulation_internationale)
    unknown_list = departement_liste is None and (csp or type_titre is TypeTitre.CST)
    return Alinea.INDETERMINE if unknown_length or unknown_list else Alinea.AUCUN


def fin(expire_le: date) -> date:
    """The last day of the three months, for a card valid until ``expire_le``."""
    return quantieme(expire_le, MOIS)


def departement_liste(
    departement: str | None, day: date, *, declare: bool | None, listes: Sequence[Liste] = LISTES
) -> bool | None:
    """Whether paragraph 2 holds in ``departement``: what the facts say, else the lists of ``day``, else ``None``."""
    in_force = [departements for arrete, departements in listes if arrete.en_vigueur(day)]
    if declare is not None or departement is None or not in_force:
        return declare
    return any(departement in departements for departements in in_force)

"""Des arrêtés ont fait passer des titres au téléservice, chacun à partir d'un jour.

Source      Arrêtés du 27 avril 2021, du 31 mars 2023 et du 1er juillet 2024, connus par des résumés. [S] Arrêté du
            29 mars 2022 : ouverture le 2 mai 2022, maintien des apatrides au guichet. [F] Passeport talent et
            visiteur : arrêté de mai 2021, de mémoire. [M]
Résumé      Aucun titre avant le 1er mai 2021. Étudiants : ce jour-là. Passeport talent et visiteur : dans le courant de
            2021. Réfugiés, protection subsidiaire et leur famille : 2 mai 2022 ; les apatrides restent au guichet.
            Conjoint, parent, ascendant ou enfant de Français, travailleur saisonnier, famille d'un citoyen de l'Union :
            5 avril 2023. Renouvellement de toutes les cartes de résident : 4 juillet 2024.
Convention  [I] Le motif se lit dans les mots de la demande ou dans l'article qu'elle invoque. Un motif que la table ne
            nomme pas, ou qu'elle nomme deux fois en sens contraire, laisse la question ouverte : jamais « non ».
Non codé    Les titres que les arrêtés énuméreraient sans que les résumés le disent : textes non lus. L'apatride qui
            renouvelle une carte de résident depuis le 4 juillet 2024 : deux textes, non tranché.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from ledger.days import Jours
from ledger.events.types import NatureDemande, StatutProtection, TypeTitre
from rules.base import Source, Verification, articles_cites, sans_accents

ETUDIANTS_LE: Final = date(2021, 5, 1)
PROTECTION_LE: Final = date(2022, 5, 2)
FAMILLES_LE: Final = date(2023, 4, 5)
RESIDENTS_LE: Final = date(2024, 7, 4)

AVRIL_2021: Final = Source(
    code="Arrêté du 27 avril 2021",
    article="titres étudiants",
    libelle="Première liste des titres demandés par le téléservice",
    verification=Verification.S,
    en_vigueur_depuis=ETUDIANTS_LE,
    url_ou_copie="gisti.org ; CE 452798",
)
MAI_2021: Final = Source(
    code="Arrêté de mai 2021",
    article="passeport talent et visiteur",
    libelle="Passeport talent et visiteur demandés par le téléservice, en 2021",
    verification=Verification.M,
)
MARS_2022: Final = Source(
    code="Arrêté du 29 mars 2022",
    article="protection internationale",
    libelle="Réfugiés, protection subsidiaire et famille par le téléservice ; apatrides au guichet",
    verification=Verification.F,
    en_vigueur_depuis=PROTECTION_LE,
    url_ou_copie="nord.gouv.fr",
)
MARS_2023: Final = Source(
    code="Arrêté du 31 mars 2023",
    article="famille de Français, saisonniers, famille de citoyens de l'Union",
    libelle="Famille de Français, travailleurs saisonniers et famille de citoyens de l'Union par le téléservice",
    verification=Verification.S,
    en_vigueur_depuis=FAMILLES_LE,
    url_ou_copie="lemediasocial.fr ; mobility-compliance.com",
)
JUILLET_2024: Final = Source(
    code="Arrêté du 1er juillet 2024",
    article="cartes de résident",
    libelle="Renouvellement de toutes les cartes de résident par le téléservice",
    verification=Verification.S,
    en_vigueur_depuis=RESIDENTS_LE,
    url_ou_copie="mandyrezeaumerah.com, 3 juillet 2024",
)
SOURCES: Final = (AVRIL_2021, MAI_2021, MARS_2022, MARS_2023, JUILLET_2024)


class Categorie(StrEnum):
    """Ce que les arrêtés énumèrent."""

    ETUDIANT = "etudiant"
    TALENT_OU_VISITEUR = "talent_ou_visiteur"
    PROTECTION = "protection"
    APATRIDE = "apatride"
    FAMILLE_DE_FRANCAIS = "famille_de_francais"
    SAISONNIER = "saisonnier"
    FAMILLE_UE = "famille_ue"
    RESIDENT_RENOUVELE = "resident_renouvele"


@dataclass(frozen=True, slots=True)
class Inscription:
    """Une ligne de la table : depuis quand une catégorie se demande par le téléservice, et d'après quel arrêté."""

    categorie: Categorie
    depuis: Jours | None
    """The first day, or the days among which it falls; ``None`` for who stays at the desk."""
    source: Source

    def en_ligne(self, day: date) -> bool | None:
        """Whether the category is on the list on ``day``; ``None`` when the first day is not known well enough."""
        if self.depuis is None or day < self.depuis.premier:
            return False
        return True if day >= self.depuis.dernier else None


TABLE: Final = (
    Inscription(Categorie.ETUDIANT, Jours.le(ETUDIANTS_LE), AVRIL_2021),
    Inscription(Categorie.TALENT_OU_VISITEUR, Jours(ETUDIANTS_LE, date(2021, 12, 31)), MAI_2021),
    Inscription(Categorie.PROTECTION, Jours.le(PROTECTION_LE), MARS_2022),
    Inscription(Categorie.APATRIDE, None, MARS_2022),
    Inscription(Categorie.FAMILLE_DE_FRANCAIS, Jours.le(FAMILLES_LE), MARS_2023),
    Inscription(Categorie.SAISONNIER, Jours.le(FAMILLES_LE), MARS_2023),
    Inscription(Categorie.FAMILLE_UE, Jours.le(FAMILLES_LE), MARS_2023),
    Inscription(Categorie.RESIDENT_RENOUVELE, Jours.le(RESIDENTS_LE), JUILLET_2024),
)

_MOTS: Final = (
    (Categorie.ETUDIANT, re.compile(r"\betudiante?s?\b")),
    (Categorie.TALENT_OU_VISITEUR, re.compile(r"\b(talents?|visiteu(r|se)s?)\b")),
    (Categorie.PROTECTION, re.compile(r"\b(refugiee?s?|protection subsidiaire)\b")),
    (Categorie.APATRIDE, re.compile(r"\bapatrides?\b")),
    (
        Categorie.FAMILLE_DE_FRANCAIS,
        re.compile(r"\b(conjointe?s?|epou(x|se)|parents?|pere|mere|ascendante?s?|enfants?)\b.*\bfrancaise?s?\b"),
    ),
    (Categorie.SAISONNIER, re.compile(r"\bsaisonni(er|ere)s?\b")),
    (Categorie.FAMILLE_UE, re.compile(r"\bfamille\b.*\b(union europeenne|ue)\b")),
)
_ARTICLES: Final = {
    "L.423-7": Categorie.FAMILLE_DE_FRANCAIS,
    "L.424-1": Categorie.PROTECTION,
    "L.424-3": Categorie.PROTECTION,
    "L.424-9": Categorie.PROTECTION,
    "L.424-18": Categorie.APATRIDE,
}
_STATUTS: Final = {
    StatutProtection.REFUGIE: Categorie.PROTECTION,
    StatutProtection.PROTECTION_SUBSIDIAIRE: Categorie.PROTECTION,
    StatutProtection.APATRIDE: Categorie.APATRIDE,
}
_CARTES_DE_PROTECTION: Final = frozenset({TypeTitre.CARTE_RESIDENT, TypeTitre.CSP})


def inscriptions(
    type_titre: TypeTitre,
    motif: str | None,
    nature: NatureDemande,
    *,
    fondement: str | None = None,
    statut: StatutProtection | None = None,
) -> tuple[Inscription, ...]:
    """The lines of the table that an application falls under; none when the table does not name its motive.

    ``statut`` is the protection known of the person, ``None`` when there is none.
    """
    found = set(_categories(type_titre, sans_accents(motif or ""), nature, articles_cites(fondement), statut))
    return tuple(each for each in TABLE if each.categorie in found)


def _categories(
    type_titre: TypeTitre,
    motif: str,
    nature: NatureDemande,
    articles: frozenset[str],
    statut: StatutProtection | None,
) -> Iterator[Categorie]:
    yield from (categorie for categorie, words in _MOTS if words.search(motif))
    yield from (categorie for article, categorie in _ARTICLES.items() if article in articles)
    if statut is not None and type_titre in _CARTES_DE_PROTECTION:
        yield _STATUTS[statut]
    if type_titre is TypeTitre.CARTE_RESIDENT and nature is NatureDemande.RENOUVELLEMENT:
        yield Categorie.RESIDENT_RENOUVELE


def en_ligne(
    type_titre: TypeTitre,
    motif: str | None,
    nature: NatureDemande,
    day: date,
    *,
    fondement: str | None = None,
    statut: StatutProtection | None = None,
) -> bool | None:
    """Whether such an application had to be filed online on ``day``; ``None`` when the table does not say."""
    if day < ETUDIANTS_LE:
        return False
    lines = inscriptions(type_titre, motif, nature, fondement=fondement, statut=statut)
    answers = {each.en_ligne(day) for each in lines}
    if True in answers:
        return None if any(each.depuis is None for each in lines) else True
    return False if answers == {False} else None

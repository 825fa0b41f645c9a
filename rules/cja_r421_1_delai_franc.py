"""Le recours se forme dans les deux mois, comptés francs.

Source      CJA, art. R.421-1, version LEGIARTI000039807005, en vigueur depuis le 1er janvier 2020. [F] Délai franc :
            CE, 15 décembre 2023, n° 472836, et 19 septembre 2014, n° 362568. [S] Demande préalable avant une
            provision : CE, 23 septembre 2019, n° 427923. [S]
Lectures    1. Une copie de 2012, changée depuis : elle ne dit rien d'une demande préalable. [S] 2. L'article
            d'aujourd'hui, qui l'exige pour une somme d'argent. Le délai est le même.
Texte       « La juridiction ne peut être saisie que par voie de recours formé contre une décision, et ce, dans les deux
            mois à partir de la notification ou de la publication de la décision attaquée. Lorsque la requête tend au
            paiement d'une somme d'argent, elle n'est recevable qu'après l'intervention de la décision prise par
            l'administration sur une demande préalablement formée devant elle. » (art. R.421-1)
Résumé      Le premier jour du délai est le lendemain de la décision ou de sa notification ; le dernier, le lendemain du
            jour où il s'achève. S'il tombe un samedi, un dimanche ou un jour férié, le délai va au premier jour ouvré.
Convention  [I] Pour un départ en fin de mois, deux façons de compter diffèrent d'un jour ou deux : on montre la plus
            courte. Le délai n'est opposable qu'avec un accusé complet (CRPA L.112-12) ou une notification mentionnant
            les voies et délais (``cja_r421_5_voies_et_delais``).
Non codé    Les délais propres aux obligations de quitter le territoire, et ceux d'outre-mer. Le recours administratif,
            qui interrompt le délai, est dans ``crpa_l411_2_recours_administratif`` ; les motifs demandés, qui le
            prorogent, dans ``crpa_l232_4_motifs``.
"""

from datetime import date
from typing import Final

from ledger.events.types import BaseRecours
from rules.base import COPIE_DE_2012, RELECTURE, Source, Verification, lendemain, quantieme
from rules.jeux import Lecture, lectures
from rules.jours_ouvres import premier_ouvre

_RELU: Final = Source(
    code="CJA",
    article="R.421-1",
    libelle="Délai de recours de deux mois",
    verification=Verification.F,
    en_vigueur_depuis=date(2020, 1, 1),
    version="LEGIARTI000039807005",
    url_ou_copie="doctrine.fr",
    connue_le=RELECTURE,
    lecture=2,
)
_COPIE: Final = Source(
    code="CJA",
    article="R.421-1",
    libelle="Délai de recours de deux mois",
    verification=Verification.S,
    en_vigueur_jusqu_au=date(2015, 12, 31),
    url_ou_copie=COPIE_DE_2012,
)
FRANC: Final = Source(
    code="CE",
    article="15 décembre 2023, n° 472836",
    libelle="Délai franc, reporté au premier jour ouvré",
    verification=Verification.S,
    en_vigueur_depuis=date(2023, 12, 15),
    url_ou_copie="actualitesdudroitpublic.fr",
    publiee_le=date(2023, 12, 15),
)
FRANC_2014: Final = Source(
    code="CE",
    article="19 septembre 2014, n° 362568",
    libelle="Délai franc",
    verification=Verification.S,
    en_vigueur_depuis=date(2014, 9, 19),
    publiee_le=date(2014, 9, 19),
)
_PROVISION: Final = Source(
    code="CE",
    article="23 septembre 2019, n° 427923",
    libelle="Une demande préalable précède aussi la demande de provision",
    verification=Verification.S,
    en_vigueur_depuis=date(2019, 9, 23),
    url_ou_copie="guimet-avocats.net",
    publiee_le=date(2019, 9, 23),
    connue_le=RELECTURE,
)

MOIS: Final = 2
SOMME_D_ARGENT: Final = frozenset({BaseRecours.INDEMNITAIRE, BaseRecours.REFERE_PROVISION})
"""The requests that ask for a sum of money."""


def _pas_dite(base: BaseRecours) -> bool | None:
    return None if base in SOMME_D_ARGENT else False


def _exigee(base: BaseRecours) -> bool | None:
    return base in SOMME_D_ARGENT


LECTURES: Final = lectures(
    __name__,
    Lecture((_COPIE, FRANC, FRANC_2014), _pas_dite),
    Lecture((_RELU, FRANC, FRANC_2014, _PROVISION), _exigee),
)
SOURCES: Final = LECTURES.sources


def demande_prealable_exigee(base: BaseRecours) -> bool | None:
    """Whether the administration must first have decided on a claim made to it; ``None`` when the text does not say."""
    return LECTURES.suivie().calcul(base)


def derniers_jours(depart: date, mois: int = MOIS) -> tuple[date, date]:
    """The last day by each way of counting, the earlier first: months from ``depart``, or from the day after it."""
    from_the_day = premier_ouvre(lendemain(quantieme(depart, mois)))
    from_the_next = premier_ouvre(quantieme(lendemain(depart), mois))
    return min(from_the_day, from_the_next), max(from_the_day, from_the_next)


def dernier_jour(depart: date, mois: int = MOIS) -> date:
    """The last day on which to appeal, by the shorter way of counting."""
    return derniers_jours(depart, mois)[0]

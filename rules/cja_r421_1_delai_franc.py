"""Le recours se forme dans les deux mois, comptés francs.

Source      CJA, art. R.421-1 : deux mois. [S] Copie de 2012 ; l'article a changé depuis. Délai franc : CE, 15 décembre
            2023, n° 472836, et 19 septembre 2014, n° 362568. [S]
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

from rules.base import Source, Verification, lendemain, quantieme
from rules.jours_ouvres import premier_ouvre

SOURCE: Final = Source(
    code="CJA",
    article="R.421-1",
    libelle="Délai de recours de deux mois",
    verification=Verification.S,
    url_ou_copie="legifrance/Les-codes-en-vigueur, justice_administrative.txt (5 octobre 2012)",
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
SOURCES: Final = (SOURCE, FRANC, FRANC_2014)

MOIS: Final = 2


def derniers_jours(depart: date, mois: int = MOIS) -> tuple[date, date]:
    """The last day by each way of counting, the earlier first: months from ``depart``, or from the day after it."""
    from_the_day = premier_ouvre(lendemain(quantieme(depart, mois)))
    from_the_next = premier_ouvre(quantieme(lendemain(depart), mois))
    return min(from_the_day, from_the_next), max(from_the_day, from_the_next)


def dernier_jour(depart: date, mois: int = MOIS) -> date:
    """The last day on which to appeal, by the shorter way of counting."""
    return derniers_jours(depart, mois)[0]

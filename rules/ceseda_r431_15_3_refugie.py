"""Le bénéficiaire d'une protection reçoit, dès sa demande, une attestation de six mois renouvelable.

Source      CESEDA, art. R.431-15-3 (réfugié), en vigueur depuis le 1er mai 2021, en ligne depuis le 2 mai 2022. [F]
            CESEDA, art. R.431-15-4 (protection subsidiaire), lu en partie. [F-part]
Résumé      Dès la reconnaissance, la personne est informée de l'usage du téléservice. « Dès la souscription » de la
            demande, une attestation de prolongation de six mois, renouvelable, portant la mention « reconnu réfugié »,
            est mise à disposition ; elle justifie de la régularité du séjour et permet toute profession (L.414-10).
Convention  [I] « Dès la souscription » : le jour du dépôt ; dès la reconnaissance : ce jour-là. Six mois : jusqu'à la
            veille du même quantième.
Non codé    L'apatride, resté au guichet. La fin de validité réelle : elle se lit sur le document ; le calcul ci-dessous
            dit seulement ce que le texte promettait.
"""

from datetime import date
from typing import Final

from rules import ceseda_r431_15_1_attestation as attestation
from rules.base import Source, Verification, decaler, lendemain, quantieme

SOURCE: Final = Source(
    code="CESEDA",
    article="R.431-15-3",
    libelle="Attestation de six mois du réfugié",
    verification=Verification.F,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="juriblio.fr, sous-section 3",
)
PROTECTION_SUBSIDIAIRE: Final = Source(
    code="CESEDA",
    article="R.431-15-4",
    libelle="Attestation de six mois du bénéficiaire de la protection subsidiaire",
    verification=Verification.F_PART,
    en_vigueur_depuis=date(2021, 5, 1),
    url_ou_copie="juriblio.fr",
)
SOURCES: Final = (SOURCE, PROTECTION_SUBSIDIAIRE)

MOIS: Final = 6


def information_due_le(reconnue_le: date) -> date:
    """The day from which the person is to be told how to use the online service."""
    return reconnue_le


def exigible_le(deposee_le: date) -> date:
    """The day from which the certificate is due: the day of the application."""
    return deposee_le


def renouvellement_du_le(valide_au: date, decision_le: date | None = None) -> date | None:
    """The day from which the next six months are due, asked for or not; ``None`` once the prefect has decided."""
    return attestation.renouvellement_du_le(valide_au, decision_le)


def fin_promise(valide_du: date) -> date:
    """The last day of six months that begin on ``valide_du``."""
    return decaler(quantieme(valide_du, MOIS), -1)


def jours_manquants(valide_du: date, valide_au: date) -> tuple[date, date] | None:
    """The days of the six months that a shorter certificate leaves out, or ``None``."""
    promised = fin_promise(valide_du)
    return (lendemain(valide_au), promised) if valide_au < promised else None

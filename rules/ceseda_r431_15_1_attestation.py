"""L'attestation de prolongation est due dès le lendemain de l'expiration, tant que le préfet n'a pas statué.

Source      CESEDA, art. R.431-15-1, version LEGIARTI000043288895, en vigueur depuis le 1er mai 2021. [F] pour les
            alinéas 1 à 3 ; [F-part] pour l'alinéa 4, dont la fin n'a pas été lue.
Résumé      Al. 1 : le dépôt en ligne donne immédiatement une attestation de dépôt, qui ne justifie pas de la régularité
            du séjour. Al. 2 : quand l'instruction d'une demande complète, déposée dans le délai de R.431-5, se
            poursuit au-delà de la validité du document détenu, le préfet « est tenu » de mettre à disposition une
            attestation de prolongation de trois mois au plus ; accompagnée du document expiré, elle justifie de la
            régularité du séjour, et elle est renouvelée « aussi longtemps que le préfet n'a pas statué ». Al. 3 : de
            même pour les jeunes majeurs, sans document précédent. Al. 4 : après une décision favorable, une
            attestation justifie de la régularité du séjour jusqu'à la remise de la carte.
Convention  [I] « Au-delà de la validité » : à partir du lendemain du dernier jour de validité. [I] Sans document
            précédent, l'attestation est due du jour du dépôt ; après une décision favorable, du jour de la décision.
Non codé    La fin de validité d'une attestation : elle est écrite sur le document, elle se lit. La complétude du
            dossier : elle se présume (CRPA L.114-5, CE avis 499904) et ne se calcule pas ici. La survie de
            l'obligation à un refus implicite : non tranchée.
"""

from datetime import date
from typing import Final

from rules.base import Source, Verification, lendemain, quantieme
from rules.ceseda_r431_5_fenetre import Moment, moment

_SINCE: Final = date(2021, 5, 1)
_LEGIARTI: Final = "LEGIARTI000043288895"

ATTESTATION_DEPOT: Final = Source(
    code="CESEDA",
    article="R.431-15-1 al. 1",
    libelle="Attestation de dépôt en ligne",
    verification=Verification.F,
    en_vigueur_depuis=_SINCE,
    version=_LEGIARTI,
    url_ou_copie="doctrine.fr",
)
SOURCE: Final = Source(
    code="CESEDA",
    article="R.431-15-1 al. 2",
    libelle="Attestation de prolongation de l'instruction",
    verification=Verification.F,
    en_vigueur_depuis=_SINCE,
    version=_LEGIARTI,
    url_ou_copie="doctrine.fr",
)
JEUNE_MAJEUR: Final = Source(
    code="CESEDA",
    article="R.431-15-1 al. 3",
    libelle="Attestation de prolongation sans document précédent",
    verification=Verification.F,
    en_vigueur_depuis=_SINCE,
    version=_LEGIARTI,
    url_ou_copie="doctrine.fr",
)
DECISION_FAVORABLE: Final = Source(
    code="CESEDA",
    article="R.431-15-1 al. 4",
    libelle="Attestation de décision favorable, jusqu'à la remise de la carte",
    verification=Verification.F_PART,
    en_vigueur_depuis=_SINCE,
    version=_LEGIARTI,
    url_ou_copie="doctrine.fr",
)
SANS_DOCUMENT: Final = Source(
    code="Convention de calcul",
    article="jour du dépôt, sans document précédent (R.431-15-1 al. 3)",
    libelle="L'attestation du jeune majeur est due du jour de sa demande",
    verification=Verification.I,
)
SOURCES: Final = (SOURCE, ATTESTATION_DEPOT, JEUNE_MAJEUR, DECISION_FAVORABLE, SANS_DOCUMENT)

MOIS_AU_PLUS: Final = 3


def attestation_depot_due_le(deposee_le: date) -> date:
    """The day on which the filing certificate is due: at once."""
    return deposee_le


def exigible_le(deposee_le: date, expire_le: date, *, teleservice: bool = True) -> date | None:
    """The first day on which the certificate is due, or ``None`` when the application came after the window.

    An application filed before the window opened is not late: whether it may be held against the person is not settled.
    """
    when = moment(deposee_le, expire_le, teleservice=teleservice)
    return due_des(expire_le) if when in {Moment.TROP_TOT, Moment.DANS_LA_FENETRE} else None


def due_des(expire_le: date) -> date:
    """The first day that the document held no longer covers: that of the certificate, once the application is in."""
    return lendemain(expire_le)


def exigible_sans_document_le(deposee_le: date, limite: date) -> date | None:
    """The first day on which a young adult's certificate is due, or ``None`` when the application came too late."""
    return deposee_le if deposee_le <= limite else None


def renouvellement_du_le(valide_au: date, decision_le: date | None = None) -> date | None:
    """The day from which the next certificate is due, asked for or not; ``None`` once the prefect has decided."""
    return lendemain(valide_au) if decision_le is None or decision_le > valide_au else None


def decision_favorable_due_le(prise_le: date) -> date:
    """The day from which the certificate of a favourable decision is due, until the card is handed over."""
    return prise_le


def duree_depassee(valide_du: date, valide_au: date) -> bool:
    """Whether a certificate says more than the three months that the text allows."""
    return valide_au > quantieme(valide_du, MOIS_AU_PLUS)

"""The French words of the report, and its typography. The same words for both parties: only who differs."""

import re
from datetime import date, datetime
from typing import Final

from evidence.signes import montrable
from ledger.days import PARIS
from ledger.events.types import Canal, Grade, NatureActeur, Source, TypeTitre
from ledger.francais import jour
from projections.couverture.modeles import NatureLacune
from projections.imputation.modeles import Imputation, Partie, Portee, Statut
from projections.imputation.tenue import TenuPar
from rules.base import Verification

IMPUTATIONS: Final = {
    Imputation.ADMINISTRATION: "imputables à l'administration",
    Imputation.APPLICANT: "imputables à la personne",
    Imputation.SHARED: "imputables à l'une et à l'autre",
    Imputation.THIRD_PARTY: "imputables à un tiers",
    Imputation.END_OF_RIGHT_BY_DECISION: "suivant une fin de droit par décision, classés à part",
    Imputation.UNDETERMINED: "d'imputation indéterminée",
}
STATUTS: Final = {
    Statut.ETABLI: "établi",
    Statut.PROBABLE: "probable",
    Statut.A_ETABLIR: "à établir",
    Statut.CONTESTE: "contesté",
}
SENS: Final = {
    Statut.ETABLI: "chaque maillon a un fait de force A ou B, ou un texte dont l'étiquette dit s'il a été lu",
    Statut.PROBABLE: "un maillon ne tient qu'à une attestation de tiers, ou à une source qui n'est pas la sienne",
    Statut.A_ETABLIR: "un maillon ne tient qu'à une déclaration ou à une déduction, ou une date n'est pas exacte",
    Statut.CONTESTE: "un maillon tient à un fait que contredit une autre source, ou que conteste une partie",
}
COUCHES: Final = {
    "preuve": "jours sans preuve",
    "effets": "effet chez un tiers",
    "duree": "durée retranchée d'une attestation",
    "delai": "délai légal dépassé",
}
NATURES: Final = {
    NatureLacune.RUPTURE.value: "ni document, ni maintien légal du droit, ni preuve",
    NatureLacune.PREUVE_SEULE.value: "le droit existait, la personne n'avait pas de quoi le prouver",
    NatureLacune.FIN_DE_DROIT.value: "une décision avait mis fin au droit",
}
TENUS: Final = {
    TenuPar.USAGER: "la personne",
    TenuPar.ADMINISTRATION: "l'administration",
    TenuPar.TIERS: "un tiers",
    TenuPar.PERSONNE: "ni l'une ni l'autre partie",
    TenuPar.DISPUTE: "disputé",
}
PORTEES: Final = {
    Portee.JOURS: "Ce dont dépendent des jours couverts",
    Portee.HORS_JOURS: "Ce qui est dû tout autant, sans effet sur les jours couverts",
    Portee.FACULTE: "Ce qu'une partie peut faire, et jusqu'à quand",
}
PARTIES: Final = (Partie.ADMINISTRATION, Partie.USAGER)
"""The columns, in their order."""
COLONNES: Final = {Partie.ADMINISTRATION: "L'administration", Partie.USAGER: "La personne"}
REPONSES: Final = {True: "oui", False: "non", None: "on ne peut pas le dire"}
GRADES: Final = {
    Grade.A: "journal d'un système ou acte signé, à la source",
    Grade.B: "document officiel",
    Grade.C: "attestation d'un tiers",
    Grade.D: "déclaration ou capture d'écran",
    Grade.E: "déduction",
}
SOURCES: Final = {
    Source.CONSTAT: "ce registre",
    Source.ANEF: "ANEF",
    Source.AGDREF: "AGDREF",
    Source.PAPIER: "papier",
    Source.DEPOT: "dépôt",
    Source.DECLARATION: "déclaration",
    Source.TIERS: "tiers",
    Source.JURIDICTION: "juridiction",
}
CANAUX: Final = {
    Canal.TELESERVICE: "téléservice",
    Canal.GUICHET: "guichet",
    Canal.COURRIER: "courrier",
    Canal.COURRIEL: "courriel",
    Canal.TELEPHONE: "téléphone",
    Canal.PAN: "point d'accueil numérique",
    Canal.CCC: "centre de contact citoyens",
    Canal.ASSOCIATION: "association",
    Canal.JURIDICTION: "juridiction",
    Canal.SYSTEME: "système",
    Canal.INCONNU: "canal inconnu",
}
ACTEURS: Final = {
    NatureActeur.USAGER: "la personne",
    NatureActeur.REPRESENTANT: "représentant",
    NatureActeur.ACCOMPAGNANT: "accompagnant",
    NatureActeur.AGENT: "agent",
    NatureActeur.PREFECTURE: "préfecture",
    NatureActeur.CCC: "centre de contact citoyens",
    NatureActeur.PAN: "point d'accueil numérique",
    NatureActeur.DGEF: "direction générale des étrangers en France",
    NatureActeur.ANTS: "ANTS",
    NatureActeur.OFPRA: "OFPRA",
    NatureActeur.CNDA: "CNDA",
    NatureActeur.ORGANISME: "organisme",
    NatureActeur.TIERS: "tiers",
    NatureActeur.DDD: "Défenseur des droits",
    NatureActeur.CADA: "CADA",
    NatureActeur.JUGE: "juge",
    NatureActeur.ADMINISTRATEUR: "administrateur du registre",
    NatureActeur.SYSTEME: "système",
    NatureActeur.INCONNU: "acteur inconnu",
}
TITRES: Final = {
    TypeTitre.VISA_LONG_SEJOUR: "visa de long séjour",
    TypeTitre.VLS_TS: "visa de long séjour valant titre de séjour",
    TypeTitre.CST: "carte de séjour temporaire",
    TypeTitre.CSP: "carte de séjour pluriannuelle",
    TypeTitre.CARTE_RESIDENT: "carte de résident",
    TypeTitre.RESIDENT_LONGUE_DUREE_UE: "carte de résident de longue durée - UE",
    TypeTitre.CARTE_RETRAITE: "carte de séjour « retraité »",
    TypeTitre.APS: "autorisation provisoire de séjour",
    TypeTitre.CERTIFICAT_RESIDENCE_ALGERIEN: "certificat de résidence algérien",
    TypeTitre.CARTE_SEJOUR_UE: "carte de séjour de citoyen de l'Union ou de membre de sa famille",
    TypeTitre.CARTE_ACCORD_RETRAIT: "carte de l'accord de retrait",
    TypeTitre.DOCUMENT_CIRCULATION_MINEUR: "document de circulation pour étranger mineur",
    TypeTitre.TITRE_VOYAGE: "titre de voyage",
    TypeTitre.ATTESTATION_DEMANDE_ASILE: "attestation de demande d'asile",
    TypeTitre.AUTRE: "autre document",
    TypeTitre.INCONNU: "document dont la nature n'est pas connue",
}
PART: Final = {"acteur": "qui a agi", "fait": "le contenu du fait", "pieces": "les pièces citées"}

_LONG: Final = re.compile(r"[^\s\u200b]{25,}")
_TWELVE: Final = re.compile(r"([^\s\u200b]{12})(?=[^\s\u200b])")


def fr(texte: str) -> str:
    """``texte`` as the report prints it: shown, never obeyed; narrow spaces where French wants them.

    What has no space for long may be cut between two lines (U+200B), so that it stays on the page.
    """
    shown = re.sub(r" (?=[;:!?»])", "\u202f", montrable(texte)).replace("« ", "«\u202f")
    return _LONG.sub(lambda found: _TWELVE.sub("\\1\u200b", found[0]), shown)


def court(texte: str, signes: int) -> str:
    """The beginning of ``texte``, cut after a word and marked « … », when it has more than ``signes`` signs."""
    if len(texte) <= signes:
        return texte
    head = texte[:signes]
    cut = head.rpartition(" ")[0]
    return f"{(cut if len(cut) > signes // 2 else head).rstrip(' ,;:.')}…"


def du_au(du: date, au: date) -> str:
    """« le 1er octobre 2025 » or « du 1er octobre 2025 au 11 novembre 2025 »: both ends included."""
    return f"le {jour(du)}" if du == au else f"du {jour(du)} au {jour(au)}"


def instant(moment: datetime) -> str:
    """The day and the hour in Paris."""
    local = moment.astimezone(PARIS)
    return f"{jour(local.date())} à {local:%H:%M:%S}"


def citation(texte: str, etiquettes: dict[str, Verification]) -> str:
    """An article with the label of how far it was verified: « CESEDA, art. R.431-13 [F] »."""
    label = etiquettes.get(texte)
    return f"{texte} [{label.value}]" if label else texte

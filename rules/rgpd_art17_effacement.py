"""L'effacement cède devant la loi, l'archivage et la défense de droits ; avant terme, il veut une demande ou une règle.

Source      RGPD, art. 17(3), points b, d et e : les exceptions d'après monexpertrgpd.com, les lettres de mémoire. [S]
            RGPD, art. 17(1), de mémoire. [M]
Lectures    1. Aucune : la règle n'était pas écrite. 2. Celle-ci.
Résumé      La personne peut demander l'effacement de ses données. Il n'a pas lieu tant qu'elles sont nécessaires à une
            obligation légale ou à une mission d'intérêt public, à l'archivage dans l'intérêt public, ou à la
            constatation, à l'exercice ou à la défense de droits en justice.
Convention  [I] Avant le terme de conservation, un effacement suppose la demande de la personne ou une règle nommée. Les
            exceptions sont des raisons à peser, dites à qui décide et gardées avec l'acte ; un gel, lui, l'emporte
            toujours. Sans jour perdu ni recours connu, le registre ne suppose aucun litige.
Non codé    Ce que pèse chaque exception : une personne décide, avec un avocat quand un litige est possible. Le sort
            final d'archives et la circulaire du 15 novembre 2011 : non lus.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from rules import ceseda_r142_11_conservation, loi_1968_prescription
from rules.base import Source, Verification
from rules.jeux import Lecture, lectures

_COPIE: Final = "monexpertrgpd.com"


def _exception(point: str, libelle: str) -> Source:
    return Source("RGPD", f"art. 17(3)({point})", libelle, Verification.S, url_ou_copie=_COPIE)


_MISSION: Final = _exception("b", "Obligation légale ou mission d'intérêt public")
_ARCHIVES: Final = _exception("d", "Archivage dans l'intérêt public")
_JUSTICE: Final = _exception("e", "Constatation, exercice ou défense de droits en justice")
_DEMANDE: Final = Source("RGPD", "art. 17(1)", "Droit à l'effacement", Verification.M)
LECTURES: Final = lectures(__name__, Lecture((), None), Lecture((_DEMANDE, _MISSION, _ARCHIVES, _JUSTICE), None))
SOURCES: Final = LECTURES.sources

IDENTIFIANT: Final = "rgpd_art17_effacement"
CONSERVATION: Final = "ceseda_r142_11_conservation"


class Raison(NamedTuple):
    """Ce qui s'oppose, ou se pèse : un code stable, la source, la phrase."""

    code: str
    source: Source
    texte: str


def refus(dernier_jour: date, au: date, *, demandee: bool, regle: str | None) -> Iterator[Raison]:
    """What stands against erasing on ``au`` what was last brought up to date, or covered, on ``dernier_jour``.

    ``demandee``: the person asked for it. ``regle``: the identifier of the rule that the decision names, if any.
    """
    if regle not in {None, IDENTIFIANT, CONSERVATION}:
        expected = f"attendu : {IDENTIFIANT} ou {CONSERVATION}"
        yield Raison("regle_sans_effacement", _DEMANDE, f"La règle nommée ne parle pas d'effacement ({expected}).")
    terme = ceseda_r142_11_conservation.a_revoir_le(dernier_jour)
    if au < terme and not demandee and regle != IDENTIFIANT:
        texte = f"Le terme de conservation est le {terme.isoformat()} ; avant, il faut sa demande ou une règle nommée."
        yield Raison("conservation_non_echue", ceseda_r142_11_conservation.SOURCE, texte)


def sans_demande(reference: str) -> Raison:
    """What to say of a request that the ledger does not know, or that was answered by a refusal."""
    texte = f"Aucune demande d'effacement « {reference} » n'est reçue et non refusée."
    return Raison("demande_inconnue", _DEMANDE, texte)


def a_peser(au: date, *, en_cours: int, recours: bool, dernier_jour_perdu: date | None) -> Iterator[Raison]:
    """The exceptions of article 17(3) that may apply on ``au``: reasons to weigh before erasing, never a judgment.

    ``en_cours``: how many applications are being examined. ``recours``: a remedy is known, without a court's decision.
    """
    if en_cours:
        yield Raison("instruction_en_cours", _MISSION, f"{en_cours} dossier(s) sont en cours d'instruction.")
    yield Raison("archivage", _ARCHIVES, "Le sort final prévu par les archives n'est pas au registre : vérifiez-le.")
    if recours:
        yield Raison("recours_en_cours", _JUSTICE, "Un recours est connu, sans décision du juge.")
    if dernier_jour_perdu is not None and au <= (fin := loi_1968_prescription.dernier_jour(dernier_jour_perdu)):
        texte = f"Des jours perdus sont établis ; une somme peut être réclamée jusqu'au {fin.isoformat()}"
        yield Raison("creance_non_prescrite", _JUSTICE, f"{texte} ({loi_1968_prescription.SOURCE.citation}).")

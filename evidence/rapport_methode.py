"""The method: the rules used and how far each was verified, the conventions, the other readings, the limits."""

from collections.abc import Iterator
from typing import Any, Final

from evidence.rapport_chaines import nombre_contre
from evidence.rapport_modeles import Rapport, constats
from evidence.rapport_mots import GRADES, PART, SENS, STATUTS, du_au, fr
from evidence.rapport_renvois import Renvois
from ledger.francais import jour
from projections.couverture import Lecture
from projections.francais import compte
from rules.base import Source, Verification
from rules.catalogue import Regle, cites

CONVENTIONS: Final = """
Un jour est un jour civil à Paris (Europe/Paris). Les intervalles comprennent leur premier et leur dernier jour.

Un fait dont le moment n'est pas exact est daté par un intervalle ; ce qui n'est vrai que pour une partie de cet
intervalle est dit incertain, jamais établi.

Un délai en mois finit au même quantième, ou au dernier jour d'un mois plus court [S] ; un refus implicite naît ce
jour-là, à zéro heure, sans report au jour ouvré [I]. Ces deux conventions n'ont pas été vérifiées.

Chaque fait a deux temps : quand il est arrivé, et quand le registre l'a appris. Rien n'est modifié : un fait corrigé
reste à sa place, et dit ce qui le corrige.

Le droit, la preuve et les effets sont trois couches ; leurs jours ne sont jamais additionnés.

L'imputation rejoue l'histoire deux fois : une fois comme si l'administration avait fait tout ce qu'elle devait, une
fois comme si la personne avait fait tout ce qu'elle devait, la conduite réelle de l'autre restant la sienne. Le même
calcul sert aux deux : si l'on échange les parties, les réponses s'échangent, et rien d'autre.

Ce qui ne tient qu'à une déclaration n'établit rien : la réponse reste indéterminée, et la preuve qui manque est nommée.
"""
LIMITES: Final = """
Ce rapport constate des faits, des obligations, des dates et des manquements. Il ne dit ni l'illégalité, ni l'intention,
ni l'existence ou le montant d'un préjudice : c'est au juge.

Un fait prouvé comme enregistré n'est pas prouvé comme vrai : sa force (A à E) dit ce que vaut sa source.

Ce qui n'a jamais été rapporté au registre n'y est pas ; une absence ne prouve que là où la source qui aurait contenu
l'acte est présente.
"""
TELERECOURS: Final = """
Télérecours établit lui-même un « procès-verbal numérique » : empreintes des fichiers, horodatage, cachet du serveur. Ce
rapport repose sur la même idée : des empreintes, une date qui vient d'ailleurs, une signature. (Arrêté du 12 mars 2013,
remplacé par celui du 2 mai 2018 : connu par un résumé de tiers, non vérifié [S] ; que le dispositif soit inchangé n'a
pas été vérifié.)
"""


def methode(renvois: Renvois) -> dict[str, Any]:
    """How the report was made, and what it rests on."""
    proof = renvois.rapport.preuve
    return {
        "jeu": renvois.jeu.nom,
        "jeu_texte": fr(f"adopté le {jour(renvois.jeu.adopte_le)} : {renvois.jeu.texte}"),
        "empreinte": proof.regles,
        "regles": list(_regles(renvois)),
        "etiquettes": [{"code": each.value, "sens": fr(each.sens)} for each in Verification],
        "conventions": _alineas(CONVENTIONS),
        "forces": [{"code": each.value, "sens": fr(sense)} for each, sense in GRADES.items()],
        "statuts": [{"code": STATUTS[each], "sens": fr(sense)} for each, sense in SENS.items()],
        "lectures": [_lecture(renvois, each) for each in proof.lectures],
        "limites": _alineas(LIMITES),
        "telerecours": _alineas(TELERECOURS)[0],
    }


def _alineas(texte: str) -> list[str]:
    return [fr(" ".join(each.split())) for each in texte.strip().split("\n\n")]


def _citations(rapport: Rapport) -> set[str]:
    """Every text that the report cites."""
    proof, cover = rapport.preuve, rapport.couverture
    return {
        *(each for link in constats(proof) for each in link.articles),
        *(each for owed in proof.obligations for each in owed.articles),
        *(each for held in proof.journal for each in held.articles),
        *(each.source for each in proof.lectures),
        *(each.source for each in proof.refus_implicites),
        *(each.source for each in (*cover.droit, *cover.preuve)),
    }


def _regles(renvois: Renvois) -> Iterator[dict[str, Any]]:
    """The rules that the report cites, and no other, in the order of the law."""
    for rule, source in cites(_citations(renvois.rapport), renvois.jeu):
        yield _regle(renvois, rule, source)


def _regle(renvois: Renvois, rule: Regle, source: Source) -> dict[str, Any]:
    since = f"en vigueur depuis le {jour(source.en_vigueur_depuis)}" if source.en_vigueur_depuis else "début non trouvé"
    until = f", jusqu'au {jour(source.en_vigueur_jusqu_au)}" if source.en_vigueur_jusqu_au else ""
    followed = renvois.jeu.lecture(rule.identifiant)
    others = [n for n in range(1, len(rule.lectures) + 1) if n != followed]
    return {
        "texte": fr(source.citation),
        "libelle": fr(source.libelle),
        "version": fr(f"{source.version or 'version non relevée'}, {since}{until}"),
        "verification": fr(f"[{source.verification.value}] {source.verification.sens}"),
        "lecture": fr(
            f"lecture {followed}, texte connu le {jour(source.connue_le)} ; le programme garde aussi la lecture"
            f" {', '.join(map(str, others))}"
        )
        if others
        else "",
    }


def _lecture(renvois: Renvois, other: Lecture) -> dict[str, Any]:
    days = ", ".join(du_au(each.du, each.au) for each in other.change)
    becomes = "couverts" if other.deviendrait is None else other.deviendrait.value.replace("_", " ")
    change = (
        f"{compte(other.jours, 'jour')} deviendraient « {becomes} » : {days}" if other.jours else "ne change aucun jour"
    )
    return {
        "texte": fr(other.texte),
        "source": f"{renvois.textes([other.source])}",
        "verification": fr(other.verification),
        "change": fr(change),
    }


def reserves(renvois: Renvois) -> dict[str, Any]:
    """What was withheld or masked, and that all that was found in the contrary direction is told."""
    report = renvois.rapport
    lost = report.preuve.attributions
    against = compte(nombre_contre(lost), "constat")
    return {
        "masques": fr(_masques(report.masques)),
        "regards": fr(_regards(report.regards)),
        "retenues": [
            {
                "n": renvois.par_fait[each.entry].numero,
                "part": PART[each.part],
                "motif": fr(each.motif),
                "montre": "masqué ici" if each.masquee else "rien n'en est imprimé",
            }
            for each in report.retenues
            if each.entry in renvois.par_fait
        ],
        "contraire": fr(
            f"Tout ce que le programme a trouvé en sens contraire est dans ce rapport : {against}"
            f" pour {compte(len(lost), 'intervalle')}. Aucun n'est choisi : le même code les cherche pour les deux"
            " parties."
        ),
        "complet": fr(
            f"{compte(len(renvois.chronologie), 'fait connu')} ; autant dans la chronologie, chacun avec son numéro."
        ),
        "constats": [
            {"n": str(number), "combien": compte(nombre_contre([each]), "constat")}
            for number, each in enumerate(lost, start=1)
        ],
    }


def _regards(count: int) -> str:
    if not count:
        return ""
    said = compte(count, "consultation, recherche ou export", "consultations, recherches ou exports")
    return f"{said} du dossier ne sont pas repris : ils ne disent rien des faits ; la personne peut les demander."


def _masques(count: int) -> str:
    if not count:
        return "Aucune mention d'un tiers n'a été masquée."
    done = "a été masquée" if count == 1 else "ont été masquées"
    return f"{compte(count, 'mention')} de tiers {done} : le même tiers a le même numéro partout."

"""The first page: who, which days, which duty, by which text, whose breach, shown by what, against what.

It always fits one page: three versions of it are made, each shorter, and the template shows the first one that fits.
Both parties have the same column: exchange them in the evidence and the columns exchange, nothing else.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from evidence.rapport_mots import (
    COLONNES,
    COUCHES,
    GRADES,
    IMPUTATIONS,
    NATURES,
    PARTIES,
    REPONSES,
    STATUTS,
    TITRES,
    court,
    du_au,
    fr,
)
from evidence.rapport_renvois import Renvois, suites
from ledger.events.titre import TitreRemis
from ledger.events.types import Flux, Grade
from ledger.francais import jour
from projections.francais import compte, jours
from projections.imputation.modeles import Attribution, Constat, Imputation, Obligation, Partie, Statut, force
from rules.base import Verification


class Place(NamedTuple):
    """How much one version of the page may hold."""

    cartes: int
    """Intervals told in full."""
    lignes: int
    """Intervals told in one line."""
    signes: int
    """Signs of a sentence."""
    contre: int
    """Findings in the contrary direction."""
    faits: int
    """Facts named for one party."""


VERSIONS: Final = (Place(2, 6, 260, 4, 10), Place(1, 4, 180, 3, 6), Place(1, 3, 90, 2, 3))
PERIODES: Final = 2
"""Periods of one breach that the first page names."""
_COLONNE: Final = {
    Partie.ADMINISTRATION: lambda lost: lost.cf_administration,
    Partie.USAGER: lambda lost: lost.cf_usager,
}


_VIDE: Final = {
    True: "Un manquement qui n'est pas nommé.",
    False: "Aucun manquement qui aurait changé ces jours.",
    None: "Aucun manquement n'est établi.",
}


def page_une(renvois: Renvois) -> list[dict[str, Any]]:
    """The versions of the page, the fullest first."""
    return [_version(renvois, place) for place in VERSIONS]


def rangees(lost: Sequence[Attribution]) -> list[tuple[int, Attribution]]:
    """The intervals with their numbers, the first to be told first: days without proof, the longest, the latest."""
    ranked = sorted(
        enumerate(lost, start=1),
        key=lambda each: (each[1].couche != "preuve", _fin(each[1]), -each[1].jours, -each[1].du.toordinal()),
    )
    return list(ranked)


def rejouee(lost: Attribution) -> bool:
    """Whether the history is replayed for these days; for the other layers a finding is all there is."""
    return lost.couche == "preuve" and not _fin(lost)


def _fin(lost: Attribution) -> bool:
    """An end of right by decision is no interruption."""
    return lost.imputation is Imputation.END_OF_RIGHT_BY_DECISION


def _version(renvois: Renvois, place: Place) -> dict[str, Any]:
    proof = renvois.rapport.preuve
    ranked = rangees(proof.attributions)
    whole = [each for each in ranked if rejouee(each[1])] or ranked[:1]
    cards = whole[: place.cartes]
    rest = [each for each in ranked if each not in cards]
    return {
        "qui": _qui(renvois, place),
        "conclusion": [fr(each) for each in _conclusion(renvois)],
        "cartes": [_carte(renvois, number, lost, place) for number, lost in cards],
        "lignes": [{"n": str(number), "texte": fr(_ligne(lost))} for number, lost in rest[: place.lignes]],
        "autres": compte(max(0, len(rest) - place.lignes), "autre") if len(rest) > place.lignes else "",
        "reserves": [fr(court(each, place.signes)) for each in (*_en_suspens(rest, place), *_reserves(renvois))],
        "legende": fr(_legende(renvois, [lost for _, lost in cards])),
    }


def _legende(renvois: Renvois, shown: Sequence[Attribution]) -> str:
    """What the letters of the page stand for: how far texts were verified, how strong facts are."""
    links = [each for lost in shown for each in (*lost.chaine, *lost.contre)]
    labels = {renvois.etiquettes.get(each) for link in links for each in link.articles} - {None}
    grades = {link.grade for link in links} - {None}
    said = [f"[{each.value}] {each.sens}" for each in Verification if each in labels]
    said += [f"force {each.value}, {GRADES[each]}" for each in Grade if each in grades]
    return f"{' ; '.join(said)}." if said else ""


def _qui(renvois: Renvois, place: Place) -> list[dict[str, str]]:
    report = renvois.rapport
    files = sorted(
        {each.entry.fait.objet or "" for each in renvois.chronologie if each.entry.fait.flux is Flux.DOSSIER} - {""}
    )
    said = [
        ("Personne", f"{court(report.personne, place.signes)} (référence pseudonyme)"),
        ("Dossiers" if len(files) > 1 else "Dossier", _enumeres(files, place) or "aucune référence"),
        ("Titre", court(_titre(renvois), place.signes)),
    ]
    return [{"quoi": what, "texte": fr(text)} for what, text in said]


def _enumeres(found: Sequence[str], place: Place) -> str:
    shown = found[: place.cartes + 1]
    more = f" et {compte(len(found) - len(shown), 'autre')}" if len(found) > len(shown) else ""
    return ", ".join(court(each, place.signes // 3) for each in shown) + more


def _titre(renvois: Renvois) -> str:
    """The last card handed over before the interval told first; failing that, the last one."""
    ranked = rangees(renvois.rapport.preuve.attributions)
    cards = [
        e.entry.fait.evenement
        for e in renvois.chronologie
        if not e.ligne.remplacee and not _cache(renvois, e.entry.event_id)
    ]
    held = [each for each in cards if isinstance(each, TitreRemis)]
    if ranked:
        before = [each for each in held if each.valide_du.premier <= ranked[0][1].du]
        held = before or held
    if not held:
        return "aucun n'est au registre"
    card = held[-1]
    return f"{TITRES[card.type_titre]}, valable du {jours(card.valide_du)} au {jours(card.valide_au)}"


def _cache(renvois: Renvois, entry: UUID) -> bool:
    return (entry, "fait") in renvois.retenus


def _conclusion(renvois: Renvois) -> Iterator[str]:
    """How many days, to whom they are due; the layers are never added up."""
    lost, cover = renvois.rapport.preuve.attributions, renvois.rapport.couverture
    days = [each for each in lost if each.couche == "preuve" and not _fin(each)]
    if days:
        intervals = compte(len(days), "intervalle")
        yield f"{compte(sum(each.jours for each in days), 'jour')} sans preuve du droit au séjour, en {intervals}."
        for verdict, words in IMPUTATIONS.items():
            same = [each for each in days if each.imputation is verdict]
            for statut, how in STATUTS.items():
                count = sum(each.jours for each in same if each.statut is statut)
                if count:
                    yield f"{compte(count, 'jour')} {words} ({how})."
    elif cover.premier_jour is None or cover.premier_jour > cover.au:
        yield "Aucun document de séjour n'est au registre : on ne peut pas dire quels jours étaient couverts."
    else:
        yield f"Aucun jour perdu : aucun jour sans preuve du droit au séjour {du_au(cover.premier_jour, cover.au)}."
    if ends := [each for each in lost if each.couche == "preuve" and _fin(each)]:
        yield f"{compte(sum(each.jours for each in ends), 'jour')} après une fin de droit par décision, classés à part."
    for layer in ("effets", "duree", "delai"):
        if same := [each for each in lost if each.couche == layer]:
            yield f"À part, sans les additionner : {compte(len(same), 'intervalle')} « {COUCHES[layer]} »."


def _carte(renvois: Renvois, number: int, lost: Attribution, place: Place) -> dict[str, Any]:
    against = contraires(renvois, lost)
    return {
        "n": str(number),
        "jours": fr(_jours(lost)),
        "nature": fr(NATURES.get(lost.nature, COUCHES[lost.couche])),
        "imputation": fr(f"Jours {IMPUTATIONS[lost.imputation]}"),
        "statut": STATUTS[lost.statut],
        "colonnes": [_colonne(renvois, lost, partie, place) for partie in PARTIES] if rejouee(lost) else [],
        "constats": [_constate(renvois, each, place) for each in lost.chaine[: place.contre]],
        "chaine": _montre(renvois, lost, place),
        "contre": [_contraire(renvois, each, place) for each in against[: place.contre]],
        "contre_rien": fr(court(_rien(lost), place.signes)),
        "contre_autres": compte(len(against) - place.contre, "autre") if len(against) > place.contre else "",
        "indetermine": [fr(court(each, place.signes)) for each in _indetermine(lost)[: place.contre]],
    }


def _jours(lost: Attribution) -> str:
    still = ", toujours en cours" if lost.ouvert else ""
    return f"{du_au(lost.du, lost.au)} inclus, {compte(lost.jours, 'jour')}{still}"


def _ligne(lost: Attribution) -> str:
    """One interval in one line."""
    return f"{COUCHES[lost.couche]}, {_jours(lost)} : {IMPUTATIONS[lost.imputation]} ({STATUTS[lost.statut]})"


def _colonne(renvois: Renvois, lost: Attribution, partie: Partie, place: Place) -> dict[str, Any]:
    """What one party owed and did not do, and what its doing it would have changed."""
    duties = causes(renvois, lost, partie)
    texts = list(dict.fromkeys(each for duty in duties for each in duty.articles))
    return {
        "partie": COLONNES[partie],
        "devait": [fr(court(duty.texte, place.signes)) for duty in duties[: place.cartes]],
        "autres": compte(len(duties) - place.cartes, "autre") if len(duties) > place.cartes else "",
        "textes": renvois.textes(texts[: place.contre]),
        "vide": _VIDE[_COLONNE[partie](lost)],
        "manque": [fr(_manque(duty)) for duty in duties[: place.cartes]],
        "couvert": REPONSES[_COLONNE[partie](lost)],
    }


def _constate(renvois: Renvois, link: Constat, place: Place) -> str:
    texts = f" {renvois.textes(link.articles[: place.contre])}." if link.articles else ""
    return f"{fr(court(link.texte, place.signes))}{texts}"


def _manque(duty: Obligation) -> str:
    spans = [du_au(each.du, each.au) for each in duty.manquements]
    shown = ", ".join(spans[:PERIODES])
    more = f" et {compte(len(spans) - PERIODES, 'autre période')}" if len(spans) > PERIODES else ""
    return f"{shown}{more} ({STATUTS[duty.statut]})"


def causes(renvois: Renvois, lost: Attribution, partie: Partie) -> list[Obligation]:
    """The duties of one party on whose breach the answer rests, each once."""
    found: list[Obligation] = []
    for cause in lost.causes:
        duty = renvois.cause(lost, cause) if cause.debiteur is partie else None
        if duty is not None and duty not in found:
            found.append(duty)
    return found


def _montre(renvois: Renvois, lost: Attribution, place: Place) -> dict[str, Any]:
    """The facts and pieces of the chain, and the weakest grade among its links."""
    facts = list(dict.fromkeys(each for link in lost.chaine for each in link.entries))
    grades = sorted({link.grade.value for link in lost.chaine if link.grade})
    pieces = sorted({n for each in facts for n in renvois.numeros_de_pieces(renvois.par_fait[each].entry)})
    searches = sum(link.recherche is not None for link in lost.chaine)
    return {
        "faits": renvois.faits(facts[: place.faits], nommes=0),
        "faits_autres": compte(len(facts) - place.faits, "autre") if len(facts) > place.faits else "",
        "pieces": [{"n": n, "texte": t} for n, t in list(suites(map(str, pieces)))[: place.faits]],
        "grades": ", ".join(grades),
        "recherches": compte(searches, "absence cherchée et constatée", "absences cherchées et constatées")
        if searches
        else "",
    }


def contraires(renvois: Renvois, lost: Attribution) -> list[Constat]:
    """What speaks against the answer, the strongest first: breaches of the other side, then the surest facts."""
    found = [each for each in lost.contre if each.code != "rien_en_sens_contraire"]
    return sorted(
        found,
        key=lambda c: (c.code == "invoque", force(c.statut), c.grade or Grade.A, -renvois.dernier_jour(c.entries)),
    )


def _rien(lost: Attribution) -> str:
    """What is said where nothing speaks against the answer."""
    searched = (each.texte for each in lost.contre if each.code == "rien_en_sens_contraire")
    return next(searched, "Rien n'a été cherché en sens contraire pour cette couche." if not lost.contre else "")


def _contraire(renvois: Renvois, link: Constat, place: Place) -> dict[str, Any]:
    grade = f", force {link.grade.value}" if link.grade else ""
    return {
        "texte": fr(court(link.texte, place.signes)),
        "force": f"{STATUTS[link.statut]}{grade}",
        "faits": renvois.faits(link.entries[:2], nommes=0),
    }


def _indetermine(lost: Attribution) -> list[str]:
    found = list(lost.preuves_manquantes)
    if lost.versions:
        found.insert(
            0, f"Des sources se contredisent : {compte(len(lost.versions), 'réponse')} selon celle que l'on croit."
        )
    if lost.statut is not Statut.ETABLI and not found:
        found.append(f"Un maillon au moins est {STATUTS[lost.statut]}.")
    return found or ["rien, pour ces jours."]


def _en_suspens(rest: Sequence[tuple[int, Attribution]], place: Place) -> Iterator[str]:
    """What decides the intervals that are not told in full and whose answer is open."""
    opened = [(n, each) for n, each in rest if each.imputation is Imputation.UNDETERMINED or each.versions]
    for number, lost in opened[: place.cartes]:
        yield f"Intervalle {number}, ce qui reste indéterminé : {_indetermine(lost)[0]}"
    if len(opened) > place.cartes:
        yield f"{compte(len(opened) - place.cartes, 'autre intervalle')} de même."


def _reserves(renvois: Renvois) -> Iterator[str]:
    """What the whole report leaves open."""
    proof = renvois.rapport.preuve
    changing = [compte(each.jours, "jour") for each in proof.lectures if each.jours]
    if len(changing) == 1:
        yield f"Une autre lecture des textes classerait autrement {changing[0]}."
    elif changing:
        told = f"{', '.join(changing[:-1])} et {changing[-1]}"
        yield f"{len(changing)} autres lectures des textes classeraient autrement, chacune prise seule, {told}."
    for refusal in proof.refus_implicites[:1]:
        yield (
            f"Refus implicite {refusal.statut.libelle}, {jour(refusal.ne_le)} ({refusal.base}) : il est à côté de la"
            " couverture, il ne l'ôte pas."
        )
    yield "Ce rapport constate des faits, des dates et des obligations ; il ne dit ni l'illégalité, ni le préjudice."

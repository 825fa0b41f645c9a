"""The duties of both parties, what was done and what was not; in whose hands each dossier was; the effects, dated."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from evidence.rapport_mots import COLONNES, IMPUTATIONS, PARTIES, PORTEES, STATUTS, TENUS, du_au, fr
from evidence.rapport_renvois import Renvois
from ledger.francais import jour
from projections.couverture.modeles import Effet, Lacune
from projections.francais import compte
from projections.imputation.modeles import Attribution, Obligation, Portee

_JOUR = timedelta(days=1)


def obligations(renvois: Renvois) -> list[dict[str, Any]]:
    """The duty ledger, by what the duties bear on."""
    owed = renvois.rapport.preuve.obligations
    return [
        {"titre": words, "lignes": [_obligation(renvois, each) for each in owed if each.portee is reach]}
        for reach, words in PORTEES.items()
        if any(each.portee is reach for each in owed)
    ]


def _quand(du: date, au: date | None) -> str:
    return du_au(du, au) if au else f"du {jour(du)} sans fin connue"


def _obligation(renvois: Renvois, owed: Obligation) -> dict[str, Any]:
    about = f" (dossier {owed.dossier})" if owed.dossier else ""
    return {
        "qui": COLONNES.get(owed.debiteur, "Un tiers"),
        "quoi": fr(f"{owed.texte}{about}"),
        "textes": renvois.textes(owed.articles),
        "quand": fr(_quand(owed.du, owed.au)),
        "appuis": renvois.faits((each for link in owed.prerequis for each in link.entries), nommes=0),
        "faite": renvois.faits(owed.satisfaite_par, nommes=0),
        "suite": fr(_suite(owed)),
        "manquement": _manquement(renvois, owed),
        "savoir": [fr(f"{each.texte} ({STATUTS[each.statut]})") for each in owed.constats],
    }


def _manquement(renvois: Renvois, owed: Obligation) -> dict[str, Any] | None:
    """What shows that it was not done; the texts of the duty stand beside it, and are not said again."""
    if owed.manquement is None or not owed.manquements:
        return None
    shown = renvois.constat(owed.manquement)
    return {**shown, "textes": ""} if set(owed.manquement.articles) <= set(owed.articles) else shown


def _suite(owed: Obligation) -> str:
    if owed.manquements:
        days = ", ".join(du_au(each.du, each.au) for each in owed.manquements)
        return f"Non faite {days} ({STATUTS[owed.statut]})."
    if owed.satisfaite_par:
        return "Faite."
    return "Elle peut ne pas être exercée." if owed.portee is Portee.FACULTE else "Aucun manquement à cette date."


def manquements(renvois: Renvois) -> list[dict[str, Any]]:
    """What each party did not do, side by side: what is unfavourable to the one stands beside what is to the other."""
    return [
        {
            "partie": COLONNES[partie],
            "lignes": [
                fr(f"{each.texte} : {_suite(each)}")
                for each in renvois.rapport.preuve.obligations
                if each.debiteur is partie and each.manquements
            ],
        }
        for partie in PARTIES
    ]


def journal(renvois: Renvois) -> list[dict[str, Any]]:
    """In whose hands each dossier was; last days are included."""
    return [
        {
            "dossier": fr(held.dossier or "demande à venir"),
            "du": jour(held.du),
            "au": jour(held.avant - _JOUR),
            "qui": TENUS[held.tenu_par],
            "motif": fr(held.motif),
            "textes": renvois.textes(held.articles),
            "faits": renvois.faits(held.entries, nommes=0),
        }
        for held in renvois.rapport.preuve.journal
    ]


# ---------------------------------------------------------------------- effects


def effets(renvois: Renvois) -> list[dict[str, Any]]:
    """Each loss, dated against the days without proof: inside, before, after, or astride, counted in days."""
    cover = renvois.rapport.couverture
    lost = [each for each in renvois.rapport.preuve.attributions if each.couche == "effets"]
    return [
        {
            "quoi": fr(f"{each.libelle}{f' ({each.organisme})' if each.organisme else ''}"),
            "quand": fr(_quand(each.du, each.au)),
            "place": fr(situer(each, cover.lacunes, cover.au)),
            "imputation": fr(_imputation(each, lost)),
            "faits": renvois.faits(each.entries),
        }
        for each in cover.effets
    ]


def _imputation(effect: Effet, lost: Sequence[Attribution]) -> str:
    same = [
        each for each in lost if (each.du, each.reference, each.nature) == (effect.du, effect.reference, effect.nature)
    ]
    return "".join(f"{IMPUTATIONS[each.imputation]} ({STATUTS[each.statut]})" for each in same[:1]) or "non dite"


def situer(effect: Effet, gaps: Sequence[Lacune], au: date) -> str:
    """Where the days of a loss are, beside the days without proof, both ends included."""
    end = effect.au or au
    if end < effect.du:
        return f"Commence le {jour(effect.du)}, après le jour d'observation."
    total = (end - effect.du).days + 1
    inside = [(max(gap.du, effect.du), min(gap.au, end)) for gap in gaps]
    inside = [span for span in inside if span[0] <= span[1]]
    days = sum((b - a).days + 1 for a, b in inside)
    doubt = "" if effect.certitude.value == "certain" else " Ses dates ne sont pas toutes exactes."
    if not gaps:
        return f"Aucun jour sans preuve à cette date : {compte(total, 'jour')} hors de tout intervalle.{doubt}"
    if not inside:
        return f"{_dehors(effect.du, end, gaps)}{doubt}"
    spans = ", ".join(du_au(a, b) for a, b in inside)
    if days == total:
        return f"Dedans : {compte(total, 'jour')}, tous sans preuve.{doubt}"
    outside = " et ".join(_bords(effect.du, end, inside))
    return f"À cheval : {compte(days, 'jour')} sans preuve ({spans}) ; {outside}.{doubt}"


def _dehors(du: date, end: date, gaps: Sequence[Lacune]) -> str:
    before = [gap for gap in gaps if gap.au < du]
    after = [gap for gap in gaps if gap.du > end]
    said = []
    if before:
        last = max(gap.au for gap in before)
        said.append(
            f"après : commence {compte((du - last).days, 'jour')} après le dernier jour sans preuve ({jour(last)})"
        )
    if after:
        first = min(gap.du for gap in after)
        said.append(
            f"avant : finit {compte((first - end).days, 'jour')} avant le premier jour sans preuve ({jour(first)})"
        )
    text = " ; ".join(said)
    return f"{text[:1].upper()}{text[1:]}."


def _bords(du: date, end: date, inside: Sequence[tuple[date, date]]) -> Iterator[str]:
    first, last = min(a for a, _ in inside), max(b for _, b in inside)
    between = (last - first).days + 1 - sum((b - a).days + 1 for a, b in inside)
    for days, where in (((first - du).days, "avant"), (between, "entre"), ((end - last).days, "après")):
        if days:
            yield f"{compte(days, 'jour')} {where}"

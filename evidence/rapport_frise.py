"""The strip of cover: right, proof, effects, one line each and never merged; a row a year, and its table, to the day.

A row gives each run of days of one state as (first day, days), counted from the first day of the year.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import Any, Final

from evidence.rapport_mots import IMPUTATIONS, NATURES, du_au, fr
from evidence.rapport_renvois import Renvois
from ledger.francais import jour
from projections.couverture.modeles import (
    BaseCouverture,
    Certitude,
    Couverture,
    Effet,
    Lacune,
    NatureLacune,
    Segment,
)
from projections.francais import compte
from projections.imputation.modeles import Imputation

RIEN: Final = "rien"
"""Before the first day that the ledger knows of, or after the observation."""
DITS: Final = {
    RIEN: "rien au registre",
    "plein": "couvert",
    "incertain": "couvert selon une lecture des dates seulement",
    "rupture": "sans droit ni preuve",
    "preuve_seule": "droit sans preuve",
    "fin_de_droit": "après une fin de droit par décision",
    "effet": "une perte chez un tiers est en cours",
    "sans_effet": "aucune perte connue",
}
LETTRES: Final = {
    Imputation.ADMINISTRATION: "A",
    Imputation.APPLICANT: "P",
    Imputation.SHARED: "A et P",
    Imputation.THIRD_PARTY: "T",
    Imputation.END_OF_RIGHT_BY_DECISION: "D",
    Imputation.UNDETERMINED: "?",
}
COUCHES: Final = ("Droit", "Preuve", "Effets")
_JOUR: Final = timedelta(days=1)
Etats = list[tuple[date, date, str]]
"""Runs of days of one state, in their order, without a hole."""


def frise(renvois: Renvois) -> dict[str, Any]:
    """The strip, the words that stand for it, its legend and its table."""
    cover = renvois.rapport.couverture
    first = min([d for d in (cover.premier_jour, *(e.du for e in cover.effets)) if d is not None], default=None)
    if first is None or first > cover.au:
        return {"annees": [], "alternative": "", "legende": [], "table": _table(renvois)}
    layers = [_etats(first, cover, layer) for layer in (_droit, _preuve, _effets)]
    rows = [_annee(renvois, year, layers) for year in range(first.year, cover.au.year + 1)]
    states = {state for layer in layers for _, _, state in layer}
    return {
        "annees": list(_serrees(rows)),
        "alternative": fr(_alternative(cover)),
        "legende": [{"motif": each, "texte": fr(DITS[each])} for each in DITS if each in states],
        "table": _table(renvois),
    }


# ---------------------------------------------------------------------- states

Couche = Callable[[Couverture], Iterable[tuple[date, date, str]]]
"""The runs of one layer, the strongest last: it is drawn over the others."""


def _droit(cover: Couverture) -> Iterator[tuple[date, date, str]]:
    yield from _lacunes(cover, avec_droit=False)
    yield from _segments(each for each in cover.droit if each.base is not BaseCouverture.PROTECTION)


def _preuve(cover: Couverture) -> Iterator[tuple[date, date, str]]:
    yield from _segments(cover.preuve)
    yield from _lacunes(cover, avec_droit=True)
    yield from ((each.du, each.au, "incertain") for each in cover.lacunes if not each.certaine)


def _effets(cover: Couverture) -> Iterator[tuple[date, date, str]]:
    yield date.min, date.max, "sans_effet"
    yield from ((each.du, each.au or cover.au, "effet") for each in cover.effets)


def _segments(found: Iterable[Segment]) -> list[tuple[date, date, str]]:
    drawn = [(each.du, each.au, "plein" if each.certitude is Certitude.CERTAIN else "incertain") for each in found]
    return sorted(drawn, key=lambda run: run[2] == "plein")


def _lacunes(cover: Couverture, *, avec_droit: bool) -> Iterator[tuple[date, date, str]]:
    for each in cover.lacunes:
        if avec_droit or each.nature is not NatureLacune.PREUVE_SEULE:
            yield each.du, each.au, each.nature.value


def _etats(first: date, cover: Couverture, layer: Couche) -> Etats:
    """The runs of one layer from ``first`` to the day of observation, cut where the state changes."""
    runs = [(max(du, first), min(au, cover.au), state) for du, au, state in layer(cover)]
    runs = [run for run in runs if run[0] <= run[1]]
    cuts = sorted({first, cover.au + _JOUR, *(b for du, au, _ in runs for b in (du, au + _JOUR))})
    found: Etats = []
    for du, end in pairwise(cuts):
        state = next((s for a, b, s in reversed(runs) if a <= du <= b), RIEN)
        if found and found[-1][2] == state:
            found[-1] = (found[-1][0], end - _JOUR, state)
        else:
            found.append((du, end - _JOUR, state))
    return found


# ---------------------------------------------------------------------- rows


def _annee(renvois: Renvois, year: int, layers: Sequence[Etats]) -> dict[str, Any]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    return {
        "annee": str(year),
        "jours": (last - first).days + 1,
        "mois": [(date(year, month, 1) - first).days for month in range(1, 13)],
        "couches": [
            {"nom": name, "suites": [_suite(first, *run) for run in _dans(layer, first, last)]}
            for name, layer in zip(COUCHES, layers, strict=True)
        ],
        "marques": list(_marques(renvois, first, last)),
    }


def _dans(layer: Etats, first: date, last: date) -> Iterator[tuple[date, date, str]]:
    for du, au, state in layer:
        if state != RIEN and du <= last and au >= first:
            yield max(du, first), min(au, last), state


def _suite(first: date, du: date, au: date, state: str) -> dict[str, Any]:
    return {"du": (du - first).days, "jours": (au - du).days + 1, "motif": state}


def _marques(renvois: Renvois, first: date, last: date) -> Iterator[dict[str, Any]]:
    """Beside each interval without proof its number and whose it is, where there is room for it."""
    free = 0
    for number, lost in enumerate(renvois.rapport.preuve.attributions, start=1):
        if lost.couche == "preuve" and first <= max(lost.du, first) <= min(lost.au, last):
            at = (max(lost.du, first) - first).days
            text = f"{number} {LETTRES[lost.imputation]}"
            if at >= free:
                yield {"du": at, "texte": text}
                free = at + 8 * len(text)


def _serrees(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows, those of whole years in which nothing changes made one line of text."""
    for key, same in groupby(rows, key=_constante):
        run = list(same)
        if key is None or len(run) < 3:  # noqa: PLR2004 - two rows are still read at a glance
            yield from run
        else:
            said = " ; ".join(f"{name.lower()} : {DITS[state]}" for name, state in zip(COUCHES, key, strict=True))
            text = f"De {run[0]['annee']} à {run[-1]['annee']}, rien ne change ({said})."
            yield {"texte": fr(text)}


def _constante(row: dict[str, Any]) -> tuple[str, ...] | None:
    states = [layer["suites"] for layer in row["couches"]]
    if row["marques"] or any(len(each) > 1 or (each and each[0]["jours"] < row["jours"]) for each in states):
        return None
    return tuple(each[0]["motif"] if each else RIEN for each in states)


# ---------------------------------------------------------------------- words


def _alternative(cover: Couverture) -> str:
    """What the drawing shows, for who does not see it; the table after it says it to the day."""
    gaps = [
        f"{DITS[each.nature.value]} {du_au(each.du, each.au)} ({compte(each.jours, 'jour')})" for each in cover.lacunes
    ]
    shown = gaps[:20] + ([f"et {compte(len(gaps) - 20, 'autre')}"] if len(gaps) > 20 else [])  # noqa: PLR2004
    told = " ; ".join(shown) or "aucun jour sans preuve"
    return f"Frise de couverture jusqu'au {jour(cover.au)}, une rangée par année. {told}. Le tableau suivant dit tout."


def _table(renvois: Renvois) -> list[dict[str, Any]]:
    cover = renvois.rapport.couverture
    rows: list[dict[str, Any]] = []
    for layer, segments in (("Droit", cover.droit), ("Preuve", cover.preuve)):
        rows += [_segment(renvois, layer, each) for each in segments]
    rows += [_lacune(renvois, each) for each in cover.lacunes]
    return rows + [_effet(renvois, each) for each in cover.effets]


def _segment(renvois: Renvois, layer: str, each: Segment) -> dict[str, Any]:
    until = "sans fin dite" if each.ouvert else jour(each.au)
    about = f", {each.reference}" if each.reference else ""
    return {
        "couche": layer,
        "quoi": fr(f"{each.base.libelle}{about}."),
        "du": jour(each.du),
        "au": until,
        "jours": "" if each.ouvert else compte(each.jours, "jour"),
        "certitude": each.certitude.value,
        "textes": renvois.textes([each.source]),
        "faits": renvois.faits(each.entries, nommes=0),
    }


def _lacune(renvois: Renvois, each: Lacune) -> dict[str, Any]:
    numbers = [
        f"intervalle {number}, {IMPUTATIONS[lost.imputation]}"
        for number, lost in enumerate(renvois.rapport.preuve.attributions, start=1)
        if lost.couche == "preuve" and lost.du <= each.au and each.du <= lost.au
    ]
    words = " ".join(each.motifs)
    return {
        "couche": "Jours perdus",
        "quoi": fr(f"{NATURES[each.nature.value]} ({' ; '.join(numbers)}). {words}"),
        "du": jour(each.du),
        "au": jour(each.au) + (", toujours" if each.ouverte else ""),
        "jours": compte(each.jours, "jour"),
        "certitude": each.certitude.value,
        "textes": "",
        "faits": renvois.faits(each.entries, nommes=0),
    }


def _effet(renvois: Renvois, each: Effet) -> dict[str, Any]:
    who = f" ({each.organisme})" if each.organisme else ""
    end = each.au or renvois.rapport.couverture.au
    return {
        "couche": "Effets",
        "quoi": fr(f"{each.libelle}{who}."),
        "du": jour(each.du),
        "au": jour(each.au) if each.au else "sans fin connue",
        "jours": compte((end - each.du).days + 1, "jour"),
        "certitude": each.certitude.value,
        "textes": "",
        "faits": renvois.faits(each.entries, nommes=0),
    }

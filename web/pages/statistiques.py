"""Figures across dossiers (W5): each with its denominator, small cells masked; page and CSV by the API's filter."""

import csv
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from io import StringIO
from typing import Final, NamedTuple

from django.http import Http404, HttpResponse
from django.urls import reverse

from app.transversal import annees
from evidence.mots import IMPUTATIONS, dire
from ledger.events.types import CodeIncident, TypeTitre
from ledger.francais import MOIS
from projections.chiffres_filtres import AUCUN, AUTRES, Chiffres, Filtre
from projections.francais import compte
from projections.imputation.modeles import Imputation
from projections.statistiques import Cellule, JoursPerdus, Par, Statistiques, Tableau
from web.acces import Objet, permis
from web.barres import Barre, Barres, Segment
from web.chiffres import Demande, chiffrer, demander
from web.gabarit import requete
from web.graphiques import cellule
from web.pages.commun import a_jour, champs_de, lire_requete, remplir
from web.registre import registre
from web.requete import Requete, page

JOURS: Final = "jours"
ORDRE: Final = (
    Imputation.ADMINISTRATION,
    Imputation.SHARED,
    Imputation.APPLICANT,
    Imputation.THIRD_PARTY,
    Imputation.UNDETERMINED,
)
DESSINEES: Final = tuple(each for each in ORDRE if each is not Imputation.THIRD_PARTY)
"""A third party has its part in effects only, never in the days without proof."""
IMPUTES: Final = {**IMPUTATIONS, Imputation.UNDETERMINED: "dont la cause est à établir"}
PARS: Final = {
    Par.ENSEMBLE: "l'ensemble",
    Par.PREFECTURE: "préfecture",
    Par.TITRE: "titre",
    Par.INCIDENT: "dysfonctionnement",
    Par.MOIS: "mois",
}
PAS_VENU: Final = "pas atteint"
SANS_INCIDENT: Final = "aucun dysfonctionnement reconnu"
APRES: Final = (Par.MOIS, Par.INCIDENT, Par.TITRE, Par.PREFECTURE)
"""By what the figures that a bar leads to are broken down: by the first of these that no filter fixes."""


@page(Objet.STATISTIQUES)
@a_jour
def montrer(request: Requete) -> HttpResponse:
    """The figures, drawn and in tables."""
    asked = demander(request, lire_requete(Filtre, champs_de(request)))
    told = chiffrer(asked)
    whole = chiffrer(asked, asked.filtre.model_copy(update={"par": Par.ENSEMBLE}))
    lien = vers(asked, file=permis(request.profil.role, Objet.FILE) is not None)
    tables, empty = _tables(told.statistiques, asked, lien)
    lost = told.statistiques.jours_perdus
    return remplir(
        request,
        "statistiques.html",
        demande=asked,
        filtre=asked.filtre,
        periode=periode(asked.filtre),
        champs=champs(asked.filtre),
        chiffres=told,
        ensemble=next(iter(whole.statistiques.jours_perdus), None),
        parts=_parts(whole.statistiques, asked.filtre),
        jours=jours_perdus(told.statistiques, asked.choix, lien) if lost else None,
        tables=tables,
        vides=empty,
        masquage=told.statistiques.masquage,
        minimum=told.statistiques.minimum,
        pars={par: words for par, words in PARS.items() if par is not Par.PREFECTURE or asked.choix},
        annees=annees(registre().suivi, asked.aujourd_hui),
        mois=MOIS,
        titres={each.value: dire(each) for each in TypeTitre},
        incidents={**{each.value: dire(each) for each in CodeIncident}, AUCUN: SANS_INCIDENT},
        ruptures={each.value: each.libelle for each in DESSINEES},
    )


@page(Objet.STATISTIQUES)
@a_jour
def telecharger(request: Requete) -> HttpResponse:
    """One table as CSV, or every figure in one file, one a row."""
    asked = demander(request, lire_requete(Filtre, champs_de(request)))
    told = chiffrer(asked)
    drawn = ([jours_perdus(told.statistiques, asked.choix)] if told.statistiques.jours_perdus else []) + [
        each.barres for each in _tables(told.statistiques, asked)[0]
    ]
    name = request.GET.get("tableau", "")
    if not name:
        text = _tout(drawn, _contexte(asked, told))
    else:
        chosen = next((each for each in drawn if each.code == name), None)
        if chosen is None:
            raise Http404
        text = chosen.csv(**_contexte(asked, told))
    when = f"{told.annee}-{told.mois:02}" if told.mois else f"{told.annee}"
    answer = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="constat-{name or "chiffres"}-{when}.csv"'
    answer["Content-Security-Policy"] = "sandbox"
    return answer


def champs(filtre: Filtre) -> dict[str, str]:
    """The filter as an address writes it."""
    return {name: str(value) for name, value in filtre.model_dump(mode="json", exclude_defaults=True).items() if value}


def periode(filtre: Filtre) -> str:
    """The year, or the month, in words."""
    return f"{MOIS[filtre.mois - 1]} {filtre.annee}" if filtre.mois else str(filtre.annee)


def _contexte(asked: Demande, told: Chiffres) -> dict[str, str]:
    """What every row of a file says first: the filter, whole."""
    filtre = asked.filtre
    where = asked.service or asked.choix.get(filtre.prefecture, filtre.prefecture)
    return {
        "periode": periode(filtre),
        "vu": str(told.vu),
        "prefecture": where or "toutes",
        "filtre_titre": dire(filtre.titre) if filtre.titre else "tous",
        "filtre_dysfonctionnement": nom(str(filtre.incident), Par.INCIDENT, {}) if filtre.incident else "tous",
        "filtre_rupture": filtre.rupture.libelle if filtre.rupture else "toutes",
        "ventilation": PARS[filtre.par],
        "minimum": str(told.statistiques.minimum),
        "dossiers": _ampleur(told.dossiers),
        "ruptures": _ampleur(told.ruptures),
    }


def _ampleur(count: int | None) -> str:
    return "masqué" if count is None else str(count)


# ------------------------------------------------------------------ from figures to bars


def _sans_lien(_: str) -> str:
    return ""


class Mesuree(NamedTuple):
    """A measure, and its bars."""

    tableau: Tableau
    barres: Barres


def _tables(
    told: Statistiques, asked: Demande, lien: Callable[[str], str] = _sans_lien
) -> tuple[list[Mesuree], list[Tableau]]:
    """The measures that count something, and those that do not."""
    full = [Mesuree(each, mesure(each, told.par, asked.choix, lien)) for each in told.tableaux if each.cellules]
    return full, [each for each in told.tableaux if not each.cellules]


def jours_perdus(told: Statistiques, choix: Mapping[str, str], lien: Callable[[str], str] = _sans_lien) -> Barres:
    """The days without proof, cell by cell, by what they are due to."""
    named = partial(nom, par=told.par, choix=choix)
    return Barres(
        code=JOURS,
        titre=f"Jours sans preuve du droit au séjour, par {PARS[told.par]}",
        unite="jours",
        legende=(*((each.value.lower(), each.libelle) for each in DESSINEES), ("reste", "part masquée")),
        colonnes=(
            PARS[told.par],
            "personnes",
            "jours",
            *(each.libelle for each in DESSINEES),
            "part de cause à établir",
        ),
        barres=tuple(_perdus(each, named(each.cle), lien(each.cle)) for each in told.jours_perdus),
    )


def _perdus(each: JoursPerdus, name: str, lien: str) -> Barre:
    by = each.jours or {}
    shown = [(answer, by.get(answer.value, 0)) for answer in DESSINEES]
    persons = compte(each.personnes or 0, "personne")
    return Barre(
        nom=name,
        valeur=each.total,
        texte=f"{compte(each.total, 'jour')}, {persons}" if each.total is not None else "effectif masqué",
        segments=tuple(Segment(etat=a.value.lower(), valeur=days) for a, days in shown if days),
        cellules=(
            each.personnes,
            each.total,
            *((days if not each.masquee else None) for _, days in shown),
            _pourcent(each.indeterminee),
        ),
        lien=lien,
    )


def mesure(table: Tableau, par: Par, choix: Mapping[str, str], lien: Callable[[str], str] = _sans_lien) -> Barres:
    """One measure: of how many units the question is true."""
    return Barres(
        code=table.mesure,
        titre=f"{table.unite} : {table.question}, par {PARS[par]}",
        unite="unités",
        legende=(("oui", table.question), ("reste", "les autres")),
        colonnes=(
            PARS[par],
            "unités",
            "personnes",
            "oui",
            "part",
            *(("venues", "médiane", "9 sur 10") if table.delai else ()),
        ),
        barres=tuple(
            _comptee(each, nom(each.cle, par, choix), timed=table.delai is not None, lien=lien(each.cle))
            for each in table.cellules
        ),
    )


def _comptee(each: Cellule, name: str, *, timed: bool, lien: str) -> Barre:
    delays: tuple[int | str | None, ...] = ()
    if timed:
        delays = (None,) * 3 if each.masquee else (each.faits, _delai(each.mediane), _delai(each.p90))
    share = _pourcent(each.part)
    return Barre(
        nom=name,
        valeur=each.unites,
        texte="effectif masqué" if each.masquee else f"{each.oui} sur {each.unites} ({share})",
        segments=(Segment(etat="oui", valeur=each.oui),) if each.oui else (),
        cellules=(each.unites, each.personnes, each.oui, share, *delays),
        lien=lien,
    )


def _delai(days: int | None) -> str:
    return PAS_VENU if days is None else compte(days, "jour")


def _pourcent(part: float | None) -> str | None:
    return None if part is None else f"{100 * part:.1f}\u202f%".replace(".", ",")


def nom(cle: str, par: Par, choix: Mapping[str, str]) -> str:
    """A cell's name in words."""
    if cle == AUTRES:
        return "tout le reste"
    match par:
        case Par.MOIS:
            return f"{MOIS[int(cle[5:7]) - 1]} {cle[:4]}"
        case Par.TITRE:
            return dire(TypeTitre(cle)) if cle in set(TypeTitre) else cle
        case Par.INCIDENT:
            known = {each.value: each for each in CodeIncident}
            return dire(known[cle]) if cle in known else SANS_INCIDENT
        case Par.PREFECTURE:
            return choix.get(cle, cle)
        case Par.ENSEMBLE:
            return "ensemble"


def vers(asked: Demande, *, file: bool) -> Callable[[str], str]:
    """Where each bar leads: to what it counts, as one more filter, broken down by the next thing that is left open.

    ``file``: whether who reads has a queue; by title, the bar leads there.
    """
    kept, par = asked.filtre, asked.filtre.par

    def lien(cle: str) -> str:
        match par:
            case Par.PREFECTURE if cle in asked.choix:
                chosen = {"prefecture": cle}
            case Par.MOIS if cle != AUTRES:
                chosen = {"mois": str(int(cle[5:7]))}
            case Par.TITRE if cle in set(TypeTitre):
                if file:
                    return f"{reverse('file')}?{requete({'titre': cle})}"
                chosen = {"titre": cle}
            case Par.INCIDENT if cle != AUTRES:
                chosen = {"incident": cle}
            case _:
                return ""
        free = [each for each in APRES if each is not par and kept.pose(each) is None]
        then = next((each for each in free if each is not Par.PREFECTURE or asked.choix), Par.ENSEMBLE)
        return f"{reverse('statistiques')}?{requete({**champs(kept), **chosen, 'par': then.value})}"

    return lien


def _parts(whole: Statistiques, filtre: Filtre) -> list[str]:
    """What the lost days are due to, in words, the whole taken together; a filter of ruptures says it already."""
    said = []
    for each in whole.jours_perdus if filtre.rupture is None else ():
        for answer in ORDRE:
            days = (each.jours or {}).get(answer.value)
            if days and each.total:
                said.append(f"{compte(days, 'jour')} {IMPUTES[answer]} ({_pourcent(days / each.total)})")
    return said


def _tout(drawn: list[Barres], context: dict[str, str]) -> str:
    """Every figure, one a row: table, cell, column, value."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow([*context, "tableau", "titre", "case", "colonne", "valeur"])
    writer.writerows(map(cellule, [*context.values(), *row]) for table in drawn for row in _rangs(table))
    return buffer.getvalue()


def _rangs(table: Barres) -> Iterator[tuple[str | float, ...]]:
    for bar in table.barres:
        for column, cell in zip(table.colonnes[1:], bar.cellules, strict=True):
            yield table.code, table.titre, bar.nom, column, "masqué" if cell is None else cell

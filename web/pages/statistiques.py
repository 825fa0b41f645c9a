"""Figures across dossiers (W5): each with its denominator, small cells masked, the same filter for page and CSV."""

import csv
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from io import StringIO
from typing import Final, NamedTuple

from django.http import Http404, HttpResponse
from django.urls import reverse

from app.transversal import chiffres_par, prefectures
from evidence.mots import IMPUTATIONS, dire
from ledger.days import paris_day
from ledger.events.types import CodeIncident, TypeTitre
from ledger.francais import MOIS
from projections.francais import compte
from projections.imputation.modeles import Imputation
from projections.statistiques import (
    MINIMUM,
    Cellule,
    Filtre,
    JoursPerdus,
    Par,
    Statistiques,
    Tableau,
)
from web.acces import Objet, Role, permis
from web.barres import Barre, Barres, Segment
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


class Demande(NamedTuple):
    """What is asked for, once the account's own limits are applied."""

    filtre: Filtre
    du: date
    au: date
    choix: Mapping[str, str]
    """The préfectures that may be chosen: as names are compared, and as they are written."""


@page(Objet.STATISTIQUES)
@a_jour
def montrer(request: Requete) -> HttpResponse:
    """The figures, drawn and in tables."""
    asked = _demande(request)
    told = _chiffres(asked)
    whole = told if asked.filtre.par is Par.ENSEMBLE else _chiffres(asked, Par.ENSEMBLE)
    lien = vers(asked, told.par, file=permis(request.profil.role, Objet.FILE) is not None)
    tables, empty = _tables(told, asked, lien)
    return remplir(
        request,
        "statistiques.html",
        demande=asked,
        filtre=asked.filtre,
        champs=_champs(asked.filtre),
        ensemble=next(iter(whole.jours_perdus), None),
        parts=_parts(whole),
        jours=jours_perdus(told, asked.choix, lien) if told.jours_perdus else None,
        tables=tables,
        vides=empty,
        masquage=told.masquage,
        minimum=told.minimum,
        pars={par: words for par, words in PARS.items() if par is not Par.PREFECTURE or asked.choix},
    )


@page(Objet.STATISTIQUES)
@a_jour
def telecharger(request: Requete) -> HttpResponse:
    """One table as CSV, or every figure in one file, one a row."""
    asked = _demande(request)
    told = _chiffres(asked)
    drawn = ([jours_perdus(told, asked.choix)] if told.jours_perdus else []) + [
        each.barres for each in _tables(told, asked)[0]
    ]
    name = request.GET.get("tableau", "")
    if not name:
        text = _tout(drawn, _contexte(asked, told))
    else:
        chosen = next((each for each in drawn if each.code == name), None)
        if chosen is None:
            raise Http404
        text = chosen.csv(**_contexte(asked, told))
    answer = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="constat-{name or "chiffres"}-{asked.du}-{asked.au}.csv"'
    answer["Content-Security-Policy"] = "sandbox"
    return answer


def _demande(request: Requete) -> Demande:
    """The filter of the address; a supervisor is given their own préfecture whatever it says."""
    filtre = lire_requete(Filtre, champs_de(request))
    du, au = filtre.periode(paris_day(request.now))
    if request.profil.role is Role.SUPERVISEUR:
        own = {"prefecture": request.profil.prefecture or "", "par": filtre.par}
        own["par"] = Par.ENSEMBLE if filtre.par is Par.PREFECTURE else filtre.par
        return Demande(filtre.model_copy(update=own), du, au, {})
    choix = prefectures(registre().suivi)
    if filtre.prefecture not in choix:
        filtre = filtre.model_copy(update={"prefecture": ""})
    return Demande(filtre, du, au, choix)


def _chiffres(asked: Demande, par: Par | None = None) -> Statistiques:
    filtre = asked.filtre if par is None else asked.filtre.model_copy(update={"par": par})
    return chiffres_par(registre().suivi, filtre, asked.du, asked.au, MINIMUM)


def _champs(filtre: Filtre) -> dict[str, str]:
    """The filter as an address writes it."""
    return {name: str(value) for name, value in filtre.model_dump(mode="json", exclude_defaults=True).items() if value}


def _contexte(asked: Demande, told: Statistiques) -> dict[str, str]:
    where = asked.choix.get(asked.filtre.prefecture, asked.filtre.prefecture)
    return {
        "du": str(asked.du),
        "au": str(asked.au),
        "prefecture": where or "toutes",
        "ventilation": PARS[told.par],
        "minimum": str(told.minimum),
    }


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
    match par:
        case Par.MOIS:
            return f"{MOIS[int(cle[5:7]) - 1]} {cle[:4]}"
        case Par.TITRE:
            return dire(TypeTitre(cle)) if cle in set(TypeTitre) else cle
        case Par.INCIDENT:
            known = {each.value: each for each in CodeIncident}
            return dire(known[cle]) if cle in known else "aucun dysfonctionnement reconnu"
        case Par.PREFECTURE:
            return choix.get(cle, cle)
        case Par.ENSEMBLE:
            return "ensemble"


def vers(asked: Demande, par: Par, *, file: bool) -> Callable[[str], str]:
    """Where each bar leads: into a préfecture or a month, the rest of the filter kept; by title, to one's own queue.

    ``file``: whether who reads has a queue. Every figure that a link leads to is masked by its own count of persons.
    """
    kept = _champs(asked.filtre)

    def lien(cle: str) -> str:
        match par:
            case Par.PREFECTURE if cle in asked.choix:
                return f"{reverse('statistiques')}?{requete({**kept, 'prefecture': cle, 'par': Par.MOIS.value})}"
            case Par.MOIS:
                first = date(int(cle[:4]), int(cle[5:7]), 1)
                last = date(first.year, first.month, monthrange(first.year, first.month)[1])
                days = {"du": max(first, asked.du), "au": min(last, asked.au), "par": Par.INCIDENT.value}
                return f"{reverse('statistiques')}?{requete({**kept, **days})}"
            case Par.TITRE if file and cle in set(TypeTitre):
                return f"{reverse('file')}?{requete({'titre': cle})}"
            case _:
                return ""

    return lien


def _parts(whole: Statistiques) -> list[str]:
    """What the lost days are due to, in words, the whole taken together."""
    said = []
    for each in whole.jours_perdus:
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

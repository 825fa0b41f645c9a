"""The facts of a timeline as the page writes them: a row each, with its number, its sentence, its proof.

Written here and not by a template: a timeline has hundreds of rows, and a template takes five times as long to write
one. Addresses are relative to the page of the timeline. All that somebody wrote is escaped; days, origins, sources and
grades are words of ours.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape

from markupsafe import Markup

from projections.chronologie import Annee, Bloc, Evenement, Repetition, Silence
from projections.francais import compte, propre
from projections.historique import Ligne
from web.gabarit import instant


def liste(annee: Annee, precedents: Mapping[str, Sequence[Evenement]], *, journal: bool) -> Markup:
    """The rows of a year. ``journal``: with every field of each fact, and what came before each failure."""
    return Markup("".join(_bloc(each, precedents, journal=journal) for each in annee.blocs))  # noqa: S704 - escaped there


def _bloc(bloc: Bloc, precedents: Mapping[str, Sequence[Evenement]], *, journal: bool) -> str:
    match bloc:
        case Evenement():
            return rangee(bloc, journal=journal) + _avant(bloc, precedents if journal else {})
        case Silence():
            return f'<li class="silence"><p>{escape(bloc.texte)}</p></li>\n'
        case Repetition(faits=faits):
            first, last = faits[0].ligne, faits[-1].ligne
            return (
                '<li class="repetition"><details>'
                f'<summary><span class="quand">{first.survenu_fr} → {last.survenu_fr}</span>'
                f" n° {first.numero} à {last.numero} : {_mot(first.phrase)} <strong>({bloc.texte})</strong></summary>"
                f'<ol class="faits">{_avant(faits[0], precedents if journal else {})}'
                f"{''.join(rangee(each, journal=journal) for each in faits)}</ol></details></li>\n"
            )


def rangee(fait: Evenement, *, journal: bool) -> str:
    """The row of one fact."""
    ligne = fait.ligne
    ancre = f"n-{ligne.numero}" if ligne.numero else f"i-{escape(ligne.id)}"
    return (
        f'<li class="fait {fait.origine.value}{" remplace" if ligne.remplacee else ""}" id="{ancre}">'
        f'<p class="quand"><time datetime="{ligne.survenu}">{ligne.survenu_fr}</time></p>'
        f'<p class="qui">{fait.origine.libelle}</p>'
        f'<div class="quoi"><p>{_numero(ligne)} {_mot(ligne.phrase)}{_objet(ligne)}</p>'
        f"{_corrections(ligne)}{_details(ligne) if journal else ''}"
        f'<p class="source">{_source(fait)}</p>{_avertissements(ligne)}</div></li>\n'
    )


def _avant(echec: Evenement, precedents: Mapping[str, Sequence[Evenement]]) -> str:
    """What the person had done just before a failure, folded; nothing where there is none of it."""
    actions = precedents.get(echec.ligne.id, ())
    if not actions:
        return ""
    rows = "".join(
        f'<li><time datetime="{each.ligne.survenu}">{each.ligne.survenu_fr}</time> {_numero(each.ligne)}'
        f" {_mot(each.ligne.phrase)}{_objet(each.ligne)}</li>"
        for each in actions
    )
    count = compte(len(actions), "dernière action")
    return (
        f'<li class="avant-echec"><details><summary>Avant cet échec : {count} de la personne</summary>'
        f"<ol>{rows}</ol></details></li>\n"
    )


@cache
def _mot(words: str) -> str:
    """Words of ours, escaped once: labels and sentences of the vocabulary, of which there are a few hundred."""
    return escape(words)


def _numero(ligne: Ligne) -> str:
    if not ligne.numero:
        return '<span class="num">pour tous</span>'
    return f'<a class="num" href="faits/{ligne.numero}/">n° {ligne.numero}</a>'


def _objet(ligne: Ligne) -> str:
    return f' <span class="objet">{escape(propre(ligne.objet))}</span>' if ligne.objet else ""


def _corrections(ligne: Ligne) -> str:
    said = ""
    if ligne.corrige:
        said = f'<p class="note-fait">Corrige le fait <a href="#n-{ligne.corrige}">n° {ligne.corrige}</a>.</p>'
    if ligne.remplacee:
        by = ligne.corrige_par
        link = f' par le fait <a href="#n-{by}">n° {by}</a>' if by else ""
        said += f"""<p class="note-fait">Corrigé{link} : il n'est plus lu.</p>"""
    if ligne.conteste:
        said += f'<p class="note-fait">Conteste {_aux(ligne.conteste)}.</p>'
    if ligne.contestee_par:
        badge = '<span class="fr-badge statut-dit conteste">contesté</span>'
        said += f'<p class="note-fait">{badge} par {_aux(ligne.contestee_par)}.</p>'
    return said


def _aux(numeros: Sequence[int]) -> str:
    """Links to facts of the same page."""
    links = ", ".join(f'<a href="#n-{each}">n° {each}</a>' for each in numeros)
    return f"{'le fait' if len(numeros) == 1 else 'les faits'} {links}"


def _details(ligne: Ligne) -> str:
    rows = "".join([f"<div><dt>{_mot(nom)}</dt><dd>{escape(valeur)}</dd></div>" for nom, valeur in ligne.details])
    return f'<dl class="details">{rows}</dl>' if rows else ""


def _source(fait: Evenement) -> str:
    ligne = fait.ligne
    said = f"{ligne.source}, force {ligne.grade}"
    if fait.tardif:
        learnt = ligne.enregistre_le
        said += f' · enregistré le <time datetime="{learnt.isoformat()}">{instant(learnt)}</time>'
    for piece in ligne.pieces:
        said += f" · pièce « {escape(propre(piece.nom))} » <code>{piece.sha256[:12]}…</code>"
    return said


def _avertissements(ligne: Ligne) -> str:
    return "".join(
        [
            f"""<p class="note-fait">Avertissement donné à l'auteur : {escape(texte)}</p>"""
            for texte in ligne.avertissements
        ]
    )

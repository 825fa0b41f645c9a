"""The chronology: every fact that was known, when it happened and when the ledger learned it, none left out.

A corrected fact stays in its place. Facts that repeat each other word for word are told once, each with its number and
its two moments.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from evidence.phrases import champs
from evidence.rapport_mots import ACTEURS, CANAUX, SOURCES, court, fr, instant
from evidence.rapport_renvois import Numerote, Renvois, suites
from ledger.entry import Acteur
from ledger.events.correction import FaitRetire
from projections.francais import compte, quand
from projections.historique import Ligne

REPETES: Final = 4
"""So many facts that say the same, one after the other, are told once."""
TEXTE: Final = 1_200
"""Signs of one fact's fields; what is longer is in the sealed fact, whole."""


def chronologie(renvois: Renvois) -> list[dict[str, Any]]:
    """The facts in the order in which they happened, a table a year."""
    return [
        {"annee": str(year), "lignes": list(_lignes(renvois, list(facts)))}
        for year, facts in groupby(renvois.chronologie, key=lambda each: each.entry.fait.survenu.jours.premier.year)
    ]


def _lignes(renvois: Renvois, facts: Sequence[Numerote]) -> Iterator[dict[str, Any]]:
    told = ((_dite(renvois, each), each) for each in facts)
    for said, same in groupby(told, key=lambda pair: pair[0]):
        run = [each for _, each in same]
        if len(run) < REPETES:
            yield from (_ligne(said, [each]) for each in run)
        else:
            yield _ligne(said, run)


def _ligne(said: dict[str, Any], facts: Sequence[Numerote]) -> dict[str, Any]:
    first, last = facts[0], facts[-1]
    row = {
        **said,
        "n": [each.numero for each in facts],
        "numeros": ", ".join(text for _, text in suites(each.numero for each in facts)),
        "quand": quand(first.entry.fait.survenu),
        "enregistre": instant(first.entry.recorded_at),
        "repetes": [],
    }
    if len(facts) > 1:
        row["quand"] = f"de {quand(first.entry.fait.survenu)} à {quand(last.entry.fait.survenu)}"
        row["enregistre"] = "voir chaque numéro"
        row["titre"] = fr(f"{said['titre']} : {compte(len(facts), 'fait identique')}")
        row["repetes"] = [fr(_repete(each)) for each in facts]
    return row


def _repete(each: Numerote) -> str:
    happened, learned = quand(each.entry.fait.survenu), instant(each.entry.recorded_at)
    return f"n° {each.numero} : {happened}, enregistré le {learned}"


def _dite(renvois: Renvois, each: Numerote) -> dict[str, Any]:
    """All that is said of a fact but its number and its moments."""
    line, fait = each.ligne, each.entry.fait
    hidden = (each.entry.event_id, "fait") in renvois.retenus
    return {
        "titre": "Contenu retenu" if hidden else fr(line.phrase),
        "objet": "" if hidden or not line.objet else fr(f"{line.flux} {court(line.objet, 80)}"),
        "details": "" if hidden else fr(_details(champs(fait.evenement))),
        "qui": fr(_qui(renvois, each)),
        "source": f"{SOURCES[fait.source]}, {CANAUX[fait.canal]}",
        "grade": line.grade,
        "pieces": [{"n": str(n), "texte": str(n)} for n in renvois.numeros_de_pieces(each.entry)],
        "absentes": [fr(text) for text in renvois.pieces_absentes(each.entry)],
        "notes": [fr(text) for text in _notes(renvois, each)],
    }


def _details(found: Iterable[tuple[str, str]]) -> str:
    text = " ; ".join(f"{label} : {value}" for label, value in found)
    text = text.replace("\r\n", " ↵ ").replace("\n", " ↵ ").replace("\t", " ")
    if len(text) <= TEXTE:
        return text
    return f"{court(text, TEXTE)} [{compte(len(text), 'signe')} ; entier dans le fait scellé]"


def _qui(renvois: Renvois, each: Numerote) -> str:
    if (each.entry.event_id, "acteur") in renvois.retenus:
        return "acteur retenu"
    actor, person = each.entry.fait.acteur, renvois.rapport.personne
    return ", ".join(_acteur(actor, person))


def _acteur(actor: Acteur, person: str) -> Iterator[str]:
    """Capacity and service; who it is only where it is not the person herself."""
    yield ACTEURS[actor.nature] + (f" ({actor.id})" if actor.id not in {None, person} else "")
    if actor.qualite:
        yield actor.qualite
    if actor.service:
        yield actor.service
    if actor.au_nom_de:
        yield "au nom de la personne" if actor.au_nom_de == person else f"au nom de {actor.au_nom_de}"


def _notes(renvois: Renvois, each: Numerote) -> Iterator[str]:
    line, fait = each.ligne, each.entry.fait
    if line.connu_de_la_source and fait.connu_de_la_source is not None:
        yield f"Enregistré par sa source : {quand(fait.connu_de_la_source)}."
    if line.numero is None:
        yield "Déclaré pour tous ; il a touché la personne."
    if line.corrige:
        yield f"{'Retire' if isinstance(fait.evenement, FaitRetire) else 'Corrige'} le fait n° {line.corrige}."
    if line.remplacee:
        yield f"{_remplace(renvois, line)}. Il n'est plus lu."
    if fait.survenu.jours.premier > renvois.rapport.preuve.au:
        yield "Postérieur au jour d'observation : il n'est pas lu."
    if (each.entry.event_id, "fait") not in renvois.retenus:
        yield from (f"Avertissement donné à l'auteur : {text}" for text in line.avertissements)


def _remplace(renvois: Renvois, line: Ligne) -> str:
    """What became of a fact: another one stands in its place, or says that it did not happen."""
    if line.corrige_par is None:
        return "Corrigé"
    by = next((each for each in renvois.chronologie if each.ligne.numero == line.corrige_par), None)
    if by is not None and isinstance(by.entry.fait.evenement, FaitRetire):
        return f"Retiré : le fait n° {line.corrige_par} dit qu'il n'a pas eu lieu"
    return f"Corrigé : le fait n° {line.corrige_par} le remplace"

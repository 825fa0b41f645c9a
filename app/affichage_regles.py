"""How the rules are told on the command line: sources, readings, the sets that follow them, what a set changes."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from app.affichage import ecrire, titre
from app.affichage_preuve import IMPUTATIONS
from evidence.mots import COUCHES, STATUTS
from ledger.francais import jour
from projections.francais import compte
from projections.imputation.modeles import Attribution, Obligation
from replay.deux_jeux import EcartRegles
from rules.base import Source
from rules.catalogue import Regle, empreinte
from rules.jeux import ACTUEL, JEUX, Jeu

T = TypeVar("T")

_NOMS: Final = {empreinte(jeu): jeu.nom for jeu in JEUX}


def regles(shown: Sequence[Regle], *, entieres: bool) -> None:
    """Every source of each rule, its readings if it has several, and the sets; with ``entieres``, the text too."""
    for rule in shown:
        titre(rule.identifiant)
        for line in rule.texte.replace("``", "").splitlines() if entieres else [rule.titre]:
            ecrire(line)
        for source in rule.sources:
            _source(source)
        if len(rule.lectures) > 1:
            for number in range(1, len(rule.lectures) + 1):
                _lecture(rule, number)
    ecrire()
    ecrire("jeux de règles, dans l'ordre de leur adoption ; le dernier est suivi sauf « --rules » :", "bold")
    for jeu in JEUX:
        ecrire(f"  {empreinte(jeu)}")
        ecrire(f"      {jeu.nom}, adopté le {jour(jeu.adopte_le)} : {jeu.texte}", "dim")
    ecrire()
    sources = sum(len(rule.sources) for rule in shown)
    ecrire(f"{compte(len(shown), 'règle')}, {compte(sources, 'source')} ; jeu suivi : {empreinte(ACTUEL)}", "dim")


def _source(source: Source) -> None:
    label = source.verification
    since = f"en vigueur depuis le {jour(source.en_vigueur_depuis)}" if source.en_vigueur_depuis else "début non trouvé"
    until = f", jusqu'au {jour(source.en_vigueur_jusqu_au)}" if source.en_vigueur_jusqu_au else ""
    published = f"publiée le {jour(source.publiee_le)}" if source.publiee_le else "publication non trouvée"
    ecrire(f"  {source.reference} : {source.libelle}", "yellow" if source.a_verifier else "green")
    ecrire(
        f"      [{label.value}] {label.sens} · {since}{until} · {published}"
        f" · connue depuis le {jour(source.connue_le)} · lecture {source.lecture}",
        "dim",
    )


def _lecture(rule: Regle, number: int) -> None:
    known = rule.connue_le(number)
    since = f"connue depuis le {jour(known)}" if known else "règle alors inconnue"
    names = _noms(jeu for jeu in JEUX if jeu.lecture(rule.identifiant) == number)
    ecrire(f"  lecture {number}, {since} : {f'suivie par {names}' if names else 'aucun jeu ne la suit'}")


def _noms(jeux: Iterable[Jeu]) -> str:
    return ", ".join(f"« {jeu.nom} »" for jeu in jeux)


def jeux_connus() -> str:
    """Every set that this program has, in one sentence."""
    return ", ".join(f"{empreinte(jeu)} (« {jeu.nom} », {jour(jeu.adopte_le)})" for jeu in JEUX)


def ecart(person: str, gap: EcartRegles) -> None:
    """What the second set changes, each change with both answers."""
    titre(f"{person}, vu le {jour(gap.au)} : ce que changent les règles")
    for what, digest in (("avant", gap.avant), ("après", gap.apres)):
        ecrire(f"{what} : {digest} (« {_NOMS[digest]} »)", "dim")
    for reading in gap.lectures:
        ecrire(f"{reading.regle}, lecture {reading.avant} puis {reading.apres} : {reading.titre}")
    if gap.vide:
        ecrire("ces règles ne changent rien à cette preuve", "green")
    for days in gap.jours:
        words, style = IMPUTATIONS[days.imputation]
        ecrire(f"jours sans preuve, {words} : {days.avant} puis {days.apres}", style)
    for duty in gap.obligations:
        _cote_a_cote("obligation", _dite(_obligation, duty.avant), _dite(_obligation, duty.apres))
    for lost in gap.attributions:
        _cote_a_cote("imputation", _dite(_attribution, lost.avant), _dite(_attribution, lost.apres))


def _dite(phrase: Callable[[T], str], found: T | None) -> str | None:
    return None if found is None else phrase(found)


def _cote_a_cote(what: str, one: str | None, other: str | None) -> None:
    ecrire()
    ecrire(f"{what} {'ajoutée' if one is None else 'retirée' if other is None else 'changée'}", "bold")
    if one == other:
        ecrire(f"    {one} ; ce qui le montre, ou s'y oppose, n'est pas le même")
        return
    for when, said in (("avant", one), ("après", other)):
        if said is not None:
            ecrire(f"    {when} : {said}")


def _obligation(owed: Obligation) -> str:
    end = f"au {jour(owed.au)}" if owed.au else "sans fin connue"
    days = ", ".join(f"du {jour(each.du)} au {jour(each.au)}" for each in owed.manquements)
    breach = f"non faite {days} ({STATUTS[owed.statut]})" if days else "aucun manquement"
    return f"{owed.debiteur.nom_fr}, du {jour(owed.du)} {end} : {owed.texte} ; {breach}"


def _attribution(lost: Attribution) -> str:
    days = f"{COUCHES[lost.couche]} du {jour(lost.du)} au {jour(lost.au)}, {compte(lost.jours, 'jour')}"
    return f"{days} : {IMPUTATIONS[lost.imputation][0]} ({STATUTS[lost.statut]})"

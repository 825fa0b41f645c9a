"""How the evidence is told on the command line: who owed what, which days were lost, what shows it, what opposes it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from app.affichage import ecrire, titre
from evidence import mots
from evidence.mots import COUCHES, STATUTS
from ledger.days import Quand
from ledger.francais import jour
from projections.francais import compte, quand
from projections.imputation.modeles import Anterieure, Attribution, Constat, Imputation, Obligation, Portee, Statut
from projections.imputation.prevision import Prevision
from projections.imputation.tenue import Tenue, TenuPar
from replay.preuve import Fait, Preuve
from replay.what_if import Hypothese

_STYLES: Final = {
    Imputation.ADMINISTRATION: "bold red",
    Imputation.APPLICANT: "bold yellow",
    Imputation.SHARED: "bold magenta",
    Imputation.THIRD_PARTY: "bold cyan",
    Imputation.END_OF_RIGHT_BY_DECISION: "magenta",
    Imputation.UNDETERMINED: "bold white",
}
IMPUTATIONS: Final = {each: (mots.IMPUTATIONS[each], style) for each, style in _STYLES.items()}
TENUS: Final = {
    TenuPar.USAGER: "la personne",
    TenuPar.ADMINISTRATION: "l'administration",
    TenuPar.TIERS: "un tiers",
    TenuPar.PERSONNE: "personne",
    TenuPar.DISPUTE: "disputé",
}
PORTEES: Final = {
    Portee.JOURS: "ce dont dépendent des jours couverts",
    Portee.HORS_JOURS: "dû tout autant, sans effet sur les jours couverts",
    Portee.FACULTE: "ce que la personne peut faire, et jusqu'à quand",
}


def obligations(person: str, found: Preuve) -> None:
    """The duty ledger of a person."""
    titre(f"Obligations autour de {person}, vues le {jour(found.au)}")
    facts = {each.event_id: each for each in found.faits}
    if not found.obligations:
        ecrire("aucune obligation connue à cette date")
    for reach, words in PORTEES.items():
        owed = [each for each in found.obligations if each.portee is reach]
        if owed:
            ecrire()
            ecrire(f"{words} :", "bold cyan")
        for each in owed:
            _obligation(each, facts)
    _journal(found.journal)
    ecrire(f"règles : {found.regles}", "dim")


def _journal(held: Sequence[Tenue]) -> None:
    """In whose hands each dossier was; the intervals shown include their last day."""
    for dossier in dict.fromkeys(each.dossier for each in held):
        ecrire()
        ecrire(f"entre les mains de qui : {dossier or 'la demande à venir'}", "bold")
        for each in held:
            if each.dossier == dossier:
                last = each.avant - timedelta(days=1)
                ecrire(f"    du {jour(each.du)} au {jour(last)} : {TENUS[each.tenu_par]}, {each.motif}")


def _obligation(owed: Obligation, facts: Mapping[UUID, Fait]) -> None:
    end = f"au {jour(owed.au)}" if owed.au else "sans fin connue"
    ecrire(f"{owed.debiteur.nom_fr}, du {jour(owed.du)} {end} : {owed.texte}", "bold")
    ecrire(f"    {' ; '.join(owed.articles)}", "dim")
    for link in owed.prerequis:
        # What rests on no doubt is told in full only where days of cover depend on it, or a period on its being told.
        if owed.portee is not Portee.HORS_JOURS or link.statut is not Statut.ETABLI:
            _constat(link, facts)
    if owed.manquements:
        days = ", ".join(f"du {jour(each.du)} au {jour(each.au)}" for each in owed.manquements)
        ecrire(f"    non faite {days} ({STATUTS[owed.statut]})", "red")
        if owed.manquement is not None:
            _constat(owed.manquement, facts)
    elif owed.satisfaite_par:
        ecrire(f"    faite : {_faits(owed.satisfaite_par, facts)}", "green")
    elif owed.portee is not Portee.FACULTE:
        ecrire("    aucun manquement à cette date", "green")
    shown = owed.manquement.texte if owed.manquement else ""
    for link in owed.constats:
        if link.texte not in shown:  # what a decision or a receipt lacks was told above, all of it at once
            ecrire(f"    à savoir : {link.texte} ({STATUTS[link.statut]})", "dim")


def preuve(person: str, found: Preuve) -> None:
    """Each interval lost, with its chain and what opposes it."""
    known = f", telle que connue le {found.connu_le:%Y-%m-%d %H:%M:%S} UTC" if found.connu_le else ""
    titre(f"Preuve pour {person}, vue le {jour(found.au)}{known}")
    facts = {each.event_id: each for each in found.faits}
    if not found.attributions:
        ecrire("aucun jour perdu à cette date", "green")
    for each in found.attributions:
        _attribution(each, facts)
    _abandonnees(found)
    for apart in found.divergences:
        still = ", toujours" if apart.ouverte else ""
        ecrire()
        ecrire(f"vu d'un seul côté ({apart.code}) du {jour(apart.du)} au {jour(apart.au)}{still}", "bold")
        _constat(apart.constat, facts)
    for reading in found.lectures:
        ecrire(f"autre lecture ({reading.verification}) : {reading.texte} [{reading.source}]", "dim")
    for refusal in found.refus_implicites:
        ecrire(
            f"refus implicite du dossier {refusal.dossier or '?'} ({refusal.base}) : {jour(refusal.ne_le)},"
            f" {refusal.statut.libelle} [{refusal.source}]",
            "dim",
        )
    ecrire(f"règles : {found.regles}", "dim")


def _attribution(lost: Attribution, facts: Mapping[UUID, Fait]) -> None:
    words, style = IMPUTATIONS[lost.imputation]
    still = ", toujours en cours" if lost.ouvert else ""
    ecrire()
    ecrire(
        f"{COUCHES[lost.couche]} du {jour(lost.du)} au {jour(lost.au)}, {compte(lost.jours, 'jour')}{still} :"
        f" {words} ({STATUTS[lost.statut]})",
        style,
    )
    for number, link in enumerate(lost.chaine, start=1):
        _constat(link, facts, f"{number}. ")
    for side in lost.versions:
        answer = IMPUTATIONS[side.imputation][0] if side.imputation else "aucun jour perdu"
        ecrire(f"    {' '.join(each.texte for each in side.dits)} Alors : {answer}.")
        for link in side.chaine:
            _constat(link, facts, "  - ")
    for cause in lost.causes:
        enough = "suffit seule" if cause.suffit else "avec les autres"
        if cause.suppose:
            ecrire(f"    histoire rejouée ({enough}) : {' ; '.join(cause.suppose)}", "dim")
    if lost.contre:
        ecrire("    en sens contraire :")
    for link in lost.contre:
        _constat(link, facts, "- ")
    _phrases("preuve manquante", lost.preuves_manquantes)
    _phrases("ne prouve pas", lost.ne_prouve_pas)
    if lost.connue_depuis is not None:
        ecrire(f"    connu depuis le {_instant(lost.connue_depuis)}", "dim")
    for before in lost.avant:
        _anterieure(before)


def _anterieure(before: Anterieure) -> None:
    answer = "non perdus"
    if before.imputation is not None and before.statut is not None:
        answer = f"{IMPUTATIONS[before.imputation][0]} ({STATUTS[before.statut]})"
    ecrire(
        f"    auparavant, du {_instant(before.depuis)} au {_instant(before.jusqu_a)}, le registre disait les jours du"
        f" {jour(before.du)} au {jour(before.au)} {answer}"
    )


def _abandonnees(found: Preuve) -> None:
    if found.abandonnees:
        ecrire()
        ecrire("jours que le registre a dits perdus et ne tient plus pour tels :", "bold")
    for before in found.abandonnees:
        _anterieure(before)
    if found.rejouee_depuis is not None:
        ecrire(f"ce que le registre disait avant le {_instant(found.rejouee_depuis)} n'a pas été recherché", "dim")


def _instant(moment: datetime) -> str:
    return f"{quand(Quand.le(moment))} (heure de Paris)"


def _phrases(what: str, texts: Iterable[str]) -> None:
    for text in texts:
        ecrire(f"    {what} : {text}", "dim")


def _constat(link: Constat, facts: Mapping[UUID, Fait], mark: str = "") -> None:
    grade = f", force {link.grade.value}" if link.grade else ""
    ecrire(f"    {mark}{link.texte} ({STATUTS[link.statut]}{grade})")
    if link.entries:
        ecrire(f"       faits : {_faits(link.entries, facts)}", "dim")
    if link.articles:
        ecrire(f"       textes : {' ; '.join(link.articles)}", "dim")
    if link.recherche is not None:
        looked = link.recherche
        present = ", ".join(each.value for each in looked.presentes) or "aucune"
        ecrire(
            f"       cherché et non trouvé : {looked.acte}, du {jour(looked.du)} au {jour(looked.au)} ;"
            f" sources présentes au registre : {present}",
            "dim",
        )


def _faits(entries: Iterable[UUID], facts: Mapping[UUID, Fait]) -> str:
    return ", ".join(facts[each].id if each in facts else str(each) for each in entries)


def previsions(person: str, au: date, days: int, found: Sequence[Prevision]) -> None:
    """What will be lost, and what prevents it."""
    titre(f"{person}, vu le {jour(au)} : les {compte(days, 'jour')} qui viennent, si rien n'arrive")
    if not found:
        ecrire("aucun jour ne sera perdu", "green")
    for each in found:
        words, style = IMPUTATIONS[each.imputation]
        when = f"dans {compte(each.jours_restants, 'jour')}" if each.jours_restants else "déjà"
        ecrire(f"sans preuve à partir du {jour(each.du)} ({when}) : jours {words}", style)
        for act in each.actes:
            latest = jour(act.au_plus_tard)
            ecrire(f"    l'éviterait seul, par {act.debiteur.nom_fr}, au plus tard le {latest} : {act.texte}")
            ecrire(f"       textes : {' ; '.join(act.articles)}", "dim")


def hypothese(person: str, found: Hypothese) -> None:
    """What happened beside what is supposed, each with the days it leaves without proof."""
    titre(f"{person} : ce qui s'est passé, ce qui est supposé, vus le {jour(found.reelle.au)}")
    for what, ids in (("sans", found.sans), ("avec", found.avec)):
        if ids:
            ecrire(f"supposé {what} : {', '.join(ids)}")
    for name, one in (("ce qui s'est passé", found.reelle), ("ce qui est supposé", found.supposee)):
        ecrire(f"{name} :", "bold")
        lost = [each for each in one.attributions if each.couche == "preuve"]
        for each in lost:
            words, style = IMPUTATIONS[each.imputation]
            ecrire(f"    du {jour(each.du)} au {jour(each.au)}, {compte(each.jours, 'jour')} : {words}", style)
        if not lost:
            ecrire("    aucun jour sans preuve", "green")
    ecrire(f"jours sans preuve évités : {found.jours_evites}")

"""What the command line shows across persons: incidents, statements of blockage, the agents' queue, statistics."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from app.affichage import ecrire, titre
from app.affichage_preuve import IMPUTATIONS
from evidence.mots import LIENS, STATUTS
from ledger.entry import Entry
from ledger.francais import jour
from projections.francais import compte
from projections.imputation.blocage import Blocage, Empeche, Releve
from projections.imputation.modeles import Imputation
from projections.imputation.prevision import Acte
from projections.incidents import Atteinte, Resume
from projections.priorites import Priorite
from projections.statistiques import Cellule, JoursPerdus, Statistiques, Tableau


def incidents(au: date, found: Sequence[Resume]) -> None:
    """The incidents and how much each hit."""
    titre(f"Incidents, vus le {jour(au)} : {compte(len(found), 'incident')}")
    for each in found:
        end = f"au {jour(each.au)}" if each.au else "toujours en cours"
        scope = ", portée générale" if each.generale else ""
        ecrire(f"{each.reference} ({each.code or 'panne'}), du {jour(each.du)} {end}{scope} : {each.libelle}", "bold")
        ecrire(
            f"    a touché {compte(each.personnes, 'personne')}, {compte(each.dossiers, 'dossier')} :"
            f" {compte(each.tentatives, 'tentative')}, {compte(each.fenetres, 'fin de fenêtre', 'fins de fenêtre')},"
            f" {compte(each.autres, 'autre échec', 'autres échecs')}"
        )


def atteintes(reference: str, found: Sequence[Atteinte]) -> None:
    """What one incident hit."""
    titre(f"Incident {reference} : {compte(len(found), 'fait touché', 'faits touchés')}")
    for each in found:
        when = f"le {jour(each.du)}" if each.du == each.au else f"du {jour(each.du)} au {jour(each.au)}"
        about = f", dossier {each.dossier}" if each.dossier else ""
        ecrire(f"{each.personne}{about} : {each.genre.libelle}, {when} ({LIENS[each.lien]})")


def releve(person: str, found: Releve, entries: Sequence[Entry]) -> None:
    """The statement of blockage of a person."""
    titre(f"Relevé de blocage de {person}, vu le {jour(found.au)}")
    facts = {each.event_id: each.fait.id for each in entries}
    if not found.blocages:
        ecrire("aucune tentative de dépôt échouée au registre à cette date")
    for number, each in enumerate(found.blocages, start=1):
        _blocage(number, each, facts)
    if found.autres:
        ecrire()
        ecrire("autres échecs, hors de ces jours :", "bold")
    for other in found.autres:
        _empeche(other, facts)


def _blocage(number: int, each: Blocage, facts: Mapping[UUID, str]) -> None:
    still = ", toujours en cours" if each.en_cours else ""
    ecrire()
    ecrire(f"{number}. dépôt impossible du {jour(each.du)} au {jour(each.au)}{still} ({STATUTS[each.statut]})", "bold")
    ecrire(f"    dossier {each.dossier or 'sans référence'} ; {each.regime} ; textes : {' ; '.join(each.articles)}")
    if each.titre_expire_le:
        ecrire(f"    titre détenu jusqu'au {jour(each.titre_expire_le)}")
    if each.fenetre and each.fenetre_prolongee_au:
        put_off = (
            f", reportée au {jour(each.fenetre_prolongee_au)}" if each.fenetre_prolongee_au > each.fenetre.au else ""
        )
        ecrire(f"    fenêtre de dépôt du {jour(each.fenetre.du)} au {jour(each.fenetre.au)}{put_off}")
    for failed in each.empeches:
        _empeche(failed, facts)
    for hit in each.incidents:
        end = f"au {jour(hit.au)}" if hit.au else "sans fin connue"
        ecrire(f"    incident {hit.reference}, du {jour(hit.du)} {end} : {hit.libelle} ({LIENS[hit.lien]})")
    for act in each.diligences:
        more = ", ".join(part for part in (act.reference, act.resultat) if part)
        ecrire(f"    {act.survenu} : {act.libelle}{f' ({more})' if more else ''}, force {act.grade.value}")
    if each.depose_le:
        ecrire(f"    demande déposée ensuite : {each.depose_le}")
    for text in each.manque:
        ecrire(f"    n'est pas au registre : {text}", "yellow")
    for text in each.ne_prouve_pas:
        ecrire(f"    ne prouve pas : {text}", "dim")


def _empeche(each: Empeche, facts: Mapping[UUID, str]) -> None:
    said = " ; ".join(part for part in (each.code, each.libelle, each.code_erreur, each.texte_erreur) if part)
    ecrire(
        f"    {each.survenu} (semaine {each.semaine}) : {each.genre.libelle}{f' [{said}]' if said else ''},"
        f" force {each.grade.value}, fait {facts.get(each.event_id, each.event_id)}"
    )


def priorites(au: date, days: int, found: Sequence[Priorite]) -> None:
    """The agents' queue."""
    titre(f"À traiter le {jour(au)}, {compte(days, 'jour')} devant : {compte(len(found), 'personne')}")
    ecrire(
        "ordre : sans preuve d'abord ; perte déclarée ; vulnérabilité ; puis la plus ancienne ou la plus proche",
        "dim",
    )
    for each in found:
        ecrire(f"{each.rang}. {each.personne} : {' ; '.join(each.raisons)}", "bold")
        for lost in each.pertes:
            words, style = IMPUTATIONS[lost.imputation]
            ecrire(f"    sans preuve à partir du {jour(lost.du)} : jours {words}", style)
            for act in lost.actes:
                ecrire(f"       l'évite seul, {_delai_acte(act, au)} : {act.texte}")
                ecrire(f"          textes : {' ; '.join(act.articles)}", "dim")
        for wait in each.attentes:
            about = f", dossier {wait.dossier}" if wait.dossier else ""
            due = f", échéance le {jour(wait.echeance)}" if wait.echeance else ""
            ecrire(f"    {wait.libelle}{about}, depuis le {jour(wait.du)}{due}", "dim")


def _delai_acte(act: Acte, au: date) -> str:
    """Until when the act prevents the loss; once that day is gone, it only stops it."""
    latest = act.au_plus_tard
    return f"fait avant le {jour(latest + timedelta(days=1))}" if latest < au else f"le {jour(latest)} au plus tard"


def statistiques(found: Statistiques) -> None:
    """Each measure with its denominator, then the lost days."""
    where = f", {found.prefecture}" if found.prefecture else ""
    titre(f"Du {jour(found.du)} au {jour(found.au)}{where}, par {found.par.value}")
    for table in found.tableaux:
        if table.cellules:
            _tableau(table)
    ecrire()
    ecrire("jours sans preuve du séjour, selon ce à quoi ils tiennent", "bold")
    for each in found.jours_perdus:
        _perdus(each)
    ecrire(found.masquage, "dim")


def _tableau(table: Tableau) -> None:
    ecrire()
    ecrire(f"{table.unite} : {table.question}", "bold")
    delay = f" ; délai : {table.delai}" if table.delai else ""
    ecrire(f"    {' ; '.join(table.articles)}{delay}", "dim")
    for each in table.cellules:
        ecrire(f"    {each.cle} : {_cellule(each)}")


def _cellule(each: Cellule) -> str:
    if each.masquee:
        return "masqué"
    told = f"{each.oui} sur {each.unites} ({_pour_cent(each.part)}), {compte(each.personnes or 0, 'personne')}"
    if each.faits is None:
        return told
    return f"{told} ; arrivé pour {each.faits}, médiane {_delai(each.mediane)}, neuf sur dix {_delai(each.p90)}"


def _pour_cent(share: float | None) -> str:
    return "?" if share is None else f"{share * 100:.1f} %".replace(".", ",")


def _delai(days: int | None) -> str:
    return "pas encore atteinte" if days is None else compte(days, "jour")


def _perdus(each: JoursPerdus) -> None:
    if each.masquee or each.jours is None:
        ecrire(f"    {each.cle} : masqué")
        return
    parts = ", ".join(
        f"{IMPUTATIONS[Imputation(answer)][0]} {'masqué' if days is None else days}"
        for answer, days in each.jours.items()
    )
    share = "masquée" if each.indeterminee is None else _pour_cent(each.indeterminee)
    ecrire(
        f"    {each.cle} : {compte(each.total or 0, 'jour')}, {compte(each.personnes or 0, 'personne')} : {parts} ;"
        f" part indéterminée {share}"
    )

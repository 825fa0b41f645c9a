"""What the command of the tribunal's file prints: what is to be shown and brought, what is lacking, the traps."""

from pathlib import Path
from typing import Final

from app.affichage import ecrire, titre
from app.tribunal_export import REQUETE, Ecrit
from evidence.controle import MO
from evidence.procedures import ADocumenter, Citation, Etat, Gravite, Piege
from evidence.rapport_modeles import Expertise
from evidence.tribunal import Projet
from ledger.francais import jour
from projections.francais import compte

_ETATS: Final = {
    Etat.DOCUMENTEE: ("le registre a des faits", "green"),
    Etat.PRESUMEE: ("présumée", "green"),
    Etat.A_JUSTIFIER: ("à justifier", "yellow"),
}
_GRAVITES: Final = {
    Gravite.OBSTACLE: ("obstacle", "bold red"),
    Gravite.RISQUE: ("risque", "yellow"),
    Gravite.ECHEANCE: ("échéance", "cyan"),
}


def projet(person: str, found: Projet) -> None:
    """All that is known before anything is made."""
    asked = found.a_documenter
    titre(f"{asked.procedure.nom_fr[0].upper()}{asked.procedure.nom_fr[1:]}, {person}, vu le {jour(asked.au)}")
    _conditions(asked)
    _pieces(asked)
    _pieges(found.pieges)
    _inventaire(found)


def _conditions(asked: ADocumenter) -> None:
    titre("À établir")
    for each in asked.conditions:
        said, style = _ETATS[each.etat]
        ecrire(f"  [{said}] {each.texte}", style)
        ecrire(f"      {_cites(each.sources)}", "dim")


def _pieces(asked: ADocumenter) -> None:
    titre("Pièces à réunir")
    for each in asked.pieces:
        lacks = each.manque
        there = [compte(len(each.documents), "document")] if each.documents else []
        said = ", ".join([*there, *([lacks] if lacks else [])])
        ecrire(f"  {each.libelle} : {said}", "green" if lacks is None else "yellow")


def _pieges(found: tuple[Piege, ...]) -> None:
    titre(f"Pièges : {len(found)}" if found else "Pièges : aucun trouvé dans les faits")
    for each in found:
        said, style = _GRAVITES[each.gravite]
        about = f", dossier {each.dossier}" if each.dossier else ""
        ecrire(f"  [{said}{about}] {each.texte}", style)
        ecrire(f"      → {each.remede}")
        ecrire(f"      {_cites(each.sources)}", "dim")


def _cites(sources: tuple[Citation, ...]) -> str:
    return " ; ".join(f"{each.reference} [{each.etiquette}] {each.sens}" for each in sources)


def _inventaire(found: Projet) -> None:
    lines = found.inventaire.lignes
    titre(f"Inventaire proposé : {compte(len(lines), 'pièce')}" if lines else "Inventaire proposé : aucune pièce")
    against = {each.sha256: each.contraire for each in found.documents}
    for each in found.inventaire.fichiers:
        if each.lignes[0].piece.serie is not None:
            ecrire(f"       {each.lignes[0].piece.serie} (un seul fichier)", "dim")
        for line in each.lignes:
            kept = "  (ne peut pas être écartée)" if against.get(line.piece.sha256) else ""
            ecrire(f"  {line.numero:>3}  {line.piece.libelle}{kept}")
    if found.retenues:
        titre("Ce que le dossier ne montre pas")
        for left in found.retenues:
            ecrire(f"  {left.libelle} : {left.motif}", "yellow")
    if lines:
        ecrire("  Les documents sont donnés tels quels : aucun nom de tiers n'y est masqué.", "dim")


def ecrit(done: Ecrit) -> None:
    """What was written, and what to upload."""
    titre(f"{done.folder / REQUETE} : {compte(len(done.fichiers), 'fichier')} à déposer")
    for each in done.fichiers:
        size = f"{each.octets / MO:.1f} Mo" if each.octets >= MO // 10 else compte(each.octets, "octet")
        ecrire(f"  {each.nom}  ({size})")
    for number, text in done.avertissements:
        ecrire(f"  pièce {number} : {text}", "yellow")
    ecrire(f"gardez {done.folder.name}/inventaire.json : il garde les numéros pour la suite")


def expertise(bundle: Expertise, place: Path) -> None:
    """The bundle that stays with the party, and what identifies it."""
    ecrire(f"gardez {place.parent.name}/{place.name} pour l'expert et l'autre partie ; il ne se dépose pas")
    ecrire(f"  export {bundle.export}, empreinte {bundle.empreinte}")

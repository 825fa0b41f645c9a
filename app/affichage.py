"""What the command line prints: French, for people. Every text that comes from a fact is shown, never obeyed."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from commands.importer import Outcome
from ledger.entry import Entry
from ledger.francais import jour
from ledger.seal.checkpoint import Checkpoint
from ledger.seal.checks import Check, Verdict
from projections.couverture.modeles import Certitude, Couverture, Lacune, NatureLacune
from projections.etat import EtatDossier
from projections.francais import compte, propre
from projections.historique import Ligne
from replay.as_of import Ecart, Lecture
from replay.checks.report import Report
from replay.rebuild import Rebuilt

console: Final = Console(highlight=False, soft_wrap=False)
errors: Final = Console(stderr=True, highlight=False)

STRIP_WIDTH: Final = 72
NATURES: Final = {
    NatureLacune.RUPTURE: ("interruption", "bold red"),
    NatureLacune.PREUVE_SEULE: ("droit sans preuve", "yellow"),
    NatureLacune.FIN_DE_DROIT: ("fin de droit par décision", "magenta"),
}


def ecrire(text: str = "", style: str | None = None) -> None:
    """One line of plain text."""
    console.print(Text(propre(text), style=style or ""), soft_wrap=True)


def titre(text: str) -> None:
    """A heading."""
    ecrire()
    ecrire(text, "bold underline")


def bilan_import(file: Path, outcome: Outcome) -> None:
    """What an import did."""
    done = outcome.progress
    recorded = (
        f"{compte(done.recorded, 'fait')} à enregistrer (essai, rien n'est écrit)"
        if outcome.dry_run
        else compte(done.recorded, "fait enregistré")
    )
    repeated = compte(done.repeated, "déjà là", "déjà là")
    if outcome.resumed_at:
        ecrire(f"{file.name} : repris après la ligne {outcome.resumed_at}")
    ecrire(f"{file.name} : {recorded}, {repeated}, {compte(done.rejected, 'rejeté')}")
    if outcome.documents_stored or outcome.documents_missing:
        missing = compte(outcome.documents_missing, "annoncé et non fourni", "annoncés et non fournis")
        ecrire(f"documents : {compte(outcome.documents_stored, 'gardé')}, {missing}")
    if outcome.rejects_file is not None:
        ecrire(f"les lignes rejetées et leurs motifs : {outcome.rejects_file}", "yellow")


def enregistres(entries: Sequence[Entry]) -> None:
    """The entries an act or a fact gave."""
    for entry in entries:
        ecrire(
            f"enregistré : {entry.fait.evenement.titre_fr()}"
            f" (place {entry.pos} du flux, {entry.recorded_at:%Y-%m-%d %H:%M:%S} UTC)"
        )
        for warning in entry.fait.avertissements:
            ecrire(f"  avertissement : {warning.texte} ({warning.source})", "yellow")


def historique(person: str, lines: Sequence[Ligne]) -> None:
    """The complete history, one block an entry."""
    titre(f"Historique de {person} : {compte(len(lines), 'entrée')}")
    for line in lines:
        _ligne(line)


def resume(lines: Sequence[Ligne]) -> None:
    """The history in brief, one line an entry."""
    for line in lines:
        ecrire(f"  {line.survenu_fr:<22} {line.phrase}  (source {line.source}, grade {line.grade})")


def _ligne(line: Ligne) -> None:
    style = "dim strike" if line.remplacee else ""
    head = Text(f"{line.numero or '–':>4}  ", style="dim")
    head.append(propre(f"{line.survenu_fr}"), style="cyan")
    head.append(propre(f"  {line.phrase}"), style=style or "bold")
    console.print(head, soft_wrap=True)
    who = line.acteur.service or line.acteur.nature.value
    behalf = f", au nom de {line.acteur.au_nom_de}" if line.acteur.au_nom_de else ""
    where = f"{line.flux} {line.objet}" if line.objet else line.flux
    ecrire(
        f"      {where} · {who}{behalf} · {line.canal} · source {line.source} · grade {line.grade}"
        f" · appris le {line.enregistre_le:%Y-%m-%d %H:%M:%S} UTC",
        "dim",
    )
    if line.numero is None:
        ecrire("      déclaré pour tous ; il a touché la personne", "dim")
    if line.details:
        ecrire("      " + " ; ".join(f"{label} : {value}" for label, value in line.details))
    if line.pieces:
        ecrire("      pièces : " + ", ".join(piece.nom for piece in line.pieces))
    for warning in line.avertissements:
        ecrire(f"      avertissement : {warning}", "yellow")
    if line.corrige:
        ecrire(f"      corrige l'entrée {line.corrige}", "yellow")
    if line.corrige_par:
        ecrire(f"      corrigée par l'entrée {line.corrige_par}", "yellow")


def etats(person: str, states: Sequence[EtatDossier]) -> None:
    """The state of each dossier."""
    titre(f"Dossiers de {person}")
    if not states:
        ecrire("aucun dossier à cette date")
    for state in states:
        for label, value in state.lignes():
            ecrire(f"  {label} : {value}")
        ecrire()


def couverture(person: str, read: Lecture) -> None:
    """The three layers and the gaps."""
    cover = read.couverture
    titre(f"Droits de {person}, vus le {jour(cover.au)}")
    if cover.premier_jour is None:
        ecrire("aucun document connu à cette date")
        _effets(cover)
        return
    frise(cover)
    for layer, segments in (("droit", cover.droit), ("preuve", cover.preuve)):
        for each in segments:
            end = "sans fin dite" if each.ouvert else f"au {jour(each.au)}, {compte(each.jours, 'jour')}"
            doubt = "" if each.certitude is Certitude.CERTAIN else ", dates incertaines"
            ecrire(f"  {layer:<6} du {jour(each.du)} {end} : {each.base.libelle}{doubt} [{each.source}]", "green")
    lacunes(cover.lacunes)
    _effets(cover)
    _autour(cover)


def lacunes(gaps: Iterable[Lacune]) -> None:
    """Each gap with its reasons."""
    gaps = tuple(gaps)
    if not gaps:
        ecrire("aucune interruption", "green")
    for gap in gaps:
        name, style = NATURES[gap.nature]
        doubt = "" if gap.certaine else " (dates incertaines)"
        still = ", toujours ouverte" if gap.ouverte else ""
        ecrire(f"{name}{doubt} : du {jour(gap.du)} au {jour(gap.au)}, {compte(gap.jours, 'jour')}{still}", style)
        for reason in gap.motifs:
            ecrire(f"    {reason}")


def _effets(cover: Couverture) -> None:
    for effect in cover.effets:
        end = f"au {jour(effect.au)}" if effect.au else "sans fin connue"
        who = f" ({effect.organisme})" if effect.organisme else ""
        ecrire(f"effet : {effect.libelle}{who}, du {jour(effect.du)} {end}", "cyan")


def _autour(cover: Couverture) -> None:
    for refusal in cover.refus_implicites:
        ecrire(
            f"refus implicite du dossier {refusal.dossier or '?'} : {jour(refusal.ne_le)}"
            f" ({refusal.base}, {refusal.source}),"
            f" {refusal.statut.libelle}",
            "dim",
        )
    for reading in cover.lectures:
        ecrire(f"autre lecture ({reading.verification}) : {reading.texte} [{reading.source}]", "dim")


def frise(cover: Couverture) -> None:
    """The strip: one character a slice of time, proof above, right below."""
    first = cover.premier_jour
    if first is None or first > cover.au:
        return
    days = (cover.au - first).days + 1
    width = min(STRIP_WIDTH, days)
    slices = [first + timedelta(days=round(index * days / width)) for index in range(width)]
    ends = [*(each - timedelta(days=1) for each in slices[1:]), cover.au]
    for name, segments in (("preuve", cover.preuve), ("droit ", cover.droit)):
        strip = Text(f"{name} ")
        for start, end in zip(slices, ends, strict=True):
            covered = _days_covered([(each.du, each.au) for each in segments], start, end)
            full = covered == (end - start).days + 1
            strip.append(
                "█" if full else "▒" if covered else "·", style="green" if full else "yellow" if covered else "red"
            )
        console.print(strip)
    ecrire(f"       {jour(first)} → {jour(cover.au)} (█ couvert, ▒ en partie, · découvert)", "dim")


def _days_covered(intervals: Sequence[tuple[date, date]], start: date, end: date) -> int:
    days: set[int] = set()
    for first, last in intervals:
        days.update(range(max(first, start).toordinal(), min(last, end).toordinal() + 1))
    return len(days)


def lecture(person: str, read: Lecture) -> None:
    """State and coverage from one moment."""
    known = f"tel que connu le {read.connu_le:%Y-%m-%d %H:%M:%S} UTC" if read.connu_le else "tel que connu maintenant"
    titre(f"{person}, {known}, au {jour(read.au)} : {compte(read.entrees, 'entrée')}")
    etats(person, read.etats)
    couverture(person, read)


def ecart(person: str, gap: Ecart) -> None:
    """What changed between two readings."""
    titre(f"{person} : ce qui a changé")
    for line in gap.nouvelles:
        ecrire("  fait appris entre les deux :", "cyan")
        _ligne(line)
    for name, read in (("avant", gap.avant), ("après", gap.apres)):
        ecrire(f"{name} :", "bold")
        lacunes(read.couverture.lacunes)
    if not gap.nouvelles and not gap.changements:
        ecrire("rien n'a changé", "green")
        return
    differences = compte(len(gap.changements), "différence")
    ecrire(f"{differences} dans l'état ou dans la couverture (--json pour le détail)", "dim")


def point(checkpoint: Checkpoint) -> None:
    """A checkpoint as people compare it."""
    ecrire(f"{checkpoint.origin} : {compte(checkpoint.size, 'ligne scellée')}, racine {checkpoint.root.hex()}")


def controles(found: Sequence[Check], *, tient: bool) -> None:
    """What a file shows, check by check."""
    styles = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.IMPOSSIBLE: "yellow"}
    for check in found:
        ecrire(f"{check.name} : {check.outcome.value} ({check.said})", styles[check.outcome])
    if tient:
        ecrire("CE FICHIER TIENT, sous la politique donnée", "bold green")
    else:
        ecrire("CE FICHIER NE TIENT PAS, ou rien ne dit de qui il vient", "bold red")


def rapport(report: Report) -> None:
    """The result of a verification."""
    ecrire(
        f"{compte(report.entries, 'entrée')} dans {compte(report.streams, 'flux')},"
        f" {compte(report.sealed, 'position scellée')},"
        f" {compte(report.checkpoints, 'point de contrôle', 'points de contrôle')}"
    )
    if report.unreadable:
        ecrire(
            f"{compte(report.unreadable, 'entrée')} dont la clé a été détruite : chaîne vérifiée, contenu non",
            "yellow",
        )
    for outcome in report.outcomes:
        if outcome.verdict is Verdict.IMPOSSIBLE:
            ecrire(f"{outcome.check.value} : non vérifié, ou en partie ({outcome.why})", "yellow")
    if report.intact:
        passed = [each.check.value for each in report.outcomes if each.verdict is Verdict.PASSED]
        ecrire(f"contrôles passés : {', '.join(passed)}")
        redone = "chaque chaîne et chaque position ont été refaites"
        if "engagement" in passed:
            redone = "chaque chaîne, chaque engagement et chaque position ont été refaits"
        ecrire(f"registre intact : {redone}", "bold green")
        return
    for finding in report.findings:
        ecrire(f"{finding.check.value} : {finding.where} : {finding.found}", "red")
    if report.more:
        ecrire(f"… et {compte(report.more, 'autre')}", "red")
    ecrire("REGISTRE ALTÉRÉ", "bold red")


def suivi(name: str, applied: int, position: int) -> None:
    """What a follower has caught up with."""
    ecrire(f"{name} : {compte(applied, 'entrée appliquée')}, à jour à la position {position}")


def reconstructions(results: Sequence[Rebuilt]) -> None:
    """The result of each rebuild."""
    for result in results:
        swapped = "mise en place" if result.swapped else "comparée seulement"
        ecrire(f"{result.projection} : {compte(result.entries, 'entrée relue')}, {swapped}")
        for difference in result.differences:
            ecrire(
                f"  table {difference.table}, sans égale en face : {compte(difference.only_before, 'ligne')} d'avant,"
                f" {compte(difference.only_after, 'ligne refaite')} (par exemple {', '.join(difference.subjects)})",
                "red",
            )
        if not result.differences:
            ecrire("  identique, ligne à ligne", "green")

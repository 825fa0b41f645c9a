"""How the deployment's keys, erasures and copies are told on the command line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from app.access_export import Exported
from app.affichage import ecrire, titre
from ledger.entry import Avertissement
from ledger.erasure import Erased
from ledger.rotation import KekState, Rotated
from projections.francais import compte
from replay.effacement import Recu, en_francais

PLACES: Final = {"fichier": "dans le fichier", "module": "dans le module PKCS#11", "absente": "absente"}


def cles(states: Sequence[KekState]) -> None:
    """Every deployment key, the current one first."""
    titre("Clés de déploiement")
    for each in states:
        ecrire(f"{each.kek_id}  {'courante, ' if each.current else ''}{PLACES[each.place]}, {_end(each)}")


def _end(each: KekState) -> str:
    if each.destroyed_at is not None:
        return f"détruite le {_instant(each.destroyed_at)}"
    if each.retired_at is not None:
        return f"retirée le {_instant(each.retired_at)}, destruction à finir : constat keys retire {each.kek_id}"
    return compte(each.keys, "clé de personne", "clés de personnes")


def rotation(done: Rotated) -> None:
    """What a rotation did."""
    made = "neuve" if done.made else "déjà courante"
    ecrire(
        f"clé {done.keys.current} ({made}) : {compte(done.rewrapped, 'clé enveloppée', 'clés enveloppées')} de nouveau"
    )
    if done.left:
        ecrire(f"il en reste {done.left}, ajoutées entre-temps : constat keys rotate --finish", "yellow")
    if done.unreadable:
        ecrire(f"{done.unreadable} ligne(s) ne s'ouvrent pas et restent telles quelles : constat verify", "bold red")


def essai(receipt: Recu, weighed: Sequence[Avertissement]) -> None:
    """What an erasure would cost, and what must be weighed first."""
    titre("Essai : rien n'est effacé")
    for each in weighed:
        ecrire(f"à peser : {each.texte} ({each.source})", "yellow")
    recu(receipt, None)


def recu(receipt: Recu, final_at: datetime | None) -> None:
    """The receipt of an erasure."""
    for line in en_francais(receipt, final_at).splitlines():
        ecrire(line)


def registre(erased: Sequence[Erased]) -> None:
    """The register of erasures."""
    titre(f"Effacements : {len(erased)}")
    for each in erased:
        final = (
            f"définitif le {_instant(each.final_at)}" if each.final_at else f"pas encore définitif (clé {each.kek_id})"
        )
        ecrire(f"{_instant(each.at)}  sujet {each.subject.hex()}  {compte(each.entries, 'entrée')}  {final}")


def copie(done: Exported) -> None:
    """A person's copy that was written."""
    ecrire(f"copie écrite dans {done.folder} : {compte(done.facts, 'fait')}, {compte(done.documents, 'document')}")
    if done.missing:
        ecrire(f"{compte(done.missing, 'document absent')} : voyez documents.json", "yellow")
    masked = compte(done.masked, "mention masquée", "mentions masquées")
    ecrire(f"{masked} de tiers ; relisez les textes libres avant remise")
    ecrire(f"empreinte de manifest-sha256.txt : {done.manifest_sha256}")


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"

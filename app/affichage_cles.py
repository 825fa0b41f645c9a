"""How the deployment's keys, erasures and copies are told on the command line."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from app.access_export import Exported
from app.affichage import ecrire, titre
from app.affichage_preuve import IMPUTATIONS
from evidence.mots import COUCHES, STATUTS
from ledger.days import paris_day
from ledger.entry import Avertissement
from ledger.erasure import Erased
from ledger.francais import jour
from ledger.rotation import KekState, Rotated
from projections.francais import compte
from projections.imputation.modeles import Imputation, Statut
from replay.effacement import Recu

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


def en_francais(recu: Recu, definitif_le: datetime | None) -> str:
    """The receipt for a person to read. ``definitif_le``: when the KEK that wrapped the key was destroyed."""
    lines = [
        "REÇU D'EFFACEMENT",
        "",
        f"Registre : {recu.registre}",
        f"Sujet (identifiant aléatoire du registre) : {recu.sujet}",
        f"Référence donnée : {recu.reference or 'aucune'}",
        f"Règle nommée : {recu.regle or 'aucune'}",
        f"Établi le : {recu.etabli_le}",
        "",
        f"La clé qui rendait lisibles {compte(recu.faits, 'fait')} est détruite. Personne ne peut plus les lire.",
        f"Documents que ces faits citent, effacés du dépôt : {recu.documents}.",
        "Demeurent les lignes du journal, leurs empreintes et les preuves d'inclusion : elles ne disent rien d'elle.",
        "Ce qui a été exporté auparavant n'est plus sous la garde du registre et n'est pas effacé.",
        "Une sauvegarde d'avant garde, jusqu'à sa propre fin, les vues tirées de ces faits : dossiers, jours, codes.",
        f"Empreinte de la clé détruite : {recu.empreinte_cle}",
        "",
        *_definitif(recu, definitif_le),
        "",
        *_constats(recu),
        *_pesees(recu),
    ]
    return "\n".join(lines) + "\n"


def _definitif(recu: Recu, definitif_le: datetime | None) -> Iterator[str]:
    if definitif_le is not None:
        day = jour(paris_day(definitif_le))
        yield f"Effacement définitif le {day} : la clé de déploiement {recu.cle_deploiement} est détruite."
        return
    yield "Effacement pas encore définitif : une sauvegarde d'avant peut contenir la clé, enveloppée par la clé de"
    yield f"déploiement {recu.cle_deploiement}. Il le sera quand celle-ci aura été remplacée (constat keys rotate),"
    yield "puis retirée (constat keys retire), avec les copies du fichier de clés qui la contiennent."


def _constats(recu: Recu) -> Iterator[str]:
    if not recu.constats:
        yield "Constats qui perdent leur preuve : aucun jour perdu n'était établi."
        return
    yield f"Constats qui perdent leur preuve : {len(recu.constats)}"
    for each in recu.constats:
        said = f"{IMPUTATIONS[Imputation(each.imputation)][0]}, {STATUTS[Statut(each.statut)]}"
        yield (
            f"- du {jour(each.du)} au {jour(each.au)} ({compte(each.jours, 'jour')}), {COUCHES[each.couche]},"
            f" {said} : {compte(each.faits, 'fait')}"
        )
        yield from (f"    feuille {leaf}" for leaf in each.feuilles)


def _pesees(recu: Recu) -> Iterator[str]:
    if recu.pesees:
        yield ""
        yield "Exceptions dites à qui a décidé, et pesées par lui (non vérifiées) :"
        yield from (f"- {each.source} : {each.code}" for each in recu.pesees)


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

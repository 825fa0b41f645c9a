"""What the commands of the mirror and of a restore print: French, for people."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from app.affichage import ecrire, titre
from ledger.mirror.conflicts import Conflict
from ledger.mirror.publication import PUBLICATION, Published
from ledger.mirror.subscription import Here, There
from projections.francais import compte
from replay.bring_back import BroughtBack
from replay.divergences import Comparison, Divergence, What
from replay.restore import Loss

SHOWN: Final = 100
SAID: Final = {
    What.ABSENTE: "l'exploitant ne l'a plus",
    What.AUTRE: "l'exploitant en a une autre",
    What.JAMAIS_ENVOYEE: "l'exploitant ne l'a jamais envoyée",
}


def publication(done: Published) -> None:
    """What to hand over to whoever holds the mirror, and what else to close."""
    ecrire(f"le registre {done.origin} est publié, en ajouts seulement ; à remettre au tiers qui tient le miroir :")
    password = f" password={done.password}" if done.password else ""
    way = f"host=… port=… dbname={done.dbname} user={done.role}{password} sslmode=verify-full"
    ecrire(f"  constat mirror setup --from '{way}'")
    if done.password is None:
        ecrire("  (son mot de passe est celui qui a été remis ; --new-password en donne un autre)")
    ecrire(f"publication : {PUBLICATION} ; rôle : {done.role}, qui lit les tables publiées et rien d'autre")
    for warning in done.warnings:
        ecrire(f"à fermer : {warning}", "yellow")


def etat(here: Here, there: There | None, stopped_by: Sequence[Conflict]) -> None:
    """How the mirror fares."""
    _etat_ici(here)
    if there is None:
        ecrire("l'exploitant n'a pas pu être joint : son état n'est pas connu", "yellow")
    else:
        _etat_la_bas(here, there)
    conflits(stopped_by)
    if there is not None and not here.connected and not stopped_by:
        ecrire(
            "l'exploitant répond et aucune réécriture n'attend : si cela dure, le journal du serveur du miroir dit"
            " pourquoi ; un programme plus ancien que celui de l'exploitant se met à jour, puis « mirror setup »",
            "yellow",
        )
    if here.refused:
        ecrire(f"{compte(here.refused, 'ligne réécrite', 'lignes réécrites')} et gardée en preuve ici", "red")


def _etat_ici(here: Here) -> None:
    if not here.enabled:
        ecrire("le miroir a été arrêté à la main : « constat mirror resume » le fait reprendre", "bold yellow")
    elif not here.connected:
        ecrire("LE MIROIR NE REÇOIT PAS", "bold red")
    elif here.copying:
        ecrire(f"copie en cours : {', '.join(here.copying)}", "yellow")
    else:
        ecrire("le miroir suit", "bold green")
    last = f", dernier message le {_instant(here.last_message)}" if here.last_message else ""
    ecrire(f"ici : {compte(here.position, 'position')}, {_point(here.size, here.signed_at)}{last}")


def _etat_la_bas(here: Here, there: There) -> None:
    late = there.position - here.position
    ecrire(
        f"chez l'exploitant : {compte(there.position, 'position')}, {_point(there.size, there.signed_at)}"
        f" ; retard : {compte(max(late, 0), 'position')}"
    )
    if late < 0:
        ecrire(f"L'EXPLOITANT A {compte(-late, 'position')} DE MOINS que le miroir", "bold red")
    slot = there.slot
    if slot is None or slot.lost:
        what = "n'a plus de créneau pour ce miroir" if slot is None else "n'a plus tout ce que le miroir attend"
        ecrire(f"le serveur de l'exploitant {what} : refaites « constat mirror setup »", "red")
    else:
        survives = "survit" if slot.survives_failover else "ne survit pas"
        ecrire(f"créneau : {slot.behind} octets à recevoir ; il {survives} à une bascule de l'exploitant")
    for table in there.missing:
        ecrire(f"l'exploitant ne publie plus la table {table}", "bold red")
    for table in there.partial:
        ecrire(f"l'exploitant ne publie plus qu'une part de la table {table}", "bold red")


def conflits(found: Sequence[Conflict]) -> None:
    """The rows that were written twice."""
    for each in found[:SHOWN]:
        ecrire(f"RÉÉCRITURE : {each.where}", "bold red")
        ecrire(f"  gardée ici   : ligne {_hex(each.kept_leaf)}, empreinte de la rangée {each.ours.hex()}")
        ecrire(f"  reçue ensuite : ligne {_hex(each.sent_leaf)}, empreinte de la rangée {each.theirs.hex()}")
    _autres(len(found) - SHOWN)


def comparaison(found: Comparison | None) -> None:
    """What the operator no longer has, has otherwise, or never sent; ``None``: it did not answer."""
    if found is None:
        ecrire("l'exploitant n'a pas pu être joint : rien n'a été comparé", "yellow")
        return
    ecrire(f"{compte(found.rows, 'rangée')} du miroir comparées à celles de l'exploitant")
    for each in found.divergences[:SHOWN]:
        _divergence(each)
    _autres(len(found.divergences) - SHOWN + found.more)
    if not found.caught_up:
        ecrire("le miroir n'a pas tout reçu : ce qui n'aurait jamais été envoyé n'a pas été cherché", "yellow")
    if found.same:
        ecrire("l'exploitant a toujours tout ce que le miroir a reçu", "bold green")
    else:
        ecrire("L'EXPLOITANT N'A PLUS LE MÊME REGISTRE", "bold red")


def _divergence(each: Divergence) -> None:
    position = f", position {each.position}" if each.position else ""
    recorded = f", enregistrée le {each.recorded_at}" if each.recorded_at else ""
    ecrire(f"{each.where}{position}{recorded} : {SAID[each.what]}", "red")
    if each.leaf:
        ecrire(f"  empreinte de la ligne gardée ici : {each.leaf}")
    for label, digest in (("gardée ici", each.kept), ("chez l'exploitant", each.found)):
        if digest:
            ecrire(f"  rangée {label} : {digest}")


def refus_gardes(found: Sequence[Conflict]) -> None:
    """The evidence of rewritten rows that the mirror keeps."""
    if found:
        titre("Réécritures gardées en preuve")
        conflits(found)


def _autres(count: int) -> None:
    if count > 0:
        ecrire(f"… et {compte(count, 'autre')}", "red")


def _point(size: int, signed_at: datetime | None) -> str:
    return f"point de contrôle de {size} lignes du {_instant(signed_at)}" if signed_at else "aucun point de contrôle"


def _instant(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment else "?"


def _hex(digest: bytes | None) -> str:
    return digest.hex() if digest else "sans objet"


def perte(found: Loss) -> None:
    """What a restored ledger has lost."""
    ecrire(f"publié : {compte(found.size, 'ligne')} ; ici : {compte(found.reached, 'position')}")
    if found.last is not None:
        ecrire(f"dernière entrée présente : enregistrée le {_instant(found.last)}")
    if found.other_history:
        ecrire("ce registre n'a pas la racine qui a été publiée : c'est une autre histoire", "bold red")
    missing = found.missing
    if missing:
        last = missing.stop - 1
        which = f"les positions {missing.start} à {last}" if len(missing) > 1 else f"la position {last}"
        ecrire(f"MANQUENT {which} : {compte(len(missing), 'ligne')}", "bold red")
    if found.count:
        ecrire(
            f"le miroir a {compte(found.count, 'entrée')} que ce registre n'a plus, enregistrées du"
            f" {_instant(found.first_lost)} au {_instant(found.last_lost)} :",
            "red",
        )
    for each in found.lost[:SHOWN]:
        position = f"position {each.position}" if each.position else "sans position"
        ecrire(f"  {position}, flux {each.stream}, entrée {each.place}, {_instant(each.recorded_at)} : {each.leaf}")
    _autres((found.count or 0) - min(len(found.lost), SHOWN))
    if found.nothing:
        ecrire("rien ne manque de ce qui a été publié", "bold green")
        if found.count is None:
            ecrire("ce qui a été acquitté après ce point de contrôle ne se voit que d'un miroir", "yellow")


def retour(done: BroughtBack) -> None:
    """What came back from a mirror."""
    came = [f"{table} {count}" for table, count in done.rows.items() if count]
    if not came:
        ecrire("rien ne manquait : rien n'a été remis")
        return
    ecrire(f"remises depuis le miroir : {', '.join(came)}", "bold green")
    if done.last >= done.first:
        ecrire(f"positions {done.first} à {done.last} : les mêmes lignes, sous les racines qui ont été signées")
    for subject in done.erase_again:
        ecrire(f"la clé du sujet {subject} avait été détruite, elle est revenue : détruisez-la de nouveau", "bold red")
    ecrire("les clés des personnes ne reviennent pas d'un miroir : voyez docs/operations.md", "yellow")

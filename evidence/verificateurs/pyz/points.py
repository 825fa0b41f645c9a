"""The layers ``points`` and ``temoins``: each checkpoint extends the one before, enough cosigned the head."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, Final

from evidence.verificateurs.pyz.examen import Cle, Echec, Point
from evidence.verificateurs.pyz.note import OCTETS, Note, SignatureFausseError, point_de_controle
from evidence.verificateurs.pyz.politique import PERSONNE
from evidence.verificateurs.pyz.sac import JOURNAL, POINTS
from evidence.verificateurs.pyz.textes import ENTIER, PAS, PLUS_GRAND, IllisibleError, chemin, instant
from ledger.seal.proof import consistent

if TYPE_CHECKING:
    from evidence.verificateurs.pyz.examen import Examen

TETE: Final = f"{JOURNAL}tete.tlog-proof"
_COHERENCE: Final = re.compile(f'{{"a":({ENTIER}),"de":({ENTIER}),{PAS}}}')


def examiner(examen: Examen) -> dict[str, int | str]:
    """Every note, from the smallest; then what ties them together, and the head's own proof.

    :raises Echec: the first that does not hold.
    """
    tailles = sorted(int(nom[:-5]) for nom in examen.archive.sous(POINTS) if nom.endswith(".note"))
    points = [_point(examen, taille) for taille in tailles]
    # Those before the head are in its history by consistency, whatever key signed them then.
    if not _signent(examen, points[-1]):
        raise Echec("point_cle", taille=tailles[-1])
    _coherences(examen, points)
    _tete(examen, points[-1])
    examen.points = points
    return {"points": len(points)}


def _point(examen: Examen, taille: int) -> Point:
    try:
        octets = examen.archive.lire(f"{POINTS}{taille}.note", OCTETS)
        note = Note.lue(octets)
        origine, dite, racine = point_de_controle(note.texte)
    except IllisibleError as error:
        raise Echec("point_illisible", taille=taille) from error
    if (origine, dite) != (examen.log, taille):
        raise Echec("point_autre", taille=taille)
    try:
        signataires = note.verifiee(examen.lue().cles)
    except SignatureFausseError as error:
        raise Echec("point_signature", taille=taille) from error
    point = Point(taille, racine, note, octets, signataires)
    examen.cles |= _signent(examen, point)
    return point


def _signent(examen: Examen, point: Point) -> set[Cle]:
    """The log's keys that signed a checkpoint."""
    journaux = examen.lue().journaux
    return {Cle(une.nom, une.empreinte) for une in journaux if une.nom == examen.log and une in point.signataires}


def _coherences(examen: Examen, points: list[Point]) -> None:
    lues: list[tuple[int, int, list[bytes]]] = []
    for _, ligne in examen.archive.lignes(f"{JOURNAL}coherences.jsonl"):
        trouve = _COHERENCE.fullmatch(ligne.decode("latin-1"))
        if trouve is None or int(trouve[1]) > PLUS_GRAND or int(trouve[2]) > PLUS_GRAND:
            raise Echec("coherence_illisible")
        lues.append((int(trouve[2]), int(trouve[1]), chemin(trouve[3])))
    voisins = list(zip(points, points[1:]))
    if [(de, a) for de, a, _ in lues] != [(avant.taille, apres.taille) for avant, apres in voisins]:
        raise Echec("coherence_manque")
    for (avant, apres), (de, a, pas) in zip(voisins, lues):
        if not consistent(old=de, old_root=avant.racine, size=a, root=apres.racine, path=pas):
            raise Echec("coherence_fausse", de=de, a=a)


def _tete(examen: Examen, tete: Point) -> None:
    """The proof of the last line under the head has one form (C2SP tlog-proof), so that its bytes are compared."""
    if not examen.indices:
        raise Echec("tete_autre")
    pas = "".join(f"{b64encode(un).decode()}\n" for un in examen.dernier_chemin)
    attendue = f"c2sp.org/tlog-proof@v1\nindex {examen.indices[-1]}\n{pas}\n".encode() + tete.octets
    try:
        lue = examen.archive.lire(TETE, 2 * OCTETS)
    except IllisibleError as error:
        raise Echec("tete_autre") from error
    if lue != attendue:
        raise Echec("tete_autre")


def quorum(examen: Examen) -> tuple[str, dict[str, int | str]]:
    """The layer ``temoins``: which witnesses of the policy cosigned the head, and whether they are enough.

    :raises Echec: they are not.
    """
    politique, tete = examen.lue(), examen.points[-1]
    cosigne = {nom: tete.signataires[cle] or 0 for nom, cle in politique.temoins.items() if cle in tete.signataires}
    examen.temoins = [(nom, instant(cosigne[nom])) for nom in sorted(cosigne)]
    if politique.quorum == PERSONNE:
        return "temoins_aucun", {}
    if not politique.suffit(cosigne):
        raise Echec("temoins_quorum", taille=tete.taille)
    return "temoins_passe", {"taille": tete.taille, "temoins": ", ".join(sorted(cosigne))}

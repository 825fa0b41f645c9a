"""The layer ``recensement``: that nothing is missing, by the lines of a counted tree of the ends of every stream."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from evidence.verificateurs.pyz.examen import Echec, Impossible
from evidence.verificateurs.pyz.feuilles import Acte, feuille_de
from evidence.verificateurs.pyz.sac import JOURNAL
from evidence.verificateurs.pyz.textes import ENTIER, HEX32, HEX64, PAS, PLUS_GRAND, chemin
from ledger.seal.proof import included

if TYPE_CHECKING:
    from evidence.verificateurs.pyz.examen import Examen

FICHIER: Final = f"{JOURNAL}recensement.jsonl"
_LIGNE: Final = re.compile(
    f'{{"index":({ENTIER}),"leaf":"({HEX64})",{PAS},"pos":({ENTIER}),"stream":"({HEX32})","subject":"({HEX32})"}}'
)


class Compte(NamedTuple):
    """A line of the counted tree: where a stream of a subject ended."""

    rang: int
    feuille: str
    chemin: list[bytes]
    pos: int
    stream: str
    sujet: str

    @property
    def hache(self) -> bytes:
        """Its leaf hash."""
        ligne = f'{{"leaf":"{self.feuille}","pos":{self.pos},"stream":"{self.stream}","subject":"{self.sujet}"}}'
        return feuille_de(ligne.encode())


def examiner(examen: Examen) -> dict[str, int | str]:
    """Check the lines, then what they show of each subject, then the streams themselves.

    :raises Echec: a stream may have been left out, or cut off.
    :raises Impossible: there is no recensement.
    """
    if FICHIER not in examen.archive.membres:
        raise Impossible("recensement_absent")
    comptes = [lire(n, ligne) for n, ligne in examen.archive.lignes(FICHIER)]
    feuilles = [une for une in examen.propres if une.genre == "recensement"]
    if len(feuilles) != 1:
        raise Echec("recensement_feuille")
    combien, jusque = int(feuilles[0].champs["streams"]), int(feuilles[0].champs["size"])
    _dans_l_arbre(comptes, combien, bytes.fromhex(str(feuilles[0].champs["root"])))
    sujets = _sujets(examen.dossier)
    connus, ranges, rangs = set(sujets), [un.sujet for un in comptes], [un.rang for un in comptes]
    for sujet in sujets:
        sans_trou(sujet, ranges, rangs, combien)
    recenses = [un for un in comptes if un.sujet in connus]
    apres = _flux(examen, recenses, jusque)
    examen.recenses = {un.stream: un.sujet for un in recenses}
    suite = max(0, examen.points[-1].taille - jusque)
    return {"flux": len(recenses), "apres": apres, "suite": suite, "taille": jusque}


def lire(n: int, ligne: bytes) -> Compte:
    """A line of the counted tree, which is line ``n`` of recensement.jsonl.

    :raises Echec: it has not its one form.
    """
    trouve = _LIGNE.fullmatch(ligne.decode("latin-1"))
    if trouve is None or int(trouve[1]) > PLUS_GRAND or not 0 < int(trouve[4]) <= PLUS_GRAND:
        raise Echec("recensement_illisible", n=n)
    return Compte(int(trouve[1]), trouve[2], chemin(trouve[3]), int(trouve[4]), trouve[5], trouve[6])


def _sujets(dossier: dict[str, object]) -> list[str]:
    sujets = dossier.get("sujets")
    return [un for un in sujets if isinstance(un, str)] if isinstance(sujets, list) else []


def _dans_l_arbre(comptes: list[Compte], combien: int, racine: bytes) -> None:
    """Each line is in the tree, once, by rising index; by subject, then stream, as the tree is."""
    avant = (-1, "", "")
    for n, un in enumerate(comptes, start=1):
        if un.rang <= avant[0] or (un.sujet, un.stream) <= avant[1:]:
            raise Echec("recensement_faux", n=n)
        if not included(leaf=un.hache, index=un.rang, size=combien, path=un.chemin, root=racine):
            raise Echec("recensement_faux", n=n)
        avant = un.rang, un.sujet, un.stream


def sans_trou(sujet: str, ranges: list[str], rangs: list[int], combien: int) -> None:
    """Where the subject's lines stand, or would, each index is shown, and a neighbour of another on both sides.

    ``ranges``, ``rangs``: subject and index of each line that is shown; ``combien``: how many the tree has.

    :raises Echec: a line of the subject may have been left out.
    """
    debut, fin = bisect_left(ranges, sujet), bisect_right(ranges, sujet)
    avant = rangs[debut - 1] if debut else -1
    apres = rangs[fin] if fin < len(rangs) else combien
    if apres - avant != fin - debut + 1:
        raise Echec("recensement_trou", sujet=sujet)


def _flux(examen: Examen, recenses: list[Compte], jusque: int) -> int:
    """Each counted stream reaches its counted end, no older one is uncounted; how many are later."""
    places = {(un.stream, un.pos): un.feuille.hex() for un in examen.actes}
    for un in recenses:
        if places.get((un.stream, un.pos)) != un.feuille:
            raise Echec("recensement_fin", stream=un.stream)
    connus, apres = {un.stream for un in recenses}, 0
    inconnus = set()
    for feuille, index in zip(examen.feuilles, examen.indices):
        if isinstance(feuille, Acte):
            apres += index >= jusque
            if index < jusque and feuille.stream not in connus:
                inconnus.add(feuille.stream)
    for stream in sorted(inconnus):
        raise Echec("recensement_inconnu", stream=stream)
    return apres

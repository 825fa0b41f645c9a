"""The layers ``feuilles`` and ``inclusion``: the log's lines, and their proofs to the head's root."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple, Union

from evidence.verificateurs.pyz.examen import Echec
from evidence.verificateurs.pyz.note import Note, point_de_controle
from evidence.verificateurs.pyz.sac import JOURNAL, POINTS
from evidence.verificateurs.pyz.textes import (
    ENTIER,
    HEX32,
    HEX64,
    PAS,
    PLUS_GRAND,
    REGISTRE,
    IllisibleError,
    chemin,
    est_instant,
)
from ledger.seal.proof import included

if TYPE_CHECKING:
    from evidence.verificateurs.pyz.archive import Archive
    from evidence.verificateurs.pyz.examen import Examen

PARTIES: Final = ("acteur", "fait", "pieces")
NOTES: Final = 1 << 18
_ACTE: Final = re.compile(
    f'{{"at":"([^"]*)","c":{{(?:"acteur":"({HEX64})",)?"fait":"({HEX64})"(?:,"pieces":"({HEX64})")?}},'
    f'"log":"({REGISTRE})","pos":({ENTIER}),(?:"prev":"({HEX64})",)?"stream":"({HEX32})","v":1}}'
)
_CHAMP: Final = re.compile(f'"([a-z0-9_]{{1,30}})":(?:"([ !#-\\[\\]-~]*)"|({ENTIER}))')
_GENRE: Final = re.compile("[a-z_]{3,30}")
_INCLUSION: Final = re.compile(f'{{"index":({ENTIER}),{PAS},"pos":({ENTIER}),"stream":"({HEX32})"}}')
_COMMUNS: Final = {"at", "kind", "log", "pos", "prev", "stream", "v"}
_LUS: Final = {
    "jeton": {"frozen": HEX64, "sha256": HEX64, "size": ENTIER},
    "recensement": {"root": HEX64, "size": ENTIER, "streams": ENTIER},
}

Valeur = Union[str, int]


class Acte(NamedTuple):
    """A line of a person's act: its place, its leaf hash, what it commits to by part."""

    log: str
    stream: str
    pos: int
    prev: str | None
    feuille: bytes
    engagements: dict[str, str]


class Propre(NamedTuple):
    """A leaf of the log itself: its kind, its place, its leaf hash, its fields."""

    log: str
    stream: str
    pos: int
    prev: str | None
    feuille: bytes
    genre: str
    champs: dict[str, Valeur]


def examiner(examen: Examen) -> dict[str, Valeur]:
    """Read every line; each stream of acts is dense from 1 and chained, and no line stands twice.

    :raises Echec: the first line that is not so.
    """
    bouts: dict[str, tuple[int, str | None]] = {}
    vues: set[tuple[str, int]] = set()
    for n, ligne in examen.archive.lignes(f"{JOURNAL}feuilles.jsonl"):
        try:
            lue = lire(ligne)
        except IllisibleError as error:
            raise Echec("feuille_illisible", n=n) from error
        if lue.log != examen.log:
            raise Echec("feuille_registre", n=n)
        if (lue.stream, lue.pos) in vues:
            raise Echec("feuille_place", stream=lue.stream, pos=lue.pos)
        vues.add((lue.stream, lue.pos))
        if isinstance(lue, Acte):
            pos, feuille = bouts.get(lue.stream, (0, None))
            if lue.pos != pos + 1:
                raise Echec("feuille_place", stream=lue.stream, pos=pos + 1)
            if lue.prev != feuille:
                raise Echec("feuille_chaine", stream=lue.stream, pos=lue.pos)
            bouts[lue.stream] = lue.pos, lue.feuille.hex()
            examen.actes.append(lue)
        else:
            examen.propres.append(lue)
        examen.feuilles.append(lue)
    examen.lignes = len(examen.feuilles)
    return {"lignes": examen.lignes, "flux": len(bouts)}


def lire(ligne: bytes) -> Acte | Propre:
    """A line of the log.

    :raises IllisibleError: it has not its one form.
    """
    return _acte(ligne) or _propre(ligne)


def feuille_de(ligne: bytes) -> bytes:
    """The leaf hash of a line (RFC 6962 section 2.1)."""
    return sha256(b"\0" + ligne).digest()


def _place(pos: str, prev: str | None) -> int:
    """The place of a line; only the first has none before it."""
    place = int(pos)
    if not 0 < place <= PLUS_GRAND or (place == 1) != (prev is None):
        raise IllisibleError
    return place


def _acte(ligne: bytes) -> Acte | None:
    trouve = _ACTE.fullmatch(ligne.decode("latin-1"))
    if trouve is None:
        return None
    at, acteur, fait, pieces, log, pos, prev, stream = trouve.groups()
    if not _instant(at):
        raise IllisibleError
    engagements = {nom: une for nom, une in (("acteur", acteur), ("fait", fait), ("pieces", pieces)) if une}
    return Acte(log, stream, _place(pos, prev), prev, feuille_de(ligne), engagements)


def _instant(at: str) -> bool:
    return "." in at and est_instant(at)


def _propre(ligne: bytes) -> Propre:
    """A leaf of the log itself: text without quotes and whole numbers, its keys sorted."""
    texte = ligne.decode("latin-1")
    if texte[:1] != "{" or texte[-1:] != "}":
        raise IllisibleError
    champs: dict[str, Valeur] = {}
    place, avant = 1, ""
    while place < len(texte):
        trouve = _CHAMP.match(texte, place)
        if trouve is None or trouve[1] <= avant or texte[trouve.end()] not in ",}":
            raise IllisibleError
        avant, place = trouve[1], trouve.end() + 1
        champs[avant] = trouve[2] if trouve[3] is None else int(trouve[3])
        if trouve[3] is not None and int(trouve[3]) > PLUS_GRAND:
            raise IllisibleError
        if texte[trouve.end()] == "}" and place != len(texte):
            raise IllisibleError
    if not _COMMUNS - {"prev"} <= champs.keys() or champs["v"] != 1:
        raise IllisibleError
    return _communs(ligne, champs)


def _communs(ligne: bytes, champs: dict[str, Valeur]) -> Propre:
    formes = {"kind": _GENRE.pattern, "log": REGISTRE, "pos": ENTIER, "stream": HEX32}
    if "prev" in champs:
        formes["prev"] = HEX64
    genre, prev = str(champs["kind"]), champs.get("prev")
    lus = _LUS.get(genre)
    if lus is not None:
        formes.update(lus)
        if champs.keys() - _COMMUNS != lus.keys():
            raise IllisibleError
    for nom, forme in formes.items():
        if isinstance(champs[nom], int) != (forme == ENTIER) or not re.fullmatch(forme, str(champs[nom])):
            raise IllisibleError
    if not isinstance(champs["at"], str) or not _instant(champs["at"]):
        raise IllisibleError
    place = _place(str(champs["pos"]), None if prev is None else str(prev))
    avant = None if prev is None else str(prev)
    return Propre(str(champs["log"]), str(champs["stream"]), place, avant, feuille_de(ligne), genre, champs)


def tete(archive: Archive) -> tuple[int, bytes]:
    """The size and the root of the head, the largest checkpoint by its name.

    :raises IllisibleError: its note cannot be read.
    """
    taille = max(int(nom[:-5]) for nom in archive.sous(POINTS) if nom.endswith(".note"))
    note = Note.lue(archive.lire(f"{POINTS}{taille}.note", NOTES))
    return taille, point_de_controle(note.texte)[2]


def inclure(examen: Examen) -> dict[str, Valeur]:
    """The layer ``inclusion``: one proof a line, rising indexes, each leads to the head's root.

    :raises Echec: the first proof that does not.
    """
    nom, nombre = f"{JOURNAL}inclusions.jsonl", 0
    for n, ligne in examen.archive.lignes(nom):
        _inclusion(n, ligne)
        nombre = n
    if nombre != len(examen.feuilles):
        raise Echec("inclusion_nombre")
    try:
        taille, racine = tete(examen.archive)
    except IllisibleError as error:
        raise Echec("inclusion_fausse", n=1) from error
    avant = -1
    for n, ligne in examen.archive.lignes(nom):
        index, pas, pos, stream = _inclusion(n, ligne)
        feuille = examen.feuilles[n - 1]
        if (stream, pos) != (feuille.stream, feuille.pos) or index <= avant:
            raise Echec("inclusion_autre", n=n)
        if not included(leaf=feuille.feuille, index=index, size=taille, path=pas, root=racine):
            raise Echec("inclusion_fausse", n=n)
        avant = index
        examen.indices.append(index)
        examen.dernier_chemin = pas
    return {"taille": taille}


def _inclusion(n: int, ligne: bytes) -> tuple[int, list[bytes], int, str]:
    trouve = _INCLUSION.fullmatch(ligne.decode("latin-1"))
    if trouve is None or int(trouve[1]) > PLUS_GRAND or not 0 < int(trouve[3]) <= PLUS_GRAND:
        raise Echec("inclusion_illisible", n=n)
    return int(trouve[1]), chemin(trouve[2]), int(trouve[3]), trouve[4]

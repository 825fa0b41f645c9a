"""The layer ``sac``: a BagIt 1.0 bag (RFC 8493) in which each file is listed once and has its digest."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from evidence.verificateurs.pyz.archive import CHEMIN
from evidence.verificateurs.pyz.examen import Echec
from evidence.verificateurs.pyz.politique import POLITIQUE, Politique
from evidence.verificateurs.pyz.textes import ENTIER, HEX64, PLUS_GRAND, REGISTRE, IllisibleError, json_lisible, utf8

if TYPE_CHECKING:
    from evidence.verificateurs.pyz.archive import Archive
    from evidence.verificateurs.pyz.examen import Examen

DECLARATION: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
JOURNAL: Final = "data/journal/"
POINTS: Final = f"{JOURNAL}points/"
PIECES: Final = "data/pieces/"
DOSSIER: Final = "data/dossier.json"
TEXTE_POLITIQUE: Final = f"{JOURNAL}politique.txt"
INFO: Final = "bag-info.txt"
LISTE: Final = "manifest-sha256.txt"
LISTE_DES_LISTES: Final = "tagmanifest-sha256.txt"
NOTE: Final = "manifeste.note"
REPONSE: Final = "manifeste.tsr"
APART: Final = {LISTE_DES_LISTES, NOTE, REPONSE}
"""What no list names."""
EXIGES: Final = (
    "bagit.txt",
    INFO,
    LISTE,
    LISTE_DES_LISTES,
    NOTE,
    "LISEZMOI.txt",
    "verifier.html",
    "verifier.pyz",
    DOSSIER,
    *(f"{JOURNAL}{nom}.jsonl" for nom in ("feuilles", "inclusions", "contenus", "coherences")),
    TEXTE_POLITIQUE,
    f"{JOURNAL}tete.tlog-proof",
)
LISTES: Final = 1 << 24
"""Bytes of a manifest."""
DOSSIERS: Final = 1 << 26
"""Bytes of dossier.json."""
VALEURS: Final = 1 << 22
"""Commas and brackets of dossier.json: a value of two bytes takes a hundred in memory."""
_LIGNE: Final = re.compile(f"({HEX64})  ({CHEMIN.pattern})")
INFOS: Final = ("Bag-Software-Agent", "Bagging-Date", "External-Identifier", "Payload-Oxum")
_CHAMP: Final = re.compile("([A-Za-z-]+): ([^\r\n]+)")
_MESURE: Final = re.compile(f"({ENTIER})\\.({ENTIER})")
_AUTRE_LISTE: Final = re.compile("fetch[.]txt|(?:tag)?manifest-(?!sha256[.])[^/]*[.]txt", re.IGNORECASE)
"""What another reader of bags would follow, and nobody here looks at (RFC 8493 sections 2.1.3, 2.2.1 and 2.2.3)."""
_POINT: Final = re.compile(f"{ENTIER}\\.(?:note|tsr)")


def examiner(examen: Examen) -> dict[str, int | str]:
    """Check what must be there, the lists, what they list, the measure; then read what later layers need.

    :raises Echec: one of these does not hold.
    """
    archive = examen.archive
    _exiger(archive)
    if archive.empreintes["bagit.txt"] != sha256(DECLARATION).hexdigest():
        raise Echec("sac_declaration")
    tags = _liste(archive, LISTE_DES_LISTES, charge=False)
    _comparer(archive, tags, {nom for nom in archive.membres if not nom.startswith("data/")} - APART)
    charge = _liste(archive, LISTE, charge=True)
    donnees = {nom for nom in archive.membres if nom.startswith("data/")}
    _comparer(archive, charge, donnees)
    _mesurer(archive, donnees)
    examen.dossier = _dossier(archive)
    examen.politique = _politique(archive)
    examen.log = examen.dossier["log"]
    examen.export = archive.empreintes[LISTE_DES_LISTES]
    return {}


def _exiger(archive: Archive) -> None:
    for nom in EXIGES:
        if nom not in archive.membres:
            raise Echec("sac_manque", nom=nom)
    if not any(nom.endswith(".note") for nom in archive.sous(POINTS)):
        raise Echec("sac_manque", nom=POINTS.rstrip("/"))


def _liste(archive: Archive, nom: str, *, charge: bool) -> dict[str, str]:
    """The digests of a manifest, by name: those of ``data/`` (``charge``), or the others."""
    try:
        lignes = utf8(archive.lire(nom, LISTES)).split("\n")
        if lignes.pop() != "":
            raise IllisibleError
        liste: dict[str, str] = {}
        avant = ""
        for ligne in lignes:
            trouve = _LIGNE.fullmatch(ligne)
            if trouve is None or trouve[2] <= avant or trouve[2].startswith("data/") != charge or trouve[2] in APART:
                raise IllisibleError
            avant = trouve[2]
            liste[avant] = trouve[1]
    except IllisibleError as error:
        raise Echec("sac_liste", nom=nom) from error
    return liste


def _comparer(archive: Archive, liste: dict[str, str], presents: set[str]) -> None:
    for nom in liste:
        if nom not in presents:
            raise Echec("sac_absent", nom=nom)
    for nom in sorted(presents):
        if nom not in liste or not _est_point(nom) or _AUTRE_LISTE.fullmatch(nom):
            raise Echec("sac_inconnu", nom=nom)
    for nom, empreinte in liste.items():
        if archive.empreintes[nom] != empreinte:
            raise Echec("sac_empreinte", nom=nom)


def _est_point(nom: str) -> bool:
    """Whether a file of points/ is named by a size; any other file is what it is."""
    if not nom.startswith(POINTS):
        return True
    taille = nom[len(POINTS) :]
    return bool(_POINT.fullmatch(taille)) and int(taille.partition(".")[0]) <= PLUS_GRAND


def _mesure(archive: Archive) -> tuple[int, int]:
    """Bytes and files of data/ as bag-info.txt says, whose four fields stand in any order, each once."""
    try:
        lignes = utf8(archive.lire(INFO, 1 << 16)).split("\n")
        dits = [_CHAMP.fullmatch(ligne) for ligne in lignes[:-1]]
        champs = {dit[1]: dit[2] for dit in dits if dit}
        trouve = _MESURE.fullmatch(champs.get(INFOS[-1], ""))
        if lignes[-1] or len(dits) != len(INFOS) or champs.keys() != set(INFOS) or trouve is None:
            raise IllisibleError
    except IllisibleError as error:
        raise Echec("sac_liste", nom=INFO) from error
    return int(trouve[1]), int(trouve[2])


def _mesurer(archive: Archive, donnees: set[str]) -> None:
    if _mesure(archive) != (sum(map(archive.taille, donnees)), len(donnees)):
        raise Echec("sac_mesure")


def _dossier(archive: Archive) -> dict[str, Any]:
    """dossier.json as far as later layers need it: an object that names its log."""
    try:
        octets = archive.lire(DOSSIER, DOSSIERS)
        if sum(map(octets.count, (b",", b"[", b"{"))) > VALEURS:
            raise IllisibleError
        dossier = json_lisible(octets)
        log = dossier.get("log") if isinstance(dossier, dict) else None
        if not isinstance(log, str) or not re.fullmatch(REGISTRE, log):
            raise IllisibleError
    except IllisibleError as error:
        raise Echec("sac_liste", nom=DOSSIER) from error
    return dict(dossier)


def _politique(archive: Archive) -> Politique:
    try:
        return Politique.lue(utf8(archive.lire(TEXTE_POLITIQUE, POLITIQUE)))
    except IllisibleError as error:
        raise Echec("sac_liste", nom=TEXTE_POLITIQUE) from error

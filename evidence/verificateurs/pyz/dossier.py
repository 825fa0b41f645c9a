"""The layer ``dossier``: dossier.json has its one form, and says what the rest of the bundle shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Callable, Final

from evidence.verificateurs.pyz.contenus import est_entier, est_hex64
from evidence.verificateurs.pyz.examen import Echec
from evidence.verificateurs.pyz.sac import DOSSIER, DOSSIERS, PIECES
from evidence.verificateurs.pyz.textes import HEX32, IllisibleError, canonique, est_instant

if TYPE_CHECKING:
    from evidence.verificateurs.pyz.examen import Examen

FORMAT: Final = "constat/preuve/1"
RAPPORT: Final = "rapport.pdf"

Forme = Callable[[Any], bool]


def _texte(valeur: Any) -> bool:
    return isinstance(valeur, str)


def _hex32(valeur: Any) -> bool:
    return isinstance(valeur, str) and re.fullmatch(HEX32, valeur) is not None


def _place(valeur: Any) -> bool:
    return est_entier(valeur) and valeur > 0


def _jour(valeur: Any) -> bool:
    return isinstance(valeur, str) and len(valeur) == len("YYYY-MM-DD") and est_instant(f"{valeur}T00:00:00Z")


def _seconde(valeur: Any) -> bool:
    return isinstance(valeur, str) and "." not in valeur and est_instant(valeur)


def _connu(valeur: Any) -> bool:
    return valeur is None or (isinstance(valeur, str) and est_instant(valeur))


def _objet(**formes: Forme) -> Forme:
    """An object of exactly these fields."""

    def forme(valeur: Any) -> bool:
        return (
            isinstance(valeur, dict)
            and valeur.keys() == formes.keys()
            and all(formes[nom](un) for nom, un in valeur.items())
        )

    return forme


def _liste(forme: Forme) -> Forme:
    return lambda valeur: isinstance(valeur, list) and all(map(forme, valeur))


def _rapport(valeur: Any) -> bool:
    return valeur is None or _objet(nom=_texte, octets=est_entier, sha256=est_hex64)(valeur)


_FORME: Final = _objet(
    absentes=_liste(_objet(motif=_texte, nom=_texte, octets=est_entier, sha256=est_hex64)),
    au=_jour,
    connu_le=_connu,
    evenements=est_entier,
    export=_texte,
    exporte_le=_seconde,
    flux=_liste(_objet(evenements=est_entier, stream=_hex32, sujet=_hex32)),
    format=_texte,
    log=_texte,
    moteur=_objet(constat=_texte, typst=_texte),
    personne=_texte,
    pieces=_liste(
        _objet(
            faits=_liste(_objet(n=est_entier, pos=_place, stream=_hex32)),
            nom=_texte,
            octets=est_entier,
            sha256=est_hex64,
        )
    ),
    point=est_entier,
    profil=lambda valeur: valeur in ("expert", "defenseur"),
    rapport=_rapport,
    regles=est_hex64,
    retenues=_liste(_objet(motif=_texte, part=_texte, pos=_place, stream=_hex32)),
    sujets=_liste(_hex32),
)


def examiner(examen: Examen) -> dict[str, int | str]:
    """Read dossier.json, then compare it field by field with what was shown.

    :raises Echec: the first field that says something else.
    """
    try:
        octets = examen.archive.lire(DOSSIER, DOSSIERS)
        if octets[-1:] != b"\n":
            raise IllisibleError
        dossier = canonique(octets[:-1])
        if not _FORME(dossier):
            raise IllisibleError
    except IllisibleError as error:
        raise Echec("dossier_illisible") from error
    for champ, dit in _DITS:
        if not dit(dossier, examen):
            raise Echec("dossier_autre", champ=champ)
    examen.dossier = dossier
    return {}


def _flux(dossier: dict[str, Any], examen: Examen) -> bool:
    """Every stream of acts, by stream, with how many lines it has, under the subject that it was counted for."""
    combien: dict[str, int] = {}
    for acte in examen.actes:
        combien[acte.stream] = combien.get(acte.stream, 0) + 1
    dits = {un["stream"]: un["sujet"] for un in dossier["flux"]}
    lus = [(un["stream"], un["evenements"]) for un in dossier["flux"]]
    return lus == sorted(combien.items()) and all(dits.get(un) == sujet for un, sujet in examen.recenses.items())


def _sujets(dossier: dict[str, Any], _examen: Examen) -> bool:
    sujets = dossier["sujets"]
    return len(set(sujets)) == len(sujets) and {un["sujet"] for un in dossier["flux"]} == set(sujets)


def _retenues(dossier: dict[str, Any], examen: Examen) -> bool:
    """Every part that a line commits to and that is not opened, in order, once."""
    engages = [(acte.stream, acte.pos, part) for acte in examen.actes for part in acte.engagements]
    attendues = sorted(une for une in engages if une not in examen.parties)
    return [(une["stream"], une["pos"], une["part"]) for une in dossier["retenues"]] == attendues


def _pieces(dossier: dict[str, Any], examen: Examen) -> bool:
    """Every file of pieces/, by name, with its own digest, and those opened parts that cite it, each at least once."""
    archive = examen.archive
    noms = sorted(nom[len(PIECES) :] for nom in archive.membres if nom.startswith(PIECES))
    presentes = [(nom, archive.taille(PIECES + nom), archive.empreintes[PIECES + nom]) for nom in noms]
    if [(une["nom"], une["octets"], une["sha256"]) for une in dossier["pieces"]] != presentes:
        return False
    citees = {(une.stream, une.pos, une.n): une.sha256 for partie in examen.parties.values() for une in partie.citees}
    lies = set()
    for une in dossier["pieces"]:
        faits = [(un["stream"], un["pos"], un["n"]) for un in une["faits"]]
        if len(set(faits)) != len(faits) or any(citees.get(fait) != une["sha256"] for fait in faits):
            return False
        lies.update(faits)
    la = {empreinte for _, _, empreinte in presentes}
    return all(fait in lies for fait, empreinte in citees.items() if empreinte in la)


def _absentes(dossier: dict[str, Any], examen: Examen) -> bool:
    """Every document that an opened part cites and that is not there; nothing else, nothing twice."""
    archive = examen.archive
    la = {archive.empreintes[nom] for nom in archive.membres if nom.startswith(PIECES)}
    citees = {
        (une.nom, une.octets, une.sha256)
        for partie in examen.parties.values()
        for une in partie.citees
        if une.sha256 not in la
    }
    dites = [(une["nom"], une["octets"], une["sha256"]) for une in dossier["absentes"]]
    par_empreinte = {empreinte for _, _, empreinte in dites}
    return (
        len(set(dites)) == len(dites)
        and citees.issuperset(dites)
        and all(empreinte in par_empreinte for _, _, empreinte in citees)
    )


def _du_rapport(dossier: dict[str, Any], examen: Examen) -> bool:
    nom, archive = f"data/{RAPPORT}", examen.archive
    if nom not in archive.membres:
        return dossier["rapport"] is None
    attendu = {"nom": RAPPORT, "octets": archive.taille(nom), "sha256": archive.empreintes[nom]}
    return bool(dossier["rapport"] == attendu)


_DITS: Final[tuple[tuple[str, Callable[[dict[str, Any], Examen], bool]], ...]] = (
    ("format", lambda dossier, _: dossier["format"] == FORMAT),
    ("point", lambda dossier, examen: dossier["point"] == examen.points[-1].taille),
    ("flux", _flux),
    ("evenements", lambda dossier, examen: dossier["evenements"] == len(examen.actes)),
    ("sujets", _sujets),
    ("retenues", _retenues),
    ("pieces", _pieces),
    ("absentes", _absentes),
    ("rapport", _du_rapport),
)

"""The layers ``contenus`` and ``pieces``: each opened part, and each document, is what it should be."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from evidence.verificateurs.pyz.examen import Echec
from evidence.verificateurs.pyz.sac import JOURNAL, PIECES
from evidence.verificateurs.pyz.textes import ENTIER, HEX32, HEX64, PLUS_GRAND, IllisibleError, canonique

if TYPE_CHECKING:
    from typing import TypeGuard  # from 3.10 on: read by a checker only

    from evidence.verificateurs.pyz.examen import Examen

_LIGNE: Final = re.compile(
    f'{{"part":"(acteur|fait|pieces)","pos":({ENTIER}),"salt":"({HEX64})","stream":"({HEX32})","value":(.+)}}'.encode(),
    re.DOTALL,
)


class Citee(NamedTuple):
    """A document as an opened part cites it."""

    stream: str
    pos: int
    n: int
    nom: str
    octets: int
    sha256: str


class Partie(NamedTuple):
    """An opened part, and the documents that it cites."""

    stream: str
    pos: int
    part: str
    empreinte: str
    citees: tuple[Citee, ...]


def examiner(examen: Examen) -> dict[str, int | str]:
    """Compare every opened part with its line.

    :raises Echec: the first that does not hold.
    """
    engagements = {(un.stream, un.pos): un.engagements for un in examen.actes}
    parties: dict[tuple[str, int, str], Partie] = {}
    avant = ("", 0, "")
    for n, ligne in examen.archive.lignes(f"{JOURNAL}contenus.jsonl"):
        partie = lire(n, ligne)
        place = partie.stream, partie.pos, partie.part
        if place <= avant:
            raise Echec("contenu_double", n=n)
        avant = place
        engagement = engagements.get(place[:2], {}).get(partie.part)
        if engagement is None:
            raise Echec("contenu_inconnu", n=n)
        if engagement != partie.empreinte:
            raise Echec("contenu_faux", stream=partie.stream, pos=partie.pos, part=partie.part)
        parties[place] = partie
    examen.parties = parties
    examen.retenues = sum(map(len, engagements.values())) - len(parties)
    return {"ouvertes": len(parties), "retenues": examen.retenues}


def lire(n: int, ligne: bytes) -> Partie:
    """An opened part, which is line ``n`` of contenus.jsonl.

    :raises Echec: it has not its one form.
    """
    trouve = _LIGNE.fullmatch(ligne)
    try:
        if trouve is None or not 0 < int(trouve[2]) <= PLUS_GRAND:
            raise IllisibleError
        part, pos, stream = trouve[1].decode(), int(trouve[2]), trouve[4].decode()
        valeur = canonique(trouve[5])
        citees = _citees(stream, pos, valeur) if part == "pieces" else ()
    except IllisibleError as error:
        raise Echec("contenu_illisible", n=n) from error
    empreinte = sha256(bytes.fromhex(trouve[3].decode()) + trouve[5]).hexdigest()
    return Partie(stream, pos, part, empreinte, citees)


def _citees(stream: str, pos: int, valeur: Any) -> tuple[Citee, ...]:
    if not isinstance(valeur, list):
        raise IllisibleError
    citees = []
    for une in valeur:
        champs = une if isinstance(une, dict) else {}
        n, nom, octets, empreinte = [champs.get(nom) for nom in ("n", "nom", "octets", "sha256")]
        if not (est_entier(n) and isinstance(nom, str) and est_entier(octets) and est_hex64(empreinte)):
            raise IllisibleError
        citees.append(Citee(stream, pos, n, nom, octets, empreinte))
    if len({une.n for une in citees}) != len(citees):
        raise IllisibleError
    return tuple(citees)


def est_entier(valeur: Any) -> TypeGuard[int]:
    """Whether it is a whole number from 0 to 2^53-1."""
    return type(valeur) is int and 0 <= valeur <= PLUS_GRAND


def est_hex64(valeur: Any) -> TypeGuard[str]:
    """Whether it is a digest in hexadecimal."""
    return isinstance(valeur, str) and re.fullmatch(HEX64, valeur) is not None


def pieces(examen: Examen) -> dict[str, int | str]:
    """The layer ``pieces``: cited documents are there as they are cited, and dossier.json lists every one.

    :raises Echec: one is not.
    """
    archive = examen.archive
    citees = {(une.stream, une.pos, une.n): une for partie in examen.parties.values() for une in partie.citees}
    tailles: dict[str, set[int]] = {}
    for une in citees.values():
        tailles.setdefault(une.sha256, set()).add(une.octets)
    liens = _liens(examen.dossier)
    noms = sorted(nom[len(PIECES) :] for nom in archive.membres if nom.startswith(PIECES))
    la = {nom: (archive.empreintes[PIECES + nom], archive.taille(PIECES + nom)) for nom in noms}
    for nom, (empreinte, octets) in la.items():
        liees = (citees.get(lien) for lien in liens.get(nom, ()))
        faux = any(une is not None and (une.sha256, une.octets) != (empreinte, octets) for une in liees)
        if faux or tailles.get(empreinte, {octets}) != {octets}:
            raise Echec("piece_autre", nom=nom)
    for nom in noms:
        if nom not in liens:
            raise Echec("piece_liste", nom=nom)
    presentes = {empreinte for empreinte, _ in la.values()}
    examen.sans_fait = tuple(nom for nom in noms if not any(lien in citees for lien in liens[nom]))
    absentes = len(tailles.keys() - presentes)
    examen.liees = len(noms) - len(examen.sans_fait), len(examen.sans_fait), absentes
    return {"liees": examen.liees[0], "sans_fait": examen.liees[1], "absentes": examen.liees[2]}


def _exact(valeur: Any) -> TypeGuard[float]:
    return isinstance(valeur, float) and valeur.is_integer()


def _liens(dossier: dict[str, Any]) -> dict[str, list[tuple[str, int, int]]]:
    """What dossier.json says that each document is cited by; its form is looked at later."""
    liens: dict[str, list[tuple[str, int, int]]] = {}
    pieces = dossier.get("pieces")
    for une in pieces if isinstance(pieces, list) else ():
        if isinstance(une, dict) and isinstance(une.get("nom"), str):
            faits = une.get("faits")
            dits = [un for un in faits if isinstance(un, dict)] if isinstance(faits, list) else []
            cles = [(un.get("stream"), un.get("pos"), un.get("n")) for un in dits]
            liens[une["nom"]] = [
                (stream, int(pos), int(n))
                for stream, pos, n in cles
                if isinstance(stream, str) and _exact(pos) and _exact(n)
            ]
    return liens

"""Attacks on the archive: a valid bundle in a ZIP that is not of the one form."""

import struct
import zlib
from collections.abc import Callable
from typing import Any, Final

from tests.evidence.attaques.archive import FIN, Membre, ecrire
from tests.evidence.attaques.attaque import Recueil
from tests.evidence.attaques.paquet import Paquet

RECUEIL: Final = Recueil()
refusee: Final = RECUEIL.refusee
MILIEU: Final = 7


def _sur(place: int, change: Callable[[Membre], Membre]) -> Callable[[Paquet], bytes]:
    """An archive of which one member is written otherwise."""

    def faire(paquet: Paquet) -> bytes:
        members = paquet.entrees()
        members[place] = change(members[place])
        return ecrire(members)

    return faire


def _fin(**champs: Any) -> Callable[[Paquet], bytes]:
    return lambda paquet: ecrire(paquet.entrees(), fin=champs)


def _plus(nom: str | bytes, donnees: bytes = b"") -> Callable[[Paquet], bytes]:
    """One more member, at its place; nothing lists it."""

    def faire(paquet: Paquet) -> bytes:
        return ecrire(sorted([*paquet.entrees(), Membre(nom, donnees)], key=lambda each: each.nom_ecrit))

    return faire


for dixieme in range(10):
    refusee("archive", "archive_fin", nom=f"tronque_{dixieme}_dixiemes")(
        lambda paquet, part=dixieme: paquet.octets()[: len(paquet.octets()) * part // 10]
    )
for reste in (1, 4, 21, 22, 23):
    refusee("archive", "archive_fin", "archive_ordre", "archive_entete", nom=f"fin_seule_{reste}")(
        lambda paquet, length=reste: paquet.octets()[-length:]
    )
for perdu in (1, 2, 21, 22):
    refusee("archive", "archive_fin", nom=f"tronque_de_{perdu}")(lambda paquet, length=perdu: paquet.octets()[:-length])

AUTOUR: Final[dict[str, tuple[Callable[[Paquet], bytes], tuple[str, ...]]]] = {
    "octets_devant": (lambda paquet: b"\0" + paquet.octets(), ("archive_fin", "archive_ordre", "archive_entete")),
    "script_devant": (
        lambda paquet: b"#!/bin/sh\nrm -rf ~\n" + paquet.octets(),
        ("archive_fin", "archive_ordre", "archive_entete"),
    ),
    "octets_derriere": (lambda paquet: paquet.octets() + b"\0", ("archive_fin",)),
    "deux_archives": (lambda paquet: paquet.octets() * 2, ("archive_fin", "archive_ordre", "archive_entete")),
    "commentaire": (_fin(comment=b"x"), ("archive_fin",)),
    "commentaire_de_22": (_fin(comment=FIN.pack(b"PK\5\6", 0, 0, 0, 0, 0, 0, 0)), ("archive_fin", "archive_ordre")),
    "commentaire_annonce": (_fin(comment_length=1), ("archive_fin",)),
    "trou_avant_le_premier": (_sur(0, lambda each: each.avec(avant=b"?")), ("archive_ordre",)),
    "trou_entre_deux": (_sur(MILIEU, lambda each: each.avec(avant=b"??")), ("archive_ordre",)),
    "trou_apres_le_dernier": (_sur(-1, lambda each: each.avec(apres=b"?")), ("archive_ordre", "archive_fin")),
    "trou_avant_le_repertoire": (
        lambda paquet: ecrire(paquet.entrees(), avant_centre=b"?"),
        ("archive_ordre", "archive_fin"),
    ),
    "trou_avant_la_fin": (lambda paquet: ecrire(paquet.entrees(), avant_fin=b"?"), ("archive_fin",)),
    "fin_zip64": (lambda paquet: ecrire(paquet.entrees(), avant_fin=_zip64(paquet)), ("archive_fin",)),
    "vide": (lambda _: b"", ("archive_fin",)),
    "zip_sans_membre": (lambda _: ecrire([]), ("archive_fin", "archive_bornes", "archive_nom")),
    "autre_chose": (lambda _: b"%PDF-1.7\n" + bytes(4000), ("archive_fin",)),
    "compte_de_trop": (_fin(here=99, count=99), ("archive_fin", "archive_entete", "archive_ordre")),
    "comptes_inegaux": (_fin(here=3), ("archive_fin",)),
    "aucun_compte": (_fin(here=0, count=0), ("archive_fin",)),
    "disque": (_fin(disk=1), ("archive_fin",)),
    "disque_du_repertoire": (_fin(start=1), ("archive_fin",)),
    "repertoire_ailleurs": (_fin(offset=0), ("archive_fin",)),
    "repertoire_au_dela": (_fin(offset=0xFFFFFFFF), ("archive_fin", "archive_bornes")),
    "repertoire_sans_taille": (_fin(size=0), ("archive_fin",)),
    "repertoire_immense": (_fin(size=0xFFFFFFFF), ("archive_fin", "archive_bornes")),
    "repertoire_de_16_mio": (_fin(size=1 << 24), ("archive_fin", "archive_bornes")),
    "signature_de_fin": (_fin(signature=b"PK\5\7"), ("archive_fin",)),
}
for nom_, (faire_, codes_) in AUTOUR.items():
    refusee("archive", *codes_, nom=nom_)(faire_)


def _zip64(paquet: Paquet) -> bytes:
    """A ZIP64 end of central directory, and its locator."""
    count, size = len(paquet.membres), 56
    record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", size - 12, 45, 45, 0, 0, count, count, 0, 0)
    return record + struct.pack("<4sIQI", b"PK\6\7", 0, 0, 1)


CHAMPS: Final[dict[str, tuple[Any, tuple[str, ...]]]] = {
    "version": (45, ("archive_entete",)),
    "flags": (0x800, ("archive_entete",)),
    "method": (8, ("archive_methode",)),
    "time": (1, ("archive_entete",)),
    "date": (0x5D7B, ("archive_entete",)),
    "crc": (7, ("archive_crc", "archive_entete")),
    "compressed": (5, ("archive_entete", "archive_ordre")),
    "size": (5, ("archive_entete", "archive_ordre", "archive_crc")),
    "extra": (b"\1\0\0\0", ("archive_entete", "archive_ordre", "archive_fin")),
    "name_length": (3, ("archive_entete", "archive_nom", "archive_ordre", "archive_fin")),
    "signature": (b"PK\0\0", ("archive_entete", "archive_ordre", "archive_fin")),
}
DU_CENTRE: Final[dict[str, tuple[Any, tuple[str, ...]]]] = {
    "made": (20, ("archive_entete",)),
    "disk": (1, ("archive_entete",)),
    "internal": (1, ("archive_entete",)),
    "external": (0xA1FF0000, ("archive_entete",)),
    "comment": (b"x", ("archive_entete", "archive_ordre", "archive_fin")),
    "offset": (0, ("archive_ordre", "archive_entete")),
}
for champ_, (valeur_, codes_) in CHAMPS.items():
    for ou in ("local", "central"):
        refusee("archive", *codes_, nom=f"entete_{ou}_{champ_}")(
            _sur(MILIEU, lambda each, key=champ_, value=valeur_, where=ou: each.avec(**{where: {key: value}}))
        )
    refusee("archive", *codes_, nom=f"entetes_{champ_}")(
        _sur(MILIEU, lambda each, key=champ_, value=valeur_: each.des_deux(**{key: value}))
    )
for champ_, (valeur_, codes_) in DU_CENTRE.items():
    refusee("archive", *codes_, nom=f"entete_central_{champ_}")(
        _sur(MILIEU, lambda each, key=champ_, value=valeur_: each.avec(central={key: value}))
    )


def _deflate(membre: Membre, donnees: bytes, **champs: Any) -> Membre:
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    return membre.avec(donnees=donnees, octets=packed.compress(donnees) + packed.flush()).des_deux(method=8, **champs)


TAILLES: Final = ("archive_entete", "archive_ordre", "archive_bornes", "archive_crc")
MEMBRES: Final[dict[str, tuple[Callable[[Membre], Membre], tuple[str, ...]]]] = {
    "comprime": (lambda each: _deflate(each, each.donnees), ("archive_methode",)),
    "bombe_comprimee": (lambda each: _deflate(each, bytes(20_000_000)), ("archive_methode",)),
    "bombe_annoncee": (lambda each: _deflate(each, b"", size=0xFFFFFFFE), ("archive_methode", "archive_entete")),
    "chiffre": (lambda each: each.des_deux(flags=1), ("archive_methode", "archive_entete")),
    "chiffre_fort": (lambda each: each.des_deux(flags=0x41), ("archive_methode", "archive_entete")),
    "methode_99": (lambda each: each.des_deux(method=99), ("archive_methode",)),
    "descripteur": (
        lambda each: each.avec(
            local={"flags": 8, "crc": 0, "compressed": 0, "size": 0},
            central={"flags": 8},
            apres=struct.pack("<4s3I", b"PK\7\x08", zlib.crc32(each.donnees), len(each.donnees), len(each.donnees)),
        ),
        ("archive_entete", "archive_ordre"),
    ),
    "descripteur_inutile": (lambda each: each.des_deux(flags=8), ("archive_entete",)),
    "taille_de_4_gio": (lambda each: each.des_deux(size=0xFFFFFFFF, compressed=0xFFFFFFFF), TAILLES),
    "taille_demesuree": (lambda each: each.des_deux(size=0xFFFFFFF0, compressed=0xFFFFFFF0), TAILLES),
    "taille_d_un_octet_de_plus": (
        lambda each: each.des_deux(size=len(each.donnees) + 1, compressed=len(each.donnees) + 1),
        TAILLES,
    ),
    "zip64_en_extra": (
        lambda each: each.des_deux(
            size=0xFFFFFFFF,
            compressed=0xFFFFFFFF,
            extra=struct.pack("<2H2Q", 1, 16, len(each.donnees), len(each.donnees)),
        ),
        (*TAILLES, "archive_fin"),
    ),
    "lien_symbolique": (lambda each: each.avec(central={"external": 0xA1FF0000}), ("archive_entete",)),
    "executable": (lambda each: each.avec(central={"external": 0x81ED0000}), ("archive_entete",)),
    "repertoire_par_attribut": (lambda each: each.avec(central={"external": 0x41ED0010}), ("archive_entete",)),
    "nom_local_autre": (lambda each: each.avec(local={"name": each.nom_ecrit[:-1] + b"~"}), ("archive_entete",)),
    "nom_local_plus_court": (
        lambda each: each.avec(local={"name": each.nom_ecrit[:-1]}),
        ("archive_entete", "archive_ordre"),
    ),
    "octet_change": (lambda each: each.avec(octets=b"\1" + each.donnees[1:]), ("archive_crc",)),
}
for nom_, (change_, codes_) in MEMBRES.items():
    refusee("archive", *codes_, nom=nom_)(_sur(MILIEU, change_))


@refusee("archive", "archive_ordre")
def membres_echanges(paquet: Paquet) -> bytes:
    """Two members stand in each other's place, in the archive and in its directory."""
    members = paquet.entrees()
    members[2], members[5] = members[5], members[2]
    return ecrire(members)


@refusee("archive", "archive_ordre", "archive_entete")
def repertoire_echange(paquet: Paquet) -> bytes:
    """The directory lists in order what stands in another."""
    members = paquet.entrees()
    return ecrire([*members[::-1]], centre=members)


@refusee("archive", "archive_ordre", "archive_entete", "archive_doublon")
def membres_superposes(paquet: Paquet) -> bytes:
    """Two entries of the directory lead to one local header."""
    members = paquet.entrees()
    first = members[3]
    twin = Membre(first.nom_ecrit + b"x", first.donnees, central={"offset": 0})
    return ecrire(members, centre=sorted([*members, twin], key=lambda each: each.nom_ecrit))


@refusee("archive", "archive_ordre", "archive_entete", "archive_fin")
def membre_sans_entree(paquet: Paquet) -> bytes:
    """A member stands in the archive, and no entry of the directory leads to it."""
    members = paquet.entrees()
    return ecrire(members, centre=members[:4] + members[5:])


@refusee("archive", "archive_bornes")
def membres_20001(paquet: Paquet) -> bytes:
    """One member more than are read."""
    members = paquet.entrees()
    more = [Membre(f"{paquet.racine}/data/zz{n:05d}", b"") for n in range(20_001 - len(members))]
    return ecrire(sorted([*members, *more], key=lambda each: each.nom_ecrit))


NOMS: Final[dict[str, str | bytes]] = {
    "remontee": "../evade.txt",
    "remontee_sous_la_racine": "R/../../evade.txt",
    "point": "R/./x",
    "absolu": "/etc/passwd",
    "contre_oblique": "R\\data\\x",
    "contre_oblique_dedans": "R/data\\x",
    "disque": "C:/x",
    "flux_ntfs": "R/data/x:y",
    "nul": "R/data/x\0.pdf",
    "accent": "R/data/é.pdf",
    "accent_latin1": b"R/data/\xe9.pdf",
    "utf8_long": b"R/data/\xc0\xae\xc0\xae/x",
    "renverse": "R/data/x\u202efdp.exe",
    "tabulation": "R/data/x\ty",
    "saut": "R/data/x\ny",
    "del": "R/data/x\x7f",
    "cache": "R/data/.cache",
    "espace_devant": "R/data/ x",
    "espace_derriere": "R/data/x ",
    "point_derriere": "R/data/x.",
    "tilde": "R/data/~x",
    "double_oblique": "R//x",
    "repertoire": "R/data/",
    "racine_seule": "R",
    "racine_repertoire": "R/",
    "vide": "",
    "autre_racine": "Z/data/x",
    "hors_racine": "x.txt",
    "cinq_segments": "R/a/b/c/d/e",
    "segment_de_121": "R/data/" + "a" * 121,
    "tres_long": "R/data/" + "a" * 60_000,
}
for nom_, ecrit_ in NOMS.items():
    # A name below the true root: what the test is about is what follows.
    refusee("archive", "archive_nom", "archive_ordre", nom=f"nom_{nom_}")(
        lambda paquet, name=ecrit_: _plus(
            name.replace(b"R", paquet.racine.encode(), 1)
            if isinstance(name, bytes)
            else name.replace("R", paquet.racine, 1)
        )(paquet)
    )
for racine_ in ("a.b", "a b", "é", "a" * 81, "..", "-" * 81, "a+b"):
    refusee("archive", "archive_nom", nom=f"racine_{racine_[:5]}_{len(racine_)}")(
        lambda paquet, name=racine_: Paquet(paquet.monde, paquet.membres, name)
    )


@refusee("archive", "archive_doublon", "archive_ordre")
def nom_deux_fois(paquet: Paquet) -> bytes:
    """One name, twice, with other bytes."""
    return _plus(paquet.entrees()[4].nom, b"autre")(paquet)


@refusee("archive", "archive_doublon")
def nom_deux_fois_a_la_casse_pres(paquet: Paquet) -> bytes:
    """Two names that are one where case does not count."""
    return _plus(f"{paquet.racine}/data/DOSSIER.json", b"{}\n")(paquet)


@refusee("archive", "archive_doublon", "archive_nom")
def dossier_a_la_casse_pres(paquet: Paquet) -> bytes:
    """The root is written in two ways."""
    return _plus(f"{paquet.racine.lower()}/lisezmoi.TXT", b"")(paquet)


@RECUEIL.acceptee()
def racine_de_80(paquet: Paquet) -> Paquet:
    """The longest root there may be."""
    return Paquet(paquet.monde, paquet.membres, "a" * 80)

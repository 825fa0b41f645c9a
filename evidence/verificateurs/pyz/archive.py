"""The layer ``archive``: a ZIP of one form, whose bytes are all either checked here or covered by a CRC-32.

Every file is read once, a piece at a time, for its CRC-32 and its SHA-256; what is read again is compared with that.
"""

from __future__ import annotations

import os
import re
import struct
import zlib
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from evidence.verificateurs.pyz.examen import Echec
from evidence.verificateurs.pyz.textes import LIGNE, LIGNES, IllisibleError, montre

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCAL: Final = struct.Struct("<4s5H3I2H")
CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
FIN: Final = struct.Struct("<4s4H2IH")
JOUR: Final = 0x0021
MODE: Final = 0x81A40000
VERSION: Final = 20
FAIT_PAR: Final = 0x0314
CHIFFRE: Final = 1
"""The flag of an encrypted file."""
OCTETS: Final = 1 << 32
CENTRE: Final = 1 << 24
MEMBRES: Final = 20_000
MORCEAU: Final = 1 << 20
CHANGE: Final = "le fichier a changé pendant la lecture"
SEGMENT: Final = r"[A-Za-z0-9_-][A-Za-z0-9._ -]{0,119}(?<![. ])"
CHEMIN: Final = re.compile(f"{SEGMENT}(?:/{SEGMENT}){{0,3}}")
_NOM: Final = re.compile(f"([A-Za-z0-9_-]{{1,80}})/({CHEMIN.pattern})")


class Membre(NamedTuple):
    """A file: its whole name, where its local header begins, where its bytes do, how many, their CRC-32."""

    nom: str
    tete: int
    debut: int
    taille: int
    crc: int


class Archive:
    """A bundle's files, by their names under its root; opened by :meth:`examiner`."""

    def __init__(self, fichier: BinaryIO) -> None:
        self._fichier = fichier
        self.octets = os.fstat(fichier.fileno()).st_size
        self.membres: dict[str, Membre] = {}
        self.empreintes: dict[str, str] = {}

    def examiner(self) -> None:
        """Check every byte's place, and every file's CRC-32; leaves each file's SHA-256 in ``empreintes``.

        :raises Echec: the archive has not its one form.
        """
        centre, fin_des_donnees, combien = self._fin()
        membres = self._centre(centre, combien)
        place = 0
        for membre in membres:
            if membre.tete != place:
                raise Echec("archive_ordre", nom=membre.nom)
            place = membre.debut + membre.taille
        if place != fin_des_donnees:
            raise Echec("archive_fin")
        for membre in membres:
            nom = membre.nom.partition("/")[2]
            self.empreintes[nom] = self._empreinte(membre)
            self.membres[nom] = membre

    def _a(self, place: int, combien: int) -> bytes:
        self._fichier.seek(place)
        octets = self._fichier.read(combien)
        if len(octets) != combien:
            raise OSError(CHANGE)
        return octets

    def _fin(self) -> tuple[bytes, int, int]:
        """The central directory, where it begins, and how many records it has."""
        if self.octets >= OCTETS:
            raise Echec("archive_bornes")
        if self.octets < FIN.size:
            raise Echec("archive_fin")
        fin = FIN.unpack(self._a(self.octets - FIN.size, FIN.size))
        signature, disque, debut_disque, ici, combien, taille, place, commentaire = fin
        if (signature, disque, debut_disque, ici, commentaire) != (b"PK\5\6", 0, 0, combien, 0) or not combien:
            raise Echec("archive_fin")
        if place + taille + FIN.size != self.octets:
            raise Echec("archive_fin")
        if combien > MEMBRES or taille >= CENTRE:
            raise Echec("archive_bornes")
        return self._a(place, taille), place, combien

    def _centre(self, centre: bytes, combien: int) -> list[Membre]:
        """The records of the central directory, each in its one form, by name."""
        place, racine, avant = 0, "", b""
        vus: dict[str, str] = {}
        membres: list[Membre] = []
        for _ in range(combien):
            champs = CENTRAL.unpack_from(centre, place) if place + CENTRAL.size <= len(centre) else None
            if champs is None or champs[0] != b"PK\1\2":
                raise Echec("archive_fin")
            longueur, taille = champs[10], champs[9]
            ecrit = centre[place + CENTRAL.size : place + CENTRAL.size + longueur]
            place += CENTRAL.size + longueur + champs[11] + champs[12]
            if place > len(centre):
                raise Echec("archive_fin")
            nom, racine = self._nom(ecrit, racine)
            _une_fois(nom, vus)
            _un_entete(champs, nom)
            if ecrit <= avant:
                raise Echec("archive_ordre", nom=nom)
            avant = ecrit
            tete = champs[16]
            membres.append(Membre(nom, tete, tete + LOCAL.size + longueur, taille, champs[7]))
        if place != len(centre):
            raise Echec("archive_fin")
        return membres

    @staticmethod
    def _nom(ecrit: bytes, racine: str) -> tuple[str, str]:
        nom = montre(ecrit)
        trouve = _NOM.fullmatch(ecrit.decode("latin-1"))
        if trouve is None or (racine and trouve[1] != racine):
            raise Echec("archive_nom", nom=nom)
        return trouve[0], trouve[1]

    def _empreinte(self, membre: Membre) -> str:
        """The SHA-256 (hex) of a file whose local header and CRC-32 are what the directory says."""
        ecrit = membre.nom.encode()
        tete = self._a(membre.tete, membre.debut - membre.tete)
        attendue = LOCAL.pack(
            b"PK\3\4", VERSION, 0, 0, 0, JOUR, membre.crc, membre.taille, membre.taille, len(ecrit), 0
        )
        if tete != attendue + ecrit:
            champs = LOCAL.unpack_from(tete)
            compresse = champs[0] == b"PK\3\4" and (champs[2] & CHIFFRE or champs[3])
            raise Echec("archive_methode" if compresse else "archive_entete", nom=membre.nom)
        crc, hachage = 0, sha256()
        for morceau in self._morceaux(membre):
            crc = zlib.crc32(morceau, crc)
            hachage.update(morceau)
        if crc != membre.crc:
            raise Echec("archive_crc", nom=membre.nom)
        return hachage.hexdigest()

    def _morceaux(self, membre: Membre) -> Iterator[bytes]:
        reste, place = membre.taille, membre.debut
        while reste:
            morceau = self._a(place, min(reste, MORCEAU))
            yield morceau
            reste -= len(morceau)
            place += len(morceau)

    def taille(self, nom: str) -> int:
        """Bytes of a file."""
        return self.membres[nom].taille

    def sous(self, dossier: str) -> list[str]:
        """The names of the files directly under a folder (its name ends with ``/``), without it."""
        return [
            nom[len(dossier) :] for nom in self.membres if nom.startswith(dossier) and "/" not in nom[len(dossier) :]
        ]

    def lire(self, nom: str, borne: int) -> bytes:
        """A whole file.

        :raises IllisibleError: it is larger than ``borne``.
        """
        if self.taille(nom) > borne:
            raise IllisibleError
        octets = b"".join(self._morceaux(self.membres[nom]))
        if sha256(octets).hexdigest() != self.empreintes[nom]:
            raise OSError(CHANGE)
        return octets

    def lignes(self, nom: str) -> Iterator[tuple[int, bytes]]:
        """The lines of a file, numbered from 1, without their LF; ``b""`` stands for what is no line.

        That is a line of more than 1 MiB, one beyond the number that is read, one that no LF ends.
        """
        reste, numero, hachage = b"", 0, sha256()
        for morceau in self._morceaux(self.membres[nom]):
            hachage.update(morceau)
            lignes = (reste + morceau).split(b"\n")
            reste = lignes.pop()
            for ligne in lignes:
                numero += 1
                yield numero, ligne if len(ligne) <= LIGNE and numero <= LIGNES else b""
            if len(reste) > LIGNE:
                yield numero + 1, b""
                return
        if hachage.hexdigest() != self.empreintes[nom]:
            raise OSError(CHANGE)
        if reste:
            yield numero + 1, b""


def _une_fois(nom: str, vus: dict[str, str]) -> None:
    """No other name, nor that of a folder, is this one where case is ignored: on some disks they are one."""
    dossiers = [nom[:place] for place, signe in enumerate(nom) if signe == "/"]
    for dossier in dossiers:
        if dossier.lower() in vus or vus.setdefault(dossier.lower() + "/", dossier) != dossier:
            raise Echec("archive_doublon", nom=nom)
    if nom.lower() in vus or nom.lower() + "/" in vus:
        raise Echec("archive_doublon", nom=nom)
    vus[nom.lower()] = nom


def _un_entete(champs: tuple[int, ...], nom: str) -> None:
    """A record of the central directory has its one form."""
    (_, fait_par, version, drapeaux, methode, heure, jour, _, serre, taille, _, extra, commentaire, disque, interne) = (
        champs[:15]
    )
    if methode or drapeaux & CHIFFRE:
        raise Echec("archive_methode", nom=nom)
    dit = (fait_par, version, drapeaux, heure, jour, serre, extra, commentaire, disque, interne, champs[15])
    if dit != (FAIT_PAR, VERSION, 0, 0, JOUR, taille, 0, 0, 0, 0, MODE):
        raise Echec("archive_entete", nom=nom)

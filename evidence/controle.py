"""Le contrôle d'un dossier de pièces avant son dépôt : ce qui le ferait refuser, et comment l'éviter.

Sources : CJA R.412-2 (inventaire détaillé) et R.414-5 (un fichier par pièce, dont le nom commence par le numéro de
l'inventaire, à peine d'irrecevabilité), depuis le 1er janvier 2021, connus par les pages des tribunaux administratifs
de Nantes et d'Orléans [S] ; aide en ligne de Télérecours pour les signes admis [S] ; taille : 32 Mo par fichier selon
une page de la CAA de Versailles sur Télérecours citoyens [S], non trouvée pour les avocats : c'est un réglage.
"""

import re
from collections.abc import Iterable, Iterator
from hashlib import file_digest
from pathlib import Path
from typing import Final, NamedTuple

from evidence.inventaire import Fichier, Inventaire
from evidence.noms import ADMIS, LONGUEUR

MO: Final = 1_000_000
LIMITE: Final = 30 * MO
"""Octets par fichier, sauf réglage."""
FICHIERS: Final = 5_000
"""Au-delà, ce n'est pas un dossier de pièces."""
NUMERO: Final = re.compile(r"(\d+)(?:-(\d+))?[ _-]+(.*)", re.ASCII)
"""Le numéro d'une pièce, ou le premier et le dernier d'une série ; puis le libellé."""
INVENTAIRE: Final = re.compile(r"(?:0+[ _-]+)?Inventaire\b.*", re.IGNORECASE)
SIGNATURE: Final = b"%PDF-"
FIN: Final = b"%%EOF"
NON_VERIFIE: Final = "non vérifié : connu par un résumé de tiers"


class Manquement(NamedTuple):
    """Ce qui ferait refuser un fichier : lequel, ce qui est constaté, quoi faire, selon quel texte."""

    fichier: str
    constat: str
    remede: str
    texte: str


R414_5: Final = f"CJA R.414-5 ({NON_VERIFIE})"
R412_2: Final = f"CJA R.412-2 ({NON_VERIFIE})"
TELERECOURS: Final = f"aide de Télérecours ({NON_VERIFIE})"


def controler(dossier: Path, inventaire: Inventaire | None = None, *, limite: int = LIMITE) -> Iterator[Manquement]:
    """Chaque manquement des fichiers de ``dossier``, dans l'ordre des noms ; rien quand tout peut être déposé.

    ``inventaire`` : celui qui doit l'accompagner ; sans lui, l'accord du dossier avec l'inventaire n'est pas contrôlé.
    ``limite`` : octets par fichier. Rien n'est modifié ; les documents ne sont pas interprétés.
    """
    entrees = sorted(dossier.iterdir(), key=lambda each: each.name)
    if len(entrees) > FICHIERS:
        yield Manquement(dossier.name, f"plus de {FICHIERS} entrées", "donnez le dossier des pièces seules", R414_5)
        return
    pieces: list[Path] = []
    for entree in entrees:
        if entree.is_symlink() or not entree.is_file():
            yield Manquement(entree.name, "ce n'est pas un fichier", "mettez chaque pièce dans le dossier même", R414_5)
        else:
            pieces.append(entree)
    for piece in pieces:
        yield from _nom(piece)
        yield from _contenu(piece, limite)
    if all(INVENTAIRE.fullmatch(piece.stem) for piece in pieces):
        yield Manquement("", "aucune pièce n'est dans le dossier", "mettez-y les pièces, une par fichier", R414_5)
    yield from _numeros(pieces)
    if inventaire is not None:
        yield from _accord(pieces, inventaire)


def _nom(piece: Path) -> Iterator[Manquement]:
    nom = piece.name
    if piece.suffix != ".pdf":
        yield Manquement(nom, f"l'extension est « {piece.suffix} »", "déposez un PDF, nommé en « .pdf »", TELERECOURS)
    if refuses := sorted(set(ADMIS.sub("", piece.stem))):
        signes = ", ".join(f"« {each} » (U+{ord(each):04X})" for each in refuses[:10])
        remede = "gardez les lettres sans accent, les chiffres, l'espace, « - » et « _ »"
        yield Manquement(nom, f"signes refusés dans le nom : {signes}", remede, TELERECOURS)
    if len(nom) > LONGUEUR:
        remede = f"raccourcissez-le à {LONGUEUR} caractères, extension comprise"
        yield Manquement(nom, f"le nom a {len(nom)} caractères", remede, TELERECOURS)
    if INVENTAIRE.fullmatch(piece.stem):
        return
    trouve = NUMERO.fullmatch(piece.stem)
    if trouve is None:
        remede = "commencez-le par le numéro de la pièce : « 007 Attestation de depot.pdf »"
        yield Manquement(nom, "le nom ne commence pas par un numéro suivi d'un libellé", remede, R414_5)
    elif not re.search("[A-Za-z]{3}", trouve[3]):
        yield Manquement(nom, "le libellé ne dit pas ce que la pièce contient", "nommez la pièce", R414_5)


def _contenu(piece: Path, limite: int) -> Iterator[Manquement]:
    octets = piece.stat().st_size
    if octets > limite:
        constat = f"{octets / MO:.1f} Mo, la limite est {limite / MO:g} Mo"
        remede = "réduisez la définition des images, ou séparez une série homogène en plusieurs fichiers"
        yield Manquement(piece.name, constat, remede, TELERECOURS)
    with piece.open("rb") as fichier:
        debut = fichier.read(1024)
        fichier.seek(max(0, octets - 2048))
        fin = fichier.read(2048)
    if not octets:
        yield Manquement(piece.name, "le fichier est vide", "retrouvez le document", R414_5)
    elif SIGNATURE not in debut:
        yield Manquement(piece.name, "le contenu n'est pas celui d'un PDF", "convertissez le document", TELERECOURS)
    elif FIN not in fin:
        yield Manquement(piece.name, "le PDF est tronqué : sa fin manque", "retrouvez le document entier", R414_5)


def _numeros(pieces: Iterable[Path]) -> Iterator[Manquement]:
    """Les numéros de 1 au dernier, chacun une fois."""
    par_numero: dict[int, str] = {}
    for piece in pieces:
        trouve = NUMERO.fullmatch(piece.stem)
        if trouve is None or INVENTAIRE.fullmatch(piece.stem):
            continue
        premier, dernier = int(trouve[1]), int(trouve[2] or trouve[1])
        if not 1 <= premier <= dernier < premier + FICHIERS:
            yield Manquement(piece.name, f"numéros {trouve[1]} à {dernier}", "numérotez à partir de 1", R412_2)
            continue
        for numero in range(premier, dernier + 1):
            if (autre := par_numero.setdefault(numero, piece.name)) != piece.name:
                constat = f"le numéro {numero} est aussi celui de « {autre} »"
                yield Manquement(piece.name, constat, "donnez à chaque pièce son numéro", R414_5)
    if par_numero and (manquants := sorted(set(range(1, max(par_numero) + 1)) - set(par_numero))):
        liste = ", ".join(map(str, manquants[:20]))
        yield Manquement("", f"aucun fichier pour les numéros {liste}", "la numérotation est continue depuis 1", R412_2)


def _accord(pieces: Iterable[Path], inventaire: Inventaire) -> Iterator[Manquement]:
    """L'inventaire et le dossier disent la même chose, nom par nom et, pour une pièce seule, octet par octet."""
    attendus = {fichier.nom: fichier for fichier in inventaire.fichiers}
    presents = {piece.name: piece for piece in pieces}
    for nom, fichier in attendus.items():
        if nom not in presents:
            yield Manquement(nom, "l'inventaire l'annonce, le dossier ne l'a pas", "ajoutez le fichier", R412_2)
        elif not _est(presents[nom], fichier):
            constat = "ce n'est pas le document inscrit à l'inventaire"
            yield Manquement(nom, constat, "remettez le document inscrit, ou inscrivez celui-ci à la suite", R412_2)
    for nom in presents.keys() - attendus.keys():
        if not INVENTAIRE.fullmatch(Path(nom).stem):
            constat = "l'inventaire ne l'annonce pas"
            yield Manquement(nom, constat, "inscrivez la pièce à la suite, ou retirez le fichier", R412_2)


def _est(piece: Path, fichier: Fichier) -> bool:
    if len(fichier.lignes) > 1:
        return True
    inscrite = fichier.lignes[0].piece
    with piece.open("rb") as lu:
        return file_digest(lu, "sha256").hexdigest() == (inscrite.depose or inscrite.sha256)

"""Les noms des fichiers d'un dossier de pièces (CJA R.414-5, Télérecours).

Le nom commence par le numéro de la pièce dans l'inventaire détaillé, que CE Sect. 5 octobre 2018 n° 418233 dit
nécessaire et suffisant ; le libellé suit. Lettres sans accent, chiffres, espace, tiret et souligné seulement, 80
caractères au plus extension comprise : l'aide de Télérecours, connue par extraits [S], refuse les autres signes.
"""

import re
import unicodedata
from typing import Final

from ledger.errors import ConstatError

LONGUEUR: Final = 80
CHIFFRES: Final = 3
ADMIS: Final = re.compile(r"[A-Za-z0-9 _-]+")
_PERIODE: Final = re.compile(r" du \d{1,2}(er)?( [a-z]+)?( \d{4})? au \d{1,2}(er)? [a-z]+ \d{4}$")
_AUTRE: Final = re.compile(r"[^A-Za-z0-9_-]+")
_OUVERTES: Final = "œ=oe Œ=Oe æ=ae Æ=Ae ß=ss ø=o Ø=O ł=l Ł=L đ=d Đ=D ð=d Ð=D þ=th Þ=Th ı=i"
_LIGATURES: Final = str.maketrans(dict(each.split("=") for each in _OUVERTES.split()))


class IntituleError(ConstatError):
    """Le libellé d'une pièce ne peut pas faire un nom de fichier."""


def en_ascii(libelle: str) -> str:
    """``libelle`` en lettres sans accent, chiffres, tirets et soulignés ; ce qui reste devient une espace.

    Ce qui ne s'écrit pas en lettres latines n'est pas translittéré : le résultat peut être vide.
    """
    ouvert = unicodedata.normalize("NFKD", libelle.translate(_LIGATURES))
    sans_accent = "".join([each for each in ouvert if not unicodedata.combining(each)])
    return _AUTRE.sub(" ", sans_accent).strip(" -_")


def nom_de_fichier(numero: int, libelle: str, *, dernier: int | None = None, extension: str = "pdf") -> str:
    """Le nom du fichier de la pièce ``numero`` (à partir de 1) : « 007 Attestation de depot.pdf ».

    ``dernier`` : le numéro de la dernière pièce, quand le fichier groupe une série : « 012-018 Tentatives.pdf ».
    ``extension`` : sans le point, en minuscules. Trop long, le libellé perd sa période, puis est coupé après un mot.

    :raises IntituleError: rien du libellé ne peut s'écrire dans un nom de fichier.
    """
    ecrit = en_ascii(libelle)
    if not re.search("[A-Za-z]", ecrit):
        msg = f"pièce {numero} : « {libelle[:60]} » n'a aucune lettre latine, donnez un libellé qui en ait"
        raise IntituleError(msg)
    tete = f"{numero:0{CHIFFRES}d}" + (f"-{dernier:0{CHIFFRES}d}" if dernier is not None else "")
    place = LONGUEUR - len(f"{tete} .{extension}")
    if len(ecrit) > place:
        ecrit = _PERIODE.sub("", ecrit)  # « au 6 », cut after its day, would say another period
    if len(ecrit) > place:
        ecrit = ecrit[: place + 1].rpartition(" ")[0] or ecrit[:place]
    return f"{tete} {ecrit.rstrip(' -_')}.{extension}"


_DEBUTS: Final = ((b"%PDF-", "pdf"), (b"\xff\xd8\xff", "jpg"), (b"\x89PNG\r\n\x1a\n", "png"))


def terminaison(debut: bytes) -> str:
    """La terminaison que donnent à un document ses premiers octets ; le type déclaré n'est pas cru."""
    return next((ending for magic, ending in _DEBUTS if debut.startswith(magic)), "bin")

"""Ways to write what has one form in another one: base64, notes, lines of JSON. Each takes the right bytes."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Final

Octets = Callable[[bytes], bytes]

CHIFFRES_64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def bourre(encoded: bytes) -> bytes:
    """A base64 text whose unused bits are not zero; it must have some."""
    body = encoded.rstrip(b"=")
    assert len(body) % 4, "nothing to hide bits in"
    return body[:-1] + bytes([CHIFFRES_64[CHIFFRES_64.index(body[-1:]) | 1]]) + encoded[len(body) :]


def _derniere_signature(change: Octets) -> Octets:
    """Change the base64 of a note's last signature."""

    def changer(note: bytes) -> bytes:
        head, _, encoded = note[:-1].rpartition(b" ")
        return head + b" " + change(encoded) + b"\n"

    return changer


def _plus(ligne: str) -> Octets:
    """A note with one more signature line."""
    return lambda note: note + ligne.encode("utf-8", "surrogatepass") + b"\n"


AUTRE: Final = f"— autre.test/x {b64encode(bytes(68)).decode()}"
NOTES: Final[dict[str, Octets]] = {
    "vide": lambda _: b"",
    "sans_fin": lambda note: note[:-1],
    "ligne_vide_de_plus": lambda note: note + b"\n",
    "crlf": lambda note: note.replace(b"\n", b"\r\n"),
    "bom": lambda note: b"\xef\xbb\xbf" + note,
    "sans_signature": lambda note: note[: note.index(b"\n\n") + 2],
    "sans_ligne_vide": lambda note: note.replace(b"\n\n", b"\n"),
    "deux_lignes_vides": lambda note: note.replace(b"\n\n", b"\n\n\n"),
    "tiret_court": lambda note: note.replace("— ".encode(), b"- "),
    "tiret_moyen": lambda note: note.replace("—".encode(), "–".encode()),
    "deux_espaces": lambda note: note.replace("— ".encode(), "—  ".encode(), 1),
    "espace_derriere": lambda note: note[:-1] + b" \n",
    "tabulation": _derniere_signature(lambda encoded: b"\t" + encoded),
    "sans_egal": lambda note: note.rstrip(b"=\n") + b"\n",
    "egal_de_trop": lambda note: note[:-1] + b"=\n",
    "bits_de_bourrage": _derniere_signature(bourre),
    "base64_url": _plus("— autre.test/x _-_-" + "A" * 88),
    "base64_coupe": lambda note: note[:-20] + b"\n" + note[-20:],
    "base64_a_espace": _derniere_signature(lambda encoded: encoded[:8] + b" " + encoded[8:]),
    "controle": lambda note: note[:3] + b"\x01" + note[3:],
    "tabulation_dans_le_texte": lambda note: note[:3] + b"\t" + note[3:],
    "nul": lambda note: note + b"\0",
    "pas_en_utf8": lambda note: note + b"\xff\n",
    "utf8_long": lambda note: note.replace(b"/", b"\xc0\xaf", 1),
    "substitut": lambda note: note + "— autre".encode() + b"\xed\xa0\x80 " + b64encode(bytes(68)) + b"\n",
    "signature_de_4_octets": _plus(f"— autre.test/x {b64encode(b'1234').decode()}"),
    "nom_a_plus": _plus(AUTRE.replace("autre", "au+tre")),
    "nom_a_espace_insecable": _plus(AUTRE.replace("autre", "au\u00a0tre")),
    "nom_vide": _plus(AUTRE.replace("autre.test/x", "")),
    "sans_base64": _plus("— autre.test/x"),
    "soixante_cinq_signatures": lambda note: note + (AUTRE + "\n").encode() * 64,
    "immense": _plus(f"— autre.test/x {b64encode(bytes(300_000)).decode()}"),
}


def _texte(old: bytes, new: bytes) -> Octets:
    """Write a piece of the line otherwise, once."""

    def changer(line: bytes) -> bytes:
        assert old in line, (old, line[:200])
        return line.replace(old, new, 1)

    return changer


def par_nombre(change: Octets) -> Octets:
    """Write the first number of the line otherwise."""

    def changer(line: bytes) -> bytes:
        at = line.index(b'":') + 2
        while not line[at : at + 1].isdigit():
            at = line.index(b'":', at) + 2
        stop = at
        while line[stop : stop + 1].isdigit():
            stop += 1
        return line[:at] + change(line[at:stop]) + line[stop:]

    return changer


NOMBRES: Final[dict[str, Octets]] = {
    "virgule": lambda digits: digits + b".0",
    "exposant": lambda digits: digits + b"e0",
    "exposant_majuscule": lambda digits: digits + b"E+0",
    "plus": lambda digits: b"+" + digits,
    "zero_devant": lambda digits: b"0" + digits,
    "negatif": lambda digits: b"-" + digits,
    "moins_zero": lambda _: b"-0",
    "deux_53": lambda _: b"9007199254740992",
    "deux_64": lambda _: b"18446744073709551616",
    "mille_chiffres": lambda _: b"1" * 1000,
    "dix_mille_chiffres": lambda _: b"1" * 10_000,
    "texte": lambda digits: b'"' + digits + b'"',
    "vrai": lambda _: b"true",
    "nul": lambda _: b"null",
    "nan": lambda _: b"NaN",
    "infini": lambda _: b"Infinity",
    "hexa": lambda _: b"0x1",
    "souligne": lambda digits: digits + b"_0",
    "liste": lambda digits: b"[" + digits + b"]",
    "espace": lambda digits: b" " + digits,
    "chiffre_arabe": lambda _: "\u0661".encode(),
}
LIGNES: Final[dict[str, Octets]] = {
    "espace_apres_deux_points": _texte(b'":', b'": '),
    "espace_devant": lambda line: b" " + line,
    "espace_derriere": lambda line: line + b" ",
    "tabulation_derriere": lambda line: line + b"\t",
    "cr": lambda line: line + b"\r",
    "bom": lambda line: b"\xef\xbb\xbf" + line,
    "virgule_finale": lambda line: line[:-1] + b",}",
    "cle_double": lambda line: line[:-1] + b"," + line[1 : line.index(b",")] + b"}",
    "cle_double_devant": lambda line: b"{" + line[1 : line.index(b",")] + b"," + line[1:],
    "cle_de_plus": lambda line: line[:-1] + b',"zz":1}',
    "cle_vide": lambda line: b'{"":1,' + line[1:],
    "cle_de_prototype": lambda line: b'{"__proto__":{},' + line[1:],
    "cle_echappee": lambda line: b'{"\\u00' + b"%02x" % line[2] + line[3:],
    "apostrophes": lambda line: line.replace(b'"', b"'"),
    "commentaire": lambda line: line + b"//x",
    "deux_valeurs": lambda line: line + line,
    "liste": lambda line: b"[" + line + b"]",
    "texte": lambda line: json.dumps(line.decode("utf-8", "replace")).encode(),
    "nul": lambda _: b"null",
    "objet_vide": lambda _: b"{}",
    "vide": lambda _: b"",
    "coupee": lambda line: line[: len(line) // 2],
    "profonde": lambda _: b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "profonde_de_listes": lambda _: b"[" * 100_000,
    "immense": lambda line: line[:-1] + b',"zz":"' + b"x" * (1 << 21) + b'"}',
    "octet_invalide": lambda line: line[:-1] + b',"zz":"\xff"}',
    "substitut_cru": lambda line: line[:-1] + b',"zz":"\xed\xa0\x80"}',
    "substitut_echappe": lambda line: line[:-1] + b',"zz":"\\ud800"}',
    "octet_nul": lambda line: line + b"\0",
    "separateur_u2028": lambda line: line + "\u2028".encode(),
}
PROPRES: Final[dict[str, Octets]] = {
    "virgule": _texte(b',"v":1', b',"size":1.0,"v":1'),
    "negatif": _texte(b',"v":1', b',"size":-1,"v":1'),
    "grand": _texte(b',"v":1', b',"size":9007199254740992,"v":1'),
    "zero_devant": _texte(b',"v":1', b',"size":01,"v":1'),
    "vrai": _texte(b',"v":1', b',"size":true,"v":1'),
    "nul": _texte(b',"v":1', b',"size":null,"v":1'),
    "liste": _texte(b',"v":1', b',"size":[1],"v":1'),
    "objet": _texte(b',"v":1', b',"size":{},"v":1'),
    "desordre": _texte(b',"v":1', b',"v":1,"size":1'),
    "cle_double": _texte(b',"v":1', b',"v":1,"v":1'),
    "version": _texte(b',"v":1', b',"v":2'),
    "sans_version": _texte(b',"v":1', b""),
    "sans_flux": _texte(b'"stream":', b'"straem":'),
    "avec_engagements": _texte(b'"kind":', b'"c":{"fait":"' + b"0" * 64 + b'"},"kind":'),
    "espace": _texte(b',"v":1', b', "v":1'),
    "substitut": _texte(b',"v":1', b',"texte":"\\ud800","v":1'),
    "controle": _texte(b',"v":1', b',"texte":"\x01","v":1'),
    "octet": _texte(b',"v":1', b',"texte":"\xff","v":1'),
}
"""What is done to a leaf of the log itself."""
ACTES: Final[dict[str, Octets]] = {
    "version_2": _texte(b'"v":1', b'"v":2'),
    "sans_fait": lambda line: line.replace(b'"fait":', b'"fiat":'),
    "engagements_vides": lambda line: line[: line.index(b'"c":{') + 5] + line[line.index(b'},"log"') :],
    "part_inconnue": _texte(b'"c":{', b'"c":{"a":"' + b"0" * 64 + b'",'),
    "majuscules": lambda line: line.replace(b'"fait":"' + _fait(line), b'"fait":"' + _fait(line).upper()),
    "hexa_court": lambda line: line.replace(_fait(line), _fait(line)[:-1]),
    "hexa_long": lambda line: line.replace(_fait(line), _fait(line) + b"0"),
    "flux_a_tirets": lambda line: line.replace(b'"stream":"', b'"stream":"-'),
    "sans_micros": lambda line: line[: line.index(b".")] + line[line.index(b"Z") :],
    "en_millis": lambda line: line[: line.index(b"Z") - 3] + line[line.index(b"Z") :],
    "a_decalage": _texte(b"Z", b"+00:00"),
    "mois_13": lambda line: line[:12] + b"13" + line[14:],
    "trente_fevrier": lambda line: line[:12] + b"02-30" + line[17:],
    "heure_24": lambda line: line[:18] + b"24" + line[20:],
    "seconde_60": lambda line: line[:24] + b"60" + line[26:],
    "annee_0000": lambda line: line[:7] + b"0000" + line[11:],
    "chiffres_arabes": lambda line: line[:7] + "\u0662\u0660\u0662\u0666".encode() + line[11:],
    "prev_nul": lambda line: line.replace(b'"stream"', b'"prev":null,"stream"') if b'"prev"' not in line else line,
    "place_zero": lambda line: line.replace(b'"pos":1,', b'"pos":0,'),
}
"""What is done to the first line of an act's stream."""


def _fait(line: bytes) -> bytes:
    at = line.index(b'"fait":"') + 8
    return line[at : at + 64]


FICHIERS: Final[dict[str, Octets]] = {
    "sans_fin": lambda octets: octets[:-1],
    "ligne_vide_au_bout": lambda octets: octets + b"\n",
    "crlf": lambda octets: octets.replace(b"\n", b"\r\n"),
    "bom": lambda octets: b"\xef\xbb\xbf" + octets,
    "utf16": lambda octets: octets.decode().encode("utf-16"),
    "seul_lf": lambda _: b"\n",
}
"""What is done to a whole file of lines."""


def jsonl() -> dict[str, Octets]:
    """All that can be done to one line that must be of one form."""
    return LIGNES | {f"nombre_{nom}": par_nombre(change) for nom, change in NOMBRES.items()}

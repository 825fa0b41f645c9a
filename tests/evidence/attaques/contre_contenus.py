"""Attacks on what is opened, on the documents, and on what is said to be withheld."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

from tests.evidence.attaques.attaque import Recueil
from tests.evidence.attaques.laxites import FICHIERS, jsonl
from tests.evidence.attaques.monde import Monde, canonique
from tests.evidence.attaques.outils import par_fichier, par_ligne, par_liste
from tests.evidence.attaques.paquet import Paquet, ligne_ouverte

RECUEIL: Final = Recueil()
refusee, acceptee = RECUEIL.refusee, RECUEIL.acceptee
CONTENUS: Final = "contenus.jsonl"
PIECES: Final = "data/pieces/"


def _un(part: bytes) -> Callable[[Paquet], int]:
    """Where the first opened part of that kind stands."""
    return lambda paquet: next(
        n for n, line in enumerate(paquet.lignes(CONTENUS)) if line.startswith(b'{"part":"%s"' % part)
    )


for nom_, change_ in jsonl().items():
    refusee("contenus", "contenu_illisible", nom=f"ligne_{nom_}")(par_ligne(CONTENUS, change_, _un(b"fait")))
for nom_, change_ in FICHIERS.items():
    refusee("contenus", "contenu_illisible", nom=f"fichier_{nom_}")(par_fichier(CONTENUS, change_))

TEXTES: Final[dict[str, tuple[bytes, bytes, tuple[str, ...]]]] = {
    "valeur_changee": ("dépôt".encode(), b"refus", ("contenu_faux",)),
    "nombre_change": (b'"numero":', b'"numero":1', ("contenu_faux",)),
    "normalisation_changee": ("é".encode(), "e\u0301".encode(), ("contenu_faux",)),
    "echappement_change": (b"\\n", b"\\u000a", ("contenu_illisible",)),
    "sel_change": (b'"salt":"', b'"salt":"0000', ("contenu_illisible",)),
    "part_inconnue": (b'"part":"fait"', b'"part":"tiers"', ("contenu_illisible",)),
    "place_zero": (b'"pos":', b'"pos":0', ("contenu_illisible",)),
    "valeur_absente": (b',"value":', b',"valeur":', ("contenu_illisible",)),
}
for nom_, (avant_, apres_, codes_) in TEXTES.items():
    refusee("contenus", *codes_, nom=nom_)(
        par_ligne(CONTENUS, lambda line, old=avant_, new=apres_: line.replace(old, new, 1), _un(b"fait"))
    )


def _sel(line: bytes) -> bytes:
    at = line.index(b'"salt":"') + 8
    return line[:at] + b"0" * 64 + line[at + 64 :]


refusee("contenus", "contenu_faux", nom="ouvert_avec_un_autre_sel")(par_ligne(CONTENUS, _sel, _un(b"fait")))
refusee("contenus", "contenu_faux", nom="acteur_remplace")(
    par_ligne(CONTENUS, lambda line: line.replace(b'"nature":"', b'"nature":"x'), _un(b"acteur"))
)
refusee("contenus", "contenu_double", nom="part_deux_fois")(par_liste(CONTENUS, lambda lines: [lines[0], *lines]))
refusee("contenus", "contenu_double", nom="part_deux_fois_plus_loin")(
    par_liste(CONTENUS, lambda lines: [*lines, lines[0]])
)
refusee("contenus", "contenu_double", nom="parts_echangees")(
    par_liste(CONTENUS, lambda lines: [lines[1], lines[0], *lines[2:]])
)


def _ouvre(part: str, pos: int, stream: str, valeur: bytes = b"{}") -> bytes:
    head = f'{{"part":"{part}","pos":{pos},"salt":"{"0" * 64}","stream":"{stream}","value":'
    return head.encode() + valeur + b"}"


def _de_plus(line: Callable[[Paquet], bytes]) -> Callable[[Paquet], Paquet]:
    """One more opened part, at its place."""

    def faire(paquet: Paquet) -> Paquet:
        lines = [*paquet.lignes(CONTENUS), line(paquet)]
        paquet.ecrire_lignes(CONTENUS, sorted(lines, key=_cle))
        return paquet.sceller()

    return faire


def _cle(line: bytes) -> tuple[str, int, str]:
    said = json.loads(line)
    return said["stream"], said["pos"], said["part"]


def _engagement(paquet: Paquet, *, avec: tuple[str, ...], sans: str) -> tuple[str, int]:
    """An act whose line commits to these parts and not to that one."""
    for line in paquet.lignes("feuilles.jsonl"):
        said = json.loads(line)
        if "c" in said and sans not in said["c"] and all(part in said["c"] for part in avec):
            return said["stream"], said["pos"]
    raise AssertionError


refusee("contenus", "contenu_inconnu", nom="part_d_un_autre_flux")(_de_plus(lambda _: _ouvre("fait", 1, "f" * 32)))
refusee("contenus", "contenu_inconnu", nom="part_d_une_autre_place")(
    _de_plus(lambda paquet: _ouvre("fait", 4000, paquet.monde.flux[0][0]))
)


@refusee("contenus", "contenu_inconnu")
def pieces_jamais_engagees(paquet: Paquet) -> Paquet:
    """Documents are said of an act whose line commits to none."""
    stream, pos = _engagement(paquet, avec=("fait",), sans="pieces")
    return _de_plus(lambda _: _ouvre("pieces", pos, stream, b"[]"))(paquet)


@refusee("contenus", "contenu_inconnu")
def contenu_d_une_ligne_du_registre(paquet: Paquet) -> Paquet:
    """A content is said of a leaf of the log itself."""
    said = json.loads(paquet.lignes("feuilles.jsonl")[0])
    return _de_plus(lambda _: _ouvre("fait", said["pos"], said["stream"]))(paquet)


@refusee("contenus", "contenu_faux")
def part_retenue_inventee(paquet: Paquet) -> Paquet:
    """A withheld part is opened with something else."""
    first = paquet.dossier["retenues"][0]
    return _de_plus(lambda _: _ouvre(first["part"], first["pos"], first["stream"]))(paquet)


@refusee("dossier", "dossier_autre")
def part_retenue_non_dite(paquet: Paquet) -> Paquet:
    """One part more is withheld, and nobody is told."""
    return par_liste(CONTENUS, lambda lines: [line for line in lines if line != _le_dernier(lines, b"acteur")])(paquet)


def _le_dernier(lines: list[bytes], part: bytes) -> bytes:
    return [line for line in lines if line.startswith(b'{"part":"%s"' % part)][-1]


@acceptee()
def part_retenue_et_dite(paquet: Paquet) -> Paquet:
    """One part more is withheld, and dossier.json says so."""
    lines = paquet.lignes(CONTENUS)
    gone = _le_dernier(lines, b"acteur")
    paquet.ecrire_lignes(CONTENUS, [line for line in lines if line != gone])
    stream, pos, part = _cle(gone)
    said = paquet.dossier
    withheld = [*said["retenues"], {"motif": "tiers", "part": part, "pos": pos, "stream": stream}]
    withheld.sort(key=lambda each: (each["stream"], each["pos"], each["part"]))
    paquet.ecrire_dossier(said | {"retenues": withheld})
    return paquet.sceller()


@acceptee()
def part_retenue_puis_ouverte(paquet: Paquet) -> Paquet:
    """A part that was withheld is opened, truly."""
    said = paquet.dossier
    first = said["retenues"][0]
    place = (first["stream"], first["pos"], first["part"])
    [part] = [each for each in paquet.monde.parties if (each.stream, each.pos, each.part) == place]
    paquet.ecrire_dossier(said | {"retenues": said["retenues"][1:]})
    return _de_plus(lambda _: ligne_ouverte(part)[:-1])(paquet)


@refusee("dossier", "dossier_autre")
def part_dite_retenue_et_ouverte(paquet: Paquet) -> Paquet:
    """A part that was withheld is opened, truly, and is still said to be withheld."""
    said = paquet.dossier
    made = part_retenue_puis_ouverte(paquet)
    assert isinstance(made, Paquet)
    made.ecrire_dossier(said)
    return made.sceller()


# --- what people committed to, which has another form than expected --------------------------------------------------


def _monde(part: str, valeur: bytes) -> Callable[[Paquet], Paquet]:
    """A world where the sixth act has that part, hashed and sealed as it is written."""

    class Autre(Monde):
        """One value is other."""

        def parts_de(self, n: int, stream: str, pos: int) -> dict[str, Any]:
            """The sixth act's part, as bytes."""
            parts = super().parts_de(n, stream, pos)
            return parts | ({part: valeur} if n == 5 else {})

        def valeur(self, part: str, valeur: Any) -> bytes:
            """Bytes are written as they are."""
            return valeur if isinstance(valeur, bytes) else super().valeur(part, valeur)

        def _cachee(self, n: int, part: str) -> bool:
            return n != 5 and super()._cachee(n, part)

    return lambda paquet: Paquet.de(Autre(paquet.monde.options, paquet.monde.cles, paquet.monde.autorite)).horodater()


VALEURS: Final[dict[str, bytes]] = {
    "nulle": b"null",
    "nombre": b"42",
    "negative": b"-42",
    "la_plus_grande": b"9007199254740991",
    "texte": b'"texte"',
    "vide": b'""',
    "liste": b"[]",
    "echappements": b'"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f"',
    "astral": '"𝄞𠀀"'.encode(),
    "noncaractere": '"\uffff\U0010ffff"'.encode(),
    "u2028": '"\u2028\u2029\u0085"'.encode(),
    "bom_dedans": '"\ufeff"'.encode(),
    "decomposee": '"e\u0301"'.encode(),
    "cle_vide": b'{"":0}',
    "cle_de_prototype": b'{"__proto__":{"x":1},"constructor":0,"toString":1}',
    "cles_numeriques": b'{"1":0,"10":0,"2":0,"a":0}',
    "cle_a_guillemet": b'{"\\"":0,"a\\\\":0}',
    "cles_ordonnees": b'{"A":0,"B":0,"_":0,"a":0,"aa":0,"b":0,"~":0}',
    "profonde_de_63": b"[" * 63 + b"]" * 63,
    "d_un_demi_mebioctet": b'"' + b"x" * (1 << 19) + b'"',
}
for nom_, valeur_ in VALEURS.items():
    acceptee(nom=f"valeur_{nom_}")(_monde("acteur", valeur_))
LAXES: Final[dict[str, bytes]] = {
    "espaces": b'{"a": 1}',
    "desordre": b'{"b":1,"a":1}',
    "cle_double": b'{"a":1,"a":1}',
    "virgule": b"1.5",
    "entier_a_virgule": b"1.0",
    "exposant": b"1e3",
    "moins_zero": b"-0",
    "zero_devant": b"01",
    "deux_53": b"9007199254740992",
    "moins_deux_53": b"-9007199254740992",
    "nan": b"NaN",
    "infini": b"-Infinity",
    "non_defini": b"undefined",
    "vide": b"",
    "deux": b"1,2",
    "substitut": b'"\\ud800"',
    "substituts_echappes": b'"\\ud834\\udd1e"',
    "substituts_retournes": b'"\\udd1e\\ud834"',
    "octet_invalide": b'"\xff"',
    "substitut_cru": b'"\xed\xa0\x80"',
    "utf8_long": b'"\xc0\xaf"',
    "hors_unicode": b'"\xf4\x90\x80\x80"',
    "controle_cru": b'"\x01"',
    "tabulation_crue": b'"\t"',
    "oblique_echappee": b'"\\/"',
    "echappement_inutile": b'"\\u0041"',
    "echappement_majuscule": b'"\\u001F"',
    "echappement_long_de_n": b'"\\u000a"',
    "echappement_inconnu": b'"\\x41"',
    "cle_accentuee": '{"é":1}'.encode(),
    "cle_echappee": b'{"\\u0061":1}',
    "profonde_de_100": b"[" * 100 + b"]" * 100,
    "profonde_de_10000": b"[" * 10_000 + b"]" * 10_000,
    "de_deux_mebioctets": b'"' + b"x" * (1 << 21) + b'"',
    "dix_mille_chiffres": b"1" * 10_000,
}
for nom_, valeur_ in LAXES.items():
    refusee("contenus", "contenu_illisible", nom=f"valeur_laxe_{nom_}")(_monde("acteur", valeur_))

CITEE: Final = {"n": 1, "nom": "x.pdf", "octets": 3, "sha256": "0" * 64}
CITATIONS: Final[dict[str, Any]] = {
    "objet": {},
    "nulle": None,
    "texte": "x",
    "de_textes": ["x"],
    "sans_nom": [{key: value for key, value in CITEE.items() if key != "nom"}],
    "taille_texte": [CITEE | {"octets": "3"}],
    "taille_negative": [CITEE | {"octets": -1}],
    "empreinte_majuscule": [CITEE | {"sha256": "A" * 64}],
    "empreinte_courte": [CITEE | {"sha256": "0" * 63}],
    "nom_nul": [CITEE | {"nom": None}],
    "vraie": [CITEE | {"octets": True}],
}
for nom_, valeur_ in CITATIONS.items():
    refusee("contenus", "contenu_illisible", nom=f"citation_{nom_}")(_monde("pieces", canonique(valeur_)))


@acceptee()
def aucune_citation(paquet: Paquet) -> Paquet:
    """An act may commit to a list of no document."""
    return _monde("pieces", b"[]")(paquet)


# --- documents -------------------------------------------------------------------------------------------------------


def _noms(paquet: Paquet) -> list[str]:
    return sorted(nom for nom in paquet.membres if nom.startswith(PIECES))


@refusee("pieces", "piece_autre")
def pieces_echangees(paquet: Paquet) -> Paquet:
    """Two documents stand under each other's name."""
    a, b, *_ = _noms(paquet)
    paquet.membres[a], paquet.membres[b] = paquet.membres[b], paquet.membres[a]
    return paquet.sceller()


@refusee("pieces", "piece_autre")
def pieces_echangees_et_dites(paquet: Paquet) -> Paquet:
    """The same, and dossier.json says the new sizes and digests of those names."""
    a, b, *_ = _noms(paquet)
    paquet.membres[a], paquet.membres[b] = paquet.membres[b], paquet.membres[a]
    said = paquet.dossier
    for each in said["pieces"]:
        octets = paquet.membres[PIECES + each["nom"]]
        each |= {"octets": len(octets), "sha256": sha256(octets).hexdigest()}
    paquet.ecrire_dossier(said)
    return paquet.sceller()


@refusee("pieces", "piece_autre")
def piece_changee(paquet: Paquet) -> Paquet:
    """A document is another one, and dossier.json says its digest."""
    first = _noms(paquet)[0]
    paquet.membres[first] = b"%PDF autre\n"
    said = paquet.dossier
    said["pieces"][0] |= {"octets": 11, "sha256": sha256(b"%PDF autre\n").hexdigest()}
    paquet.ecrire_dossier(said)
    return paquet.sceller()


@refusee("dossier", "dossier_autre")
def piece_changee_et_deliee(paquet: Paquet) -> Paquet:
    """A document is another one, and dossier.json says that it is tied to no fact: the cited one is missing, untold."""
    first = _noms(paquet)[0]
    paquet.membres[first] = b"%PDF autre\n"
    said = paquet.dossier
    said["pieces"][0] |= {"octets": 11, "sha256": sha256(b"%PDF autre\n").hexdigest(), "faits": []}
    paquet.ecrire_dossier(said)
    return paquet.sceller()


@refusee("pieces", "piece_liste")
def piece_non_dite(paquet: Paquet) -> Paquet:
    """A document that dossier.json does not list."""
    paquet.membres[PIECES + "999 Autre.pdf"] = b"autre"
    return paquet.sceller()


@acceptee()
def piece_sans_fait(paquet: Paquet) -> Paquet:
    """A document that no fact cites is listed as such."""
    paquet.membres[PIECES + "999 Autre.pdf"] = b"autre"
    said = paquet.dossier
    said["pieces"].append({"faits": [], "nom": "999 Autre.pdf", "octets": 5, "sha256": sha256(b"autre").hexdigest()})
    paquet.ecrire_dossier(said)
    return paquet.sceller()


@refusee("dossier", "dossier_autre")
def piece_omise(paquet: Paquet) -> Paquet:
    """A cited document is left out, and dossier.json still lists it."""
    del paquet.membres[_noms(paquet)[0]]
    return paquet.sceller()


@refusee("dossier", "dossier_autre")
def piece_omise_et_tue(paquet: Paquet) -> Paquet:
    """A cited document is left out, and dossier.json says nothing of it."""
    del paquet.membres[_noms(paquet)[0]]
    said = paquet.dossier
    paquet.ecrire_dossier(said | {"pieces": said["pieces"][1:]})
    return paquet.sceller()


@acceptee()
def piece_omise_et_dite_absente(paquet: Paquet) -> Paquet:
    """A cited document is left out, and dossier.json says so."""
    first = _noms(paquet)[0]
    gone = sha256(paquet.membres.pop(first)).hexdigest()
    said = paquet.dossier
    [cited] = [
        each
        for line in paquet.lignes(CONTENUS)
        if b'"part":"pieces"' in line
        for each in json.loads(line)["value"]
        if each["sha256"] == gone
    ]
    absent = {key: cited[key] for key in ("nom", "octets", "sha256")} | {"motif": "retirée"}
    absents = sorted([*said["absentes"], absent], key=lambda each: (each["nom"], each["sha256"]))
    paquet.ecrire_dossier(said | {"pieces": said["pieces"][1:], "absentes": absents})
    return paquet.sceller()


@acceptee()
def pieces_renommees(paquet: Paquet) -> Paquet:
    """Names of files prove nothing: two documents change names, and their ties go with them."""
    a, b, *_ = _noms(paquet)
    paquet.membres[a], paquet.membres[b] = paquet.membres[b], paquet.membres[a]
    said = paquet.dossier
    first, second = said["pieces"][:2]
    said["pieces"][:2] = [second | {"nom": first["nom"]}, first | {"nom": second["nom"]}]
    paquet.ecrire_dossier(said)
    return paquet.sceller()

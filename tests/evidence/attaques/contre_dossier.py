"""Attacks on dossier.json: what it says that the rest does not show."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

from tests.evidence.attaques.attaque import Recueil
from tests.evidence.attaques.contre_sac import ETRANGERES
from tests.evidence.attaques.laxites import FICHIERS, LIGNES, NOMBRES, Octets, par_nombre
from tests.evidence.attaques.paquet import Paquet

RECUEIL: Final = Recueil()
refusee, acceptee = RECUEIL.refusee, RECUEIL.acceptee
DOSSIER: Final = "data/dossier.json"
Dossier = dict[str, Any]


def _dit(change: Callable[[Dossier], Dossier]) -> Callable[[Paquet], Paquet]:
    """dossier.json says something else, canonically."""

    def faire(paquet: Paquet) -> Paquet:
        before = paquet.membres[DOSSIER]
        paquet.ecrire_dossier(change(paquet.dossier))
        assert paquet.membres[DOSSIER] != before, "nothing was changed"
        return paquet.sceller()

    return faire


def _liste(champ: str, change: Callable[[list[Any]], list[Any]]) -> Callable[[Dossier], Dossier]:
    return lambda said: said | {champ: change(said[champ])}


def _premier(champ: str, **autre: Any) -> Callable[[Dossier], Dossier]:
    return _liste(champ, lambda each: [each[0] | autre, *each[1:]])


FAUX: Final[dict[str, Callable[[Dossier], Dossier]]] = {
    "format": lambda said: said | {"format": "constat/preuve/2"},
    "point": lambda said: said | {"point": said["point"] - 1},
    "evenements_de_plus": lambda said: said | {"evenements": said["evenements"] + 1},
    "evenements_nuls": lambda said: said | {"evenements": 0},
    "flux_de_moins": _liste("flux", lambda each: each[1:]),
    "flux_de_plus": _liste(
        "flux", lambda each: [*each, {"evenements": 1, "stream": "f" * 32, "sujet": each[0]["sujet"]}]
    ),
    "flux_deux_fois": _liste("flux", lambda each: [each[0], *each]),
    "flux_en_desordre": _liste("flux", lambda each: each[::-1]),
    "flux_plus_long": lambda said: _premier("flux", evenements=said["flux"][0]["evenements"] + 1)(said),
    "flux_d_un_autre_sujet": lambda said: _liste(
        "flux",
        lambda each: (
            [one | {"sujet": next(other for other in said["sujets"] if other != one["sujet"])} for one in each[:1]]
            + each[1:]
        ),
    )(said),
    "sujet_de_plus": _liste("sujets", lambda each: [*each, "f" * 32]),
    "retenue_de_moins": _liste("retenues", lambda each: each[1:]),
    "retenue_de_plus": _liste(
        "retenues", lambda each: [*each, {"motif": "x", "part": "fait", "pos": 1, "stream": "f" * 32}]
    ),
    "retenue_deux_fois": _liste("retenues", lambda each: [each[0], *each]),
    "retenues_en_desordre": _liste("retenues", lambda each: each[::-1]),
    "retenue_d_une_autre_part": _premier("retenues", part="pieces"),
    "absente_de_moins": _liste("absentes", lambda each: each[1:]),
    "absente_de_plus": _liste(
        "absentes", lambda each: [*each, {"motif": "x", "nom": "x", "octets": 1, "sha256": "f" * 64}]
    ),
    "absente_d_une_autre_taille": lambda said: _premier("absentes", octets=said["absentes"][0]["octets"] + 1)(said),
    "absente_d_un_autre_nom": _premier("absentes", nom="autre"),
    "absente_deux_fois": _liste("absentes", lambda each: [each[0], *each]),
    "piece_de_moins": _liste("pieces", lambda each: each[1:]),
    "piece_de_plus": _liste("pieces", lambda each: [*each, each[0] | {"nom": "999 x.pdf"}]),
    "piece_deux_fois": _liste("pieces", lambda each: [each[0], *each]),
    "pieces_en_desordre": _liste("pieces", lambda each: each[::-1]),
    "piece_d_une_autre_taille": _premier("pieces", octets=1),
    "piece_d_une_autre_empreinte": _premier("pieces", sha256="f" * 64),
    "piece_sans_ses_faits": _premier("pieces", faits=[]),
    "piece_d_un_autre_fait": _premier("pieces", faits=[{"n": 1, "pos": 4000, "stream": "f" * 32}]),
    "piece_aux_faits_doubles": lambda said: _premier("pieces", faits=said["pieces"][0]["faits"] * 2)(said),
    "rapport_tu": lambda said: said | {"rapport": None},
    "rapport_d_une_autre_empreinte": lambda said: said | {"rapport": said["rapport"] | {"sha256": "f" * 64}},
    "rapport_d_une_autre_taille": lambda said: said | {"rapport": said["rapport"] | {"octets": 1}},
    "rapport_d_un_autre_nom": lambda said: said | {"rapport": said["rapport"] | {"nom": "autre.pdf"}},
}
for nom_, dit_ in FAUX.items():
    # A document that dossier.json does not list, or ties to what another one is, falls a layer earlier.
    if nom_ == "piece_de_moins":
        refusee("pieces", "piece_liste", nom=f"faux_{nom_}")(_dit(dit_))
    else:
        refusee("dossier", "dossier_autre", nom=f"faux_{nom_}")(_dit(dit_))

refusee("recensement", "recensement_trou", "recensement_inconnu", nom="faux_sujet_inconnu")(
    _dit(lambda said: said | {"sujets": ["f" * 32]})
)
refusee("recensement", "recensement_trou", "recensement_inconnu", nom="faux_sujet_majuscule")(
    _dit(_liste("sujets", lambda each: [*each, "F" * 32]))
)
refusee("recensement", "recensement_inconnu", nom="faux_sujet_de_moins")(_dit(_liste("sujets", lambda each: each[1:])))
refusee("recensement", "recensement_inconnu", nom="faux_aucun_sujet")(_dit(lambda said: said | {"sujets": []}))
refusee("export", "export_autre", nom="faux_registre")(_dit(lambda said: said | {"log": "constat.test/autre"}))
refusee("dossier", "dossier_autre", "dossier_illisible", nom="faux_sujet_deux_fois")(
    _dit(_liste("sujets", lambda each: [each[0], *each]))
)

FORMES: Final[dict[str, Callable[[Dossier], Dossier]]] = {
    "champ_de_plus": lambda said: said | {"zzz": 1},
    "champ_de_plus_dedans": _premier("flux", autre=1),
    "champ_de_moins": lambda said: {key: value for key, value in said.items() if key != "profil"},
    "profil_inconnu": lambda said: said | {"profil": "tribunal"},
    "profil_nul": lambda said: said | {"profil": None},
    "au_impossible": lambda said: said | {"au": "2026-02-30"},
    "au_long": lambda said: said | {"au": "2026-11-27T00:00:00Z"},
    "au_nul": lambda said: said | {"au": None},
    "au_entier": lambda said: said | {"au": 20261127},
    "connu_le_impossible": lambda said: said | {"connu_le": "2026-13-01T00:00:00Z"},
    "connu_le_a_decalage": lambda said: said | {"connu_le": "2026-11-01T00:00:00+00:00"},
    "connu_le_vide": lambda said: said | {"connu_le": ""},
    "exporte_le_nul": lambda said: said | {"exporte_le": None},
    "exporte_le_sans_z": lambda said: said | {"exporte_le": "2026-11-27T12:00:00"},
    "regles_courtes": lambda said: said | {"regles": "0" * 63},
    "regles_majuscules": lambda said: said | {"regles": "A" * 64},
    "evenements_texte": lambda said: said | {"evenements": "1"},
    "evenements_negatifs": lambda said: said | {"evenements": -1},
    "evenements_vrai": lambda said: said | {"evenements": True},
    "flux_objet": lambda said: said | {"flux": {}},
    "flux_de_textes": lambda said: said | {"flux": ["x"]},
    "moteur_nul": lambda said: said | {"moteur": None},
    "moteur_court": lambda said: said | {"moteur": {"constat": "1"}},
    "personne_nulle": lambda said: said | {"personne": None},
    "motif_nul": _premier("retenues", motif=None),
    "retenue_place_zero": _premier("retenues", pos=0),
    "absentes_nulles": lambda said: said | {"absentes": None},
    "rapport_texte": lambda said: said | {"rapport": "rapport.pdf"},
    "export_nul": lambda said: said | {"export": None},
}
for nom_, dit_ in FORMES.items():
    refusee("dossier", "dossier_illisible", nom=f"forme_{nom_}")(_dit(dit_))


def _octets(change: Octets) -> Callable[[Paquet], Paquet]:
    """dossier.json is written otherwise."""

    def faire(paquet: Paquet) -> Paquet:
        before = paquet.membres[DOSSIER]
        paquet.membres[DOSSIER] = change(before)
        assert paquet.membres[DOSSIER] != before, "nothing was changed"
        return paquet.sceller()

    return faire


def _sans_lf(change: Octets) -> Octets:
    return lambda octets: change(octets[:-1]) + b"\n"


LISIBLES: Final = {
    "espace_apres_deux_points",
    "espace_devant",
    "espace_derriere",
    "tabulation_derriere",
    "cr",
    "cle_de_plus",
    "cle_vide",
    "cle_de_prototype",
    "cle_echappee",
    "immense",
    "substitut_echappe",
}
"""Still JSON that names its log: its form is looked at in its own layer."""
for nom_, change_ in LIGNES.items():
    couche_, code_ = ("dossier", "dossier_illisible") if nom_ in LISIBLES else ("sac", "sac_liste")
    refusee(couche_, code_, nom=f"ecrit_{nom_}")(_octets(_sans_lf(change_)))
for nom_, change_ in NOMBRES.items():
    lisible_ = nom_ not in {"plus", "zero_devant", "nan", "infini", "hexa", "souligne", "chiffre_arabe"}
    couche_, code_ = ("dossier", "dossier_illisible") if lisible_ else ("sac", "sac_liste")
    refusee(couche_, code_, nom=f"ecrit_nombre_{nom_}")(_octets(par_nombre(change_)))
for nom_, change_ in FICHIERS.items():
    lisible_ = nom_ in {"sans_fin", "ligne_vide_au_bout", "crlf"}
    couche_, code_ = ("dossier", "dossier_illisible") if lisible_ else ("sac", "sac_liste")
    refusee(couche_, code_, nom=f"ecrit_fichier_{nom_}")(_octets(change_))


refusee("dossier", "dossier_illisible", nom="ecrit_champ_deux_fois")(
    _octets(_sans_lf(lambda octets: octets[:-1] + b',"au":"2026-11-27"}'))
)
refusee("dossier", "dossier_illisible", nom="ecrit_registre_deux_fois")(
    _octets(lambda octets: b'{"log":"constat.test/autre",' + octets[1:])
)
refusee("export", "export_autre", nom="ecrit_registre_deux_fois_le_faux_a_la_fin")(
    _octets(_sans_lf(lambda octets: octets[:-1] + b',"log":"constat.test/autre"}'))
)


TROP: Final = (1 << 22) + 1
refusee("sac", "sac_liste", nom="ecrit_valeurs_innombrables")(
    _octets(_sans_lf(lambda octets: octets[:-1] + b',"zz":[' + b"0," * TROP + b"0]}"))
)


@acceptee()
def rapport_remplace(paquet: Paquet) -> Paquet:
    """The report is another one, and the exporter signs for it: nothing but that signature covers what it says."""
    paquet.membres["data/rapport.pdf"] = b"%PDF-1.7\nautre rapport\n%%EOF\n"
    paquet.ecrire_dossier(paquet.dossier | {"rapport": {}})
    return paquet.sceller()


@acceptee()
def rapport_retire(paquet: Paquet) -> Paquet:
    """A bundle without a report says so."""
    del paquet.membres["data/rapport.pdf"]
    paquet.ecrire_dossier(paquet.dossier | {"rapport": None})
    return paquet.sceller()


@refusee("dossier", "dossier_autre")
def rapport_retire_et_tu(paquet: Paquet) -> Paquet:
    """The report is gone, and dossier.json still says that it is there."""
    del paquet.membres["data/rapport.pdf"]
    return paquet.sceller()


@refusee("export", "export_cle")
def rapport_remplace_par_un_autre(paquet: Paquet) -> Paquet:
    """The report is another one, and somebody else than the exporter signs for it."""
    made = rapport_remplace(paquet)
    assert isinstance(made, Paquet)
    return made.signer(ETRANGERES.exports).horodater()


LIBRES: Final[dict[str, Callable[[Dossier], Dossier]]] = {
    "personne": lambda said: said | {"personne": "Élise 𝄞 \u202e"},
    "au": lambda said: said | {"au": "1999-12-31"},
    "connu_le": lambda said: said | {"connu_le": "2026-11-01T00:00:00Z"},
    "connu_le_micros": lambda said: said | {"connu_le": "2026-11-01T00:00:00.123456Z"},
    "export": lambda said: said | {"export": "autre"},
    "profil": lambda said: said | {"profil": "defenseur"},
    "motif": _premier("retenues", motif="autre"),
    "moteur": lambda said: said | {"moteur": {"constat": "9", "typst": "9"}},
}
for nom_, dit_ in LIBRES.items():
    acceptee(nom=f"libre_{nom_}")(_dit(dit_))


NICHEE: Final = b"%PDF-1.4\nsous un dossier\n"


@refusee("pieces", "piece_liste")
def piece_sous_un_dossier(paquet: Paquet) -> Paquet:
    """A document that nothing lists stands in a folder of pieces/."""
    paquet.membres["data/pieces/autres/001 Piece.pdf"] = NICHEE
    return paquet.sceller()


@acceptee()
def piece_sous_un_dossier_dite(paquet: Paquet) -> Paquet:
    """The same, listed and tied to no fact: it is told as such."""
    said, nom = paquet.dossier, "autres/001 Piece.pdf"
    paquet.membres[f"data/pieces/{nom}"] = NICHEE
    one = {"faits": [], "nom": nom, "octets": len(NICHEE), "sha256": sha256(NICHEE).hexdigest()}
    paquet.ecrire_dossier(said | {"pieces": sorted([*said["pieces"], one], key=lambda each: str(each["nom"]))})
    return paquet.sceller()

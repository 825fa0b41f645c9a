"""Attacks on the bag and on the exporter's signature over it."""

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from ledger.seal.note import Note, Signature, Signer
from tests.evidence.attaques.attaque import COHERENT, Attendu, Recueil
from tests.evidence.attaques.laxites import NOTES, Octets
from tests.evidence.attaques.paquet import JOURNAL, MANIFESTE, Paquet
from tests.evidence.attaques.registre import Cles, cle

RECUEIL: Final = Recueil()
refusee, acceptee = RECUEIL.refusee, RECUEIL.acceptee
ORDRE_ED25519: Final = 2**252 + 27742317777372353535851937790883648493
ETRANGERES: Final = Cles.de(graine="etrangere")


def _fichier(nom: str, change: Octets, sceau: str = "sceller") -> Callable[[Paquet], Paquet]:
    """A bundle of which one file is other; ``sceau``: up to where it is sealed again."""

    def faire(paquet: Paquet) -> Paquet:
        paquet.membres[nom] = change(paquet.membres[nom])
        if sceau == "sceller":
            paquet.sceller()
        elif sceau == "etiqueter":
            paquet.etiqueter().signer().horodater()
        elif sceau == "signer":
            paquet.signer().horodater()
        return paquet

    return faire


def _sans(nom: str, *, scelle: bool) -> Callable[[Paquet], Paquet]:
    def faire(paquet: Paquet) -> Paquet:
        del paquet.membres[nom]
        return paquet.sceller() if scelle else paquet

    return faire


NECESSAIRES: Final = (
    "LISEZMOI.txt",
    "verifier.html",
    "verifier.pyz",
    "data/dossier.json",
    *(f"{JOURNAL}{nom}" for nom in ("feuilles.jsonl", "inclusions.jsonl", "contenus.jsonl", "coherences.jsonl")),
    *(f"{JOURNAL}{nom}" for nom in ("politique.txt", "tete.tlog-proof")),
)
for nom_ in NECESSAIRES:
    refusee("sac", "sac_manque", "sac_absent", nom=f"sans_{nom_}")(_sans(nom_, scelle=False))
    refusee("sac", "sac_manque", nom=f"sans_{nom_}_scelle")(_sans(nom_, scelle=True))
for nom_ in ("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", "manifeste.note"):
    refusee("sac", "sac_manque", "sac_absent", nom=f"sans_{nom_}")(_sans(nom_, scelle=False))


@refusee("sac", "sac_manque")
def sans_aucun_point(paquet: Paquet) -> Paquet:
    """No checkpoint at all."""
    for nom in [nom for nom in paquet.membres if "/points/" in nom]:
        del paquet.membres[nom]
    paquet.membres[JOURNAL + "coherences.jsonl"] = b""
    return paquet.sceller()


@refusee("sac", "sac_manque", "sac_absent")
def paquet_vide(paquet: Paquet) -> Paquet:
    """A bag that is sealed, and empty."""
    paquet.membres = {nom: paquet.membres[nom] for nom in ("bagit.txt", "LISEZMOI.txt")}
    return paquet.sceller()


DECLARATIONS: Final[dict[str, Octets]] = {
    "0_97": lambda octets: octets.replace(b"1.0", b"0.97"),
    "crlf": lambda octets: octets.replace(b"\n", b"\r\n"),
    "bom": lambda octets: b"\xef\xbb\xbf" + octets,
    "sans_fin": lambda octets: octets[:-1],
    "de_trop": lambda octets: octets + b"\n",
    "latin": lambda octets: octets.replace(b"UTF-8", b"ISO-8859-1"),
    "vide": lambda _: b"",
}
for nom_, change_ in DECLARATIONS.items():
    refusee("sac", "sac_declaration", nom=f"bagit_{nom_}")(_fichier("bagit.txt", change_))


def _premiere(change: Octets) -> Octets:
    """Change the first line of a list."""
    return lambda octets: change(octets.split(b"\n", 1)[0]) + b"\n" + octets.split(b"\n", 1)[1]


def _lignes(change: Callable[[list[bytes]], list[bytes]]) -> Octets:
    return lambda octets: b"".join(line + b"\n" for line in change(octets.split(b"\n")[:-1]))


LISTES: Final[dict[str, Octets]] = {
    "vide_d_une_ligne": lambda octets: octets + b"\n",
    "majuscules": _premiere(lambda line: line[:64].upper() + line[64:]),
    "une_espace": _premiere(lambda line: line[:64] + line[65:]),
    "tabulation": _premiere(lambda line: line[:64] + b"\t" + line[66:]),
    "etoile": _premiere(lambda line: line[:64] + b" *" + line[66:]),
    "point_oblique": _premiere(lambda line: line[:66] + b"./" + line[66:]),
    "remontee": _premiere(lambda line: line[:66] + b"../" + line[66:]),
    "crlf": lambda octets: octets.replace(b"\n", b"\r\n"),
    "un_cr": _premiere(lambda line: line + b"\r"),
    "sans_fin": lambda octets: octets[:-1],
    "bom": lambda octets: b"\xef\xbb\xbf" + octets,
    "md5": _premiere(lambda line: line[:32] + line[64:]),
    "hors_hexa": _premiere(lambda line: b"g" + line[1:]),
    "double": _lignes(lambda lines: [lines[0], *lines]),
    "double_loin": _lignes(lambda lines: [*lines, lines[0]]),
    "echangees": _lignes(lambda lines: [lines[1], lines[0], *lines[2:]]),
    "pas_en_utf8": _premiere(lambda line: line + b"\xff"),
    "nul": _premiere(lambda line: line + b"\0"),
    "espace_derriere": _premiere(lambda line: line + b" "),
    "commentaire": lambda octets: b"# liste\n" + octets,
    "immense": lambda octets: octets + b"0" * 2_000_000 + b"\n",
}
for nom_, change_ in LISTES.items():
    for liste_, sceau_ in (("manifest-sha256.txt", "etiqueter"), ("tagmanifest-sha256.txt", "signer")):
        codes_ = (
            ("sac_liste", "sac_absent") if nom_ in {"espace_derriere", "point_oblique", "remontee"} else ("sac_liste",)
        )
        refusee("sac", *codes_, nom=f"{liste_[:-11]}_{nom_}")(_fichier(liste_, change_, sceau_))


@refusee("sac", "sac_absent", "sac_inconnu", "sac_liste")
def liste_vide(paquet: Paquet) -> Paquet:
    """The manifest lists nothing."""
    paquet.membres["manifest-sha256.txt"] = b""
    return paquet.etiqueter().signer().horodater()


@refusee("sac", "sac_inconnu")
def fichier_non_liste(paquet: Paquet) -> Paquet:
    """A document that no list names."""
    paquet.membres["data/pieces/999 Intruse.pdf"] = b"intruse"
    return paquet


@refusee("sac", "sac_inconnu")
def fichier_de_tete_non_liste(paquet: Paquet) -> Paquet:
    """A file beside the manifests that no list names."""
    paquet.membres["avis.txt"] = b"Ne verifiez rien.\n"
    return paquet


@refusee("sac", "sac_absent")
def fichier_liste_absent(paquet: Paquet) -> Paquet:
    """A document of the list is not there."""
    del paquet.membres[_une_piece(paquet)]
    return paquet


@refusee("sac", "sac_liste", "sac_absent")
def manifeste_liste_hors_data(paquet: Paquet) -> Paquet:
    """The payload's manifest lists a file that is not of the payload."""
    line = f"{sha256(paquet.membres['bagit.txt']).hexdigest()}  bagit.txt\n".encode()
    paquet.membres["manifest-sha256.txt"] = line.join([b"", paquet.membres["manifest-sha256.txt"]])
    return paquet.etiqueter().signer().horodater()


@refusee("sac", "sac_liste", "sac_absent", "sac_inconnu")
def etiquettes_listent_data(paquet: Paquet) -> Paquet:
    """The tags' manifest lists a file of the payload too."""
    line = f"{sha256(paquet.membres['data/dossier.json']).hexdigest()}  data/dossier.json"
    lines = sorted(
        [*paquet.membres["tagmanifest-sha256.txt"].decode().split("\n")[:-1], line], key=lambda each: each[66:]
    )
    paquet.membres["tagmanifest-sha256.txt"] = "".join(f"{each}\n" for each in lines).encode()
    return paquet.signer().horodater()


def _une_piece(paquet: Paquet) -> str:
    return min(nom for nom in paquet.membres if nom.startswith("data/pieces/"))


for nom_ in (JOURNAL + "feuilles.jsonl", JOURNAL + "contenus.jsonl", "data/dossier.json", "data/rapport.pdf"):
    refusee("sac", "sac_empreinte", nom=f"octet_change_{nom_}")(
        _fichier(nom_, lambda octets: octets[:-2] + bytes([octets[-2] ^ 1]) + octets[-1:], "rien")
    )
for nom_ in ("bag-info.txt", "LISEZMOI.txt", "verifier.html", "verifier.pyz", "manifest-sha256.txt"):
    refusee("sac", "sac_empreinte", nom=f"octet_change_{nom_}")(
        _fichier(nom_, lambda octets: octets[:3] + bytes([octets[3] ^ 1]) + octets[4:], "rien")
    )
refusee("sac", "sac_empreinte", nom="piece_remplacee")(
    lambda paquet: _fichier(_une_piece(paquet), lambda _: b"%PDF autre", "rien")(paquet)
)

MESURES: Final[dict[str, Octets]] = {
    "fausse": lambda octets: octets.replace(b"Oxum: ", b"Oxum: 1"),
    "zero_devant": lambda octets: octets.replace(b"Oxum: ", b"Oxum: 0"),
    "absente": lambda octets: octets.split(b"Payload-Oxum")[0],
    "deux_fois": lambda octets: octets + octets[octets.index(b"Payload-Oxum") :],
    "plus": lambda octets: octets.replace(b"Oxum: ", b"Oxum: +"),
    "crlf": lambda octets: octets.replace(b"\n", b"\r\n"),
    "vide": lambda _: b"",
    "pas_en_utf8": lambda octets: b"\xff" + octets,
}
for nom_, change_ in MESURES.items():
    refusee("sac", "sac_mesure", "sac_liste", nom=f"info_{nom_}")(_fichier("bag-info.txt", change_, "etiqueter"))

acceptee(nom="info_en_desordre")(
    _fichier("bag-info.txt", _lignes(lambda lines: [lines[3], lines[1], lines[0], lines[2]]), "etiqueter")
)
acceptee(nom="sans_verifie_go")(_sans("verifie.go", scelle=True))

# --- the exporter's signature ----------------------------------------------------------------------------------------


def _note(change: Octets) -> Callable[[Paquet], Paquet]:
    def faire(paquet: Paquet) -> Paquet:
        paquet.membres["manifeste.note"] = change(paquet.membres["manifeste.note"])
        return paquet.horodater()

    return faire


@refusee("export", "export_autre")
def manifeste_d_un_autre_paquet(paquet: Paquet) -> Paquet:
    """The note is genuine, and of the bag as it was before a document changed."""
    note = paquet.membres["manifeste.note"]
    paquet.membres["data/rapport.pdf"] += b"x"
    paquet.sceller().membres["manifeste.note"] = note
    return paquet


def _texte(change: Callable[[str], str]) -> Callable[[Paquet], Paquet]:
    """The note's text is other, and signed by the true key."""

    def faire(paquet: Paquet) -> Paquet:
        text = change(Note.parse(paquet.membres["manifeste.note"]).text)
        paquet.membres["manifeste.note"] = bytes(Note(text, (paquet.monde.cles.exports.sign(text),)))
        return paquet.horodater()

    return faire


TEXTES: Final[dict[str, Callable[[str], str]]] = {
    "autre_registre": lambda text: text.replace("constat.test/essai", "constat.test/autre"),
    "autre_entete": lambda text: text.replace(MANIFESTE, "constat/2 export"),
    "majuscules": lambda text: text[:-65] + text[-65:].upper(),
    "ligne_de_plus": lambda text: text + "plus\n",
    "ligne_vide": lambda text: text + "\n",
    "ligne_de_moins": lambda text: text.rpartition("\n")[0].rpartition("\n")[0] + "\n",
    "espace": lambda text: text.replace("\n", " \n", 1),
    "empreinte_autre": lambda text: text[:-65] + "0" * 64 + "\n",
    "promesse": lambda text: text.replace("export", "promesse"),
}
for nom_, texte_ in TEXTES.items():
    refusee("export", "export_autre", "export_illisible", nom=f"manifeste_{nom_}")(_texte(texte_))


def _signe(*cles: Callable[[Paquet], Signer]) -> Callable[[Paquet], Paquet]:
    return lambda paquet: paquet.remanifester().signer(*(each(paquet) for each in cles)).horodater()


refusee("export", "export_cle", nom="signe_par_le_registre")(_signe(lambda paquet: paquet.monde.cles.registre))
refusee("export", "export_cle", nom="signe_par_une_cle_inconnue")(_signe(lambda _: ETRANGERES.exports))
refusee("export", "export_signature", nom="signe_par_un_temoin")(_signe(lambda paquet: paquet.monde.cles.temoins[0]))
refusee("export", "export_cle", nom="signe_par_la_cle_des_promesses")(
    _signe(lambda _: cle("constat.test/essai/promesses"))
)
acceptee(nom="signe_aussi_par_une_inconnue")(
    _signe(lambda _: ETRANGERES.exports, lambda paquet: paquet.monde.cles.exports)
)


@refusee("export", "export_cle", sans=Attendu(COHERENT))
def politique_a_la_cle_de_l_attaquant(paquet: Paquet) -> Paquet:
    """The bundle's own policy names the attacker's key of exports."""
    mine, true = ETRANGERES.exports, paquet.monde.cles.exports
    policy = paquet.membres[JOURNAL + "politique.txt"].decode()
    paquet.membres[JOURNAL + "politique.txt"] = policy.replace(true.verifier.vkey, mine.verifier.vkey).encode()
    return paquet.remanifester().signer(mine).horodater()


def _signature(change: Callable[[Signature], Signature]) -> Callable[[Paquet], Paquet]:
    def faire(paquet: Paquet) -> Paquet:
        note = Note.parse(paquet.membres["manifeste.note"])
        paquet.membres["manifeste.note"] = bytes(Note(note.text, tuple(map(change, note.signatures))))
        return paquet.horodater()

    return faire


def malleable(value: bytes) -> bytes:
    """The signature R, S + L: the equation holds, RFC 8032 section 5.1.7 refuses it."""
    scalar = int.from_bytes(value[-32:], "little") + ORDRE_ED25519
    return value[:-32] + scalar.to_bytes(32, "little")


def _avec(valeur: bytes, each: Signature) -> Signature:
    return Signature(each.name, each.key_id, valeur)


SIGNATURES: Final[dict[str, Callable[[Signature], Signature]]] = {
    "fausse": lambda each: _avec(each.value[:-1] + bytes([each.value[-1] ^ 1]), each),
    "malleable": lambda each: _avec(malleable(each.value), each),
    "nulle": lambda each: _avec(bytes(64), each),
    "courte": lambda each: _avec(each.value[:-1], each),
    "longue": lambda each: _avec(each.value + b"\0", each),
    "d_un_octet": lambda each: _avec(b"\0", each),
}
for nom_, de_ in SIGNATURES.items():
    refusee("export", "export_signature", "export_illisible", nom=f"signature_{nom_}")(_signature(de_))
refusee("export", "export_cle", nom="signature_d_un_autre_numero")(
    _signature(lambda each: Signature(each.name, b"\0\0\0\0", each.value))
)
refusee("export", "export_cle", nom="signature_d_un_autre_nom")(
    _signature(lambda each: Signature("constat.test/essai", each.key_id, each.value))
)
refusee("export", "export_signature", nom="signature_vraie_puis_fausse")(
    _note(lambda note: note + _derniere(note, lambda value: value[:-1] + bytes([value[-1] ^ 1])))
)
acceptee(nom="signature_deux_fois")(_note(lambda note: note + _derniere(note, lambda value: value)))


def _derniere(note: bytes, change: Octets) -> bytes:
    last = Note.parse(note).signatures[-1]
    return str(Signature(last.name, last.key_id, change(last.value))).encode()


for nom_, change_ in NOTES.items():
    refusee("export", "export_illisible", nom=f"manifeste_{nom_}")(_note(change_))


AUTRES_LISTES: Final = {
    "fetch.txt": b"http://exemple.test/autre - data/pieces/999 autre.pdf\n",
    "manifest-sha512.txt": b"00  data/dossier.json\n",
    "manifest-md5.txt": b"",
    "tagmanifest-sha1.txt": b"00  bagit.txt\n",
    "Manifest-SHA512.txt": b"",
}
for nom_, octets_ in AUTRES_LISTES.items():

    def _autre_liste(paquet: Paquet, nom: str = nom_, octets: bytes = octets_) -> Paquet:
        """A list that other readers of bags follow, and that says something else."""
        paquet.membres[nom] = octets
        return paquet.sceller()

    refusee("sac", "sac_inconnu", nom=f"autre_liste_{nom_}")(_autre_liste)

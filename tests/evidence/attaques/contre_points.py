"""Attacks on the checkpoints and their witnesses: forks, moved signatures, weakened policies."""

import json
from collections.abc import Callable
from typing import Final

from ledger.seal.note import Note, Signature, Signer
from tests.evidence.attaques.arbre import Arbre
from tests.evidence.attaques.attaque import Recueil
from tests.evidence.attaques.contre_sac import ETRANGERES, malleable
from tests.evidence.attaques.laxites import CHIFFRES_64, NOTES, Octets
from tests.evidence.attaques.paquet import JOURNAL, Paquet
from tests.evidence.attaques.registre import cle, point

RECUEIL: Final = Recueil()
refusee, acceptee = RECUEIL.refusee, RECUEIL.acceptee
POLITIQUE: Final = JOURNAL + "politique.txt"
TETE: Final = JOURNAL + "tete.tlog-proof"


def nom_du_point(taille: int) -> str:
    """Where a checkpoint stands."""
    return f"{JOURNAL}points/{taille}.note"


def remplacer_la_tete(paquet: Paquet, note: bytes, *, jeton: bool = True) -> Paquet:
    """Another note for the head, with a true token of its own, and the proof of the last line under it; all sealed."""
    size = paquet.tete
    old = paquet.membres[nom_du_point(size)]
    paquet.membres[nom_du_point(size)] = note
    proof = paquet.membres[TETE]
    assert proof.endswith(old)
    paquet.membres[TETE] = proof[: -len(old)] + note
    if jeton:
        instant = paquet.monde.horodatages[size][1]
        paquet.membres[nom_du_point(size)[:-5] + ".tsr"] = paquet.monde.autorite.horodater(note, instant)
    return paquet.sceller()


def tete_de(paquet: Paquet) -> Note:
    """The head's note."""
    return Note.parse(paquet.membres[nom_du_point(paquet.tete)])


def _tete(change: Octets) -> Callable[[Paquet], Paquet]:
    return lambda paquet: remplacer_la_tete(paquet, change(paquet.membres[nom_du_point(paquet.tete)]))


def _ancien(change: Callable[[Paquet, bytes], bytes | None], n: int = 0) -> Callable[[Paquet], Paquet]:
    """A checkpoint that is neither the head nor stamped is other, or is not there."""

    def faire(paquet: Paquet) -> Paquet:
        nom = nom_du_point(paquet.monde.tailles[n])
        changed = change(paquet, paquet.membres.pop(nom))
        if changed is not None:
            paquet.membres[nom] = changed
        return paquet.sceller()

    return faire


for nom_, change_ in NOTES.items():
    # What is written at the start of a note is in its first line: it is the name of another log.
    refusee("points", "point_autre" if nom_ == "bom" else "point_illisible", nom=f"point_{nom_}")(
        _ancien(lambda _, note, change=change_: change(note))
    )
    refusee("points" if nom_ == "bom" else "inclusion", "inclusion_fausse", "point_autre", nom=f"tete_{nom_}")(
        _tete(change_)
    )


def _texte(change: Callable[[str], str]) -> Callable[[Paquet], Paquet]:
    """An older checkpoint says something else, and the log and two witnesses sign it all the same."""

    def faire(paquet: Paquet, note: bytes) -> bytes:
        text, keys = change(Note.parse(note).text), paquet.monde.cles
        time = int(paquet.monde.instant.timestamp())
        signatures = (keys.registre.sign(text), *(each.cosign(text, time) for each in keys.temoins[:2]))
        return bytes(Note(text, signatures))

    return _ancien(faire)


def _deuxieme(change: Callable[[str], str]) -> Callable[[str], str]:
    """Change the line of the size."""

    def changer(text: str) -> str:
        lines = text.split("\n")
        return "\n".join([lines[0], change(lines[1]), *lines[2:]])

    return changer


def _suivant(chiffre: str) -> str:
    """A base64 digit with an unused bit set."""
    return chr(CHIFFRES_64[CHIFFRES_64.index(chiffre.encode()) | 1])


TEXTES: Final[dict[str, tuple[Callable[[str], str], tuple[str, ...]]]] = {
    "autre_registre": (lambda text: text.replace("/essai", "/autre"), ("point_autre",)),
    "autre_taille": (_deuxieme(lambda size: str(int(size) + 1)), ("point_autre",)),
    "zero_devant": (_deuxieme(lambda size: "0" + size), ("point_illisible",)),
    "taille_plus": (_deuxieme(lambda size: "+" + size), ("point_illisible",)),
    "taille_a_espace": (_deuxieme(lambda size: size + " "), ("point_illisible",)),
    "taille_virgule": (_deuxieme(lambda size: size + ".0"), ("point_illisible",)),
    "taille_2_53": (_deuxieme(lambda _: str(2**53)), ("point_illisible", "point_autre")),
    "taille_2_64": (_deuxieme(lambda _: str(2**64)), ("point_illisible", "point_autre")),
    "racine_courte": (lambda text: text[:-5] + "\n", ("point_illisible",)),
    "racine_absente": (lambda text: text.rpartition("\n")[0].rpartition("\n")[0] + "\n", ("point_illisible",)),
    "ligne_vide": (lambda text: text.replace("\n", "\n\n", 1), ("point_illisible",)),
    "racine_bourree": (lambda text: text[:-3] + _suivant(text[-3]) + "=\n", ("point_illisible",)),
}
for nom_, (texte_, codes_) in TEXTES.items():
    refusee("points", *codes_, nom=f"point_dit_{nom_}")(_texte(texte_))


@refusee("inclusion", "inclusion_fausse")
def racine_changee(paquet: Paquet) -> Paquet:
    """The head signs another root, and everything below stays."""
    size = paquet.tete
    return remplacer_la_tete(paquet, bytes(point(paquet.monde.cles, size, bytes(32), [])))


def signee(*cles: Callable[[Paquet], Signer], temoins: bool = True) -> Callable[[Paquet], Paquet]:
    """The head, signed by these keys in the place of the log's."""

    def faire(paquet: Paquet) -> Paquet:
        note = tete_de(paquet)
        kept = note.signatures[1:] if temoins else ()
        return remplacer_la_tete(
            paquet, bytes(Note(note.text, (*(each(paquet).sign(note.text) for each in cles), *kept)))
        )

    return faire


refusee("points", "point_cle", nom="tete_signee_par_les_exports")(signee(lambda paquet: paquet.monde.cles.exports))
refusee("points", "point_cle", nom="tete_signee_par_une_inconnue")(signee(lambda _: ETRANGERES.registre))
refusee("points", "point_cle", nom="tete_signee_par_les_seuls_temoins")(signee())
acceptee(nom="tete_signee_aussi_par_une_inconnue")(
    signee(lambda paquet: paquet.monde.cles.registre, lambda _: ETRANGERES.registre, lambda _: cle("ailleurs.test/x"))
)


def _signature(n: int, change: Callable[[bytes], bytes]) -> Callable[[Paquet], Paquet]:
    """A signature of the head (0: the log's; 1, 2: the witnesses') is other."""

    def faire(paquet: Paquet) -> Paquet:
        note = tete_de(paquet)
        signatures = list(note.signatures)
        each = signatures[n]
        signatures[n] = Signature(each.name, each.key_id, change(each.value))
        return remplacer_la_tete(paquet, bytes(Note(note.text, tuple(signatures))))

    return faire


VALEURS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "fausse": lambda value: value[:-1] + bytes([value[-1] ^ 1]),
    "malleable": lambda value: value[:-64] + malleable(value[-64:]),
    "nulle": lambda value: value[:-64] + bytes(64),
    "courte": lambda value: value[:-1],
    "longue": lambda value: value + b"\0",
}
for nom_, valeur_ in VALEURS.items():
    for qui_, n_ in (("registre", 0), ("temoin", 1)):
        refusee("points", "point_signature", nom=f"signature_{nom_}_du_{qui_}")(_signature(n_, valeur_))
refusee("points", "point_signature", nom="heure_d_un_temoin_changee")(
    _signature(1, lambda value: bytes([value[0], *value[1:7], value[7] ^ 1]) + value[8:])
)
refusee("points", "point_signature", nom="temoin_sans_heure")(_signature(1, lambda value: value[8:]))


def cosignee(*temoins: Callable[[Paquet], Signer], heure: int | None = None) -> Callable[[Paquet], Paquet]:
    """The head, cosigned by these alone."""

    def faire(paquet: Paquet) -> Paquet:
        time = int(paquet.monde.instant.timestamp()) if heure is None else heure
        note = tete_de(paquet)
        signatures = (note.signatures[0], *(each(paquet).cosign(note.text, time) for each in temoins))
        return remplacer_la_tete(paquet, bytes(Note(note.text, signatures)))

    return faire


def temoin(n: int) -> Callable[[Paquet], Signer]:
    """One of the witnesses, whose bundle it may be."""
    return lambda paquet: paquet.monde.cles.temoins[n]


acceptee(nom="trois_temoins")(cosignee(temoin(0), temoin(1), temoin(2)))
acceptee(nom="deux_autres_temoins")(cosignee(temoin(2), temoin(1)))
acceptee(nom="un_temoin_inconnu_de_plus")(cosignee(temoin(2), temoin(1), lambda _: ETRANGERES.temoins[0]))
acceptee(nom="temoins_tres_tard")(cosignee(temoin(2), temoin(1), heure=253_402_300_799))
refusee("temoins", "temoins_quorum", nom="aucun_temoin")(cosignee())
refusee("temoins", "temoins_quorum", nom="un_seul_temoin")(cosignee(temoin(0)))
refusee("temoins", "temoins_quorum", nom="un_temoin_deux_fois")(cosignee(temoin(0), temoin(0)))
refusee("temoins", "temoins_quorum", nom="des_temoins_inconnus")(
    cosignee(*(lambda _, n=n: ETRANGERES.temoins[n] for n in range(3)))
)
for heure_ in (0, 1 << 63, (1 << 64) - 1):
    refusee("points", "point_signature", nom=f"temoins_a_l_heure_{heure_}")(
        cosignee(temoin(0), temoin(1), heure=heure_)
    )


@refusee("points", "point_signature")
def temoins_d_un_autre_point(paquet: Paquet) -> Paquet:
    """The cosignatures of the checkpoint before are moved under the head."""
    before = Note.parse(paquet.membres[nom_du_point(paquet.monde.tailles[-2])])
    note = tete_de(paquet)
    return remplacer_la_tete(paquet, bytes(Note(note.text, (note.signatures[0], *before.signatures[1:]))))


@refusee("temoins", "temoins_quorum")
def temoin_signe_comme_un_registre(paquet: Paquet) -> Paquet:
    """The witnesses' lines carry the log's name and key id: signatures of nobody known."""
    note = tete_de(paquet)
    signatures = [Signature(f"x{each.name}", each.key_id, each.value) for each in note.signatures[1:]]
    return remplacer_la_tete(paquet, bytes(Note(note.text, (note.signatures[0], *signatures))))


# --- the other checkpoints -------------------------------------------------------------------------------------------


refusee("points", "coherence_manque", nom="point_omis")(_ancien(lambda *_: None))
refusee("points", "coherence_fausse", nom="point_d_une_autre_racine")(
    _ancien(lambda paquet, _: bytes(point(paquet.monde.cles, paquet.monde.tailles[0], bytes(32), [])))
)
refusee("points", "point_signature", nom="point_a_la_signature_fausse")(
    _ancien(
        lambda _, note: bytes(_premiere(Note.parse(note), lambda each: Signature(each.name, each.key_id, bytes(64))))
    )
)
refusee("points", "point_autre", nom="point_sous_le_nom_d_un_autre")(
    lambda paquet: _deplace(paquet, nom_du_point(paquet.monde.tailles[0]), nom_du_point(paquet.monde.tailles[0] + 1))
)
refusee("sac", "sac_inconnu", nom="point_a_zero_devant")(
    lambda paquet: _deplace(
        paquet, nom_du_point(paquet.monde.tailles[0]), f"{JOURNAL}points/0{paquet.monde.tailles[0]}.note"
    )
)
acceptee(nom="point_signe_par_une_ancienne_cle")(
    _ancien(
        lambda _, note: bytes(_premiere(Note.parse(note), lambda _: ETRANGERES.registre.sign(Note.parse(note).text)))
    )
)


def _premiere(note: Note, change: Callable[[Signature], Signature]) -> Note:
    """The note with its first signature alone, changed."""
    return Note(note.text, (change(note.signatures[0]),))


def _deplace(paquet: Paquet, de: str, vers: str) -> Paquet:
    paquet.membres[vers] = paquet.membres.pop(de)
    return paquet.sceller()


@acceptee()
def point_omis_et_prouve(paquet: Paquet) -> Paquet:
    """A checkpoint that is not stamped is left out, and the proofs go over it: nothing says that there was one."""
    first, *others = paquet.monde.tailles
    del paquet.membres[nom_du_point(first)]
    paquet.ecrire_coherences(others)
    return paquet.sceller()


@refusee("points", "coherence_fausse")
def point_invente_dans_le_passe(paquet: Paquet) -> Paquet:
    """The operator signs today a checkpoint of the past with a root that never was, and makes up its proofs."""
    size = paquet.monde.tailles[0] - 1
    false = Arbre(bytes(32 * size))
    paquet.membres[nom_du_point(size)] = bytes(point(paquet.monde.cles, size, false.racine(size), []))
    paquet.ecrire_coherences([size, *paquet.monde.tailles])
    return paquet.sceller()


@acceptee()
def point_d_une_ligne(paquet: Paquet) -> Paquet:
    """A checkpoint over the very first line."""
    root = paquet.monde.registre.arbre.racine(1)
    paquet.membres[nom_du_point(1)] = bytes(point(paquet.monde.cles, 1, root, []))
    paquet.ecrire_coherences([1, *paquet.monde.tailles])
    return paquet.sceller()


# --- the proof of the last line --------------------------------------------------------------------------------------


def _preuve(change: Octets) -> Callable[[Paquet], Paquet]:
    def faire(paquet: Paquet) -> Paquet:
        changed = change(paquet.membres[TETE])
        assert changed != paquet.membres[TETE], "nothing was changed"
        paquet.membres[TETE] = changed
        return paquet.sceller()

    return faire


def _index(change: Callable[[int], object]) -> Octets:
    def changer(proof: bytes) -> bytes:
        first, second, rest = proof.split(b"\n", 2)
        return b"\n".join([first, f"index {change(int(second[6:]))}".encode(), rest])

    return changer


PREUVES: Final[dict[str, Octets]] = {
    "vide": lambda _: b"",
    "extra": lambda proof: proof.replace(b"\n", b"\nextra AAAA\n", 1),
    "entete": lambda proof: proof.replace(b"@v1", b"@v2"),
    "index_d_avant": _index(lambda index: index - 1),
    "index_a_zero": _index(lambda index: f"0{index}"),
    "chemin_raccourci": lambda proof: proof[: proof.index(b"\n\n") - 45] + proof[proof.index(b"\n\n") :],
    "sans_fin": lambda proof: proof[:-1],
    "ligne_de_plus": lambda proof: proof + b"\n",
    "crlf": lambda proof: proof.replace(b"\n", b"\r\n"),
    "sans_temoins": lambda proof: b"\n".join(proof.split(b"\n")[:-3]) + b"\n",
    "note_seule": lambda proof: proof[proof.index(b"\n\n") + 2 :],
}
for nom_, change_ in PREUVES.items():
    refusee("points", "tete_autre", nom=f"preuve_de_tete_{nom_}")(_preuve(change_))


@refusee("points", "tete_autre")
def preuve_d_une_autre_ligne(paquet: Paquet) -> Paquet:
    """The proof is sound, and of the line before the last."""
    said = json.loads(paquet.lignes("inclusions.jsonl")[-2])
    path = "".join(f"{each}\n" for each in said["path"])
    head = f"c2sp.org/tlog-proof@v1\nindex {said['index']}\n{path}\n".encode()
    paquet.membres[TETE] = head + paquet.membres[nom_du_point(paquet.tete)]
    return paquet.sceller()

"""Attacks on whom the bundle says to believe, and on the whole tree: weakened policies, forks."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

from ledger.seal.note import ED25519, Signer, Verifier
from tests.evidence.attaques.attaque import COHERENT, Attendu, Recueil
from tests.evidence.attaques.contre_points import cosignee, nom_du_point, signee, temoin
from tests.evidence.attaques.contre_sac import ETRANGERES
from tests.evidence.attaques.monde import Monde
from tests.evidence.attaques.paquet import JOURNAL, Paquet

RECUEIL: Final = Recueil()
refusee, acceptee = RECUEIL.refusee, RECUEIL.acceptee
POLITIQUE: Final = JOURNAL + "politique.txt"


def _politique(change: Callable[[str], str], *temoins: Callable[[Paquet], Signer]) -> Callable[[Paquet], Paquet]:
    """The head is cosigned by these alone, and the bundle's policy is other."""

    def faire(paquet: Paquet) -> Paquet:
        paquet.membres[POLITIQUE] = change(paquet.membres[POLITIQUE].decode()).encode("utf-8", "surrogatepass")
        return cosignee(*temoins)(paquet)

    return faire


def _temoin_ajoute(text: str) -> str:
    mine = ETRANGERES.temoins[0].verifier.vkey
    return text.replace("group deux 2", f"witness mien {mine}\ngroup deux 1 mien").replace(" alpha beta gamma", "")


seul_ = Attendu(COHERENT)
refusee("temoins", "temoins_quorum", nom="quorum_aboli", sans=seul_)(
    _politique(lambda text: text.replace("quorum deux", "quorum none"))
)
refusee("temoins", "temoins_quorum", nom="quorum_abaisse", sans=seul_)(
    _politique(lambda text: text.replace("deux 2", "deux 1"), temoin(0))
)
refusee("temoins", "temoins_quorum", nom="temoin_de_l_attaquant", sans=seul_)(
    _politique(_temoin_ajoute, lambda _: ETRANGERES.temoins[0])
)
refusee("temoins", "temoins_quorum", nom="quorum_d_un_seul", sans=seul_)(
    _politique(lambda text: text.replace("quorum deux", "quorum alpha"), temoin(0))
)


@refusee("points", "point_cle", sans=seul_)
def tete_de_l_attaquant(paquet: Paquet) -> Paquet:
    """The bundle's policy names the attacker's log key, who signed the head."""
    mine, true = ETRANGERES.registre, paquet.monde.cles.registre
    paquet.membres[POLITIQUE] = paquet.membres[POLITIQUE].replace(
        true.verifier.vkey.encode(), mine.verifier.vkey.encode()
    )
    return signee(lambda _: mine)(paquet)


DOUBLE: Final = "constat.test/double"
SOSIES: Final = tuple(Verifier(DOUBLE, ED25519, sha256(n).digest()) for n in (b"67268", b"91459"))
"""Two keys of one name and one id, found by trying 92,000."""
assert SOSIES[0].id == SOSIES[1].id


POLITIQUES: Final[dict[str, Callable[[str], str]]] = {
    "vide": lambda _: "",
    "sans_quorum": lambda text: text.replace("quorum deux\n", ""),
    "deux_quorums": lambda text: text + "quorum none\n",
    "quorum_inconnu": lambda text: text.replace("quorum deux", "quorum trois"),
    "seuil_nul": lambda text: text.replace("deux 2", "deux 0"),
    "seuil_trop_haut": lambda text: text.replace("deux 2", "deux 4"),
    "seuil_zero_devant": lambda text: text.replace("deux 2", "deux 02"),
    "membre_inconnu": lambda text: text.replace("alpha beta", "alpha delta"),
    "membre_deux_fois": lambda text: text.replace("alpha beta", "alpha alpha"),
    "groupe_sans_membre": lambda text: text.replace(" alpha beta gamma", ""),
    "cle_deux_fois": lambda text: text.split("\n")[0] + "\n" + text,
    "temoin_deux_fois": lambda text: text.replace(
        "witness beta", text.split("\n")[2].replace("alpha", "delta", 1) + "\nwitness beta"
    ),
    "cles_d_un_meme_numero": lambda text: "".join(f"log {each.vkey}\n" for each in SOSIES) + text,
    "cle_d_un_autre_numero": lambda text: text.replace("essai+", "essai+0", 1),
    "cle_courte": lambda text: text.replace(text.split("\n")[0], text.split("\n")[0][:-4], 1),
    "cle_bourree": lambda text: text.replace("\n", "=\n", 1),
    "temoin_comme_registre": lambda text: text.replace("witness alpha", "log"),
    "mot_inconnu": lambda text: text + "trust all\n",
    "nom_none": lambda text: text.replace("group deux", "group none"),
    "controle": lambda text: text + "# \x07\n",
    "del": lambda text: text + "# \x7f\n",
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "bom": lambda text: "\ufeff" + text,
    "substitut": lambda text: text + "# \ud800\n",
    "immense": lambda text: text + "# " + "x" * (1 << 18) + "\n",
    "groupe_avant_ses_temoins": lambda text: (
        "group deux 1 alpha\n" + text.replace("group deux 2 alpha beta gamma\n", "")
    ),
}
for nom_, politique_ in POLITIQUES.items():
    refusee("sac", "sac_liste", nom=f"politique_{nom_}")(_politique(politique_, temoin(0), temoin(1)))

PERMISES: Final[dict[str, Callable[[str], str]]] = {
    "commentaires": lambda text: "# une politique\n\n  \t# autre\n" + text.replace("\n", "\n\n"),
    "tabulations": lambda text: text.replace(" ", "\t \t"),
    "sans_fin": lambda text: text[:-1],
    "adresses": lambda text: "".join(
        f"{line} https://temoin.test/x\n" if line.startswith(("log", "witness")) else f"{line}\n"
        for line in text.split("\n")[:-1]
    ),
    "seuil_all": lambda text: text.replace("group deux 2 alpha beta gamma", "group deux all alpha beta"),
    "seuil_any": lambda text: text.replace("deux 2", "deux any"),
    "groupes_imbriques": lambda text: text.replace(
        "group deux 2 alpha beta gamma", "group un 1 alpha gamma\ngroup deux 2 un beta"
    ),
    "accents": lambda text: text.replace("deux", "témoins-réunis"),
}
for nom_, politique_ in PERMISES.items():
    acceptee(nom=f"politique_a_{nom_}")(_politique(politique_, temoin(0), temoin(1)))

# --- forks -----------------------------------------------------------------------------------------------------------


class MondeAutre(Monde):
    """The same people and the same log key, another history of one act, and no witness."""

    def temoins_de(self, time: int) -> list[tuple[Signer, int]]:
        """Nobody."""
        return []

    def parts_de(self, n: int, stream: str, pos: int) -> dict[str, Any]:
        """The third act was never as it was."""
        parts = super().parts_de(n, stream, pos)
        return parts | ({"fait": {"evenement": "autre"}} if n == 3 else {})


@refusee("temoins", "temoins_quorum")
def arbre_fourche(paquet: Paquet) -> Paquet:
    """The whole tree is rebuilt with another history, signed by the true log key, stamped anew: no witness takes part."""
    true = paquet.monde
    return Paquet.de(MondeAutre(true.options, true.cles, true.autorite))


@refusee("temoins", "temoins_quorum", sans=seul_)
def arbre_fourche_et_quorum_aboli(paquet: Paquet) -> Paquet:
    """The same, and the bundle's policy asks for no witness."""
    forked = arbre_fourche(paquet)
    assert isinstance(forked, Paquet)
    forked.membres[POLITIQUE] = forked.membres[POLITIQUE].replace(b"quorum deux", b"quorum none")
    return forked.sceller()


def _points_d_avant(paquet: Paquet, *combien: int) -> Paquet:
    """A forked head over the genuine older checkpoints, witnesses and all."""
    forked = arbre_fourche(paquet)
    assert isinstance(forked, Paquet)
    for n in combien:
        nom = nom_du_point(paquet.monde.tailles[n])
        forked.membres[nom] = paquet.membres[nom]
    return forked.sceller()


refusee("points", "coherence_fausse", nom="arbre_fourche_sous_de_vrais_points")(
    lambda paquet: _points_d_avant(paquet, 0, 1, 2, 3)
)
refusee("points", "coherence_fausse", nom="arbre_fourche_sous_un_vrai_point")(lambda paquet: _points_d_avant(paquet, 3))

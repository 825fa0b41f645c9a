"""Attacks on how a time-stamp is written: what is not DER, or not the one form of an answer, is not read."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from cryptography.hazmat import asn1

from ledger.seal import tsp
from tests.evidence.attaques import der, signataires
from tests.evidence.attaques.attaque import Recueil
from tests.evidence.attaques.contre_jetons import Signe, forge, jetons
from tests.evidence.attaques.contre_points import nom_du_point
from tests.evidence.attaques.der import Noeud
from tests.evidence.attaques.jetons import ACCORDE, jeton_de, reponse
from tests.evidence.attaques.paquet import Paquet
from tests.evidence.attaques.signataires import ForgeDe

RECUEIL: Final = Recueil()
refusee, acceptee = RECUEIL.refusee, RECUEIL.acceptee


def refuser(nom: str, signe: Signe, *codes: str) -> None:
    """The head's token is of this kind, and fails."""
    refusee("horodatage", *codes, nom=f"jeton_{nom}")(jetons(signe, tous=False))


def _ecrit(chemin: tuple[int, ...], change: Callable[[Noeud], Noeud | None]) -> Signe:
    """The true token with one value written otherwise; what is signed may be untouched or not."""

    def signe(paquet: Paquet, fichier: bytes, instant: datetime) -> bytes:
        right = forge()(paquet, fichier, instant)
        return bytes(der.lire(right).avec(chemin, change))

    return signe


DONNEES: Final = (1, 0)
SIGNATAIRE: Final = (1, 0, 4, 0)
ECRITURES: Final[dict[str, tuple[tuple[int, ...], Callable[[Noeud], Noeud | None]]]] = {
    "longueur_longue": ((), der.longueur_longue),
    "longueur_longue_dedans": (DONNEES, der.longueur_longue),
    "longueur_longue_du_contenu": ((*DONNEES, 2, 1, 0), der.longueur_longue),
    "longueur_longue_de_la_signature": ((*SIGNATAIRE, 5), der.longueur_longue),
    "indefinie": ((), der.indefinie),
    "indefinie_dedans": (DONNEES, der.indefinie),
    "suivi": (DONNEES, der.suivi),
    "suivi_du_signataire": (SIGNATAIRE, der.suivi),
    "version_remplie": ((*DONNEES, 0), der.rempli),
    "version_du_signataire_remplie": ((*SIGNATAIRE, 0), der.rempli),
    "version_vide": ((*DONNEES, 0), der.octet(b"")),
    "nature_remplie": ((0,), der.rempli),
    "nature_vide": ((0,), der.octet(b"")),
    "nature_inachevee": ((0,), der.octet(b"\x2a\x86")),
    "contenu_en_morceaux": ((*DONNEES, 2, 1, 0), der.decoupe),
    "attributs_retournes": ((*SIGNATAIRE, 3), der.retourne),
    "attribut_retire": ((*SIGNATAIRE, 3, -1), lambda _: None),
    "condense_retire": ((*DONNEES, 1, 0), lambda _: None),
    "certificats_sous_un_autre_numero": ((*DONNEES, 3), der.etiquette(0xA2)),
    "sequence_primitive": (DONNEES, der.etiquette(0x10)),
    "ensemble_en_sequence": ((*DONNEES, 1), der.etiquette(0x30)),
    "nul_rempli": ((*DONNEES, 1, 0, 1), der.octet(b"\0")),
    "signataires_en_plus": ((*DONNEES, 4), der.ajoute(b"\x30\0")),
    "champ_en_plus": (DONNEES, der.ajoute(b"\xa5\0")),
    "numero_rempli": ((*SIGNATAIRE, 1, 1), der.rempli),
}
for nom_, (chemin_, ecriture_) in ECRITURES.items():
    refuser(f"ecrit_{nom_}", _ecrit(chemin_, ecriture_), "jeton_illisible", "jeton_signature")


def _information(change: Callable[[bytes], bytes]) -> Signe:
    """A TSTInfo written otherwise, and signed so by the true authority."""

    def signe(paquet: Paquet, fichier: bytes, instant: datetime) -> bytes:
        right = ForgeDe(paquet.monde.autorite.service, sha256(fichier).digest(), time=instant, info={"ordering": True})
        said = asn1.decode_der(tsp.Token, right.token()).signed.content.octets
        lax = change(said)
        assert lax != said
        right.content = {"octets": lax}
        right.attributes = {tsp.MESSAGE_DIGEST: [asn1.encode_der(sha256(lax).digest())]}
        return right.token()

    return signe


def _noeud(chemin: tuple[int, ...], change: Callable[[Noeud], Noeud | None]) -> Signe:
    return _information(lambda said: bytes(der.lire(said).avec(chemin, change)))


def _date(change: Callable[[bytes], bytes]) -> Signe:
    return _noeud((4,), lambda node: der.octet(change(node.octets))(node))


INFORMATIONS: Final[dict[str, Signe]] = {
    "longueur_longue": _noeud((), der.longueur_longue),
    "indefinie": _noeud((), der.indefinie),
    "suivie": _information(lambda said: said + b"\0"),
    "numero_rempli": _noeud((3,), der.rempli),
    "vrai_a_1": _noeud((5,), der.octet(b"\1")),
    "faux_ecrit": _noeud((5,), der.octet(b"\0")),
    "champ_en_plus": _noeud((), der.ajoute(b"\xa7\0")),
    "date_sans_z": _date(lambda date: date[:-1]),
    "date_a_decalage": _date(lambda date: date[:-1] + b"+0000"),
    "date_sans_secondes": _date(lambda date: date[:-3] + b"Z"),
    "date_a_zero_final": _date(lambda date: date[:-1] + b".10Z"),
    "date_a_point_seul": _date(lambda date: date[:-1] + b".Z"),
    "date_a_virgule": _date(lambda date: date[:-1] + b",1Z"),
    "date_mois_13": _date(lambda date: date[:4] + b"13" + date[6:]),
    "date_trente_fevrier": _date(lambda date: date[:4] + b"0230" + date[8:]),
    "date_heure_24": _date(lambda date: date[:8] + b"24" + date[10:]),
    "date_seconde_60": _date(lambda date: date[:-3] + b"60Z"),
    "date_utc": _noeud((4,), lambda node: Noeud(0x17, node.octets[2:])),
    "date_espace": _date(lambda date: b" " + date[1:]),
    "vide": _information(lambda _: b""),
}
for nom_, signe_ in INFORMATIONS.items():
    refuser(f"information_{nom_}", signe_, "jeton_illisible")
acceptee(nom="cru_fraction")(jetons(_date(lambda date: date[:-1] + b".123456Z"), tous=True))
acceptee(nom="cru_fraction_courte")(jetons(_date(lambda date: date[:-1] + b".5Z"), tous=True))

DATES: Final = (0, 4)
"""Where a certificate says from when until when it is valid."""
CASSES: Final[dict[str, Callable[[Noeud], Noeud | None]]] = {
    "sans_dates": lambda node: replace(node, dedans=()),
    "sans_fin": lambda node: replace(node, dedans=(node.dedans or ())[:1]),
    "a_trois_dates": lambda node: replace(node, dedans=(*(node.dedans or ()), *(node.dedans or ())[:1])),
    "sans_validite": lambda _: None,
}


def _a_cote(change: Callable[[Noeud], Noeud | None]) -> Signe:
    """The true token with a certificate beside its own that is none: nobody signs for what lies there."""

    def signe(paquet: Paquet, fichier: bytes, instant: datetime) -> bytes:
        right = der.lire(forge()(paquet, fichier, instant))
        broken = bytes(right.a(*DONNEES, 3, 0).avec(DATES, change))
        return bytes(right.avec((*DONNEES, 3), der.ajoute(broken)))

    return signe


for nom_, casse_ in CASSES.items():
    acceptee(nom=f"cru_a_cote_d_un_certificat_{nom_}")(jetons(_a_cote(casse_), tous=True))

REPONSES: Final[dict[str, Callable[[bytes], bytes]]] = {
    "vide": lambda _: b"",
    "refusee": lambda token: reponse(token, bytes.fromhex("3003020102")),
    "accordee_a_peu_pres": lambda token: reponse(token, bytes.fromhex("3003020101")),
    "accordee_longuement": lambda token: reponse(token, bytes.fromhex("300402020000")),
    "bavarde": lambda token: reponse(token, bytes.fromhex("30080201003003") + b"\x0c\1x"),
    "sans_jeton": lambda _: reponse(b""),
    "jeton_nu": lambda token: token,
    "deux_jetons": lambda token: reponse(token + token),
    "suivie": lambda token: reponse(token) + b"\0",
    "precedee": lambda token: b"\0" + reponse(token),
    "tronquee": lambda token: reponse(token)[:-1],
    "en_base64": lambda token: token.hex().encode(),
    "de_64_kio": lambda token: reponse(token) + bytes(1 << 16),
    "indefinie": lambda token: b"\x30\x80" + ACCORDE + token + b"\0\0",
    "profonde": lambda _: b"\x30\x80" * 30_000,
    "longueur_immense": lambda _: b"\x30\x88" + b"\xff" * 8 + bytes(100),
}


def _reponse(change: Callable[[bytes], bytes]) -> Callable[[Paquet], Paquet]:
    def faire(paquet: Paquet) -> Paquet:
        nom = nom_du_point(paquet.tete)[:-5] + ".tsr"
        paquet.membres[nom] = change(jeton_de(paquet.membres[nom]))
        return paquet.sceller()

    return faire


for nom_, reponse_ in REPONSES.items():
    refusee("horodatage", "jeton_illisible", nom=f"reponse_{nom_}")(_reponse(reponse_))


def _ecdsa(change: Callable[[bytes], bytes]) -> Signe:
    """The true signature, written otherwise."""
    return _ecrit((*SIGNATAIRE, 5), lambda node: der.octet(change(node.octets))(node))


refuser("ecdsa_longueur_longue", _ecdsa(lambda value: b"\x30\x81" + value[1:]), "jeton_signature", "jeton_illisible")
refuser("ecdsa_suivie", _ecdsa(lambda value: value + b"\0"), "jeton_signature", "jeton_illisible")
refuser(
    "ecdsa_remplie",
    _ecdsa(lambda value: bytes(der.lire(value).avec((0,), der.rempli).avec((0,), der.rempli))),
    "jeton_signature",
    "jeton_illisible",
)
refuser(
    "ecdsa_r_de_plus_d_un_ordre", _ecdsa(lambda value: bytes(der.lire(value).avec((0,), _plus_n))), "jeton_signature"
)


def _plus_n(node: Noeud) -> Noeud:
    """R + n, which is r where only the rest counts."""
    number = int.from_bytes(node.octets, "big") + signataires.P256_ORDRE
    return der.octet(number.to_bytes(33, "big"))(node)

"""Certificates (RFC 5280) as far as a time-stamp needs them: keys, their uses, a chain to a given root."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from evidence.verificateurs.pyz import der, ecdsa, rsa
from evidence.verificateurs.pyz.der import oid
from evidence.verificateurs.pyz.textes import IllisibleError, base64_exact, secondes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RSA: Final = oid("1.2.840.113549.1.1.1")
SIGNATURES_RSA: Final = {oid(f"1.2.840.113549.1.1.{n}"): h for n, h in ((11, "sha256"), (12, "sha384"), (13, "sha512"))}
SIGNATURES_ECDSA: Final = {oid(f"1.2.840.10045.4.3.{n}"): h for n, h in ((2, "sha256"), (3, "sha384"), (4, "sha512"))}
CLE_EC: Final = oid("1.2.840.10045.2.1")
COURBES: Final = {oid("1.2.840.10045.3.1.7"): ecdsa.P256, oid("1.3.132.0.34"): ecdsa.P384}
CONTRAINTES: Final = oid("2.5.29.19")
USAGE: Final = oid("2.5.29.15")
USAGES: Final = oid("2.5.29.37")
NOMS_PERMIS: Final = oid("2.5.29.30")
CONNUES: Final = {CONTRAINTES, USAGE, USAGES}
HORODATER: Final = oid("1.3.6.1.5.5.7.3.8")
TOUT: Final = oid("2.5.29.37.0")
NOM_COMMUN: Final = oid("2.5.4.3")
ORGANISATION: Final = oid("2.5.4.10")
TEXTES: Final = (0x0C, 0x13)
"""UTF8String, PrintableString."""
SIGNE: Final = 0b11000000
"""digitalSignature, nonRepudiation: the first two bits of a key's usage."""
CERTIFIE: Final = 0b00000100
"""keyCertSign, the sixth."""
LONGUEUR: Final = 8
"""Certificates of a chain."""
ESSAIS: Final = 64
"""Signatures of certificates that are verified for one token."""
NULL: Final = b"\x05\x00"
SIECLE: Final = 50
_UTC: Final = re.compile(rb"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z")
_GENERAL: Final = re.compile(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z")
_PEM: Final = re.compile("-----BEGIN CERTIFICATE-----\\s+([A-Za-z0-9+/=\\s]+?)\\s*-----END CERTIFICATE-----")


class NonVerifieError(Exception):
    """It is of a kind that is not verified here: neither valid nor false."""


class CleRsa(NamedTuple):
    """Modulus and exponent."""

    n: int
    e: int


class CleEc(NamedTuple):
    """A point of a curve."""

    courbe: ecdsa.Courbe
    point: ecdsa.Affine


class Algorithme(NamedTuple):
    """An AlgorithmIdentifier: its OID, its parameters as they are written."""

    nom: bytes
    parametres: bytes

    @classmethod
    def lu(cls, valeur: der.Valeur) -> Algorithme:
        """Read one.

        :raises IllisibleError: it is none.
        """
        valeurs = der.suite(valeur.corps)
        if valeur.tag != der.SEQUENCE or not valeurs or valeurs[0].tag != der.OID:
            raise IllisibleError
        return cls(valeurs[0].corps, valeur.corps[len(valeurs[0].brut) :])


class Certificat(NamedTuple):
    """A certificate. ``tbs``: what its issuer signed. ``extensions``: by OID, whether critical, and their value."""

    der: bytes
    tbs: bytes
    serie: int
    emetteur: bytes
    sujet: bytes
    debut: int
    fin: int
    cle: bytes
    algorithme: Algorithme
    signature: bytes
    extensions: dict[bytes, tuple[bool, bytes]]

    @classmethod
    def lu(cls, octets: bytes) -> Certificat:
        """Read a certificate of version 3.

        :raises IllisibleError: it is none.
        """
        dehors = der.champs(octets)
        tbs, algorithme = dehors.un(der.SEQUENCE), dehors.un(der.SEQUENCE)
        signature = der.bits(dehors.un(der.BIT_STRING))
        dehors.fini()
        champs = der.Champs(tbs.corps)
        version = der.seul(champs.un(0xA0).corps, der.INTEGER)
        serie = der.entier(champs.un(der.INTEGER))
        if version.corps != b"\x02" or champs.un(der.SEQUENCE).brut != algorithme.brut:
            raise IllisibleError
        emetteur = champs.un(der.SEQUENCE).brut
        validite = der.Champs(champs.un(der.SEQUENCE).corps)
        debut, fin = (_date(validite.un(der.UTC_TIME, der.GENERALIZED_TIME)) for _ in range(2))
        validite.fini()
        sujet, cle = champs.un(der.SEQUENCE).brut, champs.un(der.SEQUENCE).brut
        champs.facultatif(0x81)
        champs.facultatif(0x82)
        extensions = _extensions(champs.facultatif(0xA3))
        champs.fini()
        lu = Algorithme.lu(algorithme)
        return cls(octets, tbs.brut, serie, emetteur, sujet, debut, fin, cle, lu, signature, extensions)

    @property
    def service(self) -> str:
        """The last common name of its subject, else the last name of an organisation, else nothing.

        :raises IllisibleError: its subject is no name.
        """
        noms = {}
        for rdn in der.suite(der.seul(self.sujet, der.SEQUENCE).corps):
            for attribut in der.suite(rdn.corps):
                champs = der.Champs(attribut.corps)
                nom, valeur = champs.un(der.OID).corps, champs.facultatif(*TEXTES)
                if valeur is not None:
                    noms[nom] = valeur.corps.decode("utf-8", "replace")
        return noms.get(NOM_COMMUN) or noms.get(ORGANISATION) or ""


def _date(valeur: der.Valeur) -> int:
    forme = {der.UTC_TIME: _UTC, der.GENERALIZED_TIME: _GENERAL}.get(valeur.tag)
    trouve = forme.fullmatch(valeur.corps) if forme else None
    if trouve is None:
        raise IllisibleError
    annee, *reste = map(int, trouve.groups())
    if valeur.tag == der.UTC_TIME:
        annee += 1900 if annee >= SIECLE else 2000
    mois, jour, heure, minute, seconde = reste
    return secondes(annee, mois, jour, heure, minute, seconde)


def _extensions(valeur: der.Valeur | None) -> dict[bytes, tuple[bool, bytes]]:
    extensions: dict[bytes, tuple[bool, bytes]] = {}
    for une in der.suite(der.seul(valeur.corps, der.SEQUENCE).corps) if valeur else ():
        if une.tag != der.SEQUENCE:
            raise IllisibleError
        champs = der.Champs(une.corps)
        nom, critique = champs.un(der.OID).corps, champs.facultatif(der.BOOLEAN)
        if nom in extensions:
            raise IllisibleError
        extensions[nom] = critique is not None and der.vrai(critique), champs.un(der.OCTET_STRING).corps
        champs.fini()
    return extensions


@lru_cache(maxsize=256)
def _cle(info: bytes) -> CleRsa | CleEc:
    """The key of a SubjectPublicKeyInfo.

    :raises NonVerifieError: it is of a kind or a size that is not read here.
    """
    try:
        champs = der.champs(info)
        algorithme, octets = Algorithme.lu(champs.un(der.SEQUENCE)), der.bits(champs.un(der.BIT_STRING))
        champs.fini()
        if algorithme == (RSA, NULL):
            nombres = der.champs(octets)
            n, e = der.entier(nombres.un(der.INTEGER)), der.entier(nombres.un(der.INTEGER))
            nombres.fini()
            if rsa.admise(n, e):
                return CleRsa(n, e)
        if algorithme.nom == CLE_EC:
            courbe = COURBES.get(der.seul(algorithme.parametres, der.OID).corps)
            point = ecdsa.point(courbe, octets) if courbe else None
            if courbe and point:
                return CleEc(courbe, point)
    except IllisibleError as error:
        raise NonVerifieError from error
    raise NonVerifieError


@lru_cache(maxsize=1024)
def signe(info: bytes, algorithme: Algorithme, hachage: str, message: bytes, signature: bytes) -> bool:
    """Whether the key of ``info`` signed. ``hachage``: where the algorithm's name does not say it.

    :raises NonVerifieError: the key or the algorithm is not read here.
    """
    cle, parametres = _cle(info), algorithme.parametres
    if isinstance(cle, CleRsa):
        par = SIGNATURES_RSA.get(algorithme.nom) or (hachage if algorithme.nom == RSA else None)
        if par and parametres in {NULL, b""}:
            return rsa.verifie(cle.n, cle.e, par, hashlib.new(par, message).digest(), signature)
    else:
        par = SIGNATURES_ECDSA.get(algorithme.nom)
        if par and not parametres:
            return ecdsa.verifie(cle.courbe, cle.point, hashlib.new(par, message).digest(), signature)
    raise NonVerifieError


def _connues(certificat: Certificat) -> bool:
    """No extension limits it in a way that is not looked at here."""
    return NOMS_PERMIS not in certificat.extensions and all(
        nom in CONNUES for nom, (critique, _) in certificat.extensions.items() if critique
    )


def _usage(certificat: Certificat) -> int:
    """The first eight bits of its key's usage; all of them when it does not say."""
    if USAGE not in certificat.extensions:
        return 0xFF
    corps = der.seul(certificat.extensions[USAGE][1], der.BIT_STRING).corps
    if len(corps) < 2 or corps[0] > 7 or corps[-1] & (1 << corps[0]) - 1 or not corps[-1] >> corps[0] & 1:  # noqa: PLR2004 - no trailing zero bits (X.690 section 11.2.2)
        raise IllisibleError
    return corps[1]


def _usages(certificat: Certificat) -> list[bytes] | None:
    if USAGES not in certificat.extensions:
        return None
    usages = der.suite(der.seul(certificat.extensions[USAGES][1], der.SEQUENCE).corps)
    if not usages or any(un.tag != der.OID for un in usages):
        raise IllisibleError
    return [un.corps for un in usages]


def _contraintes(certificat: Certificat) -> tuple[bool, int | None]:
    """Whether it is an authority's, and how many authorities may stand beneath it."""
    if CONTRAINTES not in certificat.extensions:
        return False, None
    champs = der.champs(certificat.extensions[CONTRAINTES][1])
    ca, sous = champs.facultatif(der.BOOLEAN), champs.facultatif(der.INTEGER)
    champs.fini()
    if sous is not None and (ca is None or der.entier(sous) < 0):
        raise IllisibleError
    return ca is not None and der.vrai(ca), der.entier(sous) if sous else None


def horodate(certificat: Certificat) -> bool:
    """Whether it serves time-stamping, critically, and nothing else (RFC 3161 section 2.3)."""
    try:
        seul = USAGES in certificat.extensions and certificat.extensions[USAGES][0]
        propre = seul and _usages(certificat) == [HORODATER] and not _contraintes(certificat)[0]
        return propre and bool(_usage(certificat) & SIGNE) and _connues(certificat)
    except IllisibleError:
        return False


def _certifie(autorite: Certificat, dessous: int) -> bool:
    """Whether an authority may certify, for time-stamping, with so many other authorities beneath it."""
    try:
        ca, sous = _contraintes(autorite)
        usages = _usages(autorite)
        admis = usages is None or HORODATER in usages or TOUT in usages
        bornes = ca and (sous is None or dessous <= sous)
        return bornes and admis and bool(_usage(autorite) & CERTIFIE) and _connues(autorite)
    except IllisibleError:
        return False


def mene(certificat: Certificat, autres: Sequence[Certificat], racines: Sequence[Certificat], a: int) -> bool:
    """Whether a chain of certificates valid at that time (seconds since 1970) leads to one of ``racines``."""
    if not horodate(certificat):
        return False
    fins = {racine.der for racine in racines}
    essais = iter(range(ESSAIS))

    def monte(un: Certificat, dessous: int, rang: int) -> bool:
        if not un.debut <= a <= un.fin:
            return False
        if un.der in fins:
            return True
        if rang == LONGUEUR:
            return False
        suivants = dessous + (rang > 1 and un.emetteur != un.sujet)
        return any(
            monte(autorite, suivants, rang + 1) for autorite in _au_dessus(un, (*racines, *autres), suivants, essais)
        )

    return monte(certificat, 0, 1)


def _au_dessus(
    un: Certificat, autorites: Sequence[Certificat], dessous: int, essais: Iterator[int]
) -> Iterator[Certificat]:
    """Those of ``autorites`` that signed ``un`` and may have."""
    for autorite in autorites:
        if autorite.sujet != un.emetteur or not _certifie(autorite, dessous) or next(essais, None) is None:
            continue
        try:
            if signe(autorite.cle, un.algorithme, "", un.tbs, un.signature):
                yield autorite
        except NonVerifieError:
            continue


def pem(texte: str) -> list[Certificat]:
    """The certificates of a text in PEM; what stands around them is not read.

    :raises IllisibleError: one of them is none, or there is none.
    """
    trouves = [base64_exact("".join(un.split())) for un in _PEM.findall(texte)]
    if not trouves or len(trouves) != texte.count("-----BEGIN CERTIFICATE"):
        raise IllisibleError
    return [Certificat.lu(un) for un in trouves]

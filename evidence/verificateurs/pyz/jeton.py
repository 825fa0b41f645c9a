"""Time-stamp tokens (RFC 3161, CMS of RFC 5652), read strictly, and what they are worth under given roots."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from evidence.verificateurs.pyz import der, x509
from evidence.verificateurs.pyz.der import oid
from evidence.verificateurs.pyz.textes import IllisibleError, secondes
from evidence.verificateurs.pyz.x509 import Algorithme, Certificat, NonVerifieError

if TYPE_CHECKING:
    from collections.abc import Sequence

OCTETS: Final = 1 << 16
ACCORDE: Final = bytes.fromhex("3003020100")
SIGNE: Final = oid("1.2.840.113549.1.7.2")
HORODATAGE: Final = oid("1.2.840.113549.1.9.16.1.4")
NATURE: Final = oid("1.2.840.113549.1.9.3")
EMPREINTE: Final = oid("1.2.840.113549.1.9.4")
CERTIFICAT_SHA1: Final = oid("1.2.840.113549.1.9.16.2.12")
CERTIFICAT: Final = oid("1.2.840.113549.1.9.16.2.47")
HACHAGES: Final = {
    oid("2.16.840.1.101.3.4.2.1"): "sha256",
    oid("2.16.840.1.101.3.4.2.2"): "sha384",
    oid("2.16.840.1.101.3.4.2.3"): "sha512",
}
CLE_NOMMEE: Final = 0x80
"""The tag of a subjectKeyIdentifier (RFC 5652 section 5.3)."""
SANS: Final = (x509.NULL, b"")
"""Parameters of a hash: NULL, or none (RFC 5754 section 2)."""
REPERTOIRE: Final = 0xA4
"""The tag of a directoryName (RFC 5280 section 4.2.1.6)."""
MILLION: Final = 1_000_000
MILLE: Final = 1_000
JOUR: Final = 86_400
"""Seconds: a date that is off by more dates nothing."""
_DATE: Final = re.compile(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{0,5}[1-9]))?Z")


class AutreFichierError(Exception):
    """The token is over another file."""


class SignatureFausseError(Exception):
    """What the token says is not what was signed, or not by the certificate that it names."""


class Signataire(NamedTuple):
    """SignerInfo. ``attributs``: as they are signed. ``signes``: values by OID.

    ``designe``: issuer and serial number of its certificate; none where it is named by its key.
    """

    designe: tuple[bytes, int] | None
    hachage: Algorithme
    attributs: bytes
    signes: dict[bytes, bytes]
    algorithme: Algorithme
    signature: bytes


class Jeton(NamedTuple):
    """A token as it is written: who signed what, over which digest, when. Times in microseconds, since 1970."""

    contenu: bytes
    certificats: tuple[bytes, ...]
    signataire: Signataire
    hachage: Algorithme
    empreinte: bytes
    instant: int
    exactitude: int
    critique: bool


class Date(NamedTuple):
    """What a token over the checkpoint of size ``taille`` is worth; digests of the token and of its file, in hex."""

    taille: int
    instant: int
    exactitude: int
    service: str
    qualifie: bool
    verifie: bool
    jeton: str
    fichier: str

    @property
    def au_plus_tard(self) -> int:
        """Seconds since 1970, rounded up."""
        return -((-self.instant - self.exactitude) // MILLION)

    @property
    def au_plus_tot(self) -> int:
        """Seconds since 1970, rounded down."""
        return (self.instant - self.exactitude) // MILLION


def dans(reponse: bytes) -> bytes:
    """The token of a TimeStampResp that was granted.

    :raises IllisibleError: it is none, or larger than what is read here (64 kB).
    """
    if len(reponse) > OCTETS:
        raise IllisibleError
    der.bien_forme(reponse)
    champs = der.champs(reponse)
    statut, jeton = champs.un(der.SEQUENCE), champs.un(der.SEQUENCE)
    champs.fini()
    if statut.brut != ACCORDE:
        raise IllisibleError
    return jeton.brut


def lu(octets: bytes) -> Jeton:
    """Read a token (a ContentInfo); nothing is verified yet.

    :raises IllisibleError: it is none.
    """
    dehors = der.champs(octets)
    nature, explicite = dehors.un(der.OID).corps, dehors.un(0xA0)
    dehors.fini()
    champs = der.champs(explicite.corps)
    version = der.entier(champs.un(der.INTEGER))
    annonces = [Algorithme.lu(un) for un in der.ensemble(champs.un(der.SET).corps)]
    dedans = der.Champs(champs.un(der.SEQUENCE).corps)
    sorte, contenu = dedans.un(der.OID).corps, der.seul(dedans.un(0xA0).corps, der.OCTET_STRING).corps
    dedans.fini()
    certificats, _ = champs.facultatif(0xA0), champs.facultatif(0xA1)
    signataire = _signataire(der.seul(champs.un(der.SET).corps, der.SEQUENCE))
    champs.fini()
    if (nature, version, sorte) != (SIGNE, 3, HORODATAGE) or any(un.parametres not in SANS for un in annonces):
        raise IllisibleError
    if signataire.hachage.nom not in {un.nom for un in annonces}:
        raise IllisibleError
    beside = tuple(un.brut for un in der.suite(certificats.corps)) if certificats else ()
    return _information(contenu, beside, signataire)


def _signataire(valeur: der.Valeur) -> Signataire:
    champs = der.Champs(valeur.corps)
    version, sid = der.entier(champs.un(der.INTEGER)), champs.un(der.SEQUENCE, CLE_NOMMEE)
    if version != (1 if sid.tag == der.SEQUENCE else 3):
        raise IllisibleError
    designe = None
    if sid.tag == der.SEQUENCE:
        nomme = der.Champs(sid.corps)
        designe = nomme.un(der.SEQUENCE).brut, der.entier(nomme.un(der.INTEGER))
        nomme.fini()
    hachage, attributs = Algorithme.lu(champs.un(der.SEQUENCE)), champs.un(0xA0)
    algorithme, signature = Algorithme.lu(champs.un(der.SEQUENCE)), champs.un(der.OCTET_STRING).corps
    champs.facultatif(0xA1)
    champs.fini()
    signes: dict[bytes, bytes] = {}
    for un in der.ensemble(attributs.corps):
        attribut = der.Champs(un.corps)
        nom, valeurs = attribut.un(der.OID).corps, der.ensemble(attribut.un(der.SET).corps)
        attribut.fini()
        if un.tag != der.SEQUENCE or nom in signes or len(valeurs) != 1:
            raise IllisibleError
        signes[nom] = valeurs[0].brut
    # RFC 5652 section 5.4: the attributes are signed under the tag of a SET OF.
    return Signataire(designe, hachage, b"\x31" + attributs.brut[1:], signes, algorithme, signature)


def _information(contenu: bytes, certificats: tuple[bytes, ...], signataire: Signataire) -> Jeton:
    """TSTInfo (RFC 3161 section 2.4.2)."""
    der.bien_forme(contenu)
    champs = der.champs(contenu)
    version, _, vise = der.entier(champs.un(der.INTEGER)), champs.un(der.OID), champs.un(der.SEQUENCE)
    der.entier(champs.un(der.INTEGER))
    date, exactitude = champs.un(der.GENERALIZED_TIME), champs.facultatif(der.SEQUENCE)
    if ordonne := champs.facultatif(der.BOOLEAN):
        der.vrai(ordonne)
    if nonce := champs.facultatif(der.INTEGER):
        der.entier(nonce)
    champs.facultatif(0xA0)
    extensions = champs.facultatif(0xA1)
    champs.fini()
    empreinte = der.Champs(vise.corps)
    hachage, valeur = Algorithme.lu(empreinte.un(der.SEQUENCE)), empreinte.un(der.OCTET_STRING).corps
    empreinte.fini()
    trouve = _DATE.fullmatch(date.corps)
    if version != 1 or trouve is None:
        raise IllisibleError
    annee, mois, jour, heure, minute, seconde = map(int, trouve.groups()[:6])
    fraction = int((trouve[7] or b"").ljust(6, b"0"))
    instant = secondes(annee, mois, jour, heure, minute, seconde) * MILLION + fraction
    critique = any(_critique(une) for une in der.suite(extensions.corps)) if extensions else False
    return Jeton(contenu, certificats, signataire, hachage, valeur, instant, _exactitude(exactitude), critique)


def _critique(extension: der.Valeur) -> bool:
    champs = der.Champs(extension.corps)
    champs.un(der.OID)
    critique = champs.facultatif(der.BOOLEAN)
    champs.un(der.OCTET_STRING)
    champs.fini()
    return critique is not None and der.vrai(critique)


def _exactitude(valeur: der.Valeur | None) -> int:
    """Microseconds by which the date may be off.

    :raises IllisibleError: more than a day, or no accuracy.
    """
    if valeur is None:
        return 0
    champs = der.Champs(valeur.corps)
    parties = [champs.facultatif(tag) for tag in (der.INTEGER, 0x80, 0x81)]
    champs.fini()
    nombres = [None if une is None else der.entier(une) for une in parties]
    s, *petits = nombres
    if not 0 <= (s or 0) <= JOUR or any(un is not None and not 0 < un < MILLE for un in petits):
        raise IllisibleError
    return (s or 0) * MILLION + (petits[0] or 0) * MILLE + (petits[1] or 0)


def _hachage(algorithme: Algorithme) -> str:
    """The name of a hash.

    :raises NonVerifieError: it is not SHA-256, SHA-384 or SHA-512.
    """
    if algorithme.nom not in HACHAGES or algorithme.parametres not in SANS:
        raise NonVerifieError
    return HACHAGES[algorithme.nom]


def certificat(jeton: Jeton, fichier: bytes, racines: Sequence[Certificat]) -> Certificat:
    """The certificate whose key signed the token over ``fichier``; it may be one of ``racines``.

    :raises AutreFichierError: it is over another file.
    :raises SignatureFausseError: it was not signed so.
    :raises NonVerifieError: it is signed in a way that is not verified here, or by a certificate that is not there.
    """
    if hashlib.new(_hachage(jeton.hachage), fichier).digest() != jeton.empreinte:
        raise AutreFichierError
    signataire, hachage = jeton.signataire, _hachage(jeton.signataire.hachage)
    attendu = hashlib.new(hachage, jeton.contenu).digest()
    if der.seul(signataire.signes.get(EMPREINTE, b""), der.OCTET_STRING).corps != attendu:
        raise SignatureFausseError
    if der.seul(signataire.signes.get(NATURE, b""), der.OID).corps != HORODATAGE:
        raise IllisibleError
    designes = [*_designes(signataire, CERTIFICAT_SHA1, "sha1"), *_designes(signataire, CERTIFICAT, "sha256")]
    if not designes:
        raise IllisibleError
    choisi = _choisi(jeton, designes, racines)
    if not x509.signe(choisi.cle, signataire.algorithme, hachage, signataire.attributs, signataire.signature):
        raise SignatureFausseError
    return choisi


class _Designe(NamedTuple):
    hachage: str
    empreinte: bytes
    numero: tuple[bytes, int] | None


def _designes(signataire: Signataire, nom: bytes, par_defaut: str) -> list[_Designe]:
    """The first certificate that such an attribute names (RFC 5035, RFC 2634): the signer's."""
    if nom not in signataire.signes:
        return []
    champs = der.champs(signataire.signes[nom])
    noms = der.suite(champs.un(der.SEQUENCE).corps)
    champs.facultatif(der.SEQUENCE)
    champs.fini()
    if not noms or any(un.tag != der.SEQUENCE for un in noms):
        raise IllisibleError
    premier = der.Champs(noms[0].corps)
    algorithme = premier.facultatif(der.SEQUENCE) if nom == CERTIFICAT else None
    empreinte, numero = premier.un(der.OCTET_STRING).corps, premier.facultatif(der.SEQUENCE)
    premier.fini()
    hachage = _hachage(Algorithme.lu(algorithme)) if algorithme else par_defaut
    return [_Designe(hachage, empreinte, _numero(numero) if numero else None)]


def _numero(valeur: der.Valeur) -> tuple[bytes, int]:
    """The one directoryName and the serial number of an IssuerSerial."""
    champs = der.Champs(valeur.corps)
    noms, serie = der.suite(champs.un(der.SEQUENCE).corps), der.entier(champs.un(der.INTEGER))
    champs.fini()
    annuaires = [un.corps for un in noms if un.tag == REPERTOIRE]
    return (annuaires[0] if len(annuaires) == 1 else b""), serie


def _empreinte(hachage: str, octets: bytes) -> bytes:
    return hashlib.new(hachage, octets, usedforsecurity=False).digest()


def _choisi(jeton: Jeton, designes: Sequence[_Designe], racines: Sequence[Certificat]) -> Certificat:
    """The certificate that the signature says is its own: by digest, then by number."""
    for octets in (*jeton.certificats, *(racine.der for racine in racines)):
        if all(_empreinte(un.hachage, octets) == un.empreinte for un in designes):
            try:
                choisi = Certificat.lu(octets)
            except IllisibleError as error:
                raise NonVerifieError from error
            numeros = [jeton.signataire.designe, *(un.numero for un in designes)]
            if any(numero is not None and numero != (choisi.emetteur, choisi.serie) for numero in numeros):
                raise SignatureFausseError
            return choisi
    raise NonVerifieError


def juge(reponse: bytes, fichier: bytes, racines: Sequence[Certificat], qualifiees: Sequence[Certificat]) -> Date:
    """What a token over ``fichier`` is worth (its size is filled in by the caller).

    :raises IllisibleError: it is none.
    :raises AutreFichierError: it is over another file.
    :raises SignatureFausseError: its signature is false.
    """
    octets = dans(reponse)
    jeton = lu(octets)
    toutes = (*qualifiees, *racines)
    qualifie = verifie = False
    service = ""
    try:
        choisi = certificat(jeton, fichier, toutes)
        service = choisi.service
        autres, a = _lisibles(jeton.certificats), jeton.instant // MILLION
        if not jeton.critique:
            qualifie = x509.mene(choisi, autres, qualifiees, a)
            verifie = qualifie or x509.mene(choisi, autres, racines, a)
    except NonVerifieError:
        pass
    empreintes = hashlib.sha256(octets).hexdigest(), hashlib.sha256(fichier).hexdigest()
    return Date(0, jeton.instant, jeton.exactitude, service, qualifie, verifie, *empreintes)


def _lisibles(octets: Sequence[bytes]) -> list[Certificat]:
    """Those certificates that can be read; nobody answers for what lies beside a token."""
    lisibles = []
    for un in octets:
        try:
            lisibles.append(Certificat.lu(un))
        except IllisibleError:
            continue
    return lisibles

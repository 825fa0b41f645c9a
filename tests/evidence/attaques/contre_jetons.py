"""Attacks on the time-stamps: what is false is refused; what is only not verified here is never believed."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from ledger.seal import tsp
from tests.evidence.attaques import signataires
from tests.evidence.attaques.attaque import COHERENT, Recueil
from tests.evidence.attaques.contre_points import nom_du_point
from tests.evidence.attaques.jetons import Autorite, jeton_de, reponse
from tests.evidence.attaques.paquet import Paquet
from tests.evidence.attaques.signataires import ForgeDe, service, sous
from tests.seal.forge import cert_id, cert_id_v1, general_issuer, named, naming, pss, tlv
from tests.seal.tsa import TIME_STAMPING, Party

RECUEIL: Final = Recueil()
refusee, acceptee = RECUEIL.refusee, RECUEIL.acceptee
Signe = Callable[[Paquet, bytes, datetime], bytes]
"""A token (not yet an answer) over a file, at an instant."""
AILLEURS: Final = Autorite.nouvelle("Horodatage d'ailleurs")


def jetons(signe: Signe, *, tous: bool) -> Callable[[Paquet], Paquet]:
    """The head's token is this one, or all of them."""

    def faire(paquet: Paquet) -> Paquet:
        for size, (_, instant) in paquet.monde.horodatages.items():
            if tous or size == paquet.tete:
                nom = nom_du_point(size)
                paquet.membres[nom[:-5] + ".tsr"] = reponse(signe(paquet, paquet.membres[nom], instant))
        return paquet.sceller()

    return faire


def forge(qui: Callable[[Party], Party] | None = None, **changes: Any) -> Signe:
    """Signed by somebody under the true root; ``qui`` finds who, once for each root."""
    known: dict[int, Party] = {}

    def signe(paquet: Paquet, fichier: bytes, instant: datetime) -> bytes:
        root = paquet.monde.autorite.racine
        if qui is not None and id(root) not in known:
            known[id(root)] = qui(root)
        party = paquet.monde.autorite.service if qui is None else known[id(root)]
        said = {key: change(party, fichier) if callable(change) else change for key, change in changes.items()}
        return ForgeDe(party, sha256(fichier).digest(), time=instant, **said).token()

    return signe


def croire(nom: str, signe: Signe) -> None:
    """All tokens are of this kind, and are believed."""
    acceptee(nom=f"cru_{nom}")(jetons(signe, tous=True))


def ne_pas_croire(nom: str, signe: Signe) -> None:
    """All tokens are of this kind: no failure, and nothing is dated by them."""
    acceptee(COHERENT, nom=f"non_verifie_{nom}")(jetons(signe, tous=True))


def refuser(nom: str, signe: Signe, *codes: str) -> None:
    """The head's token is of this kind, and fails."""
    refusee("horodatage", *codes, nom=f"jeton_{nom}")(jetons(signe, tous=False))


def der_de(party: Party) -> bytes:
    """A party's certificate."""
    return party.certificate.public_bytes(Encoding.DER)


def _avec(*beside: Party) -> dict[str, Any]:
    """These certificates travel with the token, after the signer's."""
    return {"signed": lambda party, _: {"certificates": [tlv(der_de(each)) for each in (party, *beside)]}}


# --- what is believed ------------------------------------------------------------------------------------------------

for bits_ in (2048, 3072, 4096):
    croire(f"rsa_{bits_}", forge(lambda root, bits=bits_: service(root, key=signataires.cle_rsa(bits))))
for oid_, nom_ in ((tsp.SHA256, "sha256"), (tsp.SHA384, "sha384"), (tsp.SHA512, "sha512")):
    croire(f"rsa_{nom_}", forge(lambda root: service(root, key=signataires.cle_rsa(2048)), hachage=oid_))
    croire(
        f"rsa_{nom_}_entier",
        forge(lambda root: service(root, key=signataires.cle_rsa(2048)), hachage=oid_, entier=True),
    )
    croire(f"p256_{nom_}", forge(hachage=oid_))
    croire(f"p384_{nom_}", forge(lambda root: service(root, key=signataires.cle_de(ec.SECP384R1())), hachage=oid_))
croire("rsa_exposant_3", forge(lambda root: service(root, key=signataires.cle_rsa(2048, 3))))
croire("s_haut", forge(haut=True))
croire("s_bas", forge(haut=False))
for oid_, hache_ in ((tsp.SHA384, hashes.SHA384()), (tsp.SHA512, hashes.SHA512())):
    croire(
        f"imprime_{hache_.name}",
        forge(info=lambda _, fichier, oid=oid_, by=hache_: {"imprint": signataires.imprint(fichier, oid, by)}),
    )
croire("sans_exactitude", forge())
croire("exactitude_d_un_jour", forge(info={"accuracy": tsp.Accuracy(seconds=86_400, millis=999, micros=999)}))
croire("nonce", forge(info={"nonce": 2**127 + 1}))
croire("ordonne", forge(info={"ordering": True}))
croire("serie_negative", forge(info={"serial": -5}))
croire(
    "extension_non_critique",
    forge(info={"extensions": [tsp.Extension(oid=x509.ObjectIdentifier("1.2.3"), critical=False, value=b"x")]}),
)
croire(
    "nomme_par_sha1",
    forge(
        attributes=lambda party, _: {
            tsp.SIGNING_CERTIFICATE_V2: None,
            tsp.SIGNING_CERTIFICATE: naming(cert_id_v1(party.certificate)),
        }
    ),
)
croire(
    "nomme_deux_fois",
    forge(attributes=lambda party, _: {tsp.SIGNING_CERTIFICATE: naming(cert_id_v1(party.certificate))}),
)
croire(
    "nomme_avec_son_emetteur",
    forge(
        attributes=lambda party, _: {
            tsp.SIGNING_CERTIFICATE_V2: naming(
                cert_id(
                    party.certificate,
                    issuer=general_issuer(party.certificate.issuer, party.certificate.serial_number),
                )
            )
        }
    ),
)
croire(
    "nomme_avec_d_autres",
    forge(
        attributes=lambda party, _: {
            tsp.SIGNING_CERTIFICATE_V2: naming(cert_id(party.certificate), cert_id(AILLEURS.racine.certificate))
        }
    ),
)
croire(
    "attribut_signe_inconnu",
    forge(more_attributes=(tsp.Attribute(oid=x509.ObjectIdentifier("1.2.3.4"), values=asn1.SetOf([tlv(b"\5\0")])),)),
)
NON_SIGNES: Final[dict[str, list[tsp.Attribute]]] = {
    "inconnu": [tsp.Attribute(oid=x509.ObjectIdentifier("1.2.3.4"), values=asn1.SetOf([tlv(b"\5\0")]))],
    "condense": [tsp.Attribute(oid=tsp.MESSAGE_DIGEST, values=asn1.SetOf([tlv(b"\4\x20" + bytes(32))]))],
    "certificat": [
        tsp.Attribute(
            oid=tsp.SIGNING_CERTIFICATE_V2,
            values=asn1.SetOf([tlv(naming(cert_id(AILLEURS.service.certificate))[0])]),
        )
    ],
}
for nom_, attributs_ in NON_SIGNES.items():
    croire(f"attribut_non_signe_{nom_}", forge(signer={"unsigned": attributs_}))
croire("usage_engagement", forge(lambda root: service(root, more=(signataires.usages("content_commitment"),))))
croire("usage_signature", forge(lambda root: service(root, more=(signataires.usages("digital_signature"),))))
croire("sans_contraintes", forge(lambda root: service(root, ca=None)))
croire("certificats_en_desordre", forge(**_avec(AILLEURS.racine, AILLEURS.service)))
croire("certificat_deux_fois", forge(signed=lambda party, _: {"certificates": [tlv(der_de(party))] * 2}))
croire(
    "certificat_illisible_a_cote",
    forge(signed=lambda party, _: {"certificates": [tlv(b"\x30\3\2\1\1"), tlv(der_de(party))]}),
)
croire("crl_a_cote", forge(signed={"revocations": [tlv(b"\x30\0")]}))


def _par(*sur: Callable[[Party], Party], **changes: Any) -> Signe:
    """Signed by a service under intermediates, each made from the one above, all travelling with the token."""
    known: dict[int, tuple[Party, list[Party]]] = {}

    def signe(paquet: Paquet, fichier: bytes, instant: datetime) -> bytes:
        root = paquet.monde.autorite.racine
        if id(root) not in known:
            chain: list[Party] = []
            for each in sur:
                chain.append(each(chain[-1] if chain else root))
            known[id(root)] = service(chain[-1], **changes), chain
        party, chain = known[id(root)]
        return forge(lambda _: party, **_avec(*chain))(paquet, fichier, instant)

    return signe


croire("intermediaire", _par(sous))
croire("deux_intermediaires", _par(sous, sous))
croire("intermediaire_longueur_0", _par(lambda root: sous(root, path_length=0)))
croire(
    "intermediaire_a_usages",
    _par(lambda root: sous(root, usage=TIME_STAMPING, more=(signataires.usages("key_cert_sign"),))),
)
croire("intermediaire_a_tous_usages", _par(lambda root: sous(root, usage=signataires.TOUS_USAGES)))
croire("intermediaire_rsa", _par(lambda root: sous(root, key=signataires.cle_rsa(2048))))

# --- what is not verified --------------------------------------------------------------------------------------------

ne_pas_croire("autorite_inconnue", lambda _, fichier, instant: jeton_de(AILLEURS.horodater(fichier, instant)))
ne_pas_croire("meme_nom_autre_cle", forge(lambda root: service(Party(root.certificate, AILLEURS.racine.key))))
CERTIFICATS: Final[dict[str, dict[str, Any]]] = {
    "expire": {"until": signataires.ANCIEN},
    "pas_encore_valide": {"since": signataires.FUTUR},
    "sans_usage_etendu": {"usage": None},
    "usage_non_critique": {"critical": False},
    "deux_usages": {"usage": signataires.DEUX_USAGES},
    "autre_usage": {"usage": signataires.SERVEURS},
    "tous_usages": {"usage": signataires.TOUS_USAGES},
    "autorite_de_certificats": {"ca": True},
    "usage_de_chiffrement": {"more": (signataires.usages("key_encipherment"),)},
    "extension_critique_inconnue": {"more": (signataires.INCONNUE,)},
}
for nom_, champs_ in CERTIFICATS.items():
    ne_pas_croire(nom_, forge(lambda root, changes=champs_: service(root, **changes)))
ne_pas_croire("p521", forge(lambda root: service(root, key=signataires.cle_de(ec.SECP521R1()))))
ne_pas_croire("secp256k1", forge(lambda root: service(root, key=signataires.cle_de(ec.SECP256K1()))))
ne_pas_croire("brainpool", forge(lambda root: service(root, key=signataires.cle_de(ec.BrainpoolP256R1()))))
ne_pas_croire("ed25519", forge(lambda root: service(root, key=ed25519.Ed25519PrivateKey.generate())))
ne_pas_croire("rsa_1024", forge(lambda root: service(root, key=signataires.cle_rsa(1024))))
ne_pas_croire("pss", forge(lambda root: service(root, key=signataires.cle_rsa(2048)), algorithm=pss()))
ne_pas_croire(
    "imprime_sha1",
    forge(info=lambda _, fichier: {"imprint": signataires.imprint(fichier, signataires.SHA1, signataires.FAIBLE)}),
)
ne_pas_croire(
    "imprime_sha3",
    forge(info=lambda _, fichier: {"imprint": signataires.imprint(fichier, signataires.SHA3_256, hashes.SHA3_256())}),
)
ne_pas_croire("signe_en_sha1", forge(hachage=signataires.SHA1))
ne_pas_croire(
    "rsa_en_sha1",
    forge(lambda root: service(root, key=signataires.cle_rsa(2048)), hachage=signataires.SHA1, entier=True),
)
ne_pas_croire("sans_certificat", forge(signed={"certificates": None}))
ne_pas_croire("certificat_d_un_autre", forge(signed={"certificates": [tlv(der_de(AILLEURS.service))]}))
ne_pas_croire(
    "extension_critique_du_jeton",
    forge(info={"extensions": [tsp.Extension(oid=x509.ObjectIdentifier("1.2.3"), critical=True, value=b"x")]}),
)
ne_pas_croire("intermediaire_sans_droit", _par(lambda root: sous(root, ca=False)))
ne_pas_croire("intermediaire_sans_contraintes", _par(lambda root: sous(root, ca=None)))
ne_pas_croire("intermediaire_expire", _par(lambda root: sous(root, until=signataires.ANCIEN)))
ne_pas_croire("intermediaire_sans_signature", _par(lambda root: sous(root, more=(signataires.usages("crl_sign"),))))
ne_pas_croire("intermediaire_d_autre_usage", _par(lambda root: sous(root, usage=signataires.SERVEURS)))
ne_pas_croire("longueur_depassee", _par(lambda root: sous(root, path_length=0), lambda above: sous(above, "Second")))
ne_pas_croire("chaine_de_neuf", _par(*(lambda above, n=n: sous(above, f"Intermédiaire {n}") for n in range(8))))
ne_pas_croire(
    "intermediaire_absent",
    forge(lambda root: service(sous(root))),
)
ne_pas_croire(
    "noms_permis",
    _par(lambda root: sous(root, more=((x509.NameConstraints([x509.DNSName("test")], None), True),))),
)
ne_pas_croire("intermediaire_critique_inconnue", _par(lambda root: sous(root, more=(signataires.INCONNUE,))))

# --- what is false ---------------------------------------------------------------------------------------------------


@refusee("horodatage", "jeton_autre")
def jetons_echanges(paquet: Paquet) -> Paquet:
    """Two true tokens, each over the other's checkpoint."""
    a, b = (nom_du_point(size)[:-5] + ".tsr" for size in list(paquet.monde.horodatages)[:2])
    paquet.membres[a], paquet.membres[b] = paquet.membres[b], paquet.membres[a]
    return paquet.sceller()


@refusee("horodatage", "jeton_autre")
def jeton_d_un_autre_point(paquet: Paquet) -> Paquet:
    """The earliest token is given for the head: everything would be older than it is."""
    first, *_, last = (nom_du_point(size)[:-5] + ".tsr" for size in paquet.monde.horodatages)
    paquet.membres[last] = paquet.membres[first]
    return paquet.sceller()


@refusee("horodatage", "jeton_autre")
def jeton_sans_point(paquet: Paquet) -> Paquet:
    """A token for a checkpoint that is not there."""
    first = nom_du_point(next(iter(paquet.monde.horodatages)))[:-5]
    paquet.membres[nom_du_point(paquet.tete - 1)[:-5] + ".tsr"] = paquet.membres[first + ".tsr"]
    return paquet.sceller()


@refusee("horodatage", "jeton_autre")
def jeton_d_avant_les_temoins(paquet: Paquet) -> Paquet:
    """The token is over the head as it was before its witnesses cosigned."""
    size = paquet.tete
    nom = nom_du_point(size)
    alone = b"\n".join(paquet.membres[nom].split(b"\n")[:-3]) + b"\n"
    paquet.membres[nom[:-5] + ".tsr"] = paquet.monde.autorite.horodater(alone, paquet.monde.horodatages[size][1])
    return paquet.sceller()


@refusee("horodatage", "jeton_autre")
def manifeste_horodate_ailleurs(paquet: Paquet) -> Paquet:
    """The manifest's token is over another note."""
    paquet.membres["manifeste.tsr"] = paquet.monde.autorite.horodater(
        b"autre", paquet.monde.instant.replace(microsecond=0)
    )
    return paquet


@refusee("horodatage", "jeton_illisible")
def manifeste_horodate_par_rien(paquet: Paquet) -> Paquet:
    """The manifest's token is none."""
    paquet.membres["manifeste.tsr"] = b"jeton"
    return paquet


@acceptee(COHERENT)
def seul_le_manifeste_horodate(paquet: Paquet) -> Paquet:
    """No checkpoint is stamped: the manifest's own token dates nothing."""
    for size in paquet.monde.horodatages:
        del paquet.membres[nom_du_point(size)[:-5] + ".tsr"]
    return paquet.sceller()


@acceptee()
def manifeste_non_horodate(paquet: Paquet) -> Paquet:
    """The manifest's token is optional."""
    del paquet.membres["manifeste.tsr"]
    return paquet


@acceptee()
def un_jeton_inconnu_parmi_des_vrais(paquet: Paquet) -> Paquet:
    """One token that leads elsewhere spoils nothing."""
    return jetons(lambda _, fichier, instant: jeton_de(AILLEURS.horodater(fichier, instant)), tous=False)(paquet)


refuser("signature_fausse", forge(signer={"signature": b"\x30\6\2\1\1\2\1\1"}), "jeton_signature")
refuser("signature_vide", forge(signer={"signature": b""}), "jeton_signature")
refuser("signature_brute", forge(signer={"signature": bytes(31) + b"\1" + bytes(31) + b"\1"}), "jeton_signature")
refuser("signature_nulle", forge(signer={"signature": b"\x30\6\2\1\0\2\1\0"}), "jeton_signature")
refuser("condense_faux", forge(attributes={tsp.MESSAGE_DIGEST: [b"\4\x20" + bytes(32)]}), "jeton_signature")
refuser("condense_court", forge(attributes={tsp.MESSAGE_DIGEST: [b"\4\0"]}), "jeton_signature")
refuser("condense_absent", forge(attributes={tsp.MESSAGE_DIGEST: None}), "jeton_illisible", "jeton_signature")
refuser("nature_absente", forge(attributes={tsp.CONTENT_TYPE: None}), "jeton_illisible")
refuser("nature_autre", forge(attributes={tsp.CONTENT_TYPE: [asn1.encode_der(tsp.SIGNED_DATA)]}), "jeton_illisible")
refuser("certificat_non_nomme", forge(attributes={tsp.SIGNING_CERTIFICATE_V2: None}), "jeton_illisible")
refuser(
    "certificat_remplace",
    forge(
        attributes={tsp.SIGNING_CERTIFICATE_V2: naming(cert_id(AILLEURS.service.certificate))},
        signed={"certificates": [tlv(der_de(AILLEURS.service))]},
    ),
    "jeton_signature",
)
refuser(
    "signe_par_un_autre_sous_ce_certificat",
    lambda paquet, fichier, instant: ForgeDe(
        Party(paquet.monde.autorite.service.certificate, AILLEURS.service.key), sha256(fichier).digest(), time=instant
    ).token(),
    "jeton_signature",
)
refuser(
    "numero_d_un_autre",
    forge(
        signer=lambda party, _: {
            "signer": tsp.IssuerAndSerial(
                issuer=tlv(party.certificate.issuer.public_bytes()), serial=party.certificate.serial_number + 1
            )
        }
    ),
    "jeton_signature",
)
refuser("deux_signataires", forge(signers=2), "jeton_illisible")
refuser("aucun_signataire", forge(signers=0), "jeton_illisible")
refuser("version_de_l_information", forge(info={"version": 2}), "jeton_illisible")
refuser("version_du_signataire", forge(signer={"version": 2}), "jeton_illisible")
refuser("version_des_donnees", forge(signed={"version": 1}), "jeton_illisible")
refuser("autre_contenu", forge(content={"oid": tsp.SIGNED_DATA}), "jeton_illisible")
refuser("condense_non_annonce", forge(signed={"digests": asn1.SetOf([named(tsp.SHA384)])}), "jeton_illisible")
refuser(
    "imprime_court", forge(info={"imprint": tsp.Imprint(algorithm=named(tsp.SHA256), digest=bytes(31))}), "jeton_autre"
)
refuser(
    "imprime_tronque",
    forge(
        info=lambda _, fichier: {
            "imprint": tsp.Imprint(algorithm=named(tsp.SHA256), digest=sha256(fichier).digest()[:31])
        }
    ),
    "jeton_autre",
)
for nom_, exactitude_ in {
    "de_plus_d_un_jour": tsp.Accuracy(seconds=86_401, millis=None, micros=None),
    "negative": tsp.Accuracy(seconds=-1, millis=None, micros=None),
    "millis_nulles": tsp.Accuracy(seconds=None, millis=0, micros=None),
    "millis_1000": tsp.Accuracy(seconds=None, millis=1000, micros=None),
    "micros_negatives": tsp.Accuracy(seconds=None, millis=None, micros=-1),
    "immense": tsp.Accuracy(seconds=2**80, millis=None, micros=None),
}.items():
    refuser(f"exactitude_{nom_}", forge(info={"accuracy": exactitude_}), "jeton_illisible")

"""Time-stamp tokens by the verifier's own readers: published ones, forged ones, any bytes, beside the ledger's opinion."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509 as library
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID
from hypothesis import example, given
from hypothesis import strategies as st

from evidence.verificateurs.pyz import der, jeton, x509
from evidence.verificateurs.pyz.jeton import AutreFichierError, Date, SignatureFausseError
from evidence.verificateurs.pyz.textes import IllisibleError
from ledger.seal import authority, tsp
from ledger.seal.timestamp import TimestampError, Trust, verify
from tests.seal.forge import Forge, cert_id, cert_id_v1, general_issuer, named, naming, pss
from tests.seal.tsa import TIME_STAMPING, Party, certify

VECTORS: Final = Path(__file__).parents[1] / "vectors" / "rfc3161"
ACCORDE: Final = jeton.ACCORDE
LE: Final = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
DEPUIS: Final = datetime(2025, 1, 1, tzinfo=UTC)
JUSQUE: Final = datetime(2030, 1, 1, tzinfo=UTC)
FICHIER: Final = b"le point de controle"


def reponse(token: bytes) -> bytes:
    """A response that granted a token."""
    body = ACCORDE + token
    return b"\x30\x82" + len(body).to_bytes(2, "big") + body


def published(name: str) -> tuple[bytes, bytes, list[x509.Certificat]]:
    """A published token as a granted response, the file that it is over, and its chain, the root last."""
    folder = (VECTORS / name).parent
    raw = asn1.decode_der(tsp.Response, (VECTORS / name).read_bytes())
    chain = (folder / "ts_chain.pem").read_bytes()
    payload = folder / "payload"
    read = x509.pem(chain.decode()) if chain.startswith(b"-----") else [x509.Certificat.lu(chain)]
    return reponse(asn1.encode_der(raw.token)), payload.read_bytes() if payload.exists() else b"hello", read


@pytest.mark.parametrize(
    ("name", "supplied", "instant", "service"),
    [
        ("identrust/issue-104.tsr", False, "2025-03-11T08:52:08", "TrustID Timestamp Authority"),
        ("sigstage/response-sha256.tsr", False, "2025-05-09T11:58:55", "sigstore-tsa"),
        ("sigstage/response-sha384.tsr", False, "2025-05-09T11:58:55", "sigstore-tsa"),
        ("sigstage/response-sha512.tsr", False, "2025-05-09T11:58:56", "sigstore-tsa"),
        ("sigstage/response-no-embedded-cert.tsr", True, "2025-06-18T08:13:02", "sigstore-tsa"),
        ("sigstore.mock/response-expired.tsr", True, "2023-02-01T00:00:00", "tsa signing"),
        ("test_tsa/response.tsr", True, "2024-10-08T15:40:32", "Test TSA Timestamping"),
        ("test_tsa/response-injected-certs.tsr", True, "2024-10-08T15:40:32", "Test TSA Timestamping"),
    ],
)
def test_published_tokens(name: str, supplied: bool, instant: str, service: str) -> None:
    """They are verified at their own date; without the certificates that they lack they are not, and are not false."""
    answer, data, chain = published(name)
    found = jeton.juge(answer, data, chain, ())
    assert (found.verifie, found.qualifie, found.service) == (True, False, service)
    assert datetime.fromtimestamp(found.instant // jeton.MILLION, UTC).isoformat() == f"{instant}+00:00"
    assert jeton.juge(answer, data, (), chain).qualifie
    assert jeton.juge(answer, data, chain[-1:], ()).verifie is not supplied
    assert not jeton.juge(answer, data, (), ()).verifie
    with pytest.raises(AutreFichierError):
        jeton.juge(answer, data + b"!", chain, ())


def test_published_tokens_that_are_false() -> None:
    """A changed signature is false; an authority of the same name under another root is not verified."""
    answer, data, chain = published("sigstage/response-invalid-signature.tsr")
    with pytest.raises(SignatureFausseError):
        jeton.juge(answer, data, chain, ())
    answer, data, chain = published("test_tsa/other_response.tsr")
    assert not jeton.juge(answer, data, chain, ()).verifie


@pytest.mark.parametrize("name", ["sigstage/response-sha256.tsr", "identrust/issue-104.tsr", "test_tsa/response.tsr"])
def test_any_changed_byte_spoils_a_published_token(name: str) -> None:
    """What is signed and who signed it never change in one that is verified: only certificates that lie beside it may.

    Never is one verified that the ledger's own reader refuses.
    """
    answer, data, chain = published(name)
    roots = [library.load_der_x509_certificate(each.der) for each in chain]
    token = jeton.dans(answer)
    signed = jeton.lu(token)._replace(certificats=())
    refused = 0
    for place in range(0, len(token), 5):
        changed = token[:place] + bytes([token[place] ^ 1 << place % 8]) + token[place + 1 :]
        if jugement(changed, data, chain):
            assert jeton.lu(changed)._replace(certificats=()) == signed
            hashed = hashlib.new(hache_de(changed), data).digest()
            assert verify(changed, hashed, Trust(roots=roots, certificates=roots))
        else:
            refused += 1
    assert refused > len(token) // 5 // 4


def hache_de(token: bytes) -> str:
    """The hash of a token's imprint."""
    info = asn1.decode_der(tsp.TstInfo, asn1.decode_der(tsp.Token, token).signed.content.octets)
    return authority.hash_of(info.imprint.algorithm).name


def jugement(token: bytes, data: bytes, roots: list[x509.Certificat]) -> bool:
    """Whether a token is verified; refused in no other way than the three that a layer knows."""
    try:
        return jeton.juge(reponse(token), data, roots, ()).verifie
    except (IllisibleError, AutreFichierError, SignatureFausseError):
        return False


@given(st.binary(max_size=300))
@example(b"")
@example(ACCORDE)
@example(b"\x30\x05" + ACCORDE)
def test_any_bytes_are_no_token(octets: bytes) -> None:
    """They are refused as unreadable, and by no other exception."""
    with pytest.raises(IllisibleError):
        jeton.juge(octets, FICHIER, (), ())
    with pytest.raises(IllisibleError):
        jeton.juge(reponse(octets), FICHIER, (), ())


# --- forged ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def racine() -> Party:
    """A root."""
    return certify("Racine", ca=True, since=DEPUIS, until=JUSQUE)


@pytest.fixture(scope="module")
def service(racine: Party) -> Party:
    """An authority of time that the root certified."""
    return certify("Horodatage", racine, usage=TIME_STAMPING, since=DEPUIS, until=JUSQUE)


def forge(party: Party, **changes: object) -> bytes:
    """A response about the file."""
    return reponse(Forge(party, hashlib.sha256(FICHIER).digest(), time=LE, **changes).token())  # type: ignore[arg-type]  # any field


def lue(party: Party) -> x509.Certificat:
    """Its certificate."""
    return x509.Certificat.lu(party.certificate.public_bytes(Encoding.DER))


def juge(answer: bytes, *roots: Party) -> Date:
    """What it is worth under these roots."""
    return jeton.juge(answer, FICHIER, [lue(each) for each in roots], ())


def test_a_forged_token_that_is_sound(racine: Party, service: Party) -> None:
    """It is verified by its root, by its authority's own certificate, and not by another root; its bounds go outwards."""
    accuracy = tsp.Accuracy(seconds=1, millis=500, micros=None)
    answer = forge(service, info={"accuracy": accuracy})
    found = juge(answer, racine)
    assert (found.verifie, found.exactitude) == (True, 1_500_000)
    assert (found.au_plus_tot, found.au_plus_tard) == (int(LE.timestamp()) - 2, int(LE.timestamp()) + 2)
    assert juge(answer, service).verifie
    assert not juge(answer, certify("Racine", ca=True, since=DEPUIS, until=JUSQUE)).verifie


@pytest.mark.parametrize("bits", [2048, 3072])
def test_rsa_authorities(bits: int) -> None:
    """RSA PKCS #1 v1.5 is verified, under its own name or the key's; PSS is not, and is not false."""
    root = certify("Racine RSA", ca=True, since=DEPUIS, until=JUSQUE, key=rsa.generate_private_key(65537, bits))
    party = certify(
        "RSA", root, usage=TIME_STAMPING, since=DEPUIS, until=JUSQUE, key=rsa.generate_private_key(65537, bits)
    )
    assert juge(forge(party), root).verifie
    with_pss = forge(party, algorithm=pss())
    assert not juge(with_pss, root).verifie


def test_p384_and_other_curves() -> None:
    """P-384 is verified; P-521, and RSA of 1024 bits, are not, and are not false."""
    for key, verified in (
        (ec.generate_private_key(ec.SECP384R1()), True),
        (ec.generate_private_key(ec.SECP521R1()), False),
        (rsa.generate_private_key(65537, 1024), False),  # noqa: S505 - what is not verified
    ):
        party = certify("Autre", usage=TIME_STAMPING, since=DEPUIS, until=JUSQUE, key=key)
        assert juge(forge(party), party).verifie is verified


def test_certificates_that_do_not_serve_time(racine: Party) -> None:
    """Other uses, or not critically; an authority's own; expired, or not yet valid: not verified, and not false."""
    other = library.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING])
    dates = {"since": DEPUIS, "until": JUSQUE}
    for party in (
        certify("Deux usages", racine, usage=other, **dates),
        certify("Aucun usage", racine, **dates),
        certify("Pas critique", racine, usage=TIME_STAMPING, critical=False, **dates),
        certify("Autorité", racine, usage=TIME_STAMPING, ca=True, **dates),
        certify("Expirée", racine, usage=TIME_STAMPING, since=DEPUIS, until=datetime(2025, 6, 1, tzinfo=UTC)),
        certify("À venir", racine, usage=TIME_STAMPING, since=datetime(2027, 1, 1, tzinfo=UTC), until=JUSQUE),
    ):
        assert not juge(forge(party), racine).verifie
        assert not juge(forge(party), party).verifie


def test_chains(racine: Party) -> None:
    """An intermediate is followed; one that may not certify, or not so deep, or is not an authority, is not."""
    dates = {"since": DEPUIS, "until": JUSQUE}

    def under(**changes: object) -> bool:
        middle = certify("Intermédiaire", racine, **({"ca": True} | dates | changes))  # type: ignore[arg-type]  # any field
        party = certify("Horodatage", middle, usage=TIME_STAMPING, **dates)
        beside = [tlv(each.certificate.public_bytes(Encoding.DER)) for each in (party, middle)]
        return juge(forge(party, signed={"certificates": beside}), racine).verifie

    limits = library.NameConstraints(permitted_subtrees=[library.DNSName("example")], excluded_subtrees=None)
    assert under()
    assert not under(ca=False)
    assert not under(ca=None)
    assert not under(until=datetime(2025, 2, 1, tzinfo=UTC))
    assert not under(usage=library.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]))
    assert not under(more=((limits, False),))
    shallow = certify("Racine basse", ca=True, path_length=0, **dates)
    middle = certify("Intermédiaire", shallow, ca=True, **dates)
    party = certify("Horodatage", middle, usage=TIME_STAMPING, **dates)
    beside = [tlv(each.certificate.public_bytes(Encoding.DER)) for each in (party, middle)]
    assert not juge(forge(party, signed={"certificates": beside}), shallow).verifie
    assert juge(forge(party, signed={"certificates": beside}), middle).verifie


def tlv(octets: bytes) -> asn1.TLV:
    """Any value."""
    return asn1.decode_der(asn1.TLV, octets)


def test_which_certificate_signed_is_said_under_the_signature(racine: Party, service: Party) -> None:
    """By SHA-256, or by SHA-1 in the older attribute; nameless it is unreadable, and two numbers for one are false."""
    certificate = service.certificate
    older = {tsp.SIGNING_CERTIFICATE: naming(cert_id_v1(certificate)), tsp.SIGNING_CERTIFICATE_V2: None}
    assert juge(forge(service, attributes=older), racine).verifie
    with pytest.raises(IllisibleError):
        juge(forge(service, attributes={tsp.SIGNING_CERTIFICATE_V2: None}), racine)
    number = certificate.serial_number
    issuer = general_issuer(certificate.issuer, number)
    said = {tsp.SIGNING_CERTIFICATE_V2: naming(cert_id(certificate, issuer=issuer))}
    assert juge(forge(service, attributes=said), racine).verifie
    false = {tsp.SIGNING_CERTIFICATE_V2: naming(cert_id(certificate, issuer=general_issuer(certificate.issuer, 7)))}
    with pytest.raises(SignatureFausseError):
        juge(forge(service, attributes=false), racine)
    stranger = {tsp.SIGNING_CERTIFICATE_V2: naming(cert_id(certificate, digest=bytes(32)))}
    assert not juge(forge(service, attributes=stranger), racine).verifie


def test_what_the_token_says_is_what_was_signed(racine: Party, service: Party) -> None:
    """A message digest of something else is a false signature; another imprint, another file; SHA-1 is not looked at."""
    digest = {tsp.MESSAGE_DIGEST: [asn1.encode_der(bytes(32))]}
    with pytest.raises(SignatureFausseError):
        juge(forge(service, attributes=digest), racine)
    with pytest.raises(AutreFichierError):
        jeton.juge(forge(service), b"un autre fichier", [lue(racine)], ())
    sha1 = library.ObjectIdentifier("1.3.14.3.2.26")
    imprint = tsp.Imprint(algorithm=named(sha1), digest=hashlib.sha1(FICHIER).digest())  # noqa: S324 - what is not verified
    assert not juge(forge(service, info={"imprint": imprint}), racine).verifie
    extension = tsp.Extension(oid=sha1, critical=True, value=b"")
    assert not juge(forge(service, info={"extensions": [extension]}), racine).verifie
    with pytest.raises(IllisibleError):
        juge(forge(service, info={"version": 2}), racine)
    with pytest.raises(IllisibleError):
        juge(forge(service, info={"accuracy": tsp.Accuracy(seconds=86_401, millis=None, micros=None)}), racine)
    with pytest.raises(IllisibleError):
        juge(forge(service, signers=2), racine)


def test_the_ledger_and_the_verifier_agree(racine: Party, service: Party) -> None:
    """A token of the right authority over the right digest: both accept it; of the wrong key, both refuse it."""
    token = jeton.dans(forge(service))
    digest = hashlib.sha256(FICHIER).digest()
    assert verify(token, digest, Trust(roots=[racine.certificate])).time == LE
    liar = Party(service.certificate, ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(SignatureFausseError):
        juge(forge(liar), racine)
    with pytest.raises(TimestampError):
        verify(jeton.dans(forge(liar)), digest, Trust(roots=[racine.certificate]))


# --- DER -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x30",
        b"\x30\x80\x00\x00",
        b"\x30\x81\x01\x05",
        b"\x30\x82\x00\x80" + bytes(128),
        b"\x30\x85\x00\x00\x00\x00\x01\x05",
        b"\x30\x01",
        b"\x30\x00\x00",
        b"\x3f\x81\x00\x00",
    ],
    ids=str,
)
def test_der_has_one_form(octets: bytes) -> None:
    """Indefinite, long where short fits, too long, cut short, followed by something, a tag of several bytes: refused."""
    with pytest.raises(IllisibleError):
        der.seul(octets, der.SEQUENCE)


@given(st.integers(-(2**200), 2**200))
def test_whole_numbers_in_der(number: int) -> None:
    """A whole number reads as it is written, and in no longer form."""
    raw = number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)
    encoded = asn1.encode_der(number)
    assert der.entier(der.seul(encoded, der.INTEGER)) == number
    longer = (b"\xff" if number < 0 else b"\0") + raw
    with pytest.raises(IllisibleError):
        der.entier(der.Valeur(der.INTEGER, longer, b""))


@given(
    st.recursive(
        st.just(b"\x05\x00"),
        lambda inner: (
            st.lists(inner, max_size=3).map(b"".join).map(lambda c: b"\x30" + bytes([min(len(c), 127)]) + c[:127])
        ),
    )
)
def test_der_of_any_depth_is_read_or_refused(octets: bytes) -> None:
    """Nothing else than a refusal comes of it, and 33 values in each other are one."""
    try:
        der.bien_forme(octets)
    except IllisibleError:
        assert octets
    deep = b""
    for _ in range(33):
        deep = b"\x30" + bytes([len(deep)]) + deep
    with pytest.raises(IllisibleError):
        der.bien_forme(deep)


def test_identifiers_are_written_as_the_library_does() -> None:
    """Of one, two and more bytes an arc."""
    for dotted in ("1.2.840.113549.1.7.2", "2.5.29.37.0", "1.3.6.1.5.5.7.3.8", "2.16.840.1.101.3.4.2.1"):
        assert asn1.encode_der(library.ObjectIdentifier(dotted))[2:] == der.oid(dotted)


def test_pem(racine: Party) -> None:
    """Certificates are found between whatever stands around them; one that is damaged refuses them all."""
    text = racine.pem.decode()
    assert [each.der for each in x509.pem(f"bavardage\n{text}\n{text}")] == [lue(racine).der] * 2
    for wrong in ("", "rien", text[:-40], text.replace("MII", "MIJ", 1), text + "-----BEGIN CERTIFICATE-----\nAA=\n"):
        with pytest.raises(IllisibleError):
            x509.pem(wrong)


def test_a_signature_is_not_verified_by_an_algorithm_that_is_not_read(service: Party) -> None:
    """Neither true nor false: another exception says so."""
    info = lue(service).cle
    signature = service.key.sign(b"m", ec.ECDSA(hashes.SHA256()))  # type: ignore[union-attr,call-arg,arg-type]  # a key of P-256
    ecdsa_sha256 = x509.Algorithme(der.oid(SignatureAlgorithmOID.ECDSA_WITH_SHA256.dotted_string), b"")
    assert x509.signe(info, ecdsa_sha256, "", b"m", signature)
    assert not x509.signe(info, ecdsa_sha256, "", b"n", signature)
    for algorithm in (ecdsa_sha256._replace(parametres=x509.NULL), x509.Algorithme(x509.RSA, x509.NULL)):
        with pytest.raises(x509.NonVerifieError):
            x509.signe(info, algorithm, "sha256", b"m", signature)
    key = rsa.generate_private_key(65537, 2048)
    party = certify("RSA", key=key)
    signed = key.sign(b"m", padding.PKCS1v15(), hashes.SHA256())
    assert x509.signe(lue(party).cle, x509.Algorithme(x509.RSA, x509.NULL), "sha256", b"m", signed)

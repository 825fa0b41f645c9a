"""The page's own arithmetic, in V8, against published vectors and Python's: signatures, hashes, proofs, canonical JSON."""

import json
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from tests.evidence.navigateurs import node

VECTORS: Final = Path(__file__).parents[1] / "vectors"
SANS_ED25519: Final = """
const vrai = crypto.subtle.importKey.bind(crypto.subtle);
Object.defineProperty(crypto.subtle, "importKey", { value: (forme, cle, algo, ...reste) =>
  algo === "Ed25519" ? Promise.reject(new DOMException("", "NotSupportedError")) : vrai(forme, cle, algo, ...reste) });
"""
LIT: Final = """
let entree = "";
for await (const morceau of process.stdin.setEncoding("utf8")) entree += morceau;
entree = JSON.parse(entree);
const dits = [];
"""
DIT: Final = "console.log(JSON.stringify(dits));"


def asked(code: str, cases: Any, *, module: str = "verifier") -> list[Any]:
    """What ``code`` pushes to ``dits`` about ``cases`` (``entree`` there)."""
    return list(json.loads(node(f"{LIT}{code}\n{DIT}", json.dumps(cases), module=module)))


def wycheproof(name: str) -> dict[str, Any]:
    """A file of vectors."""
    return dict(json.loads((VECTORS / "wycheproof" / name).read_text()))


def vectors_of(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each vector with its group."""
    for group in wycheproof(name)["testGroups"]:
        for test in group["tests"]:
            yield group, test


@pytest.mark.parametrize(("way", "before"), [("WebCrypto", ""), ("BigInt", SANS_ED25519)])
def test_every_published_ed25519_vector_is_judged_as_it_should_by_both_ways(way: str, before: str) -> None:
    """With the engine's own Ed25519, and without: 151 vectors, and which way was taken is told."""
    cases = [[group["publicKey"]["pk"], test["msg"], test["sig"]] for group, test in vectors_of("ed25519_test.json")]
    code = """
dits.push(await $ed25519.voieEd25519());
for (const trois of entree) dits.push(await $ed25519.verifieEd25519(...trois.map($octets.deHex)));
"""
    taken, *judged = asked(before + code, cases)
    wanted = [test["result"] == "valid" for _, test in vectors_of("ed25519_test.json")]
    assert taken == way
    assert judged == wanted
    assert len(judged) == wycheproof("ed25519_test.json")["numberOfTests"] == 151


@pytest.mark.parametrize("before", ["", SANS_ED25519])
def test_a_point_of_small_order_or_written_otherwise_signs_nothing(before: str) -> None:
    """With such a key, or such an R, engines differ: here every one of them refuses."""
    order = 2**252 + 27742317777372353535851937790883648493
    small = [
        (1).to_bytes(32, "little"),
        (2**255 - 20).to_bytes(32, "little"),
        bytes(32),
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        (2**255 - 18).to_bytes(32, "little"),
        (1 | 1 << 255).to_bytes(32, "little"),
        (2).to_bytes(32, "little"),
    ]
    good = next(group["publicKey"]["pk"] for group, _ in vectors_of("ed25519_test.json"))
    cases = [
        [key.hex(), message, (r + bytes(32)).hex()] for key in small for r in small for message in ("", "00", "61")
    ]
    cases += [[good, "", (r + s.to_bytes(32, "little")).hex()] for r in small for s in (0, 1, order, order + 1)]
    code = "for (const trois of entree) dits.push(await $ed25519.verifieEd25519(...trois.map($octets.deHex)));"
    assert set(asked(before + code, cases)) == {False}


VERIFIE_X509: Final = """
for (const { cle, hachage, message, signature } of entree) {
  const lue = $signatures.cleX509($octets.deHex(cle));
  const juste = lue !== null && await $signatures.verifieX509(lue, hachage, $octets.deHex(message), $octets.deHex(signature));
  dits.push(juste);
}
"""


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("ecdsa_secp256r1_sha256_test.json", 484),
        ("ecdsa_secp384r1_sha384_test.json", 504),
        ("rsa_signature_2048_sha256_test.json", 259),
        ("rsa_signature_4096_sha512_test.json", 259),
    ],
)
def test_every_published_vector_of_a_certificate_s_key_is_judged_as_it_should(name: str, count: int) -> None:
    """ECDSA and RSA: what is valid is accepted, all else refused; "acceptable" ones (a missing NULL) are refused too."""
    cases = [
        {"cle": group["publicKeyDer"], "hachage": group["sha"], "message": test["msg"], "signature": test["sig"]}
        for group, test in vectors_of(name)
    ]
    judged = asked(VERIFIE_X509, cases)
    wrong = [
        (test["tcId"], test["comment"])
        for (_, test), verdict in zip(vectors_of(name), judged, strict=True)
        if verdict != (test["result"] == "valid")
    ]
    assert not wrong
    assert len(judged) == wycheproof(name)["numberOfTests"] == count


def test_hashes_are_those_of_python_whatever_the_lengths_and_the_cuts() -> None:
    """SHA-256 part by part and CRC-32, around every boundary of a block, cut at random."""
    rng = Random(7)  # noqa: S311 - seeded on purpose
    lengths = [*range(200), *(rng.randrange(1 << 16) for _ in range(40)), (1 << 20) + 3]
    cases = [[rng.randbytes(n), sorted(rng.randrange(n + 1) for _ in range(rng.randrange(4)))] for n in lengths]
    code = """
for (const [hex, coupes] of entree) {
  const octets = Buffer.from(hex, "hex");
  const calcul = new $empreinte.Sha256();
  let [debut, crc] = [0, 0];
  for (const fin of [...coupes, octets.length]) {
    calcul.ajoute(octets.subarray(debut, fin));
    crc = $empreinte.crc32(octets.subarray(debut, fin), crc);
    debut = fin;
  }
  dits.push([$octets.enHex(calcul.fin()), crc]);
}
"""
    said = asked(code, [[content.hex(), cuts] for content, cuts in cases])
    assert said == [[sha256(content).hexdigest(), zlib.crc32(content)] for content, _ in cases]


def test_the_length_of_what_is_hashed_goes_beyond_thirty_two_bits() -> None:
    """600 MB: the count of bits at the end of the last block takes its two words."""
    code = """
const calcul = new $empreinte.Sha256();
const morceau = new Uint8Array(entree[0]).fill(97);
for (let i = 0; i < entree[1]; i++) calcul.ajoute(morceau);
dits.push($octets.enHex(calcul.fin()));
"""
    size, times = 1 << 20, 600
    expected = sha256()
    for _ in range(times):
        expected.update(b"a" * size)
    assert asked(code, [size, times]) == [expected.hexdigest()]


def merkle(folder: str) -> list[dict[str, Any]]:
    """The published proofs of a kind."""
    return [json.loads(path.read_text()) for path in sorted((VECTORS / "merkle" / folder).rglob("*.json"))]


def test_published_proofs_of_inclusion() -> None:
    """Sound ones and broken ones."""
    cases = merkle("inclusion")
    code = """
for (const { leafIdx, treeSize, root, leafHash, proof } of entree) {
  const chemin = (proof ?? []).map($octets.empreinteDe);
  const [feuille, racine] = [leafHash, root].map($octets.empreinteDe);
  const lus = feuille !== null && racine !== null && !chemin.includes(null);
  dits.push(lus && $merkle.incluse(feuille, leafIdx, treeSize, chemin, racine));
}
"""
    assert asked(code, cases) == [not case["wantErr"] for case in cases]
    assert len(cases) > 80


def test_published_proofs_of_consistency() -> None:
    """Between two different sizes, the only ones that a bundle has; sound ones and broken ones."""
    cases = [case for case in merkle("consistency") if case["size1"] != case["size2"] and case["size1"]]
    code = """
for (const { size1, size2, root1, root2, proof } of entree) {
  const chemin = (proof ?? []).map($octets.empreinteDe);
  const [avant, apres] = [root1, root2].map($octets.empreinteDe);
  const lus = avant !== null && apres !== null && !chemin.includes(null);
  dits.push(lus && $merkle.prolonge(size1, avant, size2, apres, chemin));
}
"""
    assert asked(code, cases) == [not case["wantErr"] for case in cases]
    assert len(cases) > 60


def test_json_has_one_form() -> None:
    """What another JSON would read as the same value is not canonical; what is, is read."""
    good = [
        '{"a":1,"b":[],"c":{"d":null}}', '""', "0", "-9007199254740991", '{"__proto__":1,"a":{"constructor":2}}',
        '"\\b\\t\\n\\f\\r\\"\\\\\\u0001\u007f\u2028é𝄞"', '{"":0}', "[" * 64 + "1" + "]" * 64, "true",
    ]  # fmt: skip
    bad = [
        '{"b":1,"a":2}', '{"a":1,"a":1}', '{"a": 1}', "1.0", "1e0", "-0", "01", "9007199254740992", "1.5", "NaN", "",
        '{"é":1}', '"\\ud800"', '"\\u00e9"', '"\\/"', '"\\u000A"', "\ufeff1", "[1,]", "nul", "[" * 65 + "1" + "]" * 65,
        "[" * 100_000, '"\t"', "1 ", '{"a":1}\n', '"\\u001F"',
    ]  # fmt: skip
    code = "for (const texte of entree) dits.push($json.canonique(texte) !== undefined);"
    assert asked(code, good + bad) == [True] * len(good) + [False] * len(bad)

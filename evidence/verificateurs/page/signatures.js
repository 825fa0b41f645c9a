// RSA PKCS #1 v1.5 (RFC 8017 section 8.2.2) and ECDSA over P-256 and P-384, with SHA-2. Keys are read from X.509.
// RSA is one power in whole numbers, compared whole: engines differ in the exponents and the encodings that they take.

import { enHex, joints } from "./octets.js";
import { BITS, Champs, Illisible, SEQUENCE, algorithme, bitsEntiers, positif, uneValeur } from "./der.js";

export const HACHAGES = {
  "2.16.840.1.101.3.4.2.1": "SHA-256",
  "2.16.840.1.101.3.4.2.2": "SHA-384",
  "2.16.840.1.101.3.4.2.3": "SHA-512",
};
const RSA = "1.2.840.113549.1.1.1";
const SIGNE_RSA = {
  "1.2.840.113549.1.1.11": "SHA-256",
  "1.2.840.113549.1.1.12": "SHA-384",
  "1.2.840.113549.1.1.13": "SHA-512",
};
const SIGNE_EC = {
  "1.2.840.10045.4.3.2": "SHA-256",
  "1.2.840.10045.4.3.3": "SHA-384",
  "1.2.840.10045.4.3.4": "SHA-512",
};
const EC = "1.2.840.10045.2.1";
/** By the parameters that name them. Every coefficient a is -3. */
const COURBES = {
  "06082a8648ce3d030107": {
    nom: "P-256",
    octets: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    ordre: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  "06052b81040022": {
    nom: "P-384",
    octets: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    ordre: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
};
const NUL = "0500";
/** DigestInfo before its digest, for each hash: the end of its OID and its length. */
const INFO = { "SHA-256": [1, 32], "SHA-384": [2, 48], "SHA-512": [3, 64] };

const nombre = (octets) => (octets.length === 0 ? 0n : BigInt("0x" + enHex(octets)));
const bits = (n) => n.toString(2).length;

export const condense = async (hachage, octets) => new Uint8Array(await crypto.subtle.digest(hachage, octets));

/** A public key that is verified with here (SubjectPublicKeyInfo), or null for any other. */
export function cleX509(info) {
  try {
    const champs = new Champs(uneValeur(info));
    const { oid, parametres } = algorithme(champs.un(SEQUENCE));
    const matiere = bitsEntiers(champs.un(BITS));
    champs.fin();
    if (oid === RSA) return parametres === NUL ? cleRsa(matiere) : null;
    return oid === EC && Object.hasOwn(COURBES, parametres) ? cleEc(COURBES[parametres], matiere) : null;
  } catch (erreur) {
    if (erreur instanceof Illisible) return null;
    throw erreur;
  }
}

function cleRsa(octets) {
  const champs = new Champs(uneValeur(octets));
  const [n, e] = [nombre(positif(champs.un())), nombre(positif(champs.un()))];
  champs.fin();
  const admise = bits(n) >= 2048 && bits(n) <= 8192 && n % 2n === 1n && e >= 3n && e < 1n << 64n && e % 2n === 1n;
  return admise ? { genre: "RSA", n, e } : null;
}

/** A point written without compression (SEC 1 section 2.3.4), on its curve. */
function cleEc(courbe, point) {
  if (point.length !== 2 * courbe.octets + 1 || point[0] !== 4) return null;
  const [x, y] = [nombre(point.subarray(1, courbe.octets + 1)), nombre(point.subarray(courbe.octets + 1))];
  const sur = x < courbe.p && y < courbe.p && (y * y - x * x * x + 3n * x - courbe.b) % courbe.p === 0n;
  return sur ? { genre: "EC", courbe, point } : null;
}

/** The hash of a signature algorithm for such a key, or null. `parDefaut`: where rsaEncryption alone is named. */
export function hachageSigne({ oid, parametres }, cle, parDefaut = null) {
  if (cle.genre === "EC") return parametres === "" ? (SIGNE_EC[oid] ?? null) : null;
  if (parametres !== "" && parametres !== NUL) return null;
  return oid === RSA ? parDefaut : (SIGNE_RSA[oid] ?? null);
}

/** Whether `signature` is that of `message` by this key, with this hash. */
export function verifieX509(cle, hachage, message, signature) {
  return cle.genre === "RSA"
    ? verifieRsa(cle, hachage, message, signature)
    : verifieEcdsa(cle, hachage, message, signature);
}

async function verifieRsa({ n, e }, hachage, message, signature) {
  const octets = Math.ceil(bits(n) / 8);
  const s = nombre(signature);
  if (signature.length !== octets || s >= n) return false;
  const [fin, longueur] = INFO[hachage];
  const info = joints(
    [0x30, 17 + longueur, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, fin, 5, 0, 4, longueur],
    await condense(hachage, message),
  );
  const attendu = joints([0, 1], new Uint8Array(octets - info.length - 3).fill(0xff), [0], info);
  return modulaire(s, e, n) === nombre(attendu);
}

function modulaire(base, exposant, n) {
  let resultat = 1n;
  for (let b = base, e = exposant; e > 0n; e >>= 1n, b = (b * b) % n) if (e & 1n) resultat = (resultat * b) % n;
  return resultat;
}

/** r and s, each as long as a coordinate, or null: not DER, or out of range. */
function brute(courbe, signature) {
  try {
    const champs = new Champs(uneValeur(signature));
    const deux = [positif(champs.un()), positif(champs.un())];
    champs.fin();
    const justes = deux.every((un) => nombre(un) > 0n && nombre(un) < courbe.ordre);
    return justes ? joints(...deux.map((un) => joints(new Uint8Array(courbe.octets - un.length), un))) : null;
  } catch (erreur) {
    if (erreur instanceof Illisible) return null;
    throw erreur;
  }
}

async function verifieEcdsa({ courbe, point }, hachage, message, signature) {
  const rs = brute(courbe, signature);
  if (rs === null) return false;
  const cle = await crypto.subtle.importKey("raw", point, { name: "ECDSA", namedCurve: courbe.nom }, false, ["verify"]);
  return crypto.subtle.verify({ name: "ECDSA", hash: hachage }, cle, rs, message);
}

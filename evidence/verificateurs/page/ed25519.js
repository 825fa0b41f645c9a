// Ed25519 (RFC 8032 section 5.1.7), the same wherever it runs: what engines judge differently is refused before they
// see it. S is below the order; the key and R are points in their one form, not of small order; there is no cofactor.

import { enHex, joints } from "./octets.js";

const P = 2n ** 255n - 19n;
const ORDRE = 2n ** 252n + 27742317777372353535851937790883648493n;
const MASQUE = 2n ** 255n - 1n;

const mod = (n) => ((n % P) + P) % P;

function puissance(base, exposant) {
  let resultat = 1n;
  for (let b = mod(base), e = exposant; e > 0n; e >>= 1n, b = (b * b) % P) if (e & 1n) resultat = (resultat * b) % P;
  return resultat;
}

const D = mod(-121665n * puissance(121666n, P - 2n));
const RACINE = puissance(2n, (P - 1n) / 4n);
const NEUTRE = [0n, 1n, 1n, 0n];
const BASE = point(mod(4n * puissance(5n, P - 2n)), 0n);

const petitBout = (octets) => BigInt("0x" + enHex(Uint8Array.from(octets).reverse()));

/** The point (X, Y, Z, T) of this y whose x has this parity, or null. */
function point(y, parite) {
  const [u, v] = [mod(y * y - 1n), mod(D * y * y + 1n)];
  let x = mod(u * v ** 3n * puissance(u * v ** 7n, (P - 5n) / 8n));
  if (mod(v * x * x) === mod(-u)) x = mod(x * RACINE);
  if (mod(v * x * x) !== u || (x === 0n && parite === 1n)) return null;
  if ((x & 1n) !== parite) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

/** The point that 32 bytes are the one form of, or null. */
function lit(octets) {
  const nombre = petitBout(octets);
  const y = nombre & MASQUE;
  return y < P ? point(y, nombre >> 255n) : null;
}

function somme([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = ((y1 - x1 + P) * (y2 - x2 + P)) % P;
  const b = ((y1 + x1) * (y2 + x2)) % P;
  const c = (((2n * t1 * t2) % P) * D) % P;
  const d = (2n * z1 * z2) % P;
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function double([x, y, z]) {
  const [a, b] = [(x * x) % P, (y * y) % P];
  const c = (2n * z * z) % P;
  const h = a + b;
  const e = h - (x + y) * (x + y);
  const g = a - b;
  const f = c + g;
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

const oppose = ([x, y, z, t]) => [mod(-x), y, z, mod(-t)];
const memes = ([x1, y1, z1], [x2, y2, z2]) => mod(x1 * z2 - x2 * z1) === 0n && mod(y1 * z2 - y2 * z1) === 0n;

function petit(q) {
  return memes(double(double(double(q))), NEUTRE);
}

/** a times p plus b times q. */
function combinaison(a, p, b, q) {
  const table = [null, p, q, somme(p, q)];
  let total = NEUTRE;
  for (let bit = 255n; bit >= 0n; bit--) {
    total = double(total);
    const choix = Number((a >> bit) & 1n) + 2 * Number((b >> bit) & 1n);
    if (choix > 0) total = somme(total, table[choix]);
  }
  return total;
}

async function parCalcul(cle, r, message, signature) {
  const condense = await crypto.subtle.digest("SHA-512", joints(signature.subarray(0, 32), cle.octets, message));
  const h = petitBout(new Uint8Array(condense)) % ORDRE;
  return memes(combinaison(petitBout(signature.subarray(32)), BASE, h, oppose(cle.point)), r);
}

async function parNavigateur(cle, message, signature) {
  const lue = await crypto.subtle.importKey("raw", cle.octets, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", lue, signature, message);
}

let natif = null;

/** Whether this engine has Ed25519, asked once: it must accept the first vector of RFC 8032 section 7.1. */
async function aNatif() {
  const [cle, signature] = [
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ].map((hex) => Uint8Array.from(hex.match(/../g), (deux) => parseInt(deux, 16)));
  try {
    natif = await parNavigateur({ octets: cle }, new Uint8Array(0), signature);
  } catch {
    natif = false;
  }
  return natif;
}

/** Which way signatures are verified: "WebCrypto" or "BigInt". */
export const voieEd25519 = async () => ((natif ?? (await aNatif())) ? "WebCrypto" : "BigInt");

const CLES = new Map();

/** A key's point, computed once; null: not a key. */
function pointDeCle(octets) {
  const nom = enHex(octets);
  if (!CLES.has(nom)) {
    const q = lit(octets);
    if (CLES.size > 1000) CLES.clear();
    CLES.set(nom, q !== null && !petit(q) ? q : null);
  }
  return CLES.get(nom);
}

/** Whether `signature` is that of `message` by this key (32 bytes). */
export async function verifieEd25519(octets, message, signature) {
  if (octets.length !== 32 || signature.length !== 64) return false;
  const cle = { octets, point: pointDeCle(octets) };
  const r = cle.point === null ? null : lit(signature.subarray(0, 32));
  if (r === null || petit(r) || petitBout(signature.subarray(32)) >= ORDRE) return false;
  return (natif ?? (await aNatif())) ? parNavigateur(cle, message, signature) : parCalcul(cle, r, message, signature);
}

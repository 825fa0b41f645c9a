// Bytes and the texts that stand for them, each in its one form. A reader gives null for any other form; none throws.

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();
const HEX = /^(?:[0-9a-f]{2})*$/;

/** Seconds since 1970 that four digits of a year can tell: the years 1 to 9999. */
export const PREMIERE_SECONDE = -62135596800;
export const DERNIERE_SECONDE = 253402300799;

/** Why a layer does not hold: a code of messages.json with its parameters. */
export class Echec extends Error {
  constructor(code, parametres = {}) {
    super(code);
    this.code = code;
    this.parametres = parametres;
  }
}

/** The text of bytes in UTF-8, or null. A byte order mark is a character like any other: no format here allows one. */
export function texteDe(octets) {
  try {
    return DECODER.decode(octets);
  } catch {
    return null;
  }
}

export const octetsDe = (texte) => ENCODER.encode(texte);

export function enHex(octets) {
  let texte = "";
  for (const octet of octets) texte += (octet < 16 ? "0" : "") + octet.toString(16);
  return texte;
}

export function deHex(texte) {
  if (!HEX.test(texte)) return null;
  const octets = new Uint8Array(texte.length / 2);
  for (let i = 0; i < octets.length; i++) octets[i] = parseInt(texte.slice(2 * i, 2 * i + 2), 16);
  return octets;
}

/** The bytes of a base64 text (RFC 4648 section 4, padded, unused bits zero), or null. */
export function deBase64(texte) {
  let binaire;
  try {
    binaire = atob(texte);
  } catch {
    return null;
  }
  const octets = Uint8Array.from(binaire, (signe) => signe.charCodeAt(0));
  return btoa(binaire) === texte ? octets : null;
}

/** A hash in base64, 32 bytes, or null. */
export function empreinteDe(texte) {
  const octets = typeof texte === "string" && texte.length === 44 ? deBase64(texte) : null;
  return octets !== null && octets.length === 32 ? octets : null;
}

export function egaux(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function joints(...parties) {
  const tout = new Uint8Array(parties.reduce((somme, partie) => somme + partie.length, 0));
  let place = 0;
  for (const partie of parties) {
    tout.set(partie, place);
    place += partie.length;
  }
  return tout;
}

/** The order of two texts by the bytes of their UTF-8, which that of UTF-16 units is not. */
export function ordre(a, b) {
  const [x, y] = [octetsDe(a), octetsDe(b)];
  for (let i = 0; i < x.length && i < y.length; i++) if (x[i] !== y[i]) return x[i] - y[i];
  return x.length - y.length;
}

/** What a name that may be anything is told as: printable ASCII, 200 signs at most. */
export const montre = (octets) =>
  Array.from(octets.subarray(0, 200), (un) => (un >= 0x20 && un < 0x7f ? String.fromCharCode(un) : "?")).join("");

/** Seconds since 1970 as YYYY-MM-DDThh:mm:ssZ. */
export const instant = (secondes) => new Date(secondes * 1000).toISOString().slice(0, 19) + "Z";

// DER (X.690), strictly: one encoding for each value. Readers throw Illisible.

import { enHex } from "./octets.js";

export class Illisible extends Error {}

export const [BOOLEEN, ENTIER_DER, BITS, OCTETS, OID, SEQUENCE, ENSEMBLE] = [1, 2, 3, 4, 6, 0x30, 0x31];

/** Refuse what does not hold. */
export function exige(condition) {
  if (!condition) throw new Illisible();
}

/** The value that begins at `debut`: its tag, its bytes whole and its content. */
function valeurA(octets, debut) {
  exige(debut + 2 <= octets.length);
  const [etiquette, court] = [octets[debut], octets[debut + 1]];
  exige((etiquette & 0x1f) !== 0x1f);
  let [longueur, contenu] = [court, debut + 2];
  if (court >= 0x80) {
    const combien = court - 0x80;
    exige(combien >= 1 && combien <= 4 && contenu + combien <= octets.length && octets[contenu] !== 0);
    longueur = 0;
    for (let i = 0; i < combien; i++) longueur = longueur * 256 + octets[contenu++];
    exige(longueur >= 0x80);
  }
  const fin = contenu + longueur;
  exige(fin <= octets.length);
  return { etiquette, entier: octets.subarray(debut, fin), contenu: octets.subarray(contenu, fin) };
}

/** The one value that these bytes are. */
export function uneValeur(octets, etiquette = null) {
  const valeur = valeurA(octets, 0);
  exige(valeur.entier.length === octets.length && (etiquette === null || valeur.etiquette === etiquette));
  return valeur;
}

/** The values in a content, one after the other. */
export function valeurs(contenu) {
  const trouvees = [];
  for (let place = 0; place < contenu.length;) {
    const valeur = valeurA(contenu, place);
    trouvees.push(valeur);
    place += valeur.entier.length;
  }
  return trouvees;
}

/** The fields of a SEQUENCE, taken in order. */
export class Champs {
  #reste;

  constructor(valeur, etiquette = SEQUENCE) {
    exige(valeur.etiquette === etiquette);
    this.#reste = valeurs(valeur.contenu);
  }

  /** The next field, which must be there, with this tag if one is given. */
  un(etiquette = null) {
    const valeur = this.#reste.shift();
    exige(valeur !== undefined && (etiquette === null || valeur.etiquette === etiquette));
    return valeur;
  }

  /** The next field if it has this tag, else null. */
  peut(etiquette) {
    return this.#reste[0]?.etiquette === etiquette ? this.#reste.shift() : null;
  }

  /** The next field whatever it is, or undefined. */
  suivant() {
    return this.#reste.shift();
  }

  fin() {
    exige(this.#reste.length === 0);
  }
}

/** Look at every value in a content, at most 32 deep, also those that nobody reads. */
export function bienForme(contenu, profondeur = 32) {
  exige(profondeur > 0);
  for (const valeur of valeurs(contenu)) if (valeur.etiquette & 0x20) bienForme(valeur.contenu, profondeur - 1);
}

/** The elements of a SET OF, which DER sorts, each once. */
export function elements(contenu) {
  const trouves = valeurs(contenu);
  for (let i = 1; i < trouves.length; i++) exige(avant(trouves[i - 1].entier, trouves[i].entier));
  return trouves;
}

function avant(a, b) {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i] < b[i];
  return a.length < b.length;
}

/** The bytes of an INTEGER, signed, as short as can be. */
export function entierBrut(valeur, etiquette = ENTIER_DER) {
  const octets = valeur.contenu;
  exige(valeur.etiquette === etiquette && octets.length > 0);
  exige(octets.length === 1 || !((octets[0] === 0 && octets[1] < 0x80) || (octets[0] === 0xff && octets[1] >= 0x80)));
  return octets;
}

/** The bytes of an INTEGER that is positive or zero, without the zero that keeps it so. */
export function positif(valeur) {
  const octets = entierBrut(valeur);
  exige(octets[0] < 0x80);
  return octets[0] === 0 && octets.length > 1 ? octets.subarray(1) : octets;
}

/** An INTEGER as a number; what no number holds exactly is as far off as can be. */
export function nombreDe(valeur, etiquette = ENTIER_DER) {
  const octets = entierBrut(valeur, etiquette);
  if (octets.length > 6) return octets[0] < 0x80 ? Infinity : -Infinity;
  return octets.reduce((somme, octet) => somme * 256 + octet, octets[0] < 0x80 ? 0 : -1);
}

/** A BOOLEAN whose default is false, as it is written: only where it is true. Absent, it is null. */
export function vrai(valeur) {
  if (valeur !== null) exige(valeur.contenu.length === 1 && valeur.contenu[0] === 0xff);
  return valeur !== null;
}

/** An OBJECT IDENTIFIER in dotted form; it is only ever compared. */
export function identifiant(valeur) {
  exige(valeur.etiquette === OID);
  const arcs = [];
  let arc = 0n;
  for (const octet of valeur.contenu) {
    // No identifier read here begins an arc with a zero, or is this long: such bytes stay what they are.
    if ((arc === 0n && octet === 0x80) || arcs.length > 30 || arc >> 64n) return enHex(valeur.contenu);
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    if (octet < 0x80) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  if (arcs.length === 0 || valeur.contenu.at(-1) >= 0x80) return enHex(valeur.contenu);
  const tete = arcs[0] < 80n ? arcs[0] / 40n : 2n;
  return [tete, arcs.shift() - 40n * tete, ...arcs].join(".");
}

/** The bytes of a BIT STRING of whole bytes. */
export function bitsEntiers(valeur) {
  exige(valeur.etiquette === BITS && valeur.contenu.length > 0 && valeur.contenu[0] === 0);
  return valeur.contenu.subarray(1);
}

/** An AlgorithmIdentifier: its OID, and its parameters as they are written, in hexadecimal. */
export function algorithme(valeur) {
  const [oid] = valeurs(valeur.contenu);
  exige(valeur.etiquette === SEQUENCE && oid !== undefined);
  return { oid: identifiant(oid), parametres: enHex(valeur.contenu.subarray(oid.entier.length)) };
}

const HEURE = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{0,5}[1-9]))?Z$/;

/** Seconds since 1970 of a GeneralizedTime or UTCTime in DER, and millionths beyond. */
export function moment(valeur) {
  let texte = String.fromCharCode(...valeur.contenu.subarray(0, 40));
  if (valeur.etiquette === 0x17) {
    exige(/^\d{12}Z$/.test(texte));
    texte = (texte < "5" ? "20" : "19") + texte;
  } else {
    exige(valeur.etiquette === 0x18 && texte.length <= 22);
  }
  const lu = HEURE.exec(texte);
  exige(lu !== null);
  const [annee, mois, jour, heure, minute, seconde] = lu.slice(1, 7).map(Number);
  exige(annee > 0 && heure < 24 && minute < 60 && seconde < 60);
  const date = new Date(0);
  date.setUTCFullYear(annee, mois - 1, jour);
  exige(date.getUTCMonth() === mois - 1 && date.getUTCDate() === jour);
  return {
    secondes: date.setUTCHours(heure, minute, seconde) / 1000,
    millioniemes: Number((lu[7] ?? "").padEnd(6, "0")),
  };
}

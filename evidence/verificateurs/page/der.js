// DER (X.690), strictly: one encoding for each value. Readers throw Illisible.

export class Illisible extends Error {}

export const [BOOLEEN, ENTIER_DER, BITS, OCTETS, NUL, OID, UTF8, SEQUENCE, ENSEMBLE] = [1, 2, 3, 4, 5, 6, 12, 0x30, 0x31];

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
    exige(combien >= 1 && combien <= 3 && contenu + combien <= octets.length && octets[contenu] !== 0);
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
  for (let place = 0; place < contenu.length; ) {
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

  fin() {
    exige(this.#reste.length === 0);
  }
}

/** The elements of a SET OF, which DER sorts. */
export function elements(valeur, etiquette = ENSEMBLE) {
  exige(valeur.etiquette === etiquette);
  const trouves = valeurs(valeur.contenu);
  for (let i = 1; i < trouves.length; i++) exige(pasApres(trouves[i - 1].entier, trouves[i].entier));
  return trouves;
}

function pasApres(a, b) {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i] < b[i];
  return a.length <= b.length;
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

/** An INTEGER from 0 to 2^31-1. */
export function petitEntier(valeur, etiquette = ENTIER_DER) {
  const octets = entierBrut(valeur, etiquette);
  exige(octets[0] < 0x80 && octets.length <= 4);
  return octets.reduce((somme, octet) => somme * 256 + octet, 0);
}

export function booleen(valeur) {
  exige(valeur.etiquette === BOOLEEN && valeur.contenu.length === 1 && [0, 0xff].includes(valeur.contenu[0]));
  return valeur.contenu[0] === 0xff;
}

/** An OBJECT IDENTIFIER in dotted form. */
export function identifiant(valeur) {
  const octets = valeur.contenu;
  exige(valeur.etiquette === OID && octets.length > 0 && octets.length <= 64 && octets[octets.length - 1] < 0x80);
  const arcs = [];
  let arc = 0n;
  let premier = true;
  for (const octet of octets) {
    exige(!(premier && octet === 0x80));
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    premier = octet < 0x80;
    if (premier) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  const tete = arcs[0] < 80n ? arcs[0] / 40n : 2n;
  return [tete, arcs.shift() - 40n * tete, ...arcs].join(".");
}

/** The bytes of a BIT STRING of whole bytes. */
export function bitsEntiers(valeur) {
  exige(valeur.etiquette === BITS && valeur.contenu.length > 0 && valeur.contenu[0] === 0);
  return valeur.contenu.subarray(1);
}

/** An AlgorithmIdentifier: its OID, and its parameters or null. */
export function algorithme(valeur) {
  const champs = new Champs(valeur);
  const oid = identifiant(champs.un(OID));
  const parametres = champs.peut(NUL) ?? champs.peut(SEQUENCE) ?? champs.peut(OID);
  champs.fin();
  if (parametres?.etiquette === NUL) exige(parametres.contenu.length === 0);
  return { oid, parametres };
}

const HEURE = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d*[1-9]))?Z$/;

/** Seconds since 1970 of a GeneralizedTime or UTCTime in DER, and its fraction as text. */
export function moment(valeur) {
  let texte = String.fromCharCode(...valeur.contenu);
  if (valeur.etiquette === 0x17) {
    exige(/^\d{12}Z$/.test(texte));
    texte = (texte < "5" ? "20" : "19") + texte;
  } else {
    exige(valeur.etiquette === 0x18 && texte.length <= 40);
  }
  const lu = HEURE.exec(texte);
  exige(lu !== null);
  const [annee, mois, jour, heure, minute, seconde] = lu.slice(1, 7).map(Number);
  exige(annee > 0 && heure < 24 && minute < 60 && seconde < 60);
  const date = new Date(0);
  date.setUTCFullYear(annee, mois - 1, jour);
  exige(date.getUTCMonth() === mois - 1 && date.getUTCDate() === jour);
  return { secondes: date.setUTCHours(heure, minute, seconde) / 1000, fraction: lu[7] ?? "" };
}

// Canonical JSON (RFC 8785 on the profile of docs/bundle.md: ASCII keys, whole numbers), and the shapes that are read.

const PROFONDEUR = 64;
const ASCII = /^[\0-\x7f]*$/;
const ISOLE = /\p{Surrogate}/u;
const REGISTRE = /^[a-z0-9./-]{3,80}$/;
const HEX32 = /^[0-9a-f]{32}$/;
const HEX64 = /^[0-9a-f]{64}$/;

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3])(?::[0-5]\d){2}(\.\d{6})?Z$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;

/** Whether a year, a month and a day are a date. */
function existe([annee, mois, jour]) {
  if (annee === undefined) return false;
  const date = new Date(0);
  date.setUTCFullYear(annee, mois - 1, jour);
  return Number(annee) > 0 && date.getUTCMonth() === mois - 1 && date.getUTCDate() === Number(jour);
}

/** The value of a canonical JSON text, or undefined for any other text. */
export function canonique(texte) {
  try {
    const valeur = JSON.parse(texte);
    return ecrit(valeur, 0) === texte ? valeur : undefined;
  } catch {
    return undefined;
  }
}

/** The value of any JSON text, where its form is looked at later, or undefined. */
export function lisible(texte) {
  try {
    const valeur = texte === null ? undefined : JSON.parse(texte);
    return profond(valeur, 0) ? undefined : valeur;
  } catch {
    return undefined;
  }
}

const profond = (valeur, profondeur) =>
  profondeur > PROFONDEUR ||
  (typeof valeur === "object" && valeur !== null && Object.values(valeur).some((un) => profond(un, profondeur + 1)));

/** The canonical text of a value; throws for what the profile leaves out. */
export function ecrit(valeur, profondeur = 0) {
  if (profondeur > PROFONDEUR) throw new RangeError("profondeur");
  if (valeur === null || typeof valeur === "boolean") return String(valeur);
  if (typeof valeur === "number") {
    if (!Number.isSafeInteger(valeur)) throw new RangeError("nombre");
    return String(valeur);
  }
  if (typeof valeur === "string") {
    if (ISOLE.test(valeur)) throw new RangeError("texte");
    return JSON.stringify(valeur);
  }
  if (Array.isArray(valeur)) return "[" + valeur.map((un) => ecrit(un, profondeur + 1)).join(",") + "]";
  const noms = Object.keys(valeur);
  if (!noms.every((nom) => ASCII.test(nom))) throw new RangeError("nom");
  return (
    "{" +
    noms
      .sort()
      .map((nom) => JSON.stringify(nom) + ":" + ecrit(valeur[nom], profondeur + 1))
      .join(",") +
    "}"
  );
}

export const estObjet = (valeur) => typeof valeur === "object" && valeur !== null && !Array.isArray(valeur);
export const estTexte = (valeur) => typeof valeur === "string";
export const estEntier = (valeur) => Number.isSafeInteger(valeur) && valeur >= 0;
export const estRang = (valeur) => estEntier(valeur) && valeur > 0;
export const estFlux = (valeur) => estTexte(valeur) && HEX32.test(valeur);
/** The origin of a log. */
export const estRegistre = (valeur) => estTexte(valeur) && REGISTRE.test(valeur);
export const estEmpreinte = (valeur) => estTexte(valeur) && HEX64.test(valeur);
export const estDate = (valeur) => estTexte(valeur) && existe(DATE.exec(valeur)?.slice(1) ?? []);
/** An instant in UTC to the second, or to the millionth. */
export const estInstantAdmis = (valeur) => estTexte(valeur) && existe(INSTANT.exec(valeur)?.slice(1, 4) ?? []);
export const estInstant = (valeur) => estInstantAdmis(valeur) && valeur.length === 27;
export const listeDe = (forme) => (valeur) => Array.isArray(valeur) && valeur.every(forme);

/** Whether a value is an object of exactly these fields, each of its form; those of `facultatifs` may be absent. */
export function aForme(valeur, champs, facultatifs = {}) {
  if (!estObjet(valeur)) return false;
  const noms = Object.keys(valeur);
  return (
    Object.keys(champs).every((nom) => Object.hasOwn(valeur, nom)) &&
    noms.every((nom) => {
      const forme = Object.hasOwn(champs, nom)
        ? champs[nom]
        : Object.hasOwn(facultatifs, nom)
          ? facultatifs[nom]
          : null;
      return forme !== null && forme(valeur[nom]);
    })
  );
}

/** Whether two JSON values are the same. */
export const memeValeur = (a, b) => ecrit(a) === ecrit(b);

// Certificates (RFC 5280): what is read of them, and whether a chain of them leads to one that is believed.

import { deBase64, egaux, enHex } from "./octets.js";
import {
  BITS,
  BOOLEEN,
  Champs,
  ENTIER_DER,
  Illisible,
  OCTETS,
  OID,
  SEQUENCE,
  algorithme,
  bitsEntiers,
  entierBrut,
  exige,
  identifiant,
  moment,
  nombreDe,
  uneValeur,
  valeurs,
  vrai,
} from "./der.js";
import { cleX509, hachageSigne, verifieX509 } from "./signatures.js";

const CONTRAINTES = "2.5.29.19";
const USAGE = "2.5.29.15";
const USAGES = "2.5.29.37";
const NOMS_PERMIS = "2.5.29.30";
const CONNUES = new Set([CONTRAINTES, USAGE, USAGES]);
const HORODATER = "1.3.6.1.5.5.7.3.8";
const TOUT = "2.5.29.37.0";
/** Bits of keyUsage: digitalSignature, nonRepudiation, keyCertSign. */
const [SIGNE, ENGAGE, CERTIFIE] = [0x80, 0x40, 0x04];
const NOM_COMMUN = "2.5.4.3";
const ORGANISATION = "2.5.4.10";
const TEXTES = [0x0c, 0x13];
const TOLERANT = new TextDecoder("utf-8", { ignoreBOM: true });
const PLUS_LONGUE_CHAINE = 8;
const ESSAIS = 64;
const BLOCS = /-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/** A certificate of version 3. Throws Illisible; `cle` is null where it is of a kind that is not verified with here. */
export function certificatDe(octets) {
  const champs = new Champs(uneValeur(octets));
  const [corps, algo, signature] = [champs.un(SEQUENCE), champs.un(SEQUENCE), bitsEntiers(champs.un(BITS))];
  champs.fin();
  const dans = new Champs(corps);
  exige(enHex(dans.un(0xa0).contenu) === "020102");
  const numero = enHex(entierBrut(dans.un(ENTIER_DER)));
  exige(egaux(dans.un(SEQUENCE).entier, algo.entier));
  const emetteur = dans.un(SEQUENCE).entier;
  const dates = new Champs(dans.un(SEQUENCE));
  const [du, au] = [dateDe(dates.un()), dateDe(dates.un())];
  dates.fin();
  const [sujet, info] = [dans.un(SEQUENCE).entier, dans.un(SEQUENCE).entier];
  dans.peut(0x81);
  dans.peut(0x82);
  const extensions = extensionsDe(dans.peut(0xa3));
  dans.fin();
  return {
    entier: octets,
    corps: corps.entier,
    algo: algorithme(algo),
    signature,
    numero,
    emetteur,
    du,
    au,
    sujet,
    cle: cleX509(info),
    extensions,
  };
}

function dateDe(valeur) {
  exige(valeur.contenu.length <= 15);
  return moment(valeur).secondes;
}

/** The extensions, by OID, each once. */
function extensionsDe(valeur) {
  const lues = new Map();
  for (const une of valeur === null ? [] : valeurs(uneValeur(valeur.contenu, SEQUENCE).contenu)) {
    const champs = new Champs(une);
    const oid = identifiant(champs.un(OID));
    const critique = vrai(champs.peut(BOOLEEN));
    exige(!lues.has(oid));
    lues.set(oid, { critique, contenu: champs.un(OCTETS).contenu });
    champs.fin();
  }
  return lues;
}

/** Whether it is an authority's, and how many authorities may stand beneath it. */
function contraintes({ extensions }) {
  if (!extensions.has(CONTRAINTES)) return { autorite: false, longueur: Infinity };
  const champs = new Champs(uneValeur(extensions.get(CONTRAINTES).contenu));
  const autorite = vrai(champs.peut(BOOLEEN));
  const dessous = champs.peut(ENTIER_DER);
  champs.fin();
  const longueur = dessous === null ? Infinity : nombreDe(dessous);
  exige(dessous === null || (autorite && longueur >= 0));
  return { autorite, longueur };
}

/** The bits of keyUsage: all of them where it is absent. */
function usage({ extensions }) {
  if (!extensions.has(USAGE)) return 0xff;
  const octets = uneValeur(extensions.get(USAGE).contenu, BITS).contenu;
  exige(octets.length >= 2 && octets[0] < 8);
  const [inutiles, dernier] = [octets[0], octets.at(-1)];
  exige((dernier & ((1 << inutiles) - 1)) === 0 && ((dernier >> inutiles) & 1) === 1);
  return octets[1];
}

function usages({ extensions }) {
  if (!extensions.has(USAGES)) return null;
  const liste = valeurs(uneValeur(extensions.get(USAGES).contenu, SEQUENCE).contenu).map(identifiant);
  exige(liste.length > 0);
  return liste;
}

/** Whether no extension limits it in a way that is not looked at here. */
function connue({ extensions }) {
  return !extensions.has(NOMS_PERMIS) && [...extensions].every(([oid, { critique }]) => !critique || CONNUES.has(oid));
}

const valide = (certificat, date) => certificat.du <= date && date <= certificat.au;

const sansErreur = (question) => {
  try {
    return question();
  } catch (erreur) {
    if (erreur instanceof Illisible) return false;
    throw erreur;
  }
};

/** Whether this certificate serves time-stamping, critically, and nothing else (RFC 3161 section 2.3). */
const horodate = (certificat) =>
  sansErreur(() => {
    const liste = usages(certificat);
    const seul =
      liste !== null && liste.length === 1 && liste[0] === HORODATER && certificat.extensions.get(USAGES).critique;
    return (
      seul && !contraintes(certificat).autorite && (usage(certificat) & (SIGNE | ENGAGE)) !== 0 && connue(certificat)
    );
  });

/** Whether an authority may certify, for time-stamping, with so many other authorities beneath it. */
const certifie = (autorite, dessous) =>
  sansErreur(() => {
    const [bornes, liste] = [contraintes(autorite), usages(autorite)];
    const admis = liste === null || liste.includes(HORODATER) || liste.includes(TOUT);
    return (
      bornes.autorite && dessous <= bornes.longueur && admis && (usage(autorite) & CERTIFIE) !== 0 && connue(autorite)
    );
  });

async function signePar(certificat, autorite) {
  const hachage = autorite.cle === null ? null : hachageSigne(certificat.algo, autorite.cle);
  return hachage !== null && verifieX509(autorite.cle, hachage, certificat.corps, certificat.signature);
}

/** Whether a chain of certificates, each valid at `date`, leads from an authority of time's to one of `racines`. */
export async function mene(certificat, autres, racines, date) {
  let essais = ESSAIS;
  const monte = async (un, dessous, rang) => {
    if (!valide(un, date)) return false;
    if (racines.some((racine) => egaux(racine.entier, un.entier))) return true;
    if (rang === PLUS_LONGUE_CHAINE) return false;
    const suivants = dessous + (rang > 1 && !egaux(un.emetteur, un.sujet) ? 1 : 0);
    for (const autorite of [...racines, ...autres]) {
      if (!egaux(autorite.sujet, un.emetteur) || !certifie(autorite, suivants)) continue;
      if (essais-- <= 0) return false;
      if ((await signePar(un, autorite)) && (await monte(autorite, suivants, rang + 1))) return true;
    }
    return false;
  };
  return horodate(certificat) && monte(certificat, 0, 1);
}

/** The last common name of a subject, else the last name of an organisation, else nothing. Throws Illisible. */
export function serviceDe(certificat) {
  const noms = {};
  for (const ensemble of valeurs(uneValeur(certificat.sujet, SEQUENCE).contenu)) {
    for (const attribut of valeurs(ensemble.contenu)) {
      const champs = new Champs(attribut, attribut.etiquette);
      const [oid, valeur] = [identifiant(champs.un(OID)), champs.suivant()];
      if (TEXTES.includes(valeur?.etiquette)) noms[oid] = TOLERANT.decode(valeur.contenu);
    }
  }
  return noms[NOM_COMMUN] || noms[ORGANISATION] || "";
}

/** The certificates of a PEM text, or null: there is none, or one cannot be read. */
export function certificatsPem(texte) {
  const trouves = [];
  for (const [, corps] of texte.matchAll(BLOCS)) {
    const octets = deBase64(corps.replace(/\s/g, ""));
    try {
      trouves.push(certificatDe(octets ?? new Uint8Array(0)));
    } catch (erreur) {
      if (!(erreur instanceof Illisible)) throw erreur;
      return null;
    }
  }
  return trouves.length > 0 && trouves.length === texte.split("-----BEGIN CERTIFICATE").length - 1 ? trouves : null;
}

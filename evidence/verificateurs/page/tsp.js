// Time-stamp tokens (RFC 3161, CMS of RFC 5652), read strictly, and what they are worth under given roots.

import { DERNIERE_SECONDE, Echec, PREMIERE_SECONDE, egaux, enHex, instant } from "./octets.js";
import { sha256 } from "./empreinte.js";
import {
  BOOLEEN,
  Champs,
  ENSEMBLE,
  ENTIER_DER,
  Illisible,
  OCTETS,
  OID,
  SEQUENCE,
  algorithme,
  bienForme,
  elements,
  entierBrut,
  exige,
  identifiant,
  moment,
  nombreDe,
  uneValeur,
  valeurs,
  vrai,
} from "./der.js";
import { HACHAGES, condense, hachageSigne, verifieX509 } from "./signatures.js";
import { certificatDe, mene, serviceDe } from "./x509.js";

const PLUS_LONG = 1 << 16;
const ACCORDE = "3003020100";
const CMS_SIGNE = "1.2.840.113549.1.7.2";
const TST_INFO = "1.2.840.113549.1.9.16.1.4";
const NATURE = "1.2.840.113549.1.9.3";
const CONDENSE = "1.2.840.113549.1.9.4";
const CERTIFICAT_SHA1 = "1.2.840.113549.1.9.16.2.12";
const CERTIFICAT = "1.2.840.113549.1.9.16.2.47";
const GENERALIZED_TIME = 0x18;
const DIRECTORY_NAME = 0xa4;
const JOUR = 86400;
/** Parameters of a hash: none, or NULL (RFC 5754 section 2). */
const SANS = ["", "0500"];

/** It is of a kind that is not verified here: neither valid nor false. */
class NonVerifie extends Error {}

/** The token of a TimeStampResp that was granted. */
function jetonDans(reponse) {
  exige(reponse.length <= PLUS_LONG);
  bienForme(reponse);
  const champs = new Champs(uneValeur(reponse));
  const [statut, jeton] = [champs.un(SEQUENCE), champs.un(SEQUENCE)];
  champs.fin();
  exige(enHex(statut.entier) === ACCORDE);
  return jeton.entier;
}

/** A token as it is written; nothing is verified yet. */
function jetonDe(octets) {
  const dehors = new Champs(uneValeur(octets));
  const [nature, explicite] = [identifiant(dehors.un(OID)), dehors.un(0xa0)];
  dehors.fin();
  const champs = new Champs(uneValeur(explicite.contenu));
  const version = nombreDe(champs.un(ENTIER_DER));
  const annonces = elements(champs.un(ENSEMBLE).contenu).map(algorithme);
  const dedans = new Champs(champs.un(SEQUENCE));
  const [sorte, contenu] = [identifiant(dedans.un(OID)), uneValeur(dedans.un(0xa0).contenu, OCTETS).contenu];
  dedans.fin();
  const certificats = champs.peut(0xa0);
  champs.peut(0xa1);
  const signataire = signataireDe(uneValeur(champs.un(ENSEMBLE).contenu));
  champs.fin();
  exige(nature === CMS_SIGNE && version === 3 && sorte === TST_INFO);
  exige(annonces.every(({ parametres }) => SANS.includes(parametres)));
  exige(annonces.some(({ oid }) => oid === signataire.hachage.oid));
  const bagage = certificats === null ? [] : valeurs(certificats.contenu).map((un) => un.entier);
  return { contenu, certificats: bagage, signataire, ...informationDe(contenu) };
}

/** SignerInfo (RFC 5652 section 5.3). */
function signataireDe(valeur) {
  const champs = new Champs(valeur);
  const version = nombreDe(champs.un(ENTIER_DER));
  const sid = champs.peut(SEQUENCE) ?? champs.un(0x80);
  exige(version === (sid.etiquette === SEQUENCE ? 1 : 3));
  const designe = sid.etiquette === SEQUENCE ? numeroDe(sid, (emetteur) => emetteur.entier) : null;
  const [hachage, attributs] = [algorithme(champs.un(SEQUENCE)), champs.un(0xa0)];
  const [algo, signature] = [algorithme(champs.un(SEQUENCE)), champs.un(OCTETS).contenu];
  champs.peut(0xa1);
  champs.fin();
  const signes = new Map();
  for (const un of elements(attributs.contenu)) {
    const attribut = new Champs(un);
    const [nom, uniques] = [identifiant(attribut.un(OID)), elements(attribut.un(ENSEMBLE).contenu)];
    attribut.fin();
    exige(!signes.has(nom) && uniques.length === 1);
    signes.set(nom, uniques[0].entier);
  }
  // RFC 5652 section 5.4: the attributes are signed under the tag of a SET OF.
  const message = Uint8Array.from(attributs.entier);
  message[0] = ENSEMBLE;
  return { designe, hachage, message, signes, algo, signature };
}

/** An issuer and a serial number; `nom` finds the issuer's name in the first field. */
function numeroDe(valeur, nom) {
  const champs = new Champs(valeur);
  const [emetteur, numero] = [nom(champs.un(SEQUENCE)), enHex(entierBrut(champs.un(ENTIER_DER)))];
  champs.fin();
  return { emetteur, numero };
}

/** TSTInfo (RFC 3161 section 2.4.2). Times in seconds since 1970 and millionths. */
function informationDe(contenu) {
  bienForme(contenu);
  const champs = new Champs(uneValeur(contenu));
  exige(nombreDe(champs.un(ENTIER_DER)) === 1);
  champs.un(OID);
  const vise = new Champs(champs.un(SEQUENCE));
  const [hachage, empreinte] = [algorithme(vise.un(SEQUENCE)), vise.un(OCTETS).contenu];
  vise.fin();
  entierBrut(champs.un(ENTIER_DER));
  const date = moment(champs.un(GENERALIZED_TIME));
  const exactitude = exactitudeDe(champs.peut(SEQUENCE));
  vrai(champs.peut(BOOLEEN));
  const nonce = champs.peut(ENTIER_DER);
  if (nonce !== null) entierBrut(nonce);
  champs.peut(0xa0);
  const extensions = champs.peut(0xa1);
  champs.fin();
  const critique = extensions !== null && valeurs(extensions.contenu).map(estCritique).includes(true);
  return { hachage, empreinte, date, exactitude, critique };
}

function estCritique(extension) {
  const champs = new Champs(extension, extension.etiquette);
  champs.un(OID);
  const critique = vrai(champs.peut(BOOLEEN));
  champs.un(OCTETS);
  champs.fin();
  return critique;
}

/** Millionths of a second by which the date may be off, at most a day. */
function exactitudeDe(valeur) {
  if (valeur === null) return 0;
  const champs = new Champs(valeur);
  const [s, ms, us] = [ENTIER_DER, 0x80, 0x81].map((etiquette) => {
    const partie = champs.peut(etiquette);
    return partie === null ? null : nombreDe(partie, etiquette);
  });
  champs.fin();
  exige((s ?? 0) >= 0 && (s ?? 0) <= JOUR && [ms, us].every((une) => une === null || (une > 0 && une < 1000)));
  return (s ?? 0) * 1000000 + (ms ?? 0) * 1000 + (us ?? 0);
}

/** The name of a hash for WebCrypto. */
function hachageDe({ oid, parametres }) {
  if (!Object.hasOwn(HACHAGES, oid) || !SANS.includes(parametres)) throw new NonVerifie();
  return HACHAGES[oid];
}

/** The first certificate that such an attribute names (RFC 5035, RFC 2634): the signer's. */
function designesPar({ signes }, nom, parDefaut) {
  if (!signes.has(nom)) return [];
  const champs = new Champs(uneValeur(signes.get(nom)));
  const noms = valeurs(champs.un(SEQUENCE).contenu);
  champs.peut(SEQUENCE);
  champs.fin();
  exige(noms.length > 0 && noms.every((un) => un.etiquette === SEQUENCE));
  const premier = new Champs(noms[0]);
  const algo = nom === CERTIFICAT ? premier.peut(SEQUENCE) : null;
  const [empreinte, numero] = [premier.un(OCTETS).contenu, premier.peut(SEQUENCE)];
  premier.fin();
  const hachage = algo === null ? parDefaut : hachageDe(algorithme(algo));
  return [{ hachage, empreinte, numero: numero === null ? null : numeroDe(numero, annuaire) }];
}

/** The one directoryName among GeneralNames; two are none. */
function annuaire(noms) {
  const trouves = valeurs(noms.contenu).filter((un) => un.etiquette === DIRECTORY_NAME);
  return trouves.length === 1 ? trouves[0].contenu : new Uint8Array(0);
}

/** The certificate that the signature says is its own: by digest, then by number. Others are not even read. */
async function choisi(jeton, designes, racines) {
  for (const octets of [...jeton.certificats, ...racines.map((racine) => racine.entier)]) {
    let juste = true;
    for (const un of designes) juste &&= egaux(await condense(un.hachage, octets), un.empreinte);
    if (!juste) continue;
    const certificat = lisible(octets);
    if (certificat === null) throw new NonVerifie();
    for (const numero of [jeton.signataire.designe, ...designes.map((un) => un.numero)]) {
      const autre =
        numero !== null && !(egaux(numero.emetteur, certificat.emetteur) && numero.numero === certificat.numero);
      if (autre) throw new Echec("jeton_signature");
    }
    return certificat;
  }
  throw new NonVerifie();
}

function lisible(octets) {
  try {
    return certificatDe(octets);
  } catch (erreur) {
    if (erreur instanceof Illisible) return null;
    throw erreur;
  }
}

/** The certificate whose key signed the token over `fichier`; it may be one of `racines`. */
async function signataire(jeton, fichier, racines) {
  const imprime = await condense(hachageDe(jeton.hachage), fichier);
  if (!egaux(imprime, jeton.empreinte)) throw new Echec("jeton_autre");
  const qui = jeton.signataire;
  const hachage = hachageDe(qui.hachage);
  const attribut = (nom, etiquette) => uneValeur(qui.signes.get(nom) ?? new Uint8Array(0), etiquette);
  const juste = egaux(attribut(CONDENSE, OCTETS).contenu, await condense(hachage, jeton.contenu));
  if (!juste) throw new Echec("jeton_signature");
  exige(identifiant(attribut(NATURE, OID)) === TST_INFO);
  const designes = [...designesPar(qui, CERTIFICAT_SHA1, "SHA-1"), ...designesPar(qui, CERTIFICAT, "SHA-256")];
  exige(designes.length > 0);
  const certificat = await choisi(jeton, designes, racines);
  const par = certificat.cle === null ? null : hachageSigne(qui.algo, certificat.cle, hachage);
  if (par === null) throw new NonVerifie();
  if (!(await verifieX509(certificat.cle, par, qui.message, qui.signature))) throw new Echec("jeton_signature");
  return certificat;
}

/**
 * What a response over `fichier` is worth; throws Echec without parameters where it is false.
 * `tot`, `tard`: its bounds, in seconds since 1970, its accuracy counted outwards. `jeton`: the token's SHA-256.
 */
export async function jugeJeton(reponse, fichier, racines, qualifiees) {
  try {
    const octets = jetonDans(reponse);
    const jeton = jetonDe(octets);
    const { secondes, millioniemes } = jeton.date;
    const ecart = (signe) => (millioniemes + signe * jeton.exactitude) / 1000000;
    const [tot, tard] = [secondes + Math.floor(ecart(-1)), secondes + Math.ceil(ecart(1))];
    exige(tot >= PREMIERE_SECONDE && tard <= DERNIERE_SECONDE);
    const dit = {
      secondes,
      instant: instant(secondes),
      tot,
      tard,
      service: "",
      qualifie: false,
      verifie: false,
      jeton: enHex(sha256(octets)),
      fichier: enHex(sha256(fichier)),
    };
    return Object.assign(dit, await valeurDe(jeton, fichier, racines, qualifiees));
  } catch (erreur) {
    if (erreur instanceof Illisible) throw new Echec("jeton_illisible");
    throw erreur;
  }
}

async function valeurDe(jeton, fichier, racines, qualifiees) {
  try {
    const certificat = await signataire(jeton, fichier, [...qualifiees, ...racines]);
    const service = serviceDe(certificat);
    const autres = jeton.certificats.map(lisible).filter((un) => un !== null);
    if (jeton.critique) return { service };
    const qualifie = await mene(certificat, autres, qualifiees, jeton.date.secondes);
    return { service, qualifie, verifie: qualifie || (await mene(certificat, autres, racines, jeton.date.secondes)) };
  } catch (erreur) {
    if (erreur instanceof NonVerifie) return {};
    throw erreur;
  }
}

// Signed notes (C2SP signed-note), checkpoints (tlog-checkpoint) and policies (tlog-policy). Readers give null.

import { DERNIERE_SECONDE, deBase64, egaux, empreinteDe, enHex, octetsDe, texteDe } from "./octets.js";
import { sha256 } from "./empreinte.js";
import { verifieEd25519 } from "./ed25519.js";

const PLUS_LONGUE = 1 << 18;
const SIGNATURES = 64;
const TIRET = "— ";
const JOURNAL = 1;
const TEMOIN = 4;
const PERSONNE = "none";
const ENTIER = /^(?:0|[1-9][0-9]{0,15})$/;
const COMMANDE = /[\0-\x09\x0b-\x1f]/;
const COMMANDE_POLITIQUE = /[\0-\x08\x0b-\x1f\x7f]/;
/** Spaces and controls of any kind, and the plus sign: what a key's name never has. */
const HORS_NOM = /[\0-\x20+\x7f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** A whole number in its one form, at most 2^53-1, or null. */
export function entierDe(texte) {
  const nombre = ENTIER.test(texte) ? Number(texte) : NaN;
  return Number.isSafeInteger(nombre) ? nombre : null;
}

const bonNom = (nom) => nom !== "" && !HORS_NOM.test(nom);

/** A key `name+id+base64(type || key)`, or null. */
function cleDe(texte) {
  const [nom, id, ...reste] = texte.split("+");
  const matiere = reste.length > 0 ? deBase64(reste.join("+")) : null;
  if (matiere === null || matiere.length !== 33 || !bonNom(nom)) return null;
  const cle = { nom, id, base64: reste.join("+"), type: matiere[0], octets: matiere.subarray(1) };
  const vraie = enHex(sha256(octetsDe(nom + "\n"), matiere).subarray(0, 4));
  return vraie === id && (cle.type === JOURNAL || cle.type === TEMOIN) ? cle : null;
}

function signatureDe(ligne) {
  if (!ligne.startsWith(TIRET)) return null;
  const espace = ligne.indexOf(" ", TIRET.length);
  const nom = ligne.slice(TIRET.length, espace);
  const brut = espace > 0 ? deBase64(ligne.slice(espace + 1)) : null;
  if (brut === null || brut.length <= 4 || !bonNom(nom)) return null;
  return { nom, id: enHex(brut.subarray(0, 4)), valeur: brut.subarray(4) };
}

/** A signed note, or null: its text, ending with a newline, and its signatures. Nothing is verified yet. */
export function noteDe(octets) {
  const tout = octets.length <= PLUS_LONGUE ? texteDe(octets) : null;
  if (tout === null || COMMANDE.test(tout)) return null;
  const coupe = tout.lastIndexOf("\n\n");
  if (coupe < 1 || !tout.endsWith("\n")) return null;
  const lignes = tout.slice(coupe + 2).split("\n");
  lignes.pop();
  if (lignes.length < 1 || lignes.length > SIGNATURES) return null;
  const signatures = lignes.map(signatureDe);
  return signatures.includes(null) ? null : { texte: tout.slice(0, coupe + 1), signatures };
}

/** A checkpoint's origin, size and root, or null. Further lines are of no meaning here. */
export function pointDe(texte) {
  const lignes = texte.split("\n");
  if (lignes.pop() !== "" || lignes.length < 3 || lignes.includes("")) return null;
  const [taille, racine] = [entierDe(lignes[1]), empreinteDe(lignes[2])];
  return taille === null || racine === null ? null : { origine: lignes[0], taille, racine };
}

async function vraie(cle, texte, valeur) {
  if (cle.type === JOURNAL) return (await verifieEd25519(cle.octets, octetsDe(texte), valeur)) ? 0 : null;
  if (valeur.length !== 72) return null;
  const date = new DataView(valeur.buffer, valeur.byteOffset).getBigUint64(0);
  if (date < 1n || date > BigInt(DERNIERE_SECONDE)) return null;
  const message = octetsDe(`cosignature/v1\ntime ${date}\n${texte}`);
  return (await verifieEd25519(cle.octets, message, valeur.subarray(8))) ? Number(date) : null;
}

/** The known keys that signed a note, each with its time (a log says none: 0); null when one that is named did not. */
export async function signataires(note, cles) {
  const trouves = new Map();
  for (const signature of note.signatures) {
    for (const cle of cles.filter((une) => une.nom === signature.nom && une.id === signature.id)) {
      const date = await vraie(cle, note.texte, signature.valeur);
      if (date === null) return null;
      trouves.set(cle, date);
    }
  }
  return trouves;
}

/** A policy, or null: keys of logs, witnesses by name, groups by name in their order, quorum. */
export function politiqueDe(octets) {
  const texte = octets.length <= PLUS_LONGUE ? texteDe(octets) : null;
  if (texte === null || COMMANDE_POLITIQUE.test(texte)) return null;
  const politique = { journaux: [], temoins: new Map(), groupes: new Map(), quorum: null };
  const pris = new Set();
  for (const ligne of texte.split("\n")) {
    const mots = ligne.split(/[ \t]+/).filter((mot) => mot !== "");
    if (mots.length > 0 && !mots[0].startsWith("#") && !politiqueAvec(politique, mots, pris)) return null;
  }
  return politique.quorum === null ? null : politique;
}

const defini = (politique, nom) => politique.temoins.has(nom) || politique.groupes.has(nom);
const libre = (politique, nom) => nom !== PERSONNE && !defini(politique, nom);

function politiqueAvec(politique, [genre, ...mots], pris) {
  if (genre === "log" && (mots.length === 1 || mots.length === 2)) return journalAvec(politique, mots[0]);
  if (genre === "witness" && (mots.length === 2 || mots.length === 3)) return temoinAvec(politique, mots[0], mots[1]);
  if (genre === "group" && mots.length >= 3) return groupeAvec(politique, mots, pris);
  if (genre !== "quorum" || mots.length !== 1 || politique.quorum !== null) return false;
  politique.quorum = mots[0];
  return mots[0] === PERSONNE || defini(politique, mots[0]);
}

/** Whether a signature could name this key and another one: two of one name and id are made in seconds. */
const ambigue = (politique, { nom, id }) => clesDe(politique).some((une) => une.nom === nom && une.id === id);

function journalAvec(politique, texte) {
  const cle = cleDe(texte);
  if (cle === null || cle.type !== JOURNAL) return false;
  if (politique.journaux.some((une) => egaux(une.octets, cle.octets)) || ambigue(politique, cle)) return false;
  politique.journaux.push(cle);
  return true;
}

function temoinAvec(politique, nom, texte) {
  const cle = cleDe(texte);
  if (cle === null || cle.type !== TEMOIN || !libre(politique, nom)) return false;
  if ([...politique.temoins.values()].some((une) => egaux(une.octets, cle.octets))) return false;
  if (ambigue(politique, cle)) return false;
  politique.temoins.set(nom, cle);
  return true;
}

function groupeAvec(politique, [nom, seuil, ...membres], pris) {
  if (!libre(politique, nom)) return false;
  for (const membre of membres) {
    if (!defini(politique, membre) || pris.has(membre)) return false;
    pris.add(membre);
  }
  const voulu = seuil === "any" ? 1 : seuil === "all" ? membres.length : entierDe(seuil);
  if (voulu === null || voulu < 1 || voulu > membres.length) return false;
  politique.groupes.set(nom, { voulu, membres });
  return true;
}

export const clesDe = (politique) => [...politique.journaux, ...politique.temoins.values()];

/** Whether the witnesses of these names are as many as the policy asks for. */
export function quorumAtteint(politique, noms) {
  const atteints = new Set([PERSONNE, ...noms]);
  for (const [nom, groupe] of politique.groupes) {
    if (groupe.membres.filter((membre) => atteints.has(membre)).length >= groupe.voulu) atteints.add(nom);
  }
  return atteints.has(politique.quorum);
}

export const sansTemoin = (politique) => politique.quorum === PERSONNE;

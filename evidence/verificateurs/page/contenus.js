// The layer `contenus`: each opened part is committed to by its line, once.

import { Echec, deHex, enHex, ordre, texteDe } from "./octets.js";
import { sha256 } from "./empreinte.js";
import { canonique, estEmpreinte, estEntier, estObjet, estRang, estTexte } from "./json.js";
import { JOURNAL } from "./sac.js";

const LIGNE = new RegExp(
  '^(\\{"part":"(acteur|fait|pieces)","pos":([1-9][0-9]{0,15}),"salt":"([0-9a-f]{64})","stream":"([0-9a-f]{32})","value":)(.+)\\}$',
  "s",
);
const CITEE = { n: estEntier, nom: estTexte, octets: estEntier, sha256: estEmpreinte };

const estCitation = (valeur) =>
  estObjet(valeur) && Object.entries(CITEE).every(([nom, forme]) => Object.hasOwn(valeur, nom) && forme(valeur[nom]));

/** A list of documents, each under a number of its own. */
const sontCitees = (valeur) =>
  Array.isArray(valeur) && valeur.every(estCitation) && new Set(valeur.map(({ n }) => n)).size === valeur.length;

/** A line, or null: it has not its one form. `ecrite`: the bytes of its value. */
function ligneDe(octets) {
  const texte = octets === null ? null : texteDe(octets);
  const lu = texte === null ? null : LIGNE.exec(texte);
  const valeur = lu === null ? undefined : canonique(lu[6]);
  if (valeur === undefined || !estRang(Number(lu[3]))) return null;
  if (lu[2] === "pieces" && !sontCitees(valeur)) return null;
  const ecrite = octets.subarray(lu[1].length, octets.length - 1);
  return { part: lu[2], pos: Number(lu[3]), sel: deHex(lu[4]), stream: lu[5], valeur, ecrite };
}

export const cleDePartie = ({ stream, pos, part }) => `${stream} ${pos} ${part}`;

/** The order of parts: by stream, place, part. */
const parPlace = (a, b) => ordre(a.stream, b.stream) || a.pos - b.pos || ordre(a.part ?? "", b.part ?? "");

/** Leaves `citees`, the documents that opened parts cite, by stream, place and number, and `retenues`, the others. */
export async function contenus(examen) {
  const engagees = new Map();
  for (const { stream, pos, parties } of examen.actes) {
    for (const part of Object.keys(parties)) engagees.set(cleDePartie({ stream, pos, part }), parties[part]);
  }
  const [ouvertes, citees] = [new Set(), new Map()];
  let avant = null;
  await examen.archive.lignes(`${JOURNAL}contenus.jsonl`, (n, octets) => {
    const dit = ligneDe(octets);
    if (dit === null) throw new Echec("contenu_illisible", { n });
    const { part, pos, sel, stream, valeur, ecrite } = dit;
    if (avant !== null && parPlace(avant, dit) >= 0) throw new Echec("contenu_double", { n });
    avant = { part, pos, stream };
    const cle = cleDePartie(dit);
    if (!engagees.has(cle)) throw new Echec("contenu_inconnu", { n });
    if (enHex(sha256(sel, ecrite)) !== engagees.get(cle)) throw new Echec("contenu_faux", { stream, pos, part });
    ouvertes.add(cle);
    if (part !== "pieces") return;
    for (const { n: numero, nom, octets: taille, sha256: condense } of valeur) {
      citees.set(`${stream} ${pos} ${numero}`, { nom, octets: taille, sha256: condense });
    }
  });
  examen.citees = citees;
  examen.retenues = examen.actes
    .flatMap(({ stream, pos, parties }) => Object.keys(parties).map((part) => ({ part, pos, stream })))
    .filter((partie) => !ouvertes.has(cleDePartie(partie)))
    .sort(parPlace);
  return { ouvertes: ouvertes.size, retenues: examen.retenues.length };
}

// The layer `contenus`: each opened part is committed to by its line, once.

import { Echec, deHex, enHex, ordre, texteDe } from "./octets.js";
import { sha256 } from "./empreinte.js";
import { aForme, canonique, estEmpreinte, estEntier, estFlux, estObjet, estRang, estTexte } from "./json.js";
import { JOURNAL } from "./sac.js";

export const PARTIES = ["acteur", "fait", "pieces"];
const LIGNE = { part: (valeur) => PARTIES.includes(valeur), pos: estRang, salt: estEmpreinte, stream: estFlux, value: () => true };
const CITEE = { n: estEntier, nom: estTexte, octets: estEntier, sha256: estEmpreinte };

const estCitation = (valeur) =>
  estObjet(valeur) && Object.entries(CITEE).every(([nom, forme]) => Object.hasOwn(valeur, nom) && forme(valeur[nom]));

/** A line as a value, or null: it has not its one form. */
function ligneDe(octets) {
  const texte = octets === null ? null : texteDe(octets);
  const dit = texte === null ? undefined : canonique(texte);
  if (!aForme(dit, LIGNE)) return null;
  return dit.part !== "pieces" || (Array.isArray(dit.value) && dit.value.every(estCitation)) ? dit : null;
}

export const cleDePartie = ({ stream, pos, part }) => `${stream} ${pos} ${part}`;

/** The order of parts: by stream, place, part. */
export const parPlace = (a, b) => ordre(a.stream, b.stream) || a.pos - b.pos || ordre(a.part ?? "", b.part ?? "");

/** Leaves `ouvertes`, the opened parts, `citees`, the documents that they cite, and `retenues`, what is committed to and not opened. */
export async function contenus(examen) {
  const engagees = new Map();
  for (const { stream, pos, parties } of examen.actes) {
    for (const part of Object.keys(parties)) engagees.set(cleDePartie({ stream, pos, part }), parties[part]);
  }
  const [ouvertes, citees] = [new Set(), []];
  let avant = null;
  await examen.archive.lignes(`${JOURNAL}contenus.jsonl`, (n, octets) => {
    const dit = ligneDe(octets);
    if (dit === null) throw new Echec("contenu_illisible", { n });
    const { part, pos, salt, stream, value } = dit;
    if (avant !== null && parPlace(avant, dit) >= 0) throw new Echec("contenu_double", { n });
    avant = { part, pos, stream };
    const cle = cleDePartie(dit);
    if (!engagees.has(cle)) throw new Echec("contenu_inconnu", { n });
    const tete = `{"part":"${part}","pos":${pos},"salt":"${salt}","stream":"${stream}","value":`;
    const engagement = enHex(sha256(deHex(salt), octets.subarray(tete.length, octets.length - 1)));
    if (engagement !== engagees.get(cle)) throw new Echec("contenu_faux", { stream, pos, part });
    ouvertes.add(cle);
    if (part === "pieces") citees.push(...value.map(({ n: numero, nom, octets: taille, sha256: condense }) => ({ n: numero, nom, octets: taille, sha256: condense, pos, stream })));
  });
  examen.citees = citees;
  examen.retenues = examen.actes
    .flatMap(({ stream, pos, parties }) => Object.keys(parties).map((part) => ({ part, pos, stream })))
    .filter((partie) => !ouvertes.has(cleDePartie(partie)))
    .sort(parPlace);
  return { ouvertes: ouvertes.size, retenues: examen.retenues.length };
}

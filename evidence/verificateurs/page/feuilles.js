// The layer `feuilles`: each line has its one form and is of this log; each stream of acts is dense from 1 and chained.

import { Echec, enHex, texteDe } from "./octets.js";
import { aForme, canonique, estEmpreinte, estEntier, estFlux, estInstant, estObjet, estRang, estTexte } from "./json.js";
import { feuilleDe } from "./merkle.js";
import { JOURNAL } from "./sac.js";

const NOM = /^[a-z0-9_]{1,30}$/;
const GENRE = /^[a-z_]{3,30}$/;
const estUn = (valeur) => valeur === 1;
const estGenre = (valeur) => estTexte(valeur) && GENRE.test(valeur);
const COMMUN = { at: estInstant, log: estTexte, pos: estRang, stream: estFlux, v: estUn };
const PARTIES = (valeur) => aForme(valeur, { fait: estEmpreinte }, { acteur: estEmpreinte, pieces: estEmpreinte });
const ACTE = { ...COMMUN, c: PARTIES };
const PROPRE = { ...COMMUN, kind: estGenre };
/** The leaves of the log itself that are read here. */
const LUES = {
  jeton: { ...PROPRE, frozen: estEmpreinte, sha256: estEmpreinte, size: estEntier },
  recensement: { ...PROPRE, root: estEmpreinte, size: estEntier, streams: estEntier },
};

/** A line as a value, or null: it has not its one form. */
function ligneDe(octets) {
  const texte = octets === null ? null : texteDe(octets);
  const dit = texte === null ? undefined : canonique(texte);
  if (!estObjet(dit)) return null;
  const chainee = { prev: estEmpreinte };
  const juste = Object.hasOwn(dit, "kind") ? estPropre(dit, chainee) : aForme(dit, ACTE, chainee);
  return juste && (dit.pos === 1) !== Object.hasOwn(dit, "prev") ? dit : null;
}

function estPropre(dit, chainee) {
  if (estTexte(dit.kind) && Object.hasOwn(LUES, dit.kind)) return aForme(dit, LUES[dit.kind], chainee);
  const autres = Object.keys(dit).filter((nom) => !Object.hasOwn(PROPRE, nom) && nom !== "prev");
  const libres = Object.fromEntries(autres.map((nom) => [nom, (valeur) => estTexte(valeur) || estEntier(valeur)]));
  return autres.every((nom) => NOM.test(nom)) && aForme(dit, { ...PROPRE, ...libres }, chainee);
}

/** Where a stream stands: its last place and that entry's leaf hash, in hexadecimal. */
function suit(fins, dit) {
  const fin = fins.get(dit.stream) ?? { pos: 0, feuille: undefined, acte: !Object.hasOwn(dit, "kind") };
  const { stream, pos } = dit;
  const acte = !Object.hasOwn(dit, "kind");
  if (acte !== fin.acte || pos <= fin.pos) throw new Echec("feuille_place", { stream, pos });
  if (acte && pos !== fin.pos + 1) throw new Echec("feuille_place", { stream, pos: fin.pos + 1 });
  if (pos === fin.pos + 1 && dit.prev !== fin.feuille) throw new Echec("feuille_chaine", { stream, pos });
  return acte;
}

/** Leaves `lignes`, in the order of the file, and `fins`, where each stream ends. */
export async function feuilles(examen) {
  const [lignes, fins] = [[], new Map()];
  await examen.archive.lignes(`${JOURNAL}feuilles.jsonl`, (n, octets) => {
    const dit = ligneDe(octets);
    if (dit === null) throw new Echec("feuille_illisible", { n });
    if (dit.log !== examen.log) throw new Echec("feuille_registre", { n });
    const acte = suit(fins, dit);
    const feuille = feuilleDe(octets);
    const hex = enHex(feuille);
    fins.set(dit.stream, { pos: dit.pos, feuille: hex, acte });
    const garde = { acte, stream: dit.stream, pos: dit.pos, feuille, hex };
    lignes.push(acte ? { ...garde, parties: dit.c } : Object.hasOwn(LUES, dit.kind) ? { ...garde, dit } : garde);
  });
  examen.lignes = lignes;
  examen.actes = lignes.filter((ligne) => ligne.acte);
  examen.flux = new Set(examen.actes.map((ligne) => ligne.stream));
  return { lignes: lignes.length, flux: examen.flux.size };
}

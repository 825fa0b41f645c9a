// The layer `feuilles`: each line has its one form and is of this log; each stream of acts is dense from 1 and chained.

import { Echec, enHex, texteDe } from "./octets.js";
import {
  aForme,
  canonique,
  estEmpreinte,
  estEntier,
  estFlux,
  estInstant,
  estObjet,
  estRang,
  estRegistre,
  estTexte,
} from "./json.js";
import { feuilleDe } from "./merkle.js";
import { JOURNAL } from "./sac.js";

const NOM = /^[a-z0-9_]{1,30}$/;
const SANS_GUILLEMETS = /^[ !#-[\]-~]*$/;
const GENRE = /^[a-z_]{3,30}$/;
const estUn = (valeur) => valeur === 1;
const estGenre = (valeur) => estTexte(valeur) && GENRE.test(valeur);
const COMMUN = { at: estInstant, log: estRegistre, pos: estRang, stream: estFlux, v: estUn };
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
  const libres = Object.fromEntries(
    autres.map((nom) => [nom, (valeur) => estEntier(valeur) || (estTexte(valeur) && SANS_GUILLEMETS.test(valeur))]),
  );
  return autres.every((nom) => NOM.test(nom)) && aForme(dit, { ...PROPRE, ...libres }, chainee);
}

/** The line comes next in its stream: acts are dense from 1 and chained; no place is given twice. */
function suit({ fins, vues }, dit, acte) {
  const { stream, pos, prev } = dit;
  const place = `${stream} ${pos}`;
  if (vues.has(place)) throw new Echec("feuille_place", { stream, pos });
  vues.add(place);
  if (!acte) return;
  const fin = fins.get(stream) ?? { pos: 0, hex: undefined };
  if (pos !== fin.pos + 1) throw new Echec("feuille_place", { stream, pos: fin.pos + 1 });
  if (prev !== fin.hex) throw new Echec("feuille_chaine", { stream, pos });
}

/** Leaves `lignes`, in the order of the file, and `actes`, those of persons. */
export async function feuilles(examen) {
  const [lignes, places] = [[], { fins: new Map(), vues: new Set() }];
  await examen.archive.lignes(`${JOURNAL}feuilles.jsonl`, (n, octets) => {
    const dit = ligneDe(octets);
    if (dit === null) throw new Echec("feuille_illisible", { n });
    if (dit.log !== examen.log) throw new Echec("feuille_registre", { n });
    const acte = !Object.hasOwn(dit, "kind");
    suit(places, dit, acte);
    const feuille = feuilleDe(octets);
    const garde = { acte, stream: dit.stream, pos: dit.pos, feuille, hex: enHex(feuille) };
    if (acte) places.fins.set(dit.stream, garde);
    lignes.push(acte ? { ...garde, parties: dit.c } : Object.hasOwn(LUES, dit.kind) ? { ...garde, dit } : garde);
  });
  examen.lignes = lignes;
  examen.actes = lignes.filter((ligne) => ligne.acte);
  return { lignes: lignes.length, flux: places.fins.size };
}

// The layer `recensement`: that nothing is missing. A tree counted every stream's end; the bundle shows its subjects'
// and their neighbours', so that a stream left out would leave a hole, and one cut short would not reach its end.

import { Echec, deHex, empreinteDe, texteDe } from "./octets.js";
import { aForme, canonique, ecrit, estEmpreinte, estEntier, estFlux, estRang, estTexte, listeDe } from "./json.js";
import { feuilleDe, incluse } from "./merkle.js";
import { JOURNAL } from "./sac.js";

const FICHIER = `${JOURNAL}recensement.jsonl`;
const CHEMIN = listeDe((valeur) => empreinteDe(valeur) !== null);
const LIGNE = { index: estEntier, leaf: estEmpreinte, path: CHEMIN, pos: estRang, stream: estFlux, subject: estFlux };

export async function recensement(examen) {
  const { archive, lignes } = examen;
  if (!archive.a(FICHIER)) return { issue: "impossible", code: "recensement_absent" };
  const comptees = await lis(archive);
  const feuilles = lignes.filter(({ dit }) => dit?.kind === "recensement");
  if (feuilles.length !== 1) throw new Echec("recensement_feuille");
  const { root, size, streams } = feuilles[0].dit;
  sontDeLArbre(comptees, streams, deHex(root));
  const sujets = Array.isArray(examen.dossier.sujets) ? examen.dossier.sujets.filter(estTexte) : [];
  for (const sujet of sujets) if (!sansTrou(comptees, sujet, streams)) throw new Echec("recensement_trou", { sujet });
  const connus = new Set(sujets);
  const siennes = comptees.filter(({ subject }) => connus.has(subject));
  finissent(examen.actes, siennes);
  const flux = new Set(siennes.map(({ stream }) => stream));
  const inconnus = examen.actes
    .filter(({ index, stream }) => index < size && !flux.has(stream))
    .map(({ stream }) => stream)
    .sort();
  if (inconnus.length > 0) throw new Echec("recensement_inconnu", { stream: inconnus[0] });
  examen.comptees = new Map(siennes.map(({ stream, subject }) => [stream, subject]));
  const apres = examen.actes.filter(({ index }) => index >= size).length;
  return { apres, flux: siennes.length, suite: Math.max(0, examen.tete.taille - size), taille: size };
}

async function lis(archive) {
  const lues = [];
  await archive.lignes(FICHIER, (n, octets) => {
    const texte = octets === null ? null : texteDe(octets);
    const ligne = texte === null ? undefined : canonique(texte);
    if (!aForme(ligne, LIGNE) || ligne.path.length > 63) throw new Echec("recensement_illisible", { n });
    lues.push(ligne);
  });
  return lues;
}

/** Each line is a leaf of the counted tree; indexes rise, and subjects and streams with them. */
function sontDeLArbre(comptees, streams, racine) {
  let avant = { index: -1, cle: "" };
  comptees.forEach(({ index, leaf, path, pos, stream, subject }, i) => {
    const feuille = feuilleDe(ecrit({ leaf, pos, stream, subject }));
    const cle = subject + stream;
    const juste =
      index > avant.index && cle > avant.cle && incluse(feuille, index, streams, path.map(empreinteDe), racine);
    if (!juste) throw new Echec("recensement_faux", { n: i + 1 });
    avant = { index, cle };
  });
}

/** Where the first line of which it holds stands, by halves: it holds of all that follow, which may be very many. */
function premiere(comptees, tient) {
  let [debut, fin] = [0, comptees.length];
  while (debut < fin) {
    const milieu = (debut + fin) >> 1;
    if (tient(comptees[milieu])) fin = milieu;
    else debut = milieu + 1;
  }
  return debut;
}

/** A subject's lines follow each other, from the line before its first to the line after its last, if there are. */
function sansTrou(comptees, sujet, streams) {
  const debut = premiere(comptees, ({ subject }) => subject >= sujet);
  const fin = premiere(comptees, ({ subject }) => subject > sujet);
  const avant = debut > 0 ? comptees[debut - 1].index : -1;
  const apres = fin < comptees.length ? comptees[fin].index : streams;
  return apres - avant === fin - debut + 1;
}

/** Each counted stream is in the bundle up to where it was counted at least, with the very entry that was its last. */
function finissent(actes, siennes) {
  const feuilles = new Map(actes.map(({ stream, pos, hex }) => [`${stream} ${pos}`, hex]));
  for (const { leaf, pos, stream } of siennes) {
    if (feuilles.get(`${stream} ${pos}`) !== leaf) throw new Echec("recensement_fin", { stream });
  }
}

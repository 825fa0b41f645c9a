// The layers `export`, `inclusion`, `points` and `temoins`: what was signed, and that each line is under it.

import { Echec, egaux, empreinteDe, instant, joints, octetsDe, ordre, texteDe } from "./octets.js";
import { aForme, canonique, estEntier, estFlux, estRang, listeDe } from "./json.js";
import { clesDe, entierDe, noteDe, pointDe, quorumAtteint, sansTemoin, signataires } from "./note.js";
import { incluse, prolonge } from "./merkle.js";
import { JOURNAL, POINTS, TAGS } from "./sac.js";

const NOTE = 1 << 18;
const PREUVE = 1 << 19;
const CHEMIN = listeDe((valeur) => empreinteDe(valeur) !== null);
const HEX64 = /^[0-9a-f]{64}$/;
const INCLUSION = { index: estEntier, path: CHEMIN, pos: estRang, stream: estFlux };
const COHERENCE = { a: estEntier, de: estEntier, path: CHEMIN };
const ENTETE = "c2sp.org/tlog-proof@v1";

const lisNote = async (archive, nom) => {
  const octets = await archive.lit(nom, NOTE);
  const note = octets === null ? null : noteDe(octets);
  return note === null ? null : { ...note, octets };
};

// Whole: an id of four bytes can be met by trying.
const enCle = ({ nom, id, base64 }) => ({ nom, empreinte: `${id}+${base64}` });
const parNom = (a, b) => ordre(a.nom, b.nom) || ordre(a.empreinte, b.empreinte);

/** The log's keys, of one name, among those that signed. */
const cles = (qui, nom) => [...qui.keys()].filter((cle) => cle.type === 1 && cle.nom === nom).map(enCle);

export async function signature(examen) {
  const { archive, log, politique } = examen;
  const note = await lisNote(archive, "manifeste.note");
  const lignes = note === null ? [] : note.texte.split("\n");
  const juste = lignes.length === 4 && lignes[0] === "constat/1 export" && lignes[1] !== "" && HEX64.test(lignes[2]);
  if (!juste) throw new Echec("export_illisible");
  const empreinte = archive.empreintes.get(TAGS);
  if (lignes[1] !== log || lignes[2] !== empreinte) throw new Echec("export_autre");
  const qui = await signataires(note, clesDe(politique));
  if (qui === null) throw new Echec("export_signature");
  const nom = `${log}/exports`;
  const siennes = cles(qui, nom);
  if (siennes.length === 0) throw new Echec("export_cle", { nom });
  examen.manifeste = note.octets;
  examen.cles.push(...siennes);
  return { empreinte, nom };
}

const chemin = (ecrit) => ecrit.map(empreinteDe);

/** The values of a file's lines; `code` says which one is not of this form. */
async function valeurs(archive, nom, forme, echec) {
  const lues = [];
  await archive.lignes(JOURNAL + nom, (n, octets) => {
    const texte = octets === null ? null : texteDe(octets);
    const valeur = texte === null ? undefined : canonique(texte);
    if (!aForme(valeur, forme) || valeur.path.length > 63) throw echec(n);
    lues.push(valeur);
  });
  return lues;
}

/** The sizes that name the files of points/ with this ending, rising. */
export function tailles(archive, fin) {
  const noms = archive.sous(POINTS).filter((nom) => nom.endsWith(fin));
  return noms.map((nom) => entierDe(nom.slice(0, -fin.length))).sort((a, b) => a - b);
}

/** A checkpoint, or null; nothing is verified yet. */
async function lisPoint(archive, taille) {
  const note = await lisNote(archive, `${POINTS}${taille}.note`);
  const point = note === null ? null : pointDe(note.texte);
  return point === null ? null : { ...point, note };
}

export async function inclusion(examen) {
  const { archive, lignes } = examen;
  const preuves = await valeurs(archive, "inclusions.jsonl", INCLUSION, (n) => new Echec("inclusion_illisible", { n }));
  if (preuves.length !== lignes.length) throw new Echec("inclusion_nombre");
  const taille = tailles(archive, ".note").at(-1);
  const tete = await lisPoint(archive, taille);
  if (tete === null) throw new Echec("inclusion_fausse", { n: 1 });
  let avant = -1;
  preuves.forEach(({ index, path, pos, stream }, i) => {
    const ligne = lignes[i];
    if (index <= avant || pos !== ligne.pos || stream !== ligne.stream)
      throw new Echec("inclusion_autre", { n: i + 1 });
    if (!incluse(ligne.feuille, index, taille, chemin(path), tete.racine))
      throw new Echec("inclusion_fausse", { n: i + 1 });
    ligne.index = avant = index;
  });
  examen.dernierChemin = preuves.at(-1)?.path ?? null;
  return { taille };
}

export async function points(examen) {
  const { archive, log } = examen;
  const lus = [];
  for (const taille of tailles(archive, ".note")) {
    const point = await lisPoint(archive, taille);
    if (point === null) throw new Echec("point_illisible", { taille });
    if (point.origine !== log || point.taille !== taille) throw new Echec("point_autre", { taille });
    const qui = await signataires(point.note, clesDe(examen.politique));
    if (qui === null) throw new Echec("point_signature", { taille });
    examen.cles.push(...cles(qui, log));
    lus.push({ ...point, qui });
  }
  // Those before the head are in its history by consistency, whatever key signed them then.
  const { taille, qui } = lus.at(-1);
  if (cles(qui, log).length === 0) throw new Echec("point_cle", { taille });
  await coherences(archive, lus);
  await tete(examen, lus.at(-1));
  examen.points = lus;
  examen.tete = lus.at(-1);
  return { points: lus.length };
}

async function coherences(archive, lus) {
  const preuves = await valeurs(archive, "coherences.jsonl", COHERENCE, () => new Echec("coherence_illisible"));
  const voisins = lus.slice(1).map((a, i) => [lus[i], a]);
  const juste =
    preuves.length === voisins.length &&
    voisins.every(([de, a], i) => preuves[i].de === de.taille && preuves[i].a === a.taille);
  if (!juste) throw new Echec("coherence_manque");
  voisins.forEach(([de, a], i) => {
    const vraie = prolonge(de.taille, de.racine, a.taille, a.racine, chemin(preuves[i].path));
    if (!vraie) throw new Echec("coherence_fausse", { de: de.taille, a: a.taille });
  });
}

/** C2SP tlog-proof, without `extra`: its one form for this line under this note. */
async function tete({ archive, lignes, dernierChemin }, point) {
  const lue = await archive.lit(`${JOURNAL}tete.tlog-proof`, PREUVE);
  if (lue === null || dernierChemin === null) throw new Echec("tete_autre");
  const debut = [ENTETE, `index ${lignes.at(-1).index}`, ...dernierChemin, "", ""].join("\n");
  if (!egaux(lue, joints(octetsDe(debut), point.note.octets))) throw new Echec("tete_autre");
}

export function temoins(examen) {
  const {
    politique,
    tete: { taille, qui },
  } = examen;
  const vus = [...politique.temoins]
    .filter(([, cle]) => qui.has(cle))
    .map(([nom, cle]) => ({ nom, instant: instant(qui.get(cle)) }));
  vus.sort((a, b) => ordre(a.nom, b.nom));
  const noms = vus.map(({ nom }) => nom);
  examen.temoins = vus;
  if (!quorumAtteint(politique, noms)) throw new Echec("temoins_quorum", { taille });
  return sansTemoin(politique) ? { code: "temoins_aucun" } : { taille, temoins: noms.join(", ") };
}

export const clesDites = (examen) => {
  const uniques = new Map(examen.cles.map((cle) => [`${cle.nom} ${cle.empreinte}`, cle]));
  return [...uniques.values()].sort(parNom);
};

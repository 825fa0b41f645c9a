// The layer `sac`: a BagIt 1.0 bag (RFC 8493) in which each file is listed once and has its digest.

import { Echec, enHex, octetsDe, texteDe } from "./octets.js";
import { sha256 } from "./empreinte.js";
import { CHEMIN } from "./archive.js";
import { estObjet, estRegistre, lisible } from "./json.js";
import { entierDe, politiqueDe } from "./note.js";

export const JOURNAL = "data/journal/";
export const POINTS = `${JOURNAL}points/`;
export const PIECES = "data/pieces/";
export const DOSSIER = "data/dossier.json";
export const TAGS = "tagmanifest-sha256.txt";
const POLITIQUE = `${JOURNAL}politique.txt`;
const LISTE = "manifest-sha256.txt";
const INFO = "bag-info.txt";
const DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
/** What no list names. */
const APART = new Set([TAGS, "manifeste.note", "manifeste.tsr"]);
const EXIGES = [
  "bagit.txt",
  INFO,
  LISTE,
  TAGS,
  "manifeste.note",
  "LISEZMOI.txt",
  "verifier.html",
  "verifier.pyz",
  DOSSIER,
  ...["feuilles", "inclusions", "contenus", "coherences"].map((nom) => `${JOURNAL}${nom}.jsonl`),
  POLITIQUE,
  `${JOURNAL}tete.tlog-proof`,
];
const ENTIER = "(?:0|[1-9][0-9]{0,15})";
const POINT = /^([0-9]+)\.(?:note|tsr)$/;
const LIGNE_LISTE = new RegExp(`^([0-9a-f]{64})  (${CHEMIN})$`);
const INFOS = ["Bag-Software-Agent", "Bagging-Date", "External-Identifier", "Payload-Oxum"];
const CHAMP = /^([A-Za-z-]+): ([^\r\n]+)$/;
const MESURE = new RegExp(`^${ENTIER}\\.${ENTIER}$`);
/** A value of two bytes takes a hundred in memory. */
const VALEURS = 1 << 22;
const [LISTES, DOSSIERS, POLITIQUES, INFOS_OCTETS] = [1 << 24, 1 << 26, 1 << 18, 1 << 16];

const estDonnee = (nom) => nom.startsWith("data/");

/** Checks what must be there, the lists, what they list, the measure; then reads what later layers need. */
export async function sac(examen) {
  const { archive } = examen;
  for (const nom of EXIGES) if (!archive.a(nom)) throw new Echec("sac_manque", { nom });
  if (!archive.sous(POINTS).some((nom) => nom.endsWith(".note")))
    throw new Echec("sac_manque", { nom: POINTS.slice(0, -1) });
  if (archive.empreintes.get("bagit.txt") !== enHex(sha256(octetsDe(DECLARATION)))) throw new Echec("sac_declaration");
  const noms = [...archive.membres.keys()];
  compare(
    archive,
    await liste(archive, TAGS, false),
    noms.filter((nom) => !estDonnee(nom) && !APART.has(nom)),
  );
  const donnees = noms.filter(estDonnee);
  compare(archive, await liste(archive, LISTE, true), donnees);
  await mesure(archive, donnees);
  examen.dossier = await dossierLisible(archive);
  const lue = await archive.lit(POLITIQUE, POLITIQUES);
  const propre = lue === null ? null : politiqueDe(lue);
  if (propre === null) throw new Echec("sac_liste", { nom: POLITIQUE });
  examen.politique ??= propre;
  examen.log = examen.dossier.log;
  return {};
}

/** The digests of a manifest, by name: those of `data/`, or the others. */
async function liste(archive, nom, charge) {
  const octets = await archive.lit(nom, LISTES);
  const texte = octets === null ? null : texteDe(octets);
  const [lignes, lus] = [texte === null ? ["?"] : texte.split("\n"), new Map()];
  let avant = "";
  if (lignes.pop() !== "") throw new Echec("sac_liste", { nom });
  for (const ligne of lignes) {
    const lu = LIGNE_LISTE.exec(ligne);
    const juste = lu !== null && lu[2] > avant && estDonnee(lu[2]) === charge && !APART.has(lu[2]);
    if (!juste) throw new Echec("sac_liste", { nom });
    avant = lu[2];
    lus.set(avant, lu[1]);
  }
  return lus;
}

/** What another reader of bags would follow, and nobody here looks at (RFC 8493 sections 2.1.3, 2.2.1 and 2.2.3). */
const AUTRE_LISTE = /^(?:fetch[.]txt|(?:tag)?manifest-(?!sha256[.])[^/]*[.]txt)$/i;
const estPoint = (nom) => entierDe(POINT.exec(nom)?.[1] ?? "") !== null;

function compare(archive, listes, presents) {
  const la = new Set(presents);
  for (const nom of listes.keys()) if (!la.has(nom)) throw new Echec("sac_absent", { nom });
  for (const nom of presents) {
    const point = !nom.startsWith(POINTS) || estPoint(nom.slice(POINTS.length));
    if (!listes.has(nom) || !point || AUTRE_LISTE.test(nom)) throw new Echec("sac_inconnu", { nom });
  }
  for (const [nom, empreinte] of listes)
    if (archive.empreintes.get(nom) !== empreinte) throw new Echec("sac_empreinte", { nom });
}

/** Bytes and files of `data/` as bag-info.txt says, whose four fields stand in any order, each once; or null. */
async function mesureDite(archive) {
  const octets = await archive.lit(INFO, INFOS_OCTETS);
  const lignes = ((octets === null ? null : texteDe(octets)) ?? "?").split("\n");
  if (lignes.pop() !== "") return null;
  const champs = new Map(lignes.map((ligne) => CHAMP.exec(ligne)?.slice(1) ?? ["", ""]));
  const tous = lignes.length === INFOS.length && INFOS.every((nom) => champs.has(nom));
  return tous && MESURE.test(champs.get("Payload-Oxum")) ? champs.get("Payload-Oxum") : null;
}

async function mesure(archive, donnees) {
  const dite = await mesureDite(archive);
  if (dite === null) throw new Echec("sac_liste", { nom: INFO });
  const somme = donnees.reduce((total, nom) => total + archive.taille(nom), 0);
  if (dite !== `${somme}.${donnees.length}`) throw new Echec("sac_mesure");
}

/** Commas and brackets of a JSON text: as many values as it has, at most. */
const valeurs = (octets) =>
  octets.reduce((somme, un) => somme + Number(un === 0x2c || un === 0x5b || un === 0x7b), 0);

/** dossier.json as far as later layers need it: an object that names its log. */
async function dossierLisible(archive) {
  const octets = await archive.lit(DOSSIER, DOSSIERS);
  const valeur = lisible(octets === null || valeurs(octets) > VALEURS ? null : texteDe(octets));
  const nomme = estObjet(valeur) && Object.hasOwn(valeur, "log") && estRegistre(valeur.log);
  if (!nomme) throw new Echec("sac_liste", { nom: DOSSIER });
  return valeur;
}

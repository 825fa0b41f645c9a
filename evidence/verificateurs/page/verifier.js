// Judges a bundle layer by layer, as docs/bundle.md says. Nothing of a browser's page is used here.

import { Echec, octetsDe } from "./octets.js";
import { Archive } from "./archive.js";
import { cleDePartie, contenus } from "./contenus.js";
import { dossier, pieces } from "./dossier.js";
import { feuilles } from "./feuilles.js";
import { ancrage, horodatage } from "./horodatage.js";
import { clesDites, inclusion, points, signature, temoins } from "./journal.js";
import { politiqueDe } from "./note.js";
import { recensement } from "./recensement.js";
import { TAGS, sac } from "./sac.js";
import { certificatsPem } from "./x509.js";

const COUCHES = {
  archive: (examen) => examen.archive.examine(),
  sac,
  export: signature,
  feuilles,
  inclusion,
  points,
  temoins,
  horodatage,
  recensement,
  contenus,
  pieces,
  dossier,
  ancrage,
};

/** What was given to judge by cannot be read: nothing is judged. `quoi`: "politique", "racines" or "qualifiees". */
export class AncreIllisible extends Error {
  constructor(quoi) {
    super(quoi);
    this.quoi = quoi;
  }
}

function certificats(ancres, quoi) {
  if (!ancres[quoi]) return [];
  const lus = certificatsPem(ancres[quoi]);
  if (lus === null) throw new AncreIllisible(quoi);
  return lus;
}

/** What is known of a bundle; each layer adds what it shows. */
function examenDe(bundle, ancres, suivi) {
  const exterieure = Boolean(ancres.politique);
  const politique = exterieure ? politiqueDe(octetsDe(ancres.politique)) : undefined;
  if (politique === null) throw new AncreIllisible("politique");
  const [racines, qualifiees] = [certificats(ancres, "racines"), certificats(ancres, "qualifiees")];
  return { archive: new Archive(bundle, suivi), politique, exterieure, racines, qualifiees, cles: [] };
}

const trie = (objet) => Object.fromEntries(Object.entries(objet).sort(([a], [b]) => (a < b ? -1 : 1)));

/** One layer: whether it passes, and the code and parameters of the sentence that says so. */
async function juge(nom, examen) {
  try {
    const { issue = "passe", code = `${nom}_passe`, ...parametres } = await COUCHES[nom](examen);
    return { nom, issue, code, parametres: trie(parametres) };
  } catch (erreur) {
    if (erreur instanceof Echec)
      return { nom, issue: "echoue", code: erreur.code, parametres: trie(erreur.parametres) };
    throw erreur;
  }
}

function verdict(couches) {
  if (couches.some(({ issue }) => issue === "echoue")) return "ALTERE";
  return couches.every(({ issue }) => issue === "passe") ? "INTEGRE" : "COHERENT";
}

/** What the page shows beside the result: what was withheld and why, and documents by name. */
function detailsDe({ retenues = [], lu, absentes = [], sansFait = [] }) {
  const motifs = new Map((lu?.retenues ?? []).map((une) => [cleDePartie(une), une.motif]));
  return {
    retenues: retenues.map((une) => ({ ...une, motif: motifs.get(cleDePartie(une)) ?? "" })),
    sansFait,
    absentes: absentes.map(({ nom }) => nom),
  };
}

/**
 * Judge a bundle (a Blob) by what comes from outside, as texts: `politique` (C2SP tlog-policy), `racines` and
 * `qualifiees` (PEM). The result is that of docs/bundle.md. Throws AncreIllisible; a Blob that cannot be read any more
 * rejects as it does.
 */
export const verifier = async (bundle, ancres = {}) => (await examiner(bundle, ancres)).resultat;

/** The same, with what the page shows beside it; `suivi` is called with how many bytes were read. */
export async function examiner(bundle, ancres, suivi = () => {}) {
  const examen = examenDe(bundle, ancres, suivi);
  const couches = [];
  for (const nom of Object.keys(COUCHES)) {
    const tombee = couches.some(({ issue }) => issue === "echoue");
    couches.push(tombee ? { nom, issue: "impossible", code: "non_examinee", parametres: {} } : await juge(nom, examen));
  }
  return { resultat: resultatDe(examen, couches), details: detailsDe(examen) };
}

/** What was reached, in the form of docs/bundle.md. */
function resultatDe(examen, couches) {
  const tient = (nom) =>
    couches.some((couche) => couche.nom === nom && couche.issue !== "echoue" && couche.code !== "non_examinee");
  return {
    verdict: verdict(couches),
    couches,
    export: tient("sac") ? examen.archive.empreintes.get(TAGS) : null,
    log: tient("sac") ? examen.log : null,
    point: tient("points") ? examen.tete.taille : null,
    lignes: tient("feuilles") ? examen.lignes.length : null,
    dates: examen.dates ?? [],
    jetons: examen.jetons ?? [],
    temoins: examen.temoins ?? [],
    cles: clesDites(examen),
    retenues: tient("contenus") ? examen.retenues.length : null,
    pieces: tient("pieces") ? examen.liees : null,
    verificateur: "html",
  };
}

// The layers `horodatage` and `ancrage`: what tokens are worth, and between which instants each line was written.

import { Echec, instant } from "./octets.js";
import { tailles } from "./journal.js";
import { POINTS } from "./sac.js";
import { jugeJeton } from "./tsp.js";

const REPONSE = 1 << 16;

/** What the token of a checkpoint is worth, or of the manifest's note. */
async function juge({ archive, racines, qualifiees }, taille, nom, fichier) {
  const reponse = await archive.lit(nom, REPONSE);
  try {
    if (reponse === null) throw new Echec("jeton_illisible");
    return { taille, ...(await jugeJeton(reponse, fichier, racines, qualifiees)) };
  } catch (erreur) {
    if (erreur instanceof Echec) throw new Echec(erreur.code, { taille });
    throw erreur;
  }
}

export async function horodatage(examen) {
  const { archive, points } = examen;
  const jetons = [];
  for (const taille of tailles(archive, ".tsr")) {
    const point = points.find((un) => un.taille === taille);
    if (point === undefined) throw new Echec("jeton_autre", { taille });
    jetons.push(await juge(examen, taille, `${POINTS}${taille}.tsr`, point.note.octets));
  }
  // The manifest's own dates no line: it must be sound, and counts for nothing.
  if (archive.a("manifeste.tsr")) await juge(examen, "manifeste", "manifeste.tsr", examen.manifeste);
  examen.jetons = jetons.map(({ taille, instant: date, service, qualifie, verifie }) => ({
    taille,
    instant: date,
    service,
    qualifie,
    verifie,
  }));
  const verifies = jetons.filter((jeton) => jeton.verifie);
  examen.dates = dates(examen, verifies);
  examen.date = verifies.length > 0;
  if (jetons.length === 0) return { issue: "impossible", code: "horodatage_aucun" };
  if (examen.racines.length + examen.qualifiees.length === 0)
    return { issue: "impossible", code: "horodatage_sans_racine", jetons: jetons.length };
  if (!examen.date) return { issue: "impossible", code: "horodatage_non_verifie", jetons: jetons.length };
  return {
    jetons: jetons.length,
    qualifies: jetons.filter((jeton) => jeton.qualifie).length,
    verifies: verifies.length,
  };
}

/** Of two bounds, the one that says more: `sens` is 1 where the latest does. Of one date, the qualified. */
function meilleure(a, b, champ, sens) {
  if (a === null || b === null) return a ?? b;
  const ecart = sens * (b[champ] - a[champ]) || Number(b.qualifie) - Number(a.qualifie);
  return ecart > 0 ? b : a;
}

/**
 * Between which verified tokens each act's line was written. Not later than the earliest over a checkpoint that holds
 * it; not earlier than the latest that a leaf before it names: the leaf could not name a token that did not exist.
 */
function dates({ lignes, points }, verifies) {
  const parTaille = new Map();
  let apres = null;
  for (const { taille } of [...points].reverse()) {
    apres = meilleure(apres, verifies.find((jeton) => jeton.taille === taille) ?? null, "tard", -1);
    parTaille.set(taille, apres);
  }
  const bornes = points.map(({ taille }) => taille);
  const nommables = new Map(verifies.map((jeton) => [`${jeton.jeton} ${jeton.fichier}`, jeton]));
  const dites = [];
  let [avant, place] = [null, 0];
  for (const { acte, index, dit } of lignes) {
    while (bornes[place] <= index) place += 1;
    const tard = parTaille.get(bornes[place]) ?? null;
    if (acte) dites.push(date(index, avant, tard));
    if (dit?.kind === "jeton") {
      avant = meilleure(avant, nommables.get(`${dit.sha256} ${dit.frozen}`) ?? null, "tot", 1);
    }
  }
  return dites;
}

function date(index, avant, tard) {
  const bornes = [avant, tard].filter((borne) => borne !== null);
  return {
    index,
    pas_avant: avant === null ? null : instant(avant.tot),
    pas_apres: tard === null ? null : instant(tard.tard),
    qualifie: bornes.length > 0 && bornes.every((borne) => borne.qualifie),
  };
}

export function ancrage({ exterieure, date: datee }) {
  if (!exterieure) return { issue: "impossible", code: "ancrage_politique" };
  return datee ? {} : { issue: "impossible", code: "ancrage_horodatage" };
}

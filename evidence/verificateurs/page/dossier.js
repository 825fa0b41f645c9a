// The layers `pieces` and `dossier`: documents are those that the facts cite, dossier.json says what the rest shows.

import { Echec, texteDe } from "./octets.js";
import {
  aForme,
  canonique,
  estDate,
  estEmpreinte,
  estEntier,
  estFlux,
  estInstantAdmis,
  estObjet,
  estRang,
  estTexte,
  listeDe,
  memeValeur,
} from "./json.js";
import { DOSSIER, PIECES } from "./sac.js";

const DOSSIERS = 1 << 26;
const FORMAT = "constat/preuve/1";
const RAPPORT = "data/rapport.pdf";
const ouNul = (forme) => (valeur) => valeur === null || forme(valeur);
const objet = (champs) => (valeur) => aForme(valeur, champs);
const FAIT = objet({ n: estEntier, pos: estRang, stream: estFlux });
const FORME = objet({
  absentes: listeDe(objet({ motif: estTexte, nom: estTexte, octets: estEntier, sha256: estEmpreinte })),
  au: estDate,
  connu_le: ouNul(estInstantAdmis),
  regles: estEmpreinte,
  evenements: estEntier,
  exporte_le: (valeur) => estInstantAdmis(valeur) && valeur.length === 20,
  export: estTexte,
  flux: listeDe(objet({ evenements: estEntier, stream: estFlux, sujet: estFlux })),
  format: estTexte,
  log: estTexte,
  moteur: objet({ constat: estTexte, typst: estTexte }),
  personne: estTexte,
  pieces: listeDe(objet({ faits: listeDe(FAIT), nom: estTexte, octets: estEntier, sha256: estEmpreinte })),
  point: estEntier,
  profil: (valeur) => valeur === "expert" || valeur === "defenseur",
  rapport: ouNul(objet({ nom: estTexte, octets: estEntier, sha256: estEmpreinte })),
  retenues: listeDe(objet({ motif: estTexte, part: estTexte, pos: estRang, stream: estFlux })),
  sujets: listeDe(estFlux),
});

async function lis(archive) {
  const octets = await archive.lit(DOSSIER, DOSSIERS);
  const texte = octets === null ? null : texteDe(octets);
  const valeur = texte !== null && texte.endsWith("\n") ? canonique(texte.slice(0, -1)) : undefined;
  return FORME(valeur) ? valeur : null;
}

const cleDeFait = ({ n, pos, stream }) => `${stream} ${pos} ${n}`;

/** What dossier.json says that each document is cited by; its form is looked at by the next layer. */
function liens({ pieces: dites }) {
  const trouves = new Map();
  for (const une of Array.isArray(dites) ? dites : []) {
    if (!estObjet(une) || !estTexte(une.nom)) continue;
    const faits = (Array.isArray(une.faits) ? une.faits : []).filter(estObjet);
    const justes = faits.filter(
      ({ n, pos, stream }) => estTexte(stream) && Number.isInteger(pos) && Number.isInteger(n),
    );
    trouves.set(une.nom, justes.map(cleDeFait));
  }
  return trouves;
}

/** Each file that an opened part cites has the digest and size that it cites; each is listed. */
export function pieces(examen) {
  const { archive, citees } = examen;
  // Also what stands in a folder of pieces/: it is under it for whoever opens the archive.
  const noms = [...archive.membres.keys()].filter((nom) => nom.startsWith(PIECES));
  const fichiers = new Map(
    noms.map((nom) => [
      nom.slice(PIECES.length),
      { octets: archive.taille(nom), sha256: archive.empreintes.get(nom) },
    ]),
  );
  const [lies, par] = [liens(examen.dossier), new Map()];
  for (const { octets, sha256 } of citees.values()) par.set(sha256, (par.get(sha256) ?? new Set()).add(octets));
  for (const [nom, { octets, sha256 }] of fichiers) {
    const siennes = (lies.get(nom) ?? []).map((cle) => citees.get(cle)).filter((citee) => citee !== undefined);
    const tailles = [...(par.get(sha256) ?? [])];
    const juste = tailles.every((taille) => taille === octets) && siennes.every((citee) => citee.sha256 === sha256);
    if (!juste) throw new Echec("piece_autre", { nom });
  }
  for (const nom of fichiers.keys()) if (!lies.has(nom)) throw new Echec("piece_liste", { nom });
  const la = new Set([...fichiers.values()].map(({ sha256 }) => sha256));
  examen.fichiers = fichiers;
  examen.absentes = [...citees.values()].filter(({ sha256 }) => !la.has(sha256));
  examen.sansFait = [...fichiers.keys()].filter((nom) => !lies.get(nom).some((cle) => citees.has(cle)));
  const [absentes, sans] = [new Set(examen.absentes.map(({ sha256 }) => sha256)).size, examen.sansFait.length];
  return (examen.liees = { absentes, liees: fichiers.size - sans, sans_fait: sans });
}

const uniques = (valeurs) => new Set(valeurs).size === valeurs.length;
/** What each field must agree with; each gives whether it does. */
const CHAMPS = {
  format: (dit) => dit.format === FORMAT,
  point: (dit, { tete }) => dit.point === tete.taille,
  flux: (dit, { actes, comptees }) => {
    const nombres = new Map();
    for (const { stream } of actes) nombres.set(stream, (nombres.get(stream) ?? 0) + 1);
    const dits = dit.flux.map(({ evenements, stream }) => [stream, evenements]);
    const recenses = dit.flux.every(({ stream, sujet }) => !comptees?.has(stream) || comptees.get(stream) === sujet);
    return (
      memeValeur(
        dits,
        [...nombres].sort(([a], [b]) => (a < b ? -1 : 1)),
      ) && recenses
    );
  },
  evenements: (dit, { actes }) => dit.evenements === actes.length,
  sujets: (dit) =>
    uniques(dit.sujets) && memeValeur([...dit.sujets].sort(), [...new Set(dit.flux.map(({ sujet }) => sujet))].sort()),
  retenues: (dit, { retenues }) =>
    memeValeur(
      dit.retenues.map(({ part, pos, stream }) => ({ part, pos, stream })),
      retenues,
    ),
  pieces: (dit, { fichiers, citees }) => {
    const dites = dit.pieces.map(({ nom, octets, sha256 }) => ({ nom, octets, sha256 }));
    if (
      !memeValeur(
        dites,
        [...fichiers].map(([nom, fichier]) => ({ nom, ...fichier })),
      )
    )
      return false;
    const lies = new Set();
    for (const { faits, sha256 } of dit.pieces) {
      const cles = faits.map(cleDeFait);
      if (!uniques(cles) || !cles.every((cle) => citees.get(cle)?.sha256 === sha256)) return false;
      for (const cle of cles) lies.add(cle);
    }
    const condenses = new Set([...fichiers.values()].map((fichier) => fichier.sha256));
    return [...citees].every(([cle, citee]) => !condenses.has(citee.sha256) || lies.has(cle));
  },
  absentes: (dit, { absentes }) => {
    const enTexte = ({ nom, octets, sha256 }) => `${sha256} ${octets} ${nom}`;
    const [dites, citees] = [dit.absentes.map(enTexte), new Set(absentes.map(enTexte))];
    const condenses = new Set(dit.absentes.map(({ sha256 }) => sha256));
    return (
      uniques(dites) && dites.every((une) => citees.has(une)) && absentes.every(({ sha256 }) => condenses.has(sha256))
    );
  },
  rapport: (dit, { archive }) => {
    const la = archive.a(RAPPORT);
    const vrai = la
      ? { nom: "rapport.pdf", octets: archive.taille(RAPPORT), sha256: archive.empreintes.get(RAPPORT) }
      : null;
    return memeValeur(dit.rapport, vrai);
  },
};

export async function dossier(examen) {
  examen.lu = await lis(examen.archive);
  if (examen.lu === null) throw new Echec("dossier_illisible");
  for (const [champ, juste] of Object.entries(CHAMPS))
    if (!juste(examen.lu, examen)) throw new Echec("dossier_autre", { champ });
  return {};
}

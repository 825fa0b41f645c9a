// The layers `pieces` and `dossier`: the documents are those that the facts cite, and dossier.json says what the rest shows.

import { Echec, texteDe } from "./octets.js";
import {
  aForme, canonique, estDate, estEmpreinte, estEntier, estFlux, estInstantAdmis, estRang, estTexte, listeDe, memeValeur,
} from "./json.js";
import { PARTIES } from "./contenus.js";
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
  exporte_le: estInstantAdmis,
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
  retenues: listeDe(objet({ motif: estTexte, part: (valeur) => PARTIES.includes(valeur), pos: estRang, stream: estFlux })),
  sujets: listeDe(estFlux),
});

async function lis(archive) {
  const octets = await archive.lit(DOSSIER, DOSSIERS);
  const texte = octets === null ? null : texteDe(octets);
  const valeur = texte !== null && texte.endsWith("\n") ? canonique(texte.slice(0, -1)) : undefined;
  return FORME(valeur) ? valeur : null;
}

const cleDeFait = ({ n, pos, stream }) => `${stream} ${pos} ${n}`;

/** Each file that an opened part cites has the digest and size that it cites; each is listed. */
export async function pieces(examen) {
  const { archive, citees } = examen;
  examen.lu = await lis(archive);
  const noms = archive.sous(PIECES);
  examen.fichiers = new Map(noms.map((nom) => [nom, { octets: archive.taille(PIECES + nom), sha256: archive.empreintes.get(PIECES + nom) }]));
  const listees = new Map((examen.lu?.pieces ?? []).map((piece) => [piece.nom, piece]));
  const parFait = new Map(citees.map((citee) => [cleDeFait(citee), citee]));
  if (examen.lu !== null) {
    for (const nom of noms) {
      if (!listees.has(nom)) throw new Echec("piece_liste", { nom });
      for (const fait of listees.get(nom).faits) {
        const citee = parFait.get(cleDeFait(fait));
        const fichier = examen.fichiers.get(nom);
        if (citee && (citee.sha256 !== fichier.sha256 || citee.octets !== fichier.octets)) throw new Echec("piece_autre", { nom });
      }
    }
  }
  const condenses = new Set([...examen.fichiers.values()].map((fichier) => fichier.sha256));
  examen.absentes = citees.filter((citee) => !condenses.has(citee.sha256));
  const liees = noms.filter((nom) => (listees.get(nom)?.faits.length ?? 0) > 0).length;
  return (examen.liees = { absentes: examen.absentes.length, liees, sans_fait: noms.length - liees });
}

const uniques = (valeurs) => new Set(valeurs).size === valeurs.length;
const memesTextes = (a, b) => a.length === b.length && memeValeur([...a].sort(), [...b].sort());

/** What each field must agree with; each gives whether it does. */
const CHAMPS = {
  format: (dit) => dit.format === FORMAT,
  point: (dit, { tete }) => dit.point === tete.taille,
  flux: (dit, { actes, comptees }) => {
    const nombres = new Map();
    for (const { stream } of actes) nombres.set(stream, (nombres.get(stream) ?? 0) + 1);
    const dits = dit.flux.map(({ evenements, stream }) => [stream, evenements]);
    const recenses = dit.flux.every(({ stream, sujet }) => !comptees?.has(stream) || comptees.get(stream) === sujet);
    return memeValeur(dits, [...nombres].sort(([a], [b]) => (a < b ? -1 : 1))) && recenses;
  },
  evenements: (dit, { actes }) => dit.evenements === actes.length,
  sujets: (dit) => uniques(dit.sujets) && dit.flux.every(({ sujet }) => dit.sujets.includes(sujet)),
  retenues: (dit, { retenues }) => memeValeur(dit.retenues.map(({ part, pos, stream }) => ({ part, pos, stream })), retenues),
  pieces: (dit, { fichiers, citees }) => {
    const dites = dit.pieces.map(({ nom, octets, sha256 }) => ({ nom, octets, sha256 }));
    if (!memeValeur(dites, [...fichiers].map(([nom, fichier]) => ({ nom, ...fichier })))) return false;
    const parFait = new Map(citees.map((citee) => [cleDeFait(citee), citee]));
    const lies = new Set();
    for (const { faits, sha256 } of dit.pieces) {
      const cles = faits.map(cleDeFait);
      if (!uniques(cles) || !cles.every((cle) => parFait.get(cle)?.sha256 === sha256)) return false;
      for (const cle of cles) lies.add(cle);
    }
    const condenses = new Set([...fichiers.values()].map((fichier) => fichier.sha256));
    return [...parFait].every(([cle, citee]) => !condenses.has(citee.sha256) || lies.has(cle));
  },
  absentes: (dit, { absentes }) => {
    const enTexte = ({ nom, octets, sha256 }) => `${sha256} ${octets} ${nom}`;
    return memesTextes(dit.absentes.map(enTexte), [...new Set(absentes.map(enTexte))]);
  },
  rapport: (dit, { archive }) => {
    const la = archive.a(RAPPORT);
    const vrai = la ? { nom: "rapport.pdf", octets: archive.taille(RAPPORT), sha256: archive.empreintes.get(RAPPORT) } : null;
    return memeValeur(dit.rapport, vrai);
  },
};

export function dossier(examen) {
  if (examen.lu === null) throw new Echec("dossier_illisible");
  for (const [champ, juste] of Object.entries(CHAMPS)) if (!juste(examen.lu, examen)) throw new Echec("dossier_autre", { champ });
  return {};
}

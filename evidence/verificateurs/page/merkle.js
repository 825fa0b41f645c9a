// Merkle proofs by RFC 9162 sections 2.1.3.2 and 2.1.4.2. Hashes are 32 bytes, or null where they could not be read.

import { egaux, octetsDe } from "./octets.js";
import { sha256 } from "./empreinte.js";

const FEUILLE = Uint8Array.of(0);
const NOEUD = Uint8Array.of(1);
const PLUS_LONG = 63;

/** The leaf hash of a line (RFC 6962 section 2.1), given as text or bytes. */
export const feuilleDe = (ligne) => sha256(FEUILLE, typeof ligne === "string" ? octetsDe(ligne) : ligne);

const noeud = (gauche, droite) => sha256(NOEUD, gauche, droite);
const pair = (n) => n % 2 === 0;
const moitie = (n) => Math.floor(n / 2);

/** Whether `feuille` is leaf `index`, from 0, of the tree of `taille` leaves with this root. */
export function incluse(feuille, index, taille, chemin, racine) {
  if (!(index < taille) || chemin.length > PLUS_LONG) return false;
  let [place, dernier, calcul] = [index, taille - 1, feuille];
  for (const voisin of chemin) {
    if (dernier === 0) return false;
    if (!pair(place) || place === dernier) {
      calcul = noeud(voisin, calcul);
      while (pair(place) && place > 0) [place, dernier] = [moitie(place), moitie(dernier)];
    } else {
      calcul = noeud(calcul, voisin);
    }
    [place, dernier] = [moitie(place), moitie(dernier)];
  }
  return dernier === 0 && egaux(calcul, racine);
}

/** Whether the tree of `de` leaves begins that of `a` leaves, for 0 < de < a. */
export function prolonge(de, racineDe, a, racineA, chemin) {
  if (!(de > 0 && de < a) || chemin.length === 0 || chemin.length > PLUS_LONG) return false;
  let [place, dernier] = [de - 1, a - 1];
  while (!pair(place)) [place, dernier] = [moitie(place), moitie(dernier)];
  // A size that is a power of two: the path does not repeat its root.
  const entier = place === 0;
  const voisins = entier ? chemin : chemin.slice(1);
  let [avant, apres] = entier ? [racineDe, racineDe] : [chemin[0], chemin[0]];
  for (const voisin of voisins) {
    if (dernier === 0) return false;
    if (!pair(place) || place === dernier) {
      [avant, apres] = [noeud(voisin, avant), noeud(voisin, apres)];
      while (pair(place) && place > 0) [place, dernier] = [moitie(place), moitie(dernier)];
    } else {
      apres = noeud(apres, voisin);
    }
    [place, dernier] = [moitie(place), moitie(dernier)];
  }
  return dernier === 0 && egaux(avant, racineDe) && egaux(apres, racineA);
}

// The layer `archive`: a ZIP of one form, whose bytes are all either checked here or covered by a CRC-32.
// A file is read by slices: memory does not grow with it.

import { Echec, egaux, enHex, joints, montre } from "./octets.js";
import { Sha256, crc32, sha256 } from "./empreinte.js";
import { condense } from "./signatures.js";

const TROP = 2 ** 32;
const MEMBRES = 20000;
const CENTRE = 1 << 24;
const MORCEAU = 1 << 20;
/** Below, one call of WebCrypto would cost more than the digest; above, it would hold the whole file in memory. */
const [PETIT, GRAND] = [1 << 15, 1 << 23];
const LIGNE = 1 << 20;
const LIGNES = 500000;
const [FIN, CENTRAL, LOCAL] = [22, 46, 30];
const JOUR = 0x0021;
const SEGMENT = "[A-Za-z0-9_-](?:[A-Za-z0-9._ -]{0,118}[A-Za-z0-9_-])?";
export const CHEMIN = `${SEGMENT}(?:/${SEGMENT}){0,3}`;
const NOM = new RegExp(`^([A-Za-z0-9_-]{1,80})/(${CHEMIN})$`);

/** Little-endian fields, one after the other: [bytes, value]. */
function champs(...deux) {
  const octets = [];
  for (const [combien, valeur] of deux)
    for (let i = 0; i < combien; i++) octets.push(Math.floor(valeur / 256 ** i) % 256);
  return Uint8Array.from(octets);
}

const commun = ({ crc, taille, longueur }) => [
  [2, 20],
  [2, 0],
  [2, 0],
  [2, 0],
  [2, JOUR],
  [4, crc],
  [4, taille],
  [4, taille],
  [2, longueur],
  [2, 0],
];
const enTeteLocal = (membre) => champs([4, 0x04034b50], ...commun(membre));
const enTeteCentral = (membre) =>
  champs([4, 0x02014b50], [2, 0x0314], ...commun(membre), [2, 0], [2, 0], [2, 0], [4, 0x81a40000], [4, membre.tete]);

/** A bundle's files by their names under its root, and their SHA-256; `examine` fills it. */
export class Archive {
  #blob;
  #suivi;
  #fenetre = new Uint8Array(0);
  #debut = 0;
  membres = new Map();
  empreintes = new Map();

  /** `suivi`: called with how many bytes were read, now and then. */
  constructor(blob, suivi = () => {}) {
    this.#blob = blob;
    this.#suivi = suivi;
    this.octets = blob.size;
  }

  /** Bytes of the file; small neighbours are read together. */
  async #a(place, combien) {
    if (place < this.#debut || place + combien > this.#debut + this.#fenetre.length) {
      const fin = Math.min(this.octets, place + Math.max(combien, MORCEAU));
      this.#fenetre = new Uint8Array(await this.#blob.slice(place, fin).arrayBuffer());
      this.#debut = place;
      if (this.#fenetre.length !== fin - place) throw new DOMException("", "NotReadableError");
    }
    return this.#fenetre.subarray(place - this.#debut, place - this.#debut + combien);
  }

  /** Check every byte's place, and every file's CRC-32. */
  async examine() {
    const [centre, finDesDonnees, combien] = await this.#fin();
    const membres = lisCentre(centre, combien);
    let place = 0;
    for (const membre of membres) {
      if (membre.tete !== place) throw new Echec("archive_ordre", { nom: membre.nom });
      place = membre.debut + membre.taille;
    }
    if (place !== finDesDonnees) throw new Echec("archive_fin");
    for (const membre of membres) {
      const nom = membre.nom.slice(membre.nom.indexOf("/") + 1);
      this.empreintes.set(nom, enHex(await this.#lis(membre)));
      this.membres.set(nom, membre);
      this.#suivi(membre.debut + membre.taille);
    }
    return { fichiers: membres.length, octets: this.octets };
  }

  /** The central directory, where it begins, and how many records it has. */
  async #fin() {
    if (this.octets >= TROP) throw new Echec("archive_bornes");
    if (this.octets < FIN) throw new Echec("archive_fin");
    const fin = await this.#a(this.octets - FIN, FIN);
    const vue = new DataView(fin.buffer, fin.byteOffset, FIN);
    const [combien, taille, place] = [vue.getUint16(10, true), vue.getUint32(12, true), vue.getUint32(16, true)];
    const attendu = champs(
      [4, 0x06054b50],
      [2, 0],
      [2, 0],
      [2, combien],
      [2, combien],
      [4, taille],
      [4, place],
      [2, 0],
    );
    if (!egaux(fin, attendu) || combien === 0 || place + taille + FIN !== this.octets) throw new Echec("archive_fin");
    if (combien > MEMBRES || taille >= CENTRE) throw new Echec("archive_bornes");
    return [Uint8Array.from(await this.#a(place, taille)), place, combien];
  }

  /** The SHA-256 of a file whose local header and CRC-32 are what the directory says. */
  async #lis(membre) {
    const tete = await this.#a(membre.tete, membre.debut - membre.tete);
    if (!egaux(tete, joints(enTeteLocal(membre), membre.ecrit))) {
      const vue = new DataView(tete.buffer, tete.byteOffset, LOCAL);
      const serre =
        vue.getUint32(0, true) === 0x04034b50 && ((vue.getUint16(6, true) & 1) !== 0 || vue.getUint16(8, true) !== 0);
      throw new Echec(serre ? "archive_methode" : "archive_entete", { nom: membre.nom });
    }
    const { taille, debut, crc } = membre;
    if (taille <= GRAND) {
      const octets = await this.#a(debut, taille);
      if (crc32(octets) !== crc) throw new Echec("archive_crc", { nom: membre.nom });
      return taille <= PETIT ? sha256(octets) : condense("SHA-256", octets);
    }
    const calcul = new Sha256();
    let vu = 0;
    await this.#morceaux(membre, (octets, place) => {
      vu = crc32(octets, vu);
      calcul.ajoute(octets);
      this.#suivi(place);
    });
    if (vu !== crc) throw new Echec("archive_crc", { nom: membre.nom });
    return calcul.fin();
  }

  async #morceaux({ debut, taille }, chaque) {
    for (let place = debut; place < debut + taille; place += MORCEAU) {
      chaque(await this.#a(place, Math.min(MORCEAU, debut + taille - place)), place);
    }
  }

  a(nom) {
    return this.membres.has(nom);
  }

  taille(nom) {
    return this.membres.get(nom).taille;
  }

  /** The names of the files directly under a folder (its name ends with `/`), without it. */
  sous(dossier) {
    const noms = [...this.membres.keys()]
      .filter((nom) => nom.startsWith(dossier))
      .map((nom) => nom.slice(dossier.length));
    return noms.filter((nom) => !nom.includes("/"));
  }

  /** A whole file, or null where it is larger than `borne`. */
  async lit(nom, borne) {
    const { debut, taille } = this.membres.get(nom);
    return taille > borne ? null : Uint8Array.from(await this.#a(debut, taille));
  }

  /**
   * Call `chaque` with the number, from 1, and the bytes of each line of a file, without its LF; null is what is no
   * line: one of more than 1 MiB, one beyond the number that is read, one that no LF ends.
   */
  async lignes(nom, chaque) {
    let [reste, numero] = [new Uint8Array(0), 0];
    await this.#morceaux(this.membres.get(nom), (octets) => {
      let debut = 0;
      for (let fin = octets.indexOf(10); fin >= 0; fin = octets.indexOf(10, debut)) {
        const ligne = reste.length > 0 ? joints(reste, octets.subarray(debut, fin)) : octets.subarray(debut, fin);
        reste = new Uint8Array(0);
        numero += 1;
        chaque(numero, ligne.length <= LIGNE && numero <= LIGNES ? ligne : null);
        debut = fin + 1;
      }
      reste = joints(reste, octets.subarray(debut));
      if (reste.length > LIGNE) chaque(numero + 1, null);
    });
    if (reste.length > 0) chaque(numero + 1, null);
  }
}

/** Whether no other name, nor that of a folder, is this one where case is ignored: on some disks they are one. */
function uneFois(nom, vus) {
  const [segments, bas] = [nom.split("/"), nom.toLowerCase()];
  for (let i = 1; i < segments.length; i++) {
    const dossier = segments.slice(0, i).join("/");
    const cle = dossier.toLowerCase();
    if (vus.has(cle) || (vus.has(`${cle}/`) && vus.get(`${cle}/`) !== dossier)) return false;
    vus.set(`${cle}/`, dossier);
  }
  if (vus.has(bas) || vus.has(`${bas}/`)) return false;
  vus.set(bas, nom);
  return true;
}

/** The records of the central directory, each in its one form, by name. */
function lisCentre(centre, combien) {
  const vue = new DataView(centre.buffer, centre.byteOffset, centre.length);
  const [membres, vus] = [[], new Map()];
  let [place, racine] = [0, null];
  for (let i = 0; i < combien; i++) {
    if (place + CENTRAL > centre.length || vue.getUint32(place, true) !== 0x02014b50) throw new Echec("archive_fin");
    const longueur = vue.getUint16(place + 28, true);
    const debut = place + CENTRAL;
    const apres = debut + longueur + vue.getUint16(place + 30, true) + vue.getUint16(place + 32, true);
    if (apres > centre.length) throw new Echec("archive_fin");
    const ecrit = centre.subarray(debut, debut + longueur);
    const nom = montre(ecrit);
    const [lu, tete] = [NOM.exec(String.fromCharCode(...ecrit)), vue.getUint32(place + 42, true)];
    if (lu === null || lu[1] !== (racine ??= lu[1])) throw new Echec("archive_nom", { nom });
    if (!uneFois(lu[0], vus)) throw new Echec("archive_doublon", { nom: lu[0] });
    if ((vue.getUint16(place + 8, true) & 1) !== 0 || vue.getUint16(place + 10, true) !== 0)
      throw new Echec("archive_methode", { nom: lu[0] });
    const [crc, taille] = [vue.getUint32(place + 16, true), vue.getUint32(place + 24, true)];
    const membre = { nom: lu[0], ecrit, crc, taille, longueur, tete, debut: tete + LOCAL + longueur };
    if (!egaux(centre.subarray(place, debut), enTeteCentral(membre))) throw new Echec("archive_entete", { nom: lu[0] });
    if (membres.length > 0 && !(membres.at(-1).nom < membre.nom)) throw new Echec("archive_ordre", { nom: lu[0] });
    membres.push(membre);
    place = apres;
  }
  if (place !== centre.length) throw new Echec("archive_fin");
  return membres;
}

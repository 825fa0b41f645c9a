// The page: what is given to it, by the chooser or by dropping, and what it says of it, in two languages.

import { texteDe } from "./octets.js";
import { voieEd25519 } from "./ed25519.js";
import { element, langueDite, lis, parle, phrase, quand } from "./elements.js";
import { politiqueDe } from "./note.js";
import { rapport } from "./rapport.js";
import { examiner, verifier } from "./verifier.js";
import { certificatsPem } from "./x509.js";

const INCLUSES = lis("ancres");
const PLUS_LONG_TEXTE = 1 << 20;
const PEM = /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/;
const $ = (id) => document.getElementById(id);

/** What was given: a bundle, a policy, certificates; `refus`: what could not be taken, by the sentence that says so. */
const donnes = { paquet: null, politique: null, certificats: [], refus: [] };
let dit = null;
let essai = 0;

/** What a file is, by what is in it: { genre, texte }; the genre of what is none of all is a sentence. */
async function reconnait(fichier) {
  let octets;
  try {
    octets = new Uint8Array(await fichier.slice(0, PLUS_LONG_TEXTE + 1).arrayBuffer());
  } catch {
    return { genre: "illisible" };
  }
  const texte = octets.length > PLUS_LONG_TEXTE || octets.includes(0) ? null : texteDe(octets);
  if (texte === null || texte.startsWith("PK") || /\.zip$/i.test(fichier.name)) return { genre: "paquet" };
  if (PEM.test(texte))
    return { genre: certificatsPem(texte) === null ? "certificats_illisibles" : "certificats", texte };
  if (politiqueDe(octets) !== null) return { genre: "politique", texte };
  return { genre: /^(?:log|witness|group|quorum)[ \t]/m.test(texte) ? "politique_illisible" : "inconnu" };
}

async function recoit(fichiers) {
  $("page").setAttribute("aria-busy", "true");
  const lus = await Promise.all(
    [...fichiers].map(async (fichier) => ({ fichier, nom: fichier.name, ...(await reconnait(fichier)) })),
  );
  donnes.refus = [];
  for (const lu of lus) {
    if (lu.genre === "paquet" || lu.genre === "politique") donnes[lu.genre] = lu;
    else if (lu.genre === "certificats")
      donnes.certificats = [...donnes.certificats.filter(({ nom }) => nom !== lu.nom), { ...lu, qualifies: false }];
    else donnes.refus.push(lu);
  }
  montreDonnes();
  await juge();
}

function ancres() {
  const pem = (qualifies) =>
    donnes.certificats
      .filter((un) => un.qualifies === qualifies)
      .map(({ texte }) => texte)
      .join("\n");
  const toutes = donnes.certificats.length > 0 ? { racines: pem(false), qualifiees: pem(true) } : {};
  return { ...INCLUSES, ...toutes, ...(donnes.politique ? { politique: donnes.politique.texte } : {}) };
}

/** Judge what was given, however often it changes: only the last judgement is shown. */
async function juge() {
  const rang = (essai += 1);
  $("page").setAttribute("aria-busy", "true");
  if (donnes.paquet !== null) await jugePaquet(rang);
  if (rang === essai) $("page").setAttribute("aria-busy", "false");
}

async function jugePaquet(rang) {
  const { fichier, nom } = donnes.paquet;
  $("etat").textContent = phrase("en_cours");
  $("avancement").hidden = false;
  try {
    const lu = await examiner(fichier, ancres(), (octets) => {
      if (rang === essai) $("avancement").value = octets / Math.max(1, fichier.size);
    });
    const voie = await voieEd25519();
    if (rang !== essai) return;
    dit = { ...lu, quand: `${new Date().toISOString().slice(0, 19)}Z`, voie };
  } catch (erreur) {
    // A file that was moved or changed while it was read; whatever else it may be, no verdict is left standing.
    if (rang !== essai) return;
    dit = null;
    donnes.paquet = null;
    donnes.refus = [{ nom, genre: "illisible", cause: erreur }];
    montreDonnes();
  }
  $("avancement").hidden = true;
  $("etat").textContent = "";
  montreResultat();
  $("verdict")?.focus();
}

function montreResultat() {
  const parties =
    dit === null
      ? []
      : [...rapport(dit), element("p", {}, phrase("methode", { quand: quand(dit.quand), voie: dit.voie }))];
  $("resultat").replaceChildren(...parties);
}

function retrait(nom, fait) {
  const bouton = element(
    "button",
    { type: "button", "aria-label": phrase("retirer_quoi", { nom }) },
    phrase("retirer"),
  );
  bouton.addEventListener("click", () => {
    fait();
    montreDonnes();
    $("choisir").focus();
    return juge();
  });
  return bouton;
}

function ligneDeCertificats(un) {
  const coche = element("input", { type: "checkbox" });
  coche.checked = un.qualifies;
  coche.addEventListener("change", () => {
    un.qualifies = coche.checked;
    return juge();
  });
  const retire = retrait(un.nom, () => (donnes.certificats = donnes.certificats.filter((autre) => autre !== un)));
  return element(
    "li",
    {},
    phrase("certificats", { nom: un.nom }),
    element("label", {}, coche, " ", phrase("qualifiees")),
    retire,
  );
}

/** What the verdict will rest on, each thing with the way to take it back. */
function montreDonnes() {
  const { paquet, politique, certificats, refus } = donnes;
  const lignes = refus.map(({ nom, genre }) =>
    element("li", { class: "erreur", role: "alert" }, phrase(genre, { nom })),
  );
  if (paquet !== null) lignes.push(element("li", {}, phrase("paquet", { nom: paquet.nom })));
  if (politique !== null)
    lignes.push(
      element(
        "li",
        {},
        phrase("politique", { nom: politique.nom }),
        retrait(politique.nom, () => (donnes.politique = null)),
      ),
    );
  else lignes.push(element("li", {}, phrase(INCLUSES?.politique ? "politique_incluse" : "politique_absente")));
  lignes.push(...certificats.map(ligneDeCertificats));
  const incluses = INCLUSES?.racines || INCLUSES?.qualifiees;
  if (certificats.length === 0)
    lignes.push(element("li", {}, phrase(incluses ? "certificats_inclus" : "certificats_absents")));
  $("donnes").replaceChildren(...lignes);
}

function montreTout() {
  const langue = langueDite();
  document.documentElement.lang = langue;
  document.title = `Constat – ${phrase("titre")}`;
  for (const un of document.querySelectorAll("[data-texte]")) un.textContent = phrase(un.dataset.texte);
  for (const bouton of [$("fr"), $("en")]) bouton.setAttribute("aria-pressed", String(bouton.id === langue));
  $("avis").textContent = phrase(INCLUSES === null ? "avis_paquet" : "avis_publie");
  montreDonnes();
  montreResultat();
}

for (const langue of ["fr", "en"]) {
  $(langue).addEventListener("click", () => {
    parle(langue);
    montreTout();
  });
}
$("choisir").addEventListener("change", async ({ target }) => {
  const fichiers = [...target.files];
  // So that the same file, changed, can be chosen again.
  target.value = "";
  await recoit(fichiers);
});
for (const geste of ["dragenter", "dragover"]) {
  document.addEventListener(geste, (evenement) => {
    evenement.preventDefault();
    $("depot").classList.add("dessus");
  });
}
document.addEventListener(
  "dragleave",
  ({ relatedTarget }) => relatedTarget === null && $("depot").classList.remove("dessus"),
);
document.addEventListener("drop", async (evenement) => {
  evenement.preventDefault();
  $("depot").classList.remove("dessus");
  await recoit(evenement.dataTransfer.files);
});
// What is folded on the screen is printed too.
window.addEventListener("beforeprint", () => {
  for (const repli of document.querySelectorAll("details")) repli.open = true;
});
/** `verifier(blob, { politique, racines, qualifiees })`: what is not given is what this verifier was published with. */
window.constat = Object.freeze({
  verifier: (paquet, donnees = {}) => verifier(paquet, { ...INCLUSES, ...donnees }),
  ed25519: voieEd25519,
});
montreTout();

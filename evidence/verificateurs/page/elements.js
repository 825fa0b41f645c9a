// The page's parts, made of text only: what is shown of a bundle is never read as markup.

const ETROITE = "\u202f";
const TEXTES = { ...lis("textes"), ...lis("messages") };
let langue = "fr";

/** The JSON of a data block of the page. */
export function lis(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

export const langueDite = () => langue;

export function parle(choisie) {
  langue = choisie;
}

/** French signs that do not stand at a line's beginning keep a narrow space before them. */
const typographie = (texte) =>
  langue === "fr" ? texte.replace(/ ([:;!?»])/g, `${ETROITE}$1`).replace(/« /g, `«${ETROITE}`) : texte;

/** A number as this language writes it. */
const nombre = (valeur) => (typeof valeur === "number" ? new Intl.NumberFormat(langue).format(valeur) : String(valeur));

/** The text of this name, its parameters put in. */
export function phrase(nom, parametres = {}) {
  const mise = typographie(TEXTES[nom][langue]);
  return mise.replace(/\{([a-z_]+)\}/g, (tout, parametre) =>
    Object.hasOwn(parametres, parametre) ? nombre(parametres[parametre]) : tout,
  );
}

/** An instant in full words, in UTC. */
export function quand(instant) {
  const forme = new Intl.DateTimeFormat(langue === "fr" ? "fr-FR" : "en-GB", {
    dateStyle: "long",
    timeStyle: "medium",
    timeZone: "UTC",
  });
  return `${forme.format(new Date(instant)).replace(/^1 /, langue === "fr" ? "1er " : "1 ")} UTC`;
}

/** An element: its attributes, then what it holds, elements or texts. */
export function element(nom, attributs, ...contenu) {
  const fait = document.createElement(nom);
  for (const [attribut, valeur] of Object.entries(attributs)) if (valeur !== null) fait.setAttribute(attribut, valeur);
  fait.append(...contenu);
  return fait;
}

export const code = (texte) => element("code", {}, texte);

let suivante = 0;

/** A part of the result under its title; none of what is null. */
export function partie(titre, ...contenu) {
  const id = `partie-${(suivante += 1)}`;
  return element(
    "section",
    { "aria-labelledby": id },
    element("h2", { id }, phrase(titre)),
    ...contenu.filter((un) => un !== null),
  );
}

/** A table: the names of its columns, then its rows. */
export function table(aide, colonnes, lignes) {
  const tete = element(
    "thead",
    {},
    element("tr", {}, ...colonnes.map((nom) => element("th", { scope: "col" }, phrase(nom)))),
  );
  const cellule = (contenu, i) => element("td", { "data-colonne": phrase(colonnes[i]) }, contenu);
  const corps = lignes.map((ligne) => element("tr", {}, ...ligne.map(cellule)));
  const titre = aide === null ? [] : [element("caption", {}, phrase(aide))];
  return element("table", {}, ...titre, tete, element("tbody", {}, ...corps));
}

/** What may be long, folded. */
export const repli = (resume, contenu) => element("details", {}, element("summary", {}, resume), contenu);

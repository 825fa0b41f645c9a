// What the page says of a bundle.

import { code, element, partie, phrase, quand, repli, table } from "./elements.js";

const MARQUES = { passe: "✓", echoue: "✗", impossible: "–" };

const dite = ({ code: nom, parametres }) => phrase(nom, parametres);

/** The verdict, large, with its sense in plain words. */
function verdict({ verdict: rendu, couches }) {
  const manque = rendu === "ALTERE" ? "echoue" : "impossible";
  const restes = couches.filter(({ issue }) => issue === manque);
  const ancre = rendu === "COHERENT" && !restes.some(({ code: nom }) => nom === "ancrage_politique");
  const liste = restes.map((couche) =>
    element("li", {}, phrase("couche_dite", { nom: phrase(couche.nom) }), dite(couche)),
  );
  return element(
    "section",
    { class: `verdict ${rendu}`, "aria-labelledby": "verdict" },
    element("h2", { id: "verdict", tabindex: "-1" }, phrase(rendu)),
    element("p", {}, phrase(ancre ? "sens_COHERENT_ancre" : `sens_${rendu}`)),
    ...(liste.length > 0 ? [element("ul", {}, ...liste)] : []),
  );
}

function couches(resultat) {
  const lignes = resultat.couches.map((couche) =>
    element(
      "li",
      {},
      element("b", {}, phrase(couche.nom)),
      element(
        "span",
        { class: couche.issue },
        element("span", { "aria-hidden": "true" }, `${MARQUES[couche.issue]} `),
        phrase(couche.issue),
      ),
      element("span", {}, dite(couche)),
    ),
  );
  return partie("couches", element("ol", { class: "couches" }, ...lignes));
}

function identite({ log, point, lignes, export: empreinte }) {
  const champs = [
    ["registre", log],
    ["point", point],
    ["lignes", lignes],
    ["empreinte_export", empreinte],
  ].filter(([, valeur]) => valeur !== null);
  if (champs.length === 0) return null;
  const ecrit = (valeur) => (typeof valeur === "number" ? phrase("nombre", { n: valeur }) : code(valeur));
  return partie(
    "identite",
    element(
      "dl",
      {},
      ...champs.flatMap(([nom, valeur]) => [element("dt", {}, phrase(nom)), element("dd", {}, ecrit(valeur))]),
    ),
  );
}

function cles({ cles: signataires }) {
  if (signataires.length === 0) return null;
  return partie(
    "cles",
    table(
      "cles_aide",
      ["nom", "empreinte"],
      signataires.map(({ nom, empreinte }) => [nom, code(empreinte)]),
    ),
  );
}

function jetons({ jetons: lus }) {
  if (lus.length === 0) return null;
  const valeur = ({ verifie, qualifie }) =>
    phrase(qualifie ? "jeton_qualifie" : verifie ? "jeton_verifie" : "jeton_non_verifie");
  const lignes = lus.map((jeton) => [quand(jeton.instant), jeton.service, phrase("sur_point", jeton), valeur(jeton)]);
  return partie("jetons", table("jetons_aide", ["instant", "service", "sur", "valeur"], lignes));
}

function temoins({ temoins: vus }) {
  if (vus.length === 0) return null;
  return partie(
    "liste_temoins",
    table(
      "temoins_aide",
      ["nom", "instant"],
      vus.map(({ nom, instant }) => [nom, quand(instant)]),
    ),
  );
}

function intervalle({ pas_avant: avant, pas_apres: apres }) {
  const dits = { avant: avant && quand(avant), apres: apres && quand(apres) };
  return phrase(avant && apres ? "entre" : apres ? "au_plus_tard" : avant ? "au_plus_tot" : "non_date", dits);
}

/** Acts that follow each other and have the same bounds are told together. */
function dates({ dates: lignes }) {
  if (lignes.length === 0) return null;
  const groupes = [];
  for (const ligne of lignes) {
    const dernier = groupes.at(-1);
    const meme =
      dernier !== undefined &&
      ["pas_avant", "pas_apres", "qualifie"].every((champ) => dernier[0][champ] === ligne[champ]);
    if (meme) dernier.push(ligne);
    else groupes.push([ligne]);
  }
  const rangs = (groupe) =>
    groupe.length === 1
      ? phrase("nombre", { n: groupe[0].index })
      : phrase("rangs", { de: groupe[0].index, a: groupe.at(-1).index, combien: groupe.length });
  const valeur = ([{ pas_avant: avant, pas_apres: apres, qualifie }]) =>
    avant || apres ? phrase(qualifie ? "qualifie" : "non_qualifie") : "";
  return partie(
    "dates",
    table(
      "dates_aide",
      ["rang", "intervalle", "valeur"],
      groupes.map((groupe) => [rangs(groupe), intervalle(groupe[0]), valeur(groupe)]),
    ),
  );
}

function retenues({ retenues: combien }, { retenues: liste }) {
  if (combien === null) return null;
  if (combien === 0) return partie("retenues", element("p", {}, phrase("retenues_aucune")));
  const lignes = liste.map(({ part, pos, stream, motif }) => [part, code(stream), String(pos), motif]);
  return partie(
    "retenues",
    repli(phrase("retenues_nombre", { n: combien }), table(null, ["partie", "flux", "place", "motif"], lignes)),
  );
}

function pieces({ pieces: comptees }, { sansFait, absentes }) {
  if (comptees === null) return null;
  const liste = (noms) => element("ul", {}, ...noms.map((nom) => element("li", {}, nom)));
  const ligne = (nom, noms) =>
    noms.length > 0 ? repli(phrase(nom, comptees), liste(noms)) : element("p", {}, phrase(nom, comptees));
  return partie(
    "liste_pieces",
    element("p", {}, phrase("pieces_liees", comptees)),
    ligne("pieces_sans_fait", sansFait),
    ligne("pieces_absentes", absentes),
  );
}

/** The whole result, verdict first. */
export function rapport({ resultat, details }) {
  const parties = [
    verdict(resultat),
    couches(resultat),
    identite(resultat),
    cles(resultat),
    dates(resultat),
    jetons(resultat),
    temoins(resultat),
    pieces(resultat, details),
    retenues(resultat, details),
  ];
  return parties.filter((une) => une !== null);
}

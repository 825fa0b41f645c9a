"""Attacks on the lines, their proofs, the checkpoints and the witnesses, by whoever holds the log's and exports' keys."""

import json
import re
from collections.abc import Callable
from typing import Any, Final

from tests.evidence.attaques.arbre import feuille
from tests.evidence.attaques.attaque import Recueil
from tests.evidence.attaques.laxites import ACTES, FICHIERS, PROPRES, jsonl
from tests.evidence.attaques.monde import canonique
from tests.evidence.attaques.outils import (
    CHEMINS_FAUX,
    CHEMINS_LAXES,
    par_chemin,
    par_fichier,
    par_ligne,
    par_liste,
    par_valeur,
)
from tests.evidence.attaques.paquet import JOURNAL, Paquet

RECUEIL: Final = Recueil()
refusee, acceptee = RECUEIL.refusee, RECUEIL.acceptee
FEUILLES: Final = "feuilles.jsonl"
INCLUSIONS: Final = "inclusions.jsonl"
COHERENCES: Final = "coherences.jsonl"
ALTERER: Final = {"inclusions": "inclusion_illisible", "coherences": "coherence_illisible"}


def premier_acte(paquet: Paquet, *, pos: int = 1) -> int:
    """Where in feuilles.jsonl the first line of an act stands that has this place in its stream."""
    wanted = f'"pos":{pos},'.encode()
    return next(n for n, line in enumerate(paquet.lignes(FEUILLES)) if b'"c":{' in line and wanted in line)


def dernier_acte(paquet: Paquet) -> int:
    """Where the last line of an act stands."""
    return max(n for n, line in enumerate(paquet.lignes(FEUILLES)) if b'"c":{' in line)


for nom_, change_ in (jsonl() | ACTES).items():
    refusee("feuilles", "feuille_illisible", nom=f"feuille_{nom_}")(par_ligne(FEUILLES, change_, premier_acte))
for nom_, change_ in PROPRES.items():
    refusee("feuilles", "feuille_illisible", nom=f"propre_{nom_}")(par_ligne(FEUILLES, change_, lambda _: 0))
for nom_, change_ in FICHIERS.items():
    refusee("feuilles", "feuille_illisible", nom=f"feuilles_{nom_}")(par_fichier(FEUILLES, change_))
    refusee("inclusion", "inclusion_illisible", "inclusion_nombre", nom=f"inclusions_{nom_}")(
        par_fichier(INCLUSIONS, change_)
    )
    refusee("points", "coherence_illisible", "coherence_manque", nom=f"coherences_{nom_}")(
        par_fichier(COHERENCES, change_)
    )
for nom_, change_ in jsonl().items():
    refusee("inclusion", "inclusion_illisible", nom=f"inclusion_{nom_}")(par_ligne(INCLUSIONS, change_, lambda _: 3))
    refusee("points", "coherence_illisible", "coherence_manque", nom=f"coherence_{nom_}")(
        par_ligne(COHERENCES, change_, lambda _: 1)
    )


def _prev_absent(line: bytes) -> bytes:
    return re.sub(rb'"prev":"[0-9a-f]*",', b"", line)


refusee("feuilles", "feuille_chaine", "feuille_illisible", nom="prev_absent")(
    par_ligne(FEUILLES, _prev_absent, lambda paquet: premier_acte(paquet, pos=2))
)
refusee("feuilles", "feuille_chaine", "feuille_illisible", nom="prev_a_la_premiere_place")(
    par_ligne(FEUILLES, lambda line: line.replace(b',"stream"', b',"prev":"' + b"0" * 64 + b'","stream"'), premier_acte)
)
refusee("feuilles", "feuille_registre", nom="ligne_d_un_autre_registre")(
    par_ligne(FEUILLES, lambda line: line.replace(b"constat.test/essai", b"constat.test/autre"), premier_acte)
)
refusee("feuilles", "feuille_registre", nom="propre_d_un_autre_registre")(
    par_ligne(FEUILLES, lambda line: line.replace(b"constat.test/essai", b"constat.test/autre"), lambda _: 0)
)
DATES: Final = lambda line: line.replace(b'"at":"2026', b'"at":"2025')  # noqa: E731
refusee("feuilles", "feuille_chaine", nom="date_changee")(par_ligne(FEUILLES, DATES, premier_acte))
refusee("inclusion", "inclusion_fausse", nom="date_changee_a_la_fin")(par_ligne(FEUILLES, DATES, dernier_acte))
refusee("inclusion", "inclusion_fausse", nom="propre_changee")(
    par_ligne(FEUILLES, lambda line: line.replace(b'"at":"2026', b'"at":"2025'), lambda _: 0)
)
refusee("inclusion", "inclusion_fausse", nom="engagement_change_a_la_fin")(
    par_ligne(FEUILLES, lambda line: line.replace(line[line.index(b'"fait":"') + 8 :][:4], b"0000", 1), dernier_acte)
)


@refusee("inclusion", "inclusion_fausse")
def date_changee_et_enchainee(paquet: Paquet) -> Paquet:
    """A date is changed, and every line after it in its stream says the new digest of the one before."""
    lines = paquet.lignes(FEUILLES)
    at = premier_acte(paquet)
    stream = json.loads(lines[at])["stream"].encode()
    lines[at] = DATES(lines[at])
    last = lines[at]
    for n in range(at + 1, len(lines)):
        if b'"c":{' in lines[n] and stream in lines[n]:
            lines[n] = re.sub(rb'"prev":"[0-9a-f]{64}"', b'"prev":"' + feuille(last).hex().encode() + b'"', lines[n])
            last = lines[n]
    paquet.ecrire_lignes(FEUILLES, lines)
    return paquet.sceller()


def sans_lignes(paquet: Paquet, keep: Callable[[dict[str, Any]], bool]) -> Paquet:
    """A bundle that never had some acts: lines, proofs, contents and dossier.json are without them, and all is sealed."""
    monde = paquet.monde
    indexes = [index for index in monde.actes if keep(json.loads(monde.registre.lignes[index]))]
    kept = {(said["stream"], said["pos"]) for said in (json.loads(monde.registre.lignes[index]) for index in indexes)}
    paquet.ecrire_feuilles(sorted([*indexes, *monde.propres]))
    opened = [line for line in paquet.lignes("contenus.jsonl") if _place(line) in kept]
    paquet.ecrire_lignes("contenus.jsonl", opened)
    cited = {each["sha256"] for line in opened if b'"part":"pieces"' in line for each in json.loads(line)["value"]}
    said = paquet.dossier
    for each in said["pieces"]:
        each["faits"] = [fait for fait in each["faits"] if (fait["stream"], fait["pos"]) in kept]
    counts = {flux["stream"]: sum(stream == flux["stream"] for stream, _ in kept) for flux in said["flux"]}
    said["flux"] = [flux | {"evenements": counts[flux["stream"]]} for flux in said["flux"] if counts[flux["stream"]]]
    said["retenues"] = [each for each in said["retenues"] if (each["stream"], each["pos"]) in kept]
    said["absentes"] = [each for each in said["absentes"] if each["sha256"] in cited]
    paquet.ecrire_dossier(said | {"evenements": len(kept)})
    return paquet.sceller()


def _place(line: bytes) -> tuple[str, int]:
    said = json.loads(line)
    return said["stream"], said["pos"]


def _long_flux(paquet: Paquet) -> tuple[str, int]:
    """The longest stream that was counted, and its last counted place."""
    assert paquet.monde.recense is not None
    own = [each for each in paquet.monde.recense.lignes if each["subject"] in paquet.monde.sujets]
    longest = max(own, key=lambda each: (each["pos"], each["stream"]))
    return longest["stream"], longest["pos"]


@refusee("feuilles", "feuille_place", "feuille_chaine")
def premier_acte_omis(paquet: Paquet) -> Paquet:
    """The first act of a stream is left out everywhere."""
    stream, _ = _long_flux(paquet)
    return sans_lignes(paquet, lambda said: said["stream"] != stream or said["pos"] != 1)


@refusee("feuilles", "feuille_place")
def acte_du_milieu_omis(paquet: Paquet) -> Paquet:
    """An act in the middle of a stream is left out everywhere."""
    stream, _ = _long_flux(paquet)
    return sans_lignes(paquet, lambda said: said["stream"] != stream or said["pos"] != 2)


@refusee("recensement", "recensement_fin")
def derniers_actes_omis(paquet: Paquet) -> Paquet:
    """The end of a stream is left out everywhere, from its last counted act on."""
    stream, pos = _long_flux(paquet)
    return sans_lignes(paquet, lambda said: said["stream"] != stream or said["pos"] < pos)


@refusee("recensement", "recensement_fin")
def flux_omis(paquet: Paquet) -> Paquet:
    """A whole stream is left out everywhere, but for the recensement."""
    stream, _ = _long_flux(paquet)
    return sans_lignes(paquet, lambda said: said["stream"] != stream)


@acceptee()
def actes_d_apres_le_recensement_omis(paquet: Paquet) -> Paquet:
    """What came after the recensement is left out everywhere: only a later recensement would show it."""
    counted = {each["stream"]: each["pos"] for each in paquet.monde.recense.lignes} if paquet.monde.recense else {}
    return sans_lignes(paquet, lambda said: said["pos"] <= counted.get(said["stream"], 0))


refusee("inclusion", "inclusion_autre", nom="lignes_echangees")(
    lambda paquet: _echange(paquet, premier_acte(paquet), premier_acte(paquet) + 1)
)


def _echange(paquet: Paquet, a: int, b: int) -> Paquet:
    """Two neighbouring lines of different streams, and their proofs, in each other's place."""
    for nom in (FEUILLES, INCLUSIONS):
        lines = paquet.lignes(nom)
        assert json.loads(lines[a])["stream"] != json.loads(lines[b])["stream"]
        lines[a], lines[b] = lines[b], lines[a]
        paquet.ecrire_lignes(nom, lines)
    return paquet.sceller()


@refusee("feuilles", "feuille_place", "feuille_illisible", "feuille_chaine")
def ligne_en_double(paquet: Paquet) -> Paquet:
    """A line of an act, and its proof, are given twice."""
    for nom in (FEUILLES, INCLUSIONS):
        lines, at = paquet.lignes(nom), premier_acte(paquet)
        paquet.ecrire_lignes(nom, [*lines[: at + 1], *lines[at:]])
    return paquet.sceller()


@refusee("feuilles", "feuille_place", "feuille_illisible")
def propre_en_double(paquet: Paquet) -> Paquet:
    """A leaf of the log itself, and its proof, are given twice."""
    for nom in (FEUILLES, INCLUSIONS):
        paquet.ecrire_lignes(nom, [paquet.lignes(nom)[0], *paquet.lignes(nom)])
    return paquet.sceller()


@refusee("feuilles", "feuille_place", "feuille_illisible", "feuille_chaine")
def ligne_ajoutee(paquet: Paquet) -> Paquet:
    """An act that never was follows the last one of its stream; its proof is the last one's."""
    lines = paquet.lignes(FEUILLES)
    at = dernier_acte(paquet)
    said = json.loads(lines[at])
    said |= {"pos": said["pos"] + 2, "prev": feuille(lines[at]).hex()}
    paquet.ecrire_lignes(FEUILLES, [*lines, canonique(said)])
    return paquet.sceller()


@refusee("inclusion", "inclusion_nombre", "inclusion_fausse", "inclusion_autre")
def ligne_inventee(paquet: Paquet) -> Paquet:
    """An act that never was follows the last one of its stream, well chained, with a proof that leads nowhere."""
    lines, at = paquet.lignes(FEUILLES), dernier_acte(paquet)
    said = json.loads(lines[at])
    said |= {"pos": said["pos"] + 1, "prev": feuille(lines[at]).hex()}
    paquet.ecrire_lignes(FEUILLES, [*lines, canonique(said)])
    proof = json.loads(paquet.lignes(INCLUSIONS)[-1])
    proof |= {"index": proof["index"] + 1, "pos": said["pos"], "stream": said["stream"]}
    paquet.ecrire_lignes(INCLUSIONS, [*paquet.lignes(INCLUSIONS), canonique(proof)])
    return paquet.sceller()


# --- inclusion -------------------------------------------------------------------------------------------------------


for nom_, chemin_ in CHEMINS_FAUX.items():
    refusee("inclusion", "inclusion_fausse", nom=f"inclusion_chemin_{nom_}")(
        par_valeur(INCLUSIONS, 3, par_chemin(chemin_))
    )
    refusee("points", "coherence_fausse", nom=f"coherence_chemin_{nom_}")(
        par_valeur(COHERENCES, 1, par_chemin(chemin_))
    )
for nom_, chemin_ in CHEMINS_LAXES.items():
    refusee("inclusion", "inclusion_illisible", nom=f"inclusion_chemin_{nom_}")(
        par_valeur(INCLUSIONS, 3, par_chemin(chemin_))
    )
    refusee("points", "coherence_illisible", nom=f"coherence_chemin_{nom_}")(
        par_valeur(COHERENCES, 1, par_chemin(chemin_))
    )

refusee("inclusion", "inclusion_nombre", nom="preuve_omise")(par_liste(INCLUSIONS, lambda lines: lines[:-1]))
refusee("inclusion", "inclusion_nombre", "inclusion_autre", nom="preuve_omise_au_milieu")(
    par_liste(INCLUSIONS, lambda lines: lines[:4] + lines[5:])
)
refusee("inclusion", "inclusion_nombre", nom="preuve_de_trop")(par_liste(INCLUSIONS, lambda lines: [*lines, lines[-1]]))
refusee("inclusion", "inclusion_nombre", nom="preuves_absentes")(par_liste(INCLUSIONS, lambda _: []))
refusee("inclusion", "inclusion_autre", nom="preuves_echangees")(
    par_liste(INCLUSIONS, lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]])
)
refusee("inclusion", "inclusion_autre", nom="preuve_d_une_autre_place")(
    par_valeur(INCLUSIONS, 3, lambda said: said | {"pos": said["pos"] + 1})
)
refusee("inclusion", "inclusion_autre", nom="preuve_d_un_autre_flux")(
    par_valeur(INCLUSIONS, 3, lambda said: said | {"stream": "0" * 32})
)
refusee("inclusion", "inclusion_fausse", nom="rang_de_trop")(
    par_valeur(INCLUSIONS, 3, lambda said: said | {"index": said["index"] + 1})
)
refusee("inclusion", "inclusion_autre", "inclusion_fausse", nom="rang_de_moins")(
    par_valeur(INCLUSIONS, 3, lambda said: said | {"index": said["index"] - 1})
)
refusee("inclusion", "inclusion_fausse", "inclusion_autre", nom="rang_au_dela")(
    par_valeur(INCLUSIONS, -1, lambda said: said | {"index": 2**53 - 1})
)
refusee("inclusion", "inclusion_autre", "inclusion_fausse", nom="rang_zero")(
    par_valeur(INCLUSIONS, 3, lambda said: said | {"index": 0})
)


def _tout_vide(paquet: Paquet) -> Paquet:
    """No line at all."""
    for nom in (FEUILLES, INCLUSIONS):
        paquet.membres[JOURNAL + nom] = b""
    return paquet.sceller()


refusee("points", "tete_autre", nom="aucune_ligne")(_tout_vide)

"""The layers in their order, and what they come to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Final, NamedTuple

from evidence.verificateurs.pyz import contenus, dossier, export, feuilles, horodatage, points, recensement, sac
from evidence.verificateurs.pyz.archive import Archive
from evidence.verificateurs.pyz.examen import Confiance, Echec, Examen, Impossible
from evidence.verificateurs.pyz.politique import Politique
from evidence.verificateurs.pyz.textes import instant
from evidence.verificateurs.pyz.x509 import Certificat, pem

if TYPE_CHECKING:
    from evidence.verificateurs.pyz.examen import Parametre

PASSE: Final = "passe"
ECHOUE: Final = "echoue"
IMPOSSIBLE: Final = "impossible"


class Couche(NamedTuple):
    """A layer's outcome: a code of ``messages.json`` with its parameters."""

    nom: str
    issue: str
    code: str
    parametres: dict[str, Parametre]


def _archive(examen: Examen) -> dict[str, Parametre]:
    examen.archive.examiner()
    return {"fichiers": len(examen.archive.membres), "octets": examen.archive.octets}


def _ancrage(examen: Examen) -> dict[str, Parametre]:
    if examen.confiance.politique is None:
        raise Impossible("ancrage_politique")
    if not any(date.verifie for date in examen.dates):
        raise Impossible("ancrage_horodatage")
    return {}


def _simple(
    nom: str, passe: Callable[[Examen], dict[str, Parametre]]
) -> Callable[[Examen], tuple[str, dict[str, Parametre]]]:
    return lambda examen: (f"{nom}_passe", passe(examen))


COUCHES: Final[dict[str, Callable[[Examen], tuple[str, dict[str, Parametre]]]]] = {
    "archive": _simple("archive", _archive),
    "sac": _simple("sac", sac.examiner),
    "export": _simple("export", export.examiner),
    "feuilles": _simple("feuilles", feuilles.examiner),
    "inclusion": _simple("inclusion", feuilles.inclure),
    "points": _simple("points", points.examiner),
    "temoins": points.quorum,
    "horodatage": _simple("horodatage", horodatage.examiner),
    "recensement": _simple("recensement", recensement.examiner),
    "contenus": _simple("contenus", contenus.examiner),
    "pieces": _simple("pieces", contenus.pieces),
    "dossier": _simple("dossier", dossier.examiner),
    "ancrage": _simple("ancrage", _ancrage),
}


def examiner(examen: Examen) -> list[Couche]:
    """Every layer's outcome; those after one that fails are not examined."""
    dites: list[Couche] = []
    for nom, couche in COUCHES.items():
        if dites and ECHOUE in {une.issue for une in dites}:
            dites.append(Couche(nom, IMPOSSIBLE, "non_examinee", {}))
            continue
        try:
            code, parametres = couche(examen)
            dites.append(Couche(nom, PASSE, code, parametres))
        except Echec as echec:
            dites.append(Couche(nom, ECHOUE, echec.code, echec.parametres))
        except Impossible as impossible:
            dites.append(Couche(nom, IMPOSSIBLE, impossible.code, impossible.parametres))
    return dites


def verdict(couches: list[Couche]) -> str:
    """What the layers come to."""
    issues = {une.issue for une in couches}
    return "ALTERE" if ECHOUE in issues else "INTEGRE" if issues == {PASSE} else "COHERENT"


def resultat(examen: Examen, couches: list[Couche]) -> dict[str, Any]:
    """All that is said of a bundle, as JSON."""
    liees = examen.liees
    return {
        "verdict": verdict(couches),
        "couches": [une._asdict() for une in couches],
        "export": examen.export or None,
        "log": examen.log or None,
        "point": examen.points[-1].taille if examen.points else None,
        "lignes": examen.lignes,
        "dates": [
            {"index": un.rang, "pas_avant": un.pas_avant, "pas_apres": un.pas_apres, "qualifie": un.qualifie}
            for un in horodatage.intervalles(examen)
        ],
        "jetons": [
            {
                "taille": une.taille,
                "instant": instant(une.instant // 1_000_000),
                "service": une.service,
                "qualifie": une.qualifie,
                "verifie": une.verifie,
            }
            for une in examen.dates
        ],
        "temoins": [{"nom": nom, "instant": le} for nom, le in examen.temoins],
        "cles": [une._asdict() for une in sorted(examen.cles)],
        "retenues": examen.retenues,
        "pieces": None if liees is None else dict(zip(("liees", "sans_fait", "absentes"), liees)),
        "verificateur": "pyz",
    }


def confiance(politique: str | None = None, racines: str = "", qualifiees: str = "") -> Confiance:
    """What came from outside, read: a policy's text, certificates in PEM. An empty text is not given.

    :raises IllisibleError: one of them cannot be read.
    """
    lue = Politique.lue(politique) if politique else None
    certificats: list[list[Certificat]] = [pem(texte) if texte else [] for texte in (racines, qualifiees)]
    return Confiance(lue, *certificats)


def verifier(
    chemin: Path | str, politique: str | None = None, racines: str = "", qualifiees: str = ""
) -> dict[str, Any]:
    """Judge the bundle at ``chemin`` by the layers of docs/bundle.md; what it says is what ``--json`` prints.

    :raises IllisibleError: the policy or the certificates given from outside cannot be read.
    :raises OSError: the file cannot be read.
    """
    connue = confiance(politique, racines, qualifiees)
    with Path(chemin).open("rb") as fichier:
        examen = Examen(Archive(fichier), connue)
        return resultat(examen, examiner(examen))

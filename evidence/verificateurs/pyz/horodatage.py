"""The layer ``horodatage``, and the interval in which each line was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evidence.verificateurs.pyz.examen import Echec, Impossible
from evidence.verificateurs.pyz.feuilles import Acte, Propre
from evidence.verificateurs.pyz.jeton import OCTETS, AutreFichierError, Date, SignatureFausseError, juge
from evidence.verificateurs.pyz.sac import NOTE, POINTS, REPONSE
from evidence.verificateurs.pyz.textes import IllisibleError, instant

if TYPE_CHECKING:
    from evidence.verificateurs.pyz.examen import Examen, Parametre

MANIFESTE = "manifeste"
"""What stands in place of a size where the token of manifeste.note does not hold."""


class Intervalle(NamedTuple):
    """Between which instants, in UTC, a line was written; whether qualified services say so."""

    rang: int
    pas_avant: str | None
    pas_apres: str | None
    qualifie: bool


def examiner(examen: Examen) -> dict[str, Parametre]:
    """Judge every token, by rising size, then the manifest's own, which dates no line.

    :raises Echec: one does not hold.
    :raises Impossible: none leads to a root from outside.
    """
    fichiers = {point.taille: point.octets for point in examen.points}
    tailles = sorted(int(nom[:-4]) for nom in examen.archive.sous(POINTS) if nom.endswith(".tsr"))
    dates = []
    for taille in tailles:
        if taille not in fichiers:
            raise Echec("jeton_autre", taille=taille)
        dates.append(_juge(examen, f"{POINTS}{taille}.tsr", fichiers[taille], taille)._replace(taille=taille))
    if REPONSE in examen.archive.membres:
        _juge(examen, REPONSE, examen.archive.lire(NOTE, 1 << 18), MANIFESTE)
    examen.dates, examen.date = dates, True
    if not dates:
        raise Impossible("horodatage_aucun")
    if not (examen.confiance.racines or examen.confiance.qualifiees):
        raise Impossible("horodatage_sans_racine", jetons=len(dates))
    verifies = [une for une in dates if une.verifie]
    if not verifies:
        raise Impossible("horodatage_non_verifie", jetons=len(dates))
    qualifies = sum(une.qualifie for une in verifies)
    return {"verifies": len(verifies), "jetons": len(dates), "qualifies": qualifies}


def _juge(examen: Examen, nom: str, fichier: bytes, taille: Parametre) -> Date:
    confiance = examen.confiance
    try:
        date = juge(examen.archive.lire(nom, OCTETS), fichier, confiance.racines, confiance.qualifiees)
        instant(date.au_plus_tard)
        instant(date.au_plus_tot)
    except IllisibleError as error:
        raise Echec("jeton_illisible", taille=taille) from error
    except AutreFichierError as error:
        raise Echec("jeton_autre", taille=taille) from error
    except SignatureFausseError as error:
        raise Echec("jeton_signature", taille=taille) from error
    return date


def intervalles(examen: Examen) -> list[Intervalle]:
    """Each act's line, by index, between what is proven to come before it and what is proven to come after."""
    if not examen.date:
        return []
    verifies = [une for une in examen.dates if une.verifie]
    apres = _apres(verifies)
    avant = _avant(examen, verifies)
    trouves, borne_basse, borne_haute = [], 0, 0
    plus_tot: Date | None = None
    for feuille, index in zip(examen.feuilles, examen.indices):
        while borne_basse < len(avant) and avant[borne_basse][0] < index:
            plus_tot = _plus_tardif(plus_tot, avant[borne_basse][1])
            borne_basse += 1
        while borne_haute < len(apres) and apres[borne_haute][0] <= index:
            borne_haute += 1
        if isinstance(feuille, Acte):
            plus_tard = apres[borne_haute][1] if borne_haute < len(apres) else None
            trouves.append(_intervalle(index, plus_tot, plus_tard))
    return trouves


def _intervalle(index: int, avant: Date | None, apres: Date | None) -> Intervalle:
    bornes = [une for une in (avant, apres) if une is not None]
    return Intervalle(
        index,
        instant(avant.au_plus_tot) if avant else None,
        instant(apres.au_plus_tard) if apres else None,
        bool(bornes) and all(une.qualifie for une in bornes),
    )


def _apres(verifies: list[Date]) -> list[tuple[int, Date]]:
    """For each size, rising, the earliest token over a point at least as large."""
    meilleurs: list[tuple[int, Date]] = []
    for une in sorted(verifies, key=lambda date: -date.taille):
        avant = meilleurs[-1][1] if meilleurs else une
        meilleurs.append((une.taille, min(avant, une, key=_rang_haut)))
    return meilleurs[::-1]


def _rang_haut(date: Date) -> tuple[int, bool]:
    """The earliest first; of one second, the qualified one."""
    return date.au_plus_tard, not date.qualifie


def _plus_tardif(une: Date | None, autre: Date) -> Date:
    """The latest; of one second, the qualified one."""
    if une is None or (une.au_plus_tot, une.qualifie) < (autre.au_plus_tot, autre.qualifie):
        return autre
    return une


def _avant(examen: Examen, verifies: list[Date]) -> list[tuple[int, Date]]:
    """The verified tokens that a leaf of the log names, by the index of that leaf."""
    par_empreintes = {(une.jeton, une.fichier): une for une in verifies}
    nommes = []
    for feuille, index in zip(examen.feuilles, examen.indices):
        if isinstance(feuille, Propre) and feuille.genre == "jeton":
            date = par_empreintes.get((str(feuille.champs["sha256"]), str(feuille.champs["frozen"])))
            if date is not None:
                nommes.append((index, date))
    return nommes

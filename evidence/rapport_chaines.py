"""Each attribution with its chain: what leads to it, what opposes it, what is missing, what it does not prove.

Nothing is left out. Facts of one kind that a party may invoke are told once, with the number of each.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from evidence.rapport_mots import (
    COLONNES,
    COUCHES,
    IMPUTATIONS,
    NATURES,
    PARTIES,
    REPONSES,
    SENS,
    STATUTS,
    du_au,
    fr,
    instant,
)
from evidence.rapport_renvois import Renvois
from evidence.rapport_une import rejouee
from ledger.francais import jour
from projections.couverture import Couverture
from projections.francais import compte
from projections.imputation.deux_vues import Divergence
from projections.imputation.modeles import Anterieure, Attribution, Cause, Constat, Partie, Version

INVOQUE = "invoque"


def chaines(renvois: Renvois) -> dict[str, Any]:
    """Every attribution, then what was seen from one side only, and what the ledger no longer holds."""
    proof = renvois.rapport.preuve
    return {
        "intervalles": [_intervalle(renvois, n, lost) for n, lost in enumerate(proof.attributions, start=1)],
        "aucun": fr(_aucun(renvois.rapport.couverture)),
        "divergences": [_divergence(renvois, each) for each in proof.divergences],
        "abandonnees": [fr(anterieure(each)) for each in proof.abandonnees],
        "rejouee": fr(_rejouee(renvois)),
    }


def _aucun(cover: Couverture) -> str:
    """What is said where no day is lost: nothing is known of days before the first document that is."""
    if cover.premier_jour is None or cover.premier_jour > cover.au:
        return "Aucun document de séjour n'est au registre : aucun jour ne peut être dit couvert, ni perdu."
    return "Aucun jour n'est perdu à cette date, dans aucune couche."


def _intervalle(renvois: Renvois, number: int, lost: Attribution) -> dict[str, Any]:
    still = ", toujours en cours" if lost.ouvert else ""
    days = f"{du_au(lost.du, lost.au)} inclus, {compte(lost.jours, 'jour')}{still}"
    about = f" ({lost.reference})" if lost.reference else ""
    return {
        "n": str(number),
        "titre": fr(f"{COUCHES[lost.couche].capitalize()}, {days}"),
        "nature": fr(f"{NATURES.get(lost.nature, COUCHES[lost.couche])}{about}"),
        "imputation": fr(f"Jours {IMPUTATIONS[lost.imputation]}"),
        "statut": fr(f"{STATUTS[lost.statut].capitalize()} : {SENS[lost.statut]}"),
        "colonnes": [_colonne(lost, partie) for partie in PARTIES] if lost.causes or rejouee(lost) else [],
        "chaine": [renvois.constat(link) for link in lost.chaine],
        "versions": [_version(renvois, each) for each in lost.versions],
        "contre": list(contre(renvois, lost.contre)),
        "manquantes": [fr(each) for each in lost.preuves_manquantes],
        "ne_prouve_pas": [fr(each) for each in lost.ne_prouve_pas],
        "depuis": fr(_depuis(lost)),
        "avant": [fr(anterieure(each)) for each in lost.avant],
    }


def _colonne(lost: Attribution, partie: Partie) -> dict[str, Any]:
    """What the history replayed says of one party: had it done what it owed, the days would be covered, or not."""
    answer = lost.cf_administration if partie is Partie.ADMINISTRATION else lost.cf_usager
    supposed = [_suppose(cause) for cause in lost.causes if cause.debiteur is partie]
    return {
        "partie": COLONNES[partie],
        "question": "Si elle avait fait tout ce qu'elle devait, ces jours auraient-ils été couverts\u202f?",
        "reponse": REPONSES[answer],
        "suppose": [fr(each) for each in supposed],
    }


def _suppose(cause: Cause) -> str:
    enough = "suffit seule" if cause.suffit else "ne suffit qu'avec les autres"
    return f"{' ; '.join(cause.suppose) or 'cette obligation remplie'} ({enough})"


def contre(renvois: Renvois, found: Sequence[Constat]) -> Iterator[dict[str, Any]]:
    """Each finding in the contrary direction; facts that are only invoked, by kind."""
    kinds: dict[tuple[str, str], list[Constat]] = {}
    for link in found:
        if link.code != INVOQUE or len(link.entries) != 1:
            yield renvois.constat(link)
        else:
            title = renvois.par_fait[link.entries[0]].ligne.phrase
            kinds.setdefault((title, renvois.constat(link)["force"]), []).append(link)
    for (title, strength), links in kinds.items():
        yield {
            "texte": fr(f"{title} : {compte(len(links), 'fait')} que l'on peut invoquer"),
            "force": strength,
            "faits": renvois.faits(each.entries[0] for each in links),
            "textes": renvois.textes(dict.fromkeys(a for each in links for a in each.articles)),
            "recherche": "",
        }


def _version(renvois: Renvois, side: Version) -> dict[str, Any]:
    answer = f"jours {IMPUTATIONS[side.imputation]}" if side.imputation else "aucun jour n'est perdu"
    how = f" ({STATUTS[side.statut]})" if side.statut else ""
    return {
        "si": [renvois.constat(each) for each in side.dits],
        "alors": fr(f"{answer}{how}"),
        "chaine": [renvois.constat(each) for each in side.chaine],
    }


def _divergence(renvois: Renvois, apart: Divergence) -> dict[str, Any]:
    still = ", toujours" if apart.ouverte else ""
    named = f" ({apart.code})" if "_" not in apart.code else ""  # a number of the catalogue, or a name of our own
    sure = "" if apart.certaine else ", selon une lecture des dates"
    return {
        "titre": fr(f"Vu d'un seul côté{named}, {du_au(apart.du, apart.au)}{still}{sure}"),
        "constat": renvois.constat(apart.constat),
    }


def anterieure(before: Anterieure) -> str:
    """What was answered before, and between which instants."""
    answer = "non perdus"
    if before.imputation is not None and before.statut is not None:
        answer = f"{IMPUTATIONS[before.imputation]} ({STATUTS[before.statut]})"
    days = (
        f"le jour {du_au(before.du, before.au)}"
        if before.du == before.au
        else f"les jours {du_au(before.du, before.au)}"
    )
    return f"Du {instant(before.depuis)} au {instant(before.jusqu_a)}, le registre disait {days} {answer}."


def _depuis(lost: Attribution) -> str:
    if lost.connue_depuis is None:
        return ""
    return f"Le registre donne cette réponse depuis le {instant(lost.connue_depuis)} (heure de Paris)."


def _rejouee(renvois: Renvois) -> str:
    since = renvois.rapport.preuve.rejouee_depuis
    return f"Ce que le registre disait avant le {instant(since)} n'a pas été recherché." if since else ""


def nombre_contre(found: Iterable[Attribution]) -> int:
    """How many findings in the contrary direction there are, those that say that none was found left out."""
    return sum(each.code != "rien_en_sens_contraire" for lost in found for each in lost.contre)


def refus(renvois: Renvois) -> list[dict[str, Any]]:
    """The implicit refusals, beside the cover."""
    return [
        {
            "texte": fr(
                f"Dossier {each.dossier or 'sans référence'} : refus implicite {each.statut.libelle},"
                f" {jour(each.ne_le)}"
                + (f", au plus tard {jour(each.ne_au_plus_tard)}" if each.ne_au_plus_tard != each.ne_le else "")
                + f" ({each.base}). {' '.join(each.motifs)}"
            ),
            "force": each.statut.libelle,
            "faits": renvois.faits(each.entries),
            "textes": renvois.textes([each.source]),
            "recherche": "",
        }
        for each in renvois.rapport.preuve.refus_implicites
    ]

"""What is printed so that the proof survives a copy: hashes, places, dates, the signed checkpoint and its QR code.

A court's system may add a watermark, drop the attachments and break the seal of the PDF: the text of the page stays.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import segno

from evidence.rapport_modeles import Integrite, Jeton, Scelle
from evidence.rapport_mots import fr
from evidence.rapport_renvois import Renvois
from ledger.francais import jour
from projections.francais import compte

OCTETS: Final = 997
"""What a QR code of version 25 and level M holds (ISO/IEC 18004): a telephone still reads it from paper."""
LIGNE: Final = 150
"""Signs of a line of the checkpoint that is printed in one piece."""
NON_QUALIFIE: Final = "horodatage non qualifié"
MARQUE: Final = "— "
COMMANDES: Final = (
    "sha256sum --check manifest-sha256.txt tagmanifest-sha256.txt",
    "openssl ts -verify -data data/journal/points/TAILLE.note -in data/journal/points/TAILLE.tsr -CAfile RACINE.pem",
    "(printf '\\000'; printf %s 'LIGNE') | sha256sum",
)


def integrite(renvois: Renvois) -> dict[str, Any]:
    """The integrity page."""
    proof = renvois.rapport.integrite
    shown, whole = qr(proof)
    return {
        "origine": fr(proof.origine),
        "export": fr(proof.export),
        "taille": compte(proof.taille, "ligne scellée"),
        "racine": proof.racine,
        "note": _lignes(proof.note),
        "qr": shown,
        "qr_texte": fr(
            "Le code ci-contre contient le point signé tel quel, toutes ses signatures comprises."
            if whole
            else "Le code ci-contre contient le point et la signature du registre ; les cosignatures des témoins, trop"
            " longues, n'y sont pas."
        ),
        "faits": list(_faits(renvois)),
        "jetons": [_jeton(each) for each in proof.jetons],
        "temoins": [
            {"nom": fr(each.nom), "instant": instant_utc(each.instant) if each.instant else "non dit"}
            for each in proof.temoins
        ],
        "recensement": fr(_recensement(proof)),
        "cles": [{"nom": fr(each.nom), "empreinte": each.empreinte} for each in proof.cles],
        "pieces": [
            {"n": str(each.numero), "libelle": fr(each.piece.libelle), "sha256": each.piece.sha256}
            for each in renvois.rapport.inventaire.lignes
        ],
        "verifier_html": proof.verifier_html,
        "verifier_pyz": proof.verifier_pyz,
        "expertise": asdict(proof.expertise) if proof.expertise else {},
        "commandes": list(COMMANDES),
        "non_verifie": [fr(each) for each in _non_verifie(renvois)],
    }


def _faits(renvois: Renvois) -> Iterator[dict[str, Any]]:
    """The facts by number, those declared for everybody last."""
    places = {each.entry: each for each in renvois.rapport.integrite.scelles}
    for each in sorted(renvois.chronologie, key=lambda each: (each.ligne.numero is None, int(each.numero.lstrip("I")))):
        sealed = places.get(each.entry.event_id)
        if sealed is None:
            yield {"n": each.numero, "index": "", "feuille": "", "dates": "pas encore scellé"}
        else:
            shown = {"index": str(sealed.index), "feuille": sealed.feuille, "dates": _dates(sealed)}
            yield {"n": each.numero, **shown}


def _seconde(latest: datetime) -> datetime:
    """The whole second that is not before it: a bound is told outwards, as both verifiers tell it."""
    return latest + timedelta(microseconds=-latest.microsecond % 1_000_000)


def _dates(sealed: Scelle) -> str:
    early = f"pas avant le {instant_utc(sealed.pas_avant)}" if sealed.pas_avant else "pas de borne avant"
    late = f"pas après le {instant_utc(_seconde(sealed.pas_apres))}" if sealed.pas_apres else "pas de borne après"
    plain = "" if sealed.qualifie or not (sealed.pas_avant or sealed.pas_apres) else f" ({NON_QUALIFIE})"
    return fr(f"{early} ; {late}{plain}")


def instant_utc(moment: datetime) -> str:
    """« 1er octobre 2025 à 08:14:05 UTC »."""
    exact = moment.astimezone(UTC)
    return f"{jour(exact.date())} à {exact:%H:%M:%S} UTC"


def _jeton(each: Jeton) -> dict[str, Any]:
    return {
        "taille": str(each.taille),
        "instant": instant_utc(each.instant),
        "service": fr(each.service),
        "qualifie": "horodatage qualifié" if each.qualifie else NON_QUALIFIE,
        "reserves": fr(" ; ".join(each.reserves)),
    }


def _recensement(proof: Integrite) -> str:
    if proof.recensement is None:
        return "Aucun recensement n'accompagne cet export : rien ne prouve qu'aucun fait n'a été laissé de côté."
    return (
        f"Recensement du {jour(proof.recensement)} : il engage la fin de chaque suite de faits ; un fait antérieur qui"
        " manquerait se verrait."
    )


def _non_verifie(renvois: Renvois) -> Iterator[str]:
    proof = renvois.rapport.integrite
    sealed = {each.entry for each in proof.scelles}
    left = sum(each.entry.event_id not in sealed for each in renvois.chronologie)
    if left:
        yield f"{compte(left, 'fait')} sans place scellée : rien ne les date hors l'horloge du registre."
    undated = sum(each.pas_apres is None for each in proof.scelles)
    if undated:
        yield f"{compte(undated, 'fait scellé')} sans borne « pas après » : aucun jeton ne les couvre."
    if not proof.jetons:
        yield "Aucun jeton d'horodatage : les dates sont celles de l'horloge du registre et des témoins."
    if any(not each.qualifie for each in proof.jetons):
        yield f"{NON_QUALIFIE.capitalize()} : la présomption d'exactitude de la date n'est pas attachée à ces jetons."
    yield "La révocation des certificats n'a pas été consultée."
    yield "L'instant d'une cosignature est celui que le témoin donne ; l'heure d'enregistrement est celle du registre."
    yield "Que les clés sont bien celles du registre et des témoins : comparez-les à ce que l'on en sait d'ailleurs."


# ---------------------------------------------------------------------- the checkpoint


def _lignes(note: str) -> list[str]:
    """The lines of the note, as they are; one that is too long for the page is cut, and marked « ↩ »."""
    found = []
    for line in note.rstrip("\n").split("\n"):
        parts = [line[at : at + LIGNE] for at in range(0, len(line), LIGNE)] or [""]
        found += [f"{each} ↩" for each in parts[:-1]] + parts[-1:]
    return found


def qr(proof: Integrite) -> tuple[str, bool]:
    """The QR code of the signed checkpoint as SVG, and whether it holds the whole note.

    ``""`` when even the log's own signature does not fit.
    """
    for text, whole in ((proof.note, True), (du_registre(proof), False)):
        raw = text.encode()
        if len(raw) <= OCTETS:
            return _svg(raw), whole
    return "", False


@lru_cache(maxsize=4)
def _svg(raw: bytes) -> str:
    """Drawn once for the reports that quote one checkpoint: it is most of what a report costs before it is composed."""
    code = segno.make(raw, error="m", boost_error=False, micro=False, mode="byte")
    return code.svg_inline(border=4, omitsize=True)


def du_registre(proof: Integrite) -> str:
    """The checkpoint with the signatures of its own log only."""
    head, separator, signatures = proof.note.partition("\n\n")
    own = [line for line in signatures.splitlines() if line.startswith(f"{MARQUE}{proof.origine} ")]
    return f"{head}{separator}" + "".join(f"{line}\n" for line in own)

"""The report that a judge reads: what was lost, to whom it is due, what shows it, what opposes it, how it is sealed.

Pure: from a :class:`Rapport` to the values that the template shows, then to the PDF. The order of the parts is that of
a reader who may stop after the first page.
"""

from datetime import date
from typing import Any

from evidence.composition import composer
from evidence.rapport_chaines import chaines, refus
from evidence.rapport_chronologie import chronologie
from evidence.rapport_devoirs import effets, journal, manquements, obligations
from evidence.rapport_frise import frise
from evidence.rapport_integrite import integrite
from evidence.rapport_methode import methode, reserves
from evidence.rapport_modeles import Rapport
from evidence.rapport_mots import court, fr, instant
from evidence.rapport_renvois import Renvois
from evidence.rapport_une import page_une
from ledger.francais import jour
from projections.francais import compte

REFERENCE = 60
"""Signs of the reference in the running header."""


def rapport_pdf(contenu: Rapport, jour_du_rapport: date) -> bytes:
    """The report as PDF/A-3a and PDF/UA-1, dated ``jour_du_rapport``; the same bytes for the same content and day.

    :raises CompositionError: it could not be laid out within its bounds.
    """
    return composer("rapport", donnees(contenu), jour_du_rapport)


def donnees(contenu: Rapport) -> dict[str, Any]:
    """What the template shows: JSON values, every text of a person shown and never obeyed."""
    renvois = Renvois(contenu)
    proof = contenu.preuve
    known = f", telle que connue le {instant(proof.connu_le)} (heure de Paris)" if proof.connu_le else ""
    since = len(contenu.entries) - len(contenu.connues)
    read = "n'est pas lu" if since == 1 else "ne sont pas lus"
    unread = f" Le registre a reçu depuis {compte(since, 'fait')} qui {read} ici." if since else ""
    return {
        "reference": fr(court(contenu.personne, REFERENCE)),
        "affaire": fr(court(contenu.affaire, 200)) if contenu.affaire else "",
        "observe": fr(f"Situation vue le {jour(proof.au)}{known}.{unread}"),
        "export": fr(contenu.integrite.export),
        "une": page_une(renvois),
        "frise": frise(renvois),
        "chaines": chaines(renvois),
        "chronologie": chronologie(renvois),
        "obligations": obligations(renvois),
        "journal": journal(renvois),
        "effets": effets(renvois),
        "refus": refus(renvois),
        "manquements": manquements(renvois),
        "methode": methode(renvois),
        "reserves": reserves(renvois),
        "integrite": integrite(renvois),
    }

"""The accounts of the demonstration: one a role, fictitious, with dossiers of the samples; what they open is real.

Made again at each start, with new passwords: nobody keeps one.
"""

import secrets
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

from ledger.days import Jours, Quand
from ledger.entry import Acteur, Fait
from ledger.events.listes import PorteeMandat
from ledger.events.personne import MandatDonne
from ledger.events.reclamation import ReclamationDddOuverte
from ledger.events.support import CccContacte
from ledger.events.types import Canal, Grade, NatureActeur, Source
from ledger.store import Ledger
from web.acces import Role
from web.comptes.models import Application, Compte
from web.lecture import Lecteur

PERSONNE: Final = "sayed-exemple"
PREFECTURE: Final = "Préfecture d'Exemple"
MANDATAIRE: Final = "cabinet-exemple"
RECLAMATION: Final = "26-0001234"
TICKET: Final = "CCC-EXEMPLE-1"


class Presente(NamedTuple):
    """An account, as it is printed."""

    role: Role
    identifiant: str
    mot_de_passe: str


COMPTES: Final = (
    (Role.USAGER, "usager", PERSONNE, {"service": "Personne concernée"}),
    (Role.REPRESENTANT, "avocat", MANDATAIRE, {"service": "Cabinet d'avocats Exemple"}),
    (Role.AGENT, "agent", "agent-exemple", {"service": PREFECTURE, "prefecture": PREFECTURE}),
    (Role.SUPERVISEUR, "responsable", "responsable-exemple", {"service": PREFECTURE, "prefecture": PREFECTURE}),
    (Role.CCC, "ccc", "ccc-exemple", {"service": "Centre de contact citoyen (exemple)"}),
    (Role.PAN, "pan", "pan-exemple", {"service": "Point d'accueil numérique (exemple)"}),
    (Role.DDD, "defenseur", "ddd-exemple", {"service": "Défenseur des droits (exemple)"}),
    (Role.ADMINISTRATEUR, "administrateur", "admin-exemple", {"service": "Administration des comptes"}),
)


def comptes(ledger: Ledger, lecteur: Lecteur) -> list[Presente]:
    """Make one account a role, or give it a new password; the ledger gets the facts that they stand on."""
    ledger.append(_faits())
    told = []
    for role, identifiant, acteur, fields in COMPTES:
        password = secrets.token_urlsafe(12)
        compte = Compte.objects.filter(identifiant=identifiant).first()
        subject = lecteur.sujet(PERSONNE) if role is Role.USAGER else None
        if compte is None:
            sujet = UUID(bytes=subject) if subject is not None else None
            compte = Compte.objects.creer(identifiant, password, role, acteur=acteur, sujet=sujet, **fields)
        compte.set_password(password)
        compte.save()
        compte.sessions.all().delete()
        if role.second_facteur:
            Application.objects.filter(user=compte).delete()
            Application.de(compte, nom="démonstration", confirmee=True)
        told.append(Presente(role, identifiant, password))
    return told


def _faits() -> list[Fait]:
    """What founds these accounts' access: a mandate, a complaint, a request for help."""
    day = Jours.lire("2026-01-05")
    held = Jours.lire("2030-12-31")
    events = (
        MandatDonne(
            mandat="M-EXEMPLE-1", mandataire=MANDATAIRE, portee=tuple(PorteeMandat), valide_du=day, valide_au=held
        ),
        ReclamationDddOuverte(numero=RECLAMATION, ouverte_le=day, griefs=("interruption du droit au séjour",)),
        CccContacte(ticket=TICKET, contacte_le=day, objet="Attestation non renouvelée"),
    )
    moment = Quand.le(datetime(2026, 1, 5, 9, tzinfo=UTC))
    return [
        Fait(
            id=f"demo-{place}",
            personne=PERSONNE,
            objet=None if place == 0 else f"demo-{place}",
            survenu=moment,
            acteur=Acteur(nature=NatureActeur.USAGER, id=PERSONNE),
            canal=Canal.TELESERVICE,
            source=Source.CONSTAT,
            grade=Grade.A,
            evenement=event,
        )
        for place, event in enumerate(events)
    ]

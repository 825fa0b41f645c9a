"""One person of the site with all that a page of proof must show: a gap, a correction, a dispute, documents, an agent."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.test import Client

from ledger.days import Jours
from ledger.entry import Acteur, Fait, Piece
from ledger.events.depot import TentativeDepotEchouee
from ledger.events.listes import PorteeMandat
from ledger.events.personne import MandatDonne
from ledger.events.reclamation import ExplicationsDddFournies, ReclamationDddOuverte
from ledger.events.support import CccContacte
from ledger.events.types import Canal, NatureActeur, Source
from ledger.interchange import read_line
from tests.faits import fait
from tests.web.conftest import REFERENCES, SAMPLES, Site
from web import demo
from web.acces import FONDEMENTS, Role
from web.gardes import MOTIFS

QUI = "preuve-exemple"
AGENT = "agent-secret-7"
PIEGE = "<script>alert(1)</script>\u202egnihton\u202c « quoi »"
LONG = "x" * 10_000
CONTENU = b"<html><script>alert(1)</script></html>" * 50_000
"""Larger than one chunk, and what a browser would run."""


@dataclass(frozen=True)
class Prouvee:
    """The person, as addresses name her, and what was asked of the site."""

    site: Site
    sujet: str
    pieces: dict[str, str]
    """The digest of each document, by what became of it."""

    def comme(self, role: Role) -> Client:
        """A visitor of this role who said why they open her dossier."""
        client = self.site.visiteur(role)
        if role not in {Role.USAGER, Role.REPRESENTANT, Role.ADMINISTRATEUR}:
            session = client.session
            session[MOTIFS] = {self.sujet: [FONDEMENTS[role][0].value, REFERENCES.get(role)]}
            session.save()
        return client

    def lire(self, role: Role, page: str) -> str:
        """What a page of her dossier answers to this role."""
        answer = self.comme(role).get(f"/dossiers/{self.sujet}/{page}")
        assert answer.status_code == 200, page
        return str(answer.content.decode())


def enregistrer(site: Site, folder: Path) -> Prouvee:
    """Write her life into the ledger of the site, once."""
    if site.registre.lecteur.sujet(QUI) is None:
        site.ledger.append([*_vie(), *_liens(), *_suites()])
        for _, content in _documents().values():
            (folder / sha256(content).hexdigest()).write_bytes(content)
        with site.ledger.connection() as conn:
            key = site.ledger.coffre.find(conn, [QUI])[QUI]
        for name in ("reçue", "changée"):
            assert site.registre.opened.documents.take(key, _piece(name), folder)
    return Prouvee(site, site.sujet(QUI), {name: _piece(name).sha256 for name in _documents()})


def _vie() -> list[Fait]:
    """The worked case of the certificate that came late."""
    lines = (SAMPLES / "cas.jsonl").read_bytes().replace(b"amina-exemple-c01", QUI.encode()).splitlines()
    return [read for line in lines if (read := read_line(line)).personne == QUI]


def _liens() -> list[Fait]:
    day = Jours.lire("2026-01-05")
    events = (
        MandatDonne(mandat="M-P-1", mandataire=demo.MANDATAIRE, portee=tuple(PorteeMandat), valide_du=day),
        ReclamationDddOuverte(numero=demo.RECLAMATION, ouverte_le=day, griefs=("interruption",)),
        CccContacte(ticket=demo.TICKET, contacte_le=day),
    )
    return [
        fait(id=f"P-L{n}", personne=QUI, objet=f"L-{n}", survenu="2026-01-05", evenement=event)
        for n, event in enumerate(events)
    ]


def _suites() -> list[Fait]:
    agent = Acteur(nature=NatureActeur.AGENT, id=AGENT, service=demo.PREFECTURE)
    contest = ExplicationsDddFournies(numero=demo.RECLAMATION, explications=PIEGE, faits_contestes=("C01-001",))
    return [
        fait(
            id="P-1", personne=QUI, objet="D-C01-1", survenu="2025-06-20", acteur=agent,
            evenement=TentativeDepotEchouee(texte_erreur=PIEGE, etape="dépôt"),
            pieces=tuple(_piece(name) for name in _documents()),
        ),
        fait(
            id="P-2", personne=QUI, objet="D-C01-1", survenu="2025-06-21", corrige="P-1", acteur=agent,
            evenement=TentativeDepotEchouee(texte_erreur=LONG, etape="dépôt"),
        ),
        fait(
            id="P-3", personne=QUI, objet=demo.RECLAMATION, survenu="2026-02-01", canal=Canal.COURRIER,
            source=Source.PAPIER, evenement=contest,
        ),
    ]  # fmt: skip


def _documents() -> dict[str, tuple[str, bytes]]:
    return {
        "reçue": ("../../etc/Reçu d'été.html", CONTENU),
        "changée": ("changée.pdf", b"%PDF-1.7 changee"),
        "absente": ("absente.pdf", b"%PDF-1.7 absente"),
    }


def _piece(name: str) -> Piece:
    called, content = _documents()[name]
    return Piece(nom=called, octets=len(content), sha256=sha256(content).hexdigest(), mime="text/html")

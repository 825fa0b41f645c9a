"""Two persons who mandated the representative for one of their two dossiers; of the other, every fact says a secret."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ledger.days import Jours, Quand
from ledger.entry import Acteur, Fait, Piece
from ledger.events.acces import DossierConsulte, ExportProduit
from ledger.events.correction import FaitConteste
from ledger.events.depot import DemandeDeposee, PieceVersee
from ledger.events.effet import EmploiRompu
from ledger.events.incident import IncidentOuvert
from ledger.events.instruction import RelanceEnvoyee
from ledger.events.listes import CategorieVulnerabilite, FondementAcces, NatureExport, PorteeMandat
from ledger.events.personne import MandatDonne, VulnerabiliteSignalee
from ledger.events.reclamation import ReclamationDddOuverte
from ledger.events.support import CccContacte
from ledger.events.titre import TitreRemis
from ledger.events.types import CodeIncident, NatureActeur, NatureDemande, Source, TypeTitre
from tests.faits import fait
from tests.web.conftest import Site
from web import demo

ELLE, OUVERT = "amina-exemple-c01", "D-C01-1"
"""Her facts conclude the same with the other dossier and without."""
LUI, OUVERT_LUI = "bilal-exemple-c02", "D-C02-1"
"""His other dossier gave a title, which covers days that the first alone would call lost."""
SECRET = "SECRETISSIME"  # noqa: S105 - what must not be read, no password
FERME = f"D-{SECRET}"
CONTENU = b"une piece de l'autre dossier"
MANDAT = "M-LIMITE-1"
PAR = Acteur(nature=NatureActeur.PREFECTURE, id=f"agent-{SECRET}", service=f"Service {SECRET}")


@dataclass(frozen=True)
class Mandate:
    """The site with both, as addresses name them."""

    site: Site
    elle: str
    lui: str
    piece: str
    """The digest of a document of the other dossier, which was received."""


def enregistrer(site: Site, folder: Path) -> Mandate:
    """Write the other dossiers and the mandates into the ledger of the site, once."""
    digest = sha256(CONTENU).hexdigest()
    if site.registre.lecteur.sujet(ELLE) is not None and not any(e.fait.id == "ML-1" for e in site.ledger.life(ELLE)):
        site.ledger.append([*_secrets(digest), *_mandats(ELLE, OUVERT), *_titre_de_lui(), *_mandats(LUI, OUVERT_LUI)])
        (folder / digest).write_bytes(CONTENU)
        opened = site.registre.exploitant
        with opened.ledger.connection() as conn:
            key = opened.ledger.coffre.find(conn, [ELLE])[ELLE]
        opened.documents.take(key, Piece(nom="piece", octets=len(CONTENU), sha256=digest), folder)
    return Mandate(site, site.sujet(ELLE), site.sujet(LUI), digest)


def _un(ident: str, evenement: object, objet: str | None, **plus: object) -> Fait:
    given = {"personne": ELLE, "acteur": PAR, "survenu": "2026-02-03T09:00:00Z", **plus}
    return fait(id=f"{ident}-{SECRET}" if "ML" not in ident else ident, evenement=evenement, objet=objet, **given)


def _mandats(personne: str, dossier: str) -> list[Fait]:
    given = MandatDonne(
        mandat=MANDAT, mandataire=demo.MANDATAIRE, portee=tuple(PorteeMandat), dossiers=(dossier,),
        valide_du=Jours.lire("2026-01-05"), valide_au=Jours.lire("2030-12-31"),
    )  # fmt: skip
    her = Acteur(nature=NatureActeur.USAGER, id=personne)
    return [_un("ML-1", given, None, personne=personne, acteur=her, source=Source.CONSTAT)]


def _titre_de_lui() -> list[Fait]:
    days = {"valide_du": Jours.lire("2025-06-15"), "valide_au": Jours.lire("2025-09-30")}
    title = TitreRemis(type_titre=TypeTitre.CST, dossier=FERME, **days)
    return [_un("L", title, f"T-{SECRET}", personne=LUI), _un("R", RelanceEnvoyee(), FERME, personne=LUI)]


def _secrets(digest: str) -> list[Fait]:
    filed = DemandeDeposee(
        titre_demande=TypeTitre.AUTRE, nature=NatureDemande.AUTRE, deposee_le=Jours.lire("2026-10-03"),
        motif_sejour=SECRET, prefecture=f"Préfecture {SECRET}",
    )  # fmt: skip
    both = IncidentOuvert(
        code=CodeIncident.NO_RECTIFICATION,
        depuis=Quand.lire("2026-02-03"),
        dossiers=(OUVERT, FERME),
        description="Panne.",
    )
    export = ExportProduit(
        nature=NatureExport.AUTRE, fondement=FondementAcces.RECLAMATION_DDD, profil=f"paquet {SECRET}", sha256="1" * 64
    )
    hers = Acteur(nature=NatureActeur.USAGER, id=ELLE)
    piece = Piece(nom=f"{SECRET}.pdf", octets=len(CONTENU), sha256=digest)
    return [
        _un("X-1", filed, FERME, survenu="2026-10-03T09:00:00Z"),
        _un("X-2", RelanceEnvoyee(destinataire=SECRET, numero_envoi=SECRET), FERME, survenu="2026-10-04T09:00:00Z"),
        _un("X-3", PieceVersee(piece=f"{SECRET}.pdf", sha256=digest), FERME, pieces=(piece,), acteur=hers),
        _un("X-4", CccContacte(ticket=f"T-{SECRET}", dossier=FERME, texte=SECRET), None),
        _un("X-5", EmploiRompu(depuis_le=Jours.lire("2026-02-03"), employeur=SECRET), f"E-{SECRET}"),
        _un("X-6", VulnerabiliteSignalee(categorie=next(iter(CategorieVulnerabilite)), consentement=True), None),
        _un("X-7", MandatDonne(mandataire=f"cabinet-{SECRET}", mandat=f"M-{SECRET}"), None),
        _un("X-8", ReclamationDddOuverte(numero=f"R-{SECRET}", objet=SECRET), f"R-{SECRET}"),
        _un("X-9", FaitConteste(faits_contestes=(f"X-1-{SECRET}",), motif=SECRET), None, acteur=hers),
        _un("X-10", export, None),
        _un("ML-2", both, "I-ML", acteur=Acteur(nature=NatureActeur.SYSTEME)),
        _un("X-11", DossierConsulte(fondement=FondementAcces.RECLAMATION_DDD, reference=f"R-{SECRET}"), "consultations"),
        fait(
            id=f"N-{SECRET}", personne=None, objet="I-ML-commun", acteur=Acteur(nature=NatureActeur.SYSTEME),
            evenement=both,
        ),
    ]  # fmt: skip

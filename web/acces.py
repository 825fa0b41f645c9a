"""Who may look at what, of whom: one table and one function. Everything that is not in the table is refused.

Nothing here knows Django or a database: an account's profile and what a person's own facts found come in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from ledger.events import personne
from ledger.events.acces import ExportProduit
from ledger.events.listes import FondementAcces, PorteeMandat
from ledger.events.types import NatureActeur
from projections.attaches import Attaches, attaches, service
from replay.limite import Limite

__all__ = [
    "A_REFERENCER",
    "DROITS",
    "FONDEMENTS",
    "MANDATEE",
    "Attaches",
    "Limite",
    "Motif",
    "Objet",
    "Portee",
    "Profil",
    "Role",
    "attaches",
    "limite",
    "mandats",
    "motif_admis",
    "motif_d_office",
    "permis",
    "peut_reprendre",
    "peut_voir",
    "service",
]


class Role(StrEnum):
    """En quelle qualité un compte regarde."""

    USAGER = "usager"
    REPRESENTANT = "representant"
    AGENT = "agent"
    SUPERVISEUR = "superviseur"
    CCC = "ccc"
    PAN = "pan"
    DDD = "ddd"
    ADMINISTRATEUR = "administrateur"

    @property
    def libelle(self) -> str:
        """The words a person reads."""
        return _LIBELLES[self]

    @property
    def nature(self) -> NatureActeur:
        """As the ledger names who acts."""
        return _NATURES[self]

    @property
    def second_facteur(self) -> bool:
        """Whether a password alone does not suffice: everybody who sees more than what is theirs."""
        return self is not Role.USAGER


_LIBELLES: Final = {
    Role.USAGER: "usager",
    Role.REPRESENTANT: "avocat ou représentant",
    Role.AGENT: "agent de préfecture",
    Role.SUPERVISEUR: "responsable de service",
    Role.CCC: "centre de contact citoyen",
    Role.PAN: "point d'accueil numérique",
    Role.DDD: "Défenseur des droits",
    Role.ADMINISTRATEUR: "administrateur des comptes",
}
_NATURES: Final = {
    Role.USAGER: NatureActeur.USAGER,
    Role.REPRESENTANT: NatureActeur.REPRESENTANT,
    Role.AGENT: NatureActeur.AGENT,
    Role.SUPERVISEUR: NatureActeur.AGENT,
    Role.CCC: NatureActeur.CCC,
    Role.PAN: NatureActeur.PAN,
    Role.DDD: NatureActeur.DDD,
    Role.ADMINISTRATEUR: NatureActeur.ADMINISTRATEUR,
}


class Objet(StrEnum):
    """Ce qu'une page ou une opération montre ou fait."""

    PUBLIC = "public"
    """Ce que chacun peut lire, sans compte."""
    COMPTE = "compte"
    """Son propre compte : sessions, second facteur, jetons."""
    CHRONOLOGIE = "chronologie"
    PREUVES = "preuves"
    CONNU = "connu"
    CONSULTATIONS = "consultations"
    """Qui a regardé."""
    PIECE = "piece"
    ABONNEMENT = "abonnement"
    """Être averti, par un programme, qu'un fait est arrivé."""
    MOTIF = "motif"
    """Dire pourquoi on ouvre un dossier, avant de l'ouvrir."""
    EXPORT = "export"
    RECU = "recu"
    SIGNALEMENT = "signalement"
    """Signaler une erreur : un fait de plus, rien d'effacé."""
    ACTES = "actes"
    """Les actes de l'instruction."""
    CONTRADICTOIRE = "contradictoire"
    """L'échange du Défenseur des droits et du service interrogé."""
    FILE = "file"
    ORDRE_FILE = "ordre_file"
    """Décider dans quel ordre la file de son service est servie."""
    RECHERCHE = "recherche"
    STATISTIQUES = "statistiques"
    INTEGRITE = "integrite"
    COMPTES = "comptes"


class Portee(StrEnum):
    """De qui."""

    SANS_PERSONNE = "sans_personne"
    """La page ne montre personne, ou choisit elle-même ce que le rôle peut voir."""
    SOI = "soi"
    MANDAT = "mandat"
    PREFECTURE = "prefecture"
    ASSISTANCE = "assistance"
    RECLAMATION = "reclamation"


_UN_DOSSIER: Final = (Objet.CHRONOLOGIE, Objet.PREUVES, Objet.CONNU, Objet.PIECE, Objet.ABONNEMENT, Objet.MOTIF)


def _de(portee: Portee, *plus: Objet, sans: tuple[Objet, ...] = ()) -> dict[Objet, Portee]:
    return {objet: portee for objet in (*_UN_DOSSIER, *plus) if objet not in sans}


def _seuls(*objets: Objet) -> dict[Objet, Portee]:
    return dict.fromkeys((*objets, Objet.COMPTE), Portee.SANS_PERSONNE)


DROITS: Final[Mapping[Role, Mapping[Objet, Portee]]] = {
    Role.USAGER: _seuls()
    | _de(
        Portee.SOI, Objet.CONSULTATIONS, Objet.EXPORT, Objet.RECU, Objet.SIGNALEMENT, Objet.CONTRADICTOIRE,
        sans=(Objet.MOTIF,),
    ),
    Role.REPRESENTANT: _seuls(Objet.RECHERCHE)
    | _de(
        Portee.MANDAT, Objet.CONSULTATIONS, Objet.EXPORT, Objet.RECU, Objet.SIGNALEMENT, Objet.CONTRADICTOIRE,
        sans=(Objet.MOTIF,),
    ),
    Role.AGENT: _seuls(Objet.FILE, Objet.RECHERCHE)
    | _de(Portee.PREFECTURE, Objet.CONSULTATIONS, Objet.ACTES, Objet.RECU, Objet.CONTRADICTOIRE),
    Role.SUPERVISEUR: _seuls(Objet.FILE, Objet.ORDRE_FILE, Objet.RECHERCHE, Objet.STATISTIQUES, Objet.INTEGRITE)
    | _de(Portee.PREFECTURE, Objet.CONSULTATIONS, Objet.ACTES, Objet.RECU, Objet.CONTRADICTOIRE),
    Role.CCC: _seuls(Objet.RECHERCHE) | _de(Portee.ASSISTANCE, sans=(Objet.PREUVES, Objet.PIECE)),
    Role.PAN: _seuls(Objet.RECHERCHE) | _de(Portee.ASSISTANCE, sans=(Objet.PREUVES, Objet.PIECE)),
    Role.DDD: _seuls(Objet.RECHERCHE, Objet.STATISTIQUES, Objet.INTEGRITE)
    | _de(Portee.RECLAMATION, Objet.CONSULTATIONS, Objet.EXPORT, Objet.ACTES, Objet.CONTRADICTOIRE),
    Role.ADMINISTRATEUR: _seuls(Objet.COMPTES, Objet.INTEGRITE),
}  # fmt: skip
"""What each role may look at or do, and of whom. What is not here is refused."""

MANDATEE: Final[Mapping[Objet, PorteeMandat]] = {
    Objet.EXPORT: PorteeMandat.EXPORTER,
    Objet.SIGNALEMENT: PorteeMandat.REPONDRE,
}
"""The act that a mandate must permit; where nothing is said, to look."""

FONDEMENTS: Final[Mapping[Role, tuple[FondementAcces, ...]]] = {
    Role.USAGER: (FondementAcces.PERSONNE_CONCERNEE,),
    Role.REPRESENTANT: (FondementAcces.MANDAT,),
    Role.AGENT: (FondementAcces.INSTRUCTION, FondementAcces.CONTROLE),
    Role.SUPERVISEUR: (FondementAcces.INSTRUCTION, FondementAcces.CONTROLE),
    Role.CCC: (FondementAcces.SUPPORT_USAGER,),
    Role.PAN: (FondementAcces.SUPPORT_USAGER,),
    Role.DDD: (FondementAcces.RECLAMATION_DDD,),
    Role.ADMINISTRATEUR: (),
}
"""By which right a role may open a dossier. The first is taken when the role is never asked."""
A_REFERENCER: Final = frozenset(
    {FondementAcces.CONTROLE, FondementAcces.SUPPORT_USAGER, FondementAcces.RECLAMATION_DDD}
)
"""Those that name the file they are for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profil:
    """Who looks. ``acteur``: a pseudonym, as facts name who acts; ``sujet``: whose own account it is (16 bytes)."""

    role: Role
    acteur: str
    service: str
    prefecture: str | None = None
    sujet: bytes | None = None


class Motif(NamedTuple):
    """Why a dossier is opened: by which right, and for which file."""

    fondement: FondementAcces
    reference: str | None


def permis(role: Role, objet: Objet) -> Portee | None:
    """Of whom a role may look at ``objet``; ``None``: of nobody."""
    if objet is Objet.PUBLIC:
        return Portee.SANS_PERSONNE
    return DROITS[role].get(objet)


def peut_voir(profil: Profil, objet: Objet, sujet: bytes, liens: Attaches, le: date) -> bool:
    """Whether ``profil`` may look at, or do, ``objet`` of the person ``sujet`` on the civil day ``le``."""
    match permis(profil.role, objet):
        case Portee.SOI:
            return profil.sujet == sujet
        case Portee.MANDAT:
            return bool(mandats(profil, objet, liens, le))
        case Portee.PREFECTURE:
            return profil.prefecture is not None and service(profil.prefecture) in liens.prefectures
        case Portee.ASSISTANCE:
            return bool(liens.assistances)
        case Portee.RECLAMATION:
            return bool(liens.reclamations)
        case Portee.SANS_PERSONNE | None:
            return False


def mandats(profil: Profil, objet: Objet, liens: Attaches, le: date) -> tuple[personne.MandatDonne, ...]:
    """The mandates by which ``profil`` may do ``objet`` on ``le``, those for all her dossiers first.

    One of unsure dates holds on those that all readings give. One that names no act permits to look, and nothing else.
    One that names dossiers, none of which is hers, opens nothing.
    """
    needed = MANDATEE.get(objet, PorteeMandat.CONSULTER)
    found = [
        each
        for each in liens.mandats
        if each.mandataire == profil.acteur
        and (not each.dossiers or not liens.dossiers.isdisjoint(each.dossiers))
        and (each.valide_du is None or each.valide_du.dernier <= le)
        and (each.valide_au is None or le <= each.valide_au.premier)
        and needed in (each.portee or (PorteeMandat.CONSULTER,))
    ]
    return tuple(sorted(found, key=lambda each: bool(each.dossiers)))


def limite(profil: Profil, objet: Objet, liens: Attaches, le: date) -> Limite | None:
    """The dossiers to which what ``profil`` may see, or do, is limited; ``None``: whoever may, may of all."""
    if permis(profil.role, objet) is not Portee.MANDAT:
        return None
    held = mandats(profil, objet, liens, le)
    if any(not each.dossiers for each in held):
        return None
    return Limite(frozenset(name for each in held for name in each.dossiers), profil.acteur)


def peut_reprendre(profil: Profil, remis: ExportProduit) -> bool:
    """Whether what was handed over once may be given to ``profil`` again: other people are in it, or not."""
    return profil.role is Role.DDD or remis.tiers_masques is True


def motif_admis(profil: Profil, motif: Motif, liens: Attaches) -> str | None:
    """What is wrong with the reason that is given, in French; ``None`` when it is one of those of the role."""
    if motif.fondement not in FONDEMENTS[profil.role]:
        return "ce motif n'est pas l'un de ceux de votre fonction"
    if motif.reference is not None and not motif.reference.isprintable():
        return "la référence contient un signe qui ne se voit pas : tapez-la de nouveau"
    if motif.fondement in A_REFERENCER and not motif.reference:
        return "donnez la référence de l'affaire : elle est inscrite avec votre consultation"
    if motif.fondement is FondementAcces.RECLAMATION_DDD and motif.reference not in liens.reclamations:
        return "cette réclamation n'est pas au registre pour cette personne"
    if motif.fondement is FondementAcces.SUPPORT_USAGER and motif.reference not in liens.assistances:
        return "cette demande d'assistance n'est pas au registre pour cette personne"
    return None


def motif_d_office(profil: Profil, objet: Objet, liens: Attaches, le: date) -> Motif | None:
    """The reason of who is never asked: it is her own dossier, or she gave a mandate."""
    if profil.role is Role.USAGER:
        return Motif(FondementAcces.PERSONNE_CONCERNEE, None)
    if profil.role is Role.REPRESENTANT and (by := mandats(profil, objet, liens, le)):
        return Motif(FondementAcces.MANDAT, by[0].mandat)
    return None

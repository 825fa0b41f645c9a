"""The words of a procedure: what is to be documented, what is to be brought, what could make it fail."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from ledger.events.types import BaseRecours
from rules.base import Source, Verification


class Procedure(StrEnum):
    """La procédure engagée."""

    SUSPENSION = "l521-1"
    LIBERTE = "l521-2"
    MESURES_UTILES = "l521-3"
    INDEMNITAIRE = "indemnitaire"
    PROVISION = "provision"

    @property
    def nom_fr(self) -> str:
        """As a sentence names it."""
        return _NOMS[self]

    @property
    def base(self) -> BaseRecours:
        """The kind of action it is in the ledger."""
        return _BASES[self]


_NOMS: Final = {
    Procedure.SUSPENSION: "référé-suspension (CJA L.521-1)",
    Procedure.LIBERTE: "référé-liberté (CJA L.521-2)",
    Procedure.MESURES_UTILES: "référé mesures utiles (CJA L.521-3)",
    Procedure.INDEMNITAIRE: "recours indemnitaire",
    Procedure.PROVISION: "référé-provision (CJA R.541-1)",
}
_BASES: Final = {
    Procedure.SUSPENSION: BaseRecours.REFERE_SUSPENSION,
    Procedure.LIBERTE: BaseRecours.REFERE_LIBERTE,
    Procedure.MESURES_UTILES: BaseRecours.REFERE_MESURES_UTILES,
    Procedure.INDEMNITAIRE: BaseRecours.INDEMNITAIRE,
    Procedure.PROVISION: BaseRecours.REFERE_PROVISION,
}


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """Un texte cité, et jusqu'où il a été vérifié."""

    reference: str
    etiquette: Verification
    sens: str
    """The meaning of the label, in French."""

    @property
    def citation(self) -> str:
        """The reference, followed by « (non vérifié) » when the text was not checked."""
        verified = self.etiquette in {Verification.F, Verification.F_PART}
        return self.reference if verified else f"{self.reference} (non vérifié)"


def cites(*sources: Source) -> tuple[Citation, ...]:
    """These sources, each once, as a person is shown them."""
    return tuple(
        Citation(reference=each.reference, etiquette=each.verification, sens=each.verification.sens)
        for each in dict.fromkeys(sources)
    )


class Gravite(StrEnum):
    """Ce que coûterait un piège ignoré."""

    OBSTACLE = "obstacle"
    """La voie est fermée, ou la requête irrecevable, d'après les faits connus."""
    RISQUE = "risque"
    """Un point que l'autre partie ou le juge relèvera."""
    ECHEANCE = "echeance"
    """Un jour qui approche."""


class Piege(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qui peut faire échouer la procédure, trouvé dans les faits du jour."""

    code: str
    """Stable, in snake case."""
    gravite: Gravite
    texte: str
    """What the facts show, in French."""
    remede: str
    """What to do, in French."""
    sources: tuple[Citation, ...]
    entries: tuple[UUID, ...] = ()
    """The facts it rests on; none when it rests on what was looked for and not found."""
    dossier: str | None = None
    le: date | None = None
    """The day that counts, where there is one."""


class Etat(StrEnum):
    """Où en est une condition, d'après le registre."""

    DOCUMENTEE = "documentee"
    """Des faits du registre la montrent ; le juge l'apprécie."""
    PRESUMEE = "presumee"
    A_JUSTIFIER = "a_justifier"
    """Le registre ne la montre pas."""


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """Ce que la procédure demande d'établir."""

    code: str
    texte: str
    etat: Etat
    sources: tuple[Citation, ...]
    entries: tuple[UUID, ...] = ()


class Attendue(msgspec.Struct, frozen=True, kw_only=True):
    """Une pièce à réunir : ce que le registre en a, ce qui manque."""

    code: str
    libelle: str
    entries: tuple[UUID, ...]
    """The facts that tell of it."""
    documents: tuple[str, ...]
    """The digests (SHA-256) of the documents that these facts cite."""
    reste: str | None = None
    """What is still lacking where a document is there, in French."""

    @property
    def manque(self) -> str | None:
        """What is lacking, in French; ``None`` when all of it is there."""
        if self.documents:
            return self.reste
        return "le fait est au registre, sans document" if self.entries else "rien au registre"


class ADocumenter(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qu'une procédure demande, devant ce que le registre contient."""

    procedure: Procedure
    au: date
    conditions: tuple[Condition, ...]
    pieces: tuple[Attendue, ...]


class Situation(StrEnum):
    """Où tombe une perte, au regard des jours retenus."""

    DEDANS = "dedans"
    EN_PARTIE = "en_partie"
    DEHORS = "dehors"

    @property
    def libelle(self) -> str:
        """As a sentence says it."""
        return {"dedans": "dans l'intervalle", "en_partie": "en partie dans l'intervalle"}.get(
            self.value, "hors de l'intervalle"
        )


class Chef(msgspec.Struct, frozen=True, kw_only=True):
    """Un chef de préjudice : une perte, ses jours, et combien tombent dans les jours retenus."""

    libelle: str
    organisme: str | None
    reference: str | None
    du: date
    au: date
    """The last day of the loss, or the day of observation while it lasts."""
    ouvert: bool
    jours: int
    dedans: int
    """How many of its days fall on the days retained; by the reading of the dates that gives the fewest."""
    dedans_au_plus: int
    """By the reading that gives the most; equal when the dates are exact."""
    commence_dedans: bool
    """Whether it begins on one of these days, under every reading of the dates."""
    situation: Situation
    entries: tuple[UUID, ...]


def uniques(entries: Iterable[UUID]) -> tuple[UUID, ...]:
    """These ids, each once, in their order."""
    return tuple(dict.fromkeys(entries))

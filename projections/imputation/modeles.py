"""The words of the evidence: parties, duties, findings, attributions; always inclusive civil days in Europe/Paris."""

from collections.abc import Container
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from ledger.events.types import Grade, Source


class Partie(StrEnum):
    """Qui doit, ou qui tient."""

    ADMINISTRATION = "administration"
    USAGER = "usager"
    TIERS = "tiers"

    @property
    def nom_fr(self) -> str:
        """The party as a sentence names it."""
        return _NOMS[self]


_NOMS: Final = {
    Partie.ADMINISTRATION: "l'administration",
    Partie.USAGER: "la personne",
    Partie.TIERS: "un tiers",
}


class Imputation(StrEnum):
    """À quoi les jours perdus sont imputables. Le registre constate ; il ne juge pas."""

    ADMINISTRATION = "ADMINISTRATION"
    APPLICANT = "APPLICANT"
    SHARED = "SHARED"
    """L'une ou l'autre conduite, conforme, aurait suffi ; ou il fallait les deux."""
    THIRD_PARTY = "THIRD_PARTY"
    """Pour la seule couche des effets."""
    END_OF_RIGHT_BY_DECISION = "END_OF_RIGHT_BY_DECISION"
    UNDETERMINED = "UNDETERMINED"
    """Une preuve manque, et elle est nommée."""

    @property
    def libelle(self) -> str:
        """The words a person reads, of days in the singular: « imputable à l'administration »."""
        return _IMPUTES[self]


_IMPUTES: Final = {
    Imputation.ADMINISTRATION: "imputable à l'administration",
    Imputation.APPLICANT: "imputable à la personne",
    Imputation.SHARED: "imputable à l'une et à l'autre",
    Imputation.THIRD_PARTY: "imputable à un tiers",
    Imputation.END_OF_RIGHT_BY_DECISION: "fin de droit par décision, classée à part",
    Imputation.UNDETERMINED: "cause à établir",
}


class Statut(StrEnum):
    """Jusqu'où une affirmation est établie ; jamais un pourcentage."""

    ETABLI = "etabli"
    """Chaque maillon a un fait de force A ou B, ou la loi."""
    PROBABLE = "probable"
    """Un maillon ne tient qu'à une attestation de tiers, ou à une source qui n'est pas celle qui devait le contenir."""
    A_ETABLIR = "a_etablir"
    """Un maillon ne tient qu'à une déclaration ou à une déduction ; ou une date n'est pas exacte."""
    CONTESTE = "conteste"
    """Un maillon tient à un fait qu'une autre source de même force contredit, ou qu'une partie conteste."""

    @property
    def libelle(self) -> str:
        """The word a person reads."""
        return _STATUTS[self]


_STATUTS: Final = {
    Statut.ETABLI: "établi",
    Statut.PROBABLE: "probable",
    Statut.A_ETABLIR: "à établir",
    Statut.CONTESTE: "contesté",
}


class Recherche(msgspec.Struct, frozen=True, kw_only=True):
    """Une absence, comme un fait : l'acte cherché, les jours parcourus, les sources qui l'auraient contenu."""

    acte: str
    """The act that should be there, in French."""
    du: date
    au: date
    sources: tuple[Source, ...]
    """The sources that would contain it."""
    presentes: tuple[Source, ...]
    """Those of them from which the ledger holds facts of this person; without any, the absence proves nothing."""


class Constat(msgspec.Struct, frozen=True, kw_only=True):
    """La plus petite affirmation d'une preuve, avec ce qui la porte."""

    code: str
    """Stable, in snake case."""
    texte: str
    """The French sentence."""
    articles: tuple[str, ...] = ()
    """As one cites them, with « (non vérifié) » where the text was not checked."""
    entries: tuple[UUID, ...] = ()
    """The facts it rests on, by event id."""
    grade: Grade | None = None
    """The weakest of its facts; ``None`` when it rests on the law or on an absence alone."""
    recherche: Recherche | None = None
    statut: Statut = Statut.ETABLI

    def conteste(self, faits: Container[UUID]) -> "Constat":
        """The same finding, contested when it rests on one of these disputed facts."""
        if any(each in faits for each in self.entries):
            return msgspec.structs.replace(self, statut=Statut.CONTESTE)
        return self


def plus_faible(grades: "tuple[Grade, ...] | list[Grade]") -> Grade | None:
    """The weakest of ``grades`` (A is the strongest, E the weakest); ``None`` when there is none."""
    return max(grades, default=None)


def statut_de(grade: Grade | None) -> Statut:
    """How far a statement that rests on a fact of this grade is established."""
    if grade in {Grade.D, Grade.E}:
        return Statut.A_ETABLIR
    return Statut.PROBABLE if grade is Grade.C else Statut.ETABLI


_ORDRE: Final = (Statut.ETABLI, Statut.PROBABLE, Statut.A_ETABLIR, Statut.CONTESTE)


def force(statut: Statut) -> int:
    """How far from established: 0 for ``ETABLI``, 3 for ``CONTESTE``."""
    return _ORDRE.index(statut)


def moins_etabli(*statuts: Statut) -> Statut:
    """The least established of ``statuts``; ``ETABLI`` when there is none."""
    return max(statuts, key=force, default=Statut.ETABLI)


class Portee(StrEnum):
    """Ce qu'une obligation, tenue ou non, peut changer."""

    JOURS = "jours"
    """Des jours couverts : l'imputation la rejoue."""
    HORS_JOURS = "hors_jours"
    """Due tout autant, elle ne change aucun jour couvert : l'imputation ne la rejoue pas."""
    FACULTE = "faculte"
    """Un droit à exercer dans un délai, un recours par exemple : ne pas l'exercer n'est jamais un manquement."""


class Periode(msgspec.Struct, frozen=True, kw_only=True):
    """Des jours qui se suivent, bornes incluses."""

    du: date
    au: date


class Obligation(msgspec.Struct, frozen=True, kw_only=True):
    """Ce que doit une partie, comme un intervalle : depuis quand, jusqu'à quand, ce qui y a satisfait ou non."""

    code: str
    debiteur: Partie
    dossier: str | None
    texte: str
    articles: tuple[str, ...]
    du: date
    au: date | None
    """The last day on which it is owed; ``None`` while nothing ends it."""
    prerequis: tuple[Constat, ...]
    satisfaite_par: tuple[UUID, ...]
    manquements: tuple[Periode, ...]
    """The days on which it was owed and not done, up to the observation."""
    manquement: Constat | None
    """What shows it: a fact, or an absence that was looked for."""
    statut: Statut
    constats: tuple[Constat, ...] = ()
    """What goes with it: each mention that is missing, another date, another reading, what follows from it."""
    portee: Portee = Portee.JOURS

    @property
    def tous_constats(self) -> tuple[Constat, ...]:
        """Every finding it is told with."""
        return (*self.prerequis, *([self.manquement] if self.manquement else []), *self.constats)


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Un manquement sans lequel ces jours auraient été couverts, seul ou avec d'autres."""

    debiteur: Partie
    code: str
    dossier: str | None
    suffit: bool
    """Whether undoing this breach alone would have covered the days; otherwise it is one of a minimal set."""
    suppose: tuple[str, ...]
    """What the history replayed supposes, in French."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """La réponse pour ces jours, si ce que dit l'une des sources est vrai."""

    dits: tuple[Constat, ...]
    """What is taken as true, where another source contradicts it."""
    imputation: Imputation | None
    """``None``: no day is lost."""
    statut: Statut | None
    """How far the answer would be established, were this true; ``None`` when no day is lost."""
    cf_administration: bool | None
    cf_usager: bool | None
    causes: tuple[Cause, ...]
    chaine: tuple[Constat, ...]
    """The findings that lead to the answer, were this true."""


class Anterieure(msgspec.Struct, frozen=True, kw_only=True):
    """Ce que le registre répondait auparavant pour des jours, entre deux instants."""

    depuis: datetime
    """The first instant of this answer: that of the fact that changed it, or the first of these days, when it began."""
    jusqu_a: datetime
    """The instant from which the ledger answered otherwise, excluded."""
    du: date
    au: date
    imputation: Imputation | None
    """``None``: the ledger did not hold these days for lost."""
    statut: Statut | None


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """Des jours perdus d'une même réponse : à qui ils tiennent, ce qui le montre, ce qui s'y oppose."""

    du: date
    au: date
    jours: int
    couche: str
    """``preuve`` (neither right nor proof, or right without proof), ``effets``, ``duree``, ``delai``."""
    nature: str
    imputation: Imputation
    statut: Statut
    cf_administration: bool | None
    """Whether the days would be covered had the administration done all it owed; ``None``: a missing proof decides."""
    cf_usager: bool | None
    causes: tuple[Cause, ...]
    chaine: tuple[Constat, ...]
    contre: tuple[Constat, ...]
    """What speaks for the other side, found by the same code, or what was looked for and not found."""
    preuves_manquantes: tuple[str, ...]
    ne_prouve_pas: tuple[str, ...]
    reference: str | None = None
    """The effect, or the document, that the interval is about."""
    ouvert: bool = False
    """The interval still runs on the day of observation."""
    versions: tuple[Version, ...] = ()
    """Each answer, when the sources contradict each other and the answer depends on which one is right."""
    connue_depuis: datetime | None = None
    """The instant from which the ledger has given this answer for all these days, each counted once it has begun;
    ``None`` where the past was not replayed."""
    avant: tuple[Anterieure, ...] = ()
    """What the ledger answered earlier for some of these days, once they had begun."""

"""The words of the timeline: segments, gaps, effects, implicit refusals, readings; always inclusive civil days."""

from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec


class BaseCouverture(StrEnum):
    """Ce qui fonde ou prouve le séjour."""

    TITRE = "titre"
    API = "attestation_prolongation"
    RECEPISSE = "recepisse"
    ADF = "attestation_decision_favorable"
    L433_3 = "maintien_l433_3"
    ATDA = "attestation_demande_asile"
    PROTECTION = "protection"

    @property
    def libelle(self) -> str:
        """The words a person reads."""
        return _LIBELLES[self]


_LIBELLES: Final = {
    BaseCouverture.TITRE: "titre de séjour",
    BaseCouverture.API: "attestation de prolongation d'instruction",
    BaseCouverture.RECEPISSE: "récépissé",
    BaseCouverture.ADF: "attestation de décision favorable",
    BaseCouverture.L433_3: "maintien de trois mois (L.433-3)",
    BaseCouverture.ATDA: "attestation de demande d'asile",
    BaseCouverture.PROTECTION: "protection reconnue",
}


class Certitude(StrEnum):
    """Certain : vrai sous toutes les lectures des dates ; incertain : sous certaines seulement."""

    CERTAIN = "certain"
    INCERTAIN = "incertain"


class NatureLacune(StrEnum):
    """Ce qui manque un jour sans preuve."""

    RUPTURE = "rupture"
    """Ni droit par un document ou par L.433-3, ni preuve."""
    PREUVE_SEULE = "preuve_seule"
    """Le droit existe, la personne ne pouvait pas le prouver ce jour-là."""
    FIN_DE_DROIT = "fin_de_droit"
    """Un refus notifié ou un retrait a mis fin au droit ; ce n'est pas une interruption."""


class StatutRefus(StrEnum):
    """Ce qu'est devenu un refus implicite calculé."""

    A_NAITRE = "a_naitre"
    NE = "ne"
    PREVENU = "prevenu"
    """Une décision expresse, ou le retrait de la demande, est venu avant."""
    REMPLACE = "remplace"
    """Une décision expresse est venue après."""
    EFFACE = "efface"
    """Annulé par le juge ou retiré par l'administration."""
    INCERTAIN = "incertain"
    """Les dates connues ne permettent pas de choisir."""

    @property
    def libelle(self) -> str:
        """The words a person reads."""
        return {
            "a_naitre": "à naître",
            "ne": "né",
            "prevenu": "prévenu",
            "remplace": "remplacé",
            "efface": "effacé",
        }.get(self.value, self.value)


class CodeLecture(StrEnum):
    """Une autre lecture possible des textes."""

    L433_3_REFUS_IMPLICITE = "l433_3_refus_implicite"
    L433_3_DEPOT_TARDIF = "l433_3_depot_tardif"
    L433_3_DEPOT_JOUR_EXPIRATION = "l433_3_depot_jour_expiration"
    L433_3_ENVOI_PAPIER = "l433_3_envoi_papier"
    L433_3_DONNEE_MANQUANTE = "l433_3_donnee_manquante"
    L433_3_LONGUE_DUREE_UE = "l433_3_longue_duree_ue"
    L433_3_DECISION_FAVORABLE = "l433_3_decision_favorable"
    FIN_DE_DROIT_AUTRE_DEMANDE = "fin_de_droit_autre_demande"


class _Jours(msgspec.Struct, frozen=True, kw_only=True):
    du: date
    au: date

    @property
    def jours(self) -> int:
        """How many days, both ends included."""
        return self.au.toordinal() - self.du.toordinal() + 1


class Periode(_Jours, frozen=True, kw_only=True):
    """Des jours qui se suivent, bornes incluses."""


class Segment(_Jours, frozen=True, kw_only=True):
    """Des jours couverts par un document, ou par la loi, sur une couche."""

    base: BaseCouverture
    certitude: Certitude
    source: str
    """The article, followed by « (non vérifié) » when its text was not checked."""
    entries: tuple[UUID, ...]
    reference: str | None = None
    """The document, or the dossier for L.433-3."""
    dossier: str | None = None
    ouvert: bool = False
    """No end is stated: ``au`` is the day of observation, or the first day when the cover begins later."""


class Lacune(msgspec.Struct, frozen=True, kw_only=True):
    """Des jours qui se suivent sans preuve certaine, de même nature et de même certitude."""

    du: date
    au: date
    jours: int
    """How many days, both ends included."""
    nature: NatureLacune
    certitude: Certitude
    ouverte: bool
    """The gap still runs on the day of observation and nothing known ends it."""
    motifs: tuple[str, ...]
    entries: tuple[UUID, ...] = ()

    @property
    def certaine(self) -> bool:
        """Whether the gap, of this nature, exists under every reading of the dates."""
        return self.certitude is Certitude.CERTAIN


class Effet(msgspec.Struct, frozen=True, kw_only=True):
    """Une perte subie chez un tiers : emploi, prestation, santé, logement ; jamais mêlée au séjour."""

    du: date
    au: date | None
    """``None`` while nothing known ends it."""
    du_certain: date
    """The first day under every reading; equal to ``du`` when the date is exact."""
    au_certain: date | None
    nature: str
    """The stored name of the fact that began it."""
    libelle: str
    organisme: str | None = None
    reference: str | None = None
    entries: tuple[UUID, ...] = ()

    @property
    def certitude(self) -> Certitude:
        """Whether both ends are known."""
        exact = self.du == self.du_certain and self.au == self.au_certain
        return Certitude.CERTAIN if exact else Certitude.INCERTAIN


class RefusImplicite(msgspec.Struct, frozen=True, kw_only=True):
    """Le refus que fait naître le silence ; il n'ôte jamais une couverture (CE, avis n° 499904)."""

    dossier: str | None
    ne_le: date
    ne_au_plus_tard: date
    """Equal to ``ne_le`` when the filing day is exact."""
    base: str
    """The length applied: « 4 mois », « 90 jours si titre étudiant », or « inscrit au registre »."""
    source: str
    statut: StatutRefus
    suspendu_jusqu_au: date | None = None
    """The second date, beside the first: if the request for missing pieces did suspend the delay."""
    constate: bool = False
    """The ledger holds the fact itself, on these days."""
    motifs: tuple[str, ...] = ()
    entries: tuple[UUID, ...] = ()


class Lecture(msgspec.Struct, frozen=True, kw_only=True):
    """Une autre lecture, donnée comme telle : le texte, son étiquette, les jours qu'elle changerait."""

    code: CodeLecture
    texte: str
    source: str
    verification: str
    """The label of the text, in French."""
    dossier: str | None
    du: date
    au: date
    change: tuple[Periode, ...]
    """The days up to the observation that would be classed otherwise."""
    jours: int
    """How many they are."""
    deviendrait: NatureLacune | None
    """What these days would be; ``None``: covered."""


class Couverture(msgspec.Struct, frozen=True, kw_only=True):
    """La couverture d'une personne, jour par jour, telle qu'on la voit le jour ``au``."""

    au: date
    premier_jour: date | None
    """The first covered day of either layer; ``None`` when no document is known."""
    droit: tuple[Segment, ...] = ()
    preuve: tuple[Segment, ...] = ()
    lacunes: tuple[Lacune, ...] = ()
    effets: tuple[Effet, ...] = ()
    refus_implicites: tuple[RefusImplicite, ...] = ()
    lectures: tuple[Lecture, ...] = ()

    @property
    def interruptions(self) -> tuple[Lacune, ...]:
        """The gaps with neither right nor proof."""
        return tuple(each for each in self.lacunes if each.nature is NatureLacune.RUPTURE)

    @property
    def fins_de_droit(self) -> tuple[Lacune, ...]:
        """The days after a right ended by decision, classed apart."""
        return tuple(each for each in self.lacunes if each.nature is NatureLacune.FIN_DE_DROIT)

    def json(self) -> bytes:
        """The whole timeline as JSON; equal timelines give equal bytes."""
        return msgspec.json.encode(self)

"""The evidence of a person as known on an instant and as true on a day, under the set of readings it names.

The same pure functions as for today: a fact that comes late changes what is answered now, never what was answered then.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from ledger.entry import Entry
from ledger.retained import holding
from projections.couverture import Lecture as AutreLecture
from projections.couverture import RefusImplicite, dire
from projections.imputation.calcul import Lue, devoirs, imputer, lire
from projections.imputation.deux_vues import Divergence, divergences
from projections.imputation.journal import tenir
from projections.imputation.modeles import Anterieure, Attribution, Obligation
from projections.imputation.tenue import Tenue
from replay.as_of import Moment
from rules.catalogue import empreinte
from rules.jeux import ACTUEL, Jeu, sous, suivi


class Fait(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that the evidence cites, as a person can find it again."""

    event_id: UUID
    id: str
    """The fact's id at its source."""
    type: str
    survenu: str
    enregistre_le: Annotated[datetime, msgspec.Meta(tz=True)]
    source: str
    grade: str
    position: int | None
    """Its place in the sealed order; ``None`` while it has none."""


class Preuve(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed, what was lost, to whom it is due and what shows it, from one moment."""

    connu_le: Annotated[datetime, msgspec.Meta(tz=True)] | None
    au: date
    regles: str
    """The digest that names the set of readings it was made with."""
    obligations: tuple[Obligation, ...]
    attributions: tuple[Attribution, ...]
    journal: tuple[Tenue, ...]
    """In whose hands each dossier was, day by day: a partition, its intervals half-open."""
    divergences: tuple[Divergence, ...]
    """What one side could see and the other could not, for longer than the law lets it last."""
    refus_implicites: tuple[RefusImplicite, ...]
    """Beside the cover, never instead of it: both can be true."""
    lectures: tuple[AutreLecture, ...]
    """The other readings of the texts, side by side with the one that was followed."""
    faits: tuple[Fait, ...]
    """Every fact that the evidence cites."""
    abandonnees: tuple[Anterieure, ...] = ()
    """What the ledger answered for days, once they had begun, that it no longer holds for lost."""
    rejouee_depuis: datetime | None = None
    """The instant from which the past was replayed, when what came before was not; ``None``: all was, or nothing."""


def preuve(entries: Sequence[Entry], moment: Moment, jeu: Jeu = ACTUEL) -> Preuve:
    """The evidence that ``entries`` of one person give, from ``moment``, by the readings of ``jeu``.

    Those of incidents of nobody may be among them.
    """
    with sous(jeu):
        return prouver(lire(holding(entries, at=moment.connu_le, on=moment.au), moment.au), moment)


def prouver(lue: Lue, moment: Moment) -> Preuve:
    """The evidence of facts that were read already, as they hold at ``moment``, by the readings being followed."""
    owed, lost = devoirs(lue), imputer(lue)
    cover = dire(lue.m.trame)
    held_by, apart = tenir(lue.m, lue.exigences), divergences(lue.entries, moment.au)
    cited = {
        *(each for o in owed for c in o.tous_constats for each in c.entries),
        *(each for o in owed for each in o.satisfaite_par),
        *(each for a in lost for c in (*a.chaine, *a.contre) for each in c.entries),
        *(each for a in lost for v in a.versions for c in v.chaine for each in c.entries),
        *(each for t in held_by for each in t.entries),
        *(each for d in apart for each in (*d.entries, *d.constat.entries)),
    }
    return Preuve(
        connu_le=moment.connu_le,
        au=moment.au,
        regles=empreinte(suivi()),
        obligations=owed,
        attributions=lost,
        journal=held_by,
        divergences=apart,
        refus_implicites=cover.refus_implicites,
        lectures=cover.lectures,
        faits=tuple(_fait(entry) for entry in lue.entries if entry.event_id in cited),
    )


def _fait(entry: Entry) -> Fait:
    fait = entry.fait
    return Fait(
        event_id=entry.event_id,
        id=fait.id,
        type=fait.evenement.nom,
        survenu=str(fait.survenu),
        enregistre_le=entry.recorded_at,
        source=fait.source.value,
        grade=fait.grade.value,
        position=entry.position,
    )

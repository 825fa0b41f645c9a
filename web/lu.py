"""What several pages read of a life, made once a version of it: its evidence, its states, its facts without the others.

The key names the life's version, the set of rules, the moment: an answer that was made stays right. A moment is brought
back to the last fact it knows, so that two instants between the same facts are one reading.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from ledger.entry import Entry
from projections.historique import Ligne, lignes
from replay.as_of import Lecture, Moment, lecture
from replay.calcul import rejouer
from replay.passe import avec_le_passe
from replay.preuve import Preuve
from replay.tiers import Masque
from rules.calcul import Operation
from rules.catalogue import empreinte
from rules.jeux import ACTUEL
from web.acces import Role
from web.lecture import Vie
from web.limites import concluante
from web.registre import registre

NON_MASQUES: Final = frozenset({Role.AGENT, Role.SUPERVISEUR, Role.DDD})
"""Those who see which agent acted; everybody else sees « tiers-1 »."""


def ramene(vie: Vie, moment: Moment) -> Moment:
    """The same reading, from the instant of the last fact it knows; ``None`` when it knows them all."""
    if moment.connu_le is None:
        return moment
    instants = [entry.recorded_at for entry in vie.entries]
    last = max((each for each in instants if each <= moment.connu_le), default=moment.connu_le)
    return Moment(None if instants and last == max(instants) else last, moment.au)


@concluante
def preuve_de(vie: Vie, moment: Moment) -> Preuve:
    """The evidence of this life, without what was answered earlier."""
    return _calculee(vie, moment)[0]


def operations_de(vie: Vie, moment: Moment) -> Sequence[Operation]:
    """What rules counted when that evidence was made."""
    return _calculee(vie, moment)[1]


def refaite(vie: Vie, moment: Moment) -> tuple[Preuve, Sequence[Operation]]:
    """The evidence computed again from the facts, whatever was kept; and what rules counted."""
    return rejouer(vie.entries, ramene(vie, moment))


def _calculee(vie: Vie, moment: Moment) -> tuple[Preuve, Sequence[Operation]]:
    at = ramene(vie, moment)
    return registre().lecteur.rendu(vie, ("preuve", at, empreinte(ACTUEL)), lambda: rejouer(vie.entries, at))


@concluante
def preuve_datee(vie: Vie, moment: Moment) -> Preuve:
    """The same, each answer with since when it is the ledger's and what it was before."""
    at = ramene(vie, moment)
    key = ("preuve datée", at, empreinte(ACTUEL))
    return registre().lecteur.rendu(vie, key, lambda: avec_le_passe(vie.entries, preuve_de(vie, at)))


@concluante
def lecture_de(vie: Vie, moment: Moment) -> Lecture:
    """State and cover of this life."""
    at = ramene(vie, moment)
    return registre().lecteur.rendu(vie, ("lecture", at, empreinte(ACTUEL)), lambda: lecture(vie.entries, at))


def montrees(vie: Vie, role: Role) -> tuple[Entry, ...]:
    """Her facts, in order of arrival, as this role may see them: other people masked, for who may not."""
    return vie.entries if role in NON_MASQUES else registre().lecteur.rendu(vie, "masquées", lambda: _masquees(vie))


def _masquees(vie: Vie) -> tuple[Entry, ...]:
    masque = Masque(vie.personne, vie.entries)
    return tuple(masque.entry(entry) for entry in vie.entries)


def numerotes(vie: Vie) -> Mapping[UUID, Ligne]:
    """The line of the history of each fact, by event id: its number, its sentence, its days."""
    return registre().lecteur.rendu(vie, "numérotés", lambda: {e.event_id: line for e, line in lignes(vie.entries)})

"""The agents' queue: who is without proof, who is about to be, what nobody answered; by harm, and each place explained.

One query over the rows of :mod:`projections.interruptions`, seen on a day. The order, and nothing else: already without
proof; a loss declared with a third party; a vulnerability told of with consent; then the oldest loss, or the days left.
Whose loss it is plays no part, and no agent is named. Children are not in the vocabulary, so they cannot count.
"""

from datetime import date, timedelta
from typing import Any, Final

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from ledger.francais import jour
from projections.francais import compte
from projections.imputation.modeles import Imputation, Statut
from projections.imputation.prevision import HORIZON, Acte
from projections.imputation.signaux import LIBELLES

LIMITE: Final = 100
"""How many persons are given at most, unless another number is asked."""

_FILE: Final = """
WITH lost AS (
    SELECT subject, min(du) FILTER (WHERE du <= %(au)s) AS since, min(du) FILTER (WHERE du > %(au)s) AS next,
           array_agg(DISTINCT prefecture) AS prefectures,
           jsonb_agg(jsonb_build_object('du', du, 'imputation', imputation, 'statut', statut, 'dossier', dossier,
                     'actes', coalesce(actes, '[]')) ORDER BY du) AS losses
    FROM {perdu}
    WHERE couche = 'preuve' AND imputation <> 'END_OF_RIGHT_BY_DECISION' AND du <= %(until)s AND au >= %(au)s
    GROUP BY subject
), seen AS (
    SELECT subject, bool_or(code = 'effet') AS effects, bool_or(code = 'vulnerable') AS vulnerable,
           min(echeance) FILTER (WHERE echeance >= %(au)s) AS due, array_agg(DISTINCT prefecture) AS prefectures,
           bool_or(code NOT IN ('effet', 'vulnerable')) AS waits,
           jsonb_agg(jsonb_build_object('code', code, 'du', du, 'echeance', echeance, 'dossier', dossier,
                     'reference', reference) ORDER BY coalesce(echeance, du), code) AS signals
    FROM {signal}
    WHERE du <= %(au)s AND au >= %(au)s AND (echeance IS NULL OR echeance <= %(until)s)
    GROUP BY subject
)
SELECT uuid_send(subject), since, next, coalesce(effects, false) AS hurt, coalesce(vulnerable, false) AS weak, due,
       coalesce(losses, '[]'), coalesce(signals, '[]')
FROM lost FULL JOIN seen USING (subject)
WHERE (losses IS NOT NULL OR waits)
  AND (%(prefecture)s::text IS NULL OR %(prefecture)s = ANY (lost.prefectures || seen.prefectures))
ORDER BY since IS NULL, hurt DESC, weak DESC, since, least(next, due) NULLS LAST, subject
LIMIT %(limit)s
"""


class Perte(msgspec.Struct, frozen=True, kw_only=True):
    """Des jours sans preuve, commencés ou à venir, et les actes dont un seul les éviterait."""

    du: date
    imputation: Imputation
    statut: Statut
    dossier: str | None
    actes: tuple[Acte, ...]
    """What each supposes is left aside: the person's own forecast tells it."""


class Attente(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qui attend un acte, ou arrive à son terme."""

    code: str
    libelle: str
    du: date
    echeance: date | None
    dossier: str | None
    reference: str | None


class Priorite(msgspec.Struct, frozen=True, kw_only=True):
    """Une personne dans la file, et pourquoi à cette place."""

    rang: int
    personne: str
    raisons: tuple[str, ...]
    """Why here, in the order in which the reasons count."""
    sans_preuve_depuis: date | None
    prochaine_perte: date | None
    pertes: tuple[Perte, ...]
    attentes: tuple[Attente, ...]


Ligne = tuple[Any, ...]


def lignes(
    conn: psycopg.Connection[Any],
    schema: str,
    au: date,
    *,
    jours: int = HORIZON,
    prefecture: str | None = None,
    limite: int = LIMITE,
) -> list[Ligne]:
    """The rows of the queue on the day ``au``, looking ``jours`` days ahead; the first cell is the subject."""
    query = SQL(_FILE).format(perdu=Identifier(schema, "perdu"), signal=Identifier(schema, "signal"))
    given = {"au": au, "until": au + timedelta(days=jours), "prefecture": prefecture, "limit": limite}
    return conn.execute(query, given).fetchall()


def priorite(rang: int, personne: str, ligne: Ligne, au: date) -> Priorite:
    """One row of the queue as a person reads it."""
    _, since, following, hurt, weak, due, losses, signals = ligne
    return Priorite(
        rang=rang,
        personne=personne,
        raisons=tuple(_raisons(au, since, following, due, hurt=hurt, weak=weak)),
        sans_preuve_depuis=since,
        prochaine_perte=following,
        pertes=msgspec.convert(losses, tuple[Perte, ...]),
        attentes=msgspec.convert(
            [{**each, "libelle": LIBELLES[each["code"]]} for each in signals], tuple[Attente, ...]
        ),
    )


def _raisons(
    au: date, since: date | None, following: date | None, due: date | None, *, hurt: bool, weak: bool
) -> list[str]:
    said = []
    if since is not None:
        said.append(f"sans preuve depuis le {jour(since)}, {compte((au - since).days + 1, 'jour')}")
    if hurt:
        said.append("perte déclarée chez un tiers : emploi, prestation, santé ou logement")
    if weak:
        said.append("vulnérabilité signalée avec son accord")
    ahead = min((day for day in (following, due) if day is not None), default=None)
    if ahead is not None:
        what = "premier jour sans preuve" if ahead == following else "première échéance"
        said.append(f"{what} le {jour(ahead)}, dans {compte((ahead - au).days, 'jour')}")
    return said or ["un acte est attendu, sans échéance"]

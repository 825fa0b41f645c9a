"""The agents' queue: who is without proof, who is about to be, what nobody answered; by harm, and each place explained.

One query over the rows of :mod:`projections.interruptions`, seen on a day. The order, and nothing else: already without
proof; a loss declared with a third party; a vulnerability told of with consent; then the oldest loss, or the days left.
Whose loss it is plays no part, and no agent is named. Children are not in the vocabulary, so they cannot count.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, NamedTuple

import msgspec
import psycopg
from psycopg.sql import SQL, Composable, Identifier
from pydantic import BaseModel, ConfigDict, Field

from ledger.events.types import TypeTitre
from ledger.francais import jour
from projections.francais import compte
from projections.imputation.modeles import Imputation, Statut
from projections.imputation.prevision import HORIZON, Acte
from projections.imputation.signaux import LIBELLES

LIMITE: Final = 100
"""How many persons are given at most, unless another number is asked."""
MOTIFS: Final = tuple(LIBELLES)

_FILE: Final = """
WITH lost AS (
    SELECT subject, min(du) FILTER (WHERE du <= %(au)s) AS since, min(du) FILTER (WHERE du > %(au)s) AS next,
           array_agg(DISTINCT prefecture) AS prefectures, array_agg(DISTINCT titre) AS titres,
           jsonb_agg(jsonb_build_object('du', du, 'imputation', imputation, 'statut', statut, 'dossier', dossier,
                     'actes', coalesce(actes, '[]')) ORDER BY du) AS losses
    FROM {perdu}
    WHERE couche = 'preuve' AND imputation <> 'END_OF_RIGHT_BY_DECISION' AND du <= %(until)s AND au >= %(au)s {parmi}
    GROUP BY subject
), seen AS (
    SELECT subject, bool_or(code = 'effet') AS effects, bool_or(code = 'vulnerable') AS vulnerable,
           min(echeance) FILTER (WHERE echeance >= %(au)s) AS due, array_agg(DISTINCT prefecture) AS prefectures,
           array_agg(DISTINCT titre) AS titres, array_agg(DISTINCT code) AS codes,
           bool_or(code NOT IN ('effet', 'vulnerable')) AS waits,
           jsonb_agg(jsonb_build_object('code', code, 'du', du, 'echeance', echeance, 'dossier', dossier,
                     'reference', reference) ORDER BY coalesce(echeance, du), code) AS signals
    FROM {signal}
    WHERE du <= %(au)s AND au >= %(au)s AND (echeance IS NULL OR echeance <= %(until)s) {parmi}
    GROUP BY subject
), queue AS (
    SELECT subject, since, next, coalesce(effects, false) AS hurt, coalesce(vulnerable, false) AS weak, due,
           coalesce(losses, '[]') AS losses, coalesce(signals, '[]') AS signals,
           CASE WHEN since IS NOT NULL THEN 'sans_preuve' WHEN next IS NOT NULL THEN 'bientot' ELSE 'attente' END
           AS place
    FROM lost FULL JOIN seen USING (subject)
    WHERE (losses IS NOT NULL OR waits)
      AND (%(prefecture)s::text IS NULL OR %(prefecture)s = ANY (lost.prefectures || seen.prefectures))
      AND (%(titre)s::text IS NULL OR %(titre)s = ANY (lost.titres || seen.titres))
      AND (%(code)s::text IS NULL OR %(code)s = ANY (codes))
), counted AS (
    SELECT *, count(*) FILTER (WHERE place = 'sans_preuve') OVER () AS n_lost,
           count(*) FILTER (WHERE place = 'bientot') OVER () AS n_soon,
           count(*) FILTER (WHERE place = 'attente') OVER () AS n_wait
    FROM queue
)
SELECT uuid_send(subject), since, next, hurt, weak, due, losses, signals, n_lost, n_soon, n_wait FROM counted
WHERE %(place)s::text IS NULL OR place = %(place)s
ORDER BY since IS NULL, hurt DESC, weak DESC, since, least(next, due) NULLS LAST, subject
LIMIT %(limit)s OFFSET %(skip)s
"""
_PARMI: Final = "AND subject IN (SELECT subject FROM {en_charge} WHERE service = %(service)s)"
TRI: Final = (
    "d'abord les personnes déjà sans preuve de leur droit",
    "puis celles qui ont déclaré une perte chez un tiers : emploi, prestation, santé, logement",
    "puis celles dont une vulnérabilité est signalée avec leur accord",
    "puis la perte la plus ancienne, ou l'échéance la plus proche",
)
"""The order, as a person reads it."""


class Situation(StrEnum):
    """Où en est une personne de la file."""

    SANS_PREUVE = "sans_preuve"
    BIENTOT = "bientot"
    ATTENTE = "attente"

    @property
    def libelle(self) -> str:
        """The French wording."""
        return _SITUATIONS[self]


_SITUATIONS: Final = {
    Situation.SANS_PREUVE: "sans preuve aujourd'hui",
    Situation.BIENTOT: "bientôt sans preuve",
    Situation.ATTENTE: "un acte est attendu",
}


class FiltreFile(BaseModel):
    """Ce que l'on demande à la file ; rien : tout, pour les trente jours qui viennent."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    jours: Annotated[int, Field(ge=1, le=366)] = HORIZON
    """How many days to look ahead."""
    situation: Situation | None = None
    titre: TypeTitre | None = None
    """The title asked for, or held."""
    motif: Annotated[str, Field(pattern=f"^({'|'.join(MOTIFS)})$")] | None = None
    """What waits: a code of :data:`projections.imputation.signaux.LIBELLES`."""
    page: Annotated[int, Field(ge=1, le=10_000)] = 1


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
    given = {"prefecture": prefecture, "limit": limite}
    return [row[:8] for row in _lire(conn, schema, au, jours, SQL(""), given)]


class Feuille(NamedTuple):
    """One page of a queue, and how many persons the whole holds, by situation (of all situations)."""

    lignes: list[Ligne]
    effectifs: dict[Situation, int]


def feuille(
    conn: psycopg.Connection[Any],
    schema: str,
    en_charge: Identifier,
    service: str,
    au: date,
    filtre: FiltreFile,
    par: int,
) -> Feuille:
    """One page, of ``par`` lines, of the queue of the persons of whom ``service`` is in charge, and of nobody else.

    ``en_charge``: the table of :class:`projections.attaches.AttachesDeTous` that says who they are.
    """
    given = {
        "service": service,
        "titre": filtre.titre,
        "code": filtre.motif,
        "place": filtre.situation,
        "limit": par,
        "skip": (filtre.page - 1) * par,
    }
    among = SQL(_PARMI).format(en_charge=en_charge)
    rows = _lire(conn, schema, au, filtre.jours, among, given)
    counts = rows[0][8:] if rows else (0, 0, 0)
    return Feuille([row[:8] for row in rows], dict(zip(Situation, counts, strict=True)))


def _lire(
    conn: psycopg.Connection[Any], schema: str, au: date, jours: int, parmi: Composable, given: dict[str, Any]
) -> list[Ligne]:
    query = SQL(_FILE).format(perdu=Identifier(schema, "perdu"), signal=Identifier(schema, "signal"), parmi=parmi)
    unset = dict.fromkeys(("prefecture", "titre", "code", "place"))
    return conn.execute(query, {**unset, "skip": 0, "au": au, "until": au + timedelta(days=jours), **given}).fetchall()


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

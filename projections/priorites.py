"""The agents' queue: who is without proof, who is about to be, what nobody answered; by harm, and each place explained.

One query over the rows of :mod:`projections.interruptions`, seen on a day. The order, and nothing else: already without
proof; a loss declared with a third party; a vulnerability told of with consent; then the oldest loss, or the days left.
Whose loss it is plays no part, and no agent is named. Children are not in the vocabulary, so they cannot count.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, LiteralString, NamedTuple

import msgspec
import psycopg
from psycopg.sql import SQL, Composable, Identifier
from pydantic import BaseModel, ConfigDict, Field

from ledger.events.listes import CritereFile
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
           AS place, {mien} AS mine
    FROM lost FULL JOIN seen USING (subject)
    WHERE (losses IS NOT NULL OR waits)
      AND (%(prefecture)s::text IS NULL OR %(prefecture)s = ANY (lost.prefectures || seen.prefectures))
      AND (%(titre)s::text IS NULL OR %(titre)s = ANY (lost.titres || seen.titres))
      AND (%(code)s::text IS NULL OR %(code)s = ANY (codes))
      AND (%(bureau)s::text IS NULL OR {bureau})
), done AS ({done}
), counted AS (
    SELECT count(*) AS n_all, count(*) FILTER (WHERE mine) AS n_mine, (SELECT count(*) FROM done) AS n_done,
           count(*) FILTER (WHERE place = 'sans_preuve' AND (mine OR NOT %(mine)s)) AS n_lost,
           count(*) FILTER (WHERE place = 'bientot' AND (mine OR NOT %(mine)s)) AS n_soon,
           count(*) FILTER (WHERE place = 'attente' AND (mine OR NOT %(mine)s)) AS n_wait
    FROM queue
)
"""
_PAGE: Final = """, page AS (
    SELECT *, row_number() OVER (ORDER BY {tri}, subject) AS rang FROM queue
    WHERE (%(place)s::text IS NULL OR place = %(place)s) AND (mine OR NOT %(mine)s)
    ORDER BY rang LIMIT %(limit)s OFFSET %(skip)s
)
SELECT uuid_send(subject), since, next, hurt, weak, due, losses, signals, n_all, n_mine, n_done, n_lost, n_soon, n_wait
FROM counted LEFT JOIN page ON true ORDER BY rang
"""
_FAITES: Final = """, page AS (
    SELECT *, row_number() OVER (ORDER BY le DESC, subject) AS rang FROM done
    ORDER BY rang LIMIT %(limit)s OFFSET %(skip)s
)
SELECT uuid_send(subject), le, n_all, n_mine, n_done, n_lost, n_soon, n_wait
FROM counted LEFT JOIN page ON true ORDER BY rang
"""
_DONE: Final = """
    SELECT a.subject, max(a.le) AS le FROM {acte} AS a
    WHERE a.le > %(since)s AND a.le <= %(au)s {parmi}
      AND NOT EXISTS (SELECT FROM lost WHERE lost.subject = a.subject)
      AND NOT EXISTS (SELECT FROM seen WHERE seen.subject = a.subject AND waits)
    GROUP BY a.subject"""
_PERSONNE: Final = "SELECT NULL::uuid AS subject, NULL::date AS le WHERE false"
_MIEN: Final = """
    EXISTS (SELECT FROM {acte} AS a WHERE a.subject = coalesce(lost.subject, seen.subject) AND a.acteur = %(moi)s)"""
_BUREAU: Final = """
    EXISTS (SELECT FROM {acte} AS a
            WHERE a.subject = coalesce(lost.subject, seen.subject) AND a.service = %(bureau)s)"""
_PARMI: Final = "AND subject IN (SELECT subject FROM {en_charge} WHERE service = %(service)s)"
FAITES: Final = timedelta(days=30)
"""For how long a person who waits for nothing any more is told among those that were seen to (a convention)."""
_ORDRE: Final[Mapping[CritereFile, LiteralString]] = {
    CritereFile.SANS_PREUVE: "since IS NULL",
    CritereFile.PERTE_DECLAREE: "hurt DESC",
    CritereFile.VULNERABILITE: "weak DESC",
    CritereFile.ECHEANCE: "since, least(next, due) NULLS LAST",
}
TRI: Final[Mapping[CritereFile, str]] = {
    CritereFile.SANS_PREUVE: "les personnes déjà sans preuve de leur droit",
    CritereFile.PERTE_DECLAREE: "celles qui ont déclaré une perte chez un tiers : emploi, prestation, santé, logement",
    CritereFile.VULNERABILITE: "celles dont une vulnérabilité est signalée avec leur accord",
    CritereFile.ECHEANCE: "la perte la plus ancienne, ou l'échéance la plus proche",
}
"""What each criterion puts first, as a person reads it; the order is theirs unless a service decided another."""


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


class Onglet(StrEnum):
    """Quelle partie de la file."""

    A_TRAITER = "a_traiter"
    SUIVIS = "suivis"
    TRAITES = "traites"

    @property
    def libelle(self) -> str:
        """The French wording."""
        return {"a_traiter": "à traiter", "suivis": "suivis par moi", "traites": "traités"}[self.value]


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
    onglet: Onglet = Onglet.A_TRAITER
    bureau: Annotated[str, Field(max_length=300)] = ""
    """A service whose agents acted for the person, as names are compared; empty: any."""
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
    tables = {"parmi": SQL(""), "mien": SQL("false"), "bureau": SQL("true"), "done": SQL(_PERSONNE)}
    rows = _lire(conn, schema, au, jours, _PAGE, tables, given)
    return [row[:8] for row in rows if row[0] is not None]


class Feuille(NamedTuple):
    """One page of a queue, and how many persons the whole holds."""

    lignes: list[Ligne]
    """Of :attr:`Onglet.TRAITES`: the subject, and the last day of an act of an agent; else as :func:`lignes`."""
    effectifs: dict[Situation, int]
    """By situation (of all situations), in the part that is asked for."""
    onglets: dict[Onglet, int]


def feuille(
    conn: psycopg.Connection[Any],
    schema: str,
    attaches: str,
    service: str,
    au: date,
    filtre: FiltreFile,
    par: int,
    *,
    acteur: str = "",
    ordre: Sequence[CritereFile] = tuple(CritereFile),
) -> Feuille:
    """One page, of ``par`` lines, of the queue of the persons of whom ``service`` is in charge, and of nobody else.

    ``attaches``: the schema of :class:`projections.attaches.AttachesDeTous`, which says who they are and who acted;
    ``acteur``: the pseudonym of who reads; ``ordre``: every criterion, the first counts first.
    """
    given = {
        "service": service,
        "titre": filtre.titre,
        "code": filtre.motif,
        "place": filtre.situation,
        "bureau": filtre.bureau or None,
        "moi": acteur,
        "mine": filtre.onglet is Onglet.SUIVIS,
        "limit": par,
        "skip": (filtre.page - 1) * par,
    }
    acte, among = Identifier(attaches, "acte"), SQL(_PARMI).format(en_charge=Identifier(attaches, "en_charge"))
    tables = {
        "parmi": among,
        "mien": SQL(_MIEN).format(acte=acte),
        "bureau": SQL(_BUREAU).format(acte=acte),
        "done": SQL(_DONE).format(acte=acte, parmi=among),
    }
    tail = _FAITES if filtre.onglet is Onglet.TRAITES else _PAGE
    rows = _lire(conn, schema, au, filtre.jours, tail, tables, given, ordre)
    width = len(Onglet) + len(Situation)
    counts = rows[0][-width:]
    return Feuille(
        [row[:-width] for row in rows if row[0] is not None],
        dict(zip(Situation, counts[len(Onglet) :], strict=True)),
        dict(zip(Onglet, counts[: len(Onglet)], strict=True)),
    )


def _lire(
    conn: psycopg.Connection[Any],
    schema: str,
    au: date,
    jours: int,
    fin: LiteralString,
    tables: Mapping[str, Composable],
    given: dict[str, Any],
    ordre: Sequence[CritereFile] = tuple(CritereFile),
) -> list[Ligne]:
    query = SQL(_FILE).format(perdu=Identifier(schema, "perdu"), signal=Identifier(schema, "signal"), **tables)
    tail = SQL(fin).format(tri=SQL(", ").join(SQL(_ORDRE[each]) for each in ordre)) if fin is _PAGE else SQL(fin)
    unset = {**dict.fromkeys(("prefecture", "titre", "code", "place", "bureau")), "moi": "", "mine": False, "skip": 0}
    days = {"au": au, "until": au + timedelta(days=jours), "since": au - FAITES}
    return conn.execute(query + tail, {**unset, **days, **given}).fetchall()


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

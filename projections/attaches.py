"""Ce qui attache une personne à qui peut la voir : services en charge, mandats, assistances, réclamations, dossiers.

Live: :func:`attaches`, of one life, is what access is decided by. Async: the same for everybody in tables, to find a
person by what names her, or all those of one representative. What the tables find, access decides on again.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final, NamedTuple

import psycopg
from psycopg.sql import SQL, Identifier

from ledger.coffre import Id
from ledger.dossier import prefecture
from ledger.entry import Entry
from ledger.events import EVENTS, acces, personne, reclamation, support
from ledger.events.correction import FaitRetire
from ledger.events.types import Flux, NatureActeur
from ledger.mandats import en_cours
from projections.vue import Cells, PersonView
from rules.base import sans_accents

_SERVICES: Final = frozenset({NatureActeur.PREFECTURE, NatureActeur.AGENT})
_TITRES: Final = frozenset(event.nom for event in EVENTS if event.flux is Flux.TITRE)
_DOSSIERS: Final = frozenset(event.nom for event in EVENTS if event.flux is Flux.DOSSIER)

_DITS: Final = (
    personne.MandatDonne,
    personne.MandatRevoque,
    reclamation.ReclamationDddOuverte,
    support.CccContacte,
    support.PanVisite,
)
"""Facts that tie by what they say themselves."""
_LUS: Final = (*_DITS, acces.ExportProduit, acces.DossierPreuveScelle, FaitRetire)


@dataclass(frozen=True, slots=True)
class Attaches:
    """What a person's own facts found: who is in charge, whom she mandated, whom she asked for help, her complaints."""

    prefectures: frozenset[str] = frozenset()
    """Those in charge of one of her dossiers, without case or accents."""
    mandats: tuple[personne.MandatDonne, ...] = ()
    """Not revoked, whatever their dates."""
    assistances: frozenset[str] = frozenset()
    """The references under which she asked the contact centre or a digital desk for help."""
    reclamations: frozenset[str] = frozenset()
    """The numbers of her complaints to the Défenseur des droits."""
    dossiers: frozenset[str] = frozenset()
    """The references of all her dossiers."""


def attaches(entries: Iterable[Entry]) -> Attaches:
    """What the holding ``entries`` of one person found."""
    held = [entry for entry in entries if entry.fait.personne is not None]
    told = [entry for entry in held if isinstance(entry.fait.evenement, _DITS)]
    events = [entry.fait.evenement for entry in told]
    dossiers = _par_dossier(held)
    return Attaches(
        prefectures=frozenset(map(service, _en_charge(dossiers, held))),
        mandats=en_cours(events),
        assistances=frozenset(_assistances(told)),
        reclamations=frozenset(each.numero for each in events if isinstance(each, reclamation.ReclamationDddOuverte)),
        dossiers=frozenset(filter(None, dossiers)),
    )


def service(nom: str) -> str:
    """A service's name as names are compared."""
    return sans_accents(nom).casefold().strip()


def en_charge(held: Sequence[Entry]) -> set[str]:
    """Who has her dossiers now; where none says it, who handed her the documents she holds."""
    return _en_charge(_par_dossier(held), held)


def _par_dossier(held: Iterable[Entry]) -> dict[str | None, list[Entry]]:
    dossiers: dict[str | None, list[Entry]] = {}
    for entry in held:
        if entry.fait.flux is Flux.DOSSIER:
            dossiers.setdefault(entry.fait.objet, []).append(entry)
    return dossiers


def _en_charge(dossiers: Mapping[str | None, Sequence[Entry]], held: Iterable[Entry]) -> set[str]:
    charged = {each for facts in dossiers.values() if (each := prefecture(facts))}
    return charged or {
        entry.fait.acteur.service
        for entry in held
        if entry.fait.flux is Flux.TITRE and entry.fait.acteur.service and entry.fait.acteur.nature in _SERVICES
    }


def actes(held: Iterable[Entry]) -> dict[tuple[str | None, str | None], date]:
    """By agent (a pseudonym) and service, as far as facts say them, the last day of an act of an agent."""
    last: dict[tuple[str | None, str | None], date] = {}
    for entry in held:
        by = entry.fait.acteur
        if by.nature in _SERVICES and entry.fait.flux in {Flux.DOSSIER, Flux.TITRE}:
            day, key = entry.fait.survenu.jours.dernier, (by.id, by.service)
            last[key] = max(day, last.get(key, day))
    return last


def _assistances(held: Iterable[Entry]) -> Iterator[str]:
    for entry in held:
        match entry.fait.evenement:
            case support.CccContacte() as asked:
                yield asked.ticket or entry.fait.id
            case support.PanVisite():
                yield entry.fait.objet or entry.fait.id
            case _:
                pass


class AttachesDeTous(PersonView):
    """One row a tie. A mandate's days are those on which all readings of its dates agree that it runs."""

    name: ClassVar[str] = "attaches"
    pertinents: ClassVar[frozenset[str]] = _DOSSIERS | _TITRES | {each.nom for each in _LUS}
    acteurs: ClassVar[frozenset[str]] = _TITRES | _DOSSIERS
    tables: ClassVar[tuple[tuple[str, str], ...]] = (
        ("en_charge", "service text, nom text"),
        ("mandat", "mandataire text, mandat text, portee text[], dossiers text[], du date, au date"),
        ("assistance", "reference text"),
        ("reclamation", "numero text"),
        ("dossier", "reference text"),
        ("fichier", "empreinte text, nature text, position bigint"),
        ("acte", "acteur text, service text, nom text, le date"),
    )
    cherches: ClassVar[tuple[tuple[str, str], ...]] = (
        ("en_charge", "service"),
        ("mandat", "mandataire"),
        ("assistance", "reference"),
        ("reclamation", "numero"),
        ("dossier", "reference"),
        ("fichier", "empreinte"),
        ("acte", "acteur"),
    )

    def create(self, conn: psycopg.Connection[Any], schema: str) -> None:
        """Make the empty tables, each found by what names its rows."""
        super().create(conn, schema)
        for table, column in self.cherches:
            conn.execute(SQL("CREATE INDEX ON {} ({})").format(Identifier(schema, table), Identifier(column)))

    def rows(self, entries: Sequence[Entry], shared: Any = None) -> Iterable[tuple[str, Cells]]:  # noqa: ARG002 - nobody's
        """The rows of one person."""
        found = attaches(entries)
        held = [entry for entry in entries if entry.fait.personne is not None]
        for nom in sorted(en_charge(held)):
            yield "en_charge", (service(nom), nom)
        for each in found.mandats:
            du = each.valide_du.dernier if each.valide_du else None
            au = each.valide_au.premier if each.valide_au else None
            acts = [one.value for one in each.portee]
            yield "mandat", (each.mandataire, each.mandat, acts, list(each.dossiers), du, au)
        for reference in sorted(found.assistances):
            yield "assistance", (reference,)
        for numero in sorted(found.reclamations):
            yield "reclamation", (numero,)
        for reference in sorted(found.dossiers):
            yield "dossier", (reference,)
        for entry in held:
            digest = entry.fait.evenement.lire_champ("sha256")
            if digest is not None:
                yield "fichier", (digest, entry.fait.evenement.nom, entry.position)
        for (acteur, bureau), le in actes(held).items():
            yield "acte", (acteur, service(bureau or ""), bureau, le)


# ------------------------------------------------------------------ looking up

MOST: Final = 50
"""How many persons one search gives at most."""


class Attache(NamedTuple):
    """By what a person must be tied for a search to find her: a table above, and what its row says if it matters."""

    table: str
    colonne: str | None = None
    valeur: str | None = None


def chercher(
    conn: psycopg.Connection[Any], schema: str, texte: str, sujet: bytes | None, attache: Attache, limite: int = MOST
) -> list[bytes]:
    """The persons so tied whom ``texte`` names exactly: by a dossier, by a complaint where that is the tie.

    ``sujet``: who has ``texte`` as her own reference, when somebody has. In an order that says nothing.
    """
    query = (
        "SELECT uuid_send(f.subject) FROM (SELECT subject FROM {dossier} WHERE reference = %(texte)s"
        " UNION SELECT %(sujet)s::uuid WHERE %(sujet)s::uuid IS NOT NULL{more}) AS f"
        " WHERE EXISTS (SELECT FROM {tie} AS t WHERE t.subject = f.subject{valued}) ORDER BY f.subject LIMIT %(limite)s"
    )
    more = SQL(" UNION SELECT subject FROM {} WHERE numero = %(texte)s").format(Identifier(schema, "reclamation"))
    valued = SQL(" AND t.{} = %(valeur)s").format(Identifier(attache.colonne or ""))
    composed = SQL(query).format(
        dossier=Identifier(schema, "dossier"),
        tie=Identifier(schema, attache.table),
        more=more if attache.table == "reclamation" else SQL(""),
        valued=valued if attache.colonne is not None else SQL(""),
    )
    given = {
        "texte": exact(texte),
        "sujet": Id(sujet) if sujet else None,
        "valeur": exact(attache.valeur or ""),
        "limite": limite,
    }
    return [bytes(row[0]) for row in conn.execute(composed, given).fetchall()]


def exact(texte: str) -> str:
    """A reference as facts keep it: composed letters, nothing around, and no U+0000, which no table holds."""
    return unicodedata.normalize("NFC", texte).strip().replace("\0", "\ufffd")


class Mandante(NamedTuple):
    """A person, and what her mandate says."""

    sujet: bytes
    mandat: str | None
    portee: tuple[str, ...]
    dossiers: tuple[str, ...]
    """Those to which it is limited; none: it is for all of hers."""
    du: date | None
    au: date | None


def mandantes(
    conn: psycopg.Connection[Any], schema: str, mandataire: str, le: date, *, depuis: int, limite: int
) -> tuple[list[Mandante], int]:
    """The mandates to ``mandataire`` that run on ``le``, those that end first before; and how many there are."""
    rows = conn.execute(
        SQL(
            "SELECT uuid_send(subject), mandat, portee, dossiers, du, au, count(*) OVER () FROM {}"
            " WHERE mandataire = %(mandataire)s AND (du IS NULL OR du <= %(le)s) AND (au IS NULL OR au >= %(le)s)"
            " ORDER BY au NULLS LAST, subject, mandat LIMIT %(limite)s OFFSET %(depuis)s"
        ).format(Identifier(schema, "mandat")),
        {"mandataire": mandataire, "le": le, "depuis": depuis, "limite": limite},
    ).fetchall()
    found = [
        Mandante(bytes(sujet), mandat, tuple(portee), tuple(dossiers), du, au)
        for sujet, mandat, portee, dossiers, du, au, _ in rows
    ]
    return found, rows[0][-1] if rows else 0


def dossiers_de(conn: psycopg.Connection[Any], schema: str, sujets: Sequence[bytes]) -> dict[bytes, tuple[str, ...]]:
    """The references of the dossiers of each of ``sujets``, in order."""
    rows = conn.execute(
        SQL(
            "SELECT uuid_send(subject), array_agg(reference ORDER BY reference) FROM {} WHERE subject = ANY(%b)"
            " GROUP BY subject"
        ).format(Identifier(schema, "dossier")),
        ([Id(each) for each in sujets],),
    ).fetchall()
    return {bytes(sujet): tuple(references) for sujet, references in rows}


def services(conn: psycopg.Connection[Any], schema: str, limite: int) -> dict[str, str]:
    """Every service in charge of somebody: as names are compared, and as most facts write it."""
    rows = conn.execute(
        SQL(
            "SELECT service, mode() WITHIN GROUP (ORDER BY nom) FROM {} GROUP BY service ORDER BY service LIMIT %s"
        ).format(Identifier(schema, "en_charge")),
        (limite,),
    ).fetchall()
    return dict(rows)


def bureaux(conn: psycopg.Connection[Any], schema: str, service: str, limite: int) -> dict[str, str]:
    """Every service whose agents acted for somebody of whom ``service`` is in charge: as compared, and as written."""
    rows = conn.execute(
        SQL(
            "SELECT a.service, mode() WITHIN GROUP (ORDER BY a.nom) FROM {} AS a JOIN {} AS c USING (subject)"
            " WHERE c.service = %s AND a.nom IS NOT NULL GROUP BY a.service ORDER BY a.service LIMIT %s"
        ).format(Identifier(schema, "acte"), Identifier(schema, "en_charge")),
        (service, limite),
    ).fetchall()
    return dict(rows)


class Connu(NamedTuple):
    """A fact that names a file by its digest."""

    nature: str
    """The stored name of its type."""
    position: int


def fichiers(conn: psycopg.Connection[Any], schema: str, empreinte: str, limite: int = MOST) -> list[Connu]:
    """The facts that name a file of this digest: what they are and where in the log, never of whom."""
    rows = conn.execute(
        SQL(
            "SELECT nature, position FROM {} WHERE empreinte = %s AND position IS NOT NULL ORDER BY position LIMIT %s"
        ).format(Identifier(schema, "fichier")),
        (empreinte, limite),
    ).fetchall()
    return [Connu(*row) for row in rows]


def exports_depuis(
    conn: psycopg.Connection[Any], schema: str, position: int, limite: int = MOST
) -> tuple[list[int], int]:
    """The exports handed over after this position of the log, by their own, the last first; and how many there are."""
    rows = conn.execute(
        SQL(
            "SELECT position, count(*) OVER () FROM {} WHERE nature = %s AND position > %s"
            " ORDER BY position DESC LIMIT %s"
        ).format(Identifier(schema, "fichier")),
        (acces.ExportProduit.nom, position, limite),
    ).fetchall()
    return [int(row[0]) for row in rows], int(rows[0][1]) if rows else 0

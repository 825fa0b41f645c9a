"""The commands that look across persons: incidents, the agents' queue, statistics.

They read the tables of one projection, which they bring up to date first: what is shown holds for all that was
committed when the command began.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Final, NamedTuple

import psycopg

from app.open import Opened
from app.suivi import ATTACHES, RECHERCHES, VUE, Suivi
from ledger.entry import Entry
from ledger.errors import ConstatError
from ledger.events.listes import CritereFile
from ledger.follower import Follower, live_schema
from ledger.rows import read_entries
from projections import attaches, chiffres_filtres, incidents, priorites, recherches, statistiques
from projections.croisements import Croisement
from projections.imputation.incidents import lire

MOST_NAMED: Final = 200
"""How many préfectures are offered to choose from."""


@contextmanager
def suivie(opened: Opened) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """A connection and the schema to be read, once the projection holds all that is committed."""
    with Follower(opened.ledger, VUE) as follower:
        follower.catch_up()
    with opened.ledger.connection() as conn:
        yield conn, live_schema(VUE)


def liste(opened: Opened, au: date, limite: int) -> tuple[incidents.Resume, ...]:
    """The incidents and how much each hit."""
    with suivie(opened) as (conn, schema):
        return incidents.resumes(conn, schema, au, limite)


def touches(opened: Opened, reference: str, au: date) -> tuple[incidents.Atteinte, ...]:
    """What one incident hit.

    :raises ConstatError: there is no such incident, or it hit nothing.
    """
    with suivie(opened) as (conn, schema):
        rows = incidents.lignes(conn, schema, reference, au)
        names = _references(opened, conn, rows)
    if not rows:
        msg = f"aucun fait touché par « {reference} » le {au} : « constat incidents » donne les incidents connus"
        raise ConstatError(msg)
    return tuple(incidents.atteinte(names[bytes(row[0])], row) for row in rows if bytes(row[0]) in names)


def file(opened: Opened, au: date, jours: int, prefecture: str | None, limite: int) -> tuple[priorites.Priorite, ...]:
    """The agents' queue."""
    with suivie(opened) as (conn, schema):
        rows = priorites.lignes(
            conn, schema, au, jours=jours, prefecture=lire(prefecture) if prefecture else None, limite=limite
        )
        names = _references(opened, conn, rows)
    return tuple(
        priorites.priorite(rank, names[bytes(row[0])], row, au)
        for rank, row in enumerate((row for row in rows if bytes(row[0]) in names), start=1)
    )


def chiffres(
    opened: Opened, du: date, au: date, par: statistiques.Par, prefecture: str | None, minimum: int
) -> statistiques.Statistiques:
    """The statistics of a period."""
    with suivie(opened) as (conn, schema):
        return statistiques.statistiques(
            conn, schema, du=du, au=au, par=par, prefecture=lire(prefecture) if prefecture else None, minimum=minimum
        )


def _references(opened: Opened, conn: psycopg.Connection[Any], rows: Sequence[tuple[Any, ...]]) -> dict[bytes, str]:
    """By subject, the reference that a person is known by here; one whose key was destroyed is absent."""
    keys = opened.ledger.coffre.of_subjects(conn, {bytes(row[0]) for row in rows})
    return {subject: key.reference for subject, key in keys.items()}


# ------------------------------------------------------------------ what pages ask for, by an open follower


class Place(NamedTuple):
    """A person in a queue."""

    sujet: bytes
    priorite: priorites.Priorite


class Traitee(NamedTuple):
    """A person who waits for nothing any more."""

    sujet: bytes
    personne: str
    le: date
    """The last day of an act of an agent."""


class File(NamedTuple):
    """A page of a queue."""

    places: tuple[Place, ...]
    traitees: tuple[Traitee, ...]
    """Instead of places, where those that were seen to are asked for."""
    effectifs: dict[priorites.Situation, int]
    """How many persons that part of the queue holds, by situation, whichever is asked for."""
    onglets: dict[priorites.Onglet, int]


def file_du_service(
    suivi: Suivi,
    service: str,
    au: date,
    filtre: priorites.FiltreFile,
    par: int,
    acteur: str,
    ordre: Sequence[CritereFile],
) -> File:
    """One page of the queue of the persons of whom ``service`` is in charge: nobody else can be in it.

    ``acteur``: the pseudonym of who reads, whose own acts make the part « suivis par moi »; ``ordre``: that of
    the queue, every criterion in its place.
    """
    ties = live_schema(ATTACHES)
    with suivi.lire(VUE, ATTACHES) as conn:
        read = priorites.feuille(
            conn, live_schema(VUE), ties, attaches.service(service), au, filtre, par, acteur=acteur, ordre=ordre
        )
        names = suivi.noms(conn, {bytes(row[0]) for row in read.lignes})
    if filtre.onglet is priorites.Onglet.TRAITES:
        seen = [(bytes(row[0]), row[1]) for row in read.lignes]
        done = tuple(Traitee(sujet, names[sujet], le) for sujet, le in seen if sujet in names)
        return File((), done, read.effectifs, read.onglets)
    first = (filtre.page - 1) * par + 1
    places = tuple(
        Place(bytes(row[0]), priorites.priorite(rank, names[bytes(row[0])], row, au))
        for rank, row in enumerate(read.lignes, start=first)
        if bytes(row[0]) in names
    )
    return File(places, (), read.effectifs, read.onglets)


def bureaux(suivi: Suivi, service: str) -> dict[str, str]:
    """The services whose agents acted for those of whom ``service`` is in charge: as compared, and as written."""
    with suivi.lire(ATTACHES) as conn:
        return attaches.bureaux(conn, live_schema(ATTACHES), attaches.service(service), MOST_NAMED)


class Trouvee(NamedTuple):
    """A person whom a search found."""

    sujet: bytes
    personne: str
    dossiers: tuple[str, ...]


def chercher(suivi: Suivi, opened: Opened, texte: str, attache: attaches.Attache) -> tuple[Trouvee, ...]:
    """The persons whom ``texte`` names exactly and who are tied as ``attache`` asks."""
    with suivi.lire(ATTACHES) as conn:
        wanted = attaches.exact(texte)
        hers = opened.ledger.coffre.person(conn, wanted)
        found = attaches.chercher(conn, live_schema(ATTACHES), wanted, hers, attache)
        return _trouvees(suivi, conn, found)


def mandantes(
    suivi: Suivi, mandataire: str, le: date, *, depuis: int, limite: int
) -> tuple[tuple[tuple[Trouvee, attaches.Mandante], ...], int]:
    """The persons whose mandate to ``mandataire`` runs on ``le``, each with what it says; and how many there are.

    Of the dossiers of each, those that the mandate is for.
    """
    with suivi.lire(ATTACHES) as conn:
        rows, total = attaches.mandantes(conn, live_schema(ATTACHES), mandataire, le, depuis=depuis, limite=limite)
        named = {each.sujet: each for each in _trouvees(suivi, conn, [row.sujet for row in rows])}
    return tuple((_pour(named[row.sujet], row), row) for row in rows if row.sujet in named), total


def _pour(found: Trouvee, mandat: attaches.Mandante) -> Trouvee:
    if not mandat.dossiers:
        return found
    return found._replace(dossiers=tuple(each for each in found.dossiers if each in mandat.dossiers))


def _trouvees(suivi: Suivi, conn: psycopg.Connection[Any], sujets: Sequence[bytes]) -> tuple[Trouvee, ...]:
    names = suivi.noms(conn, sujets)
    files = attaches.dossiers_de(conn, live_schema(ATTACHES), sujets)
    return tuple(Trouvee(each, names[each], files.get(each, ())) for each in sujets if each in names)


def prefectures(suivi: Suivi) -> dict[str, str]:
    """Every préfecture that facts name as in charge: as names are compared, and as most facts write it."""
    with suivi.lire(ATTACHES) as conn:
        return attaches.services(conn, live_schema(ATTACHES), MOST_NAMED)


def chiffres_par(
    suivi: Suivi, filtre: chiffres_filtres.Filtre, service: str | None, aujourd_hui: date, minimum: int
) -> chiffres_filtres.Chiffres:
    """The figures of a filter whose year is known, read once as long as nothing was added to the ledger.

    Which cells are given takes seconds to decide of a great year: it is decided again once what is counted is another.
    ``service``: nothing but what is of this préfecture is counted.
    """
    own = lire(service) if service is not None else None
    asked = filtre.model_copy(update={"prefecture": lire(filtre.prefecture)}) if filtre.prefecture else filtre
    with suivi.lire(VUE) as conn:
        schema, month = live_schema(VUE), aujourd_hui.replace(day=1)

        def choisir() -> dict[str, Croisement]:
            atoms = chiffres_filtres.atomes(conn, schema, asked, own, aujourd_hui, minimum)
            named = (chiffres_filtres.empreinte(atoms), minimum)
            return suivi.garder(named, lambda: chiffres_filtres.croisements(atoms, minimum))

        chosen = suivi.retenir(
            conn,
            VUE,
            ("croisements", asked.annee, own, month, minimum),
            choisir,
        )
        return suivi.retenir(
            conn,
            VUE,
            ("chiffres", asked, own, month, minimum),
            lambda: chiffres_filtres.chiffres(conn, schema, asked, chosen, aujourd_hui, minimum),
        )


def annees(suivi: Suivi, aujourd_hui: date) -> tuple[int, ...]:
    """The years of which something is counted, the last one first."""
    last = chiffres_filtres.Filtre().au_jour(aujourd_hui).annee or aujourd_hui.year
    with suivi.lire(VUE) as conn:
        first = suivi.retenir(
            conn, VUE, "annees", lambda: chiffres_filtres.premiere_annee(conn, live_schema(VUE)) or last
        )
    return tuple(range(last, min(first, last) - 1, -1))


def recherches_montrant(suivi: Suivi, opened: Opened, sujet: bytes) -> tuple[Entry, ...]:
    """The searches and lists that showed this person, in order of arrival."""
    with suivi.lire(RECHERCHES) as conn:
        ids = recherches.montrant(conn, live_schema(RECHERCHES), sujet)
    with opened.ledger.connection() as conn:
        rows = read_entries(conn, "event_id = ANY(%b) ORDER BY entry.notification_id", ids)
    return opened.ledger.open(rows)

"""Facts for tests: a builder with defaults, lines of the interchange format, and a strategy for whole facts."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from hypothesis import strategies as st

from ledger.days import Quand
from ledger.entry import Acteur, Fait, Piece
from ledger.events import FROM_OUTSIDE
from ledger.events.base import Event
from ledger.events.depot import TentativeDepotEchouee
from ledger.events.types import Canal, Flux, Grade, NatureActeur, Source
from ledger.interchange import write_line
from tests.strategies import event_of, model_of, quand, text

SURVENU = "2025-07-01T08:14:00Z"


def fait(**given: Any) -> Fait:
    """A fact of person P-1 in dossier D-1; any field can be given, ``survenu`` as text too."""
    values: dict[str, Any] = {
        "id": "F-1",
        "personne": "P-1",
        "objet": "D-1",
        "survenu": SURVENU,
        "acteur": Acteur(nature=NatureActeur.USAGER, id="P-1"),
        "canal": Canal.TELESERVICE,
        "source": Source.ANEF,
        "grade": Grade.A,
        "evenement": TentativeDepotEchouee(texte_erreur="Une erreur est survenue (E-503)."),
        **given,
    }
    if isinstance(values["survenu"], str):
        values["survenu"] = Quand.lire(values["survenu"])
    return Fait(**values)


def faits(count: int, *, first: int = 1, personnes: int = 10, objets: int = 2, **given: Any) -> Iterator[Fait]:
    """``count`` different facts, spread over ``personnes`` persons with ``objets`` dossiers each."""
    for n in range(first, first + count):
        personne = f"P-{n % personnes}"
        yield fait(
            **{"id": f"F-{n}", "personne": personne, "objet": f"D-{personne}-{n // personnes % objets}", **given}
        )


def line(**given: Any) -> bytes:
    """The interchange line of :func:`fait`, without its end of line."""
    return write_line(fait(**given))


def ref() -> st.SearchStrategy[str]:
    """References that a source may give, which never begin as those of a subject that is nobody's."""
    return text(1, 200).filter(lambda value: not value.startswith("\0"))


_event_of = cache(event_of)

_ENVELOPE: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "id": ref(),
        "personne": ref(),
        "objet": st.none() | ref(),
        "survenu": quand(),
        "connu_de_la_source": st.none() | quand(),
        "acteur": model_of(Acteur),
        "canal": st.sampled_from(Canal),
        "source": st.sampled_from(Source),
        "grade": st.sampled_from(Grade),
        "cause": st.none() | ref(),
        "correlation": st.none() | ref(),
        "corrige": st.none() | ref(),
        "flux_choisi": st.none() | st.sampled_from(Flux),
        "pieces": st.lists(model_of(Piece), max_size=3).map(tuple),
    }
)


def _whole(pair: tuple[Event, dict[str, Any]]) -> Fait:
    evenement, values = pair
    values = {**values, "evenement": evenement}
    if not evenement.tout_flux:
        values["flux_choisi"] = None
    elif values["flux_choisi"] is None:
        values["flux_choisi"] = evenement.flux
    if values["corrige"] == values["id"]:
        values["corrige"] = None
    return Fait(**values)


def fait_of(*classes: type[Event]) -> st.SearchStrategy[Fait]:
    """Whole facts whose event is of one of ``classes``, or of any type at all."""
    events = st.sampled_from(classes or FROM_OUTSIDE).flatmap(_event_of)
    return st.tuples(events, _ENVELOPE).map(_whole)

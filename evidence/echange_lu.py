"""Entries as process mining reads them: events with typed attributes, and the objects that they are about.

What OCEL 2.0 and XES have in common is read here, once. A lot is the whole life of one person, with the incidents of
nobody that reached her if wanted; entries come as they may be shown: third parties are masked by the caller, with the
numbers that the rest of the same export gives them (:class:`replay.tiers.Masque`), and withheld entries are left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic import BaseModel

from ledger import canonical
from ledger.days import Jours, Quand
from ledger.entry import Entry
from ledger.events.types import Flux
from ledger.retained import holding

TEXTE: Final = "string"
INSTANT: Final = "time"
ENTIER: Final = "integer"
BOOLEEN: Final = "boolean"
PERSONNE: Final = "personne"

REFERENCES: Final = {
    "dossier": "dossier",
    "dossiers": "dossier",
    "incident": "incident",
    "titre_precedent": "titre",
    "complement": "complement",
    "rendez_vous": "rendez_vous",
    "mandat": "mandat",
    "ticket": "ticket",
    "compte": "compte",
}
"""The fields of payloads that refer to an object, whatever the type of fact, and the type of that object."""
_SANS_OBJET: Final = frozenset({Flux.PERSONNE})
"""Streams whose object is the person herself."""


class Attribut(NamedTuple):
    """One value, written as text, with the type that OCEL 2.0 names."""

    nom: str
    type: str
    valeur: str


class Lien(NamedTuple):
    """An object that an event is about, and as what."""

    objet: str
    type: str
    role: str


class Evenement(NamedTuple):
    """One entry."""

    id: str
    nom: str
    """The stored name of the fact, which never changes."""
    instant: str
    """The earliest moment at which it may have happened (RFC 3339, UTC)."""
    attributs: tuple[Attribut, ...]
    liens: tuple[Lien, ...]
    acteur: Mapping[str, str]
    """``nature``, ``id`` and ``service`` of who acted, as far as known."""


def evenements(lot: Sequence[Entry], feuilles: Mapping[UUID, str] | None = None) -> Iterator[tuple[Entry, Evenement]]:
    """The events of ``lot``, in its order, each with its entry. ``feuilles``: leaf hashes (hex) by event id."""
    tiennent = {each.event_id for each in holding(lot)}
    personnes = {each.fait.personne for each in lot} - {None}
    seule = next(iter(personnes)) if len(personnes) == 1 else None
    for entry in lot:
        attributs = [
            *_enveloppe(entry, tient=entry.event_id in tiennent, feuille=(feuilles or {}).get(entry.event_id)),
            *_donnees(entry.fait.evenement, "donnees"),
        ]
        acteur = entry.fait.acteur.model_dump(mode="json", exclude_none=True)
        yield (
            entry,
            Evenement(
                id=str(entry.event_id),
                nom=entry.fait.evenement.nom,
                instant=ecrit(entry.fait.survenu.debut),
                attributs=tuple(attributs),
                liens=tuple(_liens(entry, entry.fait.personne or seule)),
                acteur=acteur,
            ),
        )


def ecrit(moment: datetime) -> str:
    """An instant in UTC, as RFC 3339 writes it."""
    return str(Quand.le(moment))


def objet_du_flux(entry: Entry, personne: str | None) -> Lien | None:
    """The object whose stream the entry is in; ``None`` when that is the person herself."""
    fait = entry.fait
    if fait.flux in _SANS_OBJET:
        return None
    return Lien(_nommer(fait.flux.value, personne, fait.objet or ""), fait.flux.value, "flux")


def personne_de(entry: Entry) -> Lien | None:
    """The person whose fact it is; ``None`` when it is nobody's."""
    reference = entry.fait.personne
    return None if reference is None else Lien(f"{PERSONNE}/{_sur(reference)}", PERSONNE, "personne")


def _nommer(type_: str, personne: str | None, reference: str) -> str:
    """The id of an object. An incident is the same for all; what else has a reference has it within one person."""
    scope = "" if type_ == Flux.INCIDENT.value or personne is None else _sur(personne)
    return f"{type_}/{scope}/{_sur(reference)}"


def _sur(reference: str) -> str:
    """A reference that cannot be taken for two."""
    return reference.replace("%", "%25").replace("/", "%2F")


def _liens(entry: Entry, personne: str | None) -> Iterator[Lien]:
    """Each object once for each role, the person and the stream's own first."""
    found = dict.fromkeys(each for each in (personne_de(entry), objet_du_flux(entry, personne)) if each is not None)
    for champ, type_ in REFERENCES.items():
        named = entry.fait.evenement.lire_champ(champ)
        for reference in (named,) if isinstance(named, str) else named or ():
            found.setdefault(Lien(_nommer(type_, personne, reference), type_, champ))
    yield from found


def _enveloppe(entry: Entry, *, tient: bool, feuille: str | None) -> Iterator[Attribut]:
    fait = entry.fait
    yield Attribut("fait", TEXTE, fait.id)
    yield Attribut("tient", BOOLEEN, _oui(tient))
    yield from _moments("survenu", fait.survenu)
    yield Attribut("enregistre_le", INSTANT, ecrit(entry.recorded_at))
    if fait.connu_de_la_source is not None:
        yield from _moments("connu_de_la_source", fait.connu_de_la_source)
    yield Attribut("grade", TEXTE, fait.grade.value)
    yield Attribut("source", TEXTE, fait.source.value)
    yield Attribut("canal", TEXTE, fait.canal.value)
    for nom, valeur in fait.acteur.model_dump(mode="json", exclude_none=True).items():
        yield Attribut(f"acteur.{nom}", TEXTE, valeur)
    for nom in ("objet", "corrige", "cause", "correlation"):
        if (valeur := getattr(fait, nom)) is not None:
            yield Attribut(nom, TEXTE, valeur)
    yield Attribut("flux", TEXTE, entry.stream.hex)
    yield Attribut("place", ENTIER, str(entry.pos))
    if entry.position is not None:
        yield Attribut("position", ENTIER, str(entry.position))
    if feuille is not None:
        yield Attribut("feuille", TEXTE, feuille)
    for nom, parts in (("pieces", fait.pieces), ("avertissements", fait.avertissements)):
        if parts:
            yield Attribut(nom, TEXTE, _json([each.model_dump(mode="json", exclude_none=True) for each in parts]))


def _donnees(evenement: BaseModel, prefixe: str) -> Iterator[Attribut]:
    """The payload, field by field: what has no place in a single value is canonical JSON."""
    for champ in type(evenement).model_fields:
        nom = f"{prefixe}.{champ}"
        match getattr(evenement, champ):
            case None | ():
                continue
            case bool() as valeur:
                yield Attribut(nom, BOOLEEN, _oui(valeur))
            case int() as valeur:
                yield Attribut(nom, ENTIER, str(valeur))
            case Jours() as valeur:
                yield Attribut(f"{nom}.pas_avant", TEXTE, valeur.premier.isoformat())
                yield Attribut(f"{nom}.pas_apres", TEXTE, valeur.dernier.isoformat())
            case Quand() as valeur:
                yield from _moments(nom, valeur)
            case str() as valeur:
                yield Attribut(nom, TEXTE, str(valeur))
            case valeur:
                yield Attribut(nom, TEXTE, _json(evenement.model_dump(mode="json", include={champ})[champ]))


def _moments(nom: str, moment: Quand) -> Iterator[Attribut]:
    yield Attribut(f"{nom}.pas_avant", INSTANT, ecrit(moment.debut))
    yield Attribut(f"{nom}.pas_apres", INSTANT, ecrit(moment.fin))


def _json(valeur: Any) -> str:
    return canonical.encode(valeur).decode()


def _oui(valeur: bool) -> str:  # noqa: FBT001 - it writes one
    return "true" if valeur else "false"

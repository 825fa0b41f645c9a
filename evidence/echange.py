"""What process-mining tools read: OCEL 2.0 (JSON) and XES (IEEE 1849-2016), of the same entries.

OCEL 2.0: the objects are the person (by pseudonym), her dossiers, titles, effects, complaints, the incidents and what
payloads refer to; the events are the entries, with the stored name as type, the earliest moment as time and the rest as
attributes. All attribute values are written as text, as the published schema asks; the declared type says how to read.

XES: one trace for each dossier, which holds the facts of its stream and those that name this dossier alone (a title's,
an attestation's), and one for each other stream. So each entry is in exactly one trace, and the time from a filing to
its attestation is read in one. Events go by time, within a trace.

Everything is derived from the entries given, in their order: the same entries give the same bytes. Who gives them has
masked third parties (``replay.tiers.Masque``) and left out what is withheld; free texts are as they were written.
Large exports go lot by lot, a lot being a whole life: memory holds one lot, and for OCEL the ids of the objects.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID
from xml.sax.saxutils import quoteattr

from evidence.echange_lu import (
    BOOLEEN,
    ENTIER,
    INSTANT,
    TEXTE,
    Evenement,
    Lien,
    evenements,
    personne_de,
)
from ledger import canonical
from ledger.entry import Entry

OCEL_NOM: Final = "ocel.json"
XES_NOM: Final = "xes.xes"
SANS_DATE: Final = "1970-01-01T00:00:00Z"
"""When an attribute of an object holds: always, as OCEL 2.0 writes it."""

Feuilles = Mapping[UUID, str]
"""Leaf hashes (hex) by event id."""


def ocel(entries: Iterable[Entry], feuilles: Feuilles | None = None) -> bytes:
    """OCEL 2.0 JSON of one life, in UTF-8. ``entries``: as they may be shown; those of incidents may be among them."""
    return b"".join(flux_ocel([list(entries)], feuilles))


def xes(entries: Iterable[Entry], feuilles: Feuilles | None = None) -> bytes:
    """The same as XES, in UTF-8."""
    return b"".join(flux_xes([list(entries)], feuilles))


# --------------------------------------------------------------------------- OCEL 2.0


def flux_ocel(lots: Iterable[Sequence[Entry]], feuilles: Feuilles | None = None) -> Iterator[bytes]:
    """OCEL 2.0 JSON of many lives, one lot each, piece by piece."""
    objets = _Objets()
    types: dict[str, dict[str, str]] = {}
    yield b'{"events":['
    separateur = b""
    for lot in lots:
        for entry, evenement in evenements(lot, feuilles):
            objets.voir(entry, evenement)
            types.setdefault(evenement.nom, {}).update({each.nom: each.type for each in evenement.attributs})
            yield separateur + canonical.encode(_evenement_ocel(evenement))
            separateur = b",\n"
    yield b'],\n"eventTypes":' + canonical.encode([_type_ocel(nom, types[nom]) for nom in sorted(types)])
    yield b',\n"objectTypes":' + canonical.encode(objets.types())
    yield b',\n"objects":['
    separateur = b""
    for objet in objets.dire():
        yield separateur + canonical.encode(objet)
        separateur = b",\n"
    yield b"]}\n"


class _Objets:
    """The objects met so far."""

    def __init__(self) -> None:
        self._types: dict[str, str] = {}
        self._flux: dict[str, str] = {}
        self._personnes: dict[str, str] = {}

    def voir(self, entry: Entry, evenement: Evenement) -> None:
        """Take in the objects of one event."""
        hers = personne_de(entry)
        for lien in evenement.liens:
            self._types.setdefault(lien.objet, lien.type)
            if lien.role == "flux":
                self._flux.setdefault(lien.objet, entry.stream.hex)
            if hers is not None and lien.type not in {hers.type, "incident"}:
                self._personnes.setdefault(lien.objet, hers.objet)

    def types(self) -> list[dict[str, Any]]:
        """Their declared types."""
        attributs = [{"name": "flux", "type": TEXTE}]
        with_stream = {self._types[each] for each in self._flux}
        return [
            {"attributes": attributs if each in with_stream else [], "name": each}
            for each in sorted(set(self._types.values()))
        ]

    def dire(self) -> Iterator[dict[str, Any]]:
        """Each object, in the order in which it was met."""
        for objet, type_ in self._types.items():
            said: dict[str, Any] = {"id": objet, "type": type_}
            if objet in self._flux:
                said["attributes"] = [{"name": "flux", "time": SANS_DATE, "value": self._flux[objet]}]
            if objet in self._personnes:
                said["relationships"] = [{"objectId": self._personnes[objet], "qualifier": "personne"}]
            yield said


def _type_ocel(nom: str, attributs: Mapping[str, str]) -> dict[str, Any]:
    return {"attributes": [{"name": each, "type": attributs[each]} for each in sorted(attributs)], "name": nom}


def _evenement_ocel(evenement: Evenement) -> dict[str, Any]:
    return {
        "attributes": [{"name": each.nom, "value": each.valeur} for each in evenement.attributs],
        "id": evenement.id,
        "relationships": [{"objectId": each.objet, "qualifier": each.role} for each in evenement.liens],
        "time": evenement.instant,
        "type": evenement.nom,
    }


# --------------------------------------------------------------------------- XES

_ENTETE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Identity" prefix="identity" uri="http://www.xes-standard.org/identity.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<global scope="trace">
<string key="concept:name" value=""/>
</global>
<global scope="event">
<string key="concept:name" value=""/>
<date key="time:timestamp" value="1970-01-01T00:00:00Z"/>
<string key="lifecycle:transition" value="complete"/>
</global>
<classifier name="Fait" scope="event" keys="concept:name"/>
"""
_BALISES: Final = {TEXTE: "string", INSTANT: "date", ENTIER: "int", BOOLEEN: "boolean"}
_HORS_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document can hold (production [2] Char)."""
_BLANCS: Final = {"\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
"""An attribute's value is normalised by its reader: only written so do these stay what they are."""


def flux_xes(lots: Iterable[Sequence[Entry]], feuilles: Feuilles | None = None) -> Iterator[bytes]:
    """XES of many lives, one lot each, a trace at a time."""
    yield _ENTETE.encode()
    for lot in lots:
        for nom, trace in _traces(lot, feuilles).items():
            yield _trace(nom, trace).encode()
    yield b"</log>\n"


Trace = list[tuple[Entry, Evenement]]


def _traces(lot: Sequence[Entry], feuilles: Feuilles | None) -> dict[Lien, Trace]:
    """The traces of a lot, in the order in which each is first met; each entry is in one of them."""
    found: dict[Lien, Trace] = {}
    for entry, evenement in evenements(lot, feuilles):
        found.setdefault(_trace_de(entry, evenement), []).append((entry, evenement))
    return found


def _trace_de(entry: Entry, evenement: Evenement) -> Lien:
    """The trace of an entry: that of the one dossier that it names, or of its stream, or of the person."""
    by_role = {each.role: each for each in evenement.liens}
    for role in ("dossier", "flux", "personne"):
        if role in by_role:
            return by_role[role]._replace(role="flux")
    return Lien(f"flux/{entry.stream.hex}", entry.fait.flux.value, "flux")


def _trace(nom: Lien, trace: Trace) -> str:
    people = dict.fromkeys(each.objet for entry, _ in trace if (each := personne_de(entry)) is not None)
    lines = ["<trace>", _attribut("string", "concept:name", nom.objet), _attribut("string", "type", nom.type)]
    lines += [_attribut("string", "personne", each) for each in list(people)[:1]]
    in_time = sorted(trace, key=lambda each: (each[0].fait.survenu.debut, each[0].fait.survenu.fin))
    for _, evenement in in_time:
        lines += ["<event>", *_evenement_xes(evenement), "</event>"]
    return "\n".join([*lines, "</trace>", ""])


def _evenement_xes(evenement: Evenement) -> Iterator[str]:
    yield _attribut("string", "concept:name", evenement.nom)
    yield _attribut("date", "time:timestamp", evenement.instant)
    yield _attribut("string", "lifecycle:transition", "complete")
    yield _attribut("id", "identity:id", evenement.id)
    for key, nom in (("org:resource", "id"), ("org:role", "nature"), ("org:group", "service")):
        if nom in evenement.acteur:
            yield _attribut("string", key, evenement.acteur[nom])
    yield from (_attribut(_BALISES[each.type], each.nom, each.valeur) for each in evenement.attributs)
    roles: dict[str, list[str]] = {}
    for lien in evenement.liens:
        roles.setdefault(lien.role, []).append(lien.objet)
    for role, objets in roles.items():
        several = canonical.encode(objets).decode()
        yield _attribut("string", f"objet.{role}", objets[0] if len(objets) == 1 else several)


def _attribut(balise: str, cle: str, valeur: str) -> str:
    """One attribute. A sign that XML cannot hold is shown by its code, as the documents do: « [U+0000] »."""
    held = _HORS_XML.sub(lambda sign: f"[U+{ord(sign[0]):04X}]", valeur)
    return f"<{balise} key={quoteattr(cle)} value={quoteattr(held, _BLANCS)}/>"

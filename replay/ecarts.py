"""What changed between two readings of a person, in words: facts, corrections, the state of dossiers, covered days.

:func:`replay.as_of.ecart` gives the same difference as values, by their path; this one is for whoever reads French.
Nothing is ever deleted: a fact is added, or corrected by another one that stands beside it.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import Any, Final, NamedTuple

import msgspec
from pydantic import BaseModel

from ledger.entry import Entry
from ledger.events.correction import FaitRetire
from ledger.events.types import Flux
from ledger.francais import jour
from ledger.retained import Named, known, named
from projections import francais
from projections.couverture.modeles import Certitude, Effet, NatureLacune, RefusImplicite, Segment
from projections.historique import Ligne, lignes
from projections.imputation.matiere import OFFICIELLES
from projections.imputation.modeles import Attribution
from replay.as_of import Lecture, Moment

Dire = Callable[[Any], str]
"""How a value is said; :func:`projections.francais.valeur` unless whoever shows it has better words."""
NATURES: Final = {
    NatureLacune.RUPTURE: "ni droit ni preuve",
    NatureLacune.PREUVE_SEULE: "droit sans preuve",
    NatureLacune.FIN_DE_DROIT: "après une fin de droit par décision",
}
RIEN: Final = "rien"
"""What a reading says of what it does not know."""


class Ajout(NamedTuple):
    """A fact that one reading counts and the other does not."""

    ligne: Ligne
    appris: bool
    """It was learned in between; otherwise it happened in between, and both knew it."""
    savoir: str
    """That it had happened already, and whether its source knew; empty when it had not."""


class Rectification(NamedTuple):
    """A fact that takes the place of another one, which stays readable."""

    ligne: Ligne
    ancienne: Ligne | None
    """``None`` when what it corrects is not in the ledger."""
    retrait: bool
    champs: tuple[tuple[str, str, str], ...]
    """What differs: label, before, after."""
    savoir: str


class Jours(NamedTuple):
    """Days that follow one another and that both readings see, each in its way; both ends included."""

    couche: str
    du: date
    au: date
    avant: str
    apres: str

    @property
    def jours(self) -> int:
        """How many days."""
        return (self.au - self.du).days + 1


class Lu(NamedTuple):
    """One reading, with what it says of lost days."""

    lecture: Lecture
    attributions: tuple[Attribution, ...]


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qui a changé d'une lecture à l'autre."""

    ajouts: tuple[Ajout, ...]
    rectifications: tuple[Rectification, ...]
    absents: tuple[Ajout, ...]
    """What only the first reading counts: the second one is of an earlier moment."""
    etats: tuple[tuple[str, str, str], ...]
    """What changed of each dossier: what, before, after."""
    jours: tuple[Jours, ...]
    autres: tuple[tuple[str, str, str], ...]
    """Effects and implicit refusals: what, before, after."""

    @property
    def vide(self) -> bool:
        """Whether both readings say the same."""
        found = (self.ajouts, self.rectifications, self.absents, self.etats, self.jours, self.autres)
        return not any(found)


def differences(entries: Sequence[Entry], avant: Lu, apres: Lu, dire: Dire = francais.valeur) -> Differences:
    """What ``apres`` says otherwise than ``avant``, of the same person's ``entries`` (in order of arrival)."""
    first, second = _moment(avant.lecture), _moment(apres.lecture)
    told = {named(entry): (entry, ligne) for entry, ligne in lignes(entries)}
    one, other = _comptees(entries, first), _comptees(entries, second)
    added = [told[name] for name in told if name in other and name not in one]
    correcting = [each for each in added if each[0].fait.corrige is not None]
    gone = [told[name] for name in told if name in one and name not in other]
    return Differences(
        ajouts=tuple(_ajout(each, first, second) for each in added if each[0].fait.corrige is None),
        rectifications=tuple(_rectification(each, told, first, dire) for each in correcting),
        absents=tuple(_ajout(each, second, first) for each in gone),
        etats=tuple(_etats(avant.lecture, apres.lecture, dire)),
        jours=tuple(_jours(avant, apres)),
        autres=tuple(_autres(avant.lecture, apres.lecture)),
    )


def _moment(read: Lecture) -> Moment:
    return Moment(read.connu_le, read.au)


def _comptees(entries: Sequence[Entry], moment: Moment) -> set[Named]:
    """The facts that a reading knows and that may have happened; who looked is told elsewhere."""
    return {
        named(entry)
        for entry in known(entries, moment.connu_le)
        if entry.fait.flux is not Flux.ACCES and entry.fait.survenu.jours.premier <= moment.au
    }


# --------------------------------------------------------------------------- facts


def _ajout(told: tuple[Entry, Ligne], before: Moment, after: Moment) -> Ajout:
    entry, ligne = told
    learned = before.connu_le is not None and entry.recorded_at > before.connu_le
    return Ajout(ligne, learned, _savoir(entry, before) if learned and _plus_tard(before, after) else "")


def _plus_tard(before: Moment, after: Moment) -> bool:
    return before.connu_le is not None and (after.connu_le is None or before.connu_le < after.connu_le)


def _savoir(entry: Entry, before: Moment) -> str:
    """That what is learned late had happened at the first moment, and that the source had it."""
    fait, at = entry.fait, before.connu_le
    if at is None or fait.survenu.fin > at:
        return ""
    own = fait.connu_de_la_source
    if own is not None and own.fin <= at and fait.source in OFFICIELLES:
        return f"Sa source l'avait elle-même enregistré {_le(francais.quand(own))} : elle le savait déjà."
    return "Ce fait était déjà arrivé ; le registre ne l'avait pas encore appris."


def _le(text: str) -> str:
    return f"le {text}" if text[:1].isdecimal() else text


def _rectification(
    told: tuple[Entry, Ligne], by_name: dict[Named, tuple[Entry, Ligne]], before: Moment, dire: Dire
) -> Rectification:
    entry, ligne = told
    old = by_name.get((entry.subject, entry.fait.corrige or ""))
    withdrawn = isinstance(entry.fait.evenement, FaitRetire)
    fields = () if old is None or withdrawn else tuple(_champs(old[0], entry, dire))
    return Rectification(ligne, old[1] if old else None, withdrawn, fields, _savoir(entry, before))


def _champs(old: Entry, new: Entry, dire: Dire) -> Iterator[tuple[str, str, str]]:
    """What a corrected fact said, and what the one that takes its place says."""
    before, after = _dits(old, dire), _dits(new, dire)
    for label in dict.fromkeys([*before, *after]):
        one, other = before.get(label, RIEN), after.get(label, RIEN)
        if one != other:
            yield label, one, other


def _dits(entry: Entry, dire: Dire) -> dict[str, str]:
    fait = entry.fait
    said = {
        "fait": fait.evenement.titre_fr(),
        "quand": francais.quand(fait.survenu),
        "dossier ou objet": fait.objet or RIEN,
        "source": dire(fait.source),
        "force": fait.grade.value,
    }
    return said | dict(_valeurs(fait.evenement, dire))


def _valeurs(model: BaseModel, dire: Dire) -> Iterator[tuple[str, str]]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if value not in (None, "", ()):
            yield francais.libelle(type(model), name), dire(value)


# --------------------------------------------------------------------------- states


def _etats(first: Lecture, second: Lecture, dire: Dire) -> Iterator[tuple[str, str, str]]:
    before = {each.dossier: dict(_valeurs(each, dire)) for each in first.etats}
    after = {each.dossier: dict(_valeurs(each, dire)) for each in second.etats}
    for dossier in dict.fromkeys([*before, *after]):
        about = f"Dossier {dossier or 'sans référence'}"
        if dossier not in before or dossier not in after:
            yield about, *(("connu", RIEN) if dossier in before else (RIEN, "connu"))
            continue
        one, other = before[dossier], after[dossier]
        for label in dict.fromkeys([*one, *other]):
            if one.get(label) != other.get(label):
                yield f"{about}, {label}", one.get(label, RIEN), other.get(label, RIEN)


def _autres(first: Lecture, second: Lecture) -> Iterator[tuple[str, str, str]]:
    for before, after in (
        (_effets(first.couverture.effets), _effets(second.couverture.effets)),
        (_refus(first.couverture.refus_implicites), _refus(second.couverture.refus_implicites)),
    ):
        for what in dict.fromkeys([*before, *after]):
            one, other = before.get(what, RIEN), after.get(what, RIEN)
            if one != other:
                yield what, one, other


def _effets(found: Sequence[Effet]) -> dict[str, str]:
    return {
        f"{each.libelle}{f' ({each.reference})' if each.reference else ''}": f"du {jour(each.du)} "
        + (f"au {jour(each.au)}" if each.au else "sans fin connue")
        for each in found
    }


def _refus(found: Sequence[RefusImplicite]) -> dict[str, str]:
    return {
        f"Refus implicite, dossier {each.dossier or 'sans référence'}": f"{each.statut.libelle}, {jour(each.ne_le)}"
        for each in found
    }


# --------------------------------------------------------------------------- days

Dit = tuple[date, date, str]


def _jours(avant: Lu, apres: Lu) -> Iterator[Jours]:
    """The days up to the earlier of both readings that are not said to be the same, layer by layer."""
    last = min(avant.lecture.au, apres.lecture.au)
    for couche, read in (("droit", _droit), ("preuve", _preuve)):
        yield from _couche(couche, list(read(avant)), list(read(apres)), last)


def _droit(read: Lu) -> Iterator[Dit]:
    yield from (_segment(each) for each in read.lecture.couverture.droit)
    for each in read.lecture.couverture.lacunes:
        if each.nature is not NatureLacune.PREUVE_SEULE:
            yield each.du, each.au, NATURES[each.nature]


def _preuve(read: Lu) -> Iterator[Dit]:
    yield from (_segment(each) for each in read.lecture.couverture.preuve)
    yield from ((each.du, each.au, NATURES[each.nature]) for each in read.lecture.couverture.lacunes)
    for lost in read.attributions:
        if lost.couche == "preuve":
            yield lost.du, lost.au, f"{lost.imputation.libelle} ({lost.statut.libelle})"


def _segment(each: Segment) -> Dit:
    doubt = "" if each.certitude is Certitude.CERTAIN else ", selon une lecture des dates"
    return each.du, each.au, f"{each.base.libelle}{doubt}"


def _couche(couche: str, one: Sequence[Dit], other: Sequence[Dit], last: date) -> Iterator[Jours]:
    cuts = {day for du, au, _ in (*one, *other) for day in (du, min(au, last) + timedelta(days=1)) if du <= last}
    pieces = [(du, end - timedelta(days=1), _dit(one, du), _dit(other, du)) for du, end in pairwise(sorted(cuts))]
    for (before, after), same in groupby(pieces, key=lambda piece: piece[2:]):
        run = list(same)
        if before != after:
            yield Jours(couche, run[0][0], run[-1][1], before, after)


def _dit(said: Sequence[Dit], day: date) -> str:
    return ", ".join(dict.fromkeys(text for du, au, text in said if du <= day <= au)) or RIEN

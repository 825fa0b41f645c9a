"""L'historique d'une personne (live) : chaque entrée, jamais une de moins, avec ses deux temps et ses corrections.

Computed at each reading from one indexed query; nothing is stored, nothing is left out: a corrected entry stays in its
place and says which one corrects it.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from ledger.entry import Acteur, Entry, Piece
from ledger.events.acces import REGARDS
from ledger.events.correction import FaitConteste
from ledger.events.reclamation import ExplicationsDddFournies
from ledger.retained import Named, corrections, named
from projections import francais

CONTESTATIONS: Final = (FaitConteste, ExplicationsDddFournies)
"""Facts that dispute others."""


class Ligne(msgspec.Struct, frozen=True, kw_only=True):
    """Une entrée de l'historique. Les instants sont en UTC (RFC 3339), les jours sont civils à Paris."""

    numero: int | None
    """Le rang dans l'ordre d'arrivée, à partir de 1 ; il ne change jamais.

    Nul pour un incident de personne, et pour ce qui dit seulement qu'on a regardé : consultations, recherches, exports.
    """
    id: str
    """L'identifiant du fait chez sa source."""
    position: int | None
    """La place dans l'ordre scellé ; nul tant que l'entrée n'est pas scellée."""
    survenu: str
    """Quand le fait est arrivé : instant ou intervalle."""
    survenu_fr: str
    """La même chose, en français."""
    enregistre_le: datetime
    """Quand le registre l'a appris, à l'horloge de la base."""
    connu_de_la_source: str | None
    """Quand la source l'avait elle-même enregistré, si elle le dit."""
    type: str
    """Le nom stocké du type de fait."""
    flux: str
    objet: str | None
    """Le dossier, le titre, l'incident, l'effet ou la réclamation."""
    phrase: str
    """La phrase française."""
    details: tuple[tuple[str, str], ...]
    """Les champs du fait : libellé, valeur."""
    acteur: Acteur
    canal: str
    source: str
    grade: str
    """La force de preuve, de A à E."""
    pieces: tuple[Piece, ...]
    avertissements: tuple[str, ...]
    """Ce que Constat a dit à l'auteur au moment de l'acte."""
    corrige: int | None
    """Le numéro de l'entrée que celle-ci remplace."""
    corrige_par: int | None
    """Le numéro de l'entrée qui remplace celle-ci."""
    remplacee: bool
    """Une autre entrée remplace celle-ci."""
    conteste: tuple[int, ...] = ()
    """Les numéros des entrées que celle-ci conteste."""
    contestee_par: tuple[int, ...] = ()
    """Les numéros des entrées qui contestent celle-ci ; elle reste lue tant qu'aucune autre ne la remplace."""


def historique(entries: Sequence[Entry]) -> tuple[Ligne, ...]:
    """The history that ``entries`` (in order of arrival) tell, in the order of the facts.

    Those of incidents of nobody that reached the person may be among them.
    """
    return tuple(ligne for _, ligne in lignes(entries))


def lignes(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Ligne]]:
    """The same, each line with the entry it tells."""
    count = itertools.count(1)
    numbers = [next(count) if _numbered(entry) else None for entry in entries]
    replaced_by = corrections(entries)
    disputed_by = _contestations(zip(entries, numbers, strict=True), replaced_by)
    cited = disputed_by or any(entry.fait.corrige is not None for entry in entries)
    by_name = {named(entry): number for entry, number in zip(entries, numbers, strict=True)} if cited else {}
    arrived = zip(entries, numbers, strict=True)
    for entry, number in sorted(arrived, key=lambda each: (each[0].fait.survenu.debut, each[0].fait.survenu.fin)):
        yield entry, _ligne(entry, number, by_name, replaced_by, disputed_by)


def _numbered(entry: Entry) -> bool:
    return entry.fait.personne is not None and not isinstance(entry.fait.evenement, REGARDS)


def _contestations(
    entries: Iterable[tuple[Entry, int | None]], replaced_by: Mapping[Named, Entry]
) -> dict[Named, list[int]]:
    """By the entry that is disputed, the numbers of those that dispute it and still hold."""
    found: dict[Named, list[int]] = {}
    for entry, number in entries:
        if number is not None and isinstance(entry.fait.evenement, CONTESTATIONS) and named(entry) not in replaced_by:
            for target in _vises(entry):
                found.setdefault((entry.subject, target), []).append(number)
    return found


def _vises(entry: Entry) -> tuple[str, ...]:
    """The facts that this one disputes, by their id at its source."""
    event = entry.fait.evenement
    return event.faits_contestes if isinstance(event, CONTESTATIONS) else ()


def _ligne(
    entry: Entry,
    number: int | None,
    numbers: Mapping[Named, int | None],
    replaced_by: Mapping[Named, Entry],
    disputed_by: Mapping[Named, Sequence[int]],
) -> Ligne:
    fait = entry.fait
    event = fait.evenement
    by = replaced_by.get(named(entry)) if replaced_by else None
    return Ligne(
        numero=number,
        id=fait.id,
        position=entry.position,
        survenu=str(fait.survenu),
        survenu_fr=francais.quand(fait.survenu),
        enregistre_le=entry.recorded_at,
        connu_de_la_source=str(fait.connu_de_la_source) if fait.connu_de_la_source else None,
        type=event.nom,
        flux=fait.flux,
        objet=fait.objet,
        phrase=event.titre_fr(),
        details=tuple(francais.champs(event)),
        acteur=fait.acteur,
        canal=fait.canal,
        source=fait.source,
        grade=fait.grade,
        pieces=fait.pieces,
        avertissements=tuple(f"{each.texte} ({each.source})" for each in fait.avertissements),
        corrige=numbers.get((entry.subject, fait.corrige)) if fait.corrige else None,
        corrige_par=numbers.get(named(by)) if by is not None else None,
        remplacee=by is not None,
        conteste=tuple(n for each in _vises(entry) if (n := numbers.get((entry.subject, each))) is not None),
        contestee_par=tuple(disputed_by.get(named(entry), ())) if disputed_by else (),
    )

"""What the parts of the report point to: the number of each fact, of each piece, of each interval of lost days.

A fact keeps the number of its arrival, as in the history: a report made later cites it by the same one. Those declared
for everybody, and that hit the person, are numbered apart: I1, I2. A number that is not there cannot be cited.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final, NamedTuple
from uuid import UUID

from evidence.rapport_modeles import Rapport
from evidence.rapport_mots import SOURCES, STATUTS, citation, du_au, fr
from ledger.entry import Entry
from projections import francais
from projections.historique import Ligne, historique
from projections.imputation.modeles import Attribution, Cause, Constat, Obligation
from rules.base import Source as Texte
from rules.base import Verification
from rules.catalogue import REGLES, empreinte
from rules.jeux import ACTUEL, JEUX, Jeu

NOMMES: Final = 6
"""So many facts are cited each with its day; more are cited by ranges of numbers."""


class Numerote(NamedTuple):
    """A fact with its number and what the history says of it."""

    numero: str
    entry: Entry
    ligne: Ligne


class Renvois:
    """The numbers of one report."""

    def __init__(self, rapport: Rapport) -> None:
        self.rapport = rapport
        entries = rapport.connues
        ordered = sorted(entries, key=lambda entry: (entry.fait.survenu.debut, entry.fait.survenu.fin))
        shared = [entry.event_id for entry in entries if entry.fait.personne is None]
        self.chronologie: tuple[Numerote, ...] = tuple(
            Numerote(str(line.numero or f"I{shared.index(entry.event_id) + 1}"), entry, line)
            for entry, line in zip(ordered, historique(entries), strict=True)
        )
        self.par_fait = {each.entry.event_id: each for each in self.chronologie}
        self.pieces: dict[str, int] = {}
        for line_ in rapport.inventaire.lignes:
            self.pieces.setdefault(line_.piece.sha256, line_.numero)
        self.retenus = {(each.entry, each.part) for each in rapport.retenues if not each.masquee}
        self.jeu: Jeu = next((j for j in JEUX if empreinte(j) == rapport.preuve.regles), ACTUEL)
        self.etiquettes = _etiquettes(self.jeu)

    # ------------------------------------------------------------------ facts

    def numeros(self, faits: Iterable[UUID]) -> list[str]:
        """The numbers of these facts, each once, in their order."""
        return list(dict.fromkeys(self.par_fait[each].numero for each in faits))

    def faits(self, faits: Iterable[UUID], *, nommes: int = NOMMES) -> list[dict[str, str]]:
        """These facts as links: number, day, grade and pieces of each; ranges of numbers when they are many."""
        found = [self.par_fait[each] for each in dict.fromkeys(faits)]
        if len(found) <= nommes:
            return [{"n": each.numero, "texte": fr(self._fait(each))} for each in found]
        return [{"n": n, "texte": texte} for n, texte in suites(each.numero for each in found)]

    def dernier_jour(self, faits: Iterable[UUID]) -> int:
        """The last day of these facts, as an ordinal; 0 when there is none."""
        return max((self.par_fait[each].entry.fait.survenu.jours.dernier.toordinal() for each in faits), default=0)

    def _fait(self, each: Numerote) -> str:
        said = [francais.jours(each.entry.fait.survenu.jours), f"force {each.ligne.grade}"]
        if numbers := self.numeros_de_pieces(each.entry):
            said.append(liste_de_pieces(numbers))
        return f"{each.numero} ({', '.join(said)})"

    # ------------------------------------------------------------------ pieces

    def numeros_de_pieces(self, entry: Entry) -> list[int]:
        """The numbers, in the inventory, of the pieces that the fact cites."""
        if (entry.event_id, "pieces") in self.retenus:
            return []
        return sorted({self.pieces[each.sha256] for each in entry.fait.pieces if each.sha256 in self.pieces})

    def pieces_absentes(self, entry: Entry) -> list[str]:
        """What the fact cites and the inventory does not hold, each with why where it is known."""
        if (entry.event_id, "pieces") in self.retenus:
            return []
        why = self.rapport.absentes
        return [
            f"{each.nom} : {why.get(each.sha256, 'non jointe')}"
            for each in entry.fait.pieces
            if each.sha256 not in self.pieces
        ]

    # ------------------------------------------------------------------ findings

    def textes(self, articles: Iterable[str]) -> str:
        """Articles, each with how far it was verified."""
        return fr(" ; ".join(citation(each, self.etiquettes) for each in articles))

    def constat(self, link: Constat) -> dict[str, Any]:
        """A finding: what it says, how far it holds, its facts, its texts, what was looked for and not found."""
        grade = f", force {link.grade.value}" if link.grade else ""
        return {
            "texte": fr(link.texte),
            "force": f"{STATUTS[link.statut]}{grade}",
            "faits": self.faits(link.entries),
            "textes": self.textes(link.articles),
            "recherche": fr(_recherche(link)),
        }

    def cause(self, lost: Attribution, cause: Cause) -> Obligation | None:
        """The duty that a cause names; of several with one name, the one that the chain tells."""
        same = [
            each
            for each in self.rapport.preuve.obligations
            if (each.debiteur, each.code, each.dossier) == (cause.debiteur, cause.code, cause.dossier)
            and each.manquements
        ]
        told = [each for each in same if any(link.texte.startswith(f"{each.texte} : faite") for link in lost.chaine)]
        return next(iter(told or same), None)


def _recherche(link: Constat) -> str:
    looked = link.recherche
    if looked is None:
        return ""
    present = ", ".join(SOURCES[each] for each in looked.presentes) or "aucune, l'absence ne prouve donc rien"
    all_ = ", ".join(SOURCES[each] for each in looked.sources)
    return (
        f"Cherché et non trouvé : {looked.acte}, {du_au(looked.du, looked.au)} ; sources qui l'auraient contenu :"
        f" {all_} ; présentes au registre : {present}."
    )


def suites(numbers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Numbers as ranges, each with its first number: « 3 », « 5 à 12 »."""
    found = list(numbers)
    whole = sorted({int(each) for each in found if each.isdecimal()})
    for _, run in groupby(enumerate(whole), key=lambda pair: pair[1] - pair[0]):
        first, *rest = [n for _, n in run]
        match rest:
            case []:
                yield str(first), str(first)
            case [last]:
                yield str(first), str(first)
                yield str(last), str(last)
            case _:
                yield str(first), f"{first} à {rest[-1]}"
    yield from ((each, each) for each in dict.fromkeys(found) if not each.isdecimal())


def liste_de_pieces(numbers: list[int]) -> str:
    """« pièce 3 », « pièces 3, 5 à 7 »."""
    return f"pièce{'s' if len(numbers) > 1 else ''} {', '.join(t for _, t in suites(map(str, numbers)))}"


def _etiquettes(jeu: Jeu) -> dict[str, Verification]:
    """How far each text was verified, by its citation; the readings that ``jeu`` follows first."""
    found: dict[str, Verification] = {}
    followed: list[Texte] = [source for rule in REGLES for source in rule.suivies(jeu)]
    for source in (*followed, *(source for rule in REGLES for source in rule.sources)):
        found.setdefault(source.citation, source.verification)
    return found

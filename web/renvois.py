"""What a page of proof points to: facts by their number, texts by their line in the table of those that are applied."""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from django.urls import NoReverseMatch, reverse

from evidence.rapport_modeles import constats
from evidence.rapport_renvois import suites
from projections.historique import Ligne
from projections.imputation.modeles import Constat
from replay.preuve import Preuve
from rules.base import Source
from rules.catalogue import Regle, cites

DITS: Final = 3
"""So many facts are told with their sentence and day; more are cited by number."""
NUMEROS: Final = 12
"""So many are cited one by one; more by ranges."""


class Renvoi(NamedTuple):
    """One link to a fact, or to a run of them."""

    texte: str
    lien: str
    dit: str = ""


class Cite(NamedTuple):
    """A text as one cites it, and its line in the table, when it is one of a rule."""

    texte: str
    numero: int | None


class Texte(NamedTuple):
    """A text that is applied."""

    numero: int
    regle: Regle
    source: Source


class Renvois:
    """The facts and the texts that the evidence of one person cites."""

    def __init__(
        self, reference: str, par_fait: Mapping[UUID, Ligne], proof: Preuve, tenus: Container[UUID] | None = None
    ) -> None:
        """``tenus``: the facts that hold where one looks from; a later contestation disputes nothing yet."""
        self._reference = reference
        self._par_fait = par_fait
        self._tenus = {
            line.numero
            for each, line in par_fait.items()
            if line.numero is not None and (tenus is None or each in tenus)
        }
        self.textes = tuple(
            Texte(n, regle, source) for n, (regle, source) in enumerate(_une_fois(cites(citations(proof))), start=1)
        )
        self._numeros = {each.source.citation: each.numero for each in self.textes}

    def faits(self, ids: Iterable[UUID], dits: int = DITS) -> Sequence[Renvoi]:
        """These facts as links, each once, in their order."""
        found = [self._par_fait[each] for each in dict.fromkeys(ids) if each in self._par_fait]
        if len(found) <= NUMEROS:
            return [self._fait(each, dit=len(found) <= dits) for each in found]
        runs = suites(str(each.numero) for each in found if each.numero is not None)
        own = [Renvoi(f"n° {texte}", self._page(int(first))) for first, texte in runs]
        return [*own, *(self._fait(each, dit=False) for each in found if each.numero is None)]

    def numeros(self, numeros: Iterable[int]) -> Sequence[Renvoi]:
        """These numbers as links; ranges when they are many."""
        found = sorted(set(numeros))
        if len(found) <= DITS:
            return [Renvoi(f"n° {each}", self._page(each)) for each in found]
        return [Renvoi(f"n° {texte}", self._page(int(first))) for first, texte in suites(map(str, found))]

    def contestes(self, ids: Iterable[UUID]) -> Sequence[tuple[int, Sequence[int]]]:
        """Of these facts, the numbers of those that are disputed, each with the numbers of what disputes it."""
        found = [self._par_fait[each] for each in dict.fromkeys(ids) if each in self._par_fait]
        told = [(each.numero, [by for by in each.contestee_par if by in self._tenus]) for each in found]
        return [(number, by) for number, by in told if number is not None and by]

    def contestables(self, ids: Iterable[UUID]) -> Sequence[int]:
        """The numbers of those of these facts that can be disputed; none where there are too many to choose from."""
        found = [self._par_fait[each] for each in dict.fromkeys(ids) if each in self._par_fait]
        numbers = [each.numero for each in found if each.numero is not None and not each.remplacee]
        return numbers if len(numbers) <= NUMEROS else []

    def cites(self, articles: Iterable[str]) -> Sequence[Cite]:
        """These texts, each with its line in the table."""
        return [Cite(each, self._numeros.get(each)) for each in dict.fromkeys(articles)]

    def invoques(self, found: Iterable[Constat]) -> Sequence[tuple[str, Constat, Sequence[Renvoi]]]:
        """Findings with their facts; those of one kind that are only invoked are told once, with all their numbers."""
        kinds: dict[tuple[object, ...], list[Constat]] = {}
        for place, link in enumerate(found):
            one = link.code == "invoque" and len(link.entries) == 1 and link.entries[0] in self._par_fait
            key = (self._par_fait[link.entries[0]].phrase, link.statut) if one else (place,)
            kinds.setdefault(key, []).append(link)
        return [
            (
                f"{key[0]} : {len(links)} fois" if len(links) > 1 else links[0].texte,
                links[0],
                self.faits((each for link in links for each in link.entries), dits=1),
            )
            for key, links in kinds.items()
        ]

    def _fait(self, ligne: Ligne, *, dit: bool) -> Renvoi:
        said = f"{ligne.phrase} ({ligne.survenu_fr}, force {ligne.grade})" if dit else ""
        if ligne.numero is None:
            return Renvoi(
                "fait déclaré pour tous", f"{reverse('chronologie', args=[self._reference])}#i-{ligne.id}", said
            )
        return Renvoi(f"n° {ligne.numero}", self._page(ligne.numero), said)

    def _page(self, numero: int) -> str:
        return reverse("fait", args=[self._reference, numero])


def _une_fois(found: Iterable[tuple[Regle, Source]]) -> Iterable[tuple[Regle, Source]]:
    return {source.citation: (regle, source) for regle, source in found}.values()


def citations(proof: Preuve) -> frozenset[str]:
    """Every text that the evidence cites."""
    return frozenset(
        {
            *(each for link in constats(proof) for each in link.articles),
            *(each for owed in proof.obligations for each in owed.articles),
            *(each for held in proof.journal for each in held.articles),
            *(each.source for each in proof.lectures),
            *(each.source for each in proof.refus_implicites),
        }
    )


def adresse_si(nom: str, *args: object) -> str:
    """The address of a page, if the site has it."""
    try:
        return reverse(nom, args=args)
    except NoReverseMatch:
        return ""

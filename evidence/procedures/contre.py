"""What the evidence counts against the person: the facts of it that cannot be left out of a file.

A file that kept only one side's facts would prove nothing. What speaks for the other side, what she owed and did not
do, what one side saw and the other did not, and what a source contradicts, stay in.
"""

from collections.abc import Iterable, Iterator
from uuid import UUID

from evidence.procedures.affaire import Affaire
from projections.imputation.constats import INVOQUES
from projections.imputation.modeles import Attribution, Constat, Imputation, Obligation, Partie, Portee

_A_DEUX = frozenset({Imputation.SHARED, Imputation.UNDETERMINED})


def contre_elle(a: Affaire, x: Attribution) -> Iterator[Constat]:
    """Of what stands against an answer, what speaks against the person.

    Where both parties are charged, each one's findings stand among those against the other: the administration's own
    breaches, and what she may invoke, are then left aside.
    """
    if x.imputation is Imputation.APPLICANT:
        return
    told = (each for each in x.contre if each.code != "rien_en_sens_contraire")
    if x.imputation not in _A_DEUX:
        yield from told
        return
    theirs = {(o.manquement.code, o.manquement.texte) for o in _manquements(a) if o.manquement is not None}
    for each in told:
        hers = each.code == "invoque" and not _invoquee(a, each)
        if not hers and (each.code, each.texte) not in theirs:
            yield each


def _manquements(a: Affaire) -> Iterator[Obligation]:
    return (o for o in a.preuve.obligations if o.debiteur is Partie.ADMINISTRATION)


def _invoquee(a: Affaire, said: Constat) -> bool:
    """Whether the administration is the one who may invoke it."""
    types = INVOQUES[Partie.ADMINISTRATION]
    return any(e.event_id in said.entries and isinstance(e.fait.evenement, types) for e in a.lue.entries)


def faits_contraires(a: Affaire) -> dict[UUID, str]:
    """The facts that cannot be left out, each with the sentence that says why."""
    found: dict[UUID, str] = {}
    for why, entries in _raisons(a):
        for each in entries:
            found.setdefault(each, why)
    return found


def _raisons(a: Affaire) -> Iterator[tuple[str, Iterable[UUID]]]:
    for owed in a.preuve.obligations:
        if owed.debiteur is Partie.USAGER and owed.manquements and owed.portee is Portee.JOURS:
            for each in owed.tous_constats:
                yield (
                    f"elle montre ce que la personne devait faire, et quand elle l'a fait : {each.texte}",
                    each.entries,
                )
    for x in a.preuve.attributions:
        for each in contre_elle(a, x):
            yield f"elle porte un fait qui va en sens contraire : {each.texte}", each.entries
        for version in x.versions:
            for each in version.dits:
                yield f"elle porte l'un de deux faits qui se contredisent : {each.texte}", each.entries
    for apart in a.preuve.divergences:
        text = f"elle montre ce qu'un côté voyait et que l'autre ne voyait pas : {apart.constat.texte}"
        yield text, (*apart.entries, *apart.constat.entries)

"""Attribution of each uncovered day: the same fold replayed over the histories in which each party did what it owed.

``cf_administration``: every duty of the administration then due is performed on its day, the person's conduct being
what it was; ``cf_usager`` the other way round. A duty of the other side that only arises in the history replayed is
taken as performed, except on the days on which it was really breached: its conduct stays what it was. But-for first;
when neither side alone suffices, both together. A breach that is only declared decides nothing: what it would change is
undetermined, and the proof that is missing is named.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from ledger.entry import Entry
from projections.couverture.lacunes import Intervalles, union
from projections.couverture.modeles import Certitude, NatureLacune
from projections.imputation.constats import chaine, contre, manquantes, ne_prouve_pas
from projections.imputation.couches import autres_couches
from projections.imputation.devoirs import devoirs
from projections.imputation.editions import Edition, appliquer
from projections.imputation.exigence import Exigence
from projections.imputation.exigences import exigences
from projections.imputation.matiere import REJOUES, Matiere, matiere, soustraire
from projections.imputation.modeles import (
    Attribution,
    Cause,
    Imputation,
    Obligation,
    Partie,
    Periode,
    Statut,
    moins_etabli,
)

TOURS: Final = 8
"""A duty performed may give rise to another one; no chain of the law is longer than this."""
_PERDUS: Final = frozenset({NatureLacune.RUPTURE, NatureLacune.PREUVE_SEULE})

Reels = Mapping[tuple[Partie, str], Intervalles]


class Rejeu(NamedTuple):
    """One history replayed: the days it leaves uncovered, and what it supposes."""

    perdus: Intervalles
    suppose: tuple[str, ...]


def obligations(entries: Sequence[Entry], au: date) -> tuple[Obligation, ...]:
    """The duty ledger of one person as seen on the day ``au``, from the entries that hold, in any order.

    Those that bear on covered days, and those that no replay reads, together in the order of days.
    """
    if not entries:
        return ()
    m = matiere(entries, au)
    found = [*map(_obligation, exigences(m)), *devoirs(m)]
    return tuple(sorted(found, key=lambda x: (x.du, x.code, x.dossier or "", x.texte)))


def _obligation(x: Exigence) -> Obligation:
    return Obligation(
        code=x.code,
        debiteur=x.debiteur,
        dossier=x.dossier,
        texte=x.texte,
        articles=tuple(each.citation for each in x.sources),
        du=date.fromordinal(x.du),
        au=None if x.au is None else date.fromordinal(max(x.au, x.du)),
        prerequis=x.prerequis,
        satisfaite_par=tuple(entry.event_id for entry in x.satisfaite_par),
        manquements=tuple(Periode(du=date.fromordinal(a), au=date.fromordinal(b)) for a, b in x.jours),
        manquement=x.manquement if x.jours else None,
        statut=x.statut,
    )


def attributions(entries: Sequence[Entry], au: date) -> tuple[Attribution, ...]:
    """For every uncovered day up to ``au``, to whom it is due, then the other layers dated against these days.

    Intervals are split wherever the answer changes.
    """
    if not entries:
        return ()
    m = matiere(entries, au)
    duties = exigences(m)
    lost = tuple(_Rejeux(m, duties, au).attributions())
    return (*lost, *autres_couches(m, duties, lost))


class _Rejeux:
    """The replays of one person, each made once and only when a day needs it."""

    def __init__(self, m: Matiere, duties: Sequence[Exigence], au: date) -> None:
        self.m = m
        self.au = au
        self.lus = [entry for entry in m.entries if type(entry.fait.evenement) in REJOUES]
        self.manquements = [x for x in duties if x.jours]
        self.reels: dict[tuple[Partie, str], Intervalles] = {}
        for x in self.manquements:
            self.reels[x.conduite] = union([*self.reels.get(x.conduite, []), *x.jours])
        self._rejeux: dict[tuple[frozenset[Partie], bool, frozenset[object] | None], Rejeu] = {}

    def attributions(self) -> Iterator[Attribution]:
        """The uncovered days, in their order."""
        for hole in self.m.trame.trous:
            span = (hole.du, hole.au)
            if hole.nature is NatureLacune.FIN_DE_DROIT:
                yield self._attribution(
                    span, hole.nature, hole.certitude, Imputation.END_OF_RIGHT_BY_DECISION, None, None
                )
                continue
            for du, dernier in self._morceaux(span):
                a, u = self._reponse(Partie.ADMINISTRATION, du), self._reponse(Partie.USAGER, du)
                verdict = imputation(a, u, ensemble=self._ensemble(du))
                yield self._attribution((du, dernier), hole.nature, hole.certitude, verdict, a, u)

    # ------------------------------------------------------------------ replays

    def rejeu(
        self, parties: Collection[Partie], *, etablis: bool = False, cles: Collection[object] | None = None
    ) -> Rejeu:
        """The history in which ``parties`` did what they owed: all of it, or what is established, or some of it."""
        who, which = frozenset(parties), None if cles is None else frozenset(cles)
        if (who, etablis, which) not in self._rejeux:
            self._rejeux[who, etablis, which], doubtful = self._rejouer(who, which, etablis=etablis)
            if not doubtful:  # what is established is all there is: one history answers both questions
                self._rejeux[who, not etablis, which] = self._rejeux[who, etablis, which]
        return self._rejeux[who, etablis, which]

    def _rejouer(
        self, parties: frozenset[Partie], cles: Collection[object] | None, *, etablis: bool
    ) -> tuple[Rejeu, bool]:
        """The replay, and whether a duty of ``parties`` that is not established was met on the way."""
        history: Sequence[Entry] = self.lus
        seen = self.m
        doubtful = False
        said: dict[str, None] = {}
        real = {x.cle for x in self.manquements}
        for _ in range(TOURS):
            edits: list[Edition] = []
            for x in exigences(seen) if seen is not self.m else self.manquements:
                chosen = x.debiteur in parties and (cles is None or x.cle in cles or x.cle not in real)
                if chosen and x.jours and x.statut is Statut.A_ETABLIR:
                    doubtful, chosen = True, not etablis
                days = x.jours if chosen else soustraire(x.jours, self.reels.get(x.conduite, []))
                if days:
                    edits.append(x.accomplir(days))
            if not edits:
                break
            said |= dict.fromkeys(each.suppose for each in edits)
            history = appliquer(history, edits)
            seen = matiere(history, self.au, self.m.sources)
        return Rejeu([(t.du, t.au) for t in seen.trame.trous], tuple(said)), doubtful

    def _couvre(self, day: int, rejeu: Rejeu) -> bool:
        return not any(du <= day <= au for du, au in rejeu.perdus)

    def _reponse(self, partie: Partie, day: int) -> bool | None:
        """Whether the day is covered had ``partie`` done what it owed; ``None``: only what is unestablished says so."""
        if self._couvre(day, self.rejeu({partie}, etablis=True)):
            return True
        return None if self._couvre(day, self.rejeu({partie})) else False

    def _ensemble(self, day: int) -> bool:
        return self._couvre(day, self.rejeu({Partie.ADMINISTRATION, Partie.USAGER}, etablis=True))

    def _morceaux(self, span: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """The days of ``span`` cut wherever an answer may change."""
        replays = [self.rejeu({p}, etablis=e) for p in (Partie.ADMINISTRATION, Partie.USAGER) for e in (True, False)]
        if len({x.debiteur for x in self.manquements}) > 1:
            replays.append(self.rejeu({Partie.ADMINISTRATION, Partie.USAGER}, etablis=True))
        cuts = {b for r in replays for du, au in r.perdus for b in (du, au + 1)}
        inner = sorted(b for b in cuts if span[0] < b <= span[1])
        pieces = list(zip([span[0], *inner], [*(b - 1 for b in inner), span[1]], strict=True))
        merged: list[tuple[int, int]] = []
        answers: list[object] = []
        for du, au in pieces:
            answer = tuple(self._couvre(du, r) for r in replays)
            if answers and answers[-1] == answer:
                merged[-1] = (merged[-1][0], au)
            else:
                merged.append((du, au))
                answers.append(answer)
        yield from merged

    # ------------------------------------------------------------------ causes

    def causes(self, span: tuple[int, int], partie: Partie) -> list[tuple[Exigence, bool]]:
        """The breaches of ``partie`` that each suffice; failing that, one minimal set that does (NESS)."""
        owed = [x for x in self.manquements if x.debiteur is partie]
        if len(owed) == 1:
            return [(owed[0], True)]
        alone = [x for x in owed if self._couvre(span[0], self.rejeu({partie}, cles={x.cle}))]
        if alone:
            sure = [x for x in alone if x.statut is not Statut.A_ETABLIR]
            return [(x, True) for x in sure or alone]
        needed = list(owed)
        for x in owed:
            without = [y for y in needed if y is not x]
            if without and self._couvre(span[0], self.rejeu({partie}, cles={y.cle for y in without})):
                needed = without
        return [(x, False) for x in needed]

    def _attribution(
        self,
        span: tuple[int, int],
        nature: NatureLacune,
        certitude: Certitude,
        verdict: Imputation,
        a: bool | None,  # noqa: FBT001 - an answer, not an option
        u: bool | None,  # noqa: FBT001 - as above
    ) -> Attribution:
        sides = _parties(verdict, a, u)
        found = [each for partie in sides for each in self.causes(span, partie)]
        statut = moins_etabli(*(x.statut for x, _ in found))
        if certitude is Certitude.INCERTAIN:
            statut = moins_etabli(statut, Statut.A_ETABLIR)
        return Attribution(
            du=date.fromordinal(span[0]),
            au=date.fromordinal(span[1]),
            jours=span[1] - span[0] + 1,
            couche="preuve",
            nature=nature.value,
            imputation=verdict,
            statut=statut,
            cf_administration=a,
            cf_usager=u,
            causes=tuple(
                Cause(
                    debiteur=x.debiteur,
                    code=x.code,
                    dossier=x.dossier,
                    suffit=alone,
                    suppose=self.rejeu({x.debiteur}, cles={x.cle}).suppose,
                )
                for x, alone in found
            ),
            chaine=tuple(chaine(self.m, span, nature, verdict, [x for x, _ in found])),
            contre=tuple(contre(self.m, span, verdict, self.manquements, sides)),
            preuves_manquantes=tuple(manquantes(verdict, [x for x, _ in found], certitude)),
            ne_prouve_pas=tuple(ne_prouve_pas(verdict)),
            ouvert=span[1] == self.m.au,
        )


def imputation(a: bool | None, u: bool | None, *, ensemble: bool) -> Imputation:  # noqa: FBT001 - two answers
    """The answer of the table: ``a`` and ``u``, what each party's conforming conduct would have changed.

    Exchange ``a`` and ``u``, and ADMINISTRATION and APPLICANT exchange; nothing else does.
    """
    match a, u:
        case (None, _) | (_, None):
            return Imputation.UNDETERMINED
        case True, True:
            return Imputation.SHARED
        case True, False:
            return Imputation.ADMINISTRATION
        case False, True:
            return Imputation.APPLICANT
        case _:
            return Imputation.SHARED if ensemble else Imputation.UNDETERMINED


def _parties(verdict: Imputation, a: bool | None, u: bool | None) -> Iterable[Partie]:  # noqa: FBT001 - two answers
    """Whose breaches the answer rests on."""
    match verdict:
        case Imputation.ADMINISTRATION:
            return (Partie.ADMINISTRATION,)
        case Imputation.APPLICANT:
            return (Partie.USAGER,)
        case Imputation.SHARED:
            return (Partie.ADMINISTRATION, Partie.USAGER)
        case Imputation.UNDETERMINED:
            return [p for p, said in ((Partie.ADMINISTRATION, a), (Partie.USAGER, u)) if said is not False]
        case _:
            return ()

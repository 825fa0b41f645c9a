"""Attribution of each uncovered day: the same fold replayed over the histories in which each party did what it owed.

``cf_administration``: every duty of the administration then due is performed on its day, the person's conduct being
what it was; ``cf_usager`` the other way round. A duty of the other side that only arises in the history replayed is
taken as performed, except on the days on which it was really breached: its conduct stays what it was. But-for first;
when neither side alone suffices, both together. A breach that is only declared decides nothing: what it would change is
undetermined, and the proof that is missing is named.
"""

from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from ledger.entry import Entry
from projections.couverture.lacunes import Intervalles, union
from projections.couverture.modeles import Certitude, NatureLacune
from projections.imputation.constats import chaine, contre, manquantes, ne_prouve_pas
from projections.imputation.contradictions import Litiges, litiges
from projections.imputation.couches import autres_couches
from projections.imputation.devoirs import devoirs as autres_devoirs
from projections.imputation.editions import Edition, appliquer
from projections.imputation.exigence import ACCES, Exigence
from projections.imputation.exigences import REJOUES, exigences
from projections.imputation.matiere import Matiere, atteintes, matiere, soustraire, temoin
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
from projections.imputation.recoupement import Reponse, recouper

TOURS: Final = 8
"""A duty performed may give rise to another one; no chain of the law is longer than this."""


class _Verdict(NamedTuple):
    """The answer of a day; two days have the same one when what it says and what it rests on are the same."""

    imputation: Imputation
    cf_administration: bool | None
    cf_usager: bool | None
    causes: tuple[tuple[Exigence, bool], ...]
    """Each breach that it rests on, and whether that one suffices alone."""


class Rejeu(NamedTuple):
    """One history replayed: the days it leaves uncovered, and what it supposes."""

    perdus: Intervalles
    suppose: tuple[str, ...]


class Lue(NamedTuple):
    """The facts of one person, read once for all that is said of them."""

    entries: tuple[Entry, ...]
    """The holding entries, those of incidents of nobody that hit her among them."""
    litiges: Litiges
    m: Matiere
    """What duties read: the facts that no stronger one contradicts."""
    exigences: tuple[Exigence, ...]


def lire(entries: Sequence[Entry], au: date) -> Lue:
    """Read the holding ``entries`` of one person, in any order, as seen on the day ``au``.

    Those of incidents of nobody may be among them.
    """
    told = litiges(entries)
    m = matiere(told.retenues, au, frozenset([entry.fait.source for entry in entries if temoin(entry)]))
    return Lue(tuple(_siennes(entries, m)), told, m, tuple(exigences(m)))


def _siennes(entries: Iterable[Entry], m: Matiere) -> Iterator[Entry]:
    """Hers, and those of the incidents of nobody that hit her, each as it concerns the dossiers of hers that it hit."""
    files: dict[UUID, dict[str, None]] = {}
    if m.partages:
        for touche in atteintes(m):
            for stream, hit in m.partages.items():
                if touche.entry.event_id in hit and touche.dossier is not None:
                    files.setdefault(stream, {})[touche.dossier] = None
    for entry in entries:
        event = entry.fait.evenement
        if entry.fait.personne is not None:
            yield entry
        elif entry.stream in m.partages:
            about = tuple(sorted(files.get(entry.stream, ())))
            if not about or "dossiers" not in type(event).model_fields:
                yield entry
            else:
                seen = entry.fait.model_copy(update={"evenement": event.model_copy(update={"dossiers": about})})
                yield msgspec.structs.replace(entry, fait=seen)


def obligations(entries: Sequence[Entry], au: date) -> tuple[Obligation, ...]:
    """The duty ledger of one person as seen on the day ``au``, from the entries that hold, in any order.

    Those that bear on covered days, and those that no replay reads, together in the order of days.
    """
    return devoirs(lire(entries, au)) if entries else ()


def devoirs(lue: Lue) -> tuple[Obligation, ...]:
    """The duty ledger of facts that were read already."""
    found = [*rejouees(lue), *autres_devoirs(lue.m)]
    return tuple(sorted(found, key=lambda x: (x.du, x.code, x.dossier or "", x.texte)))


def rejouees(lue: Lue) -> tuple[Obligation, ...]:
    """Those of the duties that attribution replays: what a cause may name."""
    return tuple(_obligation(each.conteste(lue.litiges.contestes)) for each in lue.exigences)


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
    return imputer(lire(entries, au)) if entries else ()


def imputer(lue: Lue) -> tuple[Attribution, ...]:
    """The same for facts that were read already."""
    told = lue.litiges
    if len(told.histoires) > 1:
        au = date.fromordinal(lue.m.au)
        read = [matiere(each.entries, au, lue.m.sources) for each in told.histoires]
        lost = tuple(recouper(told, [_Rejeux(m, exigences(m)) for m in read], lue.m.au))
    else:
        run = _Rejeux(lue.m, lue.exigences)
        lost = tuple(run.attribution(each, told.contestes) for each in run.reponses())
    found = (*lost, *autres_couches(lue.m, lue.exigences, lost))
    return tuple(_avec_les_litiges(each, told) for each in found) if told.contestes or told.contredits else found


def _avec_les_litiges(found: Attribution, told: Litiges) -> Attribution:
    """The same answer, contested where its findings rest on a disputed fact, with what disputes or contradicts it."""
    cited = dict.fromkeys(each for link in found.chaine for each in link.entries)
    against = [each for id_ in cited for each in (*told.contestes.get(id_, ()), *told.contredits.get(id_, ()))]
    if not against:
        return found
    links = tuple(each.conteste(told.contestes) for each in found.chaine)
    if found.versions:  # its chain says already what the sources say against each other
        against = [each for each in against if each.code != "source_contraire"]
    kept = [each for each in found.contre if not against or each.code != "rien_en_sens_contraire"]
    return msgspec.structs.replace(
        found,
        chaine=links,
        statut=moins_etabli(found.statut, *(each.statut for each in links)),
        contre=tuple(dict.fromkeys(each.conteste(told.contestes) for each in (*kept, *against))),
        preuves_manquantes=tuple(dict.fromkeys((*found.preuves_manquantes, *told.reserves))),
    )


class _Rejeux:
    """The replays of one person, each made once and only when a day needs it."""

    def __init__(self, m: Matiere, duties: Sequence[Exigence]) -> None:
        self.m = m
        self.au = date.fromordinal(m.au)
        self.lus = [entry for entry in m.entries if type(entry.fait.evenement) in REJOUES]
        self.manquements = [x for x in duties if x.jours]
        self.reels: dict[tuple[Partie, str], Intervalles] = {}
        self.debuts: dict[Partie, int] = {}
        """The first day on which each party was in breach: a breach costs nothing before it begins."""
        for x in self.manquements:
            self.reels[x.conduite] = union([*self.reels.get(x.conduite, []), *x.jours])
            self.debuts[x.debiteur] = min(x.jours[0][0], self.debuts.get(x.debiteur, x.jours[0][0]))
        self._rejeux: dict[tuple[frozenset[Partie], bool, frozenset[object] | None], Rejeu] = {}

    def reponses(self) -> Iterator[Reponse]:
        """The answers of the uncovered days, in their order."""
        for hole in self.m.trame.trous:
            if hole.nature is NatureLacune.FIN_DE_DROIT:
                yield Reponse(*hole, Imputation.END_OF_RIGHT_BY_DECISION, None, None)
                continue
            for (du, au), answer in self._morceaux((hole.du, hole.au)):
                yield Reponse(du, au, hole.nature, hole.certitude, *answer)

    # ------------------------------------------------------------------ replays

    def rejeu(
        self, parties: Collection[Partie], *, etablis: bool = False, cles: Collection[object] | None = None
    ) -> Rejeu:
        """The history in which ``parties`` did what they owed: all of it, or what is established, or some of it."""
        who = frozenset(parties)
        all_of_them = {x.cle for x in self.manquements if x.debiteur in who}
        which = None if cles is None or all_of_them <= set(cles) else frozenset(cles)
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
        left = {x.conduite for x in self.manquements if cles is not None and x.cle not in cles}
        for _ in range(TOURS):
            edits: list[Edition] = []
            for x in exigences(seen) if seen is not self.m else self.manquements:
                follows = x.cle not in real and x.conduite not in left
                chosen = x.debiteur in parties and (cles is None or x.cle in cles or follows)
                if chosen and x.jours and x.statut is Statut.A_ETABLIR:
                    doubtful, chosen = True, not etablis
                if not chosen and x.code in ACCES:
                    continue  # that filing was possible files nothing: the day is that of whoever files
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
        if not self._en_defaut(partie, day):
            return False
        if self._couvre(day, self.rejeu({partie}, etablis=True)):
            return True
        return None if self._couvre(day, self.rejeu({partie})) else False

    def _en_defaut(self, partie: Partie, day: int) -> bool:
        return partie in self.debuts and self.debuts[partie] <= day

    def _ensemble(self, day: int) -> bool:
        both = Partie.ADMINISTRATION, Partie.USAGER
        return all(self._en_defaut(p, day) for p in both) and self._couvre(day, self.rejeu(both, etablis=True))

    def _morceaux(self, span: tuple[int, int]) -> Iterator[tuple[tuple[int, int], _Verdict]]:
        """The days of ``span``, cut wherever the answer or its causes change."""
        replays = [self.rejeu({p}, etablis=e) for p in (Partie.ADMINISTRATION, Partie.USAGER) for e in (True, False)]
        if len(self.debuts) > 1:
            replays.append(self.rejeu({Partie.ADMINISTRATION, Partie.USAGER}, etablis=True))
        cuts = {b for r in replays for du, au in r.perdus for b in (du, au + 1)}
        cuts |= {x.jours[0][0] for x in self.manquements}
        inner = sorted(b for b in cuts if span[0] < b <= span[1])
        du, before = span[0], self._repondre(span[0])
        for cut in inner:
            answer = self._repondre(cut)
            if answer != before:
                yield (du, cut - 1), before
                du, before = cut, answer
        yield (du, span[1]), before

    def _repondre(self, day: int) -> _Verdict:
        a, u = self._reponse(Partie.ADMINISTRATION, day), self._reponse(Partie.USAGER, day)
        verdict = imputation(a, u, ensemble=self._ensemble(day))
        causes = [each for partie in _parties(verdict, a, u) for each in self.causes(day, partie)]
        return _Verdict(verdict, a, u, tuple(causes))

    # ------------------------------------------------------------------ causes

    def causes(self, day: int, partie: Partie) -> list[tuple[Exigence, bool]]:
        """The breaches of ``partie`` that each suffice; failing that, one minimal set that does (NESS)."""
        owed = [x for x in self.manquements if x.debiteur is partie and x.jours[0][0] <= day]
        if len(owed) == 1:
            return [(owed[0], True)]
        alone = [x for x in owed if self._couvre(day, self.rejeu({partie}, cles={x.cle}))]
        if alone:
            sure = [x for x in alone if x.statut is not Statut.A_ETABLIR]
            return [(x, True) for x in sure or alone]
        needed = list(owed)
        for x in owed:
            without = [y for y in needed if y is not x]
            if without and self._couvre(day, self.rejeu({partie}, cles={y.cle for y in without})):
                needed = without
        return [(x, False) for x in needed]

    def attribution(self, reponse: Reponse, contestes: Container[UUID] = ()) -> Attribution:
        """The answer with its findings, what opposes them and what is missing, for the days it gives.

        Findings that rest on facts of ``contestes`` are contested.
        """
        du, au, nature, certitude, verdict, a, u, found = reponse
        span = du, au
        sides = _parties(verdict, a, u)
        shown = [x.conteste(contestes) for x, _ in found]
        statut = moins_etabli(*(x.statut for x in shown))
        if certitude is Certitude.INCERTAIN or verdict is Imputation.UNDETERMINED:
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
            chaine=tuple(chaine(self.m, span, nature, verdict, shown)),
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

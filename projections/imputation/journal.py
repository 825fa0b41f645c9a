"""The day ledger: who holds each dossier each day, from its first fact to the day of observation.

A dossier is read with the facts that name it, the card that it renews and, for a first card, the protection that it
follows from. A card that no application renews yet belongs to the dossier to come: the only one that attempts name
without an application, else the one that has no reference. The person's account and what readers did belong to none.

Each civil day is held by exactly one: the first of these that applies.

1. ``DISPUTE``: a breach of the administration and a breach of the person run on the same day; or the only breach that
   runs is one of which a link is only declared, or contested; or the application may or may not have been filed yet,
   its day not being exact. [I]
2. ``ADMINISTRATION``: it is in breach of a duty (the duties and their articles are those of
   :mod:`projections.imputation.exigences`). A ticket that waits does not suspend what the prefect owes. [I]
3. ``USAGER``: she is in breach of a duty: window closed without an application (R.431-5), pieces not produced in time
   (CRPA L.114-5), appointment missed (R.431-2), application not made once told how (R.431-15-3).
4. ``TIERS``: an act of another body is awaited: the asylum authorities while a request for asylum is examined
   (L.541-1), the maker of the card from its order until it is ready (R.431-15-1 al. 4) [I], the support centre and the
   central administration from a ticket sent up until it is solved (arrêté of 1 August 2023) [I]. A ticket takes
   nothing from an administration that examines and waits for nobody. [I]
5. ``USAGER``: the step is hers and she is not late: the window is open and nothing filed (R.431-5), or a request for
   pieces that binds was opened and is not answered (CRPA L.114-5), as long as the file is neither closed nor presumed
   complete. A request that nobody shows her to have opened leaves the dossier where it was. [I, CRPA R.112-17 to
   R.112-20]
6. ``ADMINISTRATION``: it examines a filed application, the day of filing included, until the day on which a refusal
   is notified, the eve of a favourable act, or the eve of a withdrawal. Silence decides nothing here: the examination
   goes on (CE, avis n° 499904); nor does the closing of a file. [I]
7. ``PERSONNE``: nothing is due of anyone: title in hand and window not open; decision taken.

The duties of :mod:`projections.imputation.devoirs` are not read here: a receipt that never came, or a mention that is
missing, does not say in whose hands the dossier was. [I]
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Final

import msgspec

from ledger.entry import Entry
from ledger.events import depot, incident, support, titre
from ledger.events.listes import ResultatCcc
from ledger.events.types import Flux
from projections.couverture.documents import Doc
from projections.couverture.faits import bornes
from projections.couverture.maintien import renouveles
from projections.couverture.modeles import BaseCouverture
from projections.couverture.motifs import jour_fr
from projections.imputation.completude import complements
from projections.imputation.empechements import empechements
from projections.imputation.exigence import Exigence, fenetre, protections, suivie
from projections.imputation.exigences import exigences
from projections.imputation.matiere import Matiere, cartes, instruction_de, jour, lus, matiere, soustraire
from projections.imputation.modeles import Statut
from projections.imputation.tenue import Morceau, Rang, Tenue, memes, qui_tient
from rules import (
    ceseda_l411_1_titres,
    ceseda_l541_1_demande_asile,
    ceseda_r431_2_substitution,
    ceseda_r431_5_fenetre,
    ceseda_r431_15_1_attestation,
    ceseda_r432_1_silence,
    crpa_l114_5_complement,
)
from rules.base import Source

_HORS_DOSSIER: Final = frozenset({Flux.PERSONNE, Flux.ACCES})
_REPONDENT: Final = frozenset({ResultatCcc.RESOLU, ResultatCcc.BLOCAGE_ATTESTE, ResultatCcc.SANS_SOLUTION})
_PROVISOIRES: Final = frozenset({BaseCouverture.API, BaseCouverture.RECEPISSE})


def journal(entries: Sequence[Entry], au: date) -> tuple[Tenue, ...]:
    """Who holds each dossier of one person each day up to ``au``, from the entries that hold, in any order."""
    if not entries:
        return ()
    m = matiere(entries, au)
    return tenir(m, exigences(m))


def tenir(m: Matiere, duties: Sequence[Exigence]) -> tuple[Tenue, ...]:
    """The same for facts that were read already, and their ``duties``."""
    lecture = _Lecture(m, duties)
    return tuple(each for dossier in lecture.dossiers for each in lecture.tenues(dossier))


class _Lecture:
    """The dossiers of one person, and what is read of each."""

    def __init__(self, m: Matiere, duties: Sequence[Exigence]) -> None:
        self.m = m
        self.blocked = empechements(m)
        self.cards = cartes(m)
        self.renewed = {d.entry.event_id: [card for card, _ in renouveles(d, self.cards)] for d in m.trame.demandes}
        self.named = _nommes(m)
        filed = {d.dossier for d in m.trame.demandes}
        tried = {e.fait.objet for e, _ in lus(m, depot.TentativeDepotEchouee)} - filed
        self.a_venir = next(iter(tried)) if len(tried) == 1 else None
        self.duties: dict[str | None, list[Exigence]] = {}
        for x in duties:
            waits = x.code == "depot_dans_la_fenetre" and not x.satisfaite_par
            key = self.a_venir if waits or x.dossier not in self.named else x.dossier
            self.duties.setdefault(key, []).append(x)
        taken = {id(card) for found in self.renewed.values() for card in found}
        self.loose = [card for card in self.cards if id(card) not in taken]
        self.debuts = {dossier: start for dossier, start in self._debuts() if start <= m.au}
        self.dossiers = sorted(self.debuts, key=lambda each: (each is None, each or ""))

    def _debuts(self) -> Iterator[tuple[str | None, int]]:
        """The day of the first fact of each dossier."""
        known = [(e.fait.survenu.jours.premier.toordinal(), bornes(v.reconnue_le)[0]) for e, v in protections(self.m)]
        for dossier in {*self.named, *self.duties, *([self.a_venir] if self.loose else [])}:
            days = [self.named[dossier]] if dossier in self.named else []
            days += [_premier(card) for card in self._cartes(dossier)]
            filed = [d for d in self.m.trame.demandes if d.dossier == dossier]
            days += [d.le[0] for d in filed]
            if dossier in self.duties and not self._cartes(dossier):
                days += [told for told, since in known if not filed or since <= max(d.le[1] for d in filed)]
            if days:
                yield dossier, min(days)

    def _cartes(self, dossier: str | None) -> list[Doc]:
        """The cards that the dossier renews, or is to renew."""
        found = [card for d in self.m.trame.demandes if d.dossier == dossier for card in self.renewed[d.entry.event_id]]
        return [*found, *(self.loose if dossier == self.a_venir else [])]

    def tenues(self, dossier: str | None) -> Iterator[Tenue]:
        """The days of one dossier: one holder each, from its first fact to the observation."""
        start = self.debuts[dossier]
        pieces = [each for each in self._pieces(dossier) if each.du <= each.au and each.au >= start]
        cuts = {start, self.m.au + 1}
        cuts |= {b for each in pieces for b in (each.du, each.au + 1) if start < b <= self.m.au}
        before: Tenue | None = None
        days = sorted(cuts)
        for du, avant in pairwise(days):
            held = qui_tient([each for each in pieces if each.du <= du <= each.au])
            found = Tenue(
                dossier=dossier,
                du=date.fromordinal(du),
                avant=date.fromordinal(avant),
                tenu_par=held[0],
                motif=held[1],
                articles=held[2],
                entries=held[3],
            )
            if before is not None and memes(before, found):
                before = msgspec.structs.replace(before, avant=found.avant)
                continue
            if before is not None:
                yield before
            before = found
        if before is not None:
            yield before

    # ------------------------------------------------------------------ what is read of one dossier

    def _pieces(self, dossier: str | None) -> Iterator[Morceau]:
        examined = list(self._instruction(dossier))
        hers = [*self._fenetre(dossier), *self._demandes_de_pieces(dossier, examined)]
        yield from examined
        yield from hers
        yield from self._manquements(dossier)
        yield from self._decisions(dossier)
        yield from self._titres(dossier)
        yield from self._asile(dossier)
        yield from self._fabrication(dossier)
        alone = soustraire([(e.du, e.au) for e in examined], [(e.du, e.au) for e in hers])
        for each in self._tickets(dossier):
            for du, au in soustraire([(each.du, each.au)], alone):
                yield each._replace(du=du, au=au)

    def _instruction(self, dossier: str | None) -> Iterator[Morceau]:
        source = (ceseda_r432_1_silence.SOURCE, ceseda_r432_1_silence.AVIS_499904)
        mine = [d for d in self.m.trame.demandes if d.dossier == dossier]
        for d in mine:
            fin = instruction_de(self.m, dossier, d.le[0]).fin
            end = self.m.au if fin is None else min(fin, self.m.au)
            motif = f"L'administration examine la demande déposée le {jour_fr(d.le[1])}."
            yield _piece(d.le[1], end, Rang.INSTRUCTION, motif, source, [d.entry])
            if d.le[0] < d.le[1]:
                doubt = f"La demande a été déposée entre le {jour_fr(d.le[0])} et le {jour_fr(d.le[1])}."
                yield _piece(d.le[0], d.le[1] - 1, Rang.DATE_INEXACTE, doubt, source, [d.entry])
        docs = [doc for doc in self.m.trame.docs if doc.base in _PROVISOIRES and doc.dossier == dossier]
        if docs and not mine:
            first = min(docs, key=lambda doc: (doc.droit, doc.entries[0].event_id.int))
            fin = instruction_de(self.m, dossier, first.droit[1] + 1).fin
            end = self.m.au if fin is None else min(fin, self.m.au)
            motif = f"L'administration a délivré, le {jour_fr(first.droit[1])}, un document qui suppose une demande."
            yield _piece(first.droit[1], end, Rang.INSTRUCTION, motif, source, first.entries)

    def _fenetre(self, dossier: str | None) -> Iterator[Morceau]:
        filed = [d for d in self.m.trame.demandes if d.dossier == dossier]
        for card in self._cartes(dossier):
            mine = [d for d in filed if any(each is card for each in self.renewed[d.entry.event_id])]
            window = fenetre(self.m, card, mine[0] if mine else None, self.blocked)
            if window is None or card.retire or suivie(self.m, card):
                continue
            until = mine[0].le[0] - 1 if mine else self.m.au
            motif = f"La fenêtre de dépôt est ouverte depuis le {jour_fr(window[0])} : la demande est à déposer."
            yield _piece(window[0], until, Rang.USAGER, motif, ceseda_r431_5_fenetre.SOURCES, card.entries)

    def _demandes_de_pieces(self, dossier: str | None, examined: Sequence[Morceau]) -> Iterator[Morceau]:
        for each in complements(self.m):
            if each.entry.fait.objet != dossier or each.ouvert is None:
                continue
            opened: Any = each.ouvert.fait.evenement
            read = jour(opened.ouvert_le, each.ouvert)
            until = self.m.au if each.repondu is None else each.repondu - 1
            motif = f"Des pièces sont demandées, et la demande a été ouverte le {jour_fr(read)}."
            for du, au in soustraire(_pendant([(read, until)], examined), each.clos):
                yield _piece(du, au, Rang.USAGER, motif, (crpa_l114_5_complement.SOURCE,), [each.entry, each.ouvert])

    def _manquements(self, dossier: str | None) -> Iterator[Morceau]:
        for x in self.duties.get(dossier, ()):
            found = [*x.prerequis, *([x.manquement] if x.manquement else [])]
            for du, au in x.jours:
                yield Morceau(
                    du,
                    au,
                    Rang.MANQUEMENT,
                    f"Non fait par {x.debiteur.nom_fr} : {x.texte[0].lower()}{x.texte[1:]}.",
                    tuple(each.citation for each in x.sources),
                    tuple(dict.fromkeys(each for link in found for each in link.entries)),
                    x.debiteur,
                    x.statut in {Statut.ETABLI, Statut.PROBABLE},
                )

    def _decisions(self, dossier: str | None) -> Iterator[Morceau]:
        for d in self.m.trame.demandes:
            if d.dossier == dossier:
                done = instruction_de(self.m, dossier, d.le[0])
                if done.fin is not None and done.entry is not None:
                    motif = f"L'instruction a pris fin le {jour_fr(done.fin)} : rien n'est plus dû dans ce dossier."
                    source = (ceseda_r432_1_silence.SOURCE,)
                    yield _piece(done.fin + 1, self.m.au, Rang.DECISION, motif, source, [done.entry])

    def _titres(self, dossier: str | None) -> Iterator[Morceau]:
        for card in self._cartes(dossier):
            first, last = card.droit[0], min(card.droit[3], self.m.au)
            motif = f"Un titre est détenu jusqu'au {jour_fr(card.droit[3])} ; la demande suivante n'est pas encore due."
            yield _piece(first, last, Rang.TITRE, motif, (ceseda_l411_1_titres.SOURCE,), card.entries)

    def _asile(self, dossier: str | None) -> Iterator[Morceau]:
        known = min((bornes(v.reconnue_le)[0] for _, v in protections(self.m)), default=None)
        if self._cartes(dossier):
            return
        for entry, event in lus(self.m, titre.AttestationDemandeAsileDelivree):
            last = min(bornes(event.valide_au)[1], self.m.au)
            motif = "La demande d'asile est examinée par l'OFPRA ou la CNDA."
            until = last if known is None else min(last, known - 1)
            source = (ceseda_l541_1_demande_asile.SOURCE,)
            yield _piece(bornes(event.valide_du)[0], until, Rang.TIERS, motif, source, [entry])

    def _fabrication(self, dossier: str | None) -> Iterator[Morceau]:
        ready = [(jour(v.prete_le, e), e.fait.objet, v.dossier) for e, v in lus(self.m, titre.CartePrete)]
        handed = [(d.preuve[0], d.reference, d.dossier) for d in self.cards if d.preuve is not None]
        for entry, event in lus(self.m, titre.FabricationCarteCommandee):
            about = {entry.fait.objet, event.dossier} - {None}
            if dossier is None or dossier not in about:
                continue
            ordered = jour(event.commandee_le, entry)
            ends = [day for day, *names in [*ready, *handed] if about & set(names) and day >= ordered]
            motif = f"La carte, commandée le {jour_fr(ordered)}, n'est pas encore prête."
            until = min(ends, default=self.m.au + 1) - 1
            source = (ceseda_r431_15_1_attestation.DECISION_FAVORABLE,)
            yield _piece(ordered, min(until, self.m.au), Rang.TIERS, motif, source, [entry])

    def _tickets(self, dossier: str | None) -> Iterator[Morceau]:
        links = _liens(self.m)
        alone = len(self.dossiers) == 1
        sent = [(jour(v.transmis_le, e), e, v) for e, v in lus(self.m, support.SignalementTransmisDgef)]
        sent += [
            (jour(v.repondu_le, e), e, v)
            for e, v in lus(self.m, support.CccRepondu)
            if v.resultat is ResultatCcc.TRANSMIS_DGEF
        ]
        ends = list(_fins_de_ticket(self.m))
        for day, entry, event in sent:
            named = {*links.get(entry.fait.objet, ()), event.lire_champ("dossier")} - {None}
            if dossier not in named and not (alone and not named):
                continue
            keys = {entry.fait.objet, event.ticket} - {None}
            over = min((end for end, about in ends if about & keys and end >= day), default=self.m.au + 1)
            motif = f"Le signalement transmis le {jour_fr(day)} à l'administration centrale n'est pas résolu."
            source = (ceseda_r431_2_substitution.ARRETE,)
            yield _piece(day, min(over - 1, self.m.au), Rang.TICKET, motif, source, [entry])


def _piece(du: int, au: int, rang: Rang, motif: str, sources: Iterable[Source], entries: Iterable[Entry]) -> Morceau:
    return Morceau(du, au, rang, motif, tuple(s.citation for s in sources), tuple(e.event_id for e in entries))


def _pendant(days: Sequence[tuple[int, int]], examined: Sequence[Morceau]) -> list[tuple[int, int]]:
    """These days, as far as the application is examined on them."""
    return soustraire(list(days), soustraire(list(days), [(e.du, e.au) for e in examined]))


def _premier(card: Doc) -> int:
    return min(entry.fait.survenu.jours.premier.toordinal() for entry in card.entries)


def _nommes(m: Matiere) -> dict[str | None, int]:
    """Her dossiers, each with the day of the first fact that names it.

    An incident that is nobody's names other people's dossiers too: those that no fact of hers names are not hers.
    """
    found: dict[str | None, int] = {}
    for entry in sorted(m.entries, key=lambda each: each.fait.personne is None):
        event = entry.fait.evenement
        if event.flux in _HORS_DOSSIER:
            continue
        names = {event.lire_champ("dossier"), *(event.lire_champ("dossiers") or ())} - {None}
        if event.flux is Flux.DOSSIER:
            names.add(entry.fait.objet)
        day = entry.fait.survenu.jours.premier.toordinal()
        for name in names if entry.fait.personne is not None else names & found.keys():
            found[name] = min(day, found.get(name, day))
    return found


def _liens(m: Matiere) -> dict[str | None, set[str]]:
    """The dossiers that each incident touched."""
    found: dict[str | None, set[str]] = {}
    for entry in m.entries:
        event = entry.fait.evenement
        if event.flux is Flux.INCIDENT:
            names = {event.lire_champ("dossier"), *(event.lire_champ("dossiers") or ())} - {None}
            found.setdefault(entry.fait.objet, set()).update(names)
        elif event.flux is Flux.DOSSIER and entry.fait.objet is not None and event.lire_champ("incident"):
            found.setdefault(event.lire_champ("incident"), set()).add(entry.fait.objet)
    return found


def _fins_de_ticket(m: Matiere) -> Iterator[tuple[int, set[str | None]]]:
    """The days on which what was awaited of the support came: a solution, an answer, a certificate."""
    for entry, solved in lus(m, incident.IncidentResolu):
        yield jour(solved.resolu_le, entry), {entry.fait.objet}
    for entry, answer in lus(m, support.CccRepondu):
        if answer.resultat in _REPONDENT:
            yield jour(answer.repondu_le, entry), {entry.fait.objet, answer.ticket}
    for entry, shown in lus(m, support.BlocageAtteste):
        yield jour(shown.atteste_le, entry), {entry.fait.objet, shown.ticket}

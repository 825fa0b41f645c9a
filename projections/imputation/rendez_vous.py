"""Appointments, to file or to be handed a document: who was there, whether the day given was of any use."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from ledger.entry import Entry
from ledger.events import instruction, support
from ledger.events.listes import ObjetRendezVous, PartieAbsente, ResultatRendezVous
from projections.couverture.documents import Doc
from projections.couverture.faits import bornes, bornes_ou
from projections.couverture.lacunes import Intervalles
from projections.couverture.modeles import BaseCouverture
from projections.couverture.motifs import jour_fr
from projections.imputation import editions
from projections.imputation.empechements import Empechement
from projections.imputation.exigence import Exigence, constat, fenetre, recevoir
from projections.imputation.matiere import Matiere, cartes, depots, en_ligne, jour, lus
from projections.imputation.modeles import Partie, Statut, statut_de
from rules import (
    ceseda_r431_2_substitution,
    ceseda_r431_3_guichet,
    ceseda_r431_12_recepisse,
    ceseda_r431_15_1_attestation,
)
from rules.base import Source

_DEPOTS: Final = frozenset({ObjetRendezVous.DEPOT, ObjetRendezVous.SUBSTITUTION})
_REMISES: Final[dict[ObjetRendezVous | None, tuple[BaseCouverture, Source]]] = {
    ObjetRendezVous.REMISE_TITRE: (BaseCouverture.TITRE, ceseda_r431_15_1_attestation.DECISION_FAVORABLE),
    ObjetRendezVous.REMISE_PROVISOIRE: (BaseCouverture.RECEPISSE, ceseda_r431_12_recepisse.SOURCE),
}
_NON_RECUES: Final = frozenset({ResultatRendezVous.REFUS_AU_GUICHET, ResultatRendezVous.REPORTE})
_PARTIES: Final = {PartieAbsente.USAGER: Partie.USAGER, PartieAbsente.PREFECTURE: Partie.ADMINISTRATION}


class _Propose(NamedTuple):
    """An appointment that was given."""

    entry: Entry
    propose: int
    prevu: int
    """Its first possible day: no party is charged with a day that another reading spares it."""
    objet: ObjetRendezVous | None


def _proposes(m: Matiere) -> list[_Propose]:
    found = [
        _Propose(e, jour(v.propose_le, e), bornes(v.prevu.jours)[0], v.objet)
        for e, v in lus(m, instruction.RendezVousPropose)
        if v.objet in _DEPOTS
    ]
    for e, v in lus(m, support.SubstitutionProposee):
        if v.prevu is not None:
            found.append(_Propose(e, jour(v.proposee_le, e), bornes(v.prevu.jours)[0], ObjetRendezVous.SUBSTITUTION))
    return found


def _source(objet: ObjetRendezVous | None) -> Source:
    substitution = objet is ObjetRendezVous.SUBSTITUTION
    return ceseda_r431_2_substitution.SOURCE if substitution else ceseda_r431_3_guichet.SOURCE


def rendez_vous(m: Matiere) -> Iterator[Exigence]:
    """An appointment to file: each party is there; who was not holds what follows until the application is received.

    Of an appointment that was given and of which nothing tells whether it took place, the absence is to be established;
    of one that was held without the application being received, so is whose doing it was.
    """
    for entry, event in lus(m, instruction.RendezVousManque):
        if event.objet in _DEPOTS and event.partie_absente in _PARTIES:
            day = bornes_ou(event.prevu_le, entry)[1]
            party = _PARTIES[event.partie_absente]
            text = f"Rendez-vous manqué par {party.nom_fr} le {jour_fr(day)}."
            yield _present(m, entry, day, party, text, event.objet, None)
    for entry, event, day in _sans_suite(m):
        text = f"Au rendez-vous du {jour_fr(day)}, la demande n'a pas été enregistrée ; rien ne dit pourquoi."
        yield _present(m, entry, day, Partie.ADMINISTRATION, text, event.objet, Statut.A_ETABLIR)
    for each in _proposes(m):
        if each.prevu <= m.au and not _suivi(m, each.prevu):
            text = f"Un rendez-vous était donné pour le {jour_fr(each.prevu)} ; rien ne dit s'il a eu lieu."
            yield _present(m, each.entry, each.prevu, Partie.USAGER, text, each.objet, Statut.A_ETABLIR)


def _present(
    m: Matiere, entry: Entry, day: int, party: Partie, texte: str, objet: ObjetRendezVous | None, plafond: Statut | None
) -> Exigence:
    after = [d for d in depots(m) if d.le[0] > day]
    until = after[0].le[0] - 1 if after else m.au
    held = isinstance(entry.fait.evenement, instruction.RendezVousTenu)
    missed = constat("rendez_vous_sans_suite" if held else "rendez_vous_manque", texte, entry, plafond=plafond)
    return Exigence(
        "rendez_vous",
        party,
        entry.fait.objet if objet is ObjetRendezVous.DEPOT else entry.fait.evenement.lire_champ("dossier"),
        f"{'Enregistrer la demande' if held else 'Être présent'} au rendez-vous de dépôt du {jour_fr(day)}",
        (_source(objet),),
        day,
        until,
        (missed,),
        tuple(d.entry for d in after[:1]),
        [(day, until)] if day <= until else [],
        missed,
        recevoir(m, day, after[0] if after else None, entry),
    )


def _sans_suite(m: Matiere) -> Iterator[tuple[Entry, Any, int]]:
    """The appointments to file that were held, and at which the application was refused or put off."""
    for entry, event in lus(m, instruction.RendezVousTenu):
        if event.objet in _DEPOTS and event.resultat in _NON_RECUES:
            yield entry, event, jour(event.tenu_le, entry)


def _suivi(m: Matiere, day: int) -> bool:
    """Whether the ledger tells what came of an appointment of that day: held, missed, or the application received."""
    held = [jour(v.tenu_le, e) for e, v in lus(m, instruction.RendezVousTenu, support.RendezVousSubstitutionTenu)]
    missed = [jour(v.prevu_le, e) for e, v in lus(m, instruction.RendezVousManque)]
    return day in {*held, *missed} or any(d.le[0] <= day <= d.le[1] for d in depots(m))


def rendez_vous_utiles(m: Matiere, blocked: Sequence[Empechement]) -> Iterator[Exigence]:
    """R.431-3: where the desk is the only way, who asked in time is received before the document held runs out [I]."""
    for each in _proposes(m):
        for card in _detenues(m, each.propose):
            after = [d for d in depots(m) if d.le[0] > each.propose]
            window = fenetre(m, card, after[0] if after else None, blocked)
            expires = card.droit[3]
            desk = each.objet is ObjetRendezVous.DEPOT and not en_ligne(card, after[0] if after else None)
            if window is None or not desk or each.propose > window[2] or each.prevu <= expires:
                continue
            until = min([each.prevu - 1, m.au, *(d.le[0] - 1 for d in after)])
            given = constat(
                "rendez_vous_trop_tard",
                f"Le rendez-vous de dépôt, donné le {jour_fr(each.propose)}, était fixé au {jour_fr(each.prevu)}, après"
                f" l'expiration du titre le {jour_fr(expires)}.",
                each.entry,
                *card.entries,
                sources=ceseda_r431_3_guichet.SOURCES,
            )
            yield Exigence(
                "rendez_vous_utile",
                Partie.ADMINISTRATION,
                each.entry.fait.objet,
                f"Recevoir la demande au plus tard le {jour_fr(expires)}",
                ceseda_r431_3_guichet.SOURCES,
                each.propose,
                until,
                (given,),
                tuple(d.entry for d in after[:1]),
                [(expires + 1, until)] if expires < until else [],
                given,
                recevoir(m, expires, after[0] if after else None, each.entry),
            )


def _detenues(m: Matiere, day: int) -> list[Doc]:
    return [d for d in cartes(m) if d.droit[0] <= day <= d.droit[3]]


def attentes(m: Matiere) -> Intervalles:
    """The days on which the person waited for the day given to her, or for another where she is not known to have
    missed it.
    """
    found = [
        (each.propose, each.prevu if _suivi(m, each.prevu) else _avant_depot(m, each.prevu))
        for each in _proposes(m)
        if _vaut(each.entry)
    ]
    found += [(day, _avant_depot(m, day)) for entry, _, day in _sans_suite(m) if _vaut(entry)]
    for entry, event in lus(m, instruction.RendezVousManque):
        if event.objet in _DEPOTS and event.partie_absente is PartieAbsente.PREFECTURE and _vaut(entry):
            day = bornes_ou(event.prevu_le, entry)[1]
            found.append((day, _avant_depot(m, day)))
    return found


def _avant_depot(m: Matiere, day: int) -> int:
    """The eve of the application that followed ``day``, or the day of observation."""
    return min([m.au, *(d.le[0] - 1 for d in depots(m) if d.le[0] > day)])


def _vaut(entry: Entry) -> bool:
    return statut_de(entry.fait.grade) is not Statut.A_ETABLIR


class _Remise(NamedTuple):
    """An appointment to be handed a document, that a party missed."""

    entry: Entry
    partie: Partie
    le: int
    jusqu_au: int
    base: BaseCouverture
    source: Source


def _remises(m: Matiere) -> Iterator[_Remise]:
    for entry, event in lus(m, instruction.RendezVousManque):
        if event.objet in _REMISES and event.partie_absente in _PARTIES:
            day = bornes_ou(event.prevu_le, entry)[1]
            handed = [d.preuve[0] for d in m.trame.docs if d.preuve is not None and d.preuve[0] > day]
            until = min([m.au, *(first - 1 for first in handed)])
            yield _Remise(entry, _PARTIES[event.partie_absente], day, until, *_REMISES[event.objet])


def remises(m: Matiere) -> Iterator[Exigence]:
    """An appointment to be handed a card or a récépissé: each party is there."""
    for each in _remises(m):
        text = f"Rendez-vous de remise manqué par {each.partie.nom_fr} le {jour_fr(each.le)}."
        missed = constat("remise_manquee", text, each.entry)
        yield Exigence(
            "remise",
            each.partie,
            each.entry.fait.objet,
            f"Être présent au rendez-vous de remise du {jour_fr(each.le)}",
            (each.source,),
            each.le,
            each.jusqu_au,
            (missed,),
            (),
            [(each.le, each.jusqu_au)] if each.le <= each.jusqu_au else [],
            missed,
            _remettre(m, each),
        )


def _remettre(m: Matiere, missed: _Remise) -> Any:
    return lambda days: editions.document(m, missed.base, missed.entry.fait.objet, days)


def remises_refusees(m: Matiere, dossier: str | None) -> Intervalles:
    """The days after a provisional document was held out to the person, who did not come for it."""
    return [
        (each.le, each.jusqu_au)
        for each in _remises(m)
        if each.partie is Partie.USAGER
        and each.base is BaseCouverture.RECEPISSE
        and each.entry.fait.objet == dossier
        and _vaut(each.entry)
    ]

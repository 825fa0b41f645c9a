"""What a request for pieces is to say, to let read, and not to ask for (CRPA L.114-5, R.112-11-4, L.111-2, L.113-12).

A request that does not say it, or that cannot be read, starts no time limit against the person: that is what
:mod:`projections.imputation.complements` reads. What it lacks lasts until it is answered or the application decided.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from ledger.entry import Entry
from ledger.events import depot, instruction, personne
from ledger.events.listes import ModeNotification
from projections.couverture.faits import Lu
from projections.couverture.motifs import jour_fr
from projections.imputation.completude import suites
from projections.imputation.devoir import dernier_jour, dire, fin_de_demande, forme, premier_jour
from projections.imputation.matiere import Matiere, lus
from projections.imputation.modeles import Constat, Obligation
from rules import (
    crpa_l111_2_interlocuteur,
    crpa_l112_8_saisine,
    crpa_l112_15_notification,
    crpa_l113_12_une_seule_fois,
    crpa_l114_5_complement,
)

_ELECTRONIQUES: Final = frozenset({
    None, ModeNotification.TELESERVICE, ModeNotification.COURRIEL, ModeNotification.LETTRE_RECOMMANDEE_ELECTRONIQUE
})  # fmt: skip
_SANS_DELAI: Final = frozenset({"complement_sans_piece", "piece_sans_texte", "complement_sans_delai"})


class _Demande(NamedTuple):
    """A request for pieces, with its day and the last one on which what it lacks still counts."""

    entry: Entry
    evenement: instruction.ComplementDemande
    jour: int
    fin: int | None
    suites: Sequence[Lu]


def demandes_de_pieces(m: Matiere) -> Iterator[Obligation]:
    """What each request for pieces was to be."""
    for entry, event in lus(m, instruction.ComplementDemande):
        about = list(suites(m, entry, event))
        asked = _Demande(entry, event, dernier_jour(entry, "demande_le"), _fin(m, entry, about), about)
        yield from _contenu(m, asked)
        yield from _auteur(m, asked)
        yield from _lisible(m, asked)
        yield from _une_seule_fois(m, asked)


def _fin(m: Matiere, asked: Entry, about: Sequence[Lu]) -> int | None:
    """The eve of the answer, or the end of the examination."""
    days = [premier_jour(e, "repondu_le") - 1 for e, v in about if isinstance(v, instruction.ComplementRepondu)]
    filed = [d for d in m.trame.demandes if d.dossier == asked.fait.objet]
    days += [end for d in filed[-1:] if (end := fin_de_demande(m, d)) is not None]
    return min(days, default=None)


def _contenu(m: Matiere, asked: _Demande) -> Iterator[Obligation]:
    """L.114-5, R.112-11-4: it names pieces required by a text, sets a time limit, and says its effect."""
    entry, event = asked.entry, asked.evenement
    found = list(
        crpa_l114_5_complement.manquements(
            event.pieces, echeance=event.echeance is not None, mention=event.mention_l114_5
        )
    )
    unsaid = {"complement_sans_effet"} if event.mention_l114_5 is None else set()
    none = "Telle quelle, la demande ne fait courir aucun délai contre la personne."
    rule = (crpa_l114_5_complement.SOURCE, crpa_l114_5_complement.ELECTRONIQUE)
    yield from forme(
        m,
        "demande_de_pieces",
        f"Dire dans la demande du {jour_fr(asked.jour)} les pièces, leur texte, le délai et son effet",
        sources=rule,
        entry=entry,
        jour=asked.jour,
        manque=[dire(code, text, entry, sources=(s,)) for code, s, text in found if code not in unsaid],
        inconnu=[dire(code, text, entry, sources=(s,), sur=False) for code, s, text in found if code in unsaid],
        constats=[
            dire("delai_non_couru", none, entry, sources=rule[:1])
            for _ in range(bool(_SANS_DELAI & {code for code, _, _ in found}))
        ],
        fin=asked.fin,
    )


def _auteur(m: Matiere, asked: _Demande) -> Iterator[Obligation]:
    """L.111-2: the capacity of who asks is on the letter; a source that does not tell it shows nothing."""
    named = asked.evenement.auteur_qualite or asked.entry.fait.acteur.qualite
    rule = (crpa_l111_2_interlocuteur.SOURCE,)
    unsaid = dire("auteur_inconnu", "Rien ne dit la qualité de l'auteur.", asked.entry, sources=rule, sur=False)
    yield from forme(
        m,
        "auteur_de_la_demande",
        f"Dire qui demande les pièces le {jour_fr(asked.jour)}, et en quelle qualité",
        sources=rule,
        entry=asked.entry,
        jour=asked.jour,
        manque=(),
        inconnu=() if named else (unsaid,),
        fin=asked.fin,
    )


def _lisible(m: Matiere, asked: _Demande) -> Iterator[Obligation]:
    """A request that cannot be read is not made known: no time limit begins before it can [I, from R.112-17 to -20]."""
    rule, day = (crpa_l112_15_notification.DATE,), asked.jour
    read = min(
        (premier_jour(e, "ouvert_le") for e, v in asked.suites if isinstance(v, instruction.ComplementOuvert)),
        default=None,
    )
    hidden = [e for e, v in asked.suites if isinstance(v, instruction.ComplementMisADisposition) and v.lisible is False]
    text = f"La demande de pièces du {jour_fr(day)} ne pouvait pas être lue : son délai n'a pas couru."
    unread = "Rien ne montre que la demande de pièces ait été lue : son délai n'a pas couru."
    silent = not hidden and read is None
    ends = [each for each in (asked.fin, None if read is None else read - 1) if each is not None]
    yield from forme(
        m,
        "demande_lisible",
        f"Mettre la demande de pièces du {jour_fr(day)} à même d'être lue",
        sources=rule,
        entry=asked.entry,
        jour=day,
        manque=[dire("demande_illisible", text, e, sources=rule) for e in hidden if read is None or read > day],
        inconnu=[dire("lecture_non_etablie", unread, asked.entry, sources=rule, sur=False)] if silent else [],
        prerequis=(dire("pieces_demandees", f"Des pièces ont été demandées le {jour_fr(day)}.", asked.entry),),
        constats=_reputee(m, asked) if silent else (),
        fin=min(ends, default=None),
    )


def _reputee(m: Matiere, asked: _Demande) -> Iterator[Constat]:
    """R.112-20: with an express consent, what is not opened within fifteen days counts as notified when available."""
    given = [premier_jour(e) for e, _ in lus(m, personne.ConsentementNotificationElectroniqueDonne)]
    taken = lus(m, personne.ConsentementNotificationElectroniqueRetire)
    available = [
        (dernier_jour(e, "mis_a_disposition_le"), e)
        for e, v in asked.suites
        if isinstance(v, instruction.ComplementMisADisposition)
    ]
    for day, message in available[:1]:
        deemed = crpa_l112_15_notification.notifiee_le(date.fromordinal(day), None, date.fromordinal(m.au))
        consented = not taken and any(each <= day for each in given)
        if deemed is not None and consented and asked.evenement.mode in _ELECTRONIQUES:
            yield dire(
                "notification_reputee",
                f"Autre lecture : avec un consentement exprès, la demande est réputée notifiée le {jour_fr(day)}.",
                asked.entry,
                message,
                sources=(crpa_l112_15_notification.DATE,),
                sur=False,
            )


def _une_seule_fois(m: Matiere, asked: _Demande) -> Iterator[Obligation]:
    """L.113-12, L.112-8: what was sent to the dossier is not asked for again, when the facts show it.

    Two pieces of one name may still be two: it is told, never established. [I]
    """
    rule = (crpa_l113_12_une_seule_fois.SOURCE, crpa_l112_8_saisine.SOURCE)
    held = list(_envoyees(m, asked.entry, premier_jour(asked.entry, "demande_le")))
    shown = []
    for piece in asked.evenement.pieces:
        first = next((e for e, name in held if crpa_l113_12_une_seule_fois.meme_piece(name, piece.nom)), None)
        if first is not None:
            text = f"« {piece.nom[:100]} » a été envoyé avant d'être demandé le {jour_fr(asked.jour)}."
            shown.append(dire("piece_deja_detenue", text, first, asked.entry, sources=rule[:1], sur=False))
    if shown:
        yield from forme(
            m,
            "une_seule_fois",
            f"Ne pas réclamer, le {jour_fr(asked.jour)}, une pièce déjà détenue",
            sources=rule,
            entry=asked.entry,
            jour=asked.jour,
            manque=shown,
            fin=asked.fin,
        )


def _envoyees(m: Matiere, asked: Entry, day: int) -> Iterator[tuple[Entry, str]]:
    """The pieces of the dossier that were sent before ``day``, with their names."""
    for entry, event in lus(m, depot.PieceVersee, instruction.ComplementRepondu, depot.DemandeDeposee):
        if entry.fait.objet == asked.fait.objet and entry.fait.survenu.jours.dernier.toordinal() < day:
            named = [event.piece] if isinstance(event, depot.PieceVersee) else []
            declared = event.lire_champ("pieces") or event.lire_champ("pieces_declarees") or ()
            for name in [*named, *(each.nom for each in declared)]:
                yield entry, name

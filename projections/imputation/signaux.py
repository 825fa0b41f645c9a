"""What an agent has to see today: dues, ends that come near, what nobody answered (one line each, between two days).

A signal is on from ``du`` to ``au``, both included; ``echeance`` is the day that counts down, when there is one. Seen
from the last day of the calendar, so that a day only has to be compared.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from ledger.events import depot, personne, support
from ledger.events.base import Event
from projections.couverture.documents import SANS_FIN
from projections.couverture.effets import effets
from projections.couverture.modeles import BaseCouverture, StatutRefus
from projections.couverture.silence import refus_implicites
from projections.imputation.completude import complements
from projections.imputation.empechements import empechements
from projections.imputation.exigence import Exigence
from projections.imputation.matiere import Matiere, depots, instruction_de, jour, lus
from projections.imputation.modeles import Partie
from rules import crpa_r112_11_2_accuses


class Signal(NamedTuple):
    """One line of what is to be seen."""

    code: str
    dossier: str | None
    du: int
    au: int
    echeance: int | None
    reference: str | None


LIBELLES: Final[Mapping[str, str]] = {
    "document_du": "document provisoire dû et non remis",
    "carte_protege": "carte du protégé non remise dans le délai légal",
    "titre_expire": "fin de validité du titre",
    "provisoire_expire": "fin de validité du document provisoire",
    "maintien_expire": "fin des trois mois de maintien",
    "refus_implicite": "naissance du refus implicite",
    "complement_jamais_ouvert": "demande de pièces jamais ouverte",
    "piece_sans_accuse": "pièce versée sans accusé d'enregistrement",
    "tentatives_sans_dossier": "tentatives échouées, aucune demande",
    "substitution_en_attente": "demande de déposer autrement en attente",
    "effet": "perte déclarée chez un tiers",
    "vulnerable": "vulnérabilité signalée",
}
"""Each signal, as a person reads it."""
_FINS: Final = {
    BaseCouverture.TITRE: "titre_expire",
    BaseCouverture.API: "provisoire_expire",
    BaseCouverture.RECEPISSE: "provisoire_expire",
    BaseCouverture.ADF: "provisoire_expire",
    BaseCouverture.L433_3: "maintien_expire",
}
LUS: Final[tuple[type[Event], ...]] = (
    depot.ReceptionPieceAccusee,
    depot.AccuseEnregistrementDelivre,
    personne.VulnerabiliteSignalee,
)
"""The types of facts that signals read beside those of attribution."""


def signaux(m: Matiere, duties: Sequence[Exigence]) -> Iterator[Signal]:
    """Every signal of one person, past ones included."""
    for x in duties:
        if x.debiteur is Partie.ADMINISTRATION and x.jours and x.conduite[1] == "document":
            yield Signal("document_du", x.dossier, x.jours[0][0], x.jours[-1][1], None, x.code)
        elif x.code == "carte_protege" and x.jours:
            yield Signal("carte_protege", x.dossier, x.jours[0][0], x.jours[-1][1], None, None)
    for read in _LECTURES:
        yield from read(m)


def _fins(m: Matiere) -> Iterator[Signal]:
    """The last day of each document that no other one follows."""
    for doc in m.trame.docs:
        code, end = _FINS.get(doc.base), doc.droit[2]
        followed = any(d is not doc and d.droit[1] <= end + 1 <= d.droit[2] for d in m.trame.docs)
        if code is not None and end < SANS_FIN and not followed:
            yield Signal(code, doc.dossier, doc.droit[0], end, end, doc.reference)


def _silences(m: Matiere) -> Iterator[Signal]:
    for each in refus_implicites(m.trame.faits, m.trame.demandes, m.trame.docs, m.au):
        if each.statut not in {StatutRefus.PREVENU, StatutRefus.EFFACE}:
            born = each.ne_le.toordinal()
            filed = min((d.le[0] for d in depots(m) if d.dossier == each.dossier), default=born)
            yield Signal("refus_implicite", each.dossier, filed, born, born, each.base)


def _complements(m: Matiere) -> Iterator[Signal]:
    for each in complements(m):
        if each.ouvert is None:
            asked, dossier = jour(each.evenement.demande_le, each.entry), each.entry.fait.objet
            ends = [m.au, *([each.repondu - 1] if each.repondu is not None else [])]
            decided = instruction_de(m, dossier, asked).fin
            ends += [] if decided is None else [decided]
            if asked <= min(ends):
                yield Signal("complement_jamais_ouvert", dossier, asked, min(ends), each.echeance, None)


def _pieces(m: Matiere) -> Iterator[Signal]:
    """A document sent and not acknowledged: the registration receipt is due within one working day."""
    acked = [
        (e.fait.objet, v.lire_champ("sha256"), v.lire_champ("piece"), e.fait.survenu.jours.dernier.toordinal())
        for e, v in lus(m, depot.ReceptionPieceAccusee, depot.AccuseEnregistrementDelivre)
    ]
    for entry, event in lus(m, depot.PieceVersee):
        sent, dossier = entry.fait.survenu.jours.dernier.toordinal(), entry.fait.objet
        due = crpa_r112_11_2_accuses.accuse_enregistrement_du_le(date.fromordinal(sent)).toordinal()
        answered = [
            day
            for objet, digest, piece, day in acked
            if objet == dossier
            and day >= sent
            and (digest is None or event.sha256 is None or digest == event.sha256)
            and (piece is None or piece == event.piece)
        ]
        until = min([m.au, *(day - 1 for day in answered)])
        decided = instruction_de(m, dossier, sent).fin
        until = until if decided is None else min(until, decided)
        if due < until:
            yield Signal("piece_sans_accuse", dossier, due + 1, until, None, event.piece)


def _tentatives(m: Matiere) -> Iterator[Signal]:
    for each in empechements(m):
        until = m.au if each.suite is None else each.suite.le[0] - 1
        if each.du <= until:
            yield Signal("tentatives_sans_dossier", each.dossier, each.du, until, None, None)


def _substitutions(m: Matiere) -> Iterator[Signal]:
    for entry, event in lus(m, support.SubstitutionDemandee):
        asked = jour(event.recue_le or event.demandee_le, entry)
        ends = [d.le[0] - 1 for d in depots(m) if d.le[0] >= asked]
        ends += [
            jour(v.refusee_le, e) for e, v in lus(m, support.SubstitutionRefusee) if jour(v.refusee_le, e) >= asked
        ]
        until = min([m.au, *ends])
        if asked <= until:
            yield Signal("substitution_en_attente", event.dossier, asked, until, None, None)


def _effets(m: Matiere) -> Iterator[Signal]:
    for each in effets(m.trame.faits):
        end = m.au if each.au is None else each.au.toordinal()
        yield Signal("effet", None, each.du.toordinal(), end, None, each.nature)


def _vulnerables(m: Matiere) -> Iterator[Signal]:
    for entry, event in lus(m, personne.VulnerabiliteSignalee):
        if event.consentement:
            yield Signal("vulnerable", None, entry.fait.survenu.jours.dernier.toordinal(), m.au, None, None)


_LECTURES: Final[tuple[Callable[[Matiere], Iterator[Signal]], ...]] = (
    _fins,
    _silences,
    _complements,
    _pieces,
    _tentatives,
    _substitutions,
    _effets,
    _vulnerables,
)

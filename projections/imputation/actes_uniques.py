"""The acts that happen once, and what each fact says of them: a day, or an answer.

[I] Two facts tell of one act when they give it the same reference: one dossier, one request for pieces, one document by
its number, by its stream and one of its bounds, or by its dossier and both of its bounds. Two numbers that differ are
two acts. What may be done twice (an attempt, an outage, a ticket, a message) is never one act here; nor is a decision
of a dossier or of a title in which one was annulled or withdrawn, since another may have followed.
"""

from collections.abc import Callable, Hashable, Iterator
from typing import Any, Final, NamedTuple

from ledger.days import Jours
from ledger.entry import Entry
from ledger.events import decision, depot, incident, instruction, personne, provisoire, titre
from ledger.events.base import Event
from ledger.events.listes import PartieAbsente
from projections import francais

_OBJET: Final = "objet"

_DEPOT: Final = "l'accusé d'enregistrement ou l'accusé de réception de la demande"
_REMISE: Final = "le journal ou le reçu de la remise"
_DOCUMENT: Final = "le document lui-même"
_DECISION: Final = "la décision et la preuve de sa notification"
_MESSAGE: Final = "le journal de la messagerie"
_CONVOCATION: Final = "la feuille de présence du service, ou une attestation de tiers"


class Acte(NamedTuple):
    """An act that happens once, as one type of fact tells of it."""

    quoi: str
    """The act, in French; facts of two types that name the same one tell of the same act."""
    lire: Callable[[Any], object]
    """What the fact says of it; ``None`` when it says nothing."""
    references: tuple[tuple[str, ...], ...]
    """Each set of fields that tells this act from any other of its kind; ``objet`` is the envelope's."""
    tranche: str
    """What would decide, in French."""
    instant: bool = False
    """Whether the moment of the fact is the day of the act when the payload gives none."""


def _document(nom: str, remise: str) -> tuple[Acte, ...]:
    numero, debut, fin = ("numero",), (_OBJET, "valide_du"), (_OBJET, "valide_au")
    periode = ("dossier", "valide_du", "valide_au")
    given = "mise à disposition" if remise == "mise_a_disposition_le" else "remise"
    return (
        Acte(f"{given} {nom}", lambda v: v.lire_champ(remise), (numero, debut, periode), _REMISE),
        Acte(f"premier jour de validité {nom}", lambda v: v.valide_du, (numero, fin), _DOCUMENT),
        Acte(f"dernier jour de validité {nom}", lambda v: v.valide_au, (numero, debut), _DOCUMENT),
    )


def _absente(event: instruction.RendezVousManque) -> PartieAbsente | None:
    return None if event.partie_absente is PartieAbsente.INCONNUE else event.partie_absente


_COMPLEMENT: Final = ((_OBJET, "complement"),)
_RENDEZ_VOUS: Final = ((_OBJET, "rendez_vous"),)
ACTES: Final[dict[type[Event], tuple[Acte, ...]]] = {
    depot.DemandeDeposee: (Acte("dépôt de la demande en ligne", lambda v: v.deposee_le, ((_OBJET,),), _DEPOT),),
    depot.DemandePapierEnregistree: (Acte("réception de la demande", lambda v: v.recue_le, ((_OBJET,),), _DEPOT),),
    instruction.DemandeRetiree: (
        Acte("retrait de la demande", lambda v: v.retiree_le, ((_OBJET,),), "l'acte de retrait", instant=True),
    ),
    instruction.ComplementDemande: (
        Acte("envoi de la demande de pièces", lambda v: v.demande_le, _COMPLEMENT, _MESSAGE, instant=True),
        Acte("délai donné pour répondre", lambda v: v.echeance, _COMPLEMENT, "la demande de pièces elle-même"),
    ),
    instruction.ComplementMisADisposition: (
        Acte("demande de pièces lisible", lambda v: v.lisible, _COMPLEMENT, "le journal technique de la messagerie"),
    ),
    instruction.ComplementOuvert: (
        Acte("ouverture de la demande de pièces", lambda v: v.ouvert_le, _COMPLEMENT, _MESSAGE, instant=True),
    ),
    instruction.ComplementRepondu: (
        Acte(
            "production de toutes les pièces demandées",
            lambda v: v.repondu_le,
            ((_OBJET, "complement", "toutes_les_pieces"),),
            "l'accusé de réception des pièces",
            instant=True,
        ),
    ),
    instruction.RendezVousTenu: (Acte("rendez-vous tenu", lambda _: True, _RENDEZ_VOUS, _CONVOCATION),),
    instruction.RendezVousManque: (
        Acte("rendez-vous tenu", lambda _: False, _RENDEZ_VOUS, _CONVOCATION),
        Acte("partie absente au rendez-vous", _absente, (*_RENDEZ_VOUS, (_OBJET, "prevu_le")), _CONVOCATION),
    ),
    incident.IncidentResolu: (
        Acte("fin de l'incident", lambda v: v.resolu_le, ((_OBJET,),), "le journal de l'incident", instant=True),
    ),
    decision.DecisionFavorablePrise: (Acte("décision favorable", lambda v: v.prise_le, ((_OBJET,),), _DECISION),),
    decision.RefusNotifie: (Acte("notification du refus", lambda v: v.notifie_le, ((_OBJET,),), _DECISION),),
    titre.TitreRetire: (Acte("notification du retrait du titre", lambda v: v.notifie_le, ((_OBJET,),), _DECISION),),
    personne.ProtectionReconnue: (
        Acte("reconnaissance de la protection", lambda v: v.reconnue_le, (("decision",), ("statut",)), _DECISION),
    ),
    titre.TitreRemis: _document("de la carte", "remis_le"),
    titre.AttestationDemandeAsileDelivree: _document("de l'attestation de demande d'asile", "remise_le"),
    provisoire.AttestationProlongationDelivree: _document("de l'attestation de prolongation", "mise_a_disposition_le"),
    provisoire.AttestationProlongationRenouvelee: _document("de l'attestation renouvelée", "mise_a_disposition_le"),
    provisoire.RecepisseDelivre: _document("du récépissé", "remis_le"),
    provisoire.RecepisseRenouvele: _document("du récépissé renouvelé", "remis_le"),
    provisoire.AttestationDecisionFavorableDelivree: _document(
        "de l'attestation de décision favorable", "mise_a_disposition_le"
    ),
}
DECISIONS: Final = frozenset({decision.DecisionFavorablePrise, decision.RefusNotifie, titre.TitreRetire})


class Dire(NamedTuple):
    """What one fact says of one act."""

    entry: Entry
    acte: Acte
    valeur: object

    @property
    def texte(self) -> str:
        """The act and what is said of it, in French."""
        return f"{self.acte.quoi} : {francais.valeur(self.valeur)}"

    def contredit(self, other: "Dire") -> bool:
        """Whether both cannot be true: days that do not meet, or two answers."""
        numbers = {each.entry.fait.evenement.lire_champ("numero") for each in (self, other)} - {None}
        if len(numbers) > 1:
            return False
        one, two = self.valeur, other.valeur
        if isinstance(one, Jours) and isinstance(two, Jours):
            return one.dernier < two.premier or two.dernier < one.premier
        return one != two


def dires(entry: Entry) -> Iterator[tuple[Hashable, Dire]]:
    """What the fact says of acts that happen once, each under every reference it gives."""
    event = entry.fait.evenement
    for acte in ACTES.get(type(event), ()):
        value = acte.lire(event)
        if value is None and acte.instant:
            value = entry.fait.survenu.jours
        for fields in acte.references if value is not None else ():
            named = tuple(entry.fait.objet if each == _OBJET else event.lire_champ(each) for each in fields)
            if all(named):
                yield (acte.quoi, fields, named), Dire(entry, acte, value)

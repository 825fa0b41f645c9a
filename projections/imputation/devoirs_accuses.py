"""The receipts that every sending calls for, and what they say (CESEDA R.431-15-1 al. 1, CRPA L.112-3, L.112-11).

They are owed until the application is decided or withdrawn: what a receipt announces, the decision replaces. [I]
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from ledger.entry import Entry
from ledger.events import depot, instruction
from ledger.events.base import Event
from projections.couverture.faits import Demande
from projections.couverture.modeles import RefusImplicite
from projections.couverture.motifs import jour_fr
from projections.couverture.silence import refus_implicites
from projections.imputation.devoir import (
    EN_LIGNE,
    Fait,
    actes,
    deposee,
    dernier_jour,
    devoir,
    dire,
    fin_de_demande,
    forme,
    premier,
    premier_jour,
)
from projections.imputation.matiere import Matiere, lus, recherche
from projections.imputation.modeles import Constat, Obligation, Statut
from rules import (
    ceseda_r431_15_1_attestation,
    ceseda_r432_1_silence,
    crpa_l112_3_accuse,
    crpa_r112_11_1_mentions,
    crpa_r112_11_2_accuses,
    jours_ouvres,
)
from rules.crpa_l113_12_une_seule_fois import meme_piece
from rules.crpa_l114_5_complement import enumeration
from rules.crpa_r112_11_1_mentions import Mention

CHAMPS: Final = {
    Mention.DATE_RECEPTION: "mention_date_reception",
    Mention.SERVICE: "mention_service",
    Mention.SENS_DU_SILENCE: "mention_sens_du_silence",
    Mention.DATE_DECISION_IMPLICITE: "mention_date_decision_implicite",
    Mention.VOIES_RECOURS: "mention_voies_recours",
}


class _Accuse(NamedTuple):
    """A kind of receipt: its name, its last day, what satisfies it for an application."""

    code: str
    nom: str
    du_le: Callable[[date], date]
    types: tuple[type[Event], ...]


_ENREGISTREMENT: Final = _Accuse(
    "accuse_enregistrement",
    "l'accusé d'enregistrement",
    crpa_r112_11_2_accuses.accuse_enregistrement_du_le,
    (depot.AccuseEnregistrementDelivre, depot.AccuseReceptionDelivre),
)
"""Owed unless the acknowledgement of receipt is instantaneous: that one satisfies it too."""
_RECEPTION: Final = _Accuse(
    "accuse_reception",
    "l'accusé de réception électronique",
    crpa_r112_11_2_accuses.accuse_reception_du_le,
    (depot.AccuseReceptionDelivre,),
)


def attestations_depot(m: Matiere) -> Iterator[Obligation]:
    """R.431-15-1 al. 1: filing online gives a filing certificate at once; it proves no right of stay."""
    for d in _en_ligne(m):
        due = ceseda_r431_15_1_attestation.attestation_depot_due_le(date.fromordinal(d.le[1])).toordinal()
        yield from devoir(
            m,
            "attestation_depot",
            f"Délivrer l'attestation de dépôt, dès le {jour_fr(due)}",
            sources=(ceseda_r431_15_1_attestation.ATTESTATION_DEPOT,),
            dossier=d.dossier,
            du=d.le[1],
            echeance=due,
            acte="l'attestation de dépôt en ligne",
            prerequis=(deposee(d),),
            fait=premier(actes(m, d.dossier, d.le[0], "delivree_le", depot.AttestationDepotDelivree)),
            fin=fin_de_demande(m, d),
            ou=EN_LIGNE,
        )


def accuses_de_demande(m: Matiere) -> Iterator[Obligation]:
    """L.112-11, R.112-11-2: one working day to register an online application, ten to acknowledge its receipt."""
    for d in _en_ligne(m):
        certified = premier(actes(m, d.dossier, d.le[0], "delivree_le", depot.AttestationDepotDelivree))
        for each in (_ENREGISTREMENT, _RECEPTION):
            sent = d.le[1] if each is _ENREGISTREMENT else _saisine_competente(m, d)
            due = each.du_le(date.fromordinal(sent)).toordinal()
            yield from devoir(
                m,
                each.code,
                f"Délivrer {each.nom} au plus tard le {jour_fr(due)}",
                sources=crpa_r112_11_2_accuses.SOURCES,
                dossier=d.dossier,
                du=sent,
                echeance=due,
                acte=each.nom,
                prerequis=(deposee(d),),
                fait=premier(actes(m, d.dossier, d.le[0], "delivre_le", *each.types)),
                fin=fin_de_demande(m, d),
                ou=EN_LIGNE,
                plafond=Statut.A_ETABLIR if each is _ENREGISTREMENT and certified else Statut.ETABLI,
                constats=[
                    *_calendrier(d.evenement.departement, d.entry),
                    *(_vaut_accuse(certified) if each is _ENREGISTREMENT and certified else ()),
                ],
            )


def _vaut_accuse(certified: Fait) -> Iterator[Constat]:
    """Whether the filing certificate is the registration receipt too, the texts do not say."""
    yield dire(
        "attestation_vaut_accuse",
        f"Autre lecture : l'attestation de dépôt du {jour_fr(certified.jour)} vaut accusé d'enregistrement.",
        *certified.entries,
        sources=(ceseda_r431_15_1_attestation.ATTESTATION_DEPOT,),
        sur=False,
    )


def _en_ligne(m: Matiere) -> Iterator[Demande]:
    for d in m.trame.demandes:
        if isinstance(d.evenement, depot.DemandeDeposee):
            yield d


def _saisine_competente(m: Matiere, d: Demande) -> int:
    """The day from which the ten days run: the competent authority's, when the application was sent on to it."""
    sent = [
        dernier_jour(entry, "transmise_le")
        for entry, _ in lus(m, instruction.DemandeTransmise)
        if entry.fait.objet == d.dossier
    ]
    return max([d.le[1], *(day for day in sent if day <= m.au)])


def _calendrier(departement: str | None, entry: Entry) -> Iterator[Constat]:
    if jours_ouvres.calendrier_certain(departement) is False:
        yield dire(
            "calendrier_local",
            "Compté sur les fêtes nationales : un jour férié local peut reporter l'échéance.",
            entry,
            sources=(jours_ouvres.LOCAUX,),
            sur=False,
        )


def accuses_papier(m: Matiere) -> Iterator[Obligation]:
    """L.112-3: an application received on paper is acknowledged; no day was found in the text, so none is breached."""
    for d in m.trame.demandes:
        if isinstance(d.evenement, depot.DemandeDeposee):
            continue
        given = premier(actes(m, d.dossier, d.le[0], "delivre_le", depot.AccuseReceptionDelivre))
        until = fin_de_demande(m, d)
        last = m.au if until is None else max(d.le[1], min(until, m.au))
        yield from devoir(
            m,
            "accuse_reception_papier",
            f"Accuser réception de la demande reçue le {jour_fr(d.le[1])}",
            sources=(crpa_l112_3_accuse.SOURCE,),
            dossier=d.dossier,
            du=d.le[1],
            echeance=None,
            acte="l'accusé de réception",
            prerequis=(deposee(d),),
            fait=given,
            fin=until,
            constats=() if given else (_pas_au_registre(m, d.le[1], last),),
        )


def _pas_au_registre(m: Matiere, du: int, au: int) -> Constat:
    looked, statut = recherche(m, "l'accusé de réception", du, au)
    return Constat(
        code="accuse_absent_du_registre",
        texte="Aucun accusé de réception n'est au registre ; le texte relevé ne fixe pas de jour.",
        articles=(crpa_l112_3_accuse.SOURCE.citation,),
        recherche=looked,
        statut=statut,
    )


def mentions(m: Matiere) -> Iterator[Obligation]:
    """R.112-11-1, R.112-5: what the receipt of an application says, each mention that is missing being a finding."""
    births = refus_implicites(m.trame.faits, m.trame.demandes, m.trame.docs, m.au)
    for entry, event in lus(m, depot.AccuseReceptionDelivre):
        filed = [d for d in m.trame.demandes if d.dossier == entry.fait.objet]
        paper = bool(filed) and not isinstance(filed[-1].evenement, depot.DemandeDeposee)
        source = crpa_l112_3_accuse.MENTIONS if paper else crpa_r112_11_1_mentions.SOURCE
        said = {mention: getattr(event, champ) for mention, champ in CHAMPS.items()}
        without = crpa_r112_11_1_mentions.manquantes(said)
        day = dernier_jour(entry, "delivre_le")
        # Another receipt, or the decision, puts an end to what this one leaves unsaid.
        ends = [premier_jour(e, "delivre_le") - 1 for e, _ in lus(m, depot.AccuseReceptionDelivre)
                if e.fait.objet == entry.fait.objet and premier_jour(e, "delivre_le") > day]  # fmt: skip
        ends += [end for d in filed[-1:] if (end := fin_de_demande(m, d)) is not None]
        yield from forme(
            m,
            "mentions_accuse",
            f"Porter ses mentions sur l'accusé du {jour_fr(day)}",
            sources=(source,),
            entry=entry,
            jour=day,
            manque=[
                dire(f"sans_{champ}", f"L'accusé ne porte pas {mention}.", entry, sources=(source,))
                for mention, champ in CHAMPS.items()
                if said[mention] is False
            ],
            inconnu=[
                dire(f"{CHAMPS[mention]}_inconnue", f"Rien ne dit si l'accusé porte {mention}.", entry, sur=False)
                for mention in without
                if said[mention] is None
            ],
            constats=_date_annoncee(entry, event, births),
            fin=min(ends, default=None),
        )


def _date_annoncee(entry: Entry, event: Any, births: Sequence[RefusImplicite]) -> Iterator[Constat]:
    """The day of the implicit decision as the receipt writes it, where it is none of those that the texts give."""
    written = event.date_decision_implicite
    known = [r for r in births if r.dossier == entry.fait.objet]
    if written is None or not known:
        return
    if not any(written.premier <= r.ne_au_plus_tard and r.ne_le <= written.dernier for r in known):
        computed = ", ".join(f"le {jour_fr(r.ne_le.toordinal())} ({r.base})" for r in known)
        yield dire(
            "date_annoncee_autre",
            f"L'accusé annonce la décision implicite au {written} ; les textes la donnent {computed}.",
            entry,
            sources=(ceseda_r432_1_silence.SOURCE,),
        )


# --------------------------------------------------------------------------- pieces


class _Envoi(NamedTuple):
    """A piece sent electronically."""

    piece: str
    sha256: str | None
    entry: Entry


def accuses_de_pieces(m: Matiere) -> Iterator[Obligation]:
    """L.112-11: every sending is acknowledged, each piece too; those of one dossier and day are told together."""
    groups: dict[tuple[str | None, int], list[_Envoi]] = {}
    for each in _envois(m):
        day = each.entry.fait.survenu.jours.dernier.toordinal()
        groups.setdefault((each.entry.fait.objet, day), []).append(each)
    filed = {d.dossier: d for d in m.trame.demandes}
    ends = {dossier: fin_de_demande(m, each) for dossier, each in filed.items()}
    for (dossier, day), sent in groups.items():
        known = {each: _recue(m, each) for each in sent}
        missing = [each for each, found in known.items() if found is None]
        days = [found for found in known.values() if found is not None]
        entries = tuple(dict.fromkeys(each.entry for each in sent))
        what = enumeration(list(dict.fromkeys(each.piece for each in missing or sent)))
        for kind in (_ENREGISTREMENT, _RECEPTION):
            due = kind.du_le(date.fromordinal(day)).toordinal()
            yield from devoir(
                m,
                f"{kind.code}_piece",
                f"Délivrer {kind.nom} des pièces envoyées le {jour_fr(day)}, au plus tard le {jour_fr(due)} : {what}",
                sources=crpa_r112_11_2_accuses.SOURCES,
                dossier=dossier,
                du=day,
                echeance=due,
                acte=f"{kind.nom} pour {what}",
                prerequis=(dire("piece_envoyee", f"Pièces envoyées le {jour_fr(day)}.", *entries),),
                fait=None if missing else Fait(max(f.jour for f in days), tuple(e for f in days for e in f.entries)),
                fin=ends.get(dossier),
                ou=EN_LIGNE,
            )


def _envois(m: Matiere) -> Iterator[_Envoi]:
    """The pieces sent by the téléservice or by e-mail, alone or with the answer to a request; each once."""
    alone = [
        _Envoi(event.piece, event.sha256, entry)
        for entry, event in lus(m, depot.PieceVersee)
        if not crpa_l112_3_accuse.s_applique(entry.fait.canal)
    ]
    yield from alone
    for entry, event in lus(m, instruction.ComplementRepondu):
        if crpa_l112_3_accuse.s_applique(entry.fait.canal):
            continue
        for piece in event.pieces:
            if not any(x.entry.fait.objet == entry.fait.objet and meme_piece(x.piece, piece.nom) for x in alone):
                yield _Envoi(piece.nom, piece.sha256, entry)


def _recue(m: Matiere, sent: _Envoi) -> Fait | None:
    """The receipt of this piece: by its digest, else its name, else one of the dossier that names none."""
    day = sent.entry.fait.survenu.jours.premier.toordinal()
    return premier(
        Fait(premier_jour(entry), (entry,))
        for entry, event in lus(m, depot.ReceptionPieceAccusee)
        if entry.fait.objet == sent.entry.fait.objet
        and day <= premier_jour(entry) <= m.au
        and _de_cette_piece(event, sent)
    )


def _de_cette_piece(event: Any, sent: _Envoi) -> bool:
    if event.sha256 is not None and sent.sha256 is not None:
        return bool(event.sha256 == sent.sha256)
    return event.piece is None or meme_piece(event.piece, sent.piece)

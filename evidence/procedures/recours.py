"""The action on the merits that a suspension goes with: made apart, in time, with the proof of the filing day."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from evidence.procedures.affaire import Affaire, documents, ids
from evidence.procedures.modeles import Gravite, Piege, cites, uniques
from ledger.entry import Entry
from ledger.events import decision, depot
from ledger.events.types import NatureDecision
from ledger.francais import jour
from projections.imputation.devoir import dernier_jour
from projections.imputation.devoirs_recours import Delai
from projections.imputation.modeles import Constat
from rules import (
    ceseda_r431_10_dossier_incomplet,
    cja_l521_1_suspension,
    cja_r412_1_piece_jointe,
    cja_r421_1_delai_franc,
    cja_r421_2_reclamation,
    cja_r421_5_voies_et_delais,
    cja_r522_1_refere,
    crpa_l112_12_opposabilite,
    crpa_l112_13_date,
    crpa_l232_4_motifs,
)
from rules.base import Source

PREUVES = (depot.AccuseReceptionDelivre, depot.AccuseEnregistrementDelivre, depot.AttestationDepotDelivree)
"""What shows the day of an application, beside the application itself."""


def requete_au_fond(a: Affaire) -> Iterator[Piege]:
    """R.522-1: a request of its own, with a copy of the request for annulment."""
    for each in a.decisions():
        if each.forme is None:
            yield _piege(
                each,
                "requete_au_fond_absente",
                Gravite.OBSTACLE,
                f"Aucune requête en annulation contre {each.decision.nom} n'est au registre.",
                "Déposez-la par une requête distincte, et joignez-en une copie à la demande de suspension.",
                (cja_r522_1_refere.SOURCE, cja_l521_1_suspension.SOURCE),
            )
        elif not documents(each.forme.entries):
            yield _piege(
                each,
                "copie_au_fond_absente",
                Gravite.RISQUE,
                f"La requête en annulation contre {each.decision.nom} est au registre, sans sa copie.",
                "Joignez la copie de la requête en annulation (--add).",
                (cja_r522_1_refere.SOURCE,),
                entries=ids(each.forme.entries),
            )


# --------------------------------------------------------------------------- the appeal period


def delai_de_recours(a: Affaire) -> Iterator[Piege]:
    """R.421-1: until when the decision may be attacked, by the earliest count, and whether that day binds her."""
    for each in a.decisions():
        if each.forme is not None:
            yield from _forme_tard(each)
            continue
        notes = [*each.notes, *(w for w in each.decision.avertir if w.code == "oqtf")]
        told = " ".join([each.decision.opposabilite.texte, *(n.texte for n in notes)])
        sources = _du_delai(each, notes)
        if each.dernier is None:
            code = "delai_oqtf" if any(n.code == "oqtf" for n in notes) else "delai_non_opposable"
            code = "delai_attend_les_motifs" if any(n.code == "motifs_attendus" for n in notes) else code
            yield _piege(each, code, Gravite.RISQUE, f"Contre {each.decision.nom} : {told}", _AGIR, sources)
            continue
        last = date.fromordinal(each.dernier)
        if last >= a.au:
            yield _piege(
                each,
                "delai_de_recours",
                Gravite.ECHEANCE,
                f"Le recours contre {each.decision.nom} se forme au plus tard le {jour(last)}. {told}",
                f"Déposez la requête en annulation au plus tard le {jour(last)}.",
                sources,
                le=last,
            )
        else:
            yield _piege(
                each,
                "delai_expire",
                Gravite.OBSTACLE if each.decision.opposable else Gravite.RISQUE,
                f"Le délai de recours contre {each.decision.nom} a fini le {jour(last)}. {told}",
                "Montrez que le délai n'était pas opposable, ou qu'un recours l'a interrompu ; sinon, demandez une"
                " nouvelle décision.",
                sources,
                le=last,
            )


_AGIR = "Agissez sans attendre, et dites pourquoi le délai ne court pas."


def _forme_tard(each: Delai) -> Iterator[Piege]:
    if each.forme is None or each.dernier is None or each.forme.jour <= each.dernier:
        return
    last = date.fromordinal(each.dernier)
    yield _piege(
        each,
        "recours_tardif",
        Gravite.OBSTACLE if each.decision.opposable else Gravite.RISQUE,
        f"La requête en annulation contre {each.decision.nom} a été formée le"
        f" {jour(date.fromordinal(each.forme.jour))}, après le {jour(last)}. {each.decision.opposabilite.texte}",
        "Montrez que le délai n'était pas opposable, ou qu'un recours l'a interrompu.",
        _du_delai(each, each.notes),
        entries=ids(each.forme.entries),
        le=last,
    )


def _du_delai(each: Delai, notes: Sequence[Constat]) -> tuple[Source, ...]:
    implicit = each.decision.nature is NatureDecision.REFUS_IMPLICITE
    told = crpa_l112_12_opposabilite.SOURCES if implicit else (cja_r421_5_voies_et_delais.SOURCE,)
    reasons = (crpa_l232_4_motifs.SOURCE,) if any(n.code.startswith("motifs") for n in notes) else ()
    return (cja_r421_1_delai_franc.LECTURES.source(), cja_r421_1_delai_franc.FRANC, *told, *reasons)


def sans_grief(a: Affaire) -> Iterator[Piege]:
    """A refusal to register a file that truly lacks a piece is no decision that may be attacked."""
    for each in a.decisions():
        for warning in each.decision.avertir:
            if warning.code == "grief":
                yield _piege(
                    each,
                    "decision_peut_etre_inattaquable",
                    Gravite.RISQUE,
                    warning.texte,
                    "Montrez que le dossier était complet, ou que la pièce n'était pas exigée par un texte.",
                    (ceseda_r431_10_dossier_incomplet.SOURCE,),
                    entries=warning.entries,
                )


# --------------------------------------------------------------------------- the proof of the filing day


def preuve_du_depot(a: Affaire) -> Iterator[Piege]:
    """R.412-1, R.421-2: against a silence, the request encloses what proves the day of the application."""
    for each in a.decisions():
        if each.decision.nature is not NatureDecision.REFUS_IMPLICITE:
            yield from _decision_jointe(each, a)
            continue
        filed = a.demande(each.decision.dossier)
        shown = [e for e, _ in a.faits(*PREUVES) if e.fait.objet == each.decision.dossier]
        facts = [*([filed.entry] if filed is not None else []), *shown]
        sources = (cja_r412_1_piece_jointe.SOURCE, cja_r421_2_reclamation.LECTURES.source())
        if not documents(facts):
            told = "le registre connaît " + _nommes(facts) if facts else "rien au registre ne le montre"
            yield _piege(
                each,
                "depot_non_prouve",
                Gravite.OBSTACLE if not shown else Gravite.RISQUE,
                f"Aucun document ne prouve le jour de la demande : {told}.",
                "Joignez l'accusé de réception, l'accusé d'enregistrement, l'attestation de dépôt, ou toute autre"
                " preuve du jour : elle est admise par tous moyens.",
                sources,
                entries=ids(facts),
            )
        elif filed is not None and filed.le[0] != filed.le[1]:
            first, last = (date.fromordinal(day) for day in filed.le)
            yield _piege(
                each,
                "depot_date_incertaine",
                Gravite.RISQUE,
                f"Le jour de la demande n'est connu qu'entre le {jour(first)} et le {jour(last)}.",
                "Joignez une preuve du jour exact.",
                (*sources, crpa_l112_13_date.SOURCE),
                entries=ids(facts),
            )


def _nommes(facts: list[Entry]) -> str:
    return ", ".join(f"« {type(e.fait.evenement).titre_fr()} »" for e in facts) + ", sans document"


def _decision_jointe(each: Delai, a: Affaire) -> Iterator[Piege]:
    facts = a.actes(each)
    if not documents(facts):
        yield _piege(
            each,
            "decision_non_jointe",
            Gravite.OBSTACLE,
            f"Le registre n'a pas le document de la décision attaquée : {each.decision.nom}.",
            "Joignez la décision, ou justifiez que c'est impossible.",
            (cja_r412_1_piece_jointe.SOURCE,),
            entries=ids(facts),
        )


# --------------------------------------------------------------------------- the reasons of a silence


def motifs(a: Affaire) -> Iterator[Piege]:
    """L.232-4: the reasons of an implicit refusal, asked for in time and not given within a month."""
    for each in a.decisions():
        if each.decision.nature is not NatureDecision.REFUS_IMPLICITE:
            continue
        asked = [e for e, _ in a.faits(decision.MotifsDemandes) if e.fait.objet == each.decision.dossier]
        if not asked:
            yield from _non_demandes(a, each)
            continue
        last = max(asked, key=_recus)
        due = crpa_l232_4_motifs.due_le(date.fromordinal(_recus(last)))
        given = [e for e, _ in a.faits(decision.MotifsCommuniques) if e.fait.objet == each.decision.dossier]
        if given:
            continue
        if _recus(last) < each.decision.le:
            yield _piege(
                each,
                "motifs_demandes_trop_tot",
                Gravite.RISQUE,
                f"Les motifs ont été demandés le {jour(date.fromordinal(_recus(last)))}, avant que le refus ne naisse.",
                "Demandez-les de nouveau.",
                (crpa_l232_4_motifs.SOURCE,),
                entries=ids([last]),
            )
        elif a.au <= due:
            yield _piege(
                each,
                "motifs_attendus",
                Gravite.ECHEANCE,
                f"Les motifs ont été demandés ; la réponse est attendue jusqu'au {jour(due)}.",
                "Tirez argument du défaut de motifs seulement après ce jour.",
                (crpa_l232_4_motifs.SOURCE,),
                entries=ids([last]),
                le=due,
            )
        elif last.fait.evenement.lire_champ("recue_le") is None and not documents([last]):
            yield _piege(
                each,
                "motifs_reception_non_prouvee",
                Gravite.RISQUE,
                "Les motifs ont été demandés et n'ont pas été donnés, mais rien ne prouve le jour où la demande a été"
                " reçue.",
                "Joignez l'avis de réception de la demande de motifs.",
                (crpa_l232_4_motifs.SOURCE,),
                entries=ids([last]),
            )


def _recus(entry: Entry) -> int:
    return dernier_jour(entry, "recue_le" if entry.fait.evenement.lire_champ("recue_le") else "demandes_le")


def _non_demandes(a: Affaire, each: Delai) -> Iterator[Piege]:
    last = None if each.dernier is None else date.fromordinal(each.dernier)
    if last is not None and not crpa_l232_4_motifs.demandes_a_temps(a.au, last):
        remedy = f"Le délai pour les demander a fini le {jour(last)} : dites pourquoi il n'était pas opposable."
    else:
        until = f", au plus tard le {jour(last)}" if last is not None else ", sans attendre"
        remedy = f"Demandez-les par un envoi dont la réception se prouve{until} ; sans réponse après un mois, le défaut"
        remedy += " de motifs peut être invoqué."
    yield _piege(
        each,
        "motifs_non_demandes",
        Gravite.RISQUE,
        f"Les motifs du refus implicite n'ont pas été demandés : leur défaut ne peut pas être invoqué contre"
        f" {each.decision.nom}.",
        remedy,
        (crpa_l232_4_motifs.SOURCE,),
        le=last,
    )


def _piege(
    each: Delai,
    code: str,
    gravite: Gravite,
    texte: str,
    remede: str,
    sources: tuple[Source, ...],
    *,
    entries: Sequence[UUID] = (),
    le: date | None = None,
) -> Piege:
    """A trap about one decision: it rests on the decision's own facts, and on ``entries``."""
    return Piege(
        code=code,
        gravite=gravite,
        texte=texte,
        remede=remede,
        sources=cites(*sources),
        entries=uniques([*each.decision.constat.entries, *entries]),
        dossier=each.decision.dossier,
        le=le,
    )

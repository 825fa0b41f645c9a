"""The card that the administration owes, and the certificate that stands for it until it is handed over.

CESEDA R.431-15-1 al. 4, R.424-1.
"""

from collections.abc import Iterator

from projections.couverture.faits import bornes
from projections.couverture.modeles import BaseCouverture
from projections.couverture.motifs import jour_fr
from projections.imputation.documents_dus import document_du
from projections.imputation.exigence import Exigence, constat, protections
from projections.imputation.matiere import Matiere, cartes, depots, existe
from rules import ceseda_l424_1_protection, ceseda_r431_15_1_attestation


def decisions_favorables(m: Matiere) -> Iterator[Exigence]:
    """R.431-15-1 al. 4: after a favourable decision, a certificate until the card is handed over."""
    for le, entry in m.trame.favorables:
        handed = [d.preuve[0] for d in cartes(m) if d.preuve is not None and d.preuve[0] >= le[0]]
        found = document_du(
            m,
            "attestation_decision_favorable",
            "l'attestation de décision favorable",
            base=BaseCouverture.ADF,
            sources=(ceseda_r431_15_1_attestation.DECISION_FAVORABLE,),
            dossier=entry.fait.objet,
            du=le[1],
            au=min(handed) - 1 if handed else None,
            prerequis=[
                constat("decision_favorable", f"Une décision favorable a été prise le {jour_fr(le[1])}.", entry)
            ],
        )
        if found is not None:
            yield found


def cartes_a_remettre(m: Matiere) -> Iterator[Exigence]:
    """R.431-15-1 al. 4: a card that is made and not handed over supposes a favourable decision, and its certificate."""
    decided = {entry.fait.objet for _, entry in m.trame.favorables}
    for card in cartes(m):
        since = max(card.droit[1], existe(card))
        if card.dossier in decided or card.retire or (card.preuve is not None and card.preuve[0] <= since):
            continue
        found = document_du(
            m,
            "attestation_decision_favorable",
            "l'attestation de décision favorable",
            base=BaseCouverture.ADF,
            sources=(ceseda_r431_15_1_attestation.DECISION_FAVORABLE,),
            dossier=card.dossier,
            du=since,
            au=card.droit[2] if card.preuve is None else card.preuve[0] - 1,
            prerequis=[
                constat(
                    "carte_non_remise",
                    f"Une carte existe et vaut le {jour_fr(since)} sans avoir été remise ce jour-là.",
                    *card.entries,
                )
            ],
        )
        if found is not None:
            yield found


def cartes_protegees(m: Matiere) -> Iterator[Exigence]:
    """R.424-1: the card within three months of the decision that recognises the protection."""
    for entry, event in protections(m):
        source = ceseda_l424_1_protection.REMISE_PAR_STATUT.get(event.statut)
        filed = [d for d in depots(m) if d.le[1] >= bornes(event.reconnue_le)[0]]
        if source is None or not filed:
            continue
        due = ceseda_l424_1_protection.carte_due_le(event.reconnue_le.dernier).toordinal()
        if filed[0].le[1] > due:
            continue  # asked for once the three months had run: the text does not say when it is then due
        handed = [d.preuve[0] for d in cartes(m) if d.preuve is not None and d.preuve[0] >= filed[0].le[0]]
        found = document_du(
            m,
            "carte_protege",
            "la carte du bénéficiaire d'une protection",
            base=BaseCouverture.TITRE,
            sources=(source,),
            dossier=filed[0].dossier,
            du=due + 1,
            au=min(handed) - 1 if handed else None,
            seul=True,
            prerequis=[
                constat("protection_reconnue", f"La protection est reconnue : carte due le {jour_fr(due)}.", entry),
                constat(
                    "demande_souscrite", f"La demande a été souscrite le {jour_fr(filed[0].le[1])}.", filed[0].entry
                ),
            ],
        )
        if found is not None:
            yield found

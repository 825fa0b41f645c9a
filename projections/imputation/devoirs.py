"""The duties whose doing changes no covered day, and what the person may do in time: all in one place.

They stand in the duty ledger beside those of :mod:`projections.imputation.exigences`, and no replay reads them.
"""

from projections.imputation import (
    devoirs_accuses,
    devoirs_decision,
    devoirs_majeur,
    devoirs_pieces,
    devoirs_recours,
    devoirs_saisine,
    devoirs_sans_visa,
    devoirs_silence,
    devoirs_suites,
)
from projections.imputation.matiere import Matiere
from projections.imputation.modeles import Obligation

DEVOIRS = (
    devoirs_accuses.attestations_depot,
    devoirs_accuses.accuses_de_demande,
    devoirs_accuses.accuses_papier,
    devoirs_accuses.mentions,
    devoirs_accuses.accuses_de_pieces,
    devoirs_saisine.transmissions,
    devoirs_saisine.reponses_substitution,
    devoirs_pieces.demandes_de_pieces,
    devoirs_silence.decisions,
    devoirs_recours.motifs,
    devoirs_decision.decisions_motivees,
    devoirs_decision.mentions_algorithme,
    devoirs_decision.voies_et_delais,
    devoirs_decision.notifications,
    devoirs_decision.refus_d_enregistrer,
    devoirs_decision.retraits,
    devoirs_majeur.jeunes_majeurs,
    devoirs_suites.executions,
    devoirs_suites.attendus_du_defenseur,
    devoirs_suites.documents_administratifs,
    devoirs_suites.droits_sur_les_donnees,
    devoirs_recours.recours_ouverts,
    devoirs_sans_visa.demandes_sans_visa,
)
"""One function for each kind of duty."""


def devoirs(m: Matiere) -> list[Obligation]:
    """Every such duty that the facts give rise to, whose first day has come."""
    return [found for each in DEVOIRS for found in each(m)]

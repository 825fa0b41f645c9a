"""What is sent to the wrong authority, and what is asked by another way (CRPA L.114-2, CESEDA R.431-2 al. 3)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from ledger.entry import Entry
from ledger.events import depot, instruction, support
from ledger.events.base import Event
from projections.couverture.motifs import jour_fr
from projections.imputation.devoir import Fait, dernier_jour, devoir, dire, forme, premier, premier_jour
from projections.imputation.matiere import Matiere, lus
from projections.imputation.modeles import Constat, Obligation
from rules import ceseda_r431_2_substitution, ceseda_r432_1_silence, crpa_l114_3_transmission

_REPONSES: tuple[tuple[type[Event], str], ...] = (
    (support.SubstitutionProposee, "proposee_le"),
    (support.SubstitutionRefusee, "refusee_le"),
    (support.RendezVousSubstitutionTenu, "tenu_le"),
    (depot.DemandePapierEnregistree, "recue_le"),
)


def transmissions(m: Matiere) -> Iterator[Obligation]:
    """L.114-2: an authority that is not competent sends the application on at once [I], and tells the person."""
    for entry, event in lus(m, instruction.DemandeTransmise):
        before = [d for d in m.trame.demandes if d.dossier == entry.fait.objet and d.le[0] <= dernier_jour(entry)]
        first, last = premier_jour(entry, "transmise_le"), dernier_jour(entry, "transmise_le")
        shown = dire("demande_transmise", f"Demande transmise le {jour_fr(last)}.", entry)
        if before and first <= m.au:
            received = crpa_l114_3_transmission.transmission_due_le(date.fromordinal(before[0].le[1])).toordinal()
            yield from devoir(
                m,
                "transmission",
                f"Transmettre à l'administration compétente la demande reçue le {jour_fr(received)}",
                sources=(crpa_l114_3_transmission.AVIS,),
                dossier=entry.fait.objet,
                du=received,
                echeance=received,
                acte="la transmission à l'administration compétente",
                # Nothing says that the first authority was not competent from the start: residence may have changed.
                prerequis=(dire("saisie_incompetente", shown.texte, before[0].entry, entry, sur=False),),
                fait=Fait(first, (entry,)),
            )
        text = "La personne n'a pas été avisée de la transmission."
        yield from forme(
            m,
            "avis_transmission",
            f"Aviser la personne de la transmission du {jour_fr(last)}",
            sources=(crpa_l114_3_transmission.AVIS,),
            entry=entry,
            jour=last,
            manque=[dire("sans_avis", text, entry)] if event.usager_avise is False else [],
            inconnu=[dire("avis_inconnu", "Rien ne dit si la personne en a été avisée.", entry, sur=False)]
            if event.usager_avise is None
            else [],
            prerequis=(shown,),
        )


def reponses_substitution(m: Matiere) -> Iterator[Obligation]:
    """R.431-2 al. 3: who asks to file otherwise is answered or received; no text sets a day, so none is breached."""
    for entry, event in lus(m, support.SubstitutionDemandee):
        day = dernier_jour(entry, "recue_le" if event.recue_le else "demandee_le")
        regime = ceseda_r431_2_substitution.regime(date.fromordinal(day))
        if regime is not None:
            yield from devoir(
                m,
                "reponse_substitution",
                f"Répondre à la demande de déposer autrement, reçue le {jour_fr(day)}",
                sources=(regime.source,),
                dossier=event.dossier or entry.fait.objet,
                du=day,
                echeance=None,
                acte="une réponse ou un rendez-vous",
                prerequis=(dire("substitution_demandee", f"Demande faite le {jour_fr(day)}.", entry),),
                fait=premier(_reponses(m, entry, event, day)),
                fin=min((d.le[0] - 1 for d in m.trame.demandes if d.le[0] > day), default=None),
                constats=_vaut_demande(entry, event, day),
            )


def _vaut_demande(asked: Entry, request: Any, received: int) -> Iterator[Constat]:
    """A whole file sent with the request may itself be the application (CE, 3 juin 2022): silence would then count."""
    if request.dossier_complet_joint:
        born = ceseda_r432_1_silence.QUATRE_MOIS.naissance(date.fromordinal(received)).toordinal()
        yield dire(
            "envoi_vaut_demande",
            f"Autre lecture : le dossier complet reçu vaut demande ; le silence la refuserait le {jour_fr(born)}.",
            asked,
            sources=(ceseda_r431_2_substitution.PONT, ceseda_r432_1_silence.SOURCE),
            sur=False,
        )


def _reponses(m: Matiere, asked: Entry, request: Any, depuis: int) -> Iterator[Fait]:
    """The answers to a request to file otherwise: in its incident, or in the dossier it names."""
    about = {asked.fait.objet, request.dossier} - {None}
    for kind, champ in _REPONSES:
        for entry, event in lus(m, kind):
            day = premier_jour(entry, champ)
            if depuis <= day <= m.au and about & {entry.fait.objet, event.lire_champ("dossier")}:
                yield Fait(day, (entry,))

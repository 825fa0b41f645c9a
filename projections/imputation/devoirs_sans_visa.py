"""A permit asked for again after the last one expired: what the person may do in time. Never a duty, never a breach."""

from collections.abc import Iterator
from datetime import date

from projections.couverture.faits import bornes
from projections.couverture.motifs import jour_fr
from projections.imputation.devoir import Fait, dire, faculte, premier
from projections.imputation.matiere import Matiere, cartes, depots
from projections.imputation.modeles import Obligation
from rules import ceseda_r431_8_six_mois


def demandes_sans_visa(m: Matiere) -> Iterator[Obligation]:
    """R.431-8: for six months after expiry a new permit is asked for without proving the entry conditions again."""
    for card in cartes(m):
        event = card.evenement
        if card.retire or not ceseda_r431_8_six_mois.vise(event.type_titre):
            continue
        expires = bornes(event.valide_au)[1]
        last = ceseda_r431_8_six_mois.limite(date.fromordinal(expires)).toordinal()
        start = bornes(event.valide_du)[0]
        followed = any(d is not card and start < d.droit[0] <= expires + 1 <= d.droit[2] for d in cartes(m))
        filed = [Fait(d.le[0], (d.entry,)) for d in depots(m) if d.le[1] > start]
        given = premier(each for each in filed if each.jour <= min(last, m.au))
        if followed or expires >= m.au or (given is not None and given.jour <= expires):
            continue
        yield faculte(
            "demande_sans_visa",
            f"Demander un nouveau titre jusqu'au {jour_fr(last)} sans justifier de nouveau des conditions de l'entrée",
            sources=(ceseda_r431_8_six_mois.SOURCE,),
            dossier=card.dossier,
            du=expires + 1,
            au=last,
            prerequis=(
                dire(
                    "titre_expire",
                    f"Le titre a expiré le {jour_fr(expires)}.",
                    *card.entries,
                    sur=event.valide_au.exact,
                ),
            ),
            fait=given,
        )

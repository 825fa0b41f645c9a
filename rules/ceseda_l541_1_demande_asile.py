"""L'attestation de demande d'asile autorise le maintien en France pendant l'examen de la demande.

Source      CESEDA, art. L.541-1. [M] L'article n'a pas été lu.
Résumé      Le demandeur d'asile a le droit de se maintenir sur le territoire pendant l'examen de sa demande ; une
            attestation lui est délivrée, dont les dates se lisent sur elle.
Non codé    La fin anticipée du droit au maintien : texte non lu.
"""

from typing import Final

from rules.base import Source, Verification

SOURCE: Final = Source(
    code="CESEDA",
    article="L.541-1",
    libelle="Maintien pendant l'examen de la demande d'asile",
    verification=Verification.M,
)

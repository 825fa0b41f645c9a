"""Invented dossiers, as many as wanted, always the same for the same number: the load of every measure.

One life in thirty facts, as a renewal goes: a title held, attempts, a filing, pieces, receipts, a request answered,
attestations, a decision, a new title, and the reads that go with it. Nobody in here exists.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final

import msgspec

FACTS_PER_PERSON: Final = 30
_encode: Final = msgspec.json.Encoder().encode


def lines(facts: int, *, start: int = 0, prefix: str = "fictif") -> Iterator[bytes]:
    """``facts`` lines of the interchange format; person number ``n`` has the reference ``<prefix>-n``."""
    made = 0
    number = start
    while made < facts:
        for line in life(f"{prefix}-{number}", number):
            yield line
            made += 1
            if made == facts:
                return
        number += 1


def life(person: str, number: int) -> Iterator[bytes]:
    """The thirty facts of one invented person, in the order in which they happened."""
    expiry = date(2025, 1, 1) + timedelta(days=number % 365)
    filed = expiry - timedelta(days=70 + number % 40)
    dossier, title = f"D-{number}", f"T-{number}"
    step = 0

    def fact(
        type_: str, day: date, donnees: dict[str, Any], objet: str, *, nature: str = "systeme", **more: Any
    ) -> bytes:
        nonlocal step
        step += 1
        return _encode(
            {
                "id": f"{person}-{step:03}",
                "personne": person,
                "objet": objet,
                "type": type_,
                "survenu": f"{day}T{8 + step % 10:02}:{number % 60:02}:{step:02}Z",
                "acteur": {"nature": nature, "service": "Préfecture fictive"},
                "canal": "teleservice",
                "source": "anef",
                "grade": "A",
                "donnees": donnees,
                **more,
            }
        )

    yield fact(
        "titre_remis",
        expiry - timedelta(days=364),
        {
            "type_titre": "cst",
            "motif_sejour": "vie privée et familiale",
            "duree_annees": 1,
            "valide_du": str(expiry - timedelta(days=364)),
            "valide_au": str(expiry),
            "remis_le": str(expiry - timedelta(days=364)),
        },
        title,
        nature="prefecture",
    )
    for attempt in range(3):
        yield fact(
            "tentative_depot_echouee",
            filed - timedelta(days=9 - 3 * attempt),
            {
                "etape": "identification",
                "code_erreur": "E500",
                "texte_erreur": "Une erreur technique est survenue.",
            },
            dossier,
            nature="usager",
        )
    yield fact(
        "demande_deposee",
        filed,
        {
            "titre_demande": "cst",
            "motif_sejour": "vie privée et familiale",
            "nature": "renouvellement",
            "deposee_le": str(filed),
            "prefecture": "Préfecture fictive",
        },
        dossier,
        nature="usager",
    )
    for piece in range(8):
        digest = sha256(f"{person}/{piece}".encode()).hexdigest()
        yield fact(
            "piece_versee",
            filed + timedelta(days=piece),
            {"piece": f"justificatif {piece}", "sha256": digest},
            dossier,
            nature="usager",
            pieces=[{"nom": f"piece-{piece}.pdf", "octets": 120_000 + piece, "sha256": digest}],
        )
        yield fact("reception_piece_accusee", filed + timedelta(days=piece), {"sha256": digest}, dossier)
    gap = number % 3 == 0
    issued = expiry + timedelta(days=40 if gap else 1)
    yield fact(
        "attestation_prolongation_delivree",
        issued,
        {
            "valide_du": str(issued),
            "valide_au": str(issued + timedelta(days=89)),
            "mise_a_disposition_le": str(issued),
            "dossier": dossier,
        },
        f"A-{number}",
        nature="prefecture",
    )
    for reminder in range(5):
        yield fact(
            "relance_envoyee",
            expiry + timedelta(days=5 * reminder + 1),
            {"texte": "Où en est ma demande ? " * 3},
            dossier,
            nature="usager",
        )
    decided = issued + timedelta(days=60)
    yield fact(
        "decision_favorable_prise",
        decided,
        {"prise_le": str(decided), "titre_accorde": "cst"},
        dossier,
        nature="prefecture",
    )
    yield fact(
        "titre_remis",
        decided + timedelta(days=20),
        {
            "type_titre": "cst",
            "valide_du": str(decided),
            "valide_au": str(decided + timedelta(days=364)),
            "remis_le": str(decided + timedelta(days=20)),
            "dossier": dossier,
        },
        f"{title}-bis",
        nature="prefecture",
    )
    for _ in range(FACTS_PER_PERSON - step):
        yield fact("connexion_reussie", decided + timedelta(days=30), {}, "compte", nature="usager")

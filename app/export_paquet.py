"""Makes a person's bundle from an open ledger: what was read of her, her report, and the verifiers."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import NamedTuple

from app.export_lecture import Demande, Lu, lire
from app.export_rapport import inventaire_de, rapport
from app.exports import cles_exports, horodateur
from app.open import Opened
from app.settings import Settings
from evidence.paquet import Contenance, paquet
from evidence.produit import Produit
from evidence.verificateurs.assemblage import pyz
from evidence.verificateurs.assemblage_page import page
from ledger.days import paris_day


@cache
def verificateurs() -> Mapping[str, bytes]:
    """The verifiers that go with a bundle, which believe nobody by themselves."""
    return {"verifier.html": page(), "verifier.pyz": pyz()}


class Fait(NamedTuple):
    """A bundle, and what it was made of."""

    produit: Produit
    lu: Lu


def faire(settings: Settings, opened: Opened, demande: Demande, now: datetime) -> Fait:
    """The bundle that is asked for, at ``now``; nothing is written or recorded.

    :raises ConstatError: as ``lire`` and ``rapport`` say.
    """
    lu = lire(settings, opened, demande)
    contenance = Contenance(
        export=str(demande.id),
        profil=demande.profil,
        personne=demande.personne,
        exporte_le=now,
        vue=lu.vue,
        journal=lu.journal,
        contenus=lu.contenus,
        retenues=lu.retenues,
        pieces=lu.pieces,
        politique=lu.politique,
        rapport=rapport(settings, lu, inventaire_de(lu), verificateurs(), paris_day(now)),
        verificateurs=verificateurs(),
    )
    made = paquet(contenance, cles_exports(settings, opened.ledger.origin), horodateur(settings))
    return Fait(Produit(made.nom, made.forme, made.fichiers, made.documents, lu.partages), lu)

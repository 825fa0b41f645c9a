"""The workshop: valid bundles with real keys, made in memory by code of its own.

``python -m tests.evidence.attaques.fabrique FOLDER`` writes some into a folder, with the anchors that go with them.
"""

import sys
from pathlib import Path
from typing import Final

from tests.evidence.attaques.monde import Monde, Options
from tests.evidence.attaques.paquet import Paquet

TAILLES: Final = {
    "petit": Options(),
    "cinq-cents": Options(evenements=500, taille=20_000, flux=12, pieces=30, autres_flux=2_000, graine=2),
    "million": Options(evenements=500, taille=1_000_000, flux=12, pieces=14, autres_flux=20_000, graine=3),
    "un": Options(evenements=1, taille=1, flux=1, pieces=0, autres_flux=0, graine=4),
}


def ecrire_tout(dossier: Path) -> None:
    """One bundle a size, and the anchors: ``<name>.zip``, ``<name>.politique.txt``, ``<name>.racines.pem``."""
    dossier.mkdir(parents=True, exist_ok=True)
    for nom, options in TAILLES.items():
        monde = Monde(options)
        paquet = Paquet.de(monde)
        (dossier / f"{nom}.zip").write_bytes(paquet.octets())
        (dossier / f"{nom}.politique.txt").write_text(monde.cles.politique())
        (dossier / f"{nom}.racines.pem").write_bytes(monde.autorite.racine.pem)
        if nom == "petit":
            (dossier / "petit-horodate.zip").write_bytes(paquet.horodater().octets())


if __name__ == "__main__":
    ecrire_tout(Path(sys.argv[1]))

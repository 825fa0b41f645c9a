"""What an attack is: hostile bytes made from a valid bundle, and how they must be judged."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.evidence.attaques.paquet import Paquet

ALTERE: Final = "ALTERE"
COHERENT: Final = "COHERENT"
INTEGRE: Final = "INTEGRE"

Faire = Callable[[Paquet], Paquet | bytes]


@dataclass(frozen=True)
class Attendu:
    """How a bundle must be judged. ``couche``, ``codes``: the first layer that fails, and one of its codes."""

    verdict: str
    couche: str | None = None
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Attaque:
    """One attack. ``avec``, ``sans``: how it is judged with anchors from outside, and with none."""

    nom: str
    faire: Faire
    avec: Attendu
    sans: Attendu

    def octets(self, paquet: Paquet) -> bytes:
        """The hostile bundle, made from a copy of a valid one."""
        made = self.faire(paquet.copie())
        return made if isinstance(made, bytes) else made.octets()


class Recueil:
    """Attacks by name."""

    def __init__(self) -> None:
        self.toutes: dict[str, Attaque] = {}

    def ajouter(self, nom: str, faire: Faire, avec: Attendu, sans: Attendu | None = None) -> None:
        """Add one; with no anchors it is judged the same, where nothing else is said."""
        assert nom not in self.toutes, nom
        seul = Attendu(COHERENT) if avec.verdict == INTEGRE else avec
        self.toutes[nom] = Attaque(nom, faire, avec, sans or seul)

    def refusee(self, couche: str, *codes: str, nom: str = "", sans: Attendu | None = None) -> Callable[[Faire], Faire]:
        """One that fails at a layer, by one of these codes, with and without anchors unless ``sans`` is given."""

        def inscrire(faire: Faire) -> Faire:
            self.ajouter(nom or _nom(faire), faire, Attendu(ALTERE, couche, frozenset(codes)), sans)
            return faire

        return inscrire

    def acceptee(self, verdict: str = INTEGRE, nom: str = "") -> Callable[[Faire], Faire]:
        """One that no layer fails: what the form does not forbid, or what nobody could know."""

        def inscrire(faire: Faire) -> Faire:
            self.ajouter(nom or _nom(faire), faire, Attendu(verdict))
            return faire

        return inscrire


def _nom(faire: Faire) -> str:
    return str(getattr(faire, "__name__", "")).strip("_")

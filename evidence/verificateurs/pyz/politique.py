"""Whom to believe (C2SP tlog-policy): the log's keys, its witnesses, and how many of them must have cosigned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from evidence.verificateurs.pyz.note import JOURNAL, TEMOIN, CleNommee
from evidence.verificateurs.pyz.textes import IllisibleError, entier

if TYPE_CHECKING:
    from collections.abc import Iterable

POLITIQUE: Final = 1 << 18
"""Bytes of a policy."""
PERSONNE: Final = "none"


@dataclass
class Politique:
    """A trust policy. ``temoins``: by their names here. ``groupes``: threshold and members, each after its members."""

    journaux: list[CleNommee] = field(default_factory=list)
    temoins: dict[str, CleNommee] = field(default_factory=dict)
    groupes: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = ""
    _employes: set[str] = field(default_factory=set)

    @classmethod
    def lue(cls, texte: str) -> Politique:
        """Read a policy.

        :raises IllisibleError: it is none.
        """
        if len(texte.encode()) > POLITIQUE or any((un < " " and un not in "\t\n") or un == "\x7f" for un in texte):
            raise IllisibleError
        politique = cls()
        for ligne in texte.split("\n"):
            mots = [mot for mot in ligne.replace("\t", " ").split(" ") if mot]
            if mots and not mots[0].startswith("#"):
                politique._ligne(mots[0], mots[1:])
        if not politique.quorum:
            raise IllisibleError
        return politique

    @property
    def cles(self) -> list[CleNommee]:
        """All its keys."""
        return [*self.journaux, *self.temoins.values()]

    def _ligne(self, mot: str, suite: list[str]) -> None:
        if mot == "log" and len(suite) in {1, 2}:
            self._journal(CleNommee.lue(suite[0], JOURNAL))
        elif mot == "witness" and len(suite) in {2, 3}:
            self._temoin(suite[0], CleNommee.lue(suite[1], TEMOIN))
        elif mot == "group" and len(suite) >= 3:  # noqa: PLR2004 - name, threshold, one member
            self._groupe(suite[0], suite[1], tuple(suite[2:]))
        elif mot == "quorum" and len(suite) == 1 and not self.quorum:
            if suite[0] != PERSONNE and not self._defini(suite[0]):
                raise IllisibleError
            self.quorum = suite[0]
        else:
            raise IllisibleError

    def _defini(self, nom: str) -> bool:
        return nom in self.temoins or nom in self.groupes

    def _ambigue(self, cle: CleNommee) -> bool:
        """Whether a signature could name this key and another one: two of one name and id are made in seconds."""
        return any((une.nom, une.identifiant) == (cle.nom, cle.identifiant) for une in self.cles)

    def _journal(self, cle: CleNommee) -> None:
        if any(une.cle == cle.cle for une in self.journaux) or self._ambigue(cle):
            raise IllisibleError
        self.journaux.append(cle)

    def _temoin(self, nom: str, cle: CleNommee) -> None:
        if nom == PERSONNE or self._defini(nom) or any(un.cle == cle.cle for un in self.temoins.values()):
            raise IllisibleError
        if self._ambigue(cle):
            raise IllisibleError
        self.temoins[nom] = cle

    def _groupe(self, nom: str, seuil: str, membres: tuple[str, ...]) -> None:
        if nom == PERSONNE or self._defini(nom):
            raise IllisibleError
        for membre in membres:
            if not self._defini(membre) or membre in self._employes:
                raise IllisibleError
            self._employes.add(membre)
        combien = {"any": 1, "all": len(membres)}.get(seuil) or entier(seuil)
        if not 1 <= combien <= len(membres):
            raise IllisibleError
        self.groupes[nom] = combien, membres

    def suffit(self, cosignataires: Iterable[str]) -> bool:
        """Whether these witnesses (names of the policy) are enough."""
        atteints = {PERSONNE, *cosignataires}
        for nom, (seuil, membres) in self.groupes.items():
            if sum(membre in atteints for membre in membres) >= seuil:
                atteints.add(nom)
        return self.quorum in atteints

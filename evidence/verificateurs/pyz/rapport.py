"""What a verification says on a terminal: each layer, the verdict, the dates, and what is not shown."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from evidence.verificateurs.pyz.paroles import COUCHES, PAROLES, VERDICTS, messages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence.verificateurs.pyz.examen import Examen

SIGNES: Final = {"passe": "✓", "echoue": "✗", "impossible": "–"}


def montrable(texte: object) -> str:
    """A text of the bundle's as a terminal may show it: what controls it, or turns it round, becomes ``?``."""
    return "".join(un if un.isprintable() else "?" for un in str(texte))


class Rapport:
    """A verification's result told in French, or in English."""

    def __init__(self, examen: Examen, dit: dict[str, Any], langue: str, programme: str) -> None:
        self._examen = examen
        self._dit = dit
        self._langue = langue
        self._programme = programme

    def lignes(self) -> Iterator[str]:
        """The lines to print."""
        yield from self._couches()
        yield ""
        yield from self._verdict()
        yield from self._dates()
        yield from self._jetons()
        yield from self._personnes()
        yield from self._manques()
        yield ""
        yield self._parole("avertissement", empreinte=self._programme)

    def _parole(self, nom: str, /, **parametres: object) -> str:
        dits = {cle: montrable(valeur) for cle, valeur in parametres.items()}
        return PAROLES[nom][self._langue].format(**dits)

    def _couches(self) -> Iterator[str]:
        phrases = messages()
        for une in self._dit["couches"]:
            dits = {cle: montrable(valeur) for cle, valeur in une["parametres"].items()}
            phrase = phrases[une["code"]][self._langue].format(**dits)
            yield f"{SIGNES[une['issue']]} {self._nom(une['nom']):<13} {phrase}"

    def _nom(self, couche: str) -> str:
        return couche if self._langue == "fr" else COUCHES[couche]

    def _verdict(self) -> Iterator[str]:
        yield VERDICTS[self._dit["verdict"]][self._langue]
        for une in self._dit["couches"]:
            if une["issue"] == "echoue":
                yield self._parole("couche", nom=self._nom(une["nom"]))
        if self._dit["point"] is not None:
            yield self._parole("registre", log=self._dit["log"], point=self._dit["point"])
        if self._dit["export"]:
            yield self._parole("export", export=self._dit["export"])

    def _dates(self) -> Iterator[str]:
        if not self._dit["dates"]:
            return
        yield ""
        yield self._parole("dates")
        for bornes, dates in itertools.groupby(self._dit["dates"], key=_bornes):
            indices = [une["index"] for une in dates]
            lignes = "ligne" if len(indices) == 1 else "lignes"
            yield "  " + self._parole(
                lignes, de=indices[0], a=indices[-1], combien=len(indices), quand=self._intervalle(*bornes)
            )

    def _intervalle(self, avant: str | None, apres: str | None, qualifie: bool) -> str:  # noqa: FBT001 - a key of a group
        if avant is None and apres is None:
            return self._parole("sans")
        nom = "entre" if avant and apres else "apres" if avant else "avant"
        sorte = self._parole("qualifie" if qualifie else "non_qualifie")
        return f"{self._parole(nom, avant=avant, apres=apres)} ({sorte})"

    def _jetons(self) -> Iterator[str]:
        if self._dit["jetons"]:
            yield ""
            yield self._parole("jetons")
        for un in self._dit["jetons"]:
            sens = self._parole("verifie" if un["verifie"] else "non_verifie")
            if un["verifie"]:
                sens += f", {self._parole('qualifie' if un['qualifie'] else 'non_qualifie')}"
            service = un["service"] or "?"
            yield "  " + self._parole("jeton", taille=un["taille"], instant=un["instant"], service=service, sens=sens)

    def _personnes(self) -> Iterator[str]:
        if self._dit["temoins"]:
            yield ""
            yield self._parole("temoins")
            yield from (f"  {montrable(un['nom'])}, {un['instant']}" for un in self._dit["temoins"])
        if self._dit["cles"]:
            yield ""
            yield self._parole("cles")
            yield from (f"  {montrable(une['nom'])}+{une['empreinte']}" for une in self._dit["cles"])

    def _manques(self) -> Iterator[str]:
        if self._dit["retenues"] is not None:
            yield ""
            yield self._parole("retenues", combien=self._dit["retenues"])
            yield from self._retenues()
        if self._dit["pieces"] is not None:
            yield self._parole("sans_fait", combien=self._dit["pieces"]["sans_fait"])
            yield from (f"  {nom}" for nom in self._examen.sans_fait)
            yield self._parole("absentes", combien=self._dit["pieces"]["absentes"])
            if self._tient("dossier"):
                yield from (
                    f"  {montrable(une['nom'])} ({montrable(une['motif'])})" for une in self._examen.dossier["absentes"]
                )

    def _retenues(self) -> Iterator[str]:
        """The withheld parts by their reasons, once dossier.json is known to list them."""
        if self._tient("dossier"):
            motifs: dict[tuple[str, str], int] = {}
            for une in self._examen.dossier["retenues"]:
                motifs[une["part"], une["motif"]] = motifs.get((une["part"], une["motif"]), 0) + 1
            yield from (
                f"  {part} × {combien} : {montrable(motif)}" for (part, motif), combien in sorted(motifs.items())
            )

    def _tient(self, couche: str) -> bool:
        return any(une["nom"] == couche and une["issue"] == "passe" for une in self._dit["couches"])


def _bornes(date: dict[str, Any]) -> tuple[Any, Any, Any]:
    return date["pas_avant"], date["pas_apres"], date["qualifie"]

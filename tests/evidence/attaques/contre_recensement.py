"""Attacks on the proof that nothing is missing."""

import json
from collections.abc import Callable
from typing import Any, Final

from tests.evidence.attaques.arbre import Arbre, feuille
from tests.evidence.attaques.attaque import COHERENT, Recueil
from tests.evidence.attaques.contre_journal import sans_lignes
from tests.evidence.attaques.laxites import FICHIERS, jsonl
from tests.evidence.attaques.monde import Monde, Recense, canonique
from tests.evidence.attaques.outils import CHEMINS_FAUX, CHEMINS_LAXES, par_chemin, par_fichier, par_ligne, par_valeur
from tests.evidence.attaques.paquet import JOURNAL, Paquet, en_base64
from tests.evidence.attaques.paquet import jsonl as lignes

RECUEIL: Final = Recueil()
refusee, acceptee = RECUEIL.refusee, RECUEIL.acceptee
RECENSEMENT: Final = "recensement.jsonl"

for nom_, change_ in jsonl().items():
    refusee("recensement", "recensement_illisible", nom=f"ligne_{nom_}")(par_ligne(RECENSEMENT, change_, lambda _: 1))
for nom_, change_ in FICHIERS.items():
    refusee("recensement", "recensement_illisible", nom=f"fichier_{nom_}")(par_fichier(RECENSEMENT, change_))
for nom_, chemin_ in CHEMINS_FAUX.items():
    refusee("recensement", "recensement_faux", nom=f"chemin_{nom_}")(par_valeur(RECENSEMENT, 1, par_chemin(chemin_)))
for nom_, chemin_ in CHEMINS_LAXES.items():
    refusee("recensement", "recensement_illisible", nom=f"chemin_{nom_}")(
        par_valeur(RECENSEMENT, 1, par_chemin(chemin_))
    )

CHAMPS: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    "place": lambda said: said | {"pos": said["pos"] - 1 or 7},
    "feuille": lambda said: said | {"leaf": "0" * 64},
    "flux": lambda said: said | {"stream": "0" * 32},
    "sujet": lambda said: said | {"subject": said["subject"][:-1] + ("0" if said["subject"][-1] != "0" else "1")},
    "rang": lambda said: said | {"index": said["index"] + 1},
    "rang_au_dela": lambda said: said | {"index": 2**53 - 1},
}
for nom_, champ_ in CHAMPS.items():
    refusee("recensement", "recensement_faux", nom=f"autre_{nom_}")(par_valeur(RECENSEMENT, 1, champ_))


def _reste(keep: Callable[[Paquet, list[dict[str, Any]]], list[dict[str, Any]]]) -> Callable[[Paquet], Paquet]:
    """What is left of the recensement's lines."""

    def faire(paquet: Paquet) -> Paquet:
        before = paquet.membres[JOURNAL + RECENSEMENT]
        paquet.membres[JOURNAL + RECENSEMENT] = lignes(
            keep(paquet, [json.loads(line) for line in paquet.lignes(RECENSEMENT)])
        )
        assert paquet.membres[JOURNAL + RECENSEMENT] != before, "nothing was changed"
        return paquet.sceller()

    return faire


def _siennes(paquet: Paquet, said: list[dict[str, Any]]) -> list[int]:
    return [at for at, each in enumerate(said) if each["subject"] in paquet.monde.sujets]


refusee("recensement", "recensement_faux", nom="lignes_retournees")(_reste(lambda _, said: said[::-1]))
refusee("recensement", "recensement_faux", nom="ligne_deux_fois")(_reste(lambda _, said: [said[0], *said]))
refusee("recensement", "recensement_trou", nom="aucune_ligne")(_reste(lambda *_: []))
refusee("recensement", "recensement_trou", nom="sans_la_premiere_voisine")(_reste(lambda _, said: said[1:]))
refusee("recensement", "recensement_trou", nom="sans_la_derniere_voisine")(_reste(lambda _, said: said[:-1]))
refusee("recensement", "recensement_trou", "recensement_inconnu", nom="sans_voisines")(
    _reste(lambda paquet, said: [said[at] for at in _siennes(paquet, said)])
)
refusee("recensement", "recensement_trou", "recensement_inconnu", nom="sans_une_sienne")(
    _reste(lambda paquet, said: [each for at, each in enumerate(said) if at != _siennes(paquet, said)[0]])
)
refusee("recensement", "recensement_trou", "recensement_inconnu", nom="sans_aucune_sienne")(
    _reste(lambda paquet, said: [each for at, each in enumerate(said) if at not in _siennes(paquet, said)])
)


def _tout(paquet: Paquet) -> Paquet:
    recense = paquet.monde.recense
    assert recense is not None
    paquet.membres[JOURNAL + RECENSEMENT] = lignes(
        {"index": at, "path": en_base64(recense.arbre.inclusion(at, recense.arbre.taille))} | line
        for at, line in enumerate(recense.lignes)
    )
    return paquet.sceller()


acceptee(nom="tout_le_recensement")(_tout)


@acceptee(COHERENT)
def recensement_absent(paquet: Paquet) -> Paquet:
    """No recensement at all: nothing is proven of what is missing, and nothing fails."""
    del paquet.membres[JOURNAL + RECENSEMENT]
    return paquet.sceller()


@refusee("recensement", "recensement_feuille")
def feuille_omise(paquet: Paquet) -> Paquet:
    """The leaf that commits to the recensement is not among the lines."""
    monde = paquet.monde
    assert monde.recense is not None
    paquet.ecrire_feuilles(sorted({*monde.actes, *monde.propres} - {monde.recense.index}))
    return paquet.sceller()


# --- worlds that counted otherwise -----------------------------------------------------------------------------------


def _monde(genre: type[Monde]) -> Callable[[Paquet], Paquet]:
    """The bundle of a world of that kind, by the same keys: all its proofs are genuine."""
    return lambda paquet: Paquet.de(genre(paquet.monde.options, paquet.monde.cles, paquet.monde.autorite)).horodater()


class FluxCache(Monde):
    """One stream of the person was never counted."""

    def compter(self, heads: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """All but one."""
        hidden = self.flux[0][0]
        return [each for each in heads if each["stream"] != hidden]


class FluxAuNomDUnAutre(Monde):
    """One stream of the person was counted as somebody else's."""

    def compter(self, heads: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One of them under another subject."""
        hidden = self.flux[0][0]
        return [each | ({"subject": "f" * 32} if each["stream"] == hidden else {}) for each in heads]


class FinAvancee(Monde):
    """One stream was counted further than it went."""

    def compter(self, heads: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One place too many."""
        flux = self.flux[0][0]
        return [each | ({"pos": each["pos"] + 40} if each["stream"] == flux else {}) for each in heads]


class FluxInvente(Monde):
    """A stream was counted that the person never had."""

    def compter(self, heads: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One stream too many."""
        return [*heads, {"leaf": "0" * 64, "pos": 1, "stream": "1" * 32, "subject": self.sujets[0]}]


class DeuxRecensements(Monde):
    """The log counted twice."""

    def recenser(self) -> None:
        """Once, and once more."""
        super().recenser()
        super().recenser()


class RecensementVide(Monde):
    """The log counted before anything was there: a tree of nothing."""

    def recenser(self) -> None:
        """Count nothing."""
        root = Arbre().racine(0).hex()
        index = self.registre.dire(self._au(), "recensement", root=root, size=0, streams=0)
        self.propres.append(index)
        self.recense = Recense([], Arbre(), index)


class EnDesordre(Monde):
    """The counted tree is not in order: the same lines, hashed as they came."""

    def recenser(self) -> None:
        """Count in the reverse order, so that a stream could hide anywhere."""
        super().recenser()
        recense = self.recense
        assert recense is not None
        lines = recense.lignes[::-1]
        tree = Arbre(b"".join([feuille(canonique(each)) for each in lines]))
        size = self.tailles[-1]
        index = self.registre.dire(
            self._au(), "recensement", root=tree.racine(tree.taille).hex(), size=size, streams=len(lines)
        )
        self.propres = [each for each in self.propres if each != recense.index] + [index]
        self.recense = Recense(lines, tree, index)


refusee("recensement", "recensement_inconnu", nom="flux_jamais_recense")(_monde(FluxCache))
refusee("recensement", "recensement_inconnu", nom="flux_recense_sous_un_autre")(_monde(FluxAuNomDUnAutre))
refusee("recensement", "recensement_fin", nom="flux_recense_trop_loin")(_monde(FinAvancee))
refusee("recensement", "recensement_fin", nom="flux_recense_jamais_montre")(_monde(FluxInvente))
refusee("recensement", "recensement_feuille", nom="deux_feuilles")(_monde(DeuxRecensements))
acceptee(nom="recensement_d_avant_tout")(_monde(RecensementVide))


@refusee("recensement", "recensement_faux", "recensement_trou", "recensement_inconnu")
def recensement_en_desordre(paquet: Paquet) -> Paquet:
    """The tree is in no order; all its lines are shown."""
    made = Paquet.de(EnDesordre(paquet.monde.options, paquet.monde.cles, paquet.monde.autorite))
    return _tout(made)


class RecensementAncien(Monde):
    """The log counted twice; the bundle tells the first time only."""

    def sceller(self, *, horodate: bool, dire: bool) -> None:
        """Count after the second checkpoint too."""
        super().sceller(horodate=horodate, dire=dire)
        if len(self.tailles) == 2:
            super().recenser()

    def recenser(self) -> None:
        """Count again, and tell what the first count was."""
        first, size = self.recense, len(self.propres)
        super().recenser()
        self.recense, self.propres = first, self.propres[:size]


@acceptee()
def recensement_plus_ancien(paquet: Paquet) -> Paquet:
    """The older of two recensements is given, and what came since is left out: it is true of its day, and says no more."""
    world = RecensementAncien(paquet.monde.options, paquet.monde.cles, paquet.monde.autorite)
    assert world.recense is not None
    counted = {each["stream"]: each["pos"] for each in world.recense.lignes}
    assert sum(index > world.recense.index for index in world.actes) > 9
    return sans_lignes(Paquet.de(world).horodater(), lambda said: said["pos"] <= counted.get(said["stream"], 0))

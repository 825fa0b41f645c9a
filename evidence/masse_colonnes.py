"""The columns of the bulk tables, drawn from the vocabulary: what may leave of a fact, what may not, and why.

What may leave has a closed list of values, or is a civil day, a number or a yes-or-no; a préfecture is the one text,
and only as :data:`LIEU` reads it. A new field of the vocabulary takes its place here by its type alone: a text, a
reference or a digest never leaves because somebody forgot it.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, NamedTuple, Union, get_args, get_origin, get_type_hints

from ledger.days import Jours, Quand
from ledger.events import EVENTS
from ledger.events.base import Article, Court, Event, Ref, Sha256, Texte
from ledger.events.parts import Annees, Centimes, Departement, Nombre, Octets
from ledger.events.types import CodeIncident, NatureActeur, TypeTitre
from ledger.glossary import type_name

LIEU: Final = re.compile(r"[a-z0-9][a-z0-9 '’(),-]{0,79}")
"""How a préfecture is written once in small letters without accents; what is written otherwise does not leave."""
AUTRE: Final = "autre"
"""What stands for a préfecture or a title of too few persons, or that would tell a protection."""
RARE: Final = "rare"
"""What stands for any other value of too few persons."""
RESERVE: Final = "fait_reserve"
"""What stands for the type of a fact that tells of health, asylum, violence or a birthday."""
PAS_CENTIMES: Final = 10_000
PAS_OCTETS: Final = 1_000_000


class Sorte(StrEnum):
    """Ce que contient une colonne."""

    PSEUDONYME = "pseudonyme"
    CATEGORIE = "categorie"
    LIEU = "lieu"
    JOUR = "jour"
    NOMBRE = "nombre"
    OUI_NON = "oui_non"

    @property
    def sql(self) -> str:
        """The type of such a column in the Parquet file."""
        return {"jour": "DATE", "nombre": "BIGINT", "oui_non": "BOOLEAN"}.get(self.value, "VARCHAR")


class Colonne(NamedTuple):
    """Une colonne d'une table."""

    nom: str
    sorte: Sorte
    unite: str
    """The unit, in French; empty for what has none."""
    sens: str
    source: str
    """Where its values come from."""
    masquage: str
    """What was masked or made coarser, and why; empty when nothing was."""
    valeurs: tuple[str, ...] = ()
    """The closed list of its values, where there is one."""


class Champ(NamedTuple):
    """A field of a payload that leaves, and the first of its columns."""

    nom: str
    sorte: Sorte
    colonne: str
    pas: int = 1
    """A number is brought down to a multiple of this."""
    valeurs: frozenset[str] = frozenset()


class Exclu(NamedTuple):
    """A field of a payload that does not leave."""

    champ: str
    types: tuple[str, ...]
    motif: str


RESERVES: Final = {
    "vulnerabilite_signalee": "dit une vulnérabilité",
    "protection_reconnue": "dit une protection internationale",
    "instructions_acces_envoyees": "n'est envoyé qu'aux bénéficiaires d'une protection",
    "attestation_demande_asile_delivree": "dit une demande d'asile",
    "majorite_atteinte": "dit le jour de naissance",
}
"""The types of facts of which nothing leaves but that there is one (RGPD art. 9, non vérifié ; naissance)."""
TITRES_TUS: Final = frozenset({TypeTitre.TITRE_VOYAGE.value, TypeTitre.ATTESTATION_DEMANDE_ASILE.value})
"""The titles that tell of a protection or an application for asylum: always « autre »."""
CODES_TUS: Final = frozenset(
    {CodeIncident.PROTECTED_MINOR_TURNING_18.value, CodeIncident.VULNERABLE_VICTIM_UNSUPPORTED.value}
)
"""The malfunctions that tell as much: always « rare »."""
ACTEURS_TUS: Final = frozenset({NatureActeur.OFPRA.value, NatureActeur.CNDA.value})
"""Who acts on asylum: always « organisme »."""
PREFECTURES: Final = frozenset({"prefecture", "de_prefecture", "vers_prefecture"})
_SENSIBLES: Final = {
    "dossier": "référence ; la colonne « dossier » en donne le pseudonyme",
    "stipulation_internationale": "laisse deviner la nationalité",
    "confidentielle": "laisse deviner une mise en danger",
    "demarche": "texte libre",
    "position_journal": "relierait une ligne au journal public",
    "nombre_faits": "relierait une ligne à l'export d'une personne",
    "nombre_pieces": "relierait une ligne à l'export d'une personne",
}
_MOTIFS: Final[tuple[tuple[Any, str], ...]] = (
    (Ref, "référence"),
    (Texte, "texte libre"),
    (Court, "texte libre"),
    (Article, "texte libre"),
    (Sha256, "empreinte : relierait une ligne à un document"),
    (Departement, "lieu plus fin que la préfecture"),
)
_PARTENT: Final[tuple[tuple[Any, Sorte, int], ...]] = (
    (Jours, Sorte.JOUR, 1),
    (Quand, Sorte.JOUR, 1),
    (bool, Sorte.OUI_NON, 1),
    (Nombre, Sorte.NOMBRE, 1),
    (Annees, Sorte.NOMBRE, 1),
    (Centimes, Sorte.NOMBRE, PAS_CENTIMES),
    (Octets, Sorte.NOMBRE, PAS_OCTETS),
)
"""The types of fields that leave whatever they are called, and to what multiple a number is brought down."""
_FLOUS: Final = {
    "centimes": "arrondi à la centaine d'euros inférieure : un montant exact désigne une personne",
    "octets": "arrondi au million d'octets inférieur : une taille exacte désigne un document",
}
_RARETE: Final = f"une valeur portée par trop peu de personnes devient « {RARE} »"
_PLACE: Final = f"généralisée en « {AUTRE} » quand elle réunit trop peu de personnes"


def _nu(hint: Any) -> Any:
    """The type of a field that may be left out."""
    if get_origin(hint) in {Union, UnionType}:
        (alone,) = (each for each in get_args(hint) if each is not NoneType)
        return alone
    return hint


def _champ(nom: str, hint: Any) -> Champ | str:
    """How the field leaves, or why it does not."""
    kind = _nu(hint)
    if nom in _SENSIBLES:
        return _SENSIBLES[nom]
    if nom in PREFECTURES and kind == Court:
        return Champ(nom, Sorte.LIEU, nom)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Champ(nom, Sorte.CATEGORIE, nom, valeurs=frozenset(each.value for each in kind))
    for known, sorte, pas in _PARTENT:
        if kind == known:
            return Champ(nom, sorte, f"{nom}_pas_avant" if sorte is Sorte.JOUR else nom, pas)
    return next((why for known, why in _MOTIFS if kind == known), "liste ou texte libre")


def _champs(event: type[Event]) -> Iterator[tuple[str, Champ | str]]:
    hints = get_type_hints(event, include_extras=True)
    for nom in event.model_fields:
        yield nom, RESERVES[event.nom] if event.nom in RESERVES else _champ(nom, hints[nom])


CHAMPS: Final[dict[str, tuple[Champ, ...]]] = {
    event.nom: tuple(each for _, each in _champs(event) if isinstance(each, Champ)) for event in EVENTS
}
"""What leaves of the payload of each type of fact."""


def exclus() -> list[Exclu]:
    """What does not leave, and why, in the order of the vocabulary."""
    found: dict[tuple[str, str], list[str]] = {}
    for event in EVENTS:
        for nom, each in _champs(event):
            if isinstance(each, str):
                found.setdefault((nom, each), []).append(event.nom)
    return [Exclu(champ, tuple(types), motif) for (champ, motif), types in found.items()]


_FLUX_FAIT: Final = "enveloppe du fait"
ENVELOPPE: Final = (
    Colonne("personne", Sorte.PSEUDONYME, "", "La personne, la même dans tout l'export ; vide quand le fait n'est à"
            " personne.", "sujet de l'entrée", "pseudonyme propre à l'export"),
    Colonne("nature_flux", Sorte.CATEGORIE, "", "La nature du flux.", _FLUX_FAIT, ""),
    Colonne("flux", Sorte.PSEUDONYME, "", "Le dossier, le titre, l'incident : le flux du fait.", "flux de l'entrée",
            "pseudonyme propre à l'export"),
    Colonne("dossier", Sorte.PSEUDONYME, "", "Le flux du dossier que le fait nomme, ou dans lequel il est.",
            "flux de l'entrée ou contenu du fait", "pseudonyme propre à l'export"),
    Colonne("rang", Sorte.NOMBRE, "place", "La place du fait dans son flux, à partir de 1.", "place de l'entrée", ""),
    Colonne("fait", Sorte.PSEUDONYME, "", "Le fait.", "identifiant de l'entrée", "pseudonyme propre à l'export"),
    Colonne("type", Sorte.CATEGORIE, "", "Le nom enregistré du type de fait (docs/glossary.md).", "contenu du fait",
            f"un type réservé devient « {RESERVE} » ; {_RARETE}"),
    Colonne("survenu_pas_avant", Sorte.JOUR, "jour civil, Europe/Paris", "Le premier jour possible du fait.",
            _FLUX_FAIT, "l'heure n'est pas donnée ; vide pour un type réservé"),
    Colonne("survenu_pas_apres", Sorte.JOUR, "jour civil, Europe/Paris", "Le dernier jour possible du fait.",
            _FLUX_FAIT, "l'heure n'est pas donnée ; vide pour un type réservé"),
    Colonne("enregistre_le", Sorte.JOUR, "jour civil, Europe/Paris", "Le jour où le registre l'a reçu.",
            "horloge de la base", "l'heure n'est pas donnée : elle relierait la ligne au journal public"),
    Colonne("canal", Sorte.CATEGORIE, "", "Le canal.", _FLUX_FAIT, _RARETE),
    Colonne("source", Sorte.CATEGORIE, "", "Qui le rapporte.", _FLUX_FAIT, _RARETE),
    Colonne("grade", Sorte.CATEGORIE, "", "La force de preuve, de A à E.", _FLUX_FAIT, _RARETE),
    Colonne("acteur", Sorte.CATEGORIE, "", "La catégorie de qui a agi.", "acteur du fait",
            f"ni nom ni identifiant ni service ; OFPRA et CNDA deviennent « organisme » ; {_RARETE}"),
    Colonne("corrige", Sorte.PSEUDONYME, "", "Le fait que celui-ci corrige ou retire.", _FLUX_FAIT,
            "pseudonyme propre à l'export"),
    Colonne("corrige_par_un_autre", Sorte.OUI_NON, "", "Un autre fait de l'export corrige ou retire celui-ci.",
            "calculé sur l'export", ""),
    Colonne("pieces_jointes", Sorte.NOMBRE, "document", "Combien de documents le fait cite.", "pièces du fait", ""),
)  # fmt: skip
"""What every fact has."""


def colonnes_des_faits() -> tuple[Colonne, ...]:
    """The columns of the table of facts: those of every fact, then those of the payloads, in their first order."""
    payload: dict[str, Colonne] = {}
    told: dict[str, list[tuple[str, str]]] = {}
    for event in EVENTS:
        for champ in CHAMPS[event.nom]:
            field = event.model_fields[champ.nom]
            hint = _nu(get_type_hints(event, include_extras=True)[champ.nom])
            told.setdefault(champ.nom, []).append((event.nom, " ".join((field.description or "").split())))
            for each in _colonnes(champ, type_name(hint)):
                before = payload.get(each.nom)
                values = (*before.valeurs, *each.valeurs) if before else each.valeurs
                payload[each.nom] = each._replace(valeurs=tuple(dict.fromkeys(values)))
    return (*ENVELOPPE, *(_dire(each, told[_champ_de(each)]) for each in payload.values()))


def _champ_de(colonne: Colonne) -> str:
    return (
        colonne.nom.removesuffix("_pas_avant").removesuffix("_pas_apres")
        if colonne.sorte is Sorte.JOUR
        else (colonne.nom)
    )


def _colonnes(champ: Champ, kind: str) -> Iterator[Colonne]:
    match champ.sorte:
        case Sorte.JOUR:
            for bound in ("pas_avant", "pas_apres"):
                yield Colonne(f"{champ.nom}_{bound}", champ.sorte, "jour civil, Europe/Paris", "", "", "")
        case Sorte.NOMBRE:
            unit = {"nombre": "", "années": "année", "centimes": "centime d'euro", "octets": "octet"}[kind]
            yield Colonne(champ.nom, champ.sorte, unit, "", "", _FLOUS.get(kind, ""))
        case Sorte.LIEU:
            yield Colonne(champ.nom, champ.sorte, "", "", "", f"en minuscules sans accents ; {_PLACE}")
        case Sorte.CATEGORIE:
            title = champ.valeurs == {each.value for each in TypeTitre}
            masked = f"{_PLACE}, ou quand elle dit une protection" if title else _RARETE
            yield Colonne(champ.nom, champ.sorte, "", "", "", masked, tuple(sorted(champ.valeurs)))
        case _:
            yield Colonne(champ.nom, champ.sorte, "", "", "", "")


def _dire(colonne: Colonne, told: list[tuple[str, str]]) -> Colonne:
    """The column with its meaning in each type of fact, and these types."""
    meanings = list(dict.fromkeys(text for _, text in told if text))
    bound = {"_pas_avant": "Pas avant : ", "_pas_apres": "Pas après : "}.get(colonne.nom[-10:], "")
    prefix = bound if colonne.sorte is Sorte.JOUR else ""
    return colonne._replace(sens=prefix + " / ".join(meanings), source=", ".join(nom for nom, _ in told))


FAITS: Final = colonnes_des_faits()
_PLACES: Final = (
    Colonne("prefecture", Sorte.LIEU, "", "La préfecture du dossier, ou la seule que les faits nomment.",
            "faits du dossier", f"en minuscules sans accents ; {_PLACE}"),
    Colonne("titre", Sorte.CATEGORIE, "", "Le titre demandé, ou à défaut détenu.", "faits du dossier",
            f"{_PLACE}, ou quand elle dit une protection", tuple(each.value for each in TypeTitre)),
    Colonne("codes", Sorte.CATEGORIE, "", "Les dysfonctionnements rencontrés dans le dossier, séparés par « ; ».",
            "faits du dossier", f"{_RARETE} ; ceux qui disent une protection aussi"),
)  # fmt: skip
INTERVALLES: Final = (
    ENVELOPPE[0],
    Colonne("couche", Sorte.CATEGORIE, "", "preuve, effets, duree ou delai : jamais mêlées.",
            "moteur d'imputation", ""),
    Colonne("nature", Sorte.CATEGORIE, "", "Ce qui manque ces jours-là, ou le fait qui ouvre l'effet.",
            "moteur d'imputation", _RARETE),
    Colonne("imputation", Sorte.CATEGORIE, "", "À quoi ces jours tiennent ; le registre constate, il ne juge pas.",
            "moteur d'imputation", ""),
    Colonne("statut", Sorte.CATEGORIE, "", "Jusqu'où la réponse est établie.", "moteur d'imputation", ""),
    Colonne("mois", Sorte.JOUR, "premier jour du mois", "Le mois de ces jours : un intervalle a une ligne par mois.",
            "moteur d'imputation", ""),
    Colonne("du", Sorte.JOUR, "jour civil, Europe/Paris", "Le premier de ces jours.", "moteur d'imputation", ""),
    Colonne("au", Sorte.JOUR, "jour civil, Europe/Paris", "Le dernier de ces jours, inclus ; au plus tard le jour"
            " d'observation.", "moteur d'imputation", ""),
    Colonne("jours", Sorte.NOMBRE, "jour", "Combien de jours, bornes incluses.", "moteur d'imputation", ""),
    *_PLACES,
)  # fmt: skip
APART: Final = frozenset({"attestation_protege", "carte_protege"})
"""The measures that count protected persons only: their rows are tied to nothing else of the person."""
UNITES: Final = (
    ENVELOPPE[0]._replace(
        masquage="pseudonyme propre à l'export ; et propre à la mesure pour celles des bénéficiaires d'une protection"
    ),
    Colonne("mesure", Sorte.CATEGORIE, "", "Ce que l'on compte (statistiques.json en donne le sens).",
            "projections.imputation.mesures", ""),
    Colonne("le", Sorte.JOUR, "jour civil, Europe/Paris", "Le jour où l'unité est comptée.", "moteur d'imputation",
            "au mois pour les mesures des bénéficiaires d'une protection"),
    Colonne("fait_le", Sorte.JOUR, "jour civil, Europe/Paris", "Le jour où ce qui est attendu est venu ; vide s'il"
            " n'est pas venu.", "moteur d'imputation", "au mois pour les mesures des bénéficiaires d'une protection"),
    Colonne("delai", Sorte.NOMBRE, "jour", "De « le » à « fait_le », compté sur les jours exacts.",
            "moteur d'imputation", ""),
    Colonne("oui", Sorte.OUI_NON, "", "La réponse à la question de la mesure.", "moteur d'imputation", ""),
    *_PLACES,
)  # fmt: skip
TABLES: Final[dict[str, tuple[Colonne, ...]]] = {"faits": FAITS, "intervalles": INTERVALLES, "unites": UNITES}
TITRES: Final = frozenset(
    each.nom for columns in TABLES.values() for each in columns if each.valeurs and "carte_resident" in each.valeurs
)
"""The columns that tell a title."""

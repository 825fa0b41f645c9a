"""What a verification knows, and how a layer says that it does not hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Union

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence.verificateurs.pyz.archive import Archive
    from evidence.verificateurs.pyz.contenus import Partie
    from evidence.verificateurs.pyz.feuilles import Acte, Propre
    from evidence.verificateurs.pyz.jeton import Date
    from evidence.verificateurs.pyz.note import CleNommee, Note
    from evidence.verificateurs.pyz.politique import Politique
    from evidence.verificateurs.pyz.x509 import Certificat

Parametre = Union[int, str]


class _Dit(Exception):  # noqa: N818 - a layer's outcome
    def __init__(self, code: str, **parametres: Parametre) -> None:
        super().__init__(code)
        self.code = code
        self.parametres = parametres


class Echec(_Dit):
    """A layer does not hold: a code of ``messages.json`` with its parameters."""


class Impossible(_Dit):
    """What a layer would show cannot be shown by this bundle, or by what was given with it."""


class Confiance(NamedTuple):
    """What came from outside: a policy, certificates that end a chain of time-stamps, those of qualified services."""

    politique: Politique | None = None
    racines: Sequence[Certificat] = ()
    qualifiees: Sequence[Certificat] = ()


class Cle(NamedTuple):
    """A key of the log, or of its exports, that signed."""

    nom: str
    empreinte: str


class Point(NamedTuple):
    """A checkpoint: its size, its root, its file; the known keys that signed it, and when their cosignatures say so."""

    taille: int
    racine: bytes
    note: Note
    octets: bytes
    signataires: dict[CleNommee, int | None]


@dataclass
class Examen:
    """A bundle as far as it has been looked at; each layer adds what it has shown to hold."""

    archive: Archive
    confiance: Confiance
    log: str = ""
    export: str = ""
    politique: Politique | None = None
    dossier: dict[str, Any] = field(default_factory=dict)
    cles: set[Cle] = field(default_factory=set)
    actes: list[Acte] = field(default_factory=list)
    propres: list[Propre] = field(default_factory=list)
    lignes: int | None = None
    feuilles: list[Acte | Propre] = field(default_factory=list)
    indices: list[int] = field(default_factory=list)
    dernier_chemin: list[bytes] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    temoins: list[tuple[str, str]] = field(default_factory=list)
    dates: list[Date] = field(default_factory=list)
    date: bool = False
    parties: dict[tuple[str, int, str], Partie] = field(default_factory=dict)
    recenses: dict[str, str] = field(default_factory=dict)
    retenues: int | None = None
    sans_fait: tuple[str, ...] = ()
    liees: tuple[int, int, int] | None = None

    def lue(self) -> Politique:
        """The policy that judges: the one from outside, else the bundle's own."""
        choisie = self.confiance.politique or self.politique
        assert choisie is not None  # noqa: S101 - the layer ``sac`` read it, or the verification ended there
        return choisie

"""A world: one person's acts among other people's, sealed, cosigned, stamped and counted. Fictional, with real keys."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any, Final

from ledger.seal.note import Signer
from tests.evidence.attaques.arbre import Arbre, feuille
from tests.evidence.attaques.jetons import Autorite, jeton_de
from tests.evidence.attaques.registre import Cles, Registre, point

DEBUT: Final = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
PARTS: Final = ("acteur", "fait", "pieces")
NOMS: Final = (
    "Attestation de dépôt.pdf",
    "Récépissé n° 2.pdf",
    "Passeport.pdf",
    "Convocation à l'accueil.pdf",
    "Écran « erreur 500 » 🛑.png",
)


@dataclass(frozen=True)
class Options:
    """How large a world is. ``taille``: lines of the log; ``cachees``: one act in so many keeps its actor withheld."""

    evenements: int = 40
    taille: int = 600
    flux: int = 4
    pieces: int = 6
    octets_piece: int = 1500
    autres_flux: int = 60
    cachees: int = 5
    graine: int = 1


@dataclass
class Partie:
    """A part of an act. ``valeur``: canonical JSON as it was hashed."""

    stream: str
    pos: int
    part: str
    sel: bytes
    valeur: bytes
    ouverte: bool = True

    @property
    def engagement(self) -> str:
        """What its line says of it."""
        return sha256(self.sel + self.valeur).hexdigest()


def canonique(valeur: Any) -> bytes:
    """Canonical JSON, of values whose keys are ASCII and whose numbers are whole."""
    return json.dumps(valeur, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@dataclass
class Recense:
    """What the recensement counted: its lines in order, their tree, its leaf's index in the log."""

    lignes: list[dict[str, Any]]
    arbre: Arbre
    index: int


@dataclass
class Monde:
    """A whole log around one person. Everything that a bundle is made from lies here."""

    options: Options = field(default_factory=Options)
    cles: Cles = field(default_factory=Cles.de)
    autorite: Autorite = field(default_factory=Autorite.nouvelle)
    registre: Registre = field(default_factory=Registre)

    def __post_init__(self) -> None:
        options = self.options
        self.rng = Random(options.graine)  # noqa: S311 - a world that is the same each time
        self.actes: list[int] = []
        self.propres: list[int] = []
        self.parties: list[Partie] = []
        self.fichiers: dict[str, bytes] = {}
        self.citations: dict[str, list[dict[str, Any]]] = {}
        self.absentes: list[dict[str, Any]] = []
        self.tailles: list[int] = []
        self.horodatages: dict[int, tuple[bytes, datetime]] = {}
        self.notes: dict[int, bytes] = {}
        self.recense: Recense | None = None
        self.sujets = [self._hex(), self._hex()]
        self.flux = [(self._hex(), self.sujets[n % 2 if n % 3 == 1 else 0]) for n in range(options.flux)]
        self.instant = DEBUT
        self._vivre()

    def _hex(self) -> str:
        return self.rng.randbytes(16).hex()

    def _au(self, **elapsed: int) -> str:
        self.instant += timedelta(**(elapsed or {"minutes": 7}), microseconds=self.rng.randrange(10**6))
        return self.instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def _vivre(self) -> None:
        """Five spans of acts; a checkpoint ends each. The second, the fourth and the last are stamped."""
        options = self.options
        total = options.evenements
        reste = max(0, options.taille - total - 4)
        self.registre.dire(self._au(), "veille", sha256=sha256(b"veille").hexdigest())
        self.propres.append(0)
        bornes = [0, total // 5, total * 2 // 5, total * 3 // 5, total * 4 // 5, total]
        for span in range(5):
            acts = range(bornes[span], bornes[span + 1])
            each = reste // 5 // (len(acts) + 1)
            for n in acts:
                self.registre.autres(each, self.rng)
                self._agir(n, last=n == total - 1)
            self.registre.autres(reste // 5 - each * len(acts), self.rng)
            self.sceller(horodate=span in {1, 3, 4}, dire=span in {1, 3})
            if span == 3:
                self.recenser()

    def _agir(self, n: int, *, last: bool) -> None:
        stream, subject = self.flux[self.rng.randrange(len(self.flux))] if n >= len(self.flux) else self.flux[n]
        if last and n > len(self.flux) and self.recense:
            stream, subject = self._hex(), self.sujets[0]
            self.flux.append((stream, subject))
        pos = self.registre.fins.get(stream, (0, ""))[0] + 1
        parts = self.parts_de(n, stream, pos)
        made = [
            Partie(stream, pos, part, self.rng.randbytes(32), self.valeur(part, parts[part]), not self._cachee(n, part))
            for part in PARTS
            if part in parts
        ]
        self.parties += made
        self.actes.append(
            self.registre.acte(self._au(), stream, subject, {each.part: each.engagement for each in made})
        )

    def parts_de(self, n: int, stream: str, pos: int) -> dict[str, Any]:
        """The parts of the act ``n``."""
        parts: dict[str, Any] = {"fait": self._fait(n)}
        if n % 4 != 3:
            parts["acteur"] = {"nature": "agent" if n % 3 else "demandeur", "service": "Préfecture de l'Essai"}
        if n < self.options.pieces * 2 and n % 2 == 0:
            parts["pieces"] = self._cite(n, stream, pos)
        return parts

    def valeur(self, part: str, valeur: Any) -> bytes:
        """A part's value as it is written and hashed."""
        return canonique(valeur)

    def temoins_de(self, time: int) -> list[tuple[Signer, int]]:
        """Who cosigns a checkpoint, and when."""
        return [(each, time + place) for place, each in enumerate(self.cles.temoins[:2], start=1)]

    def compter(self, heads: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the recensement counts of what there is."""
        return heads

    def horodater(self, octets: bytes, instant: datetime) -> bytes:
        """The authority's answer."""
        return self.autorite.horodater(octets, instant)

    def _cachee(self, n: int, part: str) -> bool:
        return bool(self.options.cachees) and part == "acteur" and n % self.options.cachees == 1

    def _fait(self, n: int) -> Any:
        return {
            "evenement": {
                "type": "demande_deposee",
                "numero": n,
                "texte": f'Fait n° {n} : dépôt « en ligne » — accentué é\u00e8, €, 𝄞\n\t\\ "',
            },
            "survenu": {"jour": "2026-01-05"},
            "vide": None,
            "vrai": True,
            "liste": [],
        }

    def _cite(self, n: int, stream: str, pos: int) -> list[dict[str, Any]]:
        """Two documents: one that is kept, and, once in a while, one that is not."""
        number = len(self.fichiers) + 1
        nom = NOMS[number % len(NOMS)]
        content = self.rng.randbytes(self.options.octets_piece + number)
        fichier = f"{number:03d} Piece {number}.pdf"
        self.fichiers[fichier] = content
        self.citations.setdefault(fichier, []).append({"n": 1, "pos": pos, "stream": stream})
        cited: list[dict[str, Any]] = [
            {
                "mime": "application/pdf",
                "n": 1,
                "nom": nom,
                "octets": len(content),
                "sha256": sha256(content).hexdigest(),
            }
        ]
        if n % 4 == 0:
            lost = {"nom": f"Perdue {n}.pdf", "octets": 10 + n, "sha256": sha256(f"perdue {n}".encode()).hexdigest()}
            cited.append({"n": 2} | lost)
            self.absentes.append(lost | {"motif": "octets jamais reçus"})
        return cited

    def sceller(self, *, horodate: bool, dire: bool) -> None:
        """End a span: a checkpoint, cosigned, perhaps stamped, and its stamp perhaps said in the log."""
        size = self.registre.taille
        if size in self.tailles:
            return
        self.tailles.append(size)
        self._au(hours=2)
        time = int(self.instant.timestamp())
        self.notes[size] = bytes(point(self.cles, size, self.registre.arbre.racine(size), self.temoins_de(time)))
        if horodate:
            self.instant += timedelta(minutes=10)
            stamped = self.instant.replace(microsecond=0)
            self.horodatages[size] = self.horodater(self.notes[size], stamped), stamped
            if dire:
                self.dire_jeton(size)
        self._au(days=9)

    def dire_jeton(self, size: int) -> None:
        """The log's leaf about the token of a checkpoint."""
        token = jeton_de(self.horodatages[size][0])
        frozen = sha256(self.notes[size]).hexdigest()
        self.propres.append(
            self.registre.dire(self._au(), "jeton", frozen=frozen, sha256=sha256(token).hexdigest(), size=size)
        )

    def recenser(self) -> None:
        """Count every stream up to the last checkpoint, and say so in the log."""
        size = self.tailles[-1]
        ends = dict(self.registre.fins)
        for index in sorted((index for index in self.registre.lignes if index >= size), reverse=True):
            said = json.loads(self.registre.lignes[index])
            ends[said["stream"]] = said["pos"] - 1, said.get("prev", "")
        heads = [
            {"leaf": leaf, "pos": pos, "stream": stream, "subject": self.registre.sujets[stream]}
            for stream, (pos, leaf) in ends.items()
            if pos
        ]
        heads += [
            {
                "leaf": self.rng.randbytes(32).hex(),
                "pos": self.rng.randrange(1, 40),
                "stream": self._hex(),
                "subject": self._hex(),
            }
            for _ in range(self.options.autres_flux)
        ]
        heads = self.compter(heads)
        heads.sort(key=lambda head: (head["subject"], head["stream"]))
        tree = Arbre(b"".join([feuille(canonique(head)) for head in heads]))
        root = tree.racine(tree.taille).hex()
        index = self.registre.dire(self._au(), "recensement", root=root, size=size, streams=len(heads))
        self.propres.append(index)
        self.recense = Recense(heads, tree, index)

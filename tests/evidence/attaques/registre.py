"""A log in memory: fictional acts, the log's own leaves, other people's leaves (their hashes alone), and its keys."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.seal.note import COSIGNATURE, ED25519, Note, Signer
from tests.evidence.attaques.arbre import OCTETS, Arbre, feuille

ORIGINE: Final = "constat.test/essai"


def cle(nom: str, genre: int = ED25519, graine: str = "") -> Signer:
    """A key that is always the same for a name and a ``graine``."""
    seed = sha256(f"{graine}/{nom}/{genre}".encode()).digest()
    return Signer(nom, genre, Ed25519PrivateKey.from_private_bytes(seed))


@dataclass(frozen=True)
class Cles:
    """Who signs: the log, its exports, its witnesses (two of three are asked for)."""

    registre: Signer
    exports: Signer
    temoins: tuple[Signer, ...]

    @classmethod
    def de(cls, origine: str = ORIGINE, graine: str = "vraie") -> "Cles":
        """The keys of a log."""
        witnesses = tuple(cle(f"temoin.test/{name}", COSIGNATURE, graine) for name in ("alpha", "beta", "gamma"))
        return cls(cle(origine, ED25519, graine), cle(f"{origine}/exports", ED25519, graine), witnesses)

    def politique(self, quorum: str = "deux") -> str:
        """The policy that names them."""
        names = [each.name.rpartition("/")[2] for each in self.temoins]
        lines = [f"log {each.verifier.vkey}" for each in (self.registre, self.exports)]
        lines += [f"witness {name} {each.verifier.vkey}" for name, each in zip(names, self.temoins, strict=True)]
        return "\n".join([*lines, f"group deux 2 {' '.join(names)}", f"quorum {quorum}", ""])


def propre(origine: str, genre: str) -> str:
    """The stream of the log's own leaves of one kind."""
    return sha256(f"constat/1 registre\n{origine}\n{genre}".encode()).hexdigest()[:32]


def ecrire(champs: dict[str, str | int | None]) -> str:
    """A line of flat JSON, by name; values that are ``None`` are left out. Texts are ASCII without quotes."""
    said = (
        f'"{name}":{value if isinstance(value, int) else f_texte(value)}'
        for name, value in sorted(champs.items())
        if value is not None
    )
    return "{" + ",".join(said) + "}"


def f_texte(value: str | None) -> str:
    """A text that is already JSON (an object), or one in quotes."""
    return value or "" if (value or "").startswith("{") else f'"{value}"'


@dataclass
class Registre:
    """A log that grows. ``lignes``: those whose text is known, by index; ``fins``: each stream's last place and hash."""

    origine: str = ORIGINE
    lignes: dict[int, str] = field(default_factory=dict)
    fins: dict[str, tuple[int, str]] = field(default_factory=dict)
    sujets: dict[str, str] = field(default_factory=dict)
    arbre: Arbre = field(default_factory=Arbre)

    @property
    def taille(self) -> int:
        """How many lines there are."""
        return self.arbre.taille

    def autres(self, nombre: int, rng: Random) -> None:
        """Leaves of others."""
        self.arbre.etendre(rng.randbytes(nombre * OCTETS))

    def ajouter(self, ligne: str, flux: str, pos: int, sujet: str) -> int:
        """Add a line; its index."""
        hashed = feuille(ligne.encode())
        index = self.taille
        self.lignes[index] = ligne
        self.fins[flux] = pos, hashed.hex()
        self.sujets[flux] = sujet
        self.arbre.etendre(hashed)
        return index

    def dire(self, instant: str, genre: str, **champs: Any) -> int:
        """Add a leaf of the log itself; its index."""
        flux = propre(self.origine, genre)
        pos, prev = self.fins.get(flux, (0, None))
        commun = {
            "at": instant,
            "kind": genre,
            "log": self.origine,
            "pos": pos + 1,
            "prev": prev,
            "stream": flux,
            "v": 1,
        }
        return self.ajouter(ecrire(commun | champs), flux, pos + 1, flux)

    def acte(self, instant: str, flux: str, sujet: str, engagements: dict[str, str]) -> int:
        """Add the line of an act; its index."""
        pos, prev = self.fins.get(flux, (0, None))
        commun = {
            "at": instant,
            "c": ecrire(dict(engagements)),
            "log": self.origine,
            "pos": pos + 1,
            "prev": prev,
            "stream": flux,
            "v": 1,
        }
        return self.ajouter(ecrire(commun), flux, pos + 1, sujet)


def point(cles: Cles, taille: int, racine: bytes, temoins: Sequence[tuple[Signer, int]]) -> Note:
    """A checkpoint that the log signed and these witnesses cosigned, each at its time (seconds since 1970)."""
    text = f"{cles.registre.name}\n{taille}\n{b64encode(racine).decode()}\n"
    return Note(text, (cles.registre.sign(text), *(each.cosign(text, time) for each, time in temoins)))

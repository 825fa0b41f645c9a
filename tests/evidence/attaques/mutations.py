"""Mutations that know the form: one field of a valid bundle becomes something else, and what lies above may be sealed again."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from tests.evidence.attaques import der
from tests.evidence.attaques.archive import Membre, ecrire
from tests.evidence.attaques.contre_points import nom_du_point
from tests.evidence.attaques.jetons import jeton_de, reponse
from tests.evidence.attaques.laxites import CHIFFRES_64
from tests.evidence.attaques.paquet import JOURNAL, Paquet

ENTIERS: Final = (-1, 0, 1, 2, 3, 7, 158, 2**31, 2**32, 2**53 - 1, 2**53, 2**63, 10**30)
TEXTES: Final = (
    "",
    "0",
    "a",
    "é",
    "𝄞",
    "\ud800",
    "\u2028",
    "\0",
    "\x7f",
    "0" * 32,
    "0" * 64,
    "A" * 43 + "=",
    "fait",
    "pieces",
)
LISTES: Final = (JOURNAL + "feuilles.jsonl", JOURNAL + "inclusions.jsonl", JOURNAL + "contenus.jsonl")
PETITES: Final = (JOURNAL + "coherences.jsonl", JOURNAL + "recensement.jsonl", "data/dossier.json")
EN_TETES: Final = (
    "version",
    "flags",
    "method",
    "time",
    "date",
    "crc",
    "compressed",
    "size",
    "name_length",
    "extra_length",
)


@dataclass
class Hasard:
    """Choices that a seed decides."""

    rng: Random

    def valeur(self, avant: Any) -> Any:
        """A value that may take the place of another."""
        close: list[Any] = [None, True, False, 0.5, 1.0, [], {}, [avant], {"a": avant}, *ENTIERS, *TEXTES]
        if isinstance(avant, int) and not isinstance(avant, bool):
            close += [avant + 1, avant - 1, str(avant)] * 6
        if isinstance(avant, str) and avant:
            at = self.rng.randrange(len(avant))
            close += [
                avant[:at] + self.rng.choice("0f9Aa=-\n ") + avant[at + 1 :],
                avant[:-1],
                avant + "0",
                avant.upper(),
            ] * 6
        if isinstance(avant, list):
            close += [avant[1:], avant[::-1], avant + avant[:1], avant[:-1]] * 6
        return self.rng.choice(close)

    def dans(self, valeur: Any) -> Any:
        """The same value with one thing changed somewhere inside, or a key more or less."""
        if isinstance(valeur, dict) and valeur and self.rng.random() < 0.9:
            key = self.rng.choice(sorted(valeur))
            action = self.rng.random()
            if action < 0.1:
                return {name: each for name, each in valeur.items() if name != key}
            if action < 0.15:
                return valeur | {self.rng.choice(["zz", "", "A", "__proto__", key + "x"]): self.valeur(None)}
            return valeur | {key: self.dans(valeur[key])}
        if isinstance(valeur, list) and valeur and self.rng.random() < 0.7:
            at = self.rng.randrange(len(valeur))
            return [*valeur[:at], self.dans(valeur[at]), *valeur[at + 1 :]]
        return self.valeur(valeur)

    def ecrit(self, valeur: Any) -> bytes:
        """A value as JSON, nearly always canonically."""
        if self.rng.random() < 0.85:
            return json.dumps(valeur, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
                "utf-8", "surrogatepass"
            )
        return json.dumps(valeur, ensure_ascii=self.rng.random() < 0.5, sort_keys=self.rng.random() < 0.5).encode(
            "utf-8", "surrogatepass"
        )

    def octets(self, avant: bytes) -> bytes:
        """Bytes with one thing changed."""
        if not avant:
            return self.rng.randbytes(1)
        at = self.rng.randrange(len(avant))
        with_one = avant[:at] + bytes([avant[at] ^ 1 << self.rng.randrange(8)]) + avant[at + 1 :]
        without = avant[:at] + avant[at + 1 :]
        digit = avant[:at] + bytes([self.rng.choice(CHIFFRES_64)]) + avant[at + 1 :]
        return self.rng.choice(
            [with_one, with_one, digit, without, avant[:at], avant + self.rng.choice([b"\0", b"\n", b" "])]
        )


def lignes(paquet: Paquet, hasard: Hasard) -> Paquet:
    """One line of a file of lines is other, or gone, twice there, or elsewhere."""
    nom = hasard.rng.choice(LISTES + PETITES)
    lines = paquet.membres[nom].split(b"\n")[:-1] or [b""]
    at = hasard.rng.randrange(len(lines))
    action = hasard.rng.random()
    value = _lue(lines[at])
    if action < 0.75 and value is not None:
        lines[at] = hasard.ecrit(hasard.dans(value))
    elif action < 0.85:
        lines[at] = hasard.octets(lines[at])
    elif action < 0.9:
        del lines[at]
    elif action < 0.95:
        lines.insert(hasard.rng.randrange(len(lines)), lines[at])
    else:
        other = hasard.rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    paquet.membres[nom] = b"".join(line + b"\n" for line in lines)
    return paquet


def _lue(line: bytes) -> Any:
    """The value of a line that no mutation has made unreadable yet."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def textes(paquet: Paquet, hasard: Hasard) -> Paquet:
    """A note, a proof, a policy or a list is other in one place."""
    names = [nom for nom in paquet.membres if nom.endswith((".note", ".txt", ".tlog-proof"))]
    nom = hasard.rng.choice(sorted(names))
    lines = paquet.membres[nom].split(b"\n")
    at = hasard.rng.randrange(len(lines))
    action = hasard.rng.random()
    if action < 0.6:
        lines[at] = hasard.octets(lines[at])
    elif action < 0.75:
        del lines[at]
    elif action < 0.9:
        lines.insert(at, lines[hasard.rng.randrange(len(lines))])
    else:
        lines[at] += hasard.rng.choice([b" ", b"\r", b"\t", b"\0", b"=", b"\xff", "é".encode()])
    paquet.membres[nom] = b"\n".join(lines)
    return paquet


ECRITURES: Final[tuple[Callable[[der.Noeud], der.Noeud], ...]] = (
    der.longueur_longue,
    der.indefinie,
    der.suivi,
    der.octet(b""),
    der.octet(b"\0"),
    der.octet(b"\x80"),
    der.etiquette(0x30),
    der.etiquette(0x04),
    der.etiquette(0x02),
    der.etiquette(0xA0),
    der.etiquette(0x05),
    der.ajoute(b"\5\0"),
    der.ajoute(b"\x30\0"),
)


def jetons(paquet: Paquet, hasard: Hasard) -> Paquet:
    """A value somewhere in a token is other, or written otherwise, or gone, or twice there."""
    size = hasard.rng.choice(list(paquet.monde.horodatages))
    nom = nom_du_point(size)[:-5] + ".tsr"
    root = der.lire(jeton_de(paquet.membres[nom]))
    path: tuple[int, ...] = ()
    node = root
    while node.dedans and (not path or hasard.rng.random() < 0.9):
        path = (*path, hasard.rng.randrange(len(node.dedans)))
        node = node.a(path[-1])
    action = hasard.rng.random()
    if action < 0.5 and not node.dedans:
        changed = root.avec(path, lambda each: der.octet(hasard.octets(each.octets))(each))
    elif action < 0.85 or not path:
        changed = root.avec(path, hasard.rng.choice(ECRITURES))
    else:
        changed = root.avec(path, lambda _: None)
    paquet.membres[nom] = reponse(bytes(changed))
    return paquet


def fichiers(paquet: Paquet, hasard: Hasard) -> Paquet:
    """A file is other, gone, empty, or there under another name."""
    nom = hasard.rng.choice(sorted(paquet.membres))
    action = hasard.rng.random()
    octets = paquet.membres.pop(nom)
    if action < 0.4:
        paquet.membres[nom] = hasard.octets(octets)
    elif action < 0.5:
        paquet.membres[nom] = b""
    elif action < 0.7:
        paquet.membres[nom] = octets
        paquet.membres[
            hasard.rng.choice(
                ["data/autre", "autre.txt", JOURNAL + "points/1.note", JOURNAL + "points/9.tsr", "data/pieces/x"]
            )
        ] = octets
    elif action < 0.85:
        head, _, tail = nom.rpartition("/")
        paquet.membres[f"{head}/{hasard.rng.choice(['x', '0', 'Z'])}{tail}".lstrip("/")] = octets
    return paquet


SOUS_LE_SCEAU: Final = (lignes, lignes, textes, jetons, fichiers)


def archive(paquet: Paquet, hasard: Hasard) -> bytes:
    """A field of a header is other, or a byte of the archive."""
    members = paquet.entrees()
    if hasard.rng.random() < 0.3:
        return hasard.octets(ecrire(members))
    at = hasard.rng.randrange(len(members))
    value = hasard.rng.choice(
        [0, 1, 8, 20, 45, 0x21, 0x800, 0xFFFF, len(members[at].donnees), len(members[at].donnees) + 1]
    )
    field = hasard.rng.choice(EN_TETES)
    changed = hasard.rng.choice([_local, _central, Membre.des_deux])
    members[at] = changed(members[at], **{field: value})
    if hasard.rng.random() < 0.2:
        field = hasard.rng.choice(["disk", "start", "here", "count", "size", "offset", "comment_length"])
        return ecrire(members, fin={field: value})
    return ecrire(members)


def _local(membre: Membre, **champs: Any) -> Membre:
    return membre.avec(local=champs)


def _central(membre: Membre, **champs: Any) -> Membre:
    return membre.avec(central=champs)


def muter(paquet: Paquet, graine: int) -> bytes:
    """A hostile bundle that a seed decides, from a copy of a valid one."""
    hasard = Hasard(Random(graine))  # noqa: S311 - choices, not secrets
    if hasard.rng.random() < 0.15:
        return archive(paquet.copie(), hasard)
    changed = hasard.rng.choice(SOUS_LE_SCEAU)(paquet.copie(), hasard)
    if hasard.rng.random() < 0.2 and changed.membres.keys() == paquet.membres.keys():
        changed = lignes(changed, hasard)
    seal = hasard.rng.random()
    if seal < 0.8 and "bagit.txt" in changed.membres:
        changed.sceller()
    elif seal < 0.9:
        changed.remanifester()
    return changed.octets()

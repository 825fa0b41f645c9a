"""A bundle as a tree of members that can be changed, and sealed again at every level, by whoever holds the keys."""

import json
from base64 import b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final

from ledger.seal.note import Note, Signer
from tests.evidence.attaques.archive import Membre, ecrire
from tests.evidence.attaques.monde import Monde, Partie, canonique

RACINE: Final = "DS-2026-0042_preuve"
JOURNAL: Final = "data/journal/"
HORS_LISTE: Final = ("tagmanifest-sha256.txt", "manifeste.note", "manifeste.tsr")
BAGIT: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFESTE: Final = "constat/1 export"


def en_base64(hashes: Iterable[bytes]) -> list[str]:
    """Hashes as a path writes them."""
    return [b64encode(each).decode() for each in hashes]


def jsonl(values: Iterable[Any]) -> bytes:
    """One canonical value a line."""
    return b"".join(canonique(value) + b"\n" for value in values)


def ligne_ouverte(partie: Partie) -> bytes:
    """An opened part's line, its value as it was hashed."""
    head = (
        f'{{"part":"{partie.part}","pos":{partie.pos},"salt":"{partie.sel.hex()}","stream":"{partie.stream}","value":'
    )
    return head.encode() + partie.valeur + b"}\n"


@dataclass
class Paquet:
    """A bundle. ``membres``: its files by name, without the root; what is derived is only true again once sealed."""

    monde: Monde = field(repr=False)
    membres: dict[str, bytes] = field(default_factory=dict, repr=False)
    racine: str = RACINE

    @classmethod
    def de(cls, monde: Monde, **dossier: Any) -> "Paquet":
        """The valid bundle of a world, sealed. ``dossier``: fields of dossier.json that are other than they would be."""
        paquet = cls(monde)
        paquet._textes()
        paquet._journal()
        paquet._pieces()
        paquet.ecrire_dossier(dossier_de(monde) | dossier)
        return paquet.sceller()

    def copie(self) -> "Paquet":
        """Another one, to be changed alone."""
        return Paquet(self.monde, dict(self.membres), self.racine)

    # --- what stands in it -------------------------------------------------------------------------------------------

    def _textes(self) -> None:
        self.membres |= {
            "bagit.txt": BAGIT,
            "LISEZMOI.txt": "Comment vérifier ce paquet : lisez-moi.\n".encode(),
            "verifie.go": b"package main\n",
            "verifier.html": b"<!doctype html><title>Constat</title>\n",
            "verifier.pyz": b"PK\5\6" + bytes(18),
            "data/rapport.pdf": b"%PDF-1.7\nrapport fictif\n%%EOF\n",
        }

    def _pieces(self) -> None:
        self.membres |= {f"data/pieces/{nom}": octets for nom, octets in self.monde.fichiers.items()}

    def _journal(self) -> None:
        monde = self.monde
        self.ecrire_feuilles(sorted([*monde.actes, *monde.propres]))
        opened = sorted(
            (each for each in monde.parties if each.ouverte), key=lambda each: (each.stream, each.pos, each.part)
        )
        self.membres[JOURNAL + "contenus.jsonl"] = b"".join(map(ligne_ouverte, opened))
        for size in monde.tailles:
            self.membres[f"{JOURNAL}points/{size}.note"] = monde.notes[size]
        for size, (answer, _) in monde.horodatages.items():
            self.membres[f"{JOURNAL}points/{size}.tsr"] = answer
        self.ecrire_coherences()
        if monde.recense is not None:
            self.ecrire_recensement(dossier_de(monde)["sujets"])
        self.membres[JOURNAL + "politique.txt"] = monde.cles.politique().encode()
        for nom, party in (("racine", monde.autorite.racine), ("horodatage", monde.autorite.service)):
            self.membres[f"{JOURNAL}certificats/{nom}.pem"] = party.pem

    def ecrire_feuilles(self, indexes: list[int]) -> None:
        """These lines of the log, with their proofs under the head, and the proof of the last one."""
        registre, head = self.monde.registre, self.monde.tailles[-1]
        lines = [registre.lignes[index] for index in indexes]
        self.membres[JOURNAL + "feuilles.jsonl"] = "".join(f"{line}\n" for line in lines).encode()
        said = [json.loads(line) for line in lines]
        self.membres[JOURNAL + "inclusions.jsonl"] = jsonl(
            {
                "index": index,
                "path": en_base64(registre.arbre.inclusion(index, head)),
                "pos": each["pos"],
                "stream": each["stream"],
            }
            for index, each in zip(indexes, said, strict=True)
        )
        path = "".join(f"{each}\n" for each in en_base64(registre.arbre.inclusion(indexes[-1], head)))
        proof = f"c2sp.org/tlog-proof@v1\nindex {indexes[-1]}\n{path}\n".encode()
        self.membres[JOURNAL + "tete.tlog-proof"] = proof + self.monde.notes[head]

    def ecrire_coherences(self, tailles: list[int] | None = None) -> None:
        """The proofs between neighbouring checkpoints."""
        arbre = self.monde.registre.arbre
        self.membres[JOURNAL + "coherences.jsonl"] = jsonl(
            {"a": large, "de": small, "path": en_base64(arbre.coherence(small, large))}
            for small, large in pairwise(tailles or self.monde.tailles)
        )

    def ecrire_recensement(self, sujets: list[str]) -> None:
        """The counted lines of these subjects, and their neighbours."""
        recense = self.monde.recense
        assert recense is not None
        order = [line["subject"] for line in recense.lignes]
        spans = [range(bisect_left(order, each) - 1, bisect_right(order, each) + 1) for each in sujets]
        wanted = sorted({at for span in spans for at in span if 0 <= at < recense.arbre.taille})
        self.membres[JOURNAL + "recensement.jsonl"] = jsonl(
            {"index": at, "path": en_base64(recense.arbre.inclusion(at, recense.arbre.taille))} | recense.lignes[at]
            for at in wanted
        )

    # --- reading and writing one file --------------------------------------------------------------------------------

    def lignes(self, nom: str) -> list[bytes]:
        """The lines of a file of the journal, without their ends."""
        return self.membres[JOURNAL + nom].split(b"\n")[:-1]

    def ecrire_lignes(self, nom: str, lignes: Iterable[bytes]) -> None:
        """Write them back."""
        self.membres[JOURNAL + nom] = b"".join(line + b"\n" for line in lignes)

    def changer_ligne(self, nom: str, n: int, change: Callable[[dict[str, Any]], Any]) -> None:
        """Change one line as the value that it is; it is written canonically."""
        lines = self.lignes(nom)
        value = json.loads(lines[n])
        changed = change(value)
        lines[n] = canonique(value if changed is None else changed)
        self.ecrire_lignes(nom, lines)

    @property
    def dossier(self) -> dict[str, Any]:
        """dossier.json as a value, to be changed freely."""
        return deepcopy(dict(json.loads(self.membres["data/dossier.json"])))

    def ecrire_dossier(self, dossier: dict[str, Any]) -> None:
        """Write dossier.json; its report's digest and size are those of the file that is there."""
        report = self.membres.get("data/rapport.pdf")
        if report is not None and dossier.get("rapport", {}) == {}:
            dossier = dossier | {
                "rapport": {"nom": "rapport.pdf", "octets": len(report), "sha256": sha256(report).hexdigest()}
            }
        self.membres["data/dossier.json"] = canonique(dossier) + b"\n"

    @property
    def tete(self) -> int:
        """The size of the largest checkpoint that is there."""
        return max(
            int(nom.split("/")[-1][:-5])
            for nom in self.membres
            if nom.startswith(JOURNAL + "points/") and nom.endswith(".note")
        )

    # --- sealing again -----------------------------------------------------------------------------------------------

    def remanifester(self) -> "Paquet":
        """The manifests and the measure, of what is there now."""
        payload = {nom: octets for nom, octets in self.membres.items() if nom.startswith("data/")}
        self.membres["manifest-sha256.txt"] = _liste(payload)
        oxum = f"{sum(map(len, payload.values()))}.{len(payload)}"
        info = f"Bagging-Date: 2026-11-27\nBag-Software-Agent: constat essai\nExternal-Identifier: {self.racine}\nPayload-Oxum: {oxum}\n"
        self.membres["bag-info.txt"] = info.encode()
        return self.etiqueter()

    def etiqueter(self) -> "Paquet":
        """The manifest of the tag files alone."""
        tags = {
            nom: octets for nom, octets in self.membres.items() if not nom.startswith("data/") and nom not in HORS_LISTE
        }
        self.membres["tagmanifest-sha256.txt"] = _liste(tags)
        return self

    def signer(self, *cles: Signer, origine: str | None = None) -> "Paquet":
        """The manifest's note, by these keys or by the exports' own."""
        digest = sha256(self.membres["tagmanifest-sha256.txt"]).hexdigest()
        text = f"{MANIFESTE}\n{origine or self.monde.registre.origine}\n{digest}\n"
        self.membres["manifeste.note"] = bytes(
            Note(text, tuple(each.sign(text) for each in cles or (self.monde.cles.exports,)))
        )
        return self

    def horodater(self) -> "Paquet":
        """A token over the manifest's note."""
        self.membres["manifeste.tsr"] = self.monde.autorite.horodater(
            self.membres["manifeste.note"], self.monde.instant.replace(microsecond=0)
        )
        return self

    def sceller(self) -> "Paquet":
        """All that lies above the files: manifests, signature, and the token where there was one."""
        stamped = "manifeste.tsr" in self.membres
        self.remanifester().signer()
        return self.horodater() if stamped else self

    def entrees(self) -> list[Membre]:
        """The members of the archive, in order."""
        return [Membre(f"{self.racine}/{nom}", self.membres[nom]) for nom in sorted(self.membres, key=str.encode)]

    def octets(self) -> bytes:
        """The archive, as things are now: nothing is sealed again by this."""
        return ecrire(self.entrees())


def _liste(fichiers: dict[str, bytes]) -> bytes:
    return "".join(f"{sha256(fichiers[nom]).hexdigest()}  {nom}\n" for nom in sorted(fichiers, key=str.encode)).encode()


def dossier_de(monde: Monde) -> dict[str, Any]:
    """What dossier.json says of a world."""
    places: dict[str, int] = {}
    for index in monde.actes:
        stream = json.loads(monde.registre.lignes[index])["stream"]
        places[stream] = places.get(stream, 0) + 1
    return {
        "absentes": sorted(monde.absentes, key=lambda each: (each["nom"], each["sha256"])),
        "au": "2026-11-27",
        "connu_le": None,
        "regles": sha256(b"regles").hexdigest(),
        "evenements": len(monde.actes),
        "exporte_le": "2026-11-27T12:00:00Z",
        "export": "EXP-2026-0042",
        "format": "constat/preuve/1",
        "flux": [
            {"evenements": places[stream], "stream": stream, "sujet": monde.registre.sujets[stream]}
            for stream in sorted(places)
        ],
        "log": monde.registre.origine,
        "moteur": {"constat": "0.1.0", "typst": "0.13.1"},
        "personne": "P-0042",
        "pieces": [
            {
                "faits": monde.citations.get(nom, []),
                "nom": nom,
                "octets": len(octets),
                "sha256": sha256(octets).hexdigest(),
            }
            for nom, octets in sorted(monde.fichiers.items())
        ],
        "point": monde.tailles[-1],
        "profil": "expert",
        "rapport": {},
        "retenues": [
            {"motif": "tiers", "part": each.part, "pos": each.pos, "stream": each.stream}
            for each in sorted(monde.parties, key=lambda each: (each.stream, each.pos, each.part))
            if not each.ouverte
        ],
        "sujets": sorted({monde.registre.sujets[stream] for stream in places}),
    }

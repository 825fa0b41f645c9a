"""The bundle (docs/bundle.md): what the log shows of a person, the parts that are opened, the documents, the report.

Nothing here reads a clock or a database: what was read comes in, an export comes out.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Any, Final

from evidence import sac
from evidence.composition import MODELES
from evidence.contenus import Citee, Contenu, Retenue
from evidence.journal import Journal, reponse
from evidence.produit import Forme, Produit
from ledger import canonical
from ledger.entry import Piece
from ledger.seal.policy import Policy
from ledger.seal.signing import SigningKeys

FORMAT: Final = "constat/preuve/1"
HEADER: Final = "constat/1 export"
KEY_OF: Final = "/exports"
RAPPORT: Final = "rapport.pdf"


def nom_de_cle(origine: str) -> str:
    """The name of the keys that sign the exports of a log."""
    return origine + KEY_OF


def instant(moment: datetime) -> str:
    """An instant as the files write it: RFC 3339, UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Vue:
    """From where the report looks: what was known (``None``: all), what had happened, under which rules (a digest)."""

    connu_le: datetime | None
    au: date
    regles: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contenance:
    """What goes into a bundle. ``autres``: further files under ``data/``; ``verificateurs`` and texts beside it."""

    export: str
    profil: str
    personne: str
    exporte_le: datetime
    vue: Vue
    journal: Journal
    contenus: Sequence[Contenu]
    retenues: Sequence[Retenue]
    pieces: Sequence[Citee]
    politique: Policy
    rapport: bytes | None = None
    autres: Mapping[str, bytes] = field(default_factory=dict)
    verificateurs: Mapping[str, bytes] = field(default_factory=dict)


def paquet(c: Contenance, cles: SigningKeys, horodater: Callable[[bytes], bytes] | None = None) -> Produit:
    """The bundle. ``cles``: those of exports; ``horodater`` gives a token over what it is handed."""
    journal = {f"journal/{name}": content for name, content in c.journal.fichiers().items()}
    contenu = {
        **journal,
        **c.autres,
        "journal/contenus.jsonl": b"".join(each.texte + b"\n" for each in c.contenus),
        "journal/politique.txt": c.politique.text.encode(),
        "dossier.json": canonical.encode(_dossier(c)) + b"\n",
        **({RAPPORT: c.rapport} if c.rapport is not None else {}),
    }
    documents = {f"pieces/{each.fichier}": each.piece for each in c.pieces if each.fichier is not None}
    recipes = {"LISEZMOI.txt": _lisezmoi(c), "verifie.go": (MODELES / "verifie.go").read_bytes()}
    beside = {**c.verificateurs, **recipes}
    bag = sac.ensacher(contenu, documents, beside, c.export, c.exporte_le.astimezone(UTC).date())
    note = bytes(cles.sign(f"{HEADER}\n{c.journal.origine}\n{sha256(bag[sac.TAGS]).hexdigest()}\n"))
    bag["manifeste.note"] = note
    if horodater is not None:
        bag["manifeste.tsr"] = reponse(horodater(note))
    return Produit(
        f"preuve-{c.export[:8]}", Forme.ARCHIVE, bag, {f"data/{name}": each for name, each in documents.items()}
    )


def _dossier(c: Contenance) -> dict[str, Any]:
    counts = Counter((each.flux, each.sujet) for each in c.journal.actes)
    return {
        "absentes": [_document(each) | {"motif": each.motif} for each in c.pieces if each.fichier is None],
        "au": c.vue.au.isoformat(),
        "connu_le": instant(c.vue.connu_le) if c.vue.connu_le else None,
        "evenements": len(c.journal.actes),
        "export": c.export,
        "exporte_le": instant(c.exporte_le),
        "flux": [
            {"evenements": count, "stream": flux.hex(), "sujet": sujet.hex()}
            for (flux, sujet), count in sorted(counts.items())
        ],
        "format": FORMAT,
        "log": c.journal.origine,
        "moteur": {"constat": version("constat"), "typst": version("typst")},
        "personne": c.personne,
        "pieces": sorted(
            (
                {**_document(each), "nom": each.fichier, "faits": [_place(*where) for where in each.cite_par]}
                for each in c.pieces
                if each.fichier is not None
            ),
            key=lambda said: str(said["nom"]).encode(),
        ),
        "point": c.journal.tete.taille,
        "profil": c.profil,
        "rapport": _rapport(c.rapport),
        "regles": c.vue.regles,
        "retenues": [
            {"motif": each.motif, "part": each.part, "pos": each.pos, "stream": each.flux.hex()} for each in c.retenues
        ],
        "sujets": sorted({each.sujet.hex() for each in c.journal.actes}),
    }


def _document(each: Citee) -> dict[str, Any]:
    piece: Piece = each.piece
    return {"nom": piece.nom, "octets": piece.octets, "sha256": piece.sha256}


def _place(flux: bytes, pos: int, n: int) -> dict[str, Any]:
    return {"n": n, "pos": pos, "stream": flux.hex()}


def _rapport(rapport: bytes | None) -> dict[str, Any] | None:
    if rapport is None:
        return None
    return {"nom": RAPPORT, "octets": len(rapport), "sha256": sha256(rapport).hexdigest()}


def _lisezmoi(c: Contenance) -> bytes:
    text = (MODELES / "LISEZMOI.txt").read_text(encoding="utf-8")
    said = {"@TETE@": str(c.journal.tete.taille), "@JETON@": str(_premier_jeton(c.journal)), "@LOG@": c.journal.origine}
    for mark, value in said.items():
        text = text.replace(mark, value)
    return text.encode()


def _premier_jeton(journal: Journal) -> int:
    return next((point.taille for point in reversed(journal.points) if point.jeton), journal.tete.taille)

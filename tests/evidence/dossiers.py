"""Documents of every kind, good and bad, made here; and a person whose facts cite them, in a real ledger."""

import io
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pikepdf
from obstore.store import LocalStore
from PIL import Image

from app.open import Opened
from ledger.documents import DocumentStore
from ledger.interchange import read_line
from ledger.kek import DeploymentKeys
from ledger.store import Ledger

QUI = "nadia-exemple"


@cache
def pdf(texte: str, *, pages: int = 1, poids: int = 0) -> bytes:
    """A PDF that says ``texte`` in its properties; ``poids``: bytes that cannot be packed, put in it."""
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page(page_size=(595, 842))
        made.docinfo["/Subject"] = texte
        if poids:
            made.pages[0].Resources = pikepdf.Dictionary(Properties=made.make_stream(_bruit(texte, poids)))
        return _bytes(made)


def _bruit(graine: str, poids: int) -> bytes:
    blocks = [sha256(f"{graine}{n}".encode()).digest() for n in range(poids // 32)]
    return b"".join(blocks)


def _bytes(made: pikepdf.Pdf, **given: Any) -> bytes:
    out = io.BytesIO()
    made.save(out, deterministic_id="encryption" not in given, **given)
    return out.getvalue()


@cache
def png(largeur: int = 120, hauteur: int = 80, teinte: int = 200) -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (largeur, hauteur), (teinte, 30, 30)).save(out, "PNG")
    return out.getvalue()


@cache
def jpeg(mode: str = "RGB", teinte: int = 90) -> bytes:
    """A small JPEG."""
    out = io.BytesIO()
    Image.new(mode, (120, 160), tuple([teinte] * len(mode))).save(out, "JPEG")
    return out.getvalue()


def png_immense() -> bytes:
    """A PNG of a few bytes that says it has 900 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def pdf_chiffre(*, ouvrable: bool) -> bytes:
    """A PDF with a password, that opens without it or not."""
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(595, 842))
        return _bytes(made, encryption=pikepdf.Encryption(owner="proprietaire", user="" if ouvrable else "secret"))


def pdf_avec_script() -> bytes:
    """A PDF that runs JavaScript when it is opened."""
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(595, 842))
        made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        return _bytes(made)


def pdf_avec_joint() -> bytes:
    """A PDF that carries a file."""
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(595, 842))
        made.attachments["cache.txt"] = b"un fichier joint"
        return _bytes(made)


def pdf_signe() -> bytes:
    """A PDF with a field that holds a signature."""
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(595, 842))
        value = made.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Sig, Filter=pikepdf.Name("/Adobe.PPKLite")))
        field = made.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Sig, V=value, T=pikepdf.String("S")))
        made.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]), SigFlags=3)
        return _bytes(made)


def pdf_sans_page() -> bytes:
    """A PDF without a page."""
    with pikepdf.new() as made:
        return _bytes(made)


def pdf_xref_casse() -> bytes:
    """A PDF whose table of objects is wrong: readers build another one."""
    content = pdf("table cassee")
    at = content.rindex(b"startxref")
    return content[:at] + b"startxref\n12\n%%EOF\n"


class Depot:
    """A folder of documents, and the facts that cite them, as lines of the interchange format."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.lignes: list[dict[str, Any]] = []

    def fait(
        self,
        type_: str,
        jour: str,
        donnees: Mapping[str, Any],
        *contenus: bytes,
        objet: str | None = "D-1",
        grade: str = "A",
        source: str = "anef",
        perdus: Sequence[bytes] = (),
        **enveloppe: Any,
    ) -> str:
        """One more fact, with the documents it cites (``perdus``: announced and never given); its id."""
        pieces = []
        for content in (*contenus, *perdus):
            digest = sha256(content).hexdigest()
            if content in contenus:
                (self.folder / digest).write_bytes(content)
            pieces.append({"nom": "../Nadia Exemple.pdf", "octets": len(content), "sha256": digest})
        number = f"F-{len(self.lignes) + 1:03}"
        line = {
            "id": number, "personne": QUI, "objet": objet, "type": type_, "survenu": jour,
            "acteur": {"nature": "prefecture"}, "canal": "teleservice", "source": source, "grade": grade,
            "pieces": pieces, "donnees": dict(donnees), **enveloppe,
        }  # fmt: skip
        self.lignes.append({key: value for key, value in line.items() if value is not None})
        return number

    def jsonl(self) -> str:
        """The facts, one a line."""
        return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in self.lignes)

    def ouvrir(self, ledger: Ledger, keys: DeploymentKeys, kept: Path) -> Opened:
        """All of it recorded in ``ledger``, the documents in a store at ``kept``."""
        faits = [read_line(json.dumps(each).encode()) for each in self.lignes]
        ledger.append(faits)
        kept.mkdir(exist_ok=True)
        documents = DocumentStore(LocalStore(kept))
        with ledger.connection() as conn:
            key = ledger.coffre.find(conn, [QUI])[QUI]
        for fait in faits:
            for piece in fait.pieces:
                if fait.personne is not None:
                    documents.take(key, piece, self.folder)
        return Opened(ledger, keys, documents)


def nadia(depot: Depot) -> Depot:
    """A card that ran out while a complete application was examined: eight facts, nine documents of three kinds."""
    carte = {"type_titre": "cst", "valide_du": "2024-10-01", "valide_au": "2025-09-30", "remis_le": "2024-10-01"}
    depot.fait("titre_remis", "2024-10-01", carte, jpeg(teinte=90), jpeg(teinte=91), objet="T-1")
    for day, content in (("2025-06-10", png(teinte=1)), ("2025-06-13", png(teinte=2)), ("2025-06-20", pdf("essai"))):
        depot.fait("tentative_depot_echouee", day, {"texte_erreur": "E-503"}, content, source="depot", grade="D")
    demande = {"titre_demande": "cst", "nature": "renouvellement", "deposee_le": "2025-07-01"}
    depot.fait("demande_deposee", "2025-07-01", demande)
    depot.fait("attestation_depot_delivree", "2025-07-01", {"delivree_le": "2025-07-01"}, pdf("attestation"))
    depot.fait("ccc_contacte", "2025-10-02", {"ticket": "T", "dossier": "D-1"}, pdf("question"), objet="T")
    depot.fait("ccc_repondu", "2025-10-20", {"ticket": "T", "dossier": "D-1"}, pdf("reponse", pages=3), objet="T")
    perte = {"prestation": "rsa", "organisme": "CAF", "depuis_le": "2025-10-15"}
    depot.fait("prestation_suspendue", "2025-10-15", perte, pdf("caf"), objet="RSA", source="tiers", grade="C")
    return depot

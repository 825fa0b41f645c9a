"""The bag of an export (BagIt 1.0, RFC 8493): what there is and the digest of each file, as anybody can read it."""

from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from importlib.metadata import version
from typing import Final

from ledger.entry import Piece

BAGIT: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PAYLOAD: Final = "manifest-sha256.txt"
TAGS: Final = "tagmanifest-sha256.txt"


def liste(empreintes: Iterable[tuple[str, str]]) -> bytes:
    """A list of digests as ``sha256sum -c`` reads it: of (name, 64 hexadecimal digits), by name."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(empreintes)).encode()


def empreintes(fichiers: Mapping[str, bytes], documents: Mapping[str, Piece]) -> list[tuple[str, str]]:
    """The name and digest of every file: those made here, and stored documents that are given as they are."""
    made = [(name, sha256(content).hexdigest()) for name, content in fichiers.items()]
    return made + [(name, piece.sha256) for name, piece in documents.items()]


def ensacher(
    contenu: Mapping[str, bytes], documents: Mapping[str, Piece], autres: Mapping[str, bytes], export: str, jour: date
) -> dict[str, bytes]:
    """The files of a bag, save the ``documents``: ``contenu`` under ``data/``, ``autres`` beside it, and the lists."""
    payload = {f"data/{name}": content for name, content in contenu.items()}
    stored = {f"data/{name}": piece for name, piece in documents.items()}
    octets = sum(map(len, payload.values())) + sum(piece.octets for piece in stored.values())
    info = {
        "Bag-Software-Agent": f"constat {version('constat')}",
        "Bagging-Date": jour.isoformat(),
        "External-Identifier": export,
        "Payload-Oxum": f"{octets}.{len(payload) + len(stored)}",
    }
    tags = {
        **autres,
        "bagit.txt": BAGIT,
        "bag-info.txt": "".join(f"{name}: {value}\n" for name, value in info.items()).encode(),
        PAYLOAD: liste(empreintes(payload, stored)),
    }
    return {**payload, **tags, TAGS: liste(empreintes(tags, {}))}

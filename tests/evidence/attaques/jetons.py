"""Authorities of time and their answers, made in memory: no program is asked for anything."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from cryptography.hazmat import asn1

from ledger.seal import tsp
from tests.seal.forge import Forge
from tests.seal.tsa import TIME_STAMPING, Party, certify

DEPUIS: Final = datetime(2025, 1, 1, tzinfo=UTC)
JUSQUE: Final = datetime(2036, 1, 1, tzinfo=UTC)
EXACTITUDE: Final = tsp.Accuracy(seconds=1, millis=500, micros=None)
ACCORDE: Final = bytes.fromhex("3003020100")


def der(tag: int, *parts: bytes) -> bytes:
    """A DER value of any tag."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def reponse(token: bytes, status: bytes = ACCORDE) -> bytes:
    """A TimeStampResp around a token."""
    return der(0x30, status, token)


def jeton_de(answer: bytes) -> bytes:
    """The token of an answer made here."""
    response = asn1.decode_der(tsp.Response, answer)
    assert response.token is not None
    return asn1.encode_der(response.token)


@dataclass(frozen=True)
class Autorite:
    """A root and the authority of time that it certified."""

    racine: Party
    service: Party

    @classmethod
    def nouvelle(cls, nom: str = "Horodatage d'essai", **changes: Any) -> "Autorite":
        """A new one; ``changes``: of the authority's certificate, as ``tests.seal.tsa.certify`` takes them."""
        root = certify(f"Racine de {nom}", ca=True, since=DEPUIS, until=JUSQUE)
        said = {"usage": TIME_STAMPING, "since": DEPUIS, "until": JUSQUE} | changes
        return cls(root, certify(nom, root, **said))

    def horodater(self, octets: bytes, instant: datetime, **changes: Any) -> bytes:
        """Its answer about ``octets`` at ``instant``; ``changes``: as :class:`tests.seal.forge.Forge` takes them."""
        info = {"accuracy": EXACTITUDE} | changes.pop("info", {})
        return reponse(Forge(self.service, sha256(octets).digest(), time=instant, info=info, **changes).token())

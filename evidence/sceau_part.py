"""A seal judged in a process of its own, within so much memory and time: ``python -m evidence.sceau_part``.

Whoever made the file may not wish that it be judged: some kilobytes, once inflated, fill any memory. What is asked is
one JSON value on standard input, what is answered one on standard output.
"""

import resource
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from evidence.sceau import LE_PLUS, Confiance, SansSceauError, SceauError, Verdict, verifier_sceau

MEMOIRE: Final = 2 << 30
"""Bytes of address space."""
SECONDES: Final = 60.0


class _Demande(msgspec.Struct):
    fichier: str
    confiance: Confiance
    memoire: int


class _Reponse(msgspec.Struct):
    """``refus``: why there is no verdict; ``sans``: because there is no seal."""

    verdict: Verdict | None = None
    refus: str = ""
    sans: bool = False


def verifier_fichier(
    path: Path, confiance: Confiance, *, memoire: int = MEMOIRE, secondes: float = SECONDES
) -> Verdict:
    """As :func:`evidence.sceau.verifier_sceau`, of the file at ``path``, which may have been made to be a burden.

    :raises SansSceauError: there is no seal.
    :raises SceauError: the file cannot be read as a PDF, or takes more memory or time than a sealed document does.
    """
    if path.stat().st_size > LE_PLUS:
        msg = f"{path.name} dépasse {LE_PLUS // 1_000_000} Mo : ce n'est pas un document que l'on scelle ici"
        raise SceauError(msg)
    asked = msgspec.json.encode(_Demande(str(path.resolve()), confiance, memoire), enc_hook=_der)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "evidence.sceau_part"],
            input=asked, cwd=Path(__file__).parents[1], capture_output=True, check=False, timeout=secondes, env={},
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        msg = f"{path.name} ne se juge pas en {secondes:g} secondes : ce n'est pas un document que l'on scelle ici"
        raise SceauError(msg) from error
    if done.returncode:
        msg = f"{path.name} demande trop de mémoire pour être jugé : ce n'est pas un document que l'on scelle ici"
        raise SceauError(msg)
    answer = msgspec.json.decode(done.stdout, type=_Reponse, dec_hook=_read)
    if answer.verdict is None:
        raise (SansSceauError if answer.sans else SceauError)(answer.refus)
    return answer.verdict


def main() -> None:
    """Answer once."""
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=_Demande, dec_hook=_read)
    resource.setrlimit(resource.RLIMIT_AS, (asked.memoire, asked.memoire))
    try:
        answer = _Reponse(verifier_sceau(Path(asked.fichier).read_bytes(), asked.confiance))
    except SceauError as error:
        answer = _Reponse(refus=str(error), sans=isinstance(error, SansSceauError))
    sys.stdout.buffer.write(msgspec.json.encode(answer, enc_hook=_der))


def _der(held: Any) -> bytes:
    if isinstance(held, x509.Certificate | x509.CertificateRevocationList):
        return held.public_bytes(Encoding.DER)
    raise NotImplementedError


def _read(kind: type, held: str) -> Any:
    raw = msgspec.convert(held, bytes)
    return x509.load_der_x509_certificate(raw) if kind is x509.Certificate else x509.load_der_x509_crl(raw)


if __name__ == "__main__":
    main()

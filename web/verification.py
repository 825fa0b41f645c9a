"""What a file that somebody brings shows: a receipt here, a bundle by the published verifier, the rest by its digest.

A file is read in bounded memory and a bounded time, kept nowhere, and never believed. The published verifier runs in a
process of its own, without the ledger, its keys or the network's settings: what it reads may be made to harm it.
"""

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

from app.exports import politique_du_paquet
from app.open import Opened, policy_of
from app.promises import keys_file, promise_keys
from app.remises import trouver
from app.settings import Settings
from evidence.verificateurs.assemblage import pyz
from evidence.verificateurs.pyz.__main__ import SORTIES
from ledger.absence import Presence, Search, in_mirror
from ledger.errors import ConstatError
from ledger.seal import attempt, receipt
from ledger.seal.checkpoint import PROOF_HEADER
from ledger.seal.checks import Check, Verdict
from ledger.seal.policy import NOBODY, Policy
from ledger.seal.receipt import Receipt
from ledger.seal.sheet import MAX_BYTES
from ledger.seal.verify_file import verify_file
from projections.remises import Remise

PAQUET: Final = 64 << 20
"""Bytes of a bundle that are looked at here; a larger one is verified with the published verifier."""
SECONDES: Final = 20
"""How long the verifier may run."""
MEMOIRE: Final = 1 << 30
SORTIE: Final = 1 << 20
"""Bytes of what it says."""
ENSEMBLE: Final = BoundedSemaphore(2)
"""So many bundles at once."""
EMPREINTE: Final = re.compile(r"[0-9a-f]{64}")
_ZIP: Final = b"PK\x03\x04"
_TITRES: Final = tuple(each.encode() for each in (receipt.TITLE, attempt.TITLE, PROOF_HEADER))
_LANCEUR: Final = """
import resource, runpy, sys
for what, most in ((resource.RLIMIT_AS, {memoire}), (resource.RLIMIT_CPU, {secondes}),
                   (resource.RLIMIT_FSIZE, {sortie}), (resource.RLIMIT_NOFILE, 32),
                   (resource.RLIMIT_NPROC, 0), (resource.RLIMIT_CORE, 0)):
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (most, most) if hard == resource.RLIM_INFINITY else (min(most, hard),) * 2)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


class Sens(StrEnum):
    """Ce que la vérification a donné."""

    INTEGRE = "integre"
    COHERENT = "coherent"
    ALTERE = "altere"
    CONNU = "connu"
    INCONNU = "inconnu"
    OCCUPE = "occupe"


@dataclass(frozen=True, slots=True)
class Resultat:
    """What is said of a file or of a digest. ``texte``: the verifier's own words, line by line."""

    sens: Sens
    empreinte: str
    controles: tuple[Check, ...] = ()
    presence: Search | None = None
    texte: str = ""
    remises: tuple[Remise, ...] = ()


def par_empreinte(opened: Opened, empreinte: str) -> Resultat:
    """Whether a digest (64 hexadecimal digits) is that of an export of this ledger."""
    found = trouver(opened, empreinte)
    return Resultat(Sens.CONNU if found else Sens.INCONNU, empreinte, remises=found)


def par_fichier(settings: Settings, opened: Opened, content: bytes, now: datetime) -> Resultat:
    """What a file shows; how it begins tells what it is, never its name."""
    digest = sha256(content).hexdigest()
    if content.startswith(_TITRES) and len(content) <= MAX_BYTES:
        return _recu(settings, opened, content, digest, now)
    if content.startswith(_ZIP):
        return _paquet(settings, opened, content, digest)
    return par_empreinte(opened, digest)


def _recu(settings: Settings, opened: Opened, content: bytes, digest: str, now: datetime) -> Resultat:
    checks = tuple(verify_file(content, _politique(settings, opened), now))
    if any(each.failed for each in checks):
        return Resultat(Sens.ALTERE, digest, checks)
    found = None
    if content.startswith(receipt.TITLE.encode()):
        with opened.ledger.connection() as conn:
            found = in_mirror(conn, Receipt.parse(content).line)
    whole = all(each.outcome is Verdict.PASSED for each in checks)
    dropped = found is not None and found.presence in {Presence.ABSENTE, Presence.REMPLACEE}
    return Resultat(Sens.ALTERE if dropped else Sens.INTEGRE if whole else Sens.COHERENT, digest, checks, found)


def _politique(settings: Settings, opened: Opened) -> Policy:
    """Whom to believe here: the deployment's policy; without one, those of the ledger's own keys that are here."""
    try:
        policy = politique_du_paquet(settings, opened)
    except ConstatError:
        policy = Policy(quorum=NOBODY)
    if policy_of(settings) is not None or not keys_file(settings).exists():
        return policy
    return Policy([*policy.logs, *promise_keys(settings, opened).verifiers], quorum=policy.quorum)


def _paquet(settings: Settings, opened: Opened, content: bytes, digest: str) -> Resultat:
    if not ENSEMBLE.acquire(blocking=False):
        return Resultat(Sens.OCCUPE, digest)
    try:
        with tempfile.TemporaryDirectory(prefix="constat-verifier-") as name:
            policy = _politique(settings, opened)
            code, said = _juger(Path(name), content, policy.text if policy.logs else "")
    finally:
        ENSEMBLE.release()
    verdict = next((each for each, value in SORTIES.items() if value == code), None)
    if verdict is None:
        return Resultat(Sens.INCONNU, digest)
    return Resultat(Sens(verdict.lower()), digest, texte=said)


def _juger(folder: Path, content: bytes, policy: str) -> tuple[int, str]:
    """The exit code and the words of the published verifier on a bundle."""
    given = {"verifier.pyz": verificateur(), "paquet.zip": content, "politique.txt": policy.encode()}
    for name, raw in given.items():
        (folder / name).write_bytes(raw)
    limits = _LANCEUR.format(memoire=MEMOIRE, secondes=SECONDES, sortie=SORTIE)
    command = [sys.executable, "-I", "-B", "-c", limits, "verifier.pyz", "paquet.zip"]
    command += ["--policy", "politique.txt"] if policy else []
    try:
        with (folder / "dit").open("w+b") as said:
            done = subprocess.run(  # noqa: S603 - our own program on a file of a fixed name
                command, cwd=folder, env={}, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.DEVNULL,
                timeout=SECONDES, check=False,
            )  # fmt: skip
            said.seek(0)
            return done.returncode, said.read(SORTIE).decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        return -1, ""


@cache
def verificateur() -> bytes:
    """The verifier as it is published."""
    return pyz()


def lire_empreinte(texte: str) -> str:
    """The digest that somebody typed, spaces and case aside.

    :raises ConstatError: it is none.
    """
    found = "".join(texte.split()).lower()
    if EMPREINTE.fullmatch(found) is None:
        msg = "une empreinte a 64 signes : des chiffres, et des lettres de a à f"
        raise ConstatError(msg)
    return found

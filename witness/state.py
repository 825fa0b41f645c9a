"""The folder of a witness: its key, the logs that it follows, the latest checkpoint that it cosigned for each.

=======================================  =============================================================================
``key``                                  the private key, mode 0600: ``PRIVATE+KEY+name+id+base64(0x04 || seed)``
``origins/<sha256 of origin>.keys``      the keys of a log, one vkey a line; read again at every request
``origins/<sha256 of origin>.latest``    the latest cosigned checkpoint, or ``NEVER``
``origins/<sha256 of origin>.lock``      held while a checkpoint is checked and stored, by one process of all
``evidence/``                            see :mod:`witness.evidence`
=======================================  =============================================================================

A lost ``.latest`` is an error and not a log that was never seen: a witness that forgot would cosign a fork.
"""

import fcntl
import os
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import ConstatError, KeyFileError
from ledger.seal import files
from ledger.seal.note import COSIGNATURE, ED25519, KEY_BYTES, NoteError, Signer, Verifier, exact_base64
from witness.core import Cosigned

KEY_MARK: Final = "PRIVATE+KEY+"
NEVER: Final = b"never cosigned\n"
MAX_KEYS: Final = 16
LOCK_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.002


class WitnessError(ConstatError):
    """Le dossier du témoin n'est pas dans l'état attendu."""


class BusyError(WitnessError):
    """Une autre demande sur le même journal n'en finit pas : recommencez."""


def origin_hash(origin: str) -> str:
    """By what a log is named in the folder and in the monitoring URL: SHA-256 of its origin, lowercase hex."""
    return sha256(origin.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class State:
    """The folder of a witness."""

    folder: Path

    @property
    def origins(self) -> Path:
        """Where the keys and the latest checkpoint of each log are."""
        return self.folder / "origins"

    @property
    def evidence(self) -> Path:
        """Where what shows a log's misconduct is kept."""
        return self.folder / "evidence"

    def create(self, name: str) -> Signer:
        """Make the folder, with a fresh key.

        :raises KeyFileError: there is a key already: it is never replaced.
        :raises WitnessError: the name is not one of a key (C2SP signed-note, "Format"), or cannot be read.
        """
        if not name.isprintable() or not name or " " in name or "+" in name:
            msg = f"« {name!a} » n'est pas un nom de témoin : écrivez-le comme une adresse, temoin.example/w1"
            raise WitnessError(msg)
        signer = Signer(name, COSIGNATURE, Ed25519PrivateKey.generate())
        for each in (self.folder, self.origins, self.evidence):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(self.folder / "lock"):
            path = self.folder / "key"
            if path.exists():
                msg = f"{path} : il y a déjà une clé de témoin, elle n'est pas remplacée"
                raise KeyFileError(msg)
            seed = b64encode(bytes([COSIGNATURE]) + signer.private.private_bytes_raw()).decode()
            files.replace(path, f"{KEY_MARK}{name}+{signer.verifier.id.hex()}+{seed}\n".encode(), mode=0o600)
        return signer

    def signer(self) -> Signer:
        """The key.

        :raises KeyFileError: it is missing, open to others, or not one.
        """
        path = self.folder / "key"
        try:
            with path.open(encoding="utf-8") as file:
                exposed = os.fstat(file.fileno()).st_mode & 0o077
                text = file.read()
        except FileNotFoundError as error:
            msg = f"{path} manque : « init » le crée ; perdu, il faut un nouveau témoin et un nouveau nom"
            raise KeyFileError(msg) from error
        except UnicodeDecodeError as error:
            raise _no_key(path) from error
        if exposed:
            msg = f"{path} est ouvert à d'autres utilisateurs : chmod 600, ou une nouvelle clé s'il a pu être lu"
            raise KeyFileError(msg)
        return _read_key(path, text)

    def add_log(self, verifier: Verifier) -> bool:
        """Follow the log of this key, whose name is the log's origin; whether the key is a new one.

        :raises WitnessError: it is not the key of a log, or cannot be told from another one of that log.
        """
        if verifier.algorithm != ED25519:
            msg = f"{verifier.vkey} est la clé d'un témoin, pas celle d'un journal"
            raise WitnessError(msg)
        origin = origin_hash(verifier.name)
        with self.locked(origin):
            known = self.keys(origin)
            if verifier in known:
                return False
            if len(known) == MAX_KEYS or verifier.id in {each.id for each in known}:
                msg = f"le journal {verifier.name} a déjà {MAX_KEYS} clés, ou une autre du même identifiant"
                raise WitnessError(msg)
            # The checkpoint first: were the keys there alone, the log would be known and its checkpoint lost.
            if not known and not self._latest(origin).exists():
                files.replace(self._latest(origin), NEVER)
            lines = "".join(f"{each.vkey}\n" for each in (*known, verifier))
            files.replace(self._keys(origin), lines.encode())
        return True

    def logs(self) -> list[str]:
        """The hashes of the origins of the logs that are followed."""
        return sorted(path.stem for path in self.origins.glob("*.keys"))

    def keys(self, origin: str) -> tuple[Verifier, ...]:
        """The keys of a log by the hash of its origin; none when it is not followed.

        :raises WitnessError: the file is damaged.
        """
        path = self._keys(origin)
        try:
            found = tuple(Verifier.parse(line) for line in path.read_text(encoding="utf-8").split("\n") if line)
        except FileNotFoundError:
            return ()
        except (NoteError, UnicodeDecodeError) as error:
            msg = f"{path} : une ligne n'est pas une clé de journal"
            raise WitnessError(msg) from error
        if any(origin_hash(each.name) != origin or each.algorithm != ED25519 for each in found):
            msg = f"{path} : une clé n'est pas celle de ce journal"
            raise WitnessError(msg)
        return found

    def latest(self, origin: str, witness: Verifier) -> Cosigned | None:
        """The latest checkpoint cosigned for a log that is followed; ``None``: never any.

        :raises WitnessError: it is missing or damaged.
        """
        path = self._latest(origin)
        try:
            raw = path.read_bytes()
            cosigned = None if raw == NEVER else Cosigned.read(raw, witness)
        except (FileNotFoundError, NoteError) as error:
            msg = f"{path} : le dernier point cosigné manque ou est abîmé ; ne cosignez plus sous ce nom"
            raise WitnessError(msg) from error
        if cosigned is not None and origin_hash(cosigned.checkpoint.origin) != origin:
            msg = f"{path} : ce point est celui d'un autre journal"
            raise WitnessError(msg)
        return cosigned

    def keep(self, origin: str, raw: bytes) -> None:
        """Replace the latest checkpoint of a log; it is on disk afterwards. The log's lock is held by the caller."""
        files.replace(self._latest(origin), raw)

    @contextmanager
    def locked(self, origin: str) -> Iterator[None]:
        """Alone with a log, among all threads of all processes on this machine.

        :raises BusyError: another one holds it for longer than ten seconds.
        """
        with _locked(self.origins / f"{origin}.lock"):
            yield

    def sweep(self) -> None:
        """Remove what a killed process had begun to write beside a file, and nobody reads."""
        for origin in self.logs():
            with self.locked(origin):
                for path in (*self.origins.glob(f"{origin}.*.new"), *self.evidence.glob(f"{origin}*.new")):
                    path.unlink(missing_ok=True)

    def _keys(self, origin: str) -> Path:
        return self.origins / f"{origin}.keys"

    def _latest(self, origin: str) -> Path:
        return self.origins / f"{origin}.latest"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    # The lock belongs to this opening of the file, so that it also parts threads; it goes when the process does.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _acquire(handle, time.monotonic() + LOCK_SECONDS)
        yield
    finally:
        os.close(handle)


def _acquire(handle: int, until: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > until:
                raise BusyError(BusyError.__doc__) from error
            time.sleep(_POLL_SECONDS)
        else:
            return


def _read_key(path: Path, text: str) -> Signer:
    parts = text.removesuffix("\n").removeprefix(KEY_MARK).split("+", 2)
    try:
        name, claimed, encoded = parts
        material = exact_base64(encoded)
    except (ValueError, NoteError) as error:
        raise _no_key(path) from error
    if not text.startswith(KEY_MARK) or len(material) != KEY_BYTES + 1 or material[0] != COSIGNATURE:
        raise _no_key(path)
    signer = Signer(name, COSIGNATURE, Ed25519PrivateKey.from_private_bytes(material[1:]))
    if signer.verifier.id.hex() != claimed:
        raise _no_key(path)
    return signer


def _no_key(path: Path) -> KeyFileError:
    return KeyFileError(f"{path} n'est pas la clé d'un témoin, ou il est abîmé")

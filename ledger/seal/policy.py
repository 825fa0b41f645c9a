"""Whom to believe (C2SP tlog-policy): which keys are the log's, which witnesses there are, how many must have cosigned.

A policy comes from outside: from the Défenseur des droits, a bar, a newspaper. One that comes with what it is to judge
proves nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ledger.seal.checkpoint import Checkpoint, decimal
from ledger.seal.note import COSIGNATURE, ED25519, Note, NoteError, Verifier

MAX_BYTES: Final = 1 << 18
NOBODY: Final = "none"
LOG_ARGUMENTS: Final = (1, 2)
WITNESS_ARGUMENTS: Final = (2, 3)


class PolicyError(NoteError):
    """La politique de confiance est illisible."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness by its name in the policy. ``url``: where it takes checkpoints, when the policy says."""

    name: str
    verifier: Verifier
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """So many (``threshold``) of these members, witnesses or groups, must have cosigned."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a policy says of a checkpoint. ``cosigned``: seconds since 1970, by the witness's name in the policy."""

    checkpoint: Checkpoint
    signed_by: tuple[Verifier, ...]
    cosigned: Mapping[str, int]
    quorum: bool

    @property
    def accepted(self) -> bool:
        """Whether a key of the log signed it and enough witnesses cosigned it."""
        return bool(self.signed_by) and self.quorum


@dataclass(slots=True)
class Policy:
    """A trust policy."""

    logs: list[Verifier] = field(default_factory=list)
    witnesses: dict[str, Witness] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = ""

    @classmethod
    def parse(cls, text: str) -> "Policy":
        """Read a policy file.

        :raises PolicyError: it breaks the format; the message names the line.
        """
        if len(text) > MAX_BYTES or any((char < " " and char not in "\t\n") or char == "\x7f" for char in text):
            msg = "la politique est trop longue, ou contient un caractère de commande"
            raise PolicyError(msg)
        policy, used = cls(), set[str]()
        for number, line in enumerate(text.split("\n"), start=1):
            words = line.replace("\t", " ").split(" ")
            words = [word for word in words if word]
            if words and not words[0].startswith("#"):
                try:
                    policy._read(words[0], words[1:], used)
                except NoteError as error:
                    msg = f"politique, ligne {number} : {error}"
                    raise PolicyError(msg) from error
        if not policy.quorum:
            msg = "politique : la ligne « quorum » manque"
            raise PolicyError(msg)
        return policy

    def _read(self, keyword: str, arguments: list[str], used: set[str]) -> None:
        match keyword:
            case "log" if len(arguments) in LOG_ARGUMENTS:
                self._add_log(Verifier.parse(arguments[0]))
            case "witness" if len(arguments) in WITNESS_ARGUMENTS:
                name, vkey, *url = arguments
                self._add_witness(Witness(name, Verifier.parse(vkey), url[0] if url else None))
            case "group" if len(arguments) >= 3:  # noqa: PLR2004 - name, threshold, one member
                self._add_group(arguments[0], arguments[1], tuple(arguments[2:]), used)
            case "quorum" if len(arguments) == 1 and not self.quorum:
                if arguments[0] != NOBODY and not self._defined(arguments[0]):
                    msg = f"« {arguments[0]} » n'est pas défini plus haut"
                    raise PolicyError(msg)
                self.quorum = arguments[0]
            case _:
                msg = "ligne inconnue (attendu : log, witness, group, ou une seule fois quorum)"
                raise PolicyError(msg)

    def _defined(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def _add_log(self, verifier: Verifier) -> None:
        if verifier.algorithm != ED25519 or any(each.key == verifier.key for each in self.logs):
            msg = "ce n'est pas une clé de journal, ou elle est déjà là"
            raise PolicyError(msg)
        self.logs.append(verifier)

    def _add_witness(self, witness: Witness) -> None:
        known = {each.verifier.key for each in self.witnesses.values()}
        if witness.verifier.algorithm != COSIGNATURE or witness.verifier.key in known:
            msg = "ce n'est pas une clé de témoin, ou elle est déjà là"
            raise PolicyError(msg)
        if witness.name == NOBODY or self._defined(witness.name):
            msg = f"le nom « {witness.name} » est pris"
            raise PolicyError(msg)
        self.witnesses[witness.name] = witness

    def _add_group(self, name: str, threshold: str, members: tuple[str, ...], used: set[str]) -> None:
        if name == NOBODY or self._defined(name):
            msg = f"le nom « {name} » est pris"
            raise PolicyError(msg)
        for member in members:
            if not self._defined(member) or member in used:
                msg = f"« {member} » n'est pas défini plus haut, ou compte déjà ailleurs"
                raise PolicyError(msg)
            used.add(member)
        needed = {"any": 1, "all": len(members)}.get(threshold) or decimal(threshold)
        if not 1 <= needed <= len(members):
            msg = f"le seuil de « {name} » n'est pas atteignable"
            raise PolicyError(msg)
        self.groups[name] = Group(needed, members)

    def judge(self, note: Note) -> Judgement:
        """Which keys of this policy signed a checkpoint, and whether that is enough.

        :raises NoteError: it is no checkpoint, or a signature of a known key is false.
        """
        checkpoint = Checkpoint.parse(note.text)
        logs = tuple(note.verified(each for each in self.logs if each.name == checkpoint.origin))
        by_key = {each.verifier: name for name, each in self.witnesses.items()}
        cosigned = {by_key[verifier]: time or 0 for verifier, time in note.verified(by_key).items()}
        reached = {NOBODY, *cosigned}
        for name, group in self.groups.items():  # each after its members
            if sum(member in reached for member in group.members) >= group.threshold:
                reached.add(name)
        return Judgement(checkpoint, logs, cosigned, self.quorum in reached)

    @property
    def text(self) -> str:
        """The policy as a file."""
        lines = [f"log {each.vkey}" for each in self.logs]
        lines += [
            f"witness {each.name} {each.verifier.vkey}{f' {each.url}' if each.url else ''}"
            for each in self.witnesses.values()
        ]
        lines += [f"group {name} {each.threshold} {' '.join(each.members)}" for name, each in self.groups.items()]
        return "\n".join([*lines, f"quorum {self.quorum}", ""])

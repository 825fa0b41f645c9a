"""What a verification did and found: named checks, each passed, failed, or not possible and why."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ledger.seal.checks import Verdict

MAX_FINDINGS: Final = 1_000


class Check(StrEnum):
    """The named checks."""

    PLACE = "place"
    LIGNE = "ligne"
    EMPREINTE = "empreinte"
    CHAINE = "chaine"
    OUVERTURE = "ouverture"
    ENGAGEMENT = "engagement"
    LECTURE = "lecture"
    POSITIONS = "positions"
    ARBRE = "arbre"
    POINTS = "points"
    TEMOINS = "temoins"
    JETONS = "jetons"
    DATES = "dates"
    RECENSEMENT = "recensement"
    GARDES = "gardes"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: which check, where, and what was found."""

    check: Check
    where: str
    found: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a check ended, and why it was not possible, or in part only."""

    check: Check
    verdict: Verdict
    why: str = ""


@dataclass(slots=True)
class Report:
    """What was read and what was found. ``intact`` only when every check was passed or not possible."""

    entries: int = 0
    streams: int = 0
    sealed: int = 0
    hashed: int = 0
    checkpoints: int = 0
    unreadable: int = 0
    findings: list[Finding] = field(default_factory=list)
    more: int = 0
    not_possible: dict[Check, str] = field(default_factory=dict)

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def outcomes(self) -> list[Outcome]:
        """Every check by name, with how it ended. One that failed has failed, even where more was not possible."""
        failed = {finding.check for finding in self.findings}
        return [
            Outcome(check, Verdict.FAILED)
            if check in failed
            else Outcome(check, Verdict.IMPOSSIBLE, self.not_possible[check])
            if check in self.not_possible
            else Outcome(check, Verdict.PASSED)
            for check in Check
        ]

    def add(self, check: Check, where: str, found: str) -> None:
        """Keep a finding; past ``MAX_FINDINGS`` they are only counted."""
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(check, where, found))
        else:
            self.more += 1

    def take(self, other: "Report") -> None:
        """Add what another part of the same verification read and found."""
        for name in ("entries", "streams", "sealed", "hashed", "checkpoints", "unreadable", "more"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for finding in other.findings:
            self.add(finding.check, finding.where, finding.found)
        self.not_possible |= other.not_possible

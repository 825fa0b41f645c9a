"""Ce que croit de lui-même un vérificateur publié : une politique et des autorités, mises en lui à sa publication."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ancres:
    """Trust anchors built into a published verifier, as texts; an empty one is not given.

    ``politique``: C2SP tlog-policy. ``racines``, ``qualifiees``: certificates in PEM that end a chain of time-stamps;
    the second are those of qualified services (eIDAS art. 22), and are roots as the first are.
    """

    politique: str = ""
    racines: str = ""
    qualifiees: str = ""

"""The published vectors of RFC 8785, against our encoder and against the package that is its oracle."""

import json
from pathlib import Path
from typing import Final

import pytest
import rfc8785

from ledger import canonical

JCS: Final = Path(__file__).parents[1] / "vectors" / "jcs"
NAMES: Final = sorted(path.stem for path in (JCS / "input").glob("*.json"))
OUTSIDE_THE_PROFILE: Final = {
    "values": "float",
    "structures": "float",
    "weird": "hors ASCII",
    "french": "hors ASCII",
    "unicode": "",
}
"""What our profile leaves out, and why: floats, keys outside ASCII, text that is not in NFC (which we normalise)."""


@pytest.mark.parametrize("name", NAMES)
def test_published_vectors(name: str) -> None:
    """Each vector comes out of the oracle to the byte, and out of our encoder wherever our profile admits it."""
    given = json.loads((JCS / "input" / f"{name}.json").read_bytes())
    expected = bytes.fromhex((JCS / "outhex" / f"{name}.txt").read_text())
    assert expected == (JCS / "output" / f"{name}.json").read_bytes()
    assert rfc8785.dumps(given) == expected
    if name not in OUTSIDE_THE_PROFILE:
        canonical.check(given)
        assert canonical.encode(given) == expected
    elif OUTSIDE_THE_PROFILE[name]:
        with pytest.raises(canonical.NotCanonicalError, match=OUTSIDE_THE_PROFILE[name]):
            canonical.check(given)
    else:
        assert canonical.encode(given) != expected
        assert canonical.encode(given) == canonical.encode(canonical.normalized(given))

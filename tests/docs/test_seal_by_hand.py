"""The commands of docs/seal.md, as they stand there, verify what the program signs, and refuse what was changed."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from ledger.seal.checkpoint import Checkpoint
from ledger.seal.signing import SigningKeys

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "seal.md"


@pytest.mark.parametrize("seed", range(12))
def test_a_checkpoint_is_verified_by_hand(tmp_path: Path, seed: int) -> None:
    """The shell commands of the document accept a sound checkpoint and refuse one whose size was changed."""
    for tool in ("openssl", "xxd", "base64", "awk"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} n'est pas sur cette machine")
    keys = SigningKeys("journal.exemple/a", (bytes([seed]) * 32,))
    [script] = re.findall(r"```sh\n(.+?)\n```", DOCUMENT.read_text(encoding="utf-8"), flags=re.DOTALL)
    (tmp_path / "key.vkey").write_text(keys.verifiers[0].vkey + "\n")
    sound = bytes(keys.sign(Checkpoint(keys.origin, 12, b"\7" * 32).text))
    for content, accepted in ((sound, True), (sound.replace(b"\n12\n", b"\n13\n"), False)):
        (tmp_path / "checkpoint").write_bytes(content)
        done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) is accepted, done
        assert ("Verified Successfully" in done.stdout) is accepted

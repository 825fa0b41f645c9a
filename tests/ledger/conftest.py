"""A PKCS#11 token for tests: SoftHSM2, real and empty, where it is installed."""

import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from ledger.pkcs11_uri import TokenAddress, parse

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
PIN = "4321-épée"
CONF = "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n"


@pytest.fixture(scope="session")
def softhsm() -> Iterator[tuple[Path, str, Path]]:
    """SoftHSM's module, the label of a token of its own store, and the file of its PIN. All goes with the run."""
    module = next((Path(each) for each in MODULES if Path(each).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM2 n'est pas installé (apt-get install softhsm2) : le module PKCS#11 n'est pas essayé")
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        conf, tokens, pin, label = Path(folder, "conf"), Path(folder, "tokens"), Path(folder, "pin"), "jeton d'essai"
        tokens.mkdir()
        conf.write_text(CONF.format(tokens), encoding="utf-8")
        pin.write_text(PIN + "\n", encoding="utf-8")
        environment.setenv("SOFTHSM2_CONF", str(conf))
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "87654321"],
            check=True, capture_output=True,
        )  # fmt: skip
        yield module, label, pin


@pytest.fixture
def token_uri(softhsm: tuple[Path, str, Path]) -> str:
    """The URI of the token, with a label for keys that no other test uses."""
    module, label, pin = softhsm
    objet = f"essai-{secrets.token_hex(6)}"
    return f"pkcs11:token={quote(label)};object={objet};type=secret-key?module-path={module}&pin-source=file:{pin}"


@pytest.fixture
def token(token_uri: str) -> TokenAddress:
    """The address of the token, where no KEK has this test's label yet."""
    return parse(token_uri)

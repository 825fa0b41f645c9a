"""Where a token is, by a PKCS#11 URI (RFC 7512): read strictly, and never repeated, since it may hold a PIN."""

from pathlib import Path

import pytest

from ledger.errors import KeyFileError
from ledger.pkcs11_uri import TokenAddress, address_in, parse
from tests.ledger.conftest import PIN


def test_an_address_is_read(tmp_path: Path) -> None:
    """A PKCS#11 URI names a token, its module, its keys' label and the file of its PIN; escapes are undone."""
    pin = tmp_path / "code pin"
    pin.write_text("1234\n")
    found = address_in(
        f"pkcs11:token=Mon%20jeton;serial=%01%ff;object=cl%C3%A9?module-path=/m.so&pin-source=file:{tmp_path}/code%20pin"
    )
    assert found == TokenAddress(Path("/m.so"), "Mon jeton", "clé", b"\x01\xff", pin)
    assert found.pin() == "1234"
    assert parse("pkcs11:token=t?module-path=/m&pin-source=file:///a/b&key-file=/c/d").key_file == Path("/c/d")
    assert parse("pkcs11:token=t?module-path=/m").pin() is None


def test_a_file_may_hold_the_address(tmp_path: Path) -> None:
    """Read in a file, a URI may hold the PIN itself; in the environment it may not, and is not repeated."""
    path = tmp_path / "adresse"
    uri = f"pkcs11:token=t?module-path=/m&pin-value={PIN}"
    path.write_text(uri + "\n", encoding="utf-8")
    found = address_in(str(path))
    assert found is not None
    assert found.pin() == PIN
    with pytest.raises(KeyFileError, match="pin-source") as refused:
        address_in(uri)
    assert PIN not in str(refused.value)
    for other in (str(tmp_path), str(tmp_path / "absente"), "", "/dev/null"):
        assert address_in(other) is None


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("pkcs11:", "il manque token"), ("pkcs11:token=t", "il manque module-path"),
        ("pkcs11:token=?module-path=/m", "il manque token"), ("pkcs11:token=t;token=u?module-path=/m", "deux fois"),
        ("pkcs11:token=t;slot-id=1?module-path=/m", "non géré"), ("pkcs11:token=t?module-path=/m&module-name=p", "non géré"),
        ("pkcs11:token?module-path=/m", "nom=valeur"), ("pkcs11:token=t;type=cert?module-path=/m", "secret-key"),
        ("pkcs11:token=%FF?module-path=/m", "UTF-8"), ("pkcs11:token=t?module-path=/m&pin-source=%7Ccat", "chemin entier"),
        ("pkcs11:token=t?module-path=/m&pin-value=S3CRET&pin-source=/p", "pin-source"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used(uri: str, why: str) -> None:
    """An address that lacks something, says it twice, or says what is not known, is refused and not repeated."""
    with pytest.raises(KeyFileError, match=why) as refused:
        parse(uri)
    assert "S3CRET" not in str(refused.value)


@pytest.mark.parametrize("content", ["", "\n", "x" * 257, None, b"\xff"])
def test_a_pin_that_cannot_be_read(tmp_path: Path, content: str | bytes | None) -> None:
    """A PIN file that is missing, empty, too long or no text is named, and not shown."""
    path = tmp_path / "pin"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(KeyFileError, match="pin"):
        TokenAddress(Path("/m"), "t", pin_source=path).pin()

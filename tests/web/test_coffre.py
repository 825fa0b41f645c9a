"""Small secrets at rest: they open for what they were made for, and after the key of the site was renewed."""

from pathlib import Path

import pytest
from django.test import override_settings

from app.settings import SettingsError
from tests.web import conftest  # noqa: F401 - Django is set up there
from web import base
from web.comptes.coffre import CoffreFermeError, chiffrer, dechiffrer


def test_a_secret_opens_for_its_own_domain_only_and_is_never_twice_the_same() -> None:
    """What is kept of one account opens nothing when it is put in another's place."""
    clair = b"\x00cle\xff"
    closed = chiffrer(clair, "totp:1")
    assert dechiffrer(closed, "totp:1") == clair
    assert clair not in closed
    assert closed != chiffrer(clair, "totp:1")
    with pytest.raises(CoffreFermeError, match="CONSTAT_WEB_SECRET"):
        dechiffrer(closed, "totp:2")
    assert dechiffrer(chiffrer(b"", "rien"), "rien") == b""


@pytest.mark.parametrize("place", [0, 1, 13, -1])
def test_one_byte_of_another_value_opens_nothing(place: int) -> None:
    """Version, nonce, ciphertext and tag are all authenticated."""
    altered = bytearray(chiffrer(b"une cle", "d"))
    altered[place] ^= 1
    with pytest.raises(CoffreFermeError):
        dechiffrer(bytes(altered), "d")


@pytest.mark.parametrize("length", [0, 1, 12, 13, 28])
def test_what_is_cut_short_opens_nothing(length: int) -> None:
    """Whatever is left of it: the same named error, never another one."""
    with pytest.raises(CoffreFermeError):
        dechiffrer(chiffrer(b"une cle", "d")[:length], "d")


def test_what_an_earlier_key_closed_opens_as_long_as_that_key_is_kept() -> None:
    """The new key is put above the old one; once the old one is gone, what it closed is closed for good."""
    with override_settings(SECRET_KEY="a" * 48):
        closed = chiffrer(b"une cle", "d")
    with override_settings(SECRET_KEY="b" * 48, SECRET_KEY_FALLBACKS=["c" * 48, "a" * 48]):
        assert dechiffrer(closed, "d") == b"une cle"
        fresh = chiffrer(b"une cle", "d")
    with override_settings(SECRET_KEY="b" * 48):
        assert dechiffrer(fresh, "d") == b"une cle"
        with pytest.raises(CoffreFermeError):
            dechiffrer(closed, "d")


def test_the_file_of_the_key_is_made_once_and_holds_one_key_a_line(tmp_path: Path) -> None:
    """Readable by its user only; the first line signs, the others still open; a key that is too short is refused."""
    path = tmp_path / "web.key"
    [made] = base.secret(path)
    assert path.stat().st_mode & 0o077 == 0
    assert base.secret(path) == (made,)
    path.write_text(f"{'n' * 40}\n\n{made}\n", encoding="ascii")
    assert base.secret(path) == ("n" * 40, made)
    for wrong in ("", "trop court\n", f"{made}\ntrop court\n", "é" * 48):
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(SettingsError, match="CONSTAT_WEB_SECRET"):
            base.secret(path)

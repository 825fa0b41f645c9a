"""How often one network may deposit: as often as it is told, however many addresses it has, in bounded room."""

import pytest

from guichet.__main__ import arguments
from guichet.limits import Limits, networks


def test_a_bucket_fills_again_and_the_map_is_bounded() -> None:
    """An address waits as long as it was told, and no number of addresses takes more room than is given."""
    now = [100.0]
    limits = Limits(burst=2, every=10.0, most=50, clock=lambda: now[0])
    assert [limits.wait("192.0.2.1") for _ in range(3)] == [0.0, 0.0, 10.0]
    now[0] += 9.99
    assert 0 < limits.wait("192.0.2.1") <= 0.02
    now[0] += 0.02
    assert limits.wait("192.0.2.1") == 0.0
    for n in range(5_000):
        limits.wait(f"10.0.{n // 250}.{n % 250}")
    assert len(limits) == 50
    now[0] += 1e9
    assert [limits.wait("10.0.19.249") for _ in range(3)][:2] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", [("192.0.2.1", 1)]),
        ("::ffff:192.0.2.1", [("192.0.2.1", 1)]),
        ("2001:db8:1:2:3:4:5:6", [("2001:db8:1:2::/64", 1), ("2001:db8:1::/48", 16)]),
        ("2001:db8:1:2:ffff::", [("2001:db8:1:2::/64", 1), ("2001:db8:1::/48", 16)]),
        ("", [("?", 1)]),
        ("n'importe quoi", [("?", 1)]),
    ],
)
def test_by_what_an_address_is_counted(address: str, counted: list[tuple[str, int]]) -> None:
    """One subscriber of an IPv6 network is one address; what is none is counted together."""
    assert networks(address) == counted


def test_whoever_has_many_ipv6_networks_is_no_crowd() -> None:
    """All the networks of one /48 together may deposit as sixteen subscribers, and others are not kept waiting for it."""
    now = [0.0]
    limits = Limits(burst=2, every=10.0, clock=lambda: now[0])
    waits = [limits.wait(f"2001:db8:1:{n:x}::1") for n in range(1_000)]
    assert waits.count(0.0) == 32
    assert {wait for wait in waits if wait} == {10.0 / 16}
    assert limits.wait("2001:db8:2::1") == 0.0
    now[0] += 10.0 / 16
    assert [limits.wait(f"2001:db8:1:{n:x}::1") for n in (0xFFFE, 0xFFFF)] == [0.0, 10.0 / 16]


@pytest.mark.parametrize(
    "option", ["--burst=0", "--burst=-1", "--burst=9999999", "--every=0", "--every=nan", "--every=-1", "--every=1e9"]
)
def test_a_limit_that_is_none_is_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A limit under which nobody, or everybody, could deposit is refused at the start, and the message says what is expected."""
    with pytest.raises(SystemExit):
        arguments(["--spool", "s", "--name", "n", option])
    assert "attendu" in capsys.readouterr().err

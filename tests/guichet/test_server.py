"""The guichet over HTTP: a receipt at once for whoever sends something readable, and a polite no for all the rest."""

import json
import re
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet import forms, page
from guichet.__main__ import arguments, listen
from guichet.limits import Limits
from guichet.server import Guichet as Deposits
from guichet.spool import Spool
from ledger.seal import checks
from ledger.seal.attempt import NAMES, AttemptReceipt, Line, verify_attempt
from ledger.seal.policy import Policy
from ledger.seal.signing import SigningKeys
from ledger.seal.spool import walk
from ledger.seal.verify_file import verify_file
from tests.guichet.conftest import PROJECT, Guichet

Start = Callable[..., Guichet]
DEPOSIT: Final = {
    "message": "Une erreur est survenue (E-503).\r\nRéessayez plus tard.",
    "page": "Dépôt, étape 3",
    "quand": "2026-11-27T09:12",
    "reference": "ANEF-123",
}


def failing(raw: bytes, policy: Policy) -> set[str]:
    """The checks that a receipt fails."""
    return {each.name for each in verify_attempt(raw, policy) if each.failed}


def test_a_form_gives_a_receipt_at_once(start: Start) -> None:
    """The form of the page is kept and answered by a file that verifies, and says what was written."""
    guichet = start()
    status, headers, raw = guichet.post(DEPOSIT)
    assert status == 201
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="tentative-[0-9a-f]{32}-1\.recu"', headers["Content-Disposition"])
    found = verify_file(raw, guichet.policy, datetime.now(UTC))
    assert [(each.name, each.outcome) for each in found] == [(name, checks.Verdict.PASSED) for name in NAMES]
    assert checks.holding(found)
    receipt = AttemptReceipt.parse(raw)
    assert receipt.line.value == {**DEPOSIT, "message": DEPOSIT["message"].replace("\r\n", "\n")}
    text = raw.decode()
    for said in (*DEPOSIT["message"].split("\r\n"), DEPOSIT["page"], "ne fait courir aucun délai", "heure de Paris"):
        assert said in text.partition("--- ligne ---")[0]
    assert list(walk(guichet.spool)) == [receipt.line]
    assert [
        each.name for each in verify_attempt(raw, guichet.policy, datetime.now(UTC) - timedelta(days=1)) if each.failed
    ] == ["dates"]


def test_a_program_gets_the_same_as_json(start: Start) -> None:
    """Sent as JSON, the deposit gives its number, its salt, the promise and the receipt."""
    guichet = start()
    body = json.dumps({"message": "Erreur"}).encode()
    status, headers, raw = guichet.ask("POST", "/tentative", body, Content_Type="application/json; charset=utf-8")
    told = json.loads(raw)
    receipt = AttemptReceipt.parse(told["recu"].encode())
    assert (status, headers["Content-Type"]) == (201, "application/json")
    assert (told["numero"], told["sel"]) == (receipt.line.id, receipt.line.salt.hex())
    assert bytes(receipt.promise).decode() == told["promesse"]
    assert checks.holding(verify_attempt(told["recu"].encode(), guichet.policy))


def test_no_byte_of_the_receipt_of_an_attempt_can_be_another_one(start: Start) -> None:
    """Each bit of each byte, changed, is refused; and below, also with a header made again."""
    guichet = start()
    raw = guichet.post({"message": "Erreur"})[2]
    body = raw.index(b"--- ligne ---")
    for at in range(len(raw)):
        for bit in range(8):
            changed = raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :]
            assert failing(changed, guichet.policy), (at, bit)
            if at > body:
                try:
                    again = bytes(AttemptReceipt.parse(changed))
                except checks.NoteError:
                    continue
                assert not checks.holding(verify_attempt(again, guichet.policy)), (at, bit)
    assert failing(raw, Policy.parse("quorum none\n")) == set()
    assert not checks.holding(verify_attempt(raw, Policy.parse("quorum none\n")))


def test_the_page_works_without_script(start: Start) -> None:
    """The page is a form and nothing else: nothing to run, to fetch or to frame, and its style is the one allowed."""
    status, headers, raw = start().ask("GET", "/")
    html = raw.decode()
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "form-action 'self'" in policy
    [style] = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in policy
    assert '<html lang="fr">' in html
    for name in re.findall(r'name="(\w+)"', html):
        assert name == "viewport" or f'<label for="{name}">' in html
    assert not re.search(r"<script|<img|<link|<iframe|\bon\w+=|style=|https?://", html)
    assert (headers["Referrer-Policy"], headers["X-Content-Type-Options"]) == ("no-referrer", "nosniff")


def test_the_longest_form_of_the_page_fits() -> None:
    """As much as the page lets one write, in a script of three octets a sign, is within what is read."""
    typed = {**{name: "क" * length for name, length in page.TYPED.items()}, "quand": "2026-11-27T09:12"}
    sent = urlencode(typed).encode()
    assert len(sent) <= forms.MAX_BODY
    assert forms.read(sent, forms.FORM) == typed


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "expected"),
    [
        ("GET", "/tentative", None, {}, 404),
        ("GET", "/../etc/passwd", None, {}, 404),
        ("POST", "/", b"message=x", {}, 404),
        ("PUT", "/tentative", b"message=x", {}, 501),
        ("POST", "/tentative", b"", {}, 400),
        ("POST", "/tentative", b"page=x", {}, 400),
        ("POST", "/tentative", b"message=", {}, 400),
        ("POST", "/tentative", b"message=%20%0D%0A", {}, 400),
        ("POST", "/tentative", b"message=x&message=y", {}, 400),
        ("POST", "/tentative", b"message=x&nom=Nadia", {}, 400),
        ("POST", "/tentative", b"message=%FF", {}, 400),
        ("POST", "/tentative", b"message=x&page=" + b"y" * 501, {}, 400),
        ("POST", "/tentative", b"\xff\xfe", {}, 400),
        ("POST", "/tentative", b"message=" + b"x" * 16_400, {}, 413),
        ("POST", "/tentative", b"message=x", {"Content_Type": "text/plain"}, 415),
        ("POST", "/tentative", b"message=x", {"Content_Type": "multipart/form-data; boundary=x"}, 415),
        ("POST", "/tentative", b"message=x", {"Transfer_Encoding": "chunked"}, 411),
        ("POST", "/tentative", b'{"message": 1}', {"Content_Type": "application/json"}, 400),
        ("POST", "/tentative", b'["message"]', {"Content_Type": "application/json"}, 400),
        ("POST", "/tentative", b'[["message", "x"]]', {"Content_Type": "application/json"}, 400),
        ("POST", "/tentative", b'{"message": {"message": "x"}}', {"Content_Type": "application/json"}, 400),
        ("POST", "/tentative", b'{"message": "x", "\\ud800": "y"}', {"Content_Type": "application/json"}, 400),
        ("POST", "/tentative", b"[" * 16_000, {"Content_Type": "application/json"}, 400),
        ("POST", "/tentative", b"9" * 16_000, {"Content_Type": "application/json"}, 400),
    ],
)  # fmt: skip
def test_what_is_not_taken(
    start: Start, method: str, path: str, body: bytes | None, headers: dict[str, str], expected: int
) -> None:
    """What cannot be read is refused with the status that says why, and nothing is kept of it."""
    guichet = start()
    status, _, said = guichet.ask(
        method, path, body, **{"Content_Type": "application/x-www-form-urlencoded", **headers}
    )
    assert status == expected, said
    assert list(walk(guichet.spool)) == []
    assert guichet.post({"message": "ensuite"})[0] == 201


def test_what_a_text_may_not_hold_is_taken_out() -> None:
    """Line ends become one, commands to a terminal and marks that reorder what is read go, all scripts stay."""
    dirty = "a\r\nb\rc\u2028d\x1b[31m\u202erouge\u0000 \ud800 e\u0301 می\u200cخواهم 我 🙂"
    assert forms.read(json.dumps({"message": dirty}).encode(), forms.JSON) == {
        "message": "a\nb\nc\nd [31m rouge    é می\u200cخواهم 我 🙂"
    }


@given(st.binary(max_size=400), st.sampled_from([forms.FORM, forms.JSON]))
def test_any_body_gets_an_answer(body: bytes, media_type: str) -> None:
    """Whatever is sent is either read to something that can be deposited, or refused by our own error."""
    try:
        value = forms.read(body, media_type)
    except forms.FormError as error:
        assert str(error)
        return
    line = Line("0" * 32, 1, "2026-11-27T08:30:00.000120Z", bytes(32), value, None)
    assert Line.parse(bytes(line)) == line


def test_too_many_from_one_network_are_refused_politely_and_nothing_is_lost(start: Start) -> None:
    """Past the burst the answer is 429 with when to come back; every acknowledged deposit is in the spool."""
    guichet = start("--burst", "5", "--every", "600")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: guichet.post({"message": f"essai {n}"}), range(24)))
    statuses = [status for status, _, _ in answers]
    assert statuses.count(201) == 5
    assert statuses.count(429) == 19
    refused = next(answer for answer in answers if answer[0] == 429)
    assert 1 <= int(refused[1]["Retry-After"]) <= 600
    assert "Recommencez dans" in refused[2].decode()
    given_ = {AttemptReceipt.parse(raw).line.leaf for status, _, raw in answers if status == 201}
    assert {line.leaf for line in walk(guichet.spool) if isinstance(line, Line)} == given_
    assert json.loads(guichet.stop().splitlines()[-1])["limited"] == 19


def test_behind_a_proxy_the_last_address_counts(start: Start) -> None:
    """What the proxy says is believed only where there is one; an address that a client makes up comes before it."""
    guichet = start("--burst", "1", "--every", "600", "--behind-proxy")
    assert guichet.post({"message": "a"}, X_Forwarded_For="9.9.9.9, 203.0.113.1")[0] == 201
    assert guichet.post({"message": "b"}, X_Forwarded_For="8.8.8.8, 203.0.113.1")[0] == 429
    assert guichet.post({"message": "c"}, X_Forwarded_For="203.0.113.2")[0] == 201


def test_without_a_proxy_a_made_up_address_is_not_believed(start: Start) -> None:
    """Where no proxy stands in front, the address of the connection counts, whatever the request says."""
    guichet = start("--burst", "1", "--every", "600")
    assert guichet.post({"message": "a"}, X_Forwarded_For="203.0.113.1")[0] == 201
    assert guichet.post({"message": "b"}, X_Forwarded_For="203.0.113.2")[0] == 429


def test_killed_while_many_deposit_it_keeps_every_receipt_it_gave(start: Start) -> None:
    """Killed in the middle of a flood and started again, it has every deposit of which somebody holds the receipt."""
    held: list[Line] = []
    for _ in range(3):
        guichet = start("--burst", "100000")
        key = guichet.policy.text

        def deposit(n: int, guichet: Guichet = guichet) -> Line | None:
            try:
                status, _, raw = guichet.post({"message": f"essai {n}" * 50})
            except (OSError, HTTPException):  # killed meanwhile
                return None
            return AttemptReceipt.parse(raw).line if status == 201 else None

        with ThreadPoolExecutor(8) as pool:
            sent = [pool.submit(deposit, n) for n in range(150)]
            sent[40].result()
            guichet.kill()
            held += [line for each in sent if (line := each.result()) is not None]
    last = start()
    assert last.policy.text == key
    there = {line.leaf for line in walk(last.spool) if isinstance(line, Line)}
    assert len(held) > 100
    assert {line.leaf for line in held} <= there
    assert all(isinstance(each, Line) for each in walk(last.spool))


def test_a_slow_or_silent_client_holds_nobody_up(start: Start) -> None:
    """Connections that say nothing, or stop half way, do not keep others from depositing."""
    guichet = start()
    held = []
    for n in range(40):
        one = socket.create_connection((guichet.host, guichet.port), timeout=30)
        if n % 2:
            one.sendall(
                b"POST /tentative HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{"
            )
        held.append(one)
    before = time.monotonic()
    assert guichet.post({"message": "moi"})[0] == 201
    assert time.monotonic() - before < 10
    for one in held:
        one.close()
    assert len(list(walk(guichet.spool))) == 1


def test_more_connections_than_places_are_told_to_come_back(start: Start) -> None:
    """When every place is taken the next connection is answered 503 at once, and places come free again."""
    guichet = start()
    held = [socket.create_connection((guichet.host, guichet.port), timeout=30) for _ in range(64)]
    deadline = time.monotonic() + 20
    status = 201
    while status != 503 and time.monotonic() < deadline:
        status = guichet.ask("GET", "/health")[0]
    assert status == 503
    for one in held:
        one.close()
    while status != 200 and time.monotonic() < deadline:
        status = guichet.ask("GET", "/health")[0]
    assert status == 200


def test_a_full_guichet_says_so_and_does_not_fill_its_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When nothing can be kept the answer is 503 and when to come back; however often, it is counted, not told each time."""
    spool = Spool(tmp_path / "spool", total_bytes=10)
    full = Deposits(spool, SigningKeys.generate("constat.test/guichet"), Limits(burst=1_000))
    answers = [full.deposit(b"message=x", forms.FORM, "192.0.2.1") for _ in range(100)]
    spool.close()
    assert {answer.status for answer in answers} == {503}
    assert all("Rien n'a été déposé" in answer.body and answer.headers["Retry-After"] for answer in answers)
    assert (full.counts["failed"], full.counts["SpoolFullError"]) == (100, 100)
    assert capsys.readouterr().err == ""


def test_nothing_of_what_is_sent_is_logged(start: Start) -> None:
    """The log counts; it holds no message, no address, no path."""
    guichet = start()
    guichet.post({"message": "Je m'appelle Nadia", "reference": "ANEF-9"})
    guichet.ask("GET", "/Nadia")
    logged = guichet.stop()
    counts = json.loads(logged.splitlines()[-1])
    assert (counts["event"], counts["deposited"], counts["refused"]) == ("counts", 1, 1)
    for said in ("Nadia", "ANEF", "127.0.0.1", "tentative"):
        assert said not in logged
    assert guichet.process.returncode == 0


def test_the_public_key_can_be_asked_for(start: Start) -> None:
    """The key that signs is given to whoever verifies, and stays the same after a restart."""
    guichet = start()
    vkey = guichet.ask("GET", "/cle")[2].decode()
    assert f"log {vkey}" in guichet.policy.text
    guichet.stop()
    assert start().ask("GET", "/cle")[2].decode() == vkey


def test_an_address_that_is_taken(start: Start, tmp_path: Path) -> None:
    """A guichet that finds its address taken, or its folder nowhere, says which in French."""
    first = start()
    command = [sys.executable, "-m", "guichet", "--name", "x/y", "--listen", f"127.0.0.1:{first.port}", "--spool"]
    for folder, said in ((tmp_path / "autre", "déjà prise"), (Path("/proc/spool"), "/proc/spool : introuvable")):
        done = subprocess.run([*command, folder], capture_output=True, text=True, check=False, timeout=30, cwd=PROJECT)
        assert (done.returncode, said in done.stderr) == (5, True), done.stderr


def test_two_guichets_on_one_spool(start: Start, tmp_path: Path) -> None:
    """The second one says so in French and ends with the code of what is not available."""
    start()
    command = [sys.executable, "-m", "guichet", "--spool", tmp_path / "spool", "--name", "x/y"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30, cwd=PROJECT)
    assert done.returncode == 5
    assert "un autre guichet écrit déjà" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "given_", [["--listen", "x"], ["--listen", "127.0.0.1:99999"], ["--name", "a b"], ["--name", "a+b"]]
)
def test_a_command_line_that_cannot_be_read(given_: list[str], tmp_path: Path) -> None:
    """An address or a name that cannot be one ends with the code of wrong usage."""
    with pytest.raises(SystemExit) as ended:
        arguments(["--spool", str(tmp_path), "--name", "x/y", *given_])
    assert ended.value.code == 2
    assert listen("[::1]:80") == ("::1", 80)

"""The deployment's key: in a file or in a token, it wraps what it was given, opens nothing else, and never shows itself."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from secrets import token_bytes
from threading import Thread

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger import kek as kek_module
from ledger.coffre import Coffre
from ledger.database import Database
from ledger.errors import KeyFileError
from ledger.kek import DeploymentKeys, FileKek, Kek, UnknownKekError
from ledger.pkcs11_uri import TokenAddress, parse
from ledger.store import Ledger
from tests.faits import fait, faits
from tests.ledger.conftest import PIN

BOUND = bytes(range(48))
PROJECT = Path(__file__).parents[2]


@pytest.fixture(params=["fichier", "module"])
def kek(request: pytest.FixtureRequest) -> Iterator[Kek]:
    """A KEK of each kind."""
    if request.param == "fichier":
        yield DeploymentKeys.generate().kek()
    else:
        yield DeploymentKeys.generate(request.getfixturevalue("token")).kek()


# ---------------------------------------------------------------------- wrapping


def test_what_is_wrapped_comes_back(kek: Kek) -> None:
    """A key of 32 bytes comes back whole; it is wrapped in 60 bytes, never twice the same, and named by the current KEK."""
    key = token_bytes(32)
    one, other = kek.wrap(key, BOUND), kek.wrap(key, BOUND)
    assert one != other
    assert len(one) == 60
    assert key not in one
    assert kek.unwrap(kek.current, one, BOUND) == kek.unwrap(kek.current, other, BOUND) == key
    assert kek.current in kek.ids()


def test_nothing_else_is_opened(kek: Kek) -> None:
    """A bit changed anywhere, a byte less or more, another subject or index: nothing is opened."""
    key = token_bytes(32)
    wrapped = kek.wrap(key, BOUND)
    for place in range(len(wrapped)):
        with pytest.raises(InvalidTag):
            kek.unwrap(kek.current, wrapped[:place] + bytes([wrapped[place] ^ 1]) + wrapped[place + 1 :], BOUND)
    for other in (b"", wrapped[:11], wrapped[:-1], wrapped + b"\0"):
        with pytest.raises(InvalidTag):
            kek.unwrap(kek.current, other, BOUND)
    for bound in (b"", BOUND[:-1], BOUND + b"\0", bytes(48)):
        with pytest.raises(InvalidTag):
            kek.unwrap(kek.current, wrapped, bound)
    assert kek.unwrap(kek.current, wrapped, BOUND) == key


@pytest.mark.parametrize("kek_id", ["", "0" * 16, "pas une clé", "zz"])
def test_a_kek_that_is_not_here(kek: Kek, kek_id: str) -> None:
    """A KEK that is not known is said to be missing: that is another thing than a row that was changed."""
    with pytest.raises(UnknownKekError, match="absente du fichier de clés"):
        kek.unwrap(kek_id, kek.wrap(token_bytes(32), BOUND), BOUND)


# ---------------------------------------------------------------------- the file


def test_key_files_of_before_go_on_opening(tmp_path: Path) -> None:
    """A key file as it was written before there were tokens is read, and what was wrapped then is opened."""
    kek, index, key, nonce = token_bytes(32), token_bytes(32), token_bytes(32), token_bytes(12)
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"current": "ancienne", "index": index.hex(), "keks": {"ancienne": kek.hex()}}))
    keys = DeploymentKeys.load(path)
    assert (keys.index, keys.current, keys.rotating) == (index, "ancienne", False)
    assert keys.kek().unwrap("ancienne", nonce + AESGCM(kek).encrypt(nonce, key, BOUND), BOUND) == key


def test_a_file_is_replaced_at_once(tmp_path: Path) -> None:
    """The file keeps its owner and its mode, holds the new KEK beside the old one, and leaves no copy beside it."""
    path = tmp_path / "keys.json"
    DeploymentKeys.generate().save(path)
    path.chmod(0o640)
    for left in ("neuf", "0123456789abcdef"):
        (tmp_path / f".keys.json.{left}").write_text("reste d'une commande tuée")
    before = DeploymentKeys.load(path)
    assert before.reloaded() is None
    after = before.with_new_kek().save_over()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["keys.json"]
    read = DeploymentKeys.load(path)
    assert read == after
    assert read.rotating
    assert set(read.keks) == {before.current, after.current}
    again = before.reloaded()
    assert again == read
    assert again.reloaded() is None


def test_a_file_behind_a_link_is_replaced(tmp_path: Path) -> None:
    """Named by a symbolic link, the file itself is replaced: no copy of what it held stays where the link points."""
    path, link = tmp_path / "coffre" / "cles.json", tmp_path / "keys.json"
    DeploymentKeys.generate().save(path)
    link.symlink_to(path)
    before = DeploymentKeys.load(link)
    after = before.with_new_kek().save_over().without(before.current).save_over()
    assert link.is_symlink()
    assert DeploymentKeys.load(path) == after
    assert before.keks[before.current].hex() not in path.read_text()
    assert [each.name for each in (tmp_path / "coffre").iterdir()] == ["cles.json"]


def test_a_new_file_is_never_seen_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off while it is written, a first key file is not there; two that are made at once are one, and whole."""
    path = tmp_path / "keys.json"
    with monkeypatch.context() as cut:
        cut.setattr(kek_module, "_write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            DeploymentKeys.generate().save(path)
    assert list(tmp_path.iterdir()) == []
    first = DeploymentKeys.generate()
    first.save(path)
    with pytest.raises(FileExistsError):
        DeploymentKeys.generate().save(path)
    assert DeploymentKeys.load(path) == first
    assert [(each.name, each.stat().st_mode & 0o777) for each in tmp_path.iterdir()] == [("keys.json", 0o600)]


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    """Printed, as a log or a trace would, keys and addresses show neither key nor PIN."""
    keys = DeploymentKeys.generate()
    shown = repr(keys) + repr(parse(f"pkcs11:token=t?module-path=/m&pin-value={PIN}", from_file=True))
    for secret in (*keys.keks.values(), keys.index):
        assert secret.hex() not in shown
        assert repr(secret) not in shown
    assert PIN not in shown


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '{"keks": {}}', '{"current": "a", "keks": {"a": "00"}, "index": "00"}',
        '{"current": "a", "keks": [], "index": "00"}', '{"current": "a", "keks": {"a": "zz"}, "index": "00"}',
        '{"current": "a", "keks": {}, "index_wrapped": {"kek": "a", "wrapped": "00"}}',
        '{"current": "a", "keks": {}, "index_wrapped": "a"}', "[" * 100_000, "é",
    ],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_what_is_no_key_file(tmp_path: Path, text: str) -> None:
    """Whatever else a file holds, it is said not to be a key file of this deployment."""
    path = tmp_path / "keys.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KeyFileError, match=r"keys\.json"):
        DeploymentKeys.load(path)


# ---------------------------------------------------------------------- the token


def test_the_key_never_leaves_its_token(token: TokenAddress) -> None:
    """The KEK is made in the token, 256 bits, sensitive, not extractable and never to be changed; its bytes are not given."""
    import pkcs11  # noqa: PLC0415 - only where SoftHSM is

    kek_id = DeploymentKeys.generate(token).current
    session = pkcs11.lib(str(token.module)).get_token(token_label=token.token).open()  # this process is logged in
    [found] = session.get_objects({pkcs11.Attribute.ID: bytes.fromhex(kek_id)})
    wanted = {
        pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False, pkcs11.Attribute.NEVER_EXTRACTABLE: True,
        pkcs11.Attribute.ALWAYS_SENSITIVE: True, pkcs11.Attribute.LOCAL: True, pkcs11.Attribute.MODIFIABLE: False,
        pkcs11.Attribute.VALUE_LEN: 32, pkcs11.Attribute.LABEL: token.object,
    }  # fmt: skip
    assert {name: found[name] for name in wanted} == wanted
    with pytest.raises(pkcs11.exceptions.AttributeSensitive):
        found[pkcs11.Attribute.VALUE]
    session.close()


def test_token_and_file_wrap_alike(token: TokenAddress) -> None:
    """What the token wraps is AES-256-GCM as everywhere else here: given the same key, each opens what the other wrapped."""
    import pkcs11  # noqa: PLC0415 - only where SoftHSM is

    secret, kek_id = token_bytes(32), token_bytes(8)
    DeploymentKeys.generate(token)  # logs in
    session = pkcs11.lib(str(token.module)).get_token(token_label=token.token).open(rw=True)
    session.create_object({
        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY, pkcs11.Attribute.KEY_TYPE: pkcs11.KeyType.AES,
        pkcs11.Attribute.VALUE: secret, pkcs11.Attribute.ID: kek_id, pkcs11.Attribute.LABEL: token.object,
        pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.ENCRYPT: True, pkcs11.Attribute.DECRYPT: True,
    })  # fmt: skip
    session.close()
    within = DeploymentKeys({}, kek_id.hex(), b"", token=token).kek()
    known = FileKek({kek_id.hex(): secret}, kek_id.hex())
    key = token_bytes(32)
    assert known.unwrap(kek_id.hex(), within.wrap(key, BOUND), BOUND) == key
    assert within.unwrap(kek_id.hex(), known.wrap(key, BOUND), BOUND) == key


def test_the_blind_index_is_wrapped_by_the_token(token: TokenAddress, tmp_path: Path) -> None:
    """With the KEK in a token the key file holds no secret in clear, and cannot be read without that token."""
    keys = DeploymentKeys.generate(token)
    path = tmp_path / "keys.json"
    keys.save(path)
    assert keys.index.hex() not in path.read_text()
    assert DeploymentKeys.load(path, token) == keys
    with pytest.raises(KeyFileError, match="CONSTAT_KEYS"):
        DeploymentKeys.load(path)
    stored = json.loads(path.read_text())
    stored["index_wrapped"]["wrapped"] = "00" * 60
    path.write_text(json.dumps(stored))
    with pytest.raises(KeyFileError, match="CONSTAT_KEYS"):
        DeploymentKeys.load(path, token)


def test_a_ledger_whose_key_is_in_a_token(
    database: Database, token: TokenAddress, token_uri: str, tmp_path: Path
) -> None:
    """A ledger works with its KEK in a token: what was written is read by another process, given the token."""
    path = tmp_path / "keys.json"
    DeploymentKeys.generate(token).save(path)
    with Ledger(database, DeploymentKeys.load(path, token)) as ledger:
        ledger.append(list(faits(6, personnes=3)))
        ledger.coffre.forget()
        assert len(ledger.life("P-1")) == 2
    code = (
        "import sys; from pathlib import Path; from ledger.database import Database; from ledger.kek import DeploymentKeys;"
        "from ledger.pkcs11_uri import parse; from ledger.store import Ledger;"
        "keys = DeploymentKeys.load(Path(sys.argv[2]), parse(sys.argv[3]));"
        "print(len(Ledger(Database(sys.argv[1], role='constat_app'), keys).life('P-1')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, database.conninfo, path, token_uri],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "2\n", done.stderr


def test_many_threads_share_a_token(token: TokenAddress) -> None:
    """Threads that wrap and unwrap at once each get what is theirs."""
    kek = DeploymentKeys.generate(token).kek()
    wrong: list[object] = []

    def work() -> None:
        for _ in range(50):
            key = token_bytes(32)
            if kek.unwrap(kek.current, kek.wrap(key, BOUND), BOUND) != key:
                wrong.append(key)

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_opens_the_token_anew(token: TokenAddress) -> None:
    """A child that was forked with an open session unwraps as well, and its parent goes on."""
    kek = DeploymentKeys.generate(token).kek()
    key = token_bytes(32)
    wrapped = kek.wrap(key, BOUND)
    child = os.fork()
    if child == 0:
        os._exit(0 if kek.unwrap(kek.current, wrapped, BOUND) == key else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert kek.unwrap(kek.current, wrapped, BOUND) == key


def test_a_lost_session_is_opened_again(token: TokenAddress) -> None:
    """When every session was closed behind our back, the next call opens one and answers."""
    import pkcs11  # noqa: PLC0415 - only where SoftHSM is

    kek = DeploymentKeys.generate(token).kek()
    key = token_bytes(32)
    wrapped = kek.wrap(key, BOUND)
    pkcs11.lib(str(token.module)).reinitialize()
    assert kek.unwrap(kek.current, wrapped, BOUND) == key


def _wrong_pin(token: TokenAddress) -> TokenAddress:
    import pkcs11  # noqa: PLC0415 - only where SoftHSM is

    pkcs11.lib(str(token.module)).reinitialize()  # a PIN is asked of who is not logged in
    assert token.pin_source is not None
    other = token.pin_source.with_name("autre")
    other.write_text("0000-faux")
    return replace(token, pin_source=other)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (_wrong_pin, "refuse le code PIN"),
        (lambda token: replace(token, token="un autre"), "ne contient pas le jeton"),  # noqa: S106 - a label
        (lambda token: replace(token, module=Path("/dev/null")), "ne se charge pas"),
        (lambda token: replace(token, pin_source=Path("/absent/pin")), "code PIN"),
    ],
    ids=["pin", "jeton", "module", "fichier du pin"],
)
def test_a_token_that_refuses(token: TokenAddress, other: Callable[[TokenAddress], TokenAddress], why: str) -> None:
    """A wrong PIN, a token or a module that is not there: said in French, without the PIN."""
    with pytest.raises(KeyFileError, match=why) as refused:
        DeploymentKeys.generate(other(token))
    assert "0000-faux" not in str(refused.value)
    assert PIN not in str(refused.value)


# ---------------------------------------------------------------------- what follows a new file


def test_a_running_process_takes_up_the_new_file(database: Database, tmp_path: Path) -> None:
    """A process with the old key file opens rows of the new KEK: it reads the file again when it meets one."""
    path = tmp_path / "keys.json"
    DeploymentKeys.generate().save(path)
    old, new = DeploymentKeys.load(path), DeploymentKeys.load(path)
    with Ledger(database, old) as running:
        running.append([fait()])
        with Ledger(database, new.with_new_kek().save_over()) as other:
            other.append([fait(personne="P-2")])
        assert len(running.life("P-2")) == 1
        running.append([fait(personne="P-3")])
        with running.connection() as conn:
            used = conn.execute("SELECT kek_id FROM ledger.person_key WHERE kek_id <> %s", (old.current,)).fetchall()
    assert len(used) == 2


def test_the_file_of_another_ledger_is_not_taken_up(database: Database, tmp_path: Path) -> None:
    """A file put in the place of the right one, with another blind index, is not believed."""
    path = tmp_path / "keys.json"
    DeploymentKeys.generate().save(path)
    coffre = Coffre(DeploymentKeys.load(path))
    path.unlink()
    other = DeploymentKeys.generate()
    other.save(path)
    with database.connect() as conn:
        Coffre(other).ensure(conn, ["P-1"])
        with pytest.raises(KeyFileError, match="absente du fichier de clés"):
            coffre.of_subjects(
                conn, [bytes(row[0]) for row in conn.execute("SELECT uuid_send(subject) FROM ledger.person_key")]
            )

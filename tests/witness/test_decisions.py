"""What a witness answers, line by line of C2SP tlog-witness v1."""

from base64 import b64encode
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.seal.note import COSIGNATURE, Note, NoteError, Signer, Verifier
from tests.witness.conftest import folder_of
from tests.witness.journal import ORIGIN, WITNESS, Journal, Key, assert_one_history, cosigned_at
from witness.core import MAX_REQUEST, Answer, Cosigned, Misconduct, Request, decide
from witness.service import Witness

HONEST: Final = Journal()
OTHER: Final = Journal(branch="autre ", fork=5)
STRANGER: Final = Key(ORIGIN, 1, b"\x21" * 32)
SECOND: Final = Key(ORIGIN, 1, b"\x22" * 32)
SIGNER: Final = Signer(WITNESS, COSIGNATURE, Ed25519PrivateKey.from_private_bytes(b"\2" * 32))
LOG: Final = tuple(Verifier.parse(key.vkey) for key in HONEST.keys)
NOW: Final = 1_700_000_000
FORGED: Final = HONEST.request(0, 8).replace(b"\n8\n", b"\n9\n")


def last_at(size: int, journal: Journal = HONEST, time: int = NOW) -> Cosigned:
    """What a witness keeps that cosigned ``journal`` at ``size``."""
    note = Note.parse(journal.note(size).encode())
    return Cosigned.read(bytes(note.signed(SIGNER.cosign(note.text, time))), SIGNER.verifier)


def answer(last: Cosigned | None, body: bytes, log: tuple[Verifier, ...] = LOG, now: int = NOW) -> Answer:
    """What is decided of a body that is a request."""
    return decide(last, Request.parse(body), log, SIGNER.cosign, now)


@pytest.mark.parametrize(
    ("last", "body", "status", "misconduct"),
    [
        pytest.param(None, HONEST.request(0, 8), 200, None, id="the first checkpoint"),
        pytest.param(None, HONEST.request(0, 0), 200, None, id="the empty tree"),
        pytest.param(last_at(0), HONEST.request(0, 0), 200, None, id="the empty tree again"),
        pytest.param(last_at(0), HONEST.request(0, 3), 200, None, id="from the empty tree"),
        pytest.param(last_at(5), HONEST.request(5, 8), 200, None, id="it grew"),
        pytest.param(last_at(8), HONEST.request(8, 8), 200, None, id="the same again"),
        pytest.param(last_at(8), HONEST.request(8, 9), 200, None, id="from a perfect tree"),
        pytest.param(None, HONEST.request(9, 8, []), 400, None, id="old is larger than the checkpoint"),
        pytest.param(last_at(9), HONEST.request(9, 8, []), 400, Misconduct.ROLLBACK, id="old larger, a rollback"),
        pytest.param(None, replace(HONEST, keys=(STRANGER,)).request(0, 8), 403, None, id="no known key signed"),
        pytest.param(None, FORGED, 403, None, id="the signature of a known key is false"),
        pytest.param(None, HONEST.request(5, 8), 409, None, id="old is not zero and nothing was cosigned"),
        pytest.param(last_at(5), HONEST.request(0, 8), 409, None, id="old is zero and something was"),
        pytest.param(last_at(5), HONEST.request(4, 8), 409, None, id="old is smaller"),
        pytest.param(last_at(5), HONEST.request(6, 8), 409, None, id="old is larger"),
        pytest.param(last_at(8), HONEST.request(5, 8), 409, None, id="the same checkpoint, an older old"),
        pytest.param(last_at(8), HONEST.request(0, 5), 409, Misconduct.ROLLBACK, id="a rollback"),
        pytest.param(last_at(8), OTHER.request(0, 8), 409, Misconduct.FORK, id="a fork, old is wrong too"),
        pytest.param(last_at(8), OTHER.request(8, 8), 422, Misconduct.FORK, id="a fork at the same size"),
        pytest.param(last_at(8), OTHER.request(8, 9), 422, Misconduct.INCONSISTENT, id="a fork that grew"),
        pytest.param(last_at(5), HONEST.request(5, 8, []), 422, Misconduct.INCONSISTENT, id="no proof"),
        pytest.param(
            last_at(5), HONEST.request(5, 8, HONEST.proof(4, 8)), 422, Misconduct.INCONSISTENT, id="another proof"
        ),
        pytest.param(
            last_at(5),
            HONEST.request(5, 8, [*HONEST.proof(5, 8), b"\0" * 32]),
            422,
            Misconduct.INCONSISTENT,
            id="one hash too many",
        ),
        pytest.param(None, HONEST.request(0, 8, [b"\0" * 32]), 422, None, id="a proof from the empty tree"),
        pytest.param(last_at(8), HONEST.request(8, 8, [b"\0" * 32]), 422, None, id="a proof between equals"),
    ],
)
def test_each_status_of_the_specification(
    last: Cosigned | None, body: bytes, status: int, misconduct: Misconduct | None
) -> None:
    """Each request gets the status that the specification gives it; only a 200 changes what is kept."""
    given_ = answer(last, body)
    assert (given_.status, given_.misconduct) == (status, misconduct)
    assert (given_.keep is not None) is (status == HTTPStatus.OK)
    assert ("— " in given_.body) is (status == HTTPStatus.OK)


def test_an_unknown_origin_is_404_whoever_signed() -> None:
    """A log that is not followed is 404, before anything is said of its signature."""
    assert answer(None, HONEST.request(0, 8), ()).status == HTTPStatus.NOT_FOUND
    assert answer(None, FORGED, ()).status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(("last", "size"), [(None, "0\n"), (last_at(0), "0\n"), (last_at(8), "8\n")])
def test_a_conflict_tells_the_size(last: Cosigned | None, size: str) -> None:
    """409 gives the size of the latest cosigned checkpoint and a newline, in its own media type."""
    told = answer(last, HONEST.request(3, 12))
    assert (told.status, told.body, told.media_type) == (409, size, "text/x.tlog.size")


def test_the_empty_tree_has_one_root() -> None:
    """A checkpoint of size zero with another root is 422, and shows by itself that the log signed nonsense."""
    text = f"{ORIGIN}\n0\n{b64encode(HONEST.root(1)).decode()}\n"
    body = f"old 0\n\n{text}\n{HONEST.keys[0].line(text)}".encode()
    for last in (None, last_at(0)):
        refused = answer(last, body)
        assert (refused.status, refused.misconduct) == (422, Misconduct.FORK)


def test_the_order_of_the_checks() -> None:
    """What is wrong in two ways gets the status of the check that the specification makes first."""
    stranger = replace(HONEST, keys=(STRANGER,))
    assert answer(last_at(5), stranger.request(9, 8, [])).status == HTTPStatus.FORBIDDEN
    assert answer(last_at(5), HONEST.request(9, 8, [])).status == HTTPStatus.BAD_REQUEST
    assert answer(last_at(5), OTHER.request(4, 8, [])).status == HTTPStatus.CONFLICT


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"old 0",
        b"old 0\n",
        b"old 0\n\n",
        b"old 0\n\n\n" + HONEST.note(3).encode(),
        HONEST.note(3).encode(),
        b"\n" + HONEST.note(3).encode(),
        HONEST.request(0, 3).replace(b"old 0", b"old"),
        HONEST.request(0, 3).replace(b"old 0", b"old "),
        HONEST.request(0, 3).replace(b"old 0", b"old  0"),
        HONEST.request(0, 3).replace(b"old 0", b"Old 0"),
        HONEST.request(0, 3).replace(b"old 0", b"old 00"),
        HONEST.request(0, 3).replace(b"old 0", b"old -0"),
        HONEST.request(0, 3).replace(b"old 0", b"old +1"),
        HONEST.request(0, 3).replace(b"old 0", b"old 1_0"),
        HONEST.request(0, 3).replace(b"old 0", "old ٣".encode()),
        HONEST.request(0, 3).replace(b"old 0", b"old 9223372036854775808"),
        HONEST.request(0, 3).replace(b"old 0", b"old 0 "),
        HONEST.request(0, 3).replace(b"old 0\n", b"old 0\r\n"),
        HONEST.request(0, 3).replace(b"\n3\n", b"\n03\n"),
        HONEST.request(0, 3).replace(b"\n3\n", b"\nx\n"),
        HONEST.request(1, 3, [b"\0" * 31]),
        HONEST.request(1, 3, [b"\0" * 33]),
        HONEST.request(1, 3, [b"\0" * 32] * 64),
        HONEST.request(1, 3).replace(b"=\n", b"\n", 1),
        HONEST.request(1, 3).replace(b"=\n", b"= \n", 1),
        HONEST.request(0, 3)[:-1],
        HONEST.request(0, 3) + b"x",
        HONEST.request(0, 3).replace("— ".encode(), b"- "),
        HONEST.request(0, 3).replace(b"journal", b"journ\0l"),
        HONEST.request(0, 3).replace(b"journal", b"journ\xffl"),
        HONEST.request(0, 3) + b"\xe2\x80\x94 a b\n" * 70,
    ],
)
def test_what_is_no_request_is_400(body: bytes, witness: Witness) -> None:
    """Whatever departs from the format by one sign is 400, and nothing is kept."""
    with pytest.raises(NoteError):
        Request.parse(body)
    refused = witness.add_checkpoint(body)
    assert refused.status == HTTPStatus.BAD_REQUEST
    assert refused.keep is None


def test_63_hashes_are_read() -> None:
    """A proof of 63 hashes is a request; that it proves nothing is another matter."""
    assert len(Request.parse(HONEST.request(1, 3, [b"\0" * 32] * 63)).proof) == 63
    assert answer(last_at(1), HONEST.request(1, 3, [b"\0" * 32] * 63)).status == 422


@given(st.binary(max_size=400))
def test_garbage_is_refused_by_name(garbage: bytes) -> None:
    """Any octets are a request or a ``NoteError``; garbage before, in or after a good one is never cosigned."""
    good = HONEST.request(0, 3)
    for body in (garbage, b"old 0\n\n" + garbage, garbage + good, good[: len(good) // 2] + garbage):
        try:
            request = Request.parse(body)
        except NoteError:
            continue
        decided = decide(None, request, LOG, SIGNER.cosign, NOW)
        assert decided.status != HTTPStatus.OK or request.note.verified(LOG)


@given(st.integers(0, len(FORGED) - 1), st.integers(1, 255))
def test_one_changed_octet_is_never_cosigned_as_something_else(at: int, change: int) -> None:
    """A good request with one octet changed gets no cosignature, unless what is signed stayed the same."""
    body = bytearray(HONEST.request(0, 8))
    body[at % len(body)] ^= change
    try:
        request = Request.parse(bytes(body))
    except NoteError:
        return
    decided = decide(None, request, LOG, SIGNER.cosign, NOW)
    assert decided.status != HTTPStatus.OK or request.note.text == HONEST.text(8)


def test_the_cosignature_is_the_one_of_the_specification() -> None:
    """Its octets verify by the specification alone, over the whole text with extension lines, at the time given."""
    extended = replace(HONEST, extra="une ligne\nune autre\n")
    cosigned = answer(None, extended.request(0, 8))
    assert cosigned_at(cosigned.body, extended.text(8), SIGNER.verifier.vkey) == NOW
    assert cosigned.keep is not None
    assert bytes(cosigned.keep).decode() == extended.note(8) + cosigned.body


def test_only_what_was_verified_is_kept() -> None:
    """Signatures of unknown keys, also under the log's name, are ignored and not served to monitors."""
    crowd = replace(HONEST, keys=(STRANGER, *HONEST.keys, Key("autre.example/b", 1, b"\3" * 32), *HONEST.keys))
    cosigned = answer(None, crowd.request(0, 8))
    assert cosigned.keep is not None
    assert bytes(cosigned.keep).decode() == HONEST.note(8) + cosigned.body


def test_what_is_kept_can_be_read_again(witness: Witness) -> None:
    """The largest request, and one with 64 signatures of the log, leave a folder from which the witness goes on."""
    room = MAX_REQUEST - len(HONEST.request(0, 3)) - 1
    largest = replace(HONEST, extra="x" * room + "\n").request(0, 3)
    assert len(largest) == MAX_REQUEST
    assert witness.add_checkpoint(largest).status == HTTPStatus.OK
    assert witness.add_checkpoint(largest + b"\n").status == HTTPStatus.BAD_REQUEST
    crowd = replace(HONEST, keys=HONEST.keys * 64)
    assert witness.add_checkpoint(crowd.request(3, 5)).status == HTTPStatus.OK
    assert witness.add_checkpoint(HONEST.request(5, 8)).status == HTTPStatus.OK


def test_a_log_may_change_keys() -> None:
    """Of two keys of one origin either is enough; both are kept when both signed; a false one of the two is 403."""
    both = replace(HONEST, keys=(*HONEST.keys, SECOND))
    known = tuple(Verifier.parse(key.vkey) for key in both.keys)
    for journal in (HONEST, replace(HONEST, keys=(SECOND,)), both):
        cosigned = answer(last_at(5), journal.request(5, 8), known)
        assert cosigned.keep is not None
        assert bytes(cosigned.keep).decode() == journal.note(8) + cosigned.body
    false = HONEST.request(5, 8) + SECOND.line("autre texte\n").encode()
    assert answer(last_at(5), false, known).status == HTTPStatus.FORBIDDEN
    assert answer(last_at(5), false).status == HTTPStatus.OK


def test_a_clock_that_goes_back_does_not_date_backwards() -> None:
    """A larger tree is never cosigned at an earlier time than a smaller one, nor at no time at all."""
    back = answer(last_at(5, time=NOW), HONEST.request(5, 8), now=NOW - 3600)
    assert cosigned_at(back.body, HONEST.text(8), SIGNER.verifier.vkey) == NOW
    unset = answer(None, HONEST.request(0, 8), now=0)
    assert cosigned_at(unset.body, HONEST.text(8), SIGNER.verifier.vkey) == 1


@given(st.lists(st.tuples(st.sampled_from([HONEST, OTHER]), st.integers(0, 12), st.integers(0, 12)), max_size=30))
def test_whatever_is_asked_in_whatever_order_one_history_is_cosigned(asked: list[tuple[Journal, int, int]]) -> None:
    """Of two branches signed by the same log, in any order, what was cosigned is one history that only grew."""
    last: Cosigned | None = None
    cosigned = []
    for at, (journal, old, size) in enumerate(asked):
        # Half of the requests say the right old size: otherwise nearly all would end at 409.
        told = last.checkpoint.size if at % 2 and last else old
        decided = answer(last, journal.request(told, max(size, told)), now=NOW + at)
        if decided.keep is not None:
            last = Cosigned.read(bytes(decided.keep), SIGNER.verifier)
            cosigned.append((journal, last.checkpoint.size, last.time))
    assert_one_history(cosigned)
    assert [size for _, size, _ in cosigned] == sorted(size for _, size, _ in cosigned)


def test_a_life_of_a_log(tmp_path: Path) -> None:
    """From nothing to twelve leaves, one at a time, through the folder: each is cosigned, none twice, none less."""
    witness = Witness.open(folder_of(tmp_path / "t", HONEST))
    for size in range(1, 13):
        assert witness.add_checkpoint(HONEST.request(size - 1, size)).status == HTTPStatus.OK
        assert witness.add_checkpoint(HONEST.request(size - 1, size)).body == f"{size}\n"
        assert witness.add_checkpoint(HONEST.request(size, size)).status == HTTPStatus.OK

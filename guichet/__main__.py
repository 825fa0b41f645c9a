"""``python -m guichet``: the guichet of failed attempts, beside everything else and in need of none of it.

Exit codes: 0 stopped; 2 wrong usage; 5 no spool, no key or no address.
"""

import argparse
import re
import signal
import sys
import threading
from pathlib import Path
from typing import Final

from guichet.limits import BURST, EVERY_SECONDS, Limits
from guichet.server import Guichet, Server, log
from guichet.spool import Spool
from ledger.errors import ConstatError, cause
from ledger.seal.note import NoteError, Verifier
from ledger.seal.promise import keys_at

UNAVAILABLE: Final = 5
_LISTEN: Final = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9.-]+)):(?P<port>[0-9]{1,5})")
_MAX_PORT: Final = 65535
MOST: Final = 1_000_000
HOUR: Final = 3_600


def listen(text: str) -> tuple[str, int]:
    """The host and the port that ``text`` writes."""
    read = _LISTEN.fullmatch(text)
    if read is None or int(read["port"]) > _MAX_PORT:
        msg = f"« {text} » n'est pas une adresse (attendu : 127.0.0.1:8090 ou [::1]:8090)"
        raise argparse.ArgumentTypeError(msg)
    return read["six"] or read["host"], int(read["port"])


def name(text: str) -> str:
    """A name that a key can have."""
    try:
        Verifier.parse(Verifier(text, 1, bytes(32)).vkey)
    except NoteError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def whole(text: str) -> int:
    """A number of deposits, from 1."""
    if not (re.fullmatch(r"[0-9]{1,7}", text) and 0 < int(text) <= MOST):
        msg = f"« {text} » n'est pas un nombre (attendu : de 1 à {MOST})"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def seconds(text: str) -> float:
    """A time that passes: more than none, an hour at most."""
    if not (re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", text) and 0 < float(text) <= HOUR):
        msg = f"« {text} » n'est pas une durée (attendu : des secondes, plus de 0 et au plus {HOUR})"
        raise argparse.ArgumentTypeError(msg)
    return float(text)


def arguments(given: list[str]) -> argparse.Namespace:
    """The command line, read."""
    parser = argparse.ArgumentParser(
        "guichet", description="Takes word of failed attempts to file, and gives receipts."
    )
    parser.add_argument("--spool", type=Path, required=True, help="folder of the spool, made when it is not there")
    parser.add_argument("--name", type=name, required=True, help="name of this guichet, which is its key's")
    parser.add_argument("--key", type=Path, help="key file, made when it is not there (default: beside the spool)")
    parser.add_argument("--listen", type=listen, default=("127.0.0.1", 8090), help="address (default: 127.0.0.1:8090)")
    parser.add_argument("--burst", type=whole, default=BURST, help="deposits at once from one network")
    parser.add_argument("--every", type=seconds, default=EVERY_SECONDS, help="then one deposit each so many seconds")
    parser.add_argument("--behind-proxy", action="store_true", help="believe the last address of X-Forwarded-For")
    return parser.parse_args(given)


def serve(given: argparse.Namespace, stop: threading.Event) -> None:
    """Take deposits until ``stop`` is set.

    :raises ConstatError: the spool or the key cannot be used.
    :raises OSError: the address cannot be listened on.
    """
    spool = Spool(given.spool)
    try:
        keys = keys_at(given.key or given.spool.with_name(f"{given.spool.name}.key.json"), given.name)
        guichet = Guichet(spool, keys, Limits(given.burst, given.every))
        server = Server(given.listen, guichet, behind_proxy=given.behind_proxy)
        host, port = server.server_address[:2]
        log("listening", address=f"{host!s}:{port}", key=keys.verifiers[-1].vkey)
        server.run(stop)
    finally:
        spool.close()


def main() -> None:
    """Run the guichet until it is told to stop."""
    given = arguments(sys.argv[1:])
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    try:
        serve(given, stop)
    except ConstatError as error:
        sys.stderr.write(f"guichet : {error}\n")
        sys.exit(UNAVAILABLE)
    except OSError as error:
        sys.stderr.write(f"guichet : {error.filename or 'adresse'} : {cause(error)}\n")
        sys.exit(UNAVAILABLE)


if __name__ == "__main__":
    main()

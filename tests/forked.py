"""``constat`` as processes of their own, each forked from one that has read the program: most of a second less for each.

The process that is forked from does nothing else: it has no thread and no connection. What the interpreter itself reads
from the environment as it starts is not the test's then: a test of that starts the command from nothing.
"""

import atexit
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Final

ROOT: Final = Path(__file__).parents[1]
LENGTH: Final = 8


@dataclass(frozen=True)
class Forked:
    """A process that runs until it is killed. ``stdout``: what it prints, as it prints it."""

    pid: int
    stdout: IO[bytes]

    def kill(self) -> None:
        """Kill it, and wait until it is gone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        _exactly(_server(), LENGTH)


def constat(
    arguments: Sequence[object],
    *,
    env: Mapping[str, str],
    stdin: str = "",
    terminal: int | None = None,
    timeout: float = 120,
) -> "subprocess.CompletedProcess[str]":
    """Run the command with these arguments and nothing but this environment. ``terminal``: its input, if not ``stdin``.

    :raises TimeoutExpired: it has not ended after ``timeout`` seconds; it is killed, with all that it had begun.
    """
    done = octets(arguments, env=env, stdin=stdin, terminal=terminal, timeout=timeout)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def octets(
    arguments: Sequence[object],
    *,
    env: Mapping[str, str],
    stdin: str = "",
    terminal: int | None = None,
    timeout: float = 120,
) -> "subprocess.CompletedProcess[bytes]":
    """The same, with what it says as bytes.

    :raises TimeoutExpired: as above.
    """
    given = [str(each) for each in arguments]
    with tempfile.TemporaryFile() as read, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        read.write(stdin.encode())
        read.seek(0)
        entry = read.fileno() if terminal is None else terminal
        pid = _fork({"arguments": given, "env": dict(env)}, (entry, out.fileno(), err.fileno()))
        server = _server()
        server.settimeout(timeout)
        try:
            code = int.from_bytes(_exactly(server, LENGTH), "big", signed=True)
        except TimeoutError:
            os.killpg(pid, signal.SIGKILL)
            server.settimeout(None)
            _exactly(server, LENGTH)
            raise subprocess.TimeoutExpired(["constat", *given], timeout) from None
        server.settimeout(None)
        told = []
        for file in (out, err):
            file.seek(0)
            told.append(file.read())
    return subprocess.CompletedProcess(["constat", *given], code, *told)


def python(code: str, *arguments: object) -> Forked:
    """Run ``code`` as ``python -c`` would, in a process that the caller kills before it begins another one."""
    reading, writing = os.pipe()
    asked = {"arguments": [str(each) for each in arguments], "env": dict(os.environ), "code": code}
    with Path(os.devnull).open("rb") as nothing:
        pid = _fork(asked, (nothing.fileno(), writing, sys.stderr.fileno()))
    os.close(writing)
    return Forked(pid, os.fdopen(reading, "rb"))


def _fork(asked: Mapping[str, object], files: Sequence[int]) -> int:
    body = json.dumps({**asked, "cwd": str(Path.cwd())}).encode()
    server = _server()
    socket.send_fds(server, [len(body).to_bytes(LENGTH, "big")], list(files))
    server.sendall(body)
    return int.from_bytes(_exactly(server, LENGTH), "big")


@cache
def _server() -> socket.socket:
    ours, its = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.forked", str(its.fileno())], cwd=ROOT, pass_fds=[its.fileno()]
    )
    its.close()
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


def _exactly(connection: socket.socket, size: int) -> bytes:
    read = b""
    while len(read) < size:
        more = connection.recv(size - len(read))
        if not more:
            msg = "the process that commands are forked from is gone"
            raise ConnectionError(msg)
        read += more
    return read


def _serve(connection: socket.socket) -> str | None:
    """Fork for each command, one after another; returns in the command's own process: the code to run, if not its own."""
    while True:
        head, files, _, _ = socket.recv_fds(connection, LENGTH, 3)
        if not head:
            os._exit(0)
        asked = json.loads(_exactly(connection, int.from_bytes(head, "big")))
        pid = os.fork()
        if pid == 0:
            connection.close()
            os.setsid()
            for number, file in enumerate(files):
                os.dup2(file, number)
                os.close(file)
            os.environ.clear()
            os.environ.update(asked["env"])
            os.chdir(asked["cwd"])
            sys.argv[1:] = asked["arguments"]
            code: str | None = asked.get("code")
            return code
        for file in files:
            os.close(file)
        connection.sendall(pid.to_bytes(LENGTH, "big"))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        connection.sendall(code.to_bytes(LENGTH, "big", signed=True))


if __name__ == "__main__":
    cli = importlib.import_module("app.cli")
    gc.freeze()  # else each fork walks, and so copies, all that was read here: nine tenths of a short command's time
    given = _serve(socket.socket(fileno=int(sys.argv[1])))
    if given is None:
        importlib.reload(importlib.import_module("app.affichage"))  # the width of its lines is the environment's
        cli.main()
    else:
        exec(compile(given, "<test>", "exec"), {"__name__": "__main__"})  # noqa: S102 - a test's own code

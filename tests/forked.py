"""``constat`` as processes of their own, each forked from one that has read the program: most of a second less for each.

The process that is forked from does nothing else: it has no thread and no connection. What the interpreter itself reads
from the environment as it starts is not the test's then: a test of that starts the command from nothing.
"""

import atexit
import gc
import importlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
LENGTH: Final = 8


def constat(
    arguments: Sequence[object], *, env: Mapping[str, str], stdin: str = "", timeout: float = 120
) -> "subprocess.CompletedProcess[str]":
    """Run the command with these arguments and nothing but this environment.

    :raises TimeoutExpired: it has not ended after ``timeout`` seconds; it is killed, with all that it had begun.
    """
    given = [str(each) for each in arguments]
    with tempfile.TemporaryFile() as read, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        read.write(stdin.encode())
        read.seek(0)
        asked = json.dumps({"arguments": given, "env": dict(env), "cwd": str(Path.cwd())}).encode()
        server = _server()
        socket.send_fds(server, [len(asked).to_bytes(LENGTH, "big")], [read.fileno(), out.fileno(), err.fileno()])
        server.sendall(asked)
        pid = int.from_bytes(_exactly(server, LENGTH), "big")
        server.settimeout(timeout)
        try:
            code = int.from_bytes(_exactly(server, LENGTH), "big", signed=True)
        except TimeoutError:
            os.killpg(pid, 9)
            server.settimeout(None)
            _exactly(server, LENGTH)
            raise subprocess.TimeoutExpired(["constat", *given], timeout) from None
        server.settimeout(None)
        told = []
        for file in (out, err):
            file.seek(0)
            told.append(file.read().decode())
    return subprocess.CompletedProcess(["constat", *given], code, *told)


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


def _serve(connection: socket.socket) -> None:
    """Fork for each command, one after another; returns in the command's own process, ready to run it."""
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
            return
        for file in files:
            os.close(file)
        connection.sendall(pid.to_bytes(LENGTH, "big"))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        connection.sendall(code.to_bytes(LENGTH, "big", signed=True))


if __name__ == "__main__":
    cli = importlib.import_module("app.cli")
    gc.freeze()  # else each fork walks, and so copies, all that was read here: nine tenths of a short command's time
    _serve(socket.socket(fileno=int(sys.argv[1])))
    importlib.reload(importlib.import_module("app.affichage"))  # the width of its lines is the environment's
    cli.main()

"""How a command line reads the address on which a server listens."""

import re
from typing import Any, Final

import click

_ADDRESS: Final = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9._-]+)):(?P<port>[0-9]{1,5})")
_MAX_PORT: Final = 65535


class Address(click.ParamType[tuple[str, int]]):
    """Where to listen: ``address:port``, an IPv6 address in brackets; port 0: one that is free."""

    name = "address:port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """The host and the port that ``value`` writes; a usage error when it cannot be read."""
        if isinstance(value, tuple):
            return value
        read = _ADDRESS.fullmatch(str(value))
        if read is None or int(read["port"]) > _MAX_PORT:
            self.fail(f"« {value} » n'est pas une adresse (attendu : 127.0.0.1:8080 ou [::1]:8080)", param, ctx)
        return read["six"] or read["host"], int(read["port"])

"""How often one address may deposit: a bucket of tokens each, in memory only, and no more buckets than fit."""

import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

BURST: Final = 20
EVERY_SECONDS: Final = 6.0
MOST: Final = 10_000
IPV6_PREFIX: Final = 64
"""What one subscriber of an IPv6 network usually has to themselves."""


@dataclass(slots=True)
class Limits:
    """``burst`` deposits at once, then one each ``every`` seconds; the addresses not seen for longest are forgotten."""

    burst: int = BURST
    every: float = EVERY_SECONDS
    most: int = MOST
    clock: Callable[[], float] = monotonic
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, address: str) -> float:
        """Take a token of this address: 0.0, or for how many seconds there is none."""
        key = network(address)
        with self._lock:
            now = self.clock()
            tokens, seen = self._buckets.pop(key, (float(self.burst), now))
            tokens = min(float(self.burst), tokens + (now - seen) / self.every)
            allowed = tokens >= 1
            self._buckets[key] = (tokens - 1 if allowed else tokens, now)
            if len(self._buckets) > self.most:
                self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) * self.every

    def __len__(self) -> int:
        return len(self._buckets)


def network(address: str) -> str:
    """By what an address is counted: itself in IPv4, its /64 in IPv6; anything else as one."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return "?"
    if isinstance(read, ipaddress.IPv6Address):
        if read.ipv4_mapped is not None:
            return str(read.ipv4_mapped)
        return str(ipaddress.ip_network((int(read), IPV6_PREFIX), strict=False).network_address)
    return str(read)

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
IPV6_PREFIXES: Final = ((64, 1), (48, 16))
"""By what an IPv6 address is counted, and for how many: what a subscriber has to themselves, and the most that one is
given (RIPE-690 section 4.2): otherwise whoever has a /48 deposits as 65,536 would."""


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
        """Take a token of each network of this address: 0.0, or for how many seconds one of them has none."""
        with self._lock:
            now = self.clock()
            there = [(key, share, self._tokens(key, share, now)) for key, share in networks(address)]
            wait = max(max(0.0, 1 - tokens) * self.every / share for _, share, tokens in there)
            for key, _, tokens in there:
                self._buckets[key] = (tokens - 1 if wait == 0 else tokens, now)
            while len(self._buckets) > self.most:
                self._buckets.popitem(last=False)
        return wait

    def _tokens(self, key: str, share: int, now: float) -> float:
        """How many a network has by now; its bucket is taken out, to be put back behind all others."""
        most = float(self.burst * share)
        tokens, seen = self._buckets.pop(key, (most, now))
        return min(most, tokens + (now - seen) * share / self.every)

    def __len__(self) -> int:
        return len(self._buckets)


def networks(address: str) -> list[tuple[str, int]]:
    """By what an address is counted, each with how many it stands for: itself in IPv4; anything else as one."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return [("?", 1)]
    if isinstance(read, ipaddress.IPv6Address):
        if read.ipv4_mapped is not None:
            return [(str(read.ipv4_mapped), 1)]
        return [
            (str(ipaddress.ip_network((int(read), prefix), strict=False)), share) for prefix, share in IPV6_PREFIXES
        ]
    return [(str(read), 1)]

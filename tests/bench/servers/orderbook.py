# SPDX-License-Identifier: Apache-2.0
"""A provider that takes 10 orders and answers 10 looks a second, and counts whom it refused: orderbook.py.

Orders are done 3 s after they came. The limits are the sandbox's: sliding windows, strictly. Prints its port.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from servers.web import Answer, serve
from swath._clock import SystemClock
from swath.sandbox.limits import Limiter

PER_S: Final = 10.0
LATENCY_S: Final = 0.02
_DONE_S: Final = 3.0


class OrderBook:
    """Answers."""

    def __init__(self) -> None:
        self._limiters = {method: Limiter(PER_S, SystemClock()) for method in ("POST", "GET")}
        self._orders: list[float] = []
        self._looks: list[float] = []
        self._facts = {"orders": 0, "looks": 0, "refused": 0, "looks_at_once": 0}

    def __call__(self, method: str, target: str, body: bytes) -> Answer:
        """Answer one request."""
        if target == "/facts":
            return self._json(200, self._facts)
        if not self._limiters[method].take().allowed:
            self._facts["refused"] += 1
            return self._json(429, {"message": "too many requests"})
        now_s = time.monotonic()
        if method == "POST":
            self._orders.append(now_s)
            self._facts["orders"] += 1
            return self._json(201, {"id": str(len(self._orders) - 1), "state": "queued"})
        self._looks = [*(at for at in self._looks if now_s - at < LATENCY_S), now_s]
        self._facts["looks"] += 1
        self._facts["looks_at_once"] = max(self._facts["looks_at_once"], len(self._looks))
        ordered_s = self._orders[int(target.rpartition("/")[2])]
        return self._json(200, {"state": "done" if now_s - ordered_s >= _DONE_S else "queued"})

    @staticmethod
    def _json(status: int, told: dict[str, Any]) -> Answer:
        return status, json.dumps(told).encode()


if __name__ == "__main__":
    serve(lambda _: OrderBook(), LATENCY_S)

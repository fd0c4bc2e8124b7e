# SPDX-License-Identifier: Apache-2.0
"""What all stand-ins of one sandbox share."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from attrs import field, frozen

from swath.sandbox.clock import SandboxClock
from swath.sandbox.faults import Faults
from swath.sandbox.hooks import Outbox
from swath.sandbox.limits import Limiter
from swath.sandbox.links import LinkSigner
from swath.sandbox.log import RequestLog

__all__ = ["AsgiApp", "StandIn", "World"]

AsgiApp = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]
"""An ASGI 3 application."""


@frozen(kw_only=True)
class StandIn:
    """A provider's stand-in server."""

    app: AsgiApp
    """Serves the provider's wire protocol. Every URL in its answers is absolute and follows the request's Host."""
    env: Callable[[str], Mapping[str, str]] = field(eq=False)
    """Gives, for the base URL it runs at (no slash at the end), the environment variables that point the provider's
    plugin at it and let it in."""
    hosts: tuple[str, ...] = ()
    """Production host names that it stands for: `swath.sandbox.Interception` leads ``https://`` at them to it."""


class World:
    """Clock, seed, faults, log, links, webhooks and limits of one sandbox.

    Args:
        seed: What is in the catalogues and pictures; the same for the same seed.
        speed: How many times faster than the real provider orders come to their end, > 0.
        clock: Another clock; its own `speed` counts then.
        scene_pixels: Longest side of a scene's rasters, in pixels.
        rate_limits: Whether rate limits are enforced, at the documented figures and in real time.
    """

    def __init__(
        self,
        seed: int = 0,
        speed: float = 1.0,
        *,
        clock: SandboxClock | None = None,
        scene_pixels: int = 256,
        rate_limits: bool = True,
    ) -> None:
        self.seed = seed
        self.clock = clock or SandboxClock(speed)
        self.scene_pixels = scene_pixels
        self.rate_limits = rate_limits
        self.faults = Faults()
        self.log = RequestLog()
        self.links = LinkSigner(self.clock, seed)
        self.hooks = Outbox(self.clock, self.faults)
        self._limiters: dict[str, Limiter] = {}
        self._lock = threading.Lock()

    @property
    def speed(self) -> float:
        """How many times faster than the real provider orders come to their end."""
        return self.clock.speed

    def limiter(self, name: str, per_s: float) -> Limiter:
        """Give the limiter of that name, made at `per_s` requests a second when first asked for."""
        with self._lock:
            found = self._limiters.get(name)
            if found is None:
                found = self._limiters[name] = Limiter(per_s, self.clock, enabled=self.rate_limits)
            return found

    def key(self, *parts: object) -> int:
        """Give a number of 64 bits that depends on the seed and the parts, and on nothing else."""
        text = "\x1f".join(str(part) for part in (self.seed, *parts))
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")

    def rng(self, *parts: object) -> random.Random:
        """Give a generator that starts from `key(*parts)`."""
        return random.Random(self.key(*parts))

# SPDX-License-Identifier: Apache-2.0
"""One file to fetch: what, where and how."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

import httpx
from attrs import field, frozen, validators

from swath._clock import Clock, SystemClock
from swath._transfer.crew import Parts
from swath._transfer.live import Live
from swath._transfer.plan import Target
from swath.errors import SwathError

__all__ = ["DeadLink", "Effort", "Job", "Streams"]


class Streams(Protocol):
    """The part of core's HTTP client that fetching uses."""

    def stream(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, wait: bool = True
    ) -> AbstractContextManager[httpx.Response]:
        """Send one request and hand out the answer with its body unread; status 200, 206, 304 or 416."""


@frozen(kw_only=True)
class Effort:
    """How hard to try."""

    attempts: int = field(default=5, validator=validators.ge(1))
    """Failures in a row that end it; one that brought a file forward by `headway_bytes` starts the count anew."""
    headway_bytes: int = field(default=1024 * 1024, validator=validators.ge(1))
    first_pause_s: float = field(default=1.0, validator=validators.ge(0))
    """Seconds after the first failure; doubled after each further one, with jitter."""
    longest_pause_s: float = field(default=30.0, validator=validators.ge(0))
    checkpoint_bytes: int = field(default=32 * 1024 * 1024, validator=validators.ge(1))
    """What a killed process may have to fetch again."""
    telling_bytes: int = field(default=1024 * 1024, validator=validators.ge(1))
    """Between two progress events of a file."""
    parts: Parts = field(factory=Parts)
    """When one file is fetched over several connections."""


@frozen(kw_only=True)
class Job:
    """One file to fetch. Pickles if `http` does and `live` is None."""

    target: Target
    http: Streams = field(repr=False)
    overwrite: bool = False
    can_mint: bool = False
    """Whether a fresh link can be had instead of trying one that has expired by its own date."""
    effort: Effort = field(factory=Effort)
    clock: Clock = field(factory=SystemClock, repr=False)
    live: Live | None = field(default=None, repr=False)

    @property
    def stop(self) -> threading.Event | None:
        """Set when the batch is to end."""
        return self.live.stop if self.live is not None else None


@frozen(kw_only=True)
class DeadLink:
    """A link that no longer leads to the file."""

    error: SwathError | None
    """The server's refusal; None where the link's own date has passed."""
    gained: bool = False
    """Whether it gave bytes before."""

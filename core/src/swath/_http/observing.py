# SPDX-License-Identifier: Apache-2.0
"""Lets a caller see which requests its call sends, or have them answered from what was seen."""

from __future__ import annotations

import contextlib
import contextvars
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Protocol

import httpx
from attrs import define

from swath._clock import Clock
from swath.models import Secret

__all__ = ["Observer", "Replay", "observed", "observer", "replay", "replayed", "time_of", "watched"]


class Observer(Protocol):
    """Sees what is sent within `observed`; called on whichever thread sends."""

    def sent(
        self,
        request: httpx.Request,
        *,
        secrets: tuple[Secret, ...],
        signed: bool,
        status: int | None,
        seconds: float,
        error: str,
    ) -> None:
        """See one request that was sent, each try and each redirect by itself.

        Args:
            request: As built, before it was signed.
            secrets: Values that nobody may be shown.
            signed: Whether it goes to the service itself; what asks for a token does not.
            status: What was answered; None without an answer.
            seconds: Until the answer, without those of requests that it waited for, such as one for a token.
            error: Class of the transport's error; empty with an answer.
        """

    def answered(self, request: httpx.Request, response: httpx.Response) -> None:
        """See what a signed request has brought in the end."""


class Replay(Protocol):
    """Answers requests in the place of the network within `replayed`."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Give an answer, or raise."""

    def time(self, now: Callable[[], dt.datetime]) -> dt.datetime:
        """Give the time of day, which may stand still."""


@define
class _Inner:
    seconds: float = 0.0


_observer: contextvars.ContextVar[Observer | None] = contextvars.ContextVar("swath_observer", default=None)
_replay: contextvars.ContextVar[Replay | None] = contextvars.ContextVar("swath_replay", default=None)
_inner: contextvars.ContextVar[_Inner | None] = contextvars.ContextVar("swath_inner", default=None)


@contextlib.contextmanager
def observed(by: Observer) -> Iterator[None]:
    """Show the observer each request that is sent within the block, also from worker threads that it starts."""
    reset = _observer.set(by)
    try:
        yield
    finally:
        _observer.reset(reset)


@contextlib.contextmanager
def replayed(by: Replay) -> Iterator[None]:
    """Send nothing within the block: every request is answered by `by`."""
    reset = _replay.set(by)
    try:
        yield
    finally:
        _replay.reset(reset)


def observer() -> Observer | None:
    """Give who sees what is sent here; None where nobody does."""
    return _observer.get()


def time_of(clock: Clock) -> dt.datetime:
    """Give the time of day as whoever answers here has it, else the clock's."""
    by = _replay.get()
    return clock.now() if by is None else by.time(clock.now)


def replay() -> Replay | None:
    """Give what answers here in the place of the network; None where the network does."""
    return _replay.get()


@contextlib.contextmanager
def watched(
    request: httpx.Request, *, clock: Clock, secrets: Callable[[], tuple[Secret, ...]], signed: bool
) -> Iterator[Callable[[httpx.Response], None]]:
    """Tell the observer, if there is one, of the request that is sent within the block."""
    by = _observer.get()
    if by is None:
        yield lambda _response: None
        return
    inner, outer, status, error = _Inner(), _inner.get(), None, ""

    def answered(response: httpx.Response) -> None:
        nonlocal status
        status = response.status_code

    reset = _inner.set(inner)
    started_s = clock.monotonic()
    try:
        yield answered
    except httpx.HTTPError as err:
        error = type(err).__name__
        raise
    finally:
        elapsed_s = clock.monotonic() - started_s
        _inner.reset(reset)
        if outer is not None:
            outer.seconds += elapsed_s
        seconds = max(0.0, elapsed_s - inner.seconds)
        by.sent(request, secrets=secrets(), signed=signed, status=status, seconds=seconds, error=error)

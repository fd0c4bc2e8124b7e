# SPDX-License-Identifier: Apache-2.0
"""Webhooks that stand-ins post, at the time that the sandbox's clock says."""

from __future__ import annotations

import base64
import datetime as dt
import heapq
import itertools
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from attrs import field, frozen

from swath.sandbox.clock import SandboxClock
from swath.sandbox.faults import Fault, Faults

__all__ = ["Outbox", "SentHook"]

_HOME = frozenset({"127.0.0.1", "localhost", "::1"})
_PATIENCE_S = 10.0
_LONGEST_WAIT_S = 60.0
_KEPT = 10_000

Headers = Callable[[bytes], Mapping[str, str]]
"""Gives the headers of a post from its body, as a signature is."""


@frozen(kw_only=True)
class SentHook:
    """One attempt to post a webhook."""

    provider: str
    topic: str
    url: str
    """Without the credentials that it may hold."""
    body: Any
    """What was posted, as JSON types."""
    attempt: int
    """Counts from 1."""
    time: dt.datetime
    """When, by the sandbox's clock, aware UTC."""
    status: int | None = None
    """What the receiver answered; None where it did not."""
    error: str | None = None
    """Why there is no answer."""

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver took it: any 2xx; a redirect is a failure."""
        return self.status is not None and 200 <= self.status < 300


@frozen(kw_only=True)
class _Post:
    provider: str
    topic: str
    url: str
    body: bytes = field(repr=False)
    headers: Headers | None
    again: tuple[dt.timedelta, ...]
    attempt: int = 1


@frozen(order=True)
class _Entry:
    due: dt.datetime
    number: int
    provider: str = field(order=False)
    action: Callable[[], None] = field(order=False)


class Outbox:
    """Does things when the sandbox's clock shows their time, and posts webhooks.

    Its thread runs only while something is to be done, and ends with `stop`. It posts to this machine and nowhere else:
    a hook for another host is noted as not sent. Any thread may use it.

    Args:
        clock: Tells the time, and of being put forward.
        faults: Those with `Fault.hook` spoil what is sent.
    """

    def __init__(self, clock: SandboxClock, faults: Faults) -> None:
        self._clock, self._faults = clock, faults
        self._entries: list[_Entry] = []
        self._held: list[_Post] = []
        self._sent: deque[SentHook] = deque(maxlen=_KEPT)
        self._counter = itertools.count()
        self._thread: threading.Thread | None = None
        self._busy = False
        self._changed = threading.Condition()
        clock.on_advance(self._wake)

    def at(self, due: dt.datetime, provider: str, action: Callable[[], None]) -> None:
        """Have `action` called on the outbox's thread when the clock shows `due` (aware), in order of time."""
        with self._changed:
            heapq.heappush(self._entries, _Entry(due, next(self._counter), provider, action))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="swath-sandbox-hooks", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def post(
        self,
        provider: str,
        topic: str,
        url: str,
        body: Mapping[str, Any],
        *,
        headers: Headers | None = None,
        again: Sequence[dt.timedelta] = (),
    ) -> None:
        """Post a webhook now, one after the other; credentials in `url` become an ``Authorization`` header.

        Args:
            provider: Who sends it.
            topic: What it tells of, for log and faults.
            url: Of the receiver.
            body: Sent as JSON.
            headers: Gives further headers, made anew for every attempt.
            again: How long after each failure it is tried again.
        """
        data = json.dumps(body, separators=(",", ":")).encode()
        self._later(
            _Post(provider=provider, topic=topic, url=url, body=data, headers=headers, again=tuple(again)),
            self._clock.now(),
        )

    def sent(self, *, provider: str | None = None, topic: str | None = None) -> list[SentHook]:
        """Give the attempts made, oldest first."""
        with self._changed:
            found = list(self._sent)
        return [one for one in found if provider in {None, one.provider} and topic in {None, one.topic}]

    def settle(self, patience_s: float = _PATIENCE_S) -> bool:
        """Wait until all is done that is due by now; says whether it is, within `patience_s` real seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy and not self._is_due(), patience_s)

    def stop(self, provider: str | None = None) -> None:
        """Forget what is to be done (for one provider, or all); the thread has ended when nothing is left."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy, _PATIENCE_S * 2)  # what it does may leave more to do
            self._entries = [one for one in self._entries if provider not in {None, one.provider}]
            self._held = [one for one in self._held if provider not in {None, one.provider}]
            heapq.heapify(self._entries)
            thread = self._thread if not self._entries else None
            self._changed.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join(_PATIENCE_S * 2)

    # --- the thread ---

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                if not self._entries:
                    self._thread = None
                    return
                wait_s = (self._entries[0].due - self._clock.now()).total_seconds()
                if wait_s > 0:
                    self._changed.wait(min(wait_s, _LONGEST_WAIT_S))
                    continue
                entry = heapq.heappop(self._entries)
                self._busy = True
            try:
                entry.action()
            except BaseException:
                with self._changed:
                    self._busy, self._thread = False, None
                raise

    def _is_due(self) -> bool:
        return bool(self._entries) and self._entries[0].due <= self._clock.now()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _later(self, post: _Post, due: dt.datetime) -> None:
        self.at(due, post.provider, lambda: self._send(post))

    def _send(self, post: _Post) -> None:
        fault = self._faults.meet_hook(post.provider, post.topic)
        if fault is not None and fault.hook == "late":
            self._held.append(post)  # goes out behind the next one
            return
        if fault is not None and fault.hook == "lost":
            self._note(post, error="lost, as a fault asked")
            return
        held, self._held = self._held, []
        for one in [post, *([post] if fault is not None and fault.hook == "twice" else []), *held]:
            self._attempt(one, fault)

    def _attempt(self, post: _Post, fault: Fault | None) -> None:
        import httpx

        url, headers = _split(post.url)
        if urlsplit(url).hostname not in _HOME:
            self._note(post, error="not sent: the receiver is not on this machine")
            return
        body = post.body
        if post.headers is not None:
            headers.update(post.headers(body))
        if fault is not None and fault.flip_bit_at is not None and fault.flip_bit_at < len(body):
            body = bytes(byte ^ (index == fault.flip_bit_at) for index, byte in enumerate(body))
        headers["Content-Type"] = "application/json"
        try:
            # Receivers on this machine have certificates of their own making.
            with httpx.Client(trust_env=False, verify=False, timeout=_PATIENCE_S) as client:  # noqa: S501
                answer = client.post(url, content=body, headers=headers)
        except httpx.HTTPError as err:
            self._note(post, error=f"{type(err).__name__}: {err}")
        else:
            self._note(post, status=answer.status_code)
            if answer.is_success:
                return
        if post.again:
            first, *rest = post.again
            following = _Post(
                provider=post.provider, topic=post.topic, url=post.url, body=post.body, headers=post.headers,
                again=tuple(rest), attempt=post.attempt + 1,
            )  # fmt: skip
            self._later(following, self._clock.now() + first)

    def _note(self, post: _Post, *, status: int | None = None, error: str | None = None) -> None:
        made = SentHook(
            provider=post.provider, topic=post.topic, url=_split(post.url)[0], body=json.loads(post.body),
            attempt=post.attempt, time=self._clock.now(), status=status, error=error,
        )  # fmt: skip
        with self._changed:
            self._sent.append(made)


def _split(url: str) -> tuple[str, dict[str, str]]:
    """Take the credentials out of a URL; gives it without, and the header that says them."""
    split = urlsplit(url)
    secrets, at, host = split.netloc.rpartition("@")
    if not at:
        return url, {}
    user, _, password = secrets.partition(":")
    pair = base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    return urlunsplit(split._replace(netloc=host)), {"Authorization": f"Basic {pair}"}

# SPDX-License-Identifier: Apache-2.0
"""The client itself: signs, paces, sends, follows redirects, retries, and says plainly what went wrong."""

from __future__ import annotations

import contextlib
import contextvars
import json as json_module
import logging
import os
import random
import ssl
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx
from attrs import define, field, frozen

from swath._clock import Clock
from swath._http.crowd import Crowds
from swath._http.engine import Engine, limits
from swath._http.failures import status_error
from swath._http.limits import Paces
from swath._http.observing import observer, replay, watched
from swath._http.origins import Origins
from swath._http.redact import redact_text, redact_url
from swath._http.redirects import leads_elsewhere, redirected
from swath._http.retry import RetryPolicy, may_have_arrived, retry_after_s
from swath._worker import check
from swath.errors import ConfigurationError, SwathError, Unavailable, UnexpectedResponse
from swath.hookspecs import Operation
from swath.models import Secret

__all__ = ["HttpClient", "Sent", "call", "watch_once"]

_LOG = logging.getLogger("swath.http")
_MOST_REDIRECTS = 10
_STREAM_ANSWERS = frozenset({200, 206, 304, 416})


@define
class Sent:
    """Whether a request that must not repeat has left, within one `watch_once`."""

    any: bool = False
    confirm: Callable[[], None] | None = None
    """Called before each try; what it raises keeps the request from being sent."""


_sent: contextvars.ContextVar[Sent | None] = contextvars.ContextVar("swath_sent", default=None)
_call_id: contextvars.ContextVar[str] = contextvars.ContextVar("swath_call_id", default="")


@contextlib.contextmanager
def watch_once(confirm: Callable[[], None] | None = None) -> Iterator[Sent]:
    """Notice whether an operation ONCE leaves within the block, on this thread.

    Args:
        confirm: Called before each try of it; what it raises keeps the request from being sent.
    """
    watch = Sent(confirm=confirm)
    reset = _sent.set(watch)
    try:
        yield watch
    finally:
        _sent.reset(reset)


@contextlib.contextmanager
def call(step: str, known: str | None = None) -> Iterator[str]:
    """Give all log lines and errors of one public call the same correlation id: `known`, or a new one."""
    present = _call_id.get()
    if present:
        yield present
        return
    made = known or f"{step}-{uuid.uuid4().hex[:8]}"
    reset = _call_id.set(made)
    try:
        yield made
    except SwathError as err:
        err.details.setdefault("call_id", made)
        raise
    finally:
        _call_id.reset(reset)


@frozen(kw_only=True)
class Settings:
    """What a client is made with."""

    provider: str
    account: str
    origins: Origins
    clock: Clock = field(repr=False)
    limits: Mapping[str, float] = field(factory=dict)
    secrets: tuple[Secret, ...] = field(default=(), repr=False)
    """Values that no error or log may repeat."""
    retry: RetryPolicy = field(factory=RetryPolicy)
    connect_s: float = 10.0
    read_s: float = 60.0
    """Seconds of silence, not of the whole transfer."""
    user_agent: str = "swath"
    transport: httpx.BaseTransport | None = field(default=None, repr=False)
    """Takes the place of the network in tests."""


class HttpClient:
    """Implements `swath.hookspecs.Http` on httpx.

    Connections are opened at first use and belong to the process that opened them, so that it survives a fork. Proxies
    and certificates come from the environment (``HTTPS_PROXY``, ``NO_PROXY``, ``SSL_CERT_FILE``).
    """

    def __init__(self, settings: Settings, auth: httpx.Auth | None = None) -> None:
        self.settings = settings
        self.auth = auth
        self._paces = Paces(settings.account, settings.limits, settings.clock)
        self._crowds = Crowds(settings.account)
        self._rng = random.Random()  # noqa: S311 (jitter, no secret)
        self._lock = threading.Lock()
        self._engines: dict[bool, Engine] = {}
        self._limits = limits(connect_s=settings.connect_s, read_s=settings.read_s)
        self._pid = 0

    # --- public -----------------------------------------------------------------------------------------------------

    def request(
        self,
        method: str,
        url: str,
        *,
        operation: Operation = Operation.READ,
        params: Mapping[str, Any] | Sequence[tuple[str, str]] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        auth: bool = True,
        bucket: str = "default",
        accept: Sequence[int] = (),
    ) -> httpx.Response:
        """Send one request and read the whole answer; see `swath.hookspecs.Http.request`."""
        request = self._build(method, url, params=params, json=json, content=content, headers=headers)
        if (known := replay()) is not None:
            return known.answer(request)
        started_s = self.settings.clock.monotonic()
        attempt = 0
        while True:
            attempt += 1
            check()
            failure: httpx.Response | Exception
            try:
                with self._turn(bucket, auth=auth) as answered:
                    response = self._follow(request, operation=operation, auth=auth, bucket=bucket, stream=False)
                    answered(response)
            except httpx.TransportError as err:
                failure = err
            else:
                if response.status_code < 400 or response.status_code in accept:
                    if auth and (by := observer()) is not None:
                        by.answered(request, response)
                    return response
                failure = response
            pause_s = self._pause_s(failure, attempt, bucket)
            elapsed_s = self.settings.clock.monotonic() - started_s + pause_s
            if not self.settings.retry.allows(operation, attempt=attempt, elapsed_s=elapsed_s, failure=failure):
                raise self._error(failure, request, operation, attempt) from (
                    failure if isinstance(failure, Exception) else None
                )
            _LOG.debug("%s try %d of %s failed, again in %.1f s", _call_id.get(), attempt, redact_url(url), pause_s)
            self.settings.clock.sleep(pause_s)

    @contextlib.contextmanager
    def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: bool = True,
        bucket: str = "download",
        wait: bool = True,
    ) -> Iterator[httpx.Response]:
        """Send one request and hand out the answer with its body unread.

        Nothing is tried again here: who writes the bytes knows what it has.

        Args:
            method: HTTP method.
            url: Absolute URL.
            headers: Sent besides core's own.
            auth: Whether it is signed, where the URL is of the provider's origins.
            bucket: Whose rate it counts for.
            wait: Whether to wait where as many requests are under way as the server allows.

        Yields:
            An answer of status 200, 206, 304 or 416.

        Raises:
            SwathError: As `request`, by status; `RateLimited` where it may not wait.
            httpx.TransportError: From reading the body; `Unavailable` before it began.
        """
        request = self._build(method, url, headers=headers)
        if (known := replay()) is not None:
            yield known.answer(request)
            return
        with self._turn(bucket, auth=auth, wait=wait) as answered:
            try:
                response = self._follow(request, operation=Operation.READ, auth=auth, bucket=bucket, stream=True)
            except httpx.TransportError as err:
                raise self._error(err, request, Operation.READ, 1) from err
            answered(response)
            try:
                if response.status_code not in _STREAM_ANSWERS:
                    with contextlib.suppress(httpx.HTTPError):
                        response.read()
                    self._pause_s(response, 1, bucket)
                    raise self._error(response, request, Operation.READ, 1)
                yield response
            finally:
                response.close()

    def close(self) -> None:
        """Close all connections; the client opens new ones if it is used again."""
        with self._lock:
            engines, self._engines = self._engines, {}
        for engine in engines.values():
            engine.close()

    @contextlib.contextmanager
    def _turn(self, bucket: str, *, auth: bool, wait: bool = True) -> Iterator[Callable[[httpx.Response], None]]:
        """Be one of the requests under way; fewer are let through at once after the server refused with 429.

        A request for a token (``auth=False``) never waits: the others may be waiting for that token.
        """
        if not auth:
            yield lambda _response: None
            return
        with self._crowds.turn(bucket, wait=wait) as (crowd, turn):

            def answered(response: httpx.Response) -> None:
                if response.status_code == 429:
                    crowd.refused(turn)
                elif response.status_code < 400:
                    crowd.served()

            yield answered

    # --- sending ----------------------------------------------------------------------------------------------------

    def _engine(self, *, fresh: bool) -> Engine:
        """Give the engine with kept connections, or the one that never re-uses any."""
        with self._lock:
            if self._pid != os.getpid():
                self._engines, self._pid = {}, os.getpid()
            engine = self._engines.get(fresh)
            if engine is None:
                try:
                    engine = Engine(self.settings.transport, fresh=fresh)
                except (OSError, ssl.SSLError, ValueError) as err:
                    raise ConfigurationError(
                        f"the proxy or certificate settings of the environment cannot be used: {err}",
                        provider=self.settings.provider,
                        hint="check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR",
                    ) from err
                self._engines[fresh] = engine
            return engine

    def _build(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | Sequence[tuple[str, str]] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        if json is not None:
            content = json_module.dumps(json, separators=(",", ":"), ensure_ascii=False).encode()
        sent = {"User-Agent": self.settings.user_agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        if json is not None:
            sent["Content-Type"] = "application/json"
        if headers:
            given = {name.lower() for name in headers}
            sent = {name: value for name, value in sent.items() if name.lower() not in given} | dict(headers)
        try:
            target = httpx.URL(url)
            if params:
                target = target.copy_merge_params(params if isinstance(params, Mapping) else list(params))
            return httpx.Request(method, target, headers=sent, content=content, extensions=self._limits)
        except (httpx.InvalidURL, TypeError) as err:
            raise ConfigurationError(
                f"{redact_url(url)!r} is no URL that can be requested: {err}", provider=self.settings.provider
            ) from err

    def _follow(
        self, request: httpx.Request, *, operation: Operation, auth: bool, bucket: str, stream: bool
    ) -> httpx.Response:
        """Send, and judge each redirect anew: who may see a secret depends on where it leads."""
        pace, first = self._paces.of(bucket), request.url
        for _ in range(_MOST_REDIRECTS):
            # A limit is the service's: the store that it leads to has its own.
            if pace is not None and Origins.is_same(str(first), str(request.url)):
                pace.take()
            response = self._send(request, operation=operation, auth=auth, stream=stream)
            if not leads_elsewhere(response):
                return response
            if stream:
                response.close()
            request = redirected(request, response, provider=self.settings.provider, origins=self.settings.origins)
        raise UnexpectedResponse(
            f"more than {_MOST_REDIRECTS} redirects from {redact_url(request.url)}", provider=self.settings.provider
        )

    def _send(self, request: httpx.Request, *, operation: Operation, auth: bool, stream: bool) -> httpx.Response:
        signed = self.auth if auth and self.auth is not None and str(request.url) in self.settings.origins else None
        # An auth writes into the request it is given: sign a copy, so that a redirect starts from unsigned headers.
        copy = request
        if signed is not None or request.url.userinfo:
            copy = httpx.Request(
                request.method,
                request.url,
                headers=request.headers,
                content=request.content,
                extensions=request.extensions,
            )
        once = operation is Operation.ONCE
        clock = self.settings.clock
        if once and (watch := _sent.get()) is not None and watch.confirm is not None:
            watch.confirm()
        started_s = clock.monotonic()
        try:
            with watched(request, clock=clock, secrets=self._secrets, signed=auth) as answered:
                response = self._engine(fresh=once).send(copy, auth=signed, stream=stream)
                answered(response)
        except httpx.InvalidURL as err:
            raise UnexpectedResponse(f"the URL cannot be requested: {err}", provider=self.settings.provider) from err
        except httpx.TransportError as err:
            if once and may_have_arrived(err):
                self._mark_sent()
            raise
        if once:
            self._mark_sent()
        if _LOG.isEnabledFor(logging.DEBUG):
            _LOG.debug(
                "%s %s %s %s -> %d in %.0f ms",
                _call_id.get(),
                self.settings.provider,
                request.method,
                redact_url(request.url),
                response.status_code,
                (clock.monotonic() - started_s) * 1000,
            )
        return response

    @staticmethod
    def _mark_sent() -> None:
        watch = _sent.get()
        if watch is not None:
            watch.any = True

    # --- failing ----------------------------------------------------------------------------------------------------

    def _pause_s(self, failure: httpx.Response | Exception, attempt: int, bucket: str) -> float:
        asked_s = None
        if isinstance(failure, httpx.Response):
            asked_s = retry_after_s(failure, self.settings.clock.now())
            pace = self._paces.of(bucket)
            if pace is not None and failure.status_code == 429 and asked_s:
                pace.pause(asked_s)
        return self.settings.retry.pause_s(attempt, asked_s=asked_s, rng=self._rng)

    def _secrets(self) -> tuple[Secret, ...]:
        """Give what no error may repeat: the credentials, and the token in use."""
        held: Callable[[], tuple[Secret, ...]] | None = getattr(self.auth, "secrets", None)
        return self.settings.secrets + (() if held is None else held())

    def _error(
        self, failure: httpx.Response | Exception, request: httpx.Request, operation: Operation, attempt: int
    ) -> SwathError:
        once = operation is Operation.ONCE
        provider = self.settings.provider
        if isinstance(failure, httpx.Response):
            unknown = once and (failure.status_code >= 500 or failure.status_code == 408)
            return status_error(failure, provider=provider, secrets=self._secrets(), outcome_unknown=unknown)
        unknown = once and may_have_arrived(failure)
        what = redact_text(str(failure), self._secrets()) or type(failure).__name__
        tries = f" (after {attempt} tries)" if attempt > 1 else ""
        return Unavailable(
            f"{request.method} {redact_url(request.url)} got no answer: {what}{tries}",
            provider=provider,
            details={"outcome_unknown": unknown},
        )

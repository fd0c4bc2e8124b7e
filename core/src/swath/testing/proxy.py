# SPDX-License-Identifier: Apache-2.0
"""A proxy that loses, spoils and invents: real TCP between a client and a server."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from attrs import field, fields, frozen

from swath.testing.rules import Rule, Rules
from swath.testing.spoiling import own_answer, spoilt_answer, spoilt_request
from swath.testing.wire import Answer, Broken, Request, Wire, ask

__all__ = ["FaultProxy", "Passage"]

_KEPT_ANSWERS = 64
_LARGEST_KEPT = 1 << 20
_PATIENCE_S = 10.0
_EASY = Rule(times=None)


@frozen(kw_only=True)
class Passage:
    """One request and what became of it."""

    method: str
    """HTTP method; empty for a connection that was cut as it was made."""
    target: str
    """Path with query."""
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    """As the client sent them, secrets and all."""
    reached: bool
    """Whether the server got it."""
    status: int | None
    """What the client was answered; None if nothing."""
    done: str
    """What was done to it, in words; empty if nothing."""

    def header(self, name: str) -> str | None:
        """Give a header's value by its name in small letters."""
        return next((value for known, value in self.headers if known.lower() == name), None)


class FaultProxy:
    """Stands between a client and one server, and does to their requests and answers what its rules say.

    The client talks to `base_url`. The Host header goes through, so that links in the server's answers lead back to
    the proxy. Without rules it changes nothing. Example::

        with FaultProxy("http://127.0.0.1:8000") as proxy:
            proxy.add(method="POST", path=r"/orders$", cut="reply", how="reset")
            provider = swath.open("planet", base_url=proxy.base_url)

    Args:
        server: Base URL of the server, plain http.
        seed: Of all that is drawn by chance.
        now: Clock for dates in answers, aware UTC; the machine's own if None.
    """

    def __init__(self, server: str, *, seed: int = 0, now: Callable[[], dt.datetime] | None = None) -> None:
        parts = urlsplit(server)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"{server!r} is no http:// address of a server")
        self._server = (parts.hostname, parts.port or 80)
        self._now = now or _system_now
        self._rules = Rules(seed)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._log: list[Passage] = []
        self._answered: deque[tuple[Request, Answer]] = deque(maxlen=_KEPT_ANSWERS)
        self._listener: socket.socket | None = None
        self._port = 0
        self._stopped = threading.Event()

    # --- the script -------------------------------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        """Where it is, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    def add(self, rule: Rule | None = None, **settings: Any) -> Rule:
        """Put a rule in force, behind those that are; the first whose turn it is meets a request.

        Args:
            rule: A ready one, or
            **settings: the fields of a `Rule`.

        Raises:
            TypeError: For a field that a rule does not have.
            ValueError: For a value out of range, or for actions that contradict each other.
        """
        if rule is not None and settings:
            raise TypeError("pass a Rule or its fields, not both")
        made = rule if rule is not None else Rule(**settings)
        self._rules.add(made)
        return made

    def clear(self) -> None:
        """Take all rules out of force, and forget log and answers."""
        self._rules.clear()
        with self._lock:
            self._log.clear()
            self._answered.clear()

    def reseed(self, seed: int) -> None:
        """Take all rules out of force, and begin to draw from another seed."""
        self._rules = Rules(seed)

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Refuse every connection (ECONNREFUSED), and cut those there are, while the context lasts."""
        self._unlisten()
        self._cut_all()
        try:
            yield
        finally:
            self._listen()

    def log(self, *, method: str | None = None, done: bool | None = None) -> list[Passage]:
        """Give what went through, oldest first.

        Args:
            method: Only this HTTP method.
            done: Only what a rule met (True) or none did (False).
        """
        with self._lock:
            known = list(self._log)
        return [one for one in known if method in {None, one.method} and (done is None or bool(one.done) == done)]

    # --- running ----------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Start it; it takes connections when this returns."""
        self._stopped.clear()
        self._listen()
        return self

    def stop(self) -> None:
        """Stop it and cut what goes through it; a second call does nothing."""
        self._stopped.set()
        self._unlisten()
        self._cut_all()
        for thread in self._threads:
            thread.join(_PATIENCE_S)
        self._threads.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _listen(self) -> None:
        listener = socket.create_server(("127.0.0.1", self._port), backlog=256)
        self._port = listener.getsockname()[1]
        self._listener = listener
        self._spawn(self._accept, listener)

    def _unlisten(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            # It wakes the thread that waits for connections, which closing alone does not.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _cut_all(self) -> None:
        with self._lock:
            connections = list(self._open)
        for one in connections:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _spawn(self, work: Callable[[socket.socket], None], connection: socket.socket) -> None:
        thread = threading.Thread(target=work, args=(connection,), name="swath-fault-proxy", daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()]
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
            self._spawn(self._talk, connection)

    def _talk(self, connection: socket.socket) -> None:
        """Serve one connection until it ends."""
        wire = Wire(connection)
        try:
            rule = self._rules.meet_connection()
            if rule is not None:
                self._note(None, reached=False, status=None, done=f"cut at connect ({rule.how})")
                wire.end(rule.how)
                return
            while (request := wire.read_head()) is not None:
                self._pass(wire, request)
                if (request.header("connection") or "").lower() == "close":
                    break
        except Broken:
            pass
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    # --- one request ------------------------------------------------------------------------------------------------

    def _pass(self, wire: Wire, request: Request) -> None:
        """Serve one request.

        Raises:
            Broken: The connection is over.
        """
        ranged = request.header("range") is not None
        rule = self._rules.meet(request.method, request.target, ranged=ranged) or _EASY
        if rule.delay_s and self._stopped.wait(rule.delay_s):
            raise Broken
        if rule.cut == "request":
            wire.skip(min(rule.after, int(request.header("content-length") or 0)))
            self._break(wire, rule, request, reached=False, status=None)
        request = wire.read_body(request)
        answer, reached = self._answer(rule, request)
        if answer is None or rule.cut == "reply":
            self._break(wire, rule, request, reached=reached, status=None)
            return
        if rule.cut in {"body", "end"}:
            wire.write_head(answer, length=len(answer.body))
            wire.write(answer.body[: rule.after] if rule.cut == "body" else answer.body)
            self._break(wire, rule, request, reached=reached, status=answer.status)
        # Noted first: who has read the answer may look at the log at once.
        self._note(request, reached=reached, status=answer.status, done="" if rule is _EASY else _words(rule))
        self._send(wire, rule, answer)

    def _answer(self, rule: Rule, request: Request) -> tuple[Answer | None, bool]:
        """Give the answer as the client is to get it, and whether the server was asked."""
        own = own_answer(rule, request, self._now) or self._recalled(rule, request)
        if own is not None:
            if rule.pass_on:
                with contextlib.suppress(OSError, http.client.HTTPException):
                    ask(*self._server, request)
            return own, rule.pass_on
        try:
            answer = ask(*self._server, spoilt_request(rule, request))
        except (OSError, http.client.HTTPException):
            return None, True
        if len(answer.body) <= _LARGEST_KEPT:
            with self._lock:
                self._answered.append((request, answer))
        return spoilt_answer(rule, answer, self._rules), True

    def _recalled(self, rule: Rule, request: Request) -> Answer | None:
        """Give an earlier answer, where the rule wants that and there is one."""
        if not (rule.repeat or rule.swap):
            return None
        with self._lock:
            known = [
                (asked, answer)
                for asked, answer in self._answered
                if rule.concerns(asked.method, asked.target, ranged=asked.header("range") is not None)
            ]
        if rule.repeat:
            return known[-1][1] if known else None
        first: dict[tuple[str, str, bytes], Answer] = {}
        for asked, answer in known:
            first.setdefault((asked.method, asked.target, asked.body), answer)
        key = (request.method, request.target, request.body)
        if key not in first:
            return None
        places = list(first)
        at = places.index(key) ^ 1  # neighbours in pairs: 0 and 1, 2 and 3
        return first[places[at]] if at < len(places) else None

    def _send(self, wire: Wire, rule: Rule, answer: Answer) -> None:
        body = answer.body
        wire.write_head(answer, length=None if rule.chunked else len(body))
        size = max(1, -(-len(body) // rule.pieces))
        for start in range(0, len(body), size):
            if start and rule.pause_s and self._stopped.wait(rule.pause_s):
                raise Broken
            piece = body[start : start + size]
            if rule.chunked:
                wire.write_chunk(piece)
            else:
                wire.write(piece)
        if rule.chunked:
            wire.write_chunk(b"")

    def _break(self, wire: Wire, rule: Rule, request: Request, *, reached: bool, status: int | None) -> None:
        self._note(request, reached=reached, status=status, done=_words(rule))
        wire.end(rule.how)
        raise Broken

    def _note(self, request: Request | None, *, reached: bool, status: int | None, done: str) -> None:
        passage = Passage(
            method=request.method if request else "",
            target=request.target if request else "",
            headers=request.headers if request else (),
            reached=reached,
            status=status,
            done=done,
        )
        with self._lock:
            self._log.append(passage)


def _words(rule: Rule) -> str:
    """Say what a rule does."""
    which = {"method", "path", "ranged", "call", "times", "probability", "body"}
    told = [about for about in fields(Rule) if about.name not in which]
    return ", ".join(
        f"{about.name}={value!r}"
        for about in told
        if (value := getattr(rule, about.name)) != getattr(_EASY, about.name)
    )


def _system_now() -> dt.datetime:
    return dt.datetime.fromtimestamp(time.time(), tz=dt.UTC)

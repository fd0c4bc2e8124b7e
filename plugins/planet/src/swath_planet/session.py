# SPDX-License-Identifier: Apache-2.0
"""A session: one account, one HTTP client, one rate limit for all clients that are made with it."""

from __future__ import annotations

import contextlib
import importlib
import threading
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

import attrs

from swath.aio import Bridge
from swath.errors import SwathError
from swath.hookspecs import Context, Operation
from swath.native import close_context, open_context, trust
from swath_planet.exceptions import ClientError, translate
from swath_planet.responses import Response, StreamingResponse, with_params

if TYPE_CHECKING:
    import httpx

    from swath_planet.clients.base import Client

__all__ = ["CLIENTS", "Session"]

CLIENTS: Final = ("data", "orders", "subscriptions", "features", "mosaics", "destinations", "quota")
"""Names of the services that a session has clients for."""


class _Signs(Protocol):
    """What a session needs of an `Auth`."""

    def options(self) -> Mapping[str, Any]: ...


class _Counting:
    """Core's HTTP client, which counts how its requests end."""

    def __init__(self, inner: Any, outcomes: Counter[Any]) -> None:
        self._inner = inner
        self._outcomes = outcomes
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def request(self, method: str, url: str, **given: Any) -> httpx.Response:
        try:
            response: httpx.Response = self._inner.request(method, url, **given)
        except SwathError as err:
            with self._lock:
                self._outcomes[type(translate(err))] += 1
            raise
        with self._lock:
            self._outcomes["Successful"] += 1
        return response


class Session:
    """Opens an account for clients, in coroutines (``async with Session() as session``) or outside of them.

    Nothing is read or sent before the first call. Closing it cancels what is still running.

    Args:
        auth: Who asks; None finds it as `Auth.from_user_default_session` does.
        read_timeout_secs: Seconds of silence after which an answer is given up; core's own choice if None.
    """

    def __init__(self, auth: _Signs | None = None, read_timeout_secs: float | None = None) -> None:
        if auth is not None and not callable(getattr(auth, "options", None)):
            raise ClientError(
                f"auth cannot be {type(auth).__name__}", hint="pass what one of the constructors of Auth gives"
            )
        self.outcomes: Counter[Any] = Counter()
        """How requests ended: ``"Successful"``, or the error's class."""
        self._auth = auth
        self._read_timeout_s = read_timeout_secs
        self._threads = Bridge()
        self._lock = threading.Lock()
        self._context: Context | None = None
        self._trusted: set[str] = set()
        self._end: weakref.finalize[..., Any] | None = None

    # --- what clients stand on ---------------------------------------------------------------------------------------

    @property
    def bridge(self) -> Bridge:
        """What runs the work of this session's coroutines."""
        return self._threads

    def context(self) -> Context:
        """Give the opened account; it is opened when first asked for.

        Raises:
            ClientError: The session is closed.
            MissingCredentials: There are none.
        """
        with self._lock:
            if self._threads.closed:
                raise ClientError("the session is closed", hint="open a new one")
            if self._context is None:
                opened = self._open()
                for url in self._trusted:
                    trust(opened, url)
                self._end = weakref.finalize(self, close_context, opened)  # for sessions that nobody closes
                self._context = attrs.evolve(opened, http=_Counting(opened.http, self.outcomes))
            return self._context

    def trust(self, base_url: str) -> None:
        """Let requests to this address be signed; clients call it for those that they are given."""
        with self._lock:
            self._trusted.add(base_url)
            if self._context is not None:
                trust(self._context, base_url)

    def _open(self) -> Context:
        from swath_planet.provider import PlanetProvider

        auth = self._auth
        if auth is None:
            from swath_planet.auth import Auth

            auth = Auth.from_user_default_session()
        # An auth that holds a session brings the plugin that knows it.
        given = {"plugin": PlanetProvider(), **auth.options()}
        return open_context("planet", read_timeout_s=self._read_timeout_s, **given)

    # --- in coroutines -----------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Cancel what runs, and close all connections. A second call does nothing."""
        await self._threads.aclose()
        self._disconnect()

    def close(self) -> None:
        """Do the same where there is no event loop."""
        self._threads.close()
        self._disconnect()

    def _disconnect(self) -> None:
        with self._lock:
            end, self._end, self._context = self._end, None, None
        if end is not None:
            end()

    def client(self, name: str, base_url: str | None = None) -> Client:
        """Give the client of a service.

        Args:
            name: One of `CLIENTS`.
            base_url: Where the service is; None for its usual place. The credentials go there.

        Raises:
            ClientError: There is no such service.
        """
        if name not in CLIENTS:
            raise ClientError(f"No such client: {name!r}.", hint=f"there are {', '.join(CLIENTS)}")
        module = importlib.import_module(f"swath_planet.clients.{name}")
        made: Client = getattr(module, f"{name.capitalize()}Client")(self, base_url=base_url)
        return made

    async def request(
        self, method: str, url: str, json: Any = None, params: Mapping[str, Any] | None = None
    ) -> Response:
        """Send one request of your own, signed where the origin is Planet's or one that a client was given.

        Args:
            method: HTTP method. A POST is never sent twice.
            url: Absolute.
            json: Body.
            params: Query parameters.

        Raises:
            APIError: By status.
        """
        method = method.upper()
        operation = {"GET": Operation.READ, "HEAD": Operation.READ, "POST": Operation.ONCE}.get(method, Operation.WRITE)
        try:
            return Response(
                await self._threads.run(
                    lambda: self.context().http.request(method, url, operation=operation, json=json, params=params)
                )
            )
        except SwathError as err:
            raise translate(err) from err

    @contextlib.asynccontextmanager
    async def stream(
        self, method: str, url: str, params: Mapping[str, Any] | None = None
    ) -> AsyncIterator[StreamingResponse]:
        """Send one request of your own and get its answer with the body unread.

        Yields:
            The answer; its body can be read within the block.

        Raises:
            APIError: By status.
        """
        with contextlib.ExitStack() as stack:  # whoever cancels, what was opened is closed

            def opened() -> httpx.Response:
                http: Any = self.context().http  # core's own client, which has `stream` beside what `Http` promises
                response: httpx.Response = stack.enter_context(http.stream(method.upper(), with_params(url, params)))
                return response

            try:
                response = await self._threads.run(opened)
            except SwathError as err:
                raise translate(err) from err
            yield StreamingResponse(response, self._threads)

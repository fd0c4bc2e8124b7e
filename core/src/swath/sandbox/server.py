# SPDX-License-Identifier: Apache-2.0
"""The web server that stand-ins run in; importing this imports uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Callable, MutableMapping
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from swath.sandbox.front import TRANSPORT
from swath.sandbox.world import AsgiApp

__all__ = ["Server"]

_PATIENCE_S = 30.0
_GRACE_S = 0.1
"""What is being answered when the server ends has this long to be answered whole."""
_LOOK_S = 0.005
_TICKS = 10  # of uvicorn, which counts tenths of a second


class _Protocol(H11Protocol):
    """Lets applications reach their connection."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        # asyncio does so by itself, but not for a socket that was made without naming its protocol; without it every
        # answer whose head and body are written apart waits for the client's delayed acknowledgement, some 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        inner = self.app

        async def reachable(scope: Any, receive: Any, send: Any) -> None:
            extensions: MutableMapping[str, Any] = {**scope.get("extensions", {}), TRANSPORT: transport}
            await inner({**scope, "extensions": extensions}, receive, send)

        self.app = reachable


class Server(uvicorn.Server):
    """A quiet uvicorn server that can serve over TLS beside plain HTTP.

    Args:
        app: What to serve.
        ready: Set once it answers.
    """

    def __init__(self, app: AsgiApp, ready: threading.Event) -> None:
        # Without any handler, logging would print uvicorn's errors on the terminal by itself.
        logger = logging.getLogger("uvicorn")
        if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
            logger.addHandler(logging.NullHandler())
        config = uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self._ready = ready
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets=sockets)
        self._loop = asyncio.get_running_loop()
        self._ready.set()

    async def main_loop(self) -> None:
        """Serve until `end`; uvicorn's own loop would notice that only at its next tick."""
        second = 0
        while not await self.on_tick(second * _TICKS):
            second += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), 1.0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close everything, as soon as nothing is being answered any more or the grace is over."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        loop = asyncio.get_running_loop()
        end_s = loop.time() + _GRACE_S
        state = self.server_state
        while (state.connections or state.tasks) and loop.time() < end_s:  # noqa: ASYNC110  uvicorn has no event of it
            await asyncio.sleep(_LOOK_S)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    def end(self) -> None:
        """End it; to be called from another thread. A second call does nothing."""
        self.should_exit = True
        with contextlib.suppress(RuntimeError):  # its loop has ended
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._ending.set)

    def listen_tls(self, listener: socket.socket, context: ssl.SSLContext) -> Callable[[], None]:
        """Serve the same application at another socket, over TLS. To be called from another thread, once it runs.

        Returns:
            What ends it again; the socket is closed then, open connections are not.
        """
        loop = self._loop
        if loop is None:
            raise RuntimeError("the server does not run")

        def protocol() -> asyncio.Protocol:
            return _Protocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

        async def listen() -> asyncio.Server:
            server = await loop.create_server(protocol, sock=listener, ssl=context)
            self.servers.append(server)
            return server

        async def end() -> None:
            server.close()
            self.servers.remove(server)

        def end_from_outside() -> None:
            if loop.is_running():
                asyncio.run_coroutine_threadsafe(end(), loop).result(_PATIENCE_S)

        server = asyncio.run_coroutine_threadsafe(listen(), loop).result(_PATIENCE_S)
        return end_from_outside

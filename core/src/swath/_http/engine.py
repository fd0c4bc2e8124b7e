# SPDX-License-Identifier: Apache-2.0
"""Sends one request, signed: through our own engine, or through httpx's where a proxy is in between."""

from __future__ import annotations

import contextlib
from urllib.request import getproxies

import httpx

from swath._http.redact import guard_loggers
from swath._http.trusted import names_certificates, trusted
from swath._http.wire import Wire

__all__ = ["Engine", "limits"]


def limits(*, connect_s: float, read_s: float) -> dict[str, dict[str, float | None]]:
    """Give the extension of a request that says how long it may take.

    Args:
        connect_s: Seconds to open a connection.
        read_s: Seconds of silence.
    """
    return {"timeout": {"connect": connect_s, "read": read_s, "write": read_s, "pool": None}}


class Engine:
    """What requests leave through. It follows no redirect and keeps no cookie.

    Args:
        transport: Takes the place of the network; None for the network.
        fresh: Whether each request gets a connection of its own. A kept connection may have died unnoticed, which would
            leave the outcome of an order unknown for no reason.

    Raises:
        OSError, ValueError: The proxy or certificate settings of the environment cannot be used.
    """

    def __init__(self, transport: httpx.BaseTransport | None, *, fresh: bool) -> None:
        self._client: httpx.Client | None = None
        guard_loggers()
        if transport is None and {"http", "https", "all"} & getproxies().keys():
            from swath._http.interrupt import make_interruptible  # imports httpcore, which our own engine does without

            self._client = make_interruptible(
                httpx.Client(
                    verify=trusted(),
                    limits=httpx.Limits(max_connections=64, max_keepalive_connections=0 if fresh else 32),
                )
            )
        if transport is None and names_certificates():
            trusted()  # what cannot be used is said now
        self._transport = transport or Wire(trusted, keep=0 if fresh else 32)

    def send(self, request: httpx.Request, *, auth: httpx.Auth | None, stream: bool) -> httpx.Response:
        """Send a request, and once more where its authentication asks for that.

        Args:
            request: Written to by `auth`.
            auth: Signs it.
            stream: Whether the body is left unread.

        Raises:
            httpx.TransportError: There is no answer.
            httpx.InvalidURL: The address cannot be requested.
        """
        if auth is None and request.url.userinfo:
            auth = httpx.BasicAuth(request.url.username, request.url.password)
        if auth is None:
            return self._once(request, stream=stream)
        flow = auth.sync_auth_flow(request)
        try:
            signed = next(flow)
            while True:
                response = self._once(signed, stream=stream)
                try:
                    signed = flow.send(response)
                except StopIteration:
                    return response
                except BaseException:
                    response.close()
                    raise
                with contextlib.suppress(httpx.HTTPError):
                    response.read()  # the connection can be used again
        finally:
            flow.close()

    def _once(self, request: httpx.Request, *, stream: bool) -> httpx.Response:
        try:
            if self._client is not None:
                return self._client.send(request, stream=stream, auth=_UNSIGNED, follow_redirects=False)
            response = self._transport.handle_request(request)
            response.request = request
            if not stream:
                try:
                    response.read()
                except BaseException:
                    response.close()
                    raise
        except httpx.RequestError as err:
            err.request = request
            raise
        return response

    def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            self._client.close()
        self._transport.close()


_UNSIGNED = httpx.Auth()
"""The request is signed already; without this, httpx would sign it again by what is in its URL."""

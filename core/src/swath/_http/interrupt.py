# SPDX-License-Identifier: Apache-2.0
"""Lets work that was dropped stop waiting for a server that is silent."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from swath._worker import check, current

__all__ = ["make_interruptible"]

_LOOK_S = 0.2
"""Between looks at whether the work was dropped, seconds."""


class _Stream(httpcore.NetworkStream):
    """A connection whose reads look up from time to time, where somebody can drop the work."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if current() is None:
            return self._inner.read(max_bytes, timeout)
        end_s = None if timeout is None else time.monotonic() + timeout
        while True:
            check()
            left_s = _LOOK_S if end_s is None else end_s - time.monotonic()
            try:
                return self._inner.read(max_bytes, max(0.001, min(_LOOK_S, left_s)))
            except httpcore.ReadTimeout:
                if end_s is not None and time.monotonic() >= end_s:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        check()
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections of the kind above."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        check()
        return _Stream(self._inner.connect_tcp(host, port, timeout, local_address, socket_options))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.connect_unix_socket(path, timeout, socket_options))


def make_interruptible(client: httpx.Client) -> httpx.Client:
    """Let reads of this client end when the work they are for is dropped.

    httpx has no argument for it, so its pools are reached by their private names. Where these are other than known,
    nothing changes but that dropped work ends as late as its read time-out.
    """
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001
        pool = getattr(transport, "_pool", None)
        inner = getattr(pool, "_network_backend", None)
        if pool is not None and isinstance(inner, httpcore.NetworkBackend):
            pool._network_backend = _Backend(inner)  # noqa: SLF001
    return client

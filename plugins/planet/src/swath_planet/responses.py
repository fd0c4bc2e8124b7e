# SPDX-License-Identifier: Apache-2.0
"""Answers to requests that a user makes through a session."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from swath.aio import Bridge

__all__ = ["Response", "StreamingResponse", "with_params"]


def with_params(url: str, params: Mapping[str, Any] | None) -> str:
    """Add query parameters to an address."""
    return str(httpx.URL(url).copy_merge_params(dict(params))) if params else url


class Response:
    """An answer.

    Args:
        http_response: As it came.
    """

    def __init__(self, http_response: httpx.Response) -> None:
        self._response = http_response

    def __repr__(self) -> str:
        return f"<{type(self).__name__} [{self.status_code}]>"

    @property
    def status_code(self) -> int:
        """HTTP status."""
        return self._response.status_code

    def json(self) -> Any:
        """Give the body, read as JSON."""
        return self._response.json()


class StreamingResponse(Response):
    """An answer whose body is still to be read.

    Args:
        http_response: As it came.
        bridge: Reads it.
    """

    def __init__(self, http_response: httpx.Response, bridge: Bridge) -> None:
        super().__init__(http_response)
        self._bridge = bridge

    @property
    def headers(self) -> httpx.Headers:
        """The answer's headers."""
        return self._response.headers

    @property
    def url(self) -> str:
        """Where it came from in the end."""
        return str(self._response.url)

    @property
    def num_bytes_downloaded(self) -> int:
        """How much of the body has come, bytes."""
        return self._response.num_bytes_downloaded

    def aiter_bytes(self) -> AsyncIterator[bytes]:
        """Read the body in pieces."""
        return self._bridge.iterate(self._response.iter_bytes)

    def aiter_lines(self) -> AsyncIterator[str]:
        """Read the body in lines."""
        return self._bridge.iterate(self._response.iter_lines)

    async def aclose(self) -> None:
        """Read no more."""
        self._response.close()

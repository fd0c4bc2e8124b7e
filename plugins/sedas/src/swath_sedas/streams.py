# SPDX-License-Identifier: Apache-2.0
"""A product on its way as a binary stream, for callers who do not want it on disk first."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

from httpx import HTTPError, Response

from swath.errors import Unavailable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Download"]


class Download(io.RawIOBase):
    """A product on its way, as a readable binary stream.

    Args:
        response: The answer, its body unread.
        stack: What is to be closed with the stream.
    """

    def __init__(self, response: Response, stack: ExitStack) -> None:
        super().__init__()
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._chunks = response.iter_bytes()
        self._stack = stack
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill a buffer with the next bytes.

        Raises:
            Unavailable: The connection broke before the end.
        """
        while not self._rest:
            try:
                self._rest = memoryview(next(self._chunks))
            except StopIteration:
                return 0
            except HTTPError as err:
                raise Unavailable(
                    f"the download broke off: {type(err).__name__}",
                    provider="sedas",
                    hint="use download() with a path, which resumes",
                ) from err
        target = memoryview(buffer).cast("B")
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def close(self) -> None:
        """Close the connection."""
        if not self.closed:
            self._stack.close()
        super().close()

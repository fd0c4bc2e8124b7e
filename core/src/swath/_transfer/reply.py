# SPDX-License-Identifier: Apache-2.0
"""What the answer to the request for a file says, and its bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import httpx

from swath._transfer.record import Record

if TYPE_CHECKING:
    from swath._http.wire import Body

__all__ = ["blocks", "goes_on", "header_dict", "takes_ranges"]

_BLOCK_BYTES: Final = 256 * 1024
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


def blocks(response: httpx.Response, *, is_raw: bool = True) -> Iterator[bytes | memoryview]:
    """Give the body piece by piece; a piece is valid until the next one is asked for.

    Args:
        response: With its body unread.
        is_raw: Whether bytes are given as sent, not decoded.
    """
    if not is_raw:
        yield from response.iter_bytes()
        return
    body: Body | None = response.extensions.get("swath_body")
    if body is None:
        # A transport may have read it already, as `httpx.MockTransport` does.
        yield from response.iter_bytes() if response.is_stream_consumed else response.iter_raw()
        return
    left = body.left
    buffer = memoryview(bytearray(_BLOCK_BYTES if left is None else max(1, min(_BLOCK_BYTES, left))))
    while count := body.read_into(buffer):
        yield buffer[:count]


def goes_on(response: httpx.Response, start: int, record: Record) -> int | None:
    """Judge a partial answer.

    Args:
        response: Of status 206.
        start: The byte that was asked for first.
        record: What is known of the file.

    Returns:
        Bytes of the whole; None if the answer begins elsewhere or is of another whole.
    """
    found = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    if found is None or response.headers.get("content-encoding", "identity") != "identity":
        return None
    first, last, total = (int(number) for number in found.groups())
    tag = response.headers.get("etag")
    if tag is not None and str(record.validator).startswith('"') and tag != record.validator:
        return None
    if first != start or not first <= last < total or record.size not in {None, total}:
        return None
    return total


def header_dict(response: httpx.Response) -> dict[str, str]:
    """Give an answer's headers, names in lower case; to look into `httpx.Headers` takes a walk through all."""
    found: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def takes_ranges(headers: Mapping[str, str]) -> bool:
    """Whether parts of the file can be asked for, as far as the answer to a request for all of it tells."""
    return headers.get("accept-ranges", "").strip().lower() == "bytes"

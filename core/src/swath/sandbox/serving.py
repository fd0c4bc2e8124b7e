# SPDX-License-Identifier: Apache-2.0
"""Files over HTTP, as object stores serve them: ranges, validators, HEAD."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

__all__ = ["file_response"]

_RANGE = re.compile(r"bytes=\s*(\d*)-(\d*)\s*$")
_BLOCK = 1 << 18


def file_response(
    request: Request,
    data: bytes | Path,
    *,
    media_type: str,
    filename: str | None = None,
    etag: str | None = None,
    last_modified: dt.datetime | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer GET or HEAD for a file after RFC 9110: single ranges, If-Range, If-None-Match, 416.

    Several ranges in one request are answered with the whole, which the RFC allows.

    Args:
        request: The request.
        data: The file's bytes, or where they are.
        media_type: Content-Type.
        filename: Name for Content-Disposition; None leaves the header out.
        etag: Strong validator, without quotes.
        last_modified: Aware time of the last change.
        headers: Further headers.
    """
    size = len(data) if isinstance(data, bytes) else data.stat().st_size
    head = {"Accept-Ranges": "bytes", "Content-Type": media_type}
    if etag is not None:
        head["ETag"] = f'"{etag}"'
    if last_modified is not None:
        head["Last-Modified"] = format_datetime(last_modified.astimezone(dt.UTC).replace(microsecond=0), usegmt=True)
    if filename is not None:
        head["Content-Disposition"] = _disposition(filename)
    head.update(headers or {})

    if etag is not None and _listed(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers={k: v for k, v in head.items() if k != "Content-Type"})
    wanted = _wanted(request, size, head) if request.method == "GET" else None
    if wanted == "unsatisfiable":
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"})
    start, stop, status = 0, size, 200
    if isinstance(wanted, tuple):
        start, stop, status = *wanted, 206
        head["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    head["Content-Length"] = str(stop - start)
    if request.method == "HEAD":
        return Response(status_code=status, headers=head)
    if isinstance(data, bytes):
        return Response(data[start:stop], status_code=status, headers=head)
    return StreamingResponse(_blocks(data, start, stop), status_code=status, headers=head)


def _wanted(request: Request, size: int, head: Mapping[str, str]) -> tuple[int, int] | str | None:
    """Give the half-open byte range to send, ``"unsatisfiable"``, or None for the whole."""
    asked = request.headers.get("range")
    if asked is None or not _still_same(request.headers.get("if-range"), head):
        return None
    match = _RANGE.match(asked)
    if match is None:
        return None
    first, last = match.groups()
    if first:
        start, stop = int(first), min(int(last) + 1 if last else size, size)
        if last and int(last) < int(first):
            return None
    elif last:
        start, stop = max(size - int(last), 0), size
    else:
        return None
    return (start, stop) if start < stop else "unsatisfiable"


def _still_same(condition: str | None, head: Mapping[str, str]) -> bool:
    """Say whether If-Range holds; only a strong ETag or the exact date does."""
    if condition is None:
        return True
    if condition.startswith(('"', "W/")):
        return condition == head.get("ETag")
    known = head.get("Last-Modified")
    try:
        return known is not None and parsedate_to_datetime(condition) == parsedate_to_datetime(known)
    except ValueError:
        return False


def _listed(header: str | None, etag: str) -> bool:
    if header is None:
        return False
    return header.strip() == "*" or f'"{etag}"' in {part.strip().removeprefix("W/") for part in header.split(",")}


def _disposition(filename: str) -> str:
    plain = filename.encode("ascii", "replace").decode().replace('"', "'")
    extended = "" if plain == filename else f"; filename*=UTF-8''{quote(filename)}"
    return f'attachment; filename="{plain}"{extended}'


def _blocks(path: Path, start: int, stop: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < stop and (block := file.read(min(_BLOCK, stop - start))):
            start += len(block)
            yield block

# SPDX-License-Identifier: Apache-2.0
"""Objects in S3 and stores that speak its dialect: whether they are there, how large they are, files put there whole.

The account and the place are those of the usual environment: ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``,
``AWS_SESSION_TOKEN``, ``AWS_REGION`` or ``AWS_DEFAULT_REGION``, ``AWS_ENDPOINT_URL_S3`` or ``AWS_ENDPOINT_URL``;
without keys the role of the machine. Files of profiles are not read.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from urllib.parse import urlsplit

from swath._worker import check
from swath.errors import (
    ConfigurationError,
    InputError,
    MissingExtra,
    SwathError,
    TargetNotWritable,
    TransferError,
    Unavailable,
)

__all__ = ["exists", "holds", "put", "size", "split", "staging"]

_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_ENDPOINTS: Final = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_PART_BYTES: Final = 8 * 1024 * 1024
_MOST_PARTS: Final = 9_000
_PARTS_AT_ONCE: Final = 4
_RETRIES: Final[Any] = {"max_retries": 5, "retry_timeout": dt.timedelta(seconds=120)}
_STATUS: Final = re.compile(r"status code: (\d{3})")
_CODE: Final = re.compile(r"<Code>(\w{1,60})</Code>")
_DENIED: Final = frozenset({401, 403})


def split(url: str) -> tuple[str, str]:
    """Give bucket and key of ``s3://bucket/key``; the key is empty for a whole bucket.

    Raises:
        InputError: It is no such URL.
    """
    scheme, _, rest = url.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not _BUCKET.fullmatch(bucket):
        raise InputError(f"{url!r} is no place in an object store", hint="write it as s3://bucket/key")
    return bucket, key


def size(url: str) -> int | None:
    """Ask how large an object is, bytes; None where there is none.

    Raises:
        TargetNotWritable: It may not be looked at.
        Unavailable: The store does not answer.
    """
    bucket, key = split(url)
    obstore, store = _opened(bucket)
    try:
        with _told(url, "looked at", absent=True):
            return int(obstore.head(store, key)["size"])
    except FileNotFoundError:
        return None


def exists(url: str) -> bool:
    """Whether there is an object; see `size`."""
    return size(url) is not None


def holds(url: str) -> bool:
    """Whether any object lies below a prefix.

    Raises:
        TargetNotWritable: There is no such bucket, or it may not be listed.
        Unavailable: The store does not answer.
    """
    bucket, key = split(url)
    obstore, store = _opened(bucket)
    with _told(url, "listed"):
        found = next(iter(obstore.list(store, prefix=key.rstrip("/") or None, chunk_size=1)), None)
    return bool(found)


def put(path: str | Path, url: str, *, overwrite: bool = False) -> bool:
    """Put a file at a URL: the object is there whole or not at all; of an upload that fails, the parts are removed.

    Args:
        path: Local file; it is read in blocks, whatever its size.
        url: ``s3://bucket/key``.
        overwrite: Whether an object that is there is replaced.

    Returns:
        False where one is there already and stays.

    Raises:
        TargetNotWritable: There is no such bucket, or it may not be written to.
        TransferError: The store has another number of bytes afterwards.
        Unavailable: The store does not answer.
    """
    bucket, key = split(url)
    if not key or key.endswith("/"):
        raise InputError(f"{url!r} names no object", hint="write it as s3://bucket/key")
    if not overwrite and exists(url):
        return False
    check()
    here = Path(path).stat().st_size
    obstore, store = _opened(bucket)
    block = max(_PART_BYTES, -(-here // _MOST_PARTS))
    with _told(url, "written"):
        obstore.put(store, key, Path(path), chunk_size=block, max_concurrency=_PARTS_AT_ONCE)
    there = size(url)
    if there != here:
        raise TransferError(
            f"{url} has {there or 0} bytes after the upload, the file has {here}",
            hint="see who else writes there, and try again",
        )
    return True


@contextlib.contextmanager
def staging() -> Iterator[Path]:
    """Give a folder of this user's alone for files on their way, in the system's one for them; it is removed after."""
    with tempfile.TemporaryDirectory(prefix="swath-") as folder:
        yield Path(folder)


def _opened(bucket: str) -> tuple[ModuleType, Any]:
    """Give the library and the bucket.

    Raises:
        MissingExtra: The library is not installed.
        ConfigurationError: Secrets would cross a network in clear text.
    """
    try:
        import obstore
        from obstore.store import S3Store
    except ModuleNotFoundError as err:
        raise MissingExtra(
            f"object stores need the package {err.name}, which is not installed",
            hint='install it with: pip install "swath[s3]"',
        ) from err
    endpoint = next((found for name in _ENDPOINTS if (found := os.environ.get(name, "").strip())), "")
    parts = urlsplit(endpoint)
    here = parts.hostname in _LOOPBACK
    if endpoint and not (parts.scheme == "https" or (parts.scheme == "http" and here)):
        raise ConfigurationError(
            f"the object store's address {parts.scheme}://{parts.hostname} is not https",
            hint="set AWS_ENDPOINT_URL to an https address; http is for this machine only",
        )
    place: Any = {"endpoint": endpoint.rstrip("/")} if endpoint else {}
    store = S3Store(bucket, config=place, client_options={"allow_http": bool(endpoint) and here}, retry_config=_RETRIES)
    return obstore, store


@contextlib.contextmanager
def _told(url: str, verb: str, *, absent: bool = False) -> Iterator[None]:
    """Raise what the library raises as errors of ours; its own texts quote answers, which may name keys.

    Args:
        url: What is asked for.
        verb: What cannot be done with it.
        absent: Whether `FileNotFoundError` is left as it is.
    """
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError as err:
        if absent:
            raise
        raise _refused(url, verb, str(err)) from None
    except ValueError as err:
        raise InputError(f"{url!r} is no key: {str(err).splitlines()[0]}", hint="choose another key") from None
    except (BaseError, OSError) as err:
        raise _refused(url, verb, str(err)) from None


def _refused(url: str, verb: str, told: str) -> SwathError:
    status = int(found[1]) if (found := _STATUS.search(told)) else None
    code = found[1] if (found := _CODE.search(told)) else ""
    said = f" ({' '.join(filter(None, (str(status or ''), code)))})" if status else ""
    if code == "NoSuchBucket" or status == 404:
        return TargetNotWritable(
            f"{url} cannot be {verb}: there is no such bucket{said}", hint="make the bucket, or check AWS_ENDPOINT_URL"
        )
    if status in _DENIED:
        return TargetNotWritable(
            f"{url} cannot be {verb}: the object store refuses{said}",
            hint="check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; they need s3:ListBucket, GetObject and PutObject",
        )
    if status is None or status >= 500:
        return Unavailable(
            f"{url} cannot be {verb}: the object store gives no answer{said}",
            hint="check AWS_ENDPOINT_URL, AWS_REGION, the credentials and the network",
        )
    return TransferError(f"{url} cannot be {verb}{said}", hint="check AWS_REGION and AWS_ENDPOINT_URL")

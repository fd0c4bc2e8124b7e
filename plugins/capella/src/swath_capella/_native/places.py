# SPDX-License-Identifier: Apache-2.0
"""Where downloads of the native client go: folders and files of this machine, and places in S3.

Objects of cloudpathlib's ``S3Path`` are taken as they are and given back as such; nothing of it needs to be installed.

Source: the Capella wire contract, 4.3, read 2026-11.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from swath.native import exists, holds
from swath_capella._native.selecting import file_name
from swath_capella.exceptions import ClientError, NotSupportedError

__all__ = ["Place", "StoreUrl", "is_stored", "local_folder", "target_file", "target_folder"]

_SCHEME: Final = "s3://"


class StoreUrl(str):
    """A place in S3: text with the ways of a path that scripts use most."""

    __slots__ = ()

    def __truediv__(self, name: str) -> StoreUrl:
        return StoreUrl(f"{self.rstrip('/')}/{name}")

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.rstrip("/").rpartition("/")[2]

    @property
    def parent(self) -> StoreUrl:
        """The place that it is in."""
        return StoreUrl(self.rstrip("/").rpartition("/")[0])


Place = Path | StoreUrl


def is_stored(path: Any) -> bool:
    """Whether a place is in S3."""
    return str(path).startswith(_SCHEME)


def target_folder(path: Any) -> Place:
    """Give a folder that products can go to.

    Raises:
        NotSupportedError: It is in an object store of another kind.
        ClientError: It does not exist on this machine.
        TargetNotWritable: There is no such bucket in S3, or it may not be listed.
    """
    if not is_stored(path):
        return local_folder(path)
    holds(str(path))  # a bucket that is not there is said before anything is ordered
    return _stored(path)


def target_file(path: Any, url: str) -> Place:
    """Give a place that a file can go to.

    Args:
        path: Its own, or that of a folder, in which it is named as at `url`.
        url: Where it comes from.

    Raises:
        NotSupportedError: It is in an object store of another kind.
        ClientError: Its folder does not exist on this machine.
    """
    if is_stored(path):
        text, found = str(path), _stored(path)
        is_folder = text.endswith("/") or "/" not in text.removeprefix(_SCHEME)
        return found / file_name(url) if is_folder or (not exists(text) and holds(text)) else found
    local = _local(path)
    if local.is_dir():
        local /= file_name(url)
    if not local.parent.is_dir():
        raise ClientError(f"{local.parent} does not exist", hint="make the folder first")
    return local


def local_folder(path: Any) -> Path:
    """Give a folder on this machine.

    Raises:
        NotSupportedError: It is in an object store.
        ClientError: It does not exist.
    """
    found = _local(path)
    if not found.is_dir():
        raise ClientError(f"{found} does not exist", hint="make the folder first")
    return found


def _stored(path: Any) -> StoreUrl:
    """Give a place in S3: what is no text stays what it is, for it knows ``/``, ``name`` and ``parent`` too."""
    if isinstance(path, str):
        return StoreUrl(path.rstrip("/"))
    found: StoreUrl = path
    return found


def _local(path: Any) -> Path:
    text = str(path)
    if "://" in text or type(path).__module__.startswith("cloudpathlib"):
        raise NotSupportedError(
            f"{text.partition('?')[0]} is in an object store that downloads cannot go to",
            hint="download to s3://bucket/prefix or to a local folder",
        )
    return Path(path)

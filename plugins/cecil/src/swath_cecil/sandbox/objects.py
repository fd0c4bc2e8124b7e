# SPDX-License-Identifier: Apache-2.0
"""What lies in the buckets: objects that are made when they are asked for."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Protocol

from attrs import define, field, frozen

__all__ = ["Entry", "Objects", "Shelf"]

_KEPT = 256


@frozen(kw_only=True)
class Entry:
    """One object, as a listing tells of it."""

    key: str
    size: int
    etag: str
    modified: dt.datetime


class Shelf(Protocol):
    """A bucket's content."""

    def entries(self, prefix: str, after: str) -> Iterator[Entry]:
        """Give the objects whose keys start with `prefix` and come behind `after`, in order of their bytes."""

    def entry(self, key: str) -> Entry | None:
        """Give one object's entry."""

    def read(self, key: str) -> bytes | None:
        """Give one object's bytes."""


@define(kw_only=True, eq=False)
class _Object:
    make: Callable[[], bytes]
    modified: dt.datetime
    lock: threading.Lock = field(factory=threading.Lock)
    entry: Entry | None = None


class Objects:
    """Objects by key; the bytes of the last ones asked for are kept. Any thread may use it."""

    def __init__(self) -> None:
        self._objects: dict[str, _Object] = {}
        self._content: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, key: str, make: Callable[[], bytes], modified: dt.datetime) -> None:
        """Add an object, or replace it."""
        with self._lock:
            self._objects[key] = _Object(make=make, modified=modified)
            self._content.pop(key, None)

    def delete(self, prefix: str) -> None:
        """Take away all objects whose keys start with `prefix`."""
        with self._lock:
            for key in [key for key in self._objects if key.startswith(prefix)]:
                del self._objects[key]
                self._content.pop(key, None)

    def keys(self, prefix: str = "") -> list[str]:
        """Give the keys that start with `prefix`, in order."""
        with self._lock:
            return sorted(key for key in self._objects if key.startswith(prefix))

    def entries(self, prefix: str, after: str) -> Iterator[Entry]:
        """Give the objects whose keys start with `prefix` and come behind `after`, in order."""
        for key in self.keys(prefix):
            found = self.entry(key) if key > after else None
            if found is not None:
                yield found

    def entry(self, key: str) -> Entry | None:
        """Give one object's entry; its bytes are made for that if they never were."""
        with self._lock:
            found = self._objects.get(key)
        if found is not None and found.entry is None:
            self.read(key)
        return None if found is None else found.entry

    def read(self, key: str) -> bytes | None:
        """Give one object's bytes."""
        with self._lock:
            found = self._objects.get(key)
        if found is None:
            return None
        with found.lock:
            with self._lock:
                content = self._content.get(key)
                if content is not None:
                    self._content.move_to_end(key)
                    return content
            content = found.make()
            etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
            found.entry = Entry(key=key, size=len(content), etag=etag, modified=found.modified)
            with self._lock:
                self._content[key] = content
                while len(self._content) > _KEPT:
                    self._content.popitem(last=False)
            return content

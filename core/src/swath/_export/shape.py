# SPDX-License-Identifier: Apache-2.0
"""Finds the one type that a column needs for all values that were seen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["Kind", "Shape"]

_WIDEST: Final = 256
"""Fields of one object that become columns of their own. Some providers name assets by file: those stay text."""
_DEEPEST: Final = 12
_EXACT: Final = 2**53
"""Up to here a float holds every whole number."""


class Kind:
    """What has been seen in one place: bits of a plain number, which is ten times faster than `enum.Flag`."""

    NOTHING: Final = 0
    BOOL: Final = 1
    INT: Final = 2
    FLOAT: Final = 4
    TEXT: Final = 8
    LIST: Final = 16
    OBJECT: Final = 32
    OTHER: Final = 64
    """What no column type holds: an object without fields, a number beyond 64 bits, half a surrogate pair."""


_SINGLE: Final = (Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.TEXT, Kind.LIST, Kind.OBJECT)


class Shape:
    """The type of a value that comes again and again, as far as it has been seen."""

    __slots__ = ("_seen", "_wide", "element", "fields")

    def __init__(self) -> None:
        self._seen = Kind.NOTHING
        self._wide = False
        self.fields: dict[str, Shape] = {}
        self.element: Shape | None = None

    @property
    def kind(self) -> int:
        """The kind that holds all values; OTHER where they are of several, NOTHING where there was none."""
        if self._seen == Kind.INT | Kind.FLOAT and not self._wide:
            return Kind.FLOAT
        return self._seen if self._seen in _SINGLE or not self._seen else Kind.OTHER

    @property
    def has_other(self) -> bool:
        """Whether there is anything below that no column type holds."""
        kind = self.kind
        if kind == Kind.OBJECT:
            return any(field.has_other for field in self.fields.values())
        if kind == Kind.LIST:
            return self.element is not None and self.element.has_other
        return kind == Kind.OTHER

    def note(self, value: Any, depth: int = 0) -> bool:
        """Take a value in.

        Returns:
            Whether it holds no null that has a name, and no NaN. A column cannot tell those from what is not there.
        """
        if type(value) is str:
            self._seen |= Kind.TEXT if value.isascii() or _is_whole(value) else Kind.OTHER
        elif type(value) is bool:
            self._seen |= Kind.BOOL
        elif type(value) is int:
            self._seen |= Kind.INT if -(2**63) <= value < 2**63 else Kind.OTHER
            self._wide = self._wide or not -_EXACT <= value <= _EXACT
        elif type(value) is float:
            self._seen |= Kind.FLOAT
            return not math.isnan(value)
        elif isinstance(value, list | tuple):
            return self._note_list(value, depth)
        elif isinstance(value, Mapping):
            return self._note_object(value, depth)
        elif value is not None:
            self._seen |= Kind.OTHER
        return value is not None

    def _note_list(self, value: list[Any] | tuple[Any, ...], depth: int) -> bool:
        self._seen |= Kind.LIST if depth < _DEEPEST else Kind.OTHER
        if self.element is None:
            self.element = Shape()
        whole = True
        for one in value:
            whole = (one is None or self.element.note(one, depth + 1)) and whole
        return whole

    def _note_object(self, value: Mapping[str, Any], depth: int) -> bool:
        self._seen |= Kind.OBJECT if value and depth < _DEEPEST else Kind.OTHER
        whole = True
        for key, one in value.items():
            field = self.fields.get(key)
            if field is None:
                if len(self.fields) >= _WIDEST or not _is_whole(key):
                    self._seen |= Kind.OTHER
                    continue
                field = self.fields[key] = Shape()
            whole = field.note(one, depth + 1) and whole
        return whole


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

# SPDX-License-Identifier: Apache-2.0
"""Makes fields JSON as STAC writes it: nothing that is None, times as text, lists for tuples."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from typing import Any, NoReturn

from swath.stac import names
from swath.stac.times import timestamp

__all__ = ["Shared", "SharedList", "clean", "shared"]

_READY = frozenset({str, int, float, bool, type(None)})
"""Types that are JSON as they are."""


def _refuse(_self: object, *_: Any, **__: Any) -> NoReturn:
    msg = "these fields are shared by many items: change a copy, copy.deepcopy(...), and put that in their place"
    raise TypeError(msg)


class Shared(dict[str, Any]):
    """Fields that many items have in common, such as those of a band: a dict that nobody can change.

    A copy, pickled or not, is a plain dict.
    """

    __slots__ = ()

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def copy(self) -> dict[str, Any]:
        """Give a plain dict."""
        return dict(self)

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return copy.deepcopy(dict(self), memo)

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (dict(self),)


class SharedList(list[Any]):
    """The same for a list within such fields."""

    __slots__ = ()

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse

    def copy(self) -> list[Any]:
        """Give a plain list."""
        return list(self)

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return copy.deepcopy(list(self), memo)

    def __reduce__(self) -> tuple[type, tuple[list[Any]]]:
        return list, (list(self),)


def shared(value: Any) -> Any:
    """Make a JSON value one that nobody can change, however deep."""
    if isinstance(value, dict):
        return Shared({name: shared(inner) for name, inner in value.items()})
    if isinstance(value, list):
        return SharedList(shared(inner) for inner in value)
    return value


def clean(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Copy fields without those that are None, times written as STAC does."""
    times = names.TIME_FIELDS
    return {
        name: timestamp(value) if name in times else value if type(value) in _READY else _plain(value)
        for name, value in fields.items()
        if value is not None
    }


def _plain(value: Any) -> Any:
    """Make one value JSON: datetimes become text, tuples lists. What can be changed is copied."""
    kind = type(value)
    if kind is list or issubclass(kind, (tuple, list, set, frozenset)):
        return [inner if type(inner) in _READY else _plain(inner) for inner in value]
    if kind is dict or issubclass(kind, Mapping):
        return {key: inner if type(inner) in _READY else _plain(inner) for key, inner in value.items()}
    if isinstance(value, dt.datetime):
        return timestamp(value)
    return value.isoformat() if isinstance(value, dt.date) else value

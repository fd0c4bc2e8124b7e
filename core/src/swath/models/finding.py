# SPDX-License-Identifier: Apache-2.0
"""What crosses the search hook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen, validators

from swath.models._fields import ItemDict, aware, item_dicts, strings


@frozen(kw_only=True)
class Interval:
    """A closed span of time; an open end is None."""

    start: dt.datetime | None = field(default=None, validator=aware)
    """First instant, aware UTC."""
    end: dt.datetime | None = field(default=None, validator=aware)
    """Last instant, aware UTC; a date given as end means its last microsecond."""


@frozen(kw_only=True)
class SortKey:
    """One property to sort by."""

    property: str
    """STAC name without ``properties.``, for example ``"datetime"`` or ``"eo:cloud_cover"``."""
    descending: bool = False


def _keys(value: Iterable[SortKey]) -> tuple[SortKey, ...]:
    return tuple(value)


@frozen(kw_only=True)
class Query:
    """A search, validated and normalised by core before any plugin sees it."""

    collections: tuple[str, ...] = field(default=(), converter=strings)
    """Collection ids; empty means all."""
    ids: tuple[str, ...] = field(default=(), converter=strings)
    intersects: ItemDict | None = field(default=None)
    """Valid RFC 7946 geometry in degrees, WGS 84; made from `bbox` too; split at the antimeridian."""
    datetime: Interval | None = None
    filter: Mapping[str, Any] | None = None
    """CQL2 JSON. See `swath.pushdown` for taking it apart."""
    sortby: tuple[SortKey, ...] = field(default=(), converter=_keys)
    limit: int | None = field(default=None, validator=validators.optional(validators.ge(1)))
    """Page size that the caller asks for; None leaves it to the plugin."""
    max_items: int | None = field(default=None, validator=validators.optional(validators.ge(0)))
    """Total that the caller will take. Core stops; a plugin may use it to ask for smaller pages."""


@frozen(kw_only=True)
class Page:
    """One page of a search as a plugin gives it."""

    items: tuple[ItemDict, ...] = field(default=(), converter=item_dicts)
    """STAC Items. More than match is fine: core applies the whole query again."""
    matched: int | None = None
    """How many items match the query as a whole, only where that is exact."""
    next: str | None = None
    """What the provider calls the next page; core only compares it to notice circles."""
    sorted: bool = False
    """Whether all pages of this search come in the order of `Query.sortby`."""

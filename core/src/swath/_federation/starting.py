# SPDX-License-Identifier: Apache-2.0
"""Starts one provider's part of a search over several: with its collections, and without the properties that it lacks.

Providers know different properties. Asked alone, a provider refuses a filter on one that it does not have, as that is
most likely a slip. Among several it is not: there its items lack the property, and what they lack matches nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from attrs import evolve

from swath._provider import Provider
from swath._query.filters import check_names, properties_of
from swath._results import ItemSearch
from swath.errors import InputError, InvalidFilter
from swath.models import Query
from swath.pushdown import push_not_down

__all__ = ["NothingMatches", "Start", "check_known", "without"]


class NothingMatches(Exception):
    """Nothing of a provider can match, so it is not asked."""


class Start:
    """Starts the search at one provider.

    Args:
        provider: It.
        query: The whole query.
        collections: Its collections to search; all where there are none.
    """

    def __init__(self, provider: Provider, query: Query, collections: Sequence[str]) -> None:
        self._provider = provider
        self._query = evolve(query, collections=tuple(collections))
        self.lacks: frozenset[str] | None = None
        """Properties of the filter and the order that it does not have; None until that was found out."""
        self.schemas: Mapping[str, Mapping[str, Any]] = {}
        """What it has, by collection."""

    def __call__(self) -> ItemSearch:
        """Make its search.

        Raises:
            NothingMatches: The filter cannot hold without the properties that it lacks.
            SwathError: It cannot say what it has.
        """
        provider, query = self._provider, self._query
        self.schemas = provider._catalogue.schemas(query)  # noqa: SLF001  its part of one search
        named = properties_of(query.filter) | {key.property for key in query.sortby}
        lacks = self.lacks = frozenset(name for name in named if _is_unknown(name, self.schemas))
        kept = without(query.filter, lacks)
        if kept is False:
            names = ", ".join(repr(name) for name in sorted(lacks & properties_of(query.filter)))
            raise NothingMatches(f"nothing that it has can match: its items have no {names}")
        found = provider.search(
            collections=list(query.collections) or None,
            ids=list(query.ids) or None,
            intersects=query.intersects,
            datetime=None if query.datetime is None else (query.datetime.start, query.datetime.end),
            filter=None if kept is True else kept,
            sortby=[key for key in query.sortby if key.property not in lacks] or "-datetime",
            limit=query.limit,
            max_items=query.max_items,
        )
        found._most_kept = 0  # noqa: SLF001  what is merged is kept there
        return found


def check_known(starts: Mapping[str, Start], query: Query) -> None:
    """Refuse a property that no provider has.

    Args:
        starts: By provider, those that could say what they have.
        query: What is searched.

    Raises:
        InvalidFilter: For the filter, with the nearest names that there are.
        InputError: For the order.
    """
    known = [start for start in starts.values() if start.lacks is not None]
    nowhere = frozenset.intersection(*(start.lacks or frozenset() for start in known)) if known else frozenset()
    if nowhere:
        schemas = {
            f"{name}'s {collection}": schema
            for name, start in starts.items()
            for collection, schema in start.schemas.items()
        }
        check_names(nowhere & properties_of(query.filter), schemas, InvalidFilter)
        check_names(nowhere, schemas, InputError)


def without(filter: Mapping[str, Any] | None, names: Collection[str]) -> Mapping[str, Any] | bool:  # noqa: A002
    """Give what is left of a filter for items that lack some properties.

    Args:
        filter: CQL2 JSON in the normal form; None for none.
        names: What the items lack.

    Returns:
        A filter that matches the same of these items: true for all of them, false for none.
    """
    if filter is None:
        return True
    return _without(push_not_down(filter), names) if names else filter


def _without(node: Any, names: Collection[str]) -> Mapping[str, Any] | bool:
    if isinstance(node, bool):
        return node
    op, args = node["op"], node.get("args", ())
    if op not in {"and", "or"}:
        if not properties_of(node) & set(names):
            return node  # type: ignore[no-any-return]  # a condition, as it was
        return bool(op == "isNull")
    parts = [_without(part, names) for part in args]
    ends, passes = (False, True) if op == "and" else (True, False)
    if any(part is ends for part in parts):
        return ends
    kept = [part for part in parts if part is not passes]
    if not kept:
        return passes
    return kept[0] if len(kept) == 1 else {"op": op, "args": kept}


def _is_unknown(name: str, schemas: Mapping[str, Mapping[str, Any]]) -> bool:
    try:
        check_names([name], schemas, InputError)
    except InputError:
        return True
    return False

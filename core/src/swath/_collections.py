# SPDX-License-Identifier: Apache-2.0
"""Collections that know where they come from, and a search among them."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pystac

from swath._modifier import Modifier, modify
from swath._query.build import build_query
from swath._query.fields import parse_fields, trim_collection
from swath._query.filters import check_names, properties_of
from swath._query.freetext import compile_words
from swath._query.residual import Residual
from swath._query.sorting import sort_items
from swath.errors import InputError, InvalidFilter
from swath.models import ItemDict

__all__ = ["Collection", "CollectionSearch", "make_collection"]

_PAGE = 100


class Collection(pystac.Collection):
    """A `pystac.Collection` whose items are those that its provider finds."""

    source: Any = None
    """The provider, or what else can `search` and say `queryables`."""

    def __repr__(self) -> str:
        return f"<swath.Collection {self.id!r}>"

    def get_items(self, *ids: str, recursive: bool = False) -> Iterator[pystac.Item]:  # noqa: ARG002 (pystac's)
        """Iterate over its items, newest or as the provider orders them: by a search.

        Args:
            *ids: Only these.
            recursive: Has no effect: a collection holds no further ones.
        """
        found: Iterator[pystac.Item] = self.source.search(collections=[self.id], ids=list(ids) or None).items()
        return found

    def get_item(self, id: str, recursive: bool = False) -> pystac.Item | None:  # noqa: A002, ARG002 (pystac's)
        """Give one item; None where there is none of that id."""
        return next(self.source.search(collections=[self.id], ids=[id], max_items=1).items(), None)

    def get_queryables(self) -> dict[str, Any]:
        """Say which properties a filter may name, as JSON Schema."""
        return copy.deepcopy(dict(self.source.queryables(self.id)))

    def clone(self) -> Collection:
        """Make a copy that comes from the same place."""
        made: Any = super().clone()
        made.source = self.source
        return made  # type: ignore[no-any-return]  # pystac makes one of this class


def make_collection(found: ItemDict, source: Any, modifier: Modifier | None = None) -> Collection:
    """Make a collection that knows where it comes from."""
    made: Any = Collection.from_dict(found)
    made.source = source
    modify(modifier, made)
    return made  # type: ignore[no-any-return]  # pystac makes one of this class


class CollectionSearch:
    """A search among collections, with the surface of `pystac_client.CollectionSearch`.

    All of them are listed, and looked at here: so each argument holds at every provider.

    Args:
        listed: Gives all collections, as `pystac.Collection` of `Collection`.
        max_collections: Most in all.
        limit: Page size, 1 or more; 100 if None.
        bbox: Only those whose extent meets it.
        datetime: Only those whose extent meets it.
        q: Words in title, description and keywords; see `swath._query.freetext`.
        query: As in `Provider.search`, of the collection's own fields and summaries.
        filter: Likewise.
        filter_lang: Likewise.
        sortby: Likewise.
        fields: What of each to give as dict.

    Raises:
        InputError: For an argument that cannot be used.
    """

    def __init__(
        self,
        listed: Callable[[], Iterable[Any]],
        *,
        max_collections: int | None = None,
        limit: int | None = None,
        bbox: object = None,
        datetime: object = None,
        q: str | None = None,
        query: object = None,
        filter: object = None,  # noqa: A002 (pystac-client's name)
        filter_lang: str | None = None,
        sortby: object = None,
        fields: object = None,
    ) -> None:
        self._listed = listed
        self._query, _ = build_query(
            bbox=bbox, datetime=datetime, query=query, filter=filter, filter_lang=filter_lang, sortby=sortby,
            limit=limit, max_items=max_collections,
        )  # fmt: skip
        self._fields = parse_fields(fields)
        self._has_words = None if q is None else compile_words(q)

    def __repr__(self) -> str:
        return "<CollectionSearch>"

    def matched(self) -> int:
        """Say how many match, regardless of `max_collections`."""
        return len(self._matching)

    def collections(self) -> Iterator[Collection]:
        """Iterate over those that match, at most `max_collections`; they are whole whatever `fields` says."""
        return iter(self._matching[: self._query.max_items])

    def collections_as_dicts(self) -> Iterator[ItemDict]:
        """Iterate over them as dicts, trimmed to `fields`."""
        for found in self.collections():
            plain = found.to_dict(include_self_link=False)
            yield plain if self._fields is None else trim_collection(plain, self._fields)

    def pages(self) -> Iterator[list[Collection]]:
        """Iterate over lists of `limit` collections."""
        return _paged(self.collections(), self._query.limit)

    def pages_as_dicts(self) -> Iterator[ItemDict]:
        """Iterate over dicts with `limit` collections each, under ``"collections"``."""
        for page in _paged(self.collections_as_dicts(), self._query.limit):
            yield {"collections": page}

    def collection_list(self) -> list[Collection]:
        """Give all that match."""
        return list(self.collections())

    def collection_list_as_dict(self) -> ItemDict:
        """Give all that match as dicts, under ``"collections"``."""
        return {"collections": list(self.collections_as_dicts())}

    @functools.cached_property
    def _matching(self) -> list[Collection]:
        everything = [(_as_item(found), found) for found in self._listed()]
        names = {name for seen, _ in everything for name in seen["properties"]}
        known = {"collections": {"properties": dict.fromkeys(names, True)}}
        check_names(properties_of(self._query.filter), known, InvalidFilter)
        check_names({key.property for key in self._query.sortby}, known, InputError)
        matches = Residual(self._query).matches
        kept = {
            id(seen): found
            for seen, found in everything
            if matches(seen) and (self._has_words is None or self._has_words(_texts(found)))
        }
        order = [seen for seen, _ in everything if id(seen) in kept]
        return [kept[id(seen)] for seen in sort_items(order, self._query.sortby)]


def _texts(found: Any) -> list[str]:
    return [text for text in (found.title, found.description, *(found.keywords or ())) if text]


def _paged(values: Iterable[Any], size: int | None) -> Iterator[list[Any]]:
    page: list[Any] = []
    for value in values:
        page.append(value)
        if len(page) == (size or _PAGE):
            yield page
            page = []
    if page:
        yield page


def _as_item(found: Any) -> ItemDict:
    """Give what of a collection can be asked for, in the form of an item: its extent is where and when it is."""
    plain = found.to_dict(include_self_link=False)
    extent = plain.get("extent") or {}
    spans = (extent.get("temporal") or {}).get("interval") or [[None, None]]
    start, end = spans[0][0], spans[0][1]
    summaries = plain.get("summaries") or {}
    return {
        "id": plain["id"],
        "geometry": _footprint((extent.get("spatial") or {}).get("bbox") or []),
        "properties": {
            **(summaries if isinstance(summaries, Mapping) else {}),
            **{key: value for key, value in plain.items() if key not in {"summaries", "extent", "links", "assets"}},
            "start_datetime": start or "0001-01-01T00:00:00Z",
            "end_datetime": end or "9999-12-31T23:59:59Z",
        },
    }


def _footprint(boxes: Iterable[Any]) -> ItemDict | None:
    """Give the area of an extent: the first box is the whole, further ones are its parts."""
    from swath._geometry.read import read_geometry

    listed = [list(box) for box in boxes]
    polygons: list[Any] = []
    for box in listed[1:] or listed:
        west, south, east, north = box[:2] + box[len(box) // 2 :][:2]
        if [west, south] == [east, north]:
            return {"type": "Point", "coordinates": [west, south]}
        read = read_geometry([west, south, east, north]).geometry
        polygons += read["coordinates"] if read["type"] == "MultiPolygon" else [read["coordinates"]]
    return {"type": "MultiPolygon", "coordinates": polygons} if polygons else None

# SPDX-License-Identifier: Apache-2.0
"""The words of pystac-client that are made of ours, and what to write instead of those that are not."""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from swath.errors import InputError

if TYPE_CHECKING:
    import pystac

    from swath._collections import CollectionSearch

__all__ = ["Clientlike", "Searchlike"]

_CONFORMS: Final = (
    "https://api.stacspec.org/v1.0.0/core",
    "https://api.stacspec.org/v1.0.0/collections",
    "https://api.stacspec.org/v1.0.0/collection-search",
    "https://api.stacspec.org/v1.0.0/collection-search#free-text",
    "https://api.stacspec.org/v1.0.0/item-search",
    "https://api.stacspec.org/v1.0.0/item-search#fields",
    "https://api.stacspec.org/v1.0.0/item-search#filter",
    "https://api.stacspec.org/v1.0.0/item-search#query",
    "https://api.stacspec.org/v1.0.0/item-search#sort",
)
"""What holds at every provider, since swath does what a provider does not."""
_CLASSES: Final = {
    "CORE": "/core",
    "COLLECTIONS": "/collections",
    "COLLECTION_SEARCH": "/collection-search",
    "COLLECTION_SEARCH_FREE_TEXT": "/collection-search#free-text",
    "CONTEXT": "/item-search#context",
    "FEATURES": "/ogcapi-features",
    "FIELDS": "/item-search#fields",
    "FILTER": "/item-search#filter",
    "ITEM_SEARCH": "/item-search",
    "QUERY": "/item-search#query",
    "SORT": "/item-search#sort",
    "TRANSACTION": "/ogcapi-features/extensions/transaction",
}
_OF_CLIENT: Final = {
    "add_conforms_to": "it is not needed: swath does what a provider cannot",
    "clear_conforms_to": "it is not needed: swath does what a provider cannot",
    "get_all_items": "use search().items()",
    "get_child": "use get_collection(id)",
    "get_children": "use get_collections()",
    "get_search_link": "providers have ways of their own, not one address for a search",
    "remove_conforms_to": "it is not needed: swath does what a provider cannot",
    "set_conforms_to": "it is not needed: swath does what a provider cannot",
    "walk": "use get_collections(), and get_items() of each",
}
_OF_SEARCH: Final = {
    "url": "providers have ways of their own, not one address for a search; see get_parameters()",
    "url_with_parameters": "providers have ways of their own, not one address for a search; see get_parameters()",
}
_FORMER: Final = {
    "get_all_items": "item_collection",
    "get_all_items_as_dict": "item_collection_as_dict",
    "get_item_collections": "pages",
    "get_items": "items",
    "item_collections": "pages",
}
"""Names of `ItemSearch` that pystac-client itself has given up, and today's."""


class Clientlike:
    """What scripts for pystac-client call on a client, made of `search`, `get_collections` and `queryables`."""

    if TYPE_CHECKING:
        search: Callable[..., Any]
        get_collections: Callable[..., Iterator[pystac.Collection]]
        queryables: Callable[..., Mapping[str, Any]]

    else:

        def __getattr__(self, name: str) -> Any:
            """Say what to use instead of a word of pystac-client that there is not."""
            hint = f"; {_OF_CLIENT[name]}" if name in _OF_CLIENT else ""
            msg = f"{type(self).__name__!r} has no attribute {name!r}{hint}"
            raise AttributeError(msg, name=name, obj=self)

    def collection_search(
        self,
        *,
        max_collections: int | None = None,
        limit: int | None = None,
        bbox: Any = None,
        datetime: Any = None,
        q: str | None = None,
        query: Any = None,
        filter: str | Mapping[str, Any] | None = None,  # noqa: A002 (pystac-client's name)
        filter_lang: str | None = None,
        sortby: Any = None,
        fields: Any = None,
    ) -> CollectionSearch:
        """Search the collections, with the arguments of `pystac_client.Client.collection_search`.

        Args:
            max_collections: Most in all.
            limit: Page size.
            bbox: Only those whose extent meets it; degrees, WGS 84.
            datetime: Only those whose extent meets it; as in `search`.
            q: Words in title, description and keywords: ``"radar"``, ``"optical OR sar"``, ``'"land cover" -forest'``.
            query: As in `search`, of the collections' own fields and summaries.
            filter: Likewise.
            filter_lang: Likewise.
            sortby: Likewise.
            fields: What of each to give as dict, for example ``["id", "title"]``.

        Raises:
            InputError: For an argument that cannot be used.
        """
        from swath._collections import CollectionSearch

        return CollectionSearch(
            self.get_collections, max_collections=max_collections, limit=limit, bbox=bbox, datetime=datetime, q=q,
            query=query, filter=filter, filter_lang=filter_lang, sortby=sortby, fields=fields,
        )  # fmt: skip

    def get_items(self, *ids: str, recursive: bool | None = None) -> Iterator[pystac.Item]:  # noqa: ARG002
        """Iterate over all items, or those of these ids: ``search(ids=ids).items()``.

        Args:
            *ids: Item ids.
            recursive: Has no effect.
        """
        found: Iterator[pystac.Item] = self.search(ids=list(ids) or None).items()
        return found

    def get_queryables(self) -> dict[str, Any]:
        """Say which properties a filter may name in any collection, as JSON Schema; see `queryables`."""
        return copy.deepcopy(dict(self.queryables()))

    def get_merged_queryables(self, collections: Iterable[str]) -> dict[str, Any]:
        """Say which properties a filter may name in any of these collections, as JSON Schema.

        Args:
            collections: Ids, one or more. A property that two of them describe differently is left out.

        Raises:
            UnknownCollection: For one that there is not.
        """
        schemas = [copy.deepcopy(dict(self.queryables(name))) for name in collections]
        if not schemas:
            raise InputError("there is no collection to merge", hint="pass the ids of one or more")
        merged = schemas[0]
        merged.pop("$id", None)
        for schema in schemas[1:]:
            mine, others = merged.setdefault("properties", {}), schema.get("properties", {})
            differing = {name for name in set(mine) & set(others) if mine[name] != others[name]}
            merged["properties"] = {
                name: about for name, about in {**mine, **others}.items() if name not in differing
            }  # fmt: skip
            if not schema.get("additionalProperties", False) and "additionalProperties" in merged:
                merged["additionalProperties"] = False
        return merged

    def has_conforms_to(self) -> bool:
        """Whether it is known what it conforms to; always."""
        return True

    def get_conforms_to(self) -> list[str]:
        """Name the conformance classes of the STAC API that hold here, whatever a provider itself can do."""
        return list(_CONFORMS)

    def conforms_to(self, conformance_class: Any) -> bool:
        """Whether a conformance class of the STAC API holds here.

        Args:
            conformance_class: ``"ITEM_SEARCH"``, ``"FILTER"``, ... or a member of `pystac_client.ConformanceClasses`.
        """
        name = str(getattr(conformance_class, "name", conformance_class)).upper()
        if name not in _CLASSES:
            raise InputError(f"there is no conformance class {name!r}", hint=f"there are: {', '.join(_CLASSES)}")
        return any(re.search(rf"{re.escape(_CLASSES[name])}$", uri) for uri in _CONFORMS)


class Searchlike:
    """What scripts for pystac-client call on a search beside what is there."""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Give what a former name stands for, or say what to use instead."""
            if name in _FORMER:
                warnings.warn(f"{name}() is deprecated, use {_FORMER[name]}()", FutureWarning, stacklevel=2)
                return getattr(self, _FORMER[name])
            hint = f"; {_OF_SEARCH[name]}" if name in _OF_SEARCH else ""
            msg = f"{type(self).__name__!r} has no attribute {name!r}{hint}"
            raise AttributeError(msg, name=name, obj=self)

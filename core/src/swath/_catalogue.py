# SPDX-License-Identifier: Apache-2.0
"""What a provider has to search: collections and queryables, asked for once."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from swath._arguments import text
from swath._session import Session
from swath._suggest import suggest
from swath.errors import InputError, InvalidFilter, UnknownCollection
from swath.models import ItemDict, Query

__all__ = ["Catalogue"]


class Catalogue:
    """Keeps what the provider answered.

    Args:
        session: The opened account.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._collections: dict[str, ItemDict] | None = None
        self._queryables: dict[str | None, Mapping[str, Any]] = {}

    def collections(self) -> dict[str, ItemDict]:
        """Give the collections by id; none where the provider does not list them."""
        with self._lock:
            if self._collections is None:
                found = self._session.hooks.collections(self._session.context)
                self._collections = {collection["id"]: collection for collection in found}
            return self._collections

    def check_collections(self, ids: Iterable[str]) -> None:
        """Refuse a collection that the provider does not list.

        Raises:
            UnknownCollection: With the nearest names.
        """
        wanted = tuple(text("a collection's id", name) for name in ids)
        known = self.collections() if wanted else {}
        for name in wanted:
            if known and name not in known:
                provider = self._session.info.name
                raise UnknownCollection(
                    f"there is no collection {name!r}",
                    provider=provider,
                    hint=f"{suggest(name, known)} (list them with: swath collections {provider})",
                )

    def queryables(self, collection: str | None) -> Mapping[str, Any]:
        """Give the JSON Schema of what a filter may name; one without properties where the provider has none."""
        if collection is not None:
            self.check_collections((collection,))
        with self._lock:
            if collection not in self._queryables:
                answer = self._session.hooks.queryables(self._session.context, collection)
                self._queryables[collection] = answer if answer is not None else {"type": "object", "properties": {}}
            return self._queryables[collection]

    def check(self, query: Query) -> None:
        """Refuse a query that cannot be answered, rather than answer another one.

        Raises:
            UnknownCollection: For a collection that is not there.
            InvalidFilter: For a filter on a property that the collections do not have.
            InputError: For sorting by one.
        """
        from swath._http.observing import replay
        from swath._query.filters import check_names, properties_of

        if replay() is not None:  # it was checked before; nothing may be sent now
            return
        schemas = self.schemas(query)
        check_names(properties_of(query.filter), schemas, InvalidFilter)
        check_names({key.property for key in query.sortby}, schemas, InputError)

    def schemas(self, query: Query) -> Mapping[str, Mapping[str, Any]]:
        """Give what the filter and the order of a query may name.

        Returns:
            By collection the JSON Schema of its queryables; empty where the query names none, or nothing is known.

        Raises:
            UnknownCollection: For a collection that is not there.
        """
        from swath._query.filters import properties_of

        self.check_collections(query.collections)
        if not query.sortby and not properties_of(query.filter):
            return {}
        chosen: tuple[str | None, ...] = query.collections or (None,)
        schemas = {str(name or "any collection"): self.queryables(name) for name in chosen}
        return schemas if any(schema.get("properties") for schema in schemas.values()) else {}

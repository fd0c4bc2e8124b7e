# SPDX-License-Identifier: Apache-2.0
"""The providers of a federation, and what there is to search at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from swath._clientlike import Clientlike
from swath._clock import Clock, SystemClock
from swath._federation.kinds import check_kind, kinds_of
from swath._modifier import Modifier, check_modifier, modify
from swath._provider import Provider
from swath._suggest import suggest
from swath.errors import InputError, SwathError, UnknownCollection
from swath.models import Query

if TYPE_CHECKING:
    import pystac

__all__ = ["Members"]


class Members(Clientlike):
    """What of a federation is there before anything is searched or bought.

    Args:
        providers: The opened providers, in the order in which equal results come.
        failed: What could not be opened, and why; reported with each search.
        clock: Tells how long things take.
        modifier: Changes what is found, in place; see `swath.open`.
    """

    def __init__(
        self,
        providers: Iterable[Provider],
        *,
        failed: Mapping[str, SwathError] | None = None,
        clock: Clock | None = None,
        modifier: Modifier | None = None,
    ) -> None:
        self._providers = {provider.name: provider for provider in providers}
        self._failed = dict(failed or {})
        self._clock = clock or SystemClock()
        check_modifier(modifier)
        self._modifier = modifier
        if not self._providers:
            raise next(iter(self._failed.values()), InputError("there is no provider", hint="name one or more"))

    def __repr__(self) -> str:
        return f"<swath.Federation of {', '.join(self.names)}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getitem__(self, name: str) -> Provider:
        found = self._providers.get(name)
        if found is None:
            raise InputError(f"{name!r} is not one of them", hint=suggest(str(name), [*self._providers]))
        return found

    def __iter__(self) -> Iterator[Provider]:
        return iter(self._providers.values())

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the providers that are open."""
        return tuple(self._providers)

    @property
    def id(self) -> str:
        """The providers' names in one, as pystac-client has an id."""
        return "+".join(self.names)

    @property
    def title(self) -> str:
        """The providers' names as people write them."""
        return ", ".join(provider.title for provider in self)

    @property
    def description(self) -> str:
        """What they say of themselves, a line each."""
        return "\n".join(f"{provider.title}: {provider.description}" for provider in self)

    @property
    def failed(self) -> Mapping[str, SwathError]:
        """What could not be opened, and why."""
        return dict(self._failed)

    def close(self) -> None:
        """Close all connections."""
        for provider in self:
            provider.close()

    # --- what there is ----------------------------------------------------------------------------------------------

    def get_collections(self, kind: str | None = None) -> Iterator[pystac.Collection]:
        """Iterate over what can be searched at all of them.

        Args:
            kind: Only of this kind: ``"optical"``, ``"sar"``, ...
        """
        for provider in self:
            for collection in provider.get_collections():
                if kind is None or check_kind(kind) in kinds_of(collection.to_dict(include_self_link=False)):
                    modify(self._modifier, collection)
                    yield collection

    def get_collection(self, collection_id: str) -> pystac.Collection:
        """Give one collection, of the first provider that has it.

        Raises:
            UnknownCollection: None has it; with the nearest names.
        """
        return self._home_of(collection_id)[1]

    def queryables(self, collection: str | None = None) -> Mapping[str, Any]:
        """Say which properties a filter may name, as JSON Schema (OGC API - Features Part 3).

        Args:
            collection: A collection's id; None for what can be named at every provider.
        """
        if collection is not None:
            return self._home_of(collection)[0].queryables(collection)
        schemas = [provider.queryables() for provider in self]
        common = dict(schemas[0])
        common["properties"] = {
            name: about
            for name, about in (schemas[0].get("properties") or {}).items()
            if all(name in (schema.get("properties") or {}) for schema in schemas)
        }
        return common

    def _home_of(self, collection_id: str) -> tuple[Provider, pystac.Collection]:
        """Give a collection and the first provider that has it."""
        known: list[str] = []
        for provider in self:
            for collection in provider.get_collections():
                if collection.id == collection_id:
                    modify(self._modifier, collection)
                    return provider, collection
                known.append(collection.id)
        hint = suggest(str(collection_id), sorted(set(known)))
        raise UnknownCollection(f"no provider has the collection {collection_id!r}", hint=hint)

    def _known_ids(self) -> set[str]:
        return {collection.id for provider in self for collection in provider.get_collections()}

    @staticmethod
    def _choose(provider: Provider, query: Query, kind: str | None, known: set[str]) -> tuple[str, ...] | None:
        """Say which collections to ask a provider for: none in particular is empty, None is not to ask it."""
        if not query.collections and kind is None:
            return ()
        listed = {one.id: one.to_dict(include_self_link=False) for one in provider.get_collections()}
        known.update(listed)
        chosen = [one for one in query.collections or listed if one in listed]
        if kind is not None:
            chosen = [one for one in chosen if kind in kinds_of(listed[one])]
        return tuple(chosen) or None

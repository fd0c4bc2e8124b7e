# SPDX-License-Identifier: Apache-2.0
"""`Federation`: what a user holds for several providers. Each step goes back to the one that it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from swath._arguments import number
from swath._federation.kinds import check_kind
from swath._federation.owners import by_provider, orders_by_provider
from swath._federation.searching import FederatedSearch
from swath._federation.standing import Standing, grouped
from swath._federation.starting import Start
from swath._inputs import load_options, local_items_of, orders_of
from swath._query.build import build_query, check_method
from swath._query.fields import parse_fields
from swath._suggest import suggest
from swath.errors import InputError, SwathError, UnknownCollection
from swath.models import DryRun, ItemDict, Order, Quote

if TYPE_CHECKING:
    import pystac

__all__ = ["Federation"]


class Federation(Standing):
    """Several providers, opened for one account each.

    Made by `swath.open` with several names. The words are those of `swath.Provider`.
    """

    # --- search -----------------------------------------------------------------------------------------------------

    def search(
        self,
        *,
        kind: str | None = None,
        collections: str | Iterable[str] | None = None,
        max_items: int | None = None,
        fields: Any = None,
        method: str | None = None,
        on_error: Literal["report", "raise"] = "report",
        patience_s: float | None = None,
        **query: Any,
    ) -> FederatedSearch:
        """Search all of them at once.

        Args:
            kind: Only collections of this kind: ``"optical"``, ``"sar"``, ...
            collections: Only these; each provider is asked for those that it has.
            max_items: Most items in all.
            fields: What of each item to give; see `Provider.search`.
            method: Has no effect; see `Provider.search`.
            on_error: ``"report"`` notes a provider's failure in `FederatedSearch.contributions` and goes on;
                ``"raise"`` ends the search with it.
            patience_s: Seconds to wait for a provider's next page, > 0; after that it is left out and reported.
            **query: Everything else that `Provider.search` takes.

        Raises:
            UnknownCollection: No provider has one of the collections.
            InputError: For a kind or another argument that cannot be used.
        """
        if on_error not in {"report", "raise"}:
            raise InputError(f"on_error cannot be {on_error!r}", hint="pass 'report' or 'raise'")
        number("patience_s", patience_s)
        check_method(method)
        trimmed = parse_fields(fields)
        if kind is not None:
            check_kind(kind)
        unknown = set(query) - _QUERY
        if unknown:
            name = min(unknown)
            raise InputError(f"search() has no argument {name!r}", hint=suggest(name, sorted(_QUERY | {"kind"})))
        built, repairs = build_query(collections=collections, max_items=max_items, **query)
        begin: dict[str, Start] = {}
        skipped: dict[str, str] = {}
        failed = dict(self._failed)
        known: set[str] = set()
        for name, provider in self._providers.items():
            try:
                chosen = self._choose(provider, built, kind, known)
            except SwathError as err:
                failed[name] = err
                continue
            if chosen is None:
                skipped[name] = f"it has nothing of kind {kind!r}" if kind else "it has none of these collections"
            else:
                begin[name] = Start(provider, built, chosen)
        missing = [one for one in built.collections if one not in known]
        if missing and not failed:
            raise UnknownCollection(
                f"no provider has the collection {missing[0]!r}", hint=suggest(missing[0], sorted(self._known_ids()))
            )
        return FederatedSearch(
            query=built,
            begin=begin,
            skipped=skipped,
            failed=failed,
            clock=self._clock,
            raises=on_error == "raise",
            patience_s=patience_s,
            repairs=repairs,
            fields=trimmed,
            modifier=self._modifier,
        )

    # --- order, wait, get -------------------------------------------------------------------------------------------

    def quote(self, what: Any, **order: Any) -> dict[str, Quote]:
        """Say what an order would cost, by provider. Units differ, so nothing is added up.

        Args:
            what: Items of one or several providers, in any form that `Provider.order` takes.
            **order: As in `order`.
        """
        return {name: self[name].quote(items, **_for(name, order)) for name, items in by_provider(self, what).items()}

    @overload
    def order(self, what: Any, *, dry_run: Literal[True], **order: Any) -> dict[str, DryRun]: ...

    @overload
    def order(
        self,
        what: Any,
        *,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        max_cost: float | Mapping[str, float] | None = None,
        dry_run: Literal[False] = False,
        **order: Any,
    ) -> Order: ...

    def order(
        self,
        what: Any,
        *,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        max_cost: float | Mapping[str, float] | None = None,
        dry_run: bool = False,
        **order: Any,
    ) -> Order | dict[str, DryRun]:
        """Order items of several providers, each at its own, at most once.

        Of several, all are rehearsed before the first is sent: what cannot be ordered at one of them, or would cost too
        much there, is said before anything was bought.

        Args:
            what: Items, in any form that `Provider.order` takes.
            options: Keywords of `Provider.order` for single providers, by name.
            max_cost: Refuse above this at each provider, in its quote's unit; or caps by provider.
            dry_run: Send and write nothing; give what would be sent instead.
            **order: Keywords of `Provider.order` for all of them.

        Returns:
            One order of kind ``"group"`` whose parts are the providers' orders, and whose id stands for all of them, in
            any later process. With `dry_run`, a
            `swath.models.DryRun` by provider.

        Raises:
            SwathError: What a provider refused. What was ordered before stands: call the same again, and nothing is
                sent twice.
        """
        split = by_provider(self, what)
        for name in {**(options or {}), **(max_cost if isinstance(max_cost, Mapping) else {})}:
            self[name]  # a name that is none of them is said
        keywords = {name: {**order, **dict((options or {}).get(name, {}))} for name in split}
        for name, own in keywords.items():
            cap = max_cost.get(name) if isinstance(max_cost, Mapping) else max_cost
            if cap is not None:
                own["max_cost"] = cap
        if dry_run or len(split) > 1:
            rehearsed = {name: self[name].order(mine, dry_run=True, **keywords[name]) for name, mine in split.items()}
            if dry_run:
                return rehearsed
        made: list[Order] = []
        for name, items in split.items():
            try:
                made.append(self[name].order(items, **keywords[name]))
            except SwathError as err:
                if made:
                    err.details = {**err.details, "ordered": list(made)}
                raise
        return grouped(made)

    def wait(self, order: Any, **wait: Any) -> Order:
        """Wait for orders of several providers at once.

        Args:
            order: What `order` gave, orders, or ids.
            **wait: Keywords of `Provider.wait`.

        Raises:
            SwathError: The first that went wrong, once all have come to their end.
        """
        split = orders_by_provider(self, order)
        return grouped(self._each(split, lambda provider, orders: provider.wait(orders, **wait)))

    def download(self, what: Any, directory: str | Path = ".", **download: Any) -> list[pystac.Item]:
        """Fetch what was ordered, from each provider, into one folder.

        Args:
            what: What `wait` gave, orders, ids, or items.
            directory: Target folder.
            **download: Keywords of `Provider.download`.

        Returns:
            `pystac.Item` of all of them.

        Raises:
            SwathError: The first that went wrong, once all others are in place.
        """
        split: Mapping[str, Any]
        split = orders_by_provider(self, what) if orders_of(what) is not None else by_provider(self, what)
        found = self._each(split, lambda provider, mine: provider.download(mine, directory, **download))
        return [item for items in found for item in items]

    def load(self, items: Any, **options: Any) -> Any:
        """Read items of all providers into one dataset on one grid: downloaded ones, or through links.

        Each provider's files are read with its own account only.

        Args:
            items: As in `Provider.load`, of one or several providers.
            **options: As in `Provider.load`. Bands that only some items have are filled with nodata for the others.

        Returns:
            As `Provider.load`. The coordinate ``provider`` says whose each layer is.

        Raises:
            SwathError: As `Provider.load`.
        """
        from swath._load import load_items

        read = load_options(options)
        is_place = isinstance(items, str | Path) and Path(items).exists()
        split: dict[str | None, Any] = {}
        if not is_place and orders_of(items) is not None:
            split.update(orders_by_provider(self, items))
        else:
            for item in local_items_of(items):
                owner = item["properties"].get("swath:provider")
                split.setdefault(owner if owner in self._providers else None, []).append(item)
        if len(split) == 1 and (only := next(iter(split))) is not None:
            return self[only].load(split[only], **options)
        found: list[ItemDict] = []
        for name, mine in split.items():
            if name is None:
                found += mine
                continue
            ready, read = self[name]._readable(mine, read, among_others=True)  # noqa: SLF001  its part of one load
            found += ready
        return load_items(found, read)


_QUERY = frozenset({"ids", "bbox", "intersects", "datetime", "query", "filter", "filter_lang", "sortby", "limit"})


def _for(name: str, order: Mapping[str, Any]) -> dict[str, Any]:
    own = (order.get("options") or {}).get(name, {})
    return {**{key: value for key, value in order.items() if key not in {"options", "max_cost"}}, **own}

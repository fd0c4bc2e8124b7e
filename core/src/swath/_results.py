# SPDX-License-Identifier: Apache-2.0
"""`ItemSearch`: what a search gives, lazily, with pystac-client's own surface."""

from __future__ import annotations

import copy
import itertools
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swath._clientlike import Searchlike
from swath._modifier import Modifier, modify
from swath._trace import Trace
from swath._worker import announced, in_thread
from swath.errors import SwathError, UnexpectedResponse
from swath.models import Explanation, ItemDict, Page, ProviderExplanation, Query

if TYPE_CHECKING:
    import geopandas
    import pyarrow as pa
    import pystac

    from swath._map import ItemMap
    from swath._query.fields import Fields

__all__ = ["ItemSearch"]

_LOG = logging.getLogger(__name__)
_KEPT = 2_500


class ItemSearch(Searchlike):
    """A search that runs when its results are asked for.

    Pages are fetched one ahead of their use. Each item passes the whole query once more, whatever the provider did
    with it; an item is given once, even if the provider lists it twice. A search whose results have been read to the
    end (up to 2,500) keeps them, so that what was shown is what is quoted and ordered.

    Args:
        provider: Provider's name.
        query: What is searched.
        pages: Starts the search: gives the provider's pages.
        count: Asks the provider for an exact count; None where it has none.
        repairs: What was repaired in the area of interest, for people to read.
        fields: What of each item to give; an order takes it whole.
        modifier: Changes what is given, in place: a FeatureCollection as dict, page by page.
    """

    def __init__(
        self,
        *,
        provider: str,
        query: Query,
        pages: Callable[[Query], Iterator[Page]],
        count: Callable[[Query], int | None],
        repairs: tuple[str, ...] = (),
        fields: Fields | None = None,
        modifier: Modifier | None = None,
    ) -> None:
        self.provider = provider
        self.query = query
        self.repairs = repairs
        self._fields = fields
        self._modifier = modifier
        self._pages = pages
        self._count = count
        self._most_kept = _KEPT
        self._kept: tuple[ItemDict, ...] | None = None
        self._trace: Trace | None = None
        self._matched: int | None = None

    def __repr__(self) -> str:
        known = f"{len(self._kept)} items" if self._kept is not None else "not run yet"
        return f"<ItemSearch of {self.provider}: {known}>"

    def _repr_html_(self) -> str:
        from swath._map import card

        return card(f"Search at {self.provider}", self.query, self._state(), self._kept)

    def _state(self) -> str:
        """Say what is known, for people; nothing is asked of the provider for that."""
        if self._kept is None:
            return "Not run yet, or not read to the end: nothing is asked of the provider before results are wanted."
        return f"{len(self._kept):,} items were found."

    def __iter__(self) -> Iterator[pystac.Item]:
        return self.items()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_trace": None}

    # --- pystac-client's surface ------------------------------------------------------------------------------------

    def matched(self) -> int | None:
        """Say how many items match, regardless of `max_items`.

        Returns:
            The exact number, or None where the provider cannot count; nothing is fetched only to be counted.
        """
        if self._matched is None:
            self._matched = self._count(self.query)
        if self._matched is None and self._kept is not None:
            whole = self.query.max_items is None or len(self._kept) < self.query.max_items
            self._matched = len(self._kept) if whole else None
        return self._matched

    def items(self) -> Iterator[pystac.Item]:
        """Iterate over the results.

        Yields:
            `pystac.Item`, at most `max_items` in all.
        """
        from swath._pystac import pystac_item

        for item in self.items_as_dicts():
            yield pystac_item(item)

    def items_as_dicts(self) -> Iterator[ItemDict]:
        """Iterate over the results as plain STAC Item dicts; several times faster than `items`."""
        for page in self._shown():
            yield from announced(page)

    def pages(self) -> Iterator[pystac.ItemCollection]:
        """Iterate over the results page by page: the provider's, of `limit` items at most; empty ones are left out."""
        import pystac

        from swath._pystac import pystac_item

        for page in self._paged():
            yield pystac.ItemCollection([pystac_item(item) for item in page], clone_items=False)

    def pages_as_dicts(self) -> Iterator[ItemDict]:
        """Iterate page by page over GeoJSON FeatureCollections."""
        for page in self._paged():
            yield {"type": "FeatureCollection", "features": list(page)}

    def item_collection(self) -> pystac.ItemCollection:
        """Fetch all results as one `pystac.ItemCollection`."""
        import pystac

        return pystac.ItemCollection(list(self.items()), clone_items=False)

    def item_collection_as_dict(self) -> ItemDict:
        """Fetch all results as one GeoJSON FeatureCollection."""
        return {"type": "FeatureCollection", "features": list(self.items_as_dicts())}

    def get_parameters(self) -> ItemDict:
        """Give the query as the parameters of a STAC API item search: the body of ``POST /search``."""
        from swath._query.parameters import parameters_of

        return parameters_of(self.query)

    # --- explaining -------------------------------------------------------------------------------------------------

    def explain(self, *, run: bool = True) -> Explanation:
        """Say how the search was answered: what was asked of the provider in which requests, and what was done here.

        It tells of the run whose results were read last. To tell what was handed to the provider, its plugin translates
        the query once more without each condition; nothing is sent for that.

        Args:
            run: Whether to run the search to its end (that is, to `max_items`) if no results were read yet.

        Returns:
            A record that prints as text. A search that failed is told in its `error`, and not raised.
        """
        if run:
            self._have_run()
        trace = self._trace
        one = ProviderExplanation(provider=self.provider) if trace is None else trace.explain(self.provider)
        return Explanation(providers=[one])

    def _have_run(self) -> None:
        """Run the search, unless it was run here."""
        if self._trace is None:
            self._kept = None
            try:
                for _ in self._run():
                    pass
            except SwathError:
                return  # the trace has it

    # --- keeping ----------------------------------------------------------------------------------------------------

    def save(self, path: str | Path, *, form: str | None = None) -> Path:
        """Write all results, so that they can be quoted, ordered and downloaded later by any process.

        Results are streamed: their number does not matter. `swath.read_items` gives them again.

        Args:
            path: ``.geojson`` or ``.json`` for a FeatureCollection (which is a STAC ItemCollection too), ``.ndjson`` or
                ``.jsonl`` for one item a line, ``.parquet`` for STAC GeoParquet, ``.arrow`` for an Arrow file,
                ``folder/`` for a self-contained STAC catalogue.
            form: ``"geojson"``, ``"ndjson"``, ``"geoparquet"``, ``"arrow"`` or ``"catalog"``, whatever the name says.

        Returns:
            The path.

        Raises:
            InputError: For another ending or form.
            MissingExtra: GeoParquet and Arrow need ``swath[geoparquet]``.
            TargetNotWritable: If it cannot be written, or the folder for a catalogue is not empty.
        """
        from swath._export import write_items

        return write_items(self.items_as_dicts(), path, form)

    def to_arrow(self) -> pa.Table:
        """Fetch all results as one Arrow table, with the columns of STAC GeoParquet: each property is one.

        Raises:
            MissingExtra: It needs ``swath[geoparquet]``.
        """
        from swath._export.extras import require_arrow

        require_arrow("to_arrow()")
        from swath._export.columnar import to_table

        return to_table(self.items_as_dicts())

    def to_geodataframe(self) -> geopandas.GeoDataFrame:
        """Fetch all results as a GeoDataFrame: one row an item, each property a column, longitude and latitude.

        Rows can be chosen, and what is left can be quoted, ordered and downloaded.

        Raises:
            MissingExtra: It needs ``swath[table]``.
        """
        from swath._export.extras import require_frames

        require_frames("to_geodataframe()")
        from swath._export.frame import to_frame

        return to_frame(self.items_as_dicts())

    def explore(self, *, max_items: int = 10_000, title: str | None = None) -> ItemMap:
        """Show the results on a map: one HTML page that needs no network, in a notebook or, saved, in any browser.

        Args:
            max_items: Most items to show, > 0; the page says if there are more.
            title: What to call it.

        Returns:
            The map; ``.save("map.html")`` writes it.

        Raises:
            InputError: For a `max_items` that is no whole number of 1 or more.
        """
        from swath._arguments import count
        from swath._map import show

        most = count("max_items", max_items)
        named = title or f"Items of {self.provider}"
        return show(self.items_as_dicts(), title=named, area=self.query.intersects, most=most)

    # --- running ----------------------------------------------------------------------------------------------------

    def __swath_items__(self) -> Iterator[ItemDict]:
        """Iterate over the results as they were found, whole: what is quoted and ordered."""
        for page in self._run():
            yield from page

    def _paged(self) -> Iterator[tuple[ItemDict, ...]]:
        """Give the pages that callers see: of `Query.limit` items at most, if it is given."""
        for page in self._shown():
            size = self.query.limit or len(page) or 1
            for at in range(0, len(page), size):
                yield page[at : at + size]

    def _shown(self) -> Iterator[tuple[ItemDict, ...]]:
        """Give the results as they were asked for: trimmed and modified. What was found stays as it is."""
        if self._fields is None and self._modifier is None:
            yield from self._run()
            return
        from swath._query.fields import trim_item

        for page in self._run():
            shown = [copy.deepcopy(item) if self._fields is None else trim_item(item, self._fields) for item in page]
            whole: ItemDict = {"type": "FeatureCollection", "features": shown}
            modify(self._modifier, whole)
            yield tuple(whole["features"])

    def _run(self) -> Iterator[tuple[ItemDict, ...]]:
        if self._kept is not None:
            yield self._kept
            return
        kept: list[ItemDict] | None = []
        trace = self._trace = Trace(self.query, self._pages)
        with trace.ending():
            for page in self._limited(self._filtered(trace)):
                trace.found += len(page)
                if kept is not None:
                    kept.extend(page)
                    if len(kept) > self._most_kept:
                        kept = None
                yield page
        if kept is not None:
            self._kept = tuple(kept)

    def _filtered(self, trace: Trace) -> Iterator[tuple[ItemDict, ...]]:
        """Apply the whole query to what the provider gives, page by page, and sort where it did not."""
        from swath._query.arranging import arranged
        from swath._query.residual import Residual

        pages = self._distinct(trace)
        residual = trace.residual = Residual(self.query)
        first = next(pages, None)
        if first is None:
            return
        chained: Iterator[Page] = itertools.chain([first], pages)
        if self.query.sortby and not first.sorted and self._is_boundless():
            chained = self._told_of_reading_all(chained)
        found = (residual.matching(page.items) for page in chained)
        if self.query.sortby:
            trace.sorted_by = "provider" if first.sorted else "swath"
        if self.query.sortby and not first.sorted:
            yield from arranged(found, self.query.sortby, self.query.max_items)
            return
        yield from found

    def _is_boundless(self) -> bool:
        """Whether everything that a provider has may have to be read."""
        query = self.query
        is_open = query.datetime is None or query.datetime.start is None
        return is_open and query.intersects is None and not query.ids

    def _told_of_reading_all(self, pages: Iterator[Page]) -> Iterator[Page]:
        """Say so, if there is more than one page, before all others are read."""
        yield from itertools.islice(pages, 1)
        for number, page in enumerate(pages):
            if number == 0:
                _LOG.warning(
                    "%s cannot sort by %s: everything that it has is read before the first result is given; "
                    "name a place or a time, for example datetime='2026-06/..'",
                    self.provider,
                    ", ".join(key.property for key in self.query.sortby),
                )
            yield page

    def _distinct(self, trace: Trace) -> Iterator[Page]:
        """Leave out items seen before; notice a provider that pages in circles."""
        from attrs import evolve

        known: dict[tuple[str | None, str | None], set[str]] = {}
        cursors: set[str] = set()
        for page in trace.run():
            if page.next is not None and page.next in cursors:
                raise UnexpectedResponse(
                    f"paging goes in a circle: the page {page.next!r} is named as next once more",
                    provider=self.provider,
                    step="search",
                    hint="narrow the search; the results so far are not complete",
                )
            if page.next is not None:
                cursors.add(page.next)
            fresh = []
            for item in page.items:
                owner = item.get("properties", {}).setdefault("swath:provider", self.provider)
                # Two providers may offer one scene under one name.
                ids = known.setdefault((owner, item.get("collection")), set())
                name = str(item.get("id"))
                if name not in ids:
                    ids.add(name)
                    fresh.append(item)
            trace.repeated += len(page.items) - len(fresh)
            yield page if len(fresh) == len(page.items) else evolve(page, items=fresh)

    def _limited(self, pages: Iterator[tuple[ItemDict, ...]]) -> Iterator[tuple[ItemDict, ...]]:
        """Stop at `max_items`, and fetch one page ahead as long as more is needed."""
        left = self.query.max_items
        if left == 0:
            return
        ahead = in_thread(next, pages, None)
        while (page := ahead.result()) is not None:
            if left is not None and len(page) >= left:
                yield page[:left]
                return
            ahead = in_thread(next, pages, None)
            if left is not None:
                left -= len(page)
            if page:
                yield page

# SPDX-License-Identifier: Apache-2.0
"""Searches several providers at once, and merges what they give in the asked order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from attrs import evolve

from swath._clock import Clock
from swath._federation.source import Source
from swath._federation.starting import NothingMatches, Start, check_known
from swath._geometry.overlap import boxes_meet
from swath._modifier import Modifier
from swath._query.fields import Fields
from swath._query.sorting import order_of
from swath._query.times import parse_span
from swath._results import ItemSearch
from swath._trace import Trace
from swath.errors import SwathError
from swath.models import Contribution, Explanation, ItemDict, Page, Part, ProviderExplanation, Query, SortKey

__all__ = ["SEVERAL", "FederatedSearch"]

SEVERAL = "several"
"""What stands for the provider where there are several."""
_NEWEST = (SortKey(property="datetime", descending=True),)
_PAGE = 100
"""Items of a page, if nobody asks for another number."""
_SAME_S = 2.0
"""Two offers of one scene may name times that differ by so much: its start, or its middle."""


class FederatedSearch(ItemSearch):
    """A search over several providers, with the surface of `swath.ItemSearch`.

    All run at once, each on a thread of its own. Results come in the asked order, newest first if none was asked, and
    of equal ones in the order in which the providers were named. A provider that fails or is slow is reported in
    `contributions`, and the others go on.

    Args:
        query: What is searched, for all.
        begin: Starts the search at one provider, by name.
        skipped: Providers that are not asked, and why.
        failed: Providers that could not be opened, and why.
        clock: Tells how long each takes.
        raises: Whether the first failure ends the search.
        patience_s: Seconds to wait for a provider's next page; None for as long as it takes.
        repairs: What was repaired in the area of interest.
        fields: What of each item to give.
        modifier: Changes what is given, in place.
    """

    def __init__(
        self,
        *,
        query: Query,
        begin: Mapping[str, Start],
        skipped: Mapping[str, str],
        failed: Mapping[str, SwathError],
        clock: Clock,
        raises: bool,
        patience_s: float | None,
        repairs: tuple[str, ...] = (),
        fields: Fields | None = None,
        modifier: Modifier | None = None,
    ) -> None:
        wanted = query if query.sortby else evolve(query, sortby=_NEWEST)
        super().__init__(
            provider=SEVERAL, query=wanted, pages=self._merged, count=lambda _: self._counted(), repairs=repairs,
            fields=fields, modifier=modifier,
        )  # fmt: skip
        self._begin = dict(begin)
        self._clock = clock
        self._raises = raises
        self._patience_s = patience_s
        self._fixed = {
            **{name: Contribution(provider=name, part=Part.SKIPPED, note=why) for name, why in skipped.items()},
            **{name: Contribution(provider=name, part=Part.FAILED, error=err) for name, err in failed.items()},
        }
        self._sources: tuple[Source, ...] = ()
        self._seen: dict[str, Contribution] = {name: Contribution(provider=name) for name in begin}

    def __repr__(self) -> str:
        told = ", ".join(f"{one.provider}: {one.part.value} {one.found}" for one in self.contributions.values())
        return f"<FederatedSearch of {told}>"

    def _state(self) -> str:
        told = [f"{one.provider}: {one.part.value}, {one.found:,} items" for one in self.contributions.values()]
        return f"{super()._state()} {'; '.join(told)}."

    @property
    def contributions(self) -> Mapping[str, Contribution]:
        """How each provider has taken part until now, by name."""
        return {**self._seen, **self._fixed}

    def scenes(self) -> Iterator[list[ItemDict]]:
        """Iterate over the results with the offers of one scene together.

        Two items are offers of one scene if different providers give them, they are of the same platform, their times
        differ by 2 s at most, and their footprints meet.

        Yields:
            Items of one scene, in the order of the results; most have one.
        """
        open_ones: list[list[ItemDict]] = []
        for item in self.items_as_dicts():
            home = next((scene for scene in open_ones if all(_is_same(item, other) for other in scene)), None)
            if home is None:
                open_ones.append([item])
            else:
                home.append(item)
            # In an order by time nothing further can join what lies more than a few seconds back.
            if self.query.sortby[0].property == "datetime":
                while len(open_ones) > 1 and not _is_near(open_ones[0][0], item):
                    yield open_ones.pop(0)
        yield from open_ones

    def explain(self, *, run: bool = True) -> Explanation:
        """Say how the search was answered by each provider; see `ItemSearch.explain`."""
        if run:
            self._have_run()
        searches = {source.name: source.search for source in self._sources}
        return Explanation(
            providers=[self._explained(searches.get(name), one) for name, one in self.contributions.items()]
        )

    @staticmethod
    def _explained(search: ItemSearch | None, one: Contribution) -> ProviderExplanation:
        told = ProviderExplanation(provider=one.provider) if search is None else search.explain(run=False).providers[0]
        return evolve(
            told, part=one.part, found=one.found, seconds=one.seconds, error=one.error or told.error, note=one.note
        )

    # --- running ----------------------------------------------------------------------------------------------------

    def _paged(self) -> Iterator[tuple[ItemDict, ...]]:
        """Give pages of `Query.limit` items: those of the providers have been taken apart."""
        items = itertools.chain.from_iterable(self._shown())
        size = self.query.limit or _PAGE
        while page := tuple(itertools.islice(items, size)):
            yield page

    def _counted(self) -> int | None:
        total = 0
        for name, begin in self._begin.items():
            try:
                found = begin().matched()
            except NothingMatches:
                continue
            except SwathError as err:
                self._seen[name] = Contribution(provider=name, part=Part.FAILED, error=err)
                if self._raises:
                    raise
                return None
            if found is None:
                return None
            total += found
        return total if not any(one.part is Part.FAILED for one in self._fixed.values()) else None

    def _merged(self, query: Query) -> Iterator[Page]:
        """Give the merged items as pages of one provider, sorted."""
        if self._raises:
            for one in self._fixed.values():
                if one.error is not None:
                    raise one.error
        sources = self._sources = tuple(Source(name, begin, self._clock) for name, begin in self._begin.items())
        try:
            for source in sources:
                self._advance(source)
            if not any(one.part is Part.FAILED for one in self.contributions.values()):
                check_known(self._begin, query)
            yield from self._in_order(sources, query)
        finally:
            for source in sources:
                if source.part is Part.RUNNING:
                    source.part = Part.TRUNCATED if source.head is not None else source.part
                self._seen[source.name] = source.contribution
                source.close()

    def _in_order(self, sources: tuple[Source, ...], query: Query) -> Iterator[Page]:
        """Give what is there already as one page, before anything is waited for."""
        given: list[ItemDict] = []
        left = query.max_items
        while left is None or left > 0:
            ready = [source for source in sources if source.head is not None]
            if not ready:
                break
            chosen = _first(ready, query.sortby)
            given.append(chosen.head or {})
            chosen.found += 1
            left = None if left is None else left - 1
            if len(given) >= _PAGE or not chosen.is_ready:
                yield Page(items=given, sorted=True)
                given = []
            self._advance(chosen)
        if given:
            yield Page(items=given, sorted=True)

    def _distinct(self, trace: Trace) -> Iterator[Page]:
        """Give the merged pages: within each provider's part no item comes twice, and two parts have none in common."""
        return trace.run()

    def _advance(self, source: Source) -> None:
        source.advance(self.query.sortby, self._patience_s)
        self._seen[source.name] = source.contribution
        if self._raises and source.error is not None:
            raise source.error


def _first(ready: list[Source], keys: tuple[SortKey, ...]) -> Source:
    """Choose whose head comes first; of equal ones the provider that was named first."""
    return ready[order_of([source.ranks for source in ready], keys)[0]] if len(ready) > 1 else ready[0]


def _is_same(one: ItemDict, other: ItemDict) -> bool:
    mine, theirs = one["properties"], other["properties"]
    platform = str(mine.get("platform") or "").casefold()
    return (
        mine.get("swath:provider") != theirs.get("swath:provider")
        and platform != ""
        and platform == str(theirs.get("platform") or "").casefold()
        and _is_near(one, other)
        and boxes_meet(one.get("bbox"), other.get("bbox"))
    )


def _is_near(one: ItemDict, other: ItemDict) -> bool:
    times = [parse_span(str(item["properties"].get("datetime") or "")) for item in (one, other)]
    if times[0] is None or times[1] is None:
        return False
    return abs((times[0][0] - times[1][0]).total_seconds()) <= _SAME_S

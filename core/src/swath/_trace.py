# SPDX-License-Identifier: Apache-2.0
"""Notes what one run of a search sends and gets, and explains it."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve

from swath._clock import SystemClock
from swath._http.observing import observed, replayed
from swath._probe import Answers, Differs, Probe
from swath._shown import Shown
from swath.errors import SwathError
from swath.models import Condition, Page, Part, ProviderExplanation, Query, Secret, SentRequest

if TYPE_CHECKING:
    import httpx

    from swath._query.residual import Demand, Residual

__all__ = ["Trace"]

_MOST_REQUESTS = 200
_MOST_BODY_BYTES = 1_000_000
"""Bodies beyond these, of all requests of a search together, are told by their size only."""

Pages = Callable[[Query], Iterator[Page]]


class Trace:
    """What one run of a search sent and got. Implements `swath._http.observing.Observer`.

    Args:
        query: What is searched.
        pages: Starts the search: gives the provider's pages.
    """

    def __init__(self, query: Query, pages: Pages) -> None:
        self.query = query
        self.part = Part.RUNNING
        self.found = 0
        """Items handed on."""
        self.given = 0
        self.repeated = 0
        self.pages = 0
        self.sorted_by: Literal["", "provider", "swath"] = ""
        self.seconds = 0.0
        self.error: SwathError | None = None
        self.residual: Residual | None = None
        self._pages = pages
        self._answers = Answers()
        self._requests: list[SentRequest] = []
        self._sent = 0
        self._body_bytes = 0

    # --- noting -----------------------------------------------------------------------------------------------------

    def run(self) -> Iterator[Page]:
        """Give the provider's pages, and note what is sent for each."""
        clock = SystemClock()
        started_s = clock.monotonic()
        with observed(self):
            pages = self._pages(self.query)
        while True:
            try:
                with observed(self):
                    page = next(pages, None)
            finally:
                self.seconds = clock.monotonic() - started_s
            if page is None:
                return
            self.pages += 1
            self.given += len(page.items)
            yield page

    @contextlib.contextmanager
    def ending(self) -> Iterator[None]:
        """Note how what is within the block ends; one that is dropped on its way has not ended."""
        try:
            yield
        except SwathError as err:
            self.part, self.error = Part.FAILED, err
            raise
        most = self.query.max_items
        self.part = Part.DONE if most is None or self.found < most else Part.TRUNCATED

    def sent(
        self,
        request: httpx.Request,
        *,
        secrets: tuple[Secret, ...],
        signed: bool,
        status: int | None,
        seconds: float,
        error: str,
    ) -> None:
        """Keep a request as it may be shown."""
        self._sent += 1
        if len(self._requests) >= _MOST_REQUESTS:
            return
        shown = Shown(secrets)
        url, params = shown.split(str(request.url))
        self._requests.append(
            SentRequest(
                method=request.method,
                url=url,
                params=params,
                body=self._body(request.content, shown, signed=signed),
                status=status,
                seconds=round(seconds, 4),
                page=self.pages + 1,
                error=error,
            )
        )

    def _body(self, content: bytes, shown: Shown, *, signed: bool) -> Any:
        if not content:
            return None
        self._body_bytes += len(content)
        if not signed:
            return "(not shown: it may hold a secret)"
        if self._body_bytes > _MOST_BODY_BYTES:
            return f"({len(content)} bytes)"
        text = content.decode("utf-8", "replace")
        try:
            return shown.body(json.loads(text))
        except ValueError:
            return shown.body(text)

    def answered(self, request: httpx.Request, response: httpx.Response) -> None:
        """Keep what leads to the first page."""
        if self.pages == 0:
            self._answers.keep(request, response)

    # --- explaining -------------------------------------------------------------------------------------------------

    def explain(self, provider: str) -> ProviderExplanation:
        """Say what was asked of the provider and what was done here. Nothing is sent."""
        residual = self.residual
        left_out = [] if residual is None else list(residual.left_out)
        demands: list[Demand] = [] if residual is None else residual.demands
        pushed = self._pushed(demands)
        return ProviderExplanation(
            provider=provider,
            part=self.part,
            requests=tuple(self._requests),
            sent=self._sent,
            pages=self.pages,
            given=self.given,
            repeated=self.repeated,
            left_out=sum(left_out),
            found=self.found,
            conditions=tuple(
                Condition(part=demand.part, text=_text(demand), pushed=asked, left_out=count)
                for demand, asked, count in zip(demands, pushed, left_out, strict=True)
            ),
            sorted_by=self.sorted_by,
            seconds=round(self.seconds, 4),
            error=self.error,
        )

    def _pushed(self, demands: list[Demand]) -> list[bool | None]:
        """Tell for each condition whether the provider would be asked otherwise without it.

        The plugin translates the query once more, and once more without each condition; its requests are answered from
        what came before, and the first that was not sent then ends it. So it is known of any plugin, and nothing is
        sent. What differs between two translations of the same query, such as the time of day, does not count.
        """
        usual = Probe(self._answers)
        if not demands or not self._probed(usual, self.query) or not usual.asked:
            return [None] * len(demands)
        told: list[bool | None] = []
        for demand in demands:
            other = Probe(self._answers, volatile=usual.volatile)
            ended = self._probed(other, _without(self.query, demand, demands))
            told.append(not ended or Counter(other.asked) != Counter(usual.asked))
        return told

    def _probed(self, probe: Probe, query: Query) -> bool:
        """Translate a query; false where that leads to a request that was not sent."""
        try:
            with replayed(probe):
                next(self._pages(query), None)
        except (Differs, SwathError):
            return False
        return True


def _without(query: Query, demand: Demand, demands: list[Demand]) -> Query:
    nothing: dict[str, Any] = {"collections": (), "ids": (), "datetime": None, "intersects": None}
    if demand.part != "filter":
        return evolve(query, **{demand.part: nothing[demand.part]})
    rest = [one.value for one in demands if one.part == "filter" and one is not demand]
    if len(rest) > 1:
        return evolve(query, filter={"op": "and", "args": rest})
    only = rest[0] if rest else None
    return evolve(query, filter={"op": "=", "args": [only, True]} if isinstance(only, bool) else only)


def _text(demand: Demand) -> str:
    """Write a condition for people."""
    value = demand.value
    if demand.part in {"collections", "ids"}:
        return ", ".join(value)
    if demand.part == "datetime":
        return "/".join(".." if end is None else end.isoformat().replace("+00:00", "Z") for end in _ends(value))
    if demand.part == "intersects":
        from swath._geometry.measure import bounds

        box = ", ".join(f"{number:g}" for number in bounds(value))
        return f"{value['type']} within {box}"
    if isinstance(value, bool):
        return str(value).upper()
    from cql2 import Expr

    return str(Expr(value).to_text())


def _ends(interval: Any) -> tuple[Any, Any]:
    return interval.start, interval.end

# SPDX-License-Identifier: Apache-2.0
"""Fetches the parts of an answer side by side, and gives them in order.

For plugins whose provider can be asked for any page of a search by its number, or for a slice of it by time::

    first = page(1)
    yield first
    for found in in_order(page, range(2, first.pages + 1)):
        yield found
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

from swath._worker import in_thread

__all__ = ["in_order"]

_P = TypeVar("_P")
_R = TypeVar("_R")


def in_order(
    fetch: Callable[[_P], _R], parts: Iterable[_P], *, at_once: int = 8, begin: int = 1, sure: int | None = None
) -> Iterator[_R]:
    """Fetch parts, several at once where that saves time, and give their results in the order of the parts.

    It begins with one part, or `begin`, and has twice as many under way each time that whoever takes the results had to
    wait for one. So who reads slowly causes no more requests than reading one after the other, and who stops early at
    most as many again. Requests keep the account's pace and crowd as all do: the provider's permitted rate is never
    exceeded.

    Args:
        fetch: Makes the request for one part; called on threads, with the caller's context.
        parts: What is fetched, in order; taken one by one.
        at_once: Most parts under way, >= 1.
        begin: How many are under way from the beginning, where it is known that waiting would be for long.
        sure: How many parts will be needed for certain, where less than all may be; those after them are fetched one
            at a time, each when it is asked for.

    Yields:
        What `fetch` gave for each part.

    Raises:
        Exception: What `fetch` raised, in the place of its result.
    """
    waiting: deque[Future[_R]] = deque()
    source = enumerate(parts, start=1)
    width, begun = min(begin, at_once), 0
    while True:
        while len(waiting) < width and (sure is None or begun < sure or not waiting):
            found = next(source, None)
            if found is None:
                break
            begun, part = found
            waiting.append(in_thread(fetch, part))
        if not waiting:
            return
        first = waiting.popleft()
        if not first.done():
            width = min(2 * width, at_once)
        yield first.result()

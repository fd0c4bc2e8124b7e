# SPDX-License-Identifier: Apache-2.0
"""Sorts any number of items within bounded memory."""

from __future__ import annotations

import itertools
import pickle
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from swath._query.sorting import Ranks, order_of, ranks_of, sort_items
from swath.errors import DiskFull
from swath.models import ItemDict, SortKey

__all__ = ["arranged"]

_HELD = 1_000
"""Items that are held in memory."""
_PAGE = 50
"""Items that are read back at once."""


def arranged(
    pages: Iterable[Iterable[ItemDict]], keys: Sequence[SortKey], most: int | None = None
) -> Iterator[tuple[ItemDict, ...]]:
    """Read pages to their end, and give their items in order.

    Up to 1,000 items are held in memory. Of more, only those that are wanted are kept, if they are few; otherwise all
    lie in a temporary file without a name, which nobody else can read, until they have been given.

    Args:
        pages: Items in any order.
        keys: What they are sorted by.
        most: How many are wanted; None for all.

    Raises:
        DiskFull: There is no room for them.
    """
    left = iter(pages)
    held: list[ItemDict] = []
    for page in left:
        held.extend(page)
        if len(held) <= _HELD:
            continue
        if most is None or most > _HELD // 2:
            yield from _spilled(itertools.chain([held], left), keys)
            return
        held = sort_items(held, keys)[:most]
    yield tuple(sort_items(held, keys))


def _spilled(pages: Iterable[Iterable[ItemDict]], keys: Sequence[SortKey]) -> Iterator[tuple[ItemDict, ...]]:
    ranks: list[Ranks] = []
    places = array("q")
    with tempfile.TemporaryFile(prefix="swath-") as file:
        for page in pages:
            for item in page:
                places.append(_write(file, item))
                ranks.append(ranks_of(item, keys))
            if isinstance(page, list):
                page.clear()  # what was held until now is on disk
        order = order_of(ranks, keys)
        for at in range(0, len(order), _PAGE):
            yield tuple(_read(file, places[one]) for one in order[at : at + _PAGE])


def _write(file: IO[bytes], item: ItemDict) -> int:
    place = file.tell()
    try:
        pickle.dump(item, file, pickle.HIGHEST_PROTOCOL)
    except OSError as err:
        raise DiskFull(
            f"the results cannot be sorted: {err.strerror or err}",
            hint=f"make room in {tempfile.gettempdir()}, set TMPDIR to another folder, or pass max_items",
        ) from err
    return place


def _read(file: IO[bytes], place: int) -> ItemDict:
    file.seek(place)
    item: ItemDict = pickle.load(file)  # noqa: S301  what this very search wrote, into a file without a name
    return item

# SPDX-License-Identifier: Apache-2.0
"""`ItemMap`: a map of items, which notebooks show and which can be saved as one file."""

from __future__ import annotations

import html
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from swath._export.placing import placed_file
from swath._map.features import features_of
from swath._map.page import page
from swath.models import ItemDict

__all__ = ["ItemMap", "show"]

_FRAME_PX = 640


class ItemMap:
    """A map of items: one HTML page, which needs no network and sends nothing anywhere.

    Args:
        html: The page.
        count: How many items are on it.
        truncated: Whether there are more items than it shows.
    """

    def __init__(self, html: str, *, count: int, truncated: bool) -> None:
        self.html = html
        self.count = count
        self.truncated = truncated

    def __repr__(self) -> str:
        return f"<ItemMap of {self.count:,} items>"

    def _repr_html_(self) -> str:
        return (
            f'<iframe title="Map of {self.count:,} items" srcdoc="{html.escape(self.html)}" width="100%" '
            f'height="{_FRAME_PX}" style="border:0" sandbox="allow-scripts allow-popups"></iframe>'
        )

    def save(self, path: str | Path) -> Path:
        """Write the page.

        Returns:
            The path.

        Raises:
            TargetNotWritable: If it cannot be written.
        """
        with placed_file(Path(path)) as out:
            out.write(self.html.encode("utf-8", "backslashreplace"))
        return Path(path)


def show(items: Iterable[ItemDict], *, title: str, area: Mapping[str, Any] | None, most: int) -> ItemMap:
    """Make a map.

    Args:
        items: STAC Items.
        title: What they are.
        area: The area of interest, GeoJSON, or None.
        most: Most items to show; one more is read, to say that there are more.
    """
    source = _stream(items)
    with closing(source):
        found = list(islice(source, most))
        truncated = next(source, None) is not None
    features, outline = features_of(found, area)
    return ItemMap(
        page(features, outline, title=title, truncated=truncated), count=len(features), truncated=truncated
    )  # fmt: skip


def _stream(items: Iterable[ItemDict]) -> Generator[ItemDict, None, None]:
    yield from items

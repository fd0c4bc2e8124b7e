# SPDX-License-Identifier: Apache-2.0
"""Takes items apart into columns, as STAC GeoParquet names them, and says what columns cannot hold."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Final

from swath._export.shape import Kind, Shape
from swath.models import ItemDict
from swath.stac.names import TIME_FIELDS

__all__ = ["FIXED", "TIMES", "WHOLE", "Columns", "as_text", "is_box", "is_word", "time_of", "time_text"]

WHOLE: Final = "swath:item"
"""Column with the item itself as JSON, only where the others cannot give it back.

That is an explicit null, a property that is a number here and a text there, an object without fields, a geometry that
is none."""
TIMES: Final = TIME_FIELDS | {"datetime", "start_datetime", "end_datetime"}
"""Properties that are instants in STAC, and columns of that type."""
FIXED: Final = (
    "stac_version", "stac_extensions", "id", "collection", "geometry", "bbox", "links", "assets",
)  # fmt: skip
"""Columns that are no properties."""
_TAKEN: Final = frozenset({*FIXED, "type", "properties", WHOLE})
_MOST_PROPERTIES: Final = 1024
_ALWAYS: Final = frozenset({"type", "stac_version", "id", "geometry", "properties", "links", "assets"})
_KNOWN: Final = frozenset({*FIXED, "type", "properties"})


class Columns:
    """The columns that a set of items needs."""

    def __init__(self) -> None:
        self.stac_extensions, self.links, self.assets = Shape(), Shape(), Shape()
        self.stac_extensions.note(["x"])
        self.links.note([{"rel": "x", "href": "x", "type": "x", "title": "x"}])
        self.properties: dict[str, Shape] = {"datetime": Shape()}
        self.has_heights = False
        self.count = 0

    def note(self, item: ItemDict) -> bool:
        """Take an item in.

        Returns:
            Whether its columns alone give the same item again, as far as can be said before all are seen.
        """
        self.count += 1
        properties = item.get("properties")
        exact = (
            item.keys() <= _KNOWN
            and item.keys() >= _ALWAYS
            and item["type"] == "Feature"
            and isinstance(properties, Mapping)
            and "datetime" in properties
            and all(is_word(item[key]) for key in ("id", "stac_version", "collection") if key in item)
        )
        exact = self._note_place(item) and exact
        for key, shape in (("stac_extensions", self.stac_extensions), ("links", self.links), ("assets", self.assets)):
            if key in item:
                exact = ((key == "assets" and item[key] == {}) or shape.note(item[key])) and exact
        for name, value in (properties or {}).items() if isinstance(properties, Mapping) else ():
            if name == "datetime" and value is None:
                continue
            if name not in self.properties:
                if name in _TAKEN or len(self.properties) >= _MOST_PROPERTIES or not is_word(name):
                    exact = False
                    continue
                self.properties[name] = Shape()
            exact = self.properties[name].note(value) and exact
        return exact

    def _note_place(self, item: ItemDict) -> bool:
        geometry, bbox = item.get("geometry"), item.get("bbox")
        if isinstance(bbox, list | tuple) and len(bbox) == 6:
            self.has_heights = True
        return ("bbox" not in item or is_box(bbox)) and (geometry is None or isinstance(geometry, Mapping))


def is_box(value: Any) -> bool:
    """Whether a value is a bbox of four or six numbers."""
    return (
        isinstance(value, list | tuple)
        and len(value) in {4, 6}
        and all(isinstance(one, int | float) and not isinstance(one, bool) and abs(one) < 2**53 for one in value)
    )


def is_word(value: Any) -> bool:
    """Whether a value is text that UTF-8 can hold."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def time_text(value: dt.datetime) -> str:
    """Write an aware time as STAC does."""
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def time_of(value: Any) -> tuple[dt.datetime | None, bool]:
    """Read a time of an item.

    Returns:
        The instant, None where there is none, and whether it is written as `time_text` writes it.
    """
    if value is None:
        return None, True
    try:
        found = dt.datetime.fromisoformat(value)
        if found.tzinfo is None:
            return None, False
        return found.astimezone(dt.UTC), time_text(found) == value
    except (ValueError, TypeError, OverflowError):
        return None, False


def as_text(value: Any, shape: Shape) -> tuple[Any, bool]:
    """Give a value the form that its column has: what no type holds becomes text.

    Returns:
        The value, and whether it is still what it was.
    """
    kind = shape.kind
    if value is None or not shape.has_other:
        return value, True
    if kind == Kind.OBJECT:
        made, exact = {}, True
        for key, one in value.items():
            field = shape.fields.get(key)
            if field is not None:
                made[key], same = as_text(one, field)
                exact = exact and same
        return made, exact
    if kind == Kind.LIST and shape.element is not None:
        pairs = [as_text(one, shape.element) for one in value]
        return [one for one, _ in pairs], all(same for _, same in pairs)
    if isinstance(value, str) and is_word(value):
        return value, False
    return json.dumps(value), False

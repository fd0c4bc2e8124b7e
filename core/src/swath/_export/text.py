# SPDX-License-Identifier: Apache-2.0
"""Items as text: GeoJSON and NDJSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, BinaryIO

from swath.errors import InputError
from swath.models import ItemDict

__all__ = ["CATALOGUES", "HINT", "parse_json", "parse_text", "write_geojson", "write_ndjson"]

CATALOGUES = frozenset({"Catalog", "Collection"})
HINT = "pass what search(...).save() or swath search --save wrote"


def write_ndjson(items: Iterable[ItemDict], out: BinaryIO) -> None:
    """Write one item a line."""
    out.writelines(_line(item) + b"\n" for item in items)


def write_geojson(items: Iterable[ItemDict], out: BinaryIO) -> None:
    """Write a FeatureCollection, which is a STAC ItemCollection too."""
    out.write(b'{"type":"FeatureCollection","features":[')
    out.writelines((b",\n" if number else b"\n") + _line(item) for number, item in enumerate(items))
    out.write(b"\n]}\n")


def _line(item: ItemDict) -> bytes:
    text = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")  # half a surrogate pair: as JSON's own escape


def parse_json(text: str, source: str) -> Any:
    """Read JSON, or else one JSON value a line.

    Args:
        text: JSON or NDJSON.
        source: Where it came from, for the message.

    Raises:
        InputError: If it is neither.
    """
    try:
        return json.loads(text)
    except ValueError:
        pass
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                found.append(json.loads(line))
            except ValueError as err:
                raise InputError(f"{source}, line {number}: neither JSON nor NDJSON ({err})", hint=HINT) from err
    return found


def parse_text(payload: Any, source: str) -> list[ItemDict]:
    """Take items out of JSON: a FeatureCollection, one Item, or a list of Items.

    Args:
        payload: What `parse_json` gave.
        source: Where it came from, for the message.

    Raises:
        InputError: If it holds something else.
    """
    if isinstance(payload, dict) and payload.get("type") == "FeatureCollection":
        payload = payload.get("features", [])
    found: list[Any] = payload if isinstance(payload, list) else [payload]
    for entry in found:
        if not (isinstance(entry, dict) and entry.get("type") == "Feature" and "id" in entry):
            raise InputError(f"{source} holds something that is no STAC Item: {str(entry)[:80]!r}", hint=HINT)
    return found

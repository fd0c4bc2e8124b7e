# SPDX-License-Identifier: Apache-2.0
"""Reads items back, by what a file is and not by what it is called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from swath._export.catalog import read_catalog
from swath._export.text import CATALOGUES, HINT, parse_json, parse_text
from swath.errors import InputError
from swath.models import ItemDict

__all__ = ["is_table", "items_of_table", "parse_items", "read_items"]

_TABLES: Final = (b"PAR1", b"ARROW1")


def read_items(path: Path) -> list[ItemDict]:
    """Read items that were saved, in whatever form.

    Args:
        path: GeoJSON, JSON, NDJSON, GeoParquet or Arrow, or the folder or root file of a STAC catalogue.

    Raises:
        InputError: If it does not exist or holds something else.
        MissingExtra: GeoParquet and Arrow need ``swath[geoparquet]``.
    """
    try:
        if path.is_dir():
            return list(read_catalog(path / "catalog.json"))
        with path.open("rb") as file:
            beginning = file.read(8)
        if beginning.startswith(_TABLES):
            return list(_read_table(path))
        text = path.read_text(encoding="utf-8")
    except InputError:  # a ValueError too, and complete
        raise
    except UnicodeDecodeError as err:
        raise InputError(f"{str(path)!r} is neither text nor GeoParquet nor Arrow", hint=HINT) from err
    except (OSError, ValueError) as err:  # of the latter: a path that cannot be
        raise InputError(f"{str(path)!r} cannot be read: {getattr(err, 'strerror', None) or err}", hint=HINT) from err
    payload = parse_json(text, str(path))
    if isinstance(payload, dict) and payload.get("type") in CATALOGUES:
        return list(read_catalog(path))
    return parse_text(payload, str(path))


def parse_items(text: str, source: str) -> list[ItemDict]:
    """Read items from text: a FeatureCollection, one Item, a JSON list of Items, or one Item a line.

    Args:
        text: JSON or NDJSON.
        source: Where it came from, for the message.

    Raises:
        InputError: If it holds something else.
    """
    return parse_text(parse_json(text, source), source)


def is_table(what: Any) -> bool:
    """Whether an object is a GeoDataFrame, or gives Arrow batches as those of pyarrow, polars and duckdb do."""
    return hasattr(what, "__arrow_c_stream__") or (hasattr(what, "columns") and hasattr(what, "geometry"))


def items_of_table(what: Any) -> Iterator[ItemDict]:
    """Make items of the rows of a table; see `is_table`.

    Raises:
        InputError: If it holds no STAC Items.
        MissingExtra: Arrow needs ``swath[geoparquet]``.
    """
    if hasattr(what, "columns") and hasattr(what, "set_geometry"):
        from swath._export.frame import items_of_frame

        return items_of_frame(what)
    from swath._export.extras import require_arrow

    require_arrow("reading Arrow")
    import pyarrow as pa

    from swath._export.columnar import items_of_batches

    reader = pa.RecordBatchReader.from_stream(what)
    return items_of_batches(reader.schema, reader, f"the {type(what).__name__}")


def _read_table(path: Path) -> Iterator[ItemDict]:
    from swath._export.extras import require_arrow

    require_arrow(f"reading {path.name!r}")
    from swath._export.columnar import read_columnar

    return read_columnar(path)

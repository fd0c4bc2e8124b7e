# SPDX-License-Identifier: Apache-2.0
"""Chooses how items are written, by the name of the file or by the name of the form."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, Final

from swath._export.catalog import write_catalog
from swath._export.placing import placed_file
from swath._export.text import write_geojson, write_ndjson
from swath._suggest import suggest
from swath.errors import InputError
from swath.models import ItemDict

__all__ = ["FORMS", "stream_items", "write_items"]

FORMS: Final = ("geojson", "ndjson", "geoparquet", "arrow", "catalog")
_ENDINGS: Final = {
    ".geojson": "geojson",
    ".json": "geojson",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".geojsonl": "ndjson",
    ".parquet": "geoparquet",
    ".geoparquet": "geoparquet",
    ".arrow": "arrow",
    ".feather": "arrow",
}


def write_items(items: Iterable[ItemDict], path: str | Path, form: str | None = None) -> Path:
    """Write items to a file or folder that appears only when complete.

    Args:
        items: STAC Items; streamed, so that their number does not matter.
        path: ``.geojson`` or ``.json`` for a FeatureCollection, ``.ndjson`` or ``.jsonl`` for one item a line,
            ``.parquet`` for STAC GeoParquet, ``.arrow`` for an Arrow file, ``folder/`` for a STAC catalogue.
        form: One of `FORMS`, whatever the name says; None goes by the name.

    Returns:
        The path.

    Raises:
        InputError: For another ending or form.
        MissingExtra: GeoParquet and Arrow need ``swath[geoparquet]``.
        TargetNotWritable: If it cannot be written, or the folder is not empty.
    """
    chosen = _form(path, form)
    target = Path(path)
    if chosen == "catalog":
        return write_catalog(items, target)
    _prepare(chosen)
    with placed_file(target) as out:
        _stream(items, out, chosen, target.parent)
    return target


def stream_items(items: Iterable[ItemDict], out: BinaryIO, form: str) -> None:
    """Write items to an open binary file: every form but ``"catalog"``.

    Raises:
        MissingExtra: GeoParquet and Arrow need ``swath[geoparquet]``.
    """
    _prepare(form)
    _stream(items, out, form, None)


def _form(path: Any, form: str | None) -> str:
    if not isinstance(path, str | os.PathLike) or "\0" in os.fspath(path):
        raise InputError(f"path cannot be {path!r:.80}", hint="pass a string or a Path")
    if form is not None:
        if form not in FORMS:
            raise InputError(f"items cannot be written as {form!r:.80}", hint=suggest(str(form), FORMS))
        return form
    text = os.fspath(path)
    if text.endswith(("/", os.sep)) or Path(text).is_dir():
        return "catalog"
    found = _ENDINGS.get(Path(text).suffix.lower())
    if found is None:
        raise InputError(
            f"cannot tell from {Path(text).name!r} how to write the items",
            hint="use a name that ends in .geojson, .json, .ndjson, .parquet or .arrow, or in / for a STAC catalogue",
        )
    return found


def _prepare(form: str) -> None:
    """Say that a package is missing before anything is searched."""
    if form in {"geoparquet", "arrow"}:
        from swath._export.extras import require_arrow

        require_arrow(f"writing {'GeoParquet' if form == 'geoparquet' else 'Arrow'}")


def _stream(items: Iterable[ItemDict], out: BinaryIO, form: str, beside: Path | None) -> None:
    if form == "geojson":
        write_geojson(items, out)
    elif form == "ndjson":
        write_ndjson(items, out)
    elif form == "geoparquet":
        from swath._export.columnar import write_parquet

        write_parquet(items, out, beside)
    else:
        from swath._export.columnar import write_arrow

        write_arrow(items, out, beside)

# SPDX-License-Identifier: Apache-2.0
"""Items as Arrow, and as STAC GeoParquet, in batches: what is in memory does not grow with their number.

The columns are those of STAC GeoParquet 1.0 with the bbox as GeoParquet 1.1 wants it. A table has one schema, which is
known only when all items were seen: they wait in a temporary file until then.

Source: https://github.com/stac-utils/stac-geoparquet/blob/main/spec/stac-geoparquet-spec.md, read 2026-11.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

import pyarrow as pa
import shapely

from swath._export.columns import FIXED, TIMES, WHOLE, Columns, as_text, is_box, is_word, time_of
from swath._export.rows import NEEDED, item_of_row
from swath._export.shape import Kind, Shape
from swath.errors import InputError
from swath.models import ItemDict

__all__ = ["items_of_batches", "read_columnar", "to_table", "write_arrow", "write_parquet"]

_POOL: Final = pa.system_memory_pool()
"""Gives back what is freed; the usual one keeps some of it for later."""
_BATCH: Final = 500
_ROW_GROUP: Final = 5000
_PAGES: Final = {"data_page_size": 64_000, "dictionary_pagesize_limit": 64_000}
"""Bytes. Each column has such a page in memory while a row group is written, and there can be hundreds."""
_HELD_BYTES: Final = 4_000_000
_TIME: Final = pa.timestamp("us", tz="UTC")
_FLAT: Final = ("xmin", "ymin", "xmax", "ymax")
_HIGH: Final = ("xmin", "ymin", "zmin", "xmax", "ymax", "zmax")
_SCALARS: Final = {Kind.BOOL: pa.bool_(), Kind.INT: pa.int64(), Kind.FLOAT: pa.float64()}
_HINT: Final = "pass a file that search(...).save() or another tool wrote as STAC GeoParquet"


def write_parquet(items: Iterable[ItemDict], out: BinaryIO, beside: Path | None = None) -> None:
    """Write STAC GeoParquet.

    Args:
        items: STAC Items.
        out: A binary file, open to write.
        beside: Folder for the temporary file; None for the system's own.
    """
    from pyarrow import parquet

    with _Spool(items, beside) as spool:
        schema = spool.schema.with_metadata(_metadata())
        with parquet.ParquetWriter(out, schema, compression="zstd", **_PAGES) as writer:
            held: list[pa.RecordBatch] = []
            for batch in spool.batches():
                held.append(batch)
                if sum(one.num_rows for one in held) >= _ROW_GROUP or sum(one.nbytes for one in held) > _HELD_BYTES:
                    writer.write_table(pa.Table.from_batches(held).replace_schema_metadata(schema.metadata))
                    held = []
            if held:
                writer.write_table(pa.Table.from_batches(held).replace_schema_metadata(schema.metadata))


def write_arrow(items: Iterable[ItemDict], out: BinaryIO, beside: Path | None = None) -> None:
    """Write an Arrow IPC file, which others call Feather; see `write_parquet`."""
    with _Spool(items, beside) as spool, pa.ipc.new_file(out, spool.schema) as writer:
        for batch in spool.batches():
            writer.write_batch(batch)


def to_table(items: Iterable[ItemDict]) -> pa.Table:
    """Make an Arrow table of items; the column `WHOLE` is there only if it is needed."""
    with _Spool(items, None) as spool:
        table = pa.Table.from_batches(list(spool.batches()), spool.schema)
    return table if table[WHOLE].null_count < len(table) else table.drop_columns([WHOLE])


def read_columnar(path: Path) -> Iterator[ItemDict]:
    """Read items from GeoParquet or an Arrow file, batch by batch.

    Raises:
        InputError: If it cannot be read, or holds no STAC Items.
    """
    from pyarrow import parquet

    try:
        with path.open("rb") as file:
            if file.read(6) == b"ARROW1":
                with pa.memory_map(str(path)) as source:
                    reader = pa.ipc.open_file(source)
                    batches = (reader.get_batch(number) for number in range(reader.num_record_batches))
                    yield from items_of_batches(reader.schema, batches, str(path))
            else:
                stored = parquet.ParquetFile(file)
                yield from items_of_batches(stored.schema_arrow, stored.iter_batches(_BATCH), str(path))
    except (OSError, pa.ArrowException) as err:
        raise InputError(f"{str(path)!r} cannot be read: {err}", hint=_HINT) from err


def items_of_batches(schema: pa.Schema, batches: Iterable[pa.RecordBatch], source: str) -> Iterator[ItemDict]:
    """Make items of the rows of Arrow batches.

    Args:
        schema: Of the batches.
        batches: Rows.
        source: Where they came from, for the message.

    Raises:
        InputError: If they hold no STAC Items.
    """
    missing = NEEDED - set(schema.names)
    if missing:
        raise InputError(f"{source} holds no STAC Items: it has no column {min(missing)!r}", hint=_HINT)
    kind = schema.field("geometry").type
    if not any(is_kind(kind) for is_kind in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_null)):
        raise InputError(f"{source}: the column 'geometry' is {kind}, not WKB", hint=_HINT)
    for batch in batches:
        shapes = _geojson(batch.column("geometry").to_pylist(), source)
        for row, shape in zip(batch.to_pylist(), shapes, strict=True):
            row["geometry"] = shape
            yield item_of_row(row)


class _Spool:
    """Items that wait in a temporary file until the schema of all is known."""

    def __init__(self, items: Iterable[ItemDict], beside: Path | None) -> None:
        self.columns = Columns()
        self._file = tempfile.TemporaryFile("w+", encoding="ascii", dir=beside, prefix=".swath-")  # noqa: SIM115
        try:
            for item in items:
                exact = self.columns.note(item)
                self._file.write(f"{int(exact)}{json.dumps(item)}\n")
        except BaseException:
            self._file.close()
            raise
        self.schema = _schema(self.columns)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give the items as rows."""
        self._file.seek(0)
        held: list[tuple[bool, str]] = []
        size = 0
        for line in self._file:
            held.append((line[0] == "1", line[1:].rstrip("\n")))
            size += len(line)
            if len(held) == _BATCH or size > _HELD_BYTES:
                yield self._batch(held)
                held, size = [], 0
        if held:
            yield self._batch(held)

    def _batch(self, lines: list[tuple[bool, str]]) -> pa.RecordBatch:
        items = [json.loads(text) for _, text in lines]
        exact = [flag for flag, _ in lines]
        made: dict[str, list[Any]] = {
            key: [one if is_word(one := item.get(key)) else None for item in items]
            for key in ("stac_version", "id", "collection")
        }
        wkb, shapes = _wkb([item.get("geometry") for item in items])
        for at, (item, shape) in enumerate(zip(items, shapes, strict=True)):
            exact[at] = exact[at] and shape == item.get("geometry")
            exact[at] = exact[at] and all(
                made[key][at] == item.get(key) for key in ("stac_version", "id", "collection")
            )
        made["type"] = ["Feature"] * len(items)
        made["geometry"] = wkb
        made["bbox"] = [_box(item.get("bbox"), high=self.columns.has_heights) for item in items]
        for key in ("stac_extensions", "links", "assets"):
            made[key] = _texts([item.get(key) for item in items], getattr(self.columns, key), exact)
        properties = [found if isinstance(found := item.get("properties"), dict) else {} for item in items]
        for name, shape in self.columns.properties.items():
            values = [one.get(name) for one in properties]
            made[name] = _times(values, exact) if _is_time(name, shape) else _texts(values, shape, exact)
        made[WHOLE] = [None if same else text for same, (_, text) in zip(exact, lines, strict=True)]
        arrays = [pa.array(made[field.name], type=field.type, memory_pool=_POOL) for field in self.schema]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)


def _schema(columns: Columns) -> pa.Schema:
    box = pa.struct([(name, pa.float64()) for name in (_HIGH if columns.has_heights else _FLAT)])
    types = {
        "stac_version": pa.string(),
        "stac_extensions": _type(columns.stac_extensions),
        "id": pa.string(),
        "collection": pa.string(),
        "geometry": pa.binary(),
        "bbox": box,
        "links": _type(columns.links),
        "assets": _type(columns.assets),
    }
    fields = [("type", pa.string()), *[(name, types[name]) for name in FIXED]]
    fields += [(name, _TIME if _is_time(name, one) else _type(one)) for name, one in columns.properties.items()]
    return pa.schema([*fields, (WHOLE, pa.string())])


def _type(shape: Shape) -> pa.DataType:
    kind = shape.kind
    if kind == Kind.OBJECT:
        return pa.struct([(name, _type(field)) for name, field in shape.fields.items()])
    if kind == Kind.LIST:
        return pa.list_(pa.string() if shape.element is None else _type(shape.element))
    return _SCALARS.get(kind, pa.string())


def _is_time(name: str, shape: Shape) -> bool:
    return name == "datetime" or (name in TIMES and shape.kind in {Kind.TEXT, Kind.NOTHING})


def _times(values: list[Any], exact: list[bool]) -> list[Any]:
    made = []
    for at, value in enumerate(values):
        time, same = time_of(value)
        exact[at] = exact[at] and same
        made.append(time)
    return made


def _texts(values: list[Any], shape: Shape, exact: list[bool]) -> list[Any]:
    if shape.kind == Kind.NOTHING:
        return [None] * len(values)
    if not shape.has_other:
        return values
    made = []
    for at, value in enumerate(values):
        text, same = as_text(value, shape)
        exact[at] = exact[at] and same
        made.append(text)
    return made


def _box(value: Any, *, high: bool) -> dict[str, float] | None:
    if not is_box(value):
        return None
    names = _HIGH if len(value) == 6 else _FLAT
    made = {name: float(one) for name, one in zip(names, value, strict=True)}
    return {**dict.fromkeys(_HIGH, None), **made} if high else made  # type: ignore[dict-item]


def _wkb(geometries: list[Any]) -> tuple[list[bytes | None], list[Any]]:
    """Encode geometries, and give what will be read from that."""
    texts = [None if one is None else json.dumps(one) for one in geometries]
    shapes = shapely.from_geojson(texts, on_invalid="ignore") if texts else []
    wkb = list(shapely.to_wkb(shapes)) if texts else []
    return wkb, _geojson(wkb, "")


def _geojson(wkb: list[bytes | None], source: str) -> list[Any]:
    if not wkb:
        return []
    try:
        shapes = shapely.from_wkb(wkb)
    except shapely.errors.ShapelyError as err:
        raise InputError(f"{source}: the column 'geometry' holds something that is not WKB: {err}", hint=_HINT) from err
    return [None if text is None else json.loads(text) for text in shapely.to_geojson(shapes)]


def _metadata() -> dict[bytes, bytes]:
    """Say what GeoParquet and STAC GeoParquet say of a file. Without a CRS, coordinates are longitude and latitude."""
    geometry = {
        "encoding": "WKB",
        "geometry_types": [],
        "covering": {"bbox": {name: ["bbox", name] for name in _FLAT}},
    }
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": geometry}}
    return {b"geo": json.dumps(geo).encode(), b"stac-geoparquet": b'{"version":"1.0.0"}'}

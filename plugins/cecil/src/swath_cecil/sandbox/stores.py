# SPDX-License-Identifier: Apache-2.0
"""Zarr stores of whole datasets, for the whole world, of which chunks are made when they are asked for.

Source of the layout: the Zarr storage specifications, version 2 and 3.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from swath_cecil.sandbox.catalogue import DATASETS, Dataset
from swath_cecil.sandbox.objects import Entry
from swath_cecil.sandbox.pixels import edge_of, plane_grid, values_of

__all__ = ["ZarrShelf", "store_name"]

_CHUNK = 512
_AXIS_CHUNK = 1 << 16
_KEPT = 256
_LAST = "\U0010ffff"
_WORLD_M = 20_037_508.342789244
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MADE = dt.datetime(2026, 1, 5, 3, tzinfo=dt.UTC)


@frozen(kw_only=True)
class _Array:
    """One array of a store."""

    name: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    dtype: np.dtype[Any]
    fill: Any
    attributes: dict[str, Any] = field(factory=dict)
    packed: bool = False
    """Whether chunks are deflated; those of pixels are not, so that their size is known before they are made."""

    @property
    def counts(self) -> tuple[int, ...]:
        """How many chunks there are along each dimension."""
        return tuple(math.ceil(length / chunk) for length, chunk in zip(self.shape, self.chunks, strict=True))


class _Store:
    """One dataset as a group of arrays.

    Args:
        dataset: Which; in web Mercator it is written in version 3 of the format, otherwise in version 2.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.epsg = int(dataset.crs.rpartition(":")[2])
        self.version = 3 if self.epsg == 3857 else 2
        self.left, self.top = (-_WORLD_M, _WORLD_M) if self.epsg == 3857 else (-180.0, 90.0)
        edge = edge_of(dataset)
        wide, high = round(2 * -self.left / edge), round(2 * self.top / edge)
        self.edge, self.shape = edge, (high, wide)
        self.arrays = {one.name: one for one in self._listed()}

    def _listed(self) -> Iterator[_Array]:
        high, wide = self.shape
        for name, length in (("y", high), ("x", wide)):
            axis = {"standard_name": f"projection_{name}_coordinate", "axis": name.upper()}
            yield _Array(
                name=name, dims=(name,), shape=(length,), chunks=(_AXIS_CHUNK,), dtype=np.dtype("<f8"), fill=0.0,
                attributes=axis, packed=True,
            )  # fmt: skip
        times = self.dataset.times
        if times:
            yield _Array(
                name="time", dims=("time",), shape=(len(times),), chunks=(len(times),), dtype=np.dtype("<i8"), fill=0,
                attributes={"units": "days since 1970-01-01", "calendar": "proleptic_gregorian"}, packed=True,
            )  # fmt: skip
        yield _Array(
            name="spatial_ref", dims=(), shape=(), chunks=(), dtype=np.dtype("<i8"), fill=0,
            attributes=_reference(self.epsg, self.left, self.top, self.edge), packed=True,
        )  # fmt: skip
        for one in self.dataset.variables:
            attributes: dict[str, Any] = {"grid_mapping": "spatial_ref"}
            fill = None if one.nodata is None else "NaN" if math.isnan(one.nodata) else int(one.nodata)
            if fill is not None and self.version == 3:
                attributes["_FillValue"] = fill  # of version 2, readers take the one of the array
            if one.scale is not None:
                attributes |= {"scale_factor": one.scale, "add_offset": one.offset}
            if one.units is not None:
                attributes["units"] = one.units
            yield _Array(
                name=one.name,
                dims=(*(("time",) if times else ()), "y", "x"),
                shape=(*((len(times),) if times else ()), high, wide),
                chunks=(*((1,) if times else ()), _CHUNK, _CHUNK),
                dtype=np.dtype(one.dtype).newbyteorder("<"),
                fill=fill,
                attributes=attributes,
            )

    def document(self, path: str) -> bytes | None:
        """Give a metadata document by its path in the store."""
        name, _, last = path.rpartition("/")
        array = self.arrays.get(name)
        if (name and array is None) or last not in self.documents(array):
            return None
        told: dict[str, Any]
        if self.version == 3:
            told = {"zarr_format": 3, "node_type": "group", "attributes": self._about()}
            told = told if array is None else _third(array)
        elif last == ".zattrs":
            told = self._about() if array is None else {"_ARRAY_DIMENSIONS": list(array.dims), **array.attributes}
        else:
            told = {"zarr_format": 2} if array is None else _second(array)
        return json.dumps(told, indent=1).encode()

    def documents(self, array: _Array | None) -> tuple[str, ...]:
        """Give the names of the metadata documents of an array, or of the group."""
        if self.version == 3:
            return ("zarr.json",)
        return (".zgroup" if array is None else ".zarray", ".zattrs")

    def _about(self) -> dict[str, Any]:
        return {"title": self.dataset.name, "source": "swath sandbox"}

    def chunk(self, array: _Array, place: Sequence[int]) -> bytes:
        """Give one chunk, whole even at the edge."""
        values = self._values(array, place)
        whole = np.full(array.chunks, _number(array), array.dtype)
        whole[tuple(slice(0, length) for length in values.shape)] = values
        raw = whole.tobytes()
        return zlib.compress(raw, 1) if array.packed and self.version == 2 else raw

    def _values(self, array: _Array, place: Sequence[int]) -> NDArray[Any]:
        match array.name:
            case "spatial_ref":
                return np.zeros((), array.dtype)
            case "time":
                return np.array([(one - _EPOCH).days for one in self.dataset.times], array.dtype)
            case "x" | "y":
                first = place[0] * _AXIS_CHUNK
                index = np.arange(first, min(first + _AXIS_CHUNK, array.shape[0]))
                start, step = (self.left, self.edge) if array.name == "x" else (self.top, -self.edge)
                return np.asarray(start + step * (index + 0.5))
            case _:
                return self._pixels(array, place)

    def _pixels(self, array: _Array, place: Sequence[int]) -> NDArray[Any]:
        *when, row, column = place
        high, wide = (min(_CHUNK, n - at * _CHUNK) for n, at in zip(self.shape, (row, column), strict=True))
        left = self.left + column * _CHUNK * self.edge
        top = self.top - row * _CHUNK * self.edge
        grid = plane_grid(self.epsg, self.edge, (left, top), (high, wide))
        variable = next(one for one in self.dataset.variables if one.name == array.name)
        values = values_of(variable, grid, self.dataset.times[when[0]] if when else None)
        return values[None] if when else values

    def path_of(self, array: _Array, place: Sequence[str]) -> str:
        """Give the path of a chunk in the store."""
        if self.version == 3:
            return "/".join((array.name, "c", *place))
        return f"{array.name}/{'.'.join(place) or '0'}"

    def place_of(self, path: str) -> tuple[_Array, list[int]] | None:
        """Give the array and the chunk that a path means; None where there is none."""
        name, _, rest = path.partition("/")
        array = self.arrays.get(name)
        if array is None:
            return None
        parts = [part for part in (rest.split("/")[1:] if self.version == 3 else rest.split(".")) if part]
        if not array.shape:
            parts = []
        if not all(part.isdecimal() for part in parts) or self.path_of(array, parts) != path:
            return None
        place = [int(part) for part in parts]
        is_there = len(place) == len(array.counts) and all(at < n for at, n in zip(place, array.counts, strict=True))
        return (array, place) if is_there else None

    def paths(self, prefix: str, after: str) -> Iterator[str]:
        """Give the paths that start with `prefix` and come behind `after`, in order."""
        tops = [*self.documents(None), *(f"{name}/" for name in self.arrays)]
        for top in sorted(tops):
            if not top.endswith("/"):
                if top.startswith(prefix) and top > after:
                    yield top
            elif _may_hold(top, prefix, after):
                array = self.arrays[top[:-1]]
                documents = [top + name for name in self.documents(array)]
                before = [one for one in documents if self.version == 2]
                yield from (one for one in before if one.startswith(prefix) and one > after)
                yield from self._chunks(array, prefix, after)
                yield from (one for one in documents if one not in before and one.startswith(prefix) and one > after)

    def _chunks(self, array: _Array, prefix: str, after: str, place: tuple[str, ...] = ()) -> Iterator[str]:
        if len(place) == len(array.counts):
            path = self.path_of(array, place)
            if path.startswith(prefix) and path > after:
                yield path
            return
        joint = "." if self.version == 2 else "/"
        for index in sorted(map(str, range(array.counts[len(place)]))):
            inner = (*place, index)
            path = self.path_of(array, inner)
            if len(inner) == len(array.counts) or _may_hold(path + joint, prefix, after):
                yield from self._chunks(array, prefix, after, inner)


class ZarrShelf:
    """The stores, as the content of a bucket. Any thread may use it."""

    def __init__(self) -> None:
        self._stores: dict[str, _Store] = {
            f"{store_name(one)}/": _Store(one) for one in DATASETS.values() if one.kind == "zarr"
        }
        self._content: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def entries(self, prefix: str, after: str) -> Iterator[Entry]:
        """Give the objects whose keys start with `prefix` and come behind `after`, in order."""
        for root, store in sorted(self._stores.items()):
            if _may_hold(root, prefix, after):
                for path in store.paths(prefix[len(root) :], after[len(root) :] if after.startswith(root) else ""):
                    found = self.entry(root + path)
                    if found is not None:
                        yield found

    def entry(self, key: str) -> Entry | None:
        """Give one object's entry; pixels are not made for that."""
        root, store, path = self._split(key)
        found = None if store is None else store.place_of(path)
        if store is not None and found is not None and not found[0].packed:
            array = found[0]
            size = math.prod(array.chunks) * array.dtype.itemsize
        else:
            content = self.read(key)
            if content is None:
                return None
            size = len(content)
        etag = hashlib.md5(f"{root}{path}".encode(), usedforsecurity=False).hexdigest()
        return Entry(key=key, size=size, etag=etag, modified=_MADE)

    def read(self, key: str) -> bytes | None:
        """Give one object's bytes."""
        with self._lock:
            content = self._content.get(key)
            if content is not None:
                self._content.move_to_end(key)
                return content
        _, store, path = self._split(key)
        if store is None:
            return None
        found = store.place_of(path)
        content = store.document(path) if found is None else store.chunk(*found)
        if content is not None:
            with self._lock:
                self._content[key] = content
                while len(self._content) > _KEPT:
                    self._content.popitem(last=False)
        return content

    def _split(self, key: str) -> tuple[str, _Store | None, str]:
        root, joint, path = key.partition("/")
        return root + joint, self._stores.get(root + joint), path


def store_name(dataset: Dataset) -> str:
    """Give the prefix that a dataset's store has in its bucket."""
    return f"{dataset.slug}.zarr"


def _may_hold(branch: str, prefix: str, after: str) -> bool:
    """Say whether below a branch (with its slash or dot at the end) may be what a listing asks for."""
    return branch + _LAST > after and (branch.startswith(prefix) or prefix.startswith(branch))


def _second(array: _Array) -> dict[str, Any]:
    return {
        "zarr_format": 2,
        "shape": list(array.shape),
        "chunks": list(array.chunks),
        "dtype": array.dtype.str,
        "compressor": {"id": "zlib", "level": 1} if array.packed else None,
        "fill_value": array.fill,
        "order": "C",
        "filters": None,
        "dimension_separator": ".",
    }


def _third(array: _Array) -> dict[str, Any]:
    codec: dict[str, Any] = {"name": "bytes"}
    if array.dtype.itemsize > 1:
        codec["configuration"] = {"endian": "little"}
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(array.shape),
        "data_type": array.dtype.name,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(array.chunks)}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": 0 if array.fill is None else array.fill,
        "codecs": [codec],
        "dimension_names": list(array.dims),
        "attributes": array.attributes,
    }


def _number(array: _Array) -> Any:
    return 0 if array.fill is None else float("nan") if array.fill == "NaN" else array.fill


def _reference(epsg: int, left: float, top: float, edge: float) -> dict[str, Any]:
    from rasterio.crs import CRS

    wkt = CRS.from_epsg(epsg).to_wkt()
    transform = f"{left!r} {edge!r} 0.0 {top!r} 0.0 {-edge!r}"
    return {"crs_wkt": wkt, "spatial_ref": wkt, "GeoTransform": transform}

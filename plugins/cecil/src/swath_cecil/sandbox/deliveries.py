# SPDX-License-Identifier: Apache-2.0
"""What a subscription brings, in chunks, and the files of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from swath.sandbox import World
from swath_cecil.sandbox.catalogue import Dataset, Variable
from swath_cecil.sandbox.objects import Objects

__all__ = ["TABLES", "TIFFS", "ZARRS", "Chunk", "Deliveries", "plan", "prefix_of"]

TIFFS, ZARRS, TABLES = "sandbox-tiff", "sandbox-zarr", "sandbox-tables"
"""The buckets."""


@frozen(kw_only=True)
class Chunk:
    """What arrives at once: the variables of one file and one time step."""

    variables: tuple[str, ...]
    time: dt.datetime | None
    file: str = ""
    """Base name of the object, if it brings one."""


def plan(dataset: Dataset, now: dt.datetime, steps: int) -> list[Chunk]:
    """Give the chunks of a subscription made now, in the order in which they arrive."""
    if not dataset.is_raster:
        count = 2 if dataset.kind == "ibat" else 1
        return [Chunk(variables=(dataset.slug,), time=None, file=f"part-{part}.parquet") for part in range(count)]
    times: Sequence[dt.datetime | None] = [one for one in dataset.times if one <= now][-steps:]
    return [one for time in times or [None] for one in chunks_at(dataset, time)]


def chunks_at(dataset: Dataset, time: dt.datetime | None) -> list[Chunk]:
    """Give the chunks of one time step."""
    if dataset.kind == "zarr":
        return [Chunk(variables=(one.name,), time=time) for one in dataset.variables]
    return [
        Chunk(variables=tuple(one.name for one in variables), time=time, file=file)
        for file, variables in dataset.files().items()
    ]


def prefix_of(dataset: Dataset, subscription: str) -> tuple[str, str]:
    """Give the bucket and the prefix of a subscription's objects."""
    match dataset.kind:
        case "tiff":
            return TIFFS, f"{subscription}/"
        case "zarr":
            from swath_cecil.sandbox.stores import store_name

            return ZARRS, store_name(dataset)
        case "ibat":
            return TABLES, f"ibat/{subscription}/"
        case _:
            return TABLES, f"{dataset.slug}/{subscription}/v1/"


class Deliveries:
    """Puts the objects of chunks into the buckets."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.tiffs, self.tables = Objects(), Objects()

    def deliver(self, dataset: Dataset, subscription: str, geometry: Mapping[str, Any], chunk: Chunk) -> None:
        """Put the object of a chunk where it belongs; one of a Zarr store is there anyway."""
        if dataset.kind == "zarr":
            return
        _, prefix = prefix_of(dataset, subscription)
        now = self._world.clock.now()
        if dataset.kind == "tiff":
            stamp = "0000/00/00/00/00/00" if chunk.time is None else f"{chunk.time:%Y/%m/%d/%H/%M/%S}"
            self.tiffs.put(f"{prefix}{stamp}/{chunk.file}", lambda: self._tiff(dataset, geometry, chunk), now)
        else:
            key = f"{prefix}{chunk.file}"
            self.tables.put(key, lambda: self._table(dataset, subscription, geometry, chunk), now)

    def delete(self, subscription: str) -> None:
        """Take all objects of a subscription away, for good."""
        self.tiffs.delete(f"{subscription}/")
        for key in self.tables.keys():  # noqa: SIM118 - not a mapping
            if f"/{subscription}/" in key:
                self.tables.delete(key)

    def _tiff(self, dataset: Dataset, geometry: Mapping[str, Any], chunk: Chunk) -> bytes:
        from swath_cecil.sandbox.rasters import tiff

        variables: tuple[Variable, ...] = dataset.files()[chunk.file]
        return tiff(dataset, variables, geometry, chunk.time, max_pixels=self._world.scene_pixels)

    def _table(self, dataset: Dataset, subscription: str, geometry: Mapping[str, Any], chunk: Chunk) -> bytes:
        from swath_cecil.sandbox import tables

        rng = self._world.rng("cecil", "table", subscription, chunk.file)
        part = int(chunk.file.removesuffix(".parquet").rpartition("-")[2])
        if dataset.kind == "self-hosted":
            return tables.parcels(rng, geometry)
        has_outlines = any(one.name == "geojson" for one in dataset.variables)
        return tables.protected(rng, geometry, part) if has_outlines else tables.species(rng, part)

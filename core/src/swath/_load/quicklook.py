# SPDX-License-Identifier: Apache-2.0
"""Writes a small PNG by which a person sees at once what items hold."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from swath._load.archive import with_members
from swath._load.coarse import coarse
from swath._load.extras import require
from swath._load.kinds import as_dicts, load_items
from swath.errors import InputError, LoadError, MixedProjections, TargetNotWritable, UnknownAsset
from swath.models import LoadOptions

if TYPE_CHECKING:
    import numpy as np
    import xarray

    Array = np.ndarray[Any, Any]

_COLOURS: Final = ("red", "green", "blue")
_POLARISATIONS: Final = frozenset({"hh", "vv", "hv", "vh"})
_STRETCH: Final = (2.0, 98.0)
_BRIGHTEST: Final = 4.0
"""Where white begins at the latest, in optical data: so many times the distance from the darkest to the median."""
"""Percentiles that become black and white."""


def write_quicklook(data: Any, path: Path | str, size: int = 512) -> Path:
    """Write a picture: red, green and blue where there are such bands, else the first band in grey.

    Values are stretched from the 2nd to the 98th percentile (clouds may saturate), radar amplitudes in decibels;
    pixels without data are transparent. All layers in time are put on top of each other, the first one uppermost.

    Args:
        data: `xarray.Dataset` as `load_items` gives it, or items.
        path: Of the PNG; an existing file is replaced, missing folders are made.
        size: Most pixels along the longer side, > 0.

    Returns:
        The path.

    Raises:
        InputError: `size` is not positive.
        LoadError: There is nothing to draw, or a file cannot be read.
        TargetNotWritable: The file cannot be written.
        MissingExtra: The packages for rasters are not installed.
    """
    require("raster", "drawing a quicklook")
    import numpy as np
    import xarray as xr

    if size < 1:
        raise InputError(f"size {size} is no number of pixels", hint="pass a size of 1 or more")
    dataset = data if isinstance(data, xr.Dataset) else _load(data)
    names = choose_bands(dataset)
    drawn = [_flatten(dataset[name], size) for name in names]
    valid = np.logical_and.reduce([one[1] for one in drawn])
    radar = len(names) == 1 and is_radar(dataset[names[0]])
    channels = [_stretch(values, valid, radar=radar) for values, _ in drawn]
    alpha = np.where(valid, 255, 0).astype("uint8")
    colours = channels * 3 if len(channels) == 1 else channels
    return _write(np.stack([*colours, alpha]), Path(path))


def choose_bands(dataset: xarray.Dataset) -> list[str]:
    """Choose what is drawn: three bands of colour, or one.

    Raises:
        LoadError: The dataset has no band.
    """
    rasters = [str(name) for name, variable in dataset.data_vars.items() if {"y", "x"} <= set(variable.dims)]
    if not rasters:
        raise LoadError("the dataset has no variable with dimensions y and x", hint="load rasters to draw them")
    by_name: dict[str, str] = {}
    for name in rasters:
        for said in (name, dataset[name].attrs.get("common_name")):
            if said:
                by_name.setdefault(str(said).lower(), name)
    if all(colour in by_name for colour in _COLOURS):
        return [by_name[colour] for colour in _COLOURS]
    for said in ("pan", "nir", "hh", "vv"):
        if said in by_name:
            return [by_name[said]]
    return rasters[:1]


def is_radar(variable: xarray.DataArray) -> bool:
    """Whether a variable holds radar amplitudes, by its type, its name, or its asset's."""
    said = {str(variable.name).lower(), str(variable.attrs.get("asset", "")).lower()}
    return variable.dtype.kind == "c" or bool(said & _POLARISATIONS)


def _load(items: Any) -> xarray.Dataset:
    """Load what is needed of items to draw them."""
    from swath._load.locating import locate_bands

    plain = [with_members(item) for item in as_dicts(items)]
    options = LoadOptions()
    try:
        locate_bands(plain, evolve(options, bands=_COLOURS, missing="raise"))
        options = evolve(options, bands=_COLOURS)
    except UnknownAsset:
        pass  # no colours in all of them: the default bands are drawn
    try:
        made = load_items(plain, options)
    except MixedProjections:
        made = load_items(plain, evolve(options, crs="EPSG:4326"))
    if not hasattr(made, "data_vars"):
        raise LoadError("the items hold tables, which have no quicklook", hint="load them to look at their rows")
    return made


def _flatten(variable: xarray.DataArray, size: int) -> tuple[Array, Array]:
    """Put all layers on top of each other: values as magnitudes, and where they are valid."""
    import numpy as np

    count = variable.sizes.get("time", 1)
    values: Array | None = None
    valid: Array | None = None
    nodata = variable.attrs.get("nodata", variable.attrs.get("_FillValue"))
    for layer in range(count):
        read = coarse(variable, size, layer)
        there = np.isfinite(read)
        if nodata is not None and not np.isnan(nodata):
            there &= read != nodata
        elif nodata is None:
            there &= read != 0  # what no file covers
        magnitude = np.abs(read).astype("float64") if read.dtype.kind == "c" else read.astype("float64")
        if values is None or valid is None:
            values, valid = magnitude, there
            continue
        take = there & ~valid
        values[take] = magnitude[take]
        valid |= there
        if valid.all():
            break
    if values is None or valid is None:
        raise LoadError(f"{variable.name!r} has no layer in time", hint="load items to draw them")
    return values, valid


def _stretch(values: Array, valid: Array, *, radar: bool) -> Array:
    """Stretch values to 0..255, (y, x) uint8."""
    import numpy as np

    if radar:
        values = 20 * np.log10(np.maximum(values, 1e-6))
    if not valid.any():
        return np.zeros(values.shape, dtype="uint8")
    low, middle, high = np.percentile(values[valid], (_STRETCH[0], 50.0, _STRETCH[1]))
    if not radar:  # clouds are many times brighter than land: they may saturate, so that land is seen
        high = min(high, low + _BRIGHTEST * (middle - low)) if middle > low else high
    span = high - low
    # All one value: mid-grey, rather than a division by nothing.
    scaled = (values - low) / span if span > 0 else np.full(values.shape, 0.5)
    filled = np.where(valid, np.clip(scaled, 0, 1), 0)
    stretched: Array = np.rint(filled * 255).astype("uint8")
    return stretched


def _write(picture: Array, path: Path) -> Path:
    """Write (4, y, x) uint8 as PNG, through a file beside it, so that a broken write leaves nothing of that name."""
    from rasterio.io import MemoryFile

    from swath._load.headers import quiet

    buffer = io.BytesIO()
    with MemoryFile() as memory:
        with (
            quiet(),
            memory.open(
                driver="PNG", width=picture.shape[2], height=picture.shape[1], count=4, dtype="uint8"
            ) as target,
        ):
            target.write(picture)
        memory.seek(0)
        buffer.write(memory.read())
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(buffer.getvalue())
        part.replace(path)
    except OSError as err:
        raise TargetNotWritable(f"{path} cannot be written: {err.strerror}") from err
    return path

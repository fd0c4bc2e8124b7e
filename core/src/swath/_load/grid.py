# SPDX-License-Identifier: Apache-2.0
"""The pixel grid that a load writes to: its CRS, resolution and extent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from attrs import frozen

from swath._load.sources import BandSource
from swath.errors import InputError, LoadError, MixedProjections, NoOverlap
from swath.models import LoadOptions, PixelGrid
from swath.stac import bbox_of

if TYPE_CHECKING:
    import numpy as np

Bounds = tuple[float, float, float, float]
"""Left, bottom, right, top in units of a CRS."""

_EPSILON: Final = 1e-6
"""Fraction of a pixel by which an edge may miss a pixel's edge and still be on it."""


@frozen(kw_only=True)
class Grid:
    """North-up pixels."""

    crs: Any
    """`rasterio.crs.CRS`; None for bare pixels without georeference."""
    left: float
    top: float
    step_x: float
    """Width of a pixel, > 0, in units of the CRS."""
    step_y: float
    """Height of a pixel, > 0 for north-up grids; negative where rows count upwards, as in bare pixels."""
    shape: tuple[int, int]
    """Rows, columns."""

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """Pixel to CRS, as affine orders it."""
        return (self.step_x, 0.0, self.left, 0.0, -self.step_y, self.top)

    @property
    def bounds(self) -> Bounds:
        """Left, bottom, right, top."""
        edges = sorted((self.top, self.top - self.step_y * self.shape[0]))
        return (self.left, edges[0], self.left + self.step_x * self.shape[1], edges[1])

    @property
    def x(self) -> np.ndarray[Any, Any]:
        """Centres of the columns, (x,) float64."""
        import numpy as np

        return self.left + self.step_x * (np.arange(self.shape[1]) + 0.5)

    @property
    def y(self) -> np.ndarray[Any, Any]:
        """Centres of the rows, (y,) float64."""
        import numpy as np

        return self.top - self.step_y * (np.arange(self.shape[0]) + 0.5)

    def part(self, rows: tuple[int, int], columns: tuple[int, int]) -> Grid:
        """Cut out some rows and columns, each as start and stop."""
        return Grid(
            crs=self.crs,
            left=self.left + columns[0] * self.step_x,
            top=self.top - rows[0] * self.step_y,
            step_x=self.step_x,
            step_y=self.step_y,
            shape=(rows[1] - rows[0], columns[1] - columns[0]),
        )


@frozen(kw_only=True)
class Footprint:
    """Where a source's pixels lie in some CRS."""

    bounds: Bounds
    step: tuple[float, float]
    """Width and height of a pixel, in units of the CRS."""
    exact: bool
    """Whether its own grid is north-up in that CRS, so that pixels can be copied."""


class Lying(Protocol):
    """What has the attributes of a `Footprint`."""

    @property
    def bounds(self) -> Bounds:
        """See `Footprint`."""

    @property
    def step(self) -> tuple[float, float]:
        """See `Footprint`."""

    @property
    def exact(self) -> bool:
        """See `Footprint`."""


def target_crs(sources: Sequence[BandSource], wanted: str | None) -> Any:
    """Settle the CRS of a load.

    Args:
        sources: All bands to be read.
        wanted: As the caller names it; None where the sources agree.

    Returns:
        `rasterio.crs.CRS`; None where no source has a georeference.

    Raises:
        MixedProjections: The sources disagree and none is wanted.
        LoadError: Some have a georeference and others not, or none has and one is wanted.
        InputError: The wanted one is none.
    """
    from rasterio.crs import CRS
    from rasterio.errors import CRSError

    bare = [one for one in sources if one.header is not None and one.header.crs is None]
    if bare and len(bare) < len(sources):
        raise LoadError(
            f"{bare[0].label} has no georeference, unlike others", hint="load it alone, or name other bands=[...]"
        )
    if wanted is not None:
        try:
            crs = CRS.from_user_input(wanted)
        except CRSError as err:
            raise InputError(f"{wanted!r} is no coordinate reference system", hint="pass it as 'EPSG:32630'") from err
        if bare:
            raise LoadError(
                f"{bare[0].label} has no georeference, so it cannot be brought to {wanted}",
                hint="load it without crs, resolution, bbox and intersects, as bare pixels",
            )
        return crs
    if bare:
        return None
    by_crs: dict[str, tuple[Any, str]] = {}
    for one in sources:
        if one.header is not None:
            by_crs.setdefault(crs_name(one.header.crs), (one.header.crs, one.item))
    if len(by_crs) > 1:
        named = ", ".join(f"{name} (item {item!r})" for name, (_, item) in by_crs.items())
        raise MixedProjections(
            f"the items are in {len(by_crs)} coordinate reference systems: {named}",
            hint=f"pass crs={next(iter(by_crs))!r} (and resolution=...), or load the zones one by one",
        )
    return next(iter(by_crs.values()))[0]


def crs_name(crs: Any) -> str:
    """Name a CRS for people and programs: ``EPSG:32630`` where it has such a code, else its WKT."""
    authority = crs.to_authority(confidence_threshold=70) if crs is not None else None
    return ":".join(authority) if authority else str(crs.to_wkt() if crs is not None else None)


def footprint(source: BandSource, crs: Any) -> Footprint:
    """Find where a source's pixels lie.

    Args:
        source: With its header.
        crs: Target, `rasterio.crs.CRS`; None for bare pixels.

    Raises:
        LoadError: It cannot be expressed in that CRS.
    """
    from rasterio.errors import RasterioError
    from rasterio.warp import calculate_default_transform

    header = source.header
    if header is None:
        raise LoadError(f"the header of {source.label} was not read")
    rows, columns = header.shape
    if crs is None:
        return Footprint(bounds=(0.0, 0.0, float(columns), float(rows)), step=(1.0, 1.0), exact=True)
    if header.transform is not None:
        a, b, c, d, e, f = header.transform
        if header.crs == crs and b == 0 and d == 0 and a > 0 and e < 0:
            return Footprint(bounds=(c, f + e * rows, c + a * columns, f), step=(a, -e), exact=True)
        corners = [(c + a * x + b * y, f + d * x + e * y) for x in (0, columns) for y in (0, rows)]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        where: dict[str, Any] = {"left": min(xs), "bottom": min(ys), "right": max(xs), "top": max(ys)}
    else:
        where = {"gcps": list(header.gcp_grid[0]) if header.gcp_grid else []}
    try:
        transform, width, height = calculate_default_transform(header.crs, crs, columns, rows, **where)
    except RasterioError as err:
        raise LoadError(f"{source.label} cannot be brought to {crs_name(crs)}: {err}") from err
    left, top, step_x, step_y = transform.c, transform.f, transform.a, -transform.e
    bounds = (left, top - height * step_y, left + width * step_x, top)
    return Footprint(bounds=bounds, step=(step_x, step_y), exact=False)


def grid_of(like: PixelGrid, crs: Any) -> Grid:
    """Lay a grid as it was given.

    Args:
        like: Whose pixels.
        crs: The same CRS, `rasterio.crs.CRS`.
    """
    a, _, c, _, e, f = like.transform
    return Grid(crs=crs, left=c, top=f, step_x=a, step_y=-e, shape=like.shape)


def make_grid(footprints: Sequence[Lying], crs: Any, options: LoadOptions) -> Grid:
    """Lay the grid: the items' extent, cut to what is asked for, on whole pixels.

    Pixels stay where the finest source has them, if the resolution is its own; else their edges are multiples of the
    resolution.

    Args:
        footprints: Of all bands to be read, in `crs`.
        crs: Target.
        options: `resolution`, `bbox` and `intersects` count.

    Raises:
        NoOverlap: The asked area and the items do not meet.
    """
    finest = min(footprints, key=lambda one: (one.step[0] * one.step[1], not one.exact))
    step = (options.resolution, options.resolution) if options.resolution else finest.step
    extent = _hull([one.bounds for one in footprints])
    asked = asked_bounds(options, crs)
    if asked:
        parts = [part for part in (_common(extent, one) for one in asked) if part]
        if not parts:
            area = options.bbox or (bbox_of(options.intersects) if options.intersects else None)
            raise NoOverlap(
                f"the asked area {_show(area)} (degrees) and the items, which cover {_show(extent)} in "
                f"{crs_name(crs)}, do not meet"
            )
        extent = _hull(parts)
    keeps = finest.exact and math.isclose(step[0], finest.step[0]) and math.isclose(step[1], finest.step[1])
    origin = (finest.bounds[0], finest.bounds[3]) if keeps else (0.0, 0.0)
    first_x = math.floor((extent[0] - origin[0]) / step[0] + _EPSILON)
    last_x = math.ceil((extent[2] - origin[0]) / step[0] - _EPSILON)
    first_y = math.floor((origin[1] - extent[3]) / step[1] + _EPSILON)
    last_y = math.ceil((origin[1] - extent[1]) / step[1] - _EPSILON)
    return Grid(
        crs=crs,
        left=origin[0] + first_x * step[0],
        top=origin[1] - first_y * step[1],
        step_x=step[0],
        step_y=step[1],
        shape=(max(last_y - first_y, 1), max(last_x - first_x, 1)),
    )


def asked_bounds(options: LoadOptions, crs: Any) -> list[Bounds]:
    """Express the asked area in a CRS: one box, or two where it crosses the antimeridian; none where all is asked for.

    Raises:
        LoadError: The pixels have no georeference.
        InputError: The bbox is not four numbers.
        NoOverlap: The area is nowhere in that CRS.
    """
    import rasterio.errors
    from rasterio.crs import CRS
    from rasterio.warp import transform_bounds

    boxes: list[Bounds] = []
    for box in (options.bbox, bbox_of(options.intersects) if options.intersects else None):
        if box is None:
            continue
        if crs is None:
            raise LoadError(
                "the files have no georeference, so they cannot be cut to an area",
                hint="load them without bbox and intersects, as bare pixels",
            )
        if len(box) != 4 or box[1] > box[3]:
            raise InputError(f"bbox {box!r} is not west, south, east, north", hint="pass four numbers, degrees")
        west, south, east, north = (float(value) for value in box)
        halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        made: list[Bounds] = []
        for start, stop in halves:
            try:
                projected = transform_bounds(CRS.from_epsg(4326), crs, start, south, stop, north, densify_pts=21)
            except rasterio.errors.RasterioError:
                continue
            if all(math.isfinite(value) for value in projected):
                made.append(projected)
        if not made:
            raise NoOverlap(f"the asked area {_show(box)} (degrees) has no place in {crs_name(crs)}")
        both = [part for part in (_common(a, b) for a in boxes for b in made) if part]
        if boxes and not both:
            raise NoOverlap(f"bbox {_show(options.bbox)} and intersects do not meet")
        boxes = both or made
    return boxes


def meets(one: Bounds, other: Bounds) -> bool:
    """Whether two boxes share an area."""
    return _common(one, other) is not None


def _common(one: Bounds, other: Bounds) -> Bounds | None:
    """Cut two boxes; None where they share no area."""
    left, bottom = max(one[0], other[0]), max(one[1], other[1])
    right, top = min(one[2], other[2]), min(one[3], other[3])
    return (left, bottom, right, top) if left < right and bottom < top else None


def _hull(boxes: Sequence[Bounds]) -> Bounds:
    """Give the smallest box around several."""
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _show(box: Sequence[float] | None) -> str:
    """Write a box briefly."""
    return ", ".join(f"{value:.6g}" for value in box) if box else "-"

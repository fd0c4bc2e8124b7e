# SPDX-License-Identifier: Apache-2.0
"""Which mosaics there are: every full month and quarter of the last year, and one small one."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence

from attrs import frozen

from swath.sandbox import World
from swath_planet.sandbox.quads import Quad, Range, in_bbox

__all__ = ["SERIES", "Mosaic", "Series", "Shelf"]

_GLOBE = (-180.0, -85.0, 180.0, 85.0)
_SMALL = (5.0, 52.0, 5.5, 52.3)
_SPACE = uuid.UUID("6a1d1a3c-0b3e-4f6e-9d5e-5a0b2f0f6c11")
_MONTHS, _QUARTERS = 12, 4


@frozen(kw_only=True)
class Series:
    """Mosaics of one kind, one after the other in time."""

    id: str
    name: str
    interval: str
    """As Planet writes it: ``"1 mon"``."""
    months: int
    """How many each covers."""


def _series(name: str, interval: str, months: int) -> Series:
    return Series(id=str(uuid.uuid5(_SPACE, name)), name=name, interval=interval, months=months)


SERIES = (_series("Global Monthly", "1 mon", 1), _series("Global Quarterly", "3 mons", 3))
"""All there are."""


@frozen(kw_only=True)
class Mosaic:
    """One mosaic."""

    id: str
    name: str
    interval: str
    bbox: tuple[float, float, float, float]
    first: dt.datetime
    last: dt.datetime
    series: Series | None

    @property
    def quads(self) -> Range:
        """All its quads."""
        return in_bbox(self.bbox)[0]

    def has(self, quad: Quad) -> bool:
        """Say whether a quad is of it."""
        return quad in self.quads


class Shelf:
    """The mosaics that are out by now.

    Args:
        world: Holds the clock.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def mosaics(self) -> list[Mosaic]:
        """List all, newest first."""
        return [one for series in SERIES for one in self.of(series)] + [self._small()]

    def find(self, mosaic_id: str) -> Mosaic | None:
        """Give a mosaic by its id."""
        return next((one for one in self.mosaics() if one.id == mosaic_id), None)

    def of(self, series: Series) -> list[Mosaic]:
        """List the mosaics of a series, newest first."""
        return list(self._of(series))

    def _of(self, series: Series) -> Iterator[Mosaic]:
        now = self._world.clock.now()
        month = now.year * 12 + now.month - 1
        end = month - month % series.months
        for _ in range(_MONTHS if series.months == 1 else _QUARTERS):
            start = end - series.months
            first = _day(start)
            part = f"{first.year}_{first.month:02d}" if series.months == 1 else f"{first.year}q{first.month // 3 + 1}"
            name = f"{series.name.lower().replace(' ', '_')}_{part}_mosaic"
            yield self._mosaic(name, series.interval, _GLOBE, (first, _day(end)), series)
            end = start

    def _small(self) -> Mosaic:
        """Give one of which a client can ask for all quads."""
        return self._mosaic("sandbox_fields_2024_mosaic", "12 mons", _SMALL, (_day(2024 * 12), _day(2025 * 12)), None)

    def _mosaic(
        self,
        name: str,
        interval: str,
        bbox: tuple[float, float, float, float],
        span: Sequence[dt.datetime],
        series: Series | None,
    ) -> Mosaic:
        return Mosaic(
            id=str(uuid.uuid5(_SPACE, name)), name=name, interval=interval, bbox=bbox, first=span[0], last=span[1],
            series=series,
        )  # fmt: skip


def _day(month: int) -> dt.datetime:
    return dt.datetime(month // 12, month % 12 + 1, 1, tzinfo=dt.UTC)

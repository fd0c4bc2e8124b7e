# SPDX-License-Identifier: Apache-2.0
"""The Basemaps API: mosaics, series of them, and the quads they are made of.

Source: Planet's documentation of the Basemaps API, read 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final
from uuid import UUID

from swath.errors import NotEntitled, NotFound, UnexpectedResponse
from swath.hookspecs import Operation
from swath.models import Asset
from swath.native import fetch_tree, is_whole_tiff, safe_name
from swath.progress import shown
from swath_planet._api.base import Service
from swath_planet._api.paths import segment
from swath_planet.exceptions import ClientError
from swath_planet.geojson import as_geom
from swath_planet.models import GeoInterface, Mosaic, Quad, Series

__all__ = ["Mosaics"]

_WORLD: Final = (-180, -85, 180, 85)
"""What a mosaic's own box is cut to: the web mercator grid ends there. Degrees, west, south, east, north."""
_GEOTIFF: Final = "image/tiff; application=geotiff"
_CALLED: Final = {"mosaics": "mosaic", "series": "series"}
"""What one is called, by the path of its kind."""

Area = Mapping[str, Any] | GeoInterface
"""GeoJSON geometry, a Feature, or an object with ``__geo_interface__``."""


class Mosaics(Service):
    """Mosaics, series and quads. A mosaic or series is named by its name, its id or what this API gave for it."""

    PATH: ClassVar[str] = "/basemaps/v1"
    BUCKET: ClassVar[str] = "mosaics"

    # --- mosaics and series ------------------------------------------------------------------------------------------

    def get_mosaic(self, name_or_id: str) -> Mosaic:
        """Read one mosaic.

        Raises:
            NotFound: There is none.
        """
        return Mosaic(self._get("mosaics", name_or_id))

    def get_series(self, name_or_id: str) -> Series:
        """Read one series.

        Raises:
            NotFound: There is none.
        """
        return Series(self._get("series", name_or_id))

    def list_series(
        self,
        *,
        name_contains: str | None = None,
        interval: str | None = None,
        acquired_gt: str | None = None,
        acquired_lt: str | None = None,
    ) -> Iterator[Series]:
        """List the series that the account may read; arguments as for `list_mosaics`."""
        params = _filters(name_contains, interval, acquired_gt, acquired_lt)
        for found in self.pages("GET", "series", key="series", params=params):
            yield Series(found)

    def list_mosaics(
        self,
        *,
        name_contains: str | None = None,
        interval: str | None = None,
        acquired_gt: str | None = None,
        acquired_lt: str | None = None,
    ) -> Iterator[Mosaic]:
        """List the mosaics that the account may read.

        Args:
            name_contains: Part of the name.
            interval: Time that one covers, ``"1 mon"``.
            acquired_gt: Only what was acquired after this.
            acquired_lt: Only what was acquired before this.
        """
        params = _filters(name_contains, interval, acquired_gt, acquired_lt)
        for found in self.pages("GET", "mosaics", key="mosaics", params=params):
            yield Mosaic(found)

    def list_series_mosaics(
        self,
        /,
        series: Series | str,
        *,
        acquired_gt: str | None = None,
        acquired_lt: str | None = None,
        latest: bool = False,
    ) -> Iterator[Mosaic]:
        """List the mosaics of a series.

        Args:
            series: Which.
            acquired_gt: Only what was acquired after this.
            acquired_lt: Only what was acquired before this.
            latest: Only the newest.
        """
        params = {"acquired__gt": acquired_gt, "acquired__lt": acquired_lt, "latest": "yes" if latest else None}
        path = f"series/{self._id('series', series)}/mosaics"
        for found in self.pages("GET", path, key="mosaics", params=params):
            yield Mosaic(found)

    # --- quads -------------------------------------------------------------------------------------------------------

    def summarize_quads(
        self, /, mosaic: Mosaic | str, *, bbox: Sequence[float] | None = None, geometry: Area | None = None
    ) -> dict[str, Any]:
        """Count a mosaic's quads.

        Args:
            mosaic: Which.
            bbox: Only those that meet it: degrees, west, south, east, north.
            geometry: Only those that meet it.

        Returns:
            ``total_quads`` among others.
        """
        method, url, given = self._quads(mosaic, bbox=bbox, geometry=geometry, minimal=True, summary=True)
        page = self.json(method, url, **given)
        if not isinstance(page, Mapping) or not isinstance(page.get("summary"), Mapping):
            raise UnexpectedResponse("Planet's list of quads has no 'summary'", provider="planet")
        return dict(page["summary"])

    def list_quads(
        self,
        /,
        mosaic: Mosaic | str,
        *,
        minimal: bool = False,
        full_extent: bool = False,
        bbox: Sequence[float] | None = None,
        geometry: Area | None = None,
    ) -> Iterator[Quad]:
        """List a mosaic's quads.

        Args:
            mosaic: Which.
            minimal: Whether to leave out what is not needed for downloading.
            full_extent: Whether all of them are meant.
            bbox: Only those that meet it: degrees, west, south, east, north.
            geometry: Only those that meet it; it goes before `bbox`.

        Raises:
            ClientError: None of geometry, bbox and full_extent is given.
        """
        if geometry is None and bbox is None and not full_extent:
            raise ClientError("one of: geometry, bbox, full_extent required")
        method, url, given = self._quads(mosaic, bbox=bbox, geometry=geometry, minimal=minimal)
        for found in self.pages(method, url, key="items", **given):
            yield Quad(found)

    def get_quad(self, mosaic: Mosaic | str, quad_id: str) -> Quad:
        """Read one quad of a mosaic."""
        return Quad(self.json("GET", f"mosaics/{self._id('mosaics', mosaic)}/quads/{segment(quad_id, 'quad')}"))

    def get_quad_contributions(self, quad: Quad) -> list[dict[str, Any]]:
        """List the scenes that a quad was made of, each a ``link`` to its item."""
        answer = self.json("GET", _link(quad, "items"))
        if not isinstance(answer, Mapping) or not isinstance(answer.get("items"), list):
            raise UnexpectedResponse("Planet's list of a quad's scenes has no 'items'", provider="planet")
        return list(answer["items"])

    # --- downloading -------------------------------------------------------------------------------------------------

    def download_quad(
        self, /, quad: Quad, *, directory: str = ".", overwrite: bool = False, progress_bar: bool = False
    ) -> None:
        """Download a quad to ``DIRECTORY/<quad id>.tif``, whole or not at all.

        Nothing is asked for when a whole GeoTIFF is there: downloads are metered. One that was cut short is replaced.

        Args:
            quad: Which.
            directory: Where to; it is made.
            overwrite: Whether to download again what is there.
            progress_bar: Whether to show how far it is, where somebody looks.

        Raises:
            NotEntitled: The account may not download it.
            TransferError: It cannot be brought here whole.
        """
        self._fetch([quad], Path(directory), overwrite=overwrite, progress_bar=progress_bar, workers=1)

    def download_quads(
        self,
        /,
        mosaic: Mosaic | str,
        *,
        directory: str | None = None,
        overwrite: bool = False,
        bbox: Sequence[float] | None = None,
        geometry: Area | None = None,
        progress_bar: bool = False,
        concurrency: int = 4,
    ) -> None:
        """Download a mosaic's quads, each as `download_quad` does.

        Args:
            mosaic: Which.
            directory: Where to; a folder named like the mosaic if None.
            overwrite: Whether to download again what is there.
            bbox: Only those that meet it: degrees, west, south, east, north.
            geometry: Only those that meet it; it goes before `bbox`.
            progress_bar: Whether to show how far it is, where somebody looks.
            concurrency: Quads at once.

        Raises:
            ClientError: Neither bbox nor geometry is given.
            PartialFailure: Some quads failed; the others are there, and are not fetched again by the same call.
        """
        if bbox is None and geometry is None:
            raise ClientError("bbox or geometry is required")
        found = self._mosaic(mosaic)
        folder = Path(safe_name(str(found["name"])) if directory is None else directory)
        quads = list(self.list_quads(found, minimal=True, bbox=bbox, geometry=geometry))
        self._fetch(quads, folder, overwrite=overwrite, progress_bar=progress_bar, workers=concurrency)

    def _fetch(self, quads: Sequence[Quad], folder: Path, *, overwrite: bool, progress_bar: bool, workers: int) -> None:
        wanted: dict[str, Asset] = {}
        for quad in quads:
            name = safe_name(f"{quad['id']}.tif")
            if overwrite or not is_whole_tiff(folder / name):
                wanted[name] = Asset(href=_link(quad, "download"), name=name, media_type=_GEOTIFF)
        if not wanted:
            return
        with shown(None if progress_bar else False) as show:
            fetch_tree(self.context, list(wanted.values()), folder, overwrite=overwrite, progress=show, workers=workers)

    # --- finding -----------------------------------------------------------------------------------------------------

    def _get(self, kind: str, name_or_id: str) -> dict[str, Any]:
        """Read a mosaic or series by its id, or find it by its name."""
        if _is_id(name_or_id):
            found: dict[str, Any] = self.json("GET", f"{kind}/{segment(name_or_id, _CALLED[kind])}")
            return found
        named = next(self.pages("GET", kind, key=kind, params={"name__is": name_or_id}, limit=1), None)
        if named is None:
            text = f"{_CALLED[kind].title()} Not Found: {name_or_id}"
            body = json.dumps({"message": text}, separators=(",", ":"), ensure_ascii=False)
            raise NotFound(text, provider="planet", status_code=404, details={"body": body})
        return named

    def _mosaic(self, mosaic: Mosaic | str) -> Mosaic:
        return self.get_mosaic(mosaic) if isinstance(mosaic, str) else Mosaic(mosaic)

    def _id(self, kind: str, given: Mapping[str, Any] | str) -> str:
        """Give the id of a mosaic or series, asking only where its name is all there is."""
        if isinstance(given, str):
            return segment(given if _is_id(given) else self._get(kind, given)["id"], _CALLED[kind])
        return segment(given.get("id"), _CALLED[kind])

    def _quads(
        self,
        mosaic: Mosaic | str,
        *,
        bbox: Sequence[float] | None,
        geometry: Area | None,
        minimal: bool,
        summary: bool = False,
    ) -> tuple[str, str, dict[str, Any]]:
        """Write the first request of a list of quads: method, URL, and what else `pages` takes."""
        flags = {"minimal": "true"} if minimal else {}
        if summary:
            flags["summary"] = "true"
        if geometry is not None:
            if summary:
                flags["_page_size"] = "1"
            path = f"mosaics/{self._id('mosaics', mosaic)}/quads/search"
            return "POST", path, {"params": flags, "json": as_geom(geometry), "operation": Operation.READ}
        found = self._mosaic(mosaic)
        links = found.get("_links") or {}
        url = (
            links.get("quads")
            or f"{self.url('mosaics')}/{segment(found.get('id'), 'mosaic')}/quads?bbox={{lx}},{{ly}},{{ux}},{{uy}}"
        )
        for corner, degrees in zip(("lx", "ly", "ux", "uy"), _box(bbox, found), strict=True):
            url = url.replace(f"{{{corner}}}", str(degrees))
        return "GET", "&".join([url, *(f"{name}={value}" for name, value in flags.items())]), {}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _filters(
    name_contains: str | None, interval: str | None, acquired_gt: str | None, acquired_lt: str | None
) -> dict[str, Any]:
    return {
        "name__contains": name_contains,
        "interval": interval,
        "acquired__gt": acquired_gt,
        "acquired__lt": acquired_lt,
    }


def _box(bbox: Sequence[float] | None, mosaic: Mosaic) -> Sequence[float]:
    """Give the box to look in: the one asked for, or the mosaic's own within the grid."""
    if bbox is not None:
        if len(bbox) != 4:
            raise ClientError(f"a bbox is west, south, east, north, not {bbox!r}")
        return bbox
    own = mosaic.get("bbox") or _WORLD
    west, south, east, north = _WORLD
    return max(own[0], west), max(own[1], south), min(own[2], east), min(own[3], north)


def _link(quad: Mapping[str, Any], name: str) -> str:
    """Give one of a quad's links.

    Raises:
        NotEntitled: It has none of this name.
    """
    found = (quad.get("_links") or {}).get(name)
    if not isinstance(found, str):
        raise NotEntitled(
            f"quad {quad.get('id')!r} has no link {name!r}",
            hint="ask Planet for the right to download from this mosaic",
            provider="planet",
        )
    return found

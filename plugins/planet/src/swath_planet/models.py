# SPDX-License-Identifier: Apache-2.0
"""What the native clients give where a plain dict would say too little; each is a dict as well."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from swath_planet.exceptions import FeatureError

__all__ = ["Feature", "GeoInterface", "Mosaic", "Quad", "Series"]


@runtime_checkable
class GeoInterface(Protocol):
    """Anything that says its geometry as GeoJSON: shapely, GeoPandas and others do."""

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        """GeoJSON of it."""
        ...


class Feature(dict[str, Any]):
    """A feature that is stored with Planet. Wherever a geometry is taken, it is taken too."""

    @property
    def ref(self) -> str:
        """Reference to it, ``pl:features/my/COLLECTION/FEATURE``.

        Raises:
            FeatureError: Planet gave it none.
        """
        found = (self.get("properties") or {}).get("pl:ref")
        if not isinstance(found, str):
            raise FeatureError(f"feature {self.get('id')!r} has no reference: it was not read from the Features API")
        return found


class Mosaic(dict[str, Any]):
    """A basemap: one mosaic of one time."""


class Series(dict[str, Any]):
    """A series of mosaics, one for each interval of time."""


class Quad(dict[str, Any]):
    """One tile of a mosaic, as it can be downloaded."""

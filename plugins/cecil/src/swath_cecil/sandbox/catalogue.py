# SPDX-License-Identifier: Apache-2.0
"""The datasets that the stand-in has: some of the real catalogue, with made-up data, and some for what it lacks.

Source of ids, names, variables and no-data values: the wire contract, section 4.2. Datasets called "Sandbox …" exist
nowhere else.
"""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from swath_cecil.sandbox.access import not_found

__all__ = ["DATASETS", "Dataset", "Publications", "Variable"]

_QUARTERS = tuple(dt.datetime(year, month, 21, tzinfo=dt.UTC) for year in range(2021, 2027) for month in (3, 6, 9, 12))


@frozen(kw_only=True)
class Variable:
    """One variable of a raster dataset, or one column of a table."""

    name: str
    dtype: str
    nodata: float | None = None
    """In the storage's type; NaN for floating point that says so in its file."""
    units: str | None = None
    scale: float | None = None
    offset: float | None = None
    file: str = ""
    """Base name of the GeoTIFF that holds it; those of one file are its bands, in their order."""
    classes: tuple[tuple[int, str], ...] = ()
    text: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give it as the service does: `no_data` is a text, and always there."""
        told: dict[str, Any] = {
            "name": self.name,
            "type": self.dtype,
            "no_data": None if self.nodata is None else f"{self.nodata:g}",
            "units": self.units,
            "description": [self.text] if self.text else [],
            "usage_notes": [],
            "reference_table": [{"value": value, "label": label} for value, label in self.classes],
        }
        if self.scale is not None:
            told |= {"scale": self.scale, "offset": self.offset}
        return told


@frozen(kw_only=True)
class Dataset:
    """One dataset."""

    id: str
    name: str
    provider: str
    kind: str
    """How its data come: ``tiff``, ``zarr``, ``ibat``, ``self-hosted``."""
    category: str
    text: str
    crs: str = "EPSG:4326"
    variables: tuple[Variable, ...] = field(repr=False)
    resolution_m: float | None = None
    edge: float | None = None
    """Edge of a pixel in the units of its reference system; None: as `resolution_m` is on the equator."""
    times: tuple[dt.datetime, ...] = field(default=(), repr=False)
    """Its time steps; none where it has no time."""
    coverage: str = "Current"
    every: str | None = None
    version: str
    date: str
    publication: str
    licence: str = "Open"
    constraints: dict[str, Any] = field(factory=dict, repr=False)
    price: float = 0.0
    """Made up: US dollars a hectare."""

    @property
    def is_raster(self) -> bool:
        """Whether it is pixels, and not rows."""
        return self.kind in {"tiff", "zarr"}

    @property
    def slug(self) -> str:
        """Its name, as it is in keys."""
        return "-".join(self.name.lower().split())

    def files(self) -> dict[str, tuple[Variable, ...]]:
        """Give the variables of each GeoTIFF, by its base name."""
        found: dict[str, tuple[Variable, ...]] = {}
        for one in self.variables:
            found[one.file] = (*found.get(one.file, ()), one)
        return found

    def as_json(self) -> dict[str, Any]:
        """Give it as the service does; the flat fields of 0.1.9 stand beside those of 0.1.20."""
        edge = self.resolution_m
        tiers = [
            {
                "volume": {"nominal": "Up to 10,000 ha"},
                "price": {"amount": self.price, "nominal": f"${self.price:g}/ha"},
            },
            {
                "volume": {"nominal": "Above 10,000 ha"},
                "price": {"amount": self.price / 2, "nominal": f"${self.price / 2:g}/ha"},
            },
        ]
        return {
            "id": self.id,
            "name": self.name,
            "type": "Raster" if self.is_raster else "Vector",
            "crs": self.crs,
            "description": [self.text, "The sandbox makes these data up."],
            "usage_notes": ["Values outside the area of interest are no data."] if self.is_raster else [],
            "categories": [self.category],
            "licence": {"type": self.licence},
            "version": {"number": self.version, "date": self.date},
            "spatial_coverage": {"nominal": "Global"},
            "spatial_resolution": {
                "nominal": None if edge is None else f"{edge:g} m", "units": None if edge is None else "m",
                "x": edge, "y": edge,
            },
            "temporal_coverage": {"nominal": self.coverage},
            "temporal_resolution": {"nominal": self.every},
            "constraints": {"organisation_verified_only": False, **self.constraints},
            "variables": [one.as_json() for one in self.variables],
            "pricing": {
                "description": [f"${self.price:g} per hectare"] if self.price else ["No acquisition cost"],
                "tiers": tiers if self.price else None,
            },
            "resources": [{"type": "Licence", "title": f"Licence of {self.name}", "href": "https://example.org/licence"}],
            "providers": [{"name": self.provider}],
            "provider_name": self.provider,
            "category": self.category,
            "version_number": self.version,
            "version_date": self.date,
        }  # fmt: skip


class Publications:
    """The newest publication of every dataset, which a control route can move on."""

    def __init__(self) -> None:
        self._newest = {one.id: one.publication for one in DATASETS.values()}
        self._lock = threading.Lock()

    def newest(self, dataset: str) -> str:
        """Give that of a dataset, by its id."""
        with self._lock:
            return self._newest[dataset]

    def publish(self, dataset: str, publication: str) -> None:
        """Make a publication the newest.

        Raises:
            Refusal: 404 for a dataset that does not exist.
        """
        with self._lock:
            if dataset not in self._newest:
                raise not_found("Dataset", dataset)
            self._newest[dataset] = publication


def _years(first: int, last: int) -> tuple[dt.datetime, ...]:
    return tuple(dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in range(first, last + 1))


def _forest() -> tuple[Variable, ...]:
    """Give the variables of both forest carbon datasets."""
    carbon, height = "aboveground_live_carbon_density", "canopy_height"
    dense = [
        Variable(name=f"{carbon}{part}", dtype="int16", nodata=32767, units="Mg C/ha", file=f"{carbon}{part}.tif")
        for part in ("", "_lower_bound", "_upper_bound")
    ]
    high = [
        Variable(name=f"{height}{part}", dtype="uint8", nodata=255, units="m", scale=0.5, offset=1.0, file=file)
        for part, file in (("", "canopy.tif"), ("_lower_bound", "bounds.tif"), ("_upper_bound", "bounds.tif"))
    ]
    return (*dense, Variable(name="canopy_cover", dtype="uint8", nodata=255, units="%", file="canopy.tif"), *high)


def _byte(name: str, *, units: str | None = None, text: str = "") -> Variable:
    return Variable(name=name, dtype="uint8", nodata=255, units=units, file=f"{name}.tif", text=text)


def _made_up(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.sandbox.cecil"))


def _columns(*pairs: str) -> tuple[Variable, ...]:
    return tuple(
        Variable(name=name, dtype=kind) for name, _, kind in (pair.partition(":") for pair in pairs)
    )  # fmt: skip


_CLASSES = (
    (1, "Water"), (2, "Trees"), (4, "Flooded vegetation"), (5, "Crops"), (7, "Built area"), (8, "Bare ground"),
    (9, "Snow or ice"), (10, "Clouds"), (11, "Rangeland"),
)  # fmt: skip
_TAXON = _columns(
    "taxon_id:int64", "kingdom_name:string", "phylum_name:string", "class_name:string", "order_name:string",
    "family_name:string", "genus_name:string", "scientific_name:string", "common_name:string", "category:string",
)  # fmt: skip
_OURS = "Sandbox"


def _all() -> Sequence[Dataset]:
    return (
        Dataset(
            id="4d8bd6ba-b751-4c46-8e70-5000e6d8b212", name="Forest Carbon Monitoring", provider="Planet", kind="tiff",
            category="Forest Carbon", text="Carbon in living trees, height and cover of the canopy, every quarter.",
            variables=_forest(), resolution_m=3.5, times=_QUARTERS, coverage="2021+",
            every="Quarterly", version="1.0", date="2025-03", publication="2025-03", licence="Commercial", price=0.12,
            constraints={
                "aoi_min_hectares": 1.0, "aoi_max_hectares": 100_000.0, "aoi_max_vertices": 1500,
                "aoi_geometry_types": ["Polygon", "MultiPolygon"],
            },
        ),
        Dataset(
            id="53738a57-a889-43c9-8f7a-7cb306831700", name="Forest Carbon Diligence", provider="Planet", kind="tiff",
            category="Forest Carbon", text="Carbon in living trees, height and cover of the canopy, every year.",
            variables=_forest(), resolution_m=30.0, times=_years(2013, 2025), coverage="2013+",
            every="Annual", version="1.3.0", date="2025-06", publication="1.3.0", licence="Commercial", price=0.02,
            constraints={"aoi_max_hectares": 1_000_000.0, "aoi_min_latitude": -60.0, "aoi_max_latitude": 75.0},
        ),
        Dataset(
            id="9659ec1d-7091-4f8b-9db5-e9fe07d2f508", name="Hansen Global Forest Change", provider="UMD", kind="tiff",
            category="Deforestation", text="Tree cover, gain and loss year.",
            variables=(
                _byte("tree_cover", units="%"), _byte("forest_gain"),
                _byte("loss_year", text="Year of loss after 2000; 0 is none."), _byte("data_mask"),
            ),
            resolution_m=30.0, coverage="2000+", every="Annual", version="1.12", date="2024-12", publication="1.12",
        ),
        Dataset(
            id="a4bb9aea-b6df-4d19-9083-38357f8fa76c", name="Land Cover 9-Class", provider="Impact Observatory",
            kind="tiff", category="Land Cover", text="What covers the ground, in nine classes.", crs="EPSG:3857",
            variables=(
                Variable(
                    name="land_cover_class", dtype="uint8", nodata=255, file="land_cover_class.tif", classes=_CLASSES
                ),
            ),
            resolution_m=10.0, times=_years(2017, 2024), coverage="2017-2024", every="Annual", version="2.0",
            date="2025-01", publication="2.0", constraints={"aoi_min_latitude": -60.0, "aoi_max_latitude": 80.0},
        ),
        Dataset(
            id=_made_up("soil"), name="Sandbox Soil Moisture", provider=_OURS, kind="tiff", category="Soil",
            text="Water in the soil, without a declared no-data value; for verified organisations.",
            variables=(Variable(name="soil_moisture", dtype="float32", units="m3/m3", file="soil_moisture.tif"),),
            resolution_m=100.0, times=tuple(dt.datetime(2026, 1, day, 12, 30, tzinfo=dt.UTC) for day in (1, 11, 21)),
            coverage="2026+", every="Daily", version="1", date="2026-01", publication="2026-01", price=0.001,
            constraints={"organisation_verified_only": True},
        ),
        Dataset(
            id=_made_up("relief"), name="Sandbox Relief", provider=_OURS, kind="tiff", category="Terrain",
            text="Slope classes as integers of which none is no data.",
            variables=(Variable(name="slope_class", dtype="uint8", file="slope_class.tif"),),
            resolution_m=30.0, version="1", date="2026-01", publication="1",
        ),
        Dataset(
            id=_made_up("intactness"), name="Sandbox Biodiversity Intactness", provider=_OURS, kind="zarr",
            category="Biodiversity", text="How intact life is, every five years; one Zarr store for the whole world.",
            variables=(
                Variable(name="abundance", dtype="uint8", nodata=255, units="%"),
                Variable(name="intactness", dtype="float32", nodata=float("nan")),
            ),
            resolution_m=556.0, edge=0.005,
            times=tuple(dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (2015, 2020)),
            coverage="2015-2020", every=None, version="2.1", date="2025-11", publication="2.1",
        ),
        Dataset(
            id=_made_up("integrity"), name="Sandbox Landscape Integrity", provider=_OURS, kind="zarr",
            category="Biodiversity", text="Integrity of landscapes; one Zarr store in web Mercator.", crs="EPSG:3857",
            variables=(
                Variable(name="integrity", dtype="int16", nodata=-9999, scale=0.001, offset=0.0),
            ),
            resolution_m=500.0, edge=500.0, version="1", date="2025-05", publication="1",
        ),
        Dataset(
            id="f30f2125-c472-43c7-85c8-52f0d4b1d160", name="IUCN Red List of Threatened Species", provider="IBAT",
            kind="ibat", category="Biodiversity", text="Species that may live in the area; no ranges.",
            variables=_TAXON, version="2025-1", date="2025-03", publication="2025-1", licence="Commercial", price=0.05,
        ),
        Dataset(
            id=_made_up("protected"), name="Sandbox Protected Areas", provider=_OURS, kind="ibat",
            category="Protected Areas", text="Protected areas that touch the area, with outlines.",
            variables=_columns("site_id:int64", "name:string", "geojson:string", "timestamp:timestamp"),
            version="1", date="2026-01", publication="1",
        ),
        Dataset(
            id=_made_up("parcels"), name="Sandbox Parcels", provider=_OURS, kind="self-hosted", category="Land Use",
            text="Parcels of land around the area, hosted as GeoParquet.",
            variables=_columns("parcel_id:int64", "use:string", "share:float64", "surveyed:timestamp"),
            version="1", date="2026-01", publication="1", crs="EPSG:4326",
        ),
    )  # fmt: skip


DATASETS: dict[str, Dataset] = {one.id: one for one in _all()}
"""All datasets, by id."""

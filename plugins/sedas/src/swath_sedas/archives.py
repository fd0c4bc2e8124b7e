# SPDX-License-Identifier: Apache-2.0
"""Names the bands inside a downloaded product, by the names of its members; nothing is unpacked.

Source: the product formats of Sentinel-1, Sentinel-2 and NovaSAR-1, read 2026-11. Wavelengths are those of Sentinel-2A.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from attrs import frozen

from swath import stac
from swath.errors import NotTheProduct
from swath.models import ItemDict
from swath_sedas.names import NOVASAR_1, SENTINEL_1, SENTINEL_2, ProductName, parse_name

__all__ = ["members_of"]


@frozen
class _Band:
    """One band of Sentinel-2's camera."""

    common_name: str | None
    center_um: float
    width_um: float
    gsd: int
    """Metres, as the camera takes it."""


_BANDS: Mapping[str, _Band] = {
    "B01": _Band("coastal", 0.443, 0.027, 60),
    "B02": _Band("blue", 0.490, 0.098, 10),
    "B03": _Band("green", 0.560, 0.045, 10),
    "B04": _Band("red", 0.665, 0.038, 10),
    "B05": _Band("rededge071", 0.704, 0.019, 20),
    "B06": _Band("rededge075", 0.741, 0.018, 20),
    "B07": _Band("rededge078", 0.783, 0.028, 20),
    "B08": _Band("nir", 0.842, 0.145, 10),
    "B8A": _Band("nir08", 0.865, 0.033, 20),
    "B09": _Band("nir09", 0.945, 0.026, 60),
    "B10": _Band("cirrus", 1.375, 0.075, 60),
    "B11": _Band("swir16", 1.610, 0.143, 20),
    "B12": _Band("swir22", 2.190, 0.242, 20),
}
_MAPS = {
    "SCL": ("Scene classification", "uint8"),
    "AOT": ("Aerosol optical thickness", "uint16"),
    "WVP": ("Water vapour", "uint16"),
}
"""What level 2A holds beside reflectance. Thickness and vapour are in thousandths, of one and of a centimetre."""

_SCENE_CLASSES = (
    "no_data",
    "saturated_or_defective",
    "cast_shadow",
    "cloud_shadow",
    "vegetation",
    "not_vegetated",
    "water",
    "unclassified",
    "cloud_medium_probability",
    "cloud_high_probability",
    "thin_cirrus",
    "snow_or_ice",
)
"""What the values of ``SCL`` mean, from 0."""

_S2_IMAGE = re.compile(r".*/IMG_DATA/(?:R\d+m/)?(?:[^/]*_)?(B\d[0-9A]|TCI|SCL|AOT|WVP)(?:_(\d+)m)?\.jp2", re.IGNORECASE)
_S1_IMAGE = re.compile(r".*/measurement/s1[a-d]-([a-z0-9]+)-([a-z0-9]+)-(hh|hv|vv|vh)-[^/]*\.tiff?", re.IGNORECASE)
_TIFF = re.compile(r".*\.tiff?", re.IGNORECASE)
_QUICKLOOK = re.compile(r"quick.?look|(?:^|[_-])ql(?:[_.-]|$)|thumb|preview|browse", re.IGNORECASE)
_POLARIZATION = re.compile(r"(?<![A-Z])(HH|HV|VV|VH)(?![A-Z])", re.IGNORECASE)

_QUANTIFICATION = 1e-4
_OFFSET = -0.1
"""Reflectance is (DN - 1000) / 10000 from processing baseline 04.00 on, for levels 1C and 2A alike; DN 0 stays no data.

Source: Sentinel-2 Products Specification Document, ``RADIO_ADD_OFFSET`` and ``BOA_ADD_OFFSET``, valid from 2022-01-25
and in all products reprocessed since, whatever the day they were taken.
"""


def members_of(item: ItemDict, path: str) -> list[tuple[str, ItemDict]] | None:
    """Name the bands inside an archive.

    Args:
        item: The STAC Item it belongs to.
        path: Local path of the archive.

    Returns:
        Asset key and STAC asset of each image, addressed as ``/vsizip/<path>/<member>``; empty for products without
        images (Sentinel-1 RAW and OCN), None for a file that is no zip archive of a known mission.

    Raises:
        NotTheProduct: The archive cannot be read.
    """
    name = parse_name(str(item.get("id", "")))
    if name is None or not path.lower().endswith(".zip"):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [one.filename for one in archive.infolist() if not one.is_dir()]
    except (zipfile.BadZipFile, OSError) as err:
        raise NotTheProduct(
            f"{path} cannot be read as a zip archive: {err}",
            provider="sedas",
            hint="delete it and run the same download again",
        ) from err
    made = {SENTINEL_1: _sentinel_1, SENTINEL_2: _sentinel_2, NOVASAR_1: _novasar}[name.mission](name, inside)
    return [(key, {"href": f"/vsizip/{path}/{asset.pop('href')}", **asset}) for key, asset in made]


def _sentinel_2(name: ProductName, inside: Iterable[str]) -> Iterator[tuple[str, ItemDict]]:
    """Name the finest image of each band; level 2A holds coarser copies too, which are left out."""
    finest: dict[str, tuple[int, str]] = {}
    for member in inside:
        found = _S2_IMAGE.fullmatch(member)
        if found is None:
            continue
        band = found[1].upper()
        metres = int(found[2]) if found[2] else _BANDS[band].gsd if band in _BANDS else 10
        if band not in finest or metres < finest[band][0]:
            finest[band] = metres, member
    offset = _OFFSET if (name.baseline or "00.00") >= "04.00" else 0.0
    code = {stac.PROJ_CODE: f"EPSG:{name.epsg}"} if name.epsg else {}
    for band, (metres, member) in sorted(finest.items()):
        fields = {stac.GSD: metres, **code}
        if band == "TCI":
            yield (
                band,
                _image(
                    member, stac.JP2, [stac.ROLE_VISUAL], title="True colour image", fields=fields, bands=_true_colour()
                ),
            )
        elif band in _MAPS:
            title, data_type = _MAPS[band]
            fields |= {stac.DATA_TYPE: data_type, stac.NODATA: 0}
            if band == "SCL":
                fields[stac.CLASSES] = [{"value": at, "name": one} for at, one in enumerate(_SCENE_CLASSES)]
            else:
                fields[stac.SCALE] = 0.001
            made = [stac.band(band.lower(), description=title)]
            yield band, _image(member, stac.JP2, [stac.ROLE_DATA], title=title, fields=fields, bands=made)
        elif band in _BANDS:
            fields |= {stac.DATA_TYPE: "uint16", stac.NODATA: 0, stac.SCALE: _QUANTIFICATION, stac.OFFSET: offset}
            about = _BANDS[band]
            made = [
                stac.band(
                    band,
                    common_name=about.common_name,
                    center_wavelength=about.center_um,
                    full_width_half_max=about.width_um,
                )
            ]
            roles = [stac.ROLE_DATA, "reflectance"]
            yield band, _image(member, stac.JP2, roles, title=f"Band {band[1:].lstrip('0')}", fields=fields, bands=made)


def _true_colour() -> list[ItemDict]:
    return [stac.band(f"TCI_{common}", common_name=common) for common in ("red", "green", "blue")]


def _sentinel_1(name: ProductName, inside: Iterable[str]) -> Iterator[tuple[str, ItemDict]]:
    """Name one image a polarisation, and for complex products one a sub-swath and polarisation."""
    if name.product_type not in {"GRD", "SLC"}:
        return
    complex_data = name.product_type == "SLC"
    found = sorted((one for member in inside if (one := _S1_IMAGE.fullmatch(member))), key=lambda one: one[0])
    taken: set[str] = set()
    for one in found:
        swath, polarization = one[1].lower(), one[3].lower()
        # A ground range image merges all sub-swaths and carries the mode ("iw") in their place.
        key = f"{swath}-{polarization}" if complex_data else polarization
        if key in taken:
            # Wave mode holds many small images of the same swath: their number tells them apart.
            key = f"{key}-{PurePosixPath(one[0]).stem.rsplit('-', 1)[-1]}"
        taken.add(key)
        fields: ItemDict = {
            stac.DATA_TYPE: "cint16" if complex_data else "uint16",
            stac.NODATA: 0,
            stac.SAR_POLARIZATIONS: [polarization.upper()],
        }
        title = f"{polarization.upper()} {'complex values' if complex_data else 'amplitude'}"
        yield key, _image(one[0], stac.GEOTIFF, [stac.ROLE_DATA], title=title, fields=fields, bands=[stac.band(key)])


def _novasar(name: ProductName, inside: Iterable[str]) -> Iterator[tuple[str, ItemDict]]:
    """Name one image a polarisation; the low-resolution quick-look is a GeoTIFF too."""
    taken: set[str] = set()
    for member in sorted(one for one in inside if _TIFF.fullmatch(one)):
        stem = PurePosixPath(member).stem
        quicklook = bool(_QUICKLOOK.search(stem))
        polarization = _POLARIZATION.search(stem)
        base = "quicklook" if quicklook else polarization[1].lower() if polarization else stem.lower()
        key = base if base not in taken else f"{base}-{stem.lower()}"
        taken.add(key)
        if quicklook:
            yield key, _image(member, stac.GEOTIFF, [stac.ROLE_OVERVIEW], title="Quicklook", fields={}, bands=[])
            continue
        fields: ItemDict = {stac.NODATA: 0}
        if name.product_type != "SLC":
            fields[stac.DATA_TYPE] = "uint16"
        if polarization:
            fields[stac.SAR_POLARIZATIONS] = [polarization[1].upper()]
        yield (
            key,
            _image(
                member, stac.GEOTIFF, [stac.ROLE_DATA], title=f"Image {stem}", fields=fields, bands=[stac.band(key)]
            ),
        )


def _image(
    member: str, media_type: str, roles: list[str], *, title: str, fields: ItemDict, bands: list[ItemDict]
) -> ItemDict:
    return stac.asset(member, media_type=media_type, roles=roles, title=title, bands=bands, fields=fields)

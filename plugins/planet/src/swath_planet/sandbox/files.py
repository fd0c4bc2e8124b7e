# SPDX-License-Identifier: Apache-2.0
"""The bytes of assets, made when first asked for and the same ever after."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from xml.sax.saxutils import escape

from attrs import field, frozen

from swath_planet.sandbox.holdings import Item
from swath_planet.sandbox.products import COEFFICIENTS, Content, file_name, product_of

__all__ = ["Cache", "Made", "asset_bytes", "text_bytes", "zipped"]

_MOST_BYTES = 256 << 20
_ZIP_TIME = (2024, 1, 1, 0, 0, 0)


@frozen(kw_only=True)
class Made:
    """A file."""

    data: bytes = field(repr=False)
    md5: str
    sha256: str


class Cache:
    """Keeps what was made last, up to some size. One file is made once, also when asked for by many at once."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, ...], Made] = OrderedDict()
        self._making: dict[tuple[str, ...], threading.Lock] = {}
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[str, ...], make: Callable[[], bytes]) -> Made:
        """Give the file of that key, made by `make` if it is not here."""
        with self._lock:
            gate = self._making.setdefault(key, threading.Lock())
        with gate:
            with self._lock:
                found = self._made.get(key)
                if found is not None:
                    self._made.move_to_end(key)
                    return found
            data = make()
            made = Made(
                data=data,
                md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
                sha256=hashlib.sha256(data).hexdigest(),
            )
            with self._lock:
                self._made[key] = made
                self._size += len(data)
                while self._size > _MOST_BYTES and len(self._made) > 1:
                    _, dropped = self._made.popitem(last=False)
                    self._size -= len(dropped.data)
                self._making.pop(key, None)
            return made


def asset_bytes(item: Item, asset_type: str, *, pixels: int) -> bytes:
    """Make the file of an asset as the Data API serves it."""
    from swath_planet.sandbox.pixels import Picture

    product = product_of(item.item_type, asset_type)
    if product.content in {Content.XML, Content.RPC}:
        return text_bytes(item, asset_type)
    if product.content is Content.RAW:
        return _raw(item, asset_type, product.media_type)
    if product.content is Content.FRAMES:
        inner = product_of("SkySatScene", "basic_panchromatic_dn")
        frame = Picture.of(item, inner, pixels=min(pixels, 128)).encoded()
        return zipped({f"{item.id}_frame_0001.tif": frame})
    return Picture.of(item, product, pixels=pixels).encoded()


def _raw(item: Item, asset_type: str, media_type: str) -> bytes:
    """Make a file that begins as its kind does and holds nothing that can be read further."""
    if media_type == "application/json":
        return json.dumps({"id": item.id, "acquired": item.properties["acquired"]}).encode()
    head = b"\x89HDF\r\n\x1a\n" if media_type == "application/x-hdf5" else b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"
    return head + hashlib.sha256(f"{item.id} {asset_type}".encode()).digest() * 256


def text_bytes(item: Item, asset_type: str) -> bytes:
    """Make the file of an asset that is text."""
    product = product_of(item.item_type, asset_type)
    return _rpc(item) if product.content is Content.RPC else _xml(item, asset_type, product.bands)


def zipped(members: dict[str, bytes]) -> bytes:
    """Pack files; equal members give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_TIME), data)
    return buffer.getvalue()


def _xml(item: Item, asset_type: str, bands: tuple[str, ...]) -> bytes:
    scene, told = item.scene, item.properties
    per_band = "\n".join(
        f"""      <ps:bandSpecificMetadata>
        <ps:bandNumber>{number}</ps:bandNumber>
        <ps:radiometricScaleFactor>0.01</ps:radiometricScaleFactor>
        <ps:reflectanceCoefficient>{COEFFICIENTS[name]:.6e}</ps:reflectanceCoefficient>
      </ps:bandSpecificMetadata>"""
        for number, name in enumerate(bands, start=1)
    )
    name = file_name(item.item_type, item.id, asset_type)
    positions = " ".join(f"{lat:.6f} {lon:.6f}" for lon, lat in scene.outline)
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<ps:EarthObservation xmlns:gml="http://www.opengis.net/gml" xmlns:eop="http://earth.esa.int/eop"
    xmlns:opt="http://earth.esa.int/opt"
    xmlns:ps="http://schemas.planet.com/ps/v1/planet_product_metadata_geocorrected_level">
  <gml:metaDataProperty>
    <ps:EarthObservationMetaData>
      <eop:identifier>{escape(item.id)}</eop:identifier>
      <eop:acquisitionType>NOMINAL</eop:acquisitionType>
      <eop:productType>{escape(asset_type)}</eop:productType>
    </ps:EarthObservationMetaData>
  </gml:metaDataProperty>
  <gml:validTime>
    <gml:TimePeriod>
      <gml:beginPosition>{told["acquired"]}</gml:beginPosition>
      <gml:endPosition>{told["acquired"]}</gml:endPosition>
    </gml:TimePeriod>
  </gml:validTime>
  <gml:using>
    <eop:EarthObservationEquipment>
      <eop:platform>
        <eop:Platform><eop:serialIdentifier>{told["satellite_id"]}</eop:serialIdentifier></eop:Platform>
      </eop:platform>
      <eop:acquisitionParameters>
        <ps:Acquisition>
          <opt:illuminationAzimuthAngle uom="deg">{scene.sun_azimuth}</opt:illuminationAzimuthAngle>
          <opt:illuminationElevationAngle uom="deg">{scene.sun_elevation}</opt:illuminationElevationAngle>
          <ps:spaceCraftViewAngle uom="deg">{told["view_angle"]}</ps:spaceCraftViewAngle>
        </ps:Acquisition>
      </eop:acquisitionParameters>
    </eop:EarthObservationEquipment>
  </gml:using>
  <gml:target><ps:Footprint><gml:posList>{positions}</gml:posList></ps:Footprint></gml:target>
  <gml:resultOf>
    <ps:EarthObservationResult>
      <eop:product>
        <ps:ProductInformation><eop:fileName>{escape(name)}</eop:fileName></ps:ProductInformation>
      </eop:product>
      <opt:cloudCoverPercentage uom="percentage">{round(scene.cloud_cover)}</opt:cloudCoverPercentage>
{per_band}
    </ps:EarthObservationResult>
  </gml:resultOf>
</ps:EarthObservation>
"""
    return text.encode()


def _rpc(item: Item) -> bytes:
    lon, lat = item.scene.centre
    head = {
        "LINE_OFF": "128.0 pixels", "SAMP_OFF": "128.0 pixels", "LAT_OFF": f"{lat:+.8f} degrees",
        "LONG_OFF": f"{lon:+.8f} degrees", "HEIGHT_OFF": "+0100.000 meters", "LINE_SCALE": "128.0 pixels",
        "SAMP_SCALE": "128.0 pixels", "LAT_SCALE": "+0.10000000 degrees", "LONG_SCALE": "+0.20000000 degrees",
        "HEIGHT_SCALE": "+0500.000 meters",
    }  # fmt: skip
    # A plain frame: line falls with latitude, sample grows with longitude.
    leading = {"LINE_NUM": (2, -1.0), "LINE_DEN": (0, 1.0), "SAMP_NUM": (1, 1.0), "SAMP_DEN": (0, 1.0)}
    lines = [f"{name}: {value}" for name, value in head.items()]
    for name, (place, value) in leading.items():
        lines += [f"{name}_COEFF_{n + 1}: {value if n == place else 0.0:+.15e}" for n in range(20)]
    return ("\n".join(lines) + "\n").encode()

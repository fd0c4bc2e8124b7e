# SPDX-License-Identifier: Apache-2.0
"""What is inside Sentinel-1 and NovaSAR-1 products: GeoTIFFs placed by ground control points, and their annotation."""

from __future__ import annotations

import math

import numpy as np

from swath.sandbox.scenes import Strip, png, quicklook_png, sar_tiff
from swath_sedas.sandbox.products import Product, stamp
from swath_sedas.sandbox.safe import xml

__all__ = ["novasar_files", "picture", "sentinel1_files", "strip_of"]

_MOST_PIXELS = 192
_SUB_SWATHS = ("iw1", "iw2", "iw3")
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_XSD = b'<?xml version="1.0"?>\n<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>\n'


def strip_of(product: Product, most_pixels: int) -> Strip:
    """Give the raster of a whole product, as wide as allowed, its pixels about square."""
    a, b, _, d = product.frame.corners
    shrink = math.cos(math.radians(a[1]))
    across = math.hypot((b[0] - a[0]) * shrink, b[1] - a[1])
    along = math.hypot((d[0] - a[0]) * shrink, d[1] - a[1])
    most = max(3, min(most_pixels, _MOST_PIXELS))
    scale = most / max(across, along)
    return Strip(
        corners=product.frame.corners, width=max(3, round(across * scale)), height=max(3, round(along * scale))
    )


def picture(product: Product, most_pixels: int) -> bytes:
    """Give a grey PNG of a product, in the geometry of the pass."""
    return quicklook_png(
        strip_of(product, most_pixels),
        seed=_seed(product),
        when=product.start.date(),
        polarisation=product.polarisations[0],
    )


def sentinel1_files(product: Product, most_pixels: int) -> dict[str, bytes]:
    """Give a product's files by path inside its SAFE folder, without the manifest."""
    files: dict[str, bytes] = {}
    whole = strip_of(product, most_pixels)
    number = 0
    for channel in product.polarisations:
        for index, swath in enumerate(_SUB_SWATHS if product.kind == "SLC" else ("iw",)):
            number += 1
            stem = (
                f"{product.satellite.unit.lower()}-{swath}-{product.kind.lower()}-{channel.lower()}"
                f"-{product.start:%Y%m%dt%H%M%S}-{product.stop:%Y%m%dt%H%M%S}"
                f"-{product.orbit:06d}-{product.data_take:06x}-{number:03d}"
            )
            strip = whole.part(index / 3, (index + 1) / 3) if product.kind == "SLC" else whole
            files[f"measurement/{stem}.tiff"] = sar_tiff(
                strip,
                seed=_seed(product) + index,
                gcps=True,
                polarisation=channel,
                dtype="complex_int16" if product.kind == "SLC" else "uint16",
                when=product.start.date(),
            )
            files |= {
                f"annotation/{stem}.xml": _annotation(product, strip, swath, channel),
                f"annotation/calibration/calibration-{stem}.xml": xml("calibration", _header(product, swath, channel)),
                f"annotation/calibration/noise-{stem}.xml": xml("noise", _header(product, swath, channel)),
            }
    corners = product.frame.corners
    return files | {
        "preview/quick-look.png": picture(product, most_pixels),
        "preview/map-overlay.kml": xml(
            "kml",
            {
                "Document": {
                    "name": "Sentinel-1 Map Overlay",
                    "Folder": {
                        "GroundOverlay": {
                            "gx:LatLonQuad": {
                                "coordinates": " ".join(f"{lon:.6f},{lat:.6f}" for lon, lat in reversed(corners))
                            }
                        }
                    },
                }
            },
            "http://www.opengis.net/kml/2.2",
        ).replace(b"<kml ", b'<kml xmlns:gx="http://www.google.com/kml/ext/2.2" '),
        "preview/product-preview.html": f"<!DOCTYPE html><title>{product.supplier_id}</title>\n".encode(),
        "preview/icons/logo.png": png(np.full((3, 8, 8), 64, np.uint8)),
        "support/s1-level-1-product.xsd": _XSD,
        "support/s1-level-1-calibration.xsd": _XSD,
        f"{product.supplier_id}-report.pdf": _PDF,
    }


def novasar_files(product: Product, most_pixels: int) -> dict[str, bytes]:
    """Give a NovaSAR-1 product's files by path inside its folder."""
    whole = strip_of(product, most_pixels)
    files = {
        f"image_{channel}.tif": sar_tiff(
            whole,
            seed=_seed(product),
            gcps=True,
            polarisation=channel,
            dtype="complex_int16" if product.kind == "SLC" else "uint16",
            when=product.start.date(),
        )
        for channel in product.polarisations
    }
    coarse = strip_of(product, max(8, min(most_pixels, _MOST_PIXELS) // 4))
    files["QL_image.tif"] = sar_tiff(
        coarse,
        seed=_seed(product),
        gcps=True,
        polarisation=product.polarisations[0],
        dtype="uint8",
        when=product.start.date(),
    )
    files["metadata.xml"] = xml(
        "metadata",
        {
            "Source_Attributes": {
                "Satellite": product.satellite.name,
                "Sensor": "S-SAR",
                "RawDataStartTime": stamp(product.start),
                "Polarizations": " ".join(product.polarisations),
                "CentreFrequency": 3.2e9,
            },
            "OrbitData": {"AbsoluteOrbit": product.orbit, "PassDirection": _direction(product)},
            "Image_Attributes": {
                "ProductType": product.kind,
                "NumberOfLinesInImage": whole.height,
                "NumberOfSamplesPerLine": whole.width,
                "SampledPixelSpacing": product.resolution,
            },
        },
    )
    return files


def _annotation(product: Product, strip: Strip, swath: str, channel: str) -> bytes:
    points = [
        {"line": 0, "pixel": 0, "latitude": lat, "longitude": lon, "height": 0.0, "incidenceAngle": angle}
        for (lon, lat), angle in zip(strip.corners, (30.8, 46.0, 46.0, 30.8), strict=True)
    ]
    for point, (line, pixel) in zip(
        points, ((0, 0), (0, strip.width), (strip.height, strip.width), (strip.height, 0)), strict=True
    ):
        point |= {"line": line, "pixel": pixel}
    return xml(
        "product",
        {
            **_header(product, swath, channel),
            "generalAnnotation": {
                "productInformation": {
                    "pass": _direction(product).title(),
                    "radarFrequency": 5.405000454334350e09,
                    "projection": "Slant Range" if product.kind == "SLC" else "Ground Range",
                    "rangeSamplingRate": 6.434523812571428e07,
                }
            },
            "imageAnnotation": {
                "imageInformation": {
                    "productFirstLineUtcTime": product.start.strftime("%Y-%m-%dT%H:%M:%S.%f"),
                    "productLastLineUtcTime": product.stop.strftime("%Y-%m-%dT%H:%M:%S.%f"),
                    "pixelValue": "Complex" if product.kind == "SLC" else "Detected",
                    "outputPixels": "16 bit Signed Integer" if product.kind == "SLC" else "16 bit Unsigned Integer",
                    "numberOfSamples": strip.width,
                    "numberOfLines": strip.height,
                }
            },
            "geolocationGrid": {"geolocationGridPointList": {"geolocationGridPoint": points}},
        },
    )


def _header(product: Product, swath: str, channel: str) -> dict[str, object]:
    return {
        "adsHeader": {
            "missionId": product.satellite.unit,
            "productType": product.kind,
            "polarisation": channel,
            "mode": "IW",
            "swath": swath.upper(),
            "startTime": product.start.strftime("%Y-%m-%dT%H:%M:%S.%f"),
            "stopTime": product.stop.strftime("%Y-%m-%dT%H:%M:%S.%f"),
            "absoluteOrbitNumber": product.orbit,
            "missionDataTakeId": product.data_take,
        }
    }


def _direction(product: Product) -> str:
    return "ASCENDING" if product.frame.ascending else "DESCENDING"


def _seed(product: Product) -> int:
    return product.seed % (1 << 31)

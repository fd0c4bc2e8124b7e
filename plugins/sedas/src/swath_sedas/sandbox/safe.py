# SPDX-License-Identifier: Apache-2.0
"""Product archives: a SAFE folder with its manifest, in a zip that is the same each time it is made."""

from __future__ import annotations

import hashlib
import io
import mimetypes
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath
from xml.sax.saxutils import escape, quoteattr

from swath_sedas.sandbox.products import Product, stamp

__all__ = ["archive", "safe_folder", "xml"]

_TIME = (2000, 1, 1, 0, 0, 0)
_STORED = {".jp2", ".png", ".pdf", ".tiff", ".tif"}
_NAMESPACES = (
    'xmlns:xfdu="urn:ccsds:schema:xfdu:1"'
    ' xmlns:safe="http://www.esa.int/safe/sentinel-1.0"'
    ' xmlns:gml="http://www.opengis.net/gml"'
    ' xmlns:s1sarl1="http://www.esa.int/safe/sentinel-1.0/sentinel-1/sar/level-1"'
    ' version="esa/safe/sentinel/1.1"'
)
_INSTRUMENTS = {"S1": "Synthetic Aperture Radar", "S2": "Multi-Spectral Instrument", "NovaSAR": "S-SAR"}
_FAMILIES = {"S1": "SENTINEL-1", "S2": "SENTINEL-2", "NovaSAR": "NovaSAR"}
_MEDIA = {".jp2": "application/octet-stream", ".tiff": "application/octet-stream", ".xsd": "text/xml"}


def archive(members: Mapping[str, bytes]) -> bytes:
    """Pack files into a zip: sorted, with one fixed time, pictures stored as they are and text deflated.

    Args:
        members: Content by path.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for path in sorted(members):
            entry = zipfile.ZipInfo(path, _TIME)
            entry.external_attr = 0o644 << 16
            # The system that made it is written into each entry: say Unix everywhere.
            entry.create_system = 3
            packed = zipfile.ZIP_STORED if PurePosixPath(path).suffix in _STORED else zipfile.ZIP_DEFLATED
            file.writestr(entry, members[path], compress_type=packed, compresslevel=6)
    return buffer.getvalue()


def safe_folder(product: Product, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Put a product's files into its SAFE folder and add the manifest that lists them.

    Args:
        product: Whose they are.
        files: Content by path inside the folder.
    """
    top = f"{product.supplier_id}.SAFE"
    return {f"{top}/{path}": content for path, content in {**files, "manifest.safe": _manifest(product, files)}.items()}


def xml(root: str, fields: Mapping[str, object], namespace: str = "") -> bytes:
    """Write a small XML document: elements by name, nested where a value is a mapping, repeated where it is a list.

    Args:
        root: Name of the root element, its prefix included.
        fields: Content, in order.
        namespace: URI of the root's prefix, or of the whole where it has none.
    """
    prefix = root.partition(":")[0] if ":" in root else ""
    declared = f" xmlns{':' if prefix else ''}{prefix}={quoteattr(namespace)}" if namespace else ""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<{root}{declared}>", *_elements(fields, 1), f"</{root}>", ""]
    return "\n".join(lines).encode()


def _elements(fields: Mapping[str, object], depth: int) -> list[str]:
    lines: list[str] = []
    for name, value in fields.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            if isinstance(one, Mapping):
                lines += [f"{'  ' * depth}<{name}>", *_elements(one, depth + 1), f"{'  ' * depth}</{name}>"]
            else:
                lines.append(f"{'  ' * depth}<{name}>{escape(str(one))}</{name}>")
    return lines


def _manifest(product: Product, files: Mapping[str, bytes]) -> bytes:
    objects, units = [], []
    for number, path in enumerate(sorted(files), start=1):
        content, suffix, marker = files[path], PurePosixPath(path).suffix, f"data{number:04d}"
        kind = _MEDIA.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        pointer = f'<dataObjectPointer dataObjectID="{marker}"/>'
        units.append(f'<xfdu:contentUnit unitType="Measurement Data Unit">{pointer}</xfdu:contentUnit>')
        objects += [
            f'<dataObject ID="{marker}">',
            f'<byteStream mimeType="{kind}" size="{len(content)}">',
            f'<fileLocation locatorType="URL" href={quoteattr("./" + path)}/>',
            f'<checksum checksumName="MD5">{digest}</checksum>',
            "</byteStream></dataObject>",
        ]
    package = quoteattr(product.supplier_id)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<xfdu:XFDU {_NAMESPACES}>",
        "<informationPackageMap>",
        f'<xfdu:contentUnit unitType="SAFE Archive Information Package" textInfo={package}>',
        *units,
        "</xfdu:contentUnit>",
        "</informationPackageMap>",
        "<metadataSection>",
        *(line for marker, content in _descriptions(product).items() for line in _described(marker, content)),
        "</metadataSection>",
        "<dataObjectSection>",
        *objects,
        "</dataObjectSection>",
        "</xfdu:XFDU>",
        "",
    ]
    return "\n".join(lines).encode()


def _descriptions(product: Product) -> dict[str, dict[str, object]]:
    """Give what a manifest says of the product, by id of the object."""
    ring = " ".join(f"{lat:.6f},{lon:.6f}" for lon, lat in product.frame.outline.exterior.coords)
    instrument: dict[str, object] = {"safe:familyName": _INSTRUMENTS[product.group], "safe:mode": product.mode}
    if product.polarisations:
        instrument["s1sarl1:transmitterReceiverPolarisation"] = list(product.polarisations)
    return {
        "acquisitionPeriod": {
            "safe:acquisitionPeriod": {"safe:startTime": stamp(product.start), "safe:stopTime": stamp(product.stop)}
        },
        "platform": {
            "safe:platform": {
                "safe:familyName": _FAMILIES[product.group],
                "safe:number": product.satellite.unit[-1],
                "safe:instrument": instrument,
            }
        },
        "measurementOrbitReference": {
            "safe:orbitReference": {
                "safe:orbitNumber": product.orbit,
                "safe:relativeOrbitNumber": product.relative,
                "safe:pass": "ASCENDING" if product.frame.ascending else "DESCENDING",
            }
        },
        "measurementFrameSet": {
            "safe:frameSet": {"safe:frame": {"safe:footPrint": {"gml:coordinates": ring}}},
        },
    }


def _described(marker: str, content: Mapping[str, object]) -> list[str]:
    return [
        f'<metadataObject ID="{marker}" classification="DESCRIPTION" category="DMD"><metadataWrap><xmlData>',
        *_elements(content, 1),
        "</xmlData></metadataWrap></metadataObject>",
    ]

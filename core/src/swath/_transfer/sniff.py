# SPDX-License-Identifier: Apache-2.0
"""Tells by its first bytes whether an answer is the product, or an error page in its place."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from swath._http.redact import redact_text
from swath.errors import NotTheProduct

__all__ = ["HEAD_BYTES", "SETTLED", "check_head", "check_whole", "expected_kinds", "kind_of"]

HEAD_BYTES: Final = 1024
"""How many first bytes are enough to tell."""
_LARGEST_MESSAGE: Final = 64 * 1024
"""Bytes above which a JSON or XML document is no mere message."""

_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08", "zip"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"PAR1", "parquet"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"CDF\x01", "netcdf"),
    (b"CDF\x02", "netcdf"),
    (b"CDF\x05", "netcdf"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"\x1f\x8b", "gzip"),
    (b"NITF", "nitf"),
    (b"NSIF", "nitf"),
    (b"%PDF-", "pdf"),
)

SETTLED: Final = frozenset(kind for _, kind in _MAGIC) - {"parquet", "zip"}
"""Kinds of which `check_whole` knows no more than the first bytes tell."""

_BY_MEDIA_TYPE: Final[dict[str, frozenset[str]]] = {
    "image/tiff": frozenset({"tiff"}),
    "image/geotiff": frozenset({"tiff"}),
    "image/x.geotiff": frozenset({"tiff"}),
    "image/vnd.stac.geotiff": frozenset({"tiff"}),
    "application/geotiff": frozenset({"tiff"}),
    "application/zip": frozenset({"zip"}),
    "application/x-zip-compressed": frozenset({"zip"}),
    "application/vnd.google-earth.kmz": frozenset({"zip"}),
    "application/json": frozenset({"json"}),
    "application/geo+json": frozenset({"json"}),
    "application/x-ndjson": frozenset({"json"}),
    "image/png": frozenset({"png"}),
    "image/jpeg": frozenset({"jpeg"}),
    "image/jpg": frozenset({"jpeg"}),
    "image/jp2": frozenset({"jp2"}),
    "image/jpx": frozenset({"jp2"}),
    "application/vnd.apache.parquet": frozenset({"parquet"}),
    "application/x-parquet": frozenset({"parquet"}),
    "application/x-hdf5": frozenset({"hdf5"}),
    "application/x-hdf": frozenset({"hdf5"}),
    "application/netcdf": frozenset({"netcdf", "hdf5"}),
    "application/x-netcdf": frozenset({"netcdf", "hdf5"}),
    "application/geopackage+sqlite3": frozenset({"sqlite"}),
    "application/gzip": frozenset({"gzip"}),
    "application/x-gzip": frozenset({"gzip"}),
    "application/vnd.nitf": frozenset({"nitf"}),
    "application/pdf": frozenset({"pdf"}),
    "application/xml": frozenset({"xml"}),
    "text/xml": frozenset({"xml"}),
    "application/gml+xml": frozenset({"xml"}),
    "application/vnd.google-earth.kml+xml": frozenset({"xml"}),
    "text/html": frozenset({"html", "xml"}),
}

_BY_SUFFIX: Final[dict[str, str]] = {
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".zip": "application/zip",
    ".kmz": "application/vnd.google-earth.kmz",
    ".json": "application/json",
    ".geojson": "application/json",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jp2": "image/jp2",
    ".j2k": "image/jp2",
    ".parquet": "application/vnd.apache.parquet",
    ".geoparquet": "application/vnd.apache.parquet",
    ".h5": "application/x-hdf5",
    ".hdf5": "application/x-hdf5",
    ".nc": "application/netcdf",
    ".gpkg": "application/geopackage+sqlite3",
    ".gz": "application/gzip",
    ".tgz": "application/gzip",
    ".ntf": "application/vnd.nitf",
    ".nitf": "application/vnd.nitf",
    ".pdf": "application/pdf",
    ".xml": "application/xml",
    ".kml": "application/xml",
    ".gml": "application/xml",
    ".html": "text/html",
    ".htm": "text/html",
}

_ERROR_KEYS: Final = frozenset(
    {
        "error", "errors", "error_description", "error_code", "errorcode", "message", "messages", "detail", "details",
        "status", "statuscode", "status_code", "code", "title", "type", "instance", "reason", "fault", "faults",
        "success", "timestamp", "path", "trace_id", "traceid", "request_id", "requestid", "general", "field",
    }
)  # fmt: skip
_TELLING_KEYS: Final = frozenset(
    {"error", "errors", "message", "messages", "detail", "details", "fault", "faults", "reason", "status"}
)
_XML_ERROR: Final = re.compile(
    rb"\A(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>)*"
    rb"<(?:[\w.-]+:)?(?:Error|Errors|ErrorResponse|ExceptionReport|ServiceExceptionReport|Fault|Exception)[\s/>]",
    re.DOTALL,
)


def kind_of(head: bytes) -> str | None:
    """Name what first bytes look like: ``"tiff"``, ``"zip"``, ``"json"``, ``"html"``, ``"xml"``, ...

    Args:
        head: The first bytes, `HEAD_BYTES` where there are as many.

    Returns:
        None for text and whatever else is not known.
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[512:520] == b"\x89HDF\r\n\x1a\n":  # after a user block, as MATLAB writes it
        return "hdf5"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in {b"{", b"["}:
        return "json"
    if re.match(rb"(?is)(?:<!--.*?-->|<\?xml.*?\?>|\s)*(?:<!doctype\s+html|<html\b|<head\b|<body\b)", text):
        return "html"
    return "xml" if re.match(rb"<[?!A-Za-z]", text) else None


def expected_kinds(media_type: str | None, name: str) -> frozenset[str]:
    """Name the kinds that a file may be; empty where neither media type nor suffix tell.

    Args:
        media_type: With or without parameters, as ``image/tiff; application=geotiff; profile=cloud-optimized``.
        name: File name, asked where the media type is absent or says nothing.
    """
    base = (media_type or "").partition(";")[0].strip().lower()
    if base not in _BY_MEDIA_TYPE and base.endswith(("+json", "+xml")):
        base = "application/json" if base.endswith("+json") else "application/xml"
    if base in {"", "application/octet-stream", "binary/octet-stream", "application/x-download"}:
        base = _BY_SUFFIX.get(Path(name.lower()).suffix, "")
    return _BY_MEDIA_TYPE.get(base, frozenset())


def check_head(head: bytes, *, media_type: str | None, name: str) -> str | None:
    """Refuse an answer whose first bytes are not the product's.

    Args:
        head: First bytes of the body.
        media_type: What the asset is announced as.
        name: File name.

    Returns:
        What they look like; see `kind_of`.

    Raises:
        NotTheProduct: Naming what came instead, with its first words where they can be read.
    """
    kind, expected = kind_of(head), expected_kinds(media_type, name)
    if expected and kind not in expected:
        wanted = " or ".join(sorted(expected))
        raise _not_the_product(name, f"{_called(kind, head)} instead of {wanted}", head)
    if not expected and kind == "html":
        raise _not_the_product(name, "an HTML page", head)
    return kind


def check_whole(path: Path, *, name: str) -> None:
    """Refuse a whole file that is a mere message, or whose end is not that of its format.

    For what no published checksum has proven.

    Args:
        path: Where the bytes are.
        name: Its file name.

    Raises:
        NotTheProduct: As `check_head`.
        OSError: It cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_LARGEST_MESSAGE)
        file.seek(max(0, size - 65_557))
        tail = file.read()
    kind = kind_of(head)
    if kind == "json" and size <= _LARGEST_MESSAGE and _is_json_error(head):
        raise _not_the_product(name, "a JSON error message", head)
    if kind == "xml" and _XML_ERROR.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise _not_the_product(name, "an XML error message", head)
    if kind == "parquet" and not (size >= 12 and tail.endswith((b"PAR1", b"PARE"))):
        raise NotTheProduct(f"{name!r} is Parquet without its end: it was cut short at {size} bytes")
    if kind == "zip" and b"PK\x05\x06" not in tail:
        raise NotTheProduct(f"{name!r} is a zip archive without its directory: it was cut short at {size} bytes")


def _is_json_error(text: bytes) -> bool:
    """Whether a JSON document is an object that holds nothing but words of failure."""
    try:
        body = json.loads(text)
    except ValueError:
        return False
    if not isinstance(body, dict):
        return False
    keys = {str(key).lower() for key in body}
    return bool(keys & _TELLING_KEYS) and keys <= _ERROR_KEYS


def _called(kind: str | None, head: bytes) -> str:
    """Name what came, for people."""
    if not head:
        return "nothing"
    names = {"html": "an HTML page", "xml": "an XML document", "json": "a JSON document"}
    return names.get(kind or "", kind or "something unknown")


def _not_the_product(name: str, what: str, head: bytes) -> NotTheProduct:
    """Make the error, with the message's own words where it is one."""
    words = ""
    if kind_of(head) in {"html", "xml", "json"}:
        text = head[:HEAD_BYTES].decode("utf-8", "replace")
        text = re.sub(r"(?is)<(script|style)\b.*?(</\1>|\Z)|<[^>]*>?", " ", text) if text.lstrip()[:1] == "<" else text
        words = " ".join(redact_text(text).split())[:200]
    return NotTheProduct(
        f"the answer for {name!r} is {what}" + (f": {words!r}" if words else ""),
        hint="try again later: the file may not be ready; if it stays so, report it to the provider",
    )

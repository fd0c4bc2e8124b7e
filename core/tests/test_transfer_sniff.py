# SPDX-License-Identifier: Apache-2.0
"""Products told from error pages."""

import io
import zipfile

import pytest

from swath._transfer.sniff import check_head, check_whole, expected_kinds, kind_of
from swath.errors import NotTheProduct

ZIP = io.BytesIO()
with zipfile.ZipFile(ZIP, "w") as _archive:
    _archive.writestr("a.txt", "a" * 200)

PRODUCTS = {
    "image/tiff": b"II*\x00\x08\x00\x00\x00",
    "image/tiff; application=geotiff": b"MM\x00*\x00\x00\x00\x08",
    "image/tiff; application=geotiff; profile=cloud-optimized": b"II+\x00\x08\x00\x00\x00",
    "Image/TIFF;APPLICATION=geotiff": b"MM\x00+\x00\x08\x00\x00",
    "application/zip": ZIP.getvalue(),
    "application/json": b'\xef\xbb\xbf {"type": "Feature"}',
    "application/geo+json": b'{"type": "FeatureCollection"}',
    "application/vnd.apache.parquet": b"PAR1....PAR1",
    "image/png": b"\x89PNG\r\n\x1a\n....",
    "image/jpeg": b"\xff\xd8\xff\xe0....",
    "image/jp2": b"\x00\x00\x00\x0cjP  \r\n\x87\n....",
    "application/x-hdf5": b"\x89HDF\r\n\x1a\n....",
    "application/netcdf": b"CDF\x02....",
    "application/xml": b'<?xml version="1.0"?><gmd:MD_Metadata/>',
    "application/gzip": b"\x1f\x8b\x08....",
    "application/pdf": b"%PDF-1.7",
}
PAGES = {
    "html": b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>",
    "html in xml": b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x"><html/>',
    "xml": b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
    "json": b'{"message": "order is not ready"}',
    "text": b"Not ready yet",
    "nothing": b"",
}
BINARY = [
    "image/tiff",
    "application/zip",
    "application/vnd.apache.parquet",
    "image/png",
    "image/jp2",
    "application/netcdf",
]


@pytest.mark.parametrize("media_type", PRODUCTS)
def test_p06_product_passes(media_type):
    check_head(PRODUCTS[media_type], media_type=media_type, name="file")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("media_type", BINARY)
def test_p06_page_is_refused_for_binary_types(media_type, page):
    with pytest.raises(NotTheProduct):
        check_head(PAGES[page], media_type=media_type, name="file")


@pytest.mark.parametrize("page", ["html", "xml", "text", "nothing"])
def test_p06_page_is_refused_for_json(page):
    with pytest.raises(NotTheProduct):
        check_head(PAGES[page], media_type="application/geo+json", name="file")


@pytest.mark.parametrize("suffix", [".tif", ".zip", ".parquet", ".jp2", ".nc", ".json"])
@pytest.mark.parametrize("media_type", [None, "application/octet-stream", "binary/octet-stream"])
def test_p06_suffix_tells_where_the_media_type_does_not(media_type, suffix):
    with pytest.raises(NotTheProduct):
        check_head(PAGES["html"], media_type=media_type, name=f"file{suffix}")


def test_p06_html_is_refused_where_nothing_tells_what_to_expect():
    with pytest.raises(NotTheProduct, match="Sign in"):
        check_head(PAGES["html"], media_type=None, name="file.dat")

    check_head(b"whatever", media_type=None, name="file.dat")


def test_p06_html_passes_where_it_is_the_product():
    check_head(PAGES["html"], media_type="text/html", name="readme.html")


def test_p06_error_tells_the_words_of_the_page_without_secrets():
    page = b'{"message": "no https://files.example.test/a?sig=canary-secret"}'

    with pytest.raises(NotTheProduct) as caught:
        check_head(page, media_type="image/tiff", name="file.tif")

    assert "a JSON document instead of tiff" in str(caught.value)
    assert "message" in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b'{"error": {"code": 404, "message": "no"}}',
        b'{"status": "running"}',
        b'{"message": "not ready", "code": 202}',
        b'{"title": "x", "detail": "y", "status": 500, "type": "about:blank"}',
        b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
        b"<ows:ExceptionReport xmlns:ows='x'/>",
        b"<!-- x --><ServiceExceptionReport/>",
    ],
)
def test_p06_message_is_no_product_where_json_or_xml_is_one(tmp_path, content):
    (tmp_path / "f").write_bytes(content)

    with pytest.raises(NotTheProduct, match="error message"):
        check_whole(tmp_path / "f", name="f")


@pytest.mark.parametrize(
    "content",
    [
        b'{"type": "Feature", "id": "a", "properties": {"status": "x"}}',
        b'{"files": [], "name": "x"}',
        b'{"status": "x", "bands": [1]}',
        b"[]",
        b"[1, 2",
        b"<Errors_of_fit/>",
        b"<product><Error>0.1</Error></product>",
        b"plain",
        b"",
    ],
)
def test_document_passes_where_it_is_no_message(tmp_path, content):
    (tmp_path / "f").write_bytes(content)

    check_whole(tmp_path / "f", name="f")


def test_p06_archive_and_table_without_their_end_are_refused(tmp_path):
    (tmp_path / "whole.zip").write_bytes(ZIP.getvalue())
    (tmp_path / "cut.zip").write_bytes(ZIP.getvalue()[:-30])
    (tmp_path / "whole.parquet").write_bytes(b"PAR1" + bytes(20) + b"PAR1")
    (tmp_path / "cut.parquet").write_bytes(b"PAR1" + bytes(20))

    check_whole(tmp_path / "whole.zip", name="whole.zip")
    check_whole(tmp_path / "whole.parquet", name="whole.parquet")
    for name in ("cut.zip", "cut.parquet"):
        with pytest.raises(NotTheProduct, match="cut short"):
            check_whole(tmp_path / name, name=name)


def test_kind_is_told_after_a_user_block():
    assert kind_of(bytes(512) + b"\x89HDF\r\n\x1a\n") == "hdf5"
    assert kind_of(b"\x00\x01\x02") is None


def test_media_type_counts_more_than_the_suffix():
    assert expected_kinds("application/zip", "file.tif") == {"zip"}
    assert expected_kinds("application/vnd.x+json", "file") == {"json"}
    assert expected_kinds("text/csv", "file.tif") == frozenset()

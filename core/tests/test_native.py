# SPDX-License-Identifier: Apache-2.0
"""What native clients get from core beside the hooks."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from swath.errors import LoadError
from swath.native import area_m2, is_held, keep_credentials, read_json, safe_name


def test_file_is_held_if_it_is_there_and_right(tmp_path):
    path = tmp_path / "a.tif"
    assert is_held(path) is None
    path.write_bytes(b"content")
    right = "d50110" + hashlib.md5(b"content").hexdigest()

    assert is_held(path) is True
    assert is_held(str(path), right) is True
    assert is_held(path, "d50110" + hashlib.md5(b"other").hexdigest()) is False
    assert is_held(tmp_path) is None, "a folder is no file"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.tif", "a.tif"),
        ("../../etc/passwd", "passwd"),
        (r"..\boot.ini", "boot.ini"),
        ("C:/a b.tif", "a_b.tif"),
        ("con.tif", "_con.tif"),
        ("..", "_"),
    ],
)
def test_p45_name_of_a_server_is_one_component(name, safe):
    assert safe_name(name) == safe


def test_area_is_measured_on_the_ellipsoid():
    ring = [[132.52934211276073, -12.721072673008706], [132.52934211276073, -12.730063400794094]]
    ring += [[132.54027735328083, -12.730063400794094], [132.54027735328083, -12.721072673008706], ring[0]]

    assert area_m2({"type": "Polygon", "coordinates": [ring]}) / 1e4 == pytest.approx(118.12168458669, rel=1e-7)


def test_credentials_are_kept_where_signing_in_keeps_them(monkeypatch, tmp_path):
    monkeypatch.setenv("SWATH_HOME", str(tmp_path))
    context = SimpleNamespace(provider="cecil", profile="work", credentials={})

    place = keep_credentials(context, {"api_key": "new"})

    assert '"new"' in Path(place).read_text()
    assert place == str(tmp_path / "credentials.json")


def test_json_of_an_item_is_read_where_it_was_downloaded(tmp_path):
    (tmp_path / "good.json").write_text('{"a": 1}')
    (tmp_path / "bad.json").write_text("{")
    hrefs = {"good": tmp_path / "good.json", "bad": tmp_path / "bad.json", "far": "https://x.test/a.json", "no": "gone"}
    item = {"id": "i", "assets": {key: {"href": str(href)} for key, href in hrefs.items()}}

    assert read_json(item, "good") == {"a": 1}
    assert [read_json(item, key) for key in ("far", "no", "nonesuch")] == [None, None, None]
    with pytest.raises(LoadError, match="asset 'bad' of item 'i' is no JSON"):
        read_json(item, "bad")

# SPDX-License-Identifier: Apache-2.0
"""What native clients get from core beside the hooks."""

from __future__ import annotations

import hashlib

import pytest

from swath.native import is_held, safe_name


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

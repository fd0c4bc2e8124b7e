# SPDX-License-Identifier: Apache-2.0
"""Portable, confined file names."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swath._transfer.names import LONGEST_NAME, fold, folder_names, marked, portable, relative_parts

RESERVED = ["CON", "con.tif", "PRN", "aux.json", "NUL", "nul .txt", "COM1", "com9.zip", "LPT³", "CONIN$", "lpt1.a.b"]
NAMES = st.text(max_size=400)


@pytest.mark.parametrize(
    "name", ["image.tif", "S2A_MSIL2A_20260301T101531.SAFE", "Übersicht-北京.png", "a~b+c(1).json"]
)
def test_p45_name_is_kept_when_it_is_portable(name):
    assert portable(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("name", RESERVED)
def test_p45_device_name_is_defused(name):
    assert portable(name).startswith("_")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("a:b.tif", "a_b.tif"),
        ("trailing.", "trailing"),
        ("trailing. ", "trailing._"),
        (".hidden", "_hidden"),
        (".image.tif.part", "_image.tif.part"),
        ("a b.tif", "a_b.tif"),
        ('x<>"|?*.tif', "x______.tif"),
        ("50%#1.tif", "50__1.tif"),
        ("tab\there", "tab_here"),
        ("zero\x00byte", "zero_byte"),
        ("right\u202eto-left.tif", "right_to-left.tif"),
        ("lone\ud800.tif", "lone_.tif"),
        ("", "_"),
        (".", "_"),
        ("..", "_"),
        ("...", "_"),
        ("e\u0301.tif", "\u00e9.tif"),
    ],
)
def test_p45_name_is_mended_when_some_system_refuses_it(name, wanted):
    assert portable(name) == wanted


def test_p45_long_names_keep_suffix_and_difference_when_cut():
    one, other = portable("é" * 300 + "1.tar.gz"), portable("é" * 300 + "2.tar.gz")

    assert len(one.encode()) <= LONGEST_NAME
    assert one.endswith(".tar.gz")
    assert one != other


@given(NAMES)
def test_p45_every_name_is_portable(name):
    made = portable(name)

    assert 1 <= len(made.encode()) <= LONGEST_NAME
    assert not re.search(r'[\x00-\x20<>:"/\\|?*%#]', made)
    assert not made.startswith(".")
    assert not made.endswith(".")
    assert made == unicodedata.normalize("NFC", made)
    assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", made)


@given(NAMES)
def test_p45_portable_name_stays_as_it_is(name):
    assert portable(portable(name)) == portable(name)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a/b/c.tif", ("a", "b", "c.tif")),
        ("/etc/passwd", ("etc", "passwd")),
        ("../../etc/passwd", ("etc", "passwd")),
        ("a/../../b.tif", ("a", "b.tif")),
        ("..\\..\\windows\\system32", ("windows", "system32")),
        ("C:\\temp\\x.tif", ("temp", "x.tif")),
        ("C:/temp/x.tif", ("temp", "x.tif")),
        ("\\\\server\\share\\x.tif", ("server", "share", "x.tif")),
        ("//server/share/x.tif", ("server", "share", "x.tif")),
        ("a/./b//c.tif", ("a", "b", "c.tif")),
        ("~/x.tif", ("~", "x.tif")),
        ("", ("_",)),
        ("///", ("_",)),
        ("..", ("_",)),
        (". ./x.tif", ("x.tif",)),
        ("C:", ("_",)),
    ],
)
def test_p46_hostile_name_stays_under_the_folder(name, parts):
    assert relative_parts(name) == parts


@given(NAMES)
def test_p46_every_name_stays_under_the_folder(name):
    parts = relative_parts(name)

    assert parts
    assert all(part not in {"", ".", ".."} and "/" not in part and "\\" not in part for part in parts)


def test_p46_very_deep_name_becomes_flat():
    one, other = relative_parts("a/" * 500 + "x.tif"), relative_parts("b/" * 500 + "x.tif")

    assert len(one) == len(other) == 1
    assert one != other
    assert one[0].endswith(".tif")


def test_folder_names_differ_when_ids_differ_only_in_case_or_in_what_is_mended():
    names = folder_names(["scene", "SCENE", "a:b", "a/b", "other"])

    assert names["other"] == "other"
    assert len({fold(name) for name in names.values()}) == 5
    assert names == folder_names(["other", "a/b", "a:b", "SCENE", "scene"])


def test_fold_meets_what_some_system_takes_for_the_same():
    assert fold("STRASSE/É.tif") == fold("straße/e\u0301.TIF")


def test_mark_goes_before_the_suffix():
    assert re.fullmatch(r"a~[0-9a-f]{8}\.tar\.gz", marked("a.tar.gz", "whole"))

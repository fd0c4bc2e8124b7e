# SPDX-License-Identifier: Apache-2.0
"""What the strict converter takes, refuses and says."""

from __future__ import annotations

import datetime as dt
import json
import pickle
import warnings
from collections.abc import Mapping, Sequence
from enum import Enum, IntEnum, StrEnum
from typing import Any, Literal

import attrs
import cattrs
import pytest

from swath.convert import UnknownWordWarning, camel_case, make_converter, rename, structure
from swath.errors import UnexpectedResponse


class Status(StrEnum):
    READY = "ready"
    DONE = "done"


class Level(IntEnum):
    ONE = 1


class Colour(Enum):
    RED = "red"


@attrs.frozen(kw_only=True)
class File:
    href: str
    size: int | None = None


@attrs.frozen(kw_only=True)
class Scene:
    id: str
    cloud_cover: float = attrs.field(default=0.0, validator=attrs.validators.ge(0))
    taken_at: dt.datetime | None = None
    status: Status = Status.READY
    open_status: Status | str | None = None
    assets: tuple[File, ...] = ()
    by_key: Mapping[str, File] = attrs.field(factory=dict)
    corners: tuple[float, float] = (0.0, 0.0)
    tags: list[str] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class Tree:
    name: str
    parent: Tree | None = None
    children: tuple[Tree, ...] = ()


@pytest.fixture
def converter() -> cattrs.Converter:
    return make_converter()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (str, None),
        (str, 5),
        (str, True),
        (int, None),
        (int, "5"),
        (int, 5.7),
        (int, 5.0),
        (int, True),
        (float, None),
        (float, "5.5"),
        (float, False),
        (float, float("nan")),
        (float, float("inf")),
        (float | str, float("nan")),
        (bool, None),
        (bool, "false"),
        (bool, 0),
        (dt.datetime, None),
        (dt.datetime, 1700000000),
        (dt.datetime, "2026-01-01"),
        (dt.datetime, "2026-01-01T00:00:00"),
        (dt.datetime, "2026-13-01T00:00:00Z"),
        (dt.datetime, dt.datetime(2026, 1, 1)),  # noqa: DTZ001  naive on purpose
        (dt.date, "2026-01-01T00:00:00Z"),
        (dt.date, "2026-02-30"),
        (dt.date, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
        (Status, "READY"),
        (Status, "other"),
        (Status, None),
        (Level, 2),
        (Level, True),
        (Level, "1"),
        (Colour, "blue"),
        (Literal["a", "b"], "c"),
        (list[str], "abc"),
        (list[str], {"a": 1}),
        (list[str], None),
        (Sequence[int], [1, "2"]),
        (tuple[float, float], [1.0]),
        (tuple[float, ...], [1.0, None]),
        (dict[str, int], [["a", 1]]),
        (dict[str, int], {"a": "1"}),
        (Mapping[str, int], "a"),
        (int | str, 1.5),
        (int | str, True),
        (str | None, 1),
        (Status | str, 1),
        (Status | str, None),
        (File, ["href"]),
        (File, "href"),
        (File, None),
    ],
)
def test_structure_refuses_when_the_value_is_of_another_type(converter, kind, value):
    with pytest.raises(UnexpectedResponse, match=r"\$"):
        structure(converter, value, kind)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (str, "", ""),
        (int, 0, 0),
        (float, 5, 5.0),
        (bool, False, False),
        (dt.datetime, "2026-01-01T01:00:00+01:00", dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
        (dt.datetime, "2026-01-01T00:00:00.1234567Z", dt.datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=dt.UTC)),
        (dt.date, "2026-01-31", dt.date(2026, 1, 31)),
        (Status, "done", Status.DONE),
        (Level, 1, Level.ONE),
        (Colour, "red", Colour.RED),
        (list[str], ["a"], ["a"]),
        (Sequence[int], [1, 2], (1, 2)),
        (frozenset[str], ["a", "a"], frozenset({"a"})),
        (tuple[str, int], ["a", 1], ("a", 1)),
        (dict[str, float], {"a": 1}, {"a": 1.0}),
        (dict[str, Any], {"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
        (int | str | None, None, None),
        (int | str, "1", "1"),
        (float | str, 1, 1.0),
        (Status | str, "done", Status.DONE),
        (Status | str | None, None, None),
        (Any, {"x": 1}, {"x": 1}),
    ],
)
def test_structure_takes_values_as_they_are(converter, kind, value, expected):
    made = structure(converter, value, kind)

    assert made == expected
    assert type(made) is type(expected)


def test_structured_times_are_utc(converter):
    made = structure(converter, "2026-01-01T01:00:00+01:00", dt.datetime)

    assert made.utcoffset() == dt.timedelta(0)
    assert made.isoformat() == "2026-01-01T00:00:00+00:00"


def test_p63_unknown_word_passes_with_one_warning_when_the_enum_is_open(converter):
    with pytest.warns(UnknownWordWarning, match="'paused' is no Status") as caught:
        made = [structure(converter, {"id": "1", "open_status": "paused"}, Scene) for _ in range(3)]

    assert [one.open_status for one in made] == ["paused"] * 3
    assert len(caught) == 1


def test_p63_each_provider_is_warned_of_its_own_words():
    for _ in range(2):
        with pytest.warns(UnknownWordWarning):
            structure(make_converter(), "paused", Status | str)


def test_unknown_keys_pass_unless_forbidden(converter):
    payload = {"href": "x", "new_key": 1}

    assert structure(converter, payload, File) == File(href="x")
    with pytest.raises(UnexpectedResponse, match=r"\$: has keys that are not known: new_key"):
        structure(make_converter(forbid_extra_keys=True), payload, File)


def test_forbidden_keys_are_named_when_the_record_has_renames():
    converter = make_converter(forbid_extra_keys=True)
    rename(converter, File, href="link")

    assert structure(converter, {"link": "x"}, File) == File(href="x")
    with pytest.raises(UnexpectedResponse, match="not known: href"):
        structure(converter, {"link": "x", "href": "y"}, File)


def test_error_lists_every_path_in_the_providers_own_names(converter):
    rename(converter, Scene, cloud_cover="cloudPercent")
    payload = {
        "cloudPercent": "4",
        "taken_at": "2026-01-01T00:00:00",
        "status": "lost",
        "assets": [{"href": "x"}, {"size": 5.7}, 3],
        "by_key": {"a b": {"href": None}},
        "corners": [1, 2, 3],
    }

    with pytest.raises(UnexpectedResponse) as caught:
        structure(converter, payload, Scene, what="the scene")

    assert caught.value.details["problems"] == [
        "$.id: is missing",
        "$.cloudPercent: expected a number, got '4'",
        "$.taken_at: expected an RFC 3339 time with a zone, got '2026-01-01T00:00:00'",
        "$.status: expected one of 'ready', 'done', got 'lost'",
        "$.assets[1].href: is missing",
        "$.assets[1].size: expected an integer or null, got 5.7",
        "$.assets[2]: expected an object, got 3",
        "$.by_key['a b'].href: expected text, got null",
        "$.corners: expected 2 values, got 3",
    ]
    assert str(caught.value).startswith("the scene does not have the documented form: $.id: is missing; ")
    assert "and 3 more" in str(caught.value)


def test_error_keeps_the_words_of_a_validator(converter):
    with pytest.raises(UnexpectedResponse, match="'cloud_cover' must be >= 0: -1"):
        structure(converter, {"id": "1", "cloud_cover": -1}, Scene)


def test_error_survives_pickling(converter):
    with pytest.raises(UnexpectedResponse) as caught:
        structure(converter, [], Scene)

    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert again.details == caught.value.details


def test_error_shows_long_values_cut(converter):
    with pytest.raises(UnexpectedResponse) as caught:
        structure(converter, "x" * 500, int)

    assert len(str(caught.value)) < 250


def test_structure_raises_as_it_is_when_the_plugins_own_types_are_wrong(converter):
    class Unknown:
        def __init__(self, a: int) -> None:
            self.a = a

    with pytest.raises(cattrs.errors.StructureHandlerNotFoundError):
        structure(converter, {}, Unknown)


def test_rename_holds_both_ways(converter):
    rename(converter, Scene, cloud_cover="cloudPercent")

    made = structure(converter, {"id": "1", "cloudPercent": 3}, Scene)

    assert made.cloud_cover == 3.0
    assert converter.unstructure(made)["cloudPercent"] == 3.0
    assert "cloud_cover" not in converter.unstructure(made)


def test_rename_refuses_an_attribute_that_is_not_there(converter):
    with pytest.raises(TypeError, match="cluod_cover"):
        rename(converter, Scene, cluod_cover="x")


def test_camel_case_holds_for_nested_records(converter):
    camel_case(converter, Scene, File)

    made = structure(converter, {"id": "1", "cloudCover": 2, "byKey": {"a": {"href": "x"}}}, Scene)

    assert made == Scene(id="1", cloud_cover=2.0, by_key={"a": File(href="x")})
    assert structure(converter, converter.unstructure(made), Scene) == made


def test_recursive_records_structure(converter):
    payload = {"name": "a", "parent": {"name": "p"}, "children": [{"name": "b", "children": [{"name": "c"}]}]}

    made = structure(converter, payload, Tree)

    assert made.children[0].children[0] == Tree(name="c")
    assert made.parent == Tree(name="p")


def test_unstructure_gives_json(converter):
    made = Scene(
        id="1", taken_at=dt.datetime(2026, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1))), assets=(File(href="x"),)
    )

    written = json.loads(json.dumps(converter.unstructure(made)))

    assert written["taken_at"] == "2026-01-01T00:00:00Z"
    assert written["status"] == "ready"
    assert written["assets"] == [{"href": "x", "size": None}]
    assert structure(converter, written, Scene) == made


def test_unstructure_leaves_out_defaults_when_asked():
    assert make_converter(omit_if_default=True).unstructure(File(href="x")) == {"href": "x"}


def test_unstructure_refuses_a_naive_time(converter):
    with pytest.raises(ValueError, match="zone"):
        converter.unstructure(dt.datetime(2026, 1, 1))  # noqa: DTZ001  naive on purpose


def test_converters_share_nothing():
    first, second = make_converter(), make_converter()
    rename(first, File, href="link")

    assert structure(second, {"href": "x"}, File) == File(href="x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cattrs.global_converter.structure("5", int) == 5

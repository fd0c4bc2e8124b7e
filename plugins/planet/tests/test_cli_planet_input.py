# SPDX-License-Identifier: Apache-2.0
"""What ``swath planet`` takes and refuses, and how it says so; help pages; what is written without any request."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import click
import pytest

from swath_planet._cli import planet

AREA = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}
TYPED = json.dumps(AREA)
REQUEST = ["orders", "request", "a,b", "--item-type", "PSScene", "--bundle", "visual", "--name", "look"]
CATALOG = ["subscriptions", "request-catalog", "--item-types", "PSScene", "--asset-types", "ortho_visual"]
HEAVY = ("numpy", "pandas", "xarray", "rasterio", "shapely", "pystac", "starlette", "swath_planet._api", "swath_planet.auth",
         "swath_planet.sync", "swath_planet._cli.orders")  # fmt: skip


def commands(group=planet, path=()):
    context = click.Context(group)
    yield path, group
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))
        else:
            yield (*path, name), found


COMMANDS = dict(commands())


# --- help -------------------------------------------------------------------------------------------------------------


def test_every_command_explains_itself(swath_planet):
    for words in COMMANDS:
        told = swath_planet(*words, "--help")

        assert told.code == 0
        assert told.out.startswith(f"Usage: {' '.join(['swath planet', *words])} ")
        assert "--profile NAME" in told.out
        assert told.err == ""


def test_every_option_has_a_help_text():
    """A sentence that ends, or one that ends in its default."""
    for words, command in COMMANDS.items():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                said = (words, parameter.opts, parameter.help)
                assert parameter.help, said
                assert parameter.help.rstrip().endswith((".", "]", "...")), said


def test_listed_help_is_what_commands_say_of_themselves():
    """The one-line help of commands that are not imported yet speaks of commands that there are."""
    assert len(COMMANDS) > 90
    assert all(command.help for command in COMMANDS.values())


@pytest.mark.parametrize(
    "words", [["--help"], ["planet", "--help"], ["planet", "nonsense"], ["planet", "data", "--help"]]
)
def test_p41_help_loads_no_service(words, tmp_path):
    code = (
        "import sys; from swath._cli import main; main(sys.argv[1:]); "
        f"print(*[n for n in {HEAVY!r} if n in sys.modules and n != 'swath_planet._api'], file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "SWATH_HOME": str(tmp_path)},
    )  # fmt: skip

    assert done.stderr.splitlines()[-1] == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ordres"], "did you mean 'orders'?"),
        (["orders", "creat"], "did you mean 'create'?"),
        (["destinations", "create", "s4"], "commands: azure, gcs, ocs, s3, s3-compatible"),
        (["features", "items", "lst"], "did you mean 'list'?"),
    ],
)
def test_misspelt_command_is_said_with_what_was_meant(swath_planet, words, said):
    told = swath_planet(*words)

    assert told.code == 2
    assert said in told.err


def test_version_is_said(swath_planet):
    assert swath_planet("--version").out.startswith("swath-planet, version ")


def test_another_provider_is_no_command_here(swath_planet):
    assert swath_planet("sedas", "--help").code == 2


# --- JSON, lists, times ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["literal", "file", "pipe"])
def test_json_comes_as_literal_as_file_or_by_pipe(swath_planet, tmp_path, way):
    (tmp_path / "area.json").write_text(TYPED)
    given = {"literal": f"  {TYPED}", "file": tmp_path / "area.json", "pipe": "-"}[way]

    made = swath_planet("data", "filter", "--geom", given, given=TYPED).json

    assert made["config"] == [{"type": "GeometryFilter", "field_name": "geometry", "config": AREA}]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("{}", "empty"),
        ("[]", "not an object"),
        ("", "empty"),
        ("-", "standard input is empty"),
        ('{"type":', "no JSON"),
        ("nowhere.json", "no file 'nowhere.json'"),
        (".", "cannot be read"),
        ('{"type": "Square", "coordinates": []}', "Square"),
    ],
)
def test_json_that_is_none_is_refused(swath_planet, value, said):
    told = swath_planet("data", "filter", "--geom", value)

    assert told.code == 2
    assert said in told.err
    assert told.out == ""


def test_standard_input_is_read_for_one_option_only(swath_planet):
    told = swath_planet("data", "search", "PSScene", "--geom", "-", "--filter", "-", given=TYPED)

    assert told.code == 2
    assert "only be read once" in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["data", "filter", "--asset", "a,,b"], "'a,,b' has an empty element"),
        (["data", "filter", "--string-in", "instrument", ","], "empty element"),
        (["data", "filter", "--number-in", "gsd", "3,x"], "no list of numbers"),
        (["data", "search", "PSScene,"], "empty element"),
        (["orders", "request", ",", *REQUEST[3:]], "empty element"),
        (["subscriptions", "bulk-suspend", "--subscription-ids", ""], "empty element"),
    ],
)
def test_lists_refuse_empty_elements(swath_planet, words, said):
    told = swath_planet(*words)

    assert told.code == 2
    assert said in told.err


@pytest.mark.parametrize(
    ("time", "written"),
    [
        ("2026-03-01", "2026-03-01T00:00:00Z"),
        ("2026-03-01T10:20:30Z", "2026-03-01T10:20:30Z"),
        ("2026-03-01T10:20:30.5Z", "2026-03-01T10:20:30.500000Z"),
        ("2026-03-01T10:20:30+02:00", "2026-03-01T08:20:30Z"),
        ("2026-03-01 10:20", "2026-03-01T10:20:00Z"),
    ],
)
def test_times_are_read_as_utc(swath_planet, time, written):
    made = swath_planet("data", "filter", "--date-range", "acquired", "gte", time).json

    assert made["config"][0]["config"] == {"gte": written}


@pytest.mark.parametrize("time", ["2026", "2026-03", "2026-13-01", "yesterday", "20260301", "2026-03-01T25:00"])
def test_what_is_no_time_is_refused(swath_planet, time):
    told = swath_planet("data", "filter", "--date-range", "acquired", "gte", time)

    assert told.code == 2
    assert f"'{time}' is no time such as 2026-06-30" in told.err


@pytest.mark.parametrize("option", ["--range", "--date-range"])
def test_comparators_are_four(swath_planet, option):
    told = swath_planet("data", "filter", option, "cloud_cover", "eq", "2026-01-01")

    assert told.code == 2
    assert "'eq' is not one of 'gt', 'gte', 'lt', 'lte'" in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["orders", "get", "no-uuid"], "'no-uuid' is no UUID"),
        (["orders", "wait", "no-uuid"], "'no-uuid' is no UUID"),
        (["orders", "wait", "-"], "standard input is empty"),
        (["orders", "bulk-cancel"], "--all"),
        (["orders", "list", "--state", "done"], "'done' is not one of 'queued'"),
        (["data", "search", "PSScene", "--sort", "cloud"], "acquired desc"),
        (["data", "stats", "PSScene", "--filter", '{"a": 1}', "--interval", "decade"], "'decade' is not one of"),
        (["data", "search", "PSScene", "--geom", "pl:farms/f1"], "pl:features/"),
        (["data", "filter", "--geom-relation", "within"], "--geom"),
        (["data", "search", "PSScene", "--limit", "-1"], "--limit"),
        (["mosaics", "search", "m"], "--bbox or --geometry"),
        (["mosaics", "search", "m", "--bbox", "1,2,3"], "W,S,E,N"),
        (["mosaics", "search", "m", "--bbox", "1,9,3,2"], "north below its south"),
        (["quota", "reservations", "create", "--product-id", "1"], "--aoi-ref"),
        (["quota", "reservations", "list", "--filter", "state"], "FIELD=VALUE"),
        (["features", "items", "get", "farms"], "name the feature too"),
        (["subscriptions", "bulk-suspend"], "--all-mine"),
        (["--base-url", "planet.com", "data", "search", "PSScene"], "no address"),
        (["orders", "-u", "planet.com", "list"], "no address"),
        (["--auth-client-id", "x", "orders", "list"], "--auth-client-secret is missing"),
    ],
)
def test_wrong_words_are_said_before_any_request(swath_planet, cli_box, words, said):
    before = len(cli_box.world.log)

    told = swath_planet(*words)

    assert told.code == 2
    assert said in told.err
    assert told.out == ""
    assert len(cli_box.world.log) == before


# --- what is written without any request --------------------------------------------------------------------------------


def test_filter_joins_everything_in_a_fixed_sequence(swath_planet):
    words = ["--permission", "--std-quality", "--string-in", "instrument", "PS2,PSB.SD", "--number-in", "gsd", "3,4"]
    words += ["--range", "cloud_cover", "lt", "0.1", "--range", "gsd", "gt", "2", "--update", "ground_control", "gt"]
    words += ["2026-01-01", "--asset", "ortho_visual,ortho_udm2", "--geom", TYPED, "--geom-relation", "within"]

    made = swath_planet("data", "filter", *words).json

    assert made["type"] == "AndFilter"
    assert [one["type"].removesuffix("Filter") for one in made["config"]] == [
        "Asset", "Geometry", "NumberIn", "Range", "Range", "StringIn", "Update", "Permission", "StringIn",
    ]  # fmt: skip
    assert made["config"][2]["config"] == [3.0, 4.0]
    assert swath_planet("data", "filter").json == {"type": "AndFilter", "config": []}


def test_pretty_is_obeyed(swath_planet):
    plain, pretty = swath_planet("data", "filter"), swath_planet("data", "filter", "--pretty")

    assert plain.out.count("\n") == 1
    assert pretty.out.count("\n") == 4
    assert plain.json == pretty.json


def test_request_of_an_order(swath_planet):
    cloud = {"google_earth_engine": {"project": "p", "collection": "c"}}

    assert swath_planet(*REQUEST).json == {
        "name": "look",
        "products": [{"item_ids": ["a", "b"], "item_type": "PSScene", "product_bundle": "visual"}],
        "metadata": {"stac": {}},
    }
    assert "metadata" not in swath_planet(*REQUEST, "--no-stac").json
    assert "metadata" not in swath_planet(*REQUEST, "--delivery", json.dumps(cloud)).json
    assert swath_planet(*REQUEST, "--email").json["notifications"] == {"email": True}
    assert swath_planet(*REQUEST, "--clip", TYPED).json["tools"] == [{"clip": {"aoi": AREA}}]
    assert swath_planet(*REQUEST, "--clip", "pl:features/my/farms/f1").json["tools"][0]["clip"]["aoi"]["type"] == "ref"
    assert swath_planet(*REQUEST, "--fallback-bundle", "analytic_udm2,visual").json["products"][0][
        "product_bundle"
    ] == "visual,analytic_udm2"  # fmt: skip
    assert swath_planet(*REQUEST, "--archive-type", "zip", "--single-archive").json["delivery"] == {
        "archive_type": "zip", "archive_filename": "{{name}}-{{order_id}}.zip", "single_archive": True,
    }  # fmt: skip
    assert swath_planet(*REQUEST, "--hosting", "sentinel_hub", "--collection-id", "c").json["hosting"] == {
        "sentinel_hub": {"collection_id": "c"}
    }


def test_options_without_effect_are_said_and_do_no_harm(swath_planet):
    told = swath_planet(*REQUEST, "--collection-id", "c", "--single-archive")

    assert "hosting" not in told.json
    assert "--collection-id has no effect without --hosting" in told.err
    assert "--single-archive has no effect without --archive-type" in told.err


def test_clip_and_tools_exclude_each_other(swath_planet):
    told = swath_planet(*REQUEST, "--clip", TYPED, "--tools", '[{"toar": {}}]')

    assert told.code == 2
    assert "orders tool clip" in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--clip", '{"type": "Point", "coordinates": [1, 2]}'], "Point"),
        (["--bundle", "nothing"], "'visual'"),
        (["--item-type", "Nothing"], "'PSScene'"),
    ],
)
def test_requests_that_cannot_be_are_refused_with_what_can(swath_planet, words, said):
    told = swath_planet(*REQUEST, *words)

    assert told.code == 2
    assert said in told.err


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ('{"id": "a"}\n{"id": "b"}\n', ["a", "b"]),
        ('{"type": "FeatureCollection", "features": [{"id": "a"}, {"id": "b"}]}', ["a", "b"]),
        ("a\nb\n", ["a", "b"]),
        ("a,b", ["a", "b"]),
    ],
)
def test_request_takes_the_items_that_a_search_prints(swath_planet, given, ids):
    made = swath_planet("orders", "request", "-", *REQUEST[3:], given=given).json

    assert made["products"][0]["item_ids"] == ids


@pytest.mark.parametrize(("given", "said"), [("", "is empty"), ('{"name": 1}', "without an id"), ('{"id": ', "")])
def test_request_refuses_what_is_no_items(swath_planet, given, said):
    told = swath_planet("orders", "request", "-", *REQUEST[3:], given=given)

    assert told.code == 2
    assert said in told.err


@pytest.mark.parametrize(
    ("words", "tool"),
    [
        (["clip", TYPED], {"clip": {"aoi": AREA}}),
        (["composite", "--group-by", "strip_id"], {"composite": {"group_by": "strip_id"}}),
        (["coregister", "a"], {"coregister": {"anchor_item": "a"}}),
        (["file-format", "cog"], {"file_format": {"format": "COG"}}),
        (
            ["reproject", "EPSG:32631", "--resolution", "3"],
            {"reproject": {"projection": "EPSG:32631", "resolution": 3.0}},
        ),
        (["tile", "100", "--origin-x", "0"], {"tile": {"tile_size": 100, "origin_x": 0.0}}),
        (["toar"], {"toar": {}}),
        (["harmonize"], {"harmonize": {"target_sensor": "Sentinel-2"}}),
        (["merge"], {"merge": {}}),
        (["band-math", "b1", "b2", "--pixel-type", "32r"], {"bandmath": {"b1": "b1", "b2": "b2", "pixel_type": "32R"}}),
    ],
)
def test_tools_can_be_written_and_put_into_a_request(swath_planet, words, tool):
    written = swath_planet("orders", "tool", *words).json

    assert written == tool
    made = swath_planet(*REQUEST, "--tool", json.dumps(written), "--tool", '{"toar": {}}').json
    assert made["tools"] == [tool, {"toar": {}}]


def test_request_of_a_subscription(swath_planet):
    source = swath_planet(
        *CATALOG, "--geometry", TYPED, "--start-time", "2026-03-01", "--publishing-stage", "finalized",
        "--publishing-stage", "standard", "--filter", '{"type": "AndFilter", "config": []}',
    ).json  # fmt: skip

    made = swath_planet(
        "subscriptions", "request", "--name", "s", "--source", "-", "--clip-to-source", "--hosting", "sentinel_hub",
        given=json.dumps(source),
    ).json  # fmt: skip

    assert source["parameters"]["start_time"] == "2026-03-01T00:00:00Z"
    assert source["parameters"]["publishing_stages"] == ["standard", "finalized"]
    assert made["source"] == source
    assert made["tools"] == [{"type": "clip", "parameters": {}}]
    assert made["hosting"] == {"type": "sentinel_hub", "parameters": {}}


def test_source_of_another_product(swath_planet):
    made = swath_planet(
        "subscriptions", "request-source", "--source-id", "SWC", "--geometry", "pl:features/my/farms", "--start-time",
        "2026-03-01", "--end-time", "2026-04-01",
    ).json  # fmt: skip

    assert made["parameters"] == {
        "id": "SWC",
        "geometry": {"type": "ref", "content": "pl:features/my/farms"},
        "start_time": "2026-03-01T00:00:00Z",
        "end_time": "2026-04-01T00:00:00Z",
    }


# --- collect -----------------------------------------------------------------------------------------------------------


def test_collect_makes_a_feature_collection_of_features_and_a_list_of_the_rest(swath_planet):
    feature = {"type": "Feature", "geometry": AREA, "properties": {}}
    lines = f"{json.dumps(feature)}\n\n{json.dumps(feature)}\n"

    assert swath_planet("collect", "-", given=lines).json == {"type": "FeatureCollection", "features": [feature] * 2}
    assert swath_planet("collect", "-", given=f'{lines}{{"a": 1}}\n').json == [feature, feature, {"a": 1}]


def test_collect_says_which_line_is_wrong(swath_planet):
    told = swath_planet("collect", "-", given='{"a": 1}\nnonsense\n')

    assert told.code == 2
    assert "line 2 of standard input is no JSON" in told.err
    assert swath_planet("collect", "nowhere").code == 2

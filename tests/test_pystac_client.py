# SPDX-License-Identifier: Apache-2.0
"""Scripts as written for pystac-client: only what opens the client differs."""

import inspect
import json
import re
import sys
from pathlib import Path

import pystac_client
import pytest

import swath
from swath._cli import main
from swath._clientlike import _FORMER, _OF_CLIENT, _OF_SEARCH
from swath._collections import CollectionSearch
from swath.errors import InputError, NotSupported
from swath.sandbox import Sandbox, World

sys.path.insert(0, str(Path(__file__).parent))
from facade import serving

SCRIPTS = sorted((Path(__file__).parent / "scripts" / "pystac_client").glob("*.py"))
OPENED = [("planet",), ("planet", "sedas"), ("planet", "sedas", "capella", "cecil")]
IMPORT = "from pystac_client import Client"
OPENING = re.compile(r'^client = Client\.open\("https://example\.org/stac"(.*)\)$', re.MULTILINE)


@pytest.fixture(scope="module")
def box():
    with Sandbox(world=World(speed=2000.0, rate_limits=False, scene_pixels=16)) as running:
        yield running


@pytest.fixture
def here(box, monkeypatch, tmp_path):
    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "home"))
    for name, value in box.env.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def run(path, text):
    namespace = {"__name__": "__main__"}
    try:
        exec(compile(text, str(path), "exec"), namespace)
        return namespace["result"]
    finally:
        if hasattr(namespace.get("client"), "close"):
            namespace["client"].close()


@pytest.mark.parametrize("names", OPENED, ids="+".join)
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_script_for_pystac_client_runs_with_one_line_changed(here, path, names):
    text = path.read_text(encoding="utf-8")
    assert text.count(IMPORT) == len(OPENING.findall(text)) == 1
    quoted = ", ".join(map(repr, names))

    changed = OPENING.sub(rf"client = swath.open({quoted}\1)", text.replace(IMPORT, "import swath"))

    assert any(run(path, changed))


@pytest.mark.filterwarnings("ignore")  # what pystac-client warns of is not ours to judge
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_script_gives_what_it_gives_with_pystac_client(here, path):
    """The scripts are such: pystac-client runs them unchanged against a STAC API with the same items."""
    text = path.read_text(encoding="utf-8")
    with swath.open("planet") as provider, serving(provider) as address:
        theirs = run(path, text.replace("https://example.org/stac", address))
    ours = run(path, OPENING.sub(r"client = swath.open('planet'\1)", text.replace(IMPORT, "import swath")))

    assert ours == theirs


# --- words --------------------------------------------------------------------------------------------------------------


def arguments(function):
    return set(inspect.signature(function).parameters) - {"self"}


def words(kind, *above):
    return {name for name in vars(kind) if not name.startswith("_")} - {
        name for one in above for name in vars(one)
    }  # fmt: skip


def test_search_takes_every_argument_of_pystac_clients():
    theirs = arguments(pystac_client.Client.search)

    assert theirs - arguments(swath.Provider.search) == set()
    with swath.open("planet", api_key="x") as planet:
        several = swath.Federation([planet])
        for name in theirs:  # each is taken, or refused for its value
            several.search(**{name: None})
            planet.search(**{name: None})


def test_collection_search_takes_every_argument_of_pystac_clients():
    assert arguments(pystac_client.Client.collection_search) == arguments(swath.Provider.collection_search)


@pytest.mark.parametrize(
    ("theirs", "ours", "told"),
    [
        (pystac_client.ItemSearch, swath.ItemSearch, _OF_SEARCH.keys() | _FORMER),
        (pystac_client.collection_search.BaseSearch, swath.ItemSearch, _OF_SEARCH),
        (pystac_client.CollectionSearch, CollectionSearch, ()),
        (pystac_client.Client, swath.Provider, {*_OF_CLIENT, "open", "from_file", "from_dict"}),
        (pystac_client.Client, swath.Federation, {*_OF_CLIENT, "open", "from_file", "from_dict"}),
    ],
)
def test_every_word_is_there_or_says_what_to_use(theirs, ours, told):
    missing = {name for name in words(theirs) if not hasattr(ours, name)}

    assert missing - set(told) == set()


def test_what_is_not_there_says_what_to_use():
    with swath.open("planet", api_key="x") as planet:
        search = planet.search(max_items=1)
        with pytest.raises(AttributeError, match="get_parameters"):
            search.url_with_parameters()
        with pytest.raises(AttributeError, match="not needed"):
            planet.add_conforms_to("FILTER")
        with pytest.raises(AttributeError, match="get_collections"):
            swath.Federation([planet]).get_children()
        with pytest.raises(AttributeError, match=r"'serach'$"):
            _ = planet.serach
        with pytest.raises(InputError, match="no conformance class 'SORTING'"):
            planet.conforms_to("SORTING")
        with pytest.raises(InputError, match="method"):
            planet.search(method="PUT")
        assert planet.conforms_to(pystac_client.ConformanceClasses.FILTER)
        assert not planet.conforms_to("TRANSACTION")


def test_former_names_of_results_work_and_warn(here):
    with swath.open("planet") as planet:
        search = planet.search(collections=["PSScene"], max_items=2)
        with pytest.warns(FutureWarning, match="item_collection"):
            assert len(search.get_all_items()) == 2
        with pytest.warns(FutureWarning, match=r"items\(\)"):
            assert len(list(search.get_items())) == 2


@pytest.mark.parametrize("given", [{"headers": {}}, {"stac_io": None}, {"timeout": 3}])
def test_what_opening_takes_is_named(given):
    with pytest.raises(InputError, match=next(iter(given))):
        swath.open("planet", api_key="x", **given)


# --- the same request -----------------------------------------------------------------------------------------------------

FORMS = [
    {"datetime": value}
    for value in (
        "2017", "2017-06", "2017-06-10", "2017/2018", "2017-06/2017-07", "2017-06-10/2017-06-11",
        "2017-06-10T00:00:00Z/..", "../2017-06-10T00:00:00Z", ["2017-06-10T00:00:00Z", None],
        ["2017-06-10T01:00:00+01:00", "2017-06-11T00:00:00Z"],
    )
] + [
    {"ids": "a,b"}, {"ids": ["a", "b"]}, {"collections": "a,b"}, {"collections": ["a"]},
    {"sortby": "-datetime,+gsd"}, {"sortby": ["gsd"]}, {"sortby": [{"field": "gsd", "direction": "desc"}]},
    {"limit": 7}, {"limit": 7, "max_items": 5},
    {"filter": {"op": "<", "args": [{"property": "gsd"}, 5]}}, {"filter": "gsd < 5"},
    {"intersects": {"type": "Point", "coordinates": [5, 52]}},
    {"intersects": {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [5, 52]}}},
]  # fmt: skip


def plain(parameters):
    """Bring what is said in two ways to one: seconds, and lists."""
    told = json.loads(json.dumps(parameters))
    if "datetime" in told:
        ends = [re.sub(r"\.\d+|[Z]|\+00:00", "", end) for end in told["datetime"].split("/")]
        told["datetime"] = [end.replace("T01:00:00+01:00", "T00:00:00") for end in ends]
    if "limit" in told:
        told["limit"] = min(told["limit"], 5) if told["limit"] == 7 else told["limit"]
    return told


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("given", FORMS, ids=str)
def test_arguments_mean_what_they_mean_to_pystac_client(given):
    theirs = pystac_client.ItemSearch("https://example.org/search", **given).get_parameters()
    with swath.open("planet", api_key="x") as planet:
        ours = planet.search(**given).get_parameters()

    assert plain(ours) == plain(theirs)


def test_modifier_that_gives_something_else_back_is_told(here):
    with swath.open("planet", "sedas", modifier=lambda found: {**found}) as both:
        search = both.search(bbox=[5.4, 52.42, 5.6, 52.55], datetime="2026-06-01", max_items=1)
        with pytest.raises(InputError, match="modifier"):
            list(search.items_as_dicts())
    with pytest.raises(InputError, match="modifier"):
        swath.open("planet", api_key="x", modifier="sign")


def test_order_takes_whole_items_whatever_fields_were_asked_for(here):
    with swath.open("planet") as planet:
        search = planet.search(
            collections=["PSScene"], bbox=[5.4, 52.42, 5.6, 52.55], datetime="2026-06", max_items=1,
            fields=["id", "-geometry"],
        )  # fmt: skip
        shown = next(search.items_as_dicts())
        quote = planet.quote(search, bundle="visual", clip=True)
        order = planet.order(search, bundle="visual")

    assert shown["geometry"] is None
    assert quote is not None
    assert order.items[0]["geometry"] is not None


# --- the command line -------------------------------------------------------------------------------------------------------


def told(capsys, *given):
    code = main(list(given))
    said = capsys.readouterr()
    assert code == 0, said.err
    return said.out


COMMON = ["--bbox", "5.4", "52.42", "5.6", "52.55", "--datetime", "2026-06-01/2026-06-15"]


def test_stac_client_search_with_the_url_changed(here, capsys):
    """The forms of ``stac-client search URL ...``: words after one another, JSON filters, --query, --matched, --save."""
    whole = json.loads(told(capsys, "search", "planet", *COMMON, "-c", "PSScene", "SkySatScene", "--max-items", "500"))
    names = {item["collection"] for item in whole["features"]}
    fine = [item["id"] for item in whole["features"] if item["properties"]["eo:cloud_cover"] < 20]
    wanted = ["search", "planet", *COMMON, "-c", "PSScene", "SkySatScene", "--max-items", "500"]
    as_json = json.dumps({"op": "<", "args": [{"property": "eo:cloud_cover"}, 20]})

    for more in (
        ["--query", "eo:cloud_cover<20"],
        ["--query", "eo:cloud_cover<20", "gsd<=1000"],
        ["--filter", "eo:cloud_cover < 20", "--filter-lang", "cql2-text", "--method", "POST"],
        ["--filter", as_json, "--filter-lang", "cql2-json"],
    ):
        found = json.loads(told(capsys, *wanted, *more))
        assert [item["id"] for item in found["features"]] == fine, more

    assert names == {"PSScene", "SkySatScene"}
    assert 0 < len(fine) < len(whole["features"])
    assert told(capsys, *wanted, "--matched") == f"{len(whole['features'])} items matched\n"
    told(capsys, *wanted, "--save", "items.json")
    assert json.loads(Path("items.json").read_text())["features"] == whole["features"]
    ids = fine[:2]
    found = json.loads(told(capsys, "search", "planet", "--ids", *ids, "--fields", "id", "properties.gsd"))
    assert sorted(item["id"] for item in found["features"]) == sorted(ids)
    assert not any(item["assets"] for item in found["features"])
    found = json.loads(told(capsys, *wanted[:-1], "9", "--sortby", "gsd", "-datetime"[1:]))
    assert len(found["features"]) == 9


def test_stac_client_collections_with_the_url_changed(here, capsys):
    everything = json.loads(told(capsys, "collections", "sedas", "--json"))
    found = json.loads(told(capsys, "collections", "sedas", "--q", "novasar", "--fields", "id", "title"))

    assert 0 < len(found) < len(everything)
    assert set(found[0]) >= {"id", "title", "type"}
    assert "keywords" not in found[0]
    assert told(capsys, "collections", "sedas", *COMMON, "--matched") == f"{len(everything)} collections matched\n"
    told(capsys, "collections", "--all", "--save", "all.json")
    assert len(json.loads(Path("all.json").read_text())) > len(everything)
    assert "sentinel-2-l2a" in told(capsys, "collections", "sedas", "--sortby", "-title", "--max-collections", "10")


def test_what_cannot_be_counted_says_so(here, capsys):
    assert main(["search", "sedas", *COMMON, "--matched"]) != 0
    assert "cannot count" in capsys.readouterr().err
    with swath.open("sedas") as sedas:
        assert sedas.search(max_items=1, datetime="2026-06-01").matched() is None
    assert issubclass(NotSupported, InputError)


def test_provider_after_a_collection_stays_a_provider(here, capsys):
    found = json.loads(told(capsys, "search", "-c", "PSScene", "planet", "-n", "2"))
    both = json.loads(told(capsys, "search", "planet", "-n", "4", "--sortby", "datetime", "sedas", *COMMON))

    assert {item["collection"] for item in found["features"]} == {"PSScene"}
    assert len(both["features"]) == 4

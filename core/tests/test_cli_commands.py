# SPDX-License-Identifier: Apache-2.0
"""Each command, run in this process against a small provider on loopback: output, talk, exit codes."""

import io
import json
import sys

import pytest

from swath._cli import main
from swath._cli.advice import hint_of
from swath._cli.output import counted
from swath._cli.piping import holds_orders, order_ids
from swath.errors import (
    CostExceeded,
    InputError,
    InvalidFilter,
    MixedProjections,
    NotOrdered,
    OrderFailed,
    OrderPartial,
    SwathError,
)

KEY = "canary-depot-key-0001"


class Told:
    """What a command printed, and how it ended."""

    def __init__(self, code, captured):
        self.code, self.out, self.err = code, captured.out, captured.err

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def swath(open_depot, capsys, monkeypatch, tmp_path):
    """Run a command in an empty folder, with something on standard input."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(*words, given=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        code = main([str(word) for word in words])
        told = Told(code, capsys.readouterr())
        assert "Traceback" not in told.err or "-vv" in words
        assert KEY not in told.out + told.err
        return told

    return run


@pytest.fixture
def found(swath):
    """What a search printed, of two items."""
    return swath("search", "depot", "-n", "2").out


# --- search -----------------------------------------------------------------------------------------------------------


def test_search_prints_geojson_into_a_pipe_and_talks_aside(swath):
    told = swath("search", "depot", "-n", "2", "--sortby", "-datetime")

    assert [item["id"] for item in told.json["features"]] == ["f", "e"]
    assert told.out.count("\n") == 1
    assert told.err == "More items match than --max-items=2.\n"


@pytest.mark.parametrize("form", ["ndjson", "table"])
def test_search_in_other_forms(swath, form):
    told = swath("search", "depot", "--format", form, "-f", '"eo:cloud_cover" < 25')

    lines = told.out.splitlines()
    if form == "ndjson":
        assert [json.loads(line)["id"] for line in lines] == ["a", "b"]
    else:
        assert lines[0].split() == ["COLLECTION", "ITEM", "TIME", "(UTC)", "CLOUD", "PLATFORM", "STATUS"]
        assert lines[1].split() == ["crates", "a", "2026-05-01", "10:00:00", "10", "%", "-", "-"]
    assert told.err == ""


@pytest.mark.parametrize(
    "name", ["one.geojson", "deep/one.ndjson", "one.parquet", "one.arrow", "one/", "deep/er/one.d/", "one.json"]
)
def test_p39_search_saves_what_can_be_ordered(swath, name):
    told = swath("search", "depot", "-n", "1", "--save", name, "--format", "table")

    assert f"Saved 1 item to {name}" in told.err
    assert swath("quote", name, "--json").code == 0
    assert swath("order", name, "--json").json["items"] == ["a"]


def test_search_does_not_write_into_a_folder_that_is_not_empty(swath, tmp_path):
    told = swath("search", "depot", "-n", "1", "--save", f"{tmp_path}/")

    assert told.code == 2
    assert "is not empty\nHint:  name a new folder" in told.err


@pytest.mark.parametrize("form", ["geoparquet", "arrow"])
def test_search_prints_tables_for_programs_into_pipes_only(open_depot, monkeypatch, form):
    from swath._export import items_of_table

    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert main(["search", "depot", "-n", "2", "--format", form]) == 0
    out.seek(0)

    from pyarrow import ipc, parquet

    table = parquet.read_table(out) if form == "geoparquet" else ipc.open_file(out).read_all()
    assert [item["id"] for item in items_of_table(table)] == ["a", "b"]


def test_search_that_finds_nothing_says_so_and_is_no_error(swath):
    told = swath("search", "depot", "-d", "1999")

    assert (told.code, told.json["features"], told.err) == (0, [], "Nothing matches.\n")


@pytest.mark.parametrize("area", ["POLYGON((4 51,6 53,6 51,4 53,4 51))", "-"])
def test_search_repairs_an_area_and_says_so(swath, area):
    told = swath("search", "depot", "--aoi", area, given="POLYGON((4 51,6 53,6 51,4 53,4 51))")

    assert told.code == 0
    assert told.err.startswith("Note: the area was repaired: ring 0 crosses itself")


WRONG_SEARCHES = {
    "provider": (["search", "depott"], 4, "no plugin named 'depott' is installed (installed: "),
    "collection": (["search", "depot", "-c", "crate"], 4, "did you mean 'crates'?"),
    "property": (["search", "depot", "-f", "clowd < 3"], 2, "no property 'clowd'"),
    "sort key": (["search", "depot", "--sortby", "-clowd"], 2, "no property 'clowd'"),
    "CQL2": (["search", "depot", "-f", "gsd <"], 2, "is no CQL2 text"),
    "dates": (["search", "depot", "-d", "2026-06-02/2026-06-01"], 2, "swap the two"),
    "date": (["search", "depot", "-d", "soon"], 2, "datetime 'soon' cannot be read"),
    "range": (["search", "depot", "--bbox", "0,91,1,92"], 2, "south is 91"),
    "two areas": (
        ["search", "depot", "--bbox", "0,1,1,2", "--aoi", "0,1,1,2"],
        2,
        "bbox and intersects are both given",
    ),
    "area": (["search", "depot", "--aoi", "no.geojson"], 2, "'no.geojson' does not exist"),
    "no area": (["search", "depot", "--aoi", "-"], 2, "standard input holds no area"),
    "ending": (["search", "depot", "--save", "x.txt"], 2, "cannot tell from 'x.txt'"),
    "folder": (["search", "depot", "--save", "/proc/no/x.geojson"], 2, "cannot be written"),
    "collections": (["collections", "depott"], 4, "depott"),
    "queryables": (["collections", "depot", "crate"], 4, "did you mean 'crates'?"),
    "acquire": (["acquire", "depott", "-n", "1"], 4, "depott"),
    "acquire without a bound": (["acquire", "depot"], 2, "nothing says how much may be bought"),
    "nothing": (["acquire", "depot", "-d", "1999", "-n", "1"], 4, "nothing matches the search"),
    "budget": (["budget", "depott"], 4, "depott"),
    "orders": (["orders", "--provider", "depott"], 4, "depott"),
    "login": (["auth", "login", "depott"], 4, "depott"),
    "status": (["auth", "status", "depott"], 4, "depott"),
    "logout": (["auth", "logout", "depott"], 4, "depott"),
    "sandbox": (["sandbox", "depott"], 4, "depott"),
    "demo": (["demo", "depott"], 4, "depott"),
}


@pytest.mark.parametrize("name", WRONG_SEARCHES)
def test_wrong_words_are_named_with_the_way_out(swath, name):
    words, code, said = WRONG_SEARCHES[name]

    told = swath(*words)

    assert told.code == code
    assert said in told.err
    assert told.err.splitlines()[-2].startswith("Error: ")
    assert told.err.splitlines()[-1].startswith("Hint:  ")
    assert told.out == ""


def test_collections_and_what_a_filter_may_name(swath):
    assert "crates      Wooden crates" in swath("collections", "depot").out
    assert [one["id"] for one in swath("collections", "depot", "--json").json] == ["crates", "barrels"]
    assert "kind            a | b" in swath("collections", "depot", "crates").out
    assert "gsd" in swath("collections", "depot", "crates", "--json").json["properties"]


# --- buying -----------------------------------------------------------------------------------------------------------


def test_quote_for_people_and_for_programs(swath, found):
    assert swath("quote", "-", given=found).out == "3 EUR  for 2 items  (by the list)\n"
    quoted = swath("quote", "-", "--json", given=found).json
    assert (quoted["amount"], quoted["unit"], quoted["items"]) == (3, "EUR", {"a": 1, "b": 2})


def test_order_then_the_same_again_buys_once(swath, found, open_depot):
    first = swath("order", "-", "--json", given=found).json
    second = swath("order", "-", given=found)

    assert first["id"] in second.out
    assert second.out.splitlines()[0].split()[:3] == ["PROVIDER", "ORDER", "STATE"]
    assert open_depot.posts == 1
    assert swath("order", "-", "--again", "--json", given=found).json["id"] != first["id"]


def test_order_can_be_shown_without_being_sent(swath, found, open_depot):
    told = swath("order", "-", "--dry-run", "--name", "mine", given=found)

    assert told.out.startswith(f"POST {open_depot.base}/orders\n")
    assert '"name": "mine swath-0000000000000000"' in told.out
    assert told.err == "Nothing was sent.\n"
    assert open_depot.posts == 0
    assert swath("orders").err == "Nothing was ordered yet.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--max-cost", "2"], "the quote is 3 EUR, above max_cost=2"),
        (["--option", "wrap=paper"], "did you mean 'wrapping'"),
        (["--option", "wrapping"], "write --option KEY=VALUE"),
        (["--option", "max_cost=1"], "'max_cost' is no option of the provider's own"),
        (["--option", "bundle=1"], "'bundle' is no option of the provider's own"),
        (["--tool", "clip"], "is no JSON object"),
        (["--clip", "no.geojson"], "'no.geojson' does not exist"),
    ],
    ids=" ".join,
)
def test_wrong_orders_send_nothing(swath, found, open_depot, words, said):
    told = swath("order", "-", *words, given=found)

    assert told.code == 2
    assert said in told.err
    assert open_depot.posts == 0


def test_refusal_above_a_cap_names_the_option(swath, found):
    assert "raise --max-cost" in swath("order", "-", "--max-cost", "2", given=found).err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "standard input holds no items"),
        ("5", "holds something that is no STAC Item: '5'"),
        ('"text"', "no STAC Item"),
        ("[]", "standard input holds no items"),
        ("{}", "no STAC Item"),
        ('{"nonsense"', "neither JSON nor NDJSON"),
        ('{"type": "FeatureCollection", "features": []}', "see what the command before the pipe said"),
        ('{"type": "Feature", "id": "x"}', "does not say whose it is (swath:provider: none)"),
        ('{"type": "Feature", "id": "x", "properties": null}', "does not say whose it is"),
    ],
)
def test_what_is_piped_in_is_no_items(swath, given, said):
    for command in ("order", "quote", "download"):
        told = swath(command, "-", given=given)

        assert told.code == 2
        assert said in told.err


def test_p15_items_of_a_provider_that_is_not_there_keep_all_from_being_ordered(swath, found, open_depot):
    stranger = json.loads(found)["features"][0]
    stranger["properties"]["swath:provider"] = "elsewhere"

    told = swath("order", "-", given=json.dumps([stranger, *json.loads(found)["features"]]))

    assert told.code == 4
    assert "elsewhere" in told.err
    assert open_depot.posts == 0


# --- following --------------------------------------------------------------------------------------------------------


def test_items_are_named_one_a_line_or_given_one_a_line(swath, found, tmp_path):
    lines = "depot crates a\n\ndepot   b\ndepot crates a\n"
    named = swath("order", "-", "--json", given=lines).json
    (tmp_path / "here" / "wanted.txt").write_text(lines, encoding="utf-8")

    ndjson = "\n".join(json.dumps(item) for item in json.loads(found)["features"])

    assert named["items"] == ["a", "b"]
    assert swath("order", "wanted.txt", "--json").json["id"] == named["id"]
    assert swath("order", "-", "--json", given=ndjson).json["id"] == named["id"]
    assert swath("quote", "-", given=lines).out == "3 EUR  for 2 items  (by the list)\n"


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ("depot crates zz\n", 4, "there is no item 'zz'"),
        ("crates a\n", 2, "names no item"),
        ("depot\n", 2, "names no item"),
        ("nonsense", 2, "names no item"),
        ("depot barrels a\n", 4, "there is no item 'a'"),
        ("PROVIDER  ORDER  STATE\ndepot o-1 succeeded x\n", 2, "names no item"),
    ],
)
def test_lines_that_name_no_item_are_refused_before_anything_is_bought(swath, open_depot, given, code, said):
    told = swath("order", "-", given=given)

    assert told.code == code, told.err
    assert said in told.err
    assert open_depot.posts == 0


def test_pipe_from_search_to_files(swath, found):
    ordered = swath("order", "-", "--json", given=found)
    waited = swath("wait", "-", "--json", given=ordered.out)
    fetched = swath("download", "-", "-o", "data", given=waited.out)
    checked = swath("verify", "data")

    assert waited.json["state"] == "succeeded"
    assert [line.split()[0] for line in fetched.out.splitlines()[1:]] == ["a", "b"]
    assert (checked.code, checked.err) == (0, "2 files, all as they should be\n")
    assert swath("download", "-", "-o", "data", "--json", given=found).json["features"][0]["id"] == "a"


def test_several_orders_are_told_one_by_one(swath, open_depot):
    lines = swath("search", "depot", "--format", "ndjson").out.splitlines()[:3]
    ids = [swath("order", "-", "--json", given=line).json["id"] for line in lines]

    told = swath("wait", *ids)
    listed = swath("orders", "--json")

    assert [line.split()[1] for line in told.out.splitlines()[1:]] == ids
    assert [one["id"] for one in swath("wait", "-", "--json", given=listed.out).json] == ids[::-1]
    assert [one["id"] for one in swath("wait", "-", "--json", given="\n".join(ids)).json] == ids


def test_order_of_many_is_one_group(swath):
    ordered = swath("order", "-", "--json", given=swath("search", "depot").out)
    waited = swath("wait", "-", "--json", given=ordered.out)

    assert ordered.json["kind"] == "group"
    assert waited.json["id"] == ordered.json["id"]
    assert [part["state"] for part in waited.json["parts"]] == ["succeeded", "succeeded"]


def test_table_in_a_pipe_is_refused_with_the_option_to_add(swath, found):
    swath("order", "-", given=found)

    told = swath("wait", "-", given=swath("orders").out)

    assert told.code == 2
    assert "add --json" in told.err


ENDS = {"broken": (1, "see the provider's reason above; order again with --again"), "dropped": (1, "--again"),
        "short": (6, "swath wait ORDER --accept-partial")}  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
def test_bad_ends_have_their_exit_code_and_reason(swath, found, open_depot, end):
    open_depot.script = [end]
    open_depot.why = {end: "the mice were here"}
    code, hint = ENDS[end]

    told = swath("order", "-", "--wait", given=found)

    assert told.code == code
    assert "the mice were here" in told.err
    assert hint in told.err
    assert told.out == ""
    if end == "short":
        assert swath("wait", "d-000001", "--accept-partial").code == 0


def test_wait_when_time_is_up(swath, found, open_depot):
    open_depot.script = []
    swath("order", "-", given=found)

    told = swath("wait", "d-000001", "--timeout", "0")

    assert told.code == 1
    assert "is still 'ordered'" in told.err
    assert "swath wait d-000001" in told.err


def test_orders_are_listed_told_and_chosen(swath, found, open_depot):
    swath("order", "-", given=found)

    assert [one["id"] for one in swath("orders", "depot", "--json").json] == ["d-000001"]
    assert swath("orders", "--state", "failed").err == "There are no such orders.\n"
    assert swath("orders", "--profile", "work", "--json").json == []
    assert "d-000001" in swath("orders", "d-0000", "--history").out


@pytest.mark.parametrize("command", [["wait", "nope"], ["cancel", "nope"], ["download", "nope"], ["orders", "nope"],
                                     ["resume", "nope"]], ids=" ".join)  # fmt: skip
def test_unknown_order_is_not_found(swath, command):
    told = swath(*command)

    assert told.code == 4
    assert "the ledger has no order 'nope'" in told.err


def test_cancel_in_time_too_late_and_afterwards(swath, found, open_depot):
    swath("order", "-", given=found)
    assert "canceled" in swath("cancel", "d-000001").out
    assert swath("cancel", "d-000001").code == 0  # it is what was asked for

    swath("order", "-", given=found)
    open_depot.orders["d-000002"]["state"] = "packing"
    late = swath("cancel", "d-000002")
    assert (late.code, "the cart has left" in late.err) == (1, True)
    swath("wait", "d-000002")
    over = swath("cancel", "d-000002")
    assert (over.code, over.err) == (1, "d-000002 was succeeded already: nothing was cancelled.\n")


def test_orders_are_followed_with_the_profile_they_were_made_with(swath, found, open_depot, monkeypatch):
    open_depot.keys = {"canary-work-key-000002"}
    monkeypatch.delenv("DEPOT_KEY")
    swath("auth", "login", "depot", "--profile", "work", "--stdin", given="canary-work-key-000002\n")
    swath("order", "-", "--profile", "work", given=found)

    assert swath("wait", "d-000001").code == 0
    assert swath("download", "d-000001", "-o", "data").code == 0


def test_download_of_what_is_not_ready_or_never_ordered(swath, found, open_depot):
    never = swath("download", "-", given=found)
    open_depot.script = []
    swath("order", "-", given=found)
    early = swath("download", "d-000001")

    assert (never.code, early.code) == (2, 2)
    assert "swath order ITEMS --wait" in never.err
    assert "swath wait d-000001" in early.err


def test_download_of_which_a_part_fails_exits_with_6(swath, found, open_depot):
    swath("order", "-", "--wait", given=found)
    open_depot.fail("GET", "/files/b.txt", 404, times=99)

    told = swath("download", "d-000001", "-o", "data")
    open_depot.faults.clear()

    assert told.code == 6
    assert "1 of 2 files failed, 1 are in place: b.txt" in told.err
    assert swath("download", "d-000001", "-o", "data").code == 0
    assert swath("verify", "data").code == 0


@pytest.mark.parametrize("target", ["file", "file/data", "/proc/no"])
def test_download_into_what_cannot_be_written(swath, found, tmp_path, target):
    (tmp_path / "here" / "file").write_text("")
    swath("order", "-", "--wait", given=found)

    assert swath("download", "d-000001", "-o", target).code == 2


def test_verify_finds_what_has_changed(swath, found, tmp_path):
    swath("order", "-", "--wait", given=found)
    swath("download", "d-000001", "-o", "data")
    (tmp_path / "here" / "data" / "a" / "a.txt").write_text("other")
    (tmp_path / "here" / "data" / "b" / "b.txt").unlink()

    told = swath("verify", "data", "--json")

    assert told.code == 6
    assert told.json["counts"] == {"ok": 0, "missing": 1, "broken": 1, "unverified": 0}
    assert swath("verify", "data").err == "2 files, 2 not as they should be\n"


def test_acquire_does_it_all_and_once(swath, open_depot):
    first = swath("acquire", "depot", "-n", "2", "-o", "data", "--json")
    open_depot.log.clear()
    second = swath("acquire", "depot", "-n", "2", "-o", "data")

    assert [item["id"] for item in first.json["features"]] == ["a", "b"]
    assert "Found 2 items" in second.err
    assert not [path for method, path, _ in open_depot.log if method == "POST" or path.startswith("/files")]


# --- credentials ------------------------------------------------------------------------------------------------------


def test_p29_missing_credentials_are_named_and_nobody_is_asked(swath, monkeypatch, tmp_path):
    monkeypatch.delenv("DEPOT_KEY")

    for words in (["search", "depot"], ["auth", "login", "depot"]):
        told = swath(*words)
        assert told.code == 3
        assert "api_key" in told.err
        assert "swath auth login depot" in told.err
    assert "DEPOT_KEY" in swath("search", "depot").err
    assert swath("auth", "status", "depot").code == 3
    assert swath("auth", "status").code == 0
    assert not (tmp_path / "home" / "credentials.json").exists()


def test_login_tries_before_it_keeps(swath, monkeypatch, tmp_path):
    monkeypatch.delenv("DEPOT_KEY")

    wrong = swath("auth", "login", "depot", "--stdin", given="canary-wrong-key-0009\n")
    assert (wrong.code, "nothing was kept" in wrong.err) == (3, True)
    assert "canary-wrong" not in wrong.err
    assert swath("auth", "status", "depot").code == 3

    right = swath("auth", "login", "depot", "--stdin", given=f"{KEY}\n")
    assert right.err == f"The Depot accepts it.\nKept in {tmp_path}/home/credentials.json\n"
    assert swath("search", "depot", "-n", "1").code == 0


def test_login_where_no_good_answer_comes_keeps_untried(swath, open_depot, monkeypatch):
    monkeypatch.delenv("DEPOT_KEY")
    open_depot.fail("GET", "/items", 400)

    told = swath("auth", "login", "depot", "--with", f"api_key={KEY}")

    assert told.code == 0
    assert told.err.startswith("It could not be tried: ")
    assert swath("auth", "status", "depot", "--check").code == 0


def test_p24_login_says_what_hides_it(swath, monkeypatch):
    told = swath("auth", "login", "depot", "--no-check", "--with", "api_key=another-key-of-mine")

    assert "as long as the environment DEPOT_KEY holds another api_key" in told.err
    [row] = swath("auth", "status", "depot", "--json").json
    assert (row["source"], row["value"], row["shadowed"]) == ("environment DEPOT_KEY", "****0001", ["profile file"])
    assert "The environment DEPOT_KEY still holds api_key" in swath("auth", "logout", "depot").err
    monkeypatch.delenv("DEPOT_KEY")
    assert swath("auth", "logout", "depot").err == "There was nothing to forget.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--with", "key=1"], "did you mean 'api_key'?"),
        (["--with", "api_key"], "write --with FIELD=VALUE"),
        (["--with", "api_key="], "no credential of depot was given"),
        (["--stdin"], "no credential of depot was given"),
        (["--stdin", "--with", "api_key=x"], "0 are missing"),
    ],
    ids=" ".join,
)
def test_login_with_wrong_words(swath, words, said):
    told = swath("auth", "login", "depot", *words)

    assert told.code == 2
    assert said in told.err


def test_status_with_a_check_says_who_is_refused(swath, open_depot):
    assert swath("auth", "status", "depot", "--check", "--json").json[0]["accepted"] is True
    open_depot.keys = set()

    told = swath("auth", "status", "depot", "--check", "--json")

    assert (told.code, told.json[0]["accepted"]) == (3, False)
    assert "401" in told.err


# --- failures ---------------------------------------------------------------------------------------------------------


def test_p27_a_traceback_is_shown_when_asked_for_and_holds_no_key(swath, open_depot):
    open_depot.fail("GET", "/items", 400)

    told = swath("search", "depot", "-vv")

    assert told.code == 1
    assert "Traceback (most recent call last)" in told.err
    assert f"GET {open_depot.base}/items -> 400" in told.err


def test_p31_broken_plugin_is_listed_with_its_reason(swath, tmp_path, monkeypatch):
    site = tmp_path / "site"
    info = site / "rotten-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rotten\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[swath.providers]\nrotten = rotten_plugin:P\n")
    (site / "rotten_plugin.py").write_text("import a_module_that_is_not_there")
    monkeypatch.syspath_prepend(str(site))

    told = swath("plugins", "--json")

    rows = {row["name"]: row for row in told.json}
    assert told.code == 1
    assert rows["rotten"]["state"] == "broken"
    assert "a_module_that_is_not_there" in rows["rotten"]["reason"]
    assert rows["depot"]["state"] == "ok"
    assert "rotten" in {row["name"] for row in swath("providers", "--json").json}
    assert swath("search", "rotten").code == 1
    assert swath("search", "depot", "-n", "1").code == 0


def test_corrupt_ledger_is_kept_aside_and_said(swath, found, tmp_path):
    swath("order", "-", given=found)
    ledger = tmp_path / "home" / "ledger.sqlite3"
    ledger.write_bytes(b"garbage" * 500)

    told = swath("orders")

    assert told.code == 0
    assert "Warning: the ledger of orders" in told.err
    assert "swath reconcile" in told.err
    [kept] = tmp_path.glob("home/ledger.sqlite3.corrupt-*Z")
    assert kept.read_bytes() == b"garbage" * 500


@pytest.mark.parametrize("home", ["/dev/null", "/proc/none"])
def test_home_that_cannot_be_written(swath, found, monkeypatch, home):
    monkeypatch.setenv("SWATH_HOME", home)

    for words in (["orders"], ["order", "-"], ["wait", "x"]):
        told = swath(*words, given=found)
        assert told.code == 1
        assert "SWATH_HOME" in told.err
    assert swath("auth", "login", "depot", "--with", f"api_key={KEY}").code == 2
    assert swath("search", "depot", "-n", "1").code == 0


def test_defect_is_called_one_and_shown_only_on_demand(swath, monkeypatch):
    monkeypatch.setattr("swath._registry.list_plugins", lambda *_: 1 / 0)

    told = swath("providers")

    assert told.code == 1
    assert told.err.startswith("Error: ZeroDivisionError: division by zero\nHint:  this is a defect in swath")


# --- words ------------------------------------------------------------------------------------------------------------

HINTS = [
    (CostExceeded("x"), "raise --max-cost, order fewer items, or add --allow-unknown-cost where the cost is unknown"),
    (OrderFailed("x"), "see the provider's reason above; order again with --again once it is mended"),
    (OrderPartial("x"), "swath wait ORDER --accept-partial"),
    (NotOrdered("x"), "order it first: swath order ITEMS --wait"),
    (MixedProjections("x"), "pass --crs EPSG:... (and --resolution ...), or load the zones one by one"),
    (SwathError("x"), "run it again with -vv for the whole exchange"),
    (InvalidFilter("x", provider="depot"), "list the properties with: swath collections depot COLLECTION"),
    (InputError("x", hint="order one bundle at a time with bundle=; or leave out assets=."), "with --bundle; or leave out --assets."),
    (InputError("x", hint="https://example.org/?bbox=1,2"), "https://example.org/?bbox=1,2"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "said"), HINTS, ids=lambda value: type(value).__name__)
def test_hints_speak_the_command_line(error, said):
    assert said in hint_of(error)


def test_numbers_of_things():
    assert [counted(number, "item") for number in (0, 1, 1500)] == ["0 items", "1 item", "1,500 items"]


def test_orders_and_items_are_told_apart():
    assert holds_orders('{"id": "x", "state": "ordered"}')
    assert holds_orders('[{"id": "x", "state": "ordered"}]')
    assert not holds_orders('{"type": "FeatureCollection", "features": []}')
    assert not holds_orders("[]")
    assert not holds_orders("d-000001 d-000002")
    assert order_ids("d-000001\nd-000002 ") == ["d-000001", "d-000002"]
    assert order_ids('{"id": "", "tag": "swath-1", "state": "uncertain"}') == ["swath-1"]

# SPDX-License-Identifier: Apache-2.0
"""The harness of `make bench`: what it says of measures that are known. Nothing is timed here."""

import importlib
import json
import re
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parent / "bench"
OURS = ("harness", "rows", "servers")


@pytest.fixture
def bench(monkeypatch):
    """Give a module of the harness by its name; it is a program's, so nothing of it is left behind."""
    monkeypatch.syspath_prepend(str(BENCH))
    yield importlib.import_module
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]


def summary(bench, name, *seconds, side="peer", rss_mb=10.0, left_out="", **facts):
    model = bench("harness.model")
    samples = [model.Sample(seconds=one, cpu_s=one, rss_mb=rss_mb, facts=facts) for one in seconds]
    return model.Summary(name=name, side=side, samples=samples, left_out=left_out)


def test_every_goal_names_who_is_in_its_row(bench):
    for row in bench("rows").ROWS.values():
        names = [contender.name for contender in row.contenders]
        assert len(set(names)) == len(names), row.key
        assert row.contenders[0].side == "swath", row.key
        for goal in row.goals:
            others = (goal.other,) if isinstance(goal.other, str) else goal.other or ()
            assert {goal.ours, *others} <= set(names), goal.worded


def test_every_row_of_the_issue_is_there(bench):
    assert {
        "large", "verified", "many", "capped", "tls", "small", "gets", "search", "latency", "orders", "federation",
        "start",
    } <= set(bench("rows").ROWS)  # fmt: skip


def test_every_script_that_is_run_is_there(bench):
    places = bench("harness.places")
    ground = dict.fromkeys(
        ("base", "list", "out", "root", "curl", "aria2c", "manifest", "large", "url", "certificate"), "x"
    )
    ground["lines"] = [("x", "1", "d")]
    for row in bench("rows").ROWS.values():
        for contender in row.contenders:
            for word in " ".join(map(str, contender.argv(ground))).split():
                if word.startswith(str(places.CONTENDERS)):
                    assert Path(word).exists(), word


@pytest.mark.parametrize(
    ("most", "slack", "ours", "met"),
    [
        (1.0, 0.0, 2.0, True),
        (0.5, 0.0, 1.0, True),
        (0.5, 0.0, 1.1, False),
        (1.0, 0.05, 2.2, False),
        (1.0, 0.05, 1.92, True),
    ],
)
def test_goal_is_held_against_medians(bench, most, slack, ours, met):
    model = bench("harness.model")
    known = {"a": summary(bench, "a", 0.0, ours, 99.0), "b": summary(bench, "b", 1.0, 2.0, 7.0)}

    verdict = model.judge(model.Goal(ours="a", other="b", most=most, slack=slack), known)

    assert verdict.met is met


def test_goal_against_several_means_the_slowest(bench):
    model = bench("harness.model")
    known = {"all": summary(bench, "all", 1.1), "a": summary(bench, "a", 0.2), "b": summary(bench, "b", 1.0)}

    assert model.judge(model.Goal(ours="all", other=("a", "b"), most=1.15), known).met is True
    assert model.judge(model.Goal(ours="all", other=("a",), most=1.15), known).met is False


def test_goal_without_a_measure_is_neither_met_nor_missed(bench):
    model = bench("harness.model")
    known = {"a": summary(bench, "a", 1.0), "b": summary(bench, "b", left_out="it is not installed")}

    assert model.judge(model.Goal(ours="a", other="b", most=1.0), known).met is None
    assert model.judge(model.Goal(ours="a", measure="refused", most=0), known).met is None


def test_facts_and_memory_are_judged_as_they_are(bench):
    model = bench("harness.model")
    known = {"a": summary(bench, "a", 1.0, rss_mb=61.0, refused=0)}

    assert model.judge(model.Goal(ours="a", measure="refused", most=0), known).met is True
    assert model.judge(model.Goal(ours="a", measure="rss_mb", most=60), known).met is False


def test_program_that_fails_is_left_out_with_its_words(bench, tmp_path):
    measuring = bench("harness.measuring")

    with pytest.raises(measuring.Failed, match=re.escape("status 3: the reason")):
        measuring.launch(
            [sys.executable, "-c", "import sys; print('the reason', file=sys.stderr); sys.exit(3)"], {}, tmp_path
        )


def test_what_a_program_took_and_told_is_read(bench, tmp_path):
    code = "import json; held = b'x' * 80_000_000; print(json.dumps({'seconds': 7.5, 'found': 3}))"

    sample = bench("harness.measuring").launch([sys.executable, "-c", code], {}, tmp_path, tells=True)

    assert (sample.seconds, sample.facts["found"]) == (7.5, 3)
    assert sample.rss_mb > 80


def test_page_keeps_what_is_written_by_hand_and_shows_each_row(bench, monkeypatch, tmp_path):
    kept, page = bench("harness.kept"), bench("harness.page")
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(kept, "RESULTS", tmp_path / "results.json")
    rows = {"filter": bench("rows").ROWS["filter"]}
    names = [contender.name for contender in rows["filter"].contenders]
    (tmp_path / "benchmarks.md").write_text(f"old\n{page.BEGIN}\nkept words\n{page.END}\nold\n", encoding="utf-8")
    results = kept.keep({"filter": [summary(bench, name, 1.0, 2.0, side="swath") for name in names]}, 0.02)

    page.write(rows, results)

    text = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert page.BEGIN + "\nkept words\n" + page.END in text
    assert "\nold\n" not in text
    assert all(name in text for name in names)
    assert "1.00\N{EN DASH}2.00" in text
    assert json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["rows"]["filter"]["others"] == 0.02


def test_catalogue_serves_all_items_once_by_each_face(bench):
    module = bench("servers.catalogue")
    template = {"id": "x", "_links": {}, "properties": {}}
    catalogue = module.Catalogue("http://x", {"planet": [template], "capella": [template]})

    found = {"planet": [], "capella": [], "stac": []}
    status, body = catalogue(
        "POST", "/data/v1/quick-search?_page_size=250", b'{"filter": {"type": "AndFilter", "config": []}}'
    )
    while True:
        page = json.loads(body)
        found["planet"] += [one["id"] for one in page["features"]]
        if "_next" not in page["_links"]:
            break
        status, body = catalogue("GET", page["_links"]["_next"].removeprefix("http://x"), b"")
    for number in range(1, 41):
        _, body = catalogue("POST", "/catalog/search", json.dumps({"limit": 250, "page": number}).encode())
        found["capella"] += [one["id"] for one in json.loads(body)["features"]]
    asked = {"limit": 250}
    while asked:
        page = json.loads(catalogue("POST", "/stac/search", json.dumps(asked).encode())[1])
        found["stac"] += [one["id"] for one in page["features"]]
        asked = page["links"][0]["body"] if page["links"] else None

    assert status == 200
    assert {name: (len(ids), len(set(ids))) for name, ids in found.items()} == dict.fromkeys(found, (10_000, 10_000))


def test_windows_of_the_catalogue_add_up(bench):
    module = bench("servers.catalogue")
    template = {"id": "x", "_links": {}, "properties": {}}
    catalogue = module.Catalogue("http://x", {"planet": [template], "capella": [template]})

    def matched(**bounds):
        body = {"limit": 1, "query": {"datetime": bounds}}
        return json.loads(catalogue("POST", "/catalog/search", json.dumps(body).encode())[1])["numberMatched"]

    cut = "2026-04-01T00:00:00Z"
    assert matched(gte=cut) + matched(lt=cut) == matched(gt=cut) + matched(lte=cut) == 10_000
    assert matched(gte=cut) - matched(gt=cut) == 1

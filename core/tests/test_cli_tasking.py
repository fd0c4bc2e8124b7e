# SPDX-License-Identifier: Apache-2.0
"""Tasking from the command line, over the small provider of `test_tasking`."""

import json

import pytest

MAY = "2026-05-01/2026-05-08"
AREA = "POINT (5.2 52.1)"


@pytest.fixture
def swath_cli(foundry, monkeypatch, tmp_path, capsys):
    import swath
    from swath._cli import main

    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(swath, "open", lambda name, profile=None: foundry())

    def run(*words):
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_task_then_approve_then_list(swath_cli, depot):
    code, out, err = swath_cli("task", "depot", "--aoi", AREA, "-d", MAY, "--option", "tier=urgent", "--json")
    made = json.loads(out)
    assert (code, made["kind"], made["awaits_approval"]) == (0, "task", True)
    assert f"swath approve {made['id']}" in err

    code, _, err = swath_cli("approve", made["id"], "--max-cost", "10")
    assert code == 2
    assert "900 EUR, above max_cost=10" in err
    code, out, _ = swath_cli("approve", made["id"], "--max-cost", "1000", "--json")
    assert (code, depot.approved) == (0, [made["id"]])
    assert json.loads(out)["quote"]["amount"] == 900

    code, out, _ = swath_cli("tasks", "--json")
    assert [one["id"] for one in json.loads(out)] == [made["id"]]
    code, out, _ = swath_cli("orders")
    assert made["id"] in out


def test_task_approve_and_wait_in_one_go(swath_cli, depot):
    code, out, _ = swath_cli(
        "task", "depot", "--aoi", AREA, "-d", MAY, "--approve", "--max-cost", "1000", "--wait", "--json"
    )

    assert (code, json.loads(out)["state"]) == (0, "succeeded")


def test_subscribe_and_dry_run(swath_cli, depot):
    code, out, _ = swath_cli("subscribe", "depot", "-c", "crates", "--option", "every_days=7", "--dry-run", "--json")
    assert (code, depot.posts) == (0, 0)
    assert json.loads(out)["requests"][0]["method"] == "POST"

    code, out, _ = swath_cli("subscribe", "depot", "-c", "crates", "--option", "every_days=7", "--json")
    assert (code, json.loads(out)["kind"]) == (0, "subscription")


def test_opportunities_are_listed(swath_cli):
    code, out, _ = swath_cli("opportunities", "depot", "--aoi", AREA, "-d", MAY)

    assert code == 0
    assert "DATETIME" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["task", "depot", "-d", MAY], "--intersects"),
        (["task", "depot", "--aoi", AREA, "-d", "yesterday"], "yesterday"),
        (["task", "depot", "--aoi", AREA, "-d", MAY, "--option", "tier"], "KEY=VALUE"),
        (["task", "depot", "--aoi", AREA, "-d", MAY, "--option", "collection=x"], "no option of the provider's own"),
        (["subscribe", "depot", "--delivery", "[1]"], "no JSON object"),
        (["approve", "nothing-like-it"], "nothing-like-it"),
    ],
)
def test_wrong_input_is_told_plainly(swath_cli, depot, words, told):
    code, _, err = swath_cli(*words)

    assert code in {2, 4}
    assert told in err
    assert depot.posts == 0

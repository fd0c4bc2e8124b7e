# SPDX-License-Identifier: Apache-2.0
"""``swath capella``: what is Capella's own, on the command line."""

import json

import pytest


@pytest.fixture
def swath(capella_box, capsys, monkeypatch, tmp_path):
    """Run a command; gives its exit code, its output and its messages."""
    from swath._cli import main

    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "home"))
    for name, value in capella_box.env.items():
        monkeypatch.setenv(name, value)

    def run(*words):
        code = main(list(words))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_whoami_is_the_user(swath):
    code, out, _ = swath("capella", "whoami")

    assert code == 0
    assert json.loads(out)["email"] == "ana@example.org"


def test_organization_says_what_is_left(swath):
    code, out, _ = swath("capella", "organization")

    assert code == 0
    assert json.loads(out)["commitmentLeft"] > 0


def test_collects_of_a_task(swath, capella):
    order = capella.task("POINT (5.5 52.485)", "2026-12-01T00:00:00Z/2026-12-09T00:00:00Z", approve=True)
    capella.wait(order, timeout=86_400)

    code, out, _ = swath("capella", "collects", order.id)
    _, listed, _ = swath("capella", "collects", order.id, "--json")

    assert code == 0
    [one] = json.loads(listed)
    assert out.startswith(one["collectId"])
    assert out.rstrip().endswith("delivered")


def test_unknown_task_is_not_found(swath):
    code, out, err = swath("capella", "collects", "no-such-task")

    assert code > 0
    assert out == ""
    assert "not found" in err


def test_p30_wrong_key_says_where_to_look(swath, monkeypatch):
    monkeypatch.setenv("CAPELLA_API_KEY", "not-a-key-4711")

    code, _, err = swath("capella", "whoami")

    assert code == 3
    assert "swath auth status" in err
    assert "not-a-key-4711" not in err


def test_help_names_the_commands(swath):
    code, out, _ = swath("capella", "--help")

    assert code == 0
    assert all(name in out for name in ("whoami", "organization", "collects"))

# SPDX-License-Identifier: Apache-2.0
"""``swath cecil``."""

from __future__ import annotations

import io
import json
import re

import pytest

from swath._cli import main


@pytest.fixture
def run(box, monkeypatch, tmp_path, capsys):
    """Run ``swath cecil ...``: exit code, records on standard output, what was said."""
    for name, value in box.running.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "swath"))

    def make(*words, given=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        code = main(["cecil", *words])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return code, [json.loads(line) for line in told.out.splitlines()], told.err

    return make


def test_areas_come_and_go(run, tmp_path):
    ring = [[5.0, 50.0], [5.01, 50.0], [5.01, 50.01], [5.0, 50.0]]
    file = tmp_path / "aoi.geojson"
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))

    _, [made], _ = run("areas", "create", str(file), "--ref", "mine")

    assert made["external_ref"] == "mine"
    assert run("areas", "get", made["id"])[1][0]["geometry"] == feature["geometry"]
    assert run("areas", "archive", made["id"])[0] == 0
    assert made["id"] in {one["id"] for one in run("areas", "list", "--archived")[1]}
    assert run("areas", "restore", made["id"])[0] == 0
    assert made["id"] in {one["id"] for one in run("areas", "list")[1]}


def test_area_without_a_polygon_is_refused(run, tmp_path):
    file = tmp_path / "aoi.geojson"
    file.write_text('{"type": "Point", "coordinates": [1, 2]}')

    code, _, said = run("areas", "create", str(file))

    assert code == 2
    assert "polygon" in said


def test_organisation(run):
    assert run("settings", "--monthly-limit", "60000")[1] == [{"monthly_subscription_limit": 60000}]
    assert run("usage")[1][0]["monthly_subscription_limit"] == 60000
    assert run("settings", "--monthly-limit", "200000")[0] == 0
    _, [made], _ = run("users", "create", "Ada", "Lovelace", "ada2@example.org")
    assert run("users", "get", made["id"])[1] == [made]
    assert made in run("users", "list")[1]


def test_webhook_s_secret_comes_by_pipe_and_is_kept(run, tmp_path):
    assert run("webhooks", "create", "https://example.org/hook")[0] == 2

    code, [made], said = run("webhooks", "create", "https://example.org/hook", "--stdin", given="hook-secret\n")

    assert code == 0
    assert "hook-secret" not in said
    assert "hook-secret" in (tmp_path / "swath" / "credentials.json").read_text()
    assert run("webhooks", "get", made["id"])[1] == [made]
    _, [second], _ = run("webhooks", "create", "https://example.org/hook", "--event", "subscription.failed")
    assert second["events"] == ["subscription.failed"]
    for one in (made, second):
        assert run("webhooks", "delete", one["id"])[0] == 0
    assert run("webhooks", "list")[1] == []


@pytest.fixture
def member(box, run):
    """Invite a member, and give the key."""
    run("users", "create", "Grace", "Hopper", "grace2@example.org")
    mail = next(one for one in reversed(box.switch("GET", "mails")["mails"]) if "grace2@" in str(one))
    token = re.search(r"/_cecil/keys/([\w.=-]+)", str(mail))[1]
    answer = box.switch("GET", f"keys/{token}")
    return answer if isinstance(answer, str) else next(iter(answer.values()))


def test_rotation_keeps_the_new_key_and_says_that_the_environment_holds_the_old_one(run, member, monkeypatch, tmp_path):
    monkeypatch.setenv("CECIL_API_KEY", member)

    code, records, said = run("key", "rotate")

    assert (code, records) == (0, [])
    assert "unset" in said
    assert member not in said
    monkeypatch.delenv("CECIL_API_KEY")
    assert run("usage")[0] == 0
    assert member not in (tmp_path / "swath" / "credentials.json").read_text()


def test_key_is_not_rotated_where_the_new_one_cannot_be_kept(box, run, member, monkeypatch, tmp_path):
    monkeypatch.setenv("CECIL_API_KEY", member)
    (tmp_path / "swath").mkdir(exist_ok=True)
    (tmp_path / "swath" / "credentials.json").write_text("no JSON")
    box.log.clear()

    code, _, _ = run("key", "rotate")

    assert code == 2
    assert not box.log.entries(path="rotate")


def test_key_is_recovered_without_one(run, monkeypatch):
    monkeypatch.delenv("CECIL_API_KEY")

    code, _, said = run("key", "recover", "ada2@example.org")

    assert code == 0
    assert said.strip()

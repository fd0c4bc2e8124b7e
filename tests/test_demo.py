# SPDX-License-Identifier: Apache-2.0
"""The README's first command: what it writes, and that its page opens without a network."""

import json
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pystac
import pytest

from swath._demo import run_demo
from swath._registry import list_plugins
from swath.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    for name in ("data", "quicklooks", ".swath"):
        (folder / name).mkdir()
        (folder / name / "left-by-an-earlier-run.json").write_text("{}")
    (folder / "catalog.json").write_text('{"id": "swath-demo"}')
    return folder, run_demo(None, folder, speed=500.0)


def test_demo_removes_nothing_that_another_has_put_there(tmp_path):
    mine = tmp_path / "data" / "mine.tif"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")

    with pytest.raises(InputError, match="not of an earlier demonstration"):
        run_demo(None, tmp_path)

    assert mine.read_bytes() == b"mine"


def test_demo_runs_the_whole_life_cycle_on_every_provider(made):
    _, outcomes = made

    assert [out.name for out in outcomes] == [entry.name for entry in list_plugins()]
    for out in outcomes:
        assert list(out.seconds)[:7] == ["search", "quote", "order", "wait", "download", "verify", "load"]
        assert out.state == "succeeded"
        assert out.items
        assert out.verified >= out.files > 0
        assert {one.collection for one in out.loaded} == {item["collection"] for item in out.items}
        assert any(one.quicklook for one in out.loaded)
        for one in out.loaded:
            if one.summary["kind"] == "table":
                assert one.summary["rows"] > 0
                continue
            assert "complex" in one.summary["dtype"] or one.summary["crs"].startswith("EPSG:")
            assert one.quicklook.read_bytes().startswith(b"\x89PNG")


def test_demo_tasks_who_can_be_tasked_and_buys_only_what_was_approved(made):
    folder, outcomes = made
    page = (folder / "index.html").read_text()

    tasked = {out.name: out.task for out in outcomes if out.task is not None}

    assert "capella" in tasked
    for task in tasked.values():
        assert [word for _, word in task.steps][-1] == "completed"
        assert any("priced at" in what for what, _ in task.steps)
        assert task.quote.amount <= 2000
        assert task.files
        assert task.items
        assert all(item["id"] in page for item in task.items)


def test_demo_reads_all_providers_into_one_dataset_on_one_grid(made):
    folder, outcomes = made
    page = (folder / "index.html").read_text()

    section = page.partition("one dataset on one grid</h2>")[2].partition("<h2>")[0]

    assert section.count("<figure>") == len(outcomes) == 4
    assert "EPSG:32631" in section
    assert "red, green, blue" in section
    pictures = sorted(path.name for path in (folder / "quicklooks").glob("together-*.png"))
    assert pictures == [f"together-{out.name}.png" for out in outcomes]
    sizes = {struct.unpack(">II", (folder / "quicklooks" / one).read_bytes()[16:24]) for one in pictures}
    assert len(sizes) == 1, "one grid"


def test_demo_leaves_a_stac_catalogue(made):
    folder, outcomes = made

    catalogue = pystac.Catalog.from_file(str(folder / "catalog.json"))

    found = {item.id for item in catalogue.get_items(recursive=True)}
    tasked = {item["id"] for out in outcomes if out.task for item in out.task.items}
    # A scene is delivered as it was found; of an offer of a dataset over an area come items of their own.
    scenes = [{item["id"] for item in out.items} for out in outcomes]
    assert all(mine <= found or not mine & found for mine in scenes)
    assert found >= tasked
    assert sum(mine <= found for mine in scenes) >= 3


def test_demo_page_needs_no_network_and_names_every_item(made):
    folder, outcomes = made
    page = (folder / "index.html").read_text()

    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", page)
    for out in outcomes:
        assert out.title in page
        for item in out.items:
            assert item["id"] in page


def test_demo_replaces_what_an_earlier_run_left(made):
    folder, _ = made

    assert not list(folder.rglob("left-by-an-earlier-run*"))


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Debian's chromium; .ci/run installs it")
def test_demo_page_draws_in_a_browser(made, tmp_path):
    folder, outcomes = made
    page = folder / "index.html"
    probe = tmp_path / "probe.html"
    script = "document.title=[document.querySelectorAll('.shape').length,document.querySelectorAll('img').length,"
    script += "[...document.images].every(i=>i.naturalWidth>0),document.getElementById('map').getBBox().width>0].join()"
    probe.write_text(
        page.read_text().replace("</body>", f"<script>addEventListener('load',()=>{{{script}}})</script></body>")
    )
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]

    done = subprocess.run(
        [
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            *quiet,
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=5000",
            "--dump-dom",
            Path(probe).as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    shapes = sum(len(out.items) for out in outcomes)
    pictures = sum(one.quicklook is not None for out in outcomes for one in out.loaded)
    pictures += len(outcomes)  # of the dataset of all
    assert json.dumps(re.search(r"<title>(.*?)</title>", done.stdout)[1]) == json.dumps(
        f"{shapes},{pictures},true,true"
    )

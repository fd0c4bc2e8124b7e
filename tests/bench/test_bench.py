# SPDX-License-Identifier: Apache-2.0
"""Measurements, as ratios within one run: ``make bench``. Nothing is asserted about time."""

import hashlib
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from swath._http.client import HttpClient, Settings
from swath._http.origins import Origins
from swath._results import ItemSearch
from swath._transfer import Target, fetch_all
from swath.models import Asset, Page, Query
from swath.testing import FakeClock

pytestmark = pytest.mark.bench
ROWS: list[tuple[str, float, float]] = []
SIZE = 256 * 2**20


def median_s(run, times=5):
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def note(what, ours_s, other_s):
    ROWS.append((what, ours_s, other_s))
    print(f"\n{what:<64} {ours_s:8.3f} s  {other_s:8.3f} s  x {ours_s / other_s:.2f}")


def python(code):
    return lambda: subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_start_up():
    bare = median_s(python("pass"), 9)

    note("import swath : python -c pass", median_s(python("import swath"), 9), bare)
    shown = "from swath._cli import main; main(['--help'])"
    note("swath --help : import click", median_s(python(shown), 9), median_s(python("import click"), 9))


def item(number):
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": f"item-{number}",
        "collection": "c",
        "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]},
        "bbox": [0, 0, 1, 1],
        "properties": {"datetime": "2026-01-01T00:00:00Z", "eo:cloud_cover": number % 100},
        "links": [],
        "assets": {"data": {"href": "https://x.test/a.tif", "type": "image/tiff", "roles": ["data"]}},
    }


def test_search_of_ten_thousand_items():
    bodies = [json.dumps([item(page * 250 + n) for n in range(250)]).encode() for page in range(40)]
    query = Query(filter={"op": "<", "args": [{"property": "eo:cloud_cover"}, 50]})

    def pages(_):
        for body in bodies:
            yield Page(items=json.loads(body))

    def plain():
        return sum(entry["properties"]["eo:cloud_cover"] < 50 for body in bodies for entry in json.loads(body))

    def ours():
        found = ItemSearch(provider="x", query=query, pages=pages, count=lambda _: None)
        return sum(1 for _ in found.items_as_dicts())

    assert ours() == plain() == 5000
    note("search 40 pages x 250, filtered : json and a loop", median_s(ours), median_s(plain))


@pytest.fixture
def server(tmp_path):
    root = tmp_path / "served"
    root.mkdir()
    block = b"II*\0" + bytes(range(256)) * 4095 + b"\0" * (2**20 - 4 - 256 * 4095)
    with (root / "big.tif").open("wb") as file:
        for _ in range(SIZE // len(block)):
            file.write(block)
    running = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("serve.py")), str(root)], stdout=subprocess.PIPE, text=True
    )
    yield f"http://127.0.0.1:{running.stdout.readline().strip()}", root
    running.kill()
    running.wait()
    running.stdout.close()


def test_one_large_file_fetched_and_verified(server, tmp_path, request):
    url, root = server
    digest = hashlib.sha256((root / "big.tif").read_bytes()).hexdigest()
    http = HttpClient(Settings(provider="x", account="a", origins=Origins([]), clock=FakeClock()))
    request.addfinalizer(http.close)

    def ours():
        target = tmp_path / "ours" / "big.tif"
        target.unlink(missing_ok=True)
        asset = Asset(
            href=f"{url}/big.tif", name="big.tif", size=SIZE, checksum=f"1220{digest}", media_type="image/tiff"
        )
        report = fetch_all([Target(asset=asset, path=target)], http=http, overwrite=True)
        report.raise_for_failures()

    def plain():
        with httpx.stream("GET", f"{url}/big.tif") as response, (tmp_path / "plain.tif").open("wb") as file:
            for chunk in response.iter_raw(2**17):
                file.write(chunk)

    def hashing():
        with (root / "big.tif").open("rb") as file:
            hashlib.file_digest(file, "sha256")

    ours_s = median_s(ours, 3)
    note("256 MiB fetched and verified : httpx iter_raw, unverified", ours_s, median_s(plain, 3))
    note("256 MiB fetched and verified : hashing alone", ours_s, median_s(hashing, 3))

# SPDX-License-Identifier: Apache-2.0
"""What a user of Planet's official command line does, run against any server that speaks its protocol.

    python planet_cli.py DIRECTORY [BASE_URL]

It runs in an environment of its own, which has the package `planet` and nothing of ours; each step is a process of the
unmodified program ``planet``. The key is that of PL_API_KEY. Without BASE_URL the program talks to its own addresses,
with it every command gets ``-u`` and the round is shorter. Prints one JSON object; an assertion that fails ends it with
status 1.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}
ASSET = "ortho_visual"


class Planet:
    """The program, and where its files go."""

    def __init__(self, directory, base_url):
        self.directory, self.base_url = pathlib.Path(directory), base_url
        self.program = pathlib.Path(sys.executable).with_name("planet")
        for name in ("assets", "orders"):
            (self.directory / name).mkdir(parents=True, exist_ok=True)

    def run(self, group, *arguments, status=0, stdin=None, key=None):
        """Run a command; gives what it prints, or what it says where it must fail."""
        path = {"data": "/data/v1", "orders": "/compute/ops"}[group]
        where = [] if self.base_url is None else ["-u", f"{self.base_url}{path}"]
        command = [str(self.program), "--quiet", group, *where, *arguments]
        environ = os.environ | ({} if key is None else {"PL_API_KEY": key})
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, input=stdin, cwd=self.directory, check=False
        )
        assert done.returncode == status, (command, done.returncode, done.stdout, done.stderr)
        return done.stdout if status == 0 else done.stderr

    def json(self, group, *arguments, **options):
        """Run a command that prints JSON."""
        return json.loads(self.run(group, *arguments, **options))

    def lines(self, group, *arguments):
        """Run a command that prints one JSON object a line."""
        return [json.loads(line) for line in self.run(group, *arguments).splitlines()]


def searched(planet):
    """Make a filter of every kind and search by it."""
    made = planet.run(
        "data", "filter", "--geom", json.dumps(AOI), "--geom-relation", "intersects",
        "--range", "cloud_cover", "lte", "0.8", "--date-range", "acquired", "gt", "2025-01-01T00:00:00Z",
        "--asset", "ortho_analytic_4b_sr", "--string-in", "instrument", "PS2,PS2.SD,PSB.SD",
        "--number-in", "gsd", ",".join(str(n / 10) for n in range(30, 45)),
        "--update", "ground_control", "gt", "2000-01-01", "--permission", "--std-quality",
    )  # fmt: skip
    kinds = [one["type"] for one in json.loads(made)["config"]]
    items = planet.lines("data", "search", "PSScene", "--filter", made, "--limit", "5")
    assert len(items) == 5
    assert all(item["properties"]["cloud_cover"] <= 0.8 for item in items)
    return made, [item["id"] for item in items], kinds


def fetched(planet, item_id):
    """Activate an asset, wait for it, download it and check it."""
    planet.run("data", "asset-activate", "PSScene", item_id, ASSET)
    planet.run("data", "asset-wait", "PSScene", item_id, ASSET, "--delay", "0")
    planet.run("data", "asset-download", "PSScene", item_id, ASSET, "--checksum", "--directory", "assets")


def ordered(planet, ids):
    """Order, wait, download and check; gives the order's id."""
    request = planet.run(
        "orders", "request", ",".join(ids), "--item-type", "PSScene", "--bundle", "analytic_sr_udm2",
        "--name", "by hand", "--clip", json.dumps(AOI),
    )  # fmt: skip
    order = planet.json("orders", "create", "-", stdin=request)
    assert planet.json("orders", "get", order["id"])["id"] == order["id"]
    assert planet.run("orders", "wait", order["id"], "--delay", "0").strip() == "success"
    planet.run("orders", "download", order["id"], "--checksum", "sha256", "--directory", "orders")
    return order["id"], request


def data_round(planet, made, ids):
    """What else the group ``data`` offers."""
    stats = planet.json("data", "stats", "PSScene", "--filter", made, "--interval", "year")
    saved = planet.json("data", "search-create", "psscene", "--filter", made, "--name", "weekly")
    assert ids == [item["id"] for item in planet.lines("data", "search-run", saved["id"], "--limit", "5")]
    assert saved["id"] in [one["id"] for one in planet.lines("data", "search-list", "--search-type", "saved")]
    planet.run("data", "search-delete", saved["id"])
    gone = planet.run("data", "search-get", saved["id"], status=1)
    assert planet.json("data", "item-get", "PSScene", ids[0])["id"] == ids[0]
    assert planet.json("data", "asset-list", "PSScene", ids[0])[ASSET]["status"] == "inactive"
    fetched(planet, ids[0])
    return {"buckets": stats["buckets"], "gone": gone}


def orders_round(planet, ids):
    """What else the group ``orders`` offers."""
    done, request = ordered(planet, ids[:2])
    listed = planet.lines("orders", "list", "--name", "by hand")
    second = planet.json("orders", "create", request)
    planet.run("orders", "cancel", second["id"])
    late = planet.run("orders", "cancel", done, status=1)
    refused = planet.run("orders", "list", status=1, key="wrong")
    misused = planet.run("orders", "get", "no-uuid", status=2)
    states = [one["state"] for one in listed]
    return {"states": states, "late": late, "refused": refused, "misused": misused}


def scenario(directory, base_url=None):
    """Search, save a search, activate and download an asset, order, wait, download with checksums."""
    planet = Planet(directory, base_url)
    made, ids, kinds = searched(planet)
    with ThreadPoolExecutor(2) as pool:
        if base_url is None:
            rounds = [pool.submit(data_round, planet, made, ids), pool.submit(orders_round, planet, ids)]
        else:
            rounds = [pool.submit(fetched, planet, ids[0]), pool.submit(ordered, planet, ids[:2])]
        seen = [one.result() for one in rounds]
    files = sorted(str(path.relative_to(directory)) for path in pathlib.Path(directory).rglob("*") if path.is_file())
    return {"ids": ids, "filters": kinds, "rounds": seen, "files": files}


if __name__ == "__main__":
    print(json.dumps(scenario(*sys.argv[1:])))

# SPDX-License-Identifier: Apache-2.0
"""The commands of ``planet orders``."""

from __future__ import annotations

import json
from pathlib import Path

from planet import exceptions
from planet.cli.cli import main
from player import advance, play
from player_cli import Terminal, words

AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}
AREA = json.dumps(AOI)
UNKNOWN = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"
DATES = "--date-range acquired gte 2026-03-01 --date-range acquired lt 2026-06-01"


def requests(cli, ids):
    """Write requests; gives one."""
    start = f"orders request {','.join(ids)} --item-type PSScene --bundle"
    plain = cli("request", f"{start} analytic_sr_udm2 --name mine --clip", AREA)
    cli("request without STAC", f"{start} visual --name mine --no-stac")
    cli("request with STAC", f"{start} visual --name mine --stac --pretty")
    cli("request with other bundles", f"{start} analytic_8b_sr_udm2 --name mine --fallback-bundle analytic_sr_udm2")
    cli("request by mail", f"{start} visual --name mine --email")
    cli("request as an archive", f"{start} visual --name mine --archive-type zip --archive-filename x.zip "
        "--single-archive")  # fmt: skip
    tools = [{"harmonize": {"target_sensor": "Sentinel-2"}}, {"toar": {}}]
    cli("request with tools", f"{start} analytic_sr_udm2 --name mine --tools", json.dumps(tools))
    cloud = {"amazon_s3": {"bucket": "b", "aws_region": "r", "aws_access_key_id": "a", "aws_secret_access_key": "s"}}
    cli("request to a bucket", f"{start} visual --name mine --delivery", json.dumps(cloud))
    Path("cloud.json").write_text(json.dumps({"google_earth_engine": {"project": "p", "collection": "c"}}))
    cli("request to earth engine", f"{start} visual --name mine --cloudconfig cloud.json")
    cli("request hosted", f"{start} analytic_sr_udm2 --name mine --hosting sentinel_hub --collection-id {UNKNOWN}")
    cli("request hosted anew", f"{start} analytic_sr_udm2 --name mine --hosting sentinel_hub --create-configuration")
    cli("request clipped with tools", f"{start} visual --name mine --clip", AREA, "--tools", json.dumps(tools),
        status=2)  # fmt: skip
    cli("request clipped by a point", f"{start} visual --name mine --clip", '{"type":"Point","coordinates":[1,2]}',
        status=2)  # fmt: skip
    cli("request of another type's bundle", f"{start} pansharpened --name mine", status=2)
    cli("request of no bundle", f"{start} nothing --name mine", status=2)
    cli("request without a name", f"{start} visual", status=2)
    cli("request of no ids", "orders request , --item-type PSScene --bundle visual --name mine", status=2)
    cli("bundles", "orders bundles", noted=words)
    cli("item types", "orders item-types", noted=words)
    return plain


def lives(cli, request):
    """Order, wait, download, cancel."""
    Path("request.json").write_text(json.dumps(request))
    order = cli("order", "orders create request.json")["id"]
    cli("order read", f"orders get {order}")
    cli("order waited until it runs", f"orders wait {order} --state running --delay 0")
    cli("download too early", f"orders download {order} --directory files", status=1)
    cli("order waited", f"orders wait {order} --delay 0 --max-attempts 9")
    cli("order downloaded", f"orders download {order} --directory files --checksum sha256")
    cli("order downloaded again", f"orders download {order} --directory files --checksum MD5 --overwrite")
    cli("order cancelled late", f"orders cancel {order}", status=1)
    advance(60)
    other = cli("order by pipe", "orders create -", stdin=json.dumps({**request, "name": "other"}))["id"]
    cli("order cancelled", f"orders cancel {other}", noted=lambda told: "text")
    third = cli("order to wait for", "orders create request.json")["id"]
    cli("order waited too short", f"orders wait {third} --delay 0 --max-attempts 1", status=1)
    advance(60)
    hosted = cli("order hosted", "orders create --hosting sentinel_hub --create-configuration", json.dumps(request))
    cli("order hosted in a collection", f"orders create request.json --hosting sentinel_hub --collection-id {UNKNOWN}")
    cli("hosted order read", f"orders get {hosted['id']} --pretty")
    cli("order of no bundle", "orders create", json.dumps({"name": "x"}), status=1)
    cli("order of nothing", "orders create {}", status=2)
    cli("order of no file", "orders create nowhere.json", status=2)
    cli("unknown order", f"orders get {UNKNOWN}", status=1)
    cli("no order", "orders get no-uuid", status=2)
    cli("no order downloaded", "orders download no-uuid", status=2)
    cli("order waited for nothing", f"orders wait {order} --state done", status=2)


def lists(cli):
    """List by every condition."""

    def names(told):
        return [one["name"] for one in (told if isinstance(told, list) else [told] if told else [])]

    cli("orders", "orders list")
    cli("orders by state", "orders list --state success", noted=names)
    cli("orders by type", "orders list --source-type scenes --limit 1 --pretty", noted=names)
    cli("orders by name", "orders list --name other", noted=names)
    cli("orders by part", "orders list --name-contains ther", noted=names)
    cli("orders by making", "orders list --created-on 2000-01-01/..", noted=names)
    cli("orders by change", "orders list --last-modified ../2000-01-01T00:00:00Z", noted=names)
    cli("orders hosted", "orders list --hosting true", noted=names)
    cli("orders sorted", "orders list --sort-by", "name DESC,created_on", noted=names)
    cli("orders by destination", "orders list --destination-ref pl:destinations/none", noted=names)
    cli("orders of all", "orders list --user-id all --limit 0", noted=names)
    cli("orders by no state", "orders list --state done", status=2)
    cli("orders by no type", "orders list --source-type drone", status=1)


def scenario(seen):
    """Run all of it."""
    cli = Terminal(seen, main)
    made = cli("filter", f"data filter {DATES} --asset ortho_analytic_8b_sr --geom", AREA)
    found = cli("search", "data search PSScene --limit 2 --filter", json.dumps(made))
    lives(cli, requests(cli, [item["id"] for item in found]))
    lists(cli)


if __name__ == "__main__":
    play(scenario, exceptions)

# SPDX-License-Identifier: Apache-2.0
"""The commands of ``planet subscriptions``."""

from __future__ import annotations

import json
from pathlib import Path

from planet import exceptions
from planet.cli.cli import main
from player import advance, play
from player_cli import Terminal, ids, words

AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}
AREA = json.dumps(AOI)
UNKNOWN = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"
BUCKET = {"type": "amazon_s3", "parameters": {"bucket": "b", "aws_region": "r", "aws_access_key_id": "a",
          "aws_secret_access_key": "s"}}  # fmt: skip


def requests(cli):
    """Write requests; gives one."""
    catalog = "subscriptions request-catalog --item-types PSScene --asset-types ortho_visual,ortho_udm2"
    source = cli("catalogue", f"{catalog} --start-time 2026-03-01 --end-time 2026-03-09T00:00:00Z --geometry", AREA)
    cli(
        "catalogue with all",
        f"{catalog} --start-time 2026-03-01T12:00:00Z --rrule FREQ=MONTHLY --publishing-stage finalized "
        "--publishing-stage finalized --time-range-type acquired --geometry-relation within --pretty --filter",
        json.dumps({"type": "RangeFilter", "field_name": "cloud_cover", "config": {"lt": 0.2}}), "--geometry", AREA,
    )  # fmt: skip
    cli("catalogue since never", f"{catalog} --geometry", AREA, status=2)
    cli("catalogue of no asset", "subscriptions request-catalog --item-types PSScene --asset-types x --start-time "
        "2026-03-01 --geometry", AREA, status=1)  # fmt: skip
    cli("source", "subscriptions request-source --source-id product --start-time 2026-03-01 --end-time 2026-04-01 "
        "--geometry", AREA)  # fmt: skip
    Path("source.json").write_text(json.dumps(source))
    Path("bucket.json").write_text(json.dumps(BUCKET))
    hook = {"webhook": {"url": "https://example.org/h", "topics": ["delivery.success"]}}
    tools = [{"type": "toar", "parameters": {"scale_factor": 10000}}]
    made = cli("request", "subscriptions request --name fields --source source.json --delivery bucket.json")
    cli("request with all", "subscriptions request --name fields --source source.json --delivery bucket.json "
        "--clip-to-source --pretty --notifications", json.dumps(hook), "--tools", json.dumps(tools))  # fmt: skip
    cli("request hosted", "subscriptions request --name fields --source source.json --hosting sentinel_hub "
        f"--collection-id {UNKNOWN}")  # fmt: skip
    cli("request hosted anew", "subscriptions request --name fields --source source.json --hosting sentinel_hub "
        "--create-configuration")  # fmt: skip
    cli("request without a source", "subscriptions request --name fields", status=2)
    cli("item types", "subscriptions item-types", noted=words)
    return made


def lives(cli, request):
    """Create, change, hold, cancel."""
    made = json.dumps(request)
    Path("request.json").write_text(made)
    one = cli("created", "subscriptions create request.json")["id"]
    bare = json.dumps({name: value for name, value in request.items() if name != "delivery"})
    cli("created and hosted", "subscriptions create --hosting sentinel_hub --create-configuration", bare)
    cli("created and hosted there", f"subscriptions create --hosting sentinel_hub --collection-id {UNKNOWN} -",
        stdin=bare)  # fmt: skip
    two = cli("created by pipe", "subscriptions create -", stdin=made)["id"]
    cli("created in bulk", "subscriptions bulk-create", made)
    cli("hosted in bulk", "subscriptions bulk-create --hosting sentinel_hub --create-configuration", bare)
    cli("hosted there in bulk", f"subscriptions bulk-create --hosting sentinel_hub --collection-id {UNKNOWN}", bare)
    cli("read", f"subscriptions get {one} --pretty")
    cli("changed", f"subscriptions update {one}", json.dumps({**request, "name": "other"}))
    cli("patched", f"subscriptions patch {one}", json.dumps({"name": "patched"}))
    cli("suspended", f"subscriptions suspend {one} --details wet")
    cli("reactivated", f"subscriptions reactivate {one}")
    cli("suspended in bulk", f"subscriptions bulk-suspend --subscription-ids {one} --details wet")
    cli("reactivated in bulk", f"subscriptions bulk-reactivate --subscription-ids {one}")
    cli("suspended all", "subscriptions bulk-suspend --all")
    cli("reactivated all", "subscriptions bulk-reactivate --all")
    cli("suspended some and all", f"subscriptions bulk-suspend --all --subscription-ids {one}", status=1)
    cli("cancelled", f"subscriptions cancel {two}")
    advance(3600)
    cli("results", f"subscriptions results {one} --limit 2")
    cli("results by everything", f"subscriptions results {one} --status success --status failed --created 2000-01-01/.. "
        "--updated 2000-01-01/.. --completed 2000-01-01/.. --item-datetime 2026-03-02/2026-03-05")  # fmt: skip
    cli("table", f"subscriptions results {one} --csv")
    cli("summary", "subscriptions summarize")
    cli("summary of one", f"subscriptions summarize --subscription-id {one}")
    cli("cancelled late", f"subscriptions cancel {one}", status=1)
    cli("nothing created", "subscriptions create", json.dumps({"name": "x"}), status=1)
    cli("empty created", "subscriptions create {}", status=2)
    cli("unknown", f"subscriptions get {UNKNOWN}", status=1)
    cli("unknown cancelled", f"subscriptions cancel {UNKNOWN}", status=1)


def lists(cli):
    """List by every condition."""
    ever = "2000-01-01T00:00:00Z/.."
    cli("list", "subscriptions list", noted=ids)
    cli("list by pages", "subscriptions list --page-size 1 --limit 3", noted=ids)
    cli("list by everything", f"subscriptions list --status running --status cancelled --created {ever} --updated {ever} "
        f"--start-time {ever} --end-time {ever} --source-type catalog --limit 0 --sort-by", "name DESC,created ASC",
        noted=ids)  # fmt: skip
    cli("list by name", "subscriptions list --name patched", noted=ids)
    cli("list by part", "subscriptions list --name-contains atch", noted=ids)
    cli("list hosted", "subscriptions list --hosting true --pretty", noted=ids)
    cli("list by destination", "subscriptions list --destination-ref pl:destinations/none", noted=ids)
    cli("list of all", "subscriptions list --user-id all", noted=ids)
    cli("list by area", "subscriptions list --geom-ref pl:features/my/no/thing", noted=ids)
    cli("list by no status", "subscriptions list --status done", status=2)


def scenario(seen):
    """Run all of it."""
    cli = Terminal(seen, main)
    lives(cli, requests(cli))
    lists(cli)


if __name__ == "__main__":
    play(scenario, exceptions)

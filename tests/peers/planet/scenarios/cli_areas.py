# SPDX-License-Identifier: Apache-2.0
"""The commands of ``planet features``, ``planet mosaics``, ``planet destinations`` and ``planet quota``."""

from __future__ import annotations

import json
from pathlib import Path

from planet import exceptions
from planet.cli.cli import main
from player import play
from player_cli import Terminal

AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}
AREA = json.dumps(AOI)
BOX = "5.4,52.3,5.45,52.35"


def features(cli):
    """Collections and their items; gives a collection's id and references."""
    farms = cli("collection made", "features collections create -t Farms -d", "all of them")
    cli("collection made in full", "features collections create --title Woods --description trees")
    cli("collections", "features collections list --limit 1")
    cli("collections in short", "features collections list --compact --pretty")
    cli("collection", f"features collections get {farms}")
    Path("area.json").write_text(AREA)
    refs = cli("item added", f"features items add {farms} area.json")
    more = [{"type": "Feature", "id": f"f{n}", "properties": {"n": n}, "geometry": AOI} for n in range(3)]
    collection = json.dumps({"type": "FeatureCollection", "features": more})
    Path("more.json").write_text(collection)
    refs += cli("items added", f"features items add {farms} more.json")
    cli("items", f"features items list {farms} --limit 2")
    cli("items all", f"features items list {farms}")
    number = refs[-1].rpartition("/")[2]
    cli("item", f"features items get {farms} {number}")
    cli("item by reference", f"features items get {refs[-1]}")
    cli("item deleted", f"features items delete {farms} {number}")
    cli("deleted item", f"features items get {farms} {number}", status=1)
    cli("no item", f"features items get {farms}", status=1)
    cli("nothing added", f"features items add {farms} nowhere.json", status=1)
    cli("unknown collection", "features collections get nothing-here", status=1)
    woods = cli("another collection", "features collections create -t More")
    cli("collection deleted", f"features collections delete {woods}")
    cli("deleted collection", f"features collections get {woods}", status=1)
    return farms, refs[:-1]


def mosaics(cli):
    """Mosaics, series, quads."""
    listed = cli("mosaics", "mosaics list")
    name = listed[0]["name"]
    cli("mosaics with all", f"mosaics list --name-contains {name[:9]} --acquired_gt 2026-01-01 --acquired_lt 2026-04-01 "
        "--links --interval", "1 mon")  # fmt: skip
    cli("mosaic", f"mosaics info {name}")
    cli("mosaic with links", f"mosaics info {name} --links --pretty")
    cli("unknown mosaic", "mosaics info no-such-mosaic", status=1)
    quads = cli("quads", f"mosaics search {name} --bbox {BOX}")
    quad = (quads if isinstance(quads, list) else [quads])[0]["id"]
    cli("quads with links", f"mosaics search {name} --links --geometry", AREA)
    cli("count", f"mosaics search {name} --bbox {BOX} --summary")
    cli("contributions", f"mosaics contributions {name} {quad}")
    cli("unknown quad", f"mosaics contributions {name} 0-0-0", status=1)
    for folder in ("box", "area"):
        Path("files", folder).mkdir()
    cli("downloaded", f"mosaics download {name} --output-dir files/box --bbox {BOX}")
    cli("downloaded by area", f"mosaics download {name} --output-dir files/area --geometry", AREA)
    cli("downloaded from nowhere", f"mosaics download {name}", status=1)
    series = cli("series", "mosaics series list")
    first = (series if isinstance(series, list) else [series])[0]["name"]
    cli("series with all", f"mosaics series list --name-contains {first[:6]} --acquired_gt 2026-01-01 --acquired_lt "
        "2026-04-01 --links --interval", "1 mon")  # fmt: skip
    cli("one series", "mosaics series info --links", first)
    cli("mosaics of a series", "mosaics series list-mosaics --links --acquired_gt 2026-01-01 --acquired_lt 2026-04-01",
        first)  # fmt: skip
    cli("latest of a series", "mosaics series list-mosaics --latest", first)
    cli("unknown series", "mosaics series info no-such-series", status=1)


def destinations(cli):
    """Buckets."""
    create = "destinations create"
    one = cli(
        "s3", f"{create} s3 --bucket b --region r --access-key-id a --secret-access-key s --explicit-sse --name one"
    )
    like = cli("like s3", f"{create} s3-compatible --bucket b --endpoint https://s3.example.org --region r --access-key-id "
               "a --secret-access-key s --use-path-style --name two")  # fmt: skip
    oracle = cli("oracle", f"{create} ocs --bucket b --access-key-id a --secret-access-key s --namespace n --region r "
                 "--name three")  # fmt: skip
    azure = cli(
        "azure", f"{create} azure --container c --account a --sas-token t --storage-endpoint-suffix x --name four"
    )
    google = cli("google", f"{create} gcs --bucket b --credentials e30= --name five --pretty")
    cli("destination", f"destinations get {one['id']}")
    update = "destinations update"
    keys = "--access-key-id a2 --secret-access-key s2"
    cli("s3 changed", f"{update} s3 {one['id']} {keys} --explicit-sse")
    cli("like s3 changed", f"{update} s3-compatible {like['id']} {keys} --use-path-style")
    cli("oracle changed", f"{update} ocs {oracle['id']} {keys}")
    cli("azure changed", f"{update} azure {azure['id']} --sas-token t2")
    cli("google changed", f"{update} gcs {google['id']} --credentials e30K")
    cli("renamed", f"destinations rename {one['id']} uno")
    cli("archived", f"destinations archive {google['id']}")
    cli("archived ones", "destinations list --archived true")
    cli("back", f"destinations unarchive {google['id']}")
    cli("no default", "destinations default get", status=1)
    cli("default set", f"destinations default set {one['id']}")
    cli("default", "destinations default get")
    cli("destinations", "destinations list --archived false --is-owner true --can-write true --is-default true")
    cli("default unset", "destinations default unset")
    cli("unknown destination", "destinations get nothing-here", status=1)
    cli("without a bucket", f"{create} s3 --region r", status=2)


def quota(cli, farms, refs):
    """Products, reservations, jobs."""
    products = cli("products", "quota products list --limit 3 --page-size 1 --supports-reservation true")
    cli("products in short", "quota products list --compact --pretty")
    number = (products if isinstance(products, list) else [products])[0]["id"]
    given = f"--aoi-ref {refs[0]} --aoi-ref {refs[1]} --product-id {number} --collection-id {farms}"
    cli("estimate", f"quota reservations estimate {given}")
    cli("estimate by a list", f"quota reservations estimate --product-id {number} --aoi-refs", json.dumps(refs))
    cli("reserved", f"quota reservations create {given}")
    Path("refs.json").write_text(json.dumps(refs))
    cli("reserved by a list", f"quota reservations create --aoi-refs refs.json --product-id {number}")
    cli("reservations", "quota reservations list --limit 5 --page-size 1 --sort -created")
    listed = cli(
        "reservations by filter", f"quota reservations list --fields id,aoi_ref --filter aoi_ref__eq={refs[0]}"
    )
    one = (listed if isinstance(listed, list) else [listed])[0]["id"]
    cli("reservation", f"quota reservations get {one}")
    job = cli("reserved in bulk", f"quota reservations bulk-reserve {given}")
    cli("reserved a list in bulk", f"quota reservations bulk-reserve --aoi-refs refs.json --product-id {number}")
    cli("job", f"quota jobs get {job['job_id']}")
    cli("jobs", "quota jobs list --limit 2 --page-size 1 --fields id,status --sort -created --filter status__ne=failed")
    cli("unknown reservation", "quota reservations get 999999", status=1)
    cli("no product", f"quota reservations estimate --aoi-ref {refs[0]}", status=2)
    cli("no area", f"quota reservations estimate --product-id {number}", status=2)


def scenario(seen):
    """Run all of it."""
    cli = Terminal(seen, main)
    farms, refs = features(cli)
    destinations(cli)
    quota(cli, farms, refs)
    mosaics(cli)


if __name__ == "__main__":
    play(scenario, exceptions)

# SPDX-License-Identifier: Apache-2.0
"""Signed links, and files by order, task and collect: chosen, resumed, and when something goes wrong."""

from __future__ import annotations

import hashlib
import json

from capella_console_client import CapellaConsoleClient, exceptions
from player import FOLDER, KEY, ROOT, UNKNOWN, advance, asked, fault, fetched, healed, play, settings

FLEVOLAND = [5.2, 52.3, 5.8, 52.6]


def keys_of(presigned):
    """Give the asset keys of each item."""
    return {one["id"]: sorted(one["assets"]) for one in presigned}


def links(seen, client, order, ids):
    """Links, sorted and chosen."""

    def signed(label, method, pick=keys_of, **how):
        return seen.part(label, pick, method, order_id=order, **how)

    presigned = signed("links", client.get_presigned_items)
    seen.note("items with links", presigned[0])
    signed("links in an order", client.get_presigned_items, list, sort_by=[*reversed(ids)])
    signed("links are in that order", client.get_presigned_items, lambda found: [one["id"] for one in found] == ids[::-1],
           sort_by=ids[::-1])  # fmt: skip
    signed("links of two", client.get_presigned_items, stac_ids=ids[1:2] + ids[3:4])
    signed(
        "links of none",
        client.get_presigned_items,
        list,
        stac_ids=["CAPELLA_C02_SP_GEO_HH_20200101000000_20200101000010"],
    )
    signed("links sorted by what is no id", client.get_presigned_items, list, sort_by=["NOCAPELLA", *ids[:2]])
    signed(
        "links sorted by some",
        client.get_presigned_items,
        lambda found: [one["id"] for one in found],
        sort_by=[*reversed(ids[:2])],
    )
    signed("assets", client.get_presigned_assets, lambda found: [sorted(one) for one in found])
    signed("assets of one", client.get_presigned_assets, list, stac_ids=ids[:1])
    signed(
        "assets in an order",
        client.get_presigned_assets,
        lambda found: [sorted(one) for one in found],
        sort_by=[*reversed(ids)],
    )
    signed("assets whole", client.get_presigned_assets, lambda found: [sorted(one) for one in found], assets_only=False)
    seen.fails("links of the unknown", client.get_presigned_items, UNKNOWN)
    seen.fails("links of no UUID", client.get_presigned_items, "no-uuid")
    told = json.loads(fetched(presigned[0]["assets"]["metadata"]["href"]))
    seen.note("metadata by hand", {"product": told["product_type"], "mode": told["collect"]["mode"]})
    return presigned


def one_file(seen, client, presigned):
    """One file: sizes, names, what is there already, resuming."""
    href = presigned[0]["assets"]["HH" if "HH" in presigned[0]["assets"] else "VV"]["href"]
    whole = fetched(href)
    seen.note("whole", hashlib.sha256(whole).hexdigest())
    seen("size", client.get_asset_bytesize, href)
    seen.ends("size of what has none", client.get_asset_bytesize, presigned[0]["assets"]["metadata"]["href"])
    folder = FOLDER / "one"
    folder.mkdir()
    got = seen("file into a folder", client.download_asset, href, local_path=folder)
    seen("file by name", client.download_asset, href, local_path=folder / "named.tif")
    seen("file by text", client.download_asset, href, local_path=str(folder / "texted.tif"))
    path = folder / "named.tif"

    def again(label, content, **how):
        path.write_bytes(content)
        before = len(asked("/capella-data"))
        seen(f"{label}: path", client.download_asset, href, local_path=path, **how)
        ranges = [one["headers"].get("range") for one in asked("/capella-data")[before:]]
        seen.note(f"{label}: ranges", [one for one in ranges if one])
        seen.note(f"{label}: requests", len(ranges))
        seen.note(f"{label}: content", {whole: "whole", content: "as it was"}.get(path.read_bytes(), "other"))

    again("whole one", whole)
    again("half one", whole[:100])
    again("longer one", whole + b"more")
    again("empty one", b"")
    again("other one", b"x" * len(whole))
    again("half one, not resumed", whole[:100], enable_resume=False)
    again("half one, overridden", whole[:100], override=True)
    again("other one, overridden", b"x" * len(whole), override=True, show_progress=True)
    again("half one, overridden and not resumed", whole[:100], override=True, enable_resume=False)
    fault(path="capella-data", ignore_range=True, times=None)
    again("half one where ranges are ignored", whole[:100])
    healed()
    metadata = presigned[0]["assets"]["metadata"]["href"]
    (folder / "part.json").write_bytes(fetched(metadata)[:50])
    seen("part of what has no size", client.download_asset, metadata, local_path=folder / "part.json")
    seen.note("part of what has no size is", (folder / "part.json").stat().st_size > 50)
    seen.fails("folder that is not there", client.download_asset, href, local_path=FOLDER / "none" / "file.tif")
    seen.note("named as in the link", got.name in href)


def wrongs(seen, client, presigned):
    """Trouble on the way."""
    href = presigned[1]["assets"]["thumbnail"]["href"]
    folder = FOLDER / "wrong"
    folder.mkdir()
    fault(path="capella-data", status=500, body="gone", times=1, call=2)
    seen("after a fault of the server", client.download_asset, href, local_path=folder / "after500.png")
    healed()
    fault(path="capella-data", expire_links=True, times=1, call=2)
    seen("after a link that was refused", client.download_asset, href, local_path=folder / "after403.png")
    healed()
    fault(path="capella-data", truncate_at=50, times=1, call=2)
    seen.ends("cut in the middle", client.download_asset, href, local_path=folder / "cut.png")
    healed()
    nobody = "http://127.0.0.1:9/2025/1/1/CAPELLA_C02_SP_GEO_HH_20200101000000_20200101000010/a.tif?Signature=secret"
    seen.fails("nobody serves files", client.download_asset, nobody, local_path=folder)
    seen.fails("name that leads out", client.download_asset, f"{ROOT}/capella-data/x/..?Signature=a", local_path=folder)


def products(seen, client, order, presigned, ids):
    """Whole products, chosen by asset and type."""

    def got(label, folder=None, **how):
        at = FOLDER / (folder or label)
        at.mkdir(exist_ok=True)
        return seen(f"products {label}", client.download_products, local_dir=at, **how)

    got("by order", order_id=order)
    got("by items", items_presigned=presigned)
    got("twice the same", items_presigned=[presigned[0], presigned[0]])
    got("one after the other", items_presigned=presigned[:2], threaded=False)
    got("with a bar", items_presigned=presigned[:1], show_progress=True)
    got("flat", items_presigned=presigned[:1], separate_dirs=False)
    got("only rasters", order_id=order, include="raster", product_types=["GEO", "SLC", "SICD"])
    seen.ends("products only rasters where one has none", client.download_products, order_id=order,
              local_dir=made("only rasters of all"), include="raster")  # fmt: skip
    got("only two", order_id=order, include=["HH", "VV", "metadata"])
    got("only thumbnails", order_id=order, include="thumbnail")
    got("without previews", items_presigned=presigned[:2], exclude="preview")
    got("without rasters", items_presigned=presigned[:2], exclude=["raster", "preview"])
    got("with and without", items_presigned=presigned[:2], include=["metadata", "thumbnail"], exclude=["thumbnail"])
    got("of a type", order_id=order, product_types="SLC", include="metadata")
    got("of types", order_id=order, product_types=["geo", "slc"], include="metadata")
    got("of a type that is not there", order_id=order, product_types=["CPHD"])
    seen.ends("products of a misspelt asset", client.download_products, items_presigned=presigned[:1],
              local_dir=made("misspelt asset"), include=["metadta"])  # fmt: skip
    seen.ends("products of a misspelt type", client.download_products, items_presigned=presigned[:2],
              local_dir=made("misspelt type"), product_types=["GOE"], include="thumbnail")  # fmt: skip
    seen.ends("products without what all lack", client.download_products, items_presigned=presigned[:2],
              local_dir=made("lacking"), include="changemap")  # fmt: skip
    before = len(asked("/capella-data"))
    got("again", "by order", order_id=order)
    seen.note("asked again", sorted({one["status"] for one in asked("/capella-data")[before:]}))
    before = len(asked("/capella-data"))
    got("again, not resumed", "by order", order_id=order, enable_resume=False)
    seen.note("asked again, not resumed", len(asked("/capella-data")) - before)
    got("again, overridden", "by order", order_id=order, override=True)
    seen.fails("products of nothing", client.download_products, local_dir=FOLDER)
    seen.fails("products to nowhere", client.download_products, order_id=order, local_dir=FOLDER / "nowhere")
    seen.note("ids", ids)


def made(name):
    """Make a folder."""
    folder = FOLDER / name
    folder.mkdir()
    return folder


def product(seen, client, order, presigned):
    """One product, the old way."""

    def got(label, **how):
        return seen(f"product {label}", client.download_product, local_dir=made(f"product {label}"), **how)

    got("by assets", assets_presigned=presigned[0]["assets"])
    got("by order", order_id=order)
    got("only its raster", assets_presigned=presigned[1]["assets"], include="raster")
    got("without its raster", assets_presigned=presigned[1]["assets"], exclude=["raster"], threaded=False)
    got("without what was asked for", assets_presigned=presigned[1]["assets"], include="HH", exclude="HH")
    got("with a bar", assets_presigned=presigned[1]["assets"], include="metadata", show_progress=True, override=True)
    seen.fails("product of nothing", client.download_product, local_dir=FOLDER)


def sources(seen, client):
    """By collect and by task."""
    collect, other = client.search(bbox=FLEVOLAND, product_type="GEO", limit=2).collect_ids

    def got(label, **how):
        return seen(f"products {label}", client.download_products, local_dir=made(label), **how)

    got("by collect", collect_id=collect, include="thumbnail")
    got("by collect of a type", collect_id=collect, product_types=["GEO"], include="metadata")
    got("by collect for a contract", collect_id=collect, product_types=["SLC"], include="metadata", contract_id="ct-7")
    seen.fails("products by collect for no contract", client.download_products, collect_id=other, product_types=["GEC"],
               local_dir=made("no contract"), contract_id="none")  # fmt: skip
    seen.ends("products by unknown collect", client.download_products, collect_id=UNKNOWN, local_dir=FOLDER)
    task = client.create_tasking_request(
        geometry={"type": "Point", "coordinates": [4.05, 51.95]}, name="port", window_open="2030-01-01T00:00:00Z",
        window_close="2030-01-09T00:00:00Z", pre_approval=True,
    )["properties"]["taskingrequestId"]  # fmt: skip
    seen.fails("products by task too early", client.download_products, tasking_request_id=task, local_dir=FOLDER)
    advance(3600)
    how = {"tasking_request_id": task, "local_dir": made("task contract"), "contract_id": "none"}
    seen.ends("products by task for no contract", client.download_products, include="thumbnail", **how)
    got("by task", tasking_request_id=task)
    got("by task of a type", tasking_request_id=task, product_types=["GEO"], include=["raster"], separate_dirs=False)
    seen.fails("products by unknown task", client.download_products, tasking_request_id=UNKNOWN, local_dir=FOLDER)


def scenario(seen):
    """Run all of it."""
    client = CapellaConsoleClient(api_key=KEY, base_url=ROOT)
    past = {"bbox": FLEVOLAND, "datetime__lt": "2026-06-01T00:00:00Z", "sortby": "-datetime"}
    geo = client.search(product_type="GEO", polarizations="HH", limit=2, **past)
    others = [client.search(product_type=kind, limit=1, **past)[0] for kind in ("SLC", "SICD", "VS", "ACD")]
    items = [*geo, *others]
    ids = [one["id"] for one in items]
    order = seen("ordered", client.submit_order, items=items, omit_search=True)
    settings(chunked_metadata=True)
    presigned = links(seen, client, order, ids)
    one_file(seen, client, presigned)
    wrongs(seen, client, presigned)
    products(seen, client, order, presigned, ids)
    product(seen, client, order, presigned)
    sources(seen, client)


if __name__ == "__main__":
    play(scenario, exceptions)

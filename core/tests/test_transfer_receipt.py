# SPDX-License-Identifier: Apache-2.0
"""The local items, and checking a folder against them."""

import copy
import hashlib
import json
import os
import shutil
from pathlib import Path

import pystac
import pytest

from swath import stac
from swath._transfer.catalog import update_catalog
from swath._transfer.receipt import localise, read_items, write_items
from swath._transfer.verify import FileState, verify_dir
from swath.errors import InputError, PartialFailure, TargetNotWritable
from swath.models import Asset, Receipt, Verification

SQUARE = {"type": "Polygon", "coordinates": [[[10.0, 50.0], [11.0, 50.0], [11.0, 51.0], [10.0, 51.0], [10.0, 50.0]]]}


def item(name="scene", **assets):
    return stac.item(
        id=name,
        geometry=SQUARE,
        datetime="2026-03-01T12:00:00Z",
        collection="c",
        provider="example",
        properties={stac.CLOUD_COVER: 5.0},
        links=[
            {"rel": "self", "href": "https://api.example.test/items/scene"},
            {"rel": "root", "href": "https://api.example.test/"},
            {"rel": "collection", "href": "https://api.example.test/collections/c"},
            {"rel": "license", "href": "https://example.test/licence?lang=en"},
        ],
        assets=assets,
    )


def received(root, path, key="data", owner="scene", data=b"bytes", **more):
    where = root / path
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_bytes(data)
    (where.parent / f".{where.name}.part.json").write_text("{}")
    verified = more.pop("verified", Verification.CHECKSUM)
    return Receipt(
        path=str(where),
        size=len(data),
        checksum="1220" + hashlib.sha256(data).hexdigest(),
        verified=verified,
        asset=Asset(href="https://files.example.test/f?sig=canary", name=where.name, key=key, item=owner, **more),
    )


def saved(root, name="scene"):
    return json.loads((root / name / f"{name}.json").read_text())


# --- writing -------------------------------------------------------------------------------------------------------


def test_item_json_lists_what_is_here_and_is_valid_stac(tmp_path):
    found = item(
        visual=stac.asset(
            "https://x.example.test/v.tif", title="True colour", size=1, fields={"alternate": {"s3": {}}}
        ),
        remote=stac.asset("https://x.example.test/r.tif", roles=["data"]),
        thumb=stac.asset("https://x.example.test/t.png?width=256", roles=["thumbnail"]),
        secret=stac.asset("https://x.example.test/o.png?api_key=canary", roles=["overview"]),
    )
    before = copy.deepcopy(found)
    receipt = received(
        tmp_path,
        "scene/v.tif",
        key="visual",
        media_type=stac.COG,
        roles=["data", "visual"],
        checksum="d50110" + "0" * 32,
        fields={"bands": [stac.band("red", common_name="red")], "data_type": "uint8", "proj:code": "EPSG:32632"},
    )

    (local,) = write_items([found], [receipt], tmp_path)

    written = saved(tmp_path)
    visual = written["assets"]["visual"]
    assert visual == {
        "title": "True colour",
        "bands": [{"name": "red", "eo:common_name": "red"}],
        "data_type": "uint8",
        "proj:code": "EPSG:32632",
        "href": "./v.tif",
        "type": stac.COG,
        "roles": ["data", "visual"],
        "file:size": 5,
        "file:checksum": receipt.checksum,
        "swath:verified": "checksum",
        "swath:source": "https://files.example.test/f",
        "swath:source_checksum": "d50110" + "0" * 32,
    }
    assert written["assets"]["thumb"]["href"] == "https://x.example.test/t.png?width=256"
    assert written["assets"]["secret"]["href"] == "https://x.example.test/o.png"
    assert "remote" not in written["assets"]
    assert {link["rel"]: link["href"] for link in written["links"]} == {
        "root": "../catalog.json",
        "parent": "../catalog.json",
        "collection": "https://api.example.test/collections/c",
        "license": "https://example.test/licence?lang=en",
    }
    assert any("/file/" in url for url in written["stac_extensions"])
    assert found == before
    stac.validate(written)
    stac.validate(local)
    assert local["assets"]["visual"]["href"] == str(tmp_path / "scene" / "v.tif")
    assert pystac.Item.from_dict(local).get_self_href() == (tmp_path / "scene" / "scene.json").as_uri()


def test_p27_no_file_in_the_folder_holds_a_links_query(tmp_path):
    receipts = [received(tmp_path, "scene/v.tif"), received(tmp_path, "order/m.json", owner=None)]

    write_items([item()], receipts, tmp_path)

    for path in tmp_path.rglob("*"):
        assert path.is_dir() or "canary" not in path.read_text()


def test_progress_records_go_when_the_receipt_is_written(tmp_path):
    write_items([item()], [received(tmp_path, "scene/v.tif"), received(tmp_path, "order/m", owner=None)], tmp_path)

    assert not list(tmp_path.rglob(".*"))


def test_item_without_files_is_not_written(tmp_path):
    local = write_items([item("a"), item("b")], [received(tmp_path, "b/x.tif", owner="b")], tmp_path)

    assert [one["id"] for one in local] == ["b"]
    assert not (tmp_path / "a").exists()


def test_two_files_of_one_key_are_both_listed(tmp_path):
    receipts = [received(tmp_path, "scene/b.tif"), received(tmp_path, "scene/a.tif")]

    write_items([item()], receipts, tmp_path)

    assets = saved(tmp_path)["assets"]
    assert {key: asset["href"] for key, asset in assets.items()} == {"data": "./a.tif", "data-2": "./b.tif"}


def test_files_of_an_earlier_download_stay_listed_as_long_as_they_are_here(tmp_path):
    write_items(
        [item()],
        [received(tmp_path, "scene/a.tif", key="a"), received(tmp_path, "scene/b.tif", key="b")],
        tmp_path,
    )
    (tmp_path / "scene" / "b.tif").unlink()

    (local,) = write_items([item()], [received(tmp_path, "scene/c.tif", key="a", data=b"newer")], tmp_path)

    hrefs = {key: Path(asset["href"]).name for key, asset in local["assets"].items()}
    assert hrefs == {"a": "c.tif", "a-2": "a.tif"}


def test_same_download_again_writes_the_same(tmp_path):
    receipts = [received(tmp_path, "scene/a.tif"), received(tmp_path, "order/m.json", owner=None)]
    write_items([item()], receipts, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}

    write_items([item()], receipts, tmp_path)

    assert {path: path.read_bytes() for path in tmp_path.rglob("*.json")} == before


def test_relative_target_folder_gives_absolute_hrefs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    (local,) = write_items([item()], [received(tmp_path, "data/scene/a.tif")], "data")

    assert local["assets"]["data"]["href"] == str(tmp_path / "data" / "scene" / "a.tif")


# --- members -------------------------------------------------------------------------------------------------------


def test_members_of_an_archive_can_be_moved_with_their_folder(tmp_path):
    receipt = received(tmp_path / "one", "scene/p.zip", key="archive", media_type=stac.ZIP)
    inner = {"href": f"/vsizip/{receipt.path}/P.SAFE/IMG/B02.jp2", "type": stac.JP2, "bands": [{"name": "B02"}]}
    other = {"href": f"/vsitar//{{{receipt.path}}}/x.tif"}

    (local,) = write_items(
        [item()], [receipt], tmp_path / "one", {receipt.path: {"scene": [("B02", inner), ("x", other)]}}
    )
    shutil.move(tmp_path / "one", tmp_path / "two")
    (moved,) = read_items(tmp_path / "two")

    written = saved(tmp_path / "two")["assets"]["B02"]
    assert written["href"] == "./p.zip"
    assert written["swath:member"] == "P.SAFE/IMG/B02.jp2"
    assert local["assets"]["B02"]["href"] == f"/vsizip/{receipt.path}/P.SAFE/IMG/B02.jp2"
    assert moved["assets"]["B02"]["href"] == f"/vsizip/{tmp_path}/two/scene/p.zip/P.SAFE/IMG/B02.jp2"
    assert moved["assets"]["B02"]["bands"] == [{"name": "B02"}]
    assert moved["assets"]["x"]["href"] == f"/vsitar/{tmp_path}/two/scene/p.zip/x.tif"
    assert "swath:member" not in moved["assets"]["B02"]
    stac.validate(saved(tmp_path / "two"))
    assert verify_dir(tmp_path / "two").counts["ok"] == 1


def test_member_of_another_file_is_refused(tmp_path):
    receipt = received(tmp_path, "scene/p.zip")

    with pytest.raises(InputError, match="/etc/passwd"):
        write_items([item()], [receipt], tmp_path, {receipt.path: {"scene": [("x", {"href": "/etc/passwd"})]}})


def test_archive_of_a_whole_order_gives_each_item_its_own(tmp_path):
    receipt = received(tmp_path, "o-1/all.zip", owner=None, media_type=stac.ZIP)
    members = {
        name: [("data", {"href": f"/vsizip/{receipt.path}/{name}.tif", "type": stac.COG, "roles": ["data"]})]
        for name in ("a", "b")
    }

    local = write_items([item("a"), item("b"), item("c")], [receipt], tmp_path, {receipt.path: members})

    assert [one["id"] for one in local] == ["a", "b"]
    assert local[0]["assets"]["data"]["href"] == f"/vsizip/{receipt.path}/a.tif"
    assert [one["assets"]["data"]["href"] for one in read_items(tmp_path)] == [
        f"/vsizip/{receipt.path}/a.tif",
        f"/vsizip/{receipt.path}/b.tif",
    ]
    assert verify_dir(tmp_path).is_ok
    stac.validate(local[1])


# --- catalogue -----------------------------------------------------------------------------------------------------


def test_catalogue_lists_items_and_the_orders_own_files_and_grows(tmp_path):
    write_items(
        [item("a")],
        [
            received(tmp_path, "a/x.tif", owner="a"),
            received(tmp_path, "o-1/manifest.json", owner=None),
            received(tmp_path, "a/licence.txt", owner="a", part_of_item=False),
        ],
        tmp_path,
    )
    write_items([item("b")], [received(tmp_path, "b/x.tif", owner="b")], tmp_path)

    catalog = json.loads((tmp_path / "catalog.json").read_text())
    assert [link["href"] for link in catalog["links"] if link["rel"] == "item"] == ["./a/a.json", "./b/b.json"]
    assert [one["href"] for one in catalog["swath:files"]] == ["./a/licence.txt", "./o-1/manifest.json"]
    assert "licence.txt" not in (tmp_path / "a" / "a.json").read_text()
    read = pystac.Catalog.from_file(str(tmp_path / "catalog.json"))
    assert sorted(one.id for one in read.get_items()) == ["a", "b"]


def test_catalogue_of_the_users_own_keeps_what_is_in_it(tmp_path):
    own = {
        "type": "Catalog",
        "stac_version": "1.0.0",
        "id": "mine",
        "description": "My own",
        "links": [
            {"rel": "child", "href": "https://x.example.test/c.json"},
            {"rel": "item", "href": "./gone/gone.json"},
        ],
    }
    (tmp_path / "catalog.json").write_text(json.dumps(own))

    write_items([item()], [received(tmp_path, "scene/x.tif")], tmp_path)

    catalog = json.loads((tmp_path / "catalog.json").read_text())
    assert (catalog["id"], catalog["description"]) == ("mine", "My own")
    assert [link["href"] for link in catalog["links"]] == [
        "./catalog.json",
        "https://x.example.test/c.json",
        "./scene/scene.json",
    ]


def test_document_that_is_no_catalogue_is_not_written_over(tmp_path):
    (tmp_path / "catalog.json").write_text("mine")

    with pytest.raises(TargetNotWritable):
        update_catalog(tmp_path, [], [received(tmp_path, "order/m", owner=None)])

    assert (tmp_path / "catalog.json").read_text() == "mine"


# --- reading -------------------------------------------------------------------------------------------------------


def test_items_are_read_from_the_folder_one_above_and_one_below(tmp_path):
    local = write_items([item("a")], [received(tmp_path / "in", "a/x.tif", owner="a")], tmp_path / "in")

    assert read_items(tmp_path) == read_items(tmp_path / "in") == read_items(tmp_path / "in" / "a") == local


def test_reading_finds_nothing_where_nothing_is(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "x.json").write_text("{}")

    assert read_items(tmp_path) == []
    with pytest.raises(InputError, match="no folder"):
        read_items(tmp_path / "nowhere")


def test_localised_item_keeps_urls_and_absolute_paths(tmp_path):
    made = localise(
        {
            "assets": {
                "a": {"href": "https://x.example.test/a"},
                "b": {"href": "/abs/b.tif"},
                "c": {"href": "s3://bucket/c"},
                "d": {"href": "./d.tif"},
            },
            "links": [{"rel": "self", "href": "https://x.example.test/self"}],
        },
        tmp_path,
    )

    assert [asset["href"] for asset in made["assets"].values()] == [
        "https://x.example.test/a",
        "/abs/b.tif",
        "s3://bucket/c",
        str(tmp_path / "d.tif"),
    ]
    assert made["links"] == [{"rel": "self", "href": "https://x.example.test/self"}]


# --- verifying -----------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    receipts = [
        received(tmp_path, "a/x.tif", key="x", owner="a"),
        received(tmp_path, "a/y.tif", key="y", owner="a", verified=Verification.SIZE),
        received(tmp_path, "b/z.tif", key="z", owner="b"),
        received(tmp_path, "order/manifest.json", owner=None),
    ]
    write_items([item("a"), item("b")], receipts, tmp_path)
    return tmp_path


def states(folder):
    checks = verify_dir(folder).files
    return {os.path.relpath(check.path, folder): check.state.value for check in checks}


def test_untouched_folder_is_ok(folder):
    report = verify_dir(folder)

    assert report.is_ok
    assert report.counts == {"ok": 4, "missing": 0, "broken": 0, "unverified": 0}
    assert [(check.item, check.key, check.verified) for check in report.files] == [
        ("a", "x", "checksum"),
        ("a", "y", "size"),
        ("b", "z", "checksum"),
        (None, None, "checksum"),
    ]
    report.raise_for_failures()


def test_flipped_bit_and_lost_file_are_found(folder):
    (folder / "a" / "x.tif").write_bytes(b"bytez")
    (folder / "a" / "y.tif").write_bytes(b"byte")
    (folder / "b" / "z.tif").unlink()
    (folder / "order" / "manifest.json").unlink()

    report = verify_dir(folder)

    assert states(folder) == {
        "a/x.tif": "broken",
        "a/y.tif": "broken",
        "b/z.tif": "missing",
        "order/manifest.json": "missing",
    }
    details = {check.key: check.detail for check in report.files}
    assert "checksum" in details["x"]
    assert details["y"] == "it has 4 bytes, received were 5"
    with pytest.raises(PartialFailure, match="4 of 4 files") as caught:
        report.raise_for_failures()
    assert caught.value.report is report


def test_lost_and_damaged_receipts_are_found(folder):
    (folder / "a" / "a.json").write_text("{")
    shutil.rmtree(folder / "b")

    assert states(folder) == {"a/a.json": "broken", "b/b.json": "missing", "order/manifest.json": "ok"}


def test_damaged_catalogue_is_found(folder):
    (folder / "catalog.json").write_text("{")

    assert states(folder)["catalog.json"] == "broken"


def test_asset_without_checksum_is_unverified(folder):
    written = saved(folder, "b")
    del written["assets"]["z"]["file:checksum"]
    (folder / "b" / "b.json").write_text(json.dumps(written))

    assert states(folder)["b/z.tif"] == "unverified"
    assert verify_dir(folder).is_ok


def test_nonsense_checksum_is_broken(folder):
    written = saved(folder, "b")
    written["assets"]["z"]["file:checksum"] = "zz"
    (folder / "b" / "b.json").write_text(json.dumps(written))

    assert states(folder)["b/z.tif"] == "broken"


def test_folder_can_be_moved_and_one_item_checked_alone(folder, tmp_path_factory):
    moved = tmp_path_factory.mktemp("moved") / "x"
    shutil.copytree(folder, moved)

    assert verify_dir(moved).counts["ok"] == 4
    assert verify_dir(moved / "a").counts["ok"] == 2
    assert verify_dir(moved.parent).counts["ok"] == 4


def test_folder_without_receipts_is_an_input_error(tmp_path):
    (tmp_path / "x.tif").write_bytes(b"x")

    with pytest.raises(InputError, match="no receipts"):
        verify_dir(tmp_path)
    with pytest.raises(InputError, match="no folder"):
        verify_dir(tmp_path / "nowhere")


def test_verifying_tells_of_progress_and_reads_only(folder):
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    events = []

    verify_dir(folder, progress=events.append)

    assert [event.done for event in events] == [1, 2, 3, 4]
    assert events[-1].finished
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert FileState.OK == "ok"

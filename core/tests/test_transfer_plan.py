# SPDX-License-Identifier: Apache-2.0
"""Where files go."""

import json

import pytest
from attrs import evolve

from swath._transfer.plan import plan_targets
from swath.errors import NameCollision, TargetNotWritable
from swath.models import Asset


def item(name, **more):
    return {"id": name, "properties": {}, **more}


def asset(name, **more):
    return Asset(href=f"https://files.example.test/{abs(hash(name))}", name=name, **more)


def places(targets, root):
    return [target.path.relative_to(root).as_posix() for target in targets]


def test_files_go_to_the_folder_of_their_item_and_of_their_order(tmp_path):
    assets = [
        asset("image.tif", item="a"),
        asset("image.tif", item="b"),
        asset("sub/image.tif", item="b", key="sub"),
        asset("manifest.json"),
        asset("licence.txt", item="a", part_of_item=False),
    ]

    targets = plan_targets(assets, [item("a"), item("b")], tmp_path, order_id="o-1")

    assert places(targets, tmp_path) == [
        "a/image.tif",
        "b/image.tif",
        "b/sub/image.tif",
        "o-1/manifest.json",
        "a/licence.txt",
    ]
    receipts = [target.receipt.relative_to(tmp_path).as_posix() for target in targets]
    assert receipts == ["a/a.json", "b/b.json", "b/b.json", "catalog.json", "catalog.json"]


def test_order_files_go_to_order_when_it_has_no_id(tmp_path):
    assert places(plan_targets([asset("m.json")], [], tmp_path), tmp_path) == ["order/m.json"]


def test_p44_hundred_assets_of_one_name_get_hundred_paths(tmp_path):
    assets = [asset("image.tif", item="a", key=f"B{number}") for number in range(50)]
    assets += [asset("IMAGE.tif", item="a", key=f"b{number}") for number in range(50)]

    targets = plan_targets(assets, [item("a")], tmp_path)

    assert len({str(target.path).casefold() for target in targets}) == 100
    assert all(target.path.suffix == ".tif" for target in targets)


def test_p44_places_do_not_depend_on_the_order_of_the_assets(tmp_path):
    assets = [
        asset("image.tif", item="a", key="one"),
        asset("Image.TIF", item="a", key="two"),
        asset("one-image.tif", item="a", key="three"),
        asset("other.tif", item="a", key="four"),
    ]

    forwards = {target.asset.key: target.path for target in plan_targets(assets, [item("a")], tmp_path)}
    backwards = {target.asset.key: target.path for target in plan_targets(assets[::-1], [item("a")], tmp_path)}

    assert forwards == backwards
    assert len({str(path).casefold() for path in forwards.values()}) == 4
    assert forwards["four"].name == "other.tif"


def test_p44_file_does_not_take_the_name_of_a_folder(tmp_path):
    assets = [asset("data", item="a", key="whole"), asset("data/part.tif", item="a", key="part")]

    assert places(plan_targets(assets, [item("a")], tmp_path), tmp_path) == ["a/whole-data", "a/data/part.tif"]


def test_p44_file_does_not_take_the_name_of_the_receipt(tmp_path):
    targets = plan_targets([asset("A.json", item="a", key="metadata")], [item("a")], tmp_path)

    assert places(targets, tmp_path) == ["a/metadata-A.json"]


def test_p44_keys_that_are_mended_to_the_same_still_give_two_names(tmp_path):
    assets = [asset("x.tif", item="a", key="b:1"), asset("x.tif", item="a", key="b/1")]

    first, second = places(plan_targets(assets, [item("a")], tmp_path), tmp_path)

    assert first.casefold() != second.casefold()


def test_p44_same_item_key_and_name_collide_when_the_files_differ(tmp_path):
    one = asset("image.tif", item="a", size=1)

    with pytest.raises(NameCollision, match="'data'"):
        plan_targets([one, evolve(one, size=2)], [item("a")], tmp_path)


def test_file_is_planned_once_when_it_is_listed_twice(tmp_path):
    one = asset("image.tif", item="a")

    assert len(plan_targets([one, one], [item("a")], tmp_path)) == 1


def test_items_get_folders_of_their_own_when_their_ids_differ_only_in_case(tmp_path):
    targets = plan_targets([asset("x", item="a"), asset("x", item="A")], [item("a"), item("A")], tmp_path)

    assert len({str(target.path.parent).casefold() for target in targets}) == 2


def test_item_gets_another_folder_when_that_of_its_name_is_another_providers(tmp_path):
    (tmp_path / "a").mkdir()
    other = item("a", collection="c") | {"properties": {"swath:provider": "other"}}
    (tmp_path / "a" / "a.json").write_text(json.dumps(other))
    mine = item("a", collection="c") | {"properties": {"swath:provider": "mine"}}

    (target,) = plan_targets([asset("x.tif", item="a")], [mine], tmp_path)
    (again,) = plan_targets([asset("x.tif", item="a")], [other], tmp_path)

    assert target.path.parent.name.startswith("a~")
    assert again.path.parent.name == "a"


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "C:\\evil", "..", "\\\\server\\share", "a/../../evil"])
def test_p46_hostile_names_stay_in_the_folder(tmp_path, name):
    targets = plan_targets([asset(name, item=name), asset(name)], [item(name)], tmp_path / "in", order_id=name)

    for target in targets:
        assert target.path.resolve().is_relative_to((tmp_path / "in").resolve())
        assert target.receipt.resolve().is_relative_to((tmp_path / "in").resolve())


def test_p46_link_that_leads_out_is_refused(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").symlink_to(tmp_path / "outside")

    with pytest.raises(TargetNotWritable, match="leads out"):
        plan_targets([asset("x.tif", item="a")], [item("a")], tmp_path / "in")


def test_target_folder_may_itself_be_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    (target,) = plan_targets([asset("x.tif", item="a")], [item("a")], tmp_path / "link")

    assert target.path == tmp_path / "link" / "a" / "x.tif"


@pytest.mark.parametrize("content", ["no json", "[]", '{"type": "FeatureCollection"}'])
def test_foreign_catalog_is_not_written_over(tmp_path, content):
    (tmp_path / "catalog.json").write_text(content)

    with pytest.raises(TargetNotWritable, match=r"catalog\.json"):
        plan_targets([asset("x.tif", item="a")], [item("a")], tmp_path)


def test_nothing_is_made_by_planning(tmp_path):
    plan_targets([asset("x.tif", item="a")], [item("a")], tmp_path / "new")

    assert not (tmp_path / "new").exists()

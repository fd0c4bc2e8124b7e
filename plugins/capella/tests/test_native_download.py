# SPDX-License-Identifier: Apache-2.0
"""Downloads as Capella's own client has them: what is chosen, where it goes, what stays, and links that die."""

from __future__ import annotations

import json
import logging
import tempfile
from pathlib import Path

import httpx
import pytest

from swath.errors import LinkExpired, NotSupported, PartialFailure
from swath_capella._native.selecting import file_name, plan, product_id
from swath_capella.enumerations import AssetType, ProductType
from swath_capella.exceptions import (
    CapellaConsoleClientError,
    ClientError,
    ConnectError,
    OrderExpiredError,
    OrderRejectedError,
    TaskNotCompleteError,
)

pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
DATA = r"/capella-data/"


@pytest.fixture(scope="module")
def collect(client):
    """Give an acquisition of several products, free of charge."""
    found = client.search(ownership="publiclyAvailable", product_type=["GEO", "SLC"], limit=100)
    groups = found.groupby("collect_id")
    return next(group for group in groups.values() if set(group.groupby("product_type")) == {"GEO", "SLC"})


@pytest.fixture
def order_id(client, collect):
    return client.submit_order(items=collect, omit_search=True, check_active_orders=True)


@pytest.fixture
def items(client, order_id):
    return client.get_presigned_items(order_id)


@pytest.fixture
def href(items):
    """Give the link to a small file of which the service tells the size."""
    return items[0]["assets"]["thumbnail"]["href"]


def of_type(items, kind):
    return next(one for one in items if one["properties"]["sar:product_type"] == kind)


# --- what is chosen and where it goes ---------------------------------------------------------------------------------


def test_products_have_folders_of_their_own(client, items, tmp_path):
    paths = client.download_products(items, local_dir=tmp_path)

    geo = of_type(items, "GEO")
    name = geo["id"]
    folder = tmp_path / name
    assert paths[name] == {
        next(key for key in ("HH", "VV") if key in geo["assets"]): folder / f"{name}.tif",
        "metadata": folder / f"{name}_extended.json",
        "thumbnail": folder / f"{name}_thumb.png",
        "preview": folder / f"{name}_preview.tif",
    }
    assert set(paths) == {one["id"] for one in items}
    assert sorted(path for files in paths.values() for path in files.values()) == sorted(tmp_path.rglob("*.*"))
    assert json.loads(paths[name]["metadata"].read_text())["product_type"] == "GEO"


def test_a_flat_folder_keeps_siblings_apart(client, items, tmp_path):
    slc, geo = of_type(items, "SLC"), of_type(items, "GEO")
    clash = {**slc["assets"]["thumbnail"]}
    clash["href"] = clash["href"].replace(file_name(clash["href"]), file_name(geo["assets"]["thumbnail"]["href"]))
    planned = plan([geo, {**slc, "assets": {"thumbnail": clash}}], include="thumbnail", separate_dirs=False)
    assert [one.asset.name for one in planned] == [f"{geo['id']}_thumb.png", f"{slc['id']}_{geo['id']}_thumb.png"]

    paths = client.download_products(items, local_dir=str(tmp_path), separate_dirs=False, include="metadata")

    assert {path.parent for files in paths.values() for path in files.values()} == {tmp_path}


@pytest.mark.parametrize(
    ("choice", "keys"),
    [
        ({"include": "thumbnail"}, {"thumbnail"}),
        ({"include": [AssetType.metadata, "thumbnail"]}, {"metadata", "thumbnail"}),
        ({"include": "raster"}, {"data"}),
        ({"include": ["raster", "thumbnail"], "exclude": "raster"}, {"thumbnail"}),
        ({"exclude": ["raster", "preview"]}, {"metadata", "thumbnail"}),
        ({"include": "landmask"}, set()),
        ({"include": "HV"}, set()),
        ({}, {"data", "metadata", "thumbnail", "preview"}),
    ],
)
def test_files_are_chosen_by_key(items, choice, keys):
    planned = plan([of_type(items, "GEO")], **choice)

    assert {"data" if one.key in {"HH", "VV"} else one.key for one in planned} == keys


def test_products_are_chosen_by_type(client, items, order_id, tmp_path, said):
    geo = of_type(items, "GEO")["id"]

    assert set(client.download_products(items, local_dir=tmp_path, include="metadata", product_types="geo")) == {geo}
    paths = client.download_products(
        order_id=order_id, local_dir=tmp_path, include="metadata", product_types=[ProductType.GEO, "SICD"]
    )
    assert set(paths) == {geo}
    assert client.download_products(items, local_dir=tmp_path, product_types="ACD") == {}
    assert "nothing to download" in said()


def test_a_product_of_which_nothing_is_chosen_is_there_empty(box, client, items, tmp_path):
    paths = client.download_products(items, local_dir=tmp_path, include="metadata", exclude="metadata")

    assert paths == {one["id"]: {} for one in items}
    assert not box.sent(DATA)


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        ({"include": "thumbnial"}, "did you mean 'thumbnail'"),
        ({"include": ["raster", "hx"]}, "include cannot be 'hx'; there are: "),
        ({"exclude": "licence"}, "exclude cannot be 'licence'"),
        ({"product_types": ["GEO", "SCL"]}, "did you mean 'SLC'"),
    ],
)
def test_a_slip_is_said_before_anything_is_sent(box, client, collect, tmp_path, slip, told):  # noqa: PLR0917
    box.forget()

    with pytest.raises(ValueError, match=told) as caught:
        client.download_products(collect_id=collect.collect_ids[0], local_dir=tmp_path, **slip)

    assert isinstance(caught.value, ClientError)
    assert not box.sent("")


def test_something_must_be_named_and_the_folder_be_there(box, client, tmp_path):
    with pytest.raises(ValueError, match="please provide one of"):
        client.download_products(local_dir=tmp_path)
    with pytest.raises(ValueError, match="please provide either"):
        client.download_product(local_dir=tmp_path)
    with pytest.raises(ValueError, match="does not exist"):
        client.download_products([], local_dir=tmp_path / "nowhere")
    with pytest.raises(ValueError, match="not a valid uuid"):
        client.download_products(collect_id="nobody", local_dir=tmp_path)
    assert not box.sent("")


@pytest.mark.parametrize("place", ["gs://bucket/folder", "az://bucket/x"])
def test_object_stores_of_other_kinds_are_no_target(client, items, href, place):
    with pytest.raises(NotSupported, match="object store"):
        client.download_products(items, local_dir=place)
    with pytest.raises(ClientError, match="local folder"):
        client.download_asset(href, place)


@pytest.mark.parametrize("path", ["", "/a/", "/a/..", "/a/%2e%2e", "/a/..%2fb", "/a/b%5cc", "/a/%2e%2e%2fb.tif"])
def test_a_name_that_leads_elsewhere_is_refused(path):
    with pytest.raises(ValueError, match="no safe file name"):
        file_name(f"https://data.example{path}?Signature=1")


def test_the_id_of_bare_assets_is_read_from_their_links():
    name = "CAPELLA_C13_SP_SLC_HH_20250314091502_20250314091527"
    sibling = "CAPELLA_C13_SP_GEO_HH_20250314091501_20250314091528"
    thumbnail = {"href": f"https://data.example/2025/3/14/{name}/{sibling}_thumb.png?Signature=1"}

    assert product_id({"HH": {"href": f"https://data.example/x/{name}.tif?x=1"}, "thumbnail": thumbnail}) == name
    assert product_id({"license": {"href": f"https://{sibling}"}, "thumbnail": thumbnail}) == name
    with pytest.raises(ValueError, match="in none of its links"):
        product_id({"license": {"href": f"https://data.example/{name}"}})
    with pytest.raises(ClientError, match="items with signed links"):
        plan([{"id": name, "assets": {"HH": "https://data.example"}}])


# --- one product, one file --------------------------------------------------------------------------------------------


def test_one_product_alone(client, items, order_id, tmp_path, said):
    geo = of_type(items, "GEO")

    paths = client.download_product(geo["assets"], local_dir=tmp_path, include=["metadata", "thumbnail"])
    assert paths == {
        "metadata": tmp_path / geo["id"] / f"{geo['id']}_extended.json",
        "thumbnail": tmp_path / geo["id"] / f"{geo['id']}_thumb.png",
    }
    first = client.download_product(order_id=order_id, local_dir=tmp_path, include="metadata", override=True)
    assert first["metadata"].parent.name == items[0]["id"]
    assert any("the first is used" in one for one in said())
    assert client.download_product(geo["assets"], local_dir=tmp_path, include="landmask") == {}


def test_one_file_alone(client, href, tmp_path):
    content = httpx.get(href).content

    path = client.download_asset(href, tmp_path)
    assert path == tmp_path / file_name(href)
    assert path.read_bytes() == content
    named = client.download_asset(href, str(tmp_path / "mine.png"))
    assert named == tmp_path / "mine.png"
    assert client.get_asset_bytesize(href) == len(content)
    with pytest.raises(ValueError, match="does not exist"):
        client.download_asset(href, tmp_path / "nowhere" / "mine.png")


def test_the_default_target_is_the_systems_own(client, href):
    path = client.download_asset(href)

    try:
        assert path.parent == Path(tempfile.gettempdir())
    finally:
        path.unlink()


def test_a_size_that_the_service_does_not_tell_is_minus_one(client, items):
    assert client.get_asset_bytesize(items[0]["assets"]["metadata"]["href"]) == -1


def test_a_host_that_is_not_there_is_named_without_the_signature(client):
    with pytest.raises(ConnectError, match=r"127\.0\.0\.1:9/x") as caught:
        client.get_asset_bytesize("http://127.0.0.1:9/x?Signature=hidden")

    assert "hidden" not in str(caught.value)


def test_credentials_stay_away_from_the_data(box, make_client, items, tmp_path):
    other = make_client(base_url=box.root.replace("127.0.0.1", "localhost"))

    other.download_asset(items[0]["assets"]["metadata"]["href"], tmp_path)

    assert all("authorization" not in one.headers for one in box.sent(DATA))


# --- what is here already ---------------------------------------------------------------------------------------------

TABLE = [
    # (local bytes as a share of the file's, override, enable_resume, size told, requests of the file, fetched)
    ("whole", False, False, True, 0, False),
    ("part", False, False, True, 0, False),
    ("whole", False, True, True, 1, False),
    ("part", False, True, True, 2, True),
    ("more", False, True, True, 2, True),
    ("empty", False, True, True, 2, True),
    ("whole", True, True, True, 1, True),
    ("part", True, False, True, 1, True),
    ("none", False, True, True, 1, True),
    ("none", False, False, True, 1, True),
    ("whole", False, True, False, 1, False),
    ("part", False, True, False, 2, True),  # Capella's client leaves it broken
    ("empty", False, True, False, 2, True),
]


@pytest.mark.parametrize(("here", "override", "enable_resume", "told", "requests", "fetched"), TABLE)
def test_what_is_here_is_kept_or_fetched(  # noqa: PLR0917 - a table
    box, client, items, tmp_path, here, override, enable_resume, told, requests, fetched
):
    asset = items[0]["assets"]["thumbnail" if told else "metadata"]
    whole = httpx.get(asset["href"]).content
    before = {"whole": b"x" * len(whole), "part": whole[: len(whole) // 2], "more": whole + b"x", "empty": b""}
    if not told:
        before["whole"] = whole
    path = tmp_path / file_name(asset["href"])
    if here != "none":
        path.write_bytes(before[here])
    box.forget()

    client.download_asset(asset["href"], path, override=override, enable_resume=enable_resume)

    assert len(box.sent(DATA)) == requests
    assert path.read_bytes() == (whole if fetched else before[here])


def test_a_larger_file_is_told(client, href, tmp_path, said):
    path = tmp_path / "x.png"
    path.write_bytes(b"x" * 100_000)

    client.download_asset(href, path)

    assert any("it is fetched anew" in one for one in said())


def test_an_interrupted_transfer_leaves_nothing_under_the_name_and_goes_on(box, client, items, tmp_path):
    href = next(asset["href"] for key, asset in of_type(items, "SLC")["assets"].items() if key in {"HH", "VV"})
    whole = httpx.get(href).content
    box.faults.add(path=DATA, truncate_at=len(whole) // 2)
    box.forget()

    path = client.download_asset(href, tmp_path)

    assert path.read_bytes() == whole
    ranges = [one.headers.get("range") for one in box.sent(DATA)]
    assert ranges[0] is None
    assert ranges[1].startswith("bytes=")
    assert "if-range" in box.sent(DATA)[1].headers
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_page_is_never_a_product(box, client, items, tmp_path):
    box.faults.add(path=DATA, html=True, times=None)

    with pytest.raises(CapellaConsoleClientError, match="HTML"):
        client.download_asset(
            items[0]["assets"]["preview"]["href"] if "preview" in items[0]["assets"] else "", tmp_path
        )

    assert list(tmp_path.iterdir()) == []


# --- failures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threaded", [True, False])
def test_one_failure_is_told_and_the_rest_is_there(box, client, items, tmp_path, threaded):
    first = items[0]["id"]
    box.faults.add(path=rf"{first}/.*_extended\.json", status=404, times=None)

    with pytest.raises(PartialFailure, match=rf"{first}_extended.json") as caught:
        client.download_products(items, local_dir=tmp_path, include="metadata", threaded=threaded)

    assert isinstance(caught.value, CapellaConsoleClientError)
    assert [one.target.path.parent.name for one in caught.value.report.failed] == [first]
    assert len(list(tmp_path.rglob("*.json"))) == len(items) - 1


def test_few_files_are_fetched_at_once(client):
    from swath_capella._native import downloading

    assert downloading._AT_ONCE <= 8
    assert client.download_products([], local_dir=tempfile.gettempdir()) == {}


# --- links that die ---------------------------------------------------------------------------------------------------


def test_a_link_that_has_died_is_replaced(box, client, order_id, items, tmp_path):
    box.faults.add(path=DATA, expire_links=True, times=1)

    paths = client.download_products(order_id=order_id, local_dir=tmp_path, include="metadata", threaded=False)

    assert all(path.is_file() for files in paths.values() for path in files.values())
    assert len(box.sent(r"/download$")) == 2 + 1  # for this test's items, the download, and the fresh links


def test_links_that_were_passed_in_are_replaced_by_those_of_a_live_order(box, client, items, tmp_path):
    box.faults.add(path=DATA, expire_links=True, times=1)

    paths = client.download_products(items, local_dir=tmp_path, include="thumbnail", threaded=False)

    assert all(path.is_file() for files in paths.values() for path in files.values())


def test_a_file_that_is_here_is_compared_by_a_fresh_link(box, client, items, tmp_path):
    client.download_products(items, local_dir=tmp_path, include="thumbnail")
    box.faults.add(path=DATA, expire_links=True, times=1)
    box.forget()

    client.download_products(items, local_dir=tmp_path, include="thumbnail", threaded=False)

    assert [one.status for one in box.sent(DATA)] == [403, 200, 200]


def test_a_link_alone_that_has_died_is_said_so(box, client, href, tmp_path):
    box.faults.add(path=DATA, expire_links=True, times=None)

    with pytest.raises(LinkExpired, match="get_presigned_items") as caught:
        client.download_asset(href, tmp_path)

    assert isinstance(caught.value, CapellaConsoleClientError)
    assert "Signature" not in str(caught.value)
    with pytest.raises(LinkExpired, match="refused"):
        client.get_asset_bytesize(href)
    assert list(tmp_path.iterdir()) == []


# --- orders, acquisitions, tasks --------------------------------------------------------------------------------------


def test_an_order_that_is_not_ready_is_waited_for(box, client, collect, tmp_path):
    box.set(order_delay_s=20_000.0)
    order_id = client.submit_order(items=collect[:1], omit_search=True)

    paths = client.download_products(order_id=order_id, local_dir=tmp_path, include="metadata")

    assert list(paths) == [collect[0]["id"]]
    assert len(box.sent(r"/download$")) > 1


def test_an_order_that_is_rejected_or_over_is_said_so(box, mate, tmp_path):
    items = mate.search(ownership="publiclyAvailable", limit=1)
    box.set(reject_orders=True)
    with pytest.raises(OrderRejectedError) as caught:
        mate.submit_order(items=items)
    box.set(reject_orders=False)
    with pytest.raises(OrderRejectedError, match="was rejected"):
        mate.download_products(order_id=caught.value.data["order"]["orderId"], local_dir=tmp_path)
    order_id = mate.submit_order(items=items)
    box.clock.advance(4000)

    with pytest.raises(OrderExpiredError):
        mate.download_products(order_id=order_id, local_dir=tmp_path)


def test_the_products_of_an_acquisition_are_ordered_where_they_must_be(box, client, collect, tmp_path):
    collect_id = collect.collect_ids[0]
    everything = client.search(collect_id=collect_id)
    box.forget()

    paths = client.download_products(collect_id=collect_id, local_dir=tmp_path, include="metadata", contract_id="ct-3")

    assert set(paths) == set(everything.stac_ids)
    assert [one["contractId"] for one in box.bodies(r"/orders$") if one] == ["ct-3"]
    box.forget()
    client.download_products(collect_id=collect_id, local_dir=tmp_path, include="metadata", product_types=["GEO"])
    assert not box.sent(r"/orders$", method="POST")


def test_an_acquisition_without_products_gives_none(client, tmp_path, said):
    nobody = "00000000-0000-4000-8000-000000000001"

    assert client.download_products(collect_id=nobody, local_dir=tmp_path) == {}
    assert any(nobody in one for one in said())


def test_the_products_of_a_task_keep_its_contract(box, client, tmp_path):
    task = client.create_tasking_request(
        geometry={"type": "Point", "coordinates": [5.5, 52.5]}, name="for the download", pre_approval=True
    )
    task_id = task["properties"]["taskingrequestId"]
    with pytest.raises(TaskNotCompleteError, match="get_task"):
        client.download_products(tasking_request_id=task_id, local_dir=tmp_path)
    box.clock.advance(4 * 3600)
    box.forget()

    paths = client.download_products(
        tasking_request_id=task_id, local_dir=tmp_path, include="metadata", product_types=["GEO"], contract_id="ct-7"
    )

    (name,) = paths
    assert "_GEO_" in name
    assert json.loads(paths[name]["metadata"].read_text())["product_type"] == "GEO"
    assert [one["contractId"] for one in box.bodies(r"/orders$") if one] == ["ct-7"]


def test_progress_is_cores_and_may_be_asked_for(client, href, tmp_path, capsys):
    logging.getLogger("swath.capella").debug("before")

    assert client.download_asset(href, tmp_path, show_progress=True).is_file()
    assert capsys.readouterr().out == ""

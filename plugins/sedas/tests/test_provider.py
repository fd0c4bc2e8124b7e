# SPDX-License-Identifier: Apache-2.0
import pytest

from swath.errors import Gone, InputError, NotSupported, Rejected, UnexpectedResponse
from swath.hookspecs import Operation
from swath.models import Order, OrderRequest, OrderState, Query
from swath_sedas.provider import SeDASProvider
from swath_sedas.stac import item_of

BASE = "https://sedas.test/api/"


@pytest.fixture
def hooks():
    return SeDASProvider()


@pytest.fixture
def online(service, wire):
    """Give the item of a product that is online."""
    product = dict(wire("search_optical.json")["products"][0])
    url, digest = service.offer(product["supplierId"])
    product |= {"downloadUrl": url, "vendorSpecific": {"Filehash": digest}}
    service.products.append(product)
    return item_of(product, base_url=BASE)


@pytest.fixture
def archived(service, wire):
    """Give the item of a product that is only in the archive."""
    product = wire("search_optical.json")["products"][1]
    service.products.append(product)
    return item_of(product, base_url=BASE)


def posts(service):
    return [path for method, path, _ in service.log if method == "POST" and path.startswith("/request")]


def test_describe_declares_what_the_service_needs(hooks):
    info = hooks.describe()

    assert [(one.name, one.env, one.secret) for one in info.credentials] == [
        ("username", ("SEDAS_USERNAME",), False),
        ("password", ("SEDAS_PASSWORD",), True),
    ]
    settings = {one.name: one for one in info.settings}
    assert (settings["base_url"].env, settings["base_url"].origin) == (("SWATH_SEDAS_URL",), True)
    assert settings["base_url"].default == "https://geobrowser.satapps.org/api/"
    assert (settings["download_url"].default, settings["download_url"].origin) == ("https://sedasdm.satapps.org", True)
    assert (info.max_items_per_order, info.tagged) == (1, False)


def test_search_gives_pages_of_items(hooks, service, account, wire):
    service.products = wire("search_optical.json")["products"]

    pages = list(hooks.search(account(), Query(collections=("sentinel-2-l1c", "sentinel-2-l2a"))))

    items = [item for page in pages for item in page.items]
    assert [item["collection"] for item in items] == ["sentinel-2-l1c", "sentinel-2-l2a"]
    assert all(page.matched is None for page in pages)


@pytest.mark.parametrize("text", ["0", "many"])
def test_split_at_must_be_a_number(hooks, account, text):
    with pytest.raises(InputError, match="split_at"):
        list(hooks.search(account(split_at=text), Query()))


# --- order ---------------------------------------------------------------------------------------------------------


def test_order_of_an_online_item_sends_nothing(hooks, service, account, online):
    order = hooks.order(account(), OrderRequest(items=(online,), tag="swath-1"))

    assert (order.kind, order.state, order.id, order.tag) == ("direct", OrderState.SUCCEEDED, online["id"], "swath-1")
    assert service.log == []


@pytest.mark.parametrize(("answer", "order_id"), [({"requestId": "r-17"}, "r-17"), ({"requestId": 17}, "17")])
def test_p01_order_of_an_archived_item_posts_once(hooks, service, account, archived, *, answer, order_id):
    service.answers[f"/request/{archived['id']}"] = (200, answer)
    context = account()

    order = hooks.order(context, OrderRequest(items=(archived,), tag="swath-1"))

    assert (order.kind, order.state, order.id) == ("order", OrderState.ORDERED, order_id)
    assert posts(service) == [f"/request/{archived['id']}"]
    operation, request = next(sent for sent in context.http.sent if "/request/" in str(sent[1].url))
    assert operation is Operation.ONCE
    assert (str(request.url), request.read()) == (f"https://sedas.test/api//request/{archived['id']}", b"")


def test_order_of_an_unknown_product_is_rejected(hooks, service, account, archived):
    service.products.clear()

    with pytest.raises(Rejected, match="does not know"):
        hooks.order(account(), OrderRequest(items=(archived,)))


def test_order_without_an_id_in_the_answer_is_no_success(hooks, service, account, archived):
    service.answers[f"/request/{archived['id']}"] = (200, {})

    with pytest.raises(UnexpectedResponse, match="requestId"):
        hooks.order(account(), OrderRequest(items=(archived,)))


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({"clip": {"type": "Point", "coordinates": [0, 0]}}, "clip"),
        ({"tools": ({"reproject": {}},)}, "tools"),
        ({"bundle": "analytic"}, "bundle"),
        ({"delivery": {"s3": {}}}, "delivery"),
        ({"assets": ("B04",)}, "assets"),
        ({"options": {"fast": True}}, "options"),
    ],
)
def test_order_with_what_the_service_cannot_do_sends_nothing(hooks, service, account, archived, *, asked, word):
    with pytest.raises(NotSupported, match=word) as caught:
        hooks.order(account(), OrderRequest(items=(archived,), **asked))

    assert "swath.load" in caught.value.hint
    assert service.log == []


def test_order_of_a_planned_acquisition_sends_nothing(hooks, service, account, archived):
    archived["properties"]["swath:planned"] = True

    with pytest.raises(NotSupported, match="not been made yet"):
        hooks.order(account(), OrderRequest(items=(archived,)))
    assert service.log == []


def test_order_without_items_sends_nothing(hooks, service, account):
    with pytest.raises(NotSupported, match="sentinel-1-grd"):
        hooks.order(account(), OrderRequest(collection="sentinel-1-grd"))
    assert service.log == []


def test_p03_quote_is_unknown_and_not_zero(hooks, archived):
    quote = hooks.quote(OrderRequest(items=(archived,)))

    assert (quote.amount, quote.remaining, quote.items) == (None, None, {archived["id"]: None})


# --- wait ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"status": "PENDING"}, OrderState.PENDING),
        ({}, OrderState.SHIPPING),
        ({"status": "SOMETHING_NEW"}, OrderState.PENDING),
        ({"status": "FAILED", "message": "tape is broken"}, OrderState.FAILED),
        ({"status": "CANCELLED"}, OrderState.CANCELED),
        ({"status": "COMPLETED", "downloadUrl": "https://sedas.test/x.zip"}, OrderState.SUCCEEDED),
    ],
)
def test_p14_wait_reads_every_state(hooks, service, account, answer, state):
    service.requests["r-1"] = {"requestId": "r-1", "supplierId": "S1", **answer}

    order = hooks.wait(account(), Order(provider="sedas", id="r-1"))

    assert order.state is state
    assert order.native_state == answer.get("status", "")
    assert order.message.startswith(answer.get("message", ""))


def test_p22_request_that_is_not_listed_yet_is_pending(hooks, account):
    assert hooks.wait(account(), Order(provider="sedas", id="r-1")).state is OrderState.PENDING


def test_wait_takes_the_answer_on_this_request(hooks, service, account):
    service.answers["/request"] = (
        200,
        [{"requestId": 1, "status": "FAILED"}, {"requestId": 2, "downloadUrl": "https://x/2.zip"}],
    )

    assert hooks.wait(account(), Order(provider="sedas", id="2")).state is OrderState.SUCCEEDED


def test_wait_keeps_no_link(hooks, service, account):
    service.requests["r-1"] = {"requestId": "r-1", "supplierId": "S1", "downloadUrl": "https://x/1.zip?sig=1"}

    assert "downloadUrl" not in hooks.wait(account(), Order(provider="sedas", id="r-1")).raw


def test_wait_for_a_direct_order_looks_the_product_up_again(hooks, service, account, online):
    order = hooks.order(account(), OrderRequest(items=(online,)))

    assert hooks.wait(account(), order).state is OrderState.SUCCEEDED
    del service.products[0]["downloadUrl"]
    gone = hooks.wait(account(), order)
    assert (gone.state, gone.native_state) == (OrderState.FAILED, "ARCHIVED")


# --- download ------------------------------------------------------------------------------------------------------


def test_p20_download_of_a_direct_order_mints_the_link_now(hooks, service, account, online):
    order = hooks.order(account(), OrderRequest(items=(online,)))
    service.products[0]["downloadUrl"] = "https://sedas.test/files/moved.zip"

    (asset,) = hooks.download(account(), order)

    assert asset.href == "https://sedas.test/files/moved.zip"
    assert (asset.name, asset.key, asset.item) == (f"{online['id']}.zip", "product", online["id"])
    assert asset.checksum == online["assets"]["product"]["file:checksum"]
    assert (asset.media_type, asset.roles, asset.size) == ("application/zip", ("data",), None)


def test_download_of_a_request_takes_its_link_and_the_published_checksum(hooks, service, account, archived):
    order = hooks.order(account(), OrderRequest(items=(archived,)))
    url, digest = service.offer(archived["id"])
    service.requests[order.id]["downloadUrl"] = url
    service.products[0] = service.products[0] | {"vendorSpecific": {"Filehash": digest}}

    (asset,) = hooks.download(account(), order)

    assert (asset.href, asset.checksum) == (url, f"d50110{digest}")


def test_download_of_an_order_known_by_its_id_alone(hooks, service, account, archived):
    service.requests["r-9"] = {"requestId": "r-9", "supplierId": archived["id"], "downloadUrl": "https://x/9.zip"}

    (asset,) = hooks.download(account(), Order(provider="sedas", id="r-9", state=OrderState.SUCCEEDED))

    assert (asset.href, asset.item) == ("https://x/9.zip", archived["id"])


def test_p57_a_restored_product_that_went_back_is_gone(hooks, service, account, archived):
    order = hooks.order(account(), OrderRequest(items=(archived,)))

    with pytest.raises(Gone, match=archived["id"]) as caught:
        hooks.download(account(), order)
    assert "again=True" in caught.value.hint


def test_p57_a_direct_product_that_went_is_left_to_its_own_download(hooks, service, account, online):
    order = hooks.order(account(), OrderRequest(items=(online,)))
    del service.products[0]["downloadUrl"]

    (asset,) = hooks.download(account(), order)

    assert asset.href == online["assets"]["product"]["href"]


def test_members_answers_only_for_the_product(hooks, online):
    from swath.models import Asset

    assert hooks.members(online, Asset(href="x", name="x.zip", key="other"), "x.zip") is None


def test_p40_import_is_lazy():
    import subprocess
    import sys

    code = (
        "import sys, swath_sedas; before = set(sys.modules); swath_sedas.SeDASAPI;"
        "heavy = {'numpy', 'shapely', 'rasterio', 'pystac', 'xarray'};"
        "assert not any(name.startswith('swath_sedas.') for name in before), before;"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules);"
        "assert dir(swath_sedas) and 'SeDASBulkDownload' in dir(swath_sedas)"
    )

    subprocess.run([sys.executable, "-c", code], check=True)

# SPDX-License-Identifier: Apache-2.0
import inspect
import logging
import shutil

import httpx
import pytest

import swath_sedas
from swath.errors import (
    InputError,
    InvalidGeometry,
    NotOrdered,
    NotTheProduct,
    OrderFailed,
    Rejected,
    SwathError,
    Unavailable,
    UnexpectedResponse,
)
from swath.hookspecs import Operation
from swath_sedas import BlankCredentials, SeDASAPI
from swath_sedas.session import TEST_URL

WKT = "POLYGON ((-1.3295 51.5881,-1.3013 51.5872,-1.3020 51.5621,-1.3300 51.5622,-1.3295 51.5881))"
START, END = "2019-04-30T00:00:00Z", "2021-05-12T23:59:59Z"
WORLD = "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))"


@pytest.fixture
def sedas(account):
    return SeDASAPI.over(account())


# --- surface -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "signature"),
    [
        (
            "search",
            [
                "wkt",
                "start_date",
                "end_date",
                "sensor=All",
                "retry=True",
                "satellite_name=",
                "source_group=",
                "filters",
            ],
        ),
        ("search_sar", ["wkt", "start_date", "end_date", "satellite_name=", "source_group=", "filters"]),
        ("search_optical", ["wkt", "start_date", "end_date", "satellite_name=", "source_group=", "filters"]),
        ("search_product", ["product_id", "retry=True"]),
        ("list_sensor_groups", ["retry=True"]),
        ("list_satellites", ["retry=True"]),
        ("download", ["product", "output_path", "retry=True"]),
        ("download_request", ["product", "retry=True"]),
        ("request", ["product", "retry=True"]),
        ("is_request_ready", ["request_id", "retry=True"]),
        ("login", []),
        ("switch_to_dev", []),
    ],
)
def test_documented_methods_have_the_documented_arguments(method, signature):
    found = [
        name if one.default is one.empty else f"{name}={one.default}"
        for name, one in list(inspect.signature(getattr(SeDASAPI, method)).parameters.items())[1:]
    ]

    assert found == signature


def test_documented_import_paths_give_the_same_classes():
    from swath_sedas.bulk_download import SeDASBulkDownload
    from swath_sedas.sedas_api import SeDASAPI as FromModule

    assert FromModule is swath_sedas.SeDASAPI
    assert SeDASBulkDownload is swath_sedas.SeDASBulkDownload


def test_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="SeDASApi"):
        _ = swath_sedas.SeDASApi


def test_addresses_follow_the_base_of_a_subclass():
    class Local(SeDASAPI):
        base_url = "http://127.0.0.1:9/api/"

    assert Local.search_url == Local("a", "b").search_url == "http://127.0.0.1:9/api/search"
    assert Local("a", "b").authentication_url == "http://127.0.0.1:9/api/authentication"
    assert SeDASAPI.sensor_url == "https://geobrowser.satapps.org/api/sensors"


def test_addresses_follow_the_base_of_an_instance_and_may_be_set_alone():
    one, other = SeDASAPI("a", "b"), SeDASAPI("a", "b")
    one.base_url = "http://127.0.0.1:9/api"
    one.sensor_url = "http://127.0.0.1:9/other"

    assert one.search_url == "http://127.0.0.1:9/api/search"
    assert one.sensor_url == "http://127.0.0.1:9/other"
    assert other.search_url == "https://geobrowser.satapps.org/api/search"


def test_switch_to_dev_moves_all_addresses():
    client = SeDASAPI("a", "b")
    client.search_url = "https://elsewhere.test/search"

    client.switch_to_dev()

    assert client.base_url == TEST_URL
    assert {client.search_url, client.authentication_url, client.sensor_url} == {
        f"{TEST_URL}search",
        f"{TEST_URL}authentication",
        f"{TEST_URL}sensors",
    }


@pytest.mark.parametrize(("user", "password"), [("", "x"), ("x", ""), (None, "x")])
def test_blank_credentials_are_a_value_error_without_any_request(user, password):
    client = SeDASAPI(user, password)

    with pytest.raises(ValueError, match="blank") as caught:
        client.login()
    assert isinstance(caught.value, BlankCredentials)
    assert isinstance(caught.value, SwathError)


def test_p28_an_address_on_another_host_is_refused(sedas, service):
    sedas.search_url = "https://sedas.test.evil.example/api/search"

    with pytest.raises(InputError, match="not on the host"):
        sedas.search(WKT, START, END)
    assert service.log == []


# --- session -------------------------------------------------------------------------------------------------------


def test_login_fetches_a_token_only_when_there_is_none(sedas, service):
    sedas.login()
    sedas.login()
    sedas.list_satellites()

    assert service.logins == 1


def test_p58_two_accounts_do_not_share_a_token(service, account):
    one, other = account(), account()
    SeDASAPI.over(one).list_satellites()
    SeDASAPI.over(other).list_satellites()

    signed = [
        {request.headers["authorization"] for _, request in context.http.sent if "authorization" in request.headers}
        for context in (one, other)
    ]
    assert signed == [{"Token t1"}, {"Token t2"}]


# --- search --------------------------------------------------------------------------------------------------------


def test_search_sends_the_documented_body(sedas, service):
    sedas.search_optical(WKT, START, END, satellite_name="Sentinel-2A", source_group="S2", maxCloudPercent=50)

    assert service.bodies() == [
        {
            "sensorFilters": {"type": "Optical"},
            "filters": {"maxCloudPercent": 50},
            "aoiWKT": WKT,
            "start": START,
            "stop": END,
            "satelliteName": "Sentinel-2A",
            "sourceGroup": "S2",
        }
    ]


def test_search_leaves_out_what_is_empty(sedas, service):
    sedas.search_sar(WKT, START, END)

    assert service.bodies()[0].keys() == {"sensorFilters", "filters", "aoiWKT", "start", "stop"}


def test_search_after_a_dead_token_sends_the_very_same_body(sedas, service):
    sedas.search(WKT, START, END, source_group="S1")
    service.valid.clear()
    sedas.search(WKT, START, END, source_group="S1")

    assert service.bodies() == [service.bodies()[0]] * 2


def test_search_gives_the_answer_as_it_is(sedas, service, make_product):
    service.products = [make_product("a", extra={"kept": True})]

    answer = sedas.search(WORLD, START, END)

    assert answer == {"id": "x", "products": service.products}


def test_search_of_a_multipolygon_is_merged(sedas, service, make_product):
    service.products = [make_product("a", lon=0.5, lat=0.5), make_product("b", lon=10.5, lat=0.5)]

    answer = sedas.search(
        "MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)),((10 0,11 0,11 1,10 1,10 0)),((0 0,2 0,2 2,0 2,0 0)))", START, END
    )

    assert [one["supplierId"] for one in answer["products"]] == ["a", "b"]
    assert len(service.bodies()) == 3


@pytest.mark.parametrize("wkt", ["POINT(1 2)", "", "POLYGON((0 0,9 0,9 9,0 0),(2 1,3 1,3 2,2 1))"])
def test_search_refuses_other_geometry_without_a_request(sedas, service, wkt):
    with pytest.raises(InvalidGeometry):
        sedas.search(wkt, START, END)
    assert service.log == []


def test_search_warns_of_a_misspelt_filter(sedas, service, caplog):
    with caplog.at_level(logging.WARNING, logger="sedas_api"):
        sedas.search_optical(WKT, START, END, maxCloudPercentage=10)

    assert "'maxCloudPercent'" in caplog.text
    assert service.bodies()[0]["filters"] == {"maxCloudPercentage": 10}


def test_p09_search_warns_of_an_answer_that_may_be_cut(sedas, service, make_product, caplog):
    service.products = [make_product(f"p{index}") for index in range(300)]

    with caplog.at_level(logging.WARNING, logger="sedas_api"):
        sedas.search(WORLD, START, END)

    assert "cut off" in caplog.text


@pytest.mark.parametrize("answer", [(200, "<html>"), (200, []), (200, {"products": None})])
def test_search_answer_of_another_form_is_an_error(sedas, service, answer):
    service.answers["/search"] = answer

    with pytest.raises(UnexpectedResponse):
        sedas.search(WKT, START, END)


def test_search_product_encodes_the_id(sedas, service, make_product):
    service.products = [make_product("a&b=c d")]

    assert sedas.search_product("a&b=c d") == service.products
    assert sedas.search_product("none") == []


def test_retry_false_is_sent_at_most_once(account):
    context = account()
    client = SeDASAPI.over(context)

    client.list_satellites(retry=False)
    client.list_sensor_groups()

    assert [operation for operation, request in context.http.sent if "/sensors" in str(request.url)] == [
        Operation.ONCE,
        Operation.READ,
    ]


# --- long-term archive ---------------------------------------------------------------------------------------------


def test_request_gives_the_id_and_leaves_the_product_alone(sedas, service, make_product):
    product = make_product("a/b")
    service.products = [product]
    before = dict(product)

    assert sedas.request(product) == "r-000001"
    assert product == before
    assert service.log == [("POST", "/request/a/b", None)]


def test_is_request_ready_gives_the_url_once_it_is_there(sedas, service, make_product):
    service.products = [make_product("a")]
    request_id = sedas.request({"supplierId": "a"})

    assert sedas.is_request_ready("unknown") is None
    assert sedas.is_request_ready(request_id) is None
    service.requests[request_id]["downloadUrl"] = "https://x/a.zip"
    assert sedas.is_request_ready(request_id) == "https://x/a.zip"


def test_is_request_ready_raises_once_it_never_will_be(sedas, service):
    service.requests["r-1"] = {"requestId": "r-1", "supplierId": "a", "status": "FAILED", "message": "tape is broken"}

    with pytest.raises(OrderFailed, match="tape is broken"):
        sedas.is_request_ready("r-1")


@pytest.mark.parametrize("product", [{}, {"supplierId": ""}, [{"supplierId": "a"}], None])
def test_request_of_no_product_says_what_to_pass(sedas, service, product):
    with pytest.raises(InputError, match="supplierId"):
        sedas.request(product)
    assert service.log == []


def test_request_refused_is_typed(sedas, service):
    service.answers["/request/a"] = (400, {"message": "quota"})

    with pytest.raises(Rejected):
        sedas.request({"supplierId": "a"})


# --- download ------------------------------------------------------------------------------------------------------


def test_download_request_streams_the_bytes(sedas, service, tmp_path):
    content = bytes(range(256)) * 1000
    url, _ = service.offer("a", content)

    with sedas.download_request({"supplierId": "a", "downloadUrl": url}) as stream, (tmp_path / "a").open("wb") as file:
        assert stream.status == 200
        shutil.copyfileobj(stream, file)

    assert (tmp_path / "a").read_bytes() == content
    assert stream.closed


def test_download_request_reads_in_small_steps(sedas, service):
    url, _ = service.offer("a", b"0123456789")

    with sedas.download_request({"supplierId": "a", "downloadUrl": url}) as stream:
        assert [stream.read(4), stream.read(4), stream.read(4), stream.read(4)] == [b"0123", b"4567", b"89", b""]


@pytest.mark.parametrize("url", [None, "", ...])
def test_p15_download_of_an_archived_product_says_what_to_do(sedas, service, url):
    product = {"supplierId": "a"} if url is ... else {"supplierId": "a", "downloadUrl": url}

    with pytest.raises(NotOrdered, match="long-term archive") as caught:
        sedas.download_request(product)
    assert "request(product)" in caught.value.hint
    assert service.log == []


def test_p06_download_request_refuses_a_page(service, account):
    def handler(request):
        if "/files/" in request.url.path:
            return httpx.Response(200, text="<html>", headers={"content-type": "text/html; charset=utf-8"})
        return service(request)

    with pytest.raises(NotTheProduct, match="text/html"):
        SeDASAPI.over(account(handler)).download_request(
            {"supplierId": "a", "downloadUrl": "https://sedas.test/files/a"}
        )


def test_download_request_that_breaks_off_is_typed(service, account):
    class Broken(httpx.SyncByteStream):
        def __iter__(self):
            yield b"PK"
            raise httpx.ReadError("reset")

    def handler(request):
        if "/files/" in request.url.path:
            return httpx.Response(200, stream=Broken(), headers={"content-type": "application/zip"})
        return service(request)

    client = SeDASAPI.over(account(handler))
    with (
        client.download_request({"supplierId": "a", "downloadUrl": "https://sedas.test/files/a"}) as stream,
        pytest.raises(Unavailable, match="broke off"),
    ):
        stream.read()

# SPDX-License-Identifier: Apache-2.0
"""The Subscriptions API under the SDK's names, over real HTTP against the stand-in."""

from __future__ import annotations

import csv
import datetime as dt
import uuid

import httpx
import pytest
from shapely.geometry import box, mapping

from swath.errors import InvalidCredentials, NotEntitled, NotFound, QuotaExceeded, Rejected, Unavailable
from swath.hookspecs import Operation
from swath.models import Secret
from swath_planet import subscription_request
from swath_planet._api.subscriptions import Subscriptions
from swath_planet.exceptions import BadQuery, ClientError, PagingError, ServerError, TooManyRequests, translate

ROOT = "/subscriptions/v1"
AREA = mapping(box(5.4, 52.3, 5.5, 52.38))
S3 = subscription_request.amazon_s3("hidden-1", "hidden-2", "b", "eu-west-1")


@pytest.fixture
def subscriptions(native):
    return native(Subscriptions)


def request(world, name="fields", *, begin=-20, end=None, **given):
    """Make a request; times in days from now."""
    now = world.clock.now()
    source = subscription_request.catalog_source(
        ["PSScene"],
        ["ortho_analytic_4b"],
        AREA,
        now + dt.timedelta(days=begin),
        end_time=None if end is None else now + dt.timedelta(days=end),
    )
    return subscription_request.build_request(name, source, delivery=S3, **given)


@pytest.fixture
def done(served, subscriptions):
    """Give a subscription that has delivered all it ever will."""
    world, _ = served
    made = subscriptions.create_subscription(request(world, f"done {uuid.uuid4()}", begin=-20, end=-5))
    world.clock.advance(300)
    world.log.clear()
    return made


# --- on the wire -----------------------------------------------------------------------------------------------------


def test_each_request_is_the_documented_one(account, answers):
    _, context, http = account(
        answers(*[(200, {"id": "s"})] * 6, *[httpx.Response(202)] * 4, (200, {}), (200, {}), (202, {}), (202, {}))
    )
    service = Subscriptions(context)

    service.create_subscription({"name": "n"})
    service.bulk_create_subscriptions([{"name": "n"}])
    service.get_subscription("s")
    service.update_subscription("s", {"name": "m"})
    service.patch_subscription("s", {"name": "m"})
    service.cancel_subscription("s")
    service.reactivate_subscription("s")
    service.bulk_suspend_subscriptions(["s"], details="flood")
    service.bulk_suspend_subscriptions(all_of_mine=True)
    service.bulk_reactivate_subscriptions(all_subscriptions=True)
    service.get_summary()
    service.get_subscription_summary("s")
    service.suspend_subscription("s")
    service.suspend_subscription("s", details="flood")

    assert [(one["method"], one["path"].removeprefix(ROOT), one["params"], one["json"]) for one in http.sent] == [
        ("POST", "", {}, {"name": "n"}),
        ("POST", "/bulk", {}, {"subscriptions": [{"name": "n"}]}),
        ("GET", "/s", {}, None),
        ("PUT", "/s", {}, {"name": "m"}),
        ("PATCH", "/s", {}, {"name": "m"}),
        ("POST", "/s/cancel", {}, None),
        ("POST", "/s/reactivate", {}, None),
        ("POST", "/suspend", {}, {"subscription_ids": ["s"], "details": "flood"}),
        ("POST", "/suspend", {}, None),
        ("POST", "/reactivate", {"user_id": "all"}, None),
        ("GET", "/summary", {}, None),
        ("GET", "/s/summary", {}, None),
        ("POST", "/s/suspend", {}, None),
        ("POST", "/s/suspend", {}, {"details": "flood"}),
    ]
    assert [one["operation"] for one in http.sent].count(Operation.ONCE) == 2
    assert {one["operation"] for one in http.sent[:2]} == {Operation.ONCE}
    assert {one["bucket"] for one in http.sent} == {"subscriptions"}


def test_list_filters_are_written_as_documented(account):
    seen = []

    def handler(sent):
        seen.append(sent.url)
        return httpx.Response(200, json={"subscriptions": [{"id": "s"}]})  # no _links: the end

    _, context, _ = account(handler)
    service = Subscriptions(context)

    assert list(service.list_subscriptions()) == [{"id": "s"}]
    given = {
        "created": "a/..",
        "end_time": "b",
        "name": "d",
        "name__contains": "c",
        "source_type": "catalog",
        "start_time": "e",
        "sort_by": "name DESC,created",
        "updated": "f",
        "destination_ref": "pl:destinations/x",
        "user_id": "all",
        "geom_ref": "pl:features/my/c/f",
    }
    list(service.list_subscriptions(status=["running", "failed"], hosting=True, page_size=7, **given))
    list(service.list_subscriptions(status={"running", "failed"}, hosting=False, user_id=5))
    list(service.list_subscriptions(status="running"))

    assert [str(url) for url in seen[:1]] == [f"https://api.planet.com{ROOT}?page_size=500"]
    assert seen[1].params.get_list("status") == ["running", "failed"]
    assert {name: seen[1].params[name] for name in given} == given
    assert (seen[1].params["hosting"], seen[1].params["page_size"]) == ("true", "7")
    assert seen[2].params.get_list("status") == ["failed", "running"]
    assert (seen[2].params["hosting"], seen[2].params["user_id"]) == ("false", "5")
    assert seen[3].params.get_list("status") == ["running"]


def test_result_filters_are_written_as_documented(account):
    seen = []

    def handler(sent):
        seen.append(sent.url.params)
        if sent.url.params.get("format") == "csv":
            return httpx.Response(200, text="id,status\r\n1,success\n\n2,failed")
        return httpx.Response(200, json={"results": [{"id": "r"}], "_links": {"next": None}})

    _, context, _ = account(handler)
    service = Subscriptions(context)
    given = {"created": "a", "updated": "b", "completed": "c", "item_datetime": "d/.."}

    assert list(service.get_results("s", status=["success", "queued"], **given)) == [{"id": "r"}]
    assert list(service.get_results_csv("s", status={"success"}, **given)) == [
        "id,status", "1,success", "", "2,failed"
    ]  # fmt: skip

    for params in seen:
        assert {name: params[name] for name in given} == given
    assert seen[0].get_list("status") == ["success", "queued"]
    assert (seen[1]["format"], seen[1]["status"]) == ("csv", "success")


# --- paging ----------------------------------------------------------------------------------------------------------


def test_page_beyond_the_limit_is_never_asked_for(served, subscriptions, sent):
    world, _ = served
    for number in range(4):
        subscriptions.create_subscription(request(world, f"paged {number}"))
    world.log.clear()

    two = list(subscriptions.list_subscriptions(name__contains="paged", limit=2, page_size=2))
    assert (len(two), len(sent())) == (2, 1)
    three = list(subscriptions.list_subscriptions(name__contains="paged", limit=3, page_size=2))
    assert (len(three), len(sent())) == (3, 3)
    every = list(subscriptions.list_subscriptions(name__contains="paged", limit=0, page_size=2))
    assert (len(every), len(sent())) == (4, 5)
    assert list(subscriptions.list_subscriptions(name__contains="no such")) == []


def test_p10_same_next_page_twice_in_a_row_is_an_error(account, answers):
    page = {"subscriptions": [{"id": "s"}], "_links": {"next": "https://api.planet.com/again"}}
    _, context, http = account(answers((200, page), (200, page)))

    with pytest.raises(PagingError):
        list(Subscriptions(context).list_subscriptions())

    assert len(http.sent) == 2


# --- against the stand-in --------------------------------------------------------------------------------------------


def test_subscription_is_made_read_listed_and_counted(served, subscriptions):
    world, _ = served
    name = f"weekly {uuid.uuid4()}"
    made = subscriptions.create_subscription(request(world, name))

    assert (made["name"], made["status"]) == (name, "preparing")
    assert made["delivery"]["parameters"]["aws_secret_access_key"] == "<REDACTED>"
    assert subscriptions.get_subscription(made["id"])["id"] == made["id"]
    assert [one["id"] for one in subscriptions.list_subscriptions(name=name)] == [made["id"]]
    assert [one["id"] for one in subscriptions.list_subscriptions(name=name, status=["failed"])] == []
    assert subscriptions.get_summary()["subscriptions"]["preparing"] >= 1


def test_bulk_create_tells_where_to_find_what_was_made(served, subscriptions):
    world, _ = served
    made = subscriptions.bulk_create_subscriptions([request(world, f"bulk {uuid.uuid4()}")])

    link = made["_links"]["list"]
    assert "name=bulk" in link
    assert len(subscriptions.json("GET", link)["subscriptions"]) == 1


def test_update_replaces_and_patch_changes(served, subscriptions):
    world, _ = served
    made = subscriptions.create_subscription(request(world, "before"))
    replaced = subscriptions.update_subscription(made["id"], request(world, "replaced", end=30))
    patched = subscriptions.patch_subscription(made["id"], {"name": "patched"})

    assert replaced["name"] == "replaced"
    assert "end_time" in replaced["source"]["parameters"]
    assert patched["name"] == "patched"
    assert patched["source"] == replaced["source"]


def test_subscription_is_suspended_reactivated_and_cancelled(served, subscriptions):
    world, _ = served
    made = subscriptions.create_subscription(request(world))
    world.clock.advance(30)

    suspended = subscriptions.suspend_subscription(made["id"], details="flood")
    assert (suspended["status"], suspended["details"]) == ("suspended", "flood")
    assert subscriptions.reactivate_subscription(made["id"]) is None
    assert subscriptions.get_subscription(made["id"])["status"] != "suspended"
    assert subscriptions.cancel_subscription(made["id"]) is None
    assert subscriptions.get_subscription(made["id"])["status"] == "cancelled"


def test_several_are_suspended_and_reactivated(served, subscriptions):
    world, _ = served
    ids = [subscriptions.create_subscription(request(world))["id"] for _ in range(2)]
    other = subscriptions.create_subscription(request(world))["id"]
    world.clock.advance(30)

    assert subscriptions.bulk_suspend_subscriptions(ids, details="flood") is None
    assert [subscriptions.get_subscription(one)["status"] for one in ids] == ["suspended"] * 2
    assert subscriptions.get_subscription(other)["status"] != "suspended"
    assert subscriptions.bulk_reactivate_subscriptions(ids) is None
    assert "suspended" not in [subscriptions.get_subscription(one)["status"] for one in ids]
    subscriptions.bulk_suspend_subscriptions(all_of_mine=True)
    assert subscriptions.get_subscription(other)["status"] == "suspended"


def test_results_are_listed_counted_and_given_as_csv(subscriptions, done):
    results = list(subscriptions.get_results(done["id"], limit=0))
    rows = list(csv.DictReader(subscriptions.get_results_csv(done["id"])))
    summary = subscriptions.get_subscription_summary(done["id"])

    assert len(results) > 1
    assert {one["status"] for one in results} == {"success"}
    assert [row["id"] for row in rows] == [one["id"] for one in results]
    assert set(rows[0]) >= {"id", "status"}
    assert summary["results"]["success"] == len(results)
    assert summary["subscription"] == {"status": "completed"}
    assert list(subscriptions.get_results(done["id"], status=["failed", "queued"])) == []
    assert list(subscriptions.get_results_csv(done["id"], status=["failed"])) == [",".join(rows[0])]
    assert len(list(subscriptions.get_results(done["id"], limit=1))) == 1


# --- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["bulk_suspend_subscriptions", "bulk_reactivate_subscriptions"])
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "all_of_mine"),
        ({"subscription_ids": []}, "all_of_mine"),
        ({"subscription_ids": ["s"], "all_subscriptions": True}, "Cannot specify both"),
        ({"subscription_ids": ["s"], "all_of_mine": True}, "exclude each other"),
        ({"all_subscriptions": True, "all_of_mine": True}, "exclude each other"),
        ({"subscription_ids": "s"}, "pass a list"),
    ],
)
def test_what_is_done_to_many_names_them_or_says_all(subscriptions, sent, verb, given, words):
    with pytest.raises(ClientError) as caught:
        getattr(subscriptions, verb)(**given)

    assert words in f"{caught.value.message} {caught.value.hint}"
    assert sent() == []


def test_refusal_is_told_in_planets_own_words(served, subscriptions):
    world, _ = served
    body = request(world)
    del body["delivery"]

    with pytest.raises(Rejected) as caught:
        subscriptions.create_subscription(body)

    told = translate(caught.value)
    assert isinstance(told, BadQuery)
    assert str(told) == '{"error":{"reason":"Request failed schema validation","details":["delivery: is required"]}}'


def test_server_error_is_told_in_planets_own_words_and_not_sent_again(served, subscriptions):
    world, _ = served
    body = {"code": 0, "message": "Internal Error"}
    world.faults.add(method="POST", path="/subscriptions/", status=500, body=body, times=None)

    with pytest.raises(Unavailable) as caught:
        subscriptions.create_subscription(request(world))

    assert isinstance(translate(caught.value), ServerError)
    assert "Internal Error" in str(translate(caught.value))
    assert len(world.log) == 1


@pytest.mark.parametrize(
    "ask",
    [
        lambda service, one: service.get_subscription(one),
        lambda service, one: service.cancel_subscription(one),
        lambda service, one: service.suspend_subscription(one),
        lambda service, one: service.reactivate_subscription(one),
        lambda service, one: service.patch_subscription(one, {"name": "x"}),
        lambda service, one: list(service.get_results(one)),
        lambda service, one: list(service.get_results_csv(one)),
        lambda service, one: service.get_subscription_summary(one),
    ],
)
def test_unknown_subscription_is_not_found(subscriptions, ask):
    with pytest.raises(NotFound, match="not found"):
        ask(subscriptions, str(uuid.UUID(int=5)))
    with pytest.raises(ClientError, match="Must provide a subscription id"):
        ask(subscriptions, "")


def test_accounts_without_the_right_are_refused(native, served):
    world, _ = served
    with pytest.raises(NotEntitled):
        native(Subscriptions, key="sandbox-planet-viewer").create_subscription(request(world))
    with pytest.raises(InvalidCredentials):
        native(Subscriptions, key="wrong").get_summary()


def test_p01_creating_is_sent_once(served, subscriptions):
    world, _ = served
    world.faults.add(method="POST", path="/subscriptions/", drop="after", times=None)
    body = request(world)
    for create in (
        lambda: subscriptions.create_subscription(body),
        lambda: subscriptions.bulk_create_subscriptions([body]),
    ):
        world.log.clear()

        with pytest.raises(Unavailable) as caught:
            create()

        assert caught.value.details["outcome_unknown"] is True
        assert len(world.log) == 1


def test_creating_that_is_one_too_many_is_sent_again_for_nothing_was_made(served, subscriptions):
    world, _ = served
    world.faults.add(method="POST", path="/subscriptions/", status=429, body={"message": "slow down"}, times=2)

    made = subscriptions.create_subscription(request(world))

    assert made["id"]
    assert [one.status for one in world.log] == [429, 429, 201]


def test_quota_that_is_used_up_is_not_asked_again(served, subscriptions):
    world, _ = served
    world.faults.add(method="POST", path="/subscriptions/", status=429, body={"message": "quota exceeded"}, times=None)

    with pytest.raises(QuotaExceeded) as caught:
        subscriptions.create_subscription(request(world))

    assert len(world.log) == 1
    assert isinstance(translate(caught.value), TooManyRequests)


def test_answers_that_say_nothing_are_not_read(account, answers):
    _, context, _ = account(answers(*[httpx.Response(200, text="<junk>")] * 4))
    service = Subscriptions(context)

    assert service.cancel_subscription("s") is None
    assert service.reactivate_subscription("s") is None
    assert service.bulk_suspend_subscriptions(["s"]) is None
    assert service.bulk_reactivate_subscriptions(["s"]) is None


@pytest.mark.parametrize("secret", ["canary-secret", Secret("canary-secret")])
def test_p27_secret_that_planet_repeats_in_a_refusal_is_taken_out(account, secret):
    def handler(sent):
        return httpx.Response(400, json={"error": {"reason": f"bad key {sent.content.decode()}"}})

    service = Subscriptions(account(handler)[1])
    body = {"name": "n", "delivery": subscription_request.amazon_s3("AKIA-canary", secret, "bucket", "r")}

    for send in (
        lambda: service.create_subscription(body),
        lambda: service.bulk_create_subscriptions([body]),
        lambda: service.update_subscription("s", body),
        lambda: service.patch_subscription("s", body),
    ):
        with pytest.raises(Rejected) as caught:
            send()

        told = f"{caught.value} {caught.value.args} {caught.value.details} {translate(caught.value)}"
        assert "canary" not in told
        assert "bucket" in told


def test_p27_secret_is_revealed_in_the_request_alone(account, answers):
    _, context, http = account(answers((200, {"id": "s"}), (200, {"_links": {}}), (200, {"id": "s"})))
    service, secret = Subscriptions(context), Secret("shh")
    body = {"name": "n", "delivery": subscription_request.amazon_s3(Secret("AKIA"), secret, "b", "r")}

    service.create_subscription(body)
    service.bulk_create_subscriptions([body])
    service.update_subscription("s", body)

    parameters = [http.sent[0]["json"], http.sent[1]["json"]["subscriptions"][0], http.sent[2]["json"]]
    assert {one["delivery"]["parameters"]["aws_secret_access_key"] for one in parameters} == {"shh"}
    assert body["delivery"]["parameters"]["aws_secret_access_key"] is secret
    assert "shh" not in repr(body)

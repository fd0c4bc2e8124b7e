# SPDX-License-Identifier: Apache-2.0
"""The native client, by the examples of Cecil's page and by every function of its SDK."""

from __future__ import annotations

import inspect
import pickle
import warnings

import pytest

import swath_cecil
from swath.errors import SwathError
from swath_cecil import Client
from swath_cecil.errors import DuplicateSubscriptionError, Error, HTTPError, SDKError, SubscriptionFailedError

HANSEN = "9659ec1d-7091-4f8b-9db5-e9fe07d2f508"
COVER = "a4bb9aea-b6df-4d19-9083-38357f8fa76c"
RING = [
    [132.52934211276073, -12.721072673008706],
    [132.52934211276073, -12.730063400794094],
    [132.54027735328083, -12.730063400794094],
    [132.54027735328083, -12.721072673008706],
    [132.52934211276073, -12.721072673008706],
]
AREA = {"type": "Polygon", "coordinates": [RING]}
SIGNATURES = {
    "archive_aoi": "id",
    "archive_subscription": "id",
    "create_aoi": "geometry external_ref=None",
    "create_subscription": "aoi_id dataset_id external_ref=None allow_duplicate=False",
    "create_user": "first_name last_name email",
    "create_webhook": "url secret=None events=None",
    "delete_webhook": "id",
    "get_aoi": "id",
    "get_dataset": "id",
    "get_organisation_settings": "",
    "get_settings": "",
    "get_subscription": "id",
    "get_usage": "",
    "get_user": "id",
    "get_webhook": "id",
    "list_aois": "archived=False",
    "list_datasets": "",
    "list_subscriptions": "archived=False",
    "list_users": "",
    "list_webhooks": "",
    "load_dataframe": "subscription_id columns=None",
    "load_xarray": "subscription_id mask_and_scale=True",
    "recover_api_key": "email",
    "restore_aoi": "id",
    "restore_subscription": "id",
    "rotate_api_key": "",
    "update_organisation_settings": "monthly_subscription_limit",
    "update_settings": "monthly_subscription_limit",
}


@pytest.mark.parametrize("name", sorted(SIGNATURES))
def test_every_function_has_the_arguments_of_the_sdk(name):
    found = [one for one in inspect.signature(getattr(Client, name)).parameters.values() if one.name != "self"]

    told = [one.name if one.default is one.empty else f"{one.name}={one.default}" for one in found]
    assert " ".join(told) == SIGNATURES[name]


def test_package_exports_what_the_sdk_does():
    assert {"Client", "Error", "__version__"} <= set(swath_cecil.__all__)
    assert swath_cecil.Error is Error


# --- the page's examples ----------------------------------------------------------------------------------------------


def test_page_areas_of_interest(client):
    my_aoi = client.create_aoi(external_ref="My AOI", geometry=AREA)

    assert my_aoi.hectares == pytest.approx(118.12168458669, rel=1e-9)
    assert client.get_aoi(my_aoi.id).geometry == AREA
    assert client.create_aoi(external_ref="My AOI", geometry=AREA).id == my_aoi.id
    assert my_aoi.id in [one.id for one in client.list_aois()]
    assert all(one.geometry is None for one in client.list_aois())
    client.archive_aoi(my_aoi.id)
    assert my_aoi.id not in [one.id for one in client.list_aois()]
    assert my_aoi.id in [one.id for one in client.list_aois(archived=True)]
    client.restore_aoi(my_aoi.id)
    assert client.get_aoi(my_aoi.id).archived_at is None


def test_page_datasets(client):
    datasets = client.list_datasets()

    assert client.get_dataset(HANSEN).name == "Hansen Global Forest Change"
    [cover] = [one for one in datasets if one.id == COVER]
    assert cover.variables[0].no_data == "255"
    assert cover.variables[0].reference_table
    assert cover.constraints.organisation_verified_only is False
    assert cover.pricing.model_dump().keys() == {"description", "tiers"}


def test_page_subscriptions(box, client):
    my_aoi = client.create_aoi(external_ref="subscribed", geometry=AREA)
    my_subscription = client.create_subscription(aoi_id=my_aoi.id, dataset_id=HANSEN, external_ref="mine")

    assert my_subscription.status == "pending"
    with pytest.raises(DuplicateSubscriptionError) as caught:
        client.create_subscription(my_aoi.id, HANSEN)
    assert caught.value.status_code == 409
    assert caught.value.subscription_id == my_subscription.id
    assert isinstance(caught.value.response_body, list)
    assert client.create_subscription(my_aoi.id, HANSEN, allow_duplicate=True).id != my_subscription.id
    assert my_subscription.id in [one.id for one in client.list_subscriptions()]
    client.archive_subscription(my_subscription.id)
    assert my_subscription.id in [one.id for one in client.list_subscriptions(archived=True)]
    client.restore_subscription(my_subscription.id)
    box.clock.advance(86400)
    done = client.get_subscription(my_subscription.id)
    assert (done.status, done.dataset_publication) == ("completed", done.dataset_current_publication)


def test_page_organisation(client):
    assert client.get_settings().monthly_subscription_limit == 200_000
    assert client.update_settings(monthly_subscription_limit=60_000) is None
    assert client.get_settings().monthly_subscription_limit == 60_000
    assert client.update_organisation_settings(monthly_subscription_limit=200_000).monthly_subscription_limit == 200_000
    usage = client.get_usage()
    assert usage.monthly_subscription_limit == 200_000
    assert usage.max_subscriptions is None


def test_page_users(client):
    user = client.create_user(first_name="Ada", last_name="Lovelace", email="ada@example.org")

    assert client.get_user(user.id) == user
    assert user in client.list_users()


def test_page_webhooks(client):
    webhook = client.create_webhook(
        url="https://example.org/hook", secret="swath-demo-secret", events=["subscription.completed"]
    )

    assert client.get_webhook(webhook.id).events == ["subscription.completed"]
    assert "swath-demo-secret" not in repr(webhook)
    assert webhook.id in [one.id for one in client.list_webhooks()]
    client.delete_webhook(webhook.id)
    assert webhook.id not in [one.id for one in client.list_webhooks()]


# --- what the SDK does not do ------------------------------------------------------------------------------------------


def test_p28_recovering_a_key_sends_none(box, client):
    client.get_usage()
    box.log.clear()

    answer = client.recover_api_key("ada@example.org")

    assert "message" in answer
    [sent] = box.log.entries(path="/api-key/recover")
    assert "authorization" not in dict(sent.headers)


def test_key_can_be_recovered_where_there_is_none(box, monkeypatch, tmp_path):
    monkeypatch.setenv("SWATH_CECIL_URL", box.running.base_url)
    monkeypatch.delenv("CECIL_API_KEY", raising=False)
    monkeypatch.setenv("SWATH_HOME", str(tmp_path))

    assert Client().recover_api_key("ada@example.org")
    with pytest.raises(SDKError, match="CECIL_API_KEY"):
        Client().get_usage()


def test_rotated_key_is_the_one_that_is_used_from_then_on(box, client, monkeypatch):
    other = client.create_user("Grace", "Hopper", "grace@example.org")
    mails = box.switch("GET", "mails")["mails"]
    token = next(one for one in reversed(mails) if "grace@example.org" in str(one))
    key = box.switch("GET", f"keys/{_token(token)}")
    key = key if isinstance(key, str) else next(iter(key.values()))
    with Client(api_key=key) as mine:
        answer = mine.rotate_api_key()

        assert answer["new_api_key"] != key
        assert mine.get_user(other.id).email == "grace@example.org"
    with Client(api_key=key) as old, pytest.raises(HTTPError) as caught:
        old.get_usage()
    assert caught.value.status_code == 401


def _token(mail):
    import re

    return re.search(r"/_cecil/keys/([\w.=-]+)", str(mail))[1]


def test_key_may_be_passed(box, client):
    with Client(api_key="no-such-key") as other, pytest.raises(HTTPError) as caught:
        other.get_usage()

    assert (caught.value.status_code, caught.value.status) == (401, "Unauthorized")
    assert "no-such-key" not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize("status", [403, 404, 422, 500, 520])
def test_every_status_is_an_error_of_ours_with_its_body(box, client, status):
    box.faults.add(provider="cecil", path="/v0/users", status=status, body={"message": "why"}, times=None)

    with pytest.raises(HTTPError, match="why") as caught:
        client.list_users()

    assert caught.value.status_code == status
    assert caught.value.response_body == {"message": "why"}
    assert isinstance(caught.value, SwathError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("trouble", [{"status": 503}, {"status": 429}, {"drop": "before"}])
def test_p19_reading_comes_through_what_passes(box, client, trouble):
    box.faults.add(provider="cecil", path="/v0/usage", times=2, **trouble)

    assert client.get_usage().monthly_subscription_limit


def test_p01_subscribing_is_sent_once(box, client):
    aoi = client.create_aoi(AREA, "once")
    box.log.clear()
    box.faults.add(provider="cecil", method="POST", path=r"/v0/subscriptions$", times=None, status=503)

    with pytest.raises(HTTPError):
        client.create_subscription(aoi.id, HANSEN)

    assert len(box.log.entries(method="POST", path=r"/v0/subscriptions$")) == 1


def test_answer_that_is_none_is_an_error_of_ours(box, client):
    box.faults.add(provider="cecil", path="/v0/usage", status=200, body=[1], times=None)

    with pytest.raises(Error):
        client.get_usage()


@pytest.mark.parametrize(("state", "after_s"), [("pending", 0), ("processing", 630), ("partial", 86400)])
def test_loading_what_is_incomplete_warns_once(box, client, subscribed, state, after_s):
    box.settings(end="partial", message="Something is late.")
    one = subscribed(HANSEN, ready=False)
    box.clock.advance(after_s)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = client.load_xarray(one.id)

    [said] = [str(one.message) for one in caught if one.category is UserWarning]
    assert one.id in said
    assert state in said
    assert "Something is late:" not in said or state == "partial"
    assert len(found.data_vars) == {"pending": 0, "processing": 1}.get(state, len(found.data_vars))


def test_loading_what_failed_is_an_error_before_any_file_is_asked_for(box, client, subscribed):
    one = subscribed(HANSEN)
    box.switch("POST", f"subscriptions/{one.id}", {"status": "failed", "status_message": "No species found."})
    box.log.clear()

    with pytest.raises(SubscriptionFailedError, match="No species found") as caught:
        client.load_xarray(one.id)

    assert caught.value.subscription_id == one.id
    assert caught.value.status_message == "No species found."
    assert not box.log.entries(path="/files/")


def test_servers_of_old_spell_in_camel_case(box, client):
    box.faults.add(
        provider="cecil",
        path="/v0/aois/",
        status=200,
        times=1,
        body={"id": "a", "externalRef": "", "hectares": 1.5, "createdAt": "2026-01-01T00:00:00.000Z", "createdBy": "b"},
    )

    assert client.get_aoi("a").created_by == "b"

# SPDX-License-Identifier: Apache-2.0
"""The Destinations API under the SDK's names, over real HTTP against the stand-in."""

from __future__ import annotations

import copy

import pytest

from swath.errors import NotFound, Rejected, Unavailable
from swath.hookspecs import Operation
from swath.models import Secret
from swath_planet._api.destinations import Destinations
from swath_planet.exceptions import ClientError, MissingResource, translate

ROOT = "/destinations/v1"
S3 = {
    "name": "my bucket",
    "type": "amazon_s3",
    "parameters": {
        "bucket": "b",
        "aws_region": "eu-west-1",
        "aws_access_key_id": "AKIA",
        "aws_secret_access_key": "shh",
        "explicit_sse": True,
    },
}


@pytest.fixture
def destinations(native):
    return native(Destinations)


def test_each_request_is_the_documented_one(account, answers):
    _, context, http = account(answers(*[(200, {})] * 8))
    service = Destinations(context)

    service.list_destinations()
    service.list_destinations(archived=True, is_owner=False, can_write=True, is_default=False)
    service.get_destination("b-1")
    service.patch_destination("b-1", {"archive": True})
    service.create_destination(S3)
    service.set_default_destination("b-1")
    service.get_default_destination()
    service.unset_default_destination()

    assert [(one["method"], one["path"], one["params"], one["json"]) for one in http.sent] == [
        ("GET", ROOT, {}, None),
        ("GET", ROOT, {"archived": "true", "is_owner": "false", "can_write": "true", "is_default": "false"}, None),
        ("GET", f"{ROOT}/b-1", {}, None),
        ("PATCH", f"{ROOT}/b-1", {}, {"archive": True}),
        ("POST", ROOT, {}, S3),
        ("PUT", f"{ROOT}/default", {}, {"destination_id": "b-1"}),
        ("GET", f"{ROOT}/default", {}, None),
        ("DELETE", f"{ROOT}/default", {}, None),
    ]
    assert [one["operation"] for one in http.sent].count(Operation.ONCE) == 1
    assert http.sent[4]["operation"] is Operation.ONCE
    assert {one["bucket"] for one in http.sent} == {"destinations"}


def test_destination_is_made_renamed_archived_and_back(destinations):
    made = destinations.create_destination(S3)
    renamed = destinations.patch_destination(made["id"], {"name": "other"})
    archived = destinations.patch_destination(made["id"], {"archive": True})
    back = destinations.patch_destination(made["id"], {"archive": False})

    assert made["pl:ref"] == f"pl:destinations/{made['id']}"
    assert made["parameters"]["aws_secret_access_key"] == "<REDACTED>"
    assert renamed["name"] == "other"
    assert archived["archived"] is not None
    assert back["archived"] is None
    assert destinations.get_destination(made["id"])["name"] == "other"
    assert made["id"] in [one["id"] for one in destinations.list_destinations()["destinations"]]


KINDS = {
    "amazon_s3": {"bucket": "b", "aws_region": "r", "aws_access_key_id": "a", "aws_secret_access_key": "s"},
    "azure_blob_storage": {"account": "a", "container": "c", "sas_token": "s", "storage_endpoint_suffix": "x"},
    "google_cloud_storage": {"bucket": "b", "credentials": "c"},
    "oracle_cloud_storage": {
        "bucket": "b",
        "namespace": "n",
        "region": "r",
        "customer_access_key_id": "a",
        "customer_secret_key": "s",
    },
    "s3_compatible": {
        "endpoint": "https://s3.example.org",
        "bucket": "b",
        "region": "r",
        "access_key_id": "a",
        "secret_access_key": "s",
        "use_path_style": True,
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_destination_of_each_kind_is_made_and_its_secrets_are_renewed(destinations, sent, kind):
    request = {"name": f"of {kind}", "type": kind, "parameters": KINDS[kind]}

    made = destinations.create_destination(request)
    hidden = [name for name, value in made["parameters"].items() if value == "<REDACTED>"]
    changed = destinations.patch_destination(made["id"], {"parameters": dict.fromkeys(hidden, "new")})

    assert (made["type"], made["name"]) == (kind, f"of {kind}")
    assert hidden
    assert changed["parameters"] == made["parameters"]
    assert [method for method, *_ in sent()] == ["POST", "PATCH"]


def test_default_destination_is_set_read_and_unset(destinations):
    made = destinations.create_destination(S3 | {"name": "default one"})

    assert destinations.set_default_destination(made["id"])["default"] is True
    assert destinations.get_default_destination()["id"] == made["id"]
    assert [one["id"] for one in destinations.list_destinations(is_default=True)["destinations"]] == [made["id"]]
    assert destinations.unset_default_destination() is None
    with pytest.raises(NotFound) as caught:
        destinations.get_default_destination()

    told = translate(caught.value)
    assert isinstance(told, MissingResource)
    assert str(told) == '{"code":404,"message":"no default destination is set"}'


def test_refusals_have_planets_words(destinations):
    with pytest.raises(Rejected, match="bucket is required"):
        destinations.create_destination({"name": "x", "type": "amazon_s3", "parameters": {}})
    with pytest.raises(NotFound, match="not found"):
        destinations.get_destination("absent")
    with pytest.raises(ClientError, match="Must provide a destination id"):
        destinations.get_destination("")
    with pytest.raises(ClientError, match="what to change"):
        destinations.patch_destination("x", {})


def test_destination_is_known_by_its_reference_too(destinations):
    made = destinations.create_destination(S3 | {"name": "by reference"})

    assert destinations.get_destination(made["pl:ref"]) == made
    assert destinations.patch_destination(destination_ref=made["id"], request={"name": "renamed"})["name"] == "renamed"
    assert destinations.set_default_destination(made["pl:ref"])["id"] == made["id"]
    destinations.unset_default_destination()


def test_p27_secret_is_revealed_in_the_request_alone(account, answers):
    _, context, http = account(answers((201, {"id": "b-1"}), (200, {})))
    request = copy.deepcopy(S3)
    request["parameters"]["aws_secret_access_key"] = Secret("shh")

    Destinations(context).create_destination(request)
    Destinations(context).patch_destination("b-1", {"parameters": {"sas_token": Secret("fresh")}})

    assert http.sent[0]["json"]["parameters"]["aws_secret_access_key"] == "shh"
    assert http.sent[1]["json"] == {"parameters": {"sas_token": "fresh"}}
    assert isinstance(request["parameters"]["aws_secret_access_key"], Secret)
    assert "shh" not in repr(request)


def test_p01_creating_is_sent_once(served, destinations):
    world, _ = served
    world.faults.add(method="POST", path="/destinations/", drop="after", times=None)

    with pytest.raises(Unavailable) as caught:
        destinations.create_destination(S3 | {"name": "lost"})

    assert caught.value.details["outcome_unknown"] is True
    assert [one.method for one in world.log] == ["POST"]
    assert "shh" not in str(caught.value)

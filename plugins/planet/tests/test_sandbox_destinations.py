# SPDX-License-Identifier: Apache-2.0
"""Planet's stand-in over real HTTP: the Destinations API."""

from __future__ import annotations

import httpx
import pytest

from swath._http.trusted import trusted
from swath.sandbox import World, serve
from swath_planet.sandbox import make_stand_in

ROOT = "/destinations/v1"
PARAMETERS = {
    "amazon_s3": {
        "bucket": "b",
        "aws_region": "eu-west-1",
        "aws_access_key_id": "hidden-1",
        "aws_secret_access_key": "hidden-2",
        "explicit_sse": True,
    },
    "azure_blob_storage": {"account": "a", "container": "c", "sas_token": "hidden-3"},
    "google_cloud_storage": {"bucket": "b", "credentials": "hidden-4", "path_prefix": "in/"},
    "google_earth_engine": {"project": "p", "collection": "c", "credentials": "hidden-5"},
    "oracle_cloud_storage": {
        "bucket": "b",
        "namespace": "n",
        "region": "r",
        "customer_access_key_id": "hidden-6",
        "customer_secret_key": "hidden-7",
    },
    "s3_compatible": {
        "endpoint": "https://example.org",
        "bucket": "b",
        "region": "r",
        "access_key_id": "hidden-8",
        "secret_access_key": "hidden-9",
        "use_path_style": True,
    },
}


@pytest.fixture
def client():
    world = World(rate_limits=False)
    headers = {"Authorization": "api-key sandbox-planet-key"}
    with (
        serve("planet", make_stand_in(world), world) as running,
        httpx.Client(base_url=running.base_url, headers=headers, verify=trusted()) as client,
    ):
        yield client
    assert [entry.error for entry in world.log if entry.error] == []


def create(client, name="my bucket", kind="amazon_s3", **parameters):
    body = {"name": name, "type": kind, "parameters": {**PARAMETERS[kind], **parameters}}
    return client.post(ROOT, json=body)


def test_every_type_is_made_and_keeps_its_secrets(client):
    for kind, parameters in PARAMETERS.items():
        made = create(client, name=f"my {kind}", kind=kind)
        assert made.status_code == 201, made.text
        told = made.json()
        assert "hidden" not in made.text
        assert told["type"] == kind
        assert set(told["parameters"]) == set(parameters)
        assert told["pl:ref"] == f"pl:destinations/{told['id']}"
        assert client.get(told["_links"]["_self"]).json() == told
    listed = client.get(f"{ROOT}/")
    assert len(listed.json()["destinations"]) == len(PARAMETERS)
    assert "hidden" not in listed.text
    assert listed.json()["_links"]["_self"].endswith(f"{ROOT}/")


def test_what_makes_no_destination_is_refused(client):
    assert create(client).status_code == 201
    assert create(client).status_code == 409
    assert create(client, name="").json()["name"] == "b"
    assert create(client, name="other", bucket="").json() == {"code": 400, "message": "amazon_s3: bucket is required"}
    assert create(client, name="other", colour="red").status_code == 400
    assert client.post(ROOT, json={"name": "x", "type": "ftp", "parameters": {}}).status_code == 400
    assert client.get(f"{ROOT}/absent").json()["code"] == 404
    viewer = {"Authorization": "api-key sandbox-planet-viewer"}
    assert client.post(ROOT, headers=viewer, json={}).status_code == 403


def test_name_secrets_and_archiving_change_and_nothing_else(client):
    made = create(client).json()
    own = f"{ROOT}/{made['id']}"

    assert client.patch(own, json={"name": "new"}).json()["name"] == "new"
    assert client.patch(own, json={"parameters": {"aws_secret_access_key": "hidden-x"}}).status_code == 200
    assert client.patch(own, json={"archive": True}).json()["archived"]
    assert client.patch(own, json={"archive": False}).json()["archived"] is None
    for refused in ({"parameters": {"bucket": "c"}}, {"type": "ocs"}, {"archive": "yes"}, {}):
        assert client.patch(own, json=refused).status_code == 400
    create(client, name="second")
    assert client.patch(own, json={"name": "second"}).status_code == 409
    assert client.patch(f"{ROOT}/absent", json={"name": "x"}).status_code == 404


def test_the_default_is_set_told_and_unset(client):
    made, other = create(client).json(), create(client, name="other").json()
    assert client.get(f"{ROOT}/default").status_code == 404

    told = client.put(f"{ROOT}/default", json={"destination_id": made["id"]}).json()

    assert told == {**made, "default": True}
    assert client.get(f"{ROOT}/default").json()["id"] == made["id"]
    found = client.get(ROOT, params={"is_default": "true"}).json()["destinations"]
    assert [one["id"] for one in found] == [made["id"]]
    assert client.delete(f"{ROOT}/default").status_code == 204
    assert client.get(f"{ROOT}/default").status_code == 404
    assert client.put(f"{ROOT}/default", json={"destination_id": "absent"}).status_code == 404
    client.patch(f"{ROOT}/{other['id']}", json={"archive": True})
    assert client.put(f"{ROOT}/default", json={"destination_id": other["id"]}).status_code == 400


def test_lists_are_filtered(client):
    kept, gone = create(client).json(), create(client, name="gone").json()
    client.patch(f"{ROOT}/{gone['id']}", json={"archive": True})

    def ids(**params):
        return [one["id"] for one in client.get(ROOT, params=params).json()["destinations"]]

    assert ids(archived="false") == [kept["id"]]
    assert ids(archived="true") == [gone["id"]]
    assert ids(is_owner="true", can_write="true") == [kept["id"], gone["id"]]
    assert ids(is_owner="false") == []
    assert client.get(ROOT, params={"archived": "perhaps"}).status_code == 400


def test_there_may_be_fifty(client):
    for number in range(50):
        assert create(client, name=f"n{number}").status_code == 201
    assert create(client, name="one more").status_code == 400

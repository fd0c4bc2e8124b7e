# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import json

import pytest

from swath.errors import InvalidCredentials, UnexpectedResponse
from swath.hookspecs import Context
from swath.models import Credential, Secret
from swath_cecil.events import event_of, is_signed, signature

SECRET = "swath-demo-secret"
NOW = dt.datetime(2026, 2, 3, 5, 0, tzinfo=dt.UTC)
BODY_A = (
    b'{"event_id":"0b8f6a52-6d0e-4a5b-9a51-3f1a7f0d2c11","event_type":"subscription.delivered","payload":{"aoi_id":'
    b'"3a0b6c1e-58a4-4f0f-8c3a-9d5b8d7e2f10","subscription_id":"7c2d9e44-1b7a-4d55-9f6e-2a4c8b1d3e90","dataset_id":'
    b'"4d8bd6ba-b751-4c46-8e70-5000e6d8b212","dataset_type":"raster","time":"2025-09-21T00:00:00Z","variable":'
    b'"canopy_height"},"recorded_at":"2026-02-03T04:05:06.789Z"}'
)
DIGEST_A = "2825b8a5e0cb33a5ce5dbbdf2d2f176b1cced97e1fa709352502c0474865ea82"
BODY_B = (
    '{"event_id":"5d2f7c10-9f31-4d0e-b2a8-6c4e1f0a9b77","event_type":"subscription.failed","payload":{"aoi_id":'
    '"3a0b6c1e-58a4-4f0f-8c3a-9d5b8d7e2f10","subscription_id":"7c2d9e44-1b7a-4d55-9f6e-2a4c8b1d3e90","dataset_id":'
    '"f30f2125-c472-43c7-85c8-52f0d4b1d160","dataset_type":"vector","error_message":"No species found \N{EN DASH} AOI '
    'outside coverage."},"recorded_at":"2026-02-03T04:05:06.789Z"}'
).encode()
DIGEST_B = "ffcfa3b65112b8d93326f1db298c3670ea35394a0fd72a8ac36a93aa0b74ae23"


def account(now=NOW, secret=SECRET):
    held = {"webhook_secret": Credential(name="webhook_secret", value=Secret(secret), source="argument")}
    return Context(
        provider="cecil", profile="default", account="a", http=None, settings={},
        credentials=held if secret else {}, now=lambda: now, tokens=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "digest"),
    [
        (BODY_A, DIGEST_A),
        (BODY_B, DIGEST_B),
        (b"", "3226c9ad4b44a54bbe830f9568bf54fd420c51fa3c45a8c257c81cf8efcbfc7a"),
        (
            json.dumps(json.loads(BODY_A)).encode(),
            "deb7ca0eedb1e17fe510dde0d40fe70825f15fa32a36ce6cc00f8747ccb39dac",
        ),
    ],
    ids=["A", "B, with a dash", "empty", "A, written anew"],
)
def test_signature_is_as_worked_out(body, digest):
    assert signature(SECRET, body) == digest
    assert is_signed(SECRET, body, digest)
    assert is_signed(SECRET, body, digest.upper())
    assert not is_signed("another", body, digest)


def test_bodies_are_as_long_as_worked_out():
    assert (len(BODY_A), len(BODY_B)) == (380, 381)


@pytest.mark.parametrize(("body", "digest"), [(BODY_A, DIGEST_A), (BODY_B, DIGEST_B)])
def test_event_names_the_subscription(body, digest):
    spoken = event_of(account(), {"cecil-signature": digest}, body)

    assert spoken.id == "7c2d9e44-1b7a-4d55-9f6e-2a4c8b1d3e90"
    assert spoken.native_state == ""


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, BODY_A),
        ({"cecil-signature": ""}, BODY_A),
        ({"cecil-signature": DIGEST_B}, BODY_A),
        ({"cecil-signature": DIGEST_A}, BODY_A + b" "),
        ({"cecil-signature": DIGEST_A}, json.dumps(json.loads(BODY_A)).encode()),
        ({"cecil-signature": "\N{EN DASH}"}, BODY_A),
    ],
)
def test_forged_event_is_refused(headers, body):
    with pytest.raises(InvalidCredentials) as caught:
        event_of(account(), headers, body)

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("after", "is_good"),
    [
        (dt.timedelta(hours=37), True),
        (dt.timedelta(hours=49), False),
        (dt.timedelta(minutes=-9), True),
        (dt.timedelta(minutes=-11), False),
    ],
)
def test_replay_window_holds_the_last_retry_and_no_more(after, is_good):
    recorded = dt.datetime(2026, 2, 3, 4, 5, 6, 789000, tzinfo=dt.UTC)
    context = account(now=recorded + after)

    if is_good:
        assert event_of(context, {"cecil-signature": DIGEST_A}, BODY_A).id
    else:
        with pytest.raises(InvalidCredentials, match="too long ago"):
            event_of(context, {"cecil-signature": DIGEST_A}, BODY_A)


def test_without_a_secret_an_event_is_only_a_reason_to_look():
    assert event_of(account(secret=None), {}, BODY_A).id


@pytest.mark.parametrize("body", [b"no JSON", b"[]"])
def test_event_that_is_none_is_unreadable(body):
    with pytest.raises(UnexpectedResponse):
        event_of(account(secret=None), {}, body)


@pytest.mark.parametrize(
    "told", [{}, {"payload": None}, {"payload": {"aoi_id": "x"}}, {"payload": {"subscription_id": 3}}]
)
def test_event_about_no_subscription_is_about_no_order(told):
    assert event_of(account(secret=None), {}, json.dumps(told).encode()) is None

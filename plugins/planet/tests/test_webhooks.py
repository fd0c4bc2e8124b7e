# SPDX-License-Identifier: Apache-2.0
"""What Planet posts to webhooks."""

from __future__ import annotations

import base64
import json

import attrs
import pytest

from swath.errors import InvalidCredentials, UnexpectedResponse
from swath.models import Credential, OrderState, Secret

ORDER = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"
DELIVERY = {
    "order_id": ORDER,
    "items": [
        {
            "name": f"{ORDER}/PSScene/x.tif",
            "delivery": "success",
            "location": "https://api.planet.com/compute/ops/download/?token=canary",
            "expires_at": "2026-03-14T12:00:00.000Z",
        }
    ],
}


def basic(login):
    return {"authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}


@pytest.fixture
def hook(account, answers):
    """Give the hook of an account for whose webhooks a login is set, or is not."""

    def made(login=None):
        plugin, context, _ = account(answers())
        if login is not None:
            found = Credential(name="webhook_login", value=Secret(login), source="argument")
            context = attrs.evolve(context, credentials={**context.credentials, "webhook_login": found})
        return lambda headers, told: plugin.event(
            context, headers, told if isinstance(told, bytes) else json.dumps(told).encode()
        )

    return made


def test_delivery_is_only_a_reason_to_look(hook):
    order = hook()({}, DELIVERY)

    assert (order.provider, order.id, order.kind, order.state) == ("planet", ORDER, "order", OrderState.ORDERED)
    assert "canary" not in repr(order)
    assert not order.raw


@pytest.mark.parametrize("login", ["me:p4ss:word", "me:p%34ss:word"])
def test_delivery_with_the_login_is_taken(hook, login):
    assert hook(login)(basic("me:p4ss:word"), DELIVERY).id == ORDER
    assert hook(login)({"Authorization": basic(login)["authorization"]}, DELIVERY).id == ORDER


@pytest.mark.parametrize(
    "headers",
    [{}, basic("me:other"), basic("me"), {"authorization": "Basic ???"}, {"authorization": "Bearer bWU6cGFzcw=="}],
)
def test_delivery_without_the_login_is_refused(hook, headers):
    with pytest.raises(InvalidCredentials, match="does not carry the login") as caught:
        hook("me:pass")(headers, DELIVERY)

    assert "me:pass" not in str(caught.value)


@pytest.mark.parametrize("told", [{}, {"order_id": "x"}, {"order_id": None}, {"order_id": 7, "items": []}])
def test_delivery_about_no_order_is_none(hook, told):
    assert hook()({}, told) is None


def test_delivery_about_a_subscription_names_it(hook):
    order = hook()({}, {"topic": "delivery.success", "subscription_id": ORDER})

    assert (order.id, order.kind) == (ORDER, "subscription")


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"\xff"])
def test_delivery_that_cannot_be_read_is_said_so(hook, body):
    with pytest.raises(UnexpectedResponse, match="no JSON"):
        hook()({}, body)


def test_login_of_webhooks_does_not_make_another_account(tmp_path, monkeypatch):
    import swath

    monkeypatch.setenv("SWATH_HOME", str(tmp_path))
    given = {"api_key": "PLAK-test-key"}

    plain, guarded = swath.open("planet", **given), swath.open("planet", webhook_login="me:pass", **given)

    assert plain._session.context.account == guarded._session.context.account

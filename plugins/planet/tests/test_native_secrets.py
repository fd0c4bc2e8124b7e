# SPDX-License-Identifier: Apache-2.0
"""Secrets in requests: revealed on the way out, never on the way back."""

from __future__ import annotations

import pickle
import traceback

import httpx
import pytest

from swath.errors import QuotaExceeded, Rejected
from swath.models import Secret
from swath_planet import order_request
from swath_planet._api.destinations import Destinations
from swath_planet._api.orders import Orders
from swath_planet._api.secrets import guarded, revealed
from swath_planet.exceptions import translate

PARAMETERS = {"bucket": "scenes", "aws_access_key_id": "AKIA-canary", "aws_secret_access_key": Secret("canary/secret")}


def test_copy_has_secrets_revealed_and_the_original_has_not():
    body = {"list": [{"sas_token": Secret("canary")}, 5, None], "plain": "x"}

    assert revealed(body) == {"list": [{"sas_token": "canary"}, 5, None], "plain": "x"}
    assert isinstance(body["list"][0]["sas_token"], Secret)


@pytest.mark.parametrize(
    "send",
    [
        lambda context: Destinations(context).create_destination({"name": "n", "parameters": PARAMETERS}),
        lambda context: Destinations(context).patch_destination("d", {"parameters": PARAMETERS}),
        lambda context: Orders(context).create_order(
            order_request.build_request(
                "n",
                [],
                delivery=order_request.amazon_s3("AKIA-canary", Secret("canary/secret"), "scenes", "eu-west-1"),
            )
        ),
    ],
)
def test_p27_secret_that_planet_repeats_is_taken_out_of_the_error(account, send):
    def handler(sent):
        return httpx.Response(400, json={"message": f"cannot use {sent.content.decode()}", "errors": []})

    with pytest.raises(Rejected) as caught:
        send(account(handler)[1])

    told = [caught.value, translate(caught.value), pickle.loads(pickle.dumps(caught.value))]
    for one in told:
        said = f"{one} {one!r} {one.args} {one.details}"
        assert "canary" not in said
        assert "scenes" in said


def test_p27_secret_is_not_in_the_error_that_led_to_another_either(account):
    def handler(sent):
        return httpx.Response(429, json={"message": f"no quota for {sent.content.decode()}"})

    body = {"name": "n", "parameters": {"aws_secret_access_key": Secret("canary/secret")}}
    with pytest.raises(QuotaExceeded) as caught:
        Destinations(account(handler)[1]).create_destination(body)

    said = "".join(traceback.format_exception(caught.value))
    assert "no quota for" in said
    assert "canary" not in said


def test_error_without_a_secret_is_as_it_was():
    with pytest.raises(Rejected, match="bucket b is not there"), guarded({"sas_token": "b"}):
        raise Rejected("bucket b is not there")

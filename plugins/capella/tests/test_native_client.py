# SPDX-License-Identifier: Apache-2.0
"""Opening Capella's own client, what its errors are, and that it has every name of the official one."""

from __future__ import annotations

import inspect
import io
import json
import logging
import pickle
import sys

import httpx
import pytest

import swath_capella
from swath import errors
from swath_capella import CapellaConsoleClient, enumerations, exceptions, search
from swath_capella.exceptions import AuthenticationError, CapellaConsoleClientError, ClientError, MissingKeyError
from swath_capella.sandbox.access import FULL_KEY, MATE_KEY

USER = r"/user$"

# --- opening ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def token(box):
    answer = httpx.post(f"{box.root}/token", auth=("ben@example.org", "sandbox"))
    return answer.json()["accessToken"]


@pytest.fixture
def auth(box):
    """Give how requests were signed."""
    return lambda: [one.headers.get("authorization", "") for one in box.sent("")]


def test_a_key_is_checked_once(box, make_client, auth):
    make_client()
    assert [one.path for one in box.sent("")] == ["/user"]
    assert auth()[0].startswith("ApiKey")
    box.forget()
    make_client(no_token_check=True)
    assert not box.sent("")


def test_a_token_is_checked_once(box, make_client, token, auth):
    box.forget()

    assert make_client(token=token).whoami()["email"] == "ben@example.org"

    assert [one.path for one in box.sent("")] == ["/user", "/user"]
    assert auth()[0].startswith("Bearer")


def test_of_both_the_token_counts_as_with_capellas_client(make_client, token):
    assert make_client(api_key=FULL_KEY, token=f" {token} ").whoami()["email"] == "ben@example.org"


@pytest.mark.parametrize("key", [f"  {FULL_KEY} ", f"ApiKey {FULL_KEY}", f"apikey {FULL_KEY}"])
def test_a_key_may_come_with_its_scheme(make_client, key):
    assert make_client(api_key=key).whoami()["email"] == "ana@example.org"


def test_an_argument_counts_before_the_environment(make_client, monkeypatch, token):
    monkeypatch.setenv("SWATH_CAPELLA_TOKEN", token)
    monkeypatch.setenv("CAPELLA_API_KEY", MATE_KEY)

    assert make_client(api_key=FULL_KEY).whoami()["email"] == "ana@example.org"


@pytest.mark.parametrize("given", [None, ""])
def test_the_environment_names_key_and_place(box, make_client, monkeypatch, given):
    monkeypatch.setenv("CAPELLA_API_KEY", MATE_KEY)
    monkeypatch.setenv("SWATH_CAPELLA_URL", box.root)

    client = make_client(api_key=given, token=given, base_url=None)

    assert client.whoami()["email"] == "ben@example.org"
    assert repr(client) == f"<CapellaConsoleClient at {box.root}>"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_key_is_asked_for_at_a_terminal_only(box, make_client, monkeypatch):
    asked = []
    monkeypatch.setattr("getpass.getpass", lambda text: asked.append(text) or FULL_KEY)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(ValueError, match="CAPELLA_API_KEY") as caught:
        make_client(api_key=None)
    assert isinstance(caught.value, MissingKeyError)
    assert isinstance(caught.value, errors.MissingCredentials)
    assert not asked

    monkeypatch.setattr(sys, "stdin", Terminal())
    assert make_client(api_key="").whoami()["email"] == "ana@example.org"
    assert len(asked) == 1
    monkeypatch.setattr("getpass.getpass", lambda _text: " ")
    with pytest.raises(ValueError, match="no API key"):
        make_client(api_key=None)


@pytest.mark.parametrize(
    ("given", "way", "code"), [("api_key", "API key", "INVALID_API_KEY"), ("token", "token", "INVALID_TOKEN")]
)
def test_a_refusal_names_the_place_and_the_way(box, make_client, given, way, code):
    with pytest.raises(AuthenticationError, match=f"{box.root} by {way}") as caught:
        make_client(**{given: "not-that-one-secret"})

    assert caught.value.code == code
    assert caught.value.response.status_code == 401
    assert isinstance(caught.value, errors.InvalidCredentials)
    assert "not-that-one-secret" not in str(caught.value)


def test_a_service_in_trouble_is_no_authentication_without_reason(box, make_client):
    box.faults.add(path=USER, status=403, body={"error": {"message": "Blocked", "code": "USER_BLOCKED"}})

    with pytest.raises(AuthenticationError, match="Blocked") as caught:
        make_client()

    assert caught.value.code == "USER_BLOCKED"
    with pytest.raises(exceptions.ConnectError):
        make_client(base_url="http://127.0.0.1:9", no_token_check=True).whoami()


def test_without_authentication_nothing_is_signed(box, make_client, auth):
    anonymous = make_client(no_auth=True)

    assert anonymous.search(limit=1)
    assert auth() == [""]
    with pytest.raises(AuthenticationError, match="Unauthorized") as caught:
        anonymous.whoami()
    assert caught.value.code == exceptions.DEFAULT_ERROR_CODE


def test_who_one_is_is_asked_for_when_needed(box, make_client):
    client = make_client(no_token_check=True)

    client.list_orders()
    assert box.sent("/orders")[0].query in ({}, {"customerId": [""]})
    assert not box.sent(USER)
    client.search_tasking_requests()
    client.search_repeat_requests()
    assert len(box.sent(USER)) == 1


def test_it_closes_with_its_block(box):
    with CapellaConsoleClient(api_key=FULL_KEY, base_url=box.root) as client:
        assert client.whoami()["roles"] == ["organization-manager"]


def test_nothing_is_set_up_behind_the_callers_back(make_client, said, caplog):
    before = (logging.getLogger().handlers[:], logging.getLogger("swath.capella").level)

    make_client(verbose=True)
    loud = [one.levelname for one in caplog.records if one.name == "swath.capella"]
    make_client()

    assert loud == ["INFO"]
    assert [one.levelname for one in caplog.records if one.name == "swath.capella"] == ["INFO", "DEBUG"]
    assert FULL_KEY not in caplog.text
    assert (logging.getLogger().handlers, logging.getLogger("swath.capella").level) == before


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "also"),
    [
        (401, {"message": "Unauthorized"}, "AuthenticationError", "INVALID_API_KEY", errors.InvalidCredentials),
        (401, {"error": {"message": "Token not valid", "code": "INVALID_TOKEN"}}, "AuthenticationError",
         "INVALID_TOKEN", errors.InvalidCredentials),
        (403, {"Message": "User is not authorized to perform: orders:list"}, "AuthorizationError", "NOT_AUTHORIZED",
         errors.NotEntitled),
        (403, {"error": "Not permitted to access any of the collections (x)"}, "CollectionAccessDeniedError",
         "COLLECTION_ACCESS_DENIED", errors.NotEntitled),
        (400, {"error": "order expired"}, "OrderExpiredError", "ORDER_EXPIRED", errors.Gone),
        (400, {"error": {"message": "No", "code": "ORDER_VALIDATION_ERROR"}}, "OrderValidationError",
         "ORDER_VALIDATION_ERROR", errors.Rejected),
        (400, {"error": {"message": "No such contract", "code": "CONTRACT_NOT_FOUND"}}, "ContractNotFoundError",
         "CONTRACT_NOT_FOUND", errors.NotFound),
        (400, {"message": "strange", "code": "STRANGE"}, "Rejected", "STRANGE", errors.Rejected),
        (404, {"error": {"message": "gone", "code": "NOT_FOUND"}}, "NotFound", "NOT_FOUND", errors.NotFound),
        (429, {"message": "slow"}, "RateLimited", "GENERAL_API_ERROR", errors.RateLimited),
        (502, "<html><title>Bad Gateway</title></html>", "Unavailable", "GENERAL_API_ERROR", errors.Unavailable),
        (400, ["an", "array"], "Rejected", "GENERAL_API_ERROR", errors.Rejected),
        (400, "", "Rejected", "GENERAL_API_ERROR", errors.Rejected),
    ],
)  # fmt: skip
def test_a_refusal_has_the_class_of_its_code(box, client, status, body, kind, code, also):  # noqa: PLR0917 - a table
    box.faults.add(path=r"/orders", status=status, body=body, times=None)

    with pytest.raises(CapellaConsoleClientError) as caught:
        client.list_orders()

    err = caught.value
    assert type(err).__name__ == kind
    assert isinstance(err, also)
    assert err.code == code
    assert err.response.status_code == err.status_code == status
    assert err.message in str(err)
    again = pickle.loads(pickle.dumps(err))
    assert (type(again), again.code, str(again)) == (type(err), code, str(err))
    assert again.response.text == err.response.text


def test_what_else_the_service_says_is_kept(box, client):
    detail = [{"message": "must be a UUID", "code": "invalid_string", "path": "properties.x"}]
    error = {"message": "wrong", "code": "VALIDATION_ERROR", "detail": detail, "data": {"a": 1}}
    box.faults.add(path=r"/orders", status=400, body={"error": error})

    with pytest.raises(exceptions.ValidationError, match=r"properties\.x") as caught:
        client.list_orders()

    assert caught.value.data == {"detail": detail, "data": {"a": 1}}


def test_no_answer_is_a_connect_error(box, client):
    box.faults.add(path=r"/orders", drop="before", times=None)

    with pytest.raises(exceptions.ConnectError, match="got no answer") as caught:
        client.list_orders()

    assert isinstance(caught.value, errors.Unavailable)
    assert caught.value.response is None


def test_an_answer_that_is_no_json_is_said_so(box, client):
    box.faults.add(path=r"/orders", html=True)

    with pytest.raises(CapellaConsoleClientError, match="no JSON"):
        client.list_orders()


def test_every_error_is_of_both_trees():
    named = [one for one in vars(exceptions).values() if inspect.isclass(one) and issubclass(one, BaseException)]

    assert len(named) == 15 + 3
    assert all(issubclass(one, CapellaConsoleClientError) for one in named)
    assert all(issubclass(one, errors.SwathError) for one in named)
    made = CapellaConsoleClientError("m", "c", {"a": 1}, httpx.Response(418))
    assert (made.message, made.code, made.data, made.response.status_code) == ("m", "c", {"a": 1}, 418)
    assert str(made) == "m (c; {'a': 1})"
    assert issubclass(ClientError, ValueError)


# --- names ------------------------------------------------------------------------------------------------------------

OFFICIAL = {
    "cancel_repeat_requests": "*repeat_request_ids",
    "cancel_tasking_requests": "*tasking_request_ids",
    "catalog_search": "**kwargs",
    "create_repeat_request": "**kwargs",
    "create_tasking_request": "**kwargs",
    "download_asset": "pre_signed_url local_path override=False show_progress=False enable_resume=True",
    "download_product": "assets_presigned=None order_id=None local_dir include=None exclude=None override=False "
    "threaded=True show_progress=False",
    "download_products": "items_presigned=None order_id=None tasking_request_id=None collect_id=None local_dir "
    "include=None exclude=None override=False threaded=True show_progress=False separate_dirs=True product_types=None "
    "contract_id=None enable_resume=True",
    "get_asset_bytesize": "pre_signed_url",
    "get_collects_for_task": "tasking_request_id",
    "get_presigned_assets": "order_id stac_ids=None sort_by=None assets_only=True",
    "get_presigned_items": "order_id stac_ids=None sort_by=None",
    "get_stac_items_of_order": "order_id ids_only=False",
    "get_task": "tasking_request_id",
    "is_task_completed": "task",
    "list_orders": "*order_ids is_active=False",
    "review_order": "stac_ids=None items=None contract_id=None",
    "search": "**kwargs",
    "search_repeat_requests": "**kwargs",
    "search_tasking_requests": "**kwargs",
    "submit_order": "stac_ids=None items=None check_active_orders=False omit_search=False omit_review=False "
    "contract_id=None",
    "update_repeat_requests": "*repeat_request_ids **kwargs",
    "update_tasking_requests": "*tasking_request_ids **kwargs",
    "whoami": "",
}
"""Methods of capella-console-client 0.20.0 with their arguments; defaults of paths are the system's folder."""


def signature(function):
    told = []
    for one in inspect.signature(function).parameters.values():
        mark = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        is_path = one.name in {"local_dir", "local_path"}
        default = "" if one.default is one.empty or is_path else f"={one.default}"
        told.append(f"{mark}{one.name}{default}")
    return told


@pytest.mark.parametrize("name", sorted(OFFICIAL))
def test_every_method_of_the_official_client_is_there(name):
    mine = signature(getattr(CapellaConsoleClient, name))[1:]

    assert [one for one in mine if one != "**former"] == OFFICIAL[name].split()


def test_the_constructor_is_that_of_the_official_client():
    assert signature(CapellaConsoleClient.__init__)[1:] == [
        "api_key=None", "token=None", "verbose=False", "no_token_check=False", "base_url=None", "search_url=None",
        "no_auth=False",
    ]  # fmt: skip


def test_names_are_where_people_import_them_from():
    from swath_capella import client

    assert client.CapellaConsoleClient is CapellaConsoleClient
    assert set(swath_capella.__all__) <= set(dir(swath_capella))
    assert swath_capella.__version__
    assert {one for one in dir(enumerations) if one in enumerations.__all__} == set(enumerations.__all__)
    assert search.StacSearchResult.__name__ == "StacSearchResult"
    with pytest.raises(AttributeError, match="Nobody"):
        swath_capella.Nobody  # noqa: B018
    json.dumps(list(enumerations.ProductType))

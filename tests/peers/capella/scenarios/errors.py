# SPDX-License-Identifier: Apache-2.0
"""Each body of a refusal, and what it is raised as."""

from __future__ import annotations

from capella_console_client import CapellaConsoleClient, exceptions
from player import KEY, ROOT, UNKNOWN, fault, healed, play

POINT = {"type": "Point", "coordinates": [-71.63, -33.04]}


def error(message, code=None, **more):
    """Make a body with an object."""
    return {"error": {"message": message, **({} if code is None else {"code": code}), **more}}


DETAIL = [{"message": "must be a UUID", "code": "invalid_string", "path": "properties.x"}]
BODIES = {
    "unauthorized": (401, {"message": "Unauthorized"}),
    "unauthorized, in small letters": (401, {"message": "unauthorized"}),
    "token": (401, error("Token not valid", "INVALID_TOKEN")),
    "key": (401, error("Key not valid", "INVALID_API_KEY")),
    "gateway": (403, {"Message": "User is not authorized to perform: tasks:search"}),
    "not authorized": (403, error("No", "NOT_AUTHORIZED")),
    "collection": (403, {"error": "User is not permitted to access any of the collections (capella-x)"}),
    "collection by code": (403, error("No", "COLLECTION_ACCESS_DENIED")),
    "expired": (400, {"error": "order expired"}),
    "expired, in capitals": (400, {"error": "Order Expired"}),
    "expired by code": (400, error("Too late", "ORDER_EXPIRED")),
    "order": (400, error("Nothing in it", "ORDER_VALIDATION_ERROR")),
    "contract": (400, error("No such contract", "CONTRACT_NOT_FOUND")),
    "validation": (400, error("Wrong", "VALIDATION_ERROR", detail=DETAIL)),
    "validation with data": (400, error("Wrong", "VALIDATION_ERROR", data={"limit": 3})),
    "data": (400, error("Wrong", "SOME_CODE", data={"limit": 3})),
    "finalized": (400, error("Too late", "UNABLE_TO_UPDATE_FINALIZED_TRANSACTION")),
    "unknown": (404, error("Not here", "NOT_FOUND")),
    "message alone": (404, {"message": "Not here"}),
    "text alone": (404, {"error": "Not here"}),
    "object without a message": (400, {"error": {"code": "SOME_CODE"}}),
    "empty object": (400, {}),
    "conflict": (409, error("Order is not ready", "ORDER_NOT_READY")),
    "teapot": (418, error("Tea", "TEAPOT")),
}
BUSY = {"too many": (429, {"message": "Too Many Requests"}), "busy": (503, {"message": "Service Unavailable"})}
ODD = {"page": (502, "<html><body>Bad Gateway</body></html>"), "list": (400, ["wrong"]), "nothing": (400, "")}


def met(label, refusal, check, method, *args, **options):
    """Carry out a step while the stand-in refuses everything, or is busy once."""
    status, body = refusal
    fault(status=status, body=body, times=1 if status in {429, 502, 503} else None)
    check(label, method, *args, **options)
    healed()


def calls(client):
    """Give a call of each kind."""
    items = [{"id": "CAPELLA_C02_SP_GEO_HH_20260101000000_20260101000010", "collection": "capella-geo"}]
    window = {"window_open": "2030-04-01T00:00:00Z", "window_close": "2030-04-09T00:00:00Z"}
    return {
        "whoami": (client.whoami, {}),
        "search": (client.search, {"limit": 1}),
        "threaded search": (client.search, {"limit": 1, "threaded": True}),
        "review": (client.review_order, {"items": items}),
        "order": (client.submit_order, {"items": items, "omit_search": True, "omit_review": True}),
        "orders": (client.list_orders, {}),
        "links": (client.get_presigned_items, {"order_id": UNKNOWN}),
        "items of an order": (client.get_stac_items_of_order, {"order_id": UNKNOWN}),
        "products": (client.download_products, {"order_id": UNKNOWN, "local_dir": "."}),
        "task": (client.create_tasking_request, {"geometry": POINT, "name": "x", **window}),
        "look at a task": (client.get_task, {"tasking_request_id": UNKNOWN}),
        "collects": (client.get_collects_for_task, {"tasking_request_id": UNKNOWN}),
        "tasks": (client.search_tasking_requests, {"user_id": UNKNOWN}),
        "repeat": (
            client.create_repeat_request,
            {"geometry": POINT, "name": "x", "repeat_start": "2030-04-01T00:00:00Z"},
        ),
        "repeats": (client.search_repeat_requests, {"user_id": UNKNOWN}),
    }


def scenario(seen):
    """Run all of it."""
    client = CapellaConsoleClient(api_key=KEY, base_url=ROOT)
    for label, refusal in BODIES.items():
        met(label, refusal, seen.fails, client.get_task, UNKNOWN)
    for label, refusal in (BUSY | ODD).items():
        met(label, refusal, seen.ends, client.get_task, UNKNOWN)
    for label, (method, options) in calls(client).items():
        met(f"{label} refused", BODIES["not authorized"], seen.fails, method, **options)
    for label in ("token", "message alone", "gateway", "collection"):
        met(f"cancel: {label}", BODIES[label], seen, client.cancel_tasking_requests, UNKNOWN)
        met(f"cancel repeats: {label}", BODIES[label], seen, client.cancel_repeat_requests, UNKNOWN)
        met(f"update: {label}", BODIES[label], seen, client.update_tasking_requests, UNKNOWN, name="x")
        met(f"update repeats: {label}", BODIES[label], seen, client.update_repeat_requests, UNKNOWN, name="x")
    fault(path="/user$", status=400, body=error("gone", "GONE"), times=None)
    seen.fails("constructor", CapellaConsoleClient, api_key=KEY, base_url=ROOT)
    healed()
    bearer = CapellaConsoleClient(token="a.b", base_url=ROOT, no_token_check=True)
    met("unauthorized token", BODIES["unauthorized"], seen.fails, bearer.get_task, UNKNOWN)
    nobody = CapellaConsoleClient(no_auth=True, base_url=ROOT)
    met("unauthorized nobody", BODIES["unauthorized"], seen.fails, nobody.search, limit=1)


if __name__ == "__main__":
    play(scenario, exceptions)

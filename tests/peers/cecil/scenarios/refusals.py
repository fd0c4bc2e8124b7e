# SPDX-License-Identifier: Apache-2.0
"""What goes wrong, and as which errors."""

from __future__ import annotations

import os

import cecil as package
from cecil import Client, Error, errors
from player import HANSEN, KEY, fault, play, square


def scenario(seen):
    """Run all of it."""
    seen.note("names", [hasattr(package, name) for name in ("Client", "Error", "__version__")])
    tree = ("HTTPError", "SDKError", "SubscriptionFailedError", "DuplicateSubscriptionError")
    seen.note("family", [issubclass(getattr(errors, name), Error) for name in tree])
    seen.note("duplicates are answers", issubclass(errors.DuplicateSubscriptionError, errors.HTTPError))
    client = Client()
    for status, body in (
        (400, {"message": "no"}), (401, {"message": "who"}), (403, {"message": "no"}), (404, ["gone"]), (409, ["twice"]),
        (422, {"params": {"aoiId": "is wrong"}}), (422, {"aoiId": "is wrong"}), (400, "plain text"), (405, {}),
    ):  # fmt: skip
        fault(path="/v0/aois", status=status, body=body, times=1)
        seen.fails(f"{status} {body}", client.create_aoi, square(5, 50))
    fault(path="/v0/subscriptions", status=409, body=["An active subscription exists."], times=1)
    area = client.create_aoi(square(5, 50))
    seen.fails("duplicate", client.create_subscription, area.id, HANSEN)
    for status in (429, 500, 503):
        fault(path="/v0/aois", status=status, body={"message": "later"}, times=1)
        seen.ends(f"{status} once", client.list_aois)
    os.environ["CECIL_API_KEY"] = "wrong"
    seen.fails("wrong key", Client().list_datasets)
    del os.environ["CECIL_API_KEY"]
    seen.fails("no key", Client().list_datasets)
    os.environ["CECIL_API_KEY"] = KEY
    seen.part("with a key again", len, Client().list_datasets)


if __name__ == "__main__":
    play(scenario, errors)

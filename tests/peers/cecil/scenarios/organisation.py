# SPDX-License-Identifier: Apache-2.0
"""Usage, settings, users, API keys and webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
import os

from cecil import Client, errors
from player import (
    HANSEN,
    KEY,
    SMALL_KEY,
    UNKNOWN,
    arrived,
    deliver,
    play,
    receiver,
    sandbox,
    square,
    subscribed,
    turn,
)  # fmt: skip


def limits(seen, client):
    """What has been used, and what may be."""
    seen("unused", client.get_usage)
    seen("settings", client.get_settings)
    seen("changed", client.update_settings, monthly_subscription_limit=70_000)
    seen("settings, changed", client.get_settings)
    seen.fails("too little", client.update_settings, monthly_subscription_limit=-1)
    subscribed(client, HANSEN)
    seen("used", client.get_usage)
    os.environ["CECIL_API_KEY"] = SMALL_KEY
    small = Client()
    seen("of an organisation that is not verified", small.get_usage)
    seen.fails("changed by it", small.update_settings, monthly_subscription_limit=70_000)
    area = small.create_aoi(square(5, 50, 0.1))
    seen.fails("more than it may", small.create_subscription, area.id, HANSEN)
    os.environ["CECIL_API_KEY"] = KEY


def users(seen, client):
    """Who there is."""
    made = seen("user", client.create_user, first_name="Dee", last_name="Doe", email="dee@example.org")
    seen("users", client.list_users)
    seen("user again", client.get_user, made.id)
    seen.fails("user twice", client.create_user, "Dee", "Doe", "dee@example.org")
    seen.fails("unknown user", client.get_user, UNKNOWN)
    seen.note("mails", [[one["to"], one["kind"]] for one in sandbox("GET", "/_cecil/mails")["mails"]])


def hooks(seen, client):
    """Who is told of what."""
    seen("webhook", client.create_webhook, "https://example.org/a", secret="swath-demo-secret")
    chosen = seen("webhook for some", client.create_webhook, "https://example.org/b", events=["subscription.failed"])
    seen("webhooks", client.list_webhooks)
    seen("webhook again", client.get_webhook, chosen.id)
    seen("deleted", client.delete_webhook, chosen.id)
    seen.fails("unknown webhook", client.get_webhook, chosen.id)
    seen.fails("webhook that is not safe", client.create_webhook, "http://example.org/c")
    seen.fails("webhook for nothing", client.create_webhook, "https://example.org/d", events=["nothing"])
    with receiver() as (url, got):
        mine = client.create_webhook(url, secret="swath-demo-secret")
        one = next(iter(client.list_subscriptions()))
        deliver(one, 4)
        turn(one, "completed")
        seen.note("arrived", arrived(got, 5))
        client.delete_webhook(mine.id)
    secret = b"swath-demo-secret"
    seen.note("signed", [hmac.new(secret, raw, hashlib.sha256).hexdigest() == told for raw, told in got])
    seen.note("told", [json.loads(raw) for raw, _ in got])


def keys(seen, client):
    """New keys for old ones."""
    told = seen("rotated", client.rotate_api_key)
    seen.fails("with the old key", client.get_usage)
    os.environ["CECIL_API_KEY"] = told["new_api_key"] if isinstance(told, dict) else told
    seen("with the new key", Client().get_usage)
    seen("recovered", client.recover_api_key, "ana@example.org")
    seen("recovered for nobody", client.recover_api_key, email="who@example.org")
    seen.note("links", [one["to"] for one in sandbox("GET", "/_cecil/mails")["mails"]])


def scenario(seen):
    """Run all of it."""
    client = Client()
    limits(seen, client)
    users(seen, client)
    hooks(seen, client)
    keys(seen, client)


if __name__ == "__main__":
    play(scenario, errors)

# SPDX-License-Identifier: Apache-2.0
"""Constructors, keys, tokens, and whom they belong to."""

from __future__ import annotations

import base64
import json
import os
import urllib.request

from capella_console_client import CapellaConsoleClient, exceptions
from player import KEY, MATE_KEY, ROOT, asked, play


def token_of(email):
    """Exchange an e-mail address and a password for a token, as was done in the past."""
    pair = base64.b64encode(f"{email}:sandbox".encode()).decode()
    request = urllib.request.Request(f"{ROOT}/token", method="POST", headers={"Authorization": f"Basic {pair}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["accessToken"]


def email(client):
    """Give whose account a client has."""
    return client.whoami()["email"]


def keys(seen):
    """Each way to give a credential."""

    def connected(label, **options):
        return seen.part(label, email, CapellaConsoleClient, base_url=ROOT, **options)

    token = token_of("ben@example.org")
    client = connected("by key", api_key=KEY)
    seen("whoami", client.whoami)
    connected("by key with its scheme", api_key=f"ApiKey {KEY}")
    connected("by key with its scheme in small letters", api_key=f"apikey {KEY}")
    connected("by key with space around", api_key=f"  {KEY}\n")
    connected("by token", token=token)
    connected("by token with its scheme", token=f"Bearer {token}")
    connected("by token with its scheme in small letters", token=f"bearer {token}")
    connected("by both", api_key=KEY, token=token)
    connected("in detail", api_key=KEY, verbose=True)
    os.environ["CAPELLA_API_KEY"] = MATE_KEY
    connected("by environment")
    connected("by environment where the key is empty", api_key="", token="")
    connected("by key though the environment has one", api_key=KEY)
    del os.environ["CAPELLA_API_KEY"]


def checks(seen):
    """When the account is asked for."""

    def looks(label, **options):
        before = len(asked("/user"))
        seen.part(
            label, lambda client: (client.whoami, len(asked("/user")) - before)[1], CapellaConsoleClient, **options
        )

    looks("looks at the account", api_key=KEY, base_url=ROOT)
    looks("looks at no account", api_key=KEY, base_url=ROOT, no_token_check=True)
    looks("looks at no account without one", base_url=ROOT, no_auth=True)
    seen.fails("wrong key", CapellaConsoleClient, api_key="wrong".ljust(64, "0"), base_url=ROOT)
    seen.fails("wrong token", CapellaConsoleClient, token="wrong", base_url=ROOT)
    late = CapellaConsoleClient(api_key="wrong".ljust(64, "0"), base_url=ROOT, no_token_check=True)
    seen.fails("wrong key, found out late", late.whoami)
    late = CapellaConsoleClient(token="wrong", base_url=ROOT, no_token_check=True)
    seen.fails("wrong token, found out late", late.whoami)
    seen.fails("old way", CapellaConsoleClient, email="ana@example.org", password="sandbox", base_url=ROOT)


def places(seen):
    """Where requests go, with and without an account."""

    def found(label, **options):
        seen.part(label, lambda client: client.search(limit=3), CapellaConsoleClient, **options)

    found("address with a slash", api_key=KEY, base_url=f"{ROOT}/")
    found("another address to search", api_key=KEY, base_url=ROOT, search_url=f"{ROOT}/catalog/search/")
    found("open data without an account", no_auth=True, base_url=ROOT)
    nobody = CapellaConsoleClient(no_auth=True, base_url=ROOT)
    seen("open collection without an account", nobody.search, collections=["capella-open-data"], limit=2)
    seen.fails("other collection without an account", nobody.search, collections=["capella-geo"], limit=2)
    seen.fails("whoami of nobody", nobody.whoami)
    seen.fails("nobody listens", CapellaConsoleClient, api_key=KEY, base_url="http://127.0.0.1:9")


def scenario(seen):
    """Run all of it."""
    keys(seen)
    checks(seen)
    places(seen)


if __name__ == "__main__":
    play(scenario, exceptions)

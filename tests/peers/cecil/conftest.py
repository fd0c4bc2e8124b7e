# SPDX-License-Identifier: Apache-2.0
"""Plays each scenario twice, with the official SDK and with ours, each against an equal sandbox of its own."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from peer_players import Players

from swath.sandbox import Interception

INVENTORY = """
import inspect, json
from cecil import Client
print(json.dumps({
    name: [one for one in inspect.signature(method).parameters if one != "self"]
    for name, method in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")
}))
"""


class CecilPlayers(Players):
    """Plays Cecil's scenarios."""

    provider = "cecil"
    here = Path(__file__).parent
    imports = ((re.compile(r"^(from|import) cecil\b", re.MULTILINE), r"\1 swath_cecil"),)

    @contextlib.contextmanager
    def pointed(self, sandbox, side, folder):
        """Lead the official SDK to the sandbox by a proxy, and its libraries to the buckets there (contract 8.2)."""
        server = sandbox.providers["cecil"]
        with super().pointed(sandbox, side, folder) as base:
            if side == "ours":
                yield {**server.env, **base}
                return
            buckets = {
                "AWS_ENDPOINT_URL_S3": server.base_url,
                "AWS_S3_ENDPOINT": server.base_url.partition("//")[2],
                "AWS_HTTPS": "NO",
                "AWS_VIRTUAL_HOSTING": "FALSE",
            }
            with Interception(sandbox) as proxy:
                yield {**base, **proxy.env, **buckets, "CECIL_API_KEY": server.env["CECIL_API_KEY"]}


@pytest.fixture(scope="session")
def official():
    """Give the Python that has the official SDK."""
    return CecilPlayers.python()


@pytest.fixture(scope="session")
def players(request, tmp_path_factory):
    """Give what plays the scenarios; those of the tests that are to run are begun."""
    with CecilPlayers.begun(request.session, tmp_path_factory) as playing:
        yield playing


@pytest.fixture(scope="session")
def inventory():
    """Give the methods that the official SDK has, each with its arguments."""
    return CecilPlayers.listed("-c", INVENTORY)

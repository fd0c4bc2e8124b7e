# SPDX-License-Identifier: Apache-2.0
"""Plays each scenario twice, with the official client and with ours, each against an equal sandbox of its own."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import certifi
import pytest
from peer_players import Players, module_at

HERE = Path(__file__).parent
INVENTORY = """
import inspect, json
from capella_console_client import CapellaConsoleClient
from capella_console_client.search import RepeatRequestSearchResult, StacSearchResult, TaskingRequestSearchResult
print(json.dumps({
    f"{kind.__name__}.{name}": [one for one in inspect.signature(method).parameters if one not in {"self", "kwargs"}]
    for kind in (CapellaConsoleClient, StacSearchResult, TaskingRequestSearchResult, RepeatRequestSearchResult)
    for name, method in inspect.getmembers(kind, inspect.isfunction)
    if not name.startswith("_") or (name, kind) == ("__init__", CapellaConsoleClient)
}))
"""


class CapellaPlayers(Players):
    """Plays Capella's scenarios."""

    provider = "capella"
    here = HERE
    imports = ((re.compile(r"^(from|import) capella_console_client\b", re.MULTILINE), r"\1 swath_capella"),)
    long = ("search_fields", "downloads", "errors")

    @contextlib.contextmanager
    def pointed(self, sandbox, side, folder):
        """Lead a side to its sandbox."""
        # The official client passes ids through sets: the order of some of its results is that of their hashes.
        variables = {"PYTHONHASHSEED": "1"}
        if side == "official":
            # It reads all authorities of the machine anew for every file, which takes longer than the file; one will do.
            first, end, _ = certifi.contents().partition("-----END CERTIFICATE-----")
            authority = folder / "authority.pem"
            authority.write_text(f"{first}{end}\n")
            variables["SSL_CERT_FILE"] = str(authority)
        with super().pointed(sandbox, side, folder) as base:
            yield {**base, **variables}


@pytest.fixture(scope="session")
def players(request, tmp_path_factory):
    """Give what plays the scenarios; those of the tests that are to run are begun."""
    with CapellaPlayers.begun(request.session, tmp_path_factory) as playing:
        yield playing


@pytest.fixture(scope="session")
def parity():
    """Give the module that compares two runs."""
    return module_at(HERE / "parity.py")


@pytest.fixture(scope="session")
def inventory():
    """Give the methods that the official client has, each with its arguments."""
    return CapellaPlayers.listed("-c", INVENTORY)

# SPDX-License-Identifier: Apache-2.0
"""The commands of ``planet auth``, with the sandbox's own authorisation server."""

from __future__ import annotations

import json
import os
from pathlib import Path

from planet import exceptions
from planet.cli.cli import main
from player import KEY, ROOT, play
from player_cli import Terminal

HOME = Path(os.environ["HOME"])
DEVICE = {"client_type": "oidc_device_code", "auth_server": f"{ROOT}/auth/", "client_id": "sandbox-auto-person",
          "scopes": ["planet", "offline_access"], "audiences": ["https://api.planet.com/"]}  # fmt: skip
MACHINE = {"client_type": "oidc_client_credentials_secret", "auth_server": f"{ROOT}/auth/", "client_id": "sandbox-m2m",
           "client_secret": "sandbox-m2m-secret", "scopes": [], "audiences": ["https://api.planet.com/"]}  # fmt: skip


def profile(name, content):
    """Write a profile as the official program keeps it."""
    folder = HOME / ".planet" / name
    folder.mkdir(parents=True)
    (folder / "auth_client.json").write_text(json.dumps(content))


def silent(_):
    """Note nothing of what was printed: its words are each program's own."""


def token(told):
    """Note that a token was printed, and its parts."""
    return len(str(told).strip().split("."))


def names(told):
    """Note which of the profiles are listed."""
    return [name for name in ("person", "machine", "copied") if name in str(told)]


def scenario(seen):
    """Run all of it."""
    cli = Terminal(seen, main)
    profile("person", DEVICE)
    profile("machine", MACHINE)
    cli("key", "auth print-api-key")
    cli("key given", "--auth-api-key other auth print-api-key")
    cli("orders with a key", f"--auth-api-key {KEY} orders -u {ROOT}/compute/ops list")
    cli("orders with a wrong key", f"--auth-api-key wrong orders -u {ROOT}/compute/ops list", status=1)
    for word in ("warning", "info", "debug"):
        cli(f"talking by {word}", f"--verbosity {word} data filter")
    cli("quiet", "--quiet data filter", noted=silent)
    cli("version", "--version", noted=lambda told: "version" in told)
    del os.environ["PL_API_KEY"]
    cli("orders with a machine", f"--auth-profile machine orders -u {ROOT}/compute/ops list")
    cli("profiles", "auth profile list", noted=names)
    cli("profiles in full", "auth profile list --long", noted=names)
    cli("login", "auth login --auth-profile person --no-open-browser --no-show-qr-code --scope planet --scope "
        "offline_access --yes", noted=silent)  # fmt: skip
    cli("chosen", "auth profile show", noted=names)
    cli("orders", f"orders -u {ROOT}/compute/ops list")
    cli("token", "auth print-access-token", noted=token)
    cli("token anew", "auth print-access-token --refresh", noted=token)
    cli("refreshed", "auth refresh", noted=silent)
    cli("refreshed in scope", "auth refresh --scope planet", noted=silent)
    cli("copied", "auth profile copy person copied", noted=silent)
    cli("set", "auth profile set machine", noted=silent)
    cli("chosen now", "auth profile show", noted=names)
    cli("machine logged in", "auth login --auth-profile machine --yes", noted=silent)
    cli("orders as a machine", f"orders -u {ROOT}/compute/ops list")
    cli("set to nothing", "auth profile set nothing-here", status=1)
    cli("reset", "auth reset", noted=silent)
    seen.note("tokens kept", sorted(one.parent.name for one in HOME.glob(".planet/*/token.json")))


if __name__ == "__main__":
    play(scenario, exceptions)

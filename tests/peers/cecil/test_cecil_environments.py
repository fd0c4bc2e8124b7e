# SPDX-License-Identifier: Apache-2.0
"""The official SDK at another environment than production, by its public argument alone."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from swath.sandbox import Sandbox, World
from swath.sandbox.certificates import make_authority

pytestmark = pytest.mark.peers

SCRIPT = """
import json, sys
from cecil import Client
client = Client(env=sys.argv[1])
ring = [[5, 50], [5.01, 50], [5.01, 50.01], [5, 50]]
made = client.create_aoi({"type": "Polygon", "coordinates": [ring]})
print(json.dumps({"made": made.id, "listed": [one.id for one in client.list_aois()]}))
"""


def test_another_environment(official, tmp_path):
    """A slash in the environment's name leads to a path of the sandbox, over TLS (contract 8.1, A)."""
    authority = make_authority(["localhost", "127.0.0.1"])
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(authority.pem)
    with Sandbox(["cecil"], world=World()) as sandbox:
        server = sandbox.providers["cecil"]
        with server.tls(authority.context) as port:
            done = subprocess.run(
                [official, "-c", SCRIPT, f"localhost:{port}/sandbox"],
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(tmp_path),
                    "CECIL_API_KEY": server.env["CECIL_API_KEY"],
                    "REQUESTS_CA_BUNDLE": str(trusted),
                    "NO_PROXY": "localhost",
                },
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        paths = {entry.path for entry in server.log}

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["listed"] == [told["made"]]
    assert paths == {"/sandbox.cecil.earth/v0/aois"}

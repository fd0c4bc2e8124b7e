# SPDX-License-Identifier: Apache-2.0
"""What importing costs, and which way imports point."""

import json
import subprocess
import sys

import pytest

HEAVY = [
    "numpy",
    "pandas",
    "xarray",
    "rasterio",
    "shapely",
    "httpx",
    "pystac",
    "cql2",
    "rich",
    "swath_capella",
    "swath_planet",
    "swath_sedas",
]


def loaded_after(code, tmp_path):
    script = f"{code}\nimport sys, json\nprint(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": str(tmp_path), "PATH": ""},
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    "code",
    [
        "import swath",
        "import swath.errors, swath.models",
        "from swath._cli import main; main(['--help'])",
        "from swath._cli import main; main(['providers'])",
        "import swath; swath.providers()",
    ],
)
def test_p41_nothing_heavy_is_imported_before_it_is_used(code, tmp_path):
    assert loaded_after(code, tmp_path) == []


def test_p40_importing_touches_neither_disk_nor_network(tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    code = (
        "import socket\n"
        "def no(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = no; socket.getaddrinfo = no\n"
        "import swath\n"
        "swath.open('capella', api_key='k')\n"
        "swath.open('planet', api_key='k')\n"
        "swath.open('sedas', username='u', password='p')\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True, env={"HOME": str(home), "PATH": ""})

    assert list(home.rglob("*")) == []

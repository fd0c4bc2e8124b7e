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


def test_p41_import_swath_loads_nothing_but_itself(tmp_path):
    code = "import sys; before = set(sys.modules)\nimport swath\nprint(*sorted(set(sys.modules) - before))"

    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}"],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": str(tmp_path), "PATH": ""},
    )

    loaded = {name for name in done.stdout.split() if name.partition(".")[0] not in {"importlib", "swath"}}
    assert loaded <= {"__future__", "warnings", "types", "collections", "contextlib", "_weakrefset"}
    assert [name for name in done.stdout.split() if name.startswith("swath")] == ["swath"]


@pytest.mark.parametrize("name", ["capella", "planet", "sedas", "cecil"])
def test_p41_opening_a_provider_loads_neither_terminal_nor_arrays_nor_others(name, tmp_path):
    opened = {
        "capella": "api_key='k'",
        "planet": "api_key='k'",
        "sedas": "username='u', password='p'",
        "cecil": "api_key='k'",
    }
    wanted = [
        "rich",
        "pygments",
        "httpx._main",
        "httpcore",
        "click",
        "numpy",
        "shapely",
        "pystac",
        "cql2",
        "orjson",
        "swath._load",
    ]
    others = [f"swath_{one}" for one in opened if one != name]
    code = (
        f"import swath; swath.open({name!r}, {opened[name]})\n"
        f"import sys, json\nprint(json.dumps([m for m in {wanted + others!r} if m in sys.modules]))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": str(tmp_path), "PATH": ""},
    )

    assert json.loads(done.stdout) == []


def test_httpx_keeps_its_command_where_it_is_asked_for(tmp_path):
    code = "import swath._http, httpx._main\nprint(callable(httpx._main.main), callable(httpx.main))"

    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": str(tmp_path), "PATH": ""},
    )

    assert done.stdout.split() == ["True", "True"]


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

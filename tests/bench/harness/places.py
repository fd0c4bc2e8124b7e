# SPDX-License-Identifier: Apache-2.0
"""Where contenders live: environments that `make` has made, and tools of the system."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
CONTENDERS: Final = ROOT / "tests" / "bench" / "contenders"

ENVIRONMENTS: Final[Mapping[str, tuple[Path, tuple[str, ...]]]] = {
    "swath": (Path(sys.prefix), ("swath", "swath-planet", "swath-capella", "httpx")),
    "clients": (
        ROOT / ".venvs" / "bench-clients",
        ("eodag", "stac-asset", "pystac-client", "obstore", "urllib3", "requests", "httpx", "orjson", "pycurl"),
    ),
    "planet": (ROOT / ".venvs" / "peers-planet", ("planet", "httpx")),
    "capella": (ROOT / ".venvs" / "peers-capella", ("capella-console-client", "httpx")),
}
"""Where each environment is, and whose versions are worth telling."""
TOOLS: Final = {
    "curl": ("curl", "apt-get install curl"),
    "aria2c": ("aria2c", "apt-get install aria2"),
    "nginx": ("nginx", "apt-get install nginx-light"),
    "openssl": ("openssl", "apt-get install openssl"),
    "sha256sum": ("sha256sum", "apt-get install coreutils"),
}
_SBIN: Final = "/usr/sbin"


def python(name: str) -> str:
    """Give the interpreter of an environment."""
    return str(ENVIRONMENTS[name][0] / "bin" / "python")


def script(place: str, name: str, *arguments: object) -> list[str]:
    """Give the command line of a contender's script in an environment."""
    return [python(place), str(CONTENDERS / name), *map(str, arguments)]


def program(place: str, name: str) -> str:
    """Give a program that an environment has installed."""
    return str(ENVIRONMENTS[place][0] / "bin" / name)


def tool(name: str) -> str | None:
    """Find a tool of the system."""
    return shutil.which(name) or shutil.which(name, path=_SBIN)


@functools.cache
def missing(place: str) -> str:
    """Say what is missing and how it comes here; empty where nothing is."""
    for name in place.split("+"):
        if name in TOOLS:
            if tool(TOOLS[name][0]) is None:
                return f"{name} is not installed: {TOOLS[name][1]}"
        elif not Path(python(name)).exists():
            return f"the environment {name!r} is not there: run `make bench`"
    return ""


@functools.cache
def versions() -> dict[str, dict[str, str]]:
    """Give the versions of what is installed, by environment; those of tools under ``"system"``."""
    found = {name: _distributions(name) for name in ENVIRONMENTS if not missing(name)}
    found["system"] = {}
    for name in ("curl", "aria2c", "nginx"):
        if not missing(name):
            flag = "-v" if name == "nginx" else "--version"
            said = subprocess.run([tool(name) or name, flag], capture_output=True, text=True, check=False)
            number = re.search(r"\d+\.\d+(\.\d+)?", said.stdout + said.stderr)
            found["system"][name] = number[0] if number else "?"
    return found


def _distributions(name: str) -> dict[str, str]:
    code = (
        "import importlib.metadata as m, json, platform, sys\n"
        "print(json.dumps({'python': platform.python_version(), **{n: m.version(n) for n in sys.argv[1:]}}))"
    )
    done = subprocess.run(
        [python(name), "-c", code, *ENVIRONMENTS[name][1]], capture_output=True, text=True, check=False
    )
    found: dict[str, str] = json.loads(done.stdout) if done.returncode == 0 else {}
    return found

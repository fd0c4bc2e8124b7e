# SPDX-License-Identifier: Apache-2.0
"""Start-up: bare interpreters, imports, and the help of each command line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from harness.model import Contender, Goal, Ground, Row
from harness.places import program, python


@contextlib.contextmanager
def _ground(folder: Path) -> Iterator[Ground]:
    yield {}


def _code(name: str, code: str, **options: Any) -> Contender:
    place = options.get("place", "swath")
    return Contender(name=name, argv=lambda _: [python(place), "-c", code], **options)


def _help(name: str, place: str, command: str, **options: Any) -> Contender:
    return Contender(name=name, place=place, argv=lambda _: [program(place, command), "--help"], **options)


ROWS: Final = (
    Row(
        key="start",
        title="Start-up",
        unit="ms",
        prepare=_ground,
        repeats=99,
        warm_up=True,
        contenders=[
            _code("import swath", "import swath", side="swath"),
            _help("swath --help", "swath", "swath", side="swath"),
            _code("python", "pass", side="limit"),
            _code("import click", "import click", side="limit"),
            _help("eodag --help", "clients", "eodag"),
            _help("stac-client --help", "clients", "stac-client"),
            _help("stac-asset --help", "clients", "stac-asset"),
            _help("planet --help", "planet", "planet"),
            _code("import capella_console_client", "import capella_console_client", place="capella"),
        ],
        goals=[
            Goal(ours="import swath", other="python", most=2.0),
            Goal(ours="swath --help", other="import click", most=2.0),
        ],
    ),
)

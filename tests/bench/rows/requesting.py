# SPDX-License-Identifier: Apache-2.0
"""Requests: 5,000 small GETs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from harness.model import Contender, Goal, Ground, Row
from harness.places import script
from servers.files import make_document
from servers.nginx import serving

TIMES: Final = 5000


@contextlib.contextmanager
def _ground(folder: Path) -> Iterator[Ground]:
    root = folder / "www"
    root.mkdir()
    name = make_document(root)
    with serving(root, folder / "nginx") as served:
        yield {"url": f"{served.plain}/{name}"}


def _of(name: str, place: str, client: str, at_once: int = 1, **options: Any) -> Contender:
    return Contender(
        name=name,
        place=f"{place}+nginx+openssl",
        argv=lambda ground: script(place, "small_gets.py", client, ground["url"], TIMES, at_once),
        **options,
    )


ROWS: Final = (
    Row(
        key="gets",
        title="5,000 small GETs",
        prepare=_ground,
        contenders=[
            _of("swath", "swath", "swath", side="swath"),
            _of("swath × 8 threads", "swath", "swath", 8, side="swath"),
            _of("httpx", "clients", "httpx"),
            _of("httpx × 8 threads", "clients", "httpx", 8),
            _of("httpx async × 16", "clients", "httpx_async", 16),
            _of("urllib3", "clients", "urllib3"),
            _of("planet without its limiter", "planet", "planet"),
            _of("planet × 16 without its limiter", "planet", "planet", 16),
            _of("capella", "capella", "capella"),
            _of("socket", "swath", "sockets", side="limit"),
        ],
        goals=[
            Goal(ours="swath", other="httpx", most=0.7, text="swath: at most 0.7 × httpx"),
            Goal(ours="swath × 8 threads", other="swath", most=1.0, text="swath × 8 threads: faster than swath × 1"),
        ],
    ),
)

# SPDX-License-Identifier: Apache-2.0
"""What the conformance suite has the network do: the rules of `FaultProxy`, by what becomes of a request."""

from __future__ import annotations

from typing import Any

import pytest

__all__ = ["ALWAYS", "LOST", "LYING", "PASSING", "RANDOM", "SILENT", "SPOILT", "cases"]

PASSING: dict[str, dict[str, Any]] = {
    "reset at connect": {"cut": "connect", "how": "reset"},
    "closed at connect": {"cut": "connect"},
    "request cut": {"cut": "request", "after": 20, "how": "reset"},
    "reply lost": {"cut": "reply"},
    "reply reset": {"cut": "reply", "how": "reset"},
    "reply stalls": {"cut": "reply", "how": "stall"},
    "body cut": {"cut": "body", "after": 30},
    "body reset": {"cut": "body", "after": 30, "how": "reset"},
    "cut after the end": {"cut": "end"},
    "slow": {"delay_s": 0.2, "pieces": 5, "pause_s": 0.1},
    "chunked": {"chunked": True},
    "429 in seconds": {"status": 429, "retry_after_s": 7},
    "429 by date": {"status": 429, "retry_after_s": 7, "retry_after_date": True},
    "500": {"status": 500},
    "502 burst": {"status": 502, "times": 3},
    "503 burst": {"status": 503, "times": 3, "retry_after_s": 1},
    "504": {"status": 504},
}
"""What goes by: a request that only reads is to come through all of it."""
LYING: dict[str, dict[str, Any]] = {
    "page of a portal": {"html": True},
    "truncated": {"truncate_at": 40},
    "empty": {"truncate_at": 0},
    "flipped bit": {"flip_bit_at": 1},
    "401": {"status": 401},
    "403": {"status": 403},
    "another object": {"status": 200, "body": {"message": "come back later"}},
}
"""Answers that are none: the right result all the same, or a typed error."""
LOST: dict[str, dict[str, Any]] = (
    {
        name: PASSING[name]
        for name in (
            "reset at connect",
            "request cut",
            "reply lost",
            "reply reset",
            "reply stalls",
            "body cut",
            "body reset",
            "cut after the end",
            "slow",
            "429 in seconds",
            "429 by date",
            "500",
            "502 burst",
            "503 burst",
            "504",
        )
    }
    | {
        "502 of a gateway": {"status": 502, "pass_on": True},
        "504 of a gateway": {"status": 504, "pass_on": True},
        "page of a gateway": {"html": True, "pass_on": True},
    }
    | {name: LYING[name] for name in ("page of a portal", "truncated", "empty", "401", "403", "another object")}
)
"""What becomes of an order on its way."""
SPOILT: dict[str, list[dict[str, Any]]] = {
    **{name: [rule] for name, rule in PASSING.items()},
    "stalls in the middle": [{"cut": "body", "after": 700, "how": "stall"}],
    "cut, then refused to go on": [{"cut": "body", "after": 700}, {"ranged": True, "status": 416}],
    "cut, then starts anew": [{"cut": "body", "after": 700}, {"ranged": True, "ignore_range": True}],
    "cut, then another range": [{"cut": "body", "after": 700}, {"ranged": True, "content_range": "bytes 7-9/10"}],
    "cut many times": [{"cut": "body", "after": 700, "times": 3, "how": "reset"}],
    "page of a portal once": [{"html": True}],
    "link dead once": [{"status": 403}],
    "token dead once": [{"status": 401}],
}
"""What becomes of a file on its way, once; a second run has no trouble."""
SILENT: dict[str, dict[str, Any]] = {
    "truncated": {"truncate_at": 700},
    "flipped bit": {"flip_bit_at": 600},
    "replaced by another": {"changed": True},
}
"""What only a published size or checksum shows."""
ALWAYS: dict[str, dict[str, Any]] = {
    "page of a portal": {"html": True},
    "empty": {"truncate_at": 0},
    "links dead": {"status": 403},
    "gone": {"status": 410},
    "503": {"status": 503},
    "cut": {"cut": "body", "after": 700},
}
RANDOM: tuple[dict[str, Any], ...] = (
    {"cut": "connect", "how": "reset", "probability": 0.05},
    {"cut": "request", "after": 20, "probability": 0.05},
    {"cut": "reply", "how": "reset", "probability": 0.05},
    {"cut": "body", "after": 30, "probability": 0.05},
    {"cut": "body", "after": 700, "how": "reset", "probability": 0.05},
    {"status": 503, "retry_after_s": 1, "probability": 0.05},
    {"status": 504, "pass_on": True, "probability": 0.05},
    {"status": 429, "retry_after_s": 3, "retry_after_date": True, "probability": 0.05},
    {"html": True, "probability": 0.03},
    {"truncate_at": 40, "probability": 0.03},
)
"""Trouble at any time, by chance."""


def cases(table: dict[str, Any]) -> pytest.MarkDecorator:
    """Run a check once for each entry of a table, as its argument `trouble`."""
    return pytest.mark.parametrize("trouble", [pytest.param(value, id=name) for name, value in table.items()])

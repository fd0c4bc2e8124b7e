# SPDX-License-Identifier: Apache-2.0
"""How the commands print: JSON, one record a line, and indented where it is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import click

from swath.commands import say

__all__ = ["limit", "pretty", "print_each", "print_list", "print_one"]

pretty = click.option("--pretty", is_flag=True, help="Indent the JSON.")
limit = click.option(
    "--limit", type=click.IntRange(min=0), metavar="N", default=100, show_default=True, help="Most results; 0 for all."
)


def print_one(value: Any, *, pretty: bool = False) -> None:
    """Print a record."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2 if pretty else None))


def print_list(values: Iterable[Any], *, pretty: bool = False, limit: int = 0) -> None:
    """Print records as one list, and say when there may be more than were asked for."""
    found = list(values)
    print_one(found, pretty=pretty)
    _say_limit(len(found), limit)


def print_each(values: Iterable[Any], *, pretty: bool = False, limit: int = 0) -> None:
    """Print records as they come, and say when there may be more than were asked for."""
    count = 0
    for value in values:
        print_one(value, pretty=pretty)
        count += 1
    _say_limit(count, limit)


def _say_limit(count: int, limit: int) -> None:
    if limit and count >= limit:
        say(f"Stopped at --limit={limit}; there may be more. --limit=0 gives all.")

# SPDX-License-Identifier: Apache-2.0
"""What words of a command line may be, and how a shell completes them."""

from __future__ import annotations

import contextlib

import click
from click.shell_completion import CompletionItem

__all__ = ["orders_like", "providers_like", "read_bbox"]


def providers_like(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the name of an installed provider, importing none."""
    from swath._registry import list_plugins

    return [CompletionItem(entry.name) for entry in list_plugins() if entry.name.startswith(begun)]


def orders_like(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the id of an order in the ledger; a ledger that is not there is not made for it."""
    from swath._home import state_dir

    found: list[CompletionItem] = []
    with contextlib.suppress(Exception):  # a broken ledger is said by the command itself, not while typing
        if (state_dir() / "ledger.sqlite3").exists():
            from swath._ledger import open_ledger

            ledger = open_ledger()
            for entry in ledger.entries():
                name = entry.order.id or entry.order.tag
                if name.startswith(begun):
                    found.append(CompletionItem(name, help=f"{entry.order.provider} {entry.order.state.value}"))
            ledger.close()
    return found


def read_bbox(_context: click.Context, _parameter: click.Parameter, text: str | None) -> tuple[float, ...] | None:
    """Read ``W,S,E,N`` (or six numbers, with heights); what they mean is judged where they are used."""
    if text is None:
        return None
    try:
        numbers = tuple(float(part) for part in text.replace(" ", ",").split(",") if part)
    except ValueError:
        numbers = ()
    if len(numbers) not in {4, 6}:
        raise click.BadParameter(f"{text!r} is not W,S,E,N: four numbers, degrees")
    return numbers

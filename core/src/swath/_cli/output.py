# SPDX-License-Identifier: Apache-2.0
"""How commands print: tables for people, JSON for programs."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from swath.models import DryRun, Order, Quote

__all__ = [
    "at_terminal",
    "counted",
    "order_record",
    "print_dry_run",
    "print_json",
    "print_orders",
    "print_table",
    "quote_record",
    "say",
]


def say(text: str) -> None:
    """Tell the person at the terminal something; never data."""
    click.echo(text, err=True)


def counted(number: int, noun: str) -> str:
    """Write a number of things: ``1 item``, ``2 items``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def at_terminal() -> bool:
    """Whether a person reads standard output."""
    return sys.stdout is not None and sys.stdout.isatty()


def print_json(value: Any) -> None:
    """Print data as JSON: indented for a terminal, one line for a pipe."""
    indent = 2 if at_terminal() else None
    click.echo(json.dumps(value, ensure_ascii=False, indent=indent, default=_plain))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime | dt.date) else str(value)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, err: bool = False) -> None:
    """Print aligned columns, as data or (`err`) as talk; a cell that is too long is kept whole."""
    cells = [[("-" if cell is None or cell == "" else str(cell)) for cell in row] for row in rows]
    widths = [
        max(len(name), *(len(row[at]) for row in cells)) if cells else len(name) for at, name in enumerate(columns)
    ]
    for line in [list(columns), *cells]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip(), err=err)


def order_record(order: Order) -> dict[str, Any]:
    """Give an order as plain data."""
    return {
        "provider": order.provider,
        "id": order.id,
        "tag": order.tag,
        "kind": order.kind,
        "state": order.state.value,
        "native_state": order.native_state,
        "created": order.created,
        "expires": order.expires,
        "progress": order.progress,
        "message": order.message,
        "awaits_approval": order.awaits_approval,
        "quote": None if order.quote is None else quote_record(order.quote),
        "items": [item["id"] for item in order.items],
        "failed_items": dict(order.failed_items),
        "parts": [order_record(part) for part in order.parts],
    }


def quote_record(quote: Quote) -> dict[str, Any]:
    """Give a quote as plain data; unknown stays null."""
    return {
        "amount": quote.amount,
        "unit": quote.unit,
        "remaining": quote.remaining,
        "items": dict(quote.items),
        "note": quote.note,
    }


def print_dry_run(dry: DryRun | Mapping[str, DryRun], *, as_json: bool) -> None:
    """Print what an order would send; of several providers, one after the other, or as a JSON list."""
    several = list(dry.values()) if isinstance(dry, Mapping) else [dry]
    if as_json:
        records = [_dry_record(one) for one in several]
        print_json(records if isinstance(dry, Mapping) else records[0])
        return
    for one in several:
        _print_dry(one)
    say("Nothing was sent.")


def _dry_record(dry: DryRun) -> dict[str, Any]:
    return {
        "provider": dry.provider,
        "requests": [{"method": one.method, "url": one.url, "body": one.body} for one in dry.requests],
        "existing": [order_record(order) for order in dry.existing],
        "direct": [order_record(order) for order in dry.direct],
        "quote": None if dry.quote is None else quote_record(dry.quote),
    }


def _print_dry(dry: DryRun) -> None:
    for one in dry.requests:
        click.echo(f"{one.method} {one.url}")
        if one.body is not None:
            click.echo(one.body if isinstance(one.body, str) else json.dumps(one.body, ensure_ascii=False, indent=2))
    for order in dry.existing:
        say(f"Ordered already, and not sent again: {order.id or order.tag} ({order.state.value})")
    for order in dry.direct:
        say(f"Needs no order: {', '.join(str(item['id']) for item in order.items)}")


def print_orders(orders: Sequence[Order], *, as_json: bool, many: bool = False) -> None:
    """Print orders as a table, or as JSON: one object for one order, otherwise (or with `many`) a list."""
    if as_json:
        records = [order_record(order) for order in orders]
        print_json(records[0] if len(records) == 1 and not many else records)
        return
    rows = [
        [
            order.provider,
            order.id or order.tag,
            order.state.value,
            len(order.items),
            order.created.strftime("%Y-%m-%d %H:%M") if order.created else None,
            order.message[:60],
        ]
        for order in orders
    ]
    print_table(["PROVIDER", "ORDER", "STATE", "ITEMS", "CREATED (UTC)", "MESSAGE"], rows)

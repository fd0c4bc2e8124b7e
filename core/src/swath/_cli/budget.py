# SPDX-License-Identifier: Apache-2.0
"""``swath budget``: the month's cap, what was spent, and what is left."""

from __future__ import annotations

from typing import Any

import click

from swath._cli.group import State, command
from swath._cli.options import as_json, check_provider
from swath._cli.output import print_json, print_table, say
from swath._cli.words import providers_like
from swath._ledger import open_ledger

__all__ = ["budget"]


@command()
@click.argument("provider", required=False, shell_complete=providers_like)
@as_json
@click.pass_context
def budget(context: click.Context, /, *, provider: str | None, as_json: bool) -> None:
    """Show each provider's budget of this month: the cap, what orders were quoted at, and what is left.

    An order that would bring the sum above the cap is refused before anything is sent, and so is one of unknown cost.
    Set a cap by the environment, or in credentials.json under settings.budgets.PROFILE.PROVIDER:

    \b
    SWATH_BUDGET_PLANET="500 ha"              500 hectares a month
    SWATH_BUDGET_ALLOW_UNKNOWN=1              also order what tells no cost
    {"amount": 500, "unit": "ha", "allow_unknown": true}     the same in the file
    """
    import datetime as dt

    from swath._credentials import choose_profile
    from swath._registry import list_plugins
    from swath.budget import cap_of, spent_in

    profile = choose_profile(context.ensure_object(State).profile)
    names = [provider] if provider else sorted({entry.name for entry in list_plugins()})
    now = dt.datetime.now(dt.UTC)
    ledger = open_ledger()
    rows: list[dict[str, Any]] = []
    for name in names:
        cap = cap_of(name, profile)
        spent = spent_in(ledger, name, profile, unit=cap.unit if cap else None, now=now)
        rows.append(
            {
                "provider": name,
                "profile": profile,
                "month": f"{now:%Y-%m}",
                "cap": cap.amount if cap else None,
                "unit": cap.unit if cap else None,
                "spent": spent.amount,
                "left": max(0.0, cap.amount - spent.amount) if cap else None,
                "orders": spent.orders,
                "unknown": spent.unknown,
                "source": cap.source if cap else None,
            }
        )
    ledger.close()
    if provider is not None and not rows[0]["orders"] and rows[0]["cap"] is None:
        check_provider(provider)
    if as_json:
        print_json(rows)
        return
    columns = ["PROVIDER", "MONTH", "CAP", "SPENT", "LEFT", "UNIT", "ORDERS", "OF UNKNOWN COST", "SET BY"]
    table = [
        [
            row["provider"],
            row["month"],
            _number(row["cap"]),
            _number(row["spent"]),
            _number(row["left"]),
            row["unit"],
            row["orders"],
            row["unknown"],
            row["source"],
        ]
        for row in rows
    ]
    print_table(columns, table)
    if not any(row["source"] for row in rows):
        say("No budget is set. For example: export SWATH_BUDGET_PLANET='500 ha'")


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"

# SPDX-License-Identifier: Apache-2.0
"""The extension plugin ``budget``: a cap on what a month's orders of a provider may cost.

The cap is read from ``SWATH_BUDGET_<PROVIDER>`` (``"500 ha"``, or ``"500"`` for whatever unit the quotes have), else
from the profile file::

    {"settings": {"budgets": {"default": {"planet": {"amount": 500, "unit": "ha", "allow_unknown": false}}}}}

Without a cap nothing is asked and nothing is read but the environment and, if there is one, the profile file. With one,
each order is quoted and counted in the ledger before it is sent, and refused if the month's sum would be above the cap.
It is a hook wrapper like any other: a pattern for audit, naming policy or approval by a colleague.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from swath.errors import ConfigurationError, CostExceeded
from swath.hookspecs import Context, hookimpl
from swath.models import Order, OrderState, Quote

if TYPE_CHECKING:
    import datetime as dt

    from swath._ledger import Ledger

__all__ = ["Budget", "Cap", "Spent", "cap_of", "spent_in"]

_CAP = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z][\w/.-]*)?\s*")
_YES = frozenset({"1", "true", "yes", "on"})


@frozen(kw_only=True)
class Cap:
    """What may be spent in a calendar month (UTC)."""

    amount: float
    """>= 0, in `unit`."""
    unit: str | None = None
    """None counts amounts in whatever unit they are quoted."""
    allow_unknown: bool = False
    """Whether what tells no cost, or tells it in another unit, may be ordered under the cap."""
    source: str = ""
    """Where it was read."""


@frozen(kw_only=True)
class Spent:
    """What a month's orders were quoted at."""

    amount: float = 0.0
    """Sum of what is known, in the cap's unit."""
    orders: int = 0
    """Orders that count, the unknown ones among them."""
    unknown: int = 0
    """Orders of unknown cost, or quoted in another unit."""


def cap_of(provider: str, profile: str, environ: Mapping[str, str] | None = None) -> Cap | None:
    """Read the cap of a provider and profile; None where there is none.

    Args:
        provider: Entry-point name.
        profile: Name of the profile.
        environ: The process's environment if None.

    Raises:
        ConfigurationError: If a cap is set and cannot be understood: no cap would be worse than no order.
    """
    found = os.environ if environ is None else environ
    variable = f"SWATH_BUDGET_{re.sub(r'[^A-Z0-9]', '_', provider.upper())}"
    text = found.get(variable, "").strip()
    if text:
        allowed = found.get("SWATH_BUDGET_ALLOW_UNKNOWN", "").strip().lower() in _YES
        return _parse(text, None, allow_unknown=allowed, source=f"environment {variable}")
    from swath._credentials import credentials_path
    from swath._profiles import ProfileFile

    budgets = ProfileFile(credentials_path(environ)).settings().get("budgets")
    place = f"{credentials_path(environ).name}: settings.budgets.{profile}.{provider}"
    if budgets is None:
        return None
    held = budgets.get(profile, {}) if isinstance(budgets, Mapping) else None
    if not isinstance(held, Mapping):
        raise _unreadable(place, budgets)
    value = held.get(provider)
    if value is None:
        return None
    if isinstance(value, Mapping):
        unknown = value.get("allow_unknown", False)
        if not isinstance(unknown, bool) or value.keys() - {"amount", "unit", "allow_unknown"}:
            raise _unreadable(place, value)
        return _parse(value.get("amount"), value.get("unit"), allow_unknown=unknown, source=f"profile file ({profile})")
    return _parse(value, None, allow_unknown=False, source=f"profile file ({profile})")


def _parse(amount: Any, unit: Any, *, allow_unknown: bool, source: str) -> Cap:
    match = _CAP.fullmatch(str(amount))
    if match is None or isinstance(amount, bool) or not (unit is None or isinstance(unit, str)):
        raise _unreadable(source, amount)
    return Cap(amount=float(match[1]), unit=unit or match[2], allow_unknown=allow_unknown, source=source)


def _unreadable(source: str, value: Any) -> ConfigurationError:
    return ConfigurationError(
        f"the budget in {source} is {value!r}, which is no amount",
        hint="write an amount and, if you like, its unit: 500, or '500 ha'",
    )


def spent_in(
    ledger: Ledger, provider: str, profile: str, *, unit: str | None, now: dt.datetime, but: str = ""
) -> Spent:
    """Add up what the calendar month's orders were quoted at.

    What failed or was canceled does not count; what is uncertain does, as it may exist.

    Args:
        ledger: Where the orders are.
        provider: Entry-point name.
        profile: Name of the profile.
        unit: Unit of the sum; None takes every amount.
        now: A time in the month, aware.
        but: Tag of an order that is left out.
    """
    import datetime as dt

    start = now.astimezone(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    amount, orders, unknown = 0.0, 0, 0
    for entry in ledger.entries(provider=provider, profile=profile, since=start):
        order = entry.order
        if order.state in {OrderState.FAILED, OrderState.CANCELED} or order.kind == "direct" or order.tag == but:
            continue
        if order.awaits_approval:  # nothing is bought yet
            continue
        known = _amount(order.quote, unit) if order.quote is not None else None
        orders += 1
        unknown += known is None
        amount += known or 0.0
    return Spent(amount=amount, orders=orders, unknown=unknown)


def _amount(quote: Quote, unit: str | None) -> float | None:
    """Give a quote's amount in a unit; None where it is unknown or in another one. Nothing is nothing in every unit."""
    same = unit is None or quote.amount == 0 or (quote.unit or "").casefold() == unit.casefold()
    return quote.amount if same else None


class Budget:
    """Refuses orders above a month's cap, before anything is sent."""

    @hookimpl(wrapper=True)
    def order(self, context: Context) -> Generator[None, Order | None, Order | None]:
        """Check an order."""
        _guard(context)
        return (yield)

    @hookimpl(wrapper=True)
    def task(self, context: Context) -> Generator[None, Order | None, Order | None]:
        """Check a future acquisition, unless its price comes later and is approved then."""
        _guard(context)
        return (yield)

    @hookimpl(wrapper=True)
    def subscribe(self, context: Context) -> Generator[None, Order | None, Order | None]:
        """Check a standing order."""
        _guard(context)
        return (yield)

    @hookimpl(wrapper=True)
    def approve(self, context: Context) -> Generator[None, Order | None, Order | None]:
        """Check what is about to go ahead at the provider's price."""
        _guard(context)
        return (yield)


def _guard(context: Context) -> None:
    from swath._purchase import current_purchase

    cap = cap_of(context.provider, context.profile)
    purchase = current_purchase()
    if cap is not None and not (purchase is not None and purchase.reviewed):
        _check(cap, context)


def _check(cap: Cap, context: Context) -> None:
    """Refuse what would bring the month above its cap.

    The quote is written down with the intent first and the others' are read then: of two processes that order at once,
    at least one sees the other.
    """
    from swath._purchase import current_purchase

    purchase = current_purchase()
    quotes = purchase.quotes() if purchase is not None else [Quote(note="nobody was asked")]
    allowed = cap.allow_unknown or (purchase is not None and purchase.allow_unknown)
    known = [_amount(quote, cap.unit) for quote in quotes]
    unit = f" {cap.unit}" if cap.unit else ""
    if None in known and not allowed:
        told = quotes[known.index(None)]
        what = "unknown" if told.amount is None else f"{told.amount:g} {told.unit or 'of no unit'}, not in{unit}"
        raise CostExceeded(
            f"the cost is {what}{f' ({told.note})' if told.note else ''}, and a budget of {cap.amount:g}{unit} a month "
            f"is set ({cap.source}); nothing was sent",
            provider=context.provider,
            step="order",
            hint="order with allow_unknown_cost=True, or let the budget allow it: swath budget --help",
            details={"quote": told, "cap": cap.amount},
        )
    if purchase is None:
        return
    purchase.note_quote()
    own = purchase.intent.tag if purchase.intent is not None else ""
    spent = spent_in(purchase.ledger, context.provider, context.profile, unit=cap.unit, now=context.time(), but=own)
    wanted = sum(amount for amount in known if amount is not None)
    if spent.amount + wanted > cap.amount:
        raise CostExceeded(
            f"the order is quoted at {wanted:g}{unit}, and {max(0.0, cap.amount - spent.amount):g}{unit} of this "
            f"month's budget of {cap.amount:g}{unit} are left ({cap.source}); nothing was sent",
            provider=context.provider,
            step="order",
            hint="order less, wait for the next month, or raise the budget; see what was spent with: swath budget",
            details={"quote": quotes[0], "cap": cap.amount, "spent": spent.amount},
        )

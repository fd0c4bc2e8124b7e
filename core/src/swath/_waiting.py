# SPDX-License-Identifier: Apache-2.0
"""The poll schedule over many orders: when to look again, and when to stop."""

from __future__ import annotations

import datetime as dt
import logging
import math
import random
import threading
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from attrs import define

from swath._clock import Clock
from swath.errors import Gone, InputError, NotFound, OrderTimeout, ProviderError, RateLimited, Unavailable
from swath.models import Order, OrderState

__all__ = ["Watcher", "wait_all"]

_LOG = logging.getLogger("swath.waiting")
_GROWTH = 1.5
_LONGEST_S = 60.0
_SHORTEST_S = 0.05
_JITTER = 0.25
_LISTEN_S = 0.5
"""Between looks at what has been heard, where somebody listens."""
_CLOCK_SKEW_S = 300.0
"""How far a provider's clock may be off before its time of an order's making is believed over ours."""


class Watcher(Protocol):
    """Tells of orders that the provider has sent word of."""

    def is_live(self) -> bool:
        """Whether word can come at all."""

    def ids(self) -> set[str]:
        """Give the provider's ids of the orders that word came of since it was last asked."""


@define(kw_only=True)
class _Watch:
    """One order on its way."""

    order: Order
    due_s: float
    """When to look next, on the monotonic clock."""
    interval_s: float
    grace_until_s: float
    """Until when an unknown id means that the provider is not ready yet."""
    links_until_s: float | None = None
    """Until when a success without files does, once one was seen."""
    over: bool = False
    error: ProviderError | None = None
    """Why the last look failed."""


def wait_all(
    orders: Sequence[Order],
    *,
    look: Callable[[Order], Order],
    clock: Clock,
    timeout: float | None,
    poll_s: float,
    grace_s: float = 60.0,
    on_change: Callable[[Order], None] | None = None,
    cancelled: threading.Event | None = None,
    rng: random.Random | None = None,
    is_ready: Callable[[Order], bool] | None = None,
    until: Callable[[Order], bool] | None = None,
    watcher: Watcher | None = None,
    unchanged: Callable[[Sequence[Order]], Collection[str]] | None = None,
) -> list[Order]:
    """Look at orders until all are final. How they ended is for the caller to judge.

    The first look comes at once; the time between looks grows by half each time, up to 60 s, and is cut by up to a
    quarter at random so that many jobs do not ask together. A look that finds the provider unavailable or asked to
    slow down is noted in the log and does not end the waiting. All looks are made on the calling thread, one by one.

    Args:
        orders: As last seen. Those that are final are not looked at.
        look: Asks the provider once.
        clock: What waits.
        timeout: Seconds, >= 0, that may pass; None waits for ever; 0 looks exactly once.
        poll_s: Seconds before the second look.
        grace_s: Seconds in which a new order that the provider does not know yet counts as pending.
        on_change: Told of the order after every look, also where nothing changed: a heartbeat.
        cancelled: Ends the waiting when set, within the look that is being made.
        rng: Where the jitter comes from.
        is_ready: Whether a succeeded order has its files; where it has not, it counts as shipping for the grace time.
        watcher: Tells of orders that something was heard of: those are looked at at once.
        until: What else ends the waiting for an order, beside being final.
        unchanged: Gives the ids of those of many orders that certainly stand as last seen: each is spared a look.

    Returns:
        The orders as last seen, in the order given. All are final, or `until` holds, unless `cancelled` was set.

    Raises:
        OrderTimeout: If time is up. `details["orders"]` has what is still on its way, by id.
        NotFound: If the provider does not know an order that is not new.
        ProviderError: Any other refusal.
        InputError: If `timeout` is no time.
    """
    if timeout is not None and not timeout >= 0:
        raise InputError(f"timeout={timeout!r} is no time to wait", hint="pass seconds, 0 or more, or None for ever")
    rng = rng or random.Random()  # noqa: S311 - jitter, no secret
    start_s = clock.monotonic()
    is_over = _final if until is None else lambda order: _final(order) or until(order)
    deadline_s = math.inf if timeout is None else start_s + timeout
    watches = [
        _Watch(
            order=order,
            due_s=start_s,
            interval_s=max(poll_s, _SHORTEST_S),
            grace_until_s=start_s + _grace_left(order, clock.now(), grace_s),
            over=is_over(order),
        )
        for order in orders
    ]
    while open_ones := [watch for watch in watches if not watch.over]:
        now_s = clock.monotonic()
        at_end = now_s >= deadline_s
        due = [watch for watch in open_ones if at_end or watch.due_s <= now_s]
        due, same = _glance(due, open_ones, now_s, unchanged)
        for watch in due:
            if cancelled is not None and cancelled.is_set():
                return [entry.order for entry in watches]
            if watch.order.id in same:
                watch.error = None
            else:
                _look(watch, look, clock, grace_s, is_ready)
            watch.over = is_over(watch.order)
            _plan(watch, clock, rng)
            if on_change is not None:
                on_change(watch.order)
        open_ones = [watch for watch in open_ones if not watch.over]
        if not open_ones:
            break
        now_s = clock.monotonic()
        if at_end:
            raise _timeout(open_ones, elapsed_s=now_s - start_s, timeout=timeout or 0)
        pause_s = min(deadline_s, *(watch.due_s for watch in open_ones)) - now_s
        if pause_s > 0 and _pause(pause_s, open_ones, clock, cancelled, watcher):
            break
    return [watch.order for watch in watches]


def _pause(
    pause_s: float,
    open_ones: Sequence[_Watch],
    clock: Clock,
    cancelled: threading.Event | None,
    watcher: Watcher | None,
) -> bool:
    """Wait until the next look is due, or something is heard of an order.

    Returns:
        Whether the waiting was cancelled.
    """
    if watcher is None or not watcher.is_live():
        return clock.sleep(pause_s, wake=cancelled)
    end_s = clock.monotonic() + pause_s
    while (left_s := end_s - clock.monotonic()) > 0:
        heard = watcher.ids()
        woken = [watch for watch in open_ones if watch.order.id in heard]
        for watch in woken:
            watch.due_s = clock.monotonic()
        if woken:
            return False
        if clock.sleep(min(_LISTEN_S, left_s), wake=cancelled):
            return True
    return False


def _final(order: Order) -> bool:
    return order.state.is_final


def _grace_left(order: Order, now: dt.datetime, grace_s: float) -> float:
    """Say for how long from now an unknown id is no surprise; none for an order that is surely old."""
    age_s = 0.0 if order.created is None else (now - order.created).total_seconds()
    return grace_s if age_s <= grace_s + _CLOCK_SKEW_S else 0.0


def _glance(
    due: list[_Watch],
    open_ones: list[_Watch],
    now_s: float,
    unchanged: Callable[[Sequence[Order]], Collection[str]] | None,
) -> tuple[list[_Watch], Collection[str]]:
    """Say at which orders to look now, and of which of them a list has told already that nothing changed."""
    if unchanged is None or not due:
        return due, ()
    # Those that are due soon come along: the list tells of them too.
    at_once = {id(watch) for watch in due}
    soon = [one for one in open_ones if id(one) in at_once or one.due_s <= now_s + _JITTER * one.interval_s]
    return soon, unchanged([watch.order for watch in soon])


def _look(
    watch: _Watch,
    look: Callable[[Order], Order],
    clock: Clock,
    grace_s: float,
    is_ready: Callable[[Order], bool] | None,
) -> None:
    """Look at one order, and take what passing failures and first moments bring."""
    order, name = watch.order, watch.order.id or watch.order.tag
    try:
        seen = look(order)
        ready = seen.state is not OrderState.SUCCEEDED or is_ready is None or is_ready(seen)
    except (Unavailable, RateLimited) as err:
        _LOG.warning("%s: order %s could not be looked at, trying again: %s", order.provider, name, err.message)
        watch.error = err
        return
    except Gone:
        raise
    except NotFound as err:
        if clock.monotonic() >= watch.grace_until_s:
            raise
        _LOG.info("%s: order %s is not known yet, which a new order may be", order.provider, name)
        watch.error = err
        return
    watch.error = None
    if not ready:
        now_s = clock.monotonic()
        if watch.links_until_s is None:
            watch.links_until_s = now_s + grace_s
        if now_s < watch.links_until_s:
            _LOG.info("%s: order %s succeeded, its files are not listed yet", order.provider, name)
            seen = seen.seen(OrderState.SHIPPING)
    watch.order = seen


def _plan(watch: _Watch, clock: Clock, rng: random.Random) -> None:
    """Say when to look next."""
    watch.due_s = clock.monotonic() + watch.interval_s * rng.uniform(1 - _JITTER, 1)
    watch.interval_s = min(watch.interval_s * _GROWTH, max(_LONGEST_S, watch.interval_s))


def _timeout(open_ones: Sequence[_Watch], *, elapsed_s: float, timeout: float) -> OrderTimeout:
    late = {watch.order.id or watch.order.tag: watch.order for watch in open_ones}
    first = next(iter(late.values()))
    name = first.id or first.tag
    others = list(late)[1:]
    more = f", as {'is' if len(others) == 1 else 'are'} {', '.join(map(repr, others[:5]))}" if others else ""
    more += f" and {len(others) - 5} more" if len(others) > 5 else ""
    why = open_ones[0].error
    failed = f"; the last look failed: {why.message}" if why is not None else ""
    made = OrderTimeout(
        f"order {name!r} is still {first.state.value!r} after {_seconds(elapsed_s)} s "
        f"(timeout={_seconds(timeout)}){more}{failed}",
        hint=f"wait again with a larger timeout, or later with: swath wait {' '.join(list(late)[:5])}",
        provider=first.provider or None,
        step="wait",
        details={"orders": late},
    )
    made.__cause__ = why
    return made


def _seconds(value: float) -> str:
    return str(round(value)) if value >= 10 or value == round(value) else f"{value:.1f}"

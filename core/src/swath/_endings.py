# SPDX-License-Identifier: Apache-2.0
"""How orders end: several as one, and whether the end is a good one."""

from __future__ import annotations

from collections.abc import Sequence

from swath.errors import ApprovalNeeded, OrderFailed, OrderPartial
from swath.models import Order, OrderState

__all__ = ["group_of", "judge", "needs_approval", "require_approved"]


def group_of(orders: Sequence[Order], group: str) -> Order:
    """Present several orders that one call made as one order.

    Its state is the least advanced of its parts; once all are final it is `succeeded` if all are, `failed` or
    `canceled` if all are, and `partial` otherwise.
    """
    states = [order.state for order in orders]
    open_states = [state for state in states if not state.is_final]
    if open_states:
        state = OrderState.UNCERTAIN if OrderState.UNCERTAIN in open_states else min(open_states, key=_STEPS.index)
    elif len(set(states)) == 1:
        state = states[0]
    else:
        state = OrderState.PARTIAL
    done = [1.0 if order.state.is_final else (order.progress or 0.0) for order in orders]
    created = [order.created for order in orders if order.created is not None]
    return Order(
        provider=orders[0].provider,
        id=group,
        tag=group,
        kind="group",
        state=state,
        created=min(created) if created else None,
        progress=sum(done) / len(done),
        message=next((order.message for order in orders if order.message and order.state != state.SUCCEEDED), ""),
        failed_items={item: why for order in orders for item, why in order.failed_items.items()},
        parts=tuple(orders),
    )


_STEPS = [OrderState.ORDERED, OrderState.PENDING, OrderState.SHIPPING]


def judge(order: Order, *, accept_partial: bool) -> None:
    """Raise unless the order came to its good end.

    Args:
        order: Final.
        accept_partial: Whether part of it is good enough.

    Raises:
        OrderFailed: It failed or was cancelled; the message has the provider's reason.
        OrderPartial: Part of it was delivered.
    """
    if order.state is OrderState.SUCCEEDED or (order.state is OrderState.PARTIAL and accept_partial):
        return
    name = order.id or order.tag
    reasons = dict.fromkeys(
        part.message or part.native_state for part in order.leaves if part.state is not OrderState.SUCCEEDED
    )
    why = "; ".join(reason for reason in reasons if reason) or "the provider gives no reason"
    failed = [f"{item} ({reason})" for item, reason in list(order.failed_items.items())[:5]]
    missing = f"; not delivered: {', '.join(failed)}" if failed else ""
    kind = OrderPartial if order.state is OrderState.PARTIAL else OrderFailed
    raise kind(
        f"order {name!r} ended {order.state.value!r}: {why}{missing}",
        provider=order.provider,
        step="wait",
        details={"orders": [part.id or part.tag for part in order.leaves], "order": order},
    )


def needs_approval(order: Order) -> bool:
    """Whether nothing moves before the user has approved the provider's price."""
    return order.awaits_approval and order.quote is not None and not order.state.is_final


def require_approved(orders: Sequence[Order]) -> None:
    """Refuse to go on while an order waits for approval.

    Raises:
        ApprovalNeeded: For the first one that does.
    """
    for order in orders:
        if needs_approval(order):
            quote, name = order.quote, order.id or order.tag
            price = (
                "an unknown price" if quote is None or quote.amount is None else f"{quote.amount:g} {quote.unit or ''}"
            )
            raise ApprovalNeeded(
                f"{order.kind} {name!r} is priced at {price.rstrip()} and waits for your approval",
                provider=order.provider,
                step="wait",
                hint=f"approve it with: swath approve {name} --max-cost AMOUNT; or drop it with: swath cancel {name}",
                details={"orders": [name], "order": order, "quote": quote},
            )

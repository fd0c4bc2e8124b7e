# SPDX-License-Identifier: Apache-2.0
"""Subscriptions, the states they go through, and what they deliver over time."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from attrs import define, field

from swath.sandbox import World
from swath_planet.sandbox.access import Account
from swath_planet.sandbox.subscription_source import Match, Source

__all__ = ["Event", "Result", "Status", "Subscription", "SubscriptionBook"]

_READY_S, _STEP_S = 10.0, 1.0
_QUEUED_S, _PROCESSING_S, _DONE_S = 5.0, 10.0, 30.0
_LOOK_S = 600.0
_FIRST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Status(StrEnum):
    """Where a subscription stands, in Planet's words."""

    PREPARING = "preparing"
    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"
    FAILED = "failed"


_LIVE = frozenset({Status.PREPARING, Status.PENDING, Status.RUNNING})


@define(kw_only=True)
class Result:
    """One item that is delivered."""

    id: str
    match: Match
    created: dt.datetime
    """May lie ahead: it is not to be seen until then."""
    is_bad: bool = False
    """Whether its delivery fails."""
    is_matched: bool = False
    """Whether the match has been told of."""
    ended: dt.datetime | None = None
    is_cancelled: bool = False


@define(kw_only=True)
class Event:
    """Something that webhooks can tell of."""

    topic: str
    time: dt.datetime
    data: Mapping[str, Any]


@define(kw_only=True)
class Subscription:
    """One subscription."""

    id: str
    account: Account
    body: Mapping[str, Any]
    """The request as it came."""
    source: Source
    """What is delivered, with areas in place of references."""
    created: dt.datetime
    updated: dt.datetime
    status: Status = Status.PREPARING
    details: str | None = None
    """Why it was suspended."""
    results: list[Result] = field(factory=list, repr=False)
    seen_until: dt.datetime = _FIRST
    """Everything available by then is among the results."""
    backfill: int | None = None
    """How many of the results are of what was there before it began; None until that is known."""
    is_backfilled: bool = False

    @property
    def name(self) -> str:
        """As the user named it; not unique."""
        return str(self.body["name"])

    def has_directive(self, word: str) -> bool:
        """Say whether its name asks the stand-in for something special."""
        return f"sandbox:{word}" in self.name


class SubscriptionBook:
    """The subscriptions of all accounts. Any thread may use it.

    One whose name contains ``sandbox:failed`` fails, one with ``sandbox:bad-results`` fails to deliver every second
    result.

    Args:
        world: Holds the clock.
        tell: Gets what webhooks can tell of, in order of time.
    """

    def __init__(self, world: World, tell: Callable[[Subscription, Event], None]) -> None:
        self._world, self._tell = world, tell
        self._subscriptions: dict[str, Subscription] = {}
        self._lock = threading.RLock()

    def add(self, account: Account, body: Mapping[str, Any], source: Source) -> Subscription:
        """Take a subscription that has been checked."""
        now = self._world.clock.now()
        made = Subscription(
            id=str(uuid.uuid4()), account=account, body=body, source=source, created=now, updated=now
        )  # fmt: skip
        with self._lock:
            self._subscriptions[made.id] = made
        return made

    def find(self, account: Account, subscription_id: str) -> Subscription | None:
        """Give a subscription as it stands now."""
        with self._lock:
            found = self._subscriptions.get(subscription_id.lower())
            if found is None or found.account.user != account.user:
                return None
            self.advance(found)
            return found

    def of(self, account: Account) -> list[Subscription]:
        """List an account's subscriptions, oldest first."""
        with self._lock:
            found = [one for one in self._subscriptions.values() if one.account.user == account.user]
            for one in found:
                self.advance(one)
            return found

    def results(self, subscription: Subscription) -> list[Result]:
        """List what can be seen of its results, oldest first."""
        now = self._world.clock.now()
        return [one for one in subscription.results if one.created <= now]

    def result_status(self, result: Result) -> tuple[str, dt.datetime]:
        """Say where a result stands, and since when."""
        clock = self._world.clock
        if result.ended is not None:
            return ("cancelled" if result.is_cancelled else "failed" if result.is_bad else "success"), result.ended
        since = result.created
        for word, seconds in (("processing", _PROCESSING_S), ("queued", _QUEUED_S)):
            if clock.now() - since >= clock.delay(seconds):
                return word, since + clock.delay(seconds)
        return "created", since

    # --- what users do ---

    def replace(self, subscription: Subscription, body: Mapping[str, Any], source: Source) -> None:
        """Put another request in place of a subscription's; one that was over goes on if it has more to deliver."""
        with self._lock:
            subscription.body, subscription.source = body, source
            subscription.updated = now = self._world.clock.now()
            if subscription.status is Status.COMPLETED and (source.end is None or source.end > now):
                self._move(subscription, Status.RUNNING, now)

    def cancel(self, subscription: Subscription) -> bool:
        """Cancel it with what is under way; says whether that was possible."""
        with self._lock:
            self.advance(subscription)
            if subscription.status not in {*_LIVE, Status.SUSPENDED}:
                return False
            now = self._world.clock.now()
            subscription.results = self.results(subscription)
            for result in subscription.results:
                if result.ended is None:
                    result.ended, result.is_cancelled = now, True
            self._move(subscription, Status.CANCELLED, now)
            return True

    def suspend(self, subscription: Subscription, details: str | None) -> bool:
        """Let it rest: what is under way is delivered, nothing new begun. Says whether that was possible."""
        with self._lock:
            self.advance(subscription)
            if subscription.status not in _LIVE:
                return False
            if subscription.backfill is not None:
                # What was not begun is found again once it goes on.
                begun = self.results(subscription)
                left = subscription.results[len(begun) :]
                if left:
                    subscription.seen_until = min(one.match.available for one in left) - dt.timedelta(microseconds=1)
                subscription.results = begun
            subscription.details = details
            self._move(subscription, Status.SUSPENDED, self._world.clock.now())
            return True

    def reactivate(self, subscription: Subscription) -> bool:
        """Let one that rests go on, beginning with what it missed; says whether it rested."""
        with self._lock:
            self.advance(subscription)
            if subscription.status is not Status.SUSPENDED:
                return False
            subscription.details = None
            now = self._world.clock.now()
            if subscription.backfill is None:
                subscription.status, subscription.updated = Status.PREPARING, now
            else:
                self._move(subscription, Status.RUNNING, now)
            return True

    # --- time ---

    def advance(self, subscription: Subscription) -> None:
        """Bring a subscription to where it is by now."""
        with self._lock:
            now, delay = self._world.clock.now(), self._world.clock.delay
            ready = subscription.created + delay(_READY_S)
            if subscription.status is Status.PREPARING and now >= ready:
                if subscription.has_directive("failed"):
                    self._move(subscription, Status.FAILED, ready)
                else:
                    waits = subscription.source.start > ready
                    self._move(subscription, Status.PENDING if waits else Status.RUNNING, ready)
            if subscription.status is Status.PENDING and now >= subscription.source.start:
                self._move(subscription, Status.RUNNING, subscription.source.start)
            if subscription.status is Status.RUNNING:
                self._match(subscription, now)
            for event in sorted(self._progress(subscription, now), key=lambda one: one.time):
                self._tell(subscription, event)
            end = subscription.source.end
            is_over = end is not None and now >= end + subscription.source.lag
            if subscription.status is Status.RUNNING and is_over and all(one.ended for one in subscription.results):
                last = max((one.ended for one in subscription.results if one.ended), default=now)
                self._move(subscription, Status.COMPLETED, min(last, now))

    def next_change(self, subscription: Subscription) -> dt.datetime | None:
        """Say when it is worth looking at next; None where nothing will change any more by itself."""
        delay = self._world.clock.delay
        times = [one.created + delay(_DONE_S) for one in subscription.results if one.ended is None]
        times += [one.created for one in subscription.results if not one.is_matched]
        if subscription.status is Status.PREPARING:
            times.append(subscription.created + delay(_READY_S))
        elif subscription.status in {Status.PENDING, Status.RUNNING}:
            times.append(self._world.clock.now() + dt.timedelta(seconds=_LOOK_S))
            if subscription.status is Status.PENDING:
                times.append(subscription.source.start)
        return min(times, default=None)

    def _match(self, subscription: Subscription, now: dt.datetime) -> None:
        """Take in what has become available: what was there before it began one by one, later things at once."""
        delay, begun = self._world.clock.delay, subscription.updated
        if subscription.status is Status.RUNNING and subscription.backfill is None:
            begun = max(subscription.created + delay(_READY_S), subscription.source.start)
        count, known = 0, {(one.match.item_type, one.match.item_id) for one in subscription.results}
        for match in subscription.source.matches(subscription.seen_until, now):
            if (match.item_type, match.item_id) in known:
                continue
            created = match.available if match.available > begun else begun + delay(_STEP_S) * count
            number = len(subscription.results)
            subscription.results.append(
                Result(
                    id=str(uuid.uuid5(uuid.UUID(subscription.id), f"{match.item_type}/{match.item_id}")),
                    match=match,
                    created=max(created, begun),
                    is_bad=subscription.has_directive("bad-results") and number % 2 == 1,
                )
            )
            count += match.available <= begun
        if subscription.backfill is None:
            subscription.backfill = count
        subscription.seen_until = now

    def _progress(self, subscription: Subscription, now: dt.datetime) -> Iterator[Event]:
        """Move results on; gives what there is to tell of it."""
        delay = self._world.clock.delay
        for result in subscription.results:
            if result.created > now or (result.is_matched and result.ended):
                continue
            if not result.is_matched:
                result.is_matched = True
                yield Event(topic="delivery.match", time=result.created, data={"result": result})
            if result.ended is None and now >= result.created + delay(_DONE_S):
                result.ended = result.created + delay(_DONE_S)
                topic = "delivery.failed" if result.is_bad else "delivery.success"
                yield Event(topic=topic, time=result.ended, data={"result": result})
        if subscription.backfill is not None and not subscription.is_backfilled:
            own = subscription.results[: subscription.backfill]
            if len(own) == subscription.backfill and all(one.ended for one in own):
                subscription.is_backfilled = True
                last = max((one.ended for one in own if one.ended), default=now)
                yield Event(topic="status.backfill.completed", time=last, data={"results": len(own)})

    def _move(self, subscription: Subscription, status: Status, when: dt.datetime) -> None:
        subscription.status, subscription.updated = status, when
        self._tell(subscription, Event(topic=f"status.{status.value}", time=when, data={"status": status.value}))

# SPDX-License-Identifier: Apache-2.0
"""Tasking requests: priced, approved, flown and delivered by the sandbox's clock."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Mapping
from typing import Any

from attrs import define, field

from swath.sandbox import World
from swath_capella.sandbox.access import Account, Call, Refusal, not_found, validation
from swath_capella.sandbox.collects import Collect, acquire
from swath_capella.sandbox.flown import collect_record
from swath_capella.sandbox.items import Holdings, Product, stamp
from swath_capella.sandbox.orders import Orders, dollars
from swath_capella.sandbox.rules import check_place, check_window, checked_constraints, words
from swath_capella.sandbox.settings import Settings

__all__ = ["CANCELLABLE", "Task", "Tasks", "parse_time"]

CANCELLABLE = frozenset({"received", "review", "submitted", "active", "accepted"})
_PRICES = {
    "urgent": 3000.0,
    "priority": 2000.0,
    "standard": 1000.0,
    "flexible": 600.0,
    "internal": 0.0,
    "routine": 800.0,
}
_MODES = {"spotlight": "SP", "stripmap": "SM", "sliding_spotlight": "SS", "parallel": "SM"}
_MESSAGES = {
    "received": "Stored", "review": "Priced, waiting for approval", "submitted": "Approved",
    "active": "Being attempted", "accepted": "Scheduled", "completed": "All collects are delivered",
    "rejected": "It cannot be acquired", "expired": "The window is over", "anomaly": "A collect has failed",
    "retrying": "Being tried again", "error": "A fault of the system", "canceled": "Canceled by the customer",
}  # fmt: skip


def parse_time(value: Any, path: str) -> dt.datetime:
    """Read a time of a body.

    Raises:
        Refusal: 400 if it is none.
    """
    try:
        time = dt.datetime.fromisoformat(str(value))
    except ValueError:
        raise validation("must be a date and time", path) from None
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


@define(kw_only=True)
class Task:
    """One tasking request."""

    id: str
    owner: Account
    made: dt.datetime
    geometry: dict[str, Any]
    properties: dict[str, Any]
    price: float
    contract: str
    steps: list[tuple[dt.datetime, str]] = field(factory=list)
    """When it comes into which state, oldest first; those of the future are plans."""
    transaction: str = ""
    repeat: str | None = None
    products: list[Product] = field(factory=list)
    collects: list[Collect] = field(factory=list)

    def passed(self, now: dt.datetime) -> list[tuple[dt.datetime, str]]:
        """Give the steps that it has gone, oldest first."""
        return [step for step in self.steps if step[0] <= now]

    def code(self, now: dt.datetime) -> str:
        """Say where it stands."""
        return self.passed(now)[-1][1]


class Tasks:
    """The tasking requests of all users."""

    def __init__(self, world: World, holdings: Holdings, orders: Orders, settings: Settings) -> None:
        self._world = world
        self._holdings = holdings
        self._orders = orders
        self._settings = settings
        self._tasks: dict[str, Task] = {}
        self.lock = threading.RLock()

    # --- creating ---------------------------------------------------------------------------------------------------

    def create(self, call: Call) -> dict[str, Any]:
        """Take a tasking request."""
        body = call.object()
        asked = body.get("properties")
        if body.get("type") != "Feature" or not isinstance(asked, dict):
            raise validation("the body must be a Feature with properties", "")
        if not asked.get("taskingrequestName"):
            raise validation("must not be empty", "properties.taskingrequestName")
        now = self._world.clock.now()
        start = parse_time(asked.get("windowOpen", stamp(now)), "properties.windowOpen")
        end = parse_time(asked.get("windowClose", stamp(start + dt.timedelta(days=7))), "properties.windowClose")
        tier = str(asked.get("collectionTier", "standard"))
        check_window(start, end, tier)
        check_place(body.get("geometry"))
        return self.written(self.add(call.user, body["geometry"], asked, start, end, contract=_contract(body)))

    def add(
        self,
        owner: Account,
        geometry: dict[str, Any],
        asked: Mapping[str, Any],
        start: dt.datetime,
        end: dt.datetime,
        *,
        contract: str,
        repeat: str | None = None,
    ) -> Task:
        """Keep a request, and plan its way."""
        now = self._world.clock.now()
        kind = words(asked, "collectionType", "spotlight")
        constraints = checked_constraints(asked.get("collectConstraints") or {}, geometry, kind)
        approved = bool(asked.get("preApproval", asked.get("pre_approval", False))) or repeat is not None
        with self.lock:
            number = len(self._tasks)
            task = Task(
                id=str(uuid.UUID(int=self._world.rng("task", number, owner.user).getrandbits(128), version=4)),
                owner=owner,
                made=now,
                geometry=geometry,
                contract=contract,
                repeat=repeat,
                price=_PRICES.get(str(asked.get("collectionTier", "standard")), 1000.0),
                properties={
                    "taskingrequestName": asked.get("taskingrequestName", ""),
                    "taskingrequestDescription": asked.get("taskingrequestDescription", ""),
                    "windowOpen": stamp(start),
                    "windowClose": stamp(end),
                    "windowDuration": int((end - start).total_seconds()),
                    "collectionTier": asked.get("collectionTier", "standard"),
                    "collectionType": kind,
                    "type": next((mode for mode in ("stripmap", "sliding_spotlight") if mode in kind), "spotlight"),
                    "archiveHoldback": asked.get("archiveHoldback", "none"),
                    "customAttribute1": asked.get("customAttribute1"),
                    "customAttribute2": asked.get("customAttribute2"),
                    "processingConfig": asked.get("processingConfig"),
                    "preApproval": approved,
                    "collectConstraints": constraints,
                },
            )
            task.steps = [(now, "received")]
            priced = now + self._world.clock.delay(self._settings.review_s)
            if approved:
                self._go_ahead(task, priced)
            else:
                task.steps.append((priced, "review"))
            self._tasks[task.id] = task
        return task

    def _go_ahead(self, task: Task, start: dt.datetime) -> None:
        """Plan what happens once it is approved."""
        self._orders.spend(task.owner, task.price)
        end = self._settings.task_end
        step = self._world.clock.delay(self._settings.step_s)
        ways = {
            "completed": ["submitted", "active", "accepted", "completed"],
            "anomaly": ["submitted", "active", "accepted", "anomaly", "retrying", "accepted", "completed"],
            "rejected": ["submitted", "rejected"],
            "expired": ["submitted", "active", "expired"],
            "error": ["submitted", "error"],
        }
        task.steps += [(start + step * number, code) for number, code in enumerate(ways.get(end, ways["completed"]))]
        task.transaction = "in-progress"
        if task.steps[-1][1] == "completed":
            self._acquire(task, task.steps[-1][0])

    def _acquire(self, task: Task, when: dt.datetime) -> None:
        """Make what the task will have given when it is done."""
        point = _middle(task.geometry)
        wanted = (task.properties.get("processingConfig") or {}).get("productTypes") or []
        kinds = list(
            dict.fromkeys(["SLC", "GEO", *(one for one in wanted if one in {"GEC", "SICD", "SIDD", "CPHD", "CSI"})])
        )
        constraints = task.properties["collectConstraints"]
        low, high = constraints.get("offNadirMin", 25), constraints.get("offNadirMax", 40)
        collect = acquire(
            self._world.rng("collect", task.id),
            site="task",
            number=1,
            middle=when - self._world.clock.delay(60.0) - dt.timedelta(seconds=1),
            place=point,
            kinds=kinds,
            mode=_MODES[task.properties["type"]],
            polarisation=constraints.get("polarization"),
            look_angle=(low + high) / 2,
            ascending=None if constraints.get("ascDsc", "either") == "either" else constraints["ascDsc"] == "ascending",
            right=None
            if constraints.get("lookDirection", "either") == "either"
            else constraints["lookDirection"] == "right",
            task=task.id,
        )
        task.collects = [collect]
        task.products = self._holdings.add(collect, kinds, when)
        self._orders.grant(task.owner.organisation, task.products)

    # --- looking ----------------------------------------------------------------------------------------------------

    def find(self, name: str, account: Account) -> Task:
        """Give a task.

        Raises:
            Refusal: 404 for one that the caller's organisation does not have.
        """
        with self.lock:
            found = self._tasks.get(name)
        if found is None or found.owner.organisation != account.organisation:
            raise not_found("Tasking request", name)
        return found

    def all(self) -> list[Task]:
        """Give all tasks, newest first."""
        with self.lock:
            return sorted(self._tasks.values(), key=lambda one: one.made, reverse=True)

    def get(self, call: Call) -> dict[str, Any]:
        """Show one."""
        return self.written(self.find(call.path["task"], call.user))

    def written(self, task: Task) -> dict[str, Any]:
        """Write a record."""
        now = self._world.clock.now()
        passed = task.passed(now)
        priced = any(code != "received" for _, code in passed)
        transaction = task.transaction or ("pending-customer-approval" if priced else "")
        order: dict[str, Any] = {"managedOrganizationIds": ["*"], "archiveHoldback": task.properties["archiveHoldback"]}
        if priced:
            total = dollars(task.price)
            order["summary"] = {"total": total, "subtotal": total}
            order["lineItems"] = [{"taskId": task.id, "accountingSize": {"unit": "sqkm", "value": 25}}]
        return {
            "type": "Feature",
            "geometry": task.geometry,
            "properties": {
                "taskingrequestId": task.id,
                "userId": task.owner.user,
                "orgId": task.owner.organisation,
                "organizationName": task.owner.organisation_name,
                "userName": task.owner.email.split("@")[0].title(),
                "repeatrequestId": task.repeat,
                "submissionTime": stamp(task.made),
                "contractId": task.contract,
                "transactionStatus": transaction,
                "billingEnvironment": "default",
                "sandbox": False,
                **task.properties,
                "statusHistory": [
                    {"time": stamp(time), "code": code, "message": _MESSAGES[code]} for time, code in reversed(passed)
                ],
                "order": order,
            },
        }

    def collects(self, call: Call) -> list[dict[str, Any]]:
        """List what is planned or flown for a task."""
        task = self.find(call.path["task"], call.user)
        now = self._world.clock.now()
        if task.code(now) not in {"active", "accepted", "completed", "anomaly", "retrying"}:
            return []
        return [collect_record(task, one, done=task.code(now) == "completed") for one in task.collects]

    def collect(self, name: str, account: Account) -> tuple[Task, Collect]:
        """Find one acquisition.

        Raises:
            Refusal: 404 for one that the caller's organisation does not have.
        """
        for task in self.all():
            for one in task.collects:
                if one.id == name and task.owner.organisation == account.organisation:
                    return task, one
        raise not_found("Collect", name)

    # --- changing ---------------------------------------------------------------------------------------------------

    def update(self, call: Call) -> dict[str, Any]:
        """Change names, attributes and product types."""
        task = self.find(call.path["task"], call.user)
        if task.code(self._world.clock.now()) not in CANCELLABLE:
            raise Refusal(400, "Unable to update tasking request", "UNABLE_TO_UPDATE_TASKING_REQUEST")
        wanted = call.object().get("properties") or {}
        names = {
            "taskingrequestName",
            "taskingrequestDescription",
            "customAttribute1",
            "customAttribute2",
            "processingConfig",
        }
        with self.lock:
            task.properties.update({name: value for name, value in wanted.items() if name in names})
        return self.written(task)

    def change_status(self, call: Call) -> dict[str, Any]:
        """Cancel, approve or reject."""
        task = self.find(call.path["task"], call.user)
        body = call.object()
        word = str(body.get("status", body.get("code", ""))).replace("cancelled", "canceled")
        now = self._world.clock.now()
        with self.lock:
            code = task.code(now)
            if word in {"approved", "rejected"}:
                if code != "review":
                    raise Refusal(400, "Transaction is finalized", "UNABLE_TO_UPDATE_FINALIZED_TRANSACTION")
                task.steps = task.passed(now)
                if word == "approved":
                    if task.price > self._orders.left(task.owner):
                        raise Refusal(400, "Commitment exceeded", "AUTHORIZATION_INSUFFICIENT_FUNDS")
                    self._go_ahead(task, now)
                else:
                    task.steps.append((now, "rejected"))
                    task.transaction = "customer-rejected"
            elif word == "canceled":
                self.cancel(task)
            else:
                raise validation("must be canceled, approved or rejected", "status")
        return {"success": True}

    def cancel(self, task: Task) -> None:
        """Drop a task that is not finished.

        Raises:
            Refusal: 400 where it is.
        """
        now = self._world.clock.now()
        if task.code(now) not in CANCELLABLE:
            raise Refusal(400, "Transaction is finalized", "UNABLE_TO_UPDATE_FINALIZED_TRANSACTION")
        task.steps = [*task.passed(now), (now, "canceled")]
        task.transaction = "customer-cancelled"

    def order(self, call: Call) -> dict[str, Any]:
        """Make an order of what a task has given."""
        task = self.find(call.path["task"], call.user)
        if task.code(self._world.clock.now()) != "completed":
            raise Refusal(409, "The task is not complete", "TASK_NOT_COMPLETE")
        return self._orders.of_products(call.user, task.products)


def _contract(body: Mapping[str, Any]) -> str:
    contract = body.get("contractId")
    if contract is not None and not str(contract).startswith("ct-"):
        raise Refusal(400, "No such contract", "CONTRACT_NOT_FOUND")
    return str(contract or "ct-default")


def _middle(geometry: Mapping[str, Any]) -> tuple[float, float]:
    if geometry["type"] == "Point":
        longitude, latitude = geometry["coordinates"][:2]
        return float(longitude), float(latitude)
    ring = geometry["coordinates"][0]
    return sum(x for x, *_ in ring[:-1]) / (len(ring) - 1), sum(point[1] for point in ring[:-1]) / (len(ring) - 1)

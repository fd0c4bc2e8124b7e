# SPDX-License-Identifier: Apache-2.0
"""Repeat requests: tasks again and again, ahead of time, also for interferometry."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Mapping
from typing import Any

from attrs import define, field

from swath.sandbox import World
from swath_capella.sandbox.access import Account, Call, Refusal, not_found, validation
from swath_capella.sandbox.items import stamp
from swath_capella.sandbox.orders import dollars
from swath_capella.sandbox.rules import check_place, checked_constraints, words
from swath_capella.sandbox.settings import Settings
from swath_capella.sandbox.tasks import CANCELLABLE, Tasks, parse_time

__all__ = ["Repeat", "Repeats"]

_TIERS = frozenset({"flexible", "routine", "internal", "insar", "insar-internal"})
_ORBITS = {"MIO_53_2P95": 2.95, "SSO_97_7P00": 7.0}
_INSAR_TYPES = frozenset({"stripmap_20", "stripmap_50", "stripmap_100", "spotlight"})


@define(kw_only=True)
class Repeat:
    """One repeat request."""

    id: str
    owner: Account
    made: dt.datetime
    geometry: dict[str, Any]
    properties: dict[str, Any]
    history: list[tuple[dt.datetime, str, str]] = field(factory=list)
    """Time, code and message, newest first."""

    @property
    def code(self) -> str:
        """Where it stands."""
        return self.history[0][1]


class Repeats:
    """The repeat requests of all users."""

    def __init__(self, world: World, tasks: Tasks, settings: Settings) -> None:
        self._world = world
        self._tasks = tasks
        self._settings = settings
        self._repeats: dict[str, Repeat] = {}
        self._lock = threading.RLock()

    def create(self, call: Call) -> dict[str, Any]:
        """Take a repeat request and spawn its first tasks."""
        body = call.object()
        asked = body.get("properties")
        if body.get("type") != "Feature" or not isinstance(asked, dict):
            raise validation("the body must be a Feature with properties", "")
        if not asked.get("repeatrequestName"):
            raise validation("must not be empty", "properties.repeatrequestName")
        check_place(body.get("geometry"), point_only=True)
        tier = str(asked.get("collectionTier", "routine"))
        if tier not in _TIERS:
            raise validation(f"must be one of {', '.join(sorted(_TIERS))}", "properties.collectionTier")
        _check_insar(asked, tier)
        repetition = _repetition(asked.get("repetitionProperties") or {}, self._world.clock.now())
        contract = body.get("contractId")
        if contract is not None and not str(contract).startswith("ct-"):
            raise Refusal(400, "No such contract", "CONTRACT_NOT_FOUND")
        kind = words(asked, "collectionType", "spotlight")
        now = self._world.clock.now()
        with self._lock:
            repeat = Repeat(
                id=str(uuid.UUID(int=self._world.rng("repeat", len(self._repeats)).getrandbits(128), version=4)),
                owner=call.user,
                made=now,
                geometry=body["geometry"],
                properties={
                    "repeatrequestName": asked["repeatrequestName"],
                    "repeatrequestDescription": asked.get("repeatrequestDescription", ""),
                    "collectionTier": tier,
                    "collectionType": kind,
                    "type": "stripmap" if "stripmap" in str(asked.get("collectionType")) else "spotlight",
                    "archiveHoldback": asked.get("archiveHoldback", "none"),
                    "customAttribute1": asked.get("customAttribute1"),
                    "customAttribute2": asked.get("customAttribute2"),
                    "processingConfig": asked.get("processingConfig"),
                    "windowDuration": asked.get("windowDuration", 86_400),
                    "contractId": contract or "ct-default",
                    "insar": asked.get("insar"),
                    "collectConstraints": checked_constraints(
                        asked.get("collectConstraints") or {}, body["geometry"], kind
                    ),
                    "repetitionProperties": repetition,
                },
                history=[(now, "submitted", "Being repeated"), (now, "received", "Stored")],
            )
            self._repeats[repeat.id] = repeat
        self._spawn(repeat)
        return self.written(repeat)

    def _spawn(self, repeat: Repeat) -> None:
        rule = repeat.properties["repetitionProperties"]
        start = parse_time(rule["repeatStart"], "repeatStart")
        end = None if rule["repeatEnd"] is None else parse_time(rule["repeatEnd"], "repeatEnd")
        most = min(self._settings.repeat_lead, rule["repetitionCount"] or self._settings.repeat_lead)
        for number in range(most):
            opens = start + dt.timedelta(days=rule["repetitionInterval"] * number)
            if end is not None and opens > end:
                break
            asked = {
                **{key: value for key, value in repeat.properties.items() if key in _SHARED},
                "taskingrequestName": f"{repeat.properties['repeatrequestName']} {number + 1}",
                "collectionTier": "standard",
            }
            closes = opens + dt.timedelta(seconds=repeat.properties["windowDuration"])
            self._tasks.add(
                repeat.owner, repeat.geometry, asked, opens, closes,
                contract=repeat.properties["contractId"], repeat=repeat.id,
            )  # fmt: skip

    def find(self, call: Call) -> Repeat:
        """Give a repeat request.

        Raises:
            Refusal: 404 for one that the caller's organisation does not have.
        """
        name = call.path["repeat"]
        with self._lock:
            found = self._repeats.get(name)
        if found is None or found.owner.organisation != call.user.organisation:
            raise not_found("Repeat request", name)
        return found

    def all(self) -> list[Repeat]:
        """Give all repeat requests, newest first."""
        with self._lock:
            return sorted(self._repeats.values(), key=lambda one: one.made, reverse=True)

    def get(self, call: Call) -> dict[str, Any]:
        """Show one."""
        return self.written(self.find(call))

    def written(self, repeat: Repeat) -> dict[str, Any]:
        """Write a record."""
        return {
            "type": "Feature",
            "geometry": repeat.geometry,
            "properties": {
                "repeatrequestId": repeat.id,
                "orgId": repeat.owner.organisation,
                "userId": repeat.owner.user,
                "userName": repeat.owner.email.split("@")[0].title(),
                "organizationName": repeat.owner.organisation_name,
                "submissionTime": stamp(repeat.made),
                "billingEnvironment": "default",
                "parentRepeatrequest": None,
                "sandbox": False,
                "costPerImageEstimate": dollars(3000.0 if repeat.properties["collectionTier"] == "insar" else 800.0),
                **repeat.properties,
                "statusHistory": [
                    {"time": stamp(time), "code": code, "message": message} for time, code, message in repeat.history
                ],
            },
        }

    def update(self, call: Call) -> dict[str, Any]:
        """Change names, attributes and product types."""
        repeat = self.find(call)
        if repeat.code not in CANCELLABLE:
            raise Refusal(400, "Unable to update repeat request", "UNABLE_TO_UPDATE_REPEAT_REQUEST")
        wanted = call.object().get("properties") or {}
        names = {
            "repeatrequestName",
            "repeatrequestDescription",
            "customAttribute1",
            "customAttribute2",
            "processingConfig",
        }
        with self._lock:
            repeat.properties.update({name: value for name, value in wanted.items() if name in names})
        return self.written(repeat)

    def change_status(self, call: Call) -> dict[str, Any]:
        """Cancel it and what it has spawned; both spellings and both members."""
        repeat = self.find(call)
        body = call.object()
        word = str(body.get("code", body.get("status", ""))).replace("cancelled", "canceled")
        if word not in {"canceled", "submitted"}:
            raise validation("must be canceled or submitted", "code")
        with self._lock:
            if repeat.code not in CANCELLABLE:
                raise Refusal(400, "Transaction is finalized", "UNABLE_TO_UPDATE_FINALIZED_TRANSACTION")
            if word == "canceled":
                repeat.history.insert(0, (self._world.clock.now(), "canceled", "Canceled by the customer"))
        if word == "canceled":
            now = self._world.clock.now()
            with self._tasks.lock:
                for task in self._tasks.all():
                    if task.repeat == repeat.id and task.code(now) in CANCELLABLE:
                        self._tasks.cancel(task)
        return {"success": True}


_SHARED = frozenset(
    {"collectionType", "archiveHoldback", "customAttribute1", "customAttribute2", "processingConfig"}
) | {"collectConstraints"}


def _repetition(asked: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
    start = parse_time(asked.get("repeatStart", stamp(now)), "properties.repetitionProperties.repeatStart")
    end = asked.get("repeatEnd")
    count = asked.get("repetitionCount")
    interval = asked.get("repetitionInterval", 7)
    if end is not None and count is not None:
        raise validation("repeatEnd and repetitionCount exclude each other", "properties.repetitionProperties")
    if not isinstance(interval, int) or interval < 1:
        raise validation("must be a whole number of days", "properties.repetitionProperties.repetitionInterval")
    if not 0 <= (asked.get("lookAngleTolerance") or 0) <= 10:
        raise validation("must be 0 to 10 degrees", "properties.repetitionProperties.lookAngleTolerance")
    if end is not None and parse_time(end, "properties.repetitionProperties.repeatEnd") <= start:
        raise validation("repeatEnd must be after repeatStart", "properties.repetitionProperties.repeatEnd")
    return {
        "repeatStart": stamp(start),
        "repeatEnd": None if end is None else stamp(parse_time(end, "repeatEnd")),
        "repetitionInterval": interval,
        "repetitionCount": count,
        "maintainSceneFraming": asked.get("maintainSceneFraming"),
        "lookAngleTolerance": asked.get("lookAngleTolerance"),
        "azimuthAngleTolerance": asked.get("azimuthAngleTolerance"),
    }


def _check_insar(asked: Mapping[str, Any], tier: str) -> None:
    orbit = (asked.get("insar") or {}).get("orbit")
    if tier.startswith("insar") != (orbit is not None):
        raise validation("tier insar and an orbit belong together", "properties.insar.orbit")
    if orbit is None:
        return
    if orbit not in _ORBITS:
        raise validation(f"must be one of {', '.join(_ORBITS)}", "properties.insar.orbit")
    if asked.get("collectionType", "spotlight") not in _INSAR_TYPES:
        raise validation(f"must be one of {', '.join(sorted(_INSAR_TYPES))}", "properties.collectionType")
    if (asked.get("collectConstraints") or {}).get("squint", "disabled") != "disabled":
        raise validation("squint must be disabled", "properties.collectConstraints.squint")
    if "SLC" not in ((asked.get("processingConfig") or {}).get("productTypes") or ["SLC"]):
        raise validation("product types must include SLC", "properties.processingConfig.productTypes")

# SPDX-License-Identifier: Apache-2.0
"""Subscriptions: from the request through the arrival of chunks to the end, by the sandbox's clock."""

from __future__ import annotations

import datetime as dt
import math
import threading
from typing import Any

from attrs import define, field

from swath.sandbox import World
from swath_cecil.sandbox.access import Call, Organisation, Refusal, conflict, moment, not_found
from swath_cecil.sandbox.areas import Area, Areas
from swath_cecil.sandbox.catalogue import DATASETS, Dataset, Publications
from swath_cecil.sandbox.deliveries import Chunk, Deliveries, chunks_at, plan
from swath_cecil.sandbox.people import made_id
from swath_cecil.sandbox.settings import Settings
from swath_cecil.sandbox.webhooks import Webhooks

__all__ = ["Subscription", "Subscriptions"]

_GRACE = dt.timedelta(days=30)
_ENDED = frozenset({"completed", "partial", "failed"})


@define(kw_only=True, eq=False)
class Subscription:
    """One area, one dataset."""

    id: str
    organisation: Organisation = field(repr=False)
    area: Area
    dataset: Dataset
    external_ref: str | None
    publication: str
    created_at: dt.datetime
    created_by: str
    end: str
    """How it will end."""
    message: str | None
    """What it will say then."""
    due: dt.datetime
    """When its next step is."""
    todo: list[Chunk] = field(factory=list, repr=False)
    delivered: list[Chunk] = field(factory=list, repr=False)
    status: str = "pending"
    status_message: str | None = None
    archived_at: dt.datetime | None = None
    archived_by: str | None = None
    is_held: bool = False
    """Whether it was put into a state in which it stays, whatever the clock says."""
    is_gone: bool = False
    """Whether its data were deleted for good."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing comes by itself any more."""
        return self.status in _ENDED


class Subscriptions:
    """All subscriptions. Any thread may use it."""

    def __init__(
        self,
        world: World,
        settings: Settings,
        *,
        areas: Areas,
        publications: Publications,
        deliveries: Deliveries,
        webhooks: Webhooks,
    ) -> None:
        self._world, self._settings = world, settings
        self._areas, self._publications, self._deliveries, self._webhooks = areas, publications, deliveries, webhooks
        self._all: dict[str, Subscription] = {}
        self._lock = threading.RLock()
        webhooks.on_first = self._watch_all

    # --- what clients ask -------------------------------------------------------------------------------------------

    def create(self, call: Call) -> dict[str, Any]:
        """Make one."""
        area = self._areas.find(call.uuid("aoi_id"), call.organisation)
        name = call.uuid("dataset_id")
        dataset = DATASETS.get(name)
        if dataset is None:
            raise not_found("Dataset", name)
        duplicate = call.object().get("allow_duplicate", False)
        if not isinstance(duplicate, bool):
            raise call.invalid("allow_duplicate", "must be true or false")
        reference = call.text_or_none("external_ref")
        with self._lock:
            self._check(call, area, dataset, allow_duplicate=duplicate)
            now = self._world.clock.now()
            made = Subscription(
                id=made_id(self._world, "subscription", len(self._all)), organisation=call.organisation, area=area,
                dataset=dataset, external_ref=reference, publication=self._publications.newest(dataset.id),
                created_at=now, created_by=call.user, end=self._settings.end, message=self._settings.message,
                due=now + self._world.clock.delay(self._settings.first_s),
                todo=plan(dataset, now, self._settings.steps),
            )  # fmt: skip
            if made.end == "failed":
                made.todo = []
            elif made.end == "partial":
                made.todo = made.todo[: max(1, math.ceil(len(made.todo) / 2) - (len(made.todo) == 1))]
            self._all[made.id] = made
            told = self.written(made, call)
        self._watch(made)
        return told

    def listed(self, call: Call) -> dict[str, Any]:
        """List the caller's that are active, or those that are archived."""
        found = [one for one in self.of(call.organisation) if (one.archived_at is not None) == call.archived]
        return {"records": [self.written(one, call) for one in found]}

    def get(self, call: Call) -> dict[str, Any]:
        """Show one."""
        return self.written(self.find(call.id(), call.organisation), call)

    def archive(self, call: Call) -> None:
        """Archive one; a second time changes nothing."""
        found = self.find(call.id(), call.organisation)
        if found.archived_at is None:
            found.archived_at, found.archived_by = self._world.clock.now(), call.user

    def restore(self, call: Call) -> None:
        """Bring one back, within thirty days."""
        found = self.find(call.id(), call.organisation)
        if found.archived_at is None:
            raise conflict(f"The subscription {found.id} is not archived.")
        if found.is_gone:
            raise conflict(f"The data of subscription {found.id} were deleted 30 days after it was archived.")
        found.archived_at = found.archived_by = None

    def written(self, one: Subscription, call: Call) -> dict[str, Any]:
        """Give one as the service does."""
        told: dict[str, Any] = {
            "id": one.id,
            "aoi_id": one.area.id,
            "dataset_id": one.dataset.id,
            "external_ref": "" if call.is_old and one.external_ref is None else one.external_ref,
        }
        if self._settings.tells_status:
            told |= {
                "dataset_publication": one.publication,
                "dataset_current_publication": self._publications.newest(one.dataset.id),
                "status": one.status,
                "status_message": one.status_message,
            }
        return told | {
            "created_at": moment(one.created_at),
            "created_by": one.created_by,
            "archived_at": moment(one.archived_at),
            "archived_by": one.archived_by,
        }

    def of(self, organisation: Organisation | None) -> list[Subscription]:
        """Give all of an organisation (or all), oldest first, as they are now."""
        with self._lock:
            found = [one for one in self._all.values() if organisation in {None, one.organisation}]
            for one in found:
                self._catch_up(one)
            return found

    def find(self, name: str, organisation: Organisation | None) -> Subscription:
        """Give one as it is now.

        Raises:
            Refusal: 404 if there is none of that id.
        """
        with self._lock:
            found = self._all.get(name)
            if found is None or organisation not in {None, found.organisation}:
                raise not_found("Subscription", name)
            self._catch_up(found)
            return found

    def usage(self, call: Call) -> dict[str, Any]:
        """Tell what an organisation has used, in all and in this calendar month."""
        mine, areas = self.of(call.organisation), self._areas.of(call.organisation)
        active = [one for one in mine if one.archived_at is None]
        start = self._month()
        monthly = [one for one in mine if one.created_at >= start]
        told: dict[str, Any] = {
            "num_subscriptions": len(active),
            "monthly_subscriptions": len(monthly),
            "num_aois": sum(1 for one in areas if one.archived_at is None),
            "monthly_aois": sum(1 for one in areas if one.created_at >= start),
            "total_area_ha": sum(one.area.hectares for one in active),
            "monthly_area_ha": sum(one.area.hectares for one in monthly),
            "monthly_subscription_limit": float(call.organisation.monthly_limit_ha),
        }
        if not call.organisation.is_verified:
            told["max_subscriptions"] = call.organisation.max_subscriptions
            told["max_total_area_ha"] = call.organisation.max_total_area_ha
        return told

    # --- what the sandbox's user asks -------------------------------------------------------------------------------

    def deliver(self, one: Subscription) -> None:
        """Bring the next chunk now; where all are here, those of a further time step."""
        with self._lock:
            if not one.todo and one.dataset.times:
                last = max((chunk.time for chunk in one.delivered if chunk.time is not None), default=None)
                later = [time for time in one.dataset.times if last is None or time > last]
                following = later[0] if later else (last or one.created_at) + dt.timedelta(days=365)
                one.todo = chunks_at(one.dataset, following)
            if one.todo:
                self._bring(one)

    def finish(self, one: Subscription, status: str, message: str | None) -> None:
        """End one now, or put it into another state and keep it there."""
        with self._lock:
            one.is_held = status not in _ENDED
            one.todo = one.todo if status not in _ENDED else []
            one.status, one.status_message = status, message
            if status in _ENDED:
                self._tell_end(one)

    # --- by the clock -----------------------------------------------------------------------------------------------

    def _catch_up(self, one: Subscription) -> None:
        now = self._world.clock.now()
        while not one.has_ended and not one.is_held and now >= one.due:
            if one.todo:
                self._bring(one)
                one.due += self._world.clock.delay(self._settings.chunk_s)
            else:
                one.status = one.end
                one.status_message = None if one.end == "completed" else one.message
                self._tell_end(one)
        if one.archived_at is not None and not one.is_gone and now >= one.archived_at + _GRACE:
            one.is_gone = True
            self._deliveries.delete(one.id)

    def _bring(self, one: Subscription) -> None:
        chunk = one.todo.pop(0)
        if not one.is_gone:
            self._deliveries.deliver(one.dataset, one.id, one.area.geometry, chunk)
        one.delivered.append(chunk)
        if not one.has_ended:
            one.status = "processing"
        time = None if chunk.time is None else f"{chunk.time:%Y-%m-%dT%H:%M:%SZ}"
        for variable in chunk.variables:
            self._tell(one, "subscription.delivered", time=time, variable=variable)

    def _tell_end(self, one: Subscription) -> None:
        if one.status == "failed":
            self._tell(one, "subscription.failed", error_message=one.status_message or "")
        elif one.status == "completed":
            self._tell(one, "subscription.completed")

    def _tell(self, one: Subscription, event: str, **more: Any) -> None:
        payload = {
            "aoi_id": one.area.id,
            "subscription_id": one.id,
            "dataset_id": one.dataset.id,
            "dataset_type": "raster" if one.dataset.is_raster else "vector",
        }
        self._webhooks.tell(one.organisation, event, payload | more)

    def _watch_all(self) -> None:
        for one in self.of(None):
            self._watch(one)

    def _watch(self, one: Subscription) -> None:
        """Have it go on by itself while somebody listens; otherwise it does when it is looked at."""
        with self._lock:
            if one.has_ended or one.is_held or not self._webhooks.any(one.organisation):
                return
            due = one.due

        def step() -> None:
            with self._lock:
                self._catch_up(one)
            self._watch(one)

        self._world.hooks.at(due, "cecil", step)

    # --- what stands in the way -------------------------------------------------------------------------------------

    def _check(self, call: Call, area: Area, dataset: Dataset, *, allow_duplicate: bool) -> None:
        if area.archived_at is not None:
            raise conflict(f"The AOI {area.id} is archived: restore it first.")
        limits = dataset.constraints
        if limits.get("organisation_verified_only") and not call.organisation.is_verified:
            raise Refusal(403, f"{dataset.name} is for verified organisations only")
        reason = _unfit(area, limits)
        if reason is not None:
            raise call.invalid("aoi_id", reason)
        mine = self.of(call.organisation)
        active = [one for one in mine if one.archived_at is None]
        same = [one for one in active if one.area is area and one.dataset is dataset and one.status != "failed"]
        if same and not allow_duplicate:
            raise conflict(
                f"An active subscription {same[0].id} for {dataset.name} and this AOI exists since "
                f"{same[0].created_at:%Y-%m-%d}. Reuse it or send allow_duplicate."
            )
        organisation = call.organisation
        most, total = organisation.max_subscriptions, organisation.max_total_area_ha
        if most is not None and len(active) >= most:
            raise Refusal(403, f"An organisation that is not verified has {most} subscriptions at most")
        if total is not None and sum(one.area.hectares for one in active) + area.hectares > total:
            raise Refusal(403, f"An organisation that is not verified subscribes to {total:g} ha at most")
        monthly = sum(one.area.hectares for one in mine if one.created_at >= self._month())
        if monthly + area.hectares > organisation.monthly_limit_ha:
            raise Refusal(429, f"The monthly limit of {organisation.monthly_limit_ha} ha is reached")

    def _month(self) -> dt.datetime:
        return self._world.clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _unfit(area: Area, limits: dict[str, Any]) -> str | None:
    """Say why a dataset does not take an area; None where it does."""
    south, north = area.latitudes
    kinds = limits.get("aoi_geometry_types")
    checks = (
        (area.hectares < limits.get("aoi_min_hectares", 0), f"is smaller than {limits.get('aoi_min_hectares')} ha"),
        (
            area.hectares > limits.get("aoi_max_hectares", math.inf),
            f"is larger than {limits.get('aoi_max_hectares')} ha",
        ),
        (
            area.vertices > limits.get("aoi_max_vertices", math.inf),
            f"has more than {limits.get('aoi_max_vertices')} vertices",
        ),
        (south < limits.get("aoi_min_latitude", -90), f"reaches south of latitude {limits.get('aoi_min_latitude')}"),
        (north > limits.get("aoi_max_latitude", 90), f"reaches north of latitude {limits.get('aoi_max_latitude')}"),
        (kinds is not None and area.geometry["type"] not in kinds, f"is no {' or '.join(kinds or ())}"),
    )
    return next((reason for is_broken, reason in checks if is_broken), None)

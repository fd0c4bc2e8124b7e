# SPDX-License-Identifier: Apache-2.0
"""Searches for tasking and repeat requests: scope, operators, pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from swath_capella.sandbox.access import Account, Call, Refusal, validation

__all__ = ["find_requests"]

_MOST = 500
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda held, value: bool(held == value),
    "in": lambda held, value: held in (value if isinstance(value, list) else [value]),
    "gt": lambda held, value: held > value,
    "gte": lambda held, value: held >= value,
    "lt": lambda held, value: held < value,
    "lte": lambda held, value: held <= value,
    "neq": lambda held, value: bool(held != value),
    "startsWith": lambda held, value: str(held).startswith(str(value)),
    "endsWith": lambda held, value: str(held).endswith(str(value)),
    "contains": lambda held, value: str(value) in str(held),
}
_IDS = {"taskingrequestIds": "taskingrequestId", "repeatrequestIds": "repeatrequestId", "organizationIds": "orgId"}
_TIMES = frozenset({"windowOpen", "windowClose", "submissionTime", "lastStatusTime", "repeatStart", "repeatEnd"})


def find_requests(call: Call, records: list[dict[str, Any]]) -> dict[str, Any]:
    """Answer a search.

    Args:
        call: The request; its body has ``query`` or ``filter``.
        records: All of the service's, as they are written, newest first.
    """
    body = call.object()
    wanted = body.get("query", body.get("filter")) or {}
    if not isinstance(wanted, Mapping):
        raise validation("query must be an object", "query")
    account = call.user
    _check_scope(account, wanted)
    found = [one for one in records if _visible(one, account) and _matches(one["properties"], wanted)]
    field = str(body.get("sort", "submissionTime")).removeprefix("properties.")
    found.sort(key=lambda one: str(_value(one["properties"], field)), reverse=body.get("order", "desc") != "asc")
    limit = min(int(call.query.get("limit") or body.get("limit") or 250), _MOST)
    page = int(call.query.get("page") or body.get("page") or 1)
    pages = max(1, -(-len(found) // limit))
    return {"results": found[(page - 1) * limit : page * limit], "currentPage": page, "totalPages": pages}


def _check_scope(account: Account, wanted: Mapping[str, Any]) -> None:
    organisations = wanted.get("organizationIds")
    values = organisations.get("eq") if isinstance(organisations, Mapping) else organisations
    asked = {values} if isinstance(values, str) else set(values or ())
    if "admin" in account.roles:
        return
    if asked - {account.organisation} or (asked and "organization-manager" not in account.roles):
        raise _Gateway("User is not authorized to perform: tasks:search")


class _Gateway(Refusal):
    """A refusal as the gateway writes it, with a capital."""

    def __init__(self, message: str) -> None:
        super().__init__(403, message)

    def body(self) -> dict[str, Any]:
        return {"Message": self.message}


def _visible(record: Mapping[str, Any], account: Account) -> bool:
    properties = record["properties"]
    if "organization-manager" in account.roles:
        return bool(properties["orgId"] == account.organisation)
    return bool(properties["userId"] == account.user)


def _matches(properties: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    for name, condition in wanted.items():
        if name == "includeRepeatingTasks":
            included = condition.get("eq") if isinstance(condition, Mapping) else condition
            if not included and properties.get("repeatrequestId") and "taskingrequestId" in properties:
                return False
            continue
        held = _value(properties, _IDS.get(name, name))
        if isinstance(condition, Mapping):
            conditions = condition
        else:
            conditions = {"in" if isinstance(condition, list) else "eq": condition}
        for operator, value in conditions.items():
            if operator not in _OPERATORS:
                raise validation(f"unknown operator {operator!r}", f"query.{name}")
            if held is None or not _compares(name, held, operator, value):
                return False
    return True


def _compares(name: str, held: Any, operator: str, value: Any) -> bool:
    if name.rpartition(".")[2] in _TIMES:
        if isinstance(value, str) and "/" in value:
            first, _, last = value.partition("/")
            return (first in {"", ".."} or _time(held) >= _time(first)) and (
                last in {"", ".."} or _time(held) <= _time(last)
            )
        held, value = _time(held), [_time(one) for one in value] if isinstance(value, list) else _time(value)
    try:
        return _OPERATORS[operator](held, value)
    except TypeError:
        return False


def _time(text: str) -> dt.datetime:
    try:
        time = dt.datetime.fromisoformat(str(text))
    except ValueError:
        raise validation(f"{text!r} is no time", "query") from None
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def _value(properties: Mapping[str, Any], name: str) -> Any:
    history = properties.get("statusHistory") or [{}]
    if name == "lastStatusCode":
        return history[0].get("code")
    if name == "lastStatusTime":
        return history[0].get("time")
    held: Any = properties
    for part in name.split("."):
        held = held.get(part) if isinstance(held, Mapping) else None
    return held

# SPDX-License-Identifier: Apache-2.0
"""What a rule makes of a request on its way, and of the answer on its way back."""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import re
from collections.abc import Callable
from typing import Any

from attrs import evolve

from swath.testing.rules import Rule, Rules
from swath.testing.wire import Answer, Request

__all__ = ["changed_bytes", "own_answer", "spoilt_answer", "spoilt_request"]

_PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1></body></html>"
_SAME_BYTES = 64
_MARK = "-changed"
_CONTENT_RANGE = re.compile(r"bytes (\d+)-")


def changed_bytes(data: bytes, start: int = 0) -> bytes:
    """Give the bytes of the object that took the place of another.

    Args:
        data: Bytes of the first object.
        start: Where in it they begin.
    """
    same = max(0, _SAME_BYTES - start)
    return data[:same] + bytes(byte ^ 1 for byte in data[same:])


def own_answer(rule: Rule, request: Request, now: Callable[[], dt.datetime]) -> Answer | None:
    """Give what the proxy answers by itself; None where the server is asked.

    Args:
        rule: What meets the request.
        request: What was asked.
        now: The proxy's clock.
    """
    headers = {"Content-Type": "application/json"} if rule.body is not None else {}
    if isinstance(rule.body, str):
        headers["Content-Type"] = "text/plain; charset=utf-8"
    body = rule.body if isinstance(rule.body, str) else "" if rule.body is None else json.dumps(rule.body)
    status = rule.status
    if rule.html:
        status, body, headers = 200, _PAGE, {"Content-Type": "text/html; charset=utf-8"}
    elif rule.redirect is not None:
        status, headers["Location"] = rule.status or 307, rule.redirect + request.target
    if status is None:
        return None
    if rule.retry_after_s is not None:
        headers["Retry-After"] = f"{rule.retry_after_s:g}"
        if rule.retry_after_date:
            # A date has whole seconds: the next one, so that it is not over at once.
            when = now() + dt.timedelta(seconds=rule.retry_after_s + 1)
            headers["Retry-After"] = email.utils.format_datetime(when.astimezone(dt.UTC), usegmt=True)
    headers.update(rule.headers)
    head_only = request.method == "HEAD"
    return Answer(
        status=status, headers=tuple(headers.items()), body=b"" if head_only else body.encode(), head_only=head_only
    )


def spoilt_request(rule: Rule, request: Request) -> Request:
    """Give the request as the server gets it."""
    left_out: set[str] = set()
    replaced: dict[str, str] = {}
    if rule.ignore_range:
        left_out = {"range", "if-range"}
    if rule.changed:
        condition = request.header("if-range")
        if condition is not None and _MARK in condition:
            replaced["if-range"] = condition.replace(_MARK, "")
        elif condition is not None:
            left_out = {"range", "if-range"}  # it has the validator of an object that is no more
    if not (left_out or replaced):
        return request
    headers = [
        (name, replaced.get(name.lower(), value)) for name, value in request.headers if name.lower() not in left_out
    ]
    return evolve(request, headers=tuple(headers))


def spoilt_answer(rule: Rule, answer: Answer, rules: Rules) -> Answer:
    """Give the server's answer as the client gets it; where it breaks off is not of this."""
    body, headers = answer.body, answer.headers
    if rule.double or rule.shuffle:
        body = _relisted(rule, body, rules)
    if rule.changed and answer.status in {200, 206}:
        begins = _CONTENT_RANGE.match(answer.header("content-range") or "")
        body = changed_bytes(body, int(begins[1]) if begins else 0)
        tag = answer.header("etag")
        headers = answer.but(etag=f'{tag[:-1]}{_MARK}"' if tag else None)
    if rule.truncate_at is not None:
        body = body[: rule.truncate_at]
    if rule.flip_bit_at is not None and rule.flip_bit_at < len(body):
        at = rule.flip_bit_at
        body = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
    answer = evolve(answer, body=body, headers=headers)
    if rule.content_range is not None and answer.status == 206:
        answer = evolve(answer, headers=answer.but(content_range=rule.content_range))
    if rule.status is None and rule.headers:
        answer = evolve(answer, headers=answer.but(**dict(rule.headers)))
    return answer


def _relisted(rule: Rule, body: bytes, rules: Rules) -> bytes:
    """Give a JSON body with the entries of its longest list doubled or mixed; any other body as it is."""
    try:
        told = json.loads(body)
    except ValueError:
        return body
    longest = max(_lists(told), key=len, default=[])
    entries = [entry for entry in longest for _ in range(2 if rule.double else 1)]
    longest[:] = rules.shuffled(entries) if rule.shuffle else entries
    return json.dumps(told).encode()


def _lists(value: Any) -> list[list[Any]]:
    """Give all lists of objects in a JSON value: coordinates are none."""
    found: list[list[Any]] = []
    if isinstance(value, list):
        if value and all(isinstance(entry, dict) for entry in value):
            found.append(value)
        for entry in value:
            found += _lists(entry)
    elif isinstance(value, dict):
        for entry in value.values():
            found += _lists(entry)
    return found

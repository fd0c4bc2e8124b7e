# SPDX-License-Identifier: Apache-2.0
"""What a search tells of itself: what was asked of each provider, and what was done here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeAlias

from attrs import asdict, field, frozen

from swath.errors import SwathError
from swath.models.federating import Part

__all__ = ["Condition", "Explanation", "ProviderExplanation", "SentRequest"]

QueryPart: TypeAlias = Literal["collections", "ids", "datetime", "filter", "intersects"]
_WIDE = 1500
"""Most characters of a body or a condition in text for people."""


@frozen(kw_only=True)
class SentRequest:
    """One request as it left, secrets replaced. Each try and each redirect is one."""

    method: str
    url: str
    """Without its query."""
    params: tuple[tuple[str, str], ...] = ()
    """Names and values of the URL's query."""
    body: Any = None
    """As JSON has it, else text; None without one."""
    status: int | None = None
    """What was answered; None where nothing was."""
    seconds: float = 0.0
    """Until the answer."""
    page: int = 1
    """For which page it was sent, counted from 1."""
    error: str = ""
    """Why there was no answer."""

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.params)
        answer = self.error or (str(self.status) if self.status is not None else "no answer")
        lines = [f"{self.method} {self.url}{'?' if query else ''}{query} -> {answer} in {self.seconds:.2f} s"]
        if self.body is not None:
            text = self.body if isinstance(self.body, str) else json.dumps(self.body, ensure_ascii=False)
            lines.append(f"    {_cut(text)}")
        return "\n".join(lines)


@frozen(kw_only=True)
class Condition:
    """One part of the query. All of them hold for each item of the result."""

    part: QueryPart
    """Argument of the search."""
    text: str
    """For people; of a filter, one of the conditions joined by AND, as CQL2 text."""
    pushed: bool | None = None
    """Whether the provider was asked for it, in whole or in part: without it, other requests would be sent. None where
    that cannot be told."""
    left_out: int = 0
    """Items that the provider gave and that this was the first condition to leave out here."""

    def __str__(self) -> str:
        asked = {True: "asked of the provider", False: "done here", None: "not known where"}[self.pushed]
        here = f" ({self.left_out:,} left out here)" if self.left_out else ""
        return f"{asked:23}{self.part}: {_cut(self.text)}{here}"


@frozen(kw_only=True)
class ProviderExplanation:
    """How one provider was searched."""

    provider: str
    part: Part = Part.RUNNING
    """How it ended."""
    requests: tuple[SentRequest, ...] = ()
    """The first of them, at most 200; a sign-in is among them, without its body."""
    sent: int = 0
    """How many requests there were."""
    pages: int = 0
    """How many pages came."""
    given: int = 0
    """Items that the provider gave."""
    repeated: int = 0
    """Of these, items that it had given before."""
    left_out: int = 0
    """Of these, items that did not pass the whole query here."""
    found: int = 0
    """Items in the result."""
    conditions: tuple[Condition, ...] = ()
    sorted_by: Literal["", "provider", "swath"] = ""
    """Who put the items in the asked order; empty where none was asked."""
    seconds: float = 0.0
    """Until its last page had come."""
    error: SwathError | None = field(default=None)
    """Why it failed."""
    note: str = ""
    """Why it was skipped or left out."""

    @property
    def kept(self) -> int:
        """Items that passed the whole query."""
        return self.given - self.repeated - self.left_out

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        told = f"{self.provider}: {self.part.value}"
        if self.part is Part.SKIPPED:
            yield f"{told}: {self.note}"
            return
        made = f"{_counted(self.sent, 'request')}, {_counted(self.pages, 'page')}, {self.seconds:.2f} s"
        yield f"{told}, {self.found:,} in the result; {made}"
        if self.error is not None:
            yield f"  {type(self.error).__name__}: {self.error.message}"
        elif self.note:
            yield f"  {self.note}"
        for request in self.requests:
            yield "\n".join(f"  {line}" for line in str(request).splitlines())
        if self.sent > len(self.requests):
            yield f"  and {_counted(self.sent - len(self.requests), 'more request')}"
        if self.sent == 0:
            return
        for condition in self.conditions:
            yield f"  {condition}"
        if self.sorted_by:
            yield f"  {'asked of the provider' if self.sorted_by == 'provider' else 'done here':23}sortby"
        repeated = f", {self.repeated:,} of them repeated" if self.repeated else ""
        yield f"  {self.given:,} given{repeated}, {self.left_out:,} left out here, {self.kept:,} kept"


def _each(value: Iterable[ProviderExplanation]) -> tuple[ProviderExplanation, ...]:
    return tuple(value)


@frozen(kw_only=True)
class Explanation:
    """How a search was answered."""

    providers: tuple[ProviderExplanation, ...] = field(default=(), converter=_each)

    def __str__(self) -> str:
        return "\n".join(map(str, self.providers))

    def __getitem__(self, provider: str) -> ProviderExplanation:
        return {one.provider: one for one in self.providers}[provider]

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {"providers": [_plain(one) for one in self.providers]}


def _plain(one: ProviderExplanation) -> dict[str, Any]:
    made = asdict(one, filter=lambda attribute, _: attribute.name != "error")
    made["part"], made["kept"] = one.part.value, one.kept
    for request in made["requests"]:
        request["params"] = [list(pair) for pair in request["params"]]
    error = one.error
    made["error"] = None if error is None else {"type": type(error).__name__, "message": error.message}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in made.items()}


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _cut(text: str) -> str:
    return text if len(text) <= _WIDE else f"{text[:_WIDE]}… ({len(text)} characters)"

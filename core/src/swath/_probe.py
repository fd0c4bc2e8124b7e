# SPDX-License-Identifier: Apache-2.0
"""Answers a search's requests from those that were sent before, to see whether it asks the same once more."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    import httpx

__all__ = ["Answers", "Differs", "Probe"]

_MOST_BYTES = 8_000_000
_WORDS = re.compile(r"(\W)")

Words = tuple[str, ...]


class Differs(BaseException):
    """Ends a plugin's hook at a request that was not sent before. It is no failure: nobody is to swallow it."""


@define
class Answers:
    """What was asked until the first page, and what was answered."""

    kept: dict[Words, httpx.Response] = field(factory=dict)
    size: int = 0
    at: dt.datetime | None = None
    """The time of day for all that asks again, so that two translations of a query differ by the query only."""

    def keep(self, request: httpx.Request, response: httpx.Response) -> None:
        """Keep an answer, unless they become too many."""
        self.size += len(response.content)
        if self.size <= _MOST_BYTES:
            self.kept[_words(request)] = response


class Probe:
    """Implements `swath._http.observing.Replay`.

    Args:
        answers: What was answered before.
        volatile: Places of words in a request that change from one time to the next. Found out if None.
    """

    def __init__(self, answers: Answers, volatile: dict[Words, frozenset[int]] | None = None) -> None:
        self.asked: list[Words] = []
        """The requests, as they were sent before."""
        self._answers = answers
        self._learns = volatile is None
        self.volatile: dict[Words, frozenset[int]] = {} if volatile is None else volatile
        self._lock = threading.Lock()

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Give the answer to the same request.

        Raises:
            Differs: There was none.
        """
        words = _words(request)
        with self._lock:
            for known, response in self._answers.kept.items():
                if self._is_same(words, known):
                    self.asked.append(known)
                    return response
        raise Differs

    def time(self, now: Callable[[], dt.datetime]) -> dt.datetime:
        """Give the time of day, which stands still from the first question on."""
        with self._lock:
            self._answers.at = self._answers.at or now()
            return self._answers.at

    def _is_same(self, words: Words, known: Words) -> bool:
        if words == known:
            return True
        if len(words) != len(known) or words[0] != known[0]:
            return False
        places = frozenset(at for at, pair in enumerate(zip(words, known, strict=True)) if pair[0] != pair[1])
        if not self._learns:
            return places <= self.volatile.get(known, frozenset())
        if any(not any(mark.isdigit() for mark in words[at]) for at in places):
            return False
        self.volatile[known] = places
        return True


def _words(request: httpx.Request) -> Words:
    """Take a request apart: method and path first, then each word and mark of its query and body."""
    url = str(request.url)
    base, _, query = url.partition("?")
    return (f"{request.method} {base}", *_WORDS.split(query), *_WORDS.split(request.content.decode("utf-8", "replace")))

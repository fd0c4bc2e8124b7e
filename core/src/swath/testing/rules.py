# SPDX-License-Identifier: Apache-2.0
"""What a fault proxy does to which request."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any, Literal

from attrs import field, frozen, validators

__all__ = ["Rule", "Rules"]


def _upper(value: str | None) -> str | None:
    return value.upper() if value else None


@frozen(kw_only=True)
class Rule:
    r"""One kind of trouble and the requests it meets.

    The trouble with the request comes first, then that with the answer; what makes no sense together is refused. Each
    rule counts every request that it concerns, also those that another one meets.

    Examples::

        proxy.add(method="POST", path=r"/orders$", cut="reply")  # the server does it, and nobody hears of it
        proxy.add(path=r"\.tif$", cut="body", after=1000, how="stall")  # 1,000 bytes come, then silence
        proxy.add(status=429, retry_after_s=2, retry_after_date=True, times=3)
    """

    # --- which requests ---------------------------------------------------------------------------------------------

    method: str | None = field(default=None, converter=_upper)
    """Only this HTTP method; None for all."""
    path: str = ""
    """Only paths (without query) in which this regular expression is found."""
    ranged: bool | None = None
    """Only requests that have a Range header (True) or have none (False)."""
    call: int = field(default=1, validator=validators.ge(1))
    """First matching request that it meets, counted from 1."""
    times: int | None = 1
    """How many matching requests it meets; None for every one from then on."""
    probability: float = field(default=1.0, validator=[validators.gt(0), validators.le(1)])
    """Of meeting a request whose turn it is, from 0 to 1; drawn from the proxy's seed."""

    # --- the connection ---------------------------------------------------------------------------------------------

    delay_s: float = field(default=0.0, validator=validators.ge(0))
    """Seconds of silence before anything else happens."""
    cut: Literal["connect", "request", "reply", "body", "end"] | None = field(
        default=None, validator=validators.optional(validators.in_(("connect", "request", "reply", "body", "end")))
    )
    """Where the connection breaks.

    - ``"connect"``: as soon as it is made. Method and path do not count, connections are what is counted;
    - ``"request"``: once `after` bytes of the request's body were read; the server sees nothing of it;
    - ``"reply"``: after the server has carried the request out, before a byte of its answer;
    - ``"body"``: once `after` bytes of the answer's body were sent; Content-Length tells of the whole;
    - ``"end"``: after the whole answer, although the answer says that the connection lives on.
    """
    after: int = field(default=0, validator=validators.ge(0))
    """Bytes, for `cut`."""
    how: Literal["close", "reset", "stall"] = field(
        default="close", validator=validators.in_(("close", "reset", "stall"))
    )
    """How it breaks: an orderly end (FIN), a reset (RST), or silence for as long as the client bears it."""

    # --- an answer of the proxy's own -------------------------------------------------------------------------------

    status: int | None = field(default=None, validator=validators.optional([validators.ge(200), validators.le(599)]))
    """Answer this status; the server sees nothing of the request, unless"""
    pass_on: bool = False
    """it is passed on all the same: the server carries it out, and its answer is dropped, as by a gateway."""
    body: Any = None
    """Body of that answer: a string as it is, anything else as JSON; None for an empty one."""
    headers: Mapping[str, str] = field(factory=dict)
    """Headers of that answer, or, without `status`, put in place of the server's."""
    retry_after_s: float | None = field(default=None, validator=validators.optional(validators.ge(0)))
    """Say ``Retry-After``, in seconds."""
    retry_after_date: bool = False
    """Say it as a date, on the proxy's clock."""
    html: bool = False
    """Answer 200 with an HTML page, as portals do."""
    redirect: str | None = None
    """Answer 307 (or `status`) to the same path and query at this origin, for example ``"http://127.0.0.1:8001"``."""
    repeat: bool = False
    """Answer once more what the last matching request was answered, as a stale cache does."""
    swap: bool = False
    """Answer what the neighbour of this request was answered before: the proxy must have seen both."""

    # --- the server's answer, spoilt --------------------------------------------------------------------------------

    truncate_at: int | None = field(default=None, validator=validators.optional(validators.ge(0)))
    """End the body after this many bytes, with a Content-Length that is right for what comes: nothing shows it."""
    flip_bit_at: int | None = field(default=None, validator=validators.optional(validators.ge(0)))
    """Change the lowest bit of this byte of the body (counted from 0 in what is sent)."""
    pieces: int = field(default=1, validator=validators.ge(1))
    """Send the body in this many pieces,"""
    pause_s: float = field(default=0.0, validator=validators.ge(0))
    """with this many seconds between two of them."""
    chunked: bool = False
    """Send the body without Content-Length, chunked."""
    double: bool = False
    """Send each entry of the longest list in a JSON answer twice."""
    shuffle: bool = False
    """Send the entries of the longest list in a JSON answer in another order."""
    changed: bool = False
    """The object was replaced: another ETag, and each byte from the 65th on differs in its lowest bit."""
    ignore_range: bool = False
    """Answer a Range request with 200 and the whole."""
    content_range: str | None = None
    """Say this in Content-Range of a 206 instead of the truth."""

    def __attrs_post_init__(self) -> None:
        re.compile(self.path)
        if self.times is not None and self.times < 1:
            raise ValueError(f"times is {self.times}, it must be at least 1, or None for always")
        own = [name for name in ("status", "html", "repeat", "swap", "redirect") if getattr(self, name)]
        if len(own) > 1 and own != ["status", "redirect"]:
            raise ValueError(f"{' and '.join(own)} are two answers to one request")
        if self.cut in {"connect", "request", "reply"} and own:
            raise ValueError(f"no {own[0]} can be answered where the connection is cut at {self.cut!r}")
        if self.pass_on and not (self.status or self.html or self.redirect):
            raise ValueError("pass_on needs an answer that takes the place of the server's")
        if self.after and self.cut not in {"request", "body"}:
            raise ValueError(f"after={self.after} says nothing about cut={self.cut!r}")
        if self.retry_after_date and self.retry_after_s is None:
            raise ValueError("retry_after_date needs retry_after_s")

    def concerns(self, method: str, target: str, *, ranged: bool) -> bool:
        """Say whether a request is of the kind it meets, whichever call it is.

        Args:
            method: HTTP method.
            target: Path with query.
            ranged: Whether it has a Range header.
        """
        return (
            (self.method is None or self.method == method)
            and (self.ranged is None or self.ranged == ranged)
            and re.search(self.path, target.partition("?")[0]) is not None
        )


class Rules:
    """The rules of one proxy. Any thread may use them.

    Args:
        seed: Of all that is drawn by chance.
    """

    def __init__(self, seed: int = 0) -> None:
        self._rules: list[tuple[Rule, list[int]]] = []
        self._lock = threading.Lock()
        self._rng = random.Random(seed)  # noqa: S311 (trouble, no secret)

    def add(self, rule: Rule) -> None:
        """Put one in force, behind those that are."""
        with self._lock:
            self._rules.append((rule, [0]))

    def clear(self) -> None:
        """Take all out of force."""
        with self._lock:
            self._rules.clear()

    def meet_connection(self) -> Rule | None:
        """Count a connection and give the rule that meets it."""
        return self._meet(lambda rule: rule.cut == "connect")

    def meet(self, method: str, target: str, *, ranged: bool) -> Rule | None:
        """Count a request and give the rule that meets it: the first put in force, of those whose turn it is."""
        return self._meet(lambda rule: rule.cut != "connect" and rule.concerns(method, target, ranged=ranged))

    def shuffled(self, entries: list[Any]) -> list[Any]:
        """Give the entries in another order, where there is one."""
        with self._lock:
            mixed = self._rng.sample(entries, len(entries))
        return mixed if mixed != entries else entries[::-1]

    def _meet(self, concerns: Callable[[Rule], bool]) -> Rule | None:
        met: Rule | None = None
        with self._lock:
            for rule, seen in self._rules:
                if not concerns(rule):
                    continue
                seen[0] += 1
                due = seen[0] >= rule.call and (rule.times is None or seen[0] < rule.call + rule.times)
                if due and met is None and (rule.probability == 1.0 or self._rng.random() < rule.probability):
                    met = rule
        return met

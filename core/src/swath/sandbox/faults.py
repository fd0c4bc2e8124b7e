# SPDX-License-Identifier: Apache-2.0
"""Which requests go wrong, and how."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import Any, Literal

from attrs import field, frozen, validators

__all__ = ["Fault", "Faults"]


def _upper(value: str | None) -> str | None:
    return value.upper() if value else None


@frozen(kw_only=True)
class Fault:
    """One kind of trouble and the requests it meets.

    Of the actions, `delay_s` and `expire_links`, `ignore_range` go together with any other. Example::

        sandbox.faults.add(provider="planet", method="POST", path=r"/orders/v2$", drop="after")
    """

    provider: str | None = None
    """Only this provider; None for all."""
    method: str | None = field(default=None, converter=_upper)
    """Only this HTTP method; None for all."""
    path: str = ""
    """Only paths in which this regular expression is found."""
    call: int = field(default=1, validator=validators.ge(1))
    """First matching call that it meets, counted from 1."""
    times: int | None = 1
    """How many matching calls it meets; None for every one from then on."""
    delay_s: float = field(default=0.0, validator=validators.ge(0))
    """Seconds of silence before anything else happens."""
    status: int | None = None
    """Answer this status without passing the request on."""
    body: Any = None
    """Body of that answer: a string as it is, anything else as JSON; None for an empty one."""
    headers: Mapping[str, str] = field(factory=dict)
    """Headers of that answer, or, without `status`, added to the real one (replacing those of the same name)."""
    html: bool = False
    """Answer 200 with an HTML page, as portals and proxies do."""
    drop: Literal["before", "after"] | None = field(
        default=None, validator=validators.optional(validators.in_(("before", "after")))
    )
    """Cut the connection without an answer: before the stand-in sees the request, or after it has carried it out."""
    reset: bool = False
    """Whether a cut is a TCP reset instead of an orderly end."""
    truncate_at: int | None = field(default=None, validator=validators.optional(validators.ge(0)))
    """Cut the connection after this many bytes of the body; Content-Length tells of the whole."""
    flip_bit_at: int | None = field(default=None, validator=validators.optional(validators.ge(0)))
    """Change the lowest bit of this byte of the body (counted from 0 in what is sent)."""
    bytes_per_s: float | None = field(default=None, validator=validators.optional(validators.gt(0)))
    """Send the body this slowly."""
    chunked: bool = False
    """Send the body without Content-Length."""
    expire_links: bool = False
    """Treat signed links as expired."""
    ignore_range: bool = False
    """Answer a Range request with 200 and the whole."""
    content_range: str | None = None
    """Say this in Content-Range of a 206 instead of the truth."""
    merge: Mapping[str, Any] | None = None
    """Change a JSON answer by this merge patch (RFC 7396): ``{"_links": None}`` leaves the links out,
    ``{"features": []}`` empties a page. The text ``"<self>"`` in it stands for the URL that was asked for."""
    hook: Literal["twice", "late", "lost"] | None = field(
        default=None, validator=validators.optional(validators.in_(("twice", "late", "lost")))
    )
    """Meet webhooks that a stand-in posts, no requests: post one twice, behind the next one, or never. `path` is
    sought in its topic then. With `flip_bit_at`, its body is changed after it was signed."""

    def __attrs_post_init__(self) -> None:
        re.compile(self.path)
        if self.times is not None and self.times < 1:
            raise ValueError(f"times is {self.times}, it must be at least 1, or None for always")
        if self.status is not None and not 200 <= self.status <= 599:
            raise ValueError(f"status is {self.status}, it must be 200 to 599")

    def concerns(self, provider: str, method: str, path: str) -> bool:
        """Say whether a request is of the kind it meets, whichever call it is."""
        return (
            (self.provider is None or self.provider == provider)
            and (self.method is None or self.method == method)
            and re.search(self.path, path) is not None
        )


class Faults:
    """The fault switch of a world. Any thread may use it."""

    def __init__(self) -> None:
        self._faults: list[tuple[Fault, list[int]]] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault | None = None, **settings: Any) -> Fault:
        """Switch one on.

        Args:
            fault: A ready one, or
            settings: the fields of a `Fault`.

        Raises:
            TypeError: For a field that a fault does not have.
            ValueError: For a value out of range.
        """
        if fault is not None and settings:
            raise TypeError("pass a Fault or its fields, not both")
        made = fault if fault is not None else Fault(**settings)
        with self._lock:
            self._faults.append((made, [0]))
        return made

    def clear(self) -> None:
        """Switch all off."""
        with self._lock:
            self._faults.clear()

    def active(self) -> list[Fault]:
        """Give those that can still meet a request."""
        with self._lock:
            return [f for f, seen in self._faults if f.times is None or seen[0] < f.call + f.times - 1]

    def meet(self, provider: str, method: str, path: str) -> Fault | None:
        """Count a request and give the fault that meets it: the first switched on, of those whose turn it is."""
        return self._meet(lambda fault: fault.hook is None and fault.concerns(provider, method, path))

    def meet_hook(self, provider: str, topic: str) -> Fault | None:
        """Count a webhook about to be posted and give the fault that meets it, as `meet` does for requests."""
        return self._meet(lambda fault: fault.hook is not None and fault.concerns(provider, "POST", topic))

    def _meet(self, is_meant: Callable[[Fault], bool]) -> Fault | None:
        met: Fault | None = None
        with self._lock:
            for fault, seen in self._faults:
                if not is_meant(fault):
                    continue
                seen[0] += 1
                due = seen[0] >= fault.call and (fault.times is None or seen[0] < fault.call + fault.times)
                if due and met is None:
                    met = fault
        return met

# SPDX-License-Identifier: Apache-2.0
"""Tells on standard error how an order or asset stands: one changing line on a terminal, a line a change elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from typing import Self, TextIO

__all__ = ["AssetStatusBar", "ProgressBar", "StateBar"]


class ProgressBar:
    """Base of both; use it in a ``with`` block.

    Args:
        disable: Whether nothing is shown.
        stream: Where to; standard error if None.
        clock: Counts seconds.
    """

    def __init__(
        self, disable: bool = False, *, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.disable = disable
        self._stream = stream
        self._clock = clock
        self._started_s: float | None = None
        self._shown = ""

    def __str__(self) -> str:
        minutes, seconds = divmod(0 if self._started_s is None else int(self._clock() - self._started_s), 60)
        return f"{minutes:02}:{seconds:02} - {self.desc}"

    def __enter__(self) -> Self:
        self.open_bar()
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown and self._is_terminal():
            self._write("\n")
        self._shown = ""

    @property
    def desc(self) -> str:
        """What is shown, the time aside."""
        return ""

    def open_bar(self) -> None:
        """Begin to show it, and to count the time."""
        self._started_s = self._clock()
        self._show()

    def _out(self) -> TextIO | None:
        return self._stream if self._stream is not None else sys.stderr  # None under pythonw

    def _is_terminal(self) -> bool:
        out = self._out()
        return out is not None and not out.closed and out.isatty()

    def _write(self, text: str) -> None:
        out = self._out()
        if out is not None and not self.disable:
            with contextlib.suppress(ValueError):  # the stream was closed meanwhile
                out.write(text)
                out.flush()

    def _show(self) -> None:
        if self._is_terminal():
            line = str(self)
            self._write("\r" + line.ljust(len(self._shown)))
            self._shown = line
        elif self.desc != self._shown:
            self._shown = self.desc
            self._write(f"{self}\n")


class StateBar(ProgressBar):
    """Shows an order's state.

    Example::

        with StateBar(state="creating") as bar:
            order = await client.create_order(request)
            bar.update(state="created", order_id=order["id"])
            await client.wait(order["id"], callback=bar.update_state)

    Args:
        order_id: The order, once it is known.
        state: Its state at the start.
        disable: Whether nothing is shown.
        stream: Where to; standard error if None.
        clock: Counts seconds.
    """

    def __init__(
        self,
        order_id: str | None = None,
        state: str | None = None,
        disable: bool = False,
        *,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(disable, stream=stream, clock=clock)
        self.order_id = order_id or ""
        self.state = state or ""

    @property
    def desc(self) -> str:
        """Order and state."""
        return f"order {self.order_id} - state: {self.state}"

    def update_state(self, state: str) -> None:
        """Show another state; a callback for ``wait``."""
        self.update(state=state)

    def update(self, state: str | None = None, order_id: str | None = None) -> None:
        """Show what is new."""
        self.state = state or self.state
        self.order_id = order_id or self.order_id
        self._show()


class AssetStatusBar(ProgressBar):
    """Shows an asset's status; ``update`` is a callback for ``wait_asset``.

    Args:
        item_type: Of the item.
        item_id: Of the item.
        asset_type: Of the asset.
        disable: Whether nothing is shown.
        stream: Where to; standard error if None.
        clock: Counts seconds.
    """

    def __init__(
        self,
        item_type: str,
        item_id: str,
        asset_type: str,
        disable: bool = False,
        *,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(disable, stream=stream, clock=clock)
        self.item_type = item_type
        self.item_id = item_id
        self.asset_type = asset_type
        self.status = ""

    @property
    def desc(self) -> str:
        """Item, asset and status."""
        return f"{self.item_type} {self.item_id} {self.asset_type} - status: {self.status}"

    def update(self, status: str) -> None:
        """Show another status."""
        self.status = status
        self._show()

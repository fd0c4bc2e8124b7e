# SPDX-License-Identifier: Apache-2.0
"""Python runs this first where this folder is on its path: what swath waits for passes a hundred times as fast."""

from swath._clock import SystemClock

_sleep = SystemClock.sleep
SystemClock.sleep = lambda self, seconds, *, wake=None: _sleep(self, seconds / 100, wake=wake)

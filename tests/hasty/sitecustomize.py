# SPDX-License-Identifier: Apache-2.0
"""Python runs this first where this folder is on its path."""

import short_waits

from swath._clock import SystemClock

SystemClock.monotonic, SystemClock.sleep = short_waits.monotonic, short_waits.sleep

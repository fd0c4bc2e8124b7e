# SPDX-License-Identifier: Apache-2.0
"""All stand-ins, each answer LATENCY_S late: stand_ins.py LATENCY_S. Prints their names and environment as JSON."""

import json
import signal
import sys

from swath.sandbox import Fault, Sandbox, World

world = World(rate_limits=False, scene_pixels=64)
world.faults.add(Fault(delay_s=float(sys.argv[1]), times=None))
with Sandbox(world=world) as box:
    print(json.dumps({"names": sorted(box.providers), "env": box.env}), flush=True)
    signal.sigwait({signal.SIGINT, signal.SIGTERM})

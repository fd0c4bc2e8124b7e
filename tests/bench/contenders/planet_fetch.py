# SPDX-License-Identifier: Apache-2.0
"""Planet's SDK: BASE LIST OUT [--no-limiter] [--validate]. All assets at once, as its guide shows with `gather`."""

import asyncio
import sys
from pathlib import Path

import planet

base, listed, out = sys.argv[1:4]
names = [line.split("\t")[0] for line in Path(listed).read_text(encoding="utf-8").splitlines()]


async def main():
    async with planet.Session(auth=planet.Auth.from_key("bench")) as session:
        if "--no-limiter" in sys.argv:
            session._limiter.cadence = 0
        orders = session.client("orders", base_url=base)
        await asyncio.gather(
            *(orders.download_asset(f"{base}/{name}", directory=Path(out), progress_bar=False) for name in names)
        )
        if "--validate" in sys.argv:
            orders.validate_checksum(Path(out), "sha256")


asyncio.run(main())

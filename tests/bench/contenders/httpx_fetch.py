# SPDX-License-Identifier: Apache-2.0
"""Plain httpx: BASE LIST OUT. One file after the other on one client, by `iter_raw`."""

import sys
from pathlib import Path

import httpx

base, listed, out = sys.argv[1:4]
names = [line.split("\t")[0] for line in Path(listed).read_text(encoding="utf-8").splitlines()]
with httpx.Client(timeout=60) as client:
    for name in names:
        path = Path(out, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with client.stream("GET", f"{base}/{name}") as response, path.open("wb") as file:
            response.raise_for_status()
            for chunk in response.iter_raw():
                file.write(chunk)

# SPDX-License-Identifier: Apache-2.0
"""Plain requests in threads: BASE LIST OUT THREADS."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

base, listed, out, threads = sys.argv[1:5]
names = [line.split("\t")[0] for line in Path(listed).read_text(encoding="utf-8").splitlines()]
held = threading.local()


def fetch(name):
    if not hasattr(held, "session"):
        held.session = requests.Session()
    path = Path(out, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with held.session.get(f"{base}/{name}", stream=True) as response, path.open("wb") as file:
        response.raise_for_status()
        for chunk in response.iter_content(2**17):
            file.write(chunk)


with ThreadPoolExecutor(int(threads)) as pool:
    list(pool.map(fetch, names))

# SPDX-License-Identifier: Apache-2.0
"""obstore (the Rust object_store): BASE LIST OUT [THREADS]."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from obstore.store import HTTPStore

base, listed, out = sys.argv[1:4]
threads = int(sys.argv[4]) if len(sys.argv) > 4 else 1
names = [line.split("\t")[0] for line in Path(listed).read_text(encoding="utf-8").splitlines()]
store = HTTPStore.from_url(base, client_options={"allow_http": True})


def fetch(name):
    path = Path(out, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for chunk in store.get(name).stream(min_chunk_size=2**20):
            file.write(chunk)


with ThreadPoolExecutor(threads) as pool:
    list(pool.map(fetch, names))

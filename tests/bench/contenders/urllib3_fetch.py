# SPDX-License-Identifier: Apache-2.0
"""Plain urllib3: BASE LIST OUT. One file after the other on one pool."""

import os
import shutil
import sys
from pathlib import Path

import urllib3

base, listed, out = sys.argv[1:4]
names = [line.split("\t")[0] for line in Path(listed).read_text(encoding="utf-8").splitlines()]
pool = urllib3.PoolManager(ca_certs=os.environ.get("SSL_CERT_FILE"))
for name in names:
    path = Path(out, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    response = pool.request("GET", f"{base}/{name}", preload_content=False)
    if response.status != 200:
        raise SystemExit(f"{name}: {response.status}")
    with path.open("wb") as file:
        shutil.copyfileobj(response, file, 2**17)
    response.release_conn()

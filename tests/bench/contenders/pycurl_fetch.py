# SPDX-License-Identifier: Apache-2.0
"""Plain pycurl: BASE LIST OUT. One file after the other on one handle."""

import os
import sys
from pathlib import Path

import pycurl

base, listed, out = sys.argv[1:4]
names = [line.split("\t")[0] for line in Path(listed).read_text(encoding="utf-8").splitlines()]
curl = pycurl.Curl()
curl.setopt(pycurl.BUFFERSIZE, 2**17)
curl.setopt(pycurl.FAILONERROR, 1)
if "SSL_CERT_FILE" in os.environ:
    curl.setopt(pycurl.CAINFO, os.environ["SSL_CERT_FILE"])
for name in names:
    path = Path(out, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        curl.setopt(pycurl.URL, f"{base}/{name}")
        curl.setopt(pycurl.WRITEDATA, file)
        curl.perform()
curl.close()

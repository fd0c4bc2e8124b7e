# SPDX-License-Identifier: Apache-2.0
"""Hashing alone, of a file that is here already: ROOT LIST."""

import hashlib
import sys
from pathlib import Path

root, listed = sys.argv[1:3]
for line in Path(listed).read_text(encoding="utf-8").splitlines():
    name, _, digest = line.split("\t")
    with Path(root, name).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != digest:
            raise SystemExit(f"{name} is spoilt")

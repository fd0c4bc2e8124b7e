# SPDX-License-Identifier: Apache-2.0
"""What is fetched: files of bytes that do not compress, with lists of their names, sizes and SHA-256."""

from __future__ import annotations

import hashlib
import json
import os
import random
from pathlib import Path
from typing import Final

MIB: Final = 2**20
LARGE: Final = 2**30
MANY: Final = (16, 64 * MIB)
SMALL: Final = (2000, 64 * 1024)
_DISTINCT: Final = 4
"""Of the many, the rest are links to them: the disk is not what is measured."""


def make_large(root: Path, lists: Path) -> Path:
    """Make one file of 1 GiB and give the list of it."""
    return _listed(lists / "large.list", root, {"large.tif": _write(root / "large.tif", LARGE, 1)})


def make_many(root: Path, lists: Path) -> Path:
    """Make 16 files of 64 MiB and give the list of them."""
    count, size = MANY
    digests = {}
    for number in range(count):
        name = f"many/{number}.tif"
        if number < _DISTINCT:
            digests[name] = _write(root / name, size, number)
        else:
            os.link(root / f"many/{number % _DISTINCT}.tif", root / name)
            digests[name] = digests[f"many/{number % _DISTINCT}.tif"]
    return _listed(lists / "many.list", root, digests)


def make_small(root: Path, lists: Path) -> Path:
    """Make 2,000 files of 64 KiB and give the list of them."""
    count, size = SMALL
    names = [f"small/{number}.tif" for number in range(count)]
    return _listed(lists / "small.list", root, {name: _write(root / name, size, at) for at, name in enumerate(names)})


def make_document(root: Path) -> str:
    """Make one small JSON document and give its name."""
    (root / "small.json").write_text(json.dumps({"id": "x", "state": "running", "links": [{"href": "y" * 300}]}))
    return "small.json"


def _write(path: Path, size: int, seed: int) -> str:
    """Write what looks like a TIFF and is otherwise random; give its SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks = random.Random(seed).randbytes(min(size, MIB))
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for number in range(-(-size // len(blocks))):
            head = b"II*\0" + number.to_bytes(4, "little")
            block = head + blocks[len(head) :]
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def _listed(path: Path, root: Path, digests: dict[str, str]) -> Path:
    lines = [f"{name}\t{(root / name).stat().st_size}\t{digest}\n" for name, digest in digests.items()]
    path.write_text("".join(lines), encoding="utf-8")
    return path

# SPDX-License-Identifier: Apache-2.0
"""Writes items to files and reads them back."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from swath.errors import InputError, TargetNotWritable
from swath.models import ItemDict

__all__ = ["parse_items", "read_items", "write_items"]

_LINES = frozenset({".ndjson", ".jsonl", ".geojsonl"})
_WHOLE = frozenset({".geojson", ".json"})


def write_items(items: Iterable[ItemDict], path: Path) -> Path:
    """Write items to a file that appears only when complete.

    Args:
        items: STAC Items; streamed, so that their number does not matter.
        path: ``.geojson`` or ``.json`` for a FeatureCollection, ``.ndjson`` or ``.jsonl`` for one item a line.

    Returns:
        The path.

    Raises:
        InputError: For another ending.
        TargetNotWritable: If the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in _LINES | _WHOLE:
        raise InputError(
            f"cannot tell from {path.name!r} how to write the items",
            hint="use a name that ends in .geojson, .json, .ndjson or .jsonl",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as err:
        raise TargetNotWritable(f"{path} cannot be written: {err.strerror}") from err
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(_lines(items) if ending in _LINES else _collection(items))
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path)
    except OSError as err:
        raise TargetNotWritable(f"{path} cannot be written: {err.strerror}") from err
    finally:
        Path(temporary).unlink(missing_ok=True)
    return path


def _lines(items: Iterable[ItemDict]) -> Iterator[str]:
    return (json.dumps(item, ensure_ascii=False, separators=(",", ":")) + "\n" for item in items)


def _collection(items: Iterable[ItemDict]) -> Iterator[str]:
    yield '{"type":"FeatureCollection","features":['
    for number, item in enumerate(items):
        yield (",\n" if number else "\n") + json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    yield "\n]}\n"


def read_items(path: Path) -> list[ItemDict]:
    """Read items that were saved as GeoJSON, JSON or one a line.

    Raises:
        InputError: If the file does not exist or holds something else.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as err:  # of the latter: no text, or a path that cannot be
        raise InputError(
            f"{str(path)!r} cannot be read: {getattr(err, 'strerror', None) or err}",
            hint="pass the path of a file that search(...).save() wrote",
        ) from err
    return parse_items(text, str(path))


def parse_items(text: str, source: str) -> list[ItemDict]:
    """Read items from text: a FeatureCollection, one Item, a JSON list of Items, or one Item a line.

    Args:
        text: JSON or NDJSON.
        source: Where it came from, for the message.

    Raises:
        InputError: If it holds something else.
    """
    try:
        payload = json.loads(text)
    except ValueError:
        payload = []
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                try:
                    payload.append(json.loads(line))
                except ValueError as err:
                    raise InputError(
                        f"{source}, line {number}: neither JSON nor NDJSON ({err})",
                        hint="pass what swath search --format geojson, --format ndjson or --save wrote",
                    ) from err
    if isinstance(payload, dict) and payload.get("type") == "FeatureCollection":
        payload = payload.get("features", [])
    if not isinstance(payload, list):
        payload = [payload]
    wrong = [
        entry for entry in payload if not (isinstance(entry, dict) and entry.get("type") == "Feature" and "id" in entry)
    ]
    if wrong:
        raise InputError(
            f"{source} holds something that is no STAC Item: {str(wrong[0])[:80]!r}",
            hint="pass what swath search --format geojson, --format ndjson or --save wrote",
        )
    return payload

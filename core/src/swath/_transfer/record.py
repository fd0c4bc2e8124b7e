# SPDX-License-Identifier: Apache-2.0
"""What is known of a file on its way: the progress record beside its part."""

from __future__ import annotations

import contextlib
import email.utils
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from attrs import field, frozen

from swath._http.redact import redact_url
from swath._transfer.disk import write_json
from swath.models import Asset, Verification

__all__ = ["Record", "read_record", "strong_validator"]

_LATE_ENOUGH_S = 60.0


def _stretches(found: Any) -> tuple[tuple[int, int], ...]:
    """Read stretches of a file; anything else is a `ValueError`, and the record is none."""
    made = tuple((start, end) for start, end in found)
    if not all(type(start) is int and type(end) is int and 0 <= start < end for start, end in made):
        msg = f"these are no stretches of a file: {made!r}"
        raise ValueError(msg)
    return made


@frozen(kw_only=True)
class Record:
    """The content of ``.NAME.part.json``. Holds no secret: the URL is without its query."""

    url: str
    """Where the bytes came from."""
    announced_size: int | None = None
    """Bytes, as the provider's list says."""
    announced_checksum: str | None = None
    """Multihash, as the provider's list says."""
    validator: str | None = None
    """Strong entity tag, or a date that is as strong; None where the part cannot be continued."""
    size: int | None = None
    """Bytes of the whole, as the server says."""
    checksum: str | None = None
    """Multihash to compare the whole with: the announced one, or one of the answer's headers."""
    safe: int = 0
    """Bytes of the part, from the first on, that are known to be on the disk."""
    beyond: tuple[tuple[int, int], ...] = field(default=(), converter=_stretches)
    """Stretches ``[start, end)`` behind a gap that are known to be on the disk; what is not named is not trusted."""
    done: bool = False
    """Whether the file has, or is about to have, its final name."""
    sha256: str | None = None
    """Multihash of the whole, once done."""
    verified: Verification = field(default=Verification.UNVERIFIED, converter=Verification)

    @property
    def kept_bytes(self) -> int:
        """Bytes known to be on the disk."""
        return self.safe + sum(end - start for start, end in self.beyond)

    @property
    def has_bytes(self) -> bool:
        """Whether there is anything to continue from."""
        return bool(self.kept_bytes)

    def fits(self, asset: Asset) -> bool:
        """Whether it speaks of what `asset` announces."""
        return self.announced_size == asset.size and self.announced_checksum == asset.checksum

    @classmethod
    def of(
        cls, asset: Asset, *, validator: str | None = None, size: int | None = None, checksum: str | None = None
    ) -> Record:
        """Begin one.

        Args:
            asset: What is to come.
            validator: Strong validator of the answer.
            size: Bytes of the whole, as the server says.
            checksum: Multihash to compare the whole with, where the asset announces none.
        """
        return cls(
            url=redact_url(asset.href),
            announced_size=asset.size,
            announced_checksum=asset.checksum,
            validator=validator,
            size=size,
            checksum=asset.checksum or checksum,
        )

    def write(self, path: Path) -> None:
        """Write it, whole or not at all. It need not survive a power cut: without it the file is fetched anew.

        Raises:
            DiskFull, TargetNotWritable: It cannot be written.
        """
        write_json(path, attrs.asdict(self), durable=False)


def read_record(path: str | Path) -> Record | None:
    """Read a record; None where there is none that makes sense."""
    found: Any = None
    with contextlib.suppress(OSError, ValueError), open(path, "rb") as file:  # noqa: PTH123
        found = json.loads(file.read())
    if not isinstance(found, dict):
        return None
    known = {one.name for one in attrs.fields(Record)}
    with contextlib.suppress(TypeError, ValueError):
        record = Record(**{key: value for key, value in found.items() if key in known})
        return record if _is_sound(record) else None
    return None


def _is_sound(record: Any) -> bool:
    """Whether what was read is of the right kinds; anyone may have written the file."""
    texts = (record.announced_checksum, record.validator, record.checksum, record.sha256)
    counts = (record.announced_size, record.size)
    return (
        isinstance(record.url, str)
        and all(one is None or isinstance(one, str) for one in texts)
        and all(type(one) is int and one >= 0 for one in (*(one for one in counts if one is not None), record.safe))
        and isinstance(record.done, bool)
    )


def strong_validator(headers: Mapping[str, Any]) -> str | None:
    """Find what ``If-Range`` may be sent with.

    Args:
        headers: Of the answer, names in lower case.

    Returns:
        A strong ``ETag``, or a ``Last-Modified`` at least a minute older than the answer; else None.

    Source:
        RFC 9110, 8.8.2.2 and 13.1.5. The minute is RFC 7232's, stricter than the second of today's text.
    """
    tag = headers.get("etag")
    if tag:
        return tag if isinstance(tag, str) and tag.startswith('"') and tag.endswith('"') and len(tag) > 2 else None
    try:
        modified = email.utils.parsedate_to_datetime(str(headers.get("last-modified")))
        sent = email.utils.parsedate_to_datetime(str(headers.get("date")))
        age_s = (sent - modified).total_seconds()
    except (TypeError, ValueError):
        return None
    return str(headers["last-modified"]) if age_s >= _LATE_ENOUGH_S else None

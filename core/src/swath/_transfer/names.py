# SPDX-License-Identifier: Apache-2.0
"""File names that are legal and the same on every system."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

__all__ = ["LONGEST_NAME", "fold", "folder_names", "marked", "portable", "relative_parts"]

LONGEST_NAME: Final = 240
"""Bytes of UTF-8. File systems take 255; the part and its progress record are named ``.NAME.part.json.tmp``."""
_DEEPEST: Final = 12
"""Folders in one name; a provider that sends more means harm or nonsense."""
_LONGEST_SUFFIX: Final = 24
_REFUSED: Final = re.compile(r'[\s<>:"/\\|?*%#\[\]{}^`]')
"""What Windows refuses, and what would have to be escaped in the relative href of the item's JSON."""
_HIDDEN_KINDS: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that do not show, turn the reading direction, or cannot be written as UTF-8."""
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])[\s_]*(\.|$)", re.IGNORECASE)
"""Names that Windows keeps for devices, with any suffix.

Source: https://learn.microsoft.com/windows/win32/fileio/naming-a-file, read 2026-11.
"""


def portable(name: str) -> str:
    """Give one path component a name that every system takes, and that is its own relative URL.

    Letters of all scripts stay; blanks and what any system refuses become ``_``; names of Windows devices, leading and
    trailing dots are defused; what is too long is shortened with a mark of the whole. A name that is fine is unchanged.

    Args:
        name: As the provider gives it.

    Returns:
        Normal form C, 1 to `LONGEST_NAME` bytes, never hidden, never ``.`` or ``..``.
    """
    text = "".join("_" if unicodedata.category(sign) in _HIDDEN_KINDS else sign for sign in name)
    text = _REFUSED.sub("_", unicodedata.normalize("NFC", text))
    kept = text.lstrip(".")
    text = "_" * min(len(text) - len(kept), 1) + kept
    text = text.rstrip(".") or "_"
    if _RESERVED.match(text):
        text = f"_{text}"
    return text if len(text.encode()) <= LONGEST_NAME else _shortened(text)


def marked(name: str, whole: str) -> str:
    """Put a mark of `whole` before the suffixes of a name, so that different wholes have different names."""
    mark = "~" + hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    stem, suffix = _split(name)
    room = LONGEST_NAME - len(mark) - len(suffix.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(".") + mark + suffix


def relative_parts(name: str) -> tuple[str, ...]:
    """Turn a provider's name of a file into path components under some folder of ours.

    Drives, leading slashes, ``.`` and ``..`` are dropped, backslashes separate as slashes do.

    Args:
        name: Relative POSIX path, or what a hostile or careless server makes of it.

    Returns:
        At least one portable component.
    """
    pieces = [piece for piece in re.split(r"[/\\]", name) if piece.strip(" .")]
    if pieces and re.fullmatch(r"[A-Za-z]:", pieces[0]):
        pieces = pieces[1:]
    parts = tuple(portable(piece) for piece in pieces)
    if not parts:
        return ("_",)
    if len(parts) > _DEEPEST or sum(len(part.encode()) + 1 for part in parts) > 3 * LONGEST_NAME:
        return (marked(parts[-1], name),)
    return parts


def fold(path: str) -> str:
    """Give the form in which two paths are equal that some file system takes for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def folder_names(ids: Iterable[str]) -> dict[str, str]:
    """Give each id a folder name of its own, whatever the order in which they come.

    Args:
        ids: Item ids.

    Returns:
        Folder name by id; those that would meet on some system carry a mark.
    """
    plain = {one: portable(one) for one in ids}
    seen: dict[str, int] = {}
    for name in plain.values():
        seen[fold(name)] = seen.get(fold(name), 0) + 1
    return {one: name if seen[fold(name)] == 1 else marked(name, one) for one, name in plain.items()}


def _split(name: str) -> tuple[str, str]:
    """Split a name before its suffixes, two at most: ``a.b.tar.gz`` gives ``a.b`` and ``.tar.gz``."""
    found = re.fullmatch(r"(.+?)((?:\.[^.]{1,10}){0,2})", name, re.DOTALL)
    stem, suffix = (found[1], found[2]) if found else (name, "")
    return (stem, suffix) if len(suffix.encode()) <= _LONGEST_SUFFIX else (name, "")


def _shortened(name: str) -> str:
    """Cut a name to `LONGEST_NAME` bytes; the mark keeps what differs only in the part cut off apart."""
    return marked(name, name)

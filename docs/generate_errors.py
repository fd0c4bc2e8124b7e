# SPDX-License-Identifier: Apache-2.0
"""Writes reference/errors.md from `swath.errors`: ``python docs/generate_errors.py``."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from swath import errors

PAGE = Path(__file__).parent / "reference" / "errors.md"
HEAD = """# Errors

Everything that swath raises on purpose is a `swath.SwathError`, in `swath.errors`. The hint is what an error says to do
next where its raiser knows nothing better; the code is what the command line exits with.

This page is generated from `swath.errors` by `docs/generate_errors.py`.
"""


def family(root: type[errors.SwathError]) -> list[type[errors.SwathError]]:
    """List the errors below one, each before those below it, in the sequence of the module."""
    found = []
    for kind in root.__subclasses__():
        if kind.__module__ == errors.__name__:
            found += [kind, *family(kind)]
    return found


def entry(kind: type[errors.SwathError], level: int) -> str:
    """Write one error."""
    text = re.sub(r"\s+", " ", inspect.getdoc(kind) or "")
    parents = ", ".join(f"`{base.__name__}`" for base in kind.__bases__)
    hint = re.sub(r"([<>*_])", r"\\\1", kind.default_hint)
    return f"{'#' * level} {kind.__name__}\n\n{text}\n\nIs a: {parents}. Exit code: {kind.exit_code}. Hint: {hint}.\n"


def generate() -> str:
    """Write the whole page."""
    parts = [HEAD]
    for group in errors.SwathError.__subclasses__():
        if group.__module__ == errors.__name__:
            parts.append(entry(group, 2))
            parts += [entry(kind, 3) for kind in family(group)]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(generate(), encoding="utf-8")

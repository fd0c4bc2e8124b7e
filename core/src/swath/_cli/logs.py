# SPDX-License-Identifier: Apache-2.0
"""Shows the log and the warnings of swath and its plugins on standard error while a command runs."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import click

__all__ = ["shown", "without"]

_FORM = logging.Formatter("%(levelname).1s %(name)s: %(message)s")


class _ToStandardError(logging.Handler):
    """Writes to whatever standard error is now."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record: a warning as a sentence, what is less with its level and logger."""
        with contextlib.suppress(Exception):  # a log line never ends a command
            if record.levelno < logging.WARNING:
                click.echo(_FORM.format(record), err=True)
            else:
                _show_warning(record.getMessage())


@contextlib.contextmanager
def shown() -> Iterator[Any]:
    """Show warnings until the block ends; then logging and warnings are as they were.

    Yields:
        A function that shows more from then on: 1 for what is done, 2 for every request too.
    """
    changed: dict[logging.Logger, int] = {}

    def more(count: int) -> None:
        for name in _loggers():
            logger = logging.getLogger(name)
            changed.setdefault(logger, logger.level)
            logger.setLevel(logging.DEBUG if count > 1 else logging.INFO)

    handler = _ToStandardError()
    logging.getLogger().addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning  # type: ignore[assignment]  # it takes what is given
            yield more
    finally:
        logging.getLogger().removeHandler(handler)
        for logger, level in changed.items():
            logger.setLevel(level)


@contextlib.contextmanager
def without(name: str) -> Iterator[None]:
    """Show nothing of one logger until the block ends."""
    logger = logging.getLogger(name)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _loggers() -> set[str]:
    """Name the loggers of swath and its plugins; those of HTTP libraries show whole URLs, secrets included."""
    from swath._registry import EXTENSIONS, PROVIDERS, list_plugins

    entries = [*list_plugins(PROVIDERS), *list_plugins(EXTENSIONS)]
    return {"swath", *(entry.value.partition(":")[0].partition(".")[0] for entry in entries)}


def _show_warning(message: Warning | str, *_: Any) -> None:
    click.echo(f"Warning: {message}", err=True)

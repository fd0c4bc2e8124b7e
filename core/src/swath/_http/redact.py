# SPDX-License-Identifier: Apache-2.0
"""Keeps secrets out of what people and logs see."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from swath.models import Secret

__all__ = ["guard_loggers", "redact_text", "redact_url"]

_URL = re.compile(r"(?P<base>https?://[^\s\"'<>?#]+)(?P<rest>[?#][^\s\"'<>]*)?")
_USERINFO = re.compile(r"(https?://)[^/@\s]+@")
_HEADER = re.compile(
    r"(?i)(authorization|proxy-authorization|x-api-key|cookie|set-cookie|api[-_]key)([\"']?\s*[:=,]\s*b?[\"']?)[^\"'\r\n,)\]}]+"
)
_LOGGERS = ("httpx", "httpcore", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy", "swath")


def redact_url(url: object) -> str:
    """Give a URL without user information, query and fragment: signed links carry their secret there."""
    text = str(url)
    return (_USERINFO.sub(r"\1", text) if "@" in text else text).split("?", 1)[0].split("#", 1)[0]


def redact_text(text: str, secrets: Iterable[Secret] = ()) -> str:
    """Give a text without the given secrets, URL queries and the values of headers that authorise.

    Args:
        text: For example a provider's error body or a log line.
        secrets: Values to look for.
    """
    for secret in secrets:
        value = secret.reveal()
        if len(value) >= 4:
            text = text.replace(value, "****")
    text = _URL.sub(lambda found: _USERINFO.sub(r"\1", found["base"]) + ("?****" if found["rest"] else ""), text)
    return _HEADER.sub(r"\1\2****", text)


class _Redaction(logging.Filter):
    """Rewrites a record's text before any handler sees it; never drops one."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        clean = redact_text(message)
        if clean != message:
            record.msg = clean
            record.args = ()
        return True


def guard_loggers() -> None:
    """Let the HTTP library's own log lines pass through redaction; levels and handlers stay the application's."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(present, _Redaction) for present in logger.filters):
            logger.addFilter(_Redaction())

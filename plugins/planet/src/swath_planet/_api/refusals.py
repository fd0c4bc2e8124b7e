# SPDX-License-Identifier: Apache-2.0
"""Tells apart what Planet refuses by one status: one request too many, and a quota that is used up."""

from __future__ import annotations

import re
from typing import Final

from swath.errors import QuotaExceeded, SwathError

__all__ = ["is_about_quota", "names_quota", "over_quota"]

_QUOTA: Final = re.compile(r"\bquota\b", re.IGNORECASE)


def names_quota(text: str) -> bool:
    """Whether a refusal's text says that a quota is used up; its status is that of too many requests.

    Source: Planet's Data API and Orders API documentation (errors), read 2026-11.
    """
    return _QUOTA.search(text) is not None


def is_about_quota(err: SwathError) -> bool:
    """Whether an error is Planet's word that a quota is used up, by its message alone."""
    return names_quota(err.message)


def over_quota(err: SwathError) -> QuotaExceeded:
    """Say again, as what it is, that a quota is used up."""
    return QuotaExceeded(
        err.message,
        provider="planet",
        status_code=err.status_code,
        request_id=err.request_id,
        details=err.details,
    )

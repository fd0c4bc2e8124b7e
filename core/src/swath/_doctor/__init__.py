# SPDX-License-Identifier: Apache-2.0
"""Looks at an installation and says what is wrong with it, in words that are safe to paste into a report.

Nothing is changed, nothing is bought, and no credential is sent: the only requests are unsigned ones to each provider's
own addresses.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from swath._clock import Clock, SystemClock
from swath._doctor.accounts import check_budget, check_credentials, check_network
from swath._doctor.findings import Finding, Level
from swath._doctor.machine import check_disk, check_ledger, check_plugins, check_proxies, check_versions
from swath._http.redact import redact_text
from swath._registry import ProviderHooks, list_plugins, load_plugin
from swath.errors import SwathError
from swath.models import ProviderInfo, Secret

if TYPE_CHECKING:
    import httpx

__all__ = ["Finding", "Level", "examine"]

_PARTS = ("versions", "plugins", "proxy", "disk", "ledger", "credentials", "budget", "network", "clock")


def examine(
    *,
    profile: str = "default",
    providers: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    transport: httpx.BaseTransport | None = None,
    timeout_s: float = 5.0,
) -> list[Finding]:
    """Look at everything.

    Args:
        profile: Which accounts.
        providers: Only these; all that are installed if empty. One that is named and has no credentials is a failure.
        environ: The process's environment if None.
        clock: What the providers' clocks are compared with.
        transport: Takes the place of the network.
        timeout_s: Seconds of patience with each address.

    Returns:
        What was found, no secret in it, the home folder written ``~``.
    """
    given = os.environ if environ is None else environ
    found = [*check_versions(), *check_plugins(), *check_proxies(given), *check_disk(given), *check_ledger(given)]
    infos = list(_described(providers))
    secrets: list[Secret] = []
    for info in infos:
        found += check_credentials(info, profile, given, secrets, needed=info.name in providers)
        found += check_budget(info, profile, given)
    for info in infos:
        found += check_network(
            info, profile, given, clock=clock or SystemClock(), transport=transport, timeout_s=timeout_s
        )
    found.sort(key=lambda one: _PARTS.index(one.part))
    return [_safe(one, given, secrets) for one in found]


def _safe(finding: Finding, environ: Mapping[str, str], secrets: Iterable[Secret]) -> Finding:
    """Shorten the home folder and take out whatever slipped through."""
    homes = {str(Path.home()), environ.get("HOME", ""), os.path.realpath(Path.home())} - {"", "/"}

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            value = redact_text(value, secrets)
            for home in sorted(homes, key=len, reverse=True):
                value = value.replace(home, "~")
            return value
        if isinstance(value, Mapping):
            return {key: clean(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [clean(inner) for inner in value]
        return value

    return evolve(finding, text=clean(finding.text), hint=clean(finding.hint), facts=clean(finding.facts))


def _described(providers: Sequence[str]) -> Iterator[ProviderInfo]:
    """Describe the providers that work; `_plugins` says what is wrong with the others.

    Raises:
        ProviderNotFound: For a name that was asked for and is not installed.
    """
    for name in providers or sorted({entry.name for entry in list_plugins()}):
        try:
            yield ProviderHooks(name, load_plugin(name)).describe()
        except SwathError:
            if name not in {entry.name for entry in list_plugins()}:
                raise

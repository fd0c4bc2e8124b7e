# SPDX-License-Identifier: Apache-2.0
"""Ways to sign in that need more than a value typed: which one it is, and a person elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import click

from swath._cli.options import interactive
from swath._cli.output import say
from swath.errors import InputError, MissingCredentials
from swath.models import LoginMethod, ProviderInfo

__all__ = ["choose_way", "sign_in"]


def choose_way(
    info: ProviderInfo, method: str | None, given: Collection[str], *, from_stdin: bool
) -> LoginMethod | None:
    """Choose the way to sign in: the one that is named, that fits what is given, or that a person chooses.

    Args:
        info: The provider.
        method: Name of a way; None for none.
        given: Names of the values that the user passed.
        from_stdin: Whether one secret is piped.

    Returns:
        None for a provider that has one way only.

    Raises:
        InputError: The provider does not have that way.
        MissingCredentials: None is named, and nobody is there to choose.
    """
    names = [way.name for way in info.logins]
    offered = ", ".join(f"--{name}" for name in names) or "none needs to be named"
    if method is not None:
        for way in info.logins:
            if way.name == method:
                return way
        raise InputError(f"{info.name} has no sign-in by --{method}", provider=info.name, hint=f"it has: {offered}")
    if not info.logins:
        return None
    typed = [way for way in info.logins if way.sign_in is None]
    if from_stdin or given:
        secrets = {one.name for one in info.credentials if one.secret}
        for way in typed:
            missing = [name for name in way.fields if name not in given]
            one_secret = len(missing) == 1 and missing[0] in secrets
            if {*given} <= {*way.fields} and (one_secret or not from_stdin):
                return way
        raise InputError(
            "it is not clear how to sign in with what was given", provider=info.name, hint=f"add one of: {offered}"
        )
    if not interactive():
        raise MissingCredentials(
            "no way to sign in is named, and nobody sits at the terminal to be asked",
            provider=info.name,
            hint=f"swath auth login {info.name} with one of: {offered}",
        )
    for way in info.logins:
        say(f"{way.name}: {way.title}")
    chosen = click.prompt("How", type=click.Choice(names), default=names[0], err=True)
    return next(way for way in info.logins if way.name == chosen)


def sign_in(
    info: ProviderInfo, way: LoginMethod, values: Mapping[str, str], *, profile: str, opens: bool
) -> dict[str, str]:
    """Sign in with a person at a browser.

    Args:
        info: The provider.
        way: One that has `sign_in`.
        values: What the user passed.
        profile: Which account.
        opens: Whether the page is opened in this machine's browser.

    Returns:
        The fields to keep.
    """
    from swath._session import open_session
    from swath.oauth import tell_on_terminal

    tell = tell_on_terminal(opens=opens and interactive())
    assert way.sign_in is not None  # noqa: S101 - the caller looked
    session = open_session(info.name, profile=profile, signed=False)
    try:
        return dict(way.sign_in(session.context, values, tell))
    finally:
        session.http.close()

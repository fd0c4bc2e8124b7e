# SPDX-License-Identifier: Apache-2.0
"""``swath planet auth``: the sessions of Planet's own program, and what swath keeps."""

from __future__ import annotations

from typing import Any

import click

from swath.commands import Group, interactive, run, say
from swath.errors import MissingCredentials, NotSupported
from swath_planet._cli import accounts_kept as kept
from swath_planet._cli.account import chosen, credentials_of, open_account
from swath_planet._cli.output import pretty as pretty_option
from swath_planet._cli.output import print_one

__all__ = ["auth"]


@click.group(cls=Group)
def auth() -> None:
    """Sign in to Planet, see and choose profiles, print tokens.

    Profiles are those of Planet's own program, in ~/.planet: both programs can use one session by turns. swath auth
    keeps an API key or a machine's client, and says what is in use: swath auth status planet
    """


# --- signing in ------------------------------------------------------------------------------------------------------


def _scope_option(function: Any) -> Any:
    return click.option("--scope", "scopes", multiple=True, metavar="NAME", help="Scope; may be repeated.")(function)


@auth.command("login")
@click.option("--open-browser/--no-open-browser", default=True, show_default=True, help="Open the page in a browser.")
@click.option("--show-qr-code/--no-show-qr-code", default=False, help="Accepted for scripts; no code is drawn.")
@_scope_option
@click.option("--audience", "audiences", multiple=True, metavar="URL", help="What tokens are for; may be repeated.")
@click.option("--auth-profile", metavar="NAME", help="Sign in to this profile.  [default: planet-user]")
@click.option("--auth-client-id", metavar="ID", help="Keep a machine's client; with --auth-client-secret.")
@click.option("--auth-client-secret", metavar="SECRET", help="Its secret.")
@click.option("--auth-api-key", metavar="KEY", help="Keep an API key.")
@click.option("--sops/--no-sops", default=False, help="Accepted for scripts; swath does not encrypt with SOPS.")
@click.option(
    "--yes/--no", "-y/-n", "make_default", default=None, help="Make the profile the default, or do not; else ask."
)
@click.pass_context
def login(
    context: click.Context,
    /,
    *,
    open_browser: bool,
    show_qr_code: bool,
    scopes: tuple[str, ...],
    audiences: tuple[str, ...],
    auth_profile: str | None,
    auth_client_id: str | None,
    auth_client_secret: str | None,
    auth_api_key: str | None,
    sops: bool,
    make_default: bool | None,
) -> None:
    """Sign in, and keep the session.

    Without options a page and a code are shown: open the page on any device and approve. The options of swath planet
    itself that name an account do the same as those here.

    \b
    swath planet auth login
    swath planet auth login --no-open-browser --auth-profile work --yes
    """
    if sops:
        raise NotSupported(
            "swath does not encrypt with SOPS", hint="leave out --sops: the files are readable by you only"
        )
    if show_qr_code:
        say("Note: no QR code is drawn; open the page.")
    account = chosen(context)
    client_id = auth_client_id or (None if auth_profile else account.client_id)
    client_secret = auth_client_secret or (None if auth_profile else account.client_secret)
    name = auth_profile or (None if client_id else account.profile)
    key = auth_api_key or (None if name or client_id else account.api_key)
    if name is None and client_id:
        secret = ["--with", f"client_secret={client_secret}"] if client_secret else []
        run(context, "auth", "login", "planet", "--m2m", "--with", f"client_id={client_id}", *secret)
    elif name is None and key:
        run(context, "auth", "login", "planet", "--api-key", "--with", f"api_key={key}")
    else:
        profile = kept.profile_named(name or kept.BUILT_IN_PROFILE, scopes=scopes, audiences=audiences)
        kept.sign_in(profile, open_browser=open_browser)
        say(f"Signed in to the profile {profile.name}.")
        _offer_default(profile.name, make_default=make_default)


def _offer_default(name: str, *, make_default: bool | None) -> None:
    """Make a profile the default, if that is wanted."""
    if kept.default_profile() == name or (make_default is None and name == kept.BUILT_IN_PROFILE):
        return
    if make_default is None and interactive():
        make_default = click.confirm(f"Make {name} the default profile?", err=True)
    if make_default:
        kept.set_default(name)
        say(f"{name} is the default profile now.")
    else:
        say(f"Use it with --auth-profile {name}, or always: swath planet auth profile set {name}")


@auth.command("refresh")
@_scope_option
@click.pass_context
def refresh(context: click.Context, /, *, scopes: tuple[str, ...]) -> None:
    """Get a new token.

    By the session that is kept, or as the machine whose client is.
    """
    kept.renew(open_account(context), scopes=scopes)
    say("There is a new token.")


@auth.command("reset")
@click.pass_context
def reset(context: click.Context, /) -> None:
    """Forget the account that is in use. Files of Planet's own program are put aside, as .old, not deleted."""
    found = credentials_of(context)
    for path in kept.put_aside(found.get("auth_profile")):
        say(f"Put aside as {path}")
    run(context, "auth", "logout", "planet")


# --- printing --------------------------------------------------------------------------------------------------------


@auth.command("print-api-key")
@click.pass_context
def print_api_key(context: click.Context, /) -> None:
    """Print the API key in use. It is a secret: mind where it goes."""
    account = open_account(context)
    found = kept.api_key_of(account)
    if found is None:
        raise MissingCredentials(
            "the account in use has no API key: it signs in otherwise",
            provider="planet",
            hint="see what is in use with: swath auth status planet",
        )
    click.echo(found.reveal())


@auth.command("print-access-token")
@click.option("--refresh/--no-refresh", "fresh", default=True, show_default=True, help="Renew it first if it is over.")
@click.pass_context
def print_access_token(context: click.Context, /, *, fresh: bool) -> None:
    """Print the access token of the session in use. It is a secret: mind where it goes."""
    found = kept.token_of(open_account(context), fresh=fresh)
    if found is None:
        raise MissingCredentials(
            "the account in use has no access token",
            provider="planet",
            hint="sign in with: swath planet auth login",
        )
    click.echo(found.reveal())


# --- profiles --------------------------------------------------------------------------------------------------------


@auth.group("profile")
def profile() -> None:
    """Profiles of Planet's own program, in ~/.planet."""


@profile.command("list", short_help="List the profiles.")
@click.option("-l", "--long", "in_full", is_flag=True, help="Show what is in them, without secrets.")
@pretty_option
def list_(*, in_full: bool, pretty: bool) -> None:
    """List the profiles, as a JSON list; with --long as an object."""
    if in_full:
        print_one({name: kept.described(name) for name in kept.names()}, pretty=pretty)
    else:
        print_one(kept.names(), pretty=pretty)


@profile.command("show")
@pretty_option
@click.pass_context
def show(context: click.Context, /, *, pretty: bool) -> None:
    """Say which profile is in use, which is the default, and which there is without any choice."""
    in_use = credentials_of(context).get("auth_profile")
    print_one({"current": in_use, "default": kept.default_profile(), "built_in": kept.BUILT_IN_PROFILE}, pretty=pretty)


@profile.command("set", short_help="Make a profile the default.")
@click.argument("selected_profile", metavar="NAME", required=False)
def set_(*, selected_profile: str | None) -> None:
    """Make the profile NAME the default, for swath and for Planet's own program."""
    if selected_profile is None:
        if not interactive():
            raise click.UsageError(f"name one of: {', '.join(kept.names())}")
        selected_profile = click.prompt("Profile", type=click.Choice(kept.names()), err=True)
    name = kept.profile_named(selected_profile).name
    kept.set_default(name)
    say(f"{name} is the default profile now.")


@profile.command("copy", short_help="Make a profile like another.")
@click.argument("src")
@click.argument("dst")
@click.option("--sops/--no-sops", default=False, help="Accepted for scripts; swath does not encrypt with SOPS.")
def copy(*, src: str, dst: str, sops: bool) -> None:
    """Make the profile DST like SRC. Its session is not copied: sign in to it."""
    if sops:
        raise NotSupported(
            "swath does not encrypt with SOPS", hint="leave out --sops: the files are readable by you only"
        )
    made = kept.copy(src, dst)
    say(f"Made the profile {made}; sign in with: swath planet auth login --auth-profile {made}")

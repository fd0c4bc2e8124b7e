# SPDX-License-Identifier: Apache-2.0
"""``swath cecil``: areas, the organisation's members, settings, webhooks and keys."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swath.commands import Group, piped, profile_of, say
from swath.errors import ConfigurationError, InputError, UnexpectedResponse

if TYPE_CHECKING:
    from swath.hookspecs import Context
    from swath_cecil._api.account import Areas, Organisation

__all__ = ["cecil"]

_EVENTS = ("subscription.delivered", "subscription.failed", "subscription.completed")


@click.group(cls=Group)
def cecil() -> None:
    """Cecil's own: areas of interest, members, settings, webhooks and keys.

    Standard output is JSON, one record a line. Datasets are ordered by swath search, order, wait and download.
    """


def _account(context: click.Context, *, signed: bool = True) -> Context:
    """Open the account, and close it when the command is done."""
    from swath.native import close_context, open_context
    from swath_cecil.provider import CecilProvider

    opened = open_context("cecil", plugin=CecilProvider(), profile=profile_of(context), signed=signed)
    context.call_on_close(lambda: close_context(opened))
    return opened


def _organisation(context: click.Context) -> Organisation:
    from swath_cecil._api.account import Organisation

    return Organisation(_account(context))


def _areas(context: click.Context) -> Areas:
    from swath_cecil._api.account import Areas

    return Areas(_account(context))


def _print(*records: Any) -> None:
    """Print records, one a line."""

    def plain(value: Any) -> str:
        return value.isoformat() if isinstance(value, dt.datetime) else str(value)

    for one in records:
        click.echo(json.dumps(one.model_dump() if hasattr(one, "model_dump") else one, default=plain))


# --- areas ------------------------------------------------------------------------------------------------------------


@cecil.group("areas")
def areas() -> None:
    """Areas of interest kept at Cecil."""


@areas.command("list")
@click.option("--archived", is_flag=True, help="Those that are archived instead.")
@click.pass_context
def list_areas(context: click.Context, /, *, archived: bool) -> None:
    """List areas, without their geometries."""
    _print(*_areas(context).listed(archived=archived))


@areas.command("create", short_help="Make an area.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--ref", metavar="TEXT", help="Your own reference.")
@click.pass_context
def create_area(context: click.Context, /, *, file: Path, ref: str | None) -> None:
    """Make an area of the polygon in FILE, GeoJSON; the one that is there already, if it is the same."""
    try:
        told = json.loads(file.read_bytes())
    except ValueError as err:
        raise InputError(f"{file} is no JSON", hint="pass a GeoJSON file with one polygon") from err
    for key in ("features", "geometry"):
        found = told.get(key) if isinstance(told, dict) else None
        told = found[0] if isinstance(found, list) and len(found) == 1 else found if found is not None else told
    told = told.get("geometry", told) if isinstance(told, dict) else told
    if not isinstance(told, dict) or told.get("type") not in {"Polygon", "MultiPolygon"}:
        raise InputError(f"{file} holds no single polygon", hint="pass a GeoJSON file with one polygon")
    _print(_areas(context).create(told, ref))


@areas.command("get", short_help="Show an area.")
@click.argument("area_id")
@click.pass_context
def get_area(context: click.Context, /, *, area_id: str) -> None:
    """Show the area AREA_ID, with its geometry."""
    _print(_areas(context).get(area_id))


@areas.command("archive", short_help="Hide an area.")
@click.argument("area_id")
@click.pass_context
def archive_area(context: click.Context, /, *, area_id: str) -> None:
    """Hide the area AREA_ID; its subscriptions go on."""
    _areas(context).archive(area_id)
    say(f"Archived the area {area_id}.")


@areas.command("restore", short_help="Show an area again.")
@click.argument("area_id")
@click.pass_context
def restore_area(context: click.Context, /, *, area_id: str) -> None:
    """Show the area AREA_ID again."""
    _areas(context).restore(area_id)
    say(f"Restored the area {area_id}.")


# --- the organisation -------------------------------------------------------------------------------------------------


@cecil.command("usage")
@click.pass_context
def usage(context: click.Context, /) -> None:
    """Say what was used, of which limit."""
    _print(_organisation(context).usage())


@cecil.command("settings")
@click.option("--monthly-limit", type=click.IntRange(min=0), metavar="HECTARES", help="Change it.")
@click.pass_context
def settings(context: click.Context, /, *, monthly_limit: int | None) -> None:
    """Show the organisation's settings, or change them."""
    organisation = _organisation(context)
    if monthly_limit is not None:
        organisation.set_monthly_limit(monthly_limit)
    _print(organisation.settings())


@cecil.group("users")
def users() -> None:
    """Members of the organisation."""


@users.command("list")
@click.pass_context
def list_users(context: click.Context, /) -> None:
    """List the members."""
    _print(*_organisation(context).users())


@users.command("get", short_help="Show a member.")
@click.argument("user_id")
@click.pass_context
def get_user(context: click.Context, /, *, user_id: str) -> None:
    """Show the member USER_ID."""
    _print(_organisation(context).user(user_id))


@users.command("create", short_help="Invite a member.")
@click.argument("first_name")
@click.argument("last_name")
@click.argument("email")
@click.pass_context
def create_user(context: click.Context, /, *, first_name: str, last_name: str, email: str) -> None:
    """Invite a member, who gets an e-mail with a link to a key."""
    _print(_organisation(context).create_user(first_name, last_name, email))


# --- webhooks ---------------------------------------------------------------------------------------------------------


@cecil.group("webhooks")
def webhooks() -> None:
    """Where Cecil tells of deliveries; swath listen takes them in."""


@webhooks.command("list")
@click.pass_context
def list_webhooks(context: click.Context, /) -> None:
    """List the webhooks."""
    _print(*_organisation(context).webhooks())


@webhooks.command("create", short_help="Have deliveries told to a URL.")
@click.argument("url")
@click.option("--stdin", "from_stdin", is_flag=True, help="Read the secret from standard input, and keep it.")
@click.option("--event", "events", multiple=True, type=click.Choice(_EVENTS), help="Only this; all if none is named.")
@click.pass_context
def create_webhook(context: click.Context, /, *, url: str, from_stdin: bool, events: tuple[str, ...]) -> None:
    """Have deliveries told to URL, signed with the secret that is kept as webhook_secret, or read from standard input.

    \b
    openssl rand -hex 32 | swath cecil webhooks create https://example.org/cecil --stdin
    """  # noqa: D301  (click's own mark)
    from swath.native import keep_credentials
    from swath_cecil._api.account import Organisation

    account = _account(context)
    if from_stdin:
        secret = piped("swath cecil webhooks create URL --stdin < secret.txt").strip()
        say(f"Kept the secret in {keep_credentials(account, {'webhook_secret': secret})}")
    elif "webhook_secret" in account.credentials:
        secret = account.secret("webhook_secret")
    else:
        raise InputError(
            "there is no secret to sign deliveries with",
            hint="pass one by --stdin, or set SWATH_CECIL_WEBHOOK_SECRET",
            provider="cecil",
        )
    _print(Organisation(account).create_webhook(url, secret, list(events) or None))


@webhooks.command("get", short_help="Show a webhook.")
@click.argument("webhook_id")
@click.pass_context
def get_webhook(context: click.Context, /, *, webhook_id: str) -> None:
    """Show the webhook WEBHOOK_ID; its secret is never shown."""
    _print(_organisation(context).webhook(webhook_id))


@webhooks.command("delete", short_help="Delete a webhook.")
@click.argument("webhook_id")
@click.pass_context
def delete_webhook(context: click.Context, /, *, webhook_id: str) -> None:
    """Delete the webhook WEBHOOK_ID."""
    _organisation(context).delete_webhook(webhook_id)
    say(f"Deleted the webhook {webhook_id}.")


# --- keys -------------------------------------------------------------------------------------------------------------


@cecil.group("key")
def key() -> None:
    """The API key."""


@key.command("rotate")
@click.pass_context
def rotate(context: click.Context, /) -> None:
    """Get another key and keep it; the old one ends.

    The place where keys are kept is tried before the old one ends; a key that cannot be kept is printed.
    """
    from swath.native import keep_credentials
    from swath_cecil._api.account import Organisation
    from swath_cecil.client import new_key

    account = _account(context)
    keep_credentials(account, {"api_key": account.secret("api_key")})
    fresh = new_key(Organisation(account).rotate_key())
    if fresh is None:
        raise UnexpectedResponse(
            "the answer holds no key", hint="have another one sent: swath cecil key recover EMAIL", provider="cecil"
        )
    try:
        place = keep_credentials(account, {"api_key": fresh})
    except ConfigurationError:
        click.echo(fresh)
        raise
    say(f"Kept the new key in {place}")
    source = account.credentials["api_key"].source
    if source.startswith("environment"):
        say(f"It is not used as long as the {source} holds the old one: unset that.")


@key.command("recover", short_help="Have a link to a key sent by e-mail.")
@click.argument("email")
@click.pass_context
def recover(context: click.Context, /, *, email: str) -> None:
    """Have a link to a key sent to EMAIL. No key is needed for it, and none is sent."""
    from swath_cecil._api.account import Organisation

    answer = Organisation(_account(context, signed=False)).recover_key(email)
    say(str(answer.get("message", answer) if isinstance(answer, dict) else answer))

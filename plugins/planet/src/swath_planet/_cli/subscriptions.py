# SPDX-License-Identifier: Apache-2.0
"""``swath planet subscriptions``: orders that go on as new imagery arrives."""

from __future__ import annotations

from typing import Any

import click

from swath.commands import LazyGroup, command, say
from swath_planet._cli.account import base_url_option, planet
from swath_planet._cli.hosting import hosted, hosting_options
from swath_planet._cli.output import limit as limit_option
from swath_planet._cli.output import pretty as pretty_option
from swath_planet._cli.output import print_each, print_one
from swath_planet._cli.values import CommaList, Json

__all__ = [
    "bulk_create",
    "bulk_reactivate",
    "bulk_suspend",
    "cancel",
    "create",
    "get",
    "item_types",
    "list_",
    "patch",
    "reactivate",
    "results",
    "subscriptions",
    "summarize",
    "suspend",
    "update",
]

_HERE = "swath_planet._cli"
_STATES = ["running", "cancelled", "preparing", "pending", "completed", "suspended", "failed", "invalid"]
_RESULT_STATES = ["created", "queued", "processing", "failed", "success"]
_WHEN = "A time or an interval: 2026-06-01T00:00:00Z/.. is since then."

subscription_argument = click.argument("subscription_id")


@click.group(
    cls=LazyGroup,
    lazy={
        "request": (f"{_HERE}.subscription_building:request", "Write a subscription's request."),
        "request-catalog": (f"{_HERE}.subscription_building:request_catalog", "Write a source: scenes to come."),
        "request-source": (f"{_HERE}.subscription_building:request_source", "Write a source: a Planetary Variable."),
        "create": (f"{_HERE}.subscriptions:create", "Make a subscription."),
        "bulk-create": (f"{_HERE}.subscriptions:bulk_create", "Make several subscriptions."),
        "list": (f"{_HERE}.subscriptions:list_", "List the account's subscriptions."),
        "get": (f"{_HERE}.subscriptions:get", "Show a subscription."),
        "update": (f"{_HERE}.subscriptions:update", "Replace a subscription."),
        "patch": (f"{_HERE}.subscriptions:patch", "Change a part of a subscription."),
        "cancel": (f"{_HERE}.subscriptions:cancel", "End a subscription for good."),
        "suspend": (f"{_HERE}.subscriptions:suspend", "Stop a subscription for a while."),
        "reactivate": (f"{_HERE}.subscriptions:reactivate", "Let a suspended subscription go on."),
        "bulk-suspend": (f"{_HERE}.subscriptions:bulk_suspend", "Stop several subscriptions."),
        "bulk-reactivate": (f"{_HERE}.subscriptions:bulk_reactivate", "Let several go on."),
        "results": (f"{_HERE}.subscriptions:results", "List what a subscription has delivered."),
        "summarize": (f"{_HERE}.subscriptions:summarize", "Count subscriptions, or results, by state."),
        "item-types": (f"{_HERE}.subscriptions:item_types", "List the item types that can be subscribed to."),
    },
)
@base_url_option("/subscriptions/v1")
def subscriptions() -> None:
    """Orders that go on as new imagery arrives."""


# --- making ----------------------------------------------------------------------------------------------------------


@command()
@click.argument("request", type=Json())
@hosting_options
@pretty_option
@click.pass_context
def create(context: click.Context, /, *, request: dict[str, Any], pretty: bool, **hosting: Any) -> None:
    """Make the subscription REQUEST, JSON, a file, or - for standard input, and print it as Planet has it."""
    from swath_planet.subscription_request import sentinel_hub

    made = planet(context).subscriptions.create_subscription(hosted(request, sentinel_hub, **hosting))
    print_one(made, pretty=pretty)


@command()
@click.argument("request", type=Json(list))
@hosting_options
@pretty_option
@click.pass_context
def bulk_create(context: click.Context, /, *, request: list[dict[str, Any]], pretty: bool, **hosting: Any) -> None:
    """Make the subscriptions of REQUEST: a JSON list, or one request a line; itself, a file, or - for standard input.

    Prints a link to their list.
    """
    if not all(isinstance(one, dict) for one in request):
        raise click.BadParameter("it is no list of requests", context, param_hint="REQUEST")
    from swath_planet.subscription_request import sentinel_hub

    full = [hosted(one, sentinel_hub, **hosting) for one in request]
    made = planet(context).subscriptions.bulk_create_subscriptions(full)
    print_one(made, pretty=pretty)


# --- reading ---------------------------------------------------------------------------------------------------------


@command("list")
@click.option("--status", multiple=True, type=click.Choice(_STATES), help="In this state; may be repeated.")
@click.option("--created", metavar="WHEN", help=_WHEN)
@click.option("--updated", metavar="WHEN", help="The same, for the last change.")
@click.option("--start-time", metavar="WHEN", help="The same, for its begin.")
@click.option("--end-time", metavar="WHEN", help="The same, for its end.")
@click.option("--hosting", type=click.BOOL, metavar="true|false", help="With hosting, or without.")
@click.option("--name", metavar="TEXT", help="Of exactly this name.")
@click.option("--name-contains", metavar="TEXT", help="With this in the name.")
@click.option("--source-type", metavar="TYPE", help="catalog, a Planetary Variable's, or all.")
@click.option("--sort-by", metavar="FIELDS", help="Such as 'name DESC,created'.")
@click.option("--destination-ref", metavar="REF", help="Delivered there: pl:destinations/...")
@click.option("--geom-ref", metavar="REF", help="Of this area: pl:features/my/...")
@click.option("--user-id", metavar="ID", help="Of another user of the organisation, or 'all'.")
@limit_option
@click.option("--page-size", type=click.IntRange(0, 10000), metavar="N", default=500, help="Most of one page.")
@pretty_option
@click.pass_context
def list_(
    context: click.Context,
    /,
    *,
    status: tuple[str, ...],
    name_contains: str | None,
    limit: int,
    pretty: bool,
    **given: Any,
) -> None:
    """List the account's subscriptions, one a line."""
    found = planet(context).subscriptions.list_subscriptions(
        status=status or None, name__contains=name_contains, limit=limit, **given
    )
    print_each(found, pretty=pretty, limit=limit)


@command()
@subscription_argument
@pretty_option
@click.pass_context
def get(context: click.Context, /, *, subscription_id: str, pretty: bool) -> None:
    """Show the subscription SUBSCRIPTION_ID."""
    print_one(planet(context).subscriptions.get_subscription(subscription_id), pretty=pretty)


@command()
@subscription_argument
@click.option("--status", multiple=True, type=click.Choice(_RESULT_STATES), help="In this state; may be repeated.")
@click.option("--csv", "as_csv", is_flag=True, help="Print all of them as CSV.")
@click.option("--created", metavar="WHEN", help=_WHEN)
@click.option("--updated", metavar="WHEN", help="The same, for the last change.")
@click.option("--completed", metavar="WHEN", help="The same, for its end.")
@click.option("--item-datetime", metavar="WHEN", help="The same, for when the item was taken.")
@limit_option
@pretty_option
@click.pass_context
def results(
    context: click.Context,
    /,
    *,
    subscription_id: str,
    status: tuple[str, ...],
    as_csv: bool,
    limit: int,
    pretty: bool,
    **given: Any,
) -> None:
    """List what the subscription SUBSCRIPTION_ID has delivered, one a line. With --csv there is no limit."""
    api = planet(context).subscriptions
    if as_csv:
        for line in api.get_results_csv(subscription_id, status=status or None, **given):
            click.echo(line)
        return
    found = api.get_results(subscription_id, status=status or None, limit=limit, **given)
    print_each(found, pretty=pretty, limit=limit)


@command()
@click.option("--subscription-id", metavar="ID", help="Count the results of this one instead.")
@pretty_option
@click.pass_context
def summarize(context: click.Context, /, *, subscription_id: str | None, pretty: bool) -> None:
    """Count the account's subscriptions by state."""
    api = planet(context).subscriptions
    print_one(api.get_subscription_summary(subscription_id) if subscription_id else api.get_summary(), pretty=pretty)


@command()
@pretty_option
@click.pass_context
def item_types(context: click.Context, /, *, pretty: bool) -> None:
    """List the item types that can be subscribed to, as a JSON list."""
    from swath_planet._cli.bundles import bundle_table

    print_one(sorted({kind for types in bundle_table(context).values() for kind in types}), pretty=pretty)


# --- changing --------------------------------------------------------------------------------------------------------


@command()
@subscription_argument
@click.argument("request", type=Json())
@pretty_option
@click.pass_context
def update(context: click.Context, /, *, subscription_id: str, request: dict[str, Any], pretty: bool) -> None:
    """Replace the subscription SUBSCRIPTION_ID by REQUEST, which is complete: JSON, a file, or -."""
    print_one(planet(context).subscriptions.update_subscription(subscription_id, request), pretty=pretty)


@command()
@subscription_argument
@click.argument("request", type=Json())
@pretty_option
@click.pass_context
def patch(context: click.Context, /, *, subscription_id: str, request: dict[str, Any], pretty: bool) -> None:
    """Change of the subscription SUBSCRIPTION_ID what REQUEST says: JSON, a file, or -."""
    print_one(planet(context).subscriptions.patch_subscription(subscription_id, request), pretty=pretty)


@command()
@subscription_argument
@pretty_option
@click.pass_context
def cancel(context: click.Context, /, *, subscription_id: str, pretty: bool) -> None:  # noqa: ARG001  nothing is printed
    """End the subscription SUBSCRIPTION_ID for good."""
    planet(context).subscriptions.cancel_subscription(subscription_id)
    say(f"Cancelled the subscription {subscription_id}.")


@command()
@subscription_argument
@click.option("--details", metavar="TEXT", help="Why, for whoever reads it later.")
@pretty_option
@click.pass_context
def suspend(context: click.Context, /, *, subscription_id: str, details: str | None, pretty: bool) -> None:
    """Stop the subscription SUBSCRIPTION_ID until it is reactivated, and print it."""
    print_one(planet(context).subscriptions.suspend_subscription(subscription_id, details), pretty=pretty)


@command()
@subscription_argument
@pretty_option
@click.pass_context
def reactivate(context: click.Context, /, *, subscription_id: str, pretty: bool) -> None:  # noqa: ARG001  nothing is printed
    """Let the suspended subscription SUBSCRIPTION_ID go on."""
    planet(context).subscriptions.reactivate_subscription(subscription_id)
    say(f"Reactivated the subscription {subscription_id}.")


def _several(function: Any) -> Any:
    """Add the options that say which subscriptions are meant."""
    for option in reversed(
        [
            click.option("--subscription-ids", type=CommaList(), metavar="ID,ID,...", help="These."),
            click.option("--all-mine", is_flag=True, help="All of the account's own."),
            click.option("--all", "all_subscriptions", is_flag=True, help="All of the organisation, as its admin."),
        ]
    ):
        function = option(function)
    return function


def _check_several(subscription_ids: list[str] | None, *, all_mine: bool, all_subscriptions: bool) -> None:
    """Have it said which subscriptions are meant: Planet takes silence for all of them."""
    if (subscription_ids is not None) + all_mine + all_subscriptions != 1:
        raise click.UsageError("say which are meant, by one of --subscription-ids, --all-mine and --all")


@command()
@_several
@click.option("--details", metavar="TEXT", help="Why, for whoever reads it later.")
@pretty_option
@click.pass_context
def bulk_suspend(
    context: click.Context,
    /,
    *,
    subscription_ids: list[str] | None,
    all_mine: bool,
    all_subscriptions: bool,
    details: str | None,
    pretty: bool,  # noqa: ARG001  nothing is printed
) -> None:
    """Stop several subscriptions until they are reactivated."""
    _check_several(subscription_ids, all_mine=all_mine, all_subscriptions=all_subscriptions)
    planet(context).subscriptions.bulk_suspend_subscriptions(
        subscription_ids, details, all_subscriptions, all_of_mine=all_mine
    )
    say("Suspended.")


@command()
@_several
@pretty_option
@click.pass_context
def bulk_reactivate(
    context: click.Context,
    /,
    *,
    subscription_ids: list[str] | None,
    all_mine: bool,
    all_subscriptions: bool,
    pretty: bool,  # noqa: ARG001  nothing is printed
) -> None:
    """Let several suspended subscriptions go on."""
    _check_several(subscription_ids, all_mine=all_mine, all_subscriptions=all_subscriptions)
    planet(context).subscriptions.bulk_reactivate_subscriptions(
        subscription_ids, all_subscriptions, all_of_mine=all_mine
    )
    say("Reactivated.")

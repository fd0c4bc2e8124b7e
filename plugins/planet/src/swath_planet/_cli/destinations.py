# SPDX-License-Identifier: Apache-2.0
"""``swath planet destinations``: buckets that Planet may deliver to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from swath.commands import Command, Group, say
from swath_planet._cli.account import base_url_option, planet
from swath_planet._cli.output import pretty as pretty_option
from swath_planet._cli.output import print_one
from swath_planet._cli.values import SecretText

__all__ = ["destinations"]

_WAYS = {
    "s3": (
        "amazon_s3",
        "Amazon S3",
        {
            "bucket": ("bucket", "Name of the bucket."),
            "region": ("aws_region", "Region it is in."),
            "access-key-id": ("aws_access_key_id", "Id of the access key."),
            "secret-access-key": ("aws_secret_access_key", "Secret of the access key"),
            "explicit-sse": ("explicit_sse", "Ask for encryption at rest in each request."),
        },
    ),
    "s3-compatible": (
        "s3_compatible",
        "a store that speaks S3",
        {
            "bucket": ("bucket", "Name of the bucket."),
            "endpoint": ("endpoint", "Address of the store."),
            "region": ("region", "Region it is in."),
            "access-key-id": ("access_key_id", "Id of the access key."),
            "secret-access-key": ("secret_access_key", "Secret of the access key"),
            "use-path-style": ("use_path_style", "Name the bucket in the path of addresses."),
        },
    ),
    "ocs": (
        "oracle_cloud_storage",
        "Oracle Cloud Storage",
        {
            "bucket": ("bucket", "Name of the bucket."),
            "access-key-id": ("customer_access_key_id", "Id of the customer's access key."),
            "secret-access-key": ("customer_secret_key", "Secret of the customer's access key"),
            "namespace": ("namespace", "Namespace of the object storage."),
            "region": ("region", "Region it is in."),
        },
    ),
    "azure": (
        "azure_blob_storage",
        "Azure Blob Storage",
        {
            "container": ("container", "Name of the container."),
            "account": ("account", "Account it belongs to."),
            "sas-token": ("sas_token", "Shared-access token"),
            "storage-endpoint-suffix": ("storage_endpoint_suffix", "Another address of Azure."),
        },
    ),
    "gcs": (
        "google_cloud_storage",
        "Google Cloud Storage",
        {
            "bucket": ("bucket", "Name of the bucket."),
            "credentials": ("credentials", "Service account's JSON, in base64"),
        },
    ),
}
"""By command: Planet's type, its name, and by option Planet's parameter and the help."""
_FLAGS = {"explicit-sse", "use-path-style"}
_OPTIONAL = {"storage-endpoint-suffix"}
_SECRETS = {"secret-access-key", "sas-token", "credentials"}
_CHANGEABLE = {"access-key-id", *_SECRETS, *_FLAGS}


def _options(way: str, names: set[str] | None = None) -> list[click.Option]:
    """Make the options of one type of store: all, or those named."""
    made = []
    for name, (parameter, text) in _WAYS[way][2].items():
        if names is not None and name not in names:
            continue
        if name in _FLAGS:
            made.append(click.Option([f"--{name}", parameter], is_flag=True, default=None, help=text))
            continue
        secret = name in _SECRETS
        made.append(
            click.Option(
                [f"--{name}", parameter],
                required=name not in _OPTIONAL,
                type=SecretText() if secret else str,
                metavar="SECRET" if secret else "TEXT",
                help=f"{text}; - reads it from standard input." if secret else text,
            )
        )
    return made


def _pretty() -> click.Option:
    return click.Option(["--pretty"], is_flag=True, help="Indent the JSON.")


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


@click.group(cls=Group)
@base_url_option("/destinations/v1")
def destinations() -> None:
    """Buckets that Planet may deliver to, so that no order has to carry their credentials.

    An order delivers there with --delivery '{"destination": {"ref": "pl:destinations/ID"}}'. A secret on the command
    line can be seen by other users of the machine: give - and pipe it in.
    """


@destinations.command("list", short_help="List the destinations.")
@click.option("--archived", type=click.BOOL, metavar="true|false", help="Only archived ones, or none of them.")
@click.option("--is-owner", type=click.BOOL, metavar="true|false", help="Only one's own, or only others'.")
@click.option("--can-write", type=click.BOOL, metavar="true|false", help="Only what one may change, or the others.")
@click.option("--is-default", type=click.BOOL, metavar="true|false", help="Only the default, or the others.")
@pretty_option
@click.pass_context
def list_(context: click.Context, /, *, pretty: bool, **given: bool | None) -> None:
    """List the destinations, as Planet gives them: a JSON object with a list."""
    print_one(planet(context).destinations.list_destinations(**given), pretty=pretty)


destination_argument = click.argument("destination_id")


@destinations.command("get", short_help="Show a destination; its secrets are not shown.")
@destination_argument
@pretty_option
@click.pass_context
def get(context: click.Context, /, *, destination_id: str, pretty: bool) -> None:
    """Show the destination DESTINATION_ID; its secrets are not shown."""
    print_one(planet(context).destinations.get_destination(destination_id), pretty=pretty)


@destinations.command("rename", short_help="Give a destination another name.")
@destination_argument
@click.argument("name")
@pretty_option
@click.pass_context
def rename(context: click.Context, /, *, destination_id: str, name: str, pretty: bool) -> None:
    """Give the destination DESTINATION_ID another NAME."""
    print_one(planet(context).destinations.patch_destination(destination_id, {"name": name}), pretty=pretty)


@destinations.command("archive", short_help="Put a destination away.")
@destination_argument
@pretty_option
@click.pass_context
def archive(context: click.Context, /, *, destination_id: str, pretty: bool) -> None:
    """Put the destination DESTINATION_ID away."""
    print_one(planet(context).destinations.patch_destination(destination_id, {"archive": True}), pretty=pretty)


@destinations.command("unarchive", short_help="Take a destination into use again.")
@destination_argument
@pretty_option
@click.pass_context
def unarchive(context: click.Context, /, *, destination_id: str, pretty: bool) -> None:
    """Take the destination DESTINATION_ID into use again."""
    print_one(planet(context).destinations.patch_destination(destination_id, {"archive": False}), pretty=pretty)


@destinations.group("default")
def default() -> None:
    """The destination that pl:destinations/default stands for."""


@default.command("set", short_help="Make a destination the default.")
@destination_argument
@pretty_option
@click.pass_context
def set_(context: click.Context, /, *, destination_id: str, pretty: bool) -> None:
    """Make the destination DESTINATION_ID the default."""
    print_one(planet(context).destinations.set_default_destination(destination_id), pretty=pretty)


@default.command("get")
@pretty_option
@click.pass_context
def get_default(context: click.Context, /, *, pretty: bool) -> None:
    """Show the default destination."""
    print_one(planet(context).destinations.get_default_destination(), pretty=pretty)


@default.command("unset")
@pretty_option
@click.pass_context
def unset(context: click.Context, /, *, pretty: bool) -> None:  # noqa: ARG001  nothing is printed
    """Have no default destination any more."""
    planet(context).destinations.unset_default_destination()
    say("There is no default destination now.")


@destinations.group("create")
def create() -> None:
    """Make a destination. Planet writes a small file there to see that it can."""


@destinations.group("update")
def update() -> None:
    """Give a destination new credentials."""


def _creating(way: str) -> Callable[..., None]:
    @click.pass_context
    def run(context: click.Context, /, *, name: str | None, pretty: bool, **parameters: Any) -> None:
        body: dict[str, Any] = {"type": _WAYS[way][0], "parameters": _given(parameters)}
        if name:
            body["name"] = name
        print_one(planet(context).destinations.create_destination(body), pretty=pretty)

    return run


def _updating() -> Callable[..., None]:
    @click.pass_context
    def run(context: click.Context, /, *, destination_id: str, pretty: bool, **parameters: Any) -> None:
        body = {"parameters": _given(parameters)}
        print_one(planet(context).destinations.patch_destination(destination_id, body), pretty=pretty)

    return run


for _way, (_, _title, _parameters) in _WAYS.items():
    create.add_command(
        Command(
            _way,
            callback=_creating(_way),
            params=[
                *_options(_way),
                click.Option(["--name"], metavar="TEXT", help="Name of the destination.  [default: the bucket's]"),
                _pretty(),
            ],
            help=f"Make a destination in {_title}.",
        )
    )
    update.add_command(
        Command(
            _way,
            callback=_updating(),
            params=[click.Argument(["destination_id"]), *_options(_way, _CHANGEABLE), _pretty()],
            help=f"Give the destination DESTINATION_ID in {_title} new credentials.",
            short_help=f"Give a destination in {_title} new credentials.",
        )
    )

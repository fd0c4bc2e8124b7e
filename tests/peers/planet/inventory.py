# SPDX-License-Identifier: Apache-2.0
"""Lists what the official SDK and program have: each function with its arguments, each command with its options.

Run with the Python of the official SDK; prints one JSON object of names and lists of names.
"""

from __future__ import annotations

import inspect
import json

import click
import planet
from planet import data_filter, geojson, order_request, reporting, subscription_request
from planet.cli.cli import main

CLASSES = (
    planet.Session, planet.DataClient, planet.OrdersClient, planet.SubscriptionsClient, planet.FeaturesClient,
    planet.MosaicsClient, planet.DestinationsClient, planet.QuotaClient,
)  # fmt: skip


def methods(kind):
    """Give the public methods of a class and their arguments."""
    for name, method in inspect.getmembers(kind, callable):
        if not name.startswith("_"):
            yield f"{kind.__name__}.{name}", [one for one in inspect.signature(method).parameters if one != "self"]


def functions(module):
    """Give the public functions of a module and their arguments."""
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if not name.startswith("_") and function.__module__ == module.__name__:
            yield f"{module.__name__.partition('.')[2]}.{name}", list(inspect.signature(function).parameters)


def commands(group, words=()):
    """Give the commands below a group and their options."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        else:
            options = [[*one.opts, *one.secondary_opts] for one in command.params if isinstance(one, click.Option)]
            yield f"$ {' '.join((*words, name))}", ["|".join(one) for one in options if "--pretty" not in one]


def everything():
    """Give all of it."""
    front = planet.Planet(session=planet.Session(auth=planet.Auth.from_key("none")))
    faces = [type(one) for name, one in vars(front).items() if not name.startswith("_")]
    for kind in (*CLASSES, *faces):
        yield from methods(kind)
    for name, method in inspect.getmembers(planet.Auth, callable):
        if not name.startswith("_") and "planet" in method.__module__.split("."):
            yield f"Auth.{name}", []
    for module in (data_filter, geojson, order_request, subscription_request):
        yield from functions(module)
    yield "io.collect", ["values"]
    for bar in (reporting.StateBar, reporting.AssetStatusBar):
        yield f"{bar.__name__}.update", []
    yield from commands(main)


if __name__ == "__main__":
    print(json.dumps(dict(everything())))

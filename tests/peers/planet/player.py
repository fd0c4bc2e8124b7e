# SPDX-License-Identifier: Apache-2.0
"""Plays a scenario of this folder and notes what came of every step.

A scenario is a script that imports a Planet SDK and calls `play` with what it does. It is given a `Seen`, whose calls
carry out one step each, and prints one JSON object: what every step gave or raised, which of the SDK's functions were
called with which arguments, and the files that are left. This module knows no SDK: the scenario passes its own on.
"""

from __future__ import annotations

import collections.abc
import inspect
import json
import re

from scenario_steps import FOLDER, ROOT, Steps, advance, as_json, carry_out, fault

__all__ = ["FOLDER", "KEY", "ROOT", "advance", "fault", "play"]

KEY = "sandbox-planet-key"
ID = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})(?![0-9a-f])"
)


class Seen(Steps):
    """What a scenario has seen so far: steps of async functions, and with `now` and `refused` of a synchronous SDK.

    Of an error noted are those of its classes that are in the SDK's module of exceptions, and of the server's refusals
    the text too: those of the client are each SDK's own words.
    """

    async def __call__(self, label, function, *args, **options):
        """Carry out a step that must succeed, of an async or a plain function, and give what it gives."""
        with self.succeeding(label):
            return self.note(label, await self._value(function, args, options))

    async def ids(self, label, function, *args, **options):
        """Carry out a step that gives objects, of which the ids alone are noted."""
        return await self.part(label, lambda value: [one["id"] for one in value], function, *args, **options)

    async def part(self, label, pick, function, *args, **options):
        """Carry out a step that must succeed, note what `pick` makes of what it gives, and give that whole."""
        with self.succeeding(label):
            value = await self._value(function, args, options)
            self.note(label, pick(value))
            return value

    async def fails(self, label, function, *args, **options):
        """Carry out a step that must raise, and note what."""
        with self.failing(label) as gave:
            gave.append(await self._value(function, args, options))

    def now(self, label, function, *args, **options):
        """Carry out a step of a synchronous SDK that must succeed, and give what it gives."""
        with self.succeeding(label):
            return self.note(label, listed(self.made(function, *args, **options)))

    def refused(self, label, function, *args, **options):
        """Carry out a step of a synchronous SDK that must raise, and note what."""
        with self.failing(label) as gave:
            gave.append(listed(self.made(function, *args, **options)))

    def typed(self, words, options):
        """Note that a command was run; `words` are its name, and whatever else is no option."""
        self.calls.setdefault(f"$ {words}", set()).update(options)

    async def _value(self, function, args, options):
        value = self.made(function, *args, **options)
        if hasattr(value, "__aiter__"):
            return [one async for one in value]
        return await value if inspect.isawaitable(value) else value

    @staticmethod
    def name_of(function):
        """Give a method by its class, and a function by its module."""
        owner = getattr(function, "__self__", None)
        if owner is not None and not inspect.ismodule(owner):
            kind = owner if inspect.isclass(owner) else type(owner)
            return f"{kind.__name__}.{function.__name__}"
        if "." in function.__qualname__:
            return function.__qualname__
        return f"{function.__module__.partition('.')[2]}.{function.__name__}"

    @staticmethod
    def plain(value):
        """Give a value as JSON types."""
        if isinstance(value, (set, frozenset, collections.abc.ValuesView, collections.abc.KeysView)):
            value = list(value)
        return as_json(value, Seen.plain)

    def told(self, err):
        """Give an error's classes, and the server's refusal."""
        kinds = [one.__name__ for one in type(err).__mro__ if self._is_known(one)]
        text = str(err) if isinstance(err, self.errors.APIError) else None
        return {"raised": kinds or [type(err).__name__], "text": text}

    def _is_known(self, kind):
        return kind is getattr(self.errors, kind.__name__, None) and issubclass(kind, self.errors.PlanetError)


def listed(value):
    """Give what an iterator gives as a list."""
    return list(value) if isinstance(value, collections.abc.Iterator) else value


def content(path):
    """Give what of a file counts; of JSON without what tells one order from another."""
    if path.suffix != ".json":
        return path.read_bytes()
    told = json.loads(ID.sub("<id>", path.read_text(encoding="utf-8")))
    if path.name == "manifest.json":
        for one in told["files"]:
            if one["path"].endswith(".json"):
                one.update(digests=None, size=None)
    return json.dumps(told).encode()


def play(scenario, errors):
    """Carry out a scenario, async or not, and print what came of it."""
    carry_out(scenario, Seen(errors), content)

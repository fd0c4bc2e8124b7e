# SPDX-License-Identifier: Apache-2.0
"""Plays a scenario of this folder and notes what came of every step.

A scenario is a script that imports a Planet SDK and calls `play` with what it does. It is given a `Seen`, whose calls
carry out one step each, and prints one JSON object: what every step gave or raised, which of the SDK's functions were
called with which arguments, and the files that are left. This module knows no SDK: the scenario passes its own on.
"""

from __future__ import annotations

import asyncio
import collections.abc
import contextlib
import hashlib
import inspect
import json
import os
import re
import sys
import traceback
import urllib.request
from pathlib import Path

ROOT = os.environ["SCENARIO_ROOT"]
KEY = "sandbox-planet-key"
FOLDER = Path("files")
ID = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})(?![0-9a-f])"
)


class Seen:
    """What a scenario has seen so far.

    Args:
        errors: The SDK's module of exceptions. Of an error noted are those of its classes that are there, and of the
            server's refusals the text too: those of the client are each SDK's own words.
    """

    def __init__(self, errors):
        self.errors = errors
        self.steps = {}
        self.calls = {}
        self.unexpected = {}

    async def __call__(self, label, function, *args, **options):
        """Carry out a step that must succeed, of an async or a plain function, and give what it gives."""
        try:
            return self._keep(label, await self._value(function, args, options))
        except Exception as err:  # noqa: BLE001 - what goes wrong is for the test to judge
            self._unexpected(label, err)
            return None

    async def ids(self, label, function, *args, **options):
        """Carry out a step that gives objects, of which the ids alone are noted."""
        return await self.part(label, lambda value: [one["id"] for one in value], function, *args, **options)

    async def part(self, label, pick, function, *args, **options):
        """Carry out a step that must succeed, note what `pick` makes of what it gives, and give that whole."""
        try:
            value = await self._value(function, args, options)
            self._keep(label, pick(value))
        except Exception as err:  # noqa: BLE001 - what goes wrong is for the test to judge
            self._unexpected(label, err)
            return None
        return value

    async def fails(self, label, function, *args, **options):
        """Carry out a step that must raise, and note what."""
        try:
            value = await self._value(function, args, options)
        except Exception as err:  # noqa: BLE001 - what it raises is the result
            self._error(label, err)
        else:
            self._missed(label, value)

    def now(self, label, function, *args, **options):
        """Carry out a step of a synchronous SDK that must succeed, and give what it gives."""
        try:
            return self._keep(label, self._plain_value(function, args, options))
        except Exception as err:  # noqa: BLE001 - what goes wrong is for the test to judge
            self._unexpected(label, err)
            return None

    def refused(self, label, function, *args, **options):
        """Carry out a step of a synchronous SDK that must raise, and note what."""
        try:
            value = self._plain_value(function, args, options)
        except Exception as err:  # noqa: BLE001 - what it raises is the result
            self._error(label, err)
        else:
            self._missed(label, value)

    def made(self, function, *args, **options):
        """Call a function that must succeed, and give what it gives; only that it was called is noted."""
        self.used(function, args, options)
        return function(*args, **options)

    def note(self, label, value):
        """Note a value that is no call's."""
        self._keep(label, value)

    def typed(self, words, options):
        """Note that a command was run; `words` are its name, and whatever else is no option."""
        self.calls.setdefault(f"$ {words}", set()).update(options)

    async def _value(self, function, args, options):
        self.used(function, args, options)
        value = function(*args, **options)
        if hasattr(value, "__aiter__"):
            return [one async for one in value]
        return await value if inspect.isawaitable(value) else value

    def _plain_value(self, function, args, options):
        self.used(function, args, options)
        value = function(*args, **options)
        return list(value) if isinstance(value, collections.abc.Iterator) else value

    def used(self, function, args, options):
        """Note that a function was called, and with which arguments."""
        owner = getattr(function, "__self__", None)
        if owner is not None and not inspect.ismodule(owner):
            kind = owner if inspect.isclass(owner) else type(owner)
            name = f"{kind.__name__}.{function.__name__}"
        elif "." in function.__qualname__:
            name = function.__qualname__
        else:
            name = f"{function.__module__.partition('.')[2]}.{function.__name__}"
        given = inspect.signature(function).bind(*args, **options).arguments
        self.calls.setdefault(name, set()).update(given)

    def _keep(self, label, value):
        assert label not in self.steps, f"two steps are called {label!r}"
        self.steps[label] = plain(value)
        return value

    def _error(self, label, err):
        self._keep(label, self._told(err))
        if isinstance(err, (AssertionError, NameError)):
            self._unexpected(label, err)

    def _told(self, err):
        kinds = [one.__name__ for one in type(err).__mro__ if self._is_known(one)]
        text = str(err) if isinstance(err, self.errors.APIError) else None
        return {"raised": kinds or [type(err).__name__], "text": text}

    def _is_known(self, kind):
        return kind is getattr(self.errors, kind.__name__, None) and issubclass(kind, self.errors.PlanetError)

    def _missed(self, label, value):
        self._keep(label, {"raised": None, "gave": value})
        self.unexpected[label] = "it did not fail"

    def _unexpected(self, label, err):
        self.steps.setdefault(label, self._told(err))
        self.unexpected[label] = "".join(traceback.format_exception(err))


def plain(value):
    """Give a value as JSON types: paths relative to where the scenario runs, objects by what they hold."""
    if isinstance(value, Path):
        return f"path {os.path.relpath(value)}"
    if isinstance(value, collections.abc.Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, collections.abc.ValuesView, collections.abc.KeysView)):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return repr(value)


def advance(seconds):
    """Put the sandbox's clock forward."""
    body = json.dumps({"advance_s": seconds}).encode()
    request = urllib.request.Request(f"{ROOT}/_sandbox/clock", data=body, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()


def fault(**settings):
    """Switch on a fault of the sandbox."""
    body = json.dumps(settings).encode()
    request = urllib.request.Request(f"{ROOT}/_sandbox/faults", data=body, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()


def files(folder=FOLDER):
    """Give the SHA-256 of every file below, by its path; of JSON without what tells one order from another."""
    found = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(_content(path)).hexdigest() for path in found}


def _content(path):
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
    seen = Seen(errors)
    FOLDER.mkdir(exist_ok=True)
    crashed = None
    try:
        with contextlib.redirect_stdout(sys.stderr):  # some steps talk to a person
            told = scenario(seen)
            if inspect.isawaitable(told):
                asyncio.run(_awaited(told))
    except Exception:  # noqa: BLE001 - the steps so far are worth comparing too
        crashed = traceback.format_exc()
    document = {
        "steps": seen.steps,
        "calls": {name: sorted(given) for name, given in sorted(seen.calls.items())},
        "unexpected": seen.unexpected,
        "crashed": crashed,
        "files": files(),
    }
    json.dump(document, sys.stdout)


async def _awaited(told):
    await told

# SPDX-License-Identifier: Apache-2.0
"""What the players of all providers have in common: steps of a scenario, the sandbox's switches, the document in the end.

It is copied beside each scenario and runs with the official SDK's Python, too: it knows no SDK and nothing of ours.
"""

from __future__ import annotations

import collections.abc
import contextlib
import hashlib
import inspect
import json
import os
import sys
import traceback
import urllib.request
from pathlib import Path

ROOT = os.environ["SCENARIO_ROOT"]
FOLDER = Path("files")
UNKNOWN = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"
PLAIN_ERRORS = (ValueError, TypeError, KeyError, AttributeError, IndexError, OSError)


class Steps:
    """What a scenario has seen so far. A player says how it names calls (`name_of`), values and errors.

    Args:
        errors: The SDK's module of exceptions.
    """

    def __init__(self, errors):
        self.errors = errors
        self.steps = {}
        self.calls = {}
        self.unexpected = {}

    def __call__(self, label, function, *args, **options):
        """Carry out a step that must succeed, and give what it gives."""
        with self.succeeding(label):
            return self.note(label, self.made(function, *args, **options))

    def part(self, label, pick, function, *args, **options):
        """Carry out a step that must succeed, note what `pick` makes of what it gives, and give that whole."""
        with self.succeeding(label):
            value = self.made(function, *args, **options)
            self.note(label, pick(value))
            return value

    def fails(self, label, function, *args, **options):
        """Carry out a step that must raise, and note what."""
        with self.failing(label) as gave:
            gave.append(self.made(function, *args, **options))

    def ends(self, label, function, *args, **options):
        """Carry out a step that may give something or raise, as each SDK has it, and note which."""
        try:
            self.note(label, self.made(function, *args, **options))
        except (Exception, SystemExit) as err:  # noqa: BLE001 - what it raises is the result
            self.note(label, self.told(err))

    def note(self, label, value):
        """Note a value."""
        assert label not in self.steps, f"two steps are called {label!r}"
        self.steps[label] = self.plain(value)
        return value

    def made(self, function, *args, **options):
        """Call a function, and give what it gives; that it was called is noted, and with which arguments."""
        self.used(function, args, options)
        return function(*args, **options)

    def used(self, function, args, options):
        """Note that a function was called, and with which arguments; what is taken by keyword alone by its name."""
        given = inspect.signature(function).bind(*args, **options).arguments
        names = set(given) - {"kwargs"} | set(given.get("kwargs", ()))
        self.calls.setdefault(self.name_of(function), set()).update(names)

    @contextlib.contextmanager
    def succeeding(self, label):
        """Note what goes wrong in a step that must succeed."""
        try:
            yield
        except Exception as err:  # noqa: BLE001 - what goes wrong is for the test to judge
            self._unexpected(label, err)

    @contextlib.contextmanager
    def failing(self, label):
        """Note what is raised in a step that must raise; gives a list for what it gives instead."""
        gave = []
        try:
            yield gave
        except (Exception, SystemExit) as err:  # noqa: BLE001 - what it raises is the result
            self.note(label, self.told(err))
            if isinstance(err, (AssertionError, NameError)):
                self._unexpected(label, err)
        else:
            self.note(label, {"raised": None, "gave": gave[0]})
            self.unexpected[label] = "it did not fail"

    def _unexpected(self, label, err):
        self.steps.setdefault(label, self.told(err))
        self.unexpected[label] = "".join(traceback.format_exception(err))

    @staticmethod
    def name_of(function):
        """Give the name under which calls of a function are noted."""
        return function.__name__

    @staticmethod
    def plain(value):
        """Give a value as JSON types."""
        return as_json(value, Steps.plain)

    def told(self, err):
        """Give what callers can tell of an error."""
        return {"raised": [type(err).__name__]}


def as_json(value, plain):
    """Give a value as JSON types: paths relative to where the scenario runs.

    Args:
        value: The value.
        plain: Does the same for what is in it.
    """
    if isinstance(value, Path):
        return f"path {os.path.relpath(value)}"
    if isinstance(value, collections.abc.Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return repr(value)


def sandbox(method, path, body=None):
    """Ask the sandbox for something that is no SDK's business."""
    raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"{ROOT}{path}", data=raw, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def advance(seconds):
    """Put the sandbox's clock forward."""
    sandbox("POST", "/_sandbox/clock", {"advance_s": seconds})


def fault(**settings):
    """Switch on a fault of the sandbox."""
    sandbox("POST", "/_sandbox/faults", settings)


def healed():
    """Switch all faults off."""
    sandbox("DELETE", "/_sandbox/faults")


def files(content=Path.read_bytes):
    """Give the SHA-256 of every file below `FOLDER`, by its path; `content` gives what of a file counts."""
    found = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    return {path.relative_to(FOLDER).as_posix(): hashlib.sha256(content(path)).hexdigest() for path in found}


def carry_out(scenario, seen, content=Path.read_bytes):
    """Carry out a scenario, async or not, and print one JSON object: what came of it.

    Args:
        scenario: Given `seen`.
        seen: Keeps the steps.
        content: As for `files`.
    """
    FOLDER.mkdir(exist_ok=True)
    crashed = None
    try:
        with contextlib.redirect_stdout(sys.stderr):  # some steps talk to a person
            told = scenario(seen)
            if inspect.isawaitable(told):
                _wait_for(told)
    except Exception:  # noqa: BLE001 - the steps so far are worth comparing too
        crashed = traceback.format_exc()
    document = {
        "steps": seen.steps,
        "calls": {name: sorted(given) for name, given in sorted(seen.calls.items())},
        "unexpected": seen.unexpected,
        "crashed": crashed,
        "files": files(content),
    }
    json.dump(document, sys.stdout)


def _wait_for(told):
    import asyncio

    async def all_of_it():
        await told

    asyncio.run(all_of_it())

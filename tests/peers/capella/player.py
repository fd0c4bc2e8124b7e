# SPDX-License-Identifier: Apache-2.0
"""Plays a scenario of this folder and notes what came of every step.

A scenario is a script that imports Capella's console client and calls `play` with what it does. It is given a `Seen`,
whose calls carry out one step each, and prints one JSON object: what every step gave or raised, which methods were
called with which arguments, and the files that are left. This module knows no client: the scenario passes its own on.
"""

from __future__ import annotations

import collections.abc
import contextlib
import enum
import hashlib
import inspect
import json
import os
import sys
import traceback
import urllib.request
from pathlib import Path

ROOT = os.environ["SCENARIO_ROOT"]
KEY = "sandbox-capella-key-".ljust(64, "0")
MATE_KEY = "sandbox-capella-mate-".ljust(64, "0")
POOR_KEY = "sandbox-capella-poor-".ljust(64, "0")
FOLDER = Path("files")
UNKNOWN = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"
SHOWN = 40
PLAIN_ERRORS = (ValueError, TypeError, KeyError, AttributeError, IndexError, OSError)


class Seen:
    """What a scenario has seen so far.

    Args:
        errors: The client's module of exceptions. Of an error noted are those of its classes that are there and the
            plain ones of Python, and of the server's refusals what they say: the client's own texts are its own.
    """

    def __init__(self, errors):
        self.errors = errors
        self.steps = {}
        self.calls = {}
        self.unexpected = {}

    def __call__(self, label, function, *args, **options):
        """Carry out a step that must succeed, and give what it gives."""
        return self.part(label, lambda value: value, function, *args, **options)

    def part(self, label, pick, function, *args, **options):
        """Carry out a step that must succeed, note what `pick` makes of what it gives, and give that whole."""
        try:
            value = self.made(function, *args, **options)
            self.note(label, pick(value))
        except Exception as err:  # noqa: BLE001 - what goes wrong is for the test to judge
            self._unexpected(label, err)
            return None
        return value

    def fails(self, label, function, *args, **options):
        """Carry out a step that must raise, and note what."""
        try:
            value = self.made(function, *args, **options)
        except (Exception, SystemExit) as err:  # noqa: BLE001 - what it raises is the result
            self.note(label, self._told(err))
            if isinstance(err, (AssertionError, NameError)):
                self._unexpected(label, err)
        else:
            self.note(label, {"raised": None, "gave": value})
            self.unexpected[label] = "it did not fail"

    def ends(self, label, function, *args, **options):
        """Carry out a step that may give something or raise, as each client has it, and note which."""
        try:
            self.note(label, self.made(function, *args, **options))
        except (Exception, SystemExit) as err:  # noqa: BLE001 - what it raises is the result
            self.note(label, self._told(err))

    def note(self, label, value):
        """Note a value."""
        assert label not in self.steps, f"two steps are called {label!r}"
        self.steps[label] = plain(value)
        return value

    def made(self, function, *args, **options):
        """Call a function, and give what it gives; that it was called is noted, and with which arguments."""
        bound = inspect.signature(function).bind(*args, **options)
        given = set(bound.arguments) - {"kwargs"} | set(bound.arguments.get("kwargs", ()))
        owner = getattr(function, "__self__", None)
        name = function.__name__ if owner is None else f"{type(owner).__name__}.{function.__name__}"
        self.calls.setdefault(name, set()).update(given)
        return function(*args, **options)

    def _told(self, err):
        kinds = [one for one in type(err).__mro__ if self._is_known(one) or one in (*PLAIN_ERRORS, SystemExit)]
        told = {"raised": [one.__name__ for one in kinds] or [type(err).__name__], "refusal": None}
        if getattr(err, "response", None) is not None:
            told["refusal"] = {"message": err.message, "code": err.code, "data": err.data}
        return told

    def _is_known(self, kind):
        own = getattr(self.errors, kind.__name__, None)
        return kind is own and issubclass(kind, self.errors.CapellaConsoleClientError)

    def _unexpected(self, label, err):
        self.steps.setdefault(label, self._told(err))
        self.unexpected[label] = "".join(traceback.format_exception(err))


def plain(value):
    """Give a value as JSON types: paths relative to where the scenario runs, results of searches by their ids."""
    if hasattr(value, "to_feature_collection"):
        return {"is": type(value).__name__, "ids": shortened(ids_of(value))}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Path):
        return f"path {os.path.relpath(value)}"
    if isinstance(value, collections.abc.Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(inner) for inner in value)
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return repr(value)


def ids_of(result):
    """Give the ids of what a search has found."""
    return [one.get("id") or _request_id(one["properties"]) for one in result]


def _request_id(properties):
    return properties.get("taskingrequestId") or properties["repeatrequestId"]


def shortened(ids):
    """Give a list of ids, or of a long one how many there are and a digest."""
    if len(ids) <= SHOWN:
        return ids
    digest = hashlib.sha256("\n".join(ids).encode()).hexdigest()
    return {"count": len(ids), "distinct": len(set(ids)), "first": ids[0], "last": ids[-1], "sha256": digest}


def sandbox(method, path, body=None):
    """Ask the sandbox for something that is no client's business."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{ROOT}{path}", data=data, method=method)
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


def settings(**changed):
    """Change how the stand-in behaves."""
    sandbox("PATCH", "/_capella/settings", changed)


def fetched(url):
    """Give the bytes behind a link."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def asked(path=None):
    """Give the requests that the stand-in has seen, as method and path."""
    log = sandbox("GET", "/_sandbox/log" + (f"?path={path}" if path else ""))["requests"]
    return [one for one in log if not one["path"].startswith("/_")]


def files(folder=FOLDER):
    """Give the SHA-256 of every file below, by its path."""
    found = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def play(scenario, errors):
    """Carry out a scenario, and print what came of it."""
    seen = Seen(errors)
    FOLDER.mkdir(exist_ok=True)
    crashed = None
    try:
        with contextlib.redirect_stdout(sys.stderr):  # a progress bar may be shown
            scenario(seen)
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

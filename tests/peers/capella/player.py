# SPDX-License-Identifier: Apache-2.0
"""Plays a scenario of this folder and notes what came of every step.

A scenario is a script that imports Capella's console client and calls `play` with what it does. It is given a `Seen`,
whose calls carry out one step each, and prints one JSON object: what every step gave or raised, which methods were
called with which arguments, and the files that are left. This module knows no client: the scenario passes its own on.
"""

from __future__ import annotations

import enum
import hashlib
import urllib.request

from scenario_steps import (
    FOLDER,
    PLAIN_ERRORS,
    ROOT,
    UNKNOWN,
    Steps,
    advance,
    as_json,
    carry_out,
    fault,
    healed,
    sandbox,
)

__all__ = [
    "FOLDER", "KEY", "MATE_KEY", "POOR_KEY", "ROOT", "UNKNOWN",
    "advance", "asked", "fault", "fetched", "healed", "ids_of", "play", "settings",
]  # fmt: skip

KEY = "sandbox-capella-key-".ljust(64, "0")
MATE_KEY = "sandbox-capella-mate-".ljust(64, "0")
POOR_KEY = "sandbox-capella-poor-".ljust(64, "0")
SHOWN = 40


class Seen(Steps):
    """What a scenario has seen so far.

    Of an error noted are those of its classes that are in the client's module of exceptions and the plain ones of
    Python, and of the server's refusals what they say: the client's own texts are its own.
    """

    @staticmethod
    def name_of(function):
        """Give a method by its class."""
        owner = getattr(function, "__self__", None)
        return function.__name__ if owner is None else f"{type(owner).__name__}.{function.__name__}"

    @staticmethod
    def plain(value):
        """Give a value as JSON types: results of searches by their ids."""
        if hasattr(value, "to_feature_collection"):
            return {"is": type(value).__name__, "ids": shortened(ids_of(value))}
        if isinstance(value, enum.Enum):
            return value.value
        if isinstance(value, (set, frozenset)):
            return sorted(Seen.plain(inner) for inner in value)
        return as_json(value, Seen.plain)

    def told(self, err):
        """Give an error's classes, and the server's refusal."""
        kinds = [one for one in type(err).__mro__ if self._is_known(one) or one in (*PLAIN_ERRORS, SystemExit)]
        told = {"raised": [one.__name__ for one in kinds] or [type(err).__name__], "refusal": None}
        if getattr(err, "response", None) is not None:
            told["refusal"] = {"message": err.message, "code": err.code, "data": err.data}
        return told

    def _is_known(self, kind):
        own = getattr(self.errors, kind.__name__, None)
        return kind is own and issubclass(kind, self.errors.CapellaConsoleClientError)


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


def play(scenario, errors):
    """Carry out a scenario, and print what came of it."""
    carry_out(scenario, Seen(errors))

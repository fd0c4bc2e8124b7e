# SPDX-License-Identifier: Apache-2.0
"""Brings what came of a scenario into a form in which two runs of it can be compared."""

from __future__ import annotations

import json
import re

ID = re.compile(r"\b(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})\b")
TOKEN = re.compile(r"(?<=[?&]token=)[^\"&\\ ]+")
WRITES = ("POST", "PUT", "PATCH", "DELETE")


def steps_of(document):
    """Give the steps of a run, with ids numbered by where they come up first."""
    names = {}
    return {label: json.loads(_named(label, json.dumps(value), names)) for label, value in document["steps"].items()}


def files_of(document):
    """Give the files that a run left, by paths without ids, and how often each is there."""
    return sorted((ID.sub("<id>", path), digest) for path, digest in document["files"].items())


def writes_of(document):
    """Give every request of a run that can change something, in the order they came."""
    names = {}
    sent = (
        [entry.method, entry.path, entry.query, entry.body] for entry in document["log"] if entry.method in WRITES
    )
    return [json.loads(_named(f"request {number}", json.dumps(one), names)) for number, one in enumerate(sent)]


def reads_of(document):
    """Give the paths that a run read, and their queries, without ids."""
    sent = ([entry.path, entry.query] for entry in document["log"] if entry.method not in WRITES)
    return sorted({ID.sub("<id>", TOKEN.sub("<token>", json.dumps(one))) for one in sent})


def _named(label, text, names):
    def name(match):
        return names.setdefault(match.group(), f"<id {len(names) + 1}, of {label}>")

    return ID.sub(name, TOKEN.sub("<token>", text))


def differences(official, ours, named):
    """Compare two runs of a scenario.

    Args:
        official: The document of the official SDK's run.
        ours: That of ours.
        named: What ours is meant to give in the steps that are meant to differ.

    Returns:
        What differs, as the official SDK's and ours, by step; one of ``None`` where it is not there.
    """
    theirs, own = steps_of(official), steps_of(ours)
    expected = {**theirs, **named}
    different = {
        label: (expected.get(label), own.get(label))
        for label in [*theirs, *(label for label in own if label not in theirs)]
        if label not in own or not _agree(expected.get(label, ...), own[label])
    }
    idle = {label: "named as different, but not" for label in named if label in own and theirs.get(label) == own[label]}
    more = {"files": (files_of(official), files_of(ours)), "writes": (writes_of(official), writes_of(ours))}
    return {**different, **idle, **{what: sides for what, sides in more.items() if sides[0] != sides[1]}}


def _agree(expected, own):
    """Say whether a step gave what it should; of an error that is meant to differ only its kind is asked for."""
    if isinstance(expected, Raised):
        return isinstance(own, dict) and expected.kind in (own.get("raised") or ())
    return expected == own


class Raised:
    """Stands for an error of ours.

    Args:
        kind: A class that it has.
    """

    def __init__(self, kind):
        self.kind = kind

    def __repr__(self):
        return f"Raised({self.kind!r})"

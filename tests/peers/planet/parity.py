# SPDX-License-Identifier: Apache-2.0
"""Brings what came of a scenario into a form in which two runs of it can be compared."""

from __future__ import annotations

import json
import re

ID = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})(?![0-9a-f])")
TOKEN = re.compile(r"(?<=[?&]token=)[^\"&\\ ]+")
ZULU = re.compile(r"(?<=:[0-9]{2})\+00:00(?=[\"/])")
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
        [entry.method, entry.path, _without_size(entry.query), entry.body]
        for entry in document["log"]
        if entry.method in WRITES
    )
    return [json.loads(_named(f"request {number}", json.dumps(one), names)) for number, one in enumerate(sent)]


def reads_of(document):
    """Give the paths that a run read, and their queries, without ids."""
    sent = ([entry.path, entry.query] for entry in document["log"] if entry.method not in WRITES)
    return sorted({ID.sub("<id>", TOKEN.sub("<token>", json.dumps(one))) for one in sent})


def _without_size(query):
    """How many there are on a page is up to each SDK."""
    return {name: value for name, value in query.items() if name not in {"_page_size", "page_size"}}


def _named(label, text, names):
    def name(match):
        return names.setdefault(match.group(), f"<id {len(names) + 1}, of {label}>")

    return ID.sub(name, TOKEN.sub("<token>", ZULU.sub("Z", text)))


def differences(official, ours, named):
    """Compare two runs of a scenario.

    Args:
        official: The document of the official SDK's run.
        ours: That of ours.
        named: What ours is meant to give in the steps that are meant to differ.

    Returns:
        What differs, as the official SDK's and ours, by step; None where a side has no such step.
    """
    theirs, own = steps_of(official), steps_of(ours)
    expected = {**theirs, **{label: value for label, (value, _) in named.items()}}
    different = {
        label: (expected.get(label), own.get(label))
        for label in [*theirs, *(label for label in own if label not in theirs)]
        if label not in own or not _agree(expected.get(label), own[label])
    }
    idle = {label: "named as different, but not" for label in named if _agree(theirs.get(label), own.get(label))}
    more = {"files": (files_of(official), files_of(ours)), "writes": (writes_of(official), writes_of(ours))}
    return {**different, **idle, **{what: sides for what, sides in more.items() if sides[0] != sides[1]}}


def _agree(expected, own):
    """Say whether a step of ours did what it should, errors and exit codes by what callers can tell."""
    match expected, own:
        case {"raised": theirs, "text": text}, {"raised": ours, "text": said}:
            return text == said and _is_caught_alike(theirs, ours)
        case {"status": 0 | 2}, _:
            return own == {**expected, **({"said": own["said"]} if "said" in own and "said" in expected else {})}
        case {"status": _, "said": theirs}, {"status": code, "said": ours}:
            return code != 0 and all(word in ours for word in _messages(theirs))
    return expected == own


def _is_caught_alike(theirs, ours):
    """Say whether what catches an official error catches ours: by its class, or where that is none of `exceptions`
    (ValueError, KeyError, SpecificationException...) as an error of the client."""
    is_known = "PlanetError" in theirs
    return bool(ours) and (set(theirs) <= set(ours) if is_known else theirs == ours or "ClientError" in ours)


def _messages(said):
    """Give what Planet itself says in a refusal: the official program prints its answer as it came."""
    try:
        told = json.loads(said.strip().removeprefix("Error: "))
    except ValueError:
        return []
    return list(_texts(told))


def _texts(told):
    for name, inner in told.items() if isinstance(told, dict) else enumerate(told):
        if isinstance(inner, (dict, list)):
            yield from _texts(inner)
        elif isinstance(inner, str) and name in {"message", "reason", "description"}:
            yield inner

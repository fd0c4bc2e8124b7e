# SPDX-License-Identifier: Apache-2.0
"""Brings what came of a scenario into a form in which two runs of it can be compared."""

from __future__ import annotations

import json
import re

SIGNATURE = re.compile(r"(?<=Signature=)[^\"&\\ ]+")
TIME = re.compile(r"(?<=\")20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z(?=\")")


def steps_of(document):
    """Give the steps of a run, without what tells one signed link from another."""
    return {label: _plain(value) for label, value in document["steps"].items()}


def files_of(document):
    """Give the files that a run left."""
    return sorted(document["files"].items())


def writes_of(document, corrected=lambda path, body: body):
    """Give every request of a run that can change something; those that go out side by side in order of their paths.

    Files and searches are left out: how many pages a client fetches, and how often it asks, is up to it.
    """
    writes = [
        [entry["method"], entry["path"], corrected(entry["path"], _timeless(_plain(entry["body"])))]
        for entry in document["log"]
        if entry["method"] in {"POST", "PATCH", "PUT", "DELETE"} and not entry["path"].endswith("/search")
    ]
    runs = []
    for one in writes:
        if runs and one[0] == "PATCH" == runs[-1][-1][0]:
            runs[-1].append(one)
        else:
            runs.append([one])
    return [one for run in runs for one in sorted(run, key=json.dumps)]


def searches_of(document, corrected=lambda path, body: body):
    """Give what a run searched for, each condition once a run of equal ones: pages are left out."""
    found = []
    for entry in document["log"]:
        if entry["path"].endswith("/search") and isinstance(entry["body"], dict):
            body = {name: value for name, value in entry["body"].items() if name not in {"page", "limit"}}
            body = corrected(entry["path"], body)
            if not found or found[-1] != [entry["path"], body]:
                found.append([entry["path"], body])
    return found


def _timeless(body):
    """What is made without a time starts now, which is another time in every run."""
    properties = body.get("properties", {}) if isinstance(body, dict) else {}
    if "by default" not in (properties.get("taskingrequestName"), properties.get("repeatrequestName")):
        return body
    text = json.dumps(properties)
    return {**body, "properties": json.loads(TIME.sub("<now>", text))}


def _plain(value):
    return json.loads(SIGNATURE.sub("<signature>", json.dumps(value)))


def differences(official, ours, named, corrected):
    """Compare two runs of a scenario.

    Args:
        official: The document of the official client's run.
        ours: That of ours.
        named: What ours is meant to give in the steps that are meant to differ: a value, or a function that is given
            the official side's and ours and says whether ours is right.
        corrected: Given the path and the body of a request of the official client, gives what ours is to send instead.

    Returns:
        What differs, as the official client's and ours, by step, with ``files``, ``writes`` and ``searches`` as steps
        too; None where a side has no such step.
    """
    theirs, own = (
        {**steps_of(one), "files": files_of(one), "writes": writes_of(one, *how), "searches": searches_of(one, *how)}
        for one, how in ((official, [corrected]), (ours, []))
    )
    different = {
        label: (theirs.get(label), own.get(label))
        for label in dict.fromkeys((*theirs, *own))
        if label not in own or not _is_as_meant(named.get(label, theirs.get(label)), theirs.get(label), own[label])
    }
    idle = {label: "named as different, but not" for label in named if _agree(theirs.get(label), own.get(label))}
    return {**different, **idle}


def _is_as_meant(expected, theirs, own):
    return bool(expected(theirs, own)) if callable(expected) else _agree(expected, own)


def _agree(expected, own):
    """Say whether a step of ours did what it should: what catches the official error must catch ours too."""
    match expected, own:
        case {"raised": [*theirs], "refusal": refusal}, {"raised": [*ours], "refusal": said}:
            return set(theirs) <= set(ours) and (refusal is None or refusal == said)
    return expected == own

# SPDX-License-Identifier: Apache-2.0
"""Brings what came of a scenario into a form in which two runs of it can be compared."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl

ID = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})(?![0-9a-f])"
)
TOKEN = re.compile(r"(?<=[?&]token=)[^\"'&\\, ]+")
KNOWN = ("785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55", "785185aab39f4b4ca2d65c0a8f0e1d55")
WHOLE = re.compile(r"(?<=[0-9])\.0(?![0-9])")
ZULU = re.compile(r"(?<=:[0-9]{2})\+00:00(?=[\"/])")
WRITES = ("POST", "PUT", "PATCH", "DELETE")


def steps_of(document):
    """Give the steps of a run, with ids numbered by where they come up first."""
    names = {}
    return {label: json.loads(_named(label, json.dumps(value), names)) for label, value in document["steps"].items()}


def files_of(document):
    """Give the files that a run left, by paths without ids, and how often each is there."""
    return sorted([ID.sub("<id>", path), digest] for path, digest in document["files"].items())


def writes_of(document):
    """Give every request of a run that can change something, in the order they came; when tokens are fetched is up to
    each SDK."""
    names = {}
    sent = (
        [entry["method"], entry["path"], _without_size(entry["query"]), _body(entry["body"])]
        for entry in document["log"]
        if entry["method"] in WRITES and not entry["path"].startswith("/auth/")
    )
    return [json.loads(_named(f"request {number}", json.dumps(one), names)) for number, one in enumerate(sent)]


def reads_of(document):
    """Give every address that a run read, with its conditions, each once: how often is up to each SDK.

    The bundle spec is not among them, which the official SDK reads at Planet's own address, nor are an authorisation
    server's keys, which ours does not need.
    """
    sent = (
        [entry["path"], {name: sorted(values) for name, values in _without_size(entry["query"]).items()}]
        for entry in document["log"]
        if entry["method"] == "GET" and not entry["path"].endswith(("/bundles/spec", "/jwks.json"))
    )
    return sorted({WHOLE.sub("", ID.sub("<id>", json.dumps(one, sort_keys=True))) for one in sent})


def grants_of(document):
    """Give what a run asked an authorisation server for, each once: how often is up to each SDK."""
    sent = [dict(parse_qsl(entry["body"])) for entry in document["log"] if entry["path"].endswith("/oauth/token")]
    return sorted({(one["grant_type"], one.get("scope", ""), "client_secret" in one) for one in sent})


def _without_size(query):
    """How many there are on a page is up to each SDK."""
    return {name: value for name, value in query.items() if name not in {"_page_size", "page_size"}}


def _body(body):
    """A GeoJSON Feature has properties; the official SDK leaves them out where it makes one of a bare geometry."""
    if isinstance(body, dict) and body.get("type") == "Feature":
        return {"properties": {}, **body}
    return body


def _named(label, text, names):
    def name(match):
        if match.group() in KNOWN:
            return match.group()
        return names.setdefault(match.group(), f"<id {len(names) + 1}, of {label}>")

    return ID.sub(name, TOKEN.sub("<token>", ZULU.sub("Z", text)))


MORE = {"files": files_of, "reads": reads_of, "writes": writes_of, "grants": grants_of}
"""What of a run is compared beside its steps."""


def differences(official, ours, named):
    """Compare two runs of a scenario.

    Args:
        official: The document of the official SDK's run.
        ours: That of ours.
        named: What ours is meant to give in the steps that are meant to differ: a value, or a function that is given
            the official side's and ours and says whether ours is right.

    Returns:
        What differs, as the official SDK's and ours, by step, with what is in `MORE` as steps too; None where a side
        has no such step.
    """
    theirs, own = ({**steps_of(one), **{what: give(one) for what, give in MORE.items()}} for one in (official, ours))
    different = {
        label: (theirs.get(label), own.get(label))
        for label in dict.fromkeys((*theirs, *own))
        if label not in own or not _is_as_meant(named.get(label, theirs.get(label)), theirs.get(label), own[label])
    }
    idle = {label: "named as different, but not" for label in named if _agree(theirs.get(label), own.get(label))}
    return {**different, **idle}


def _is_as_meant(expected, theirs, own):
    return expected(theirs, own) if callable(expected) else _agree(expected, own)


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
    (ValueError, KeyError, SpecificationException...) as one of them."""
    is_known = "PlanetError" in theirs
    return bool(ours) and (set(theirs) <= set(ours) if is_known else theirs == ours or "PlanetError" in ours)


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

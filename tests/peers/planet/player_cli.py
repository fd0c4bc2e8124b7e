# SPDX-License-Identifier: Apache-2.0
"""Runs command lines of a Planet program within one process, and notes what each printed and how it ended."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import sys

from player import KEY, ROOT

PATHS = {
    "data": "/data/v1",
    "orders": "/compute/ops",
    "subscriptions": "/subscriptions/v1",
    "features": "/features/v1/ogc/my",
    "mosaics": "/basemaps/v1",
    "destinations": "/destinations/v1",
    "quota": "/account/v1",
}


class Terminal:
    """Types command lines.

    Args:
        seen: Notes what comes of them.
        main: The program: the click group of Planet's, or the function of ours that takes arguments.
    """

    def __init__(self, seen, main):
        self._seen, self._main = seen, main
        os.environ["PL_API_KEY"] = KEY

    def __call__(self, label, line, *more, status=0, stdin="", noted=None):
        """Run a command.

        Args:
            label: Of the step.
            line: The command, as typed; ``...`` in it stands for the arguments that follow.
            more: Arguments that are no good to type.
            status: The exit code it must have.
            stdin: What is piped into it.
            noted: Makes of what it printed what is noted; all of it if None.

        Returns:
            What it printed, its JSON read; a list where that is one object a line.
        """
        arguments = [*shlex.split(line), *more]
        words = [word for word in arguments if not word.startswith("-")]
        name = " ".join(words)
        group = arguments[0]
        typed = [group, "-u", ROOT + PATHS[group], *arguments[1:]] if group in PATHS else arguments
        code, out, err = self._run(typed, stdin)
        self._seen.typed(name, [word for word in arguments if word.startswith("-")])
        value = read(out)
        told = {"status": code, "printed": value if noted is None or code else noted(value)}
        self._seen.note(label, {**told, "said": err} if code else told)
        if code != status:
            self._seen.unexpected[label] = f"status {code}, not {status}: {' '.join(typed)}\n{out}\n{err}"
        return value

    def _run(self, typed, stdin):
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        given = io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")
        before, sys.stdin = sys.stdin, given
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = self._started(typed)
        finally:
            sys.stdin = before
        out.flush()
        err.flush()
        return code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode()

    def _started(self, typed):
        if not hasattr(self._main, "commands"):
            return self._main(["planet", *typed])
        try:
            self._main.main(typed, prog_name="planet")
        except SystemExit as end:
            return end.code or 0
        return 0


def read(text):
    """Read what was printed: one JSON value, several one after the other as a list, or else the text."""
    decoder, values, at = json.JSONDecoder(), [], 0
    text = text.strip()
    try:
        while at < len(text):
            value, at = decoder.raw_decode(text, at)
            values.append(value)
            at += len(text[at:]) - len(text[at:].lstrip())
    except ValueError:
        return text
    return values[0] if len(values) == 1 else values


def words(told):
    """Give the words of a list or, as the official program prints them, of an enumeration in no order."""
    return sorted(told if isinstance(told, list) else re.findall(r"^- (.+)$", told, re.MULTILINE))


def ids(values):
    """Give the ids of what was printed."""
    return [value["id"] for value in (values if isinstance(values, list) else [values])]

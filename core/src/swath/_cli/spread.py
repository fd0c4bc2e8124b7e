# SPDX-License-Identifier: Apache-2.0
"""Options that take several words after one another, as those of ``stac-client`` do: ``-c a b``."""

from __future__ import annotations

import re

import click

from swath._cli.group import Command

__all__ = ["SpreadCommand"]

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


class SpreadCommand(Command):
    """A command whose options `repeated` may be followed by several words.

    That is so once a provider has been named, or ``--all``: in ``swath search -c PSScene planet`` the last word is the
    provider.
    """

    repeated = ("-c", "--collections", "--ids", "--query", "--fields")
    """Each further word is the option once more."""
    joined = ("--sortby",)
    """Further words are joined by commas."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write the words the way click reads them."""
        return super().parse_args(ctx, self._rewritten(list(args)))

    def _rewritten(self, words: list[str]) -> list[str]:
        valued = {name for param in self.params for name in param.opts if isinstance(param, click.Option)
                  and not param.is_flag and not param.count}  # fmt: skip
        found: list[str] = []
        named = "--all" in words
        while words:
            word = words.pop(0)
            found.append(word)
            if word not in valued:
                named = named or not word.startswith("-")
                continue
            if not words:
                break
            found.append(words.pop(0))
            if word == "--bbox":
                while _NUMBER.fullmatch(found[-1].rpartition(",")[2]) and words and _NUMBER.fullmatch(words[0]):
                    found[-1] += "," + words.pop(0)
            while named and word in (*self.repeated, *self.joined) and words and _is_value(words[0]):
                if word in self.joined:
                    found[-1] += "," + words.pop(0)
                else:
                    found += [word, words.pop(0)]
        return found


def _is_value(word: str) -> bool:
    from swath._cli.options import is_provider

    return not word.startswith("-") and not is_provider(word)

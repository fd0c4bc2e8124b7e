# SPDX-License-Identifier: Apache-2.0
"""Find words in texts, as `q` of the STAC API free-text extension asks.

Words after one another, or with ``AND`` between them, must all be there; of those with a comma or ``OR`` between them
one is enough; ``-word`` or ``NOT word`` must not be there; ``"quoted words"`` stand together, and parentheses group.
Case does not matter. A word is found as a whole word: ``radar`` is not in ``radargram``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from swath.errors import InvalidFilter

__all__ = ["compile_words"]

_Texts = Sequence[Sequence[str]]
_Judge = Callable[[_Texts], bool]
_TOKEN = re.compile(r'"[^"]*"|[(),]|[^\s(),"]+')
_WORD = re.compile(r"\w+", re.UNICODE)
_HINT = "for example: 'sar', 'radar OR optical', '\"land cover\" -forest'"


def compile_words(q: object) -> Callable[[Iterable[str]], bool]:
    """Make a function that tells of some texts whether they have the words.

    Raises:
        InvalidFilter: If it cannot be read.
    """
    if not isinstance(q, str) or not q.strip():
        raise InvalidFilter(f"q cannot be {q!r:.80}", hint=_HINT)
    reader = _Reader(_TOKEN.findall(q), q)
    judge = reader.any_of()
    if reader.next is not None:
        raise InvalidFilter(f"q has {reader.next!r} where it cannot be: {q!r:.80}", hint=_HINT)
    return lambda texts: judge([_words(text) for text in texts])


class _Reader:
    """Reads the tokens from left to right."""

    def __init__(self, tokens: list[str], whole: str) -> None:
        self._tokens = tokens
        self._whole = whole

    @property
    def next(self) -> str | None:
        return self._tokens[0] if self._tokens else None

    def any_of(self) -> _Judge:
        parts = [self._all_of()]
        while self.next in {",", "OR"}:
            self._tokens.pop(0)
            parts.append(self._all_of())
        return lambda texts: any(part(texts) for part in parts)

    def _all_of(self) -> _Judge:
        parts = [self._one()]
        while self.next not in {None, ",", "OR", ")"}:
            if self.next == "AND":
                self._tokens.pop(0)
            parts.append(self._one())
        return lambda texts: all(part(texts) for part in parts)

    def _one(self) -> _Judge:
        word = self._tokens.pop(0) if self._tokens else ""
        if word == "(":
            inner = self.any_of()
            if self.next != ")":
                raise InvalidFilter(f"q has a parenthesis that is not closed: {self._whole!r:.80}", hint=_HINT)
            self._tokens.pop(0)
            return inner
        if word in {"NOT", "-"}:
            other = self._one()
            return lambda texts: not other(texts)
        if word.startswith("-"):
            without = self._phrase(word[1:])
            return lambda texts: not without(texts)
        return self._phrase(word.removeprefix("+"))

    def _phrase(self, token: str) -> _Judge:
        phrase = _words(token)
        if not phrase or token in {"AND", "OR", "NOT"}:
            raise InvalidFilter(f"q lacks a word somewhere: {self._whole!r:.80}", hint=_HINT)
        size = len(phrase)
        return lambda texts: any(phrase == words[at : at + size] for words in texts for at in range(len(words)))


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]

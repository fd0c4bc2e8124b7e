# SPDX-License-Identifier: Apache-2.0
"""Finds in an item's own classifications which pixels are cloud, shadow, snow, or what else is to be left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from swath._load.sources import BandSource
from swath.errors import InputError
from swath.stac import BITFIELDS, CLASSES

if TYPE_CHECKING:
    import numpy as np

_DENIALS: Final = frozenset({"not", "no", "non", "free", "un"})
_SHADOW: Final = "shadow"


@frozen(kw_only=True)
class Rule:
    """Values of a band, or of some of its bits, that mean that a pixel is to be left out."""

    values: tuple[int, ...]
    shift: int = 0
    """Lowest bit."""
    length: int = 0
    """Number of bits; 0 for the whole value."""

    def holds(self, data: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Say of which pixels it holds."""
        import numpy as np

        if self.length:
            data = (data.astype("int64") >> self.shift) & ((1 << self.length) - 1)
        return np.isin(data, self.values)


@frozen(kw_only=True)
class MaskBand:
    """A band that tells which pixels are to be left out."""

    source: BandSource
    rules: tuple[Rule, ...]


def find_masks(items: Mapping[str, Sequence[BandSource]], words: Sequence[str]) -> dict[str, tuple[MaskBand, ...]]:
    """Find the bands that tell of some classes.

    A word means every class whose name has that word in it: ``"cloud"`` means ``cloud`` and
    ``cloud_high_probability``, ``"haze"`` means ``light_haze`` and ``heavy_haze``. A shadow of a cloud is no cloud.

    Args:
        items: All raster bands, by the items' keys.
        words: Names of classes.

    Returns:
        For each item its masks; none for one that has none of the classes.

    Raises:
        InputError: No item has a class of such a name.
    """
    found: dict[str, tuple[MaskBand, ...]] = {}
    met: set[str] = set()
    names: dict[str, None] = {}
    for item, sources in items.items():
        masks: list[MaskBand] = []
        for source in sources:
            rules: list[Rule] = []
            for classes, shift, length in _classifications(source.fields):
                meant = {int(one["value"]): str(one.get("name") or "") for one in classes if "value" in one}
                names |= dict.fromkeys(name for name in meant.values() if name)
                of_word = {word: [value for value, name in meant.items() if _means(name, word)] for word in words}
                met |= {word for word, values in of_word.items() if values}
                values = sorted({value for some in of_word.values() for value in some})
                if values:
                    rules.append(Rule(values=tuple(values), shift=shift, length=length))
            if rules:
                masks.append(MaskBand(source=source, rules=tuple(rules)))
        found[item] = tuple(masks)
    for word in words:
        if word not in met:
            raise InputError(
                f"no item has a mask of {word!r}",
                hint=f"mask takes names of classes; there are: {', '.join(names)}"
                if names
                else "order the mask too (Planet's UDM2, Sentinel-2 level 2A), or load without mask",
            )
    return found


def _classifications(fields: Mapping[str, Any]) -> Iterator[tuple[Sequence[Mapping[str, Any]], int, int]]:
    """Yield a band's lists of classes, each with the bits that it is of."""
    if fields.get(CLASSES):
        yield fields[CLASSES], 0, 0
    for one in fields.get(BITFIELDS) or ():
        yield one.get("classes") or (), int(one["offset"]), int(one["length"])


def _means(name: str, word: str) -> bool:
    """Whether a class is meant by a word."""
    has, wanted = set(_tokens(name)), set(_tokens(word))
    if has & _DENIALS - wanted or (_SHADOW in has and _SHADOW not in wanted):
        return False
    return bool(wanted) and wanted <= has


def _tokens(name: str) -> Iterable[str]:
    """Split a name into words, in the singular."""
    for one in re.split(r"[^a-z0-9]+", name.lower()):
        if one:
            yield one[:-1] if len(one) > 3 and one.endswith("s") else one

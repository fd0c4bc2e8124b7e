# SPDX-License-Identifier: Apache-2.0
"""Hooks of lists, mappings and records: each must be what JSON calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, get_args, get_origin

import attrs
import cattrs
from cattrs.errors import IterableValidationError, IterableValidationNote
from cattrs.gen import make_dict_structure_fn

from swath.convert._words import shown

_SEQUENCES: Final = (list, tuple, set, frozenset)
_TEXT: Final = frozenset({str})
_ABSTRACT: Final[Mapping[str, type]] = {
    "Sequence": tuple,
    "Iterable": tuple,
    "Collection": tuple,
    "MutableSequence": list,
    "Set": frozenset,
    "MutableSet": set,
}
"""What is built for the abstract types of `collections.abc`, by name."""


def is_record(kind: Any) -> bool:
    return isinstance(kind, type) and attrs.has(kind)


def _origin(kind: Any) -> Any:
    return get_origin(kind) or kind


def is_sequence(kind: Any) -> bool:
    origin = _origin(kind)
    if not isinstance(origin, type) or issubclass(origin, (str, bytes)) or hasattr(origin, "_fields"):
        return False
    return origin in _SEQUENCES or (origin.__module__ == "collections.abc" and origin.__name__ in _ABSTRACT)


def is_mapping(kind: Any) -> bool:
    return _origin(kind) in {dict, Mapping}


def sequence_hook(kind: Any, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    """Make the hook of a list, tuple or set type; it refuses text, which Python iterates too."""
    origin = _origin(kind)
    build = origin if origin in _SEQUENCES else _ABSTRACT[origin.__name__]
    arguments = get_args(kind)
    fixed = build is tuple and origin is tuple and arguments and arguments[-1] is not Ellipsis
    inner = arguments[0] if arguments else Any

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, (*_SEQUENCES,)):
            raise TypeError(f"expected a list, got {shown(value)}")
        if fixed and len(value) != len(arguments):
            raise ValueError(f"expected {len(arguments)} values, got {len(value)}")
        if not fixed and (inner is Any or (inner is str and {*map(type, value)} <= _TEXT)):
            return build(value)  # there is nothing to be read
        kinds = arguments if fixed else (inner,) * len(value)
        return build(_each(enumerate(value), dict(enumerate(kinds)), kind, converter).values())

    return hook


def mapping_hook(kind: Any, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    """Make the hook of a mapping type with text keys."""
    arguments = get_args(kind)
    key_kind, inner = arguments or (Any, Any)

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError(f"expected an object, got {shown(value)}")
        if inner is Any and key_kind in {Any, str}:
            return dict(value)
        keys = list(value) if key_kind in {Any, str} else [converter.structure(key, key_kind) for key in value]
        made = _each(value.items(), dict.fromkeys(value, inner), kind, converter)
        return dict(zip(keys, made.values(), strict=True))

    return hook


def _each(
    pairs: Iterable[tuple[Any, Any]], kinds: Mapping[Any, Any], kind: Any, converter: cattrs.Converter
) -> dict[Any, Any]:
    """Structure each value under its index or key, and gather what fails."""
    made: dict[Any, Any] = {}
    failures: list[Exception] = []
    for index, value in pairs:
        inner = kinds[index]
        try:
            made[index] = value if inner is Any else converter.structure(value, inner)
        except Exception as err:  # noqa: BLE001  a plugin's hook may raise anything; it is raised again below with its place
            note = IterableValidationNote(f"at {index!r}", index, inner)
            err.__notes__ = [*getattr(err, "__notes__", []), note]
            failures.append(err)
    if failures:
        raise IterableValidationError("some values do not fit", failures, kind)
    return made


def record_hook(record: type, converter: cattrs.Converter, overrides: Mapping[str, Any]) -> Callable[[Any, Any], Any]:
    """Make the hook of an attrs class; it refuses what is no object."""
    read: Callable[[Any, Any], Any] = make_dict_structure_fn(record, converter, **overrides)

    def hook(value: Any, kind: Any) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError(f"expected an object, got {shown(value)}")
        return read(value, kind)

    hook.overrides = dict(overrides)  # type: ignore[attr-defined]  # as cattrs' own hooks have, for the path in errors
    return hook

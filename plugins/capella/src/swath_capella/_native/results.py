# SPDX-License-Identifier: Apache-2.0
"""What searches give: sequences of items or requests that can be joined, grouped and written out.

Source: the Capella wire contract, 2.7, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Final, Self, overload

from swath_capella._native.session import LOG
from swath_capella.fields import KEYWORDS

__all__ = [
    "GroupbyResult",
    "RepeatRequestSearchResult",
    "SearchResult",
    "StacSearchResult",
    "TaskingRequestSearchResult",
]

_UNKNOWN: Final = "unknown"
_SHARED: Final = frozenset({
    "archiveHoldback", "billingEnvironment", "collectConstraints", "collectionTier", "collectionType", "contractId",
    "orgId", "organizationName", "repeatrequestId", "submissionTime", "userId", "userName", "windowDuration",
})  # fmt: skip
_TASK: Final = _SHARED | {
    "customAttribute1", "customAttribute2", "processingConfig", "taskingrequestDescription", "taskingrequestId",
    "taskingrequestName", "taskingrequestType", "windowClose", "windowOpen",
}  # fmt: skip
_REPEAT: Final = _SHARED | {"repeatrequestDescription", "repeatrequestName", "repeatrequestType"}


class GroupbyResult(dict[Any, Any]):
    """Results by value of a field.

    Args:
        groups: The results.
        field: What they are grouped by.
    """

    def __init__(self, groups: Any = (), *, field: str = "") -> None:
        super().__init__(groups)
        self.field = field

    def __repr__(self) -> str:
        return f"<{type(self).__name__} by {self.field}: {self.value_counts()}>"

    def value_counts(self) -> dict[Any, int]:
        """Count how many there are of each value."""
        return {value: len(group) for value, group in self.items()}


class SearchResult:
    """What a search has found, in order: a sequence of dictionaries as the service gives them.

    Args:
        request_body: Of the search.
    """

    entity: ClassVar[str] = "result"
    root_fields: ClassVar[frozenset[str]] = frozenset()
    property_fields: ClassVar[frozenset[str]] = frozenset()
    _page_key: ClassVar[str] = "results"

    __hash__ = None  # type: ignore[assignment]  # it can be added to

    def __init__(self, request_body: dict[str, Any] | None = None) -> None:
        self.request_body: dict[str, Any] = dict(request_body or {})
        self._pages: list[dict[str, Any]] = []
        self._features: list[dict[str, Any]] = []

    # --- a sequence --------------------------------------------------------------------------------------------------

    @overload
    def __getitem__(self, key: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, key: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, key: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        return self._features[key]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._features)

    def __len__(self) -> int:
        return len(self._features)

    def __contains__(self, feature: object) -> bool:
        return feature in self._features

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.request_body == other.request_body and self._features == other._features

    def __repr__(self) -> str:
        return f"<{type(self).__name__} ({self._counted()})>"

    def _counted(self) -> str:
        return f"{len(self)} {self.entity}{'' if len(self) == 1 else 's'}"

    def to_feature_collection(self) -> dict[str, Any]:
        """Give it as GeoJSON."""
        return {"type": "FeatureCollection", "features": list(self._features)}

    # --- adding ------------------------------------------------------------------------------------------------------

    def add(self, page: dict[str, Any], keep_duplicates: bool = False) -> int:
        """Add a page of an answer, which stays as it is.

        Args:
            page: With ``features`` or ``results``.
            keep_duplicates: Whether an item that is here already is added again; requests always are.

        Returns:
            How many were added.
        """
        key = self._page_key
        before = len(self)
        self._take(page.get(key) or (), keep_duplicates=keep_duplicates)
        self._pages.append({**page, key: self._features[before:]})
        return len(self) - before

    def _take(self, features: Iterable[dict[str, Any]], *, keep_duplicates: bool) -> None:  # noqa: ARG002
        self._features += features

    def add_feature(self, feature: dict[str, Any]) -> None:
        """Add one, whether it is there already or not."""
        self._features.append(feature)

    def merge(self, other: SearchResult, keep_duplicates: bool = False) -> Self:
        """Make one result of two; both stay as they are.

        Args:
            other: Comes second.
            keep_duplicates: Whether what is in both comes twice.
        """
        made = type(self)(self.request_body)
        for part in (self, other):
            made._join(part, keep_duplicates=keep_duplicates)  # noqa: SLF001 - of this very class
        return made

    def _join(self, part: SearchResult, *, keep_duplicates: bool) -> None:
        key = self._page_key
        self._pages += [{**page, key: list(page[key])} for page in part._pages]
        self._take(part, keep_duplicates=keep_duplicates)

    def cut(self, limit: int) -> None:
        """Keep only the first so many."""
        del self._features[limit:]

    # --- looking -----------------------------------------------------------------------------------------------------

    def groupby(self, field: str) -> GroupbyResult:
        """Group by the value of a field.

        Args:
            field: A keyword of the search, or a name as the service has it.

        Returns:
            Results of this class by value. Lists and objects are joined by ``-``; what lacks the field is
            ``"unknown"``.
        """
        groups = GroupbyResult(field=field)
        if field not in self.root_fields | self.property_fields:
            known = ", ".join(sorted(self.root_fields | self.property_fields))
            LOG.warning("groupby(field=%r) is no known field; there are: %s", field, known)
        for feature in self._features:
            value = self._value(feature, field)
            if isinstance(value, list | tuple | dict):
                value = "-".join(str(one) for one in value)
            groups.setdefault(value, type(self)()).add_feature(feature)
        return groups

    def _value(self, feature: dict[str, Any], field: str) -> Any:
        if field in self.root_fields:
            return feature.get(field, _UNKNOWN)
        properties = feature.get("properties") or {}
        return properties.get(field, _UNKNOWN)

    def log_summary(self, with_request_body: bool = False) -> None:
        """Log how many were found, at INFO.

        Args:
            with_request_body: Whether to say what was asked, too.
        """
        LOG.info("found %s%s", self._counted(), f" for {self.request_body}" if with_request_body else "")

    def _column(self, name: str) -> list[Any]:
        return [(one.get("properties") or {}).get(name) for one in self._features]


class StacSearchResult(SearchResult):
    """Items of the catalogue; an item is there once."""

    entity = "STAC item"
    root_fields = frozenset({"id", "collection"})
    property_fields = frozenset(KEYWORDS)
    _page_key = "features"

    @property
    def stac_ids(self) -> list[str]:
        """Ids, in order."""
        return [str(one["id"]) for one in self._features]

    @property
    def collect_ids(self) -> list[str]:
        """Ids of the acquisitions, in order; ``"N/A"`` where an item has none."""
        return [str((one.get("properties") or {}).get("capella:collect_id", "N/A")) for one in self._features]

    @property
    def number_matched(self) -> int | None:
        """How many match, as the service said last, whether they are here or not; None where it did not say."""
        return self._pages[-1].get("numberMatched") if self._pages else None

    def _take(self, features: Iterable[dict[str, Any]], *, keep_duplicates: bool) -> None:
        seen = set(self.stac_ids)
        for one in features:
            if keep_duplicates or one["id"] not in seen:
                seen.add(one["id"])
                self._features.append(one)

    def drop(self, stac_ids: Iterable[str]) -> None:
        """Take items out, here and in what the pages count.

        Args:
            stac_ids: Ids of the items; those that are not here are passed over.
        """
        dropped = {stac_ids} if isinstance(stac_ids, str) else set(stac_ids)
        gone = sum(one["id"] in dropped for one in self._features)
        self._features = [one for one in self._features if one["id"] not in dropped]
        for page in self._pages:
            kept = [one for one in page["features"] if one["id"] not in dropped]
            here = len(page["features"]) - len(kept)
            page["features"] = kept
            if "numberMatched" in page:
                page["numberMatched"] -= gone
            if "numberReturned" in page:
                page["numberReturned"] -= here
            if isinstance(page.get("context"), dict):
                less = {"matched": gone, "returned": here}
                page["context"] = {
                    name: value - less[name] if name in less else value for name, value in page["context"].items()
                }

    def _value(self, feature: dict[str, Any], field: str) -> Any:
        return super()._value(feature, KEYWORDS.get(field, field))


class TaskingRequestSearchResult(SearchResult):
    """Tasking requests."""

    entity = "tasking request"
    property_fields = _TASK

    @property
    def tasking_request_ids(self) -> list[Any]:
        """Ids, in order."""
        return self._column("taskingrequestId")

    @property
    def repeat_request_ids(self) -> list[Any]:
        """Ids of the repeat requests that they come of, in order; None for one of its own."""
        return self._column("repeatrequestId")


class RepeatRequestSearchResult(SearchResult):
    """Repeat requests."""

    entity = "repeat request"
    property_fields = _REPEAT

    @property
    def repeat_request_ids(self) -> list[Any]:
        """Ids, in order."""
        return self._column("repeatrequestId")

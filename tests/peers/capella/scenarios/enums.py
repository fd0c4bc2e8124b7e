# SPDX-License-Identifier: Apache-2.0
"""The choices and the exceptions that the client offers."""

from __future__ import annotations

from capella_console_client import CapellaConsoleClient, enumerations, exceptions
from player import play

ENUMS = (
    "ProductType", "AssetType", "OrbitState", "ObservationDirection", "OrbitalPlane", "InstrumentMode",
    "TaskingRequestStatus", "CollectionTier", "RepeatCollectionTier", "RepeatCycle", "ArchiveHoldback", "Polarization",
    "LocalTimeOption", "OwnershipOption", "CollectionType", "SquintMode", "InsarOrbit",
)  # fmt: skip
ERRORS = (
    "CapellaConsoleClientError", "AuthenticationError", "NoValidStacIdsError", "TaskNotCompleteError",
    "InsufficientFundsError", "OrderRejectedError", "OrderExpiredError", "OrderValidationError", "ConnectError",
    "CollectionAccessDeniedError", "AuthorizationError", "NoRefreshTokenError", "RepeatRequestPayloadValidationError",
    "ContractNotFoundError", "ValidationError",
)  # fmt: skip


def scenario(seen):
    """Run all of it."""
    assert CapellaConsoleClient is not None
    for name in ENUMS:
        kind = getattr(enumerations, name)
        seen.note(f"{name} members", {one.name: one.value for one in kind})
        seen.note(f"{name} base", [base.__name__ for base in (str, int) if issubclass(kind, base)])
        first = next(iter(kind))
        seen.note(f"{name} by value", kind(first.value) is first and kind[first.name] is first)
        seen.note(f"{name} equals its value", first == first.value)
        seen.note(f"{name} has", [first.value in kind, "bogus" in kind])
    for kind, words in {
        "TaskingRequestStatus": ("received", "bogus"),
        "OwnershipOption": ("sharedWithOrganization", "b"),
    }.items():
        seen.note(f"{kind} is valid", [getattr(enumerations, kind).is_valid(word) for word in words])
    for name in ERRORS:
        kind = getattr(exceptions, name)
        made = kind(message="gone", code="A_CODE", data={"limit": 3})
        seen.note(f"{name} is an error", issubclass(kind, exceptions.CapellaConsoleClientError))
        seen.note(f"{name} keeps", [made.message, made.code, made.data, made.response])
        seen.note(f"{name} says", [word in str(made) for word in ("gone", "A_CODE", "limit")])
        seen.note(f"{name} of nothing", [not kind().message, kind().code, kind().data])


if __name__ == "__main__":
    play(scenario, exceptions)

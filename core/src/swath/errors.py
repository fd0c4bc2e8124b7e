# SPDX-License-Identifier: Apache-2.0
"""Every error that swath raises on purpose.

The tree::

    SwathError
    ├── ConfigurationError   ProviderNotFound, PluginBroken, AmbiguousProvider, MissingExtra, LedgerError
    ├── CredentialError      MissingCredentials, InvalidCredentials, ExpiredCredentials, NotEntitled
    ├── InputError           InvalidGeometry, InvalidDatetime, InvalidFilter, InvalidItem, UnknownCollection,
    │                        UnknownAsset, NotSupported (also a ValueError)
    ├── ProviderError        NotFound (Gone), RateLimited, Rejected, Unavailable, UnexpectedResponse
    ├── OrderError           NotOrdered, OrderFailed, OrderPartial, OrderUncertain, OrderTimeout, ApprovalNeeded,
    │                        QuotaExceeded, CostExceeded
    ├── TransferError        ChecksumMismatch, NotTheProduct, LinkExpired, DiskFull, TargetNotWritable,
    │                        NameCollision, PartialFailure
    └── LoadError            MixedProjections, NoOverlap, TooLarge

A message says what happened, with which value against which limit; the hint says what to do next.
"""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = [
    "AmbiguousProvider",
    "ApprovalNeeded",
    "ChecksumMismatch",
    "ConfigurationError",
    "CostExceeded",
    "CredentialError",
    "DiskFull",
    "ExpiredCredentials",
    "Gone",
    "InputError",
    "InvalidCredentials",
    "InvalidDatetime",
    "InvalidFilter",
    "InvalidGeometry",
    "InvalidItem",
    "LedgerError",
    "LinkExpired",
    "LoadError",
    "MissingCredentials",
    "MissingExtra",
    "MixedProjections",
    "NameCollision",
    "NoOverlap",
    "NotEntitled",
    "NotFound",
    "NotOrdered",
    "NotSupported",
    "NotTheProduct",
    "OrderError",
    "OrderFailed",
    "OrderPartial",
    "OrderTimeout",
    "OrderUncertain",
    "PartialFailure",
    "PluginBroken",
    "ProviderError",
    "ProviderNotFound",
    "QuotaExceeded",
    "RateLimited",
    "Rejected",
    "SwathError",
    "TargetNotWritable",
    "TooLarge",
    "TransferError",
    "Unavailable",
    "UnexpectedResponse",
    "UnknownAsset",
    "UnknownCollection",
]


class SwathError(Exception):
    """The root of everything that swath raises on purpose.

    Args:
        message: What happened, with which value. Holds no secret.
        hint: What to do next, as a full clause.
        provider: Name of the provider the call went to.
        step: Life-cycle step: ``"search"``, ``"order"``, ``"wait"``, ...
        status_code: HTTP status, where an answer came.
        request_id: The provider's own id of the failed request, for its support desk.
        details: Further facts for programs, by name. Values must pickle.
    """

    exit_code: ClassVar[int] = 1
    """What the command line exits with."""
    default_hint: ClassVar[str] = "run again with -vv on the command line, or logging at DEBUG, for the whole exchange"
    """The hint where the raiser gives none."""

    def __init_subclass__(cls, *, exit_code: int | None = None, hint: str | None = None) -> None:
        super().__init_subclass__()
        if exit_code is not None:
            cls.exit_code = exit_code
        if hint is not None:
            cls.default_hint = hint

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        provider: str | None = None,
        step: str | None = None,
        status_code: int | None = None,
        request_id: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint
        self.provider = provider
        self.step = step
        self.status_code = status_code
        self.request_id = request_id
        self.details: dict[str, Any] = dict(details or {})

    def __str__(self) -> str:
        prefix = f"{self.provider}: " if self.provider and not self.message.startswith(f"{self.provider}:") else ""
        request = f" (request id {self.request_id})" if self.request_id else ""
        return f"{prefix}{self.message}{request}; {self.hint}"

    def __reduce__(self) -> tuple[Any, ...]:
        state = {key: value for key, value in self.__dict__.items() if not key.startswith("__")}
        return (_rebuild, (type(self), self.message), state)


def _rebuild(kind: type[SwathError], message: str) -> SwathError:
    """Make an error again when it is unpickled; its attributes follow as state."""
    error = kind.__new__(kind, message)
    SwathError.__init__(error, message)
    return error


# --- configuration -------------------------------------------------------------------------------------------------


class ConfigurationError(SwathError, exit_code=2, hint="check the settings and environment variables named above"):
    """Something about this installation or its settings is not right."""


class ProviderNotFound(ConfigurationError, exit_code=4, hint="see which are installed with: swath providers"):
    """No installed plugin answers to the name."""


class PluginBroken(
    ConfigurationError, exit_code=1, hint="see the reason with: swath plugins; then upgrade or remove that plugin"
):
    """A plugin is installed, yet cannot be imported or does not fit the hooks."""


class AmbiguousProvider(ConfigurationError, hint="uninstall one of the two distributions"):
    """Two different distributions claim one provider name."""


class MissingExtra(ConfigurationError, hint="install the extra named above"):
    """A feature needs packages that are not installed."""


class LedgerError(
    ConfigurationError,
    exit_code=1,
    hint="check that the folder SWATH_HOME (or the default state folder) is writable and not full",
):
    """The ledger of orders cannot be read or written."""


# --- credentials ---------------------------------------------------------------------------------------------------


class CredentialError(SwathError, exit_code=3, hint="look at what is in use with: swath auth status"):
    """The provider does not accept who we say we are, or we cannot say it."""


class MissingCredentials(
    CredentialError, hint="set the environment variable, or store it with: swath auth login PROVIDER"
):
    """A credential that the provider needs was found nowhere."""


class InvalidCredentials(CredentialError, hint="check the value and its source with: swath auth status"):
    """The provider answered that the credential is wrong."""


class ExpiredCredentials(CredentialError, hint="sign in again with: swath auth login PROVIDER"):
    """The credential was right once and is no longer."""


class NotEntitled(CredentialError, hint="ask the provider to enable it for the account"):
    """The account is known, yet has no right to this."""


# --- input ---------------------------------------------------------------------------------------------------------


class InputError(SwathError, ValueError, exit_code=2, hint="correct the value and call again"):
    """What the caller passed cannot be used."""


class InvalidGeometry(
    InputError, hint="pass GeoJSON, WKT, a bbox west,south,east,north in degrees, or a file of these"
):
    """An area of interest that cannot be read or is no valid geometry."""


class InvalidDatetime(
    InputError, hint="pass RFC 3339, a date, a month '2026-03', or an interval 'start/end' with '..' for an open end"
):
    """A datetime or interval that cannot be read, or whose end is before its start."""


class InvalidFilter(
    InputError, hint="pass CQL2 text or JSON; list the properties with: swath collections PROVIDER COLLECTION"
):
    """A filter that is no CQL2, or names a property that the collections do not have."""


class InvalidItem(InputError, hint="correct the fields named above where the item is built, then validate it again"):
    """A STAC Item or Collection that is not valid."""


class UnknownCollection(InputError, exit_code=4, hint="list them with: swath collections PROVIDER"):
    """The provider has no collection of that id."""


class UnknownAsset(InputError, hint="pass one of the names listed above"):
    """The item has no asset or band of that name."""


class NotSupported(InputError, hint="see what it offers with: swath providers"):
    """The provider's plugin does not offer this."""


# --- provider ------------------------------------------------------------------------------------------------------


class ProviderError(SwathError):
    """The provider refused, or could not be reached or understood.

    `outcome_unknown` in `details` is true when a request that must not be repeated may have taken effect.
    """

    @property
    def outcome_unknown(self) -> bool:
        """Whether the request may have taken effect although no good answer came."""
        return bool(self.details.get("outcome_unknown"))


class NotFound(ProviderError, exit_code=4, hint="check the id, and that it belongs to this account and profile"):
    """The provider does not know the thing asked for."""


class Gone(NotFound, hint="order it again if you still need it"):
    """It was there once and is no longer."""


class RateLimited(ProviderError, exit_code=5, hint="wait a little, or run fewer jobs with this account at once"):
    """The provider asks to slow down, and did so for longer than the retry budget."""


class Rejected(ProviderError, hint="correct what the provider's message names and send it again"):
    """The provider understood the request and refused it; nothing was changed or bought."""


class Unavailable(ProviderError, exit_code=5, hint="check the network and the provider's status page, then try again"):
    """No answer, or one that says the service has trouble."""


class UnexpectedResponse(ProviderError, hint="report it to the plugin's authors, with the message"):
    """An answer that does not have the documented form."""


# --- orders --------------------------------------------------------------------------------------------------------


class OrderError(SwathError, hint="look at it with: swath orders"):
    """An order did not come to its good end. The orders concerned are in `details["orders"]`, by id."""


class NotOrdered(
    OrderError, exit_code=2, hint="order it first: order = provider.order(items); order = provider.wait(order)"
):
    """Downloading was asked for something that was never ordered."""


class OrderFailed(OrderError, hint="see the provider's reason above; order again with again=True once it is mended"):
    """The provider ended the order without delivering."""


class OrderPartial(
    OrderError,
    exit_code=6,
    hint="take what is there with wait(..., accept_partial=True), or order the missing items again",
):
    """The provider delivered only part of the order."""


class OrderUncertain(
    OrderError,
    hint=(
        "do not send it again blindly: call the same order() again to look for it at the provider, "
        "or, once you have seen there that it does not exist, order with again=True"
    ),
):
    """The order was sent and no good answer came: it may or may not exist."""


class OrderTimeout(OrderError, hint="wait again with a larger timeout"):
    """The order is still on its way when the caller's patience ends. It is not lost."""


class ApprovalNeeded(
    OrderError, hint="approve it with: swath approve ORDER --max-cost AMOUNT; or drop it: swath cancel"
):
    """The provider has named its price, and nothing goes ahead before you approve it."""


class QuotaExceeded(OrderError, hint="order less, or ask the provider for more quota"):
    """The account has used up what it may order."""


class CostExceeded(
    OrderError,
    exit_code=2,
    hint="raise max_cost, order fewer items, or pass allow_unknown_cost=True where the cost is unknown",
):
    """The quote is above max_cost, or unknown while a cap is set. Nothing was sent."""


# --- transfer ------------------------------------------------------------------------------------------------------


class TransferError(SwathError, hint="run the same download again: what is complete is not fetched twice"):
    """A file could not be brought here whole and verified. Nothing wrong has a final name."""


class ChecksumMismatch(TransferError):
    """The bytes are not those that the provider published a checksum or size for."""


class NotTheProduct(TransferError):
    """The answer is not the product but something else: an error page, a message."""


class LinkExpired(TransferError):
    """A download link died and a fresh one died too."""


class DiskFull(TransferError, hint="free some space or choose another folder, then run the same download again"):
    """There is no room for the file."""


class TargetNotWritable(TransferError, exit_code=2, hint="choose a folder that you may write to"):
    """The target folder cannot be made or written to."""


class NameCollision(TransferError, hint="report it to the plugin's authors: each asset needs a name of its own"):
    """Two files would have the same path."""


class PartialFailure(TransferError, exit_code=6):
    """Some files of a batch failed; the others are in place. The batch report is `report`."""

    @property
    def report(self) -> Any:
        """The batch report: one outcome a file."""
        return self.details.get("report")


# --- load ----------------------------------------------------------------------------------------------------------


class LoadError(SwathError, hint="check the files with: swath verify DIR"):
    """Files could not be read into an array or a table."""


class MixedProjections(LoadError, hint="pass crs='EPSG:...' (and resolution=...), or load the zones one by one"):
    """The items are in several coordinate reference systems and no target was named."""


class NoOverlap(LoadError, hint="check the axis order (west, south, east, north) and the coordinate reference system"):
    """The asked area and the items do not meet."""


class TooLarge(
    LoadError, hint="pass chunks={'x': 2048, 'y': 2048} for a lazy array, or a coarser resolution or smaller bbox"
):
    """Reading eagerly would not fit."""

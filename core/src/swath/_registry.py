# SPDX-License-Identifier: Apache-2.0
"""Finds plugins and calls their hooks; the one place where foreign code is called.

Plugins are found by stevedore, yet listed live: its own listing keeps a file in the user's home that rounds times to
128 seconds, so that a plugin installed a minute ago can stay unseen. Listing imports nothing; opening imports one
plugin.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy
from attrs import frozen
from stevedore import named

from swath._defaults import CoreDefaults
from swath.errors import (
    AmbiguousProvider,
    NotSupported,
    PluginBroken,
    ProviderNotFound,
    SwathError,
    Unavailable,
    UnexpectedResponse,
)
from swath.hookspecs import Context, Hooks
from swath.models import (
    Asset,
    ItemDict,
    LoadOptions,
    Order,
    OrderRequest,
    Page,
    ProviderInfo,
    Query,
    Quote,
    SubscribeRequest,
    TaskRequest,
)

if TYPE_CHECKING:
    import click
    import httpx

__all__ = [
    "EXTENSIONS",
    "PROVIDERS",
    "SENDERS",
    "PluginEntry",
    "ProviderHooks",
    "list_plugins",
    "load_plugin",
    "open_hooks",
]

PROVIDERS = "swath.providers"
"""Entry-point group of provider plugins: one class each."""
EXTENSIONS = "swath.extensions"
"""Entry-point group of plugins that wrap any provider's hooks."""

SENDERS: Mapping[type, str] = {OrderRequest: "order", TaskRequest: "task", SubscribeRequest: "subscribe"}
"""Which hook sends a request."""
_T = TypeVar("_T")


@frozen(kw_only=True)
class PluginEntry:
    """A plugin as its distribution's metadata names it; nothing is imported for it."""

    name: str
    group: str
    value: str
    """``module:Class``."""
    distribution: str
    version: str


_Point = tuple[importlib.metadata.EntryPoint, PluginEntry]


class _LiveManager(named.NamedExtensionManager[Any]):
    """Stevedore's manager of one entry point that was found already, without its file cache."""

    def list_entry_points(self) -> list[importlib.metadata.EntryPoint]:
        """Give the one."""
        return [self._point]

    def __init__(self, point: importlib.metadata.EntryPoint, on_failure: Callable[..., None]) -> None:
        self._point = point
        super().__init__(
            point.group,
            [point.name],
            on_load_failure_callback=on_failure,
            on_missing_entrypoints_callback=lambda _names: None,
        )


def _points(group: str) -> list[_Point]:
    """List what is installed now, once each: the same one seen twice (editable beside wheel) counts once."""
    return _points_of(group)[0]


def _points_of(*groups: str) -> list[list[_Point]]:
    """List what is installed now of several groups at once: it reads the metadata of every distribution, some 10 ms."""
    installed = importlib.metadata.entry_points()
    return [_distinct(installed.select(group=group), group) for group in groups]


def _distinct(points: Iterable[importlib.metadata.EntryPoint], group: str) -> list[_Point]:
    found: dict[tuple[str, str, str], tuple[importlib.metadata.EntryPoint, PluginEntry]] = {}
    for point in points:
        dist = point.dist
        name = (dist.name if dist is not None else "") or "unknown"
        version = (dist.version if dist is not None else "") or "unknown"
        entry = PluginEntry(name=point.name, group=group, value=point.value, distribution=name, version=version)
        key = (point.name, name.lower().replace("_", "-").replace(".", "-"), point.value)
        found.setdefault(key, (point, entry))
    return sorted(found.values(), key=lambda pair: (pair[1].name, pair[1].distribution))


def list_plugins(group: str = PROVIDERS) -> tuple[PluginEntry, ...]:
    """List installed plugins by name, without importing any."""
    return tuple(entry for _, entry in _points(group))


def load_plugin(name: str, group: str = PROVIDERS) -> object:
    """Import one plugin and make its instance.

    Raises:
        ProviderNotFound: If no plugin has the name; the message lists those that are installed.
        AmbiguousProvider: If two distributions claim it.
        PluginBroken: If it cannot be imported or made; the reason is in the message.
    """
    return _load(name, _points(group))


def _load(name: str, installed: Sequence[_Point]) -> object:
    """Load one plugin of those that are installed; see `load_plugin`."""
    found = [(point, entry) for point, entry in installed if entry.name == name]
    entries = [entry for _, entry in found]
    if not entries:
        known = ", ".join(sorted({entry.name for _, entry in installed})) or "none"
        raise ProviderNotFound(
            f"no plugin named {name!r} is installed (installed: {known})",
            hint=f"check the name with: swath providers; or install it, for example: pip install 'swath[{name}]'",
        )
    if len(entries) > 1:
        claims = " and ".join(f"{entry.distribution} {entry.version} ({entry.value})" for entry in entries)
        raise AmbiguousProvider(f"{claims} both claim the name {name!r}")
    reasons: list[BaseException] = []

    def _keep(_manager: object, _point: object, reason: BaseException) -> None:
        reasons.append(reason)

    try:
        manager = _LiveManager(found[0][0], _keep)
        plugin = manager[name].plugin if not reasons else None
        if not inspect.isclass(plugin) and not reasons:
            reasons.append(TypeError(f"{entries[0].value} is {type(plugin).__name__}, not a class"))
        if not reasons:
            assert plugin is not None  # noqa: S101 (for the type checker; the line above has judged it)
            return plugin()
    except (Exception, SystemExit) as err:  # noqa: BLE001 (foreign code: whatever it raises must name the plugin)
        reasons.append(err)
    reason = reasons[0]
    raise PluginBroken(
        f"the plugin {name!r} of {entries[0].distribution} {entries[0].version} is broken: "
        f"{type(reason).__name__}: {reason}",
        details={"plugin": name, "distribution": entries[0].distribution},
    ) from reason


def open_hooks(name: str, plugin: object | None = None) -> ProviderHooks:
    """Load one provider, with core's defaults below it and the installed extensions around it.

    Args:
        name: Entry-point name.
        plugin: An instance to use instead of the installed one.

    Raises:
        ProviderNotFound: See `load_plugin`; AmbiguousProvider and PluginBroken too. An extension that is broken stops
            the opening: it may be what guards the budget.
    """
    installed, around = _points_of(PROVIDERS, EXTENSIONS)
    instance = _load(name, installed) if plugin is None else plugin
    extensions = [(entry.name, _load(entry.name, around)) for _, entry in around]
    return ProviderHooks(name, instance, extensions)


class ProviderHooks:
    """One opened provider's hooks, each as a typed function.

    Whatever a hook raises leaves as a `SwathError` that names provider and step.
    """

    def __init__(self, name: str, plugin: object, extensions: Sequence[tuple[str, object]] = ()) -> None:
        self.name = name
        self.plugin = plugin
        self._manager = pluggy.PluginManager("swath")
        self._manager.add_hookspecs(Hooks)
        try:
            self._manager.register(CoreDefaults(), name="swath core")
            self._manager.register(plugin, name=name)
            for extension_name, extension in extensions:
                self._manager.register(extension, name=f"extension {extension_name}")
            self._manager.check_pending()
        except (pluggy.PluginValidationError, ValueError) as err:
            raise PluginBroken(f"the plugin {name!r} does not fit the hooks: {err}") from err
        self.own = frozenset(caller.name for caller in self._manager.get_hookcallers(plugin) or ())
        """Names of the hooks that the provider itself implements."""
        if "describe" not in self.own:
            raise PluginBroken(f"the plugin {name!r} has no describe hook", hint="see docs/plugins/write-a-provider.md")

    # --- guards -----------------------------------------------------------------------------------------------------

    def _named(self, err: Exception, step: str) -> SwathError:
        """Make whatever foreign code raised an error of ours that names provider and step."""
        import httpx

        if isinstance(err, SwathError):
            err.provider = err.provider or self.name
            err.step = err.step or step
            return err
        if isinstance(err, httpx.HTTPError):
            return Unavailable(f"the connection failed: {type(err).__name__}", provider=self.name, step=step)
        if isinstance(err, KeyError | TypeError | ValueError | AttributeError | IndexError) and step != "describe":
            return UnexpectedResponse(
                f"{step} could not be understood: {type(err).__name__}: {err}", provider=self.name, step=step
            )
        return PluginBroken(f"{step} failed: {type(err).__name__}: {err}", provider=self.name, step=step)

    def _call(self, step: str, **arguments: Any) -> Any:
        try:
            return getattr(self._manager.hook, step)(**arguments)
        except (Exception, SystemExit) as err:
            failure = err if isinstance(err, Exception) else RuntimeError(f"the plugin tried to exit: {err}")
            named_error = self._named(failure, step)
            if named_error is err:
                raise
            raise named_error from err

    def _iterate(self, step: str, values: Iterable[_T]) -> Iterator[_T]:
        """Iterate within the guard: an iterator fails after its hook has returned."""
        iterator = iter(values)
        while True:
            try:
                value = next(iterator)
            except StopIteration:
                return
            except (Exception, SystemExit) as err:
                failure = err if isinstance(err, Exception) else RuntimeError(f"the plugin tried to exit: {err}")
                named_error = self._named(failure, step)
                if named_error is err:
                    raise
                raise named_error from err
            yield value

    def _required(self, step: str, answer: _T | None) -> _T:
        if answer is None:
            offered = ", ".join(sorted(self.own - {"describe", "sandbox", "commands"}))
            raise NotSupported(
                f"{step} is not offered by this provider (it has: {offered})", provider=self.name, step=step
            )
        return answer

    def has(self, step: str) -> bool:
        """Whether the provider itself implements the hook."""
        return step in self.own

    # --- hooks ------------------------------------------------------------------------------------------------------

    def describe(self) -> ProviderInfo:
        """Call `describe`."""
        info = self._call("describe")
        if not isinstance(info, ProviderInfo):
            raise PluginBroken(f"the plugin {self.name!r} describes itself by {type(info).__name__}, not ProviderInfo")
        return info

    def authenticate(self, context: Context) -> httpx.Auth | None:
        """Call `authenticate`; None where nothing is signed."""
        auth: httpx.Auth | None = self._call("authenticate", context=context)
        return auth

    def collections(self, context: Context) -> tuple[ItemDict, ...]:
        """Call `collections`; empty where the provider does not list them."""
        answer = self._call("collections", context=context)
        return () if answer is None else tuple(self._iterate("collections", answer))

    def queryables(self, context: Context, collection: str | None) -> Mapping[str, Any] | None:
        """Call `queryables`."""
        answer: Mapping[str, Any] | None = self._call("queryables", context=context, collection=collection)
        return answer

    def search(self, context: Context, query: Query) -> Iterator[Page]:
        """Call `search`; the pages come through the guard."""
        return self._iterate("search", self._required("search", self._call("search", context=context, query=query)))

    def count(self, context: Context, query: Query) -> int | None:
        """Call `count`."""
        answer: int | None = self._call("count", context=context, query=query)
        return answer

    def quote(self, context: Context, request: OrderRequest | TaskRequest | SubscribeRequest) -> Quote:
        """Call `quote`; a quote that knows nothing where the provider does not tell."""
        answer = self._call("quote", context=context, request=request)
        return answer if isinstance(answer, Quote) else Quote(note="the provider tells no prices")

    def send(self, context: Context, request: OrderRequest | TaskRequest | SubscribeRequest) -> Order:
        """Call `order`, `task` or `subscribe`, as the request is."""
        step = SENDERS[type(request)]
        answer: Order | None = self._call(step, context=context, request=request)
        return self._required(step, answer)

    def opportunities(self, context: Context, request: TaskRequest) -> Iterator[ItemDict]:
        """Call `opportunities`; they come through the guard."""
        answer = self._call("opportunities", context=context, request=request)
        return self._iterate("opportunities", self._required("opportunities", answer))

    def approve(self, context: Context, order: Order) -> Order:
        """Call `approve`."""
        answer: Order | None = self._call("approve", context=context, order=order)
        return self._required("approve", answer)

    def wait(self, context: Context, order: Order) -> Order:
        """Call `wait`."""
        answer: Order | None = self._call("wait", context=context, order=order)
        return self._required("wait", answer)

    def download(self, context: Context, order: Order) -> tuple[Asset, ...]:
        """Call `download`; all files at once, so that names are known before the first byte."""
        answer: Iterable[Asset] | None = self._call("download", context=context, order=order)
        return tuple(self._iterate("download", self._required("download", answer)))

    def members(self, context: Context, item: ItemDict, asset: Asset, path: str) -> tuple[tuple[str, ItemDict], ...]:
        """Call `members`; empty where the file is no archive that the plugin knows."""
        answer = self._call("members", context=context, item=item, asset=asset, path=path)
        return () if answer is None else tuple(self._iterate("members", answer))

    def complete(self, context: Context, items: Sequence[ItemDict], options: LoadOptions) -> list[ItemDict]:
        """Call `complete`; the items as they are where the provider adds nothing."""
        answer = self._call("complete", context=context, items=items, options=options)
        return list(items) if answer is None else list(self._iterate("complete", answer))

    def load(self, context: Context, items: Sequence[ItemDict], options: LoadOptions) -> Any:
        """Call `load`: the provider's own, or core's default."""
        return self._required("load", self._call("load", context=context, items=items, options=options))

    def cancel(self, context: Context, order: Order) -> Order:
        """Call `cancel`."""
        answer: Order | None = self._call("cancel", context=context, order=order)
        return self._required("cancel", answer)

    def orders(self, context: Context, since: dt.datetime | None) -> Iterator[Order]:
        """Call `orders`; the orders come through the guard."""
        answer: Iterable[Order] | None = self._call("orders", context=context, since=since)
        return self._iterate("orders", self._required("orders", answer))

    def event(self, context: Context, headers: Mapping[str, str], body: bytes) -> Order | None:
        """Call `event`; None where the delivery is not about an order."""
        if not self.has("event"):
            self._required("event", None)
        answer: Order | None = self._call("event", context=context, headers=headers, body=body)
        return answer

    def commands(self) -> click.Group | None:
        """Call `commands`."""
        answer: click.Group | None = self._call("commands")
        return answer

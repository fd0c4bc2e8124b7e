# SPDX-License-Identifier: Apache-2.0
"""Makes providers out of names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from swath._modifier import Modifier, check_modifier
from swath.errors import InputError

if TYPE_CHECKING:
    import httpx

    from swath._clock import Clock
    from swath._federation import Federation
    from swath._provider import Provider
    from swath._registry import PluginEntry
    from swath._results import ItemSearch

__all__ = ["make_provider", "open_provider", "open_several", "providers", "reopen", "search"]


@overload
def open_provider(name: str, /, *, profile: str | None = None, **given: Any) -> Provider: ...


@overload
def open_provider(
    name: str, second: str, /, *more: str, profile: str | None = None, modifier: Modifier | None = None
) -> Federation: ...


def open_provider(
    *names: str, profile: str | None = None, modifier: Modifier | None = None, **given: Any
) -> Provider | Federation:
    """Open a provider for one account, or several at once. Nothing is sent and nothing is written.

    Args:
        *names: The provider's name, as ``swath providers`` lists it; of several, the same words work over all.
        profile: Which of several accounts; ``SWATH_PROFILE``, or ``"default"``.
        modifier: Called with what is found before you get it, to change it in place: a FeatureCollection as dict for
            each page of items, a `pystac.Collection` for each collection.
        **given: Credentials and settings by the names that the provider declares, for example ``api_key``. What is not
            given comes from the environment, the keyring if chosen, or the profile file, in this order.

    Returns:
        The provider; of several names a `swath.Federation`, in which one without credentials is reported as failed.

    Raises:
        ProviderNotFound: No such plugin is installed.
        PluginBroken: It is installed and cannot be used; the reason is in the message.
        MissingCredentials: A credential was found nowhere.
    """
    if not names:
        raise InputError("open() needs a provider's name", hint="list them with: swath providers")
    if len(names) == 1:
        return make_provider(names[0], profile=profile, given=given, modifier=modifier)
    return open_several(names, profile, given, modifier)


def open_several(
    names: tuple[str, ...],
    profile: str | None = None,
    given: dict[str, Any] | None = None,
    modifier: Modifier | None = None,
) -> Federation:
    """Open several providers, or one, as a federation; see `open_provider`."""
    from swath._federation import Federation
    from swath.errors import CredentialError, MissingExtra, PluginBroken, SwathError

    if given:
        raise InputError(
            f"open() of several providers takes no {min(given)!r}",
            hint="give credentials and settings by the environment or the profile file, or open them one by one",
        )
    opened: dict[str, Provider] = {}
    failed: dict[str, SwathError] = {}
    for name in dict.fromkeys(names):
        try:
            opened[name] = make_provider(name, profile=profile, given={})
        except (CredentialError, MissingExtra, PluginBroken) as err:
            failed[name] = err
        except BaseException:
            for one in opened.values():
                one.close()
            raise
    return Federation(opened.values(), failed=failed, modifier=modifier)


def make_provider(
    name: str,
    *,
    profile: str | None,
    given: dict[str, Any],
    plugin: object | None = None,
    clock: Clock | None = None,
    transport: httpx.BaseTransport | None = None,
    home: Path | None = None,
    read_s: float | None = None,
    modifier: Modifier | None = None,
) -> Provider:
    """Make a provider out of whatever parts are given; see `open_provider` and `swath._session.open_session`.

    Args:
        name: Entry-point name.
        profile: Which of several accounts.
        given: Credentials and settings.
        plugin: An instance to use instead of the installed one.
        clock: What waits.
        transport: What takes the place of the network.
        home: Where ledger and tokens are kept instead of the user's state folder and ``SWATH_LEDGER``.
        read_s: Seconds of silence after which a read is given up; the client's own if None.
        modifier: Changes what is found, in place.
    """
    from swath._home import state_dir
    from swath._ledger import Ledger, open_ledger
    from swath._provider import Provider
    from swath._session import open_session

    state = home or state_dir()
    session = open_session(
        name, profile=profile, given=given, plugin=plugin, clock=clock, transport=transport, state=state, read_s=read_s
    )
    clock = session.clock
    # A home of its own has a ledger of its own: what is tried there must not stand in the team's.
    ledger = open_ledger(clock=clock) if home is None else Ledger(home / "ledger.sqlite3", clock=clock)
    secret = {field.name for field in session.info.credentials}
    kept = {key: value for key, value in given.items() if key not in secret}
    check_modifier(modifier)
    arguments = (name, session.context.profile, kept, *([] if modifier is None else [modifier]))
    return Provider(session, ledger, (reopen, arguments), modifier)


def reopen(name: str, profile: str, given: dict[str, Any], modifier: Modifier | None = None) -> Provider:
    """Open a provider again where its pickle arrives; credentials come from that place's own environment."""
    return make_provider(name, profile=profile, given=given, modifier=modifier)


def providers() -> tuple[PluginEntry, ...]:
    """List the installed providers, without importing any of them."""
    from swath._registry import list_plugins

    return list_plugins()


def search(provider: str, **query: Any) -> ItemSearch:
    """Open a provider and search it: ``swath.search("planet", collections=["PSScene"], max_items=5)``.

    Args:
        provider: The provider's name.
        **query: As in `Provider.search`.
    """
    return open_provider(provider).search(**query)

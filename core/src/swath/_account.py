# SPDX-License-Identifier: Apache-2.0
"""One opened account: what it is, what it can do, and what there is to search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from attrs import evolve

from swath._catalogue import Catalogue
from swath._clientlike import Clientlike
from swath._modifier import Modifier
from swath._orderbook import OrderBook
from swath._ordering import Buyer
from swath._recovery import Recovering
from swath._session import Session
from swath._step import step
from swath._tasking import Tasking
from swath.models import Heard, ProviderInfo, Query, Received

if TYPE_CHECKING:
    import pystac

    from swath._ledger import Ledger
    from swath._listening.receiving import Receiver

__all__ = ["Account"]


class Account(Recovering, Tasking, Clientlike):
    """What of a provider is there before anything is searched or bought.

    Args:
        session: The opened account.
        ledger: Where its orders are kept.
        reopen: How its pickle opens it again: a function and its arguments.
        modifier: Changes items and collections in place before they are given; see `swath.open`.
    """

    def __init__(
        self, session: Session, ledger: Ledger, reopen: tuple[Any, ...], modifier: Modifier | None = None
    ) -> None:
        self._session = session
        self._ledger = ledger
        self._reopen = reopen
        self._modifier = modifier
        self._buyer = Buyer(session, ledger)
        self._catalogue = Catalogue(session)
        self._book = OrderBook(session, ledger)

    def __repr__(self) -> str:
        return f"<swath.Provider {self.name!r}, profile {self.profile!r}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return self._reopen

    # --- about ------------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The provider's name."""
        return self._session.info.name

    @property
    def id(self) -> str:
        """The provider's name, as pystac-client has it."""
        return self.name

    @property
    def title(self) -> str:
        """The provider's name as people write it."""
        return self.info.title

    @property
    def description(self) -> str:
        """What the provider says of itself in a sentence."""
        return self.info.description

    @property
    def info(self) -> ProviderInfo:
        """What the provider says of itself."""
        return self._session.info

    @property
    def profile(self) -> str:
        """Which of several accounts this is."""
        return self._session.context.profile

    def supports(self, step: str) -> bool:
        """Whether the provider offers a step, for example ``"cancel"``; `load` is always there."""
        return step == "load" or self._session.hooks.has(step)

    def close(self) -> None:
        """Close its connections. What was ordered goes on at the provider."""
        self._session.http.close()

    @step
    def authenticate(self) -> None:
        """Make sure, by one request, that the provider accepts the credentials.

        Raises:
            InvalidCredentials: It does not.
        """
        from swath.auth import TokenAuth

        auth = self._session.http.auth
        if isinstance(auth, TokenAuth):
            auth.token()
            return
        query = Query(limit=1, max_items=1)
        next(self._session.hooks.search(self._session.context, query), None)

    # --- pystac-client's words ----------------------------------------------------------------------------------------

    collection_search = step(Clientlike.collection_search)
    conforms_to = step(Clientlike.conforms_to)
    get_items = step(Clientlike.get_items)
    get_merged_queryables = step(Clientlike.get_merged_queryables)
    get_queryables = step(Clientlike.get_queryables)

    # --- webhooks ---------------------------------------------------------------------------------------------------

    @step
    def receive(self, headers: Mapping[str, str], body: bytes) -> Received:
        """Take one webhook delivery in: verify it, write it down once, and look at the order that it speaks of.

        For a web framework of your own; ``swath listen`` is a receiver of swath's.

        Args:
            headers: As they came.
            body: As it came, byte for byte: signatures are over it.

        Returns:
            What it is. A forged one is `Heard.REFUSED`; nothing is raised for it.

        Raises:
            NotSupported: If the provider sends none.
        """
        receiver = self._receiver()
        taken = receiver.take(headers, body)
        if taken.heard is Heard.NEW and taken.order is not None:
            return evolve(taken, order=receiver.look(taken.order))
        return taken

    def _receiver(self) -> Receiver:
        """Give what takes deliveries in, and looks later."""
        from swath._listening.receiving import Receiver

        return Receiver(self._session, self._ledger, self._buyer)

    def sign_out(self) -> None:
        """Forget the tokens that were fetched with the credentials; the credentials stay where they are."""
        from swath.auth import TokenAuth

        auth = self._session.http.auth
        (auth.sign_out if isinstance(auth, TokenAuth) else self._session.context.tokens.forget)()

    # --- what there is ----------------------------------------------------------------------------------------------

    @step
    def get_collections(self) -> Iterator[pystac.Collection]:
        """Iterate over what can be searched, as `pystac.Collection`, whose `get_items` searches."""
        from swath._collections import make_collection

        found = self._catalogue.collections().values()
        return iter([make_collection(one, self, self._modifier) for one in found])

    @step
    def get_collection(self, collection_id: str) -> pystac.Collection:
        """Give one collection.

        Raises:
            UnknownCollection: With the nearest names.
        """
        from swath._collections import make_collection

        self._catalogue.check_collections((collection_id,))
        return make_collection(self._catalogue.collections()[collection_id], self, self._modifier)

    @step
    def queryables(self, collection: str | None = None) -> Mapping[str, Any]:
        """Say which properties a filter may name, as JSON Schema (OGC API - Features Part 3).

        Args:
            collection: A collection's id; None for what all have in common.
        """
        return self._catalogue.queryables(collection)

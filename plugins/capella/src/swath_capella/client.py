# SPDX-License-Identifier: Apache-2.0
"""Capella's own client: the same names, arguments and results, over swath's HTTP, downloads and credentials."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Self

from swath.native import close_context
from swath_capella._native.downloading import Downloads
from swath_capella._native.finding import RequestFinder
from swath_capella._native.ordering import Ordering
from swath_capella._native.places import Place
from swath_capella._native.results import StacSearchResult
from swath_capella._native.searching import Finder, asked
from swath_capella._native.session import LOG, Session, native
from swath_capella._native.tasking import Tasking
from swath_capella._native.tasking_calls import TaskingCalls

__all__ = ["CapellaConsoleClient"]

_TEMP: Final = Path(tempfile.gettempdir())
_Items = StacSearchResult | list[dict[str, Any]]
_Words = str | Iterable[str]


class CapellaConsoleClient(TaskingCalls):
    """Capella's catalogue, orders, downloads and tasking.

    What goes wrong is raised as `swath_capella.exceptions`, whose classes are swath's too.

    Args:
        api_key: API key; else ``CAPELLA_API_KEY``, the keyring or the profile file; else it is asked for at a terminal.
        token: Bearer token. It is used where both are given.
        verbose: Whether what is done is logged at INFO instead of DEBUG, to the logger ``swath.capella``. Nothing is
            set up: your program decides what is shown.
        no_token_check: Whether nothing is asked when the client is made.
        base_url: Where the API is; else ``SWATH_CAPELLA_URL``, else production.
        search_url: Where searches go; below `base_url` if None.
        no_auth: Whether nothing is signed: only open data can be searched.

    Raises:
        AuthenticationError: Capella does not know the key or token.
        MissingKeyError: There is none, a ValueError.
    """

    def __init__(  # noqa: PLR0917 - as Capella's client has it
        self,
        api_key: str | None = None,
        token: str | None = None,
        verbose: bool = False,
        no_token_check: bool = False,
        base_url: str | None = None,
        search_url: str | None = None,
        no_auth: bool = False,
    ) -> None:
        self.session = Session(
            api_key=api_key, token=token, verbose=verbose, base_url=base_url, search_url=search_url, no_auth=no_auth
        )
        self._finder = Finder(self.session)
        self._ordering = Ordering(self.session, self._finder)
        self._tasking = Tasking(self.session)
        self._requests = RequestFinder(self.session)
        self._downloads = Downloads(self.session, self._finder, self._ordering, self._tasking)
        if not (no_auth or no_token_check):
            try:
                self._check()
            except BaseException:
                self.close()
                raise

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.session.base_url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; it can still be used and opens new ones."""
        close_context(self.session.context)

    @native
    def _check(self) -> None:
        self.session.check()

    @native
    def whoami(self) -> dict[str, Any]:
        """Say who is signed in: ``id``, ``organizationId``, ``email``, ``roles``."""
        return self.session.user(anew=True)

    # --- the catalogue -----------------------------------------------------------------------------------------------

    @native
    def search(self, **kwargs: Any) -> StacSearchResult:
        """Search the catalogue.

        Args:
            **kwargs: ``field=value`` or ``field__operator=value`` with the operators ``eq in gt gte lt lte``; a list
                means any of its members. Fields are those of `swath_capella.fields.KEYWORDS`, and ``bbox``,
                ``intersects``, ``collections``, ``ids``, ``ownership``. Times may be datetimes, texts with any offset,
                or ``start/end``. ``sortby`` is a field, with ``-`` before it for descending, or several. ``limit`` is
                the most items in all, 500 unless said; what is beyond the 10,000 items that one search reaches is
                found too. ``threaded=True`` asks for the pages at once.

        Returns:
            Items in the service's order. `StacSearchResult.number_matched` tells how many there are in all.
        """
        return self._finder.search(asked(kwargs))

    def catalog_search(self, **kwargs: Any) -> StacSearchResult:
        """Search the catalogue; see `search`."""
        return self.search(**kwargs)

    # --- orders ------------------------------------------------------------------------------------------------------

    @native
    def review_order(
        self, stac_ids: list[str] | None = None, items: _Items | None = None, contract_id: str | None = None
    ) -> dict[str, Any]:
        """Ask what an order would cost; nothing is bought.

        Args:
            stac_ids: Ids of items, any number.
            items: Items as found, which spares a search.
            contract_id: Contract to charge; the default one if None.

        Returns:
            The review, with ``orderDetails.summary.total`` such as ``"$450.00"``.

        Raises:
            InsufficientFundsError: The review does not allow it; its `code` is Capella's reason.
            NoValidStacIdsError: None of the ids is in the catalogue.
        """
        return self._ordering.review(stac_ids, items, contract_id)

    @native
    def submit_order(  # noqa: PLR0917 - as Capella's client has it
        self,
        stac_ids: list[str] | None = None,
        items: _Items | None = None,
        check_active_orders: bool = False,
        omit_search: bool = False,
        omit_review: bool = False,
        contract_id: str | None = None,
    ) -> str:
        """Order items. It is sent once, never again by itself.

        Args:
            stac_ids: Ids of items, any number; they count before `items`.
            items: Items as found.
            check_active_orders: Whether an order that is good and holds all of them is given instead.
            omit_search: Whether `items` are taken as they are, not looked up again.
            omit_review: Whether the review, which stops what there is no money for, is left out.
            contract_id: Contract to charge; the default one if None.

        Returns:
            The order's id.

        Raises:
            OrderRejectedError: Capella took and rejected it.
            InsufficientFundsError, NoValidStacIdsError: As `review_order`.
        """
        return self._ordering.submit(
            stac_ids,
            items,
            check_active_orders=check_active_orders,
            omit_search=omit_search,
            omit_review=omit_review,
            contract_id=contract_id,
        )

    @native
    def list_orders(
        self, *order_ids: str | None, is_active: bool | None = False, **former: Iterable[str]
    ) -> list[dict[str, Any]]:
        """List orders.

        Args:
            *order_ids: Only these; each is asked for by itself.
            is_active: Whether only those are listed that have not expired, the one that lives longest first.
            **former: ``order_ids=[…]``, as Capella's guide writes it.
        """
        ids = [*order_ids, *former.pop("order_ids", ())]
        if former:
            raise TypeError(f"list_orders() got an unexpected keyword argument {next(iter(former))!r}")
        return self._ordering.listed(ids, is_active=bool(is_active))

    @native
    def get_stac_items_of_order(self, order_id: str, ids_only: bool = False) -> list[str] | StacSearchResult:
        """Give the items of an order, or their ids."""
        return self._ordering.items_of(order_id, ids_only=ids_only)

    @native
    def get_presigned_items(
        self, order_id: str, stac_ids: list[str] | None = None, sort_by: list[str] | None = None
    ) -> list[dict[str, Any]]:
        """Give the items of an order with links that work for about an hour, for whoever has them.

        Args:
            order_id: Of an order that is completed and has not expired.
            stac_ids: Only these.
            sort_by: Ids of all items, in the order wanted.

        Raises:
            OrderExpiredError: Order the items again, which is free.
        """
        return self._ordering.presigned(order_id, stac_ids, sort_by)

    def get_presigned_assets(
        self,
        order_id: str,
        stac_ids: list[str] | None = None,
        sort_by: list[str] | None = None,
        assets_only: bool | None = True,
    ) -> list[dict[str, Any]]:
        """Give only the assets of `get_presigned_items`, which is to be preferred."""
        if not assets_only:
            LOG.warning("assets_only has no effect; get_presigned_items gives whole items")
        return [one["assets"] for one in self.get_presigned_items(order_id, stac_ids, sort_by)]

    # --- downloads ---------------------------------------------------------------------------------------------------

    @native
    def get_asset_bytesize(self, pre_signed_url: str) -> int:
        """Ask how large a file is, bytes; -1 where the service does not say."""
        return self._downloads.size(pre_signed_url)

    @native
    def download_asset(
        self,
        pre_signed_url: str,
        local_path: str | Place = _TEMP,
        override: bool = False,
        show_progress: bool = False,
        enable_resume: bool = True,
    ) -> Place:
        """Fetch one file, whole and verified, or raise.

        Args:
            pre_signed_url: Its link.
            local_path: Where it goes: a file, or a folder that is there; in S3 ``s3://bucket/key`` or
                ``s3://bucket/prefix/``, which needs ``swath[s3]``. Objects of cloudpathlib's ``S3Path`` do as well.
            override: Whether what is there already is fetched again.
            show_progress: Whether to show how far it is, where someone looks.
            enable_resume: Whether a file that is there is compared with the one to fetch; else it is left alone.
        """
        return self._downloads.asset(
            pre_signed_url, local_path, override=override, show_progress=show_progress, enable_resume=enable_resume
        )

    @native
    def download_products(  # noqa: PLR0917 - as Capella's client has it
        self,
        items_presigned: list[dict[str, Any]] | None = None,
        order_id: str | None = None,
        tasking_request_id: str | None = None,
        collect_id: str | None = None,
        local_dir: str | Place = _TEMP,
        include: _Words | None = None,
        exclude: _Words | None = None,
        override: bool = False,
        threaded: bool = True,
        show_progress: bool = False,
        separate_dirs: bool = True,
        product_types: _Words | None = None,
        contract_id: str | None = None,
        enable_resume: bool = True,
    ) -> dict[str, dict[str, Place]]:
        """Fetch files of products, each whole and verified.

        Of the first four the first that is given counts. What comes of a task or collect is ordered where no active
        order has it; an order that is not ready is waited for, up to half an hour. A link that dies is replaced.

        Args:
            items_presigned: Items of `get_presigned_items`.
            order_id: All items of an order.
            tasking_request_id: All products of a tasking request that is completed.
            collect_id: All products of an acquisition.
            local_dir: Folder on this machine, which must be there, or ``s3://bucket/prefix``. What is in S3 already
                stays unless `override`; nothing is resumed there.
            include: Asset keys to have; all but ``"license"`` if None. ``"raster"`` stands for HH and VV.
            exclude: Asset keys not to have, whatever `include` says.
            override: Whether what is there already is fetched again.
            threaded: Whether several files are fetched at once.
            show_progress: Whether to show how far it is, where someone looks.
            separate_dirs: Whether each product goes to a folder of its own, named by its id.
            product_types: Only products of these types.
            contract_id: Contract to charge for what is ordered.
            enable_resume: Whether files that are there are compared with those to fetch; else they are left alone.

        Returns:
            Paths by item id and asset key.

        Raises:
            ClientError: Before anything is sent: for a name that does not exist, with the nearest ones; a ValueError.
            TaskNotCompleteError: The tasking request is not completed.
            PartialFailure: Some files failed; the others are in place.
        """
        return self._downloads.products(
            items=items_presigned,
            order_id=order_id,
            tasking_request_id=tasking_request_id,
            collect_id=collect_id,
            local_dir=local_dir,
            include=include,
            exclude=exclude,
            product_types=product_types,
            separate_dirs=separate_dirs,
            contract_id=contract_id,
            override=override,
            threaded=threaded,
            show_progress=show_progress,
            enable_resume=enable_resume,
        )

    @native
    def download_product(  # noqa: PLR0917 - as Capella's client has it
        self,
        assets_presigned: Mapping[str, Any] | None = None,
        order_id: str | None = None,
        local_dir: str | Place = _TEMP,
        include: _Words | None = None,
        exclude: _Words | None = None,
        override: bool = False,
        threaded: bool = True,
        show_progress: bool = False,
    ) -> dict[str, Place]:
        """Fetch the files of one product, of an order the first; `download_products` is to be preferred.

        Returns:
            Paths by asset key.
        """
        return self._downloads.product(
            assets_presigned,
            order_id,
            local_dir=local_dir,
            include=include,
            exclude=exclude,
            override=override,
            threaded=threaded,
            show_progress=show_progress,
        )

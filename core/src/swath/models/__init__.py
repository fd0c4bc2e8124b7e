# SPDX-License-Identifier: Apache-2.0
"""The frozen records that cross the hooks."""

from swath.models._fields import ItemDict
from swath.models.about import (
    Credential,
    CredentialField,
    KeptIn,
    LoginMethod,
    ProviderInfo,
    Secret,
    SettingField,
    Tell,
)
from swath.models.explaining import Condition, Explanation, ProviderExplanation, SentRequest
from swath.models.federating import Contribution, Part
from swath.models.finding import Interval, Page, Query, SortKey
from swath.models.hearing import Heard, Received
from swath.models.moving import Asset, LoadOptions, PixelGrid, Receipt, Verification
from swath.models.ordering import (
    DryRequest,
    DryRun,
    Order,
    OrderRequest,
    OrderState,
    Quote,
    SubscribeRequest,
    TaskRequest,
    find_tag,
    new_tag,
)
from swath.models.recovering import Outcome, Reconciled, Resumed

__all__ = [
    "Asset",
    "Condition",
    "Contribution",
    "Credential",
    "CredentialField",
    "DryRequest",
    "DryRun",
    "Explanation",
    "Heard",
    "Interval",
    "ItemDict",
    "KeptIn",
    "LoadOptions",
    "LoginMethod",
    "Order",
    "OrderRequest",
    "OrderState",
    "Outcome",
    "Page",
    "Part",
    "PixelGrid",
    "ProviderExplanation",
    "ProviderInfo",
    "Query",
    "Quote",
    "Receipt",
    "Received",
    "Reconciled",
    "Resumed",
    "Secret",
    "SentRequest",
    "SettingField",
    "SortKey",
    "SubscribeRequest",
    "TaskRequest",
    "Tell",
    "Verification",
    "find_tag",
    "new_tag",
]

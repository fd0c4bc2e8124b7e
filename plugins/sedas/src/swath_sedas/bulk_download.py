# SPDX-License-Identifier: Apache-2.0
"""The place where the provider's guide imports `SeDASBulkDownload` from; itself it is in `swath_sedas.bulk`."""

from swath_sedas.bulk import SeDASBulkDownload

__all__ = ["SeDASBulkDownload"]

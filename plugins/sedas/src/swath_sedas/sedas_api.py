# SPDX-License-Identifier: Apache-2.0
"""The place where the provider's guide imports `SeDASAPI` from; the client itself is in `swath_sedas.api`."""

from swath_sedas.api import SeDASAPI

__all__ = ["SeDASAPI"]

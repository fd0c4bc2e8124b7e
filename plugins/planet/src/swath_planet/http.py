# SPDX-License-Identifier: Apache-2.0
"""`Session` under the module that scripts for Planet's own SDK import it from."""

from __future__ import annotations

from swath_planet.session import Session

__all__ = ["Session"]

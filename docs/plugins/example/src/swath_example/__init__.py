# SPDX-License-Identifier: Apache-2.0
"""Example Imaging for swath."""

from __future__ import annotations

from swath_example.provider import ExampleProvider

__all__ = ["ExampleProvider"]

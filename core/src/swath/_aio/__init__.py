# SPDX-License-Identifier: Apache-2.0
"""Awaitable faces over synchronous classes."""

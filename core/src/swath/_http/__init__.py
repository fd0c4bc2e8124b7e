# SPDX-License-Identifier: Apache-2.0
"""The HTTP client that every provider's requests go through."""

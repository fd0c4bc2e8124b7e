# SPDX-License-Identifier: Apache-2.0
"""Queries: one parser each for datetime, filter and sortby, and the check of what comes back."""

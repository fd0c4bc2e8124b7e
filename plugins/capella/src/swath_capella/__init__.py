# SPDX-License-Identifier: Apache-2.0
"""Capella for swath: radar imagery from the archive and on demand."""

# SPDX-License-Identifier: Apache-2.0
"""The servers that rows are measured against."""

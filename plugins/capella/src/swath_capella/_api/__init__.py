# SPDX-License-Identifier: Apache-2.0
"""Capella's services, one module each, over core's client."""

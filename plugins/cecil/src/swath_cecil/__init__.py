# SPDX-License-Identifier: Apache-2.0
"""Cecil for swath: areas, datasets, subscriptions, rasters and tables."""

# SPDX-License-Identifier: Apache-2.0
"""Cecil's API, call by call; errors are swath's."""

# SPDX-License-Identifier: Apache-2.0
"""The native client, one job a module; its door is `swath_capella.client`."""

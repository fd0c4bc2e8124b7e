# SPDX-License-Identifier: Apache-2.0
"""OAuth 2 and OpenID Connect, whoever the provider is; plugins reach it by `swath.oauth`."""

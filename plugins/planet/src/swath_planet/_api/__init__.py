# SPDX-License-Identifier: Apache-2.0
"""Planet's services, one module each: a pure builder and a pure parser round one call of core's client."""

# SPDX-License-Identifier: Apache-2.0
"""What every row of the benchmarks is measured with."""

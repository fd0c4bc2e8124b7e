# SPDX-License-Identifier: Apache-2.0
"""The demonstration: the whole life cycle on every installed provider, against the sandbox."""

from swath._demo.run import run_demo, shape_of

__all__ = ["run_demo", "shape_of"]

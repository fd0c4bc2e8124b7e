# SPDX-License-Identifier: Apache-2.0
"""The entry point of the ``swath`` program."""

from __future__ import annotations

import sys

from swath._cli import main

__all__ = ["run"]


def run() -> None:
    """Run the command line and end the process with its exit code."""
    sys.exit(main())


if __name__ == "__main__":
    run()

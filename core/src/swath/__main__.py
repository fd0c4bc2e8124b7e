# SPDX-License-Identifier: Apache-2.0
"""The ``swath`` program; ``python -m swath`` is the same."""

from __future__ import annotations

import sys

__all__ = ["run"]


def run() -> None:
    """Run the command line and end the process with its exit code."""
    try:
        from swath._cli import main
    except KeyboardInterrupt:  # before there is anybody else who says so
        sys.stderr.write("Stopped.\n")
        sys.exit(130)
    sys.exit(main())


if __name__ == "__main__":
    run()

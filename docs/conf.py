# SPDX-License-Identifier: Apache-2.0
"""Sphinx's settings: Markdown by myst, the furo theme, nothing that needs the network."""

from __future__ import annotations

project = "swath"
copyright = "the swath authors"  # noqa: A001  Sphinx's own name for it
extensions = ["myst_parser"]
exclude_patterns = ["_build", "plugins/example"]
html_theme = "furo"
html_title = "swath"
myst_heading_anchors = 3

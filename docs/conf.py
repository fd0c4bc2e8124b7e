# SPDX-License-Identifier: Apache-2.0
"""Sphinx's settings: Markdown and notebooks by myst, the furo theme, nothing that needs the network."""

from __future__ import annotations

project = "swath"
copyright = "the swath authors"  # noqa: A001  Sphinx's own name for it
extensions = ["myst_nb"]  # Markdown, and notebooks
exclude_patterns = ["_build", "plugins/example"]
html_theme = "furo"
html_title = "swath"
myst_heading_anchors = 3
nb_execution_mode = "off"  # tests/test_notebooks.py runs them, and sees that they print what they hold

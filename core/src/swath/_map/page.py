# SPDX-License-Identifier: Apache-2.0
"""Puts a map page together: one HTML file with everything in it, which may load nothing and send nothing."""

from __future__ import annotations

import base64
import hashlib
import html
import importlib.resources
import json
from collections.abc import Sequence
from typing import Any

__all__ = ["page"]

_WIDE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def page(features: Sequence[Any], outline: Sequence[Any], *, title: str, truncated: bool) -> str:
    """Write the page.

    Its content security policy names the hashes of its own scripts and styles and allows nothing else: what a provider
    put into an id cannot run, and nothing is loaded from anywhere.

    Args:
        features: As `swath._map.features.features_of` makes them.
        outline: Of the area of interest.
        title: What the items are.
        truncated: Whether there are more than `features`.
    """
    leaflet = _read("vendor", "leaflet.js").rsplit("//# sourceMappingURL", 1)[0]
    scripts = [leaflet, _read("page.js")]
    styles = [_read("vendor", "leaflet.css"), _read("page.css")]
    policy = (
        f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    data = {"title": title, "features": features, "outline": outline, "truncated": truncated}
    parts = {
        "POLICY": html.escape(policy),
        "TITLE": html.escape(title),
        "STYLES": "".join(f"<style>{style}</style>" for style in styles),
        "LAND": _read("vendor", "land.txt"),
        "DATA": _json(data),
        "SCRIPTS": "".join(f"<script>{script}</script>" for script in scripts),
    }
    pieces = _read("page.html").split("@@")
    return "".join(parts[piece] if at % 2 else piece for at, piece in enumerate(pieces))


def _json(value: Any) -> str:
    """Write JSON that cannot end the element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "".join(_WIDE.get(sign, sign) for sign in text)


def _hashes(texts: Sequence[str]) -> str:
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


def _read(*parts: str) -> str:
    found = importlib.resources.files("swath._map").joinpath(*parts).read_text(encoding="utf-8")
    return found.replace("\r\n", "\n")

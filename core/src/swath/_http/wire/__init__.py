# SPDX-License-Identifier: Apache-2.0
"""The engine under httpx: connections, their pool, and answers whose bodies come straight from the socket."""

from swath._http.wire.answer import Body, body_of
from swath._http.wire.transport import Wire

__all__ = ["Body", "Wire", "body_of"]

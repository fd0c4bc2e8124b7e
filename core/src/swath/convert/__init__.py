# SPDX-License-Identifier: Apache-2.0
"""The strict JSON converter that each plugin's ``wire.py`` builds on, with errors a person can read.

What `make_converter` gives, beyond cattrs' own rules:

- text, integers, numbers and truth values are taken as they are, never coerced: ``null`` is no text, ``"5"`` no number,
  ``5.7`` no integer, ``1`` no truth value. An integer is a number; ``NaN`` is none;
- times must name their zone; they become aware UTC. A provider that leaves it out needs a hook of the plugin's that
  says which zone its documents name;
- lists must be lists (text is none), records and mappings must be objects;
- unknown keys pass. With ``forbid_extra_keys=True``, for the test of a recorded payload, they are errors;
- a word that an enum does not have is an error where the field is declared ``Status``. Declared ``Status | str`` it
  passes as the plain text, with one `UnknownWordWarning` a word: so a provider may add members without breaking us.

Keys that are spelled differently on the wire::

    converter = make_converter()
    rename(converter, Scene, cloud_cover="cloudCoverPercent")  # one record, some keys
    camel_case(converter, Order, Delivery)  # whole records
    scene = structure(converter, decode_json(response.content), Scene, what="the scene")
"""

from swath.convert._build import camel_case, make_converter, rename, structure
from swath.convert._scalars import UnknownWordWarning

__all__ = ["UnknownWordWarning", "camel_case", "make_converter", "rename", "structure"]

# SPDX-License-Identifier: Apache-2.0
"""Makes ``core/src/swath/_map/vendor/land.txt`` of world-atlas's ``land-50m.json`` (npm, 2.0.2).

Arguments: path of ``land-50m.json``, path of the result. Rings are simplified to 0.03 degrees, written in hundredths of a
degree as differences, by the encoding of polylines that map libraries share: a line a ring.
"""

import json
import sys
from pathlib import Path

import shapely

TOLERANCE = 0.03
SMALLEST = 0.004
"""Square degrees: islands below are left out."""


def encoded(value):
    """Write a whole number as five bits a letter, the lowest first."""
    value = ~(value << 1) if value < 0 else value << 1
    text = ""
    while value >= 0x20:
        text += chr((0x20 | (value & 0x1F)) + 63)
        value >>= 5
    return text + chr(value + 63)


def rings(topology):
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * scale[0] + shift[0], y * scale[1] + shift[1]))
        arcs.append(line)
    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"]:
            yield [
                unrolled([point for at in ring for point in (arcs[at] if at >= 0 else arcs[~at][::-1])[:-1]])
                for ring in polygon
            ]


def unrolled(ring):
    """Write a ring without the jumps where it crosses the antimeridian; the one round the pole is closed there."""
    made, turn = [], 0
    for at, (x, y) in enumerate(ring):
        step = x - ring[at - 1][0] if at else 0
        turn += -360 if step > 180 else 360 if step < -180 else 0
        made.append((x + turn, y))
    step = ring[0][0] - ring[-1][0]
    turn += -360 if step > 180 else 360 if step < -180 else 0
    if turn:
        made += [(ring[0][0] + turn, ring[0][1]), (ring[0][0] + turn, -90), (ring[0][0], -90)]
    return made


lines = []
for shell, *holes in rings(json.loads(Path(sys.argv[1]).read_text())):
    shape = shapely.Polygon(shell, [hole for hole in holes if shapely.Polygon(hole).area > SMALLEST])
    if shape.area < SMALLEST:
        continue
    for part in shapely.get_parts(shapely.make_valid(shape.simplify(TOLERANCE))):
        if part.geom_type != "Polygon":
            continue
        for number, ring in enumerate([part.exterior, *part.interiors]):
            text, last = "", (0, 0)
            for point in ring.coords[:-1]:
                here = (round(point[0] * 100), round(point[1] * 100))
                text += encoded(here[0] - last[0]) + encoded(here[1] - last[1])
                last = here
            lines.append((" " if number else "") + text)
Path(sys.argv[2]).write_text("\n".join(lines) + "\n")

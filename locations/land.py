"""Make the base map: the outline of all land, small enough to send to a phone.

    python locations/land.py land-110m.json > locations/static/locations/land.json

Reads `land-110m.json` of the npm package world-atlas 2.0.2 (`npm pack world-atlas@2.0.2`): Natural
Earth's land at 1:110 million as TopoJSON, public domain. Writes one GeoJSON MultiPolygon with two
decimals (about a kilometre, finer than the source).
"""

import json
import sys
from itertools import accumulate
from pathlib import Path
from typing import Any

Line = list[list[float]]


def main(source: Path) -> None:
    """Print the land of a TopoJSON file as GeoJSON."""
    atlas = json.loads(source.read_text())
    arcs = [_line(arc, atlas["transform"]) for arc in atlas["arcs"]]
    polygons = [
        [_ring(ring, arcs) for ring in polygon]
        for geometry in atlas["objects"]["land"]["geometries"]
        for polygon in geometry["arcs"]
    ]
    land = {"type": "MultiPolygon", "coordinates": polygons}
    sys.stdout.write(json.dumps(land, separators=(",", ":")) + "\n")


def _line(arc: list[list[int]], transform: dict[str, Any]) -> Line:
    """An arc is kept as steps from point to point, in units of the grid."""
    (scale_x, scale_y), (left, bottom) = transform["scale"], transform["translate"]
    xs, ys = accumulate(x for x, _y in arc), accumulate(y for _x, y in arc)
    return [
        [round(x * scale_x + left, 2), round(y * scale_y + bottom, 2)]
        for x, y in zip(xs, ys, strict=True)
    ]


def _ring(numbers: list[int], arcs: list[Line]) -> Line:
    """Arcs one after the other; a number below zero names an arc walked backwards."""
    ring: Line = []
    for number in numbers:
        line = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring += line[1:] if ring else line
    return ring


if __name__ == "__main__":
    main(Path(sys.argv[1]))

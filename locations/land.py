"""Make the base map: the outline of all land, small enough to send to a phone.

    python locations/land.py land-110m.json > locations/static/locations/land.json

Reads `land-110m.json` of the npm package world-atlas 2.0.2 (`npm pack world-atlas@2.0.2`): Natural
Earth's land at 1:110 million as TopoJSON, public domain. Writes one GeoJSON MultiPolygon with two
decimals (about a kilometre, finer than the source), cut along the date line: a ring that steps over
it would be drawn as a line round the earth.
"""

import json
import math
import sys
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

Line = list[list[float]]


def main(source: Path) -> None:
    """Print the land of a TopoJSON file as GeoJSON."""
    atlas = json.loads(source.read_text())
    arcs = [_line(arc, atlas["transform"]) for arc in atlas["arcs"]]
    polygons = [
        part
        for geometry in atlas["objects"]["land"]["geometries"]
        for polygon in geometry["arcs"]
        for part in _parts([_ring(ring, arcs) for ring in polygon])
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


def _parts(polygon: list[Line]) -> list[list[Line]]:
    """A polygon without steps over the date line: as it is, or one part for each side."""
    if not any(abs(b[0] - a[0]) > 180 for ring in polygon for a, b in pairwise(ring)):
        return [polygon]
    rings = [_unrolled(ring) for ring in polygon]
    sides = [[_cut(ring, by) for ring in rings] for by in (-360, 0, 360)]
    return [[ring for ring in side if ring] for side in sides if side[0]]


def _unrolled(ring: Line) -> Line:
    """A ring with longitudes that go on beyond the date line; round a pole if it must."""
    line = [ring[0]]
    for lon, lat in ring[1:]:
        before = line[-1][0]
        line.append([before + (lon - before + 180) % 360 - 180, lat])
    if abs(line[-1][0] - line[0][0]) > 180:
        pole = math.copysign(90, line[0][1])
        line += [[line[-1][0], pole], [line[0][0], pole], line[0]]
    return line


def _cut(ring: Line, by: float) -> Line:
    """The part of a ring, moved by degrees, between 180 W and 180 E; closed, or empty."""
    line = [[lon + by, lat] for lon, lat in ring]
    for side in (-1, 1):
        kept: Line = []
        for (a_lon, a_lat), (b_lon, b_lat) in pairwise(line):
            is_in, will_be_in = side * a_lon <= 180, side * b_lon <= 180
            if is_in:
                kept.append([a_lon, a_lat])
            if is_in != will_be_in:
                share = (side * 180 - a_lon) / (b_lon - a_lon)
                kept.append([side * 180.0, a_lat + share * (b_lat - a_lat)])
        line = [*kept, kept[0]] if kept else []
    # What only touches the date line has no width.
    is_land = len({lon for lon, _lat in line}) > 1
    return [[round(lon, 2), round(lat, 2)] for lon, lat in line] if is_land else []


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""The drawing of what it costs to answer more: numbers of a picture, without a browser or a style. Pure.

Across stands the share of all messages that would be answered, upward the share that would be answered wrongly; where
the threshold of a release stands on its curve is its dot. All on sentences that it had not seen.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

LEFT, RIGHT, TOP, BOTTOM = 40.0, 412.0, 10.0, 168.0
LINES, TICKS = 4, 5
LEAST = 0.01  # where none at all may be wrong, the picture is as high as if this share might be
Point = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """A release: its line, as an SVG's points, its dot, and the same as shares (answered, wrong), fewest first."""

    release: int
    line: str
    dot: Point
    shares: tuple[Point, ...]


@dataclass(frozen=True)
class Curves:
    """`lines` and `ticks` are where which percentages stand; `limit` is how high what is promised lies."""

    curves: tuple[Curve, ...]
    lines: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]
    limit: float


def drawn(measured: Sequence[tuple[int, Mapping[str, Any]]], allowed: float) -> Curves | None:
    """Of releases with their figures; `allowed` is the promised share, a quarter of the height. None where none tells:
    one that was trained by an older program has no such figures, one that answers nothing has no curve."""
    told = [(release, one, points) for release, one in measured if (points := shares(one))]
    if not told:
        return None
    wide = math.ceil(max(points[-1][0] for *_, points in told) * 20) / 20
    step = allowed or LEAST
    high = LINES * step

    def place(point: Point) -> Point:
        return _between(LEFT, RIGHT, point[0] / wide), _between(BOTTOM, TOP, min(point[1] / high, 1.0))

    return Curves(
        tuple(_curve(release, one, points, high, place) for release, one, points in told),
        tuple((place((0, step * line))[1], f"{100 * step * line:g}%") for line in range(LINES + 1)),
        tuple((place((wide * tick / TICKS, 0))[0], f"{100 * wide * tick / TICKS:g}%") for tick in range(TICKS + 1)),
        place((0, allowed))[1],
    )


def shares(measured: Mapping[str, Any]) -> tuple[Point, ...]:
    """Of all messages: how many are answered, and how many of them wrongly, from the surest few to all."""
    automatic = measured.get("automatic", 0.0)
    points = [
        (one["coverage"] * automatic, one["risk"]) for one in measured.get("risk_coverage_of_answers", ()) if automatic
    ]
    return tuple((round(answered, 4), round(answered * risk, 4)) for answered, risk in points)


def _curve(
    release: int, measured: Mapping[str, Any], points: Sequence[Point], high: float, place: Callable[[Point], Point]
) -> Curve:
    """Cut off where it leaves the picture."""
    inside = list(takewhile(lambda point: point[1] <= high, points))
    beyond = points[len(inside) : len(inside) + 1]
    dot = place((measured["answered"], measured["wrong_answers"]))
    line = " ".join(f"{x},{y}" for x, y in map(place, [(0.0, 0.0), *inside, *(_cut(inside, beyond, high))]))
    return Curve(release, line, dot, tuple(points))


def _cut(inside: Sequence[Point], beyond: Sequence[Point], high: float) -> list[Point]:
    """Where the line from the last point inside to the first beyond crosses the top."""
    if not beyond:
        return []
    (x, y), (far, above) = inside[-1] if inside else (0.0, 0.0), beyond[0]
    return [(x + (far - x) * (high - y) / (above - y), high)]


def _between(start: float, end: float, share: float) -> float:
    return round(start + (end - start) * share, 1)

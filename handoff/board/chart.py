"""The drawing of what came in against what usually does: numbers of a picture, without a browser or a style. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from handoff.overview.arrivals import HOUR, Hour

LEFT, RIGHT, TOP, BOTTOM = 28.0, 412.0, 10.0, 168.0
LINES = 4
EVERY = 3  # hours between two that are named


@dataclass(frozen=True)
class Chart:
    """`band` is a polygon from the least to the most of the last days, `usual` and `today` are lines.

    `lines` and `ticks` are where the numbers and the times of day stand; `now` is where today's line ends.
    """

    band: str
    usual: str
    today: str
    lines: tuple[tuple[float, int], ...]
    ticks: tuple[tuple[float, str], ...]
    now: tuple[float, float]


def drawn(hours: Sequence[Hour], zone: ZoneInfo) -> Chart:
    """As wide as the hours, as high as the most of them."""
    step = _step(max(max(hour.most, hour.cases or 0) for hour in hours))
    across = {hour.ends: _between(LEFT, RIGHT, index / (len(hours) - 1)) for index, hour in enumerate(hours)}

    def down(cases: float) -> float:
        return _between(BOTTOM, TOP, cases / (step * LINES))

    most = [(across[hour.ends], down(hour.most)) for hour in hours]
    least = [(across[hour.ends], down(hour.least)) for hour in reversed(hours)]
    today = [(across[hour.ends], down(hour.cases)) for hour in hours if hour.cases is not None]
    return Chart(
        band=_path(most + least),
        usual=_path([(across[hour.ends], down(hour.usual)) for hour in hours]),
        today=_path(today),
        lines=tuple((down(step * line), step * line) for line in range(LINES + 1)),
        ticks=tuple(_ticks(hours, zone)),
        now=today[-1],
    )


def _ticks(hours: Sequence[Hour], zone: ZoneInfo) -> list[tuple[float, str]]:
    begins, ends = hours[0].ends.astimezone(zone), hours[-1].ends.astimezone(zone)
    first = begins.replace(minute=0, second=0, microsecond=0) + HOUR
    whole = (first + HOUR * hour for hour in range(int((ends - begins) / HOUR)))
    return [(_at(time, begins, ends), f"{time:%H:%M}") for time in whole if time.hour % EVERY == 0 and time <= ends]


def _at(time: datetime, begins: datetime, ends: datetime) -> float:
    return _between(LEFT, RIGHT, (time - begins) / max(ends - begins, timedelta(seconds=1)))


def _step(most: int) -> int:
    """A round number of which four reach the top."""
    rounds: Iterator[int] = (lead * 10**power for power in count() for lead in (1, 2, 5))
    return next(step for step in rounds if step * LINES >= most)


def _between(start: float, end: float, share: float) -> float:
    return round(start + (end - start) * share, 1)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)

"""Lists as CSV for a spreadsheet. Customers wrote some of it, so no cell may begin as a formula does."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from bot.cells import harmless

BOM = "\ufeff"  # else Excel takes it for an old encoding


def lines(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The file, line by line."""
    yield BOM + _line(heads)
    for row in rows:
        yield _line(row)


def _line(row: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(harmless(cell) for cell in row)
    return out.getvalue()

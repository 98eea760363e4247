"""Screenshots as README and docs show them."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

COLOURS = 128  # enough for pages, and a third of the size


def keep(screen: Page, file: Path) -> None:
    """What is on the screen now. The colours are chosen so that a badge of a few pixels keeps its own as well."""
    taken = Image.open(io.BytesIO(screen.screenshot())).convert("RGB")
    taken.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(file, optimize=True)

"""Screenshots as README and docs show them."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

COLOURS = 128  # enough for pages, and a third of the size


def keep(screen: Page, file: Path) -> None:
    """What is on the screen now. Looked at twice (`kmeans`), a badge of a few pixels keeps its colour as well."""
    taken = Image.open(io.BytesIO(screen.screenshot())).convert("RGB")
    taken.quantize(COLOURS, kmeans=1, dither=Image.Dither.NONE).save(file, optimize=True)

"""Pictures that nobody vouches for: measured before they are unpacked, and shown to staff as a small copy of ours."""

import io
import warnings
from dataclasses import dataclass
from typing import IO

import structlog
from PIL import Image, ImageDraw, ImageOps

FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
PIXELS = 50_000_000  # more than any phone takes; unpacked that is 150 MB
BOX = (480, 480)
QUALITY = 80
WHITE = (255, 255, 255)
DARK = (38, 42, 48)
STILL = (480, 270)

log = structlog.get_logger()


class TooManyPixels(Exception):
    """A small file that unpacks to a huge picture."""


@dataclass(frozen=True)
class Picture:
    """The small copy of a picture (JPEG), upright, without anything that was hidden in the original."""

    width: int
    height: int
    jpeg: bytes


def small(file: IO[bytes], box: tuple[int, int] = BOX) -> Picture | None:
    """A copy that fits into the box; None where it only looks like a picture.

    TooManyPixels where it is one that nobody may unpack.
    """
    try:
        return _small(file, box)
    except TooManyPixels:
        raise
    except Exception as error:  # a decoder that is given hostile bytes fails in any way it likes
        log.info("attachment.no_picture", error=type(error).__name__)
        return None


def _small(file: IO[bytes], box: tuple[int, int]) -> Picture:
    with _opened(file) as image:
        image.draft("RGB", box)  # a JPEG is unpacked no larger than is needed
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail(box)
        return Picture(upright.width, upright.height, _as_jpeg(upright))


def still() -> Picture:
    """What stands for a film before it plays: a dark field with a triangle."""
    field = Image.new("RGB", STILL, DARK)
    middle, high, size = STILL[0] // 2, STILL[1] // 2, STILL[1] // 6
    ImageDraw.Draw(field).polygon(
        [(middle - size, high - size), (middle - size, high + size), (middle + size, high)], fill=WHITE
    )
    return Picture(*STILL, _as_jpeg(field))


def _opened(file: IO[bytes]) -> Image.Image:
    """Only its head is read so far."""
    file.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is lower
        try:
            image = Image.open(file, formats=FORMATS)
        except Image.DecompressionBombError as error:
            raise TooManyPixels from error
    if image.width * image.height > PIXELS:
        raise TooManyPixels
    return image


def _as_jpeg(image: Image.Image) -> bytes:
    """On white, where it lets something shine through."""
    clear = image.convert("RGBA")
    paper = Image.new("RGB", clear.size, WHITE)
    paper.paste(clear, mask=clear.getchannel("A"))
    written = io.BytesIO()
    paper.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()

"""What a file is, by its bytes."""

import io

import pytest
from PIL import Image

from bot.attachments.looking import UNKNOWN, Unkept, look
from tests.pictures import FILM, PAPER, PROGRAM, WORDS, flood, picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_picture_is_shown_by_a_small_copy(kind: str) -> None:
    seen = look(io.BytesIO(picture(kind, 1600, 1200)))
    assert (seen.type, seen.shown) == (f"image/{kind.lower()}", "image")
    assert seen.picture is not None
    with Image.open(io.BytesIO(seen.picture.jpeg)) as small:
        assert (small.format, small.size) == ("JPEG", (480, 360))
    assert (seen.picture.width, seen.picture.height) == (480, 360)


def test_the_copy_stands_upright_and_hides_nothing() -> None:
    sideways, written = Image.new("RGB", (64, 32)), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "the maker of the camera"
    sideways.save(written, "JPEG", exif=exif)
    seen = look(written)
    assert seen.picture is not None
    with Image.open(io.BytesIO(seen.picture.jpeg)) as small:
        assert small.size == (32, 64)
        assert not dict(small.getexif())


@pytest.mark.parametrize(
    ("content", "type_", "shown"),
    [
        (FILM, "video/mp4", "video"),
        (PAPER, "application/pdf", "file"),
        (WORDS, UNKNOWN, "unknown"),
        (b"", UNKNOWN, "unknown"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", UNKNOWN, "unknown"),
        (b"<!doctype html><script>alert(1)</script>", UNKNOWN, "unknown"),
        (b"#!/bin/sh\nrm -rf /\n", UNKNOWN, "unknown"),
    ],
)
def test_what_is_not_known_for_harmless_is_only_downloaded(content: bytes, type_: str, shown: str) -> None:
    seen = look(io.BytesIO(content))
    assert (seen.type, seen.shown, seen.picture) == (type_, shown, None)


@pytest.mark.parametrize("kept", [12, 40, 200])
def test_a_picture_that_breaks_off_is_no_picture(kept: int) -> None:
    seen = look(io.BytesIO(picture()[:kept]))
    assert (seen.type, seen.shown) == (UNKNOWN, "unknown")


@pytest.mark.parametrize("content", [PROGRAM, b"\x7fELF\x02\x01\x01" + bytes(64)])
def test_a_program_is_not_kept_whatever_it_is_called(content: bytes) -> None:
    with pytest.raises(Unkept, match="program"):
        look(io.BytesIO(content))


def test_a_picture_that_would_unpack_to_a_flood_is_not_kept() -> None:
    with pytest.raises(Unkept, match="pixels"):
        look(io.BytesIO(flood()))

"""Files as people send them: pictures, and what only claims to be one."""

import io
import struct
import zlib

from PIL import Image

PROGRAM = b"MZ\x90\x00" + bytes(200)
PAPER = b"%PDF-1.7\n" + bytes(200)
FILM = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(400)
WORDS = "只是文字".encode() * 20


def picture(kind: str = "JPEG", width: int = 640, height: int = 480) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), (220, 80, 60)).save(written, kind)
    return written.getvalue()


def flood() -> bytes:
    """A PNG of a hundred bytes that says it is 900 million pixels."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(name, data) for name, data in parts)


def _part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

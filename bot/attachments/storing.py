"""Where files lie: a folder of this machine, or any place that fsspec knows, such as a bucket.

A name is written whole or not at all, and is on the disk before anybody is told of it.
"""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from bot import disk
from bot.settings import Settings

PIECE = 1 << 20


@dataclass(frozen=True)
class Store:
    """Files by name, in a folder of a file system."""

    files: Any
    root: str

    def put(self, name: str, content: IO[bytes]) -> None:
        """Keep a file under this name, in place of what may lie there."""
        target, draft = self._path(name), self._path(f"{name}.part")
        self.files.makedirs(target.rpartition("/")[0], exist_ok=True)
        content.seek(0)
        with self.files.open(draft, "wb") as written:
            shutil.copyfileobj(content, written, PIECE)
        self._on_disk(draft)
        self.files.mv(draft, target)
        self._on_disk(target.rpartition("/")[0])

    def open(self, name: str) -> IO[bytes]:
        """A file to be read, from any place in it; FileNotFoundError where there is none."""
        opened: IO[bytes] = self.files.open(self._path(name), "rb")
        return opened

    def remove(self, *names: str) -> None:
        """These lie here no longer, nor any half of them."""
        for name in names:
            for path in (self._path(name), self._path(f"{name}.part")):
                with contextlib.suppress(FileNotFoundError):
                    self.files.rm_file(path)

    def names(self) -> Iterator[str]:
        """Everything that lies here."""
        for path in self.files.find(self.root):
            yield str(path).removeprefix(f"{self.root}/")

    def _path(self, name: str) -> str:
        return f"{self.root}/{name[:2]}/{name}"

    def _on_disk(self, path: str) -> None:
        if isinstance(self.files, LocalFileSystem):
            disk.sync(Path(path))


def store(settings: Settings) -> Store:
    """The store of these settings."""
    return _opened(settings.attachments)


@lru_cache(maxsize=8)
def _opened(url: str) -> Store:
    files, root = url_to_fs(url)
    return Store(files, str(root).rstrip("/"))

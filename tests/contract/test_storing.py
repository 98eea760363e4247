"""The contract of the store of files, kept by a folder and by a file system that is none."""

import io
from pathlib import Path

import pytest

from bot.attachments import Store, store
from bot.settings import Settings

KEY = "3f0c0d6e-6f0e-4c1b-9a55-2a9b8a1c7f01"


@pytest.fixture(params=["a folder", "a bucket"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    url = "" if request.param == "a folder" else f"memory://bucket{tmp_path}"
    return store(Settings(frontline_data=tmp_path, attachments_url=url))


def test_what_is_put_in_comes_out(kept: Store) -> None:
    kept.put(KEY, io.BytesIO(b"a photo"))
    with kept.open(KEY) as file:
        assert file.read() == b"a photo"
    assert [name.rpartition("/")[2] for name in kept.names()] == [KEY]


def test_it_is_read_from_any_place(kept: Store) -> None:
    kept.put(KEY, io.BytesIO(b"a photo"))
    with kept.open(KEY) as file:
        file.seek(2)
        assert file.read(2) == b"ph"


def test_a_second_try_takes_the_place_of_the_first(kept: Store) -> None:
    kept.put(KEY, io.BytesIO(b"half a ph"))
    kept.put(KEY, io.BytesIO(b"a photo"))
    with kept.open(KEY) as file:
        assert file.read() == b"a photo"


def test_it_is_put_in_from_its_beginning_wherever_its_reader_stood(kept: Store) -> None:
    content = io.BytesIO(b"a photo")
    content.seek(0, io.SEEK_END)
    kept.put(KEY, content)
    with kept.open(KEY) as file:
        assert file.read() == b"a photo"


class Torn(io.BytesIO):
    """Breaks off in the middle."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError("torn")
        return super().read(2)


def test_what_broke_off_is_not_there_and_leaves_nothing_once_it_is_removed(kept: Store) -> None:
    with pytest.raises(OSError, match="torn"):
        kept.put(KEY, Torn(b"a photo"))
    with pytest.raises(FileNotFoundError):
        kept.open(KEY)
    kept.remove(KEY)
    assert list(kept.names()) == []


def test_what_is_removed_is_gone_and_can_be_removed_again(kept: Store) -> None:
    kept.put(KEY, io.BytesIO(b"a photo"))
    kept.remove(KEY)
    kept.remove(KEY)
    with pytest.raises(FileNotFoundError):
        kept.open(KEY)

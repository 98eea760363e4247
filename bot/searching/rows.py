"""The words of rows: written with them, wherever they are flushed, so there is one place for that, whoever writes.

`live.add_search` makes the indexes over them. What has no words yet (rows of before, or of old code beside ours during
an upgrade) gets them a batch at a time.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from sqlalchemy import Connection, Text, event, inspect, select
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column

from bot.db import Base
from bot.language import words


class Searched:
    """A row that is found by its columns `SAYS`; `words` is None until somebody has read them."""

    SAYS: ClassVar[tuple[str, ...]]

    words: Mapped[str | None] = mapped_column(Text, deferred=True)

    def read(self) -> None:
        """Put down what it says now."""
        said = (part for name in self.SAYS for part in _texts(getattr(self, name)))
        self.words = words("\n".join(said))


def catch_up(session: Session, limit: int) -> None:
    """Read up to `limit` rows of each kind that nobody has read yet, the newest first.

    Who writes such a row at this moment is not waited for: he reads it himself, or it is our turn later.
    """
    for kind in kinds():
        unread = select(kind).where(kind.words.is_(None)).order_by(kind.id.desc()).limit(limit)
        for row in session.scalars(unread.with_for_update(skip_locked=True, of=kind)):
            row.read()


def behind(session: Session) -> bool:
    """Whether there is a row that nobody has read yet; one look at an index of such rows."""
    return any(session.scalar(select(kind.id).where(kind.words.is_(None)).limit(1)) for kind in kinds())


def kinds() -> list[type[Any]]:
    """Everything that is searched."""
    return [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Searched)]


def _texts(value: Any) -> Iterator[str]:
    """The texts within a column, which may be a list or a mapping of such."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
    elif value is not None:
        yield str(value)


@event.listens_for(Searched, "before_insert", propagate=True)
def _of_new(_: Mapper[Any], __: Connection, row: Searched) -> None:
    row.read()


@event.listens_for(Searched, "before_update", propagate=True)
def _of_changed(_: Mapper[Any], __: Connection, row: Searched) -> None:
    """What does not change what a row says leaves its words alone."""
    changes = inspect(row).attrs
    if any(changes[name].history.has_changes() for name in row.SAYS):
        row.read()

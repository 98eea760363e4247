"""Lists, page by page: a cursor names the last item seen, so nothing is skipped or repeated while the list grows."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute, Session

Item = TypeVar("Item", bound=BaseModel)


class PageQuery(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(extra="forbid")

    cursor: str = Field("", pattern=r"^(c[1-9][0-9]{0,8})?$", description="`next` of the page before")
    limit: int = Field(50, ge=1, le=200)


class Page(BaseModel, Generic[Item]):
    """Some items, newest first, and the cursor of the next page; null on the last one."""

    items: list[Item]
    next: str | None = None


def page(
    session: Session,
    query: PageQuery,
    wanted: Select[Any],
    key: InstrumentedAttribute[int],
    shape: Callable[[Any], Item],
) -> tuple[list[Item], str | None]:
    """The items of one page, and the cursor of the next."""
    if query.cursor:
        before: ColumnElement[bool] = key < int(query.cursor[1:])
        wanted = wanted.where(before)
    rows = session.scalars(wanted.order_by(key.desc()).limit(query.limit + 1)).unique().all()
    shown = rows[: query.limit]
    return [shape(row) for row in shown], f"c{getattr(shown[-1], key.key)}" if len(rows) > len(shown) else None

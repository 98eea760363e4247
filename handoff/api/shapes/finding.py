"""What is asked of a search."""

from typing import Annotated

from pydantic import Field

from bot.api import PageQuery
from handoff.api.shapes.base import Plain


class Question(PageQuery):
    """All of these words, in any order: two Chinese characters are a word, a Latin word or number may be begun."""

    q: Annotated[Plain, Field(min_length=1)]

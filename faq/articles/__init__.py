"""Articles: what they say, how they get from a draft to what the bot says next, and what of them never leaves."""

from faq.articles.comparing import Piece, Row, compare
from faq.articles.content import Content, Passage, live, put, read, working
from faq.articles.moving import care, comment, move, needs_second, roll_back, settle
from faq.articles.states import MOVES, STATES, Doer, open_moves, state
from faq.articles.withheld import WithheldTexts

__all__ = [
    "MOVES",
    "STATES",
    "Content",
    "Doer",
    "Passage",
    "Piece",
    "Row",
    "WithheldTexts",
    "care",
    "comment",
    "compare",
    "live",
    "move",
    "needs_second",
    "open_moves",
    "put",
    "read",
    "roll_back",
    "settle",
    "state",
    "working",
]

"""What a text is made of, before anybody asks what it means: folded writing, language, facts found by rule.

Folding makes the many ways of writing the same sentence one; offsets of facts always count the original's
characters, since staff and journal show the original.
"""

from bot.language.courtesy import bare
from bot.language.dialect import as_said_here
from bot.language.entities import VEIL, Entity, entities, mask, veil
from bot.language.fields import Slot, slots, unfilled, unknown_types
from bot.language.folding import detect, fold, words_of_it
from bot.language.pasted import asked, masked
from bot.language.plain import plainly
from bot.language.requests import are_linked, is_list, is_question, requests
from bot.language.tracing import came_from, veiled, without
from bot.language.verdicts import verdict
from bot.language.wording import Wording, parse_wording, strings
from bot.language.words import Piece, Term, excerpt, terms, words

__all__ = [
    "VEIL",
    "Entity",
    "Piece",
    "Slot",
    "Term",
    "Wording",
    "are_linked",
    "as_said_here",
    "asked",
    "bare",
    "came_from",
    "detect",
    "entities",
    "excerpt",
    "fold",
    "is_list",
    "is_question",
    "mask",
    "masked",
    "parse_wording",
    "plainly",
    "requests",
    "slots",
    "strings",
    "terms",
    "unfilled",
    "unknown_types",
    "veil",
    "veiled",
    "verdict",
    "without",
    "words",
    "words_of_it",
]

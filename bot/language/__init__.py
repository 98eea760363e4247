"""What a text is made of, before anybody asks what it means: folded writing, language, facts found by rule.

Folding makes the many ways of writing the same sentence one; offsets of facts always count the original's
characters, since staff and journal show the original.
"""

from bot.language.entities import Entity, entities, mask
from bot.language.folding import detect, fold
from bot.language.wording import Wording, parse_wording

__all__ = ["Entity", "Wording", "detect", "entities", "fold", "mask", "parse_wording"]

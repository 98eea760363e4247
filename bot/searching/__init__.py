"""Rows that are found by what they say: their words are written with them, and asked for by each engine's own index."""

from bot.searching.alike import alike
from bot.searching.asking import deadline, matches, within_reach
from bot.searching.rows import Searched, behind, catch_up, kinds

__all__ = ["Searched", "alike", "behind", "catch_up", "deadline", "kinds", "matches", "within_reach"]

"""The matrix: from what a message means and how much it weighs to what the front line may do with it."""

from bot.matrix.decision import HUMAN_WISH, LEVELS, NO_ENGINE, PRIORITIES, QUIET, Decision, decide
from bot.matrix.policy import MAYBE_OURS, UNKNOWN, Policy, answered, parse_policy

__all__ = [
    "HUMAN_WISH",
    "LEVELS",
    "MAYBE_OURS",
    "NO_ENGINE",
    "PRIORITIES",
    "QUIET",
    "UNKNOWN",
    "Decision",
    "Policy",
    "answered",
    "decide",
    "parse_policy",
]

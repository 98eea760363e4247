"""The matrix: from what a message means and how much it weighs to what the front line may do with it."""

from bot.matrix.decision import NO_ENGINE, Decision, decide
from bot.matrix.policy import Policy, answered, intent_policy, parse_policy

__all__ = ["NO_ENGINE", "Decision", "Policy", "answered", "decide", "intent_policy", "parse_policy"]

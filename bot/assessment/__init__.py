"""How much a message weighs: its intent's risk and complexity, raised (never lowered) by what it says."""

from bot.assessment.lexicon import Lexicon, joined, parse_lexicon
from bot.assessment.weighing import Assessment, History, assess

__all__ = ["Assessment", "History", "Lexicon", "assess", "joined", "parse_lexicon"]

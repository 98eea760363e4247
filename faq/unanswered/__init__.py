"""What the bot could not answer, and what content staff make of it: an example, an article, out of scope, nothing."""

from faq.unanswered.gathering import Unanswered, gather
from faq.unanswered.grouping import Group, grouped
from faq.unanswered.settling import chosen, dismiss, teach, write_article

__all__ = ["Group", "Unanswered", "chosen", "dismiss", "gather", "grouped", "teach", "write_article"]

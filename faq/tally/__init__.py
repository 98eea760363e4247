"""What became of what customers asked the bot: read from the journal as it grows, counted by SQL for the report."""

from faq.tally.following import follow
from faq.tally.listing import Said, messages
from faq.tally.measures import MEASURES, share
from faq.tally.sums import Counts, Sums, of_article, unhelpful, whole

__all__ = ["MEASURES", "Counts", "Said", "Sums", "follow", "messages", "of_article", "share", "unhelpful", "whole"]

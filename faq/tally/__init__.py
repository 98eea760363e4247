"""What became of what customers asked the bot: read from the journal as it grows, counted by SQL for the report."""

from faq.tally.following import follow
from faq.tally.listing import Said, messages
from faq.tally.measures import MEASURES, share
from faq.tally.sums import Sums, unhelpful, whole

__all__ = ["MEASURES", "Said", "Sums", "follow", "messages", "share", "unhelpful", "whole"]

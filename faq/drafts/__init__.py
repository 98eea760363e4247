"""Articles on their way in: read from files, checked row by row, saved as drafts or put online at once."""

from faq.drafts.files import UnreadableFile, read
from faq.drafts.rows import Draft, Problem, check
from faq.drafts.saving import Saved, save

__all__ = ["Draft", "Problem", "Saved", "UnreadableFile", "check", "read", "save"]

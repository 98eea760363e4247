"""Articles on their way in and out: read from files, checked row by row, saved or put online at once; written out."""

from bot.handed_in import UnreadableFile
from faq.drafts.files import read
from faq.drafts.rows import Draft, Problem, check
from faq.drafts.saving import Saved, save
from faq.drafts.writing import as_csv, as_yaml, entries

__all__ = [
    "Draft",
    "Problem",
    "Saved",
    "UnreadableFile",
    "as_csv",
    "as_yaml",
    "check",
    "entries",
    "read",
    "save",
]

"""The pages of those who write articles: the list, the editor, its preview, the review, and what was before."""

from faq.writing import asking, deciding, editing, files, history, listing, picturing
from faq.writing.visit import blueprint

__all__ = ["asking", "blueprint", "deciding", "editing", "files", "history", "listing", "picturing"]

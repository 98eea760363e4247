"""The pages where content staff teach: intents and their sentences, what nobody could answer, releases."""

from faq.understanding import intents, releases, trial, unanswered
from faq.understanding.visit import blueprint

__all__ = ["blueprint", "intents", "releases", "trial", "unanswered"]

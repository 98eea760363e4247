"""The pages where content staff teach: intents and their sentences, what nobody could answer, releases."""

from faq.understanding import beside, intents, releases, trial, unanswered
from faq.understanding.visit import blueprint

__all__ = ["beside", "blueprint", "intents", "releases", "trial", "unanswered"]

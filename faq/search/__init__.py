"""Finding articles: by the words that they share with a question, and by what it means."""

from faq.search.finding import fitting, near, nearest, search
from faq.search.learning import learn, learn_all, look
from faq.search.listening import wait
from faq.search.ranking import Hit, tokens

__all__ = ["Hit", "fitting", "learn", "learn_all", "look", "near", "nearest", "search", "tokens", "wait"]

"""Forms: what is collected before a person takes over, as customer service declares it, and what an answer fills.

Pure: which files they stand in says `bot.nlu.forms`, where a customer stands in one says `bot.turn`.
"""

from bot.forms.declared import Form, Forms, Slot, parse_forms
from bot.forms.filling import Heard, hear, missing, shown
from bot.forms.wording import FormWords, SlotWords, parse_words

__all__ = [
    "Form",
    "FormWords",
    "Forms",
    "Heard",
    "Slot",
    "SlotWords",
    "hear",
    "missing",
    "parse_forms",
    "parse_words",
    "shown",
]

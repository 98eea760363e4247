"""What we promise for a case: its targets, the calendar they run by, and the sentence a customer reads. Pure."""

from handoff.sla.document import ASKED, LEVELS, SHIPPED, SPANS, InvalidRules, Mistake, read, shipped, stored
from handoff.sla.ladder import ACTIONS, BREACH, Run, Rung, mark, next_mark, passed, usual
from handoff.sla.promises import DEFAULT_LANGUAGE, Promise, honest, later, presence, promise, reminder, sooner
from handoff.sla.rules import ALWAYS, SHOP, Case, Rules, Targets

__all__ = [
    "ACTIONS",
    "ALWAYS",
    "ASKED",
    "BREACH",
    "DEFAULT_LANGUAGE",
    "LEVELS",
    "SHIPPED",
    "SHOP",
    "SPANS",
    "Case",
    "InvalidRules",
    "Mistake",
    "Promise",
    "Rules",
    "Run",
    "Rung",
    "Targets",
    "honest",
    "later",
    "mark",
    "next_mark",
    "passed",
    "presence",
    "promise",
    "read",
    "reminder",
    "shipped",
    "sooner",
    "stored",
    "usual",
]

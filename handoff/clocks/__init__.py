"""Clocks: what a case is promised, running while we owe something and resting while the customer does.

Every call joins the caller's transaction, which holds the conversation's lock.
"""

from handoff.clocks.adopting import adopted, settled
from handoff.clocks.cases import (
    answered,
    begin,
    customer_wrote,
    end,
    opened,
    our_turn,
    raised,
    reminder,
    reopened,
    resolved,
    rest,
    waits,
    waits_again,
    was_touched,
)
from handoff.clocks.merging import goes_along, waits_along
from handoff.clocks.recounting import lowered
from handoff.clocks.rows import climb, customers_wait, due, replies_due
from handoff.clocks.telling import look_again, sooner
from handoff.clocks.versions import current as rules

__all__ = [
    "adopted",
    "answered",
    "begin",
    "climb",
    "customer_wrote",
    "customers_wait",
    "due",
    "end",
    "goes_along",
    "look_again",
    "lowered",
    "opened",
    "our_turn",
    "raised",
    "reminder",
    "reopened",
    "replies_due",
    "resolved",
    "rest",
    "rules",
    "settled",
    "sooner",
    "waits",
    "waits_again",
    "waits_along",
    "was_touched",
]

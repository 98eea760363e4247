"""Clocks: what a case is promised, running while we owe something and resting while the customer does.

Every call joins the caller's transaction, which holds the conversation's lock.
"""

from handoff.clocks.cases import (
    answered,
    begin,
    customer_wrote,
    end,
    opened,
    raised,
    reminder,
    reopened,
    resolved,
    touched,
    waits,
    working_time,
)
from handoff.clocks.rows import replies_due

__all__ = [
    "answered",
    "begin",
    "customer_wrote",
    "end",
    "opened",
    "raised",
    "reminder",
    "reopened",
    "replies_due",
    "resolved",
    "touched",
    "waits",
    "working_time",
]

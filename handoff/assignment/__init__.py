"""Who gets which case: a pure choice (`picking`), guarded claims, and a queue that drains by itself.

Whoever opens a case, comes free or comes on line calls `drain_after_commit`; should that be lost, the ticker looks.
"""

from handoff.assignment import surge
from handoff.assignment.claims import (
    accepted,
    escalate,
    has_room,
    not_accepted,
    passed_over,
    raised,
    requeue,
    to_head,
    untouched,
)
from handoff.assignment.departures import staff_changed
from handoff.assignment.draining import drain
from handoff.assignment.hands import given
from handoff.assignment.leading import to_lead
from handoff.assignment.returning import takes_again
from handoff.waking import drain_after_commit

__all__ = [
    "accepted",
    "drain",
    "drain_after_commit",
    "escalate",
    "given",
    "has_room",
    "not_accepted",
    "passed_over",
    "raised",
    "requeue",
    "staff_changed",
    "surge",
    "takes_again",
    "to_head",
    "to_lead",
    "untouched",
]

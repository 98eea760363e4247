"""Cases in human hands: the desk that the engine opens them on, and what agents do with them.

Every change is a named action that joins the caller's transaction, holds the conversation's lock, writes a
journal entry and raises the ticket's version.
"""

from handoff.tickets.actions import claim, hand_back, note, reopen, resolve
from handoff.tickets.deliveries import let_go, resend, settle
from handoff.tickets.desk import Desk
from handoff.tickets.records import Stale
from handoff.tickets.replies import reply

__all__ = [
    "Desk",
    "Stale",
    "claim",
    "hand_back",
    "let_go",
    "note",
    "reopen",
    "reply",
    "resend",
    "resolve",
    "settle",
]

"""Cases in human hands: the desk that the engine opens them on, and what people do with them.

Every change is a named action that joins the caller's transaction, holds the conversation's lock, writes a
journal entry and raises the ticket's version.
"""

from handoff.tickets.actions import claim, note
from handoff.tickets.annotating import annotate
from handoff.tickets.approving import approve, refuse
from handoff.tickets.approving import revise as revise_refused
from handoff.tickets.attachments import fetch_again, upload
from handoff.tickets.calls import log as log_call
from handoff.tickets.calls import open_case as open_by_phone
from handoff.tickets.calls import search
from handoff.tickets.carrying import again as change_again
from handoff.tickets.carrying import done as change_done
from handoff.tickets.closing import close, hand_back, reopen, resolve
from handoff.tickets.deliveries import let_go, resend, settle
from handoff.tickets.desk import Desk
from handoff.tickets.doubting import doubt
from handoff.tickets.escalating import climbed
from handoff.tickets.filing import file, repeated
from handoff.tickets.grading import grade
from handoff.tickets.hearing import heard
from handoff.tickets.investigating import closing_reply, investigate
from handoff.tickets.journeys import of as journey
from handoff.tickets.mailing import mail
from handoff.tickets.members import accept as accept_for_department
from handoff.tickets.members import ask as ask_department
from handoff.tickets.members import done as department_done
from handoff.tickets.members import give_floor
from handoff.tickets.members import missed as department_missed
from handoff.tickets.merging import merge, split
from handoff.tickets.persons import merge as merge_contacts
from handoff.tickets.persons import unmerge as unmerge_contacts
from handoff.tickets.persons import verify
from handoff.tickets.promises import due as promise_due
from handoff.tickets.promises import keep as keep_promise
from handoff.tickets.promises import make as promise
from handoff.tickets.proposals import propose
from handoff.tickets.proposals import silent as proposal_silent
from handoff.tickets.records import Stale
from handoff.tickets.replies import reply
from handoff.tickets.seeing import saw
from handoff.tickets.taking_over import take_over
from handoff.tickets.tiers import set_tier
from handoff.tickets.transfers import to_person, to_somebody_free, to_team
from handoff.tickets.whispers import whisper

__all__ = [
    "Desk",
    "Stale",
    "accept_for_department",
    "annotate",
    "approve",
    "ask_department",
    "change_again",
    "change_done",
    "claim",
    "climbed",
    "close",
    "closing_reply",
    "department_done",
    "department_missed",
    "doubt",
    "fetch_again",
    "file",
    "give_floor",
    "grade",
    "hand_back",
    "heard",
    "investigate",
    "journey",
    "keep_promise",
    "let_go",
    "log_call",
    "mail",
    "merge",
    "merge_contacts",
    "note",
    "open_by_phone",
    "promise",
    "promise_due",
    "proposal_silent",
    "propose",
    "refuse",
    "reopen",
    "repeated",
    "reply",
    "resend",
    "resolve",
    "revise_refused",
    "saw",
    "search",
    "set_tier",
    "settle",
    "split",
    "take_over",
    "to_person",
    "to_somebody_free",
    "to_team",
    "unmerge_contacts",
    "upload",
    "verify",
    "whisper",
]

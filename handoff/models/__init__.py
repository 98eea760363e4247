"""The desk's tables, one module a subject."""

from handoff.models.people import Absence, Member, PassedOver, Presence, Shift, Team
from handoff.models.tickets import ReplyKey, Ticket, TicketCounter

__all__ = ["Absence", "Member", "PassedOver", "Presence", "ReplyKey", "Shift", "Team", "Ticket", "TicketCounter"]

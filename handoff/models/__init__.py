"""The desk's tables, one module a subject."""

from handoff.models.tickets import ReplyKey, Ticket, TicketCounter

__all__ = ["ReplyKey", "Ticket", "TicketCounter"]

"""What the bot prepared and is not settled yet: no case ends over it, and nobody asks whether it is solved."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import Refused
from handoff.models import Proposal, Ticket

PENDING, CARRYING = "pending", "carrying"
WANTED = {
    PENDING: "還有機器人準備的內容等人核准：先核准或不核准，再繼續。",
    CARRYING: "核准了的變更還沒有完成：等系統改好，或按「已經改好」、「改不了」，再繼續。",
}


def waits(session: Session, ticket: Ticket) -> str:
    """The state of the oldest that is not settled; nothing where all is."""
    open_ones = select(Proposal.state).where(Proposal.ticket_id == ticket.id, Proposal.state.in_(WANTED))
    return session.scalar(open_ones.order_by(Proposal.id).limit(1)) or ""


def require_none(session: Session, ticket: Ticket) -> None:
    """Refused while something waits for a decision, or is being carried out."""
    if state := waits(session, ticket):
        raise Refused(WANTED[state])

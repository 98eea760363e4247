"""What may be done with a case in which state, and by whom. Whatever the table does not allow is refused."""

from bot.errors import Refused
from bot.models import User
from handoff.models import Ticket

DESK = frozenset({"agent", "specialist", "supervisor", "admin"})
LEADS = frozenset({"supervisor", "admin"})
ALLOWED = {
    "claim": frozenset({"new", "open", "waiting"}),
    "note": frozenset({"new", "open", "waiting", "resolved"}),
    "reply": frozenset({"open", "waiting"}),
    "resolve": frozenset({"open", "waiting"}),
    "hand_back": frozenset({"open", "waiting"}),
    "reopen": frozenset({"resolved"}),
}
WHY_NOT = {
    "new": "先接手這件案件。",
    "open": "這件案件還沒有結案。",
    "waiting": "這件案件還沒有結案。",
    "resolved": "這件案件已經結案，先重新開啟。",
}


def permit(action: str, ticket: Ticket) -> None:
    """Refused unless `action` is possible in the ticket's state."""
    if ticket.state not in ALLOWED[action]:
        raise Refused(WHY_NOT[ticket.state])


def permit_staff(user: User | None) -> User:
    """The user, if active and of the desk."""
    if user is None or not user.active or user.role not in DESK:
        raise Refused("你沒有處理案件的權限。")
    return user


def permit_owner(ticket: Ticket, user: User) -> None:
    """Refused when a colleague has the case; leads may act on every case."""
    if ticket.assignee_id != user.id and user.role not in LEADS:
        raise taken(ticket)


def taken(ticket: Ticket) -> Refused:
    """The answer to whoever was not first."""
    if ticket.assignee is None:
        return Refused(WHY_NOT["new"])
    return Refused("%(name)s已經接手這件案件。", name=ticket.assignee.name)

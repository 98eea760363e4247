"""What may be done with a case in which state, where that leads, and by whom. Whatever is not here is refused."""

from bot.auth.permissions import HELPING, roles
from bot.errors import Refused
from bot.models import User
from handoff.models import DONE, LIVE, Ticket

DESK = roles("desk.work")
AT_CASES = roles("case.helped")
SENIORS = roles("desk.decide")
LEADS = roles("desk.lead")

STAY = {state: state for state in (*LIVE, "resolved", "closed")}
STAY_LIVE = {state: state for state in LIVE}
TAKEN = ("open", "waiting", "department")
TABLE: dict[str, dict[str, str]] = {
    "claim": {**STAY_LIVE, "new": "open"},
    "assign": {**STAY_LIVE, "new": "open"},
    "queue": dict.fromkeys(LIVE, "new"),
    "note": STAY,
    "whisper": STAY_LIVE,
    "file": STAY,
    "grade": STAY_LIVE,
    "promise": STAY_LIVE,
    "reply": {"open": "waiting", "waiting": "waiting", "department": "department"},
    "approve": STAY_LIVE,
    "answer_elsewhere": {**STAY_LIVE, "open": "waiting"},
    "called": {**STAY, "waiting": "open"},
    "customer_wrote": {"new": "new", "open": "open", "waiting": "open", "department": "open"},
    "ask_department": dict.fromkeys(TAKEN, "department"),
    "department_answered": {**STAY_LIVE, "department": "open"},
    "lapse": {"waiting": "open"},
    "park": dict.fromkeys(TAKEN, "waiting"),
    "unpark": {"waiting": "open"},
    "unpark_department": {"waiting": "department"},
    "propose": {"open": "waiting", "waiting": "waiting"},
    "resolve": dict.fromkeys(TAKEN, "resolved"),
    "hand_back": dict.fromkeys(TAKEN, "resolved"),
    "close": {"resolved": "closed"},
    "merge": dict.fromkeys(LIVE, "closed"),
    "split": STAY_LIVE,
    "reopen": dict.fromkeys(DONE, "open"),
    "queue_again": dict.fromkeys(DONE, "new"),
}
ALLOWED = {action: frozenset(leads_to) for action, leads_to in TABLE.items()}
ONLY = dict.fromkeys(("resolve", "close", "merge"), SENIORS)
WHY_NOT = {
    "new": "先接手這件案件。",
    "open": "這件案件還沒有結案。",
    "waiting": "這件案件還沒有結案。",
    "department": "這件案件正在等部門回覆。",
    "resolved": "這件案件已經結案，先重新開啟。",
    "closed": "這件案件已經關閉，先重新開啟。",
}


def permit(action: str, ticket: Ticket) -> str:
    """The state that `action` leads to; Refused where it is not possible in the ticket's state."""
    leads_to = TABLE[action].get(ticket.state)
    if leads_to is None:
        raise Refused(WHY_NOT[ticket.state])
    return leads_to


def permit_staff(user: User | None) -> User:
    """The user, if active and of the desk."""
    hand = permit_hand(user)
    if hand.role not in DESK:
        raise Refused("支援的同事不能做這件事，請原團隊的同事處理。")
    return hand


def permit_hand(user: User | None) -> User:
    """The user, if active and of the desk, or somebody who helps it."""
    if user is None or not user.active or user.role not in AT_CASES:
        raise Refused("你沒有處理案件的權限。")
    return user


def permit_senior(user: User | None) -> User:
    """The user, if of the second line or a lead: who may say whether two customers are one."""
    staff = permit_staff(user)
    if staff.role not in SENIORS:
        raise Refused("合併或分開顧客資料，要請二線或主管來做。")
    return staff


def permit_role(action: str, ticket: Ticket, user: User) -> None:
    """Front line proposes that a case is solved; second line and leads decide it."""
    if user.role not in ONLY.get(action, AT_CASES):
        raise Refused("一線客服不能直接結案：請先問顧客是否解決，或轉給二線、主管。")
    if action == "hand_back":
        _permit_hand_back(ticket, user)


def _permit_hand_back(ticket: Ticket, user: User) -> None:
    """The bot does not answer what a person owes; a complaint ends with its closing reply and its satisfaction."""
    if ticket.type == "complaint":
        raise Refused("客訴不能交還給機器人：請回覆顧客後結案。")
    if user.role in SENIORS:
        return
    if ticket.level != "L3":
        raise Refused("這件案件的等級要由二線或主管決定是否交還給機器人。")
    if ticket.waiting_since is not None:
        raise Refused("顧客還在等你的回覆：先回覆，再交還給機器人。")


def may(action: str, ticket: Ticket, role: str) -> bool:
    """Whether a member of this role may do it to a case of hers, as it is now."""
    if ticket.state not in TABLE[action] or role not in ONLY.get(action, AT_CASES):
        return False
    if role not in DESK:
        return action in HELPING
    if action != "hand_back":
        return True
    return ticket.type != "complaint" and (role in SENIORS or (ticket.level == "L3" and ticket.waiting_since is None))


def permit_owner(ticket: Ticket, user: User) -> None:
    """Refused when a colleague has the case; leads may act on every case."""
    if ticket.assignee_id != user.id and user.role not in LEADS:
        raise taken(ticket)


def taken(ticket: Ticket) -> Refused:
    """The answer to whoever was not first."""
    if ticket.assignee is None:
        return Refused(WHY_NOT["new"])
    return Refused("%(name)s已經接手這件案件。", name=ticket.assignee.name)

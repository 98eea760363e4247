"""Departments on a case: asked for help, their contact sees it and writes notes, and may be given the floor."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.clock import now
from bot.errors import Refused
from bot.models import User
from handoff import assignment, clocks
from handoff.models import CaseMember, Ticket
from handoff.tickets import parking, records, transitions

ACCEPTS_WITHIN = timedelta(hours=2)
CLOCK = "department"  # each contact who is asked has one; its subject is the membership


def ask(session: Session, ticket_id: int, user_id: int, department: str, contact_id: int, why: str) -> CaseMember:
    """Have a department's contact look into it; the case waits for her, and she has two working hours to accept."""
    ticket, user = records.own(session, "ask_department", ticket_id, user_id)
    contact = session.get(User, contact_id)
    if contact is None or not contact.active:
        raise Refused("找不到這位部門窗口。")
    member = join(session, ticket, contact, department.strip()[:40])
    ticket.department = member.department
    clocks.our_turn(session, ticket)
    due = clocks.begin(session, ticket, CLOCK, ACCEPTS_WITHIN, member.id)
    records.move(
        session,
        ticket,
        "ask_department",
        "ticket.department_asked",
        user_id=user.id,
        department=member.department,
        to_user=contact.id,
        due_at=due.isoformat(),
        why=why.strip()[:200],
    )
    parking.look(session, ticket)
    return member


def accept(session: Session, ticket_id: int, user_id: int) -> CaseMember:
    """The contact takes it on: her time stops, and that of another who is asked goes on."""
    ticket = records.held(session, ticket_id)
    member = _member(session, ticket, user_id)
    if member.accepted_at is None:
        member.accepted_at = now()
        clocks.end(session, ticket, CLOCK, member.id)
        records.record(session, ticket, "ticket.department_accepted", user_id=user_id, department=member.department)
    return member


def done(session: Session, ticket_id: int, user_id: int) -> Ticket:
    """A contact has said what she had to say, or whoever has the case does not wait for anybody any longer."""
    ticket, user = take(session, "department_answered", ticket_id, user_id)
    contact = sees(session, ticket, user.id)
    if contact is None:
        transitions.permit_owner(ticket, user)
    leaving = [contact] if contact else of(session, ticket)
    _leave(leaving)
    for member in leaving:
        clocks.end(session, ticket, CLOCK, member.id)
    if ticket.state == "department":
        clocks.our_turn(session, ticket)
    records.move(session, ticket, "department_answered", "ticket.department_answered", user_id=user.id)
    parking.look(session, ticket)
    return ticket


def give_floor(session: Session, ticket_id: int, user_id: int, contact_id: int, floor: bool) -> CaseMember:
    """Let the contact write to the customer herself, or not any more."""
    ticket, user = records.own(session, "file", ticket_id, user_id)
    member = _member(session, ticket, contact_id)
    member.floor = floor
    records.record(session, ticket, "ticket.floor", user_id=user.id, to_user=contact_id, given=floor)
    return member


def missed(session: Session, ticket: Ticket) -> None:
    """Departments did not accept in time, whoever wrote meanwhile: a head gets the case, or everyone hears of it.

    Each is passed over once: her clock stops, and that of another who is asked goes on.
    """
    records.held(session, ticket.id)
    late = {subject for subject, due in clocks.due(session, ticket, CLOCK).items() if due <= now()}
    for member in _asked(session, ticket):
        if ticket.live and member.id in late:
            clocks.end(session, ticket, CLOCK, member.id)
            if not assignment.to_head(session, ticket, "department_missed", member.department):
                assignment.escalate(session, ticket, "head", "department_missed")


def leave(session: Session, ticket: Ticket) -> None:
    """The case is over: what comes after is not the contacts' business."""
    _leave(of(session, ticket))


def take(session: Session, action: str, ticket_id: int, user_id: int) -> tuple[Ticket, User]:
    """A case as it is now, locked, for who may do this at it, or a contact who joined it."""
    user = session.get(User, user_id)
    if user is not None and user.active and user.role not in transitions.AT_CASES:
        ticket = records.held(session, ticket_id)
        _member(session, ticket, user_id)
        return ticket, user
    return records.take(session, action, ticket_id, user_id)


def sees(session: Session, ticket: Ticket, user_id: int) -> CaseMember | None:
    """The membership of a contact who is on this case."""
    return session.scalars(_present(ticket).where(CaseMember.user_id == user_id)).one_or_none()


def of(session: Session, ticket: Ticket) -> list[CaseMember]:
    """The contacts who are on this case."""
    return list(session.scalars(_present(ticket).order_by(CaseMember.id)))


def permit_speaker(session: Session, ticket: Ticket, user: User) -> None:
    """Refused unless the case is the user's, she leads the desk, or she was given the floor."""
    member = sees(session, ticket, user.id)
    if member is None or not member.floor:
        if user.role not in transitions.AT_CASES:
            raise Refused("承辦人還沒有讓你直接回覆顧客；你可以寫備註。")
        transitions.permit_owner(ticket, user)


def join(session: Session, ticket: Ticket, contact: User, department: str) -> CaseMember:
    """Have a department's contact on a case, as one who was asked just now."""
    known = select(CaseMember).where(CaseMember.ticket_id == ticket.id, CaseMember.user_id == contact.id)
    member = session.scalars(known).one_or_none()
    if member is None:
        member = CaseMember(ticket_id=ticket.id, user_id=contact.id, department=department)
        session.add(member)
    member.department, member.accepted_at, member.left_at = department, None, None
    session.flush()
    return member


def go_along(session: Session, ticket: Ticket, into: Ticket) -> None:
    """The case goes on in another: its contacts go along, as they had accepted, or with what is left of their time.

    Who is on it already stays as she is there.
    """
    subjects = {}
    for member in of(session, ticket):
        if sees(session, into, member.user_id) is None:
            there = join(session, into, member.user, member.department)
            there.accepted_at, subjects[member.id] = member.accepted_at, there.id
    clocks.goes_along(session, ticket, into, CLOCK, subjects)


def _leave(members: Sequence[CaseMember]) -> None:
    for member in members:
        member.accepted_at, member.floor, member.left_at = member.accepted_at or now(), False, now()


def _asked(session: Session, ticket: Ticket) -> list[CaseMember]:
    """The contacts who have not accepted yet."""
    return [member for member in of(session, ticket) if member.accepted_at is None]


def _member(session: Session, ticket: Ticket, user_id: int) -> CaseMember:
    member = sees(session, ticket, user_id)
    if member is None:
        raise Refused("你沒有處理案件的權限。")
    return member


def _present(ticket: Ticket) -> Select[CaseMember]:
    return select(CaseMember).where(CaseMember.ticket_id == ticket.id, CaseMember.left_at.is_(None))

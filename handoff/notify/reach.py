"""Who would not hear of anything while the console is closed, and why; and which of the staff's rooms do not work.

A medium works until its last call failed for good; who has none that does is reached by nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.auth import permissions
from bot.clock import now
from bot.models import ApiToken, User
from bot.services import Services
from handoff.models import Delivery, Notice, NoticeChoice, PushSubscription
from handoff.notifiers.chat import address_of
from handoff.notify.rules import LINE_GROUP, MAIL, PUSH, ROOM

LOOKED_AT = 20_000  # calls: older ones tell nothing of today, and the page opens at once
UNREAD_FOR = timedelta(days=1)
Outcomes = Mapping[tuple[str, str], Delivery]


@dataclass(frozen=True)
class Unreached:
    """Somebody whom no medium reaches. `why`: no_mail, no_smtp, mail_fails, no_push, push_gone, push_fails, bell."""

    user: User
    why: tuple[str, ...]


@dataclass(frozen=True)
class Reach:
    """What a supervisor has to mend. `rooms`: media of the staff whose last message did not arrive."""

    people: Sequence[Unreached]
    rooms: Sequence[Delivery]


def look(session: Session, current: Services) -> Reach:
    outcomes = _outcomes(session)
    people = [_unreached(session, current, user, outcomes) for user in _staff(session)]
    return Reach([person for person in people if person is not None], _rooms_down(current, outcomes))


def _staff(session: Session) -> Sequence[User]:
    """Who may be told of anything; programs are told by webhooks."""
    program = select(ApiToken.id).where(ApiToken.user_id == User.id).exists()
    told = User.active, User.role.in_(permissions.roles("told")), ~program
    return session.scalars(select(User).where(*told).order_by(User.name)).all()


def _outcomes(session: Session) -> Outcomes:
    """The last call to each address that is over."""
    newest = select(func.max(Delivery.id)).scalar_subquery()
    over = Delivery.state.in_(("sent", "failed")), Delivery.id > newest - LOOKED_AT
    last = select(func.max(Delivery.id)).where(*over).group_by(Delivery.medium, Delivery.address)
    found = session.scalars(select(Delivery).where(Delivery.id.in_(last)))
    return {(delivery.medium, delivery.address): delivery for delivery in found}


def _unreached(session: Session, current: Services, user: User, outcomes: Outcomes) -> Unreached | None:
    mail, push = _mail(session, current, user, outcomes), _push(session, user, outcomes)
    if not (mail and push):
        return None
    return Unreached(user, tuple(filter(None, (mail, push, _bell(session, user)))))


def _mail(session: Session, current: Services, user: User, outcomes: Outcomes) -> str:
    """What keeps mail from arriving; empty where nothing does."""
    if not current.settings.smtp_url:
        return "no_smtp"
    choice = session.get(NoticeChoice, user.id)
    if choice is None or not choice.email:
        return "no_mail"
    return "mail_fails" if _failed(outcomes, MAIL, choice.email) else ""


def _push(session: Session, user: User, outcomes: Outcomes) -> str:
    browsers = session.scalars(select(PushSubscription).where(PushSubscription.user_id == user.id)).all()
    living = [browser for browser in browsers if browser.gone_at is None]
    if not living:
        return "push_gone" if browsers else "no_push"
    return "push_fails" if all(_failed(outcomes, PUSH, str(browser.id)) for browser in living) else ""


def _bell(session: Session, user: User) -> str:
    """She does not look at the console's bell either."""
    lying = Notice.user_id == user.id, Notice.seen_at.is_(None), Notice.created_at < now() - UNREAD_FOR
    return "bell" if session.scalar(select(Notice.id).where(*lying).limit(1)) is not None else ""


def _rooms_down(current: Services, outcomes: Outcomes) -> list[Delivery]:
    """Only those that are set up still."""
    rooms = [(ROOM, address_of(url)) for url in current.settings.chat_urls.split()]
    rooms += [(LINE_GROUP, current.settings.line_group_id)] if current.settings.line_group_id else []
    return [outcomes[room] for room in rooms if _failed(outcomes, *room)]


def _failed(outcomes: Outcomes, medium: str, address: str) -> bool:
    last = outcomes.get((medium, address))
    return last is not None and last.state == "failed"

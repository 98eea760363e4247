"""Who sees which menu: whoever a person has is linked with that menu at LINE, and unlinked when the bot has him again.

Found by comparing who has the conversation with what was wanted last, so no way by which a case begins or ends is
forgotten, and what was missed while LINE or we were away is made up for.
"""

from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from bot import db, services
from bot.broker import FILES, Job
from bot.clock import after, now
from bot.errors import PermanentSendError, SendError
from bot.models import Account, Conversation
from bot.services import Services
from bot.sweeper import do_here, every
from bot.transactions import transact
from faq.menus import making
from faq.menus.making import DEAD_AFTER, FEW, LINE, LONGEST_PAUSE, MANY, PAUSE
from faq.models import LineMenu, MenuLink

ROUND = 200  # an account's conversations, whose menus are planned at once
HUMAN = "human"
NOBODYS = 0

log = structlog.get_logger()


@dataclass(frozen=True)
class Claim:
    """A call that this process makes now; without a `menu` the user has none of his own any more."""

    conversation_id: int
    attempts: int
    wanted: int
    account: str
    user: str
    menu: str


@every(2)
def look(current: Services) -> None:
    """Plan what differs, and have done what is due: behind messages and turns, and only a few at a time."""
    with db.reading(current.sessions) as session:
        ever = select(LineMenu.account_id).where(LineMenu.state == HUMAN).distinct()
        accounts = session.scalars(select(Account.id).where(Account.channel == LINE, Account.id.in_(ever))).all()
        unlike = [account for account in accounts if _changes(session, account)]
    for account in unlike:
        transact(current.sessions, partial(_plan, account=account))
    if current.broker.backlog(FILES) >= MANY:
        return
    with db.reading(current.sessions) as session:
        waits = ~MenuLink.done, MenuLink.due_at <= now()
        of_due = select(MenuLink.conversation_id).where(*waits).order_by(MenuLink.due_at).limit(MANY)
        due = session.scalars(of_due).all()
    if due and not current.broker.enqueue_all([Job("faq.menus.linking.do", (one,), FILES) for one in due]):
        for one in due[:FEW]:
            do_here(do, one)


def do(conversation_id: int) -> None:
    """Tell LINE, unless somebody does: a job."""
    current = services.current()
    claim = transact(current.sessions, partial(_claim, conversation_id=conversation_id))
    if claim is None:
        return
    menus, failure = current.wiring.menus, None
    try:
        if claim.menu:
            menus.link(claim.account, claim.menu, claim.user)
        else:
            menus.unlink(claim.account, claim.user)
    except SendError as error:
        failure = error
        log.warning("menu.not_linked", conversation_id=conversation_id, status=error.status)
    transact(current.sessions, partial(_settle, claim=claim, failure=failure))


def _plan(session: Session, account: int) -> None:
    """The account's lock keeps two tickers from both planning it."""
    making.lock(session, account)
    for conversation, menu in _changes(session, account).items():
        _want(session, conversation, menu)


def _changes(session: Session, account: int) -> dict[int, int]:
    """The menus that conversations shall have from now on, of those which differ from what was wanted last."""
    menu = making.live(session, account, HUMAN)
    freed = dict.fromkeys(session.scalars(_to_be_freed(account, anybody=menu is None)), NOBODYS)
    if menu is None:
        return freed
    return freed | dict.fromkeys(session.scalars(_without(account, menu.id)), menu.id)


def _without(account: int, menu: int) -> Select[int]:
    """Conversations that a person has, and whose customers shall have another menu."""
    theirs = Conversation.account_id == account, Conversation.owner == HUMAN, Conversation.source_kind == "user"
    linked = select(Conversation.id).outerjoin(MenuLink, MenuLink.conversation_id == Conversation.id)
    other = or_(MenuLink.conversation_id.is_(None), MenuLink.wanted != menu)
    return linked.where(*theirs, other).limit(ROUND)


def _to_be_freed(account: int, *, anybody: bool) -> Select[int]:
    """Conversations that the bot has again, or all where there is no menu for a person any more."""
    linked = select(Conversation.id).join(MenuLink, MenuLink.conversation_id == Conversation.id)
    freed = linked.where(Conversation.account_id == account, MenuLink.wanted != NOBODYS)
    return (freed if anybody else freed.where(Conversation.owner != HUMAN)).limit(ROUND)


def _want(session: Session, conversation: int, menu: int) -> None:
    """A call that may be under way comes to its end before the next one begins: LINE keeps what arrives last."""
    row = session.get(MenuLink, conversation, with_for_update=True)
    if row is None:
        session.add(MenuLink(conversation_id=conversation, wanted=menu))
        return
    row.due_at = now() if row.done else min(row.due_at, after(DEAD_AFTER))
    row.wanted, row.done, row.attempts = menu, False, 0


def _claim(session: Session, conversation_id: int) -> Claim | None:
    row = session.get(MenuLink, conversation_id, with_for_update=True)
    if row is None or row.done or row.due_at > now():
        return None
    row.attempts, row.due_at = row.attempts + 1, after(DEAD_AFTER)
    conversation = session.get_one(Conversation, conversation_id)
    menu = session.get(LineMenu, row.wanted) if row.wanted else None
    named = menu.menu if menu is not None else ""
    return Claim(
        conversation_id, row.attempts, row.wanted, conversation.account.external_id, conversation.source_id, named
    )


def _settle(session: Session, claim: Claim, failure: SendError | None) -> None:
    """Done, or later again; who has no menu of his own needs no row. Whom LINE does not know sees no menu anyway."""
    row = session.get(MenuLink, claim.conversation_id, with_for_update=True)
    if row is None or (row.wanted, row.attempts) != (claim.wanted, claim.attempts):
        return
    row.error = str(failure)[:200] if failure else ""
    if failure is None or isinstance(failure, PermanentSendError):
        row.done = True
        if row.wanted == NOBODYS:
            session.delete(row)
    else:
        row.due_at = after(min(PAUSE * 2 ** min(row.attempts, 10), LONGEST_PAUSE))

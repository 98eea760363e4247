"""The menus at LINE, for each account: rows that say what shall be done next, made by due jobs and tried again.

A newer one is shown before an older one is removed, so customers are never without.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from bot import attachments, db, journal, services
from bot.broker import FILES, Job
from bot.clock import after, now
from bot.errors import PermanentSendError, SendError
from bot.models import Account
from bot.services import Services
from bot.sweeper import do_here, every
from bot.transactions import transact
from faq.menus import design, editing
from faq.models import LineMenu, MenuDesign

LINE = "line"
MANY, FEW = 20, 2  # a round's calls: for workers, and where the ticker must make them itself
DEAD_AFTER = 30.0  # seconds, within which a call has ended
PAUSE, LONGEST_PAUSE = 15.0, 3600.0
LINKED_FIRST = timedelta(seconds=60)  # whoever has the older menu as his own gets the newer one meanwhile
NEXT = {"create": "draw", "draw": "show", "show": "live", "remove": "gone"}
TO_DO = tuple(NEXT)
AT_LINE = ("create", "draw", "show", "live", "failed")

log = structlog.get_logger()


@dataclass(frozen=True)
class Claim:
    """A call that this process makes now; `attempts` proves that nobody took it over since."""

    id: int
    attempts: int
    step: str
    account: str
    menu: str
    name: str
    drawn: design.Design


@every(5)
def look(current: Services) -> None:
    """Plan what differs from what is live, and have done what is due: behind messages and turns."""
    with db.reading(current.sessions) as session:
        drawn = [one for one in editing.every(session).values() if one.version]
        accounts = session.scalars(select(Account.id).where(Account.channel == LINE)).all() if drawn else ()
        unlike = [account for account in accounts if _changed(session, account)]
    for account in unlike:
        transact(current.sessions, partial(_plan, account=account))
    if current.broker.backlog(FILES) >= MANY:
        return
    with db.reading(current.sessions) as session:
        due = session.scalars(select(LineMenu.id).where(_due()).order_by(LineMenu.id).limit(MANY)).all()
    if due and not current.broker.enqueue_all([Job("faq.menus.making.do", (one,), FILES) for one in due]):
        for one in due[:FEW]:
            do_here(do, one)


def do(menu_id: int) -> None:
    """Take a menu as far as it goes, unless somebody does: a job."""
    current = services.current()
    while claim := transact(current.sessions, partial(_claim, menu_id=menu_id)):
        try:
            came_of: str | SendError = _made(current, claim)
        except SendError as failure:
            came_of = failure
            log.warning("menu.not_made", menu_id=claim.id, step=claim.step, status=failure.status)
        if not transact(current.sessions, partial(_settle, claim=claim, came_of=came_of)):
            return


def live(session: Session, account: int, state: str) -> LineMenu | None:
    """The menu that customers of an account see in a state."""
    newest = select(LineMenu).where(LineMenu.account_id == account, LineMenu.state == state, LineMenu.step == "live")
    return session.scalars(newest.order_by(LineMenu.version.desc()).limit(1)).one_or_none()


def _plan(session: Session, account: int) -> None:
    """A row for what is live and was not begun yet. The account's lock keeps two tickers from both planning it."""
    lock(session, account)
    for kept in _changed(session, account):
        if kept.live is None:
            _let_go(session, account, kept.state)
        else:
            row = LineMenu(account_id=account, state=kept.state, version=kept.version, design=kept.live)
            session.add(row)


def lock(session: Session, account: int) -> None:
    """Only against others who plan: what comes from customers meanwhile may name the account."""
    session.execute(select(Account.id).where(Account.id == account).with_for_update(key_share=True))


def _changed(session: Session, account: int) -> list[MenuDesign]:
    """What is live and was not begun at the account yet, and what is live no longer and still there."""
    return [kept for kept in session.scalars(select(MenuDesign)) if _differs(session, account, kept)]


def _differs(session: Session, account: int, kept: MenuDesign) -> bool:
    if kept.live is None:
        return session.scalar(select(LineMenu.id).where(*_there(account, kept.state)).limit(1)) is not None
    this = LineMenu.account_id == account, LineMenu.state == kept.state, LineMenu.version == kept.version
    return session.scalar(select(LineMenu.id).where(*this)) is None


def _there(account: int, state: str) -> tuple[ColumnElement[bool], ...]:
    return LineMenu.account_id == account, LineMenu.state == state, LineMenu.step.in_(AT_LINE)


def _let_go(session: Session, account: int, state: str) -> None:
    for one in session.scalars(select(LineMenu).where(*_there(account, state))):
        one.step, one.attempts, one.due_at = "remove", 0, now()


def _due() -> ColumnElement[bool]:
    return and_(LineMenu.step.in_(TO_DO), LineMenu.due_at <= now())


def _claim(session: Session, menu_id: int) -> Claim | None:
    row = session.get(LineMenu, menu_id, with_for_update=True)
    if row is None or row.step not in TO_DO or row.due_at > now():
        return None
    row.attempts, row.due_at = row.attempts + 1, after(DEAD_AFTER)
    name = f"Frontline {row.state} {row.version} {row.key}"
    return Claim(row.id, row.attempts, row.step, row.account.external_id, row.menu, name, design.read(row.design))


def _made(current: Services, claim: Claim) -> str:
    """Make the call; the menu's id. One whose making broke off is looked for first."""
    menus, account = current.wiring.menus, claim.account
    match claim.step:
        case "create":
            before = menus.find(account, claim.name) if claim.attempts > 1 else None
            return before or menus.create(account, design.menu(claim.drawn, claim.name))
        case "draw":
            menus.draw(account, claim.menu, _picture(current, claim.drawn), claim.drawn.mime)
        case "show":
            menus.show(account, claim.menu)
        case _:
            known = claim.menu or menus.find(account, claim.name)
            if known:
                menus.delete(account, known)
    return claim.menu


def _picture(current: Services, drawn: design.Design) -> bytes:
    try:
        with attachments.store(current.settings).open(drawn.picture) as file:
            return file.read()
    except FileNotFoundError as error:
        raise PermanentSendError("its picture is gone") from error
    except OSError as error:
        raise SendError("its picture cannot be read now") from error


def _settle(session: Session, claim: Claim, came_of: str | SendError) -> bool:
    """Write down what came of it; whether there is more to do at once."""
    row = session.get_one(LineMenu, claim.id, with_for_update=True)
    if row.step != claim.step or row.attempts != claim.attempts:
        return False
    if isinstance(came_of, SendError):
        _failed(session, row, came_of)
        return False
    row.menu, row.attempts, row.error, row.due_at = came_of, 0, "", now()
    row.step = "live" if row.step == "draw" and row.state != "bot" else NEXT[row.step]
    if row.step == "live":
        _replace(session, row)
    return row.step in TO_DO


def _failed(session: Session, row: LineMenu, failure: SendError) -> None:
    """Later again; but what LINE will never take ends here, and those who lead the desk hear of it."""
    row.error, row.due_at = str(failure)[:200], after(min(PAUSE * 2 ** min(row.attempts, 10), LONGEST_PAUSE))
    if isinstance(failure, PermanentSendError):
        row.step = "gone" if row.step == "remove" else "failed"
        journal.write(session, "menu.failed", account_id=row.account_id, state=row.state, error=row.error)


def _replace(session: Session, row: LineMenu) -> None:
    """What this one takes the place of is removed, once nobody has it as his own any more."""
    same = LineMenu.account_id == row.account_id, LineMenu.state == row.state
    older = select(LineMenu).where(*same, LineMenu.version < row.version, LineMenu.step.in_(AT_LINE))
    for one in session.scalars(older):
        one.step, one.attempts = "remove", 0
        one.due_at = now() + LINKED_FIRST if row.state == "human" else now()

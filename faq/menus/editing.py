"""Drafts of the menus, what is live of them, and how one becomes the other."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot import journal
from bot.clock import now
from bot.errors import Refused
from faq.articles import withheld
from faq.menus import design
from faq.menus.design import Design
from faq.menus.picture import Kept
from faq.models import LineMenu, MenuDesign

CHANGED = "有人剛改過這個選單；這裡是最新的內容，請再看一次。"
OVERTAKEN = "有人剛改過這個選單：上面預覽的是最新的內容，下面是你打的。要用你的，再儲存一次就會蓋掉上面的。"


def of(session: Session, state: str) -> MenuDesign:
    """The menu of a state, as it is kept; an empty one where nobody has drawn any."""
    found = session.scalars(select(MenuDesign).where(MenuDesign.state == state).with_for_update()).one_or_none()
    return found or MenuDesign(state=state, draft=None, live=None, revision=0, version=0)


def every(session: Session) -> Mapping[str, MenuDesign]:
    """The menus by their states."""
    kept = {one.state: one for one in session.scalars(select(MenuDesign))}
    return {state: kept.get(state) or MenuDesign(state=state, revision=0, version=0) for state in design.STATES}


def require_newest(session: Session, state: str, revision: int) -> None:
    """Refused where somebody has changed the menu since this revision."""
    if every(session)[state].revision != revision:
        raise Refused(OVERTAKEN)


def save(session: Session, state: str, typed: Design, picture: Kept | None, revision: int) -> str:
    """What somebody works on, with its new picture or the one it had. It may still lack what a live one needs.

    The key of the picture that nothing shows any more, if there is one.
    """
    kept = of(session, state)
    if kept.revision != revision:
        raise Refused(OVERTAKEN)
    before = design.read(kept.draft or kept.live)
    drawn = picture or Kept(before.picture, before.mime, before.width, before.height)
    shown = {"picture": drawn.key, "mime": drawn.mime, "width": drawn.width, "height": drawn.height}
    kept.draft, kept.revision = {**typed.as_json(), **shown}, revision + 1
    session.add(kept)
    try:
        session.flush()
    except IntegrityError as error:  # of two who drew the first one, a colleague was faster
        raise Refused(OVERTAKEN) from error
    return "" if _shown(session, before.picture) else before.picture


def _shown(session: Session, picture: str) -> bool:
    """Whether a draft or what is live has this picture, or a menu that may still have to be made at LINE."""
    drawn = [one for kept in every(session).values() for one in (kept.draft, kept.live)]
    return any(design.read(one).picture == picture for one in (*drawn, *session.scalars(select(LineMenu.design))))


def publish(session: Session, state: str, revision: int, by: int) -> None:
    """The draft is what customers see from now on, as soon as LINE has it."""
    kept = of(session, state)
    if kept.revision != revision or kept.draft is None:
        raise Refused(CHANGED)
    drawn = design.read(kept.draft)
    design.check(drawn)
    withheld.refuse(session, drawn.texts)
    before = kept.live or {}
    kept.live, kept.draft, kept.version, kept.live_at = kept.draft, None, kept.version + 1, now()
    journal.changed(session, "menu.published", before, kept.live, by=by, state=state, version=kept.version)


def withdraw(session: Session, state: str, by: int) -> None:
    """Customers see none of ours any more; what was live is the draft, unless there is one."""
    kept = of(session, state)
    if kept.live is None:
        return
    kept.draft, kept.revision = kept.draft or kept.live, kept.revision + 1
    kept.live, kept.live_at = None, None
    journal.write(session, "menu.withdrawn", user_id=by, state=state)

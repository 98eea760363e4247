"""Taking an article on its way: sent to review, returned, approved, live, rolled back, retired. Each step is kept."""

from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy.orm import Session

from bot import journal
from bot.auth import may
from bot.clock import now
from bot.errors import Refused
from bot.models import User
from bot.nlu.policy import load, shipped
from faq.articles import checks, drafting, pictures, states, versions, withheld
from faq.articles.content import Content, live, read, working
from faq.articles.states import DRAFT, LIVE, MOVES, RETIRED, Doer
from faq.models import Article, ArticleStep

LONGEST = 2000
WHY_NOT = {
    "state": "這篇現在不能這樣做，重新整理看看狀態。",
    "role": "這一步要由審核或主管來做。",
    "author": "你寫過這一版。高風險的文字要由另一位審核或主管核准。",
}


def may_harm(content: Content) -> bool:
    """Whether it is of high risk; who calls a risk low need not be the one who writes about it."""
    return any(states.risky(content, policy) for policy in (load()[0], shipped()[0]))


def needs_second(session: Session, article: Article, content: Content) -> bool:
    """Whether somebody else must agree: a wrong word does harm, or what was internal would be told to customers."""
    said = (content, live(article)) if article.live else (content,)
    return any(map(may_harm, said)) or withheld.opens(session, article, content)


def move(session: Session, article_id: int, name: str, revision: int, by: Doer, said: str = "") -> Article:
    """Do what the table allows, with what the person saw on her screen."""
    article = drafting.locked(session, article_id)
    drafting.require_seen(article, revision)
    way, content = MOVES[name], working(article)
    if why := states.why_not(way, article, by, risky=needs_second(session, article, content)):
        raise Refused(WHY_NOT[why])
    version = DEEDS[name](session, article, content, said)
    if article not in session.deleted:
        article.state = way.ends or _rests(session, article)
        withheld.refresh(session, article)
        _step(session, article, name, version, by, said)
    journal.write(session, f"article.{way.told}", user_id=by.id, article=article.external_id, number=version)
    session.flush()
    return article


def roll_back(session: Session, article_id: int, number: int, by: Doer) -> Article:
    """An earlier version is live again, as the newest one; whoever works on a draft keeps it.

    It was approved when it went live, so one person may do it at once; one who may approve, where it was taken away
    since, does harm if it is wrong, or tells what is internal by now.
    """
    article = drafting.locked(session, article_id)
    old = versions.one(session, article, number)
    if old.live_at is None:
        raise Refused("第 %(number)s 版沒有上線過，不能直接退回。", number=number)
    before, content = states.state(article), read(old.content)
    grave = not article.live or needs_second(session, article, content)
    if grave and not may(by.role, "content.approve"):
        raise Refused(WHY_NOT["role"])
    article.revision += 1
    made = versions.freeze(session, article, content, old.authors)
    _require_fit(session, article, content)
    versions.go_live(session, article, made)
    if article.draft is not None:
        article.state = DRAFT if before == RETIRED else before
    _step(session, article, "roll_back", made.number, by, str(number))
    journal.write(
        session, "article.rolled_back", user_id=by.id, article=article.external_id, number=made.number, back_to=number
    )
    session.flush()
    return article


def comment(session: Session, article_id: int, text: str, by: Doer) -> None:
    """Say something about what somebody works on."""
    article = drafting.locked(session, article_id)
    if not text.strip():
        raise Refused("先寫下意見。")
    _step(session, article, "comment", article.sent_version, by, text)


def care(session: Session, article_id: int, owner: User | None, review_at: date | None, by: Doer) -> None:
    """Whose it is, and when somebody reads it again; that needs no review, and is kept as every step is."""
    article = drafting.locked(session, article_id)
    before, after = _cared(article.owner, article.review_at), _cared(owner, review_at)
    if before != after:
        article.owner_id, article.review_at = owner.id if owner else None, review_at
        _step(session, article, "cared", None, by, "")
        journal.changed(session, "article.cared", before, after, by=by.id, article=article.external_id)


def _cared(owner: User | None, review_at: date | None) -> dict[str, str]:
    return {"owner": owner.name if owner else "", "review_at": review_at.isoformat() if review_at else ""}


def settle(session: Session, article_id: int, step_id: int) -> None:
    """What a comment asked for is done."""
    step = session.get(ArticleStep, step_id)
    if step is None or step.article_id != article_id:
        raise Refused("找不到這則意見。")
    step.settled_at = now()


def _send(session: Session, article: Article, content: Content, _: str) -> int:
    _require_fit(session, article, content)
    article.sent_version = versions.freeze(session, article, content, article.authors).number
    return article.sent_version


def _return(session: Session, article: Article, _: Content, said: str) -> int | None:
    if not said.strip():
        raise Refused("寫下要改什麼，作者才知道怎麼改。").at("said")
    return article.sent_version


def _publish(session: Session, article: Article, content: Content, _: str) -> int:
    _require_fit(session, article, content)
    number = article.sent_version if states.state(article) == states.APPROVED else None
    made = versions.one(session, article, number) if number else None
    made = made or versions.freeze(session, article, content, article.authors)
    article.draft, article.authors, article.sent_version = None, [], None
    article.revision += 1
    versions.read_again(article)
    versions.go_live(session, article, made)
    return made.number


def _retire(session: Session, article: Article, _: Content, __: str) -> int:
    versions.keep_live(session, article)
    article.published = article.for_staff = False
    article.sent_version = None
    article.revision += 1
    return article.version


def _discard(session: Session, article: Article, _: Content, __: str) -> int:
    drafting.discard(session, article)
    return article.version


def _no_change(_: Session, article: Article, __: Content, ___: str) -> int | None:
    return article.sent_version


def _rests(session: Session, article: Article) -> str:
    """Where it stands that nobody reviews: what somebody wrote goes on as a draft, whatever became of what was live."""
    if article.draft is not None:
        return DRAFT
    if article.live:
        return LIVE
    return RETIRED if versions.was_live(session, article) else DRAFT


def _require_fit(session: Session, article: Article, content: Content) -> None:
    """The first thing that is wrong stops it; the page lists all."""
    for wrong in (*(fault.refused for fault in checks.faults(content)), *pictures.missing(session, article, content)):
        raise wrong


def _step(session: Session, article: Article, kind: str, version: int | None, by: Doer, text: str) -> None:
    step = ArticleStep(article_id=article.id, kind=kind, version=version, text=text.strip()[:LONGEST], user_id=by.id)
    session.add(step)


DEEDS: Mapping[str, Callable[[Session, Article, Content, str], int | None]] = {
    "send": _send,
    "withdraw": _no_change,
    "return": _return,
    "approve": _no_change,
    "publish": _publish,
    "discard": _discard,
    "retire": _retire,
}

"""Sentences and their clauses that are for colleagues only, and whether a text holds one: of articles, and of the
library of solved cases, where why it happened and what to mind are colleagues' by nature.

Whoever writes to a customer is asked here, and whoever sends: it does not matter on which way an internal sentence
came into a message. Sentences are compared folded and without punctuation; what is shorter than `SHORTEST` tells too
little to be recognised. What customers may read anyway is nobody's secret, wherever else it stands: in an article, a
template, what the bot says of itself, or what one may tell of the very same case.
"""

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, union_all, update
from sqlalchemy.orm import Session, load_only

from bot import db, dialogue
from bot.errors import Refused
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact
from faq.articles.content import FIELDS, Content, letters, live, working
from faq.articles.states import APPROVED, REVIEW, state
from faq.models import Article, ReplyTemplate, SolvedCase, Withheld

SHORTEST = 6
CHECK_SECONDS = 1.0
ENDS = re.compile(r"[。！？!?；;，\n]+|, ")
PORTION = 500  # rows that are read at once
CASES = 100  # of which what they keep is looked for at once
FEW = 50  # sentences that one statement looks for
Index = Mapping[str, Sequence[str]]  # sentences by how they begin
Stamp = tuple[object, ...]


class WithheldTexts:
    """`bot.ports.Withheld` over the database: looked at once a second at most, read again when something changed."""

    def __init__(self) -> None:
        self._index: Index = {}
        self._stamp: Stamp = ()
        self._looked = float("-inf")

    def within(self, session: Session, texts: Iterable[str]) -> bool:
        """Whether one of these holds what must not leave."""
        if time.monotonic() - self._looked >= CHECK_SECONDS:
            if (stamp := _stamp(session)) != self._stamp:
                self._index, self._stamp = _index(_held(session)), stamp
            self._looked = time.monotonic()
        return bool(_first(self._index, texts))


class Guard:
    """What is internal while a file comes in: no row of it may tell that to customers.

    What one row keeps from them is so for every other, whichever stands first; only what they read so far, they may.
    """

    def __init__(self, session: Session, coming: Iterable[Content]) -> None:
        held = set(_held(session))
        fresh = set(sentences(text for content in coming for text in content.withheld)) - held
        self._index = _index(held | fresh - _public(session, fresh))

    def refused(self, content: Content) -> Refused | None:
        """Why a row may not come in, if it may not."""
        own = _index(sentences(content.withheld))
        for field, texts in (("page", [content.page]), ("answer", content.customer_texts)):
            if found := _first(self._index, texts) or _first(own, texts):
                return _refusal(found).at(field)
        return None


def refuse(session: Session, texts: Iterable[str], *, but: int | None = None) -> None:
    """Refused, naming the sentence, where one of these holds what is internal elsewhere than in an article (`but`)."""
    if found := _first(_index(_held(session, but)), texts):
        raise _refusal(found)


def refuse_own(content: Content) -> None:
    """Refused, where an article would tell customers what it keeps from them."""
    if found := _first(_index(sentences(content.withheld)), content.customer_texts):
        raise _refusal(found)


def opens(session: Session, article: Article, content: Content) -> bool:
    """Whether customers would read what was internal in this article so far."""
    held = session.scalars(select(Withheld.text).where(Withheld.article_id == article.id)).all()
    return bool(_first(_index(set(held) - set(sentences(content.withheld))), content.customer_texts))


def refresh(session: Session, *articles: Article) -> None:
    """Keep what is internal in these articles, live or given to review, as what must not leave."""
    wanted = {article.id: _internal(article) for article in articles}
    of_them = select(Withheld.article_id, Withheld.text).where(Withheld.article_id.in_(wanted))
    held = {(article, text) for article, text in session.execute(of_them)}
    fresh = set().union(*wanted.values()) - {text for _, text in held}  # nothing that is held goes live for customers
    public = _public(session, fresh)
    now_held = {(article, text) for article, texts in wanted.items() for text in texts - public}
    if now_held != held:
        session.execute(delete(Withheld).where(Withheld.article_id.in_(wanted)))
        session.add_all(Withheld(article_id=article, text=text) for article, text in sorted(now_held))


def keep(session: Session, case: SolvedCase) -> None:
    """Keep what of a solved case must not leave. One that nobody has looked over holds nobody back."""
    own = _own(case)
    case.withheld = _kept(own - _public(session, own))


def sentences(texts: Iterable[str]) -> list[str]:
    """What can be recognised of these texts."""
    parts = (letters(part) for text in texts for part in ENDS.split(text))
    return list(dict.fromkeys(part for part in parts if len(part) >= SHORTEST))


def _held(session: Session, but: int | None = None) -> Iterator[str]:
    """All that is internal, of all articles (`but` this one) and all cases, by one statement."""
    articles = select(Withheld.text).where(Withheld.article_id != but) if but else select(Withheld.text)
    kept = session.scalars(union_all(articles, select(SolvedCase.withheld).where(SolvedCase.withheld != "")))
    return (text for texts in kept for text in texts.split("\n"))


def _stamp(session: Session) -> Stamp:
    """Another one whenever something else is internal. Ids and revisions tell what was committed late and looks older
    than the newest; times tell a row that has the id of one that is gone, as on SQLite."""
    rows = func.count(), func.sum(Withheld.id), func.max(Article.updated_at)
    articles = select(*rows).select_from(Withheld).join(Article, Article.id == Withheld.article_id)
    kept = func.count(SolvedCase.withheld), func.sum(SolvedCase.id), func.sum(SolvedCase.revision)
    cases = select(*kept, func.max(SolvedCase.updated_at))
    return (*session.execute(articles).one(), *session.execute(cases).one())


def _internal(article: Article) -> set[str]:
    """What is live, and what its author gave to review; a half-written draft holds nobody back."""
    given = [working(article)] if state(article) in (REVIEW, APPROVED) else []
    return set(sentences(text for content in (live(article), *given) for text in content.withheld))


def _own(case: SolvedCase) -> set[str]:
    """What is internal in it: nothing that its other half tells customers."""
    own = set(sentences((case.cause, case.cautions))) if case.shown else set()
    return own - set(_matches(_index(own), (case.description, case.solution)))


def _kept(texts: Iterable[str]) -> str:
    return "\n".join(sorted(texts))


def _public(session: Session, asked: set[str]) -> set[str]:
    """Those that customers may read anyway. Of few the database says where they may stand; of the many of a file, what
    all articles say is read once."""
    if not asked:
        return set()
    index, read = _index(asked), Article.told.is_not(None)
    where = (Article.published, read, _holds_one(session, asked)) if len(asked) <= FEW else (Article.published, read)
    told = session.scalars(select(Article.told).where(*where).execution_options(yield_per=1000))
    unread = session.scalars(_unread().where(Article.published).execution_options(yield_per=PORTION))
    read_anyway = chain((text or "" for text in told), _read(unread))
    return {held for text in read_anyway for held in _within(index, text)} | set(_matches(index, _said(session)))


def _said(session: Session) -> Iterator[str]:
    """What stands in no article and is said to customers all the same; greetings are templates."""
    return chain(dialogue.spoken(), session.scalars(select(ReplyTemplate.text)))


def _read(articles: Iterable[Article]) -> Iterator[str]:
    """What nobody has read yet."""
    return (live(article).told for article in articles)


def _unread() -> Select[Article]:
    """Rows of before, with what they say alone."""
    return (
        select(Article).where(Article.told.is_(None)).options(load_only(*(getattr(Article, name) for name in FIELDS)))
    )


def _holds_one(session: Session, asked: set[str]) -> ColumnElement[bool]:
    position = func.strpos if session.get_bind().dialect.name == "postgresql" else func.instr
    return or_(*(position(Article.told, text) > 0 for text in asked))


@every(60)
def read_rows(current: Services) -> None:
    """Rows of before are read once, some at a time; nobody has changed them by that."""
    with db.reading(current.sessions) as session:
        waiting = session.scalar(select(Article.id).where(Article.told.is_(None)).limit(1))
        cases = _unread_cases(session)
    if waiting:
        transact(current.sessions, _read_articles)
    if cases:
        transact(current.sessions, lambda session: _keep_cases(session, cases))


def _read_articles(session: Session) -> None:
    unread = _unread().order_by(Article.id).limit(PORTION).with_for_update(skip_locked=True)
    for article in session.scalars(unread).all():
        read = {"told": live(article).told, "updated_at": Article.updated_at}
        session.execute(update(Article).where(Article.id == article.id).values(read))


def _unread_cases(session: Session) -> dict[int, str]:
    """What some of them keep. All articles are gone over once for all of these, while nobody waits for a lock."""
    unread = select(SolvedCase).where(SolvedCase.withheld.is_(None)).order_by(SolvedCase.id).limit(CASES)
    own = {case.id: _own(case) for case in session.scalars(unread)}
    public = _public(session, set().union(*own.values()))
    return {case: _kept(texts - public) for case, texts in own.items()}


def _keep_cases(session: Session, read: Mapping[int, str]) -> None:
    """But of those that somebody has kept meanwhile."""
    for case, texts in read.items():
        unread = update(SolvedCase).where(SolvedCase.id == case, SolvedCase.withheld.is_(None))
        session.execute(unread.values(withheld=texts, updated_at=SolvedCase.updated_at))


def _refusal(sentence: str) -> Refused:
    return Refused("「%(text)s」是僅供內部的文字，不能給顧客看。", text=sentence)


def _index(held: Iterable[str]) -> Index:
    found: dict[str, list[str]] = defaultdict(list)
    for text in held:
        found[text[:SHORTEST]].append(text)
    return found


def _first(index: Index, texts: Iterable[str]) -> str:
    """A sentence of the index that stands in one of these texts, or nothing."""
    return next(_matches(index, texts), "")


def _matches(index: Index, texts: Iterable[str]) -> Iterator[str]:
    for text in map(letters, texts if index else ()):
        yield from _within(index, text)


def _within(index: Index, text: str) -> Iterator[str]:
    """The sentences of the index that stand in a text of letters and numbers alone."""
    for at in range(len(text) - SHORTEST + 1):
        yield from (held for held in index.get(text[at : at + SHORTEST], ()) if text.startswith(held, at))

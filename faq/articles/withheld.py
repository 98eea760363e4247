"""Sentences and their clauses that are for colleagues only, and whether a text holds one.

Whoever writes to a customer is asked here, and whoever sends: it does not matter on which way an internal sentence
came into a message. Sentences are compared folded and without punctuation; what is shorter than `SHORTEST` tells too
little to be recognised. What customers may read anyway is nobody's secret, wherever else it stands.
"""

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.language import fold
from faq.articles.content import Content, Passage, live, working
from faq.articles.states import APPROVED, REVIEW, state
from faq.models import Article, Withheld

SHORTEST = 6
CHECK_SECONDS = 1.0
ENDS = re.compile(r"[。！？!?；;，\n]+|, ")
NO_LETTER = re.compile(r"[\W_]+")
Index = Mapping[str, Sequence[str]]  # sentences by how they begin


class WithheldTexts:
    """`bot.ports.Withheld` over the articles in the database, read again once a second at most."""

    def __init__(self) -> None:
        self._index: Index = {}
        self._read = float("-inf")

    def within(self, session: Session, texts: Iterable[str]) -> bool:
        """Whether one of these holds what must not leave."""
        if time.monotonic() - self._read >= CHECK_SECONDS:
            self._index, self._read = _index(session.scalars(select(Withheld.text))), time.monotonic()
        return bool(_first(self._index, texts))


class Guard:
    """What is internal while a file comes in: no row of it may tell that to customers."""

    def __init__(self, session: Session) -> None:
        self._held = set(session.scalars(select(Withheld.text)))
        self._index = _index(self._held)

    def refused(self, content: Content) -> Refused | None:
        """Why a row may not come in, if it may not; what is internal in it is so for those after it."""
        own = set(sentences(content.withheld)) - self._held
        if own:
            self._held |= own
            self._index = _index(self._held)
        for field, texts in (("page", [content.page]), ("answer", content.customer_texts)):
            if found := _first(self._index, texts):
                return _refusal(found).at(field)
        return None


def refuse(session: Session, texts: Iterable[str], *, but: int | None = None) -> None:
    """Refused, naming the sentence, where one of these holds what is internal in an article (`but` this one)."""
    held = select(Withheld.text).where(Withheld.article_id != but) if but else select(Withheld.text)
    if found := _first(_index(session.scalars(held)), texts):
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
    public = _public(session, fresh) if fresh else set()
    now_held = {(article, text) for article, texts in wanted.items() for text in texts - public}
    if now_held != held:
        session.execute(delete(Withheld).where(Withheld.article_id.in_(wanted)))
        session.add_all(Withheld(article_id=article, text=text) for article, text in sorted(now_held))


def sentences(texts: Iterable[str]) -> list[str]:
    """What can be recognised of these texts."""
    parts = (_bare(part) for text in texts for part in ENDS.split(text))
    return list(dict.fromkeys(part for part in parts if len(part) >= SHORTEST))


def _internal(article: Article) -> set[str]:
    """What is live, and what its author gave to review; a half-written draft holds nobody back."""
    given = [working(article)] if state(article) in (REVIEW, APPROVED) else []
    return set(sentences(text for content in (live(article), *given) for text in content.withheld))


def _public(session: Session, asked: set[str]) -> set[str]:
    """Those that customers may read anyway. All that is published is read for it, and nothing else of the rows."""
    columns = Article.question, Article.wordings, Article.buttons, Article.passages, Article.tree, Article.tree_for
    published = session.execute(select(*columns).where(Article.published).execution_options(yield_per=1000))
    return set(_matches(_index(asked), (text for row in published for text in _told(*row))))


def _told(
    question: str, wordings: list[str], buttons: list[str], passages: list[Any], tree: str, tree_for: str
) -> Sequence[str]:
    """All that customers may read of a published article."""
    open_ = tuple(Passage(passage["text"]) for passage in passages if not passage["internal"])
    said = Content(question, wordings=tuple(wordings), buttons=tuple(buttons), passages=open_)
    return replace(said, tree=tree, tree_for=tree_for).customer_texts


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
    for text in map(_bare, texts if index else ()):
        for at in range(len(text) - SHORTEST + 1):
            yield from (held for held in index.get(text[at : at + SHORTEST], ()) if text.startswith(held, at))


def _bare(text: str) -> str:
    """A text in letters and numbers alone."""
    return NO_LETTER.sub("", fold(text))

"""The list of intents as the page shows it: what each is, how many sentences it has, how well it was told apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.language import entities
from bot.matrix import Policy
from bot.nlu.lint import FEW
from faq.articles import valid
from faq.models import Article, Build
from faq.training import Working

JUDGED = 20  # builds that are looked through for the last evaluation
ANSWERS = 6  # articles that are named of an intent


@dataclass(frozen=True)
class Row:
    """An intent in the list."""

    name: str
    title: str
    category: str
    risk: str
    count: int
    edits: int
    found: float | None

    @property
    def few(self) -> bool:
        return self.count < FEW["zh-TW"]


def articles_of(session: Session, intent: str) -> Sequence[Any]:
    """What is said to who means this, and what is written for him: each article, and whether it counts today."""
    counts = valid.counting().label("counts")
    written = select(Article, counts).where(Article.intent == intent)
    return session.execute(written.order_by(counts.desc(), Article.id).limit(ANSWERS)).all()


def rows(working: Working, policy: Policy, found: Mapping[str, Any], query: str) -> list[Row]:
    """The intents that a query names, or one of whose sentences it stands in."""
    edits = [line.intent for line in working.edits]
    wanted = _named(working, policy, query.lower())
    return [
        Row(
            name,
            own.title,
            own.category,
            own.risk,
            working.counts[name],
            edits.count(name),
            (found.get(name) or [None])[0],
        )
        for name, own in policy.intents.items()
        if name in wanted
    ]


def last_evaluation(session: Session) -> Mapping[str, Any]:
    """How many messages of each intent were understood so, in the build that was judged last."""
    reports = session.scalars(select(Build.report).order_by(Build.id.desc()).limit(JUDGED))
    return next((report["intents"] for report in reports if "intents" in report), {})


def pieces(text: str) -> list[tuple[str, str]]:
    """The text in parts, each with the kind of fact that it is, if it is one."""
    parts, end = [], 0
    for entity in entities(text):
        parts += [(text[end : entity.start], ""), (text[entity.start : entity.end], entity.kind)]
        end = entity.end
    return [part for part in (*parts, (text[end:], "")) if part[0]]


def _named(working: Working, policy: Policy, query: str) -> Sequence[str] | set[str]:
    if not query:
        return tuple(policy.intents)
    titled = {name for name, own in policy.intents.items() if query in f"{name} {own.title}".lower()}
    return titled | {line.intent for line in working.lines if query in line.text.lower()}

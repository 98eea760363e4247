"""The content's tables."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from bot.clock import now
from bot.db import Base
from bot.language import as_said_here, fold, plainly, words
from bot.models import Account, User
from bot.searching import Searched

UNREAD = "told IS NULL"


class Article(Searched, Base):
    """A question and the wordings of its one answer. Only a published article is ever said to a customer.

    What is live stands in its own columns; what somebody works on, in `draft`, which counts its changes as `revision`
    and has `authors`. `passages` are the long page, each for customers or internal; `picture` is the key of what a chat
    shows before its words, `more_pictures` of those after it. `for_staff`: live, but nothing of it is for customers.
    `sent_version` is what a review is about. `state` is empty in rows of before there were any. `review_told` and
    `review_urged` are the dates of review of which its keepers, and then those who approve, were told. `drafted_on` is
    the page on which the draft was written last (`faq.articles.drafting`). `told` is all that customers may read of it,
    in letters and numbers alone; nothing where nobody has read the row so far.
    """

    __tablename__ = "articles"
    SAYS = ("question", "wordings")
    __table_args__ = (
        Index("ix_articles_intent", "intent", "published"),
        Index("ix_articles_state", "state"),
        Index("ix_articles_review_at", "review_at"),
        Index("ix_articles_unread", "id", sqlite_where=text(UNREAD), postgresql_where=text(UNREAD)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(String(60), unique=True)
    question: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(40), default="")
    intent: Mapped[str] = mapped_column(String(60), default="")
    language: Mapped[str] = mapped_column(String(16), default="zh-TW")
    wordings: Mapped[list[str]]
    buttons: Mapped[list[str]] = mapped_column(default=list)
    passages: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    tags: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    tiers: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    picture: Mapped[str] = mapped_column(String(36), default="", server_default="")
    more_pictures: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    video: Mapped[str] = mapped_column(Text, default="", server_default="")
    told: Mapped[str | None] = mapped_column(Text, deferred=True)
    card: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    tree: Mapped[str] = mapped_column(Text, default="", server_default="")
    tree_for: Mapped[str] = mapped_column(String(12), default="", server_default="")
    published: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    for_staff: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    state: Mapped[str] = mapped_column(String(12), default="", server_default="")
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    authors: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    drafted_at: Mapped[datetime | None]
    drafted_by: Mapped[int | None]
    drafted_on: Mapped[str] = mapped_column(String(60), default="", server_default="")
    sent_version: Mapped[int | None]
    owner_id: Mapped[int | None]
    review_at: Mapped[date | None]
    review_told: Mapped[date | None]
    review_urged: Mapped[date | None]
    owner: Mapped[User | None] = relationship(primaryjoin=lambda: foreign(Article.owner_id) == User.id, viewonly=True)
    drafter: Mapped[User | None] = relationship(
        primaryjoin=lambda: foreign(Article.drafted_by) == User.id, viewonly=True
    )

    @property
    def live(self) -> bool:
        """Whether it counts: for customers, or for colleagues alone."""
        return self.published or self.for_staff

    def read(self) -> None:
        """Found also by the plain words for what it says in others."""
        super().read()
        self.words = f"{self.words} {words(plainly(as_said_here(fold(self.question))))}"


class ArticlePicture(Base):
    """A picture of an article; `key` names it in the store and in its address. What has no article is on its way out,
    or not quite here yet."""

    __tablename__ = "article_pictures"
    __table_args__ = (Index("ix_article_pictures_article_id", "article_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"))
    key: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid.uuid4()), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    width: Mapped[int]
    height: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class ArticleVersion(Base):
    """What an article said when it was sent to review or went live, and who had written that; never changed."""

    __tablename__ = "article_versions"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    authors: Mapped[list[Any]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    live_at: Mapped[datetime | None]


class ArticleStep(Base):
    """What somebody did with an article, or said about it (`comment`); nobody where an operator did it.

    `settled_at`: what the comment asked for is done.
    """

    __tablename__ = "article_steps"
    __table_args__ = (Index("ix_article_steps_article_id", "article_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    kind: Mapped[str] = mapped_column(String(12))
    version: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text, default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    settled_at: Mapped[datetime | None]
    user: Mapped[User | None] = relationship()


class Withheld(Base):
    """A sentence that is internal in an article, folded: no message may hold it."""

    __tablename__ = "withheld"
    __table_args__ = (Index("ix_withheld_article_id", "article_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    text: Mapped[str] = mapped_column(Text)


class ArticleVector(Base):
    """What the question of a `version` of an article means: the sentence embedding, as 16-bit numbers."""

    __tablename__ = "article_vectors"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True, autoincrement=False)
    version: Mapped[int]
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(default=now, index=True)


class ArticleVote(Base):
    """Whether a version of an article helped somebody who read it; `visitor` is a digest that nobody can trace back, or
    of who was answered with it in a chat the message that he asked with."""

    __tablename__ = "article_votes"
    __table_args__ = (
        Index("ix_article_votes_article", "article_id", "version"),
        Index("ix_article_votes_voted", "voted_at", "helped"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    version: Mapped[int]
    helped: Mapped[bool]
    visitor: Mapped[str] = mapped_column(String(64), unique=True)
    voted_at: Mapped[datetime] = mapped_column(default=now)


class SolvedCase(Searched, Base):
    """What colleagues learn from a case: what happened, why, what helped, what to mind. `source` is the number of the
    case that it was made of; `shown`: somebody has looked it over, and it stands beside cases like it. `withheld` are
    the sentences of it that no message may hold, folded, one a line; nothing where nobody has read the row so far."""

    __tablename__ = "solved_cases"
    SAYS = ("title", "description", "cause", "solution", "cautions")

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str | None] = mapped_column(String(20), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    category: Mapped[str] = mapped_column(String(40), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    cause: Mapped[str] = mapped_column(Text, default="")
    solution: Mapped[str] = mapped_column(Text, default="")
    cautions: Mapped[str] = mapped_column(Text, default="")
    withheld: Mapped[str | None] = mapped_column(Text, deferred=True)
    shown: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    user: Mapped[User | None] = relationship()


class DepartmentContact(Base):
    """Whom colleagues call in another department; `about` says for what."""

    __tablename__ = "department_contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    category: Mapped[str] = mapped_column(String(40), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    hours: Mapped[str] = mapped_column(String(200), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    user_id: Mapped[int | None]
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    user: Mapped[User | None] = relationship(
        primaryjoin=lambda: foreign(DepartmentContact.user_id) == User.id, viewonly=True
    )


class PolicyDraft(Base):
    """The one draft of the policy that everybody works on: changes over the shipped files, named by `revision`."""

    __tablename__ = "policy_drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    revision: Mapped[int] = mapped_column(default=1)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    user: Mapped[User | None] = relationship()


class PolicyTrial(Base):
    """A draft tried on past messages beside the release that was live, whose policy was the `version`.

    state: waiting → running → done | failed. `done` of `whole` messages are looked at; `beat_at`: its worker lives.
    """

    __tablename__ = "policy_trials"

    id: Mapped[int] = mapped_column(primary_key=True)
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int]
    release_id: Mapped[int | None]
    days: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    whole: Mapped[int] = mapped_column(default=0)
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(default=now)
    beat_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]


class SentenceEdit(Base):
    """What content staff made of a sentence that is learned from: added, moved to `intent`, or, without one, removed.

    The files of the repository are the seed and stay as they are. `key` names the sentence however it is written.
    """

    __tablename__ = "sentence_edits"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    text: Mapped[str] = mapped_column(Text)
    intent: Mapped[str] = mapped_column(String(60), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    edited_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class OwnIntent(Base):
    """An intent that content staff made: what it weighs at first. A release makes it one of the policy's."""

    __tablename__ = "own_intents"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(20), unique=True)
    category: Mapped[str] = mapped_column(String(40))
    risk: Mapped[str] = mapped_column(String(10))
    complexity: Mapped[str] = mapped_column(String(10))
    level: Mapped[str] = mapped_column(String(2))
    team: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def name(self) -> str:
        return f"own_{self.id}"


class Build(Base):
    """The making of a release out of the sentences as they stood when it began; one at a time.

    `sentences` names what it is made of; `beat_at` moves while somebody works on it; `report` is how it was judged.
    """

    __tablename__ = "builds"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    whole: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(200), default="")
    sentences: Mapped[str] = mapped_column(String(64), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    release_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"), index=True)
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asked_at: Mapped[datetime] = mapped_column(default=now)
    beat_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]


class SettledMessage(Base):
    """What content staff made of a message that the bot could not answer, so that nobody is shown it again."""

    __tablename__ = "settled_messages"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    settled_at: Mapped[datetime] = mapped_column(default=now)


class ReplyTemplate(Base):
    """What agents answer with; fields in braces are filled in or asked before it is used.

    serves: empty for agents; `follow` or `return` where the bot greets with it who follows us, or is back after having
    blocked us. Only such a one has `buttons`, whose words are what a tap says.
    """

    __tablename__ = "reply_templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(40), default="")
    title: Mapped[str] = mapped_column(String(60), unique=True)
    text: Mapped[str] = mapped_column(Text)
    serves: Mapped[str] = mapped_column(String(10), default="", server_default="")
    buttons: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    user_id: Mapped[int | None]
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    user: Mapped[User | None] = relationship(
        primaryjoin=lambda: foreign(ReplyTemplate.user_id) == User.id, viewonly=True
    )


class TemplateFile(Base):
    """A file that goes with a reply template; `key` names it in the store. What has no template is on its way out, or
    not quite here yet. `picture`: there is a small one of it to be shown.
    """

    __tablename__ = "template_files"
    __table_args__ = (Index("ix_template_files_template_id", "template_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    template_id: Mapped[int | None] = mapped_column(ForeignKey("reply_templates.id"))
    key: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid.uuid4()), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    picture: Mapped[bool] = mapped_column(default=False)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class MenuDesign(Base):
    """The rich menu that LINE shows while the bot has a conversation (`bot`), or a person (`human`).

    `live` is what customers see, of which `version` counts the changes; `draft`, named by `revision`, what somebody
    works on. Both as `faq.menus.design` reads them.
    """

    __tablename__ = "menu_designs"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(8), unique=True)
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    live: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    revision: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    live_at: Mapped[datetime | None]


class LineMenu(Base):
    """A version of a menu at one LINE account, and what shall be done for it next.

    step: create → draw (its picture) → show (to everybody; the bot's alone) → live → remove → gone; failed where LINE
    never takes it. `menu` is LINE's id; `key` stands in its name there, so that one which was made in a call that broke
    off is found again.
    """

    __tablename__ = "line_menus"
    __table_args__ = (
        UniqueConstraint("account_id", "state", "version"),
        Index("ix_line_menus_step", "step", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    state: Mapped[str] = mapped_column(String(8))
    version: Mapped[int]
    design: Mapped[dict[str, Any]]
    key: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid.uuid4()))
    menu: Mapped[str] = mapped_column(String(80), default="")
    step: Mapped[str] = mapped_column(String(8), default="create")
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(200), default="")
    due_at: Mapped[datetime] = mapped_column(default=now)
    made_at: Mapped[datetime] = mapped_column(default=now)
    account: Mapped[Account] = relationship()


class MenuLink(Base):
    """Which menu of his own a customer shall have at LINE: 0 is none, so he sees everybody's.

    Until LINE was told (`done`), it is to be told at `due_at`.
    """

    __tablename__ = "menu_links"
    __table_args__ = (Index("ix_menu_links_due", "done", "due_at"),)

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), primary_key=True, autoincrement=False)
    wanted: Mapped[int]
    done: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(200), default="")
    due_at: Mapped[datetime] = mapped_column(default=now)


class BotTurn(Base):
    """What became of a message that the bot judged, for its report; read from the journal (`faq.tally`).

    fate: answered (with `article`) | asked (back) | given_up (not understood) | unwritten (nothing is published) | else
    the route by which it went to a person or into a form. `handed`: a person was needed within a day. `cleared`:
    after asking back, whether the next message was understood. `wrong`: corrected or marked by a colleague. `helped`:
    what its customer says of the answer, if he says so. `day` is the shop's; `release_id` 0 where none judged.
    """

    __tablename__ = "bot_turns"
    __table_args__ = (
        Index("ix_bot_turns_totals", "day", "intent", "release_id", "fate", "handed", "cleared", "wrong", "helped"),
        Index("ix_bot_turns_day", "day", "message_id"),
        Index("ix_bot_turns_intent", "intent", "day", "message_id"),
        Index("ix_bot_turns_article", "article", "day", "message_id"),
        Index("ix_bot_turns_conversation", "conversation_id", "message_id"),
    )

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True, autoincrement=False)
    conversation_id: Mapped[int]
    at: Mapped[datetime]
    day: Mapped[date]
    intent: Mapped[str] = mapped_column(String(60))
    release_id: Mapped[int]
    fate: Mapped[str] = mapped_column(String(12), default="")
    handed: Mapped[bool] = mapped_column(default=False)
    cleared: Mapped[bool | None]
    wrong: Mapped[str] = mapped_column(String(12), default="")
    article: Mapped[str] = mapped_column(String(60), default="")
    helped: Mapped[bool | None]


class UnansweredWeek(Base):
    """A week (its Monday) in which it was looked once whether content staff are to be told of what waits for them."""

    __tablename__ = "unanswered_weeks"

    begins: Mapped[date] = mapped_column(primary_key=True)
    looked_at: Mapped[datetime] = mapped_column(default=now)


class TallyCursor(Base):
    """Up to which entry of the journal `bot_turns` tell."""

    __tablename__ = "tally_cursor"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int]

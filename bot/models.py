"""The engine's tables. A row changes only in the named actions of the modules above."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, and_, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from bot.clock import now
from bot.db import Base
from bot.searching import Searched
from bot.tongues import HOUSE


class Account(Base):
    """A channel's account of ours: a LINE official account, a Page, an Instagram account.

    `quota_*` is what the platform told last about this month's pushes, and the highest alarm (in %) that it gave.
    """

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(80), default="")
    push_paused_until: Mapped[datetime | None]
    quota_limit: Mapped[int | None]
    quota_used: Mapped[int | None]
    quota_at: Mapped[datetime | None]
    quota_alarm: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(default=now)


class AccountKeys(Base):
    """The keys of an account that was set up on the page, each sealed; the first account's come from the environment.

    `secret` holds, after a comma, also the one before: LINE may sign with it until ours is changed there.
    """

    __tablename__ = "account_keys"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, autoincrement=False)
    secret: Mapped[str] = mapped_column(Text)
    token: Mapped[str] = mapped_column(Text)
    set_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    set_at: Mapped[datetime] = mapped_column(default=now)
    account: Mapped[Account] = relationship()


class Contact(Searched, Base):
    """A person who writes to us, over all channels."""

    __tablename__ = "contacts"
    SAYS = ("name",)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    language: Mapped[str] = mapped_column(String(16), default="zh-TW")
    tier: Mapped[str] = mapped_column(String(20), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class Identity(Base):
    """A contact as one account knows it. Two people never share a row: (account, user) is unique."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("account_id", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    external_id: Mapped[str] = mapped_column(String(80))
    blocked_at: Mapped[datetime | None]
    present_at: Mapped[datetime | None]
    profile_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    contact: Mapped[Contact] = relationship()
    account: Mapped[Account] = relationship()


class Conversation(Base):
    """The one thread with a source (person, group or room) on an account.

    `owner` is bot or human; whoever sends checks it. `lease_until` and `fence` let one worker take a turn.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("account_id", "source_kind", "source_id"),
        Index("ix_conversations_held", "owner", "last_customer_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    source_kind: Mapped[str] = mapped_column(String(10))
    source_id: Mapped[str] = mapped_column(String(80))
    owner: Mapped[str] = mapped_column(String(10), default="bot", server_default="bot")
    episode: Mapped[int] = mapped_column(default=1, server_default="1")
    standby: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0, server_default="0")
    reply_token: Mapped[str | None] = mapped_column(String(80))
    reply_until: Mapped[datetime | None]
    last_customer_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    contact: Mapped[Contact | None] = relationship()
    account: Mapped[Account] = relationship()
    identity: Mapped[Identity | None] = relationship(
        primaryjoin=lambda: and_(
            foreign(Conversation.account_id) == Identity.account_id,
            foreign(Conversation.source_id) == Identity.external_id,
            Conversation.source_kind == "user",
        ),
        viewonly=True,
    )


class Intake(Base):
    """A form that a customer is being asked, before a person takes his matter over. One at a time a conversation.

    state: asking → handed_over (a person has it, with what was told) | overtaken (a person had the conversation first)
    | dropped (the customer wants it no more). `basis` is what the matter was judged to be, `told` the values by slot,
    `skipped` the slots that the customer passed over, `asked` the one that was asked last, `misses` how often in a row
    that was not answered. At `due_at` a person gets what was told so far.
    """

    __tablename__ = "intakes"
    __table_args__ = (Index("ix_intakes_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    episode: Mapped[int]
    form: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(16))
    basis: Mapped[dict[str, Any]]
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)
    skipped: Mapped[list[str]] = mapped_column(default=list)
    asked: Mapped[str] = mapped_column(String(40), default="")
    misses: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12), default="asking")
    due_at: Mapped[datetime]
    begun_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    conversation: Mapped[Conversation] = relationship()


class IdentityCheck(Base):
    """A one-time code by which a customer proves who he is, before anything is prepared for him.

    state: queued → sending → sent → proved | spent (too many wrong tries, or a newer one) | failed (it could not be
    sent). Of the code only a keyed digest is kept, made in the moment in which it is sent. `known`: we had the address
    already as his; else he named it, and it proves only that it is his.
    """

    __tablename__ = "identity_checks"
    __table_args__ = (Index("ix_identity_checks_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intakes.id"), index=True)
    way: Mapped[str] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(String(254))
    known: Mapped[bool]
    digest: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(12), default="queued")
    tries: Mapped[int] = mapped_column(default=0)
    sends: Mapped[int] = mapped_column(default=0)
    key: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid.uuid4()))
    due_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    intake: Mapped[Intake] = relationship()


class Event(Base):
    """The inbox: a raw event as the platform sent it, stored before anything is done with it.

    state: waiting → done, or set_aside after too many tries. `due_at` is when it may be worked on,
    `wake_at` when the sweeper wakes a worker for it (again). `message_id` is the platform's id of the message
    that it brings, edits or takes back.
    """

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("account_id", "external_id"),
        Index("ix_events_due", "state", "wake_at"),
        Index("ix_events_conversation", "conversation_id", "state"),
        Index("ix_events_message", "conversation_id", "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    external_id: Mapped[str] = mapped_column(String(80))
    message_id: Mapped[str | None] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(40))
    raw: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(default=now)
    received_at: Mapped[datetime] = mapped_column(default=now)
    request_id: Mapped[str] = mapped_column(String(36), default="")
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    due_at: Mapped[datetime] = mapped_column(default=now)
    wake_at: Mapped[datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")


VOTE = "vote"


class Message(Searched, Base):
    """One message as people see it, of customer, bot, agent or system; kind `note` never leaves the house, and a `vote`
    is a tap that says whether an answer helped: nobody has to read it."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("event_id"),
        Index("ix_messages_thread", "conversation_id", "id"),
        Index("ix_messages_external", "conversation_id", "external_id"),
    )
    SAYS = ("text",)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    episode: Mapped[int] = mapped_column(default=1)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"))
    external_id: Mapped[str | None] = mapped_column(String(80))
    author: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(12), default="text")
    text: Mapped[str] = mapped_column(Text, default="")
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    occurred_at: Mapped[datetime] = mapped_column(default=now)
    created_at: Mapped[datetime] = mapped_column(default=now)
    unsent_at: Mapped[datetime | None]
    outbox: Mapped["OutboxRow | None"] = relationship(back_populates="message", uselist=False)
    user: Mapped["User | None"] = relationship()
    attachment: Mapped["Attachment | None"] = relationship(back_populates="message", uselist=False)


class Attachment(Base):
    """A file of a message: a customer's, fetched from the platform, or one that a colleague (`user_id`) sends.

    state: queued → fetching → stored | preparing (the platform is not ready) | refused (we do not keep such a file) |
    failed (given up; a person may have it tried again). What is taken back is removing, then removed. `key` names it
    in the store, from the beginning: a second try writes to the same place. `due_at` is when it may be worked on, or
    when its worker counts as dead; `wake_at` when the ticker wakes one. `type` is what its bytes say, `shown` how
    pages show it (image, video, audio, file or unknown), `reason` why there is nothing to show. `address` is where
    it lies for a while, on platforms that tell.
    """

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_due", "state", "wake_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    external_id: Mapped[str | None] = mapped_column(String(80))
    address: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(200), default="")
    key: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid.uuid4()), unique=True)
    state: Mapped[str] = mapped_column(String(12), default="queued")
    reason: Mapped[str] = mapped_column(String(20), default="")
    type: Mapped[str] = mapped_column(String(100), default="")
    shown: Mapped[str] = mapped_column(String(12), default="")
    size: Mapped[int] = mapped_column(default=0)
    width: Mapped[int | None]
    height: Mapped[int | None]
    thumbnail: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    wake_at: Mapped[datetime] = mapped_column(default=now)
    created_at: Mapped[datetime] = mapped_column(default=now)
    message: Mapped[Message | None] = relationship(back_populates="attachment")
    conversation: Mapped[Conversation] = relationship()


AWAITED = "echo_by IS NOT NULL"


class OutboxRow(Base):
    """What must still be said. The row is written before the call, its outcome after.

    state: queued → sending → sent | queued again | unknown (may have gone out; a person settles it) |
    failed (refused for good) | cancelled (a person took over first). `batch` groups the rows of one call;
    its value is that call's retry key. `unsure`: an earlier try may have gone out. `alone`: it was refused in
    company. `keyed_at`: when its key was tried first; `resent_at`: when a person had it sent again. `echo_by`: until
    when we wait for its echo, where only that can tell what became of it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "state", "wake_at"),
        Index("ix_outbox_conversation", "conversation_id", "state"),
        Index("ix_outbox_echo", "echo_by", sqlite_where=text(AWAITED), postgresql_where=text(AWAITED)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), unique=True)
    speaker: Mapped[str] = mapped_column(String(10))
    sender_name: Mapped[str] = mapped_column(String(40), default="")
    body: Mapped[dict[str, Any]]
    key: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid.uuid4()), unique=True)
    batch: Mapped[str | None] = mapped_column(String(36))
    reply_token: Mapped[str | None] = mapped_column(String(80))
    reply_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(12), default="queued")
    via: Mapped[str] = mapped_column(String(10), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    unsure: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    alone: Mapped[bool] = mapped_column(default=False, server_default="0")
    keyed_at: Mapped[datetime | None]
    resent_at: Mapped[datetime | None]
    echo_by: Mapped[datetime | None]
    due_at: Mapped[datetime] = mapped_column(default=now)
    wake_at: Mapped[datetime] = mapped_column(default=now)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]
    message: Mapped[Message] = relationship(back_populates="outbox")


VIOLATED = "kind = 'invariant.violated'"


class JournalEntry(Base):
    """What happened, append-only, written in the transaction of what it tells. Cursor of the event stream."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_conversation", "conversation_id", "id"),
        Index("ix_journal_violated", "at", sqlite_where=text(VIOLATED), postgresql_where=text(VIOLATED)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    kind: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


class User(Base):
    """A member of staff; what roles there are, and what they may, says `bot.auth.permissions`.

    Until `one_time_until` the password is a one-time password, which must be changed. `provider_name` is what the
    OpenID Connect provider calls them. `language` is what letters and pushes to them are written in.
    """

    __tablename__ = "users"
    __table_args__ = (Index("uq_users_provider_name", "provider_name", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    locked_until: Mapped[datetime | None]
    one_time_until: Mapped[datetime | None]
    provider_name: Mapped[str | None] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(10), default=HOUSE, server_default=HOUSE)
    session_key: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid.uuid4()))
    created_at: Mapped[datetime] = mapped_column(default=now)


class SignIn(Base):
    """A browser in which somebody is signed in, until `ended_at`. Its key is in that browser's cookie."""

    __tablename__ = "sign_ins"

    key: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid.uuid4()))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    address: Mapped[str] = mapped_column(String(45), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")
    way: Mapped[str] = mapped_column(String(10), default="password", server_default="password")
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]


class SecondStep(Base):
    """The app that makes somebody's codes; `last_step` is the half minute of the last code that was taken."""

    __tablename__ = "second_steps"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    secret: Mapped[str] = mapped_column(String(300))
    last_step: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class RecoveryCode(Base):
    """The digest of a code that stands in for a lost phone, once."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]


class WrongPassword(Base):
    """How often in a row a name was tried in vain from an address, known or not; `key` is a digest of both."""

    __tablename__ = "wrong_passwords"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(default=now)
    blocked_until: Mapped[datetime | None]


class Release(Base):
    """What the bot understands and decides by: what was learned, and the policy. `pointer.active` tells the live one.

    `digest` names both, `learned` what was learned alone. The artefact lies in `<data>/releases/<id>/`, of this id, or
    of `model_id` where it is another's. Content staff's have a `base`: the `learned` of the shipped release that was
    the ground; those of the files themselves have been `shipped_at` a time.
    """

    __tablename__ = "releases"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    activated_at: Mapped[datetime | None]
    metrics: Mapped[dict[str, Any]] = mapped_column(default=dict)
    base: Mapped[str | None] = mapped_column(String(64))
    learned: Mapped[str] = mapped_column(String(64), default="", server_default="")
    policy_id: Mapped[int | None]
    model_id: Mapped[int | None]
    shipped_at: Mapped[datetime | None]


class PolicyVersion(Base):
    """What content staff changed of the shipped policy and lexicons, by field; none is changed afterwards.

    That of the live release counts.
    """

    __tablename__ = "policy_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(String(200), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    user: Mapped[User | None] = relationship()


class RasaModel(Base):
    """What a Rasa server has learned, and the file in which it keeps that: to serve it again it only loads the file.

    `server` is `RasaServer.name`, so a server may be named elsewhere in RASA_URL, and with other credentials.
    `refused_at` is when it had just learned this and did not take it up.
    """

    __tablename__ = "rasa_models"

    server: Mapped[str] = mapped_column(String(64), primary_key=True)
    learned: Mapped[str] = mapped_column(String(64), primary_key=True)
    file: Mapped[str] = mapped_column(String(255))
    learned_at: Mapped[datetime] = mapped_column(default=now)
    refused_at: Mapped[datetime | None]


class RefusedRequest(Base):
    """A webhook call that we could not take as events (too large, not JSON): kept so that staff can see it."""

    __tablename__ = "refused_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    head: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    request_id: Mapped[str] = mapped_column(String(36), default="")
    received_at: Mapped[datetime] = mapped_column(default=now)


class ApiToken(Base):
    """A program's key to the API, as a digest; the program acts as a user of its own, within the scopes given.

    `made_by`: who made it on the page; nobody where that was done at the terminal.
    """

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    scopes: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    made_by: Mapped[int | None]
    expires_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()


class ApiRequest(Base):
    """A write of a program under its idempotency key: a digest of what was asked, and what was answered."""

    __tablename__ = "api_requests"
    __table_args__ = (UniqueConstraint("token_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("api_tokens.id"))
    key: Mapped[str] = mapped_column(String(80))
    request: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)

"""What the engine needs from the outside, as protocols; `webhook_app` plugs the implementations in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, Any, Literal, Protocol

from sqlalchemy.orm import Session

from bot.language import Entity as Entity
from bot.messages import Inbound, Outbound, Speaker


@dataclass(frozen=True)
class Understanding:
    """What a text means. `confidence` is calibrated (0–1); `ranking` holds (intent, confidence), best first.

    `rule` names the phrase rule that decided, if one did; `engine` and `release` say who judged. `blind`: no
    engine could, and no phrase decided; so nothing is known of the text.
    """

    text: str
    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[Entity, ...] = ()
    language: str = "zh-TW"
    rule: str = ""
    engine: str = ""
    release: str = ""
    accept: float = 0.5
    margin: float = 0.1
    blind: bool = False

    @property
    def sure(self) -> bool:
        """Confident enough to act: over the release's threshold and clear of the runner-up."""
        second = self.ranking[1][1] if len(self.ranking) > 1 else 0.0
        return bool(self.rule) or (self.confidence >= self.accept and self.confidence - second >= self.margin)


class Nlu(Protocol):
    """Turns texts into understandings, in order, one each; never raises for any text.

    `ready` tells, cheaply and without loading a model, whether understanding would work; `trouble`, what is wrong
    with an engine for which another one stands in, empty if nothing is.
    """

    name: str

    def ready(self) -> bool: ...

    def trouble(self) -> str: ...

    def parse(self, texts: Sequence[str]) -> list[Understanding]: ...


@dataclass(frozen=True)
class Query:
    """A question to the content: the text, its intent, whose it is. `seed` picks among wordings.

    `facts` are what the customer told, by the names that an answer may call them; `case` tells the number of his open
    case, and is asked only where an answer names it.
    """

    text: str
    intent: str
    name: str = ""
    language: str = "zh-TW"
    seed: int = 0
    tier: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    case: Callable[[], str] = str


@dataclass(frozen=True)
class Answer:
    """A published answer, ready to send; `source` is the article's external id, `version` its version.

    `pictures` go before the words. Where the words ask for a choice in the article's scenario tree, `path` says
    which were made so far.
    """

    message: Outbound
    source: str
    version: int
    pictures: tuple[Outbound, ...] = ()
    path: tuple[int, ...] | None = None


class Answers(Protocol):
    """The published content."""

    def find(self, session: Session, query: Query) -> Answer | None: ...

    def go_on(self, session: Session, source: str, path: Sequence[int], query: Query) -> Answer | None:
        """What follows in a scenario tree where the query's text is one of the options; else None."""
        ...


@dataclass(frozen=True)
class Matter:
    """What a case is about, or what somebody looks for: words, and of a case its intent and whose it is. `case` is the
    number of the one that is at hand, `order` that of the order it is about, where one is known."""

    text: str
    intent: str = ""
    tier: str = ""
    name: str = ""
    language: str = "zh-TW"
    case: str = ""
    order: str = ""


@dataclass(frozen=True)
class Hint:
    """What is live and may help; `text` may go to the customer as it is, and is empty where nothing may; `internal` is
    for colleagues' eyes only. `why` says what it has in common with the matter: its intent, the customer's tier, its
    meaning, or words, of which `shared` are the most telling. `walks`: it has a scenario tree."""

    source: str
    question: str
    text: str
    why: tuple[str, ...]
    shared: tuple[str, ...] = ()
    internal: tuple[str, ...] = ()
    walks: bool = False


@dataclass(frozen=True)
class Walked:
    """Where somebody stands in a scenario tree: the questions so far with what was answered, and the next one with its
    options; or the verdict (yes, no or depends) with its advice, which `for_customers` may go to the customer."""

    answered: tuple[tuple[str, str], ...]
    asks: str = ""
    options: tuple[str, ...] = ()
    verdict: str = ""
    advice: str = ""
    for_customers: bool = False


@dataclass(frozen=True)
class Lesson:
    """What colleagues learn from a solved case."""

    title: str
    category: str = ""
    description: str = ""
    cause: str = ""
    solution: str = ""
    cautions: str = ""


@dataclass(frozen=True)
class Contact:
    """Whom colleagues call in another department, and for what."""

    name: str
    phone: str = ""
    email: str = ""
    hours: str = ""
    about: str = ""


class Knowledge(Protocol):
    """What is live, as help for people who answer by hand."""

    def recommend(self, session: Session, matter: Matter, limit: int) -> list[Hint]:
        """What helps with this matter, the best first."""
        ...

    def walk(self, session: Session, source: str, path: Sequence[int], matter: Matter) -> Walked | None:
        """Where these choices lead in an article's tree, told of this matter; None where it has none (any more)."""
        ...

    def lessons(self, session: Session, matter: Matter, limit: int) -> list[Lesson]:
        """Solved cases like this matter, the most alike first."""
        ...

    def contacts(self, session: Session, query: str, category: str, limit: int) -> list[Contact]:
        """Whom one calls: those that fit what was looked for; where that is nothing, those of a category."""
        ...

    def propose(self, session: Session, lesson: Lesson, source: str, name: str, by: int) -> bool:
        """Keep a lesson of the case of this number, without its customer (`name`), for those who keep the library;
        False where one was kept."""
        ...


class Withheld(Protocol):
    """What colleagues may read and customers may not."""

    def within(self, session: Session, texts: Iterable[str]) -> bool:
        """Whether one of these texts holds something of it."""
        ...


@dataclass(frozen=True)
class Template:
    """What an agent may answer with; its text has fields as `bot.language.fields` knows them.

    `file` is the name of what goes with it, `picture` where colleagues see that, if it can be seen.
    """

    id: int
    category: str
    title: str
    text: str
    file: str = ""
    picture: str = ""


class Templates(Protocol):
    """The templates of replies."""

    def find(self, session: Session, query: str, category: str, limit: int) -> list[Template]:
        """Those that fit what was typed, which may be nothing; the best fit for this category first."""
        ...

    def enclosure(self, session: Session, template_id: int) -> tuple[str, IO[bytes]]:
        """The name of the file that goes with a template, and the file; Refused where there is none."""
        ...

    def greeting(self, session: Session, name: str, *, again: bool) -> Outbound | None:
        """What content staff wrote for who follows us, or does so `again`; None where they wrote nothing."""
        ...


@dataclass(frozen=True)
class Handoff:
    """Why a conversation goes to a person, with everything that is already known."""

    conversation_id: int
    reason: str
    reasons: tuple[str, ...]
    intent: str
    category: str
    level: str
    priority: str
    team: str
    route: str
    summary: str
    facts: dict[str, Any] = field(default_factory=dict)
    confidence: float | None = None
    risk: str = ""
    language: str = "zh-TW"


@dataclass(frozen=True)
class Learned:
    """What a message in human hands tells: its facts and language, and how urgent it is by itself (L1, L2 or L3)."""

    level: str
    facts: dict[str, Any] = field(default_factory=dict)
    language: str = "zh-TW"


@dataclass(frozen=True)
class CaseRef:
    """A case as the customer may know it; `promise` is the honest sentence about when somebody answers.

    `opened`: this very call opened it, or took it up again.
    """

    ticket_id: int
    number: str
    promise: str
    opened: bool
    due_at: datetime | None = None


ChangeKind = Literal["address", "recipient", "phone", "cancel"]


@dataclass(frozen=True)
class OrderChange:
    """What is to be changed of an order: where it goes, to whom, or under which phone, to `value`; or it is cancelled,
    and `value` is why."""

    number: str
    kind: ChangeKind
    value: str = ""


@dataclass(frozen=True)
class Proposal:
    """What the bot prepared for a customer of a case, and nobody hears before people have approved it.

    `text` is what he will read, `changes` what is to be changed, by fact; `proof` tells staff how he proved who he is.
    `order`: a change that the shop's order system may be able to make, once they have.
    """

    ticket_id: int
    kind: Literal["answer", "change"]
    text: str
    changes: Mapping[str, Any]
    proof: str
    approvals: int = 1
    order: OrderChange | None = None


@dataclass(frozen=True)
class Campaign:
    """A campaign while it runs: what customers write or tap to take part. A broadcast's are answers to a push."""

    id: int
    kind: Literal["broadcast", "campaign"]
    keywords: tuple[str, ...] = ()
    postback: str = ""


class Campaigns(Protocol):
    """Marketing's campaigns."""

    def running(self) -> Sequence[Campaign]:
        """Those that run now. Never raises: without them, everything is an ordinary message."""
        ...

    def wrote_to(self, conversation_id: int) -> int | None:
        """The campaign that wrote to this customer lately, if one did."""
        ...

    def enter(
        self,
        session: Session,
        conversation_id: int,
        message_ids: Sequence[int],
        traffic: str,
        campaign_id: int | None,
    ) -> None:
        """Keep messages for marketing, once each; of no campaign where none is known."""
        ...

    def thanks(self, session: Session, conversation_id: int, campaign_id: int) -> str:
        """What to thank this customer with, who was not thanked yet; empty for who was. Joins the transaction."""
        ...


class HumanDesk(Protocol):
    """The desk, as the engine sees it. Every call joins the caller's transaction."""

    def open(self, session: Session, handoff: Handoff) -> CaseRef:
        """Open the case of this conversation's episode, or return the one that is open already, with new facts."""
        ...

    def customer_wrote(
        self, session: Session, conversation_id: int, message_id: int, learned: Learned | None = None
    ) -> CaseRef | None:
        """A customer's message in human hands: it lands on the open case, or reopens a fresh one; else None.

        What is `learned` from it is kept on the case; it can make the case more urgent, never less.
        """
        ...

    def join(self, session: Session, conversation_id: int, message_id: int, learned: Learned | None = None) -> bool:
        """Take a message that quotes a case's number, or answers what the desk asked; the desk says what is to be said.

        False: it does neither. Nobody hears a word of a case that is not his.
        """
        ...

    def case_number(self, session: Session, conversation_id: int) -> str:
        """The number of the open case of who writes in this conversation; empty where he has none."""
        ...

    def delivery_failed(self, session: Session, outbox_id: int) -> None:
        """A message was refused for good, or its outcome is unknown: whoever owns the conversation learns of it."""
        ...

    def blocked(self, session: Session, conversation_id: int) -> None:
        """The customer blocked our account: his cases wait where nothing else reaches him."""
        ...

    def came_back(self, session: Session, conversation_id: int, *, unblocked: bool) -> CaseRef | None:
        """He follows us; the live case of the conversation, which goes on (`opened`) where it waited for just that."""
        ...

    def presence(self, session: Session, language: str) -> str:
        """When people are there today, and whether they are now; else from when on they answer."""
        ...

    def taken_back(self, session: Session, conversation_id: int, text: str, facts: Mapping[str, Any]) -> None:
        """A customer took these words back: the desk forgets them too, and the facts that were read from them."""
        ...

    def file_refused(self, session: Session, message_id: int) -> None:
        """A customer's file cannot be kept, which shows only after it was thanked for: he hears so."""
        ...

    def addresses(self, session: Session, contact_id: int) -> Sequence[tuple[str, str]]:
        """What this person proved to be his: (email or phone, address)."""
        ...

    def propose(self, session: Session, proposal: Proposal) -> int:
        """Have people decide about what was prepared; its id."""

    def staff_wrote(self, session: Session, conversation_id: int, message_id: int, learned: Learned | None) -> None:
        """A colleague answered past the console, in the platform's own inbox: the bot is silent from now on.

        `learned`: what the customer's words before it told, where the bot has read them.
        """
        ...

    def staff_changed(self, session: Session, user_id: int, by: int | None) -> None:
        """A member of staff has another role, or left; `by` whom. Nobody keeps cases that are not his to have."""
        ...

    def phones(self, session: Session, contact_id: int) -> Sequence[str]:
        """The telephone numbers that this person proved to be his, in digits."""
        ...


OrderState = Literal[
    "unpaid", "gathering", "preparing", "shipped", "at_store", "delivered", "returned", "cancelled", "unclear"
]
"""Where an order is. gathering: the group is not full yet; unclear: the shop's own word for it is none of ours."""
CHANGEABLE: frozenset[OrderState] = frozenset({"unpaid", "gathering", "preparing"})
"""Where an order is that can be sent elsewhere, or need not be sent."""
PaymentState = Literal["", "unpaid", "paid", "on_delivery", "failed", "refunded"]


@dataclass(frozen=True)
class OrderItem:
    """Goods of an order."""

    title: str
    count: int = 1


@dataclass(frozen=True)
class Shipment:
    """A parcel. `carrier` is what the shop calls who brings it; `url` the shop's own link to where it is."""

    carrier: str = ""
    tracking: str = ""
    url: str = ""


@dataclass(frozen=True)
class Order:
    """An order as the shop's system knows it. `line_user` and `phone` (in digits) say whose it is.

    `recipient` and `address`, where the system tells them, are for colleagues' eyes.
    """

    number: str
    state: OrderState
    placed_on: date | None = None
    due_on: date | None = None
    items: tuple[OrderItem, ...] = ()
    payment: PaymentState = ""
    total: str = ""
    shipments: tuple[Shipment, ...] = ()
    line_user: str = ""
    phone: str = ""
    recipient: str = ""
    address: str = ""


@dataclass(frozen=True)
class Owner:
    """Somebody who has orders: his ids at LINE, and the phones that he proved to be his."""

    line_users: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


class Orders(Protocol):
    """The shop's order system. `OrdersAway` where it does not answer, or not so that we understand it.

    Never called within a transaction of ours.
    """

    @property
    def name(self) -> str: ...

    def ready(self) -> bool:
        """Whether there is anything to be asked: else nobody is sent to look for a number in vain."""
        ...

    def by_number(self, number: str) -> Order | None:
        """The order of this number, whoever's it is, in whatever way it is written."""
        ...

    def of(self, owner: Owner, limit: int) -> list[Order]:
        """The newest orders that are linked with him, newest first."""
        ...

    @property
    def changes(self) -> frozenset[ChangeKind]:
        """What can be changed from here. All else a person changes by hand, in the shop's own system."""
        ...

    def change(self, wanted: OrderChange) -> None:
        """Make a change. OrdersAway: it was not made, or making it again does no harm; ChangeRefused: the shop does
        not make it; ChangeUnderWay: it cancels by and by, and `by_number` tells when; ChangeUnclear: it may have been
        made."""
        ...


@dataclass(frozen=True)
class Recipient:
    """Where a call of a channel goes: the account's external id, the kind and id of the source."""

    account: str
    kind: str
    id: str


@dataclass(frozen=True)
class Spoken:
    """A message and who says it: what waited together goes together, whoever wrote it."""

    message: Outbound
    speaker: Speaker
    sender_name: str


@dataclass(frozen=True)
class Parcel:
    """One call to a platform: up to `Channel.pack` messages. `key` is its retry key (UUID).

    `heard_at` is when the customer wrote last.
    """

    recipient: Recipient
    messages: tuple[Spoken, ...]
    key: str
    reply_token: str | None = None
    heard_at: datetime | None = None


@dataclass(frozen=True)
class Quota:
    """What the platform lets us push in a month (None: as much as we like), and what is used of it."""

    limit: int | None
    used: int


@dataclass(frozen=True)
class Profile:
    """What the platform tells of a person; empty strings where it does not."""

    name: str = ""
    language: str = ""


@dataclass(frozen=True)
class Checkup:
    """What a platform says of an account of ours: who it is, where it sends its webhooks, whether they arrive there.

    `webhook` is empty where the platform does not tell; `arrives` is None where it was not tried, `why` why it failed.
    """

    external_id: str
    name: str
    handle: str
    webhook: str = ""
    active: bool = False
    arrives: bool | None = None
    why: str = ""


Batches = list[tuple[str, list[dict[str, Any]]]]
"""The raw events of a webhook by the account of ours that they are for."""


class Channel(Protocol):
    """A platform we speak on, with all our accounts there.

    `verify` judges the signature over the raw bytes; `split` gives the accounts and the raw events of a parsed
    body (ValueError where it is no webhook of this channel's); `event_id` is the platform's id of an event, which
    repeats share.
    `profile` is None where the platform can't be asked now. `repeatable`: a push under the same key arrives once,
    however often it is sent.
    `send` returns the platform's message ids, or raises a `SendError`: TemporarySendError (surely not sent),
    UnknownOutcome, ReplyTokenRefused, QuotaReached, PermanentSendError.
    """

    @property
    def name(self) -> str: ...

    @property
    def pack(self) -> int: ...

    @property
    def repeatable(self) -> bool: ...

    def verify(self, body: bytes, headers: Mapping[str, str]) -> bool: ...

    def split(self, body: Any) -> Batches: ...

    def event_id(self, raw: dict[str, Any]) -> str | None: ...

    def normalise(self, raw: dict[str, Any]) -> Inbound: ...

    def send(self, parcel: Parcel) -> list[str]: ...

    def answers(self, account: str) -> bool:
        """Whether the platform takes calls now, as far as can be told within three seconds.

        Asked after a call that it did not take, before one that cannot be made twice.
        """
        ...

    def show_loading(self, recipient: Recipient, seconds: int) -> None: ...

    def profile(self, recipient: Recipient) -> Profile | None: ...

    def content(self, account: str, file: str, into: IO[bytes], limit: int) -> bool:
        """Write a file that was sent to an account of ours `into`; False: the platform is still preparing it.

        `file` is the id of the message that brought it, or where it lies on platforms that tell.

        FileAway: not now. FileGone: never again. FileTooLarge: it has more than `limit` bytes.
        """
        ...

    def quota(self, account: str) -> Quota | None:
        """The account's pushes of this month; None where the platform knows none, or does not tell now."""
        ...

    def trouble(self) -> str | None:
        """What is wrong with our accounts there, empty if nothing; None where there are none. Nobody is asked."""
        ...

    def identify(self, token: str, secret: str) -> Checkup:
        """Whose keys these are (empty: the first account's); SendError where they are not taken, or nobody answers."""
        ...

    def check_up(self, account: str) -> Checkup:
        """An account of ours (empty: the first) as the platform sees it; SendError likewise."""
        ...


class Audiences(Protocol):
    """Named sets of users at a platform, for its own pushes to leave out. Each call may raise a `SendError`."""

    def create(self, account: str, name: str, users: Sequence[str]) -> int:
        """A new one of these users; its id."""
        ...

    def find(self, account: str, name: str) -> int | None:
        """The one of this very name, if there is one."""
        ...

    def add(self, account: str, audience: int, users: Sequence[str]) -> None:
        """Who is in it already stays in it."""
        ...

    def delete(self, account: str, audience: int) -> None:
        """One that is gone already is no failure."""
        ...


@dataclass(frozen=True)
class MenuArea:
    """A part of a menu that can be tapped: `value` is the text that it says, the data it brings, or where it leads."""

    x: int
    y: int
    width: int
    height: int
    kind: Literal["text", "postback", "link"]
    label: str
    value: str


@dataclass(frozen=True)
class Menu:
    """A picture with areas under a chat. `name` is for us, `bar` what customers tap to open it where it is closed."""

    name: str
    bar: str
    width: int
    height: int
    areas: tuple[MenuArea, ...]
    opened: bool = True


class Menus(Protocol):
    """The menus of our accounts at a platform, each named by its id there. Each call may raise a `SendError`."""

    def create(self, account: str, menu: Menu) -> str:
        """A new one, without its picture; its id."""
        ...

    def find(self, account: str, name: str) -> str | None:
        """The one of this very name, if there is one."""
        ...

    def draw(self, account: str, menu: str, picture: bytes, mime: str) -> None:
        """Its picture; a second time is no failure."""
        ...

    def show(self, account: str, menu: str) -> None:
        """To everybody who has none of his own."""
        ...

    def link(self, account: str, menu: str, user: str) -> None:
        """To one user, in place of the one for everybody."""
        ...

    def unlink(self, account: str, user: str) -> None:
        """He has the one for everybody again."""
        ...

    def delete(self, account: str, menu: str) -> None:
        """One that is gone already is no failure."""
        ...


class MenuLabels(Protocol):
    """What content staff wrote on the parts of the menus that they drew."""

    def of(self, session: Session, account_id: int) -> Mapping[str, str]:
        """By what the parts bring or say; nothing where an account has no menus."""
        ...


@dataclass(frozen=True)
class Wiring:
    """The implementations that `webhook_app` chose."""

    nlu: Nlu
    answers: Answers
    templates: Templates
    knowledge: Knowledge
    withheld: Withheld
    desk: HumanDesk
    orders: Orders
    campaigns: Campaigns
    audiences: Audiences
    menus: Menus
    labels: MenuLabels
    channels: dict[str, Channel]

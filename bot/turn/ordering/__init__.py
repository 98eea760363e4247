"""Where is my order? The shop's system is asked when a turn is about an order, and only its owner hears the answer.

Asked between the turn's transactions (`begin`, `look_up`), kept within the second (`keep`). What cannot be answered
becomes a person's: the request's decision is changed, and says why, so it is journalled and handed over like any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import structlog
from sqlalchemy.orm import Session

from bot import db, journal
from bot.abreast import within
from bot.clock import now
from bot.dialogue import DEFAULT_LANGUAGE, order_words
from bot.errors import OrdersAway
from bot.language import is_question
from bot.messages import Outbound
from bot.models import Conversation, Intake, Message
from bot.nlu.forms import forms
from bot.nlu.verdict import Judgement, Request
from bot.orders import proofs
from bot.orders.numbers import key
from bot.orders.telling import Words, choice, facts_of, told
from bot.ports import Answer, Order, Owner
from bot.services import Services
from bot.turn import remembering
from bot.turn.ordering.hearing import SHORT, Heard, are_digits, hear, is_general
from bot.turn.ordering.inquiry import Finding, Question, inquire, only, prove

CATEGORY = INTENT = "order_status"
TOLD = "order_number"  # the rule by which a number, or digits that we asked for, mean that order
ASKED_ABOUT = ("order_status", "store_pickup_status")  # worth asking for a number
ASKS = {"none": "number", "digits": "digits", "wrong": "digits"}  # what we ask for, by what was found
PROOF = "identity"  # what a form asks for that wants to know who he is
PATIENCE = 5.0  # seconds: a customer waits
AWAY, UNPROVED = "orders_away", "order_unproved"
REASONS = {AWAY: "訂單系統沒有回應，由專人查詢", UNPROVED: "訂單編號與電話末三碼多次核對不符，由專人確認身分"}

log = structlog.get_logger()


@dataclass(frozen=True)
class Looked:
    """What came of asking: the judgement as it is by now, the answer to its request at `place`, and what to keep.

    `asks`: the shop's system has still to be asked. `proves`: number and digits are to prove who he is, and are no
    question. `provable`: that can be done here. `facts` are for whoever takes the case. `changes`: the order that a
    form is to change, and `unproved`: one that nobody knows to be his.
    """

    judgement: Judgement | None = None
    place: int = -1
    answer: Answer | None = None
    finding: Finding | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    asks: bool = False
    proves: bool = False
    provable: bool = False
    changes: str = ""
    unproved: str = ""


def begin(current: Services, conversation: Conversation, judged: Judgement | None) -> Looked:
    """Whether the shop's system is to be asked in this turn, and about what. No transaction may be open."""
    if judged is None or conversation.owner != "bot" or conversation.standby or conversation.source_kind != "user":
        return Looked(judged)
    form = _form(current, conversation)
    asked = (form.asked or "?") if form is not None else ""
    who_matters = asked != "" or any(one.decision.route == "review" for one in judged.requests)
    provable = who_matters and takes_numbers(current)
    if asked == PROOF and provable and _gives_proof(conversation, judged.whole.text):
        return Looked(judged, asks=True, proves=True, provable=True)
    fits = _asks_beside if asked else partial(_about_an_order, named=_named(conversation))
    place = next((at for at, one in enumerate(judged.requests) if fits(one)), None)
    if place is not None:
        return Looked(judged, place, asks=True, provable=provable)
    changes = _changes(form, judged.whole.text) if form is not None and provable else ""
    return Looked(judged, asks=bool(changes), provable=provable, changes=changes)


def look_up(current: Services, those: Sequence[tuple[Conversation, Looked]]) -> list[Looked | Exception]:
    """Ask for all of them at the same time. Who has no answer within `PATIENCE` gets a person, as if it were away."""
    told = within(PATIENCE, lambda one: _asked(current, *one), those)
    late = OrdersAway(f"no answer within {PATIENCE:g} s")
    return [_away(current, looked, late) if one is None else one for one, (_, looked) in zip(told, those, strict=True)]


def _asked(current: Services, conversation: Conversation, looked: Looked) -> Looked | Exception:
    try:
        if looked.proves:
            return _proved(current, conversation, looked)
        assert looked.judgement is not None
        bare = replace(looked, place=-1, asks=False)
        if not current.wiring.orders.ready():
            return bare
        if looked.changes:
            found = _whose(current, conversation, looked.judgement, looked.judgement.whole.text, looked.changes)
        else:
            found = _looked(current, conversation, looked.judgement, looked.place) or bare
        return replace(found, provable=looked.provable, changes=looked.changes)
    except OrdersAway as away:
        return _away(current, looked, away)
    except Exception as error:  # it is this conversation's, and no other's
        return error


def _away(current: Services, looked: Looked, why: OrdersAway) -> Looked:
    """The shop's system does not answer: a person does, where the bot would have."""
    log.warning("orders.away", system=current.wiring.orders.name, reason=str(why))
    judged = looked.judgement
    if judged is None or looked.proves:
        return replace(looked, asks=False, finding=Finding("away"))
    if looked.changes:
        return replace(looked, asks=False)
    answers = judged.requests[looked.place].decision.route == "auto"
    return Looked(_for_a_person(judged, looked.place, AWAY) if answers else judged)


def keep(session: Session, conversation: Conversation, message: Message, looked: Looked) -> None:
    """Remember, in the turn's transaction, what was asked back, tried and proved."""
    finding, at = looked.finding, now()
    if finding is None:
        return
    if finding.right is not None:
        proofs.keep(session, conversation.id, key(finding.number), good=finding.right)
    asked = ASKS.get(finding.result, "")
    remembering.ask_about_order(conversation, asked, finding.number if asked else "", at)
    journal.write(session, "turn.order", conversation_id=conversation.id, message_id=message.id, result=finding.result)


def heard(conversation: Conversation, text: str) -> Heard:
    """What a short text tells of an order, after what we asked last; a long one says more than that."""
    return hear(text, remembering.order_asked(conversation, now())[0]) if len(text) <= SHORT else Heard()


def awaited(conversation: Conversation, text: str) -> bool:
    """Whether these are the digits that we asked for a moment ago, whatever else is being asked."""
    return remembering.order_asked(conversation, now())[0] == "digits" and are_digits(text)


def takes_numbers(current: Services) -> bool:
    """Whether a number by itself is worth looking up. A system that is away is asked again where it matters."""
    try:
        return current.wiring.orders.ready()
    except OrdersAway:
        return True


def _about_an_order(one: Request, named: bool = False) -> bool:
    """Whether it is about one order of the customer's, or whoever takes it over will look for that order first.

    `named`: he told lately which.
    """
    if not one.assessment.trusted or is_general(one.text):
        return False
    if one.decision.route == "auto":
        return one.decision.category == CATEGORY
    known = named or bool(hear(one.text).number)
    return one.decision.category == CATEGORY or ("order_number" in one.assessment.needs and known)


def _named(conversation: Conversation) -> bool:
    return bool(remembering.facts(conversation, now()).get(TOLD))


def _form(current: Services, conversation: Conversation) -> Intake | None:
    """The form that is being asked just now."""
    number = remembering.asking(conversation)
    if number is None:
        return None
    with db.reading(current.sessions) as session:
        return session.get(Intake, number)


def _changes(row: Intake, text: str) -> str:
    """The order that this form is to change, as far as it was named, until it is known to be his."""
    form = forms().forms.get(row.form)
    if form is None or form.prepares != "order":
        return ""
    told = (str(row.told[slot.name]) for slot in form.slots if slot.kind == TOLD and slot.name in row.told)
    number = hear(text).number or next(told, "")
    found = str((row.basis.get("found") or {}).get(TOLD, ""))
    return "" if key(number) == key(found) else number


def _asks_beside(one: Request) -> bool:
    """Whether somebody who fills a form asks where an order is; a mere number is an answer to the form."""
    asks = is_question(one.text) or one.understanding.rule == TOLD or one.text.startswith("查")
    return one.decision.route == "auto" and asks and _about_an_order(one)


def _gives_proof(conversation: Conversation, text: str) -> bool:
    """Whether he tells an order number, or the digits for one that he told."""
    said = heard(conversation, text)
    return bool(said.number or (said.digits and remembering.order_asked(conversation, now())[1]))


def _proved(current: Services, conversation: Conversation, looked: Looked) -> Looked:
    assert looked.judgement is not None
    question = _question(current, conversation, looked.judgement.whole.text)
    found = prove(current.wiring.orders, question)
    return replace(looked, asks=False, finding=found)


def _looked(current: Services, conversation: Conversation, judged: Judgement, place: int) -> Looked | None:
    """What is said of it; None where there is nothing to say."""
    one = judged.requests[place]
    question = _question(current, conversation, one.text)
    words = order_words(judged.whole.understanding.language)
    if one.decision.route != "auto":
        if number := question.number or question.earlier:
            return _whose(current, conversation, judged, one.text, number)
        return Looked(judged, facts=_as_staff_read_it(only(current.wiring.orders, question)))
    finding = inquire(current.wiring.orders, question)
    if finding.result == "barred":
        return Looked(_for_a_person(judged, place, UNPROVED), finding=finding)
    busy = one.decision.intent not in ASKED_ABOUT or remembering.asking(conversation) is not None
    if finding.result == "none" and busy:
        return None  # what is published says more than a question back
    source = f"orders:{current.wiring.orders.name}" if finding.orders else ""
    return Looked(judged, place, Answer(said_of(finding, words), source, 0), finding)


def _whose(current: Services, conversation: Conversation, judged: Judgement, text: str, number: str) -> Looked:
    """What whoever takes the matter over should know of this order, if it is surely his; digits that he tells count."""
    question = replace(_question(current, conversation, text), number=number)
    finding = inquire(current.wiring.orders, question)
    tried = finding if finding.right is not None else None
    if finding.result != "told":
        return Looked(judged, finding=tried, unproved=number)
    return Looked(judged, finding=tried, facts=_as_staff_read_it(finding.orders[0]))


def _as_staff_read_it(order: Order | None) -> dict[str, str]:
    return facts_of(order, order_words(DEFAULT_LANGUAGE).say) if order else {}


def _question(current: Services, conversation: Conversation, text: str) -> Question:
    """Who asks, and what he told now, a moment ago, or lately."""
    at = now()
    asked, pending = remembering.order_asked(conversation, at)
    said = hear(text, asked)
    number = said.number or (pending if said.digits else "")
    earlier = pending or str(remembering.facts(conversation, at).get("order_number", ""))
    with db.reading(current.sessions) as session:
        contact = conversation.contact_id
        phones = current.wiring.desk.phones(session, contact) if contact is not None else ()
        tries = proofs.left(session, conversation.id, key(number or earlier))
        proved = proofs.proved(session, [conversation.id])
    line_users = (conversation.source_id,) if conversation.account.channel == "line" else ()
    return Question(Owner(line_users, tuple(phones)), number, said.digits, earlier, proved, tries)


def said_of(finding: Finding, words: Words) -> Outbound:
    """How it is told."""
    match finding.result:
        case "told":
            return told(finding.orders[0], words)
        case "several":
            return choice(finding.orders, words.say)
        case "digits":
            return Outbound(words.say("order_ask_digits", number=finding.number))
        case "wrong":
            return Outbound(words.say("order_wrong", number=finding.number))
        case _none:
            return Outbound(words.say("order_ask_number"))


def _for_a_person(judged: Judgement, place: int, rule: str) -> Judgement:
    one = judged.requests[place]
    reasons = (*one.decision.reasons, REASONS[rule])
    changed = replace(one, decision=replace(one.decision, route="hybrid", rule=rule, reasons=reasons))
    requests = tuple(changed if at == place else other for at, other in enumerate(judged.requests))
    return Judgement(changed if judged.whole is one else judged.whole, requests)

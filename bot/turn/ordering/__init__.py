"""Where is my order? The shop's system is asked when a turn is about an order, and only its owner hears the answer.

Asked between the turn's transactions (`look_up`), kept within the second (`keep`). What cannot be answered becomes a
person's: the request's decision is changed, and says why, so it is journalled and handed over like any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import structlog
from sqlalchemy.orm import Session

from bot import db, journal
from bot.clock import now
from bot.dialogue import order_words
from bot.errors import OrdersAway
from bot.messages import Outbound
from bot.models import Conversation, Message
from bot.nlu.verdict import Judgement, Request
from bot.orders import proofs
from bot.orders.numbers import key
from bot.orders.telling import Words, choice, facts_of, told
from bot.ports import Answer, Owner
from bot.services import Services
from bot.turn import remembering
from bot.turn.ordering.hearing import SHORT, Heard, hear, is_general
from bot.turn.ordering.inquiry import Finding, Question, inquire, known

CATEGORY = INTENT = "order_status"
TOLD = "order_number"  # the rule by which a number, or digits that we asked for, mean that order
ASKED_ABOUT = ("order_status", "store_pickup_status")  # worth asking for a number
ASKS = {"none": "number", "digits": "digits", "wrong": "digits"}  # what we ask for, by what was found
AWAY, UNPROVED = "orders_away", "order_unproved"
REASONS = {AWAY: "訂單系統沒有回應，由專人查詢", UNPROVED: "訂單編號與電話末三碼多次核對不符，由專人確認身分"}

log = structlog.get_logger()


@dataclass(frozen=True)
class Looked:
    """What came of asking: the judgement as it is by now, the answer to its request at `place`, and what to keep.

    `facts` are for whoever takes the case.
    """

    judgement: Judgement | None = None
    place: int = -1
    answer: Answer | None = None
    finding: Finding | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


def look_up(current: Services, conversation: Conversation, judged: Judgement | None) -> Looked:
    """Ask the shop's system if this turn is about an order. No transaction may be open."""
    if judged is None or conversation.owner != "bot" or conversation.standby or conversation.source_kind != "user":
        return Looked(judged)
    if remembering.asking(conversation) is not None:
        return Looked(judged)  # a form is being filled, and an order may be its answer
    place = next((at for at, one in enumerate(judged.requests) if _about_an_order(one)), None)
    if place is None:
        return Looked(judged)
    one = judged.requests[place]
    try:
        if not current.wiring.orders.ready():
            return Looked(judged)
        return _looked(current, conversation, judged, place)
    except OrdersAway as away:
        log.warning("orders.away", system=current.wiring.orders.name, reason=str(away))
        return Looked(_for_a_person(judged, place, AWAY) if one.decision.route == "auto" else judged)


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


def takes_numbers(current: Services) -> bool:
    """Whether a number by itself is worth looking up. A system that is away is asked again where it matters."""
    try:
        return current.wiring.orders.ready()
    except OrdersAway:
        return True


def _about_an_order(one: Request) -> bool:
    """Whether it is about one order of the customer's, or whoever takes it over will look for that order first."""
    if not one.assessment.trusted or is_general(one.text):
        return False
    if one.decision.route == "auto":
        return one.decision.category == CATEGORY
    return one.decision.category == CATEGORY or ("order_number" in one.assessment.needs and bool(hear(one.text).number))


def _looked(current: Services, conversation: Conversation, judged: Judgement, place: int) -> Looked:
    one = judged.requests[place]
    question = _question(current, conversation, one)
    words = order_words(judged.whole.understanding.language)
    if one.decision.route != "auto":
        order = known(current.wiring.orders, question)
        return Looked(judged, facts=facts_of(order, words.say) if order else {})
    finding = inquire(current.wiring.orders, question)
    if finding.result == "barred":
        return Looked(_for_a_person(judged, place, UNPROVED), finding=finding)
    if finding.result == "none" and one.decision.intent not in ASKED_ABOUT:
        return Looked(judged)  # what is published says more than a question back
    source = f"orders:{current.wiring.orders.name}" if finding.orders else ""
    return Looked(judged, place, Answer(_said(finding, words), source, 0), finding)


def _question(current: Services, conversation: Conversation, one: Request) -> Question:
    """Who asks, and what he told now, a moment ago, or lately."""
    at = now()
    asked, pending = remembering.order_asked(conversation, at)
    said = hear(one.text, asked)
    number = said.number or (pending if said.digits else "")
    earlier = pending or str(remembering.facts(conversation, at).get("order_number", ""))
    with db.reading(current.sessions) as session:
        contact = conversation.contact_id
        phones = current.wiring.desk.phones(session, contact) if contact is not None else ()
        tries = proofs.left(session, conversation.id, key(number or earlier))
        proved = proofs.proved(session, [conversation.id])
    line_users = (conversation.source_id,) if conversation.account.channel == "line" else ()
    return Question(Owner(line_users, tuple(phones)), number, said.digits, earlier, proved, tries)


def _said(finding: Finding, words: Words) -> Outbound:
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

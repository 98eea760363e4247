"""Who is it that asks? Before anything is prepared for a customer, a code goes to an address of his, and he types it;
or he tells an order of his and the last digits of the phone that it was placed with.

Who cannot prove himself here is not sent away: a person finds out who he is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from bot import proving
from bot.clock import now
from bot.dialogue import PERSON, order_words, replies
from bot.forms.wording import bare
from bot.language import entities
from bot.messages import Button, Outbound
from bot.models import Conversation, IdentityCheck
from bot.proving import Outcome
from bot.services import Services
from bot.turn import remembering
from bot.turn.intakes import Asking
from bot.turn.ordering import said_of
from bot.turn.ordering.inquiry import Finding

ASKED = "identity"
CODE = re.compile(r"(?<![\d-])(\d{3})[ -]?(\d{3})(?![\d-])")
MOBILE = re.compile(r"09\d{8}")
MOST_A_DAY = 5  # codes


@dataclass(frozen=True)
class Step:
    """What comes of a customer's words: something to say, or the proof; neither: it cannot be proved here."""

    say: Outbound | None = None
    proved: bool = False


def proof(session: Session, asking: Asking) -> str:
    """How he proved who he is; empty where he did not."""
    return proving.proof(proving.newest(session, asking.row)) if asking.form.proves else ""


def ask(
    session: Session, current: Services, conversation: Conversation, asking: Asking, *, by_order: bool
) -> Outbound | None:
    """Have a code sent to where we know that it reaches him, or ask where; None where there is no way.

    `by_order`: an order of his and the phone that it was placed with prove it as well.
    """
    asking.row.asked = ASKED
    check = proving.newest(session, asking.row)
    if check is not None and proving.is_open(check):
        return _sent(asking, check)
    ways = proving.ways(current.settings)
    if known := _known(session, current, conversation, ways):
        return _send(session, conversation, asking, *known, known=True)
    says = asking.words.says
    asked = [says.prove.format(ways=says.prove_ways["_".join(ways)])] if ways else []
    asked += [says.prove_order if ways else says.prove_by_order] if by_order else []
    return Outbound("\n".join(asked), tuple(_buttons(asking))) if asked else None


def by_order(session: Session, asking: Asking, finding: Finding) -> Step:
    """What an order's number and the last digits of its phone do for who he is."""
    if finding.result == "told":
        proving.by_order(session, asking.row, finding.number)
    return by_digits(asking, finding)


def ask_digits(conversation: Conversation, asking: Asking, number: str) -> Step:
    """Have him tell the last digits of the phone by which this order was placed; the same for one that there is not."""
    asking.row.asked = ASKED
    remembering.ask_about_order(conversation, "digits", number, now())
    asks = order_words(asking.row.language).say("order_prove", number=number)
    return Step(Outbound(asks, tuple(_buttons(asking))))


def by_digits(asking: Asking, finding: Finding) -> Step:
    """What the last digits of its phone do for the order that is to be changed."""
    if finding.result == "told":
        return Step(proved=True)
    if finding.result in ("barred", "away"):
        return Step()
    return Step(replace(said_of(finding, order_words(asking.row.language)), buttons=tuple(_buttons(asking))))


def skipped(asking: Asking, text: str) -> Step | None:
    """Whether he has no such digits; None where these words say something else."""
    return Step() if asking.words.skips.fullmatch(bare(text)) else None


def hear(session: Session, current: Services, conversation: Conversation, asking: Asking, text: str) -> Step | None:
    """What these words do for it; None where they do nothing."""
    check = proving.newest(session, asking.row)
    if asking.words.skips.fullmatch(bare(text)):
        return Step()
    if check is not None and bare(text) == bare(asking.words.says.prove_again):
        return Step(_send(session, conversation, asking, check.way, check.address, known=check.known))
    if (check is None or not check.known) and (named := _named(text, proving.ways(current.settings))):
        return Step(_send(session, conversation, asking, *named, known=False))
    if check is not None and (found := CODE.search(text)):
        return _tried(session, asking, check, "".join(found.groups()))
    return None


def _tried(session: Session, asking: Asking, check: IdentityCheck, code: str) -> Step:
    says = asking.words.says
    match proving.tried(session, check, code):
        case Outcome.PROVED:
            return Step(proved=True)
        case Outcome.WRONG:
            text = says.prove_wrong.format(left=proving.left(check))
        case Outcome.LATE:
            text = says.prove_late
        case Outcome.SPENT:
            return Step()
    return Step(Outbound(text, tuple(_buttons(asking, again=True))))


def _send(
    session: Session, conversation: Conversation, asking: Asking, way: str, address: str, *, known: bool
) -> Outbound | None:
    """Nobody is sent codes for ever, nor guesses at them for ever."""
    if max(proving.recent(session, conversation), proving.sent_to(session, address)) >= MOST_A_DAY:
        return None
    return _sent(asking, proving.begin(session, asking.row, way, address, known=known))


def _sent(asking: Asking, check: IdentityCheck) -> Outbound:
    address, minutes = proving.masked(check.way, check.address), proving.LIFE.seconds // 60
    text = asking.words.says.prove_sent.format(address=address, minutes=minutes)
    return Outbound(text, tuple(_buttons(asking, again=True)))


def _buttons(asking: Asking, *, again: bool = False) -> list[Button]:
    says = asking.words.says
    labels = [says.prove_again] if again else [says.skip]
    return [*(Button(label, label) for label in labels), replies(asking.row.language).button(PERSON)]


def _known(
    session: Session, current: Services, conversation: Conversation, ways: Sequence[str]
) -> tuple[str, str] | None:
    if conversation.contact_id is None:
        return None
    addresses = current.wiring.desk.addresses(session, conversation.contact_id)
    return next(((way, address) for way, address in addresses if way in ways), None)


def _named(text: str, ways: Sequence[str]) -> tuple[str, str] | None:
    """An address in his words, to which a code can go."""
    found = ((fact.kind, fact.value) for fact in entities(text) if fact.kind in ways)
    return next(((way, value) for way, value in found if way == "email" or MOBILE.fullmatch(value)), None)

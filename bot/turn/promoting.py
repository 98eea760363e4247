"""Campaign traffic: told from what needs an answer, kept for marketing, thanked for once; it never opens a case.

A form that is being asked, and a person who has the conversation, hear it as well: it may be an answer to them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot import traffic
from bot.assessment import History
from bot.language import is_question
from bot.messages import Inbound, Outbound
from bot.models import Conversation, Message
from bot.nlu.verdict import SMALL_TALK, Judgement, Request, weighed
from bot.ports import Understanding
from bot.services import Services
from bot.traffic import Match, Seen, Verdict
from bot.turn import saying

INTENT, RULE = "campaign_reply", "campaign"


@dataclass(frozen=True)
class Promoted(Judgement):
    """Words that are campaign traffic; `part` says of which campaign."""

    part: Verdict


def told_apart(
    current: Services,
    conversation: Conversation,
    text: str,
    taps: Sequence[str],
    typed: str,
    judge: Callable[[], Judgement],
    history: Callable[[str], History],
) -> Judgement:
    """The judgement of a turn's words; where they are campaign traffic and nothing else, one that says so.

    `typed` is what stands in `text` beside the words of the buttons; `history` is what came before, of an intent.
    """
    match = traffic.match(current.wiring.campaigns.running(), text, taps, typed)
    if match is not None and not match.rest:
        return _promoted(text, traffic.classify(Seen(match, False, False, match.campaign.kind)))
    whole = judge()
    rest = _rest(current, match, history) if match is not None else None
    verdict = traffic.classify(_seen(current, conversation, match, whole, rest))
    if not verdict.quiet:
        return _without_mark(whole, rest)
    return Promoted(whole.whole, whole.requests, verdict) if match is None else _promoted(text, verdict)


def tapped(current: Services, taps: Sequence[str]) -> Promoted | None:
    """A button without words, if it is a campaign's."""
    match = traffic.match(current.wiring.campaigns.running(), "", taps, "")
    return _promoted("", traffic.classify(Seen(match, False, False, match.campaign.kind))) if match else None


def taps(inbounds: Sequence[Inbound]) -> list[str]:
    """What the buttons carry that were tapped, whatever stands on them."""
    return [str(one.payload.get("data", "")) for one in inbounds if one.kind == "postback"]


def keep(
    session: Session,
    current: Services,
    conversation: Conversation,
    messages: Sequence[Message],
    judged: Judgement | None,
) -> None:
    """Marketing sees whatever is campaign traffic, whoever has the conversation."""
    spoken = [message.id for message in messages if message.author == "customer"]
    if isinstance(judged, Promoted) and spoken:
        current.wiring.campaigns.enter(session, conversation.id, spoken, judged.part.traffic, judged.part.campaign)


def thanked(session: Session, current: Services, conversation: Conversation, judged: Judgement) -> bool:
    """Thank for taking part in a campaign, once; False where nobody knows of which."""
    if not isinstance(judged, Promoted) or judged.part.campaign is None:
        return False
    words = current.wiring.campaigns.thanks(session, conversation.id, judged.part.campaign)
    if words:
        saying.say(session, current, conversation, [], Outbound(words))
    return True


def traffic_of(judged: Judgement) -> str:
    """The class of a turn's words."""
    return judged.part.traffic if isinstance(judged, Promoted) else judged.lead.decision.traffic


def why(judged: Judgement) -> list[str]:
    """Why they are campaign traffic; nothing where they are not."""
    return [judged.part.reason] if isinstance(judged, Promoted) else []


def _rest(current: Services, match: Match, history: Callable[[str], History]) -> Request:
    meant = current.wiring.nlu.parse([match.rest])[0]
    return weighed(meant, history(meant.intent))


def _promoted(text: str, verdict: Verdict) -> Promoted:
    """Surely understood: the campaign's register says what it is."""
    seen = Understanding(text, INTENT, 1.0, rule=RULE, engine="rules")
    whole = weighed(seen, History())
    return Promoted(whole, (whole,), verdict)


def _without_mark(whole: Judgement, rest: Request | None) -> Judgement:
    """The words as a whole, unless the campaign's mark hides what the rest of them means."""
    if rest is None or not all(_is_quiet(one) for one in whole.requests):
        return whole
    return Judgement(rest, (rest,))


def _seen(
    current: Services, conversation: Conversation, match: Match | None, whole: Judgement, rest: Request | None
) -> Seen:
    those = [*whole.requests, *([rest] if rest else [])]
    quiet = match is None and all(_is_quiet(one) for one in those)
    return Seen(
        match,
        needs_person=any(_needs_person(one) for one in those),
        asks=any(_asks(one) for one in those),
        by_intent=whole.lead.decision.traffic,
        wrote_to=current.wiring.campaigns.wrote_to(conversation.id) if quiet else None,
    )


def _is_quiet(one: Request) -> bool:
    return one.decision.traffic in traffic.QUIET


def _needs_person(one: Request) -> bool:
    sure = one.assessment.trusted or bool(one.assessment.signals)
    return bool(one.assessment.signals) or (sure and one.decision.route not in ("auto", "clarify"))


def _asks(one: Request) -> bool:
    """Surely understood as the shop's business, or put as a question: also about the campaign itself."""
    if one.assessment.trusted and one.assessment.category != "out_of_scope" and not _is_quiet(one):
        return one.assessment.category not in SMALL_TALK
    return is_question(one.text)

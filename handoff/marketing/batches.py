"""One text to all who took part in a campaign: each customer once, through the outbox, and nobody whose case is open.

Who is passed over because of his case is not sent it later: when his case is closed, marketing has to write anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, aliased

from bot import conversations, db, journal, manners
from bot.clock import now
from bot.errors import Refused
from bot.messages import Outbound, utf16_units
from bot.models import Conversation, OutboxRow
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact
from bot.turn import saying
from handoff.marketing import suppression
from handoff.marketing.campaigns import require_sayable
from handoff.models import CAMPAIGN, Campaign, CampaignBatch, CampaignEntry, CampaignSend

LONGEST = 1000
ROUND = 25  # customers a second at most: agents' words go out between them
ALL, UNWRITTEN = "all", "unwritten"
WHO = (UNWRITTEN, ALL)

log = structlog.get_logger()


@dataclass(frozen=True)
class Preview:
    """Who will get a text, and who not: with an open case (`held`), or who blocked us (`gone`)."""

    reached: int
    held: int
    gone: int


@dataclass(frozen=True)
class Told:
    """A batch and what became of it so far."""

    batch: CampaignBatch
    counts: dict[str, int]


def preview(session: Session, campaign: Campaign, text: str, who: str) -> Preview:
    """What would come of it now; refused where it cannot be sent."""
    _require_text(session, text)
    people = _people(session, campaign.id, who)
    if not people:
        raise Refused("沒有人可以寄：還沒有人參加，或都寄過了。").at("who")
    held = suppression.among(session, people)
    gone = _gone(session, [at for person, at in people.items() if person not in held])
    return Preview(len(people) - len(held) - len(gone), len(held), len(gone))


def begin(session: Session, campaign: Campaign, text: str, who: str, key: str, *, by: int) -> CampaignBatch:
    """Have it sent. Under the key of a page it is begun once, however often that page is sent."""
    db.alone(session)  # of two clicks at once, the second sees the first
    if known := session.scalar(select(CampaignBatch).where(CampaignBatch.key == key)):
        return known
    preview(session, campaign, text, who)
    batch = CampaignBatch(campaign_id=campaign.id, text=text, key=key, made_by=by)
    session.add(batch)
    session.flush()
    people = _people(session, campaign.id, who)
    session.add_all(
        CampaignSend(batch_id=batch.id, contact_id=person, conversation_id=at) for person, at in people.items()
    )
    journal.write(
        session, "campaign.batch", user_id=by, campaign=campaign.id, name=campaign.name, batch=batch.id, of=len(people)
    )
    return batch


def told(session: Session, campaign_id: int, limit: int = 20) -> Sequence[Told]:
    """What was written to them, the newest first. Of what was said, what the outbox made of it."""
    batches = session.scalars(
        select(CampaignBatch)
        .where(CampaignBatch.campaign_id == campaign_id)
        .order_by(CampaignBatch.id.desc())
        .limit(limit)
    ).all()
    rows = session.execute(
        select(CampaignSend.batch_id, CampaignSend.state, OutboxRow.state, func.count())
        .outerjoin(OutboxRow, OutboxRow.message_id == CampaignSend.message_id)
        .where(CampaignSend.batch_id.in_([batch.id for batch in batches]))
        .group_by(CampaignSend.batch_id, CampaignSend.state, OutboxRow.state)
    ).all()
    return [Told(batch, _counted((s, o, n) for id_, s, o, n in rows if id_ == batch.id)) for batch in batches]


def _counted(rows: Iterable[tuple[str, str | None, int]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for state, went, number in rows:
        if state == "merged":
            continue  # one person, who is counted where it was said
        name = _outcome(state, went)
        counts[name] = counts.get(name, 0) + number
    return counts


def _outcome(state: str, went: str | None) -> str:
    """What staff are told: sent, waiting, suppressed, not_sent."""
    if state == "suppressed":
        return state
    if state == "queued" or went in ("queued", "sending"):
        return "waiting"
    return "sent" if went == "sent" else "not_sent"


@every(1)
def look(current: Services) -> None:
    """Say what waits to be said, a few at a time, each in a transaction of its own."""
    with db.reading(current.sessions) as session:
        waiting = session.scalars(
            select(CampaignSend.id).where(CampaignSend.state == "queued").order_by(CampaignSend.id).limit(ROUND)
        ).all()
    for one in waiting:
        try:
            transact(current.sessions, partial(_say, current, send_id=one))
        except DBAPIError:
            raise  # no other could have its turn now either
        except Exception:
            log.exception("campaign.not_said", send_id=one)
            transact(current.sessions, partial(_give_up, send_id=one))


def _give_up(session: Session, send_id: int) -> None:
    """What cannot be said does not keep the others waiting; its page counts it among those that did not arrive."""
    session.get_one(CampaignSend, send_id).state = "failed"


def _say(current: Services, session: Session, send_id: int) -> None:
    """Under the conversation's lock: nobody opens a case of it meanwhile."""
    send = session.get_one(CampaignSend, send_id)
    conversation = conversations.locked(session, send.conversation_id)
    session.refresh(send)
    if send.state != "queued":
        return
    person = conversation.contact_id or send.contact_id
    if suppression.among(session, {person}):
        send.state = "suppressed"
        suppression.refused(session, suppression.BATCH, [person])
    elif _had_it(session, send, person):
        send.state = "merged"
    elif not _reachable(conversation):
        send.state = "unreachable"
    else:
        send.state, send.said_at = "said", now()
        send.message_id = _said(session, current, conversation, send.batch)


def _said(session: Session, current: Services, conversation: Conversation, batch: CampaignBatch) -> int:
    """As the bot says it, so that the outbox lets it go where a person takes over before the call."""
    parts = map(Outbound, manners.of(conversation.account.channel).parts(batch.text))
    said = saying.with_manners(current, conversation, [*parts])
    shop = current.settings.shop_name
    messages = conversations.say(session, conversation, *said, speaker="bot", sender_name=shop)
    for message in messages:
        message.payload = {**message.payload, CAMPAIGN: batch.campaign_id}
    session.flush()
    conversations.deliver_soon(session, conversation.id)
    return messages[-1].id


def _reachable(conversation: Conversation) -> bool:
    blocked = conversation.identity is not None and conversation.identity.blocked_at is not None
    late = manners.of(conversation.account.channel).late("bot", conversation.last_customer_at)
    return not (blocked or late or conversation.standby)


def _people(session: Session, campaign_id: int, who: str) -> dict[int, int]:
    """Each person who took part, and the conversation in which he did so last."""
    last = (
        select(Conversation.contact_id, func.max(CampaignEntry.id).label("entry"))
        .join(CampaignEntry, CampaignEntry.conversation_id == Conversation.id)
        .where(CampaignEntry.campaign_id == campaign_id, Conversation.contact_id.is_not(None))
        .group_by(Conversation.contact_id)
    )
    newest = (last.where(~_written(campaign_id)) if who == UNWRITTEN else last).subquery()
    where = select(newest.c.contact_id, CampaignEntry.conversation_id).join(
        CampaignEntry, CampaignEntry.id == newest.c.entry
    )
    return {person: at for person, at in session.execute(where.order_by(CampaignEntry.id))}


def _written(campaign_id: int) -> ColumnElement[bool]:
    """He has had a text of this campaign, or it is on its way: whoever he was found to be since."""
    of_it = select(CampaignBatch.id).where(CampaignBatch.campaign_id == campaign_id)
    there, theirs = aliased(Conversation), CampaignSend.state.in_(("queued", "said"))
    his = there.id == CampaignSend.conversation_id, there.contact_id == Conversation.contact_id
    return exists().where(CampaignSend.batch_id.in_(of_it), theirs, *his)


def _had_it(session: Session, send: CampaignSend, person: int) -> bool:
    """The same text was said to him under another account, which was found to be his meanwhile."""
    session.refresh(send.batch, with_for_update=True)  # of two that are said now, the second sees the first
    same = select(CampaignSend.id).join(Conversation, Conversation.id == CampaignSend.conversation_id)
    same = same.where(CampaignSend.batch_id == send.batch_id, CampaignSend.state == "said")
    return session.scalar(same.where(Conversation.contact_id == person).limit(1)) is not None


def _gone(session: Session, those: Sequence[int]) -> set[int]:
    """Of these conversations, those in which nothing would arrive."""
    found: set[int] = set()
    for start in range(0, len(those), suppression.PAGE):
        some = select(Conversation).where(Conversation.id.in_(those[start : start + suppression.PAGE]))
        whole = session.scalars(some.options(*conversations.with_whom()))
        found.update(one.id for one in whole if not _reachable(one))
    return found


def _require_text(session: Session, text: str) -> None:
    if not text:
        raise Refused("要寫點什麼。").at("text")
    if utf16_units(text) > LONGEST:
        raise Refused("最多 %(most)s 個字。", most=LONGEST).at("text")
    require_sayable(session, text, "text")
